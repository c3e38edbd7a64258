/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One page of a list, as every listing verb answers it: at most args.limit rows of one statement, and the cursor of the next page; and one
 * row, as verbs on one thing do. */
#ifndef CAUNOI_GATEWAY_PAGE_H
#define CAUNOI_GATEWAY_PAGE_H

#include <jansson.h>

#include "gateway/scope.h"
#include "gateway/store/store.h"
#include "gateway/verb.h"

/* A condition of a list which most rows that come by its index fulfil. PostgreSQL takes a long condition for one that hardly any
 * fulfils, and would read and sort all there are; of a case expression it thinks nothing of the kind. */
#define PAGE_MOSTLY(condition) "(CASE WHEN " condition " THEN 1 ELSE 0 END <> 0)"

/* The row that st stands on, the caller's; NULL without memory. */
typedef json_t *(*page_row_fn)(const struct scope *in, struct statement *st, const void *arg);

/* st has every value bound but $limit, which is bound to one row more than the page holds, so that the last page says it is the last;
 * cursor is the column that $after or $before is compared with. st is reset. *ret_next = 0: nothing is behind. As store_row, E_NOMEM. */
MUST_CHECK int page_read(const struct scope *in, const struct call *c, struct statement *st, int cursor, page_row_fn row, const void *arg,
			 json_t **ret, int64_t *ret_next);
/* The first row of st, the caller's; E_NOT_FOUND when there is none. st is reset. */
MUST_CHECK int page_one(const struct scope *in, struct statement *st, page_row_fn row, const void *arg, json_t **ret);

#endif
