/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Duties of messages that wait: held → queued when due; expiry of what waited too long, or without a route. */
#ifndef CAUNOI_GATEWAY_WAITING_H
#define CAUNOI_GATEWAY_WAITING_H

#include "gateway/tick.h"

int waiting_wake_duty(struct tick *t, int64_t *ret_due_at);
int waiting_expire_duty(struct tick *t, int64_t *ret_due_at);
/* Ask ahead for what the duties read first. */
void waiting_wake_ahead(struct tick *t);
void waiting_expire_ahead(struct tick *t);

extern const struct sql_module waiting_module;

#endif
