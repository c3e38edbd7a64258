/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Accounts and their verbs. Called by the core and the query process to learn who a caller is, and by administrators. A
 * password is hashed by the query process, never here: the core must not stand still for it. */
#include "gateway/account.h"

#include <stdio.h>
#include <string.h>

#include "gateway/audit.h"
#include "gateway/base/json.h"
#include "gateway/base/text.h"
#include "gateway/session.h"
#include "gateway/store/store.h"
#include "gateway/token.h"

#define HASH_LIMIT_MS 20000

enum {
	ACCOUNT_NAME,
	ACCOUNT_ID,
	ACCOUNT_NEW,
	ACCOUNT_HASH,
	ACCOUNT_SET_HASH,
	ACCOUNT_DISABLE,
	ACCOUNT_SET_ROLE,
	ACCOUNT_LIST,
	ACCOUNT_SHOW,
	ACCOUNT_SQL_COUNT
};
#define COLUMNS "id, name, role, unit, disabled"
#define SHAPE "id, name, role, unit, disabled, totp IS NOT NULL"
static const char *const account_sql[ACCOUNT_SQL_COUNT] = {
	[ACCOUNT_NAME] = "SELECT " COLUMNS " FROM account WHERE name = $name",
	[ACCOUNT_ID] = "SELECT " COLUMNS " FROM account WHERE id = $id",
	[ACCOUNT_NEW] = "INSERT INTO account (name, role, unit, created_at) VALUES ($name, $role, $unit, $now)",
	[ACCOUNT_HASH] = "SELECT password FROM account WHERE id = $id",
	[ACCOUNT_SET_HASH] = "UPDATE account SET password = $hash WHERE id = $id",
	[ACCOUNT_DISABLE] = "UPDATE account SET disabled = $disabled WHERE id = $id",
	[ACCOUNT_SET_ROLE] = "UPDATE account SET role = $role, unit = $unit WHERE id = $id",
	[ACCOUNT_LIST] = "SELECT " SHAPE " FROM account WHERE id > $after ORDER BY id LIMIT $limit",
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
	bool read_only = false;
	int r = token_find(in, token, &id, &read_only);
	if (r == E_NOT_FOUND)
		r = session_find(in, token, &id);
	struct account a;
	if (!r)
		r = account_by_id(in, id, &a);
	if (r)
		return r == E_NOT_FOUND ? E_DENIED : r;
	if (a.disabled)
		return E_DENIED;
	a.read_only = read_only;
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

static int set_hash(struct tick *t, int64_t id, const char *hash)
{
	struct statement *st = store_prepare(t->in.db, &account_module, ACCOUNT_SET_HASH);
	bind_int(st, "$id", id);
	bind_text(st, "$hash", hash);
	return store_run(st);
}

/* ---- verbs ---- */

static json_t *shape(struct statement *st)
{
	const char *unit = column_text(st, 3);
	return json_pack("{s:s,s:s,s:s?,s:b,s:b}", "name", column_text(st, 1), "role", column_text(st, 2), "unit", unit && unit[0] ? unit : NULL,
			 "disabled", column_int(st, 4) != 0, "totp", column_int(st, 5) != 0);
}

static int user_json(const struct scope *in, int64_t id, json_t **ret)
{
	struct statement *st = store_prepare(in->db, &account_module, ACCOUNT_SHOW);
	bind_int(st, "$id", id);
	int r = store_row(st);
	json_t *out = r > 0 ? shape(st) : NULL;
	store_reset(st);
	if (r <= 0)
		return r ? r : E_NOT_FOUND;
	*ret = out;
	return out ? 0 : E_NOMEM;
}

static int list_query(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	(void)why;
	int64_t limit = json_int(c->args, "limit", 100), last = 0;
	OWN(json) json_t *list = json_array();
	struct statement *st = store_prepare(in->db, &account_module, ACCOUNT_LIST);
	bind_int(st, "$after", json_int(c->args, "after", 0));
	bind_int(st, "$limit", limit);
	int r;
	while ((r = store_row(st)) > 0) {
		last = column_int(st, 0);
		if (json_array_append_new(list, shape(st))) {
			r = E_NOMEM;
			break;
		}
	}
	store_reset(st);
	if (r)
		return r;
	*ret_next = (int64_t)json_array_size(list) == limit ? last : 0;
	*ret = MOVE(list);
	return 0;
}

static int find_user(const struct scope *in, const struct call *c, struct account *ret, struct refusal *why)
{
	int r = account_by_name(in, json_str(c->args, "name", ""), ret);
	return r == E_NOT_FOUND ? refuse(why, r, 404, "not_found", "name", "There is no such user.") : r;
}

static int check_password(const char *password, const char *name, struct refusal *why)
{
	if (text_chars(password) < PASSWORD_CHARS_MIN || strcasestr(password, name))
		return refuse(why, E_INVALID, 422, "weak_password", "password",
			      "A password has at least %d characters and does not hold the user's name.", PASSWORD_CHARS_MIN);
	return 0;
}

static int ask_hash(struct tick *t, const struct call *c, const char *password, answer_fn on_answer)
{
	json_t *frame = json_pack("{s:s,s:s}", "op", "hash", "password", password);
	return frame ? tick_ask(t, c, NULL, frame, HASH_LIMIT_MS, on_answer) : E_NOMEM;
}

static const char *hash_of(const json_t *answer)
{
	const char *hash = json_str(json_object_get(answer, "result"), "hash", NULL);
	return hash && strlen(hash) < ACCOUNT_HASH_BYTES ? hash : NULL;
}

static int exists(struct refusal *why)
{
	return refuse(why, E_EXISTS, 409, "exists", "name", "There is a user of this name already.");
}

static int add_user(struct tick *t, const struct call *c, const char *hash, json_t **ret, struct refusal *why)
{
	const char *name = json_str(c->args, "name", "");
	enum role role;
	int64_t id;
	int r = role_parse(json_str(c->args, "role", ""), &role);
	if (!r)
		r = account_new(t, name, role, json_str(c->args, "unit", ""), &id);
	if (r == E_EXISTS)
		return exists(why);
	if (!r && hash)
		r = set_hash(t, id, hash);
	char subject[ACCOUNT_NAME_BYTES + 8];
	snprintf(subject, sizeof(subject), "user:%.32s", name);
	if (!r)
		r = audit_put(t, c->actor, "user.add", subject, role_name(role));
	tick_changed(t, "user");
	return r ? r : user_json(&t->in, id, ret);
}

static int add_hashed(struct tick *t, const struct call *c, const json_t *answer, json_t **ret, struct refusal *why)
{
	const char *hash = hash_of(answer);
	if (!hash)
		return refuse(why, E_UNAVAILABLE, 503, "unavailable", "", "The password could not be hashed now; try again.");
	return add_user(t, c, hash, ret, why);
}

static int add_command(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	const char *name = json_str(c->args, "name", ""), *password = json_str(c->args, "password", "");
	const char *unit = json_str(c->args, "unit", "");
	struct account there;
	int r = account_by_name(&t->in, name, &there);
	if (r != E_NOT_FOUND)
		return r ? r : exists(why);
	if (unit[strspn(unit, "0123456789")] != '\0')
		return refuse(why, E_INVALID, 422, "out_of_range", "unit", "unit is the digits of a unit's code, or empty.");
	if (!*password)
		return add_user(t, c, NULL, ret, why);
	r = check_password(password, name, why);
	return r ? r : ask_hash(t, c, password, add_hashed);
}

static int set_password(struct tick *t, const struct call *c, const json_t *answer, json_t **ret, struct refusal *why)
{
	const char *hash = hash_of(answer);
	if (!hash)
		return refuse(why, E_UNAVAILABLE, 503, "unavailable", "", "The password could not be hashed now; try again.");
	struct account a;
	int r = find_user(&t->in, c, &a, why);
	if (!r)
		r = set_hash(t, a.id, hash);
	if (!r)
		r = session_end_all(t, a.id);
	char subject[ACCOUNT_NAME_BYTES + 8];
	account_actor(&a, subject);
	if (!r)
		r = audit_put(t, c->actor, "user.passwd", subject, NULL);
	return r ? r : user_json(&t->in, a.id, ret);
}

static int passwd_command(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	(void)ret;
	struct account a;
	int r = find_user(&t->in, c, &a, why);
	if (r)
		return r;
	char self[ACCOUNT_NAME_BYTES + 8];
	account_actor(&a, self);
	if (c->role != ROLE_OPERATOR && c->role != ROLE_ADMINISTRATOR && strcmp(self, c->actor) != 0)
		return refuse(why, E_DENIED, 403, "role", "name", "Only administrators set the passwords of others.");
	const char *password = json_str(c->args, "password", "");
	r = check_password(password, a.name, why);
	return r ? r : ask_hash(t, c, password, set_password);
}

static int disable_command(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	struct account a;
	char subject[ACCOUNT_NAME_BYTES + 8];
	int r = find_user(&t->in, c, &a, why);
	if (r)
		return r;
	account_actor(&a, subject);
	if (strcmp(subject, c->actor) == 0)
		return refuse(why, E_REFUSED, 409, "own_account", "name", "One's own account is shut by somebody else.");
	struct statement *st = store_prepare(t->in.db, &account_module, ACCOUNT_DISABLE);
	bind_int(st, "$id", a.id);
	bind_int(st, "$disabled", 1);
	r = store_run(st);
	if (!r)
		r = session_end_all(t, a.id);
	if (!r)
		r = audit_put(t, c->actor, "user.disable", subject, NULL);
	tick_changed(t, "user");
	return r ? r : user_json(&t->in, a.id, ret);
}

static int set_role(struct tick *t, const struct account *a, const struct call *c)
{
	struct statement *st = store_prepare(t->in.db, &account_module, ACCOUNT_SET_ROLE);
	bind_int(st, "$id", a->id);
	bind_text(st, "$role", json_str(c->args, "role", ""));
	bind_text(st, "$unit", json_str(c->args, "unit", a->unit));
	int r = store_run(st);
	return r ? r : session_end_all(t, a->id);
}

/* Nobody takes their own rights by mistake: an administrator's are changed by another one. */
static int role_command(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	struct account a;
	char subject[ACCOUNT_NAME_BYTES + 8];
	const char *unit = json_str(c->args, "unit", "");
	int r = find_user(&t->in, c, &a, why);
	if (r)
		return r;
	account_actor(&a, subject);
	if (strcmp(subject, c->actor) == 0)
		return refuse(why, E_REFUSED, 409, "own_account", "name", "One's own role is changed by somebody else.");
	if (unit[strspn(unit, "0123456789")] != '\0')
		return refuse(why, E_INVALID, 422, "out_of_range", "unit", "unit is the digits of a unit's code, or empty.");
	r = set_role(t, &a, c);
	if (!r)
		r = audit_put(t, c->actor, "user.role", subject, json_str(c->args, "role", ""));
	tick_changed(t, "user");
	return r ? r : user_json(&t->in, a.id, ret);
}

static const char *const roles[] = { "operator",  "outreach",	   "approver", "reviewer",
				     "secretary", "administrator", "auditor",  NULL };
#define NAME_ARG { .name = "name", .type = ARG_NAME, .rank = 1, .required = true, .help_en = "login name", .help_vi = "tên đăng nhập" }
#define PASSWORD_ARG(must)                                                                                                     \
	{ .name = "password", .type = ARG_TEXT, .max = PASSWORD_BYTES_MAX, .required = must,                                   \
	  .help_en = "first line of standard input on the command line", .help_vi = "dòng đầu của đầu vào chuẩn khi dùng dòng lệnh" }
static const struct verb_arg add_args[] = {
	NAME_ARG,
	{ .name = "role", .type = ARG_TEXT, .required = true, .choices = roles, .help_en = "what the person may do", .help_vi = "vai trò" },
	{ .name = "unit", .type = ARG_TEXT, .max = ACCOUNT_UNIT_BYTES - 1, .otherwise = "", .help_en = "territory: a unit's code, empty = everything",
	  .help_vi = "địa bàn: mã đơn vị, để trống = tất cả" },
	PASSWORD_ARG(false),
};
static const struct verb_arg passwd_args[] = { NAME_ARG, PASSWORD_ARG(true) };
static const struct verb_arg name_args[] = { NAME_ARG };
static const struct verb_arg role_args[] = {
	NAME_ARG,
	{ .name = "role", .type = ARG_TEXT, .required = true, .choices = roles, .help_en = "what the person may do", .help_vi = "vai trò" },
	{ .name = "unit", .type = ARG_TEXT, .max = ACCOUNT_UNIT_BYTES - 1, .help_en = "territory: a unit's code, empty = everything; as before when left out",
	  .help_vi = "địa bàn: mã đơn vị, trống = tất cả; không ghi = như cũ" },
};

static const struct verb verbs[] = {
	{ .noun = "user", .name = "add", .kind = VERB_COMMAND, .roles = R_(ADMINISTRATOR), .creates = true, VERB_ARGS(add_args),
	  .help_en = "add somebody who works here", .help_vi = "thêm người dùng", .command = add_command },
	{ .noun = "user", .name = "list", .kind = VERB_QUERY, .roles = R_(ADMINISTRATOR) | R_(AUDITOR), .list = true,
	  .help_en = "everybody who works here", .help_vi = "danh sách người dùng", .query = list_query },
	{ .noun = "user", .name = "passwd", .kind = VERB_COMMAND, .roles = ROLES_ALL, VERB_ARGS(passwd_args), .help_en = "set a password",
	  .help_vi = "đặt mật khẩu", .command = passwd_command },
	{ .noun = "user", .name = "role", .kind = VERB_COMMAND, .roles = R_(ADMINISTRATOR), VERB_ARGS(role_args),
	  .help_en = "give another role; the user's sessions end", .help_vi = "đổi vai trò; các phiên của người đó kết thúc", .command = role_command },
	{ .noun = "user", .name = "disable", .kind = VERB_COMMAND, .roles = R_(ADMINISTRATOR), VERB_ARGS(name_args),
	  .help_en = "shut an account; its tokens and sessions end", .help_vi = "khóa tài khoản; token và phiên bị hủy",
	  .command = disable_command },
};
const struct verb_table account_verbs = VERB_TABLE(verbs);
