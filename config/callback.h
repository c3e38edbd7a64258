/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a profile says of callbacks: its groups receipt and inbound. Private to config/; pure. */
#ifndef CAUNOI_CONFIG_CALLBACK_H
#define CAUNOI_CONFIG_CALLBACK_H

#include <regex.h>

#include "config/document.h"
#include "config/reader.h"

/* A value at a place that is, or matches; at.kind NONE = the place that the user of it names. */
struct callback_match {
	struct place at;
	char *value; /* NULL = the expression decides */
	regex_t expression;
	bool has_expression;
};
struct callback_word {
	struct callback_match match;
	const char *status; /* static: "delivered" "failed" "buffered" */
};
struct callback_plan {
	bool there;
	enum format format;
	struct place field; /* of a form or query that holds the JSON; NONE = it is the body */
	struct place each; /* JSON list of events; NONE = the callback is one */
	struct callback_match only;
	bool has_only;
	struct place id, from, to, text, status, code;
	struct place ref, total, part; /* of a message that arrives in parts */
	struct place coding, hex;      /* the text in hex where coding is 8 */
	struct callback_word *map;
	size_t n_map;
	char *reply;
};

/* The groups "receipt" and "inbound" of top; ret->there stays false when they are absent. */
MUST_CHECK int callback_read_receipt(const struct reader *top, struct callback_plan *ret);
MUST_CHECK int callback_read_inbound(const struct reader *top, struct callback_plan *ret);
void callback_done(struct callback_plan *p);

#endif
