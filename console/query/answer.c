/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers queries. Called by the server, one query at a time. Every read transaction is begun, bounded and ended here; when
 * answer_query returns no statement stands open, so that the gate holds. Never writes. */
#include "console/query/answer.h"

#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "gateway/base/json.h"
#include "gateway/base/seal.h"
#include "gateway/caller.h"
#include "gateway/status.h"
#include "gateway/store/store.h"
#include "gateway/ticket.h"

#define READ_LIMIT_MS 1000
#define ROWS_BYTES (FRAME_BYTES_MAX - 1024)

static int status_of(int err)
{
	switch ((enum err)err) {
	case E_OK: return 200;
	case E_INVALID: return 422;
	case E_NOT_FOUND: return 404;
	case E_EXISTS:
	case E_REFUSED: return 409;
	case E_TOO_BIG: return 413;
	case E_UNAVAILABLE:
	case E_AGAIN: return 503;
	case E_DENIED: return 403;
	case E_NOMEM:
	case E_IO:
	case E_CORRUPT:
	case E_NEWER:
	case E_PROTOCOL:
	case E_CONFIG:
	case E_UNDO:
	case E_UNKNOWN:
	case E_BROKEN: return 500;
	}
	return 500;
}

static const char *rule_of(int err)
{
	switch (status_of(err)) {
	case 403: return "denied";
	case 404: return "not_found";
	case 409: return "refused";
	case 413: return "too_big";
	case 422: return "invalid";
	case 503: return "unavailable";
	}
	return "failed";
}

static json_t *id_of(const json_t *frame)
{
	json_t *id = json_object_get(frame, "id");
	return id ? json_incref(id) : json_null();
}

static json_t *refusal_json(const json_t *frame, int err, const struct refusal *why)
{
	json_t *error = json_pack("{s:s,s:i,s:s,s:O?,s:s}", "rule", why->rule[0] ? why->rule : rule_of(err), "status",
				  why->status ? why->status : status_of(err), "field", why->field, "args", why->args, "text",
				  why->text[0] ? why->text : err_text(err));
	return json_pack("{s:s,s:o,s:b,s:o}", "op", "reply", "id", id_of(frame), "ok", 0, "error", error);
}

/* ---- tickets ---- */

static bool ticket_used(struct used_tickets *u, const uint8_t digest[32], int64_t now_ms)
{
	for (size_t i = 0; i < USED_TICKETS; i++)
		if (u->until[i] > now_ms && memcmp(u->digest[i], digest, 32) == 0)
			return true;
	return false;
}

/* E_UNAVAILABLE when too many are remembered: better wait than serve one twice. */
static int ticket_remember(struct used_tickets *u, const uint8_t digest[32], int64_t until, int64_t now_ms)
{
	for (size_t i = 0; i < USED_TICKETS; i++)
		if (u->until[i] <= now_ms) {
			memcpy(u->digest[i], digest, 32);
			u->until[i] = until;
			return 0;
		}
	return E_UNAVAILABLE;
}

static int take_ticket(struct answerer *a, const char *text, const struct caller *who, struct ticket *ret, struct refusal *why)
{
	uint8_t digest[32];
	seal_digest(text, strlen(text), digest);
	struct ticket k = { 0 };
	int r = ticket_used(&a->used, digest, a->now.now_ms) ? E_DENIED : ticket_find(&a->now, digest, &k);
	if (!r && strcmp(k.actor, who->actor) != 0)
		r = E_DENIED;
	if (!r)
		r = ticket_remember(&a->used, digest, k.expires_at, a->now.now_ms);
	if (r) {
		ticket_done(&k);
		return r == E_DENIED ? refuse(why, r, 403, "ticket", "ticket", "The ticket is not valid, or was used.") : r;
	}
	*ret = k;
	return 0;
}

/* ---- one query ---- */

struct query {
	struct caller who;
	const struct verb *verb;
	json_t *args;
	json_t *result;
	int64_t next;
	const char *session; /* in the frame */
	struct refusal why;
	int64_t as_of_ms; /* when the core last wrote what is read; 0 = not asked */
};

static void query_done(struct query *q)
{
	json_decref(q->args);
	json_decref(q->result);
	refusal_done(&q->why);
}

static int choose(struct answerer *a, const json_t *frame, struct query *q)
{
	const char *text = json_str(frame, "ticket", NULL);
	struct ticket k = { 0 };
	int r = text ? take_ticket(a, text, &q->who, &k, &q->why) : 0;
	if (r)
		return r;
	const struct verb *v = registry_find_dotted(a->registry, text ? k.verb : json_str(frame, "verb", ""));
	enum verb_kind wanted = text ? VERB_DISCLOSURE : v && v->remote ? VERB_LOCAL : VERB_QUERY;
	if (!v || v->kind != wanted || !v->query)
		r = refuse(&q->why, E_NOT_FOUND, 404, "unknown_verb", "verb", "There is no such query.");
	else
		r = caller_may(&a->now, &q->who, v, &q->why);
	r = r ? r : verb_check(v, text ? k.args : json_object_get(frame, "args"), &a->now.config->plan, &q->args, &q->why);
	q->verb = v;
	ticket_done(&k);
	return r;
}

