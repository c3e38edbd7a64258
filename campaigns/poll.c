/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Questions of campaigns. Called by campaign new, and by main.c's intake in front of the handlers; never reads an answer. */
#include "campaigns/poll.h"

#include <stdio.h>
#include <string.h>

#include "config/script.h"
#include "gateway/base/json.h"
#include "gateway/question.h"
#include "gateway/store/store.h"

#define ASKED_MS (INT64_C(7) * 24 * 3600000)
#define CHANGE_MS (INT64_C(24) * 3600000)

enum { POLL_NEW, POLL_OF, POLL_SQL_COUNT };
static const char *const poll_sql[POLL_SQL_COUNT] = {
	[POLL_NEW] = "INSERT INTO survey (campaign, name, anonymous, script, created_at) VALUES ($campaign, $name, $anonymous, $script, $now)",
	[POLL_OF] = "SELECT s.id, s.script, v.first_at, c.topic FROM survey s JOIN campaign c ON c.id = s.campaign"
		    " LEFT JOIN survey_voter v ON v.survey = s.id AND v.address = $address WHERE s.campaign = $campaign",
};
const struct sql_module poll_module = { "poll", poll_sql, POLL_SQL_COUNT };

int poll_attach(struct tick *t, const struct call *c, int64_t campaign, struct refusal *why)
{
	const char *text = json_str(c->args, "survey", "");
	OWN(json) json_t *script = NULL;
	struct complaint bad = { 0 };
	if (!*text)
		return 0;
	int r = script_parse(text, &script, &bad);
	if (r == E_INVALID)
		return refuse(why, r, 422, bad.rule, "survey", "line %d: %s", bad.line, bad.text);
	OWN(mem) char *kept = r ? NULL : json_text(script);
	if (r || !kept)
		return r ? r : E_NOMEM;
	struct statement *st = store_prepare(t->in.db, &poll_module, POLL_NEW);
	bind_int(st, "$campaign", campaign);
	bind_text(st, "$name", json_str(script, "name", ""));
	bind_int(st, "$anonymous", json_flag(script, "anonymous", true));
	bind_text(st, "$script", kept);
	bind_int(st, "$now", t->in.now_ms);
	return store_run(st);
}

struct poll {
	int64_t id, voted_at; /* 0 = not yet */
	json_t *script;
	char topic[24];
};

/* E_NOT_FOUND: the campaign asks nothing. */
static int find(struct tick *t, int64_t campaign, int64_t address, struct poll *ret)
{
	struct statement *st = store_prepare(t->in.db, &poll_module, POLL_OF);
	bind_int(st, "$campaign", campaign);
	bind_int(st, "$address", address);
	int r = store_row(st);
	if (r > 0) {
		const char *script = column_text(st, 1), *topic = column_text(st, 3);
		*ret = (struct poll){ .id = column_int(st, 0), .voted_at = column_int(st, 2) };
		snprintf(ret->topic, sizeof(ret->topic), "%s", topic ? topic : "");
		r = json_parse(script, strlen(script), &ret->script) ? E_CORRUPT : 1;
	}
	store_reset(st);
	return r > 0 ? 0 : r == 0 ? E_NOT_FOUND : r;
}

/* Does a question of this survey stand open behind the newest, q? */
static int waits_behind(struct tick *t, const struct poll *p, const struct question *q, bool *ret)
{
	char own[40];
	int64_t id = q->id;
	bool found = false;
	snprintf(own, sizeof(own), "survey:%lld:", (long long)p->id);
	for (;;) {
		struct question older = { 0 };
		int r = question_older(&t->in, q->address, id, &older);
		if (r && r != E_NOT_FOUND)
			return r;
		id = older.id;
		found = !r && strncmp(older.subject, own, strlen(own)) == 0;
		question_done(&older);
		if (r || found)
			break;
	}
	*ret = found;
	return 0;
}

/* Something else that was asked goes first for who has voted, and where the survey waits; a survey under way goes on. */
static int is_open(struct tick *t, const struct poll *p, int64_t address, int64_t sent_at, bool *ret)
{
	struct question q = { 0 };
	int r = question_open(&t->in, address, &q);
	bool asked = r == 0, surveyed = asked && strncmp(q.subject, "survey:", 7) == 0;
	r = asked && !surveyed && !p->voted_at ? waits_behind(t, p, &q, &surveyed) : r;
	question_done(&q);
	if (r && r != E_NOT_FOUND)
		return r;
	*ret = p->voted_at ? !asked && t->in.now_ms < p->voted_at + CHANGE_MS : !surveyed && t->in.now_ms < sent_at + ASKED_MS;
	return 0;
}

static int ask(struct tick *t, const struct poll *p, int64_t address, int64_t sent_at)
{
	const json_t *step = script_step(p->script, "");
	char subject[64];
	int64_t id = 0;
	snprintf(subject, sizeof(subject), "survey:%lld:%.16s", (long long)p->id, json_str(step, "id", ""));
	return question_ask(t, address, json_str(step, "kind", ""), json_object_get(step, "options"), subject, p->topic[0] ? p->topic : NULL,
			    p->voted_at ? p->voted_at + CHANGE_MS : sent_at + ASKED_MS, &id);
}

int poll_invite(struct tick *t, const struct inbound *in, const struct response *found)
{
	struct poll p = { 0 };
	bool open = false;
	if (!found->campaign)
		return 0;
	int r = find(t, found->campaign, in->address, &p);
	r = r ? r : is_open(t, &p, in->address, found->sent_at, &open);
	if (!r && open)
		r = ask(t, &p, in->address, found->sent_at);
	json_decref(p.script);
	return r == E_NOT_FOUND ? 0 : r;
}
