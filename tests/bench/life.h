/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a core says of itself at its orderly end, and what its database server used. */
#ifndef CAUNOI_BENCH_LIFE_H
#define CAUNOI_BENCH_LIFE_H

#include "tests/support/gateway.h"

struct life {
	long worst_ms, ticks, round_trips;
	long full, full_p50_ms, full_p99_ms; /* ticks with 200 frames or more */
};
/* Stops the core. Ends the program when it did not end in good order. */
struct life life_end(struct gateway *g);
/* CPU of the measuring's server and of those who work for it now; 0 when its number is not known. */
double life_server_cpu_s(void);

#endif
