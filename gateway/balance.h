/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The credit of a prepaid SIM: asked by USSD on a schedule, read out of the operator's sentence, and what little of it means.
 * Topping up is for people: no code but the configured one is ever dialled here. */
#ifndef CAUNOI_GATEWAY_BALANCE_H
#define CAUNOI_GATEWAY_BALANCE_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/tick.h"

struct channel;
struct channel_config;
struct sql_module;

/* The sum in an operator's text, by the channel's own pattern, else by those of its networks, else by any. VND, whole.
 * E_NOT_FOUND: none can be read. */
MUST_CHECK int balance_read(const struct channel_config *cfg, const char *text, int64_t *ret_vnd);
/* The answer to the balance code came; asked: by ourselves, then a text without a sum is a trouble. */
MUST_CHECK int balance_take(struct tick *t, struct channel *ch, const char *text, bool asked);
/* A driver that asks by itself says how much there is. */
MUST_CHECK int balance_told(struct tick *t, struct channel *ch, int64_t vnd);
/* Known, and below what the configuration calls low. */
bool balance_is_low(const struct channel *ch);
/* Asks each SIM when it is time. */
int balance_duty(struct tick *t, int64_t *ret_due_at);

extern const struct sql_module balance_module;

#endif
