/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fifty people at their desks at once, on a hundred thousand cases and beside a campaign: how long lists, cases and answers take, and
 * what the campaign loses by it. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/base/seal.h"
#include "tests/bench/desk.h"
#include "tests/bench/load.h"
#include "tests/bench/proc.h"
#include "tests/bench/rig.h"

#define CASES 100000
#define PEOPLE 20000
#define COMMUNES 37 /* shares no factor with what else depends on a case's number */
#define USERS 50
#define THINK_MS 1000
#define ALONE_S 12
#define TOGETHER_S 25
#define RATE 400 /* messages a second: eight times what a provider grants */
#define OWN_CASES 64
#define CHANNELS "{ name = \"may-ao\"; driver = \"loopback\"; rate_per_second = 400; delivery_ms = 200; }"

enum kind { KIND_CASES, KIND_STATE, KIND_TOPIC, KIND_UNIT, KIND_OVERDUE, KIND_MINE, KIND_WORDS, KIND_RARE, KIND_INBOX, KIND_CAMPAIGNS, KIND_TODAY, KIND_CASE, KIND_NOTE,
	    KIND_REPLY, KIND_COUNT };
static const char *const kind_names[KIND_COUNT] = {
	[KIND_CASES] = "cases, newest first",
	[KIND_STATE] = "cases of a state",
	[KIND_TOPIC] = "cases of a topic",
	[KIND_UNIT] = "cases of a unit",
	[KIND_OVERDUE] = "cases past their day",
	[KIND_MINE] = "cases of one person",
	[KIND_WORDS] = "search for words that many wrote",
	[KIND_RARE] = "search for words that nobody wrote",
	[KIND_INBOX] = "inbox",
	[KIND_CAMPAIGNS] = "campaigns",
	[KIND_TODAY] = "the figures of today",
	[KIND_CASE] = "a case",
	[KIND_NOTE] = "a note",
	[KIND_REPLY] = "an answer",
};

struct user {
	char cookie[128], csrf[64]; /* lines of a head */
	char unit[DESK_UNIT_BYTES];
	const char *role;
	int64_t cases[OWN_CASES]; /* open ones that this person alone works at */
	int n_cases, n_replied;
	unsigned dice;
};
struct desk {
	struct rig *rig;
	struct user users[USERS];
	struct load load;
	struct load_result result;
	atomic_bool stop;
	int err;
};

/* ---- who works here ---- */

/* Every fourth commune lies in the second. */
static const char *const provinces[] = { "08", "48" };

static void units(struct rig *r)
{
	for (size_t i = 0; i < COUNT_OF(provinces); i++)
		json_decref(gateway_do(r->g, "unit.add", json_pack("{s:s,s:s}", "code", provinces[i], "name", provinces[i])));
	for (int i = 0; i < COMMUNES; i++) {
		char code[16], name[16];
		snprintf(code, sizeof(code), "%05d", 2200 + 3 * i);
		snprintf(name, sizeof(name), "Xa %d", i + 1);
		json_decref(gateway_do(r->g, "unit.add", json_pack("{s:s,s:s,s:s}", "code", code, "name", name, "parent", provinces[i % 4 == 3])));
	}
}

/* 30 review (20 in a commune, 8 in a province, 2 in both), 10 do outreach, 4 approve, 6 are secretaries of a province. */
static void role_of(struct store *db, int i, struct user *u)
{
	char commune[DESK_UNIT_BYTES];
	u->role = i < 30 ? "reviewer" : i < 40 ? "outreach" : i < 44 ? "approver" : "secretary";
	desk_commune(db, i < 20 ? i : 4 * (i - 20) + 3 * (i % 2), commune);
	if (i < 20)
		snprintf(u->unit, sizeof(u->unit), "%s", commune);
	else if (i < 28 || i >= 44)
		snprintf(u->unit, sizeof(u->unit), "%s", provinces[i % 2]);
	if (i < 30)
		u->n_cases = desk_open_cases(db, commune, i < 20 ? 0 : OWN_CASES, OWN_CASES, u->cases);
	u->dice = (unsigned)i * 2654435761u + 1;
}

