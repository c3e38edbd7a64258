/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tick: gathers frames, runs them in one transaction with duties and dispatch, commits, and only then lets frames
 * out. Called by loop.c and by simulators. Never reads a clock, a descriptor or randomness of its own. */
#include "gateway/core.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/base/log.h"
#include "gateway/base/mutant.h"
#include "gateway/away.h"
#include "gateway/dispatch.h"
#include "gateway/duties.h"
#include "gateway/frames.h"
#include "gateway/gate.h"
#include "gateway/jump.h"
#include "gateway/ledger.h"
#include "gateway/lost.h"
#include "gateway/notice.h"
#include "gateway/pending.h"
#include "gateway/reload.h"
#include "gateway/replay.h"
#include "gateway/spool.h"
#include "gateway/supervisor.h"
#include "gateway/tick_lists.h"
#include "gateway/undecided.h"
#include "gateway/withdrawn.h"

#define IDLE_MS 1000
#define REFUSED_AGAIN_MS 200
#define REFUSED_LONG_MS 2000

enum core_sql { CORE_NODE, CORE_SQL_COUNT };
static const char *const core_sql[CORE_SQL_COUNT] = {
	[CORE_NODE] = "UPDATE node SET tick = $tick, seq = $seq, now_at = $now WHERE name = $name",
};
const struct sql_module core_module = { "core", core_sql, CORE_SQL_COUNT };

struct peer *core_peer_find(struct core *core, int64_t id)
{
	struct peer *p = core->peers;
	while (p && p->id != id)
		p = p->next;
	return p;
}

struct peer *core_peer_add(struct core *core, enum peer_kind kind)
{
	struct peer *p = peer_new(++core->last_peer, kind);
	if (!p)
		return NULL;
	p->pong_mono_ms = clock_mono_ms(core->clock);
	struct peer **end = &core->peers;
	while (*end)
		end = &(*end)->next;
	*end = p;
	return p;
}

static void forget_peer(struct core *core, struct peer *p)
{
	struct peer **at = &core->peers;
	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	for (size_t i = 0; i < core->n_pending; i++)
		if (core->pending[i].peer == p->id)
			core->pending[i].peer = 0;
	peer_free(p);
}

void core_peer_gone(struct core *core, struct peer *p)
{
	if (p->kind == PEER_DRIVER)
		lost_note(core, p);
	if (p->kind == PEER_WEBHOOK)
		webhook_lost(core, p);
	gate_peer_gone(core->gate, p);
	forget_peer(core, p);
}

/* ---- begin, commit, undo ---- */

void core_tick_begin(struct core *core, struct tick *t)
{
	tick_lists_clear(&core->lists);
	core->mark_stands = false;
	*t = (struct tick){ .core = core, .mono_ms = clock_mono_ms(core->clock), .seq = core->seq,
			    .in = { .db = core->db, .config = core->config, .seal = core->seal, .random = core->random,
				    .zone = core->zone, .keywords = core->keywords, .now_ms = clock_now_ms(core->clock) } };
}

void core_tick_undo(struct core *core, struct tick *t)
{
	(void)t;
	store_rollback(core->db);
	tick_lists_clear(&core->lists);
}

static int write_node(struct core *core, struct tick *t)
{
	struct statement *st = store_prepare(core->db, &core_module, CORE_NODE);
	bind_int(st, "$tick", core->tick_n + 1);
	bind_int(st, "$seq", MUTANT(SEQ_FORGOTTEN) ? 0 : t->seq);
	bind_int(st, "$now", t->in.now_ms);
	bind_text(st, "$name", core->node);
	return store_write(st, -1);
}

static int keep_asked(struct core *core)
{
	struct tick_lists *l = &core->lists;
	size_t want = core->n_pending + l->n_asked;
	if (want > core->pending_room) {
		struct pending *p = realloc(core->pending, (want + 16) * sizeof(*p));
		if (!p)
			return E_NOMEM;
		core->pending = p;
		core->pending_room = want + 16;
	}
	for (size_t i = 0; i < l->n_asked; i++)
		core->pending[core->n_pending++] = l->asked[i];
	l->n_asked = 0;
	return 0;
}

/* What a commit makes of memory, and only then what leaves. E_BROKEN also when what stands beside the database could not be kept. */
int core_committed(struct core *core, int64_t seq)
{
	core->tick_n++;
	core->seq = seq;
	if (keep_asked(core))
		return E_BROKEN;
	for (size_t i = 0; i < core->lists.n_after; i++)
		core->lists.after[i].fn(core, core->lists.after[i].a, core->lists.after[i].b);
	if (ledger_failed(core->ledger))
		return E_BROKEN;
	tick_lists_flush(core);
	tick_lists_clear(&core->lists);
	return 0;
}

