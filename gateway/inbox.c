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

enum inbox_sql { INBOX_PUT, INBOX_KNOWN, INBOX_WAITS, INBOX_NEXT, INBOX_HANDLED, INBOX_QUARANTINE, INBOX_SAME, INBOX_SQL_COUNT };
static const char *const inbox_sql[INBOX_SQL_COUNT] = {
	[INBOX_PUT] = "INSERT INTO inbound (seq, channel, dedupe_key, state, received_at, sent_at, address, recipient, text, raw, ref, total, part, "
		      "bits, due_at, kind, handled_by, result, why) VALUES ($seq, $channel, $key, $state, $now, $sent, $address, $to, $text, $raw, $ref, "
		      "$total, $part, $bits, $due, $kind, $by, $result, $why)",
	[INBOX_KNOWN] = "SELECT id FROM inbound WHERE channel = $channel AND dedupe_key = $key",
	[INBOX_WAITS] = "SELECT id FROM inbound WHERE state = 'received' ORDER BY id LIMIT 1",
	[INBOX_NEXT] = "SELECT i.id, i.seq, i.channel, i.address, a.kind, coalesce(h.text, i.text), i.received_at, i.dedupe_key, i.due_at, "
		       "i.total, i.joined_to, a.hash FROM inbound i LEFT JOIN address a ON a.id = i.address LEFT JOIN inbound h ON h.id = i.joined_to WHERE i.state = 'received' ORDER BY i.id LIMIT $n",
	[INBOX_HANDLED] = "UPDATE inbound SET state = 'handled', kind = $kind, topic = $topic, handled_by = $by, result = $result, why = $why, "
			  "casefile = $case WHERE id = $id AND coalesce(state, '') = 'received'", /* by the id, not through all that wait */
	[INBOX_QUARANTINE] = "UPDATE inbound SET state = 'quarantined', kind = 'unknown', handled_by = 'intake', result = 'quarantined', why = $why "
			     "WHERE id = $id AND state = 'received'",
	[INBOX_SAME] = "SELECT id FROM inbound WHERE address = $address AND received_at >= $since AND received_at <= $now AND id < $id "
		       "AND text = $text LIMIT 1",
};
const struct sql_module inbox_module = { "inbox", inbox_sql, INBOX_SQL_COUNT };

static struct phone read_sender(const struct tick *t, const char *from)
{
	struct phone number;
	if (phone_parse(&t->in.config->plan, from, &number, NULL)) {
		number = (struct phone){ .kind = PHONE_ALPHA };
		size_t n = text_cut(from, sizeof(number.e164) - 1);
		memcpy(number.e164, from, n);
	}
	return number;
}

int inbox_sender(struct tick *t, const char *from, int64_t *ret_address)
{
	struct phone number = read_sender(t, from);
	return address_put(t, &number, ret_address);
}

void inbox_sender_ahead(struct tick *t, const char *from)
{
	struct phone number = read_sender(t, from);
	address_ahead(&t->in, number.e164);
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

/* What the same message has again when it is brought again; NULL where there is no such thing. */
static const char *lasting_key(const struct tick *t, const json_t *frame, char room[OPAQUE_BYTES])
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
		return NULL;
	return room;
}

static struct statement *bind_known(struct tick *t, const char *channel, const char *key)
{
	struct statement *st = store_prepare(t->in.db, &inbox_module, INBOX_KNOWN);
	bind_text(st, "$channel", channel);
	bind_text(st, "$key", key);
	return st;
}

/* 1 it is here already, 0, or negative. *ret_key: what it is kept under; each arrival without an id is a row of its own, the same words
 * within 4 s are told apart later. */
static int is_known(struct tick *t, const char *channel, const json_t *frame, char room[OPAQUE_BYTES], const char **ret_key)
{
	const char *key = lasting_key(t, frame, room);
	if (!key) {
		snprintf(room, OPAQUE_BYTES, "noid:%lld", (long long)t->seq + 1);
		*ret_key = room;
		return 0;
	}
	struct statement *st = bind_known(t, channel, key);
	int r = store_row(st);
	store_reset(st);
	*ret_key = key;
	return r;
}

