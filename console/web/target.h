/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The target of a request, taken apart: "/api/v1/consent/%2B84…/show?limit=5". */
#ifndef CAUNOI_WEB_TARGET_H
#define CAUNOI_WEB_TARGET_H

#include <stddef.h>

#include "gateway/base/err.h"

#define TARGET_SEGMENTS_MAX 8

struct target {
	char *raw;			     /* as it came */
	const char *query;		     /* behind "?", still encoded; "" = none */
	char *segments[TARGET_SEGMENTS_MAX]; /* decoded, valid UTF-8 */
	size_t n;
	char *space; /* holds the segments */
};

/* A trailing "/" is passed over. E_NOT_FOUND: more segments than anything here has, or no UTF-8; E_NOMEM. */
MUST_CHECK int target_parse(const char *raw, struct target *ret);
void target_done(struct target *t);

#endif
