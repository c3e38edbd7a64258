/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a profile puts where it writes {{auth}}: basic (base64 of user:password), jwt_hs256 (a token signed here, with an
 * end), token (fetched from the provider and kept by the driver until it ends). Private to config/; keeps no state. */
#ifndef CAUNOI_CONFIG_CREDENTIAL_H
#define CAUNOI_CONFIG_CREDENTIAL_H

#include "config/request.h"

enum credential_kind { CREDENTIAL_NONE, CREDENTIAL_BASIC, CREDENTIAL_JWT_HS256, CREDENTIAL_TOKEN };

struct credential {
	enum credential_kind kind;
	char *user, *password; /* basic: names of secrets */
	char *secret;	       /* jwt_hs256: name of the secret that signs */
	struct stencil header, claims;
	int lifetime_s; /* of a signed token; of a fetched one when its answer does not say */
	struct request_plan request;
	enum format format;
	struct place token, expires_s, code;
};

/* Reads the group auth of g; absent = none. */
MUST_CHECK int credential_read(const struct reader *g, struct credential *ret);
void credential_done(struct credential *c);
const char *credential_missing_secret(const struct credential *c, const json_t *secrets);
/* Appends what {{auth}} stands for; kind token: nothing, its value comes from the driver. E_REFUSED with *ret_why, E_NOMEM. */
MUST_CHECK int credential_put(const struct credential *c, const struct stencil_values *v, int64_t now_s, struct buffer *out,
			      struct provider_refusal *ret_why);
/* Reads the answer to the token's request. secrets: not to be quoted. */
MUST_CHECK int credential_answer(const struct credential *c, const struct received *in, const json_t *secrets, struct provider_token *ret);

#endif