static void log_in(struct rig *r, int i, struct user *u)
{
	char name[16], text[320];
	uint8_t digest[32];
	snprintf(name, sizeof(name), "can-bo-%d", i);
	json_decref(gateway_do(r->g, "user.add", json_pack("{s:s,s:s,s:s,s:s}", "name", name, "role", u->role, "unit", u->unit, "password", "mot-mat-khau-that-dai-2026")));
	OWN(json) json_t *token = gateway_do(r->g, "token.add", json_pack("{s:s,s:s}", "user", name, "scopes", "login"));
	OWN(json) json_t *opened = gateway_do(r->g, "session.open", json_pack("{s:s}", "token", json_str(token, "token", "")));
	const char *session = json_str(opened, "session", "");
	snprintf(u->cookie, sizeof(u->cookie), "Cookie: __Host-caunoi=%s\r\n", session);
	snprintf(text, sizeof(text), "csrf:%s", session);
	seal_digest(text, strlen(text), digest);
	int at = snprintf(u->csrf, sizeof(u->csrf), "X-CSRF-Token: ");
	for (int k = 0; k < 16; k++)
		at += snprintf(u->csrf + at, sizeof(u->csrf) - (size_t)at, "%02x", digest[k]);
	snprintf(u->csrf + at, sizeof(u->csrf) - (size_t)at, "\r\n");
}

static void fill(struct desk *d, int n)
{
	struct gateway *g = d->rig->g;
	struct store *db = NULL;
	struct complaint c = { 0 };
	gateway_stop(g);
	if (store_open(g->engine.uri, g->data, STORE_READ_WRITE, &db, &c))
		fail_msg("the database cannot be opened: %s", c.text);
	desk_fill(db, n);
	for (int i = 0; i < USERS; i++)
		role_of(db, i, &d->users[i]);
	store_close(db);
	gateway_start(g);
	for (int i = 0; i < USERS; i++)
		log_in(d->rig, i, &d->users[i]);
}

/* ---- what they ask ---- */

static unsigned roll(struct user *u, unsigned n)
{
	u->dice = u->dice * 1664525u + 1013904223u;
	return (u->dice >> 8) % n;
}

/* What somebody of this role looks at, some things more often than others. */
static enum kind choose(struct user *u)
{
	static const enum kind reviews[] = { KIND_CASES, KIND_CASES, KIND_STATE, KIND_STATE, KIND_TOPIC, KIND_UNIT, KIND_OVERDUE, KIND_OVERDUE, KIND_MINE, KIND_WORDS, KIND_RARE,
					     KIND_INBOX, KIND_TODAY, KIND_TODAY, KIND_CASE, KIND_CASE, KIND_CASE, KIND_CASE, KIND_NOTE, KIND_REPLY };
	static const enum kind sends[] = { KIND_CAMPAIGNS, KIND_CAMPAIGNS, KIND_TODAY, KIND_INBOX }, approves[] = { KIND_CAMPAIGNS, KIND_TODAY },
			       keeps[] = { KIND_CASES, KIND_TOPIC, KIND_UNIT, KIND_OVERDUE, KIND_WORDS, KIND_RARE, KIND_TODAY, KIND_INBOX };
	switch (u->role[0]) {
	case 'r': return reviews[roll(u, COUNT_OF(reviews))];
	case 'o': return sends[roll(u, COUNT_OF(sends))];
	case 'a': return approves[roll(u, COUNT_OF(approves))];
	}
	return keeps[roll(u, COUNT_OF(keeps))];
}

