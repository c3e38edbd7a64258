/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a person must know of a channel: raised once when it begins, told to the duty officer by SMS at most once a day and kind,
 * over when the cause is. Looked for every few seconds in what the channels know of themselves. */
#ifndef CAUNOI_GATEWAY_ALARM_H
#define CAUNOI_GATEWAY_ALARM_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/tick.h"

struct channel;
struct sql_module;

enum alarm_kind { ALARM_SUSPENDED, ALARM_DOWN, ALARM_FAILING, ALARM_STORAGE, ALARM_BALANCE, ALARM_ROAMING, ALARM_WEBHOOK, ALARM_SILENCE, ALARM_ABROAD, ALARM_KINDS };

#define ALARM_ABROAD_PER_HOUR 20 /* more answers than that withheld from numbers abroad: somebody lives off them */

/* What a channel remembers of its alarms. */
struct alarm_memory {
	int64_t silence_mono_ms;                           /* when the loop guard last kept silent; 0 = never */
	int64_t abroad_mono_ms[ALARM_ABROAD_PER_HOUR + 1]; /* the last answers withheld from numbers abroad, in a ring */
	unsigned n_abroad;
	bool known;             /* the rows were read */
	unsigned raised;        /* bits of alarm_kind */
	int64_t off_mono_ms;    /* since when it is neither up nor stopped by a person; 0 = it is */
};

const char *alarm_kind_name(enum alarm_kind k);
/* A webhook's, which is no channel's: holds it now? */
MUST_CHECK int alarm_webhook(struct tick *t, const char *webhook, bool holds);
/* An answer to what came by that channel was withheld: ALARM_SILENCE by the loop guard, ALARM_ABROAD from a number abroad. */
MUST_CHECK int alarm_withheld(struct tick *t, const char *channel, enum alarm_kind k);
int alarm_duty(struct tick *t, int64_t *ret_due_at);

extern const struct sql_module alarm_module;

#endif
