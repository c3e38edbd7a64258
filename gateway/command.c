/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames from the CLI, the web and the query process: commands, uploads, hooks. Nobody asserts an actor: it follows from the
 * peer's uid or from the session in the frame. One key belongs to actor and verb; the same call under it gets the first result. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/audit.h"
#include "gateway/base/json.h"
#include "gateway/base/log.h"
#include "gateway/base/mutant.h"
#include "gateway/base/seal.h"
#include "gateway/base/text.h"
#include "gateway/caller.h"
#include "gateway/core.h"
#include "gateway/gate.h"
#include "gateway/inbox.h"
#include "gateway/receipt.h"
#include "gateway/detour.h"
#include "gateway/supervisor.h"
#include "gateway/token.h"

#define KEY_MS (INT64_C(7) * 24 * 3600000)
#define CHUNK_BYTES_MAX (160 * 1024)

enum command_sql { COMMAND_FIND_KEY, COMMAND_KEEP_KEY, COMMAND_UPLOAD, COMMAND_CHUNK, COMMAND_UPLOAD_SIZE, COMMAND_UPLOAD_GROW, COMMAND_UPLOAD_HASHED, COMMAND_SQL_COUNT };
static const char *const command_sql[COMMAND_SQL_COUNT] = {
	[COMMAND_FIND_KEY] = "SELECT args_hash, result FROM request WHERE actor = $actor AND verb = $verb AND key = $key",
	[COMMAND_KEEP_KEY] = "INSERT INTO request (actor, verb, key, args_hash, result, until_at) VALUES ($actor, $verb, $key, $hash, $result, $until)",
	[COMMAND_UPLOAD] = "INSERT INTO upload (actor, created_at, n_bytes) VALUES ($actor, $now, 0)",
	[COMMAND_CHUNK] = "INSERT INTO upload_chunk (upload, n, data) VALUES ($upload, $n, $data)",
	[COMMAND_UPLOAD_SIZE] = "SELECT n_bytes FROM upload WHERE id = $id AND actor = $actor",
	[COMMAND_UPLOAD_GROW] = "UPDATE upload SET n_bytes = n_bytes + $n, hashed = $hashed WHERE id = $id AND actor = $actor",
	[COMMAND_UPLOAD_HASHED] = "SELECT hashed FROM upload WHERE id = $id AND actor = $actor",
};
const struct sql_module command_module = { "command", command_sql, COMMAND_SQL_COUNT };

/* ---- replies ---- */

static int status_of(int err)
{
	switch ((enum err)err) {
	case E_INVALID:
	case E_TOO_BIG: return 422;
	case E_NOT_FOUND: return 404;
	case E_EXISTS:
	case E_REFUSED: return 409;
	case E_DENIED: return 403;
	case E_UNAVAILABLE: return 503;
	case E_CONFIG: return 422;
	case E_OK:
	case E_NOMEM:
	case E_IO:
	case E_CORRUPT:
	case E_NEWER:
	case E_PROTOCOL:
	case E_AGAIN:
	case E_UNDO:
	case E_UNKNOWN:
	case E_BROKEN: return 500;
	}
	return 500;
}

static const char *rule_of(int err)
{
	int status = status_of(err);
	return status == 404 ? "not_found" : status == 403 ? "denied" : status == 503 ? "unavailable" : status == 422 ? "invalid" : status == 409 ? "refused" : "failed";
}

static int reply_ok(struct tick *t, int64_t peer, int64_t id, json_t *result)
{
	return tick_send_peer(t, peer, json_pack("{s:s,s:I,s:b,s:o}", "op", "reply", "id", (json_int_t)id, "ok", 1, "result", result ? result : json_null()), 0);
}

static int reply_error(struct tick *t, int64_t peer, int64_t id, int err, const struct refusal *why)
{
	const char *text = why->text[0] ? why->text : err_text(err);
	return tick_send_peer(t, peer, json_pack("{s:s,s:I,s:b,s:{s:s,s:i,s:s,s:O?,s:s}}", "op", "reply", "id", (json_int_t)id, "ok", 0, "error", "rule",
						 why->rule[0] ? why->rule : rule_of(err), "status", why->status ? why->status : status_of(err),
						 "field", why->field, "args", why->args, "text", text), 0);
}

