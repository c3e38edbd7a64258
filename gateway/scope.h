/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What any verb may read: the database, the configuration, the keys, the time. A query in caunoi-query has just this; a
 * tick in the core has it inside (t->in). All borrowed, all fixed for the length of one tick or one query. */
#ifndef CAUNOI_GATEWAY_SCOPE_H
#define CAUNOI_GATEWAY_SCOPE_H

#include <stdint.h>

struct store;
struct config;
struct seal;
struct random;
struct zone;
struct keywords;

struct scope {
	struct store *db;
	const struct config *config;
	const struct seal *seal; /* identity keys: seals numbers, hashes them for look-up */
	struct random *random;
	const struct zone *zone; /* config->timezone */
	const struct keywords *keywords; /* the handlers' data files; opaque to the gateway, may be NULL */
	int64_t now_ms;          /* one moment for the whole tick or query */
	int64_t spooled;         /* queries: entries of the core's spool, as it said last */
};

#endif
