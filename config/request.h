/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One request that a profile describes: method, path, headers, body, as templates. Used for messages, tokens, look-ups
 * and balances. Private to config/. Const once read; filling is pure. */
#ifndef CAUNOI_CONFIG_REQUEST_H
#define CAUNOI_CONFIG_REQUEST_H

#include "config/provider.h"
#include "config/reader.h"
#include "config/stencil.h"

/* Keys of a group that is a request. */
#define REQUEST_KEYS "method", "path", "headers", "content_type", "body", "sign", "timeout_s"

struct request_plan {
	bool there;
	char *method, *content_type; /* content_type NULL = none */
	struct stencil path, body, sign, *headers;
	size_t n_headers;
	double timeout_s;
};

/* g is the group; allowed: HOLE_BIT of the values that such a request has. */
MUST_CHECK int request_plan_read(const struct reader *g, unsigned allowed, struct request_plan *ret);
void request_plan_done(struct request_plan *p);
/* HOLE_BIT of all holes together. */
unsigned request_plan_holes(const struct request_plan *p);
/* First secret that it names and secrets lacks; NULL = all there. Borrowed. */
const char *request_plan_missing_secret(const struct request_plan *p, const json_t *secrets);
/* Replaces what is in *ret, reusing its memory. E_REFUSED with *ret_why, E_NOMEM. */
MUST_CHECK int request_plan_fill(const struct request_plan *p, const struct stencil_values *v, struct provider_request *ret,
				 struct provider_refusal *ret_why);
/* Appends one template; what stencil_fill refuses becomes E_REFUSED with *ret_why. */
MUST_CHECK int request_fill(const struct stencil *s, const struct stencil_values *v, enum stencil_place place, struct buffer *out,
			    struct provider_refusal *ret_why);

#endif
