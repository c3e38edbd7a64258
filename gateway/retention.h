/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is older than the settings retention.* allow says no more who it was about: texts of messages, words of closed cases and names of ended
 * sign-ups go, and the number of whom nothing else is kept. Rows, counts, refusals and the audit's chain stay. Done in small pieces; a
 * restored backup is older, and so is done again. */
#ifndef CAUNOI_GATEWAY_RETENTION_H
#define CAUNOI_GATEWAY_RETENTION_H

#include <jansson.h>

#include "gateway/duty.h"

struct sql_module;

/* A hundred rows of each class at most; again at once while more are due, else after an hour. */
MUST_CHECK int retention_duty(struct tick *t, int64_t *ret_due_at);
/* [{"class","months","oldest_at","due"}]: the oldest that still has its words, null when nothing has; due: it should have lost them. */
MUST_CHECK int retention_status(const struct scope *in, json_t **ret);

extern const struct sql_module retention_module;

#endif
