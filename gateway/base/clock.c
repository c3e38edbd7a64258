/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The real and the simulated clock. The only file that reads the system's time. */
#include "gateway/base/clock.h"

#include <time.h>

static int64_t read_ms(clockid_t id)
{
	struct timespec t;
	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t real_now_ms(const struct clock *self)
{
	(void)self;
	return read_ms(CLOCK_REALTIME);
}

static int64_t real_mono_ms(const struct clock *self)
{
	(void)self;
	return read_ms(CLOCK_MONOTONIC);
}

static int64_t sim_now_ms(const struct clock *self)
{
	return self->sim_now_ms;
}

static int64_t sim_mono_ms(const struct clock *self)
{
	return self->sim_mono_ms;
}

struct clock clock_real(void)
{
	return (struct clock){ .now_ms = real_now_ms, .mono_ms = real_mono_ms };
}

struct clock clock_simulated(int64_t now_ms)
{
	return (struct clock){ .now_ms = sim_now_ms, .mono_ms = sim_mono_ms, .sim_now_ms = now_ms };
}

void clock_advance(struct clock *c, int64_t after_ms)
{
	c->sim_now_ms += after_ms;
	c->sim_mono_ms += after_ms;
}
