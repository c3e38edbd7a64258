/* SPDX-License-Identifier: GPL-3.0-or-later */
/* USSD that we dial: one dialogue a channel at a time, asked by a person or by the reading of the balance. Kept in memory, since it
 * ends with the driver that holds it; only a person's code ever leaves here besides the one that the configuration names. */
#ifndef CAUNOI_GATEWAY_DIAL_H
#define CAUNOI_GATEWAY_DIAL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "gateway/tick.h"
#include "gateway/verb.h"

#define DIAL_CODE_BYTES 161

struct channel;
struct peer;

struct dial {
	int64_t id;      /* as the driver knows it; 0 = none */
	int64_t pending; /* the call that waits for the next text; 0 = nobody waits, a person is reading */
	bool balance;    /* dialled by ourselves to read the balance */
	int64_t due_mono_ms; /* then it is given up */
	char code[DIAL_CODE_BYTES];
};

/* The driver told a text of dialogue id; more: the network waits for an answer. */
MUST_CHECK int dial_text(struct tick *t, struct peer *p, struct channel *ch, const json_t *frame);
/* Dials code on our own behalf; the text goes to balance_take. E_AGAIN: not now. */
MUST_CHECK int dial_own(struct tick *t, struct channel *ch, const char *code);
/* Gives up dialogues in which nobody says anything any more. */
int dial_duty(struct tick *t, int64_t *ret_due_at);
/* Is it a code: * or # first, then digits, * and #? */
bool dial_is_code(const char *code);

extern const struct verb_table dial_verbs;

#endif
