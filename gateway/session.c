/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table session and logging in. Called by the web (session open and close are the verbs it may use for somebody who has
 * no session yet) and by account.c. The password is compared by the query process; an unknown name costs the same time. */
#include "gateway/session.h"

#include <stdio.h>
#include <string.h>

#include "gateway/account.h"
#include "gateway/audit.h"
#include "gateway/base/calendar.h"
#include "gateway/base/json.h"
#include "gateway/base/log.h"
#include "gateway/base/random.h"
#include "gateway/base/seal.h"
#include "gateway/core.h"
#include "gateway/login.h"
#include "gateway/page.h"
#include "gateway/store/store.h"
#include "gateway/territory.h"
#include "gateway/token.h"
#include "gateway/unit.h"

#define VERIFY_LIMIT_MS 20000
#define TOUCH_EVERY_MS 60000
#define VERIFIES_MAX 8 /* each takes the query process for a while, and nothing is read meanwhile */
#define VERIFIES_KNOWN 4
/* A hash that nothing matches, of the same cost as real ones. */
#define NOBODY "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

enum {
	SESSION_NEW,
	SESSION_FIND,
	SESSION_TOUCH,
	SESSION_END,
	SESSION_END_ALL,
	SESSION_END_ID,
	SESSION_LIST,
	SESSION_OF_ID,
	SESSION_SQL_COUNT
};
#define GOOD "s.ended_at IS NULL AND s.expires_at > $now AND s.seen_at > $idle"
static const char *const session_sql[SESSION_SQL_COUNT] = {
	[SESSION_NEW] = "INSERT INTO session (account, hash, created_at, seen_at, expires_at) VALUES ($account, $hash, $now, $now, $expires)",
	[SESSION_FIND] = "SELECT account FROM session WHERE hash = $hash AND ended_at IS NULL AND expires_at > $now AND seen_at > $idle",
	[SESSION_TOUCH] = "UPDATE session SET seen_at = $now WHERE hash = $hash AND ended_at IS NULL AND seen_at < $before",
	[SESSION_END] = "UPDATE session SET ended_at = $now WHERE hash = $hash AND ended_at IS NULL",
	[SESSION_END_ALL] = "UPDATE session SET ended_at = $now WHERE account = $account AND ended_at IS NULL",
	[SESSION_END_ID] = "UPDATE session SET ended_at = $now WHERE id = $id AND ended_at IS NULL",
	[SESSION_LIST] = "SELECT s.id, a.name, s.created_at, s.seen_at, s.expires_at, s.hash FROM session s JOIN account a ON a.id = s.account"
			 " WHERE s.id > $after AND " GOOD " AND ($user = '' OR a.name = $user)"
			 " AND (a.name = $user OR " TERRITORY_HOLDS("a.unit", "$territory") ") ORDER BY s.id LIMIT $limit",
	[SESSION_OF_ID] = "SELECT a.name, a.unit FROM session s JOIN account a ON a.id = s.account WHERE s.id = $id AND " GOOD,
};
const struct sql_module session_module = { "session", session_sql, SESSION_SQL_COUNT };

int session_find(const struct scope *in, const char *session, int64_t *ret_account)
{
	uint8_t hash[32];
	seal_digest(session, strlen(session), hash);
	struct statement *st = store_prepare(in->db, &session_module, SESSION_FIND);
	bind_blob(st, "$hash", hash, sizeof(hash));
	bind_int(st, "$now", in->now_ms);
	bind_int(st, "$idle", in->now_ms - SESSION_IDLE_MS);
	int r = store_row(st);
	if (r > 0)
		*ret_account = column_int(st, 0);
	store_reset(st);
	return r > 0 ? 0 : r == 0 ? E_NOT_FOUND : r;
}

int session_touch(struct tick *t, const char *session)
{
	uint8_t hash[32];
	seal_digest(session, strlen(session), hash);
	struct statement *st = store_prepare(t->in.db, &session_module, SESSION_TOUCH);
	bind_blob(st, "$hash", hash, sizeof(hash));
	bind_int(st, "$now", t->in.now_ms);
	bind_int(st, "$before", t->in.now_ms - TOUCH_EVERY_MS);
	return store_run(st);
}

int session_end_all(struct tick *t, int64_t account)
{
	struct statement *st = store_prepare(t->in.db, &session_module, SESSION_END_ALL);
	bind_int(st, "$account", account);
	bind_int(st, "$now", t->in.now_ms);
	return store_run(st);
}

