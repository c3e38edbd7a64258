/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table account. Called by the core and the query process to learn who a caller is, by session.c and by the verbs. Never
 * hashes a password: the query process does, the core must not stand still for it. */
#include "gateway/account.h"

#include <stdio.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/base/seal.h"
#include "gateway/page.h"
#include "gateway/session.h"
#include "gateway/store/store.h"
#include "gateway/territory.h"
#include "gateway/token.h"

enum {
	ACCOUNT_NAME,
	ACCOUNT_ID,
	ACCOUNT_NEW,
	ACCOUNT_HASH,
	ACCOUNT_SET_HASH,
	ACCOUNT_SHUT,
	ACCOUNT_SET_ROLE,
	ACCOUNT_TOTP,
	ACCOUNT_SET_TOTP,
	ACCOUNT_LIST,
	ACCOUNT_SHOW,
	ACCOUNT_SQL_COUNT
};
#define COLUMNS "id, name, role, unit, disabled"
#define SHAPE "totp, " COLUMNS
static const char *const account_sql[ACCOUNT_SQL_COUNT] = {
	[ACCOUNT_NAME] = "SELECT " COLUMNS " FROM account WHERE name = $name",
	[ACCOUNT_ID] = "SELECT " COLUMNS " FROM account WHERE id = $id",
	[ACCOUNT_NEW] = "INSERT INTO account (name, role, unit, created_at) VALUES ($name, $role, $unit, $now)",
	[ACCOUNT_HASH] = "SELECT password FROM account WHERE id = $id",
	[ACCOUNT_SET_HASH] = "UPDATE account SET password = $hash WHERE id = $id",
	[ACCOUNT_SHUT] = "UPDATE account SET disabled = $disabled WHERE id = $id",
	[ACCOUNT_SET_ROLE] = "UPDATE account SET role = $role, unit = $unit WHERE id = $id",
	[ACCOUNT_TOTP] = "SELECT totp FROM account WHERE id = $id",
	[ACCOUNT_SET_TOTP] = "UPDATE account SET totp = $totp WHERE id = $id",
	[ACCOUNT_LIST] = "SELECT " SHAPE " FROM account WHERE id > $after AND " TERRITORY_HOLDS("account.unit", "$territory") " ORDER BY id LIMIT $limit",
	[ACCOUNT_SHOW] = "SELECT " SHAPE " FROM account WHERE id = $id",
};
const struct sql_module account_module = { "account", account_sql, ACCOUNT_SQL_COUNT };

static int read_account(struct statement *st, struct account *ret)
{
	struct account a = { .id = column_int(st, 0), .disabled = column_int(st, 4) != 0 };
	snprintf(a.name, sizeof(a.name), "%s", column_text(st, 1));
	snprintf(a.unit, sizeof(a.unit), "%s", column_text(st, 3));
	if (role_parse(column_text(st, 2), &a.role))
		return E_CORRUPT;
	*ret = a;
	return 0;
}

static int one_account(struct statement *st, struct account *ret)
{
	int r = store_row(st);
	r = r > 0 ? read_account(st, ret) : r == 0 ? E_NOT_FOUND : r;
	store_reset(st);
	return r;
}

int account_by_name(const struct scope *in, const char *name, struct account *ret)
{
	struct statement *st = store_prepare(in->db, &account_module, ACCOUNT_NAME);
	bind_text(st, "$name", name);
	return one_account(st, ret);
}

int account_by_id(const struct scope *in, int64_t id, struct account *ret)
{
	struct statement *st = store_prepare(in->db, &account_module, ACCOUNT_ID);
	bind_int(st, "$id", id);
	return one_account(st, ret);
}

int account_by_token(const struct scope *in, const char *token, struct account *ret)
{
	int64_t id = 0;
	char scopes[TOKEN_SCOPES_BYTES] = "";
	int r = token_find(in, token, &id, scopes);
	if (r == E_NOT_FOUND)
		r = session_find(in, token, &id);
	struct account a;
	if (!r)
		r = account_by_id(in, id, &a);
	if (r)
		return r == E_NOT_FOUND ? E_DENIED : r;
	if (a.disabled)
		return E_DENIED;
	memcpy(a.scopes, scopes, sizeof(scopes));
	*ret = a;
	return 0;
}

void account_actor(const struct account *a, char ret[ACCOUNT_NAME_BYTES + 8])
{
	snprintf(ret, ACCOUNT_NAME_BYTES + 8, "user:%s", a->name);
}

