/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One event as its receiver reads it. The words are made when it goes out, from what is known then; its id, its kind, its state and its
 * moment are the row's and never change. */
#ifndef CAUNOI_GATEWAY_WEBHOOK_EVENT_H
#define CAUNOI_GATEWAY_WEBHOOK_EVENT_H

#include <jansson.h>
#include <stdint.h>

#include "config/config.h"
#include "gateway/base/err.h"
#include "gateway/scope.h"

#define WEBHOOK_ID_BYTES 64

struct sql_module;

struct webhook_event {
	int64_t id, object, at;
	char kind[16], state[16], reason[64]; /* "" = none */
};

/* The id that its receiver tells repetitions by: it is never used again, not even after a backup was restored. */
void webhook_event_name(const char *instance, const struct webhook_event *e, char ret[WEBHOOK_ID_BYTES]);
/* {"id","type","at","data"}: numbers and texts only where the receiver may see them. E_NOT_FOUND: what it tells of is gone. */
MUST_CHECK int webhook_event_json(const struct scope *in, const char *instance, const struct webhook_config *to, const struct webhook_event *e,
				  json_t **ret);

extern const struct sql_module webhook_event_module;

#endif