static int session_new(struct tick *t, const struct account *a, json_t **ret)
{
	char session[TOKEN_BYTES] = "cs_", at[CALENDAR_ISO_BYTES];
	uint8_t hash[32];
	random_token(t->in.random, session + 3, TOKEN_CHARS);
	seal_digest(session, strlen(session), hash);
	struct statement *st = store_prepare(t->in.db, &session_module, SESSION_NEW);
	bind_int(st, "$account", a->id);
	bind_blob(st, "$hash", hash, sizeof(hash));
	bind_int(st, "$now", t->in.now_ms);
	bind_int(st, "$expires", t->in.now_ms + SESSION_LIFE_MS);
	int r = store_run(st);
	char actor[ACCOUNT_NAME_BYTES + 8];
	account_actor(a, actor);
	if (!r)
		r = audit_put(t, actor, "session.open", actor, NULL);
	if (r)
		return r;
	calendar_format_iso(t->in.zone, t->in.now_ms + SESSION_LIFE_MS, at);
	char device[LOGIN_DEVICE_BYTES];
	login_device(t, a->name, device);
	*ret = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "user", a->name, "role", role_name(a->role), "unit", a->unit, "session", session,
			 "device", device, "expires_at", at);
	return *ret ? 0 : E_NOMEM;
}

/* One sentence for every reason: who guesses learns nothing. */
static int denied(struct refusal *why)
{
	return refuse(why, E_DENIED, 401, "login", "", "The name or the password is wrong.");
}

/* The second question of a login: the code of this moment, where the account has such a secret. */
static int check_code(struct tick *t, const struct account *a, const char *code, struct refusal *why)
{
	struct totp k;
	int r = account_totp(&t->in, a->id, &k);
	if (r == E_NOT_FOUND || (!r && !k.step))
		return 0;
	if (!r && !*code)
		return refuse(why, E_DENIED, 401, "totp", "code", "The code on your telephone is asked for as well.");
	if (!r && totp_take(&k, t->in.now_ms, code))
		return refuse(why, E_DENIED, 401, "totp", "code", "The code is wrong, or was used already; wait for the next one.");
	return r ? r : account_set_totp(t, a->id, &k);
}

static int verified(struct tick *t, const struct call *c, const json_t *answer, json_t **ret, struct refusal *why)
{
	struct account a;
	const json_t *result = json_object_get(answer, "result");
	if (!json_object_get(result, "ok"))
		return refuse(why, E_UNAVAILABLE, 503, "unavailable", "", "The password could not be compared now; try again.");
	int r = account_by_name(&t->in, json_str(c->args, "user", ""), &a);
	if (r == E_NOT_FOUND || (!r && (a.disabled || !json_flag(result, "ok", false)))) {
		log_info("session.denied", "peer=%lld", (long long)c->peer);
		return denied(why);
	}
	r = r ? r : check_code(t, &a, json_str(c->args, "code", ""), why);
	r = r ? r : login_done(t, a.name, json_str(c->args, "device", ""));
	return r ? r : session_new(t, &a, ret);
}

static int open_by_token(struct tick *t, const char *token, json_t **ret, struct refusal *why)
{
	int64_t id;
	struct account a;
	int r = token_take_login(t, token, &id);
	if (!r)
		r = account_by_id(&t->in, id, &a);
	if (r == E_DENIED || r == E_NOT_FOUND || (!r && a.disabled))
		return denied(why);
	/* tries of a link are not counted, so it asks for no code: with codes the password is needed */
	r = r ? r : check_code(t, &a, "", why);
	return r ? r : session_new(t, &a, ret);
}

static int under_way(const struct tick *t, const struct verb *v)
{
	int n = 0;
	for (size_t i = 0; i < t->core->n_pending; i++)
		n += t->core->pending[i].verb == v;
	return n;
}

static int open_command(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	const char *token = json_str(c->args, "token", ""), *name = json_str(c->args, "user", "");
	if (*token)
		return open_by_token(t, token, ret, why);
	struct account a;
	char hash[ACCOUNT_HASH_BYTES] = NOBODY;
	int r = account_by_name(&t->in, name, &a);
	if (!r)
		r = account_hash(&t->in, a.id, hash);
	if (r && r != E_NOT_FOUND)
		return r;
	/* a flood of guesses fills the places of strangers; a browser that is known has places of its own */
	const char *device = json_str(c->args, "device", "");
	if (under_way(t, c->verb) >= VERIFIES_MAX + (login_knows(&t->in, name, device) ? VERIFIES_KNOWN : 0))
		return refuse(why, E_UNAVAILABLE, 503, "busy", "", "Many people log in just now; try again in a moment.");
	r = login_try(t, name, device, why);
	if (r)
		return r;
	json_t *frame = json_pack("{s:s,s:s,s:s}", "op", "verify", "password", json_str(c->args, "password", ""), "hash", hash);
	return frame ? tick_ask(t, c, NULL, frame, VERIFY_LIMIT_MS, verified) : E_NOMEM;
}

