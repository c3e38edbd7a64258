/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A connection to the core's or the query process's socket: one frame out, its reply in. Blocking, with a limit. */
#ifndef CAUNOI_CONSOLE_TERMINAL_WIRE_H
#define CAUNOI_CONSOLE_TERMINAL_WIRE_H

#include <jansson.h>
#include <stdint.h>

#include "gateway/base/buffer.h"
#include "gateway/base/clock.h"

/* A command that waits for a driver takes 60 s at most; then its own refusal comes. */
#define WIRE_REPLY_MS 70000

struct wire {
	int fd; /* -1 = closed */
	struct buffer in;
	const struct clock *clock;
	int64_t last_id;
};

/* Connects and reads the greeting. E_UNAVAILABLE: nobody listens, or it does not speak within 5 s; E_DENIED: this user may
 * not; E_PROTOCOL: not one of ours. *ret is closed by wire_close. */
MUST_CHECK int wire_open(const char *socket_path, const struct clock *clock, struct wire *ret);
void wire_close(struct wire *w);
/* Sends frame (its "id" is set here) and waits for the frame that answers it. E_UNAVAILABLE: the connection is lost or silent,
 * the outcome is not known; E_TOO_BIG: the frame is over the limit; *ret is the caller's. */
MUST_CHECK int wire_ask(struct wire *w, json_t *frame, json_t **ret);

static inline void own_wire(struct wire *w)
{
	wire_close(w);
}

#endif