void inbox_put_ahead(struct tick *t, const char *channel, const json_t *frame)
{
	char room[OPAQUE_BYTES];
	const char *key = lasting_key(t, frame, room);
	if (key)
		store_ahead(bind_known(t, channel, key));
	inbox_sender_ahead(t, json_str(frame, "from", "?"));
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

/* The row, with the key it is kept under. */
static int write_row(struct tick *t, const char *channel, const json_t *frame, const char *key, int64_t address, int64_t at_ms)
{
	struct part_of part;
	OWN(mem) uint8_t *raw = NULL;
	size_t n_raw = 0;
	const char *given = json_str(frame, "text", ""), *quarantine = quarantine_of(frame);
	OWN(mem) char *text = text_nfc(given);
	bool in_parts = read_part(frame, &part) && !quarantine;
	int r = text ? raw_of(frame, &raw, &n_raw) : E_NOMEM;
	if (r)
		return r;
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
	r = store_write_row(st);
	return r || !in_parts ? r : multipart_arrived(t, store_last_id(t->in.db));
}

int inbox_put_at(struct tick *t, const char *channel, const json_t *frame, int64_t at_ms)
{
	char room[OPAQUE_BYTES];
	const char *key;
	int64_t address = 0;
	struct phone from = read_sender(t, json_str(frame, "from", "?"));
	int r = is_known(t, channel, frame, room, &key);
	if (r)
		return r < 0 ? r : 0;
	r = quarantine_of(frame) ? address_put(t, &from, &address) : address_put_heard(t, &from, channel, &address);
	if (!r)
		r = write_row(t, channel, frame, key, address, at_ms);
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

/* Whoever answers our own number would answer an answer. */
static bool is_own(const struct tick *t, struct statement *st)
{
	uint8_t own[SEAL_HASH_BYTES];
	const char *number = t->in.config->organisation.reply_number;
	struct phone phone;
	size_t n = 0;
	const void *hash = column_blob(st, 11, &n);
	if (!hash || n != sizeof(own) || !number || !*number || phone_parse(&t->in.config->plan, number, &phone, NULL))
		return false;
	seal_hash(t->in.seal, phone.e164, own);
	return !memcmp(own, hash, sizeof(own));
}

static int read_row(const struct tick *t, struct statement *st, struct row *ret)
{
	*ret = (struct row){ .in = { .id = column_int(st, 0), .seq = column_int(st, 1), .address = column_int(st, 3),
				     .received_at = column_int(st, 6), .sender_kind = PHONE_ALPHA, .parts_missing = (int)column_int(st, 8), .parts_total = (int)column_int(st, 9),
				     .late_of = column_int(st, 10), .own = is_own(t, st) } };
	snprintf(ret->channel, sizeof(ret->channel), "%s", column_text(st, 2));
	if (column_text(st, 4) && phone_kind_parse(column_text(st, 4), &ret->in.sender_kind))
		ret->in.sender_kind = PHONE_ALPHA;
	ret->text = strdup(column_text(st, 5));
	ret->no_id = !strncmp(column_text(st, 7), "noid:", 5);
	ret->in.channel = ret->channel;
	ret->in.text = ret->text;
	return ret->text ? 0 : E_NOMEM;
}

static struct statement *bind_same(struct tick *t, const struct row *row)
{
	struct statement *st = store_prepare(t->in.db, &inbox_module, INBOX_SAME);
	bind_int(st, "$address", row->in.address);
	bind_int(st, "$since", row->in.received_at - SAME_TEXT_MS);
	bind_int(st, "$now", row->in.received_at);
	bind_int(st, "$id", row->in.id);
	bind_text(st, "$text", row->text);
	return st;
}

static int is_repeated(struct tick *t, const struct row *row)
{
	if (!row->no_id)
		return 0;
	struct statement *st = bind_same(t, row);
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
	int r = store_write_row(st);
	return r || !strcmp(h->kind, "duplicate") ? r : webhook_inbound(t, id);
}

int inbox_invite(struct tick *t, const struct inbound *in)
{
	return t->core->wiring->invite ? t->core->wiring->invite(t, in) : 0;
}

int inbox_respond(struct tick *t, const struct inbound *in, const struct handled *h)
{
	return t->core->wiring->respond ? t->core->wiring->respond(t, in, h) : 0;
}

static int handle_row(struct tick *t, struct row *row)
{
	struct handled h = { 0 };
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

/* Once more when it fails, then it is set aside. *ret_waits: the store cannot write now; no message's own fault, and those behind it
 * keep their order. */
static int handle_singly(struct tick *t, struct row *row, bool *ret_waits)
{
	int h = 0, r = try_row(t, row, &h);
	if (!r && h)
		r = try_row(t, row, &h);
	*ret_waits = !r && h == E_UNAVAILABLE;
	return r || !h || *ret_waits ? r : quarantine(t, row, h);
}

/* ---- many at once ---- */

/* Asks ahead for what the handlers will read of those from i on, up to the first whose sender stands among them already: what is made
 * of one message changes nothing but what the next one of the same person finds. The end of them. */
static int ask_run(struct tick *t, const struct row *rows, int i, int n)
{
	int end = i;
	for (; end < n; end++) {
		for (int k = i; k < end; k++)
			if (rows[k].in.address == rows[end].in.address)
				return end;
		if (rows[end].no_id)
			store_ahead(bind_same(t, &rows[end]));
		if (t->core->wiring->intake_ahead)
			t->core->wiring->intake_ahead(t, &rows[end].in);
	}
	return end;
}

/* A server is waited for once for all of them; what goes wrong is done again singly, with the whole tick. */
static int handle_together(struct tick *t, struct row *rows, int n)
{
	int r = 0;
	for (int i = 0, asked = 0; !r && i < n; i++) {
		if (i == asked) {
			store_forget_aheads(t->in.db);
			asked = ask_run(t, rows, i, n);
		}
		r = handle_row(t, &rows[i]);
	}
	return r && r != E_BROKEN ? E_UNDO : r;
}

static int handle_all(struct tick *t, struct row *rows, int n, bool *ret_waits)
{
	int r = 0;
	*ret_waits = false;
	if (!t->core->singly && store_asks_ahead(t->in.db))
		return handle_together(t, rows, n);
	for (int i = 0; !r && i < n && !*ret_waits; i++)
		r = handle_singly(t, &rows[i], ret_waits);
	return r;
}

/* One more than are handled, to know whether any is left. */
static struct statement *bind_next(struct tick *t)
{
	struct statement *st = store_prepare(t->in.db, &inbox_module, INBOX_NEXT);
	bind_int(st, "$n", INBOX_BATCH + 1);
	return st;
}

void inbox_ahead(struct tick *t)
{
	multipart_ahead(t);
	store_ahead(bind_next(t));
}

static int read_rows(struct tick *t, struct row rows[INBOX_BATCH], int *ret_n, bool *ret_left)
{
	int n = 0, r = 0, e = 0;
	struct statement *st = bind_next(t);
	while (!e && (r = store_row(st)) > 0 && n < INBOX_BATCH)
		e = read_row(t, st, &rows[n++]);
	store_reset(st);
	*ret_left = r > 0 && n == INBOX_BATCH;
	*ret_n = n;
	return e ? e : r < 0 ? r : 0;
}

int inbox_duty(struct tick *t, int64_t *ret_due_at)
{
	struct row rows[INBOX_BATCH];
	bool waits = false, left = false;
	int64_t written = store_total_changes(t->in.db);
	int n = 0, r = multipart_give_up(t);
	if (r)
		return r;
	if (store_total_changes(t->in.db) != written)
		store_forget_aheads(t->in.db);
	r = read_rows(t, rows, &n, &left);
	if (!r)
		r = handle_all(t, rows, n, &waits);
	for (int i = 0; i < n; i++)
		free(rows[i].text);
	*ret_due_at = left && !waits ? t->in.now_ms : t->in.now_ms + 1000;
	t->core->behind |= waits || left; /* a stop among what is left holds */
	return r;
}