static int close_command(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	uint8_t hash[32];
	const char *session = json_str(c->args, "session", c->session);
	if (!session)
		return refuse(why, E_INVALID, 422, "missing", "session", "Which session?");
	seal_digest(session, strlen(session), hash);
	struct statement *st = store_prepare(t->in.db, &session_module, SESSION_END);
	bind_blob(st, "$hash", hash, sizeof(hash));
	bind_int(st, "$now", t->in.now_ms);
	int r = store_run(st);
	if (!r)
		r = audit_put(t, c->actor, "session.close", c->actor, NULL);
	tick_changed(t, "session");
	if (r)
		return r;
	*ret = json_pack("{s:b}", "closed", 1);
	return *ret ? 0 : E_NOMEM;
}

static int touch_command(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	(void)why;
	int r = c->session ? session_touch(t, c->session) : 0;
	if (r)
		return r;
	*ret = json_pack("{s:b}", "touched", c->session != NULL);
	return *ret ? 0 : E_NOMEM;
}

static bool sees_all(const struct call *c)
{
	return c->role == ROLE_OPERATOR || c->role == ROLE_ADMINISTRATOR || c->role == ROLE_AUDITOR;
}

/* The login name in an actor: "" for the machine's own people. */
static const char *user_of(const struct call *c)
{
	return strncmp(c->actor, "user:", 5) == 0 ? c->actor + 5 : "";
}

static int me_query(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	(void)why;
	struct account a;
	struct totp k = { 0 };
	int r = account_by_name(in, user_of(c), &a);
	if (!r)
		r = account_totp(in, a.id, &k);
	if (r && r != E_NOT_FOUND)
		return r;
	*ret_next = 0;
	*ret = json_pack("{s:s,s:s,s:s,s:b}", "user", user_of(c), "role", role_name(c->role), "unit", c->unit, "totp", k.step > 0);
	return *ret ? 0 : E_NOMEM;
}

static json_t *shape(const struct scope *in, struct statement *st, const void *own)
{
	char from[CALENDAR_ISO_BYTES], seen[CALENDAR_ISO_BYTES], until[CALENDAR_ISO_BYTES];
	size_t n = 0;
	const void *hash = column_blob(st, 5, &n);
	calendar_format_iso(in->zone, column_int(st, 2), from);
	calendar_format_iso(in->zone, column_int(st, 3), seen);
	calendar_format_iso(in->zone, column_int(st, 4), until);
	return json_pack("{s:I,s:s,s:s,s:s,s:s,s:b}", "id", (json_int_t)column_int(st, 0), "user", column_text(st, 1), "created_at", from,
			 "seen_at", seen, "expires_at", until, "current", n == 32 && hash && !memcmp(hash, own, 32));
}

static int list_query(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	(void)why;
	uint8_t own[32] = { 0 };
	if (c->session)
		seal_digest(c->session, strlen(c->session), own);
	struct statement *st = store_prepare(in->db, &session_module, SESSION_LIST);
	bind_int(st, "$after", json_int(c->args, "after", 0));
	bind_int(st, "$now", in->now_ms);
	bind_int(st, "$idle", in->now_ms - SESSION_IDLE_MS);
	bind_text(st, "$user", sees_all(c) ? "" : user_of(c));
	bind_text(st, "$territory", c->unit);
	return page_read(in, c, st, 0, shape, own, ret, ret_next);
}

/* The user whose session this is; E_NOT_FOUND also when it is somebody else's and the caller may not see it. */
static int whose(const struct scope *in, const struct call *c, int64_t id, char ret[ACCOUNT_NAME_BYTES])
{
	struct statement *st = store_prepare(in->db, &session_module, SESSION_OF_ID);
	bind_int(st, "$id", id);
	bind_int(st, "$now", in->now_ms);
	bind_int(st, "$idle", in->now_ms - SESSION_IDLE_MS);
	int r = store_row(st);
	int may = 0;
	if (r > 0) {
		snprintf(ret, ACCOUNT_NAME_BYTES, "%s", column_text(st, 0));
		bool governs = c->role == ROLE_OPERATOR || c->role == ROLE_ADMINISTRATOR;
		may = strcmp(ret, user_of(c)) == 0 ? 1 : governs ? unit_is_held(in, c->unit, column_text(st, 1)) : 0;
	}
	store_reset(st);
	return r < 0 ? r : may < 0 ? may : may ? 0 : E_NOT_FOUND;
}

