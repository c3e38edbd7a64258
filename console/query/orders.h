/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which jobs wait for this process: read from the table, so that a restart of either side forgets none. */
#ifndef CAUNOI_QUERY_ORDERS_H
#define CAUNOI_QUERY_ORDERS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "gateway/store/store.h"

struct orders {
	bool look;    /* something may wait */
	int64_t last; /* taken last: the core may not have written its end yet */
};

/* The core's word of what changed. */
void orders_changed(struct orders *o, const json_t *nouns);
/* True with o->last the next one. Reads only where something may wait; leaves no transaction open. */
bool orders_next(struct orders *o, struct store *db);
/* The one taken last could not be begun: it is taken again, by and by. */
void orders_again(struct orders *o);

extern const struct sql_module orders_module;

#endif
