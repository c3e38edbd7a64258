/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verbs of user. An administrator governs the accounts of the own territory; an operator's account, which may do everything,
 * is made and changed by an operator alone. Nobody changes their own rights. */
#include <string.h>
#include <stdio.h>

#include "config/config.h"
#include "gateway/account.h"
#include "gateway/audit.h"
#include "gateway/base/json.h"
#include "gateway/base/text.h"
#include "gateway/login.h"
#include "gateway/session.h"
#include "gateway/totp.h"
#include "gateway/unit.h"

#define HASH_LIMIT_MS 20000
#define OLD_PASSWORD "old-password"

/* ---- who may ---- */

static bool is_own(const struct call *c, const char *name)
{
	return strncmp(c->actor, "user:", 5) == 0 && strcmp(c->actor + 5, name) == 0;
}

/* 1, 0 or negative. */
static int inside(const struct scope *in, const char *unit, const char *territory)
{
	return unit_is_held(in, territory, unit);
}

/* May the caller give such rights, and take them? */
static int may_govern(const struct scope *in, const struct call *c, enum role role, const char *unit, struct refusal *why)
{
	if (c->role != ROLE_OPERATOR && role == ROLE_OPERATOR)
		return refuse(why, E_DENIED, 403, "role", "role", "Operators are made and changed by an operator.");
	int r = inside(in, unit, c->unit);
	return r < 0 ? r : r ? 0 : refuse(why, E_DENIED, 403, "territory", "unit", "That unit lies outside of your territory.");
}

int account_governed(const struct scope *in, const struct call *c, const char *field, const char *name, struct account *ret, struct refusal *why)
{
	struct account a;
	int r = account_by_name(in, name, &a), here = r ? 0 : inside(in, a.unit, c->unit);
	if (here < 0)
		return here;
	if (r == E_NOT_FOUND || (!r && !here))
		return refuse(why, E_NOT_FOUND, 404, "not_found", field, "There is no such user.");
	if (!r && c->role != ROLE_OPERATOR && c->role != ROLE_ADMINISTRATOR)
		return refuse(why, E_DENIED, 403, "role", field, "Only administrators do this for others.");
	r = r ? r : may_govern(in, c, a.role, a.unit, why);
	if (!r)
		*ret = a;
	return r;
}

static int other_user(const struct scope *in, const struct call *c, struct account *ret, struct refusal *why)
{
	const char *name = json_str(c->args, "name", "");
	if (is_own(c, name))
		return refuse(why, E_REFUSED, 409, "own_account", "name", "One's own account is changed by somebody else.");
	return account_governed(in, c, "name", name, ret, why);
}

/* One's own account, or one that the caller governs. */
static int find_user(const struct scope *in, const struct call *c, struct account *ret, struct refusal *why)
{
	const char *name = json_str(c->args, "name", "");
	return is_own(c, name) ? account_by_name(in, name, ret) : account_governed(in, c, "name", name, ret, why);
}

static int done(struct tick *t, const struct call *c, const struct account *a, const char *detail, json_t **ret)
{
	char subject[ACCOUNT_NAME_BYTES + 8];
	account_actor(a, subject);
	int r = audit_put(t, c->actor, c->dotted, subject, detail);
	tick_changed(t, "user");
	return r ? r : account_json(&t->in, a->id, ret);
}

/* ---- passwords ---- */

static int check_password(const char *password, const char *name, struct refusal *why)
{
	if (text_chars(password) < PASSWORD_CHARS_MIN || strcasestr(password, name))
		return refuse(why, E_INVALID, 422, "weak_password", "password",
			      "A password has at least %d characters and does not hold the user's name.", PASSWORD_CHARS_MIN);
	return 0;
}

/* old_hash NULL: nothing is compared. */
static int ask_hash(struct tick *t, const struct call *c, const char *password, const char *old_hash, answer_fn on_answer)
{
	json_t *frame = json_pack("{s:s,s:s,s:s*,s:s*}", "op", "hash", "password", password, "old", old_hash ? json_str(c->args, OLD_PASSWORD, "") : NULL,
				  "old_hash", old_hash);
	return frame ? tick_ask(t, c, NULL, frame, HASH_LIMIT_MS, on_answer) : E_NOMEM;
}

static int hash_of(const json_t *answer, const char **ret, struct refusal *why)
{
	if (json_flag(json_object_get(answer, "result"), "wrong", false))
		return refuse(why, E_DENIED, 403, "old_password", OLD_PASSWORD, "That is not the present password.");
	const char *hash = json_str(json_object_get(answer, "result"), "hash", NULL);
	if (!hash || strlen(hash) >= ACCOUNT_HASH_BYTES)
		return refuse(why, E_UNAVAILABLE, 503, "unavailable", "", "The password could not be hashed now; try again.");
	*ret = hash;
	return 0;
}

