/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One connection at the front: its bytes, where in a request it stands, its socket to the HTTP library. Private to front.c. */
#ifndef CAUNOI_WEB_GUEST_H
#define CAUNOI_WEB_GUEST_H

#include <stdatomic.h>

#include "console/web/chunked.h"
#include "console/web/front.h"
#include "console/web/head.h"
#include "console/web/reactor.h"
#include "gateway/base/buffer.h"

#define SCRATCH_BYTES 65536

enum guest_state {
	GUEST_FREE,
	GUEST_HEAD,    /* between requests or inside a head */
	GUEST_WAITING, /* a good head waits for room in the library */
	GUEST_BODY,
	GUEST_REFUSING, /* says no as soon as what came before is answered */
	GUEST_LINGER,	/* said its last; reads what the caller still sends, so that the answer is not lost in a reset */
};

struct guest {
	struct front *front;
	struct watch outer, inner;
	enum guest_state state;
	enum guest_class class;	     /* of the request under way */
	enum guest_class seat_class; /* of the seat in the library */
	struct head head;
	struct chunked chunks;
	int64_t body_left, body_limit, body_from_ms;
	struct buffer in, out;
	size_t to_pass;			 /* bytes at the front of in that are checked */
	atomic_ullong *tally;		 /* generation << 32 | requests passed and not completed; of the slot, outlives the guest */
	int64_t active_ms, head_from_ms; /* head_from_ms 0 = no byte of a head is there */
	int refusal;
	const char *why;
	struct in6_addr from;
	bool ended; /* the caller sends no more */
};

/* What guests share; front.c owns it. */
struct front {
	int reactor;
	struct watch door;
	const struct front_ops *ops;
	void *self;
	struct guest *guests;
	atomic_ullong *tallies;
	int n_slots, n_waiting, last_slot;
	/* written by the front thread, read by others for the metrics */
	atomic_int n_seats[GUEST_CLASSES], open;
	atomic_ullong connections, requests, refused, evicted;
	int64_t now_ms, door_closed_until_ms, swept_ms;
	char scratch[SCRATCH_BYTES];
};

void guest_open(struct guest *g, struct front *f, int fd, const struct in6_addr *from);
void guest_close(struct guest *g);
/* Goes on with what was read; also called when a seat became free. */
void guest_work(struct guest *g);
/* Gives the seat in the library back. */
void guest_park(struct guest *g);
/* Deadlines; called about four times a second. */
void guest_tend(struct guest *g);
bool guest_is_idle(const struct guest *g);
unsigned guest_open_requests(const struct guest *g);
/* front.c: a seat for g's class, or E_AGAIN. */
MUST_CHECK int front_seat(struct front *f, struct guest *g);

#endif
