/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages that come in by HTTP and go out again, ours beside Kannel's in one run: requests over the same 64 connections, and what is
 * counted leaves at the other end, a provider's API here and the SMSC there. */
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "gateway/base/own.h"
#include "tests/bench/load.h"
#include "tests/bench/rig.h"
#include "tests/support/kannel.h"

#define CONNECTIONS 64
#define LIMIT_MS 60000
#define SENDSMS "/cgi-bin/sendsms?username=" KANNEL_USER "&password=" KANNEL_PASSWORD "&from=8088&to=%2B84912345678&text=Moi+ba+con+du+hop"

struct smsc {
	int fd;
	atomic_bool stop;
	atomic_long n_lines;
	_Atomic double last_s;
};

/* Kannel waits for whoever does not read. */
static void *read_lines(void *arg)
{
	struct smsc *s = arg;
	char some[16384];
	while (!atomic_load(&s->stop)) {
		struct pollfd p = { .fd = s->fd, .events = POLLIN };
		ssize_t n = poll(&p, 1, 50) > 0 ? read(s->fd, some, sizeof(some)) : 0;
		long lines = 0;
		for (ssize_t i = 0; i < n; i++)
			lines += some[i] == '\n';
		if (lines)
			atomic_store(&s->last_s, rig_now_s());
		atomic_fetch_add(&s->n_lines, lines);
	}
	return NULL;
}

static void load(const struct load *l, const char *who, const struct bench *b)
{
	struct load_result result;
	if (load_run(l, &result))
		fail_msg("%s: the load broke off", l->path);
	if (result.n_bad)
		report_say(&b->report, "  %s refused %ld of %ld, the first with %d", who, result.n_bad, result.n_good + result.n_bad, result.first_bad);
}

/* From the first request to the last line at the SMSC. */
static double kannel_rate(const struct bench *b, const struct kannel *k, int n)
{
	struct smsc s = { .fd = k->smsc };
	pthread_t reader;
	if (pthread_create(&reader, NULL, read_lines, &s))
		fail_msg("no thread");
	double began = rig_now_s();
	load(&(struct load){ .port = k->ports[KANNEL_SENDSMS], .n_connections = CONNECTIONS, .n_requests = n, .path = SENDSMS, .headers = "" }, "Kannel", b);
	while (atomic_load(&s.n_lines) < n && rig_now_s() - began < LIMIT_MS / 1000.0)
		gateway_pause_ms(5);
	atomic_store(&s.stop, true);
	pthread_join(reader, NULL);
	return (double)atomic_load(&s.n_lines) / (atomic_load(&s.last_s) - began);
}

static double measure_kannel(const struct bench *b, int n)
{
	char dir[] = "/tmp/caunoi-bench-XXXXXX", path[64];
	struct kannel k;
	if (!mkdtemp(dir))
		fail_msg("no folder");
	kannel_init(&k);
	kannel_configure(&k, dir, "http://127.0.0.1:1/");
	kannel_start(&k);
	double rate = kannel_rate(b, &k, n);
	kannel_kill(&k);
	static const char *const files[] = { "kannel.conf", "store", "store.bak", "store.new" };
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, files[i]);
		unlink(path);
	}
	rmdir(dir);
	return rate;
}

static void message_body(void *arg, long i, struct buffer *out)
{
	(void)arg;
	if (buffer_printf(out, "{\"to\":\"0%ld\",\"text\":\"Moi ba con du hop\",\"channel\":\"api\"}", 900000000 + i))
		fail_msg("out of memory");
}

static double measure_ours(const struct bench *b, int n)
{
	struct rig *r = rig_new("{ name = \"api\"; driver = \"http\"; provider = \"sim\"; base_url = \"@API@\"; rate_per_second = 1000000; in_flight = 64; }",
				false);
	struct wire w = rig_wire(&r->g->api);
	rig_log_in(r);
	double began = rig_now_s();
	load(&(struct load){ .port = r->port, .n_connections = CONNECTIONS, .n_requests = n, .body = message_body, .path = "/api/v1/message",
			     .headers = r->token }, "ours", b);
	(void)rig_wait_wire(&r->g->api, &w, n, LIMIT_MS);
	double rate = (double)wire_read(&w).n / (rig_now_s() - began);
	rig_free(r);
	return rate;
}

void kannel_run(struct bench *b)
{
	int n = bench_size(b, 20000);
	report_say(&b->report, "kannel: %d messages by HTTP over %d connections, until the last has left", n, CONNECTIONS);
	double ours = measure_ours(b, n), kannel = kannel_is_there() ? measure_kannel(b, n) : 0;
	report_add(&b->report, (struct figure){ "kannel", "ours", "/s", ours, .peer = NULL });
	if (kannel <= 0) {
		report_say(&b->report, "  Kannel is not installed: nothing stands beside it");
		return;
	}
	report_add(&b->report, (struct figure){ "kannel", "Kannel", "/s", kannel, .peer = NULL });
	report_add(&b->report, (struct figure){ "kannel", "ours over Kannel's", "times", ours / kannel, .peer = NULL });
}
