/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Puts the parts together and turns the front thread's loop. Called by main.c. Two threads: this one owns sockets to the
 * outside, the core and the query process; the HTTP library's owns requests while they are read and answered. */
#include "console/web/web.h"

#include <unistd.h>

#include "console/web/events.h"
#include "console/web/front.h"
#include "console/web/hook.h"
#include "console/web/pace.h"
#include "console/web/pages.h"
#include "console/web/reactor.h"
#include "console/web/site.h"
#include "console/web/uplink.h"
#include "console/web/ussd.h"
#include "gateway/base/log.h"

#define LAST_WORDS_MS 300

static int64_t limit(void *self, const char *method, const char *target, size_t n_bytes, enum guest_class *ret_class)
{
	return site_limit(self, method, target, n_bytes, ret_class);
}

static int serve(void *self, int fd, const struct front_ticket *ticket)
{
	struct web *w = self;
	return site_serve(w->site, fd, ticket);
}

static const struct front_ops front_ops = { .limit = limit, .serve = serve };

int web_init(struct web *w, const struct config *config, const struct clock *clock, const struct registry *registry, int door, int core,
	     struct complaint *c)
{
	w->config = config;
	w->clock = clock;
	w->registry = registry;
	w->reactor = reactor_open();
	int r = w->reactor < 0 ? w->reactor : hook_load(w, c);
	r = r ? r : ussd_load(w, c);
	if (!r)
		r = pages_load(&w->pages);
	if (!r)
		r = events_new(clock, &w->events);
	if (!r)
		r = pace_new(config->web.requests_per_second, &w->pace);
	if (!r) {
		r = uplink_new(w, core, &w->uplink);
		core = -1;
	}
	if (!r) {
		r = front_new(w->reactor, door, &front_ops, w, &w->front);
		door = -1;
	}
	if (core >= 0)
		close(core);
	if (door >= 0)
		close(door);
	return r ? r : site_start(w, &w->site);
}

static bool turn(struct web *w)
{
	int64_t now = clock_mono_ms(w->clock);
	bool core_there = uplink_tend(w->uplink, now);
	int after_ms = front_tend(w->front, now);
	events_tend(w->events, now);
	reactor_run(w->reactor, after_ms < 50 ? after_ms : 50);
	return core_there;
}

void web_run(struct web *w)
{
	while (turn(w))
		;
	log_info("web.ending", "reason=core");
	uplink_stop(w->uplink);
	events_stop(w->events);
	int64_t end = clock_mono_ms(w->clock) + LAST_WORDS_MS;
	while (clock_mono_ms(w->clock) < end)
		turn(w);
}

void web_done(struct web *w)
{
	if (w->uplink)
		uplink_stop(w->uplink);
	if (w->events)
		events_stop(w->events);
	site_stop(w->site);
	front_free(w->front);
	uplink_free(w->uplink);
	events_free(w->events);
	pace_free(w->pace);
	hook_unload(w);
	ussd_unload(w);
	pages_free(w->pages);
	if (w->reactor >= 0)
		close(w->reactor);
	*w = (struct web){ .reactor = -1 };
}