static void path_of(struct user *u, enum kind *kind, char path[200])
{
#define LIST "/api/v1/case?newest=true&limit=50&brief=true"
	static const char *const states[] = { "received", "triaged", "forwarded", "verifying", "closed" }, *const topics[] = { "BHYT", "HATANG", "NHAO", "QUY", "NOXH" },
			  *const words[] = { "%C4%91%C6%B0%E1%BB%9Dng%20th%C3%B4n", "duong%20thon", "nuoc%20gieng", "th%E1%BA%BB%20b%E1%BA%A3o%20hi%E1%BB%83m" };
	static const char *const fixed[KIND_COUNT] = { [KIND_CASES] = LIST, [KIND_OVERDUE] = LIST "&overdue=true", [KIND_MINE] = LIST "&assigned=can-bo-1",
						       [KIND_RARE] = LIST "&search=may%20bay%20truc%20thang", [KIND_INBOX] = "/api/v1/inbox?newest=true&limit=50",
						       [KIND_CAMPAIGNS] = "/api/v1/campaign?limit=50", [KIND_TODAY] = "/api/v1/status" };
	if ((*kind == KIND_CASE || *kind == KIND_NOTE || *kind == KIND_REPLY) && !u->n_cases)
		*kind = KIND_CASES;
	if (*kind == KIND_REPLY && u->n_replied == u->n_cases)
		*kind = KIND_NOTE;
	long long id = u->n_cases ? (long long)u->cases[*kind == KIND_REPLY ? (unsigned)u->n_replied++ : roll(u, (unsigned)u->n_cases)] : 0;
	if (fixed[*kind])
		snprintf(path, 200, "%s", fixed[*kind]);
	else if (*kind == KIND_STATE)
		snprintf(path, 200, LIST "&state=%s", states[roll(u, COUNT_OF(states))]);
	else if (*kind == KIND_TOPIC)
		snprintf(path, 200, LIST "&topic=%s", topics[roll(u, COUNT_OF(topics))]);
	else if (*kind == KIND_UNIT)
		snprintf(path, 200, LIST "&unit=%05d", 2200 + 3 * (int)roll(u, COMMUNES));
	else if (*kind == KIND_WORDS)
		snprintf(path, 200, LIST "&search=%s", words[roll(u, COUNT_OF(words))]);
	else
		snprintf(path, 200, "/api/v1/case/%lld%s", id, *kind == KIND_NOTE ? "/note" : *kind == KIND_REPLY ? "/reply" : "");
#undef LIST
}

static int request(void *arg, int connection, struct buffer *out)
{
	struct desk *d = arg;
	struct user *u = &d->users[connection];
	enum kind kind = choose(u);
	char path[200];
	path_of(u, &kind, path);
	bool writes = kind == KIND_NOTE || kind == KIND_REPLY;
	const char *body = kind == KIND_NOTE ? "{\"text\":\"đã gọi lại, hẹn tuần sau\"}" : kind == KIND_REPLY ? "{\"text\":\"Xa da giao thon sua truoc ngay 30.\"}" : "";
	int r = buffer_printf(out, "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s", writes ? "POST" : "GET", path, d->rig->port, u->cookie);
	if (!r && writes)
		r = buffer_printf(out, "Origin: http://127.0.0.1:%d\r\nContent-Type: application/json\r\n%sContent-Length: %zu\r\n", d->rig->port, u->csrf, strlen(body));
	if (r || buffer_printf(out, "\r\n%s", body))
		fail_msg("out of memory");
	return (int)kind;
}

/* ---- the campaign, and both ---- */

static int64_t gone(struct rig *r, int64_t campaign)
{
	OWN(json) json_t *row = gateway_row(r->g, "campaign.show", json_pack("{s:I}", "id", (json_int_t)campaign));
	const json_t *counts = json_object_get(row, "counts");
	return json_int(counts, "sent", 0) + json_int(counts, "delivered", 0) + json_int(counts, "sending", 0);
}

static double rate_for(struct rig *r, int64_t campaign, int seconds)
{
	int64_t before = gone(r, campaign);
	double began = rig_now_s();
	gateway_pause_ms(seconds * 1000);
	return (double)(gone(r, campaign) - before) / (rig_now_s() - began);
}

static void *load_main(void *arg)
{
	struct desk *d = arg;
	d->err = load_run(&d->load, &d->result);
	return NULL;
}

static double work_beside(struct desk *d, int64_t campaign, int seconds)
{
	pthread_t thread;
	atomic_init(&d->stop, false);
	d->load = (struct load){ .port = d->rig->port, .n_connections = USERS, .pause_ms = THINK_MS, .stop = &d->stop, .request = request, .arg = d };
	if (pthread_create(&thread, NULL, load_main, d))
		fail_msg("no thread");
	double rate = rate_for(d->rig, campaign, seconds);
	atomic_store(&d->stop, true);
	pthread_join(thread, NULL);
	if (d->err)
		fprintf(stderr, "bench: the load broke off: %s\n", err_text(d->err));
	return rate;
}