int core_tick_commit(struct core *core, struct tick *t)
{
	int r = core->mark_stands ? E_UNAVAILABLE : tick_lists_write(core);
	if (!r)
		r = write_node(core, t);
	if (!r && MUTANT(FLUSH_BEFORE_COMMIT)) {
		tick_lists_flush(core);
		core->lists.n_out = 0;
	}
	if (!r)
		r = store_commit(core->db);
	if (r == E_UNKNOWN)
		return r;
	if (r) {
		core_tick_undo(core, t);
		return r;
	}
	return core_committed(core, t->seq);
}

static int attempt_tick(struct core *core, struct tick *t, bool singly)
{
	core_tick_begin(core, t);
	int r = store_begin(core->db);
	if (!r)
		r = jump_check(t);
	core->singly = singly;
	if (!r)
		r = withdrawn_settle(t);
	if (!r)
		r = lost_decide(t);
	if (!r)
		r = tick_settle(t);
	if (!r)
		r = singly ? frames_run_singly(t) : frames_run_together(t);
	if (!r)
		r = duties_run(t);
	core->singly = false;
	return r ? r : core_tick_commit(core, t);
}

/* ---- the store does not answer ---- */

/* After a tick that was not committed: its transaction is over, or kept for the store to say. */
static int give_up(struct core *core, struct tick *t, int err)
{
	if (err == E_UNKNOWN)
		undecided_suspend(core, t);
	else if (err && err != E_BROKEN)
		core_tick_undo(core, t);
	return err;
}

static int replay(struct core *core)
{
	struct tick t = { 0 };
	int r = give_up(core, &t, replay_tick(core, &t));
	return r ? r : spool_count(core->spool) ? E_AGAIN : 0;
}

static int run_frames(struct core *core)
{
	struct tick t;
	int r = attempt_tick(core, &t, false);
	if (r == E_UNDO) {
		core_tick_undo(core, &t);
		r = attempt_tick(core, &t, true);
	}
	return give_up(core, &t, r);
}

static bool is_away(struct core *core, int64_t mono_ms)
{
	if (!core->refused_mono_ms)
		core->refused_mono_ms = mono_ms;
	bool long_refused = store_is_shared(core->config->store) && mono_ms - core->refused_mono_ms >= REFUSED_LONG_MS;
	return core->undecided.is || store_away(core->db) || long_refused;
}

static int without_store(struct core *core, int err)
{
	int64_t mono_ms = clock_mono_ms(core->clock);
	if (is_away(core, mono_ms)) {
		if (!core->away)
			log_warn("store.away", "error=%s -- what people say is kept in the spool, nothing is sent", err_text(err));
		core->away = true;
		core->retry_at_mono_ms = mono_ms + REFUSED_AGAIN_MS;
		return away_keep(core);
	}
	log_warn("tick.refused", "error=%s frames=%zu", err_text(err), core->n_frames);
	if (core->ops->release_reserve)
		core->ops->release_reserve(core->loop, core->config->data_dir);
	away_refuse(core);
	core->retry_at_mono_ms = clock_mono_ms(core->clock) + REFUSED_AGAIN_MS;
	return 0;
}

static int with_store(struct core *core)
{
	if (core->away)
		log_info("store.back", "spooled=%lld", (long long)spool_count(core->spool));
	core->away = false;
	core->refused_mono_ms = 0;
	core->retry_at_mono_ms = 0;
	frames_drop(core);
	return 0;
}

/* What was said is being told and is not done yet: what comes in meanwhile is put behind it. */
static int still_telling(struct core *core)
{
	core->retry_at_mono_ms = clock_mono_ms(core->clock);
	return away_keep(core);
}

