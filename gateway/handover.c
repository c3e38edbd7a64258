/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Submit frames to drivers. Called by dispatch (first part) and settle (the next ones); the frame leaves after the commit. */
#include "gateway/handover.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/base/mutant.h"
#include "gateway/base/seal.h"
#include "gateway/core.h"
#include "gateway/store/store.h"

enum handover_sql { HANDOVER_ROW, HANDOVER_HANDED, HANDOVER_SINCE, HANDOVER_SQL_COUNT };
static const char *const handover_sql[HANDOVER_SQL_COUNT] = {
	[HANDOVER_ROW] = "SELECT a.sealed, coalesce(m.text, w.text), m.encoding, m.parts, m.udh_ref, m.sender, m.expires_at "
			 "FROM message m JOIN address a ON a.id = m.address LEFT JOIN wording w ON w.id = m.wording WHERE m.id = $id",
	[HANDOVER_HANDED] = "UPDATE attempt SET handed_at = CASE WHEN not_before > $now THEN not_before ELSE $now END "
			     "WHERE id = $id AND outcome IS NULL", /* a clock set back by a moment */
	[HANDOVER_SINCE] = "UPDATE message SET state_since = $now WHERE id = $id",
};
const struct sql_module handover_module = { "handover", handover_sql, HANDOVER_SQL_COUNT };

static int64_t index_of(struct tick *t, const struct channel *ch)
{
	return ch - t->core->channels;
}

static void opened(struct core *core, int64_t index, int64_t attempt)
{
	channel_opened(&core->channels[index], attempt, clock_mono_ms(core->clock));
}

static void take_pace(struct core *core, int64_t index, int64_t thousandths)
{
	bucket_take(&core->channels[index].bucket, (double)thousandths / 1000, clock_mono_ms(core->clock));
}

/* A modem's pace is one of segments, and not that of a machine: networks block SIMs that send like one. */
static int pace(struct tick *t, const struct channel *ch)
{
	uint32_t percent = (uint32_t)ch->config->pace_jitter_percent;
	int64_t jitter = percent ? (int64_t)random_below(t->in.random, percent * 10 + 1) : 0;
	return tick_after(t, take_pace, index_of(t, ch), 1000 + jitter);
}

static void closed(struct core *core, int64_t index, int64_t attempt)
{
	struct channel *ch = &core->channels[index];
	if (ch->in_flight >= ch->credit)
		core->claim_due_at = clock_now_ms(core->clock); /* whoever waited for credit is claimed at once */
	channel_closed(ch, attempt, clock_mono_ms(core->clock));
}

int handover_done(struct tick *t, struct channel *ch, int64_t attempt)
{
	return tick_after(t, closed, index_of(t, ch), attempt);
}

/* The part's own text; whole drivers get it undivided. */
static int part_text(const struct handover *h, char **ret)
{
	if (h->parts == 1) {
		*ret = strdup(h->text);
		return *ret ? 0 : E_NOMEM;
	}
	size_t at[SEGMENTS_MAX + 1];
	int n = gsm7_split(h->text, h->encoding, 8, at);
	if (n < 0 || h->part > n)
		return E_INVALID;
	*ret = strndup(h->text + at[h->part - 1], at[h->part] - at[h->part - 1]);
	return *ret ? 0 : E_NOMEM;
}

int handover_send(struct tick *t, struct channel *ch, const struct handover *h)
{
	OWN(mem) char *text = NULL;
	int r = part_text(h, &text);
	if (r)
		return r;
	const char *sender = h->sender && h->sender[0] ? h->sender : ch->config->sender ? ch->config->sender : "";
	int64_t left_s = (h->expires_at - t->in.now_ms) / 1000;
	struct buffer *f = tick_frame_begin(t);
	r = buffer_printf(f, "{\"op\":\"submit\",\"attempt\":\"%lld\",\"to\":", (long long)h->attempt);
	if (!r)
		r = json_put_string(f, h->number);
	if (!r)
		r = buffer_puts(f, ",\"text\":");
	if (!r)
		r = json_put_string(f, text);
	if (!r)
		r = buffer_puts(f, ",\"sender\":");
	if (!r)
		r = json_put_string(f, sender);
	if (!r)
		r = buffer_printf(f,
				  ",\"encoding\":\"%s\",\"part\":%d,\"parts\":%d,\"udh_ref\":%d,\"key\":\"%s-%lld\",\"validity_s\":%lld,"
				  "\"receipt\":%s,\"flash\":false}\n",
				  encoding_name(h->encoding), h->part, h->parts, h->udh_ref, t->core->instance,
				  (long long)(MUTANT(KEY_OF_ATTEMPT) ? h->attempt : h->message),
				  (long long)(left_s < 60 ? 60 : left_s), ch->config->receipts ? "true" : "false");
	if (!r)
		r = tick_frame_end(t, ch->peer, h->attempt);
	if (!r)
		r = pace(t, ch);
	return r ? r : tick_after(t, opened, index_of(t, ch), h->attempt);
}

int handover_part(struct tick *t, struct channel *ch, int64_t attempt, int64_t message, int part)
{
	struct statement *st = store_prepare(t->in.db, &handover_module, HANDOVER_HANDED);
	bind_int(st, "$id", attempt);
	bind_int(st, "$now", t->in.now_ms);
	int r = store_write(st, 1);
	if (!r) {
		st = store_prepare(t->in.db, &handover_module, HANDOVER_SINCE);
		bind_int(st, "$id", message);
		bind_int(st, "$now", t->in.now_ms);
		r = store_write(st, 1);
	}
	if (r)
		return r;
	st = store_prepare(t->in.db, &handover_module, HANDOVER_ROW);
	bind_int(st, "$id", message);
	r = store_row(st);
	if (r <= 0) {
		store_reset(st);
		return r ? r : E_NOT_FOUND;
	}
	size_t n_box, n_number;
	const void *box = column_blob(st, 0, &n_box);
	OWN(mem) char *number = NULL;
	r = seal_open_box(t->in.seal, box, n_box, &number, &n_number);
	if (!r)
		r = handover_send(t, ch, &(struct handover){ .attempt = attempt, .message = message, .part = part,
							     .parts = (int)column_int(st, 3), .udh_ref = (int)column_int(st, 4),
							     .encoding = !strcmp(column_text(st, 2), "ucs2") ? ENCODING_UCS2 : ENCODING_GSM7,
							     .number = number, .text = column_text(st, 1), .sender = column_text(st, 5),
							     .expires_at = column_int(st, 6) });
	store_reset(st);
	return r;
}
