/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A tick whose commit has no known outcome. Called by core.c, before anything else is begun. */
#include "gateway/undecided.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/log.h"
#include "gateway/tick_lists.h"
#include "gateway/withdrawn.h"

void undecided_suspend(struct core *core, const struct tick *t)
{
	log_warn("tick.unknown", "tick=%lld frames=%zu -- the connection was lost in the commit", (long long)core->tick_n + 1, core->n_frames);
	core->undecided = (struct undecided){ true, t->seq, core->frames, core->n_frames, core->frames_room };
	core->frames = NULL;
	core->n_frames = core->frames_room = 0;
}

void undecided_drop(struct core *core)
{
	for (size_t i = 0; i < core->undecided.n; i++)
		json_decref(core->undecided.frames[i].json);
	free(core->undecided.frames);
	core->undecided = (struct undecided){ 0 };
}

/* Its frames run again, before those that came since. */
static int take_back(struct core *core)
{
	struct undecided *u = &core->undecided;
	size_t n = u->n + core->n_frames;
	if (n > u->room) {
		struct frame *f = realloc(u->frames, n * sizeof(*f));
		if (!f)
			return E_NOMEM;
		u->frames = f;
		u->room = n;
	}
	if (core->n_frames)
		memcpy(u->frames + u->n, core->frames, core->n_frames * sizeof(*core->frames));
	free(core->frames);
	core->frames = u->frames;
	core->n_frames = n;
	core->frames_room = u->room;
	*u = (struct undecided){ 0 };
	tick_lists_clear(&core->lists);
	return 0;
}

int undecided_decide(struct core *core)
{
	int64_t tick = 0, seq = core->undecided.seq;
	int r = store_decide(core->db, &tick);
	if (r)
		return r == E_BROKEN ? r : E_UNAVAILABLE;
	if (tick != core->tick_n && tick != core->tick_n + 1) {
		log_error("tick.decided", "tick=%lld mine=%lld -- another core has written", (long long)tick, (long long)core->tick_n);
		return E_BROKEN;
	}
	bool done = tick == core->tick_n + 1;
	log_info("tick.decided", "tick=%lld %s", (long long)core->tick_n + 1, done ? "is committed" : "is not committed, runs again");
	if (!done)
		return take_back(core);
	undecided_drop(core);
	return withdrawn_take(core) ? E_BROKEN : core_committed(core, seq);
}

