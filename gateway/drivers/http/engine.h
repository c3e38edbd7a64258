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

/* Called when x has ended, with libcurl's result; x is given back after it returns. */
typedef void engine_done(void *self, struct exchange *x, CURLcode code);

/* in_flight exchanges, each for up to batch messages. config and d must outlive it. E_NOMEM, E_IO. */
MUST_CHECK int engine_new(const struct exchange_config *config, struct driver *d, int in_flight, int batch, engine_done *done, void *self,
			  struct engine **ret);
/* Breaks off what is open without an answer. */
void engine_free(struct engine *e);
/* A free exchange, whose kind, letters and request the caller fills; NULL = all are busy. */
struct exchange *engine_take(struct engine *e);
/* Gives back one that was taken and not started. */
void engine_give_back(struct engine *e, struct exchange *x);
/* E_NOMEM: not started, still the caller's. */
MUST_CHECK int engine_start(struct engine *e, struct exchange *x);
/* The started one that is about t; NULL = none. */
struct exchange *engine_find(struct engine *e, const struct letter *t);
/* Ends a started one now, as if it had failed. */
void engine_abort(struct engine *e, struct exchange *x, const char *why);
void engine_abort_all(struct engine *e, const char *why);
int engine_running(const struct engine *e);
/* Waits at most most_ms (-1 = no limit) for the core or a provider and moves what can move. E_IO. */
MUST_CHECK int engine_step(struct engine *e, int64_t most_ms);

#endif
