/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A simulated SMS provider: what its parts share. One thread, one epoll; everything that waits is a watcher (a
 * descriptor) or a timer. Shape on the wire: POST /send {"to","text","from","key"} → 200 {"status":"ok","id"}. */
#ifndef CAUNOI_SIM_API_SIM_H
#define CAUNOI_SIM_API_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/base/buffer.h"
#include "gateway/base/clock.h"
#include "gateway/base/random.h"
#include "tests/simulators/api/ledger.h"
#include "tests/simulators/api/mode.h"

struct sim;

/* Begins every object that has a descriptor. */
struct watcher {
	void (*on_event)(struct sim *sim, struct watcher *w, uint32_t events);
	int fd; /* -1 = closed; freed at the end of the round */
	struct watcher *next_dead;
};
struct timer {
	int64_t due_ms;
	void (*fire)(struct sim *sim, void *what);
	void *what;
};
struct receipts {
	char *url, *body, *content_type; /* url NULL = none are sent */
	int64_t after_ms;
	double failed_rate;
	uint64_t n_sent, n_good, n_lost;
};

struct sim {
	int epoll;
	struct clock clock;
	struct random random;
	struct ledger *ledger;
	struct mode mode;
	struct receipts receipts;
	bool hung;
	uint64_t n_requests;
	struct server *server;
	struct watcher *dead;
	struct timer *timers; /* heap, earliest first */
	int n_timers, room_timers;
	int n_posts;
};

MUST_CHECK int sim_watch(struct sim *sim, struct watcher *w, uint32_t events);
void sim_rewatch(struct sim *sim, struct watcher *w, uint32_t events);
/* Closes the descriptor; the object is freed at the end of the round (it must be one malloc block). */
void sim_unwatch(struct sim *sim, struct watcher *w);
MUST_CHECK int sim_after(struct sim *sim, int64_t after_ms, void (*fire)(struct sim *, void *), void *what);
/* True with the given probability. */
double sim_chance(struct sim *sim);

#endif
