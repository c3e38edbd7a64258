/* SPDX-License-Identifier: GPL-3.0-or-later */
/* XML as events, from bytes that arrive in pieces. Input is hostile: no document type, no entity of its own, depth and the size of a
 * single tag are bounded. Names come without their prefix. */
#ifndef CAUNOI_CAMPAIGNS_MARKUP_H
#define CAUNOI_CAMPAIGNS_MARKUP_H

#include <stdbool.h>
#include <stddef.h>

#include "gateway/base/err.h"

#define MARKUP_DEPTH_MAX 64
#define MARKUP_TAG_BYTES_MAX (256 << 10)

struct markup;
/* A negative result ends the reading with that code. attrs: names and values in turn, NULL at the end; borrowed. */
struct markup_events {
	int (*open)(void *self, const char *name, const char *const *attrs);
	int (*close)(void *self, const char *name);
	int (*text)(void *self, const char *text, size_t n);
};

MUST_CHECK int markup_new(const struct markup_events *events, void *self, struct markup **ret);
void markup_free(struct markup *m);
/* E_INVALID: no XML, or beyond the bounds; E_NOMEM; or an event's code. */
MUST_CHECK int markup_feed(struct markup *m, const char *bytes, size_t n, bool last);
/* By its name without prefix; NULL when it is not there. */
const char *markup_attr(const char *const *attrs, const char *name);

#endif
