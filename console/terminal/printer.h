/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Results on standard output: JSON for machines, a table or a block of lines for people. */
#ifndef CAUNOI_CONSOLE_TERMINAL_PRINTER_H
#define CAUNOI_CONSOLE_TERMINAL_PRINTER_H

#include <jansson.h>
#include <stdbool.h>

#include "console/terminal/desk.h"
#include "console/terminal/table.h"
#include "gateway/verb.h"

/* A list that comes in pages. */
struct printer {
	const struct desk *desk;
	const struct verb *verb;
	struct table table; /* laid out by the first page */
	size_t n_rows;
};

struct printer printer_begin(const struct desk *d, const struct verb *v);
/* Exit code: 0, or 1 when standard output cannot be written. */
int printer_rows(struct printer *p, const json_t *rows);
int printer_end(struct printer *p);
/* One whole result of any shape. Exit code as above. */
int printer_print(const struct desk *d, const struct verb *v, const json_t *value);

#endif