static int set_password(struct tick *t, const struct call *c, const json_t *answer, json_t **ret, struct refusal *why)
{
	const char *hash;
	struct account a;
	int r = hash_of(answer, &hash, why);
	r = r ? r : find_user(&t->in, c, &a, why);
	r = r ? r : account_set_hash(t, a.id, hash);
	r = r ? r : session_end_all(t, a.id);
	if (!r && is_own(c, a.name))
		r = login_done(t, a.name, "");
	return r ? r : done(t, c, &a, NULL, ret);
}

/* Whoever sits down at a screen that somebody left open must not make the account their own. 1: *ret_hash is what is compared, 0: there is
 * nothing to compare. Tries count as those of logging in do. */
static int old_hash(struct tick *t, const struct call *c, const struct account *a, char ret_hash[ACCOUNT_HASH_BYTES], struct refusal *why)
{
	int r = is_own(c, a->name) ? account_hash(&t->in, a->id, ret_hash) : E_NOT_FOUND;
	if (r)
		return r == E_NOT_FOUND ? 0 : r;
	if (!json_str(c->args, OLD_PASSWORD, NULL))
		return refuse(why, E_INVALID, 422, "old_password", OLD_PASSWORD, "One's own password is changed with the present one.");
	r = login_try(t, a->name, "", why);
	return r ? r : 1;
}

static int passwd_command(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	(void)ret;
	struct account a;
	const char *password = json_str(c->args, "password", "");
	int r = find_user(&t->in, c, &a, why);
	char hash[ACCOUNT_HASH_BYTES];
	r = r ? r : check_password(password, a.name, why);
	r = r ? r : old_hash(t, c, &a, hash, why);
	return r < 0 ? r : ask_hash(t, c, password, r ? hash : NULL, set_password);
}

/* ---- adding ---- */

static int add_user(struct tick *t, const struct call *c, const char *hash, json_t **ret, struct refusal *why)
{
	struct account a = { 0 };
	snprintf(a.name, sizeof(a.name), "%s", json_str(c->args, "name", ""));
	int r = role_parse(json_str(c->args, "role", ""), &a.role);
	r = r ? r : account_new(t, a.name, a.role, json_str(c->args, "unit", ""), &a.id);
	if (r == E_EXISTS)
		return refuse(why, r, 409, "exists", "name", "There is a user of this name already.");
	if (!r && hash)
		r = account_set_hash(t, a.id, hash);
	return r ? r : done(t, c, &a, role_name(a.role), ret);
}

static int add_hashed(struct tick *t, const struct call *c, const json_t *answer, json_t **ret, struct refusal *why)
{
	const char *hash;
	int r = hash_of(answer, &hash, why);
	return r ? r : add_user(t, c, hash, ret, why);
}

/* A role and a unit that the caller may give. */
static int check_rights(const struct scope *in, const struct call *c, const char *unit, enum role *ret, struct refusal *why)
{
	int r = role_parse(json_str(c->args, "role", ""), ret);
	if (unit[strspn(unit, "0123456789")] != '\0')
		return refuse(why, E_INVALID, 422, "out_of_range", "unit", "unit is the digits of a unit's code, or empty.");
	r = r ? r : unit_check_said(in, unit, "unit", why);
	return r ? r : may_govern(in, c, *ret, unit, why);
}

static int add_command(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	const char *name = json_str(c->args, "name", ""), *password = json_str(c->args, "password", "");
	struct account there;
	enum role role;
	int r = check_rights(&t->in, c, json_str(c->args, "unit", ""), &role, why);
	if (r)
		return r;
	r = account_by_name(&t->in, name, &there);
	if (r != E_NOT_FOUND)
		return r ? r : refuse(why, E_EXISTS, 409, "exists", "name", "There is a user of this name already.");
	if (!*password)
		return add_user(t, c, NULL, ret, why);
	r = check_password(password, name, why);
	return r ? r : ask_hash(t, c, password, NULL, add_hashed);
}

/* ---- rights ---- */

static int shut(struct tick *t, const struct call *c, bool shut_it, json_t **ret, struct refusal *why)
{
	struct account a;
	int r = other_user(&t->in, c, &a, why);
	r = r ? r : account_shut(t, a.id, shut_it);
	return r ? r : done(t, c, &a, NULL, ret);
}

static int disable_command(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	return shut(t, c, true, ret, why);
}

static int enable_command(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	return shut(t, c, false, ret, why);
}

static int role_command(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	struct account a;
	enum role role;
	int r = other_user(&t->in, c, &a, why);
	if (r)
		return r;
	const char *unit = json_str(c->args, "unit", a.unit);
	r = check_rights(&t->in, c, unit, &role, why);
	r = r ? r : account_set_role(t, a.id, role, unit);
	return r ? r : done(t, c, &a, role_name(role), ret);
}

