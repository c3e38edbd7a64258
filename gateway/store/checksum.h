/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A table in one number that says the same on every engine: over its rows in the order of their key, kind, length and bytes of each
 * value. */
#ifndef CAUNOI_STORE_CHECKSUM_H
#define CAUNOI_STORE_CHECKSUM_H

#include "gateway/store/shape.h"

#define CHECKSUM_BYTES 32

struct checksum {
	int64_t n_rows;
	uint8_t sum[CHECKSUM_BYTES]; /* BLAKE2b */
};

bool checksum_same(const struct checksum *a, const struct checksum *b);
/* after is told of rows read, some at a time; its error ends it. Errors as store_row; E_CORRUPT a text cut by a NUL byte. */
MUST_CHECK int checksum_table(struct store *db, const struct shape_table *table, int (*after)(void *arg, const char *table, int n_rows),
			      void *arg, struct checksum *ret);
/* Of the counts that ids are drawn from. */
MUST_CHECK int checksum_counts(struct store *db, const struct shape *shape, struct checksum *ret);

#endif
