/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How fast requests are answered: messages by the API, what providers bring, and one message on an idle gateway. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "tests/bench/load.h"
#include "tests/bench/proc.h"
#include "tests/bench/rig.h"

#define CONNECTIONS 64
#define IDLE_MESSAGES 200
#define IDLE_S 10
#define API "{ name = \"api\"; driver = \"http\"; provider = \"sim\"; base_url = \"@API@\"; rate_per_second = 1000000; in_flight = 64; " \
	    "webhook_secret = \"api.hook\"; }"

static void load_rows(struct bench *b, const char *measure, const struct load_result *l, struct figure rate)
{
	rate.measure = measure;
	rate.name = "answered";
	rate.unit = "/s";
	rate.value = l->per_second;
	report_add(&b->report, rate);
	report_add(&b->report, (struct figure){ measure, "p50", "ms", l->p50_ms, .peer = NULL });
	report_add(&b->report, (struct figure){ measure, "p99", "ms", l->p99_ms, .peer = !strcmp(measure, "post") ? "8.7 ms" : "7.9 ms",
						.peer_value = !strcmp(measure, "post") ? 8.7 : 7.9, .aim = "<= 10 ms", .aim_value = 10 });
	if (l->n_bad)
		report_say(&b->report, "  %ld of %ld were refused, the first with %d", l->n_bad, l->n_bad + l->n_good, l->first_bad);
}

static void run_load(const struct load *l, struct load_result *ret)
{
	if (load_run(l, ret))
		fail_msg("%s: the load broke off", l->path);
}

/* ---- POST /api/v1/message ---- */

static void message_body(void *arg, long i, struct buffer *out)
{
	(void)arg;
	if (buffer_printf(out, "{\"to\":\"0%ld\",\"text\":\"Ho so so %ld da xong, moi ong/ba den nhan tai UBND xa.\",\"channel\":\"api\"}",
			  900000000 + i % 1000000, i))
		fail_msg("out of memory");
}

void serving_post(struct bench *b)
{
	static const char *const web[] = { "caunoi-web", NULL };
	int n = bench_size(b, 40000);
	struct rig *r = rig_new(API, false);
	struct load_result l;
	report_say(&b->report, "post: %d messages by POST /api/v1/message over %d connections, durable before 201", n, CONNECTIONS);
	rig_log_in(r);
	json_decref(gateway_do(r->g, "channel.pause", json_pack("{s:s}", "name", "api")));
	double cpu = proc_family_cpu_s(r->g->core, web);
	run_load(&(struct load){ .port = r->port, .n_connections = CONNECTIONS, .n_requests = n, .body = message_body, .path = "/api/v1/message",
				 .headers = r->token }, &l);
	cpu = proc_family_cpu_s(r->g->core, web) - cpu;
	load_rows(b, "post", &l, (struct figure){ .peer = "4,005/s", .peer_value = 4005, .aim = "8,000/s", .aim_value = 8000 });
	report_add(&b->report, (struct figure){ "post", "CPU of core and web", "s/1,000", cpu * 1000 / n, .peer = NULL });
	int64_t stored = gateway_scalar(r->g, "SELECT count(*) FROM message");
	if (stored != l.n_good)
		report_say(&b->report, "  %lld messages are stored, %ld were acknowledged", (long long)stored, l.n_good);
	rig_free(r);
}

/* ---- what providers bring ---- */

static void inbound_body(void *arg, long i, struct buffer *out)
{
	static const char *const texts[] = { "1", "Cam on can bo", "Duong thon 5 hong qua, xe khong di duoc", "BHYT het han thi lam the nao", "xem 482918" };
	(void)arg;
	if (buffer_printf(out, "{\"id\":\"in-%ld\",\"from\":\"+84%ld\",\"to\":\"+84912345678\",\"text\":\"%s\"}", i, 900000000 + i % 1000000,
			  texts[i % (long)COUNT_OF(texts)]))
		fail_msg("out of memory");
}

void serving_hook(struct bench *b)
{
	int n = bench_size(b, 40000);
	struct rig *r = rig_new(API, false);
	struct load_result l;
	report_say(&b->report, "hook: %d messages from outside by the webhook over %d connections, durable before 200", n, CONNECTIONS);
	static const char *const web[] = { "caunoi-web", NULL };
	double began = rig_now_s(), cpu = proc_family_cpu_s(r->g->core, web);
	run_load(&(struct load){ .port = r->port, .n_connections = CONNECTIONS, .n_requests = n, .body = inbound_body, .path = rig_hook_path(),
				 .headers = "" }, &l);
	gateway_wait(r->g, "everything handled", "SELECT NOT EXISTS (SELECT 1 FROM inbound WHERE state = 'received')", 120000);
	double took = rig_now_s() - began;
	load_rows(b, "hook", &l, (struct figure){ .peer = "6,500-8,000/s", .peer_value = 7250, .aim = "8,000/s", .aim_value = 8000 });
	cpu = proc_family_cpu_s(r->g->core, web) - cpu;
	report_add(&b->report, (struct figure){ "hook", "CPU of core and web", "s/1,000", cpu * 1000 / n, .peer = NULL });
	report_add(&b->report, (struct figure){ "hook", "handled to the end", "/s", (double)l.n_good / took, .peer = NULL });
	rig_free(r);
}

/* ---- USSD ---- */

#define SESSIONS 128

/* A session a connection: three screens and a complaint, then another telephone's. */
struct callers {
	int step[SESSIONS], session[SESSIONS];
};

