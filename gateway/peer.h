/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A connected program: bytes in, frames held until the commit, bytes out. Knows lines and lengths, nothing of meaning;
 * never touches a descriptor (loop.c does). */
#ifndef CAUNOI_GATEWAY_PEER_H
#define CAUNOI_GATEWAY_PEER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "gateway/base/buffer.h"

enum peer_kind { PEER_DRIVER, PEER_WEB, PEER_QUERY, PEER_CLIENT, PEER_WEBHOOK };

/* A submit frame inside the output: whether its first byte was written decides handed or not. */
struct peer_mark {
	int64_t attempt;
	uint64_t from; /* offset in all bytes ever put */
};

struct peer {
	int64_t id;
	enum peer_kind kind;
	int channel;  /* index of the core's channel, drivers only; else -1 */
	uid_t uid;    /* clients only */
	pid_t pid;
	struct buffer in, out;
	uint64_t put_bytes, written_bytes;
	struct peer_mark *marks;
	size_t n_marks, marks_room, marks_from;
	bool greeted;  /* a driver has said ready once */
	bool doomed;   /* to be dropped after this tick */
	bool closing;  /* close when everything is written */
	char why[96];
	int64_t ping_n, ping_sent_mono_ms, pong_mono_ms; /* heartbeat */
	int64_t busy_since_ms;
	char busy[16];
	struct peer *next;
};

struct peer *peer_new(int64_t id, enum peer_kind kind);
void peer_free(struct peer *p);
/* Puts what was read; E_PROTOCOL when a line grows over the limit. */
MUST_CHECK int peer_input(struct peer *p, const void *data, size_t n_bytes);
/* The next complete line as a frame; E_AGAIN none, E_PROTOCOL garbage. */
MUST_CHECK int peer_take_frame(struct peer *p, json_t **ret);
bool peer_has_line(const struct peer *p);
/* Appends serialised lines to the output; attempt ≠ 0 marks a submit. */
MUST_CHECK int peer_output(struct peer *p, const char *data, size_t n_bytes, int64_t attempt);
/* Tells how much the loop could write. */
void peer_written(struct peer *p, size_t n_bytes);
/* Was the first byte of the attempt's frame written? True also for marks long gone. */
bool peer_was_written(const struct peer *p, int64_t attempt);
void peer_doom(struct peer *p, const char *why);

#endif
