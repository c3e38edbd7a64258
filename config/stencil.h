/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A text with holes, "to={{to|url}}": read once from a provider profile, filled once for each message. What fills a
 * hole is never looked at for further holes. A filter prints the whole value of its place: |json with its quotes, |url
 * all but RFC 3986 unreserved characters encoded, |xml, |base64, |hmac_sha256:NAME (lower-case hex, keyed by the secret
 * NAME), |if:A:B (A unless the value is empty or "0"). Without a filter a value must match [A-Za-z0-9+._-]*; a secret in
 * a header may be any visible ASCII. */
#ifndef CAUNOI_CONFIG_STENCIL_H
#define CAUNOI_CONFIG_STENCIL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "gateway/base/buffer.h"
#include "gateway/base/err.h"

#define STENCIL_BYTES_MAX (256 * 1024)

enum hole {
	HOLE_TO,
	HOLE_TO_NATIONAL,
	HOLE_TO_DIGITS,
	HOLE_TEXT,
	HOLE_SENDER,
	HOLE_KEY,
	HOLE_ATTEMPT,
	HOLE_PARTS,
	HOLE_UNICODE,
	HOLE_RECEIPT_URL,
	HOLE_SECRET,
	HOLE_COUNT,
};

struct stencil {
	struct stencil_piece *pieces;
	size_t n_pieces;
	bool fixed; /* no hole but secrets: the same for every message */
};

/* What fills the holes; all borrowed. A NULL value cannot be printed: its hole refuses the message. */
struct stencil_values {
	const char *value[HOLE_COUNT]; /* HOLE_SECRET unused */
	const json_t *secrets;	       /* {"api_key": "…"}; NULL = none */
};

/* E_INVALID with a static English phrase in *ret_why, E_NOMEM. */
MUST_CHECK int stencil_parse(const char *text, struct stencil *ret, const char **ret_why);
void stencil_done(struct stencil *s);
/* Appends to out. E_INVALID with a rule's name in *ret_rule ("unsafe_value", "no_value", "no_secret", "too_big"), E_NOMEM. */
MUST_CHECK int stencil_fill(const struct stencil *s, const struct stencil_values *v, bool in_header, struct buffer *out,
			    const char **ret_rule);
/* First secret that s names and secrets lacks; NULL when none. Borrowed from s. */
const char *stencil_missing_secret(const struct stencil *s, const json_t *secrets);

#endif
