/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Setting up and looking at the wire. Called by the measurements. */
#include "tests/bench/rig.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "gateway/base/json.h"
#include "tests/bench/proc.h"

#define HOOK_SECRET "duong-day-cua-phep-do-2026"
#define PASSWORD "mot-mat-khau-that-dai-2026"
#define JOB_MS 600000
#define LINE_BYTES 4096

int bench_size(const struct bench *b, int n)
{
	return b->quick ? (n + 9) / 10 : n;
}

double rig_now_s(void)
{
	return (double)gateway_mono_ms() / 1000.0;
}

const char *rig_hook_path(void)
{
	return "/hooks/api/" HOOK_SECRET "/inbound";
}

const char *rig_ussd_path(void)
{
	return "/ussd/main/" HOOK_SECRET;
}

/* ---- set up ---- */

static int free_port(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(fd, (struct sockaddr *)&at, n) || getsockname(fd, (struct sockaddr *)&at, &n))
		fail_msg("no free port");
	close(fd);
	return ntohs(at.sin_port);
}

static void put_secret(const struct gateway *g)
{
	char path[GATEWAY_PATH_MAX + 32];
	snprintf(path, sizeof(path), "%s/secrets", g->dir);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/secrets/api.hook", g->dir);
	OWN(file) FILE *f = fopen(path, "w");
	if (!f || fchmod(fileno(f), 0600) || fputs(HOOK_SECRET "\n", f) < 0)
		fail_msg("%s cannot be written", path);
}

static void preload(const struct gateway *g, bool on)
{
	char path[600];
	snprintf(path, sizeof(path), "%s/bench/slowdisk.so", g->build);
	if (on)
		setenv("LD_PRELOAD", path, 1);
	else
		unsetenv("LD_PRELOAD");
}

struct rig *rig_new(const char *channels, bool preload_slow_disk)
{
	struct rig *r = calloc(1, sizeof(*r));
	char more[256];
	if (!r)
		fail_msg("out of memory");
	r->port = free_port();
	snprintf(more, sizeof(more), "web = { listen = \"127.0.0.1:%d\"; requests_per_second = 0; };\n"
		 "ussd = ( { name = \"main\"; style = \"africastalking\"; webhook_secret = \"api.hook\"; } );", r->port);
	r->g = gateway_new(&(struct gateway_options){ .channels = channels, .more = more });
	put_secret(r->g);
	preload(r->g, preload_slow_disk);
	gateway_start(r->g);
	preload(r->g, false);
	return r;
}

void rig_free(struct rig *r)
{
	gateway_free(r->g);
	free(r);
}

void rig_log_in(struct rig *r)
{
	json_decref(gateway_do(r->g, "user.add", json_pack("{s:s,s:s,s:s}", "name", "may-do", "role", "operator", "password", PASSWORD)));
	OWN(json) json_t *token = gateway_do(r->g, "token.add", json_pack("{s:s}", "user", "may-do"));
	snprintf(r->token, sizeof(r->token), "Authorization: Bearer %s\r\n", json_str(token, "token", ""));
}

void rig_people(struct rig *r, const char *group, int first, int n, double *ret_s)
{
	OWN(buffer) struct buffer csv = { 0 };
	int e = buffer_puts(&csv, "sdt,ho ten,thon\n");
	for (int i = 0; !e && i < n; i++)
		e = buffer_printf(&csv, "0%d,Nguyen Van %d,Na Lang\n", 900000000 + first + i, i);
	if (e)
		fail_msg("out of memory");
	double began = rig_now_s();
	int64_t upload = gateway_upload(r->g, buffer_text(&csv), buffer_left(&csv));
	OWN(json) json_t *started = gateway_do(r->g, "contact.import", json_pack("{s:I,s:s,s:s}", "file", (json_int_t)upload, "group", group,
										 "basis", "bench"));
	OWN(json) json_t *job = gateway_wait_job(r->g, json_int(started, "job", 0), JOB_MS);
	if (strcmp(json_str(job, "state", ""), "done") != 0)
		fail_msg("the import is %s", json_str(job, "state", "?"));
	if (ret_s)
		*ret_s = rig_now_s() - began;
}

/* ---- the wire ---- */

struct wire rig_wire(const struct simapi *api)
{
	struct stat st;
	return (struct wire){ .journal = api->journal, .at = stat(api->journal, &st) ? 0 : (long)st.st_size };
}

/* {"at_ms":123,…: the first field of every line */
struct wire_figures wire_read(const struct wire *w)
{
	struct wire_figures f = { 0 };
	char line[LINE_BYTES];
	OWN(file) FILE *file = fopen(w->journal, "r");
	if (!file || fseek(file, w->at, SEEK_SET))
		return f;
	while (fgets(line, sizeof(line), file)) {
		const char *at = strstr(line, "\"at_ms\":");
		int64_t ms = at ? strtoll(at + 8, NULL, 10) : 0;
		f.first_ms = f.n ? f.first_ms : ms;
		f.last_ms = ms;
		f.n++;
	}
	if (f.last_ms > f.first_ms)
		f.per_second = (double)(f.n - 1) * 1000.0 / (double)(f.last_ms - f.first_ms);
	return f;
}

bool rig_wait_wire(const struct simapi *api, const struct wire *w, long n, int limit_ms)
{
	int64_t until = gateway_mono_ms() + limit_ms;
	OWN(file) FILE *file = fopen(api->journal, "r");
	char some[65536];
	long lines = 0;
	if (!file || fseek(file, w->at, SEEK_SET))
		return false;
	for (; gateway_mono_ms() < until; gateway_pause_ms(20)) {
		clearerr(file);
		for (size_t got; (got = fread(some, 1, sizeof(some), file)) > 0;)
			for (size_t i = 0; i < got; i++)
				lines += some[i] == '\n';
		if (lines >= n)
			return true;
	}
	return false;
}

void rig_start(struct rig *r, const char *group, const char *channel, bool one_text, int n)
{
	gateway_campaign(r->g, group, channel, one_text ? "The BHYT het han 30/11, gia han tai diem thu xa. Tu choi: TC" :
							  "Ho {{name}}: the BHYT het han 30/11, gia han tai diem thu xa. Tu choi: TC", n);
}

struct campaign_figures rig_campaign(struct rig *r, const char *group, const char *channel, const struct simapi *api, int n, int limit_ms)
{
	static const char *const drivers[] = { "caunoi-http", NULL };
	struct campaign_figures f = { 0 };
	struct wire w = rig_wire(api);
	double all = proc_family_cpu_s(r->g->core, drivers), core = proc_cpu_s(r->g->core);
	rig_start(r, group, channel, false, n);
	if (!rig_wait_wire(api, &w, n, limit_ms))
		fprintf(stderr, "bench: not all of %d messages were on the wire within %d ms\n", n, limit_ms);
	all = proc_family_cpu_s(r->g->core, drivers) - all;
	core = proc_cpu_s(r->g->core) - core;
	f.wire = wire_read(&w);
	f.cpu_s_per_1000 = f.wire.n ? all * 1000.0 / (double)f.wire.n : 0;
	f.core_cpu_s_per_1000 = f.wire.n ? core * 1000.0 / (double)f.wire.n : 0;
	return f;
}