/* ---- one-time codes ---- */

/* The secret in the answer, this once. */
static int show_secret(struct tick *t, const struct totp *k, const char *name, json_t *user)
{
	OWN(mem) char *uri = totp_uri(k, t->in.config->organisation.name, name);
	json_t *picture = NULL;
	int r = uri ? totp_picture(uri, &picture) : E_NOMEM;
	r = r ? r : json_set_str(user, "uri", uri);
	return r ? r : json_object_set_new(user, "qr", picture) ? E_NOMEM : 0;
}

/* An own secret is asked for once its first code was right, so that nobody shuts themselves out; what somebody else was given in
 * person is asked for at once. */
static int new_secret(struct tick *t, const struct call *c, const struct account *a, json_t **ret)
{
	struct totp k;
	totp_new(t->in.random, &k);
	if (!is_own(c, a->name))
		totp_begin(&k, t->in.now_ms);
	int r = account_set_totp(t, a->id, &k);
	r = r ? r : done(t, c, a, "new", ret);
	return r ? r : show_secret(t, &k, a->name, *ret);
}

static int first_code(struct tick *t, const struct call *c, const struct account *a, struct totp *k, json_t **ret, struct refusal *why)
{
	if (totp_take(k, t->in.now_ms, json_str(c->args, "code", "")))
		return refuse(why, E_REFUSED, 409, "totp_code", "code", "That is not the code of this moment.");
	int r = account_set_totp(t, a->id, k);
	return r ? r : done(t, c, a, "on", ret);
}

static int totp_command(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	struct account a;
	struct totp k = { 0 };
	bool off = json_flag(c->args, "off", false), confirms = json_str(c->args, "code", NULL) != NULL;
	int r = find_user(&t->in, c, &a, why);
	if (r)
		return r;
	r = account_totp(&t->in, a.id, &k);
	if (r && r != E_NOT_FOUND)
		return r;
	if (is_own(c, a.name) && (off || k.step > 0))
		return refuse(why, E_REFUSED, 409, "totp_on", "", "One's own codes are taken away by an administrator, in person.");
	if (confirms && (off || r == E_NOT_FOUND || k.step > 0))
		return refuse(why, E_REFUSED, 409, "totp_code", "code", "No new secret waits for its first code.");
	if (confirms)
		return first_code(t, c, &a, &k, ret, why);
	if (!off)
		return new_secret(t, c, &a, ret);
	r = account_set_totp(t, a.id, NULL);
	return r ? r : done(t, c, &a, "off", ret);
}

static int list_query(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	(void)why;
	return account_list(in, c, ret, ret_next);
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
static const struct verb_arg passwd_args[] = {
	NAME_ARG,
	PASSWORD_ARG(true),
	{ .name = OLD_PASSWORD, .type = ARG_TEXT, .max = PASSWORD_BYTES_MAX, .help_en = "the present one, for one's own account; second line of standard input",
	  .help_vi = "mật khẩu hiện tại, khi đổi của chính mình; dòng thứ hai của đầu vào chuẩn" },
};
static const struct verb_arg name_args[] = { NAME_ARG };
static const struct verb_arg role_args[] = {
	NAME_ARG,
	{ .name = "role", .type = ARG_TEXT, .required = true, .choices = roles, .help_en = "what the person may do", .help_vi = "vai trò" },
	{ .name = "unit", .type = ARG_TEXT, .max = ACCOUNT_UNIT_BYTES - 1, .help_en = "territory: a unit's code, empty = everything; as before when left out",
	  .help_vi = "địa bàn: mã đơn vị, trống = tất cả; không ghi = như cũ" },
};

static const struct verb_arg totp_args[] = {
	NAME_ARG,
	{ .name = "code", .type = ARG_TEXT, .max = 16, .help_en = "first code of the own telephone: from now on codes are asked for",
	  .help_vi = "mã đầu tiên trên điện thoại của mình: từ đó đăng nhập phải có mã" },
	{ .name = "off", .type = ARG_FLAG, .otherwise = "false", .help_en = "ask for no codes any more: the telephone was lost",
	  .help_vi = "thôi hỏi mã: điện thoại bị mất" },
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
	{ .noun = "user", .name = "enable", .kind = VERB_COMMAND, .roles = R_(ADMINISTRATOR), VERB_ARGS(name_args),
	  .help_en = "open an account that was shut", .help_vi = "mở lại tài khoản đã khóa", .command = enable_command },
	{ .noun = "user", .name = "totp", .kind = VERB_COMMAND, .roles = ROLES_ALL, VERB_ARGS(totp_args),
	  .help_en = "a secret for one-time codes, shown this once", .help_vi = "khóa cho mã đăng nhập một lần, chỉ hiện lần này",
	  .command = totp_command },
};
const struct verb_table account_verbs = VERB_TABLE(verbs);
