/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading what is ready. Called by dispatch.c and claim.c; decides nothing and writes nothing. Whether somebody got something lately comes with
 * the row, for nobody did as a rule; how much it was is asked for the others. */
#include "gateway/candidate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/mutant.h"
#include "gateway/base/phone.h"
#include "gateway/base/seal.h"
#include "gateway/core.h"
#include "gateway/dnc.h"
#include "gateway/store/store.h"

#define MARK_MS 2000
#define ADDRESS (UINT64_C(1) << 62) /* apart from messages of the same id */
#define LATELY(alias) " FROM message " alias " WHERE " alias ".claimed_at > $since AND " alias ".class IN ('social_policy', 'advert') AND " alias

#define COUNT_TEXT "SELECT count(*), min(o.claimed_at)" LATELY("o") ".address = $address AND o.id <> $id"

enum candidate_sql { CANDIDATE_READY, CANDIDATE_COUNT, CANDIDATE_COUNT_AHEAD, CANDIDATE_SQL_COUNT };
static const char *const candidate_sql[CANDIDATE_SQL_COUNT] = {
	[CANDIDATE_READY] = "SELECT m.id, m.class, m.topic, m.state, m.expires_at, m.tries, m.udh_ref, m.sender, m.due_at, "
			    "coalesce(m.text, w.text), a.id, a.sealed, a.off, a.unreachable, a.kind, "
			    "CASE WHEN m.class = 'advert' AND " DNC_HOLDS("a") " THEN 1 ELSE 0 END, "
			    "CASE WHEN m.class IN ('social_policy', 'advert') AND EXISTS (SELECT 1" LATELY("o") ".address = m.address AND o.id <> m.id) "
			    "THEN 1 ELSE 0 END FROM message m JOIN address a ON a.id = m.address "
			    "LEFT JOIN wording w ON w.id = m.wording WHERE m.flow = $flow AND m.pin = $pin AND m.{ready} "
			    "AND m.due_at <= $now AND (m.due_at, m.id) > ($due, $behind) "
			    "AND $channel >= 0 " /* an answer asked ahead is used once, and several channels ask for the same network */
			    "ORDER BY m.due_at, m.id LIMIT $n",
	[CANDIDATE_COUNT] = COUNT_TEXT,
	[CANDIDATE_COUNT_AHEAD] = COUNT_TEXT,
};
const struct sql_module candidate_module = { "candidate", candidate_sql, CANDIDATE_SQL_COUNT };

void candidate_done(struct candidate *c)
{
	free(c->topic);
	free(c->sender);
	free(c->text);
	free(c->number);
	free(c->off);
	free(c->unreachable);
}

static char *copy(const char *text)
{
	return text ? strdup(text) : NULL;
}

static int read_one(struct tick *t, struct statement *st, struct candidate *c)
{
	*c = (struct candidate){ .id = column_int(st, 0), .expires_at = column_int(st, 4), .tries = (int)column_int(st, 5),
				 .udh_ref = (int)column_int(st, 6), .due_at = column_int(st, 8), .address = column_int(st, 10),
				 .dnc = column_int(st, 15) != 0, .crowded = column_int(st, 16) != 0 };
	if (message_class_parse(column_text(st, 1), &c->class) || message_state_parse(column_text(st, 3), &c->state))
		return E_CORRUPT;
	size_t n_box, n_number;
	const void *box = column_blob(st, 11, &n_box);
	int r = seal_open_box(t->in.seal, box, n_box, &c->number, &n_number);
	c->topic = copy(column_text(st, 2));
	c->sender = copy(column_text(st, 7));
	c->text = copy(column_text(st, 9) ? column_text(st, 9) : "");
	c->off = copy(MUTANT(CLAIM_WITHOUT_CONSENT) ? "" : column_text(st, 12));
	c->unreachable = copy(column_text(st, 13));
	enum phone_kind kind = PHONE_MOBILE;
	bool receives = !phone_kind_parse(column_text(st, 14), &kind) && phone_can_receive(&(struct phone){ .kind = kind });
	if ((r && r != E_NOMEM) || !receives) {
		c->bad = "invalid_number";
		r = 0;
	}
	return r ? r : c->text && c->off ? 0 : E_NOMEM;
}

static int64_t day_begins(const struct tick *t)
{
	return MUTANT(CAP_BY_DAY) ? t->in.now_ms - t->in.now_ms % CANDIDATE_DAY_MS : t->in.now_ms - CANDIDATE_DAY_MS;
}

