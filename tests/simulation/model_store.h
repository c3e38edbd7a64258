/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A database server in memory that is as trying as PostgreSQL: the connection is lost at the begin, in the middle or at the commit; a
 * commit whose answer is lost was done or was not; another core takes the lease; what was written ahead fails later. Rows are kept by
 * the SQLite engine on a disk of their own, which no crash of the core's machine touches. Gives pgsql_open in the simulator, so that
 * store_open reaches it by any PostgreSQL address. */
#ifndef CAUNOI_SIMULATION_MODEL_STORE_H
#define CAUNOI_SIMULATION_MODEL_STORE_H

#include "gateway/base/clock.h"
#include "gateway/base/err.h"
#include "gateway/base/random.h"

#define MODEL_STORE_URI "postgresql://simulated/caunoi"
#define MODEL_STORE_FOLDER "/server/data"

/* How often, of 10,000 transactions. All 0: a server that never fails. */
struct model_odds {
	unsigned lost_at_begin, lost_inside, lost_at_commit; /* nothing of it is left */
	unsigned unknown;     /* half of them were committed */
	unsigned lease_taken; /* by another core, which is active for a while */
	int64_t away_ms;      /* up to this long it cannot be reached then */
};

struct model_figures {
	int64_t transactions, lost, unknown_done, unknown_undone, leases_taken, refused;
};

/* A new, empty server; the one before is gone. Borrows clock and random until model_store_stop. */
MUST_CHECK int model_store_start(const struct clock *clock, struct random *random);
void model_store_stop(void);
void model_store_set_odds(const struct model_odds *odds);
struct model_figures model_store_figures(void);

#endif
