/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests that the simulated provider makes itself: callbacks by order and automatic receipts. Plain http only. */
#ifndef CAUNOI_SIM_API_POST_H
#define CAUNOI_SIM_API_POST_H

#include <jansson.h>

#include "tests/simulators/api/sim.h"

/* status 0 = no answer came; body is the answer's, borrowed. */
typedef void post_done(struct sim *sim, void *self, int status, const char *body);

/* Posts (or method) body to url; headers: array of "Name: value" or NULL. done is called once, later. E_INVALID, E_IO,
 * E_NOMEM: then it is not called. */
MUST_CHECK int post_start(struct sim *sim, const char *method, const char *url, const char *content_type,
			  const json_t *headers, const char *body, post_done *done, void *self);
/* Schedules the automatic receipt of a delivery; repeated up to 5 times until 200. */
MUST_CHECK int post_receipt(struct sim *sim, const char *id, const char *to, const char *key);

#endif