static void kinds(struct bench *b, const struct desk *d)
{
	report_say(&b->report, "  %-34s %8s %8s %8s %8s", "ms", "p50", "p95", "p99", "times");
	for (int i = 0; i < KIND_COUNT; i++) {
		const struct load_kind *k = &d->result.kinds[i];
		report_say(&b->report, "  %-34s %8.1f %8.1f %8.1f %8ld%s", kind_names[i], k->p50_ms, k->p95_ms, k->p99_ms, k->n_good + k->n_bad, k->n_bad ? "  some refused:" : "");
		if (k->n_bad)
			report_say(&b->report, "    %ld, the first with %d", k->n_bad, k->first_bad);
	}
	for (int i = 0; i <= KIND_TODAY; i++)
		report_add(&b->report, (struct figure){ "desk", kind_names[i], "ms at p95", d->result.kinds[i].p95_ms, .aim = "<= 300 ms", .aim_value = 300 });
}

static void memory(struct bench *b, const struct rig *r)
{
	struct proc family[PROC_FAMILY_MAX];
	size_t n = proc_family(r->g->core, family);
	for (size_t i = 0; i < n; i++)
		if (!strcmp(family[i].name, "caunoi-query") || !strcmp(family[i].name, "caunoi-web"))
			report_add(&b->report, (struct figure){ "desk", !strcmp(family[i].name, "caunoi-web") ? "memory of caunoi-web (PSS)" : "memory of caunoi-query (PSS)",
								"MiB", proc_pss_mib(family[i].pid), .aim = "<= 16 MiB", .aim_value = 16 });
}

/* What the query process computes for one answer: a figure that other work on the machine does not change much. */
static double query_cpu_s(const struct rig *r)
{
	static const char *const name[] = { "caunoi-query", NULL };
	return proc_family_cpu_s(r->g->core, name) - proc_cpu_s(r->g->core);
}

void desk_run(struct bench *b)
{
	int cases = bench_size(b, CASES);
	OWN(mem) struct desk *d = calloc(1, sizeof(*d));
	if (!d)
		fail_msg("out of memory");
	d->rig = rig_new(CHANNELS, false);
	report_say(&b->report, "desk: %d people at work on %d cases, each asks something every %d ms, beside a campaign", USERS, cases, THINK_MS);
	rig_people(d->rig, "a", 0, PEOPLE, NULL);
	units(d->rig);
	double began = rig_now_s();
	fill(d, cases);
	report_say(&b->report, "  (filled in %.0f s)", rig_now_s() - began);
	int64_t campaign = gateway_campaign(d->rig->g, "a", "may-ao", "Ho {{name}}: the BHYT het han 30/11, gia han tai diem thu xa. Tu choi: TC", PEOPLE);
	gateway_pause_ms(3000);
	double alone = rate_for(d->rig, campaign, b->quick ? 3 : ALONE_S), cpu_s = query_cpu_s(d->rig);
	double beside = work_beside(d, campaign, b->quick ? 10 : TOGETHER_S);
	cpu_s = query_cpu_s(d->rig) - cpu_s;
	kinds(b, d);
	report_add(&b->report, (struct figure){ "desk", "CPU of caunoi-query an answer", "ms", cpu_s * 1000 / (double)(d->result.n_good + d->result.n_bad), .peer = NULL });
	report_add(&b->report, (struct figure){ "desk", "campaign beside nobody", "/s", alone, .aim = "as configured", .aim_value = RATE });
	report_add(&b->report, (struct figure){ "desk", "campaign beside fifty", "of it", alone > 0 ? beside / alone : 0, .aim = ">= 0.9", .aim_value = 0.9 });
	memory(b, d->rig);
	rig_free(d->rig);
}

void desk_postgresql(struct bench *b)
{
	database_on_server(b, desk_run);
}