int account_new(struct tick *t, const char *name, enum role role, const char *unit, int64_t *ret_id)
{
	struct statement *st = store_prepare(t->in.db, &account_module, ACCOUNT_NEW);
	bind_text(st, "$name", name);
	bind_text(st, "$role", role_name(role));
	bind_text(st, "$unit", unit);
	bind_int(st, "$now", t->in.now_ms);
	int r = store_run(st);
	if (!r)
		*ret_id = store_last_id(t->in.db);
	return r;
}

int account_hash(const struct scope *in, int64_t id, char ret[ACCOUNT_HASH_BYTES])
{
	struct statement *st = store_prepare(in->db, &account_module, ACCOUNT_HASH);
	bind_int(st, "$id", id);
	int r = store_row(st);
	const char *hash = r > 0 ? column_text(st, 0) : NULL;
	if (hash)
		snprintf(ret, ACCOUNT_HASH_BYTES, "%s", hash);
	store_reset(st);
	return r < 0 ? r : hash ? 0 : E_NOT_FOUND;
}

int account_set_hash(struct tick *t, int64_t id, const char *hash)
{
	struct statement *st = store_prepare(t->in.db, &account_module, ACCOUNT_SET_HASH);
	bind_int(st, "$id", id);
	bind_text(st, "$hash", hash);
	return store_run(st);
}

int account_set_role(struct tick *t, int64_t id, enum role role, const char *unit)
{
	struct statement *st = store_prepare(t->in.db, &account_module, ACCOUNT_SET_ROLE);
	bind_int(st, "$id", id);
	bind_text(st, "$role", role_name(role));
	bind_text(st, "$unit", unit);
	int r = store_run(st);
	return r ? r : session_end_all(t, id);
}

int account_shut(struct tick *t, int64_t id, bool shut)
{
	struct statement *st = store_prepare(t->in.db, &account_module, ACCOUNT_SHUT);
	bind_int(st, "$id", id);
	bind_int(st, "$disabled", shut);
	int r = store_run(st);
	return r ? r : session_end_all(t, id);
}

/* ---- one-time codes ---- */

static int read_totp(const struct scope *in, struct statement *st, struct totp *ret)
{
	size_t n = 0;
	const void *box = column_null(st, 0) ? NULL : column_blob(st, 0, &n);
	OWN(mem) char *plain = NULL;
	if (!box)
		return E_NOT_FOUND;
	if (seal_open_box(in->seal, box, n, &plain, &n) || n != TOTP_BOX_BYTES)
		return E_CORRUPT;
	totp_unpack((const uint8_t *)plain, ret);
	return 0;
}

int account_totp(const struct scope *in, int64_t id, struct totp *ret)
{
	struct statement *st = store_prepare(in->db, &account_module, ACCOUNT_TOTP);
	bind_int(st, "$id", id);
	int r = store_row(st);
	r = r > 0 ? read_totp(in, st, ret) : r == 0 ? E_NOT_FOUND : r;
	store_reset(st);
	return r;
}

int account_set_totp(struct tick *t, int64_t id, const struct totp *k)
{
	uint8_t plain[TOTP_BOX_BYTES], box[TOTP_BOX_BYTES + SEAL_EXTRA_BYTES];
	struct statement *st = store_prepare(t->in.db, &account_module, ACCOUNT_SET_TOTP);
	bind_int(st, "$id", id);
	if (k) {
		totp_pack(k, plain);
		seal_close_box(t->in.seal, t->in.random, plain, sizeof(plain), box);
		bind_blob(st, "$totp", box, sizeof(box));
	}
	return store_run(st);
}

/* ---- shapes ---- */

static json_t *shape(const struct scope *in, struct statement *st, const void *arg)
{
	(void)arg;
	struct totp k;
	const char *unit = column_text(st, 4);
	bool asked = read_totp(in, st, &k) == 0 && k.step > 0;
	return json_pack("{s:s,s:s,s:s?,s:b,s:b}", "name", column_text(st, 2), "role", column_text(st, 3), "unit", unit && unit[0] ? unit : NULL,
			 "disabled", column_int(st, 5) != 0, "totp", asked);
}

int account_json(const struct scope *in, int64_t id, json_t **ret)
{
	struct statement *st = store_prepare(in->db, &account_module, ACCOUNT_SHOW);
	bind_int(st, "$id", id);
	return page_one(in, st, shape, NULL, ret);
}

int account_list(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next)
{
	struct statement *st = store_prepare(in->db, &account_module, ACCOUNT_LIST);
	bind_int(st, "$after", json_int(c->args, "after", 0));
	bind_text(st, "$territory", c->unit);
	return page_read(in, c, st, 1, shape, NULL, ret, ret_next);
}
