/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When so much will be through, by the channels' pace, quiet hours, and the quotas of their SIMs: for people who approve, never a
 * promise. Other campaigns and operators' prefixes are not looked at. */
#ifndef CAUNOI_GATEWAY_FORECAST_H
#define CAUNOI_GATEWAY_FORECAST_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/base/err.h"
#include "gateway/scope.h"

#define FORECAST_NEVER INT64_MAX

struct sql_module;

struct forecast {
	int64_t segments, persons;
	const char *channel; /* the only one it may leave by; NULL or "" = any */
	bool sleeps;         /* waits for the morning in quiet hours */
	int64_t from_ms;
};

/* *ret_end_ms: Unix ms; FORECAST_NEVER: not within a year, or no channel could. Reads the quotas' rows. */
MUST_CHECK int forecast_end(const struct scope *in, const struct forecast *f, int64_t *ret_end_ms);

extern const struct sql_module forecast_module;

#endif
