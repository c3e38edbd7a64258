/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one space of numbers that the codes of cases and of sign-ups are drawn from: at random, the last digit a check digit, none used
 * twice, so that digits alone say what is meant. Called by whoever opens something that people look up. */
#ifndef CAUNOI_HANDLERS_CODESPACE_H
#define CAUNOI_HANDLERS_CODESPACE_H

#include "gateway/tick.h"

struct sql_module;

#define CODESPACE_DIGITS_BYTES 12

/* Six digits; seven, then eight when 60 % of the shorter ones are used. inbound: the message that opens it, 0 none. E_EXISTS where none was
 * free in many tries. */
MUST_CHECK int codespace_draw(struct tick *t, int64_t inbound, char ret[CODESPACE_DIGITS_BYTES]);
/* Asks ahead for what codespace_draw reads, should this message open something. */
void codespace_ahead(struct tick *t, int64_t inbound);

extern const struct sql_module codespace_module;

#endif
