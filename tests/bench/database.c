/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The same campaign on SQLite and on a PostgreSQL server of this machine, and how often the core waits for that server. Needs
 * $CAUNOI_TEST_SERVER (tests/engine.sh -d); without it there is nothing to measure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/base/own.h"
#include "tests/bench/life.h"
#include "tests/bench/proc.h"
#include "tests/bench/rig.h"

#define CAMPAIGN 50000
#define LIMIT_MS 240000
#define IDLE_S 3
/* answers at once, as many as a tick takes: every tick is a full one */
#define LOOPBACK "{ name = \"vong\"; driver = \"loopback\"; rate_per_second = 1000000; in_flight = 512; delivery_ms = 0; receipts = false; }"
#define API "{ name = \"api\"; driver = \"http\"; provider = \"sim\"; base_url = \"@API@\"; rate_per_second = 1000000; in_flight = 64; }"

static struct life idle_for(struct rig *r, int seconds)
{
	gateway_start(r->g);
	gateway_pause_ms(seconds * 1000);
	return life_end(r->g);
}

struct sent {
	struct campaign_figures figures;
	struct life life;
	double server_s, api_s; /* CPU */
};

/* A life of its own for the campaign: the import's waiting is not counted to it. */
static struct sent campaign(struct rig *r, int n)
{
	struct sent s;
	rig_people(r, "a", 0, n, NULL);
	life_end(r->g);
	gateway_start(r->g);
	double server_s = life_server_cpu_s(), api_s = proc_cpu_s(r->g->api.pid);
	s.figures = rig_campaign(r, "a", "api", &r->g->api, n, LIMIT_MS);
	s.server_s = life_server_cpu_s() - server_s;
	s.api_s = proc_cpu_s(r->g->api.pid) - api_s;
	s.life = life_end(r->g);
	return s;
}

static void idle_rows(struct bench *b, struct rig *r)
{
	idle_for(r, IDLE_S); /* what the campaign left is done by then */
	struct life brief = idle_for(r, IDLE_S), longer = idle_for(r, IDLE_S + 15);
	long ticks = longer.ticks - brief.ticks;
	if (ticks <= 0) {
		report_say(&b->report, "  round trips an idle tick: not measured, the machine is overrun (%ld ticks, then %ld)", brief.ticks, longer.ticks);
		return;
	}
	report_add(&b->report, (struct figure){ "postgresql", "round trips an idle tick", "", (double)(longer.round_trips - brief.round_trips) / (double)ticks,
						.aim = "<= 4", .aim_value = 4 });
}

void database_on_server(struct bench *b, void (*run)(struct bench *b))
{
	const char *server = getenv("CAUNOI_TEST_SERVER"), *was = getenv("CAUNOI_TEST_STORE");
	OWN(mem) char *store = was ? strdup(was) : NULL;
	if (!server) {
		report_say(&b->report, "no PostgreSQL server to measure with (tests/engine.sh -d starts one)");
		return;
	}
	setenv("CAUNOI_TEST_STORE", server, 1);
	run(b);
	if (store)
		setenv("CAUNOI_TEST_STORE", store, 1);
	else
		unsetenv("CAUNOI_TEST_STORE");
}

static struct campaign_figures on_file(int n)
{
	const char *was = getenv("CAUNOI_TEST_STORE");
	OWN(mem) char *store = was ? strdup(was) : NULL;
	unsetenv("CAUNOI_TEST_STORE");
	struct rig *r = rig_new(API, false);
	struct campaign_figures f = campaign(r, n).figures;
	rig_free(r);
	if (store)
		setenv("CAUNOI_TEST_STORE", store, 1);
	return f;
}

