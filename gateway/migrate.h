/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `caunoi db migrate --to URI`: an installation's database moved to a server, or from there back into a file of the data folder. The
 * service is stopped meanwhile. Killed at any moment and run again it goes on, and at no moment is there more than one database on which
 * a core would start. */
#ifndef CAUNOI_GATEWAY_MIGRATE_H
#define CAUNOI_GATEWAY_MIGRATE_H

#include "gateway/local.h"
#include "gateway/store/store.h"

/* E_REFUSED: a core runs, the target is not empty, or is the engine in use; E_CONFIG: no such engine, a malformed address; E_CORRUPT: the
 * source is damaged, or holds what the target cannot keep; E_UNAVAILABLE: the server is away or full. All with *c; the source is only read
 * until all of it is known to have arrived. */
MUST_CHECK int migrate_run(const struct local *l, const json_t *args, json_t **ret, struct complaint *c);
/* An empty database at uri, or one that an earlier try has begun to fill, for this process alone. */
MUST_CHECK int migrate_open_target(const struct local *l, const char *uri, struct store **ret, struct complaint *c);

#endif
