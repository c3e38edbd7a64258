/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The frames of a tick: taken from the peers in order, handled in its transaction, together or each in a savepoint of its own. Called by
 * core.c; what a frame means is said in driver_frame.c and command.c. */
#include "gateway/frames.h"

#include <stdlib.h>

#include "gateway/command_hook.h"
#include "gateway/dispatch.h"
#include "gateway/tick_lists.h"

static int gather_from(struct core *core, struct peer *p, size_t most)
{
	for (size_t n = 0; n < most && core->n_frames < TICK_FRAMES && !p->doomed; n++) {
		json_t *f = NULL;
		int r = peer_take_frame(p, &f);
		if (r == E_AGAIN)
			return 0;
		if (r) {
			peer_doom(p, "garbage instead of a frame");
			return 0;
		}
		if (core->n_frames == core->frames_room) {
			size_t room = core->frames_room ? core->frames_room * 2 : 64;
			struct frame *fs = realloc(core->frames, room * sizeof(*fs));
			if (!fs) {
				json_decref(f);
				return E_NOMEM;
			}
			core->frames = fs;
			core->frames_room = room;
		}
		core->frames[core->n_frames++] = (struct frame){ .peer = p->id, .json = f };
	}
	return 0;
}

void frames_gather(struct core *core)
{
	for (struct peer *p = core->peers; p; p = p->next)
		if (gather_from(core, p, p->kind == PEER_CLIENT ? 16 : 256))
			return;
}

void frames_drop(struct core *core)
{
	for (size_t i = 0; i < core->n_frames; i++)
		json_decref(core->frames[i].json);
	core->n_frames = 0;
}

/* refused: the frame's writes were undone for err; it only gets its answer now. */
static int handle(struct tick *t, struct frame *f, bool refused, int err)
{
	struct peer *p = core_peer_find(t->core, f->peer);
	if (!p || p->doomed)
		return 0;
	if (p->kind == PEER_DRIVER)
		return refused ? 0 : dispatch_frame(t, p, &t->core->channels[p->channel], f->json);
	if (p->kind == PEER_WEBHOOK)
		return refused ? 0 : webhook_frame(t, p, f->json);
	return command_frame(t, p, f->json, refused, err);
}

void core_handle_now(struct core *core, struct peer *p, const json_t *frame)
{
	struct tick_lists kept = core->lists; /* of a tick that is not decided */
	struct tick t;
	core->lists = (struct tick_lists){ 0 };
	core_tick_begin(core, &t);
	int r = p->kind == PEER_DRIVER  ? dispatch_frame(&t, p, &core->channels[p->channel], frame) :
		p->kind == PEER_WEBHOOK ? webhook_frame(&t, p, frame) : command_frame(&t, p, frame, false, 0);
	if (r)
		peer_doom(p, "out of memory");
	tick_lists_flush(core);
	tick_lists_done(&core->lists);
	core->lists = kept;
}

static void ask_ahead(struct tick *t)
{
	struct core *core = t->core;
	if (!store_asks_ahead(core->db))
		return;
	for (size_t i = 0; i < core->n_frames; i++) {
		const struct peer *p = core_peer_find(core, core->frames[i].peer);
		if (!p || p->doomed)
			continue;
		if (p->kind == PEER_DRIVER)
			dispatch_ahead(t, &core->channels[p->channel], core->frames[i].json);
		else if (p->kind == PEER_WEB)
			command_hook_ahead(t, core->frames[i].json);
	}
}

int frames_run_together(struct tick *t)
{
	struct core *core = t->core;
	ask_ahead(t);
	for (size_t i = 0; i < core->n_frames; i++) {
		int r = handle(t, &core->frames[i], false, 0);
		if (r)
			return r == E_BROKEN || !store_in_transaction(core->db) ? r : E_UNDO;
	}
	return 0;
}

/* A driver waits for no reply: what had no room now must come again by itself. */
static bool says_once(struct core *core, const struct frame *f)
{
	const struct peer *p = core_peer_find(core, f->peer);
	return p && (p->kind == PEER_DRIVER || p->kind == PEER_WEBHOOK);
}

int frames_run_singly(struct tick *t)
{
	struct core *core = t->core;
	for (size_t i = 0; i < core->n_frames; i++) {
		struct tick_mark *m;
		int r = tick_mark(t, &m);
		if (r)
			return r;
		int h = handle(t, &core->frames[i], false, 0);
		if (!h)
			h = tick_settle(t);
		r = tick_mark_end(t, m, h == 0);
		if (!r && (h == E_BROKEN || (h == E_UNAVAILABLE && says_once(core, &core->frames[i]))))
			r = h;
		if (!r && h)
			r = handle(t, &core->frames[i], true, h);
		if (r)
			return r;
	}
	return 0;
}

