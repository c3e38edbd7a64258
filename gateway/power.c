/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When a power command is started and ended; the loop forks. Called by driver_frame.c, core.c and loop.c. */
#include "gateway/power.h"

#include <signal.h>

#include "gateway/base/log.h"
#include "gateway/core.h"

#define LIMIT_MS 60000
#define PAUSE_FIRST_MS (10 * 60000)
#define PAUSE_MOST_MS (6 * 3600000)
#define FORGOTTEN_MS (INT64_C(24) * 3600000) /* after a day the pauses are short again */

static bool is_too_soon(const struct power *p, int64_t mono_ms)
{
	return p->pid || (p->pause_ms && mono_ms - p->started_mono_ms < p->pause_ms);
}

static int64_t next_pause_ms(const struct power *p, int64_t mono_ms)
{
	if (!p->pause_ms || mono_ms - p->started_mono_ms > FORGOTTEN_MS)
		return PAUSE_FIRST_MS;
	return p->pause_ms * 2 > PAUSE_MOST_MS ? PAUSE_MOST_MS : p->pause_ms * 2;
}

void power_wanted(struct core *core, int64_t channel, int64_t unused)
{
	(void)unused;
	struct channel *ch = &core->channels[channel];
	struct power *p = &ch->power;
	int64_t mono_ms = clock_mono_ms(core->clock);
	if (!ch->config->power[0] || !core->ops->run || ch->paused || is_too_soon(p, mono_ms))
		return;
	*p = (struct power){ .started_mono_ms = mono_ms, .pause_ms = next_pause_ms(p, mono_ms) };
	int r = core->ops->run(core->loop, ch->config->power, &p->pid);
	if (r)
		trouble_note(ch, "the power command cannot be started: %s", err_text(r));
	else
		log_warn("power.run", "channel=%s pid=%d deadline_s=%d", ch->config->name, (int)p->pid, LIMIT_MS / 1000);
}

bool power_reaped(struct core *core, pid_t pid, int status)
{
	for (int i = 0; i < core->n_channels; i++) {
		struct channel *ch = &core->channels[i];
		if (ch->power.pid != pid)
			continue;
		ch->power.pid = 0;
		log_info("power.ended", "channel=%s pid=%d status=0x%x", ch->config->name, (int)pid, (unsigned)status);
		if (status)
			trouble_note(ch, "the power command failed (status 0x%x)", (unsigned)status);
		return true;
	}
	return false;
}

void power_tend(struct core *core)
{
	int64_t mono_ms = clock_mono_ms(core->clock);
	for (int i = 0; i < core->n_channels; i++) {
		const struct power *p = &core->channels[i].power;
		if (p->pid && mono_ms - p->started_mono_ms > LIMIT_MS)
			core->ops->kill(core->loop, p->pid, SIGKILL);
	}
}
