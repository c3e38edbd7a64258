/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The last frames of a run, and a number that follows from all of them. */
#ifndef CAUNOI_SIMULATION_JOURNAL_H
#define CAUNOI_SIMULATION_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define JOURNAL_LINES 80
#define JOURNAL_LINE_BYTES 420

struct journal {
	char lines[JOURNAL_LINES][JOURNAL_LINE_BYTES];
	int64_t n;
	uint64_t hash;
	bool verbose;
};

/* who "sim1", "staff" …; way "<" from the core, ">" to it, "*" an event of the world. Counted into the hash unless it holds a path. */
void journal_note(struct journal *j, int64_t step, int64_t now_ms, const char *who, char way, const char *text, size_t n_bytes);
void journal_print(const struct journal *j, FILE *out);

#endif