/* The people of the campaign before, twice more, by a channel whose results come as many as a tick takes. */
static void full_rows(struct bench *b, struct rig *r, int n)
{
	char sql[96];
	gateway_start(r->g);
	for (int i = 0; i < 2; i++)
		rig_start(r, "a", "vong", false, n);
	snprintf(sql, sizeof(sql), "SELECT count(*) = 5 AND min(CASE WHEN id > 2 THEN sent + delivered END) >= %d FROM flow", n);
	gateway_wait(r->g, "everything sent by the loopback", sql, LIMIT_MS);
	struct life life = life_end(r->g);
	report_add(&b->report, (struct figure){ "postgresql", "ticks with 200 frames, half of them within", "ms", (double)life.full_p50_ms, .peer = NULL });
	report_add(&b->report, (struct figure){ "postgresql", "ticks with 200 frames, p99", "ms", (double)life.full_p99_ms, .aim = "<= 10 ms", .aim_value = 10 });
	report_say(&b->report, "  (%ld such ticks of %ld)", life.full, life.ticks);
}

/* The row of the capacity table that this rate makes: how long one message to everybody takes. */
static void capacity_row(struct bench *b, const char *engine, double per_second)
{
	static const struct {
		const char *name;
		double people;
	} places[] = { { "commune", 30e3 }, { "province", 2e6 }, { "country", 100e6 } };
	for (size_t i = 0; per_second > 0 && i < COUNT_OF(places); i++) {
		long s = (long)(places[i].people / per_second + 0.5);
		report_say(&b->report, "  capacity: %s, %.0f people of a %s in %ld h %ld min %ld s", engine, places[i].people, places[i].name, s / 3600,
			   s / 60 % 60, s % 60);
	}
}

/* All share the machine: with two processors, 8,000/s leave 0.25 s for a thousand. */
static void cpu_rows(struct bench *b, const struct sent *s, int n)
{
	double core = s->figures.core_cpu_s_per_1000, driver = s->figures.cpu_s_per_1000 - core;
	double server = s->server_s * 1000.0 / n, api = s->api_s * 1000.0 / n;
	report_add(&b->report, (struct figure){ "postgresql", "CPU of the core", "s/1,000", core, .peer = NULL });
	report_add(&b->report, (struct figure){ "postgresql", "CPU of the driver", "s/1,000", driver, .peer = NULL });
	report_add(&b->report, (struct figure){ "postgresql", "CPU of the server", "s/1,000", server, .peer = NULL });
	report_add(&b->report, (struct figure){ "postgresql", "CPU of the simulated API", "s/1,000", api, .peer = NULL });
	report_add(&b->report, (struct figure){ "postgresql", "CPU of all four", "s/1,000", core + driver + server + api, .aim = "<= 0.25 s", .aim_value = 0.25 });
}

static void both(struct bench *b)
{
	int n = bench_size(b, CAMPAIGN);
	report_say(&b->report, "postgresql: a campaign of %d through an API that knows keys, on both engines", n);
	struct campaign_figures file = on_file(n);
	struct rig *r = rig_new(API ", " LOOPBACK, false);
	struct sent s = campaign(r, n);
	double sqlite = file.wire.per_second, there = s.figures.wire.per_second;
	report_add(&b->report, (struct figure){ "postgresql", "SQLite: on the wire", "/s", sqlite, .peer = NULL });
	report_add(&b->report, (struct figure){ "postgresql", "SQLite: CPU of core and driver", "s/1,000", file.cpu_s_per_1000, .peer = NULL });
	report_add(&b->report, (struct figure){ "postgresql", "on the wire", "/s", there, .aim = "8,000/s", .aim_value = 8000 });
	report_add(&b->report, (struct figure){ "postgresql", "rate, of SQLite's", "ratio", sqlite > 0 ? there / sqlite : 0, .aim = ">= 0.6",
						.aim_value = 0.6 });
	cpu_rows(b, &s, n);
	report_add(&b->report, (struct figure){ "postgresql", "round trips a message", "", (double)s.life.round_trips / n, .aim = "<= 0.1", .aim_value = 0.1 });
	report_add(&b->report, (struct figure){ "postgresql", "messages a tick", "", s.life.ticks ? (double)n / (double)s.life.ticks : 0, .peer = NULL });
	report_add(&b->report, (struct figure){ "postgresql", "worst tick of the campaign", "ms", (double)s.life.worst_ms, .peer = NULL });
	idle_rows(b, r);
	full_rows(b, r, n);
	capacity_row(b, "SQLite", sqlite);
	capacity_row(b, "PostgreSQL", there);
	rig_free(r);
}

void database_postgresql(struct bench *b)
{
	database_on_server(b, both);
}
