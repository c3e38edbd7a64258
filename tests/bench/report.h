/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures of the measurements: kept, then printed as a table or as JSON. A figure may stand beside what it is measured
 * against (a peer's figure, an aim, a limit in theory) and is then printed as a share of it too. Never judges. */
#ifndef CAUNOI_BENCH_REPORT_H
#define CAUNOI_BENCH_REPORT_H

#include <stdbool.h>

#define REPORT_ROWS_MAX 128

struct figure {
	const char *measure, *name, *unit; /* constant texts */
	double value;
	const char *peer; /* another gateway on the same kind of machine: "4,005/s, p99 8.7 ms"; NULL = none known */
	double peer_value; /* 0 = no ratio */
	const char *aim;
	double aim_value;
};

struct report {
	struct figure rows[REPORT_ROWS_MAX];
	int n;
	bool json;
};

/* Adds f; in a table it is printed at once. */
void report_add(struct report *r, struct figure f);
/* A line about what follows; only in tables. */
void report_say(const struct report *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* JSON: prints all rows as one array. */
void report_end(const struct report *r);

#endif
