/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a provider's profile file says, read and checked. Only provider.c uses it; const once read. */
#ifndef CAUNOI_CONFIG_PROFILE_H
#define CAUNOI_CONFIG_PROFILE_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

#include "config/document.h"
#include "config/provider.h"
#include "config/signature.h"
#include "config/stencil.h"
#include "gateway/base/complaint.h"
#include "gateway/base/err.h"

struct profile_rule {
	int status_from, status_to; /* 0 = any */
	struct place at;
	char *equals;
	regex_t matches;
	bool has_matches;
	const char *outcome, *fault; /* static names; fault may be NULL */
	struct place code, retry_after;
};
struct profile_word {
	char *value;
	const char *status; /* static: "delivered" "failed" "buffered" */
};
struct profile_callback {
	bool there;
	enum format format;
	struct place id, from, to, text, status, code;
	struct profile_word *map;
	size_t n_map;
	char *reply;
};
struct profile {
	char *name, *country_code, *trunk;
	bool idempotent, unicode;
	int lifetime_h, max_characters; /* 0 = not said */
	struct provider_limits limits[PROVIDER_TEXTS];
	struct {
		char *method, *content_type;
		struct stencil path, body, *headers;
		size_t n_headers;
		double timeout_s;
	} submit;
	struct {
		enum format format;
		struct place id;
		struct profile_rule *rules;
		size_t n_rules;
	} answer;
	struct profile_callback receipt, inbound;
	struct {
		enum signature_kind kind;
		char *secret, *header; /* header NULL = the kind's own */
	} signature;
};

/* E_NOT_FOUND, E_IO, E_CONFIG with *c filled, E_NOMEM. */
MUST_CHECK int profile_read(const char *file, struct profile *ret, struct complaint *c);
void profile_done(struct profile *p);

#endif
