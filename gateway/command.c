/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames from the CLI, the web and the query process. Nobody asserts an actor: it follows from the peer's uid or from the session in the
 * frame. */
#include <stdlib.h>
#include <string.h>

#include "gateway/audit.h"
#include "gateway/base/json.h"
#include "gateway/base/log.h"
#include "gateway/base/mutant.h"
#include "gateway/caller.h"
#include "gateway/command_hook.h"
#include "gateway/command_key.h"
#include "gateway/command_reply.h"
#include "gateway/command_upload.h"
#include "gateway/core.h"
#include "gateway/gate.h"
#include "gateway/pending.h"
#include "gateway/supervisor.h"

/* Somebody who is not known yet: nothing but what anyone may ask, and the lowest role for what follows. */
static struct caller stranger(void)
{
	return (struct caller){ .actor = "nobody", .role = ROLE_AUDITOR };
}

static int caller_of(struct tick *t, const struct peer *p, const struct verb *v, const json_t *f, struct caller *ret, struct refusal *why)
{
	const char *session = json_str(f, "session", NULL);
	bool speaks_for_others = p->kind != PEER_CLIENT;
	if (speaks_for_others && !session && v && v->anyone) {
		*ret = stranger();
		return 0;
	}
	return caller_find(&t->in, p->uid, speaks_for_others, session, ret, why);
}

/* Whoever asked for what they may not know of is told that there is nothing; the audit keeps that they tried. */
static int note_attempt(struct tick *t, const struct peer *p, const json_t *f, const struct refusal *why)
{
	struct refusal unknown = { 0 };
	struct caller who = { 0 };
	const char *verb = json_str(f, "verb", "");
	if (!why->attempt[0] || MUTANT(TRY_UNSEEN))
		return 0;
	int r = caller_of(t, p, registry_find_dotted(t->core->wiring->registry, verb), f, &who, &unknown);
	refusal_done(&unknown);
	return r ? r : audit_put(t, who.actor, verb, why->attempt, AUDIT_ATTEMPT);
}

static int refuse_call(struct tick *t, const struct peer *p, const json_t *f, int err, const struct refusal *why)
{
	int r = note_attempt(t, p, f, why);
	return r ? r : command_reply_error(t, p->id, json_int(f, "id", 0), err, why);
}

/* What asks for more messages to leave waits while the disk is low; what people say and what stops messages goes on. */
static bool wants_disk(const struct verb *v)
{
	static const char *const nouns[] = { "message", "campaign", "contact", "group" };
	static const char *const stopping[] = { "pause", "cancel", "forget" };
	for (size_t i = 0; i < COUNT_OF(stopping); i++)
		if (!strcmp(v->name, stopping[i]))
			return false;
	for (size_t i = 0; i < COUNT_OF(nouns); i++)
		if (!strcmp(v->noun, nouns[i]))
			return true;
	return false;
}

static int check_call(struct tick *t, const struct peer *peer, const struct verb *v, const struct caller *who, struct refusal *why)
{
	if (!v || (v->kind != VERB_COMMAND && v->kind != VERB_DISCLOSURE))
		return refuse(why, E_NOT_FOUND, 404, "unknown_verb", "verb", "there is no such command");
	int r = caller_may(&t->in, who, v, why);
	if (r)
		return r;
	/* it names a file of this machine: for those who are on it */
	if (peer->kind == PEER_WEB && !strcmp(v->noun, "") && !strcmp(v->name, "backup"))
		return refuse(why, E_DENIED, 403, "local_only", "", "a backup is written by the command line of the machine itself");
	if (t->core->stopping)
		return refuse(why, E_UNAVAILABLE, 503, "stopping", "", "the gateway is stopping");
	if (t->core->low_disk && wants_disk(v))
		return refuse(why, E_UNAVAILABLE, 503, "disk_low", "", "the disk is almost full; free space first");
	return 0;
}

