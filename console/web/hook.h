/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /hooks/CHANNEL/SECRET/inbound and /receipt: what providers call. The secret first, then the signature, then the profile
 * reads the callback; the answer goes out when the core has it on disk. */
#ifndef CAUNOI_WEB_HOOK_H
#define CAUNOI_WEB_HOOK_H

#include "console/web/visit.h"

struct web_hook;
struct complaint;

/* Channels with a secret and a profile that has callbacks. E_CONFIG with *c, E_NOMEM. */
MUST_CHECK int hook_load(struct web *w, struct complaint *c);
void hook_unload(struct web *w);
/* The channel whose address a path (of n_bytes, query and all) is, secret included; NULL. Takes the same time for every wrong
 * secret. Any thread. */
const struct web_hook *hook_find(const struct web *w, const char *path, size_t n_bytes, bool *ret_receipt);
/* Is what was given the secret? */
bool hook_is_secret(const char *given, size_t n, const char *right);
/* Library's thread; true = answered (404), else v->run is set. */
bool hook_begin(struct visit *v);

#endif
