/* SPDX-License-Identifier: GPL-3.0-or-later */
/* People who work here: name, role, territory, password hash. Tokens and sessions hang on an account (token.h, session.h). */
#ifndef CAUNOI_GATEWAY_ACCOUNT_H
#define CAUNOI_GATEWAY_ACCOUNT_H

#include "gateway/tick.h"
#include "gateway/totp.h"
#include "gateway/verb.h"

#define ACCOUNT_NAME_BYTES 33
#define ACCOUNT_UNIT_BYTES 33
#define PASSWORD_CHARS_MIN 12
#define PASSWORD_BYTES_MAX 512
#define ACCOUNT_HASH_BYTES 160 /* an Argon2id string and its NUL */
#define TOKEN_SCOPES_BYTES 256

struct account {
	int64_t id;
	char name[ACCOUNT_NAME_BYTES];
	enum role role;
	char unit[ACCOUNT_UNIT_BYTES]; /* "" = everything */
	bool disabled;
	char scopes[TOKEN_SCOPES_BYTES]; /* of the token it came by, see token_permits; "" = everything the role may */
};

/* By login name; E_NOT_FOUND. Disabled ones are found too. */
MUST_CHECK int account_by_name(const struct scope *in, const char *name, struct account *ret);
MUST_CHECK int account_by_id(const struct scope *in, int64_t id, struct account *ret);
/* By what a caller carries, an API token or a session. E_DENIED: unknown, expired, revoked, ended, or the account is disabled. */
MUST_CHECK int account_by_token(const struct scope *in, const char *token, struct account *ret);
/* A new account without password; E_EXISTS. */
MUST_CHECK int account_new(struct tick *t, const char *name, enum role role, const char *unit, int64_t *ret_id);
/* The account of that name, where the caller may change it: an operator may, and an administrator whose territory holds it unless it
 * is an operator's. E_NOT_FOUND (also outside of the territory), E_DENIED, with *why; field = the argument that names it. */
MUST_CHECK int account_governed(const struct scope *in, const struct call *c, const char *field, const char *name, struct account *ret,
				struct refusal *why);
/* The password's hash; E_NOT_FOUND when the account has none. */
MUST_CHECK int account_hash(const struct scope *in, int64_t id, char ret[ACCOUNT_HASH_BYTES]);
MUST_CHECK int account_set_hash(struct tick *t, int64_t id, const char *hash);
/* Sessions of the account end with both. */
MUST_CHECK int account_set_role(struct tick *t, int64_t id, enum role role, const char *unit);
MUST_CHECK int account_shut(struct tick *t, int64_t id, bool shut);
/* The account's secret for one-time codes; E_NOT_FOUND: none. */
MUST_CHECK int account_totp(const struct scope *in, int64_t id, struct totp *ret);
/* k NULL = none any more. */
MUST_CHECK int account_set_totp(struct tick *t, int64_t id, const struct totp *k);
/* One user as people see it; a page of those whose unit begins with territory ("" = all). */
MUST_CHECK int account_json(const struct scope *in, int64_t id, json_t **ret);
MUST_CHECK int account_list(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next);
/* "user:NAME", as actors are written. */
void account_actor(const struct account *a, char ret[ACCOUNT_NAME_BYTES + 8]);

extern const struct verb_table account_verbs;
extern const struct sql_module account_module;

#endif