/* What the first result told of may have been hidden since. */
static int still_seen(struct tick *t, const struct call *c, const json_t *result, struct refusal *why)
{
	static const char *const kinds[][2] = { { "case", "case" }, { "inbox", "inbound" }, { "message", "message" } };
	char subject[40];
	size_t i = 0;
	while (i < COUNT_OF(kinds) && strcmp(c->verb->noun, kinds[i][0]) != 0)
		i++;
	if (i == COUNT_OF(kinds) || !json_is_integer(json_object_get(result, "id")) || json_flag(result, "hidden", false))
		return 0;
	snprintf(subject, sizeof(subject), "%s:%lld", kinds[i][1], (long long)json_int(result, "id", 0));
	int r = audit_is_hidden(&t->in, subject, c->unit);
	if (r <= 0)
		return r;
	r = refuse(why, E_NOT_FOUND, 404, "not_found", "id", "There is no such %s.", c->verb->noun);
	snprintf(why->attempt, sizeof(why->attempt), "%s", subject);
	return r;
}

static int run_command(struct tick *t, struct call *c, json_t **ret, struct refusal *why)
{
	uint8_t hash[32] = { 0 };
	bool keyed = c->key && c->key[0] && !c->verb->own_key;
	if (keyed) {
		int r = command_key_hash(t, c, hash);
		bool spent = r == E_NOT_FOUND;
		if (!r || spent)
			r = command_key_find(t, c, spent ? NULL : hash, ret, why);
		if (r)
			return r == E_EXISTS ? still_seen(t, c, *ret, why) : r;
	}
	int r = c->verb->command(t, c, ret, why);
	return r || !keyed || MUTANT(KEY_FORGOTTEN) ? r : command_key_keep(t, c, hash, *ret);
}

static int on_command(struct tick *t, struct peer *p, const json_t *f)
{
	struct refusal why = { 0 };
	struct caller who = { 0 };
	OWN(json) json_t *args = NULL;
	json_t *result = NULL;
	int64_t id = json_int(f, "id", 0), before = store_total_changes(t->in.db);
	size_t n_out = t->core->lists.n_out;
	const struct verb *v = registry_find_dotted(t->core->wiring->registry, json_str(f, "verb", ""));
	int r = caller_of(t, p, v, f, &who, &why);
	if (!r)
		r = check_call(t, p, v, &who, &why);
	if (!r)
		r = verb_check(v, json_object_get(f, "args"), &t->in.config->plan, &args, &why);
	struct call c = { .verb = v, .args = args, .actor = who.actor, .role = who.role, .unit = who.unit, .key = json_str(f, "key", NULL), .session = json_str(f, "session", NULL),
			  .dotted = json_str(f, "verb", ""), .peer = p->id, .request = id };
	if (!r)
		r = run_command(t, &c, &result, &why);
	if (!r) {
		refusal_done(&why);
		return command_reply_ok(t, p->id, id, result);
	}
	json_decref(result);
	if (r == E_AGAIN) {
		refusal_done(&why);
		return 0;
	}
	if (r != E_BROKEN && store_total_changes(t->in.db) == before && t->core->lists.n_out == n_out) {
		int e = refuse_call(t, p, f, r, &why);
		refusal_done(&why);
		return e;
	}
	refusal_done(&t->core->refused);
	t->core->refused = why; /* said once its writes are undone */
	return r;
}

/* ---- every op ---- */

static int on_gate(struct tick *t, struct peer *p, const json_t *f)
{
	(void)f;
	if (p->kind == PEER_QUERY)
		gate_closed(t->core->gate);
	return 0;
}

/* What quick_check found after an unclean stop. A finding stops sending; messages still come in. */
static int on_checked(struct tick *t, struct peer *p, const json_t *f)
{
	if (p->kind != PEER_QUERY)
		return 0;
	t->core->checking = false;
	if (json_int(f, "problems", 0) == 0)
		return 0;
	t->core->damaged = true;
	log_error("store.damaged", "%.300s -- sending stops; restore a backup: caunoi restore FILE", json_str(f, "text", ""));
	return 0;
}