/* ---- up to where ---- */

bool candidates_marked(const struct tick *t, int channel, int64_t flow, const char *pin)
{
	const struct candidate_mark *m = &t->core->taken[channel];
	return m->flow == flow && t->mono_ms < m->until_mono_ms && !strcmp(m->pin, pin);
}

static void take_mark(struct core *core, int64_t channel, int64_t unused)
{
	(void)unused;
	core->taken[channel] = core->taking[channel];
}

int candidates_passed(struct tick *t, int channel, int64_t flow, const char *pin, const struct candidate *c)
{
	const struct candidate_mark *was = &t->core->taken[channel];
	struct candidate_mark *m = &t->core->taking[channel];
	if (!store_asks_ahead(t->in.db))
		return 0; /* a file keeps nothing of what was taken */
	*m = (struct candidate_mark){ .flow = flow, .due_at = c->due_at, .id = c->id,
				      .until_mono_ms = candidates_marked(t, channel, flow, pin) ? was->until_mono_ms : t->mono_ms + MARK_MS };
	snprintf(m->pin, sizeof(m->pin), "%s", pin);
	return tick_after(t, take_mark, channel, 0);
}

void candidates_look_again(struct core *core)
{
	memset(core->taken, 0, sizeof(core->taken));
}

/* ---- reading ---- */

static struct statement *bind_ready(struct tick *t, int channel, int64_t flow, const char *pin, int n)
{
	const struct candidate_mark *m = &t->core->taken[channel];
	bool marked = candidates_marked(t, channel, flow, pin);
	struct statement *st = store_prepare(t->in.db, &candidate_module, CANDIDATE_READY);
	bind_int(st, "$flow", flow);
	bind_text(st, "$pin", pin);
	bind_int(st, "$now", t->in.now_ms);
	bind_int(st, "$since", day_begins(t));
	bind_int(st, "$due", marked ? m->due_at : -1);
	bind_int(st, "$behind", marked ? m->id : 0);
	bind_int(st, "$channel", channel);
	bind_int(st, "$n", n);
	return st;
}

void candidates_ahead(struct tick *t, int channel, int64_t flow, const char *pin, int n)
{
	store_ahead(bind_ready(t, channel, flow, pin, n));
}

int candidates_read(struct tick *t, int channel, int64_t flow, const char *pin, int n, int most, struct candidate *ret, int *ret_n)
{
	int r = 0, got = 0;
	struct statement *st = bind_ready(t, channel, flow, pin, n);
	while (got < most && (r = store_row(st)) > 0) {
		r = read_one(t, st, &ret[got++]);
		if (r)
			break;
	}
	store_reset(st);
	*ret_n = got;
	return r < 0 ? r : 0;
}

/* ---- what its number got ---- */

void candidate_claimed(struct tick *t, const struct candidate *c)
{
	tick_touch(t, (uint64_t)c->id);
	tick_touch(t, ADDRESS | (uint64_t)c->address);
}

static bool was_claimed(const struct tick *t, const struct candidate *c)
{
	return tick_touched(t, ADDRESS | (uint64_t)c->address) && !MUTANT(CAP_BLIND);
}

static struct statement *bind_count(struct tick *t, size_t sql, const struct candidate *c)
{
	struct statement *st = store_prepare(t->in.db, &candidate_module, sql);
	bind_int(st, "$address", c->address);
	bind_int(st, "$since", day_begins(t));
	bind_int(st, "$id", c->id);
	return st;
}

void candidates_count_ahead(struct tick *t, const struct candidate *rows, int n)
{
	for (int i = 0; i < n; i++)
		if (rows[i].crowded && !was_claimed(t, &rows[i]))
			store_ahead(bind_count(t, CANDIDATE_COUNT_AHEAD, &rows[i]));
}

int candidate_count_24h(struct tick *t, const struct candidate *c, int64_t *ret_count, int64_t *ret_oldest)
{
	bool claimed = was_claimed(t, c);
	*ret_count = *ret_oldest = 0;
	if (!message_class_is_bulk(c->class) || !(c->crowded || claimed))
		return 0;
	struct statement *st = bind_count(t, claimed ? CANDIDATE_COUNT : CANDIDATE_COUNT_AHEAD, c);
	int r = store_row(st);
	if (r > 0) {
		*ret_count = column_int(st, 0);
		*ret_oldest = column_int(st, 1);
	}
	store_reset(st);
	return r < 0 ? r : 0;
}
