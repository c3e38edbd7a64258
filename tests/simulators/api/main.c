/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim-api: a simulated HTTP SMS provider for tests and measurements. Prints "listening ADDRESS:PORT" once it accepts.
 * --listen 127.0.0.1:PORT (0 = pick)  --control SOCKET  --journal FILE  --latency-ms N  --once  --seed N */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "gateway/base/log.h"
#include "tests/simulators/api/control.h"
#include "tests/simulators/api/server.h"
#include "tests/simulators/api/sim.h"

#define EVENTS_MAX 512

struct options {
	const char *listen, *control, *journal;
	uint64_t seed;
};

int sim_watch(struct sim *sim, struct watcher *w, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.ptr = w };
	return epoll_ctl(sim->epoll, EPOLL_CTL_ADD, w->fd, &e) ? E_IO : 0;
}

void sim_rewatch(struct sim *sim, struct watcher *w, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.ptr = w };
	if (w->fd >= 0)
		epoll_ctl(sim->epoll, EPOLL_CTL_MOD, w->fd, &e);
}

void sim_unwatch(struct sim *sim, struct watcher *w)
{
	if (w->fd < 0)
		return;
	close(w->fd);
	w->fd = -1;
	w->next_dead = sim->dead;
	sim->dead = w;
}

double sim_chance(struct sim *sim)
{
	return random_below(&sim->random, 1 << 24) / (double)(1 << 24);
}

/* ---- timers: a binary heap ---- */

int sim_after(struct sim *sim, int64_t after_ms, void (*fire)(struct sim *, void *), void *what)
{
	if (sim->n_timers == sim->room_timers) {
		int room = sim->room_timers ? sim->room_timers * 2 : 256;
		struct timer *grown = realloc(sim->timers, (size_t)room * sizeof(*grown));
		if (!grown)
			return E_NOMEM;
		sim->timers = grown;
		sim->room_timers = room;
	}
	struct timer t = { .due_ms = clock_mono_ms(&sim->clock) + after_ms, .fire = fire, .what = what };
	int i = sim->n_timers++;
	for (; i && sim->timers[(i - 1) / 2].due_ms > t.due_ms; i = (i - 1) / 2)
		sim->timers[i] = sim->timers[(i - 1) / 2];
	sim->timers[i] = t;
	return 0;
}

static struct timer take_first(struct sim *sim)
{
	struct timer first = sim->timers[0], last = sim->timers[--sim->n_timers];
	int i = 0;
	for (int child = 1; child < sim->n_timers; child = 2 * i + 1) {
		if (child + 1 < sim->n_timers && sim->timers[child + 1].due_ms < sim->timers[child].due_ms)
			child++;
		if (sim->timers[child].due_ms >= last.due_ms)
			break;
		sim->timers[i] = sim->timers[child];
		i = child;
	}
	sim->timers[i] = last;
	return first;
}

static int fire_due(struct sim *sim)
{
	int64_t now = clock_mono_ms(&sim->clock);
	while (sim->n_timers && !sim->hung && sim->timers[0].due_ms <= now) {
		struct timer t = take_first(sim);
		t.fire(sim, t.what);
	}
	if (!sim->n_timers || sim->hung)
		return -1;
	int64_t wait = sim->timers[0].due_ms - now;
	return wait > 60000 ? 60000 : (int)wait;
}

/* ---- the loop ---- */

static int round_once(struct sim *sim)
{
	struct epoll_event events[EVENTS_MAX];
	int wait = fire_due(sim);
	if (ledger_flush(sim->ledger))
		return E_IO;
	server_flush(sim);
	int n = epoll_wait(sim->epoll, events, EVENTS_MAX, wait);
	for (int i = 0; i < n; i++) {
		struct watcher *w = events[i].data.ptr;
		if (w->fd >= 0)
			w->on_event(sim, w, events[i].events);
	}
	if (ledger_flush(sim->ledger))
		return E_IO;
	server_flush(sim);
	while (sim->dead) {
		struct watcher *w = sim->dead;
		sim->dead = w->next_dead;
		free(w);
	}
	return 0;
}

static bool read_options(int argc, char **argv, struct sim *sim, struct options *o)
{
	static const struct option known[] = {
		{ "listen", required_argument, NULL, 'l' },  { "control", required_argument, NULL, 'c' },
		{ "journal", required_argument, NULL, 'j' }, { "latency-ms", required_argument, NULL, 'w' },
		{ "once", no_argument, NULL, 'o' },	     { "seed", required_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 },
	};
	for (int c; (c = getopt_long(argc, argv, "", known, NULL)) != -1;) {
		if (c == 'l')
			o->listen = optarg;
		else if (c == 'c')
			o->control = optarg;
		else if (c == 'j')
			o->journal = optarg;
		else if (c == 'w')
			sim->mode.latency_ms = strtol(optarg, NULL, 10);
		else if (c == 'o')
			sim->mode.idempotent = false;
		else if (c == 's')
			o->seed = strtoull(optarg, NULL, 10);
		else
			return false;
	}
	return optind == argc;
}

int main(int argc, char **argv)
{
	struct sim sim = { .clock = clock_real(), .mode = { .idempotent = true, .retry_after_s = 1 } };
	struct options o = { .listen = "127.0.0.1:0", .seed = 1 };
	int port = 0;
	log_init("sim-api", LOG_LEVEL_INFO);
	if (!read_options(argc, argv, &sim, &o))
		return 2;
	sim.random = random_seeded(o.seed);
	sim.epoll = epoll_create1(EPOLL_CLOEXEC);
	int r = ledger_open(o.journal, clock_now_ms(&sim.clock), &sim.ledger);
	r = r ? r : server_open(&sim, o.listen, &port);
	if (!r && o.control)
		r = control_open(&sim, o.control);
	if (r) {
		log_error("sim.start", "error=\"%s\"", err_text(r));
		return 1;
	}
	printf("listening %.*s:%d\n", (int)(strrchr(o.listen, ':') - o.listen), o.listen, port);
	fflush(stdout);
	while (!(r = round_once(&sim)))
		;
	log_error("sim.journal", "error=\"%s\"", err_text(r));
	return 1;
}