/* ---- who ---- */

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

/* ---- keys ---- */

/* The hash of an upload so far, kept in its row: a state of libsodium's, which holds no pointers. */
typedef crypto_generichash_state upload_hash;

static int upload_hashed(struct tick *t, int64_t id, const char *actor, upload_hash *ret)
{
	crypto_generichash_init(ret, NULL, 0, 32);
	struct statement *st = store_prepare(t->in.db, &command_module, COMMAND_UPLOAD_HASHED);
	bind_int(st, "$id", id);
	bind_text(st, "$actor", actor);
	int r = store_row(st);
	size_t n = 0;
	const void *was = r > 0 && !column_null(st, 0) ? column_blob(st, 0, &n) : NULL;
	if (was && n == sizeof(*ret))
		memcpy(ret, was, n);
	store_reset(st);
	return r < 0 ? r : 0;
}

/* The same file sent again has another id: what counts is what it holds. */
static int name_upload(struct tick *t, const struct call *c, const char *name, json_t *args)
{
	upload_hash state;
	uint8_t hash[32];
	int r = upload_hashed(t, json_int(args, name, 0), c->actor, &state);
	if (r)
		return r;
	crypto_generichash_final(&state, hash, sizeof(hash));
	OWN(mem) char *hex = text_hex(hash, sizeof(hash));
	return hex ? json_set_str(args, name, hex) : E_NOMEM;
}

static int hash_args(struct tick *t, const struct call *c, uint8_t ret[32])
{
	OWN(json) json_t *args = json_copy((json_t *)(uintptr_t)c->args);
	int r = args ? 0 : E_NOMEM;
	for (size_t i = 0; !r && i < c->verb->n_args; i++)
		if (c->verb->args[i].type == ARG_UPLOAD && json_object_get(args, c->verb->args[i].name))
			r = name_upload(t, c, c->verb->args[i].name, args);
	OWN(mem) char *text = r ? NULL : json_dumps(args, JSON_COMPACT | JSON_SORT_KEYS);
	if (!text)
		return r ? r : E_NOMEM;
	seal_arguments(t->in.seal, text, ret);
	return 0;
}

/* 0 = not used yet; E_EXISTS = answered with the first result. */
static int find_key(struct tick *t, const struct call *c, const uint8_t hash[32], json_t **ret, struct refusal *why)
{
	struct statement *st = store_prepare(t->in.db, &command_module, COMMAND_FIND_KEY);
	bind_text(st, "$actor", c->actor);
	bind_text(st, "$verb", c->dotted);
	bind_text(st, "$key", c->key);
	int r = store_row(st);
	if (r > 0) {
		size_t n;
		const void *was = column_blob(st, 0, &n);
		const char *text = column_text(st, 1);
		if (n != 32 || memcmp(was, hash, 32))
			r = refuse(why, E_REFUSED, 409, "key_reused", "key", "this key was used for another call");
		else
			r = json_parse(text, strlen(text), ret) ? E_CORRUPT : E_EXISTS;
	}
	store_reset(st);
	return r;
}

static int keep_key(struct tick *t, const struct call *c, const uint8_t hash[32], const json_t *result)
{
	static const char *const secrets[] = { "token", "uri", "qr" };
	OWN(json) json_t *copy = json_deep_copy(result);
	for (size_t i = 0; i < COUNT_OF(secrets); i++)
		if (json_is_object(copy) && json_object_get(copy, secrets[i]))
			json_object_set_new(copy, secrets[i], json_null());
	OWN(mem) char *text = copy ? json_text(copy) : NULL;
	struct statement *st = store_prepare(t->in.db, &command_module, COMMAND_KEEP_KEY);
	bind_text(st, "$actor", c->actor);
	bind_text(st, "$verb", c->dotted);
	bind_text(st, "$key", c->key);
	bind_blob(st, "$hash", hash, 32);
	bind_text(st, "$result", text ? text : "null");
	bind_int(st, "$until", t->in.now_ms + KEY_MS);
	return store_run(st);
}

/* ---- commands ---- */

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

