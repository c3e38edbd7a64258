/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many people who write in the same second: how long until the last one is understood, when the first answer leaves, and what it costs, on
 * both engines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "gateway/base/own.h"
#include "tests/bench/life.h"
#include "tests/bench/proc.h"
#include "tests/bench/rig.h"

#define PEOPLE 3000
#define LIMIT_MS 120000

struct flood {
	struct gateway *g;
	char folder[64], channels[512];
};

static void open_flood(struct flood *w, int n, bool on_file)
{
	OWN(mem) char *script = realpath("tests/bench/flood.sh", NULL);
	snprintf(w->folder, sizeof(w->folder), "/tmp/caunoi-flood-XXXXXX");
	if (!script || !mkdtemp(w->folder))
		fail_msg("no folder for the flood");
	snprintf(w->channels, sizeof(w->channels), "{ name = \"lu\"; driver = \"exec\"; program = \"/bin/bash\"; arguments = [ \"%.300s\", \"%s\", \"%d\" ];"
		 " rate_per_second = 100000; burst = 100000; }", script, w->folder, n);
	w->g = gateway_new(&(struct gateway_options){ .channels = w->channels, .on_file = on_file });
	gateway_start(w->g);
}

static void close_flood(struct flood *w)
{
	static const char *const files[] = { "go", "heard", "said" };
	char path[128];
	gateway_free(w->g);
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		snprintf(path, sizeof(path), "%s/%s", w->folder, files[i]);
		remove(path);
	}
	remove(w->folder);
}

static void let_go(const struct flood *w)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/go", w->folder);
	OWN(file) FILE *f = fopen(path, "w");
	if (!f)
		fail_msg("%s cannot be written", path);
}

/* Has the driver been given an answer? */
static bool answered(const struct flood *w)
{
	char path[128], line[4096];
	snprintf(path, sizeof(path), "%s/heard", w->folder);
	OWN(file) FILE *f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f))
		if (strstr(line, "\"op\":\"submit\""))
			return true;
	return false;
}

static void measure(struct bench *b, const char *engine, bool on_file)
{
	struct flood w;
	char name[64], sql[128];
	int n = bench_size(b, PEOPLE);
	open_flood(&w, n, on_file);
	double server = life_server_cpu_s(), core = proc_cpu_s(w.g->core), began = rig_now_s();
	let_go(&w);
	while (!answered(&w) && rig_now_s() - began < LIMIT_MS / 1000.0)
		gateway_pause_ms(5);
	double first = rig_now_s() - began;
	snprintf(sql, sizeof(sql), "SELECT count(*) >= %d FROM v_inbound WHERE state = 'handled'", n);
	gateway_wait(w.g, "everybody understood", sql, LIMIT_MS);
	double took = rig_now_s() - began;
	core = proc_cpu_s(w.g->core) - core;
	server = life_server_cpu_s() - server;
	struct life life = life_end(w.g);
	close_flood(&w);
	snprintf(name, sizeof(name), "%s: everybody understood", engine);
	report_add(&b->report, (struct figure){ "flood", name, "s", took, .aim = "<= 5 s", .aim_value = 5 });
	snprintf(name, sizeof(name), "%s: first answer given out", engine);
	report_add(&b->report, (struct figure){ "flood", name, "s", first, .aim = "<= 1 s", .aim_value = 1 });
	snprintf(name, sizeof(name), "%s: CPU of the core", engine);
	report_add(&b->report, (struct figure){ "flood", name, "s/1,000", core * 1000 / n, .peer = NULL });
	if (on_file)
		return;
	report_add(&b->report, (struct figure){ "flood", "CPU of the server", "s/1,000", server * 1000 / n, .peer = NULL });
	report_add(&b->report, (struct figure){ "flood", "round trips a message, start and end included", "", (double)life.round_trips / n, .aim = "<= 0.2",
						.aim_value = 0.2 });
}

static void on_server(struct bench *b)
{
	measure(b, "PostgreSQL", false);
}

void flood_run(struct bench *b)
{
	report_say(&b->report, "flood: %d people write at once", bench_size(b, PEOPLE));
	measure(b, "SQLite", true);
	database_on_server(b, on_server);
}
