/* SPDX-License-Identifier: GPL-3.0-or-later */
/* API tokens: "cn_" and 40 random characters, shown once, kept as a digest. A token has its user's role and territory. */
#ifndef CAUNOI_GATEWAY_TOKEN_H
#define CAUNOI_GATEWAY_TOKEN_H

#include "gateway/account.h"
#include "gateway/tick.h"
#include "gateway/verb.h"

#define TOKEN_CHARS 40
#define TOKEN_BYTES (3 + TOKEN_CHARS + 1)
#define TOKEN_LOGIN_HOURS 72

/* scopes: "all", "read" (queries only), "login" (good for one session open, nothing else), or nouns and verbs with commas between them
 * ("message", "case.list,case.show"). expires_at 0 = never. */
MUST_CHECK int token_new(struct tick *t, int64_t account, const char *name, const char *scopes, int64_t expires_at,
			 char ret[TOKEN_BYTES], int64_t *ret_id);
/* The account of a token that is good now; E_NOT_FOUND. Login tokens are not found here. */
MUST_CHECK int token_find(const struct scope *in, const char *token, int64_t *ret_account, char ret_scopes[TOKEN_SCOPES_BYTES]);
/* Do the scopes of a token allow the verb? "" is no token: everything. */
bool token_permits(const char *scopes, const struct verb *v);
/* Takes a login token: it works this once. E_DENIED. */
MUST_CHECK int token_take_login(struct tick *t, const char *token, int64_t *ret_account);

extern const struct verb_table token_verbs;
extern const struct sql_module token_module;

#endif
