/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who asks, and what they may: found from the connection's credentials or from the session in the frame, never from what is claimed. */
#ifndef CAUNOI_GATEWAY_CALLER_H
#define CAUNOI_GATEWAY_CALLER_H

#include <sys/types.h>

#include "gateway/account.h"
#include "gateway/scope.h"
#include "gateway/verb.h"

struct caller {
	char actor[ACCOUNT_NAME_BYTES + 8];
	enum role role;
	char unit[ACCOUNT_UNIT_BYTES];
	char scopes[TOKEN_SCOPES_BYTES];
};

/* is_web: the connection speaks for others and needs session (else 401); session may be NULL. Root and this process's own uid are the
 * operator, members of group caunoi the account of their login name; E_DENIED with *why. */
MUST_CHECK int caller_find(const struct scope *in, uid_t uid, bool is_web, const char *session, struct caller *ret, struct refusal *why);
/* Role, territory and token all allow the verb; E_DENIED with *why (403: "role", "territory", "scope"). */
MUST_CHECK int caller_may(const struct scope *in, const struct caller *who, const struct verb *v, struct refusal *why);

#endif
