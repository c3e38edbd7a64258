/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table token and its verbs. Called by account.c to learn whose a token is, by session.c for the first login and by
 * init. Never keeps or logs a token itself. */
#include "gateway/token.h"

#include <stdio.h>
#include <string.h>

#include "gateway/account.h"
#include "gateway/audit.h"
#include "gateway/base/calendar.h"
#include "gateway/base/json.h"
#include "gateway/base/random.h"
#include "gateway/base/seal.h"
#include "gateway/core.h"
#include "gateway/page.h"
#include "gateway/registry.h"
#include "gateway/store/store.h"
#include "gateway/territory.h"

#define DAY_MS ((int64_t)24 * 60 * 60 * 1000)

enum { TOKEN_NEW, TOKEN_FIND, TOKEN_REVOKE, TOKEN_SHOW, TOKEN_LIST, TOKEN_SQL_COUNT };
#define SHAPE \
	"k.id, a.name, k.name, k.scopes, k.expires_at, k.revoked_at FROM token k JOIN account a ON a.id = k.account"
static const char *const token_sql[TOKEN_SQL_COUNT] = {
	[TOKEN_NEW] = "INSERT INTO token (account, name, hash, scopes, created_at, expires_at)"
		      " VALUES ($account, $name, $hash, $scopes, $now, $expires)",
	[TOKEN_FIND] = "SELECT id, account, scopes FROM token WHERE hash = $hash AND revoked_at IS NULL"
		       " AND (expires_at IS NULL OR expires_at > $now)",
	[TOKEN_REVOKE] = "UPDATE token SET revoked_at = $now WHERE id = $id AND revoked_at IS NULL",
	[TOKEN_SHOW] = "SELECT " SHAPE " WHERE k.id = $id",
	[TOKEN_LIST] = "SELECT " SHAPE " WHERE k.id > $after AND " TERRITORY_HOLDS("a.unit", "$territory") " ORDER BY k.id LIMIT $limit",
};
const struct sql_module token_module = { "token", token_sql, TOKEN_SQL_COUNT };

int token_new(struct tick *t, int64_t account, const char *name, const char *scopes, int64_t expires_at, char ret[TOKEN_BYTES],
	      int64_t *ret_id)
{
	char token[TOKEN_BYTES] = "cn_";
	uint8_t hash[32];
	random_token(t->in.random, token + 3, TOKEN_CHARS);
	seal_digest(token, strlen(token), hash);
	struct statement *st = store_prepare(t->in.db, &token_module, TOKEN_NEW);
	bind_int(st, "$account", account);
	bind_text(st, "$name", name);
	bind_blob(st, "$hash", hash, sizeof(hash));
	bind_text(st, "$scopes", scopes);
	bind_int(st, "$now", t->in.now_ms);
	if (expires_at)
		bind_int(st, "$expires", expires_at);
	int r = store_run(st);
	if (r)
		return r;
	memcpy(ret, token, sizeof(token));
	*ret_id = store_last_id(t->in.db);
	return 0;
}

static int find(const struct scope *in, const char *token, bool login, int64_t *ret_id, int64_t *ret_account,
		char ret_scopes[TOKEN_SCOPES_BYTES])
{
	uint8_t hash[32];
	seal_digest(token, strlen(token), hash);
	struct statement *st = store_prepare(in->db, &token_module, TOKEN_FIND);
	bind_blob(st, "$hash", hash, sizeof(hash));
	bind_int(st, "$now", in->now_ms);
	int r = store_row(st);
	const char *scopes = r > 0 ? column_text(st, 2) : "";
	bool good = r > 0 && (strcmp(scopes, "login") == 0) == login;
	if (good) {
		*ret_id = column_int(st, 0);
		*ret_account = column_int(st, 1);
		snprintf(ret_scopes, TOKEN_SCOPES_BYTES, "%s", scopes);
	}
	store_reset(st);
	return r < 0 ? r : good ? 0 : E_NOT_FOUND;
}

