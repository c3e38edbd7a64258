/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A person says what a message really was: what the wrong reading did is taken back, what the right one asks for is done.
 * Audited, and kept as a correction. An answer to a survey that was counted stays counted. */
#ifndef CAUNOI_HANDLERS_REFILE_H
#define CAUNOI_HANDLERS_REFILE_H

#include "gateway/store/store.h"
#include "gateway/tick.h"
#include "gateway/verb.h"

/* inbox refile: id, kind, topic, note. Answers the message as inbox.show does. */
int refile_command(struct tick *t, const struct call *c, json_t **ret, struct refusal *why);
/* The kinds that may be given, for the verb's row. */
extern const char *const refile_kinds[];

extern const struct sql_module refile_module;

#endif
