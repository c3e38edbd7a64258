/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Slots for connections and seats in the HTTP library. More callers than slots: the one that was idle longest goes. More
 * requests than seats: heads wait, hooks first; hooks have seats that nobody else gets. Called by web.c's loop. */
#include "console/web/front.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "console/web/door.h"
#include "console/web/guest.h"

#define SLOTS 2560
#define SEATS_API 192
#define SEATS_HOOK 48 /* besides those of the API while these are free */
#define ACCEPT_BATCH 64
#define SWEEP_MS 250
#define WAITING_MS 10
#define NO_DESCRIPTOR_MS 100

static struct guest *free_slot(struct front *f)
{
	for (int i = 0; i < f->n_slots; i++) {
		f->last_slot = (f->last_slot + 1) % f->n_slots;
		if (f->guests[f->last_slot].state == GUEST_FREE)
			return &f->guests[f->last_slot];
	}
	return NULL;
}

static struct guest *longest_idle(struct front *f)
{
	struct guest *found = NULL;
	for (int i = 0; i < f->n_slots; i++) {
		struct guest *g = &f->guests[i];
		if (guest_is_idle(g) && (!found || g->active_ms < found->active_ms))
			found = g;
	}
	return found;
}

static bool evict(struct front *f)
{
	struct guest *g = longest_idle(f);
	if (g) {
		guest_close(g);
		f->evicted++;
	}
	return g != NULL;
}

static void door_ready(void *self, uint32_t events)
{
	struct front *f = self;
	(void)events;
	for (int i = 0; i < ACCEPT_BATCH; i++) {
		int fd;
		struct in6_addr from;
		int r = door_accept(f->door.fd, &fd, &from);
		if (r == E_TOO_BIG && !evict(f)) {
			reactor_want(f->reactor, &f->door, 0);
			f->door_closed_until_ms = f->now_ms + NO_DESCRIPTOR_MS;
		}
		if (r)
			return;
		f->connections++;
		if (f->open == f->n_slots && !evict(f)) {
			close(fd);
			continue;
		}
		guest_open(free_slot(f), f, fd, &from);
	}
}

/* Descriptors for all slots and seats; with fewer, fewer slots. */
static int slots_allowed(void)
{
	struct rlimit l;
	if (getrlimit(RLIMIT_NOFILE, &l))
		return 256;
	rlim_t wanted = SLOTS + 2 * (SEATS_API + SEATS_HOOK) + 64;
	if (l.rlim_cur < wanted) {
		l.rlim_cur = l.rlim_max < wanted ? l.rlim_max : wanted;
		setrlimit(RLIMIT_NOFILE, &l);
		getrlimit(RLIMIT_NOFILE, &l);
	}
	if (l.rlim_cur >= wanted)
		return SLOTS;
	return l.rlim_cur > 1000 ? (int)l.rlim_cur - 750 : 128;
}

int front_new(int reactor, int door, const struct front_ops *ops, void *self, struct front **ret)
{
	struct front *f = calloc(1, sizeof(*f));
	int n = slots_allowed();
	if (!f) {
		close(door);
		return E_NOMEM;
	}
	f->reactor = reactor;
	f->guests = calloc((size_t)n, sizeof(*f->guests));
	f->tallies = calloc((size_t)n, sizeof(*f->tallies));
	f->n_slots = f->guests ? n : 0;
	f->ops = ops;
	f->self = self;
	f->door = (struct watch){ .fd = door, .ready = door_ready, .self = f };
	int r = !f->guests || !f->tallies ? E_NOMEM : reactor_add(reactor, &f->door, EPOLLIN);
	if (r) {
		front_free(f);
		return r;
	}
	*ret = f;
	return 0;
}

void front_free(struct front *f)
{
	if (!f)
		return;
	for (int i = 0; i < f->n_slots; i++)
		if (f->guests[i].state != GUEST_FREE)
			guest_close(&f->guests[i]);
	reactor_drop(&f->door);
	free(f->guests);
	free(f->tallies);
	free(f);
}

static bool seat_free(const struct front *f, enum guest_class class)
{
	int api = f->n_seats[GUEST_API], all = api + f->n_seats[GUEST_HOOK];
	return class == GUEST_HOOK ? all < SEATS_API + SEATS_HOOK : api < SEATS_API && all < SEATS_API + SEATS_HOOK;
}

int front_seat(struct front *f, struct guest *g)
{
	int pair[2];
	if (!seat_free(f, g->class) || socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair))
		return E_AGAIN;
	g->inner.fd = pair[0];
	g->seat_class = g->class;
	f->n_seats[g->class]++;
	struct front_ticket ticket = { .slot = (uint32_t)(g - f->guests),
				       .generation = (uint32_t)(atomic_load(g->tally) >> 32),
				       .from = g->from };
	int r = reactor_add(f->reactor, &g->inner, EPOLLIN);
	if (r)
		close(pair[1]);
	else
		r = f->ops->serve(f->self, pair[1], &ticket);
	if (!r)
		return 0;
	reactor_drop(&g->inner);
	f->n_seats[g->class]--;
	return E_AGAIN;
}

void front_completed(struct front *f, const struct front_ticket *ticket)
{
	atomic_ullong *tally = &f->tallies[ticket->slot];
	unsigned long long was = atomic_load(tally);
	while ((uint32_t)(was >> 32) == ticket->generation && (was & 0xffffffffu) &&
	       !atomic_compare_exchange_weak_explicit(tally, &was, was - 1, memory_order_release, memory_order_relaxed))
		;
}

static struct guest *next_waiting(struct front *f)
{
	struct guest *found = NULL;
	for (int i = 0; i < f->n_slots; i++) {
		struct guest *g = &f->guests[i];
		if (g->state != GUEST_WAITING || !seat_free(f, g->class))
			continue;
		if (!found || g->class > found->class || (g->class == found->class && g->active_ms < found->active_ms))
			found = g;
	}
	return found;
}

/* Seats of callers that are between two requests go to those who wait. */
static void serve_waiting(struct front *f)
{
	for (int i = 0; i < f->n_slots; i++)
		if (f->guests[i].inner.fd >= 0 && f->guests[i].state == GUEST_HEAD && guest_is_idle(&f->guests[i]))
			guest_park(&f->guests[i]);
	for (int before = -1; f->n_waiting && f->n_waiting != before;) {
		before = f->n_waiting;
		struct guest *g = next_waiting(f);
		if (g)
			guest_work(g);
	}
}

int front_tend(struct front *f, int64_t mono_ms)
{
	f->now_ms = mono_ms;
	if (f->door_closed_until_ms && mono_ms > f->door_closed_until_ms) {
		f->door_closed_until_ms = 0;
		reactor_want(f->reactor, &f->door, EPOLLIN);
	}
	if (mono_ms - f->swept_ms >= SWEEP_MS) {
		f->swept_ms = mono_ms;
		for (int i = 0; i < f->n_slots; i++)
			if (f->guests[i].state != GUEST_FREE)
				guest_tend(&f->guests[i]);
	}
	if (f->n_waiting)
		serve_waiting(f);
	return f->n_waiting ? WAITING_MS : SWEEP_MS;
}

struct front_counts front_counts(const struct front *f)
{
	return (struct front_counts){ .connections = atomic_load(&f->connections),
				      .requests = atomic_load(&f->requests),
				      .refused = atomic_load(&f->refused),
				      .evicted = atomic_load(&f->evicted),
				      .open = atomic_load(&f->open),
				      .passing = atomic_load(&f->n_seats[GUEST_API]) + atomic_load(&f->n_seats[GUEST_HOOK]) };
}