static int revoke_command(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	int64_t id = json_int(c->args, "id", 0);
	char user[ACCOUNT_NAME_BYTES], subject[ACCOUNT_NAME_BYTES + 8];
	int r = whose(&t->in, c, id, user);
	if (r == E_NOT_FOUND)
		return refuse(why, r, 404, "not_found", "id", "There is no such session.");
	if (r)
		return r;
	struct statement *st = store_prepare(t->in.db, &session_module, SESSION_END_ID);
	bind_int(st, "$id", id);
	bind_int(st, "$now", t->in.now_ms);
	r = store_run(st);
	snprintf(subject, sizeof(subject), "user:%s", user);
	if (!r)
		r = audit_put(t, c->actor, "session.revoke", subject, NULL);
	tick_changed(t, "session");
	if (r)
		return r;
	*ret = json_pack("{s:I,s:s,s:b}", "id", (json_int_t)id, "user", user, "closed", 1);
	return *ret ? 0 : E_NOMEM;
}

static const struct verb_arg open_args[] = {
	{ .name = "user", .type = ARG_TEXT, .max = 64, .otherwise = "", .help_en = "login name", .help_vi = "tên đăng nhập" },
	{ .name = "password", .type = ARG_TEXT, .max = PASSWORD_BYTES_MAX, .otherwise = "", .help_en = "password", .help_vi = "mật khẩu" },
	{ .name = "code", .type = ARG_TEXT, .max = 16, .otherwise = "", .help_en = "one-time code, where the account has them",
	  .help_vi = "mã một lần, nếu tài khoản có dùng" },
	{ .name = "token", .type = ARG_TEXT, .max = 64, .otherwise = "", .help_en = "one-time login token instead",
	  .help_vi = "hoặc mã đăng nhập một lần" },
	{ .name = "device", .type = ARG_TEXT, .max = LOGIN_DEVICE_BYTES, .otherwise = "", .help_en = "mark of a browser that logged in before",
	  .help_vi = "dấu của trình duyệt đã từng đăng nhập" },
};
static const struct verb_arg close_args[] = {
	{ .name = "session", .type = ARG_TEXT, .max = 64, .help_en = "the session; the caller's own when left out",
	  .help_vi = "phiên; để trống là phiên đang dùng" },
};
static const struct verb_arg id_args[] = {
	{ .name = "id", .type = ARG_INT, .rank = 1, .required = true, .min = 1, .max = INT64_MAX, .help_en = "the session", .help_vi = "phiên" },
};

static const struct verb verbs[] = {
	{ .noun = "session", .name = "open", .kind = VERB_COMMAND, .roles = ROLES_ALL, .creates = true, .own_key = true, .anyone = true,
	  VERB_ARGS(open_args), .help_en = "log in", .help_vi = "đăng nhập", .command = open_command },
	{ .noun = "session", .name = "close", .kind = VERB_COMMAND, .roles = ROLES_ALL, VERB_ARGS(close_args), .help_en = "log out",
	  .help_vi = "đăng xuất", .command = close_command },
	{ .noun = "session", .name = "touch", .kind = VERB_COMMAND, .roles = ROLES_ALL, .help_en = "say that somebody is still there",
	  .help_vi = "báo là vẫn còn đang dùng", .command = touch_command },
	{ .noun = "session", .name = "me", .kind = VERB_QUERY, .roles = ROLES_ALL, .help_en = "who I am", .help_vi = "tôi là ai", .query = me_query },
	{ .noun = "session", .name = "list", .kind = VERB_QUERY, .roles = ROLES_ALL, .list = true,
	  .help_en = "who is logged in: oneself, or everybody for administrators", .help_vi = "ai đang đăng nhập", .query = list_query },
	{ .noun = "session", .name = "revoke", .kind = VERB_COMMAND, .roles = ROLES_ALL, VERB_ARGS(id_args), .help_en = "end a session",
	  .help_vi = "kết thúc một phiên", .command = revoke_command },
};
const struct verb_table session_verbs = VERB_TABLE(verbs);
