/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /ussd/NAME/SECRET: what a USSD aggregator calls for every screen. The secret first, then the style reads the call; the core's answer, by then
 * on disk, goes back as the style says it. What the core cannot answer ends the session with a sentence. */
#ifndef CAUNOI_WEB_USSD_H
#define CAUNOI_WEB_USSD_H

#include "config/ussd_style.h"
#include "console/web/visit.h"

struct complaint;

/* An address of the configuration. */
struct web_ussd {
	const char *name, *secret;
	const char **callers; /* blocks that calls may come from, NULL-terminated; empty = any */
	struct ussd_style style;
};

/* E_CONFIG with *c, E_NOMEM. */
MUST_CHECK int ussd_load(struct web *w, struct complaint *c);
void ussd_unload(struct web *w);
/* The one whose address a path (of n_bytes, query and all) is, secret included; NULL. Takes the same time for every wrong secret. Any thread. */
const struct web_ussd *ussd_find(const struct web *w, const char *path, size_t n_bytes);
/* Library's thread; true = answered (404, 405), else v->run is set. */
bool ussd_begin(struct visit *v);

#endif