static int run_command(struct tick *t, struct call *c, json_t **ret, struct refusal *why)
{
	uint8_t hash[32];
	bool keyed = c->key && c->key[0] && !c->verb->own_key;
	if (keyed) {
		int r = hash_args(t, c, hash);
		if (!r)
			r = find_key(t, c, hash, ret, why);
		if (r)
			return r == E_EXISTS ? 0 : r;
	}
	int r = c->verb->command(t, c, ret, why);
	return r || !keyed || MUTANT(KEY_FORGOTTEN) ? r : keep_key(t, c, hash, *ret);
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
		return reply_ok(t, p->id, id, result);
	}
	json_decref(result);
	if (r == E_AGAIN) {
		refusal_done(&why);
		return 0;
	}
	if (r != E_BROKEN && store_total_changes(t->in.db) == before && t->core->lists.n_out == n_out) {
		int e = reply_error(t, p->id, id, r, &why);
		refusal_done(&why);
		return e;
	}
	refusal_done(&t->core->refused);
	t->core->refused = why; /* said once its writes are undone */
	return r;
}

/* ---- uploads ---- */

static int chunk_of(const json_t *f, uint8_t **ret, size_t *ret_bytes)
{
	const char *data = json_str(f, "data", "");
	size_t n = strlen(data);
	uint8_t *out = n <= FRAME_BYTES_MAX ? malloc(CHUNK_BYTES_MAX) : NULL;
	if (!out)
		return n <= FRAME_BYTES_MAX ? E_NOMEM : E_TOO_BIG;
	if (sodium_base642bin(out, CHUNK_BYTES_MAX, data, n, "\r\n", ret_bytes, NULL, sodium_base64_VARIANT_ORIGINAL)) {
		free(out);
		return E_INVALID;
	}
	*ret = out;
	return 0;
}

static int upload_of(struct tick *t, int64_t id, const char *actor, int64_t *ret_id, int64_t *ret_bytes)
{
	*ret_bytes = 0;
	if (!id) {
		struct statement *st = store_prepare(t->in.db, &command_module, COMMAND_UPLOAD);
		bind_text(st, "$actor", actor);
		bind_int(st, "$now", t->in.now_ms);
		int r = store_run(st);
		*ret_id = store_last_id(t->in.db);
		return r;
	}
	struct statement *st = store_prepare(t->in.db, &command_module, COMMAND_UPLOAD_SIZE);
	bind_int(st, "$id", id);
	bind_text(st, "$actor", actor);
	int r = store_row(st);
	*ret_id = id;
	*ret_bytes = r > 0 ? column_int(st, 0) : 0;
	store_reset(st);
	return r > 0 ? 0 : r == 0 ? E_NOT_FOUND : r;
}

/* A chunk is known by the offset of its first byte. */
static int put_chunk(struct tick *t, int64_t upload, const char *actor, int64_t offset, const uint8_t *data, size_t n)
{
	struct statement *st = store_prepare(t->in.db, &command_module, COMMAND_CHUNK);
	bind_int(st, "$upload", upload);
	bind_int(st, "$n", offset);
	bind_blob(st, "$data", data, n);
	int r = store_run(st);
	if (r)
		return r;
	upload_hash hashed;
	r = upload_hashed(t, upload, actor, &hashed);
	if (r)
		return r;
	crypto_generichash_update(&hashed, data, n);
	st = store_prepare(t->in.db, &command_module, COMMAND_UPLOAD_GROW);
	bind_blob(st, "$hashed", &hashed, sizeof(hashed));
	bind_int(st, "$id", upload);
	bind_text(st, "$actor", actor);
	bind_int(st, "$n", (int64_t)n);
	return store_run(st);
}

/* 1 where the caller may use a verb that takes an upload. */
static int takes_upload(void *who, const struct verb *v)
{
	const struct caller *c = who;
	bool takes = false;
	for (size_t i = 0; i < v->n_args; i++)
		takes = takes || v->args[i].type == ARG_UPLOAD;
	return takes && verb_allowed(v, c->role) && token_permits(c->scopes, v);
}

