/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a request comes from: who is connected, or behind a proxy whom the proxy names. Without a proxy nobody is believed. */
#ifndef CAUNOI_WEB_SOURCE_H
#define CAUNOI_WEB_SOURCE_H

#include <netinet/in.h>

#include "console/web/visit.h"

/* The last address of an X-Forwarded-For: what stands before it the caller may have written itself. E_INVALID. */
MUST_CHECK int source_forwarded(const char *header, struct in6_addr *ret);
/* Library's thread. Is the request from one of the blocks? True for an empty list. */
bool source_is_among(const struct visit *v, char *const *blocks);

#endif
