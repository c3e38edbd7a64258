/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a provider's profile file says, read and checked. Only provider.c uses it; const once read. */
#ifndef CAUNOI_CONFIG_PROFILE_H
#define CAUNOI_CONFIG_PROFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "config/callback.h"
#include "config/credential.h"
#include "config/document.h"
#include "config/provider.h"
#include "config/request.h"
#include "config/signature.h"
#include "config/stencil.h"
#include "config/verdict.h"
#include "config/wording.h"
#include "gateway/base/complaint.h"
#include "gateway/base/err.h"

#define PROFILE_LOOKUPS_MAX 8

struct profile {
	char *name, *country_code, *trunk;
	bool idempotent, unicode, vnd; /* vnd: prices are Vietnamese dong */
	int lifetime_h, max_characters; /* 0 = not said */
	struct provider_limits limits[PROVIDER_TEXTS];
	int batch;			/* messages in one request, at most */
	struct request_plan submit;
	struct stencil recipient, parameter; /* for {{recipients}} and {{parameters}} */
	char *separator;		     /* between them */
	struct wordings templates;
	struct credential auth;
	struct verdict_plan answer;
	struct { /* the part of an answer that speaks of one message of a batch */
		bool there;
		struct place list, to, key;
		struct verdict_plan verdict;
	} each;
	struct { /* asks what became of a message */
		struct request_plan request;
		struct verdict_plan verdict;
		int after_s[PROFILE_LOOKUPS_MAX], n;
	} lookup;
	struct {
		struct request_plan request;
		enum format format;
		struct place value;
	} balance;
	struct callback_plan receipt, inbound;
	struct signature_plan signature;
};

/* E_NOT_FOUND, E_IO, E_CONFIG with *c filled, E_NOMEM. */
MUST_CHECK int profile_read(const char *file, struct profile *ret, struct complaint *c);
void profile_done(struct profile *p);

#endif
