/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What changed, as server-sent events: the core's changed frames, the last of them kept for callers that come back with
 * Last-Event-ID. Events name nouns, never persons or texts. */
#ifndef CAUNOI_WEB_EVENTS_H
#define CAUNOI_WEB_EVENTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "gateway/base/clock.h"
#include "gateway/base/err.h"

#define EVENTS_TYPE "text/event-stream"

struct events;
struct visit;
struct MHD_Response;

MUST_CHECK int events_new(const struct clock *clock, struct events **ret);
void events_free(struct events *e);
/* Front thread: a changed frame. */
void events_changed(struct events *e, int64_t seq, const json_t *nouns);
/* Front thread: a sign of life every 15 s. */
void events_tend(struct events *e, int64_t mono_ms);
/* Ends all streams, and those that begin later. */
void events_stop(struct events *e);
/* Library's thread: the endpoint GET /api/v1/events; true = answered now. */
bool events_begin(struct visit *v);
struct MHD_Response *events_response(struct events *e, struct visit *v);
/* Library's thread: the request is over. */
void events_leave(struct events *e, struct visit *v);

#endif
