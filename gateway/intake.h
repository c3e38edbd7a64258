/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What arrived, joined and handed to the handlers. inbox keeps the raw row, multipart joins, then this calls the chain
 * that main.c handed down. Every inbound row ends handled, with a kind and a result; nothing is dropped. */
#ifndef CAUNOI_GATEWAY_INTAKE_H
#define CAUNOI_GATEWAY_INTAKE_H

#include "gateway/base/phone.h"
#include "gateway/tick.h"

struct inbound {
	int64_t id, seq;
	const char *channel;
	int64_t address;
	enum phone_kind sender_kind; /* short codes and names are filed, never answered */
	bool own;                    /* from the number that people shall answer to */
	const char *text;            /* NFC, valid UTF-8, joined */
	int64_t received_at;
	int parts_missing, parts_total; /* of a long SMS that was given up waiting */
	int64_t late_of;             /* this is the rest of that message, which was handled without it; text is the whole; 0 = none */
};

/* What the chain decided; strings are copied by intake. */
struct handled {
	char kind[24];       /* optout optin keyword survey_answer feedback case_info urgent ack help wrong_number privacy_request abuse
	                        empty unknown filed duplicate */
	char topic[64];      /* "NHAO|NUOCSACH" or "" */
	char handled_by[24]; /* handler's name */
	char result[96];     /* "case PA482918", "opt-out campaign", … */
	char why[160];       /* the rule that fired */
	int64_t casefile;    /* 0 = none */
};

/* Fills *ret and writes whatever follows (cases, consent, answers through outbox). Negative: the tick's frame is undone; after a
 * second failure the row is quarantined and shown. */
typedef int (*intake_fn)(struct tick *t, const struct inbound *in, struct handled *ret);
/* Asks ahead for what it will read of this message's sender; nobody else's message stands between the two. */
typedef void (*intake_ahead_fn)(struct tick *t, const struct inbound *in);

#endif
