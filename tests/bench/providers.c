/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sending by HTTP as providers differ: how many requests at once, kept or fresh connections, HTTP/2, many people a request, one that
 * never answers; and what the driver's memory is while 256 requests wait. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "tests/bench/proc.h"
#include "tests/bench/rig.h"
#include "tests/support/nghttpd.h"

#define LIMIT_MS 60000
#define CHANNEL(name, provider, url, in_flight, more)                                                                                     \
	"{ name = \"" name "\"; driver = \"http\"; provider = \"" provider "\"; base_url = \"" url "\"; rate_per_second = 1000000; in_flight = " \
	in_flight "; " more " }"

static void add(struct bench *b, const char *measure, const char *name, const char *unit, double value)
{
	report_add(&b->report, (struct figure){ measure, name, unit, value, .peer = NULL });
}

/* Messages a second on the wire of api, from the first to the last. */
static double wire_rate(struct rig *r, const struct simapi *api, const char *group, const char *channel, bool one_text, int n)
{
	struct wire w = rig_wire(api);
	rig_start(r, group, channel, one_text, n);
	if (!rig_wait_wire(api, &w, n, LIMIT_MS))
		fprintf(stderr, "bench: not all of %d messages were on the wire within %d ms\n", n, LIMIT_MS);
	return wire_read(&w).per_second;
}

/* ---- how many at once ---- */

void providers_flight(struct bench *b)
{
	static const struct {
		const char *group, *channel, *name;
		int n;
		bool fresh;
	} cases[] = {
		{ "a", "kept1", "1 in flight, kept", 1500, false },	 { "b", "kept16", "16 in flight, kept", 20000, false },
		{ "c", "kept64", "64 in flight, kept", 20000, false },	 { "d", "fresh1", "1 in flight, fresh", 600, true },
		{ "e", "fresh8", "8 in flight, fresh", 5000, true },
	};
	struct rig *r = rig_new(CHANNEL("kept1", "sim", "@API@", "1", "") ", " CHANNEL("kept16", "sim", "@API@", "16", "") ", "
				CHANNEL("kept64", "sim", "@API@", "64", "") ", " CHANNEL("fresh1", "sim-once", "@ONCE@", "1", "") ", "
				CHANNEL("fresh8", "sim-once", "@ONCE@", "8", ""), false);
	report_say(&b->report, "flight: campaigns by how many requests wait for an answer at once");
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		int n = bench_size(b, cases[i].n);
		rig_people(r, cases[i].group, (int)i * 100000, n, NULL);
		add(b, "flight", cases[i].name, "/s", wire_rate(r, cases[i].fresh ? &r->g->once : &r->g->api, cases[i].group, cases[i].channel, false, n));
	}
	rig_free(r);
}

/* ---- HTTP/2 ---- */

/* Messages a second that were told to be sent, from the first tenth to the last: the server keeps no journal. */
static double told_rate(struct rig *r, int n)
{
	char sql[96];
	snprintf(sql, sizeof(sql), "SELECT sum(sent) >= %d FROM flow", n / 10);
	gateway_wait(r->g, "the first messages", sql, LIMIT_MS);
	int64_t early = gateway_scalar(r->g, "SELECT sum(sent) FROM flow");
	double began = rig_now_s();
	snprintf(sql, sizeof(sql), "SELECT sum(sent) >= %d FROM flow", n);
	gateway_wait(r->g, "all messages", sql, LIMIT_MS);
	return (double)(n - early) / (rig_now_s() - began);
}

void providers_http2(struct bench *b)
{
	struct nghttpd server;
	char channel[512];
	int n = bench_size(b, 10000);
	report_say(&b->report, "http2: a campaign of %d over one connection to nghttpd, 64 streams, TLS", n);
	if (!nghttpd_start(&server, AF_INET, false))
		return;
	snprintf(channel, sizeof(channel), CHANNEL("h2", "sim-echo", "https://127.0.0.1:%d", "64", "ca_file = \"%s\";"), server.port, server.cert);
	struct rig *r = rig_new(channel, false);
	rig_people(r, "a", 0, n, NULL);
	rig_start(r, "a", "h2", false, n);
	add(b, "http2", "told to be sent", "/s", told_rate(r, n));
	rig_free(r);
	nghttpd_end(&server);
}