static int ussd_request(void *arg, int connection, struct buffer *out)
{
	static const char *const inputs[] = { "", "3", "3*4", "3*4*duong thon 5 hong" };
	struct callers *c = arg;
	char body[300];
	int step = c->step[connection];
	int n = snprintf(body, sizeof(body), "sessionId=s-%d-%d&serviceCode=*123%%23&phoneNumber=%%2B84%d&text=%s", connection, c->session[connection],
			 900000000 + connection * 1000 + c->session[connection] % 1000, inputs[step]);
	if (buffer_printf(out, "POST %s HTTP/1.1\r\nHost: bench\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", rig_ussd_path(), n, body))
		fail_msg("out of memory");
	c->step[connection] = (step + 1) % (int)COUNT_OF(inputs);
	c->session[connection] += step + 1 == (int)COUNT_OF(inputs);
	return step == 3;
}

void serving_ussd(struct bench *b)
{
	static struct callers callers;
	static const char *const web[] = { "caunoi-web", NULL };
	int n = bench_size(b, 40000);
	struct rig *r = rig_new(API, false);
	struct load_result l;
	report_say(&b->report, "ussd: %d screens of %d sessions at once, every fourth opens a case; durable before each answer", n, SESSIONS);
	double cpu = proc_family_cpu_s(r->g->core, web);
	run_load(&(struct load){ .port = r->port, .n_connections = SESSIONS, .n_requests = n, .request = ussd_request, .arg = &callers }, &l);
	cpu = proc_family_cpu_s(r->g->core, web) - cpu;
	report_add(&b->report, (struct figure){ "ussd", "answered", "/s", l.per_second, .peer = NULL });
	report_add(&b->report, (struct figure){ "ussd", "p50", "ms", l.p50_ms, .peer = NULL });
	report_add(&b->report, (struct figure){ "ussd", "p99", "ms", l.p99_ms, .peer = NULL, .aim = "<= 1000 ms", .aim_value = 1000 });
	report_add(&b->report, (struct figure){ "ussd", "worst", "ms", l.worst_ms, .peer = NULL });
	report_add(&b->report, (struct figure){ "ussd", "CPU of core and web", "s/1,000", cpu * 1000 / n, .peer = NULL });
	int64_t opened = gateway_scalar(r->g, "SELECT count(*) FROM case_event WHERE what = 'received'");
	if (l.n_bad || opened != l.kinds[1].n_good)
		report_say(&b->report, "  %ld screens were refused; %lld cases, %ld complaints", l.n_bad, (long long)opened, l.kinds[1].n_good);
	rig_free(r);
}

/* ---- one message at a time ---- */

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return x < y ? -1 : x > y;
}

/* asked[i] becomes how long message i took to the wire. */
static int read_delays(const struct wire *w, int64_t asked[IDLE_MESSAGES])
{
	OWN(file) FILE *f = fopen(w->journal, "r");
	char line[4096];
	int n = 0;
	while (f && fgets(line, sizeof(line), f)) {
		const char *at = strstr(line, "\"at_ms\":"), *text = strstr(line, "\"tin so ");
		long i = text ? strtol(text + 8, NULL, 10) : -1;
		if (!at || i < 0 || i >= IDLE_MESSAGES)
			continue;
		asked[i] = strtoll(at + 8, NULL, 10) - asked[i];
		n++;
	}
	return n;
}

static double call_ms(struct rig *r)
{
	double best = 1e9;
	for (int i = 0; i < 10; i++) {
		OWN(mem) char *out = NULL;
		double began = rig_now_s();
		if (gateway_program(r->g, "caunoi", (const char *[]){ "--config", r->g->config, "status", NULL }, NULL, &out))
			fail_msg("caunoi status failed");
		double took = (rig_now_s() - began) * 1000;
		best = took < best ? took : best;
	}
	return best;
}

void serving_idle(struct bench *b)
{
	int64_t asked[IDLE_MESSAGES];
	struct rig *r = rig_new(API, false);
	report_say(&b->report, "idle: an idle gateway, and %d single messages on it", IDLE_MESSAGES);
	gateway_pause_ms(2000);
	double cpu = proc_family_cpu_s(r->g->core, NULL), began = rig_now_s();
	gateway_pause_ms(b->quick ? 2000 : IDLE_S * 1000);
	cpu = (proc_family_cpu_s(r->g->core, NULL) - cpu) / (rig_now_s() - began) * 100;
	struct wire w = rig_wire(&r->g->api);
	for (int i = 0; i < IDLE_MESSAGES; i++) {
		char to[32], text[64];
		snprintf(to, sizeof(to), "0%d", 900000000 + i);
		snprintf(text, sizeof(text), "tin so %d cua can bo", i);
		asked[i] = now_ms();
		json_decref(gateway_do(r->g, "message.send", json_pack("{s:s,s:s}", "to", to, "text", text)));
		gateway_pause_ms(20 + i % 7 * 10);
	}
	int n = rig_wait_wire(&r->g->api, &w, IDLE_MESSAGES, 10000) ? read_delays(&w, asked) : 0;
	if (n != IDLE_MESSAGES)
		fail_msg("%d of %d single messages left", n, IDLE_MESSAGES);
	qsort(asked, IDLE_MESSAGES, sizeof(asked[0]), by_size);
	report_add(&b->report, (struct figure){ "idle", "asked -> on the wire p50", "ms", (double)asked[IDLE_MESSAGES / 2], .peer = NULL });
	report_add(&b->report, (struct figure){ "idle", "asked -> on the wire p99", "ms", (double)asked[IDLE_MESSAGES * 99 / 100], .aim = "<= 20 ms",
						.aim_value = 20 });
	report_add(&b->report, (struct figure){ "idle", "a call of caunoi, the best of ten", "ms", call_ms(r), .aim = "<= 15 ms", .aim_value = 15 });
	report_add(&b->report, (struct figure){ "idle", "CPU of all processes", "%", cpu, .aim = "< 0.5 %", .aim_value = 0.5 });
	rig_free(r);
}
