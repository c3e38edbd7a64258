/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gateway's own duties and those of campaigns and handlers, one after the other; behind them the claim. */
#include "gateway/duties.h"

#include "gateway/alarm.h"
#include "gateway/balance.h"
#include "gateway/base/log.h"
#include "gateway/base/mutant.h"
#include "gateway/base/own.h"
#include "gateway/detour.h"
#include "gateway/dial.h"
#include "gateway/dispatch.h"
#include "gateway/gate.h"
#include "gateway/inbox.h"
#include "gateway/pending.h"
#include "gateway/reload.h"
#include "gateway/replay.h"
#include "gateway/retention.h"
#include "gateway/spool.h"
#include "gateway/waiting.h"

static int run_duty(struct tick *t, const struct duty *d, int64_t *due_at)
{
	if (*due_at > t->in.now_ms)
		return 0;
	struct tick_mark *m;
	int64_t next = t->in.now_ms + 60000;
	int r = tick_mark(t, &m);
	if (r)
		return r;
	int h = d->run(t, &next);
	if (!h || h == E_AGAIN) {
		int s = tick_settle(t);
		h = s ? s : h;
	}
	r = tick_mark_end(t, m, h == 0 || h == E_AGAIN);
	if (!r && (h == E_BROKEN || (h == E_UNDO && !t->core->singly)))
		return h; /* E_UNDO: what was sent ahead went wrong, now each part is settled before it is kept */
	if (!r && h && h != E_AGAIN) {
		log_error("duty.failed", "duty=%s error=%s", d->name, err_text(h));
		t->core->behind |= d->run == inbox_duty; /* a stop among what waits holds */
		next = t->in.now_ms + 5000;
	}
	*due_at = next;
	return r;
}

static const struct duty own_duties[] = {
	[DUTY_INBOX] = { "inbox", inbox_duty, inbox_ahead },
	[DUTY_WEBHOOK] = { "webhook", webhook_duty, NULL },
	{ "outbox.wake", waiting_wake_duty, waiting_wake_ahead },
	{ "outbox.expire", waiting_expire_duty, waiting_expire_ahead },
	{ "housekeeping", gate_housekeeping_duty, NULL },
	{ "spool", replay_duty, NULL },
	{ "dial", dial_duty, NULL },
	{ "balance", balance_duty, NULL },
	{ "alarm", alarm_duty, NULL },
	{ "detour", detour_drain_duty, NULL },
	{ "retention", retention_duty, NULL },
};

/* Number i of all duties, the gateway's own first. NULL behind the last. */
static const struct duty *duty_at(const struct core *core, size_t i)
{
	if (i < COUNT_OF(own_duties))
		return &own_duties[i];
	size_t other = i - COUNT_OF(own_duties);
	return i < DUTIES_MAX && other < core->wiring->n_duties ? &core->wiring->duties[other] : NULL;
}

/* What the duties that are due and the claim read first is asked for in one go. */
static void ask_ahead(struct tick *t)
{
	const struct duty *d;
	for (size_t i = 0; (d = duty_at(t->core, i)); i++)
		if (d->ahead && t->core->duty_due_at[i] <= t->in.now_ms)
			d->ahead(t);
	if (!t->core->stopping && !t->core->behind)
		dispatch_claim_ahead(t);
}

/* A duty that wrote may have changed what those behind it asked for. */
static int run_duties(struct tick *t)
{
	const struct duty *d;
	int64_t written = store_total_changes(t->core->db);
	if (!t->core->singly && store_asks_ahead(t->core->db))
		ask_ahead(t);
	for (size_t i = 0; (d = duty_at(t->core, i)); i++) {
		int r = run_duty(t, d, &t->core->duty_due_at[i]);
		if (r)
			return r;
		if (store_total_changes(t->core->db) == written)
			continue;
		if (!MUTANT(AHEAD_KEPT))
			store_forget_aheads(t->core->db);
		written = store_total_changes(t->core->db);
	}
	return 0;
}

int duties_run_inbox(struct tick *t)
{
	t->core->duty_due_at[DUTY_INBOX] = 0;
	return run_duty(t, &own_duties[DUTY_INBOX], &t->core->duty_due_at[DUTY_INBOX]);
}

static void caught_up(struct core *core, int64_t a, int64_t b)
{
	(void)a;
	(void)b;
	core->behind = false;
	core->claim_due_at = clock_now_ms(core->clock);
}

/* What people said while the store was away reaches the handlers before anything more is claimed: a stop among it holds. */
static int catch_up(struct tick *t)
{
	int waits = spool_count(t->core->spool) > 0;
	if (!waits)
		waits = inbox_waits(&t->in);
	if (!waits && store_is_shared(t->in.config->store))
		waits = replay_waits(&t->in);
	return waits > 0 ? 0 : waits < 0 ? waits : tick_after(t, caught_up, 0, 0);
}

/* In a tick that runs one by one a claim that fails takes nothing with it. */
static int claim(struct tick *t)
{
	struct tick_mark *m = NULL;
	if (t->core->behind)
		return catch_up(t);
	if (!t->core->singly)
		return dispatch_claim(t);
	int r = tick_mark(t, &m);
	if (r)
		return r;
	int h = dispatch_claim(t);
	if (!h)
		h = tick_settle(t);
	r = tick_mark_end(t, m, h == 0);
	if (!r && h == E_BROKEN)
		r = h;
	if (!r && h)
		log_error("claim.failed", "error=%s", err_text(h));
	return r;
}

int duties_run(struct tick *t)
{
	int r = reload_read(t);
	if (!r)
		r = pending_end_overdue(t);
	if (!r)
		r = run_duties(t);
	if (!r && !t->core->stopping)
		r = claim(t);
	for (int i = 0; !r && i < t->core->n_channels; i++)
		if (channel_wants_save(&t->core->channels[i], t->mono_ms))
			r = channel_save(t, &t->core->channels[i]);
	return r;
}

int64_t duties_due_at_ms(const struct core *core)
{
	int64_t due = INT64_MAX;
	for (size_t i = 0; duty_at(core, i); i++)
		if (core->duty_due_at[i] < due)
			due = core->duty_due_at[i];
	return due;
}