/* ---- many people a request ---- */

static int64_t requests(struct simapi *api)
{
	OWN(json) json_t *counts = simapi_ask(api, "{\"op\":\"count\"}");
	return json_int(counts, "requests", 0);
}

void providers_batch(struct bench *b)
{
	int n = bench_size(b, 50000);
	struct rig *r = rig_new(CHANNEL("many", "sim-batch", "@API@", "4", "") ", " CHANNEL("single", "sim", "@API@", "64", ""), false);
	report_say(&b->report, "batch: a campaign of %d of one text, up to 100 people a request on 4 connections, beside one each on 64", n);
	rig_people(r, "a", 0, n, NULL);
	rig_people(r, "b", 200000, n, NULL);
	double many = wire_rate(r, &r->g->api, "a", "many", true, n);
	double each = (double)n / (double)requests(&r->g->api);
	double single = wire_rate(r, &r->g->api, "b", "single", true, n);
	add(b, "batch", "on the wire", "/s", many);
	add(b, "batch", "people a request", "", each);
	add(b, "batch", "over one a request", "times", single > 0 ? many / single : 0);
	rig_free(r);
}

/* ---- memory ---- */

static pid_t driver_of(const struct rig *r)
{
	struct proc family[PROC_FAMILY_MAX];
	size_t n = proc_family(r->g->core, family);
	for (size_t i = 0; i < n; i++)
		if (!strcmp(family[i].name, "caunoi-http"))
			return family[i].pid;
	fail_msg("no driver runs");
	return 0;
}

void providers_memory(struct bench *b)
{
	int n = bench_size(b, 40000);
	struct rig *r = rig_new(CHANNEL("api256", "sim", "@API@", "256", ""), false);
	report_say(&b->report, "http-memory: the driver in the middle of %d messages, 256 in flight, a provider that answers after 50 ms", n);
	rig_people(r, "a", 0, n, NULL);
	simapi_tell(&r->g->api, "{\"op\":\"mode\",\"latency_ms\":50}");
	struct wire w = rig_wire(&r->g->api);
	pid_t driver = driver_of(r);
	rig_start(r, "a", "api256", false, n);
	(void)rig_wait_wire(&r->g->api, &w, n / 2, LIMIT_MS);
	double pss = proc_pss_mib(driver), rss = proc_rss_mib(driver);
	(void)rig_wait_wire(&r->g->api, &w, n, LIMIT_MS);
	add(b, "http-memory", "PSS", "MiB", pss);
	add(b, "http-memory", "RSS", "MiB", rss);
	report_add(&b->report, (struct figure){ "http-memory", "highest RSS", "MiB", proc_peak_mib(driver), .aim = "<= 16 MiB", .aim_value = 16 });
	rig_free(r);
}

/* ---- one that never answers ---- */

void providers_stalled(struct bench *b)
{
	static const char *const groups[] = { "warm", "alone", "beside", "stalled" };
	int n = bench_size(b, 20000);
	struct rig *r = rig_new(CHANNEL("good", "sim", "@API@", "64", "") ", " CHANNEL("stalled", "sim", "@ONCE@", "64", ""), false);
	report_say(&b->report, "stalled: a campaign of %d by a good provider, alone and beside another that reads and never answers", n);
	for (size_t i = 0; i < COUNT_OF(groups); i++)
		rig_people(r, groups[i], (int)i * 100000, n, NULL);
	simapi_tell(&r->g->once, "{\"op\":\"mode\",\"rate\":{\"stall\":1}}");
	(void)wire_rate(r, &r->g->api, "warm", "good", false, n);
	double alone = wire_rate(r, &r->g->api, "alone", "good", false, n);
	rig_start(r, "stalled", "stalled", false, n);
	for (double until = rig_now_s() + LIMIT_MS / 1000.0; requests(&r->g->once) < 64 && rig_now_s() < until;)
		gateway_pause_ms(5);
	double beside = wire_rate(r, &r->g->api, "beside", "good", false, n);
	add(b, "stalled", "the good one alone", "/s", alone);
	add(b, "stalled", "beside it", "/s", beside);
	report_add(&b->report, (struct figure){ "stalled", "rate left", "of alone", alone > 0 ? beside / alone : 0, .aim = ">= 0.9", .aim_value = 0.9 });
	rig_free(r);
}
