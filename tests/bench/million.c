/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One gateway with a million people and a million queued messages, on either engine: import and what the API feels of it, memory, what a
 * message costs beside ten thousand and beside a million others, and a restart. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "tests/bench/load.h"
#include "tests/bench/proc.h"
#include "tests/bench/rig.h"

#define MILLION 1000000
#define FEW 10000
#define PLAN_MS 900000
#define CHANNELS                                                                                                                \
	"{ name = \"api\"; driver = \"http\"; provider = \"sim\"; base_url = \"@API@\"; rate_per_second = 1000000; in_flight = 64; }, " \
	"{ name = \"rest\"; driver = \"loopback\"; rate_per_second = 1; delivery_ms = 10; }"

/* Somebody who uses the API while something else goes on. */
struct probe {
	struct load load;
	struct load_result result;
	atomic_bool stop;
	pthread_t thread;
	int err;
};

static void probe_body(void *arg, long i, struct buffer *out)
{
	(void)arg;
	if (buffer_printf(out, "{\"to\":\"0%ld\",\"text\":\"Ho so %ld da xong.\",\"channel\":\"rest\"}", 980000000 + i, i))
		fail_msg("out of memory");
}

static void *probe_main(void *arg)
{
	struct probe *p = arg;
	p->err = load_run(&p->load, &p->result);
	return NULL;
}

static void probe_start(struct probe *p, const struct rig *r)
{
	atomic_init(&p->stop, false);
	p->load = (struct load){ .port = r->port, .n_connections = 4, .pause_ms = 20, .stop = &p->stop, .body = probe_body, .path = "/api/v1/message",
				 .headers = r->token };
	if (pthread_create(&p->thread, NULL, probe_main, p))
		fail_msg("no thread");
}

static void probe_end(struct probe *p)
{
	atomic_store(&p->stop, true);
	pthread_join(p->thread, NULL);
	if (p->err)
		fprintf(stderr, "bench: the probe broke off: %s\n", err_text(p->err));
}

/* ---- the steps ---- */

static void import(struct bench *b, const char *name, struct rig *r, int n)
{
	struct probe probe = { 0 };
	double took, before = proc_rss_mib(r->g->core);
	proc_forget_peak(r->g->core);
	probe_start(&probe, r);
	rig_people(r, "million", 100000, n, &took);
	probe_end(&probe);
	report_add(&b->report, (struct figure){ name, "import, upload included", "s", took, .aim = "<= 20 s", .aim_value = 20 });
	report_add(&b->report, (struct figure){ name, "import: memory of the core", "MiB more", proc_peak_mib(r->g->core) - before, .aim = "<= 32 MiB",
						.aim_value = 32 });
	report_add(&b->report, (struct figure){ name, "import: p99 of the API", "ms", probe.result.p99_ms, .aim = "<= 100 ms", .aim_value = 100 });
	report_say(&b->report, "  (%ld requests meanwhile, %ld refused, worst %.0f ms)", probe.result.n_good, probe.result.n_bad, probe.result.worst_ms);
}

static void queue(struct bench *b, const char *name, struct rig *r, int n)
{
	char sql[128];
	json_decref(gateway_do(r->g, "channel.pause", json_pack("{s:s}", "name", "api")));
	double began = rig_now_s();
	gateway_campaign(r->g, "million", "api", "Ho {{name}}: the BHYT het han 30/11, gia han tai diem thu xa. Tu choi: TC", n);
	snprintf(sql, sizeof(sql), "SELECT max(queued) >= %d FROM flow", n);
	gateway_wait(r->g, "everything queued", sql, PLAN_MS);
	report_add(&b->report, (struct figure){ name, "planned and queued", "/s", n / (rig_now_s() - began), .peer = NULL });
}

