/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The durable queue of outbound messages. Everything that wants to say something to a person puts a row here, with a key
 * that makes the put idempotent; dispatch claims it. */
#ifndef CAUNOI_GATEWAY_OUTBOX_H
#define CAUNOI_GATEWAY_OUTBOX_H

#include "gateway/message.h"
#include "gateway/tick.h"

#define FLOW_ANSWERS 1 /* lane 0: answers to people, always before campaigns */
#define FLOW_SINGLE 2  /* lane 1: single messages of bulk class */

struct outbox_put {
	const char *key;      /* unique: "campaign:12:345", "uid:0:my-key", "case:7:receipt" */
	int64_t flow;
	int64_t address;
	const char *network;  /* operator of the address when the caller knows it; NULL = looked up */
	int64_t person;       /* 0 = none */
	enum message_class class;
	const char *topic;    /* NULL */
	const char *text;     /* NULL when wording says it */
	int64_t wording;      /* shared text, see outbox_wording; 0 = none */
	const char *pin;      /* channel it must leave by, however long that takes; NULL or "" = any */
	const char *wish;     /* channel it had better leave by; another one when that is not up; NULL or "" = none */
	const char *sender;   /* originator; NULL = the channel's */
	int64_t due_at;       /* 0 = now */
	int64_t expires_at;   /* 0 = now + default validity */
	bool automatic;       /* counted by the loop guard */
	const char *subject;  /* "case:7", "campaign:12"; NULL */
	bool sure;            /* the key cannot be there yet: nobody waits to hear whether it is */
	const uint8_t *args_hash; /* 32 bytes that tell one call under the key from another; NULL */
};

/* 0 with *ret_id; E_EXISTS when the key is there already (*ret_id = that message, nothing changed). */
MUST_CHECK int outbox_put(struct tick *t, const struct outbox_put *p, int64_t *ret_id);
/* One text shared by many messages. */
MUST_CHECK int outbox_wording(struct tick *t, const char *text, int64_t *ret_id);
/* Cancels what has not been claimed of one address: bulk classes only when scope is "campaign", of one topic when "topic:X",
 * everything but optout_ack and emergency when "all". State suppressed, reason "opted_out". */
MUST_CHECK int outbox_suppress(struct tick *t, int64_t address, const char *scope, int64_t *ret_count);
/* Asks ahead for what it reads. */
void outbox_suppress_ahead(struct tick *t, int64_t address);
/* Cancels what has not been claimed of one address, whatever its class; of one person only unless person is 0. */
MUST_CHECK int outbox_cancel_person(struct tick *t, int64_t address, int64_t person, const char *reason);
/* Cancels at most limit unclaimed messages of a flow (state cancelled, reason). *ret_count < limit: all done. */
MUST_CHECK int outbox_cancel_flow(struct tick *t, int64_t flow, const char *reason, int limit, int64_t *ret_count);
/* The message shape of the contract; with_number shows "to". E_NOT_FOUND. */
MUST_CHECK int outbox_json(const struct scope *in, int64_t id, bool with_number, json_t **ret);
/* The same as the caller may see it; E_NOT_FOUND also outside the caller's territory. */
MUST_CHECK int outbox_json_for(const struct scope *in, const struct call *c, int64_t id, json_t **ret);

/* How many automatic answers went out in all in the last hour, counted to most at the most. Counted anew every five seconds (then
 * *ret_fresh) and kept up to date in between: a flood asks thousands of times a second. */
MUST_CHECK int outbox_automatic_hour(struct tick *t, int64_t most, int64_t *ret, bool *ret_fresh);

#endif
