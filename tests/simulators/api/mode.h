/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the simulated provider misbehaves: latency and a mix of faults, each with its probability. Names: an HTTP status
 * ("500", "429", "302": answered, not delivered); close (request read, not delivered, connection closed), reset (the
 * same with RST), stall (never answered, not delivered); and, delivered all the same: accept_then_close,
 * accept_then_stall, accept_then_500, garbage (HTML with 200), huge (1 MiB), deep (JSON of depth 100,000), no_id,
 * bad_id (CR LF in it), slow (one byte a second), endless_headers. */
#ifndef CAUNOI_SIM_API_MODE_H
#define CAUNOI_SIM_API_MODE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "gateway/base/err.h"

enum fault_kind {
	SIM_OK,
	SIM_STATUS,
	SIM_CLOSE,
	SIM_RESET,
	SIM_STALL,
	SIM_ACCEPT_CLOSE,
	SIM_ACCEPT_STALL,
	SIM_ACCEPT_500,
	SIM_GARBAGE,
	SIM_HUGE,
	SIM_DEEP,
	SIM_NO_ID,
	SIM_BAD_ID,
	SIM_SLOW,
	SIM_ENDLESS_HEADERS,
};
#define MODE_FAULTS_MAX 32

struct mode {
	int64_t latency_ms;
	bool idempotent;
	int retry_after_s; /* with 429 and 503 */
	struct mode_fault {
		enum fault_kind kind;
		int status;
		double rate;
	} faults[MODE_FAULTS_MAX];
	int n_faults;
};

/* Applies the fields that op names; "rate" replaces the whole mix. E_INVALID leaves mode as it was. */
MUST_CHECK int mode_set(struct mode *mode, const json_t *op);
/* chance is uniform in [0, 1). */
struct mode_fault mode_draw(const struct mode *mode, double chance);
bool fault_delivers(enum fault_kind kind);

#endif
