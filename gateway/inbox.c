/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table inbound: raw rows in, handled rows out. Called for inbound frames of drivers and of the web's hooks, and as a
 * duty; decides nothing about words. */
#include "gateway/inbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/address.h"
#include "gateway/base/json.h"
#include "gateway/base/log.h"
#include "gateway/base/mutant.h"
#include "gateway/base/text.h"
#include "gateway/core.h"
#include "gateway/intake.h"
#include "gateway/multipart.h"
#include "gateway/opaque.h"
#include "gateway/store/store.h"

#define INBOX_BATCH 256
#define SAME_TEXT_MS 4000

enum inbox_sql { INBOX_PUT, INBOX_WAITS, INBOX_NEXT, INBOX_HANDLED, INBOX_QUARANTINE, INBOX_SAME, INBOX_SQL_COUNT };
static const char *const inbox_sql[INBOX_SQL_COUNT] = {
	[INBOX_PUT] = "INSERT INTO inbound (seq, channel, dedupe_key, state, received_at, sent_at, address, recipient, text, raw, ref, total, part, "
		      "bits, due_at, kind, handled_by, result, why) VALUES ($seq, $channel, $key, $state, $now, $sent, $address, $to, $text, $raw, $ref, "
		      "$total, $part, $bits, $due, $kind, $by, $result, $why)",
	[INBOX_WAITS] = "SELECT id FROM inbound WHERE state = 'received' ORDER BY id LIMIT 1",
	[INBOX_NEXT] = "SELECT i.id, i.seq, i.channel, i.address, a.kind, coalesce(h.text, i.text), i.received_at, i.dedupe_key, i.due_at, "
		       "i.total, i.joined_to FROM inbound i LEFT JOIN address a ON a.id = i.address LEFT JOIN inbound h ON h.id = i.joined_to WHERE i.state = 'received' ORDER BY i.id LIMIT $n",
	[INBOX_HANDLED] = "UPDATE inbound SET state = 'handled', kind = $kind, topic = $topic, handled_by = $by, result = $result, why = $why, "
			  "casefile = $case WHERE id = $id AND state = 'received'",
	[INBOX_QUARANTINE] = "UPDATE inbound SET state = 'quarantined', kind = 'unknown', handled_by = 'intake', result = 'quarantined', why = $why "
			     "WHERE id = $id AND state = 'received'",
	[INBOX_SAME] = "SELECT id FROM inbound WHERE address = $address AND received_at >= $since AND received_at <= $now AND id < $id "
		       "AND text = $text LIMIT 1",
};
const struct sql_module inbox_module = { "inbox", inbox_sql, INBOX_SQL_COUNT };

int inbox_sender(struct tick *t, const char *from, int64_t *ret_address)
{
	struct phone number;
	if (phone_parse(&t->in.config->plan, from, &number, NULL)) {
		number = (struct phone){ .kind = PHONE_ALPHA };
		size_t n = text_cut(from, sizeof(number.e164) - 1);
		memcpy(number.e164, from, n);
	}
	return address_put(t, &number, ret_address);
}

struct part_of {
	int64_t ref, total, part, bits;
};

static bool read_part(const json_t *frame, struct part_of *ret)
{
	const json_t *udh = json_object_get(frame, "udh");
	*ret = (struct part_of){ json_int(udh, "ref", -1), json_int(udh, "total", 0), json_int(udh, "part", 0), json_int(udh, "bits", 8) };
	/* a header that cannot be is no header: the text is kept as a message of its own */
	return ret->ref >= 0 && ret->total > 1 && ret->total <= 255 && ret->part >= 1 && ret->part <= ret->total;
}

/* Why the message is kept and shown but never acted on; NULL = an ordinary one. */
static const char *quarantine_of(const json_t *frame)
{
	return json_flag(frame, "malformed", false) ? "malformed" : json_str(frame, "quarantine", NULL);
}

/* Where a channel gives no id, each arrival is a row of its own; the same words within 4 s are told apart later. */
static const char *key_of(struct tick *t, const json_t *frame, char room[OPAQUE_BYTES])
{
	const char *id = json_str(frame, "id", "");
	const char *raw = json_str(frame, "raw", "");
	if (id[0] && !MUTANT(DEDUPE_BY_TIME))
		return opaque_id(id, room);
	if (MUTANT(DEDUPE_BY_TIME))
		snprintf(room, OPAQUE_BYTES, "at:%lld", (long long)t->in.now_ms / 2000);
	else if (quarantine_of(frame) && raw[0])
		opaque_digest("raw", raw, room); /* a provider repeats what it got no 200 for: the same bytes are the same message */
	else
		snprintf(room, OPAQUE_BYTES, "noid:%lld", (long long)t->seq + 1);
	return room;
}

