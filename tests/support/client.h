/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A line-by-line talk over a Unix socket, as programs of the gateway and the simulators speak it. For tests: several may
 * be open at once, each belongs to one thread. Never fails a test by itself: who expects an answer asserts it. */
#ifndef CAUNOI_TESTS_SUPPORT_CLIENT_H
#define CAUNOI_TESTS_SUPPORT_CLIENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "gateway/base/buffer.h"

struct client {
	int fd; /* -1 = not connected */
	struct buffer in;
	int64_t last; /* id of the last frame sent */
};

/* Connects and, when greets, reads the greeting. 0 or E_UNAVAILABLE; client_close is needed either way. */
int client_open(struct client *c, const char *path, bool greets, int limit_ms);
void client_close(struct client *c);
/* Sends line and reads the next line that is no notice. The caller's; NULL = the connection broke (and is closed then: fd < 0)
 * or nothing came in time. */
json_t *client_ask(struct client *c, const json_t *line, int limit_ms);
/* A frame {"op","verb","args","key"} with an id of its own and its reply. args is taken (NULL = none), key may be NULL. */
json_t *client_call(struct client *c, const char *op, const char *verb, json_t *args, const char *key, int limit_ms);
/* The same in two halves: sends and gives the id (0 = broken); reads the next reply, whoever asked for it. */
int64_t client_send(struct client *c, const char *op, const char *verb, json_t *args, const char *key);
json_t *client_reply(struct client *c, int limit_ms);

#endif
