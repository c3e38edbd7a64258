/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures of a whole life of a core, read from its log, and of the server beside it. Called by the measurements of databases. */
#include "tests/bench/life.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/base/own.h"
#include "tests/bench/proc.h"

static long figure_of(const char *line, const char *key)
{
	const char *at = strstr(line, key);
	if (!at)
		fail_msg("the core did not say its %s", key);
	return strtol(at + strlen(key), NULL, 10);
}

struct life life_end(struct gateway *g)
{
	gateway_stop(g);
	OWN(mem) char *log = gateway_log(g);
	const char *line = NULL;
	for (const char *at = log; at && (at = strstr(at, "core.ended")); at++)
		line = at;
	if (!line)
		fail_msg("the core did not end in good order");
	return (struct life){ figure_of(line, "worst_tick_ms="), figure_of(line, " ticks="), figure_of(line, "round_trips="),
			      figure_of(line, "full_ticks="), figure_of(line, "full_p50_ms="), figure_of(line, "full_p99_ms=") };
}

double life_server_cpu_s(void)
{
	char path[512];
	const char *dir = getenv("CAUNOI_TEST_SERVER_DIR");
	int pid = 0;
	snprintf(path, sizeof(path), "%s/data/postmaster.pid", dir ? dir : "");
	OWN(file) FILE *f = fopen(path, "r");
	return f && fscanf(f, "%d", &pid) == 1 ? proc_family_cpu_s(pid, NULL) : 0;
}