static int raw_of(const json_t *frame, uint8_t **ret, size_t *ret_bytes)
{
	const char *hex = json_str(frame, "raw", NULL);
	if (!hex || text_unhex(hex, ret, ret_bytes))
		*ret = NULL;
	return 0;
}

static void bind_int_or_null(struct statement *st, const char *name, bool there, int64_t value)
{
	if (there)
		bind_int(st, name, value);
	else
		bind_null(st, name);
}

int inbox_put_at(struct tick *t, const char *channel, const json_t *frame, int64_t at_ms)
{
	char room[OPAQUE_BYTES];
	struct part_of part;
	int64_t address = 0;
	OWN(mem) uint8_t *raw = NULL;
	size_t n_raw = 0;
	const char *given = json_str(frame, "text", "");
	OWN(mem) char *text = text_nfc(given);
	if (!text)
		return E_NOMEM;
	const char *quarantine = quarantine_of(frame);
	bool in_parts = read_part(frame, &part) && !quarantine;
	int r = inbox_sender(t, json_str(frame, "from", "?"), &address);
	if (!r)
		r = raw_of(frame, &raw, &n_raw);
	if (r)
		return r;
	const char *key = key_of(t, frame, room);
	struct statement *st = store_prepare(t->in.db, &inbox_module, INBOX_PUT);
	bind_int(st, "$seq", tick_seq(t));
	bind_text(st, "$channel", channel);
	bind_text(st, "$key", key);
	bind_text(st, "$state", quarantine ? "quarantined" : in_parts ? "waiting" : "received");
	bind_text(st, "$kind", quarantine ? "unknown" : NULL);
	bind_text(st, "$by", quarantine ? "inbox" : NULL);
	bind_text(st, "$result", quarantine ? "quarantined" : NULL);
	bind_text(st, "$why", quarantine);
	bind_int(st, "$now", at_ms);
	bind_int_or_null(st, "$sent", json_int(frame, "sent_at_ms", 0) > 0, json_int(frame, "sent_at_ms", 0));
	bind_int(st, "$address", address);
	bind_text(st, "$to", json_str(frame, "to", NULL));
	/* a part keeps its text as it came: normalising across its edges is for the whole */
	bind_text(st, "$text", in_parts ? given : text);
	bind_blob(st, "$raw", raw, n_raw);
	bind_int_or_null(st, "$ref", in_parts, part.ref);
	bind_int_or_null(st, "$total", in_parts, part.total);
	bind_int_or_null(st, "$part", in_parts, part.part);
	bind_int_or_null(st, "$bits", in_parts, part.bits);
	bind_int_or_null(st, "$due", in_parts, t->in.now_ms + MULTIPART_WAIT_MS);
	r = store_run(st);
	if (r == E_EXISTS)
		return 0;
	int64_t id = store_last_id(t->in.db);
	if (!r && !quarantine)
		r = address_heard(t, address, channel);
	if (!r && in_parts)
		r = multipart_arrived(t, id);
	t->core->duty_due_at[DUTY_INBOX] = 0; /* handle it in this very tick */
	tick_changed(t, "inbox");
	return r;
}

int inbox_put(struct tick *t, const char *channel, const json_t *frame)
{
	return inbox_put_at(t, channel, frame, t->in.now_ms);
}

int inbox_put_spoken(struct tick *t, const char *channel, const char *key, int64_t address, const char *text, int64_t *ret_id)
{
	static const char *const nothing[] = { "$kind", "$by", "$result", "$why", "$sent", "$to", "$raw", "$ref", "$total", "$part", "$bits", "$due" };
	struct statement *st = store_prepare(t->in.db, &inbox_module, INBOX_PUT);
	for (size_t i = 0; i < COUNT_OF(nothing); i++)
		bind_null(st, nothing[i]);
	bind_int(st, "$seq", tick_seq(t));
	bind_text(st, "$channel", channel);
	bind_text(st, "$key", key);
	bind_text(st, "$state", "received");
	bind_int(st, "$now", t->in.now_ms);
	bind_int(st, "$address", address);
	bind_text(st, "$text", text);
	int r = store_run(st);
	if (!r)
		*ret_id = store_last_id(t->in.db);
	tick_changed(t, "inbox");
	return r;
}

/* ---- to the handlers ---- */

int inbox_waits(const struct scope *in)
{
	struct statement *st = store_prepare(in->db, &inbox_module, INBOX_WAITS);
	int r = store_row(st);
	store_reset(st);
	return r;
}

struct row {
	struct inbound in;
	char channel[40], *text;
	bool no_id;
};

