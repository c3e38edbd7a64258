/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The running flows in the order in which one tick serves them: answers first, then campaigns, the one that was served first last time
 * now last. One tick looks at LINEUP_MAX flows; when more are running, the next tick goes on behind them, so that each has its turn. */
#ifndef CAUNOI_GATEWAY_LINEUP_H
#define CAUNOI_GATEWAY_LINEUP_H

#include "gateway/message.h"
#include "gateway/tick.h"

#define LINEUP_MAX 64

struct lineup_flow {
	int64_t id;
	int lane; /* 0 answers, 1 the others */
	enum message_class class;
};

struct lineup {
	struct lineup_flow flows[LINEUP_MAX];
	int n, n_answers;
	bool crowded; /* more are running */
	bool turned;
};

/* Negative err of the store. */
MUST_CHECK int lineup_read(struct tick *t, struct lineup *ret);
/* Asks ahead for what lineup_read reads first. */
void lineup_ahead(struct tick *t);
/* A campaign got room of a channel; only the first one a tick counts. */
MUST_CHECK int lineup_served(struct lineup *l, struct tick *t, int64_t flow);
/* All that could be claimed is: of a crowd in which nobody could use the room, the next ones are looked at. */
MUST_CHECK int lineup_end(struct lineup *l, struct tick *t);

extern const struct sql_module lineup_module;

#endif
