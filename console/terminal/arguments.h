/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A command line read against the registry: which verb, with which arguments, printed how. Pure: reads no file, no
 * environment. Options stand anywhere, "--" ends them, an empty argument is an argument. */
#ifndef CAUNOI_CONSOLE_TERMINAL_ARGUMENTS_H
#define CAUNOI_CONSOLE_TERMINAL_ARGUMENTS_H

#include <jansson.h>
#include <stdbool.h>

#include "gateway/base/complaint.h"
#include "gateway/base/err.h"
#include "gateway/registry.h"

struct arguments {
	const struct verb *verb; /* NULL only when help is asked, or nothing at all was said */
	const char *noun;        /* as typed, borrowed from argv; NULL = none. With help and no verb: what help is about */
	json_t *args;            /* by name, values as typed (text; flags true) */
	const char *config, *key; /* borrowed from argv; NULL = not given */
	bool json, jsonl, no_wait, help;
};

/* E_INVALID with *c: field and rule "unknown_noun", "unknown_verb", "unknown_option", "no_value", "twice", "too_many",
 * "no_verb", "password"; text names the nearest word that exists. *ret must end with arguments_done in any case. */
MUST_CHECK int arguments_parse(const struct registry *r, int argc, char *const argv[], struct arguments *ret, struct complaint *c);
void arguments_done(struct arguments *a);

/* The option of this name: the verb's own, or what every list takes. NULL = none. */
const struct verb_arg *arguments_option(const struct verb *v, const char *name);

/* Arguments called so are read from standard input, never from the command line, which everybody on the machine can see. */
#define ARGUMENTS_PASSWORD "password"
#define ARGUMENTS_OLD_PASSWORD "old-password" /* the second line */

#endif
