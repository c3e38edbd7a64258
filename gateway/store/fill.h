/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A database on a server filled from a SQLite one, and the words left behind in one that was emptied into a file. The database knows
 * how far it is and what it comes from, so that a filling cut short at any moment goes on, begins anew when its source has moved on since,
 * or is refused when it is another installation's. Until fill_finish no core opens it. */
#ifndef CAUNOI_STORE_FILL_H
#define CAUNOI_STORE_FILL_H

#include "gateway/store/copier.h"

/* from: SQLite. to: opened with STORE_FILL, the lease taken. Copies and compares. E_REFUSED: begun by another installation; E_CORRUPT
 * the copy differs (the next run begins anew) or copier_copy's; E_UNAVAILABLE call it again. */
MUST_CHECK int fill_run(struct store *from, struct store *to, const struct copier_watch *watch, struct copier_report *ret,
			struct complaint *c);
/* From now on a database like any other. */
MUST_CHECK int fill_finish(struct store *to);

/* db, on a server, was moved to place: no core opens it from now on. */
MUST_CHECK int fill_leave(struct store *db, const char *place);
/* Writes what changes nothing: so a lease is renewed while its holder only reads. */
MUST_CHECK int fill_touch(struct store *db);

/* "ab12cd34", the name of the installation in db. E_NOT_FOUND: it has none yet. */
MUST_CHECK int fill_instance(struct store *db, char ret[16]);

#endif