int core_tick(struct core *core)
{
	int64_t began = clock_mono_ms(core->clock), trips = store_round_trips(core->db);
	if (core->broken)
		return E_BROKEN;
	frames_gather(core);
	size_t n_frames = core->n_frames;
	int r = core->undecided.is ? undecided_decide(core) : 0;
	if (!r && spool_count(core->spool))
		r = replay(core);
	if (!r)
		r = run_frames(core);
	if (r != E_BROKEN)
		r = !r ? with_store(core) : r == E_AGAIN ? still_telling(core) : without_store(core, r);
	if (r == E_BROKEN) {
		core->broken = true;
		log_error("tick.broken", "the store failed; stopping at once, the next start recovers");
		return r;
	}
	core->last_tick_mono_ms = clock_mono_ms(core->clock);
	notice_changed(core, core->last_tick_mono_ms);
	notice_spool(core, core->last_tick_mono_ms);
	supervisor_tend(core->supervisor, core);
	power_tend(core);
	r = gate_tend(core->gate, core);
	int64_t took = clock_mono_ms(core->clock) - began;
	core->ticks++;
	core->round_trips += store_round_trips(core->db) - trips;
	pulse_note(&core->pulse, n_frames, took);
	if (took > core->worst_tick_ms)
		core->worst_tick_ms = took;
	return r == E_BROKEN ? r : 0;
}

bool core_has_work(const struct core *core)
{
	for (const struct peer *p = core->peers; p; p = p->next)
		if (!p->doomed && peer_has_line(p))
			return true;
	return false;
}

int64_t core_due_mono_ms(const struct core *core)
{
	int64_t mono = clock_mono_ms(core->clock);
	int64_t due = core->last_tick_mono_ms + IDLE_MS;
	if (core->retry_at_mono_ms)
		return core->retry_at_mono_ms;
	int64_t duty = mono + (duties_due_at_ms(core) - clock_now_ms(core->clock));
	int64_t claim = dispatch_due_mono_ms(core);
	due = duty < due ? duty : due;
	return claim < due ? claim : due;
}

int core_new(const struct core_ops *ops, void *loop, const struct config *cfg, struct store *db, const struct seal *seal,
	     const struct clock *clock, struct random *random, const struct wiring *wiring, struct core **ret)
{
	struct core *core = calloc(1, sizeof(*core));
	if (!core)
		return E_NOMEM;
	*core = (struct core){ .ops = ops, .loop = loop, .config = cfg, .db = db, .seal = seal, .clock = clock, .random = random,
			       .wiring = wiring, .node = "main" };
	if (store_is_shared(cfg->store))
		snprintf(core->node, sizeof(core->node), "%s", cfg->node);
	core->n_channels = (int)(cfg->n_channels < CHANNELS_MAX ? cfg->n_channels : CHANNELS_MAX);
	for (int i = 0; i < core->n_channels; i++)
		channel_init(&core->channels[i], &cfg->channels[i], clock_mono_ms(clock));
	unsigned fresh;
	webhook_plan(core, cfg, &fresh);
	int r = supervisor_new(&core->supervisor);
	if (!r)
		r = gate_new(&core->gate);
	if (r) {
		core_free(core);
		return r;
	}
	*ret = core;
	return 0;
}

void core_free(struct core *core)
{
	if (!core)
		return;
	frames_drop(core);
	undecided_drop(core);
	spool_close(core->spool);
	lost_free(core);
	withdrawn_free(core);
	while (core->peers)
		forget_peer(core, core->peers);
	for (int i = 0; i < core->n_channels; i++)
		channel_done(&core->channels[i]);
	for (size_t i = 0; i < core->n_pending; i++)
		pending_done(&core->pending[i]);
	tick_lists_done(&core->lists);
	refusal_done(&core->refused);
	supervisor_free(core->supervisor);
	gate_free(core->gate);
	ledger_close(core->ledger);
	if (core->job_memory.data)
		core->job_memory.forget(core->job_memory.data);
	free(core->pending);
	free(core->frames);
	free(core);
}

static bool same_rules(const struct config *was, const struct config *now)
{
	return was->sending.quiet_from_min == now->sending.quiet_from_min && was->sending.quiet_to_min == now->sending.quiet_to_min &&
	       was->sending.max_per_person_24h == now->sending.max_per_person_24h;
}

int core_reload(struct core *core, const struct config *cfg)
{
	int r = reload_channels(core, cfg);
	if (r)
		return r;
	unsigned changed;
	webhook_plan(core, cfg, &changed);
	supervisor_plan_webhooks(core->supervisor, core, changed);
	core->jump.rules_changed |= !same_rules(core->config, cfg);
	core->config = cfg;
	supervisor_restart_web(core->supervisor, core);
	return 0;
}

void core_stop(struct core *core)
{
	core->stopping = true;
	supervisor_stop(core->supervisor, core);
}

bool core_stopped(const struct core *core)
{
	for (int i = 0; i < core->n_channels; i++)
		if (core->channels[i].in_flight > 0 && core->channels[i].peer)
			return false;
	return true;
}