static int on_put(struct tick *t, struct peer *p, const json_t *f)
{
	struct refusal why = { 0 };
	struct caller who = { 0 };
	OWN(mem) uint8_t *data = NULL;
	size_t n = 0;
	int64_t id = json_int(f, "id", 0), upload = 0, bytes = 0;
	int r = caller_of(t, p, NULL, f, &who, &why);
	if (!r && !registry_each(t->core->wiring->registry, takes_upload, &who))
		r = refuse(&why, E_DENIED, 403, "role", "", "the role %s may not do this", role_name(who.role));
	if (!r && t->core->low_disk)
		r = refuse(&why, E_UNAVAILABLE, 503, "disk_low", "", "the disk is almost full; free space first");
	if (!r)
		r = chunk_of(f, &data, &n);
	if (!r)
		r = upload_of(t, json_int(f, "upload", 0), who.actor, &upload, &bytes);
	if (r) {
		r = reply_error(t, p->id, id, r, &why);
		refusal_done(&why);
		return r;
	}
	r = put_chunk(t, upload, who.actor, bytes, data, n);
	return r ? r : reply_ok(t, p->id, id, json_pack("{s:I,s:I}", "upload", (json_int_t)upload, "bytes", (json_int_t)(bytes + (int64_t)n)));
}

/* ---- hooks: what providers call, already checked and decoded by the web process ---- */

static bool receipt_is_sound(const json_t *item)
{
	const char *status = json_str(item, "status", "");
	return json_str(item, "reference", "")[0] && (!strcmp(status, "delivered") || !strcmp(status, "failed") || !strcmp(status, "buffered"));
}

bool command_hook_is_sound(const json_t *items)
{
	size_t i;
	const json_t *item;
	json_array_foreach(items, i, item) {
		const char *kind = json_str(item, "kind", "");
		if (strcmp(kind, "inbound") && (strcmp(kind, "receipt") || !receipt_is_sound(json_object_get(item, "receipt"))))
			return false;
	}
	return true;
}

static int hook_receipt(struct tick *t, const char *channel, const json_t *item)
{
	const char *reference = json_str(item, "reference", ""), *status = json_str(item, "status", ""), *to = json_str(item, "to", NULL);
	char id[160];
	int64_t address = 0;
	if (!receipt_is_sound(item))
		return E_INVALID;
	snprintf(id, sizeof(id), "%s", json_str(item, "id", ""));
	if (!id[0])
		snprintf(id, sizeof(id), "%.100s:%s", reference, status);
	int r = to && to[0] ? inbox_sender(t, to, &address) : 0;
	if (!r)
		r = detour_learn(t, address, json_str(item, "network", NULL));
	/* an API's ids are opaque and unique: the number only matters for modems */
	return r ? r : receipt_take(t, channel, id, reference, 0, status, json_str(item, "code", NULL));
}

static int hook_item(struct tick *t, const char *channel, const json_t *item, int64_t at_ms)
{
	const char *kind = json_str(item, "kind", "");
	if (!strcmp(kind, "inbound"))
		return inbox_put_at(t, channel, json_object_get(item, "inbound"), at_ms);
	return strcmp(kind, "receipt") ? E_INVALID : hook_receipt(t, channel, json_object_get(item, "receipt"));
}

int command_hook_tell(struct tick *t, const char *channel, const json_t *items, int64_t at_ms)
{
	int r = 0;
	size_t i;
	const json_t *item;
	json_array_foreach(items, i, item)
		if (!r)
			r = hook_item(t, channel, item, at_ms);
	return r;
}

static int on_hook(struct tick *t, struct peer *p, const json_t *f)
{
	struct refusal why = { 0 };
	int64_t id = json_int(f, "id", 0);
	const char *channel = json_str(f, "channel", "");
	if (p->kind != PEER_WEB || !tick_channel(t, channel))
		return reply_error(t, p->id, id, E_DENIED, &why);
	int r = command_hook_tell(t, channel, json_object_get(f, "items"), t->in.now_ms);
	return r ? r : reply_ok(t, p->id, id, NULL);
}

/* ---- answers of peers to commands that wait ---- */

/* The continuation of a command; what it wrote is undone when it fails. */
static int continue_with(struct tick *t, const struct pending *p, const struct call *c, const json_t *answer, json_t **ret, struct refusal *why)
{
	if (!p->on_answer) {
		*ret = json_incref(json_object_get(answer, "result"));
		return *ret ? 0 : E_PROTOCOL;
	}
	struct tick_mark *m;
	int r = tick_mark(t, &m);
	if (r)
		return r;
	r = p->on_answer(t, c, answer, ret, why);
	if (!r)
		r = tick_settle(t);
	int e = tick_mark_end(t, m, r == 0 || r == E_AGAIN);
	return e ? e : r;
}

