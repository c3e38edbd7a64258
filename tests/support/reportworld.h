/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cases that are opened, moved and carried, and what a report of them says. Fails the test itself when something does not work. */
#ifndef CAUNOI_TESTS_REPORTWORLD_H
#define CAUNOI_TESTS_REPORTWORLD_H

#include <jansson.h>

#include "handlers/casefile.h"
#include "tests/support/fixture.h"

/* Its id. */
int64_t reported_case(struct fixture *f, const char *number, const char *unit, const char *topic, const char *kind, bool restricted, const char *text);
void reported_move(struct fixture *f, int64_t id, enum case_state to);
void reported_carry(struct fixture *f, int64_t id, const char *unit);
/* The document, the caller's; data files are those of the repository. */
json_t *report_for(struct fixture *f, const char *kind, const char *unit, const char *from, const char *to, const char *territory);
/* Borrowed, as what follows. */
const json_t *report_sheet(const json_t *document, const char *id);
int report_column(const json_t *sheet, const char *key);
/* The cell of the row that begins with first; NULL = the total. */
const json_t *report_cell(const json_t *sheet, const char *first, const char *key);
void assert_report_cell(const json_t *document, const char *sheet, const char *first, const char *key, int64_t want);

#endif
