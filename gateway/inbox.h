/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What arrived, raw first: one row a network message, unique by channel and its id, before anything looks at the words. Then parts are
 * joined (multipart.c), then the handlers get it (intake in the wiring). Nothing is dropped: what fails twice is quarantined and shown. */
#ifndef CAUNOI_GATEWAY_INBOX_H
#define CAUNOI_GATEWAY_INBOX_H

#include <jansson.h>

#include "gateway/tick.h"

struct sql_module;
struct handled;
struct inbound;

/* An inbound frame of channel. 0 also when its id is known: then nothing changes. E_INVALID: no id or no sender. */
MUST_CHECK int inbox_put(struct tick *t, const char *channel, const json_t *frame);
/* The same, for one that arrived at that moment and is told only now. */
MUST_CHECK int inbox_put_at(struct tick *t, const char *channel, const json_t *frame, int64_t at_ms);
/* What somebody said where nothing arrives as a message of its own (a menu): a row that the caller handles in this very tick, by
 * inbox_handled. key is unique on the channel. */
MUST_CHECK int inbox_put_spoken(struct tick *t, const char *channel, const char *key, int64_t address, const char *text, int64_t *ret_id);
MUST_CHECK int inbox_handled(struct tick *t, int64_t id, const struct handled *h);
/* Asks ahead for what inbox_put and inbox_sender read first. */
void inbox_put_ahead(struct tick *t, const char *channel, const json_t *frame);
void inbox_sender_ahead(struct tick *t, const char *from);
/* The wiring's invite and respond. */
MUST_CHECK int inbox_invite(struct tick *t, const struct inbound *in);
MUST_CHECK int inbox_respond(struct tick *t, const struct inbound *in, const struct handled *h);
/* Does any row still wait for the handlers? 1, 0 or negative. */
MUST_CHECK int inbox_waits(const struct scope *in);
/* Hands rows in state received to the handlers, joins parts that waited long enough. */
int inbox_duty(struct tick *t, int64_t *ret_due_at);
void inbox_ahead(struct tick *t);
/* The sender of a network message as an address (kind short or alpha for what is no number). */
MUST_CHECK int inbox_sender(struct tick *t, const char *from, int64_t *ret_address);

extern const struct sql_module inbox_module;

#endif
