/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A socket that carries one JSON object a line, and the requests that wait for answers on it, found by id. Front thread. */
#ifndef CAUNOI_WEB_WIRE_H
#define CAUNOI_WEB_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "console/web/reactor.h"
#include "console/web/visit.h"
#include "gateway/base/buffer.h"

#define WIRE_PENDING_MAX 2048

struct wire_pending {
	struct visit *visit;
	uint32_t generation;
};

struct wire {
	int reactor;
	struct watch watch;
	struct buffer in, out;
	size_t scanned;
	bool greeted;
	struct wire_pending *pending;
	int free[WIRE_PENDING_MAX], n_free;
	/* A line that answers no request; line is NUL-terminated. */
	void (*said)(void *self, const char *line, size_t n_bytes);
	void (*closed)(void *self);
	void *self;
};

/* E_NOMEM. Not connected yet. */
MUST_CHECK int wire_init(struct wire *w, int reactor);
void wire_done(struct wire *w);
/* Takes fd. E_IO. */
MUST_CHECK int wire_connect(struct wire *w, int fd);
void wire_disconnect(struct wire *w);
/* Sends v's frame under a new id. E_UNAVAILABLE: not connected, or too much waits. */
MUST_CHECK int wire_send(struct wire *w, struct visit *v);
/* A frame without an answer. */
void wire_say(struct wire *w, const char *line, size_t n_bytes);
/* Writes what waits, once for all that was sent. */
void wire_flush(struct wire *w);
/* Takes back every request (passed_ms INT64_MAX) or those whose deadline has passed. */
void wire_recall(struct wire *w, int64_t passed_ms, void (*fn)(void *self, struct visit *v), void *self);
#endif
