/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A text with holes, "to={{to|url}}": read once from a provider profile, filled once for each message. What fills a
 * hole is never looked at for further holes. Filters (filter.h) print the whole value of their place and may follow each
 * other, "{{text|ucs2hex|json}}". Without a filter a value must match [A-Za-z0-9+._-]*; what is no message's own (a secret, token,
 * moment or our address) may in a header be any visible ASCII; what is made by templates of the profile itself (recipients, parameters, body, sign) goes as it is. */
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
	HOLE_VALIDITY_S,
	HOLE_NOW,	 /* Unix seconds */
	HOLE_NOW_MS,
	HOLE_NOW_ISO,	 /* 2026-11-22T07:00:00Z */
	HOLE_NOW_HTTP,	 /* Sun, 22 Nov 2026 07:00:00 GMT */
	HOLE_EXPIRES,	 /* Unix seconds when a signed token ends */
	HOLE_AUTH,	 /* what the profile's auth makes */
	HOLE_RECIPIENTS, /* the recipient template for each message of a batch */
	HOLE_TEMPLATE,	 /* id of the template that the text follows */
	HOLE_PARAMETERS, /* the parameter template for each of its parameters */
	HOLE_NUMBER,	 /* of one parameter, from 1 */
	HOLE_VALUE,	 /* of one parameter */
	HOLE_REFERENCE,	 /* the provider's id */
	HOLE_PATH,	 /* the finished path */
	HOLE_BODY,	 /* the finished body */
	HOLE_SIGN,	 /* the finished sign template */
	HOLE_SECRET,
	HOLE_COUNT,
};
#define HOLE_BIT(hole) (1U << (hole))
#define HOLES_CLOCK (HOLE_BIT(HOLE_NOW) | HOLE_BIT(HOLE_NOW_MS) | HOLE_BIT(HOLE_NOW_ISO) | HOLE_BIT(HOLE_NOW_HTTP))
/* What differs between the messages of a request, what each has, and those of a request. */
#define HOLES_RECIPIENT                                                                                                  \
	(HOLE_BIT(HOLE_TO) | HOLE_BIT(HOLE_TO_NATIONAL) | HOLE_BIT(HOLE_TO_DIGITS) | HOLE_BIT(HOLE_KEY) | HOLE_BIT(HOLE_ATTEMPT))
#define HOLES_MESSAGE                                                                                                    \
	(HOLES_CLOCK | HOLES_RECIPIENT | HOLE_BIT(HOLE_TEXT) | HOLE_BIT(HOLE_SENDER) | HOLE_BIT(HOLE_PARTS) |            \
	 HOLE_BIT(HOLE_UNICODE) | HOLE_BIT(HOLE_RECEIPT_URL) | HOLE_BIT(HOLE_VALIDITY_S) | HOLE_BIT(HOLE_TEMPLATE) |     \
	 HOLE_BIT(HOLE_PARAMETERS) | HOLE_BIT(HOLE_SECRET))
#define HOLES_SUBMIT (HOLES_MESSAGE | HOLE_BIT(HOLE_AUTH) | HOLE_BIT(HOLE_RECIPIENTS))
/* What the headers and the sign template know besides; the sign also what it does not sign. */
#define HOLES_FINISHED (HOLE_BIT(HOLE_PATH) | HOLE_BIT(HOLE_BODY) | HOLE_BIT(HOLE_SIGN))

struct stencil {
	struct stencil_piece *pieces;
	size_t n_pieces;
	unsigned holes; /* HOLE_BIT of each that it has */
	unsigned bare;	/* of each that stands somewhere without a filter */
	bool fixed;	/* no hole but secrets: the same for every message */
};

/* What is never made of [A-Za-z0-9+._-] alone: bare, it refuses every message. */
#define HOLES_NEVER_PLAIN (HOLE_BIT(HOLE_TEXT) | HOLE_BIT(HOLE_RECEIPT_URL) | HOLE_BIT(HOLE_NOW_ISO) | HOLE_BIT(HOLE_NOW_HTTP))

/* What fills the holes; all borrowed. A NULL value cannot be printed: its hole refuses the message. */
struct stencil_values {
	const char *value[HOLE_COUNT]; /* HOLE_SECRET unused */
	const json_t *secrets;	       /* {"api_key": "…"}; NULL = none */
};

/* E_INVALID with a static English phrase in *ret_why, E_NOMEM. */
MUST_CHECK int stencil_parse(const char *text, struct stencil *ret, const char **ret_why);
void stencil_done(struct stencil *s);
/* Appends to out. E_INVALID with a rule's name in *ret_rule ("unsafe_value", "no_value", "no_secret", "too_big"), E_NOMEM. */
enum stencil_place { STENCIL_OPEN, STENCIL_HEADER, STENCIL_SIGN }; /* path or body; a header; what is signed, where any value may stand */
MUST_CHECK int stencil_fill(const struct stencil *s, const struct stencil_values *v, enum stencil_place place, struct buffer *out,
			    const char **ret_rule);
/* First secret that s names and secrets lacks; NULL when none. Borrowed from s. */
const char *stencil_missing_secret(const struct stencil *s, const json_t *secrets);
/* "to_national"; the name of the first hole of a set. */
const char *stencil_hole_name(unsigned holes);

#endif
