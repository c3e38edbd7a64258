/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every row of a database copied into another one of the same schema, table by table in the order of the keys, and both compared by
 * counts and checksums that are computed in the same way on either side. One side is SQLite, the other any engine. What was copied by an
 * earlier try is kept: each table goes on behind the last key that is there. */
#ifndef CAUNOI_STORE_COPIER_H
#define CAUNOI_STORE_COPIER_H

#include "gateway/store/checksum.h"
#include "gateway/store/shape.h"

/* Told while it goes on; either may be NULL. Their error ends the work. */
struct copier_watch {
	void *arg;
	/* Inside the target's transaction, after n_rows of table went into it. */
	int (*note)(void *arg, const char *table, int64_t n_rows);
	/* Between transactions, about once a MiB. done and total are rows of this pass over both databases. */
	int (*step)(void *arg, const char *table, int64_t done, int64_t total);
};

struct copier_line {
	char table[40]; /* "ids": the counts that ids are drawn from */
	struct checksum from, to;
};

struct copier_report {
	struct copier_line lines[SHAPE_TABLES_MAX + 1];
	size_t n_lines;
};

struct copier {
	struct store *from, *to;
	struct shape *shape;
	const struct copier_watch *watch; /* may be NULL */
	int64_t done, total;
	struct complaint *c; /* why a row cannot be carried: its table and key are named, never its words */
};

/* Both are open and stay their owner's; from is read in one transaction, so that a database in use is copied as it is at one moment.
 * E_INVALID neither is SQLite; E_CORRUPT, E_UNAVAILABLE. */
MUST_CHECK int copier_init(struct copier *m, struct store *from, struct store *to, const struct copier_watch *watch, struct complaint *c);
void copier_done(struct copier *m);
/* Empties every table of the target, in one transaction where it is SQLite. */
MUST_CHECK int copier_clear(struct copier *m);
/* Rows and counts of ids. E_CORRUPT a row that the target's engine cannot hold (with *c), E_UNAVAILABLE the target takes no more (disk
 * full, away), E_BROKEN, E_NOMEM. Call it again after any of them. */
MUST_CHECK int copier_copy(struct copier *m);
MUST_CHECK int copier_compare(struct copier *m, struct copier_report *ret);
/* The first line that differs, NULL when all are the same. */
const struct copier_line *copier_difference(const struct copier_report *report);

/* As store_copy: a new SQLite file, compared; nothing is left behind when it fails. watch and ret may be NULL. */
MUST_CHECK int copier_to_file(struct store *from, const char *file, const struct copier_watch *watch, struct copier_report *ret,
			      struct complaint *c);

#endif
