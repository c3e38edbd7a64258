/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who agreed to what, when, with which proof; who said stop. Scopes: "campaign" (bulk classes), "topic:CODE" (bulk of
 * one topic), "all" (everything but optout_ack and emergency). Each opt-out holds from its sequence number on and is
 * repeated in the ledger beside the database, so that a restored backup honours it. */
#ifndef CAUNOI_GATEWAY_CONSENT_H
#define CAUNOI_GATEWAY_CONSENT_H

#include "gateway/message.h"
#include "gateway/tick.h"
#include "gateway/verb.h"

struct consent_proof {
	const char *channel; /* NULL = none */
	const char *text;    /* the person's words, or the proof a clerk gives; NULL */
	const char *actor;   /* who recorded it; NULL = the person */
	int64_t inbound;     /* 0 */
};

/* Writes the opt-out, suppresses what waits; 0, also when it held already (*ret_new false). */
MUST_CHECK int consent_opt_out(struct tick *t, int64_t address, const char *scope, const struct consent_proof *proof,
			       bool *ret_new);
/* Lifts scope ("campaign" lifts campaign and all topics; "all" becomes "campaign" when lifted to it). */
MUST_CHECK int consent_opt_in(struct tick *t, int64_t address, const char *scope, const struct consent_proof *proof,
			      bool *ret_new);
/* Lifts exactly this scope: an opt-out that was made by mistake. 0 also when it does not hold. */
MUST_CHECK int consent_take_back(struct tick *t, int64_t address, const char *scope, const struct consent_proof *proof);
/* When somebody with "all" writes to open a case: "all" is lifted to "campaign". */
MUST_CHECK int consent_ease_all(struct tick *t, int64_t address);
/* One line of the record that consent.show reads; state "opted_out" or "opted_in". */
MUST_CHECK int consent_record(struct tick *t, int64_t address, const char *scope, const char *state, const struct consent_proof *p);
/* Scopes in force as the address row keeps them: " campaign topic:BHYT " ("" = none); ret has room for it. */
MUST_CHECK int consent_scopes(const struct scope *in, int64_t address, char *ret, size_t room);
/* Does off (as above) stop a message of this class and topic? */
bool consent_stops(const char *off, enum message_class class, const char *topic);

extern const struct verb_table consent_verbs;
extern const struct sql_module consent_module;

#endif
