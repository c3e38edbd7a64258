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
#include "gateway/store/store.h"
#include "gateway/token.h"

#define VERIFY_LIMIT_MS 20000
#define TOUCH_EVERY_MS 60000
/* A hash that nothing matches, of the same cost as real ones. */
#define NOBODY "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

enum { SESSION_NEW, SESSION_FIND, SESSION_TOUCH, SESSION_END, SESSION_END_ALL, SESSION_SQL_COUNT };
static const char *const session_sql[SESSION_SQL_COUNT] = {
	[SESSION_NEW] = "INSERT INTO session (account, hash, created_at, seen_at, expires_at) VALUES ($account, $hash, $now, $now, $expires)",
	[SESSION_FIND] = "SELECT account FROM session WHERE hash = $hash AND ended_at IS NULL AND expires_at > $now AND seen_at > $idle",
	[SESSION_TOUCH] = "UPDATE session SET seen_at = $now WHERE hash = $hash AND ended_at IS NULL AND seen_at < $before",
	[SESSION_END] = "UPDATE session SET ended_at = $now WHERE hash = $hash AND ended_at IS NULL",
	[SESSION_END_ALL] = "UPDATE session SET ended_at = $now WHERE account = $account AND ended_at IS NULL",
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
	*ret = json_pack("{s:s,s:s,s:s,s:s,s:s}", "user", a->name, "role", role_name(a->role), "unit", a->unit, "session", session,
			 "expires_at", at);
	return *ret ? 0 : E_NOMEM;
}

/* One sentence for every reason: who guesses learns nothing. */
static int denied(struct refusal *why)
{
	return refuse(why, E_DENIED, 401, "login", "", "The name or the password is wrong.");
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
	return r ? r : session_new(t, &a, ret);
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
	json_t *frame = json_pack("{s:s,s:s,s:s}", "op", "verify", "password", json_str(c->args, "password", ""), "hash", hash);
	return frame ? tick_ask(t, c, NULL, frame, VERIFY_LIMIT_MS, verified) : E_NOMEM;
}

static int close_command(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	(void)why;
	uint8_t hash[32];
	const char *session = json_str(c->args, "session", "");
	seal_digest(session, strlen(session), hash);
	struct statement *st = store_prepare(t->in.db, &session_module, SESSION_END);
	bind_blob(st, "$hash", hash, sizeof(hash));
	bind_int(st, "$now", t->in.now_ms);
	int r = store_run(st);
	if (!r)
		r = audit_put(t, c->actor, "session.close", c->actor, NULL);
	if (r)
		return r;
	*ret = json_pack("{s:b}", "closed", 1);
	return *ret ? 0 : E_NOMEM;
}

static const struct verb_arg open_args[] = {
	{ .name = "user", .type = ARG_TEXT, .max = 64, .otherwise = "", .help_en = "login name", .help_vi = "tên đăng nhập" },
	{ .name = "password", .type = ARG_TEXT, .max = PASSWORD_BYTES_MAX, .otherwise = "", .help_en = "password", .help_vi = "mật khẩu" },
	{ .name = "token", .type = ARG_TEXT, .max = 64, .otherwise = "", .help_en = "one-time login token instead",
	  .help_vi = "hoặc mã đăng nhập một lần" },
};
static const struct verb_arg close_args[] = {
	{ .name = "session", .type = ARG_TEXT, .max = 64, .required = true, .help_en = "the session", .help_vi = "phiên" },
};

static const struct verb verbs[] = {
	{ .noun = "session", .name = "open", .kind = VERB_COMMAND, .roles = ROLES_ALL, .creates = true, VERB_ARGS(open_args),
	  .help_en = "log in", .help_vi = "đăng nhập", .command = open_command },
	{ .noun = "session", .name = "close", .kind = VERB_COMMAND, .roles = ROLES_ALL, VERB_ARGS(close_args), .help_en = "log out",
	  .help_vi = "đăng xuất", .command = close_command },
};
const struct verb_table session_verbs = VERB_TABLE(verbs);
