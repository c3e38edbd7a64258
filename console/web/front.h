/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guard before the HTTP library. It accepts connections, checks each request's head and framing strictly, enforces sizes
 * and times, and passes what is good, byte for byte and one checked request behind the other, through a socket pair that
 * the library serves. The library's own parser therefore never sees a request that could be read in two ways, and its
 * memory is spent on requests under way only: an idle connection costs a slot here and nothing there.
 *
 * All functions are of the front thread but front_completed and front_counts. */
#ifndef CAUNOI_WEB_FRONT_H
#define CAUNOI_WEB_FRONT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/err.h"

struct front;

enum guest_class { GUEST_API, GUEST_HOOK, GUEST_CLASSES };

/* Goes along with the descriptor and comes back with front_completed. */
struct front_ticket {
	uint32_t slot, generation;
	struct in6_addr from; /* who is connected: the caller, or the proxy in front */
};

struct front_ops {
	/* Most bytes of body for a request, -1 = no limit; and its class. */
	int64_t (*limit)(void *self, const char *method, const char *target, size_t n_bytes, enum guest_class *ret_class);
	/* Serves fd (takes it, also on failure). */
	int (*serve)(void *self, int fd, const struct front_ticket *ticket);
};

struct front_counts {
	uint64_t connections, requests, refused, evicted;
	int open, passing; /* connections now; of them with the library */
};

/* reactor as reactor_open gave it; door a listening descriptor (taken). E_NOMEM, E_IO. */
MUST_CHECK int front_new(int reactor, int door, const struct front_ops *ops, void *self, struct front **ret);
void front_free(struct front *f);
/* Once before each wait: times and waiting callers. Result = the longest wait in ms. */
int front_tend(struct front *f, int64_t mono_ms);
struct front_counts front_counts(const struct front *f);
/* One request of this ticket is answered. From any thread. */
void front_completed(struct front *f, const struct front_ticket *ticket);

#endif
