/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions of the console: 128 bits and more of randomness, kept as a digest, 30 idle minutes, 12 hours at the most. */
#ifndef CAUNOI_GATEWAY_SESSION_H
#define CAUNOI_GATEWAY_SESSION_H

#include "gateway/tick.h"
#include "gateway/verb.h"

#define SESSION_IDLE_MS ((int64_t)30 * 60 * 1000)
#define SESSION_LIFE_MS ((int64_t)12 * 60 * 60 * 1000)

/* The account of a session that is good now; E_NOT_FOUND. */
MUST_CHECK int session_find(const struct scope *in, const char *session, int64_t *ret_account);
/* The core saw the session in use: its idle time starts again (written at most once a minute). */
MUST_CHECK int session_touch(struct tick *t, const char *session);
/* Ends every session of an account. */
MUST_CHECK int session_end_all(struct tick *t, int64_t account);

extern const struct verb_table session_verbs;
extern const struct sql_module session_module;

#endif