static int read_row(struct statement *st, struct row *ret)
{
	*ret = (struct row){ .in = { .id = column_int(st, 0), .seq = column_int(st, 1), .address = column_int(st, 3),
				     .received_at = column_int(st, 6), .sender_kind = PHONE_ALPHA, .parts_missing = (int)column_int(st, 8), .parts_total = (int)column_int(st, 9),
				     .late_of = column_int(st, 10) } };
	snprintf(ret->channel, sizeof(ret->channel), "%s", column_text(st, 2));
	if (column_text(st, 4) && phone_kind_parse(column_text(st, 4), &ret->in.sender_kind))
		ret->in.sender_kind = PHONE_ALPHA;
	ret->text = strdup(column_text(st, 5));
	ret->no_id = !strncmp(column_text(st, 7), "noid:", 5);
	return ret->text ? 0 : E_NOMEM;
}

static int is_repeated(struct tick *t, const struct row *row)
{
	if (!row->no_id)
		return 0;
	struct statement *st = store_prepare(t->in.db, &inbox_module, INBOX_SAME);
	bind_int(st, "$address", row->in.address);
	bind_int(st, "$since", row->in.received_at - SAME_TEXT_MS);
	bind_int(st, "$now", row->in.received_at);
	bind_int(st, "$id", row->in.id);
	bind_text(st, "$text", row->text);
	int r = store_row(st);
	store_reset(st);
	return r;
}

int inbox_handled(struct tick *t, int64_t id, const struct handled *h)
{
	struct statement *st = store_prepare(t->in.db, &inbox_module, INBOX_HANDLED);
	bind_int(st, "$id", id);
	bind_text(st, "$kind", h->kind);
	bind_text(st, "$topic", h->topic[0] ? h->topic : NULL);
	bind_text(st, "$by", h->handled_by);
	bind_text(st, "$result", h->result);
	bind_text(st, "$why", h->why);
	bind_int_or_null(st, "$case", h->casefile != 0, h->casefile);
	int r = store_run(st);
	if (!r && store_changes(t->in.db) != 1)
		r = E_CORRUPT;
	return r || !strcmp(h->kind, "duplicate") ? r : webhook_inbound(t, id);
}

static int handle_row(struct tick *t, struct row *row)
{
	struct handled h = { 0 };
	row->in.channel = row->channel;
	row->in.text = row->text;
	int r = is_repeated(t, row);
	if (r > 0)
		h = (struct handled){ .kind = "duplicate", .handled_by = "inbox", .result = "kept, not handled", .why = "same words within 4 s" };
	else if (!r)
		r = t->core->wiring->intake(t, &row->in, &h);
	if (r < 0)
		return r;
	return inbox_handled(t, row->in.id, &h);
}

static int quarantine(struct tick *t, const struct row *row, int err)
{
	log_error("inbox.quarantined", "inbound=%lld error=%s", (long long)row->in.id, err_text(err));
	struct statement *st = store_prepare(t->in.db, &inbox_module, INBOX_QUARANTINE);
	bind_int(st, "$id", row->in.id);
	bind_text(st, "$why", err_text(err));
	return store_run(st);
}

/* What the handlers wrote before they failed is undone. *ret_handler = what they said; negative result: the tick is over. */
static int try_row(struct tick *t, struct row *row, int *ret_handler)
{
	struct tick_mark *m = NULL;
	int r = tick_mark(t, &m);
	if (r)
		return r;
	*ret_handler = handle_row(t, row);
	if (!*ret_handler)
		*ret_handler = tick_settle(t);
	r = tick_mark_end(t, m, *ret_handler == 0);
	return !r && *ret_handler == E_BROKEN ? E_BROKEN : r;
}

static struct statement *bind_next(struct tick *t)
{
	struct statement *st = store_prepare(t->in.db, &inbox_module, INBOX_NEXT);
	bind_int(st, "$n", INBOX_BATCH);
	return st;
}

void inbox_ahead(struct tick *t)
{
	multipart_ahead(t);
	store_ahead(bind_next(t));
}

int inbox_duty(struct tick *t, int64_t *ret_due_at)
{
	struct row rows[INBOX_BATCH];
	bool waits = false; /* the store cannot write now: no message's own fault, and those behind it keep their order */
	int64_t written = store_total_changes(t->in.db);
	int n = 0, r = multipart_give_up(t);
	if (r)
		return r;
	if (store_total_changes(t->in.db) != written)
		store_forget_aheads(t->in.db);
	struct statement *st = bind_next(t);
	while (n < INBOX_BATCH && !r && store_row(st) > 0)
		r = read_row(st, &rows[n++]);
	store_reset(st);
	for (int i = 0; i < n; i++) {
		int h = 0;
		if (!r && !waits)
			r = try_row(t, &rows[i], &h);
		if (!r && h)
			r = try_row(t, &rows[i], &h);
		waits |= !r && h == E_UNAVAILABLE;
		if (!r && h && !waits)
			r = quarantine(t, &rows[i], h);
		free(rows[i].text);
	}
	*ret_due_at = n == INBOX_BATCH && !waits ? t->in.now_ms : t->in.now_ms + 1000;
	t->core->behind |= waits || n == INBOX_BATCH; /* a stop among what is left holds */
	return r;
}