int token_find(const struct scope *in, const char *token, int64_t *ret_account, char ret_scopes[TOKEN_SCOPES_BYTES])
{
	int64_t id;
	return find(in, token, false, &id, ret_account, ret_scopes);
}

/* Does one scope of n characters name the verb, or its noun? */
static bool names_verb(const char *scope, size_t n, const struct verb *v)
{
	size_t noun = strlen(v->noun);
	if (!noun)
		return n == strlen(v->name) && !strncmp(scope, v->name, n);
	if (n < noun || strncmp(scope, v->noun, noun) != 0)
		return false;
	return n == noun || (scope[noun] == '.' && n == noun + 1 + strlen(v->name) && !strncmp(scope + noun + 1, v->name, n - noun - 1));
}

bool token_permits(const char *scopes, const struct verb *v)
{
	if (!*scopes || !strcmp(scopes, "all"))
		return true;
	if (!strcmp(scopes, "read"))
		return v->kind == VERB_QUERY || v->kind == VERB_LOCAL;
	for (size_t n; *scopes; scopes += n + (scopes[n] == ',')) {
		n = strcspn(scopes, ",");
		if (names_verb(scopes, n, v))
			return true;
	}
	return false;
}

static int end_token(struct tick *t, int64_t id)
{
	struct statement *st = store_prepare(t->in.db, &token_module, TOKEN_REVOKE);
	bind_int(st, "$id", id);
	bind_int(st, "$now", t->in.now_ms);
	return store_run(st);
}

int token_take_login(struct tick *t, const char *token, int64_t *ret_account)
{
	int64_t id, account;
	char scopes[TOKEN_SCOPES_BYTES];
	int r = find(&t->in, token, true, &id, &account, scopes);
	if (r)
		return r == E_NOT_FOUND ? E_DENIED : r;
	r = end_token(t, id);
	if (!r)
		*ret_account = account;
	return r;
}

/* ---- verbs ---- */

/* secret: shown in the answer to token add, nowhere else. */
static json_t *shape(const struct scope *in, struct statement *st, const void *secret)
{
	char at[CALENDAR_ISO_BYTES];
	bool ends = !column_null(st, 4);
	if (ends)
		calendar_format_iso(in->zone, column_int(st, 4), at);
	const char *name = column_text(st, 2);
	json_t *out = json_pack("{s:I,s:s,s:s?,s:s,s:s?,s:s?}", "id", (json_int_t)column_int(st, 0), "user", column_text(st, 1), "name",
				name && name[0] ? name : NULL, "scopes", column_text(st, 3), "token", secret, "expires_at", ends ? at : NULL);
	if (out)
		json_object_set_new(out, "revoked", json_boolean(!column_null(st, 5)));
	return out;
}

static int token_json(const struct scope *in, int64_t id, const char *secret, json_t **ret)
{
	struct statement *st = store_prepare(in->db, &token_module, TOKEN_SHOW);
	bind_int(st, "$id", id);
	return page_one(in, st, shape, secret, ret);
}

struct naming {
	const char *scope;
	size_t n;
};

static int is_named(void *arg, const struct verb *v)
{
	const struct naming *s = arg;
	return names_verb(s->scope, s->n, v);
}

/* A scope that names nothing would be found out by whoever relies on it. */
static int check_scopes(const struct tick *t, const char *scopes, struct refusal *why)
{
	static const char *const words[] = { "all", "read", "login" };
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (!strcmp(scopes, words[i]))
			return 0;
	for (const char *at = scopes;; at++) {
		struct naming s = { at, strcspn(at, ",") };
		if (!registry_each(t->core->wiring->registry, is_named, &s))
			return refuse(why, E_INVALID, 422, "not_a_choice", "scopes", "scopes is all, read, login, or names of nouns and verbs: message,case.show");
		at += s.n;
		if (!*at)
			return 0;
	}
}

