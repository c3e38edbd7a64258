/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Moves of message rows, for the gateway's own modules: outbox, dispatch, settle, receipt. */
#ifndef CAUNOI_GATEWAY_OUTBOX_ROW_H
#define CAUNOI_GATEWAY_OUTBOX_ROW_H

#include "gateway/message.h"
#include "gateway/tick.h"

struct outbox_move {
	int64_t id, flow;
	enum message_state from, to;
	const char *reason;  /* NULL = none */
	int64_t due_at;      /* of held and retry; else 0 = keep */
	const char *pin;     /* new pin; NULL = keep */
};

/* UPDATE … WHERE id AND state = from; counts the flow; E_REFUSED when the table of moves says no, E_UNDO (perhaps
 * later, see store_write) when the row does. */
MUST_CHECK int outbox_move(struct tick *t, const struct outbox_move *m);
/* Pin of a message that may leave by any channel that serves the network. */
void outbox_network_pin(const char *network, char ret[40]);

/* Pin of a message of which a part was accepted or is unclear: it stays on that channel, hours and caps are behind it. */
void outbox_bound_pin(const char *channel, char ret[40]);
/* What had better leave by that channel. */
void outbox_wish_pin(const char *channel, char ret[40]);

extern const struct sql_module outbox_module;

#endif
