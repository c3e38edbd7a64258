/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An older database brought up to this release: what the schema's text holds and the database lacks is added, tables, columns and
 * indexes; nothing is changed or taken away. So a release only adds: a new column has a default or may be NULL, and an index that
 * changes gets another name. The engines run the text in one transaction when they open a database for writing. */
#ifndef CAUNOI_STORE_UPGRADE_H
#define CAUNOI_STORE_UPGRADE_H

#include <stdbool.h>

#include "gateway/base/buffer.h"
#include "gateway/base/err.h"

/* What a database holds: "table.column" and "index", in any order. */
struct catalogue {
	char **names;
	size_t n, room;
};

/* E_NOMEM. */
MUST_CHECK int catalogue_add(struct catalogue *c, const char *name);
void catalogue_done(struct catalogue *c);

/* Appends to out what is missing, with its marks, and then the views anew; *ret_n = how many things were missing, 0: nothing is
 * appended. E_NOMEM. */
MUST_CHECK int upgrade_text(const char *schema, const char *views, const struct catalogue *has, struct buffer *out, int *ret_n);

#endif