static int run_once(struct answerer *a, struct query *q)
{
	struct call c = { .verb = q->verb, .args = q->args, .actor = q->who.actor, .role = q->who.role, .unit = q->who.unit,
			  .session = q->session };
	json_decref(q->result);
	q->result = NULL;
	q->next = 0;
	return q->verb->query(&a->now, &c, &q->result, &q->next, &q->why);
}

static json_t *rows_frame(const json_t *frame, const struct query *q, int64_t now_ms)
{
	json_t *rows = json_is_array(q->result) ? json_incref(q->result) : json_pack("[O]", q->result);
	json_t *out = json_pack("{s:s,s:o,s:o,s:b,s:o}", "op", "rows", "id", id_of(frame), "rows", rows, "more", q->next != 0, "next",
				q->next ? json_integer(q->next) : json_null());
	if (!out || !q->as_of_ms)
		return out;
	int64_t stale_ms = now_ms > q->as_of_ms ? now_ms - q->as_of_ms : 0;
	if (json_set_int(out, "as_of_ms", q->as_of_ms) || json_set_int(out, "stale_ms", stale_ms)) {
		json_decref(out);
		return NULL;
	}
	return out;
}

/* A page that does not fit into a frame is read again with half as many rows. */
static int run(struct answerer *a, struct query *q)
{
	int r = run_once(a, q);
	int64_t limit = json_int(q->args, "limit", 0);
	while (!r && json_dumpb(q->result, NULL, 0, JSON_COMPACT) > ROWS_BYTES) {
		if (!q->verb->list || limit < 2)
			return refuse(&q->why, E_TOO_BIG, 413, "too_big", "", "The answer is too big for one frame.");
		limit /= 2;
		if (json_set_int(q->args, "limit", limit))
			return E_NOMEM;
		r = run_once(a, q);
	}
	return r;
}

/* A session that has ended since is ended at once, however far the replica is behind. */
static int find_caller(struct answerer *a, uid_t uid, bool is_web, struct query *q)
{
	struct scope own = a->now;
	own.db = a->in->db;
	if (a->now.db == own.db)
		return caller_find(&own, uid, is_web, q->session, &q->who, &q->why);
	store_limit_ms(own.db, READ_LIMIT_MS);
	int r = store_begin(own.db);
	if (!r)
		r = caller_find(&own, uid, is_web, q->session, &q->who, &q->why);
	store_limit_ms(own.db, 0);
	store_quiet(own.db);
	return r == E_UNAVAILABLE && store_away(own.db) ? caller_find(&a->now, uid, is_web, q->session, &q->who, &q->why) : r;
}

static int answer(struct answerer *a, uid_t uid, bool is_web, const json_t *frame, struct query *q)
{
	q->session = json_str(frame, "session", NULL);
	int r = find_caller(a, uid, is_web, q);
	if (!r)
		r = choose(a, frame, q);
	return r ? r : run(a, q);
}

/* ---- what is read ---- */

static int begin_on(struct answerer *a, struct store *db)
{
	a->now = *a->in;
	a->now.db = db;
	store_limit_ms(db, READ_LIMIT_MS);
	return store_begin(db);
}

static void end(struct answerer *a)
{
	store_limit_ms(a->now.db, 0);
	store_quiet(a->now.db);
}

/* A ticket was written a moment ago: only the store itself is sure to know it. */
static int begin(struct answerer *a, const json_t *frame, struct query *q)
{
	int64_t most_ms = (int64_t)a->in->config->replica_max_age_s * 1000;
	if (a->replica && !json_object_get(frame, "ticket")) {
		int r = begin_on(a, a->replica);
		if (!r)
			r = status_tick_ms(&a->now, &q->as_of_ms);
		if (!r && a->now.now_ms - q->as_of_ms <= most_ms)
			return 0;
		end(a);
	}
	int r = begin_on(a, a->in->db);
	return r || !a->replica ? r : status_tick_ms(&a->now, &q->as_of_ms);
}

/* Without the database only the machine's own people can be known, and only the core's word can be told. */
static int without_store(struct answerer *a, uid_t uid, bool is_web, const json_t *frame, struct query *q)
{
	bool own = !is_web && (uid == 0 || uid == geteuid());
	if (own && !strcmp(json_str(frame, "verb", ""), "status"))
		return status_without_store(&a->now, &q->result);
	return refuse(&q->why, E_UNAVAILABLE, 503, "unavailable", "", "The database cannot be reached now; try again.");
}

json_t *answer_query(struct answerer *a, uid_t uid, bool is_web, const json_t *frame)
{
	struct query q = { 0 };
	int r = begin(a, frame, &q);
	if (!r)
		r = answer(a, uid, is_web, frame, &q);
	else if (r == E_UNAVAILABLE && store_away(a->in->db))
		r = without_store(a, uid, is_web, frame, &q);
	end(a);
	if (!r && !q.result)
		r = E_NOMEM;
	if (r == E_UNAVAILABLE && !q.why.rule[0])
		refuse(&q.why, r, 503, "too_long", "", "The query took too long; narrow it down, or try again.");
	json_t *out = r ? refusal_json(frame, r, &q.why) : rows_frame(frame, &q, a->in->now_ms);
	snprintf(a->attempt, sizeof(a->attempt), "%s", r ? q.why.attempt : "");
	a->asked = q.verb;
	a->audited = !r && q.verb && q.verb->audited ? q.verb : NULL;
	snprintf(a->actor, sizeof(a->actor), "%s", q.who.actor);
	query_done(&q);
	return out;
}
