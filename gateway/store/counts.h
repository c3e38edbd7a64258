/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The last id drawn of each table, wherever an engine keeps it: ids are never used again, not even in a copy. */
#ifndef CAUNOI_STORE_COUNTS_H
#define CAUNOI_STORE_COUNTS_H

#include "gateway/store/store.h"

/* 0 with *ret = 0 when none was drawn; errors as store_row. */
MUST_CHECK int counts_get(struct store *db, const char *table, int64_t *ret);
MUST_CHECK int counts_set(struct store *db, const char *table, int64_t last);

#endif
