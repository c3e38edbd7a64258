/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many exchanges at once in one thread: libcurl's multi handle over epoll, with the core's descriptors in the same wait. */
#ifndef CAUNOI_DRIVERS_HTTP_ENGINE_H
#define CAUNOI_DRIVERS_HTTP_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/base/err.h"
#include "gateway/drivers/driver.h"
#include "gateway/drivers/http/exchange.h"

struct engine;

/* in_flight connections at most, and credit messages (not fewer) of which the others wait for a connection. config and d must
 * outlive it. E_NOMEM, E_IO. */
MUST_CHECK int engine_new(const struct exchange_config *config, struct driver *d, int in_flight, int credit, struct engine **ret);
/* Breaks off what is open without an answer. */
void engine_free(struct engine *e);
/* Sends one message as soon as a connection is free; every outcome, also of a refused one, is answered to the core. */
void engine_submit(struct engine *e, const struct submit *s);
/* Breaks off one attempt and answers what is known of it; nothing when it is not open. */
void engine_abort(struct engine *e, const char *attempt, const char *why);
void engine_abort_all(struct engine *e, const char *why);
int engine_open(const struct engine *e);
/* Waits at most most_ms (-1 = no limit) for the core or a provider and moves what can move. E_IO. */
MUST_CHECK int engine_step(struct engine *e, int64_t most_ms);

#endif
