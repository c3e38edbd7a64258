/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who calls a menu: the web process for an aggregator, and somebody at the simulator. */
#ifndef CAUNOI_HANDLERS_USSDCALL_H
#define CAUNOI_HANDLERS_USSDCALL_H

#include <jansson.h>

#include "gateway/tick.h"
#include "gateway/verb.h"

/* The wiring's: {"door","session","from","input","cumulative","first","says_first","sequence"} → {"text","more"}. E_INVALID (no session,
 * no telephone), E_NOT_FOUND (no such door). */
MUST_CHECK int ussdcall_hear(struct tick *t, const json_t *frame, json_t **ret, struct refusal *why);

extern const struct verb_table ussdcall_verbs;

#endif