static int on_job(struct tick *t, struct peer *p, const json_t *f)
{
	return p->kind == PEER_QUERY ? job_told(t, json_int(f, "id", 0), json_object_get(f, "result")) : 0;
}

/* Who read which restricted case, or asked for one in vain: the query process answers once this is committed. */
static int on_read(struct tick *t, struct peer *p, const json_t *f)
{
	size_t i;
	const json_t *subject;
	int r = 0;
	if (p->kind != PEER_QUERY)
		return 0;
	const char *detail = json_flag(f, "refused", false) ? AUDIT_ATTEMPT : NULL;
	json_array_foreach(json_object_get(f, "subjects"), i, subject)
		r = r ? r : audit_put(t, json_str(f, "actor", ""), json_str(f, "verb", ""), json_string_value(subject), detail);
	return r ? r : tick_send_peer(t, p->id, json_pack("{s:s,s:I}", "op", "noted", "id", (json_int_t)json_int(f, "id", 0)), 0);
}

/* Answered once it is committed, like everything that people say. */
static int on_ussd(struct tick *t, struct peer *p, const json_t *f)
{
	struct refusal why = { 0 };
	json_t *result = NULL;
	int64_t id = json_int(f, "id", 0), before = store_total_changes(t->in.db);
	bool heard = p->kind == PEER_WEB && t->core->wiring->ussd;
	int r = heard ? t->core->wiring->ussd(t, f, &result, &why) : E_DENIED;
	if (!r)
		return command_reply_ok(t, p->id, id, result);
	if (r == E_BROKEN || store_total_changes(t->in.db) != before) {
		refusal_done(&t->core->refused);
		t->core->refused = why; /* said once its writes are undone */
		return r;
	}
	r = command_reply_error(t, p->id, id, r, &why);
	refusal_done(&why);
	return r;
}

static int on_pong(struct tick *t, struct peer *p, const json_t *f)
{
	supervisor_pong(t->core->supervisor, t->core, p, "", json_int(f, "since_ms", 0));
	return 0;
}

static int on_ping(struct tick *t, struct peer *p, const json_t *f)
{
	return tick_send_peer(t, p->id, json_pack("{s:s,s:I}", "op", "pong", "n", (json_int_t)json_int(f, "n", 0)), 0);
}

static int on_nothing(struct tick *t, struct peer *p, const json_t *f)
{
	(void)t;
	(void)p;
	(void)f;
	return 0;
}

static const struct {
	const char *op;
	int (*fn)(struct tick *t, struct peer *p, const json_t *f);
} ops[] = {
	{ "command", on_command }, { "put", command_upload_put },   { "hook", command_hook },         { "answer", pending_answer }, { "gate", on_gate },      { "checked", on_checked }, { "read", on_read },
	{ "pong", on_pong },       { "ping", on_ping }, { "unsupported", on_nothing }, { "hello", on_nothing },    { "ready", on_nothing },
	{ "log", on_nothing },     { "job", on_job },	   { "ussd", on_ussd },
};

int command_frame(struct tick *t, struct peer *p, const json_t *frame, bool refused, int err)
{
	if (refused) {
		struct refusal *why = &t->core->refused;
		int r = refuse_call(t, p, frame, err, why);
		refusal_done(why);
		*why = (struct refusal){ 0 };
		return r;
	}
	const char *op = json_str(frame, "op", "");
	for (size_t i = 0; i < COUNT_OF(ops); i++)
		if (!strcmp(op, ops[i].op))
			return ops[i].fn(t, p, frame);
	return tick_send_peer(t, p->id, json_pack("{s:s,s:s}", "op", "unsupported", "what", op), 0);
}
