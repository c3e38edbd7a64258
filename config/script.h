/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A dialogue as data: questions one behind the other, with what may be answered and where that leads. Read from libconfig
 * (menus/NAME.conf, or what a person hands in), checked, and kept as JSON:
 * {"name","title","anonymous","steps":[{"id","kind","text":{"vi","en"},"options":[{"value","label","words":[…],"next","case"}],"next","case"}],
 *  "end":{"vi","en"}}. kind: choice, yes_no, number, text. next: a later step's id, or "end". case: true where the answer asks for help, so that
 * somebody has to see to it. The first step's text is what the campaign says; the others are sent by the gateway, one unaccented SMS each. */
#ifndef CAUNOI_CONFIG_SCRIPT_H
#define CAUNOI_CONFIG_SCRIPT_H

#include <jansson.h>
#include <stdbool.h>

#include "gateway/base/complaint.h"
#include "gateway/base/err.h"

#define SCRIPT_STEPS_MAX 20
#define SCRIPT_ID_CHARS 16

struct settings;

/* Is what was read a survey? E_INVALID with *c. */
MUST_CHECK int script_check(const struct settings *s, struct complaint *c);
/* E_INVALID with *c: line, field and a sentence; also for an @include. *ret is the caller's. */
MUST_CHECK int script_parse(const char *text, json_t **ret, struct complaint *c);
/* The step of that id, or NULL; borrowed. "" is the first. */
const json_t *script_step(const json_t *script, const char *id);
/* Where an answer leads: the next step, NULL at the end; borrowed. */
const json_t *script_next(const json_t *script, const json_t *step, const char *answer);

/* Does this answer open a case? */
bool script_opens_case(const json_t *step, const char *answer);
/* The label of the option, "" where there is none. */
const char *script_label(const json_t *step, const char *answer);

#endif
