/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The header of a list: which column holds what. */
#ifndef CAUNOI_CAMPAIGNS_HEADING_H
#define CAUNOI_CAMPAIGNS_HEADING_H

#include <stddef.h>

#include "campaigns/column.h"
#include "gateway/base/complaint.h"
#include "gateway/base/csv.h"
#include "gateway/base/err.h"

struct heading {
	enum column columns[CSV_COLUMNS_MAX];
	char *keys[CSV_COLUMNS_MAX];  /* folded names; "" = a column without a name, passed over */
	char *names[CSV_COLUMNS_MAX]; /* as the file has them */
	size_t n;
	int phone; /* index of the number's column */
};

/* map (may be NULL): "col=field,…", the file's column col is taken as field. E_INVALID with *c: rule "no_number_column",
 * "column_twice", "unknown_column", "bad_map". Ends with heading_done. */
MUST_CHECK int heading_read(const struct csv_row *row, const char *map, struct heading *ret, struct complaint *c);
void heading_done(struct heading *h);

#endif