static void memory(struct bench *b, const char *name, struct rig *r)
{
	struct proc family[PROC_FAMILY_MAX];
	size_t n = proc_family(r->g->core, family);
	double pss = 0, rss = 0;
	for (size_t i = 0; i < n; i++) {
		pss += proc_pss_mib(family[i].pid);
		rss += proc_rss_mib(family[i].pid);
		report_say(&b->report, "  %-16s PSS %6.1f MiB, RSS %6.1f MiB", family[i].name, proc_pss_mib(family[i].pid), proc_rss_mib(family[i].pid));
	}
	report_add(&b->report, (struct figure){ name, "memory of all processes (PSS)", "MiB", pss, "1,894 MiB", 1894, "<= 80 MiB", 80 });
	report_add(&b->report, (struct figure){ name, "memory of all processes (RSS)", "MiB", rss, .peer = NULL });
}

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static struct campaign_figures send_some(struct rig *r, int n)
{
	static const char *const drivers[] = { "caunoi-http", NULL };
	struct campaign_figures f = { 0 };
	struct wire w = rig_wire(&r->g->api);
	double cpu = proc_family_cpu_s(r->g->core, drivers);
	json_decref(gateway_do(r->g, "channel.resume", json_pack("{s:s}", "name", "api")));
	if (!rig_wait_wire(&r->g->api, &w, n, 120000))
		fprintf(stderr, "bench: fewer than %d messages left\n", n);
	cpu = proc_family_cpu_s(r->g->core, drivers) - cpu;
	f.wire = wire_read(&w);
	f.cpu_s_per_1000 = f.wire.n ? cpu * 1000.0 / (double)f.wire.n : 0;
	return f;
}

static void restart(struct bench *b, const char *name, struct rig *r)
{
	gateway_kill(r->g);
	if (!gateway_children_gone(r->g, 10000))
		fail_msg("a driver survived");
	struct wire w = rig_wire(&r->g->api);
	int64_t began = now_ms();
	gateway_spawn(r->g);
	if (!rig_wait_wire(&r->g->api, &w, 1, 120000))
		fail_msg("nothing was sent after the restart");
	struct wire_figures f = wire_read(&w);
	report_add(&b->report, (struct figure){ name, "restart -> first on the wire", "s", (double)(f.first_ms - began) / 1000.0, "54 s", 54, "<= 2 s", 2 });
	if (!gateway_wait_ready(r->g, 20000))
		report_say(&b->report, "  and it did not answer queries within 20 s");
}

static void run(struct bench *b, const char *name)
{
	int n = bench_size(b, MILLION), few = bench_size(b, FEW);
	struct rig *r = rig_new(CHANNELS, false);
	report_say(&b->report, "%s: %d people, %d messages queued", name, n, n);
	rig_log_in(r);
	json_decref(gateway_do(r->g, "channel.pause", json_pack("{s:s}", "name", "rest")));
	rig_people(r, "few", 0, few, NULL);
	json_decref(gateway_do(r->g, "channel.pause", json_pack("{s:s}", "name", "api")));
	gateway_campaign(r->g, "few", "api", "Ho {{name}}: the BHYT het han 30/11, gia han tai diem thu xa. Tu choi: TC", few);
	char sql[128];
	snprintf(sql, sizeof(sql), "SELECT max(queued) >= %d FROM flow", few);
	gateway_wait(r->g, "ten thousand queued", sql, PLAN_MS);
	struct campaign_figures small = send_some(r, few);
	import(b, name, r, n);
	queue(b, name, r, n);
	memory(b, name, r);
	sync(); /* what a million rows left to write would be counted to the next messages */
	gateway_pause_ms(3000);
	struct campaign_figures large = send_some(r, few);
	report_add(&b->report, (struct figure){ name, "CPU a message, of 10,000 queued", "ratio", large.cpu_s_per_1000 / small.cpu_s_per_1000,
						.aim = "<= 1.25", .aim_value = 1.25 });
	report_add(&b->report, (struct figure){ name, "rate, of 10,000 queued", "ratio", large.wire.per_second / small.wire.per_second,
						.aim = ">= 0.85", .aim_value = 0.85 });
	report_say(&b->report, "  (%.0f/s and %.3f CPU-s/1,000 against %.0f/s and %.3f)", large.wire.per_second, large.cpu_s_per_1000,
		   small.wire.per_second, small.cpu_s_per_1000);
	restart(b, name, r);
	rig_free(r);
}

void million_run(struct bench *b)
{
	run(b, "million");
}

static void on_server(struct bench *b)
{
	run(b, "million-pg");
}

void million_postgresql(struct bench *b)
{
	database_on_server(b, on_server);
}
