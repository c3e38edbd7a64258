/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sheet's cell as people here read it: dates 22/11/2026, thousands with a dot, fractions with a comma. */
#ifndef CAUNOI_REPORT_CELL_H
#define CAUNOI_REPORT_CELL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#define CELL_BYTES 40

/* type is the column's. The text of it, borrowed from cell or written to room; "" for null. grouped: 1234 as "1.234". */
const char *cell_text(const json_t *cell, const char *type, bool grouped, char room[CELL_BYTES]);
/* Is it a count or a share, that stands at the right? */
bool cell_is_number(const char *type);

#endif