static int add_command(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	struct account a;
	int r = account_governed(&t->in, c, "user", json_str(c->args, "user", ""), &a, why);
	if (!r && a.disabled)
		return refuse(why, E_REFUSED, 409, "disabled", "user", "The account is shut.");
	char secret[TOKEN_BYTES], subject[40];
	const char *scopes = json_str(c->args, "scopes", "all");
	r = r ? r : check_scopes(t, scopes, why);
	int64_t id, days = json_int(c->args, "days", 365);
	if (!strcmp(scopes, "login") && days > TOKEN_LOGIN_HOURS / 24)
		days = TOKEN_LOGIN_HOURS / 24;
	if (!r)
		r = token_new(t, a.id, json_str(c->args, "name", ""), scopes, t->in.now_ms + days * DAY_MS, secret,
			      &id);
	if (r)
		return r;
	snprintf(subject, sizeof(subject), "token:%lld", (long long)id);
	r = audit_put(t, c->actor, "token.add", subject, a.name);
	return r ? r : token_json(&t->in, id, secret, ret);
}

static int revoke_command(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	int64_t id = json_int(c->args, "id", 0);
	OWN(json) json_t *there = NULL;
	struct account a;
	int r = token_json(&t->in, id, NULL, &there);
	if (!r)
		r = account_governed(&t->in, c, "id", json_str(there, "user", ""), &a, why);
	if (r == E_NOT_FOUND)
		return refuse(why, r, 404, "not_found", "id", "There is no such token.");
	char subject[40];
	snprintf(subject, sizeof(subject), "token:%lld", (long long)id);
	if (!r)
		r = end_token(t, id);
	if (!r)
		r = audit_put(t, c->actor, "token.revoke", subject, NULL);
	tick_changed(t, "token");
	return r ? r : token_json(&t->in, id, NULL, ret);
}

static int list_query(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	(void)why;
	struct statement *st = store_prepare(in->db, &token_module, TOKEN_LIST);
	bind_int(st, "$after", json_int(c->args, "after", 0));
	bind_text(st, "$territory", c->unit);
	return page_read(in, c, st, 0, shape, NULL, ret, ret_next);
}

static const struct verb_arg add_args[] = {
	{ .name = "user", .type = ARG_NAME, .required = true, .help_en = "whose token", .help_vi = "token của ai" },
	{ .name = "name", .type = ARG_TEXT, .max = 64, .otherwise = "", .help_en = "what it is for", .help_vi = "dùng để làm gì" },
	{ .name = "scopes", .type = ARG_TEXT, .max = TOKEN_SCOPES_BYTES - 1, .otherwise = "all",
	  .help_en = "all, read: queries only, login: good for logging in once, 72 hours at most, or nouns and verbs: message,case.show",
	  .help_vi = "all, read: chỉ xem, login: đăng nhập một lần, tối đa 72 giờ, hoặc tên việc được làm: message,case.show" },
	{ .name = "days", .type = ARG_INT, .min = 1, .max = 3650, .otherwise = "365", .help_en = "good for so many days",
	  .help_vi = "hiệu lực bao nhiêu ngày" },
};
static const struct verb_arg id_args[] = {
	{ .name = "id", .type = ARG_INT, .rank = 1, .required = true, .min = 1, .max = INT64_MAX, .help_en = "the token", .help_vi = "token" },
};

static const struct verb verbs[] = {
	{ .noun = "token", .name = "add", .kind = VERB_COMMAND, .roles = R_(ADMINISTRATOR), .creates = true, VERB_ARGS(add_args),
	  .help_en = "a token for the API, shown this once", .help_vi = "tạo token cho API, chỉ hiện một lần", .command = add_command },
	{ .noun = "token", .name = "revoke", .kind = VERB_COMMAND, .roles = R_(ADMINISTRATOR), VERB_ARGS(id_args), .help_en = "end a token",
	  .help_vi = "thu hồi token", .command = revoke_command },
	{ .noun = "token", .name = "list", .kind = VERB_QUERY, .roles = R_(ADMINISTRATOR) | R_(AUDITOR), .list = true, .help_en = "all tokens",
	  .help_vi = "danh sách token", .query = list_query },
};
const struct verb_table token_verbs = VERB_TABLE(verbs);