/* A call that waited keeps its key once it is done. */
static int keep_late(struct tick *t, const struct pending *p, struct call *c, const json_t *result)
{
	uint8_t hash[32];
	c->key = p->key;
	int r = hash_args(t, c, hash);
	return r ? r : keep_key(t, c, hash, result);
}

void pending_done(struct pending *p)
{
	json_decref(p->args);
	free(p->key);
}

void command_answer_pending(struct tick *t, struct pending *p, const json_t *answer)
{
	struct refusal why = { 0 };
	char dotted[80];
	snprintf(dotted, sizeof(dotted), "%s.%s", p->verb->noun, p->verb->name);
	struct call c = { .verb = p->verb, .args = p->args, .actor = p->actor, .role = p->role, .unit = p->unit, .dotted = dotted, .peer = p->peer, .request = p->request };
	json_t *result = NULL;
	int r = answer ? continue_with(t, p, &c, answer, &result, &why)
		       : refuse(&why, E_IO, 504, "no_answer", "", "no answer came in time");
	if (!r && p->key)
		r = keep_late(t, p, &c, result);
	if (p->peer && r != E_AGAIN)
		r = r ? reply_error(t, p->peer, p->request, r, &why) : reply_ok(t, p->peer, p->request, json_incref(result));
	if (r)
		log_warn("command.answer", "verb=%s error=%s", dotted, err_text(r));
	json_decref(result);
	refusal_done(&why);
}

static void forget_pending(struct core *core, int64_t id, int64_t unused)
{
	(void)unused;
	for (size_t i = 0; i < core->n_pending; i++)
		if (core->pending[i].id == id) {
			pending_done(&core->pending[i]);
			core->pending[i] = core->pending[--core->n_pending];
			return;
		}
}

int command_answer(struct tick *t, struct peer *p, const json_t *f)
{
	int64_t id = strtoll(json_str(f, "id", "0"), NULL, 10);
	for (size_t i = 0; i < t->core->n_pending; i++)
		if (t->core->pending[i].id == id && t->core->pending[i].asked == p->id) {
			command_answer_pending(t, &t->core->pending[i], f);
			return tick_after(t, forget_pending, id, 0);
		}
	return 0;
}

int command_answer_any(struct tick *t, struct peer *p, const char *verb)
{
	int r = 0;
	OWN(json) json_t *nothing = json_object();
	for (size_t i = 0; !r && nothing && i < t->core->n_pending; i++) {
		struct pending *waits = &t->core->pending[i];
		if (waits->asked != p->id || strcmp(waits->verb->name, verb))
			continue;
		command_answer_pending(t, waits, nothing);
		r = tick_after(t, forget_pending, waits->id, 0);
	}
	return nothing ? r : E_NOMEM;
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

/* Who read which restricted case: the query process shows it once this is committed. */
static int on_read(struct tick *t, struct peer *p, const json_t *f)
{
	size_t i;
	const json_t *subject;
	int r = 0;
	if (p->kind != PEER_QUERY)
		return 0;
	json_array_foreach(json_object_get(f, "subjects"), i, subject)
		r = r ? r : audit_put(t, json_str(f, "actor", ""), json_str(f, "verb", ""), json_string_value(subject), NULL);
	return r ? r : tick_send_peer(t, p->id, json_pack("{s:s,s:I}", "op", "noted", "id", (json_int_t)json_int(f, "id", 0)), 0);
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
	{ "command", on_command }, { "put", on_put },   { "hook", on_hook },         { "answer", command_answer }, { "gate", on_gate },      { "checked", on_checked }, { "read", on_read },
	{ "pong", on_pong },       { "ping", on_ping }, { "unsupported", on_nothing }, { "hello", on_nothing },    { "ready", on_nothing },
	{ "log", on_nothing },     { "job", on_job },
};

int command_frame(struct tick *t, struct peer *p, const json_t *frame, bool refused, int err)
{
	if (refused) {
		struct refusal *why = &t->core->refused;
		int r = reply_error(t, p->id, json_int(frame, "id", 0), err, why);
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
