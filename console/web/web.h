/* SPDX-License-Identifier: GPL-3.0-or-later */
/* caunoi-web as a whole: what its parts share. Made by main.c; const after the start but for the parts' own insides. */
#ifndef CAUNOI_WEB_WEB_H
#define CAUNOI_WEB_WEB_H

#include <stdatomic.h>

#include "config/config.h"
#include "gateway/base/clock.h"
#include "gateway/registry.h"

struct provider;
struct uplink;
struct front;
struct site;
struct events;
struct pace;
struct pages;

struct web_ussd;

/* A channel that has callbacks. */
struct web_hook {
	const struct channel_config *channel;
	struct provider *provider;
};

struct web_counts {
	atomic_ullong by_class[6]; /* answers by their status' first digit */
	atomic_ullong inbound, receipts, malformed, denied;
};

struct web {
	const struct config *config;
	const struct clock *clock;
	const struct registry *registry;
	struct web_hook *hooks;
	size_t n_hooks;
	struct web_ussd *ussd;
	size_t n_ussd;
	int reactor;
	struct uplink *uplink;
	struct front *front;
	struct site *site;
	struct events *events;
	struct pace *pace;
	struct pages *pages;
	struct web_counts counts;
};

/* door: a listening descriptor; core: the socket to the core. Both are taken. E_CONFIG (profile, with *c), E_NOMEM, E_IO.
 * What was made is freed by web_done also after a failure. */
MUST_CHECK int web_init(struct web *w, const struct config *config, const struct clock *clock, const struct registry *registry, int door,
			int core, struct complaint *c);
/* Until the core closes its end. */
void web_run(struct web *w);
void web_done(struct web *w);

#endif
