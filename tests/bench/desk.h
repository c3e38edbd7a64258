/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A desk that was worked at for more than a year: cases with what was said, done and answered, written into a database whose core
 * stands still. Every step that fails ends the program with a sentence. */
#ifndef CAUNOI_BENCH_DESK_H
#define CAUNOI_BENCH_DESK_H

#include <stdint.h>

#include "gateway/store/store.h"

#define DESK_UNIT_BYTES 16

/* n cases of the people and units that are there, by 40 texts; 15 of 100 are open. */
void desk_fill(struct store *db, int n);
/* Unit number i in turn, of those that have cases: a commune. */
void desk_commune(struct store *db, int i, char ret[DESK_UNIT_BYTES]);
/* Up to max open cases of a unit and below, "" = of all; how many. Beginning at number from, so that two people take others. */
int desk_open_cases(struct store *db, const char *unit, int from, int max, int64_t *ret);

#endif
