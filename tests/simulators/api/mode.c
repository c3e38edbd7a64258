/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Faults of the simulated provider, by name and probability. Called by control.c and server.c. */
#include "tests/simulators/api/mode.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"

static const struct {
	const char *name;
	bool delivers;
} kinds[] = {
	[SIM_OK] = { "ok", true },
	[SIM_STATUS] = { "", false },
	[SIM_CLOSE] = { "close", false },
	[SIM_RESET] = { "reset", false },
	[SIM_STALL] = { "stall", false },
	[SIM_ACCEPT_CLOSE] = { "accept_then_close", true },
	[SIM_ACCEPT_STALL] = { "accept_then_stall", true },
	[SIM_ACCEPT_500] = { "accept_then_500", true },
	[SIM_GARBAGE] = { "garbage", true },
	[SIM_HUGE] = { "huge", true },
	[SIM_DEEP] = { "deep", true },
	[SIM_NO_ID] = { "no_id", true },
	[SIM_BAD_ID] = { "bad_id", true },
	[SIM_SLOW] = { "slow", true },
	[SIM_ENDLESS_HEADERS] = { "endless_headers", true },
};

bool fault_delivers(enum fault_kind kind)
{
	return kinds[kind].delivers;
}

static int parse_fault(const char *name, double rate, struct mode_fault *ret)
{
	char *end;
	long status = strtol(name, &end, 10);
	if (end != name && !*end && status >= 200 && status <= 599) {
		*ret = (struct mode_fault){ .kind = SIM_STATUS, .status = (int)status, .rate = rate };
		return 0;
	}
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (*name && !strcmp(name, kinds[i].name)) {
			*ret = (struct mode_fault){ .kind = (enum fault_kind)i, .rate = rate };
			return 0;
		}
	return E_INVALID;
}

int mode_set(struct mode *mode, const json_t *op)
{
	struct mode m = *mode;
	json_t *rates = json_object_get(op, "rate"), *value;
	const char *name;
	m.latency_ms = json_int(op, "latency_ms", m.latency_ms);
	m.idempotent = json_flag(op, "idempotent", m.idempotent);
	m.retry_after_s = (int)json_int(op, "retry_after_s", m.retry_after_s);
	if (rates)
		m.n_faults = 0;
	json_object_foreach(rates, name, value)
	{
		if (!json_is_number(value) || m.n_faults == MODE_FAULTS_MAX ||
		    parse_fault(name, json_number_value(value), &m.faults[m.n_faults++]))
			return E_INVALID;
	}
	*mode = m;
	return 0;
}

struct mode_fault mode_draw(const struct mode *mode, double chance)
{
	for (int i = 0; i < mode->n_faults; i++) {
		chance -= mode->faults[i].rate;
		if (chance < 0)
			return mode->faults[i];
	}
	return (struct mode_fault){ .kind = SIM_OK };
}
