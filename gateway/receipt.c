/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Delivery reports matched to attempts, and those that are parked until their message is known. Called for receipts of drivers and hooks, and
 * by settle when an answer names its reference. Never moves a message itself: settle does, by the proof. */
#include "gateway/receipt.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/mutant.h"
#include "gateway/settle.h"
#include "gateway/store/store.h"

#define PARKED_MS (INT64_C(24) * 3600000)
#define RECEIPT_WINDOW_MS (INT64_C(7) * 24 * 3600000)
#define PARKED_ROWS 16

#define RECEIPT_BY_REFERENCE_TEXT                                                                                                          \
	"SELECT t.id, t.message, m.address, t.delivered, t.proof, m.flow, m.state, m.parts, t.kind FROM attempt t "                       \
	"JOIN message m ON m.id = t.message WHERE t.channel = $channel AND t.reference = $reference AND t.handed_at >= $since "           \
	"ORDER BY t.id DESC LIMIT 1000" /* one id may stand for a whole batch */
#define RECEIPT_PARKED_TEXT                                                                                                                \
	"SELECT id, address, status, code FROM parked_receipt WHERE channel = $channel AND reference = $reference ORDER BY at LIMIT 16"

enum receipt_sql {
	RECEIPT_BY_REFERENCE, RECEIPT_BY_REFERENCE_AHEAD, RECEIPT_BY_PERSON, RECEIPT_PARK, RECEIPT_PARKED, RECEIPT_PARKED_AHEAD, RECEIPT_PARKED_PERSON, RECEIPT_UNPARK, RECEIPT_SQL_COUNT
};
static const char *const receipt_sql[RECEIPT_SQL_COUNT] = {
	[RECEIPT_BY_REFERENCE] = RECEIPT_BY_REFERENCE_TEXT,
	[RECEIPT_BY_REFERENCE_AHEAD] = RECEIPT_BY_REFERENCE_TEXT,
	[RECEIPT_BY_PERSON] = "SELECT t.id, t.message FROM message m JOIN attempt t ON t.message = m.id WHERE m.address = $address AND "
			     "m.claimed_at >= $since AND t.channel = $channel AND t.kind = 'modem' AND t.outcome = 'unclear' AND t.proof IS NULL "
			     "AND t.reference IS NULL AND NOT EXISTS (SELECT 1 FROM attempt o JOIN message n ON n.id = o.message WHERE o.outcome IS NULL "
			     "AND o.channel = $channel AND o.handed_at IS NOT NULL AND n.address = $address) ORDER BY t.id + 0 LIMIT 64", /* + 0: not through all there are, in the order of their ids */
	[RECEIPT_PARKED_PERSON] = "SELECT id, address, status, code, reference FROM parked_receipt WHERE channel = $channel AND address = $address "
				 "AND at >= $since ORDER BY at LIMIT 16",
	[RECEIPT_PARK] = "INSERT INTO parked_receipt (channel, id, reference, address, status, code, at, until_at) VALUES ($channel, $id, $reference, "
			"$address, $status, $code, $now, $until) ON CONFLICT DO NOTHING",
	[RECEIPT_PARKED] = RECEIPT_PARKED_TEXT,
	[RECEIPT_PARKED_AHEAD] = RECEIPT_PARKED_TEXT,
	[RECEIPT_UNPARK] = "DELETE FROM parked_receipt WHERE channel = $channel AND id = $id",
};
const struct sql_module receipt_module = { "receipt", receipt_sql, RECEIPT_SQL_COUNT };

struct parked {
	char *id, *status, *code, *reference;
	int64_t address;
};

/* The rows of a bound statement; reference = the one that all of them have, NULL = read it. */
static int read_parked(struct statement *st, const char *reference, struct parked rows[PARKED_ROWS], int *ret_n)
{
	int n = 0, r = 0;
	while (n < PARKED_ROWS && (r = store_row(st)) > 0) {
		const char *code = column_text(st, 3);
		rows[n] = (struct parked){ strdup(column_text(st, 0)), strdup(column_text(st, 2)), code ? strdup(code) : NULL,
					   strdup(reference ? reference : column_text(st, 4)), column_int(st, 1) };
		n++;
	}
	store_reset(st);
	*ret_n = n;
	return r < 0 ? r : 0;
}

static int use_rows(struct tick *t, const char *channel, struct parked rows[PARKED_ROWS], int n, int r)
{
	for (int i = 0; i < n; i++) {
		if (!r && (!rows[i].id || !rows[i].status || !rows[i].reference))
			r = E_NOMEM;
		if (!r) {
			struct statement *st = store_prepare(t->in.db, &receipt_module, RECEIPT_UNPARK);
			bind_text(st, "$channel", channel);
			bind_text(st, "$id", rows[i].id);
			tick_touch(t, tick_thing(rows[i].reference));
			r = store_write(st, -1);
		}
		if (!r)
			r = receipt_take(t, channel, rows[i].id, rows[i].reference, rows[i].address, rows[i].status, rows[i].code);
		free(rows[i].id);
		free(rows[i].status);
		free(rows[i].code);
		free(rows[i].reference);
	}
	return r;
}

void receipt_ahead(struct tick *t, const char *channel, const char *reference)
{
	struct statement *st = store_prepare(t->in.db, &receipt_module, RECEIPT_PARKED_AHEAD);
	bind_text(st, "$channel", channel);
	bind_text(st, "$reference", reference);
	store_ahead(st);
}

int receipt_use_parked(struct tick *t, const char *channel, const char *reference)
{
	struct parked rows[PARKED_ROWS];
	bool old = tick_touched(t, tick_thing(reference));
	struct statement *st = store_prepare(t->in.db, &receipt_module, old ? RECEIPT_PARKED : RECEIPT_PARKED_AHEAD);
	bind_text(st, "$channel", channel);
	bind_text(st, "$reference", reference);
	int n, r = read_parked(st, reference, rows, &n);
	return use_rows(t, channel, rows, n, r);
}

int receipt_use_parked_of_person(struct tick *t, const char *channel, int64_t address, int64_t since_ms)
{
	struct parked rows[PARKED_ROWS];
	struct statement *st = store_prepare(t->in.db, &receipt_module, RECEIPT_PARKED_PERSON);
	bind_text(st, "$channel", channel);
	bind_int(st, "$address", address);
	bind_int(st, "$since", since_ms);
	int n, r = read_parked(st, NULL, rows, &n);
	return use_rows(t, channel, rows, n, r);
}

/* The attempt that a report is about. */
struct found {
	int64_t attempt, message, flow;
	bool delivered, failed;
	bool single; /* the whole message, sent and not proven yet */
};

static struct statement *bind_reference(struct tick *t, size_t sql, const char *channel, const char *reference)
{
	struct statement *st = store_prepare(t->in.db, &receipt_module, sql);
	bind_text(st, "$channel", channel);
	bind_text(st, "$reference", reference);
	bind_int(st, "$since", t->in.now_ms - RECEIPT_WINDOW_MS);
	return st;
}

static struct found found_of(struct statement *st)
{
	const char *proof = column_text(st, 4);
	return (struct found){ .attempt = column_int(st, 0), .message = column_int(st, 1), .flow = column_int(st, 5),
			       .delivered = column_int(st, 3) != 0, .failed = proof && !strcmp(proof, "failed"),
			       .single = !proof && column_int(st, 7) == 1 && !strcmp(column_text(st, 6), "sent") };
}

/* The newest of this person. A modem's reference is used again for others; an API's is its own, whatever form it gives the number in, unless
 * it stands for several people. */
static int step_found(struct statement *st, int64_t address, struct found *ret)
{
	struct found other = { 0 };
	int r, others = 0;
	while ((r = store_row(st)) > 0) {
		if (!address || column_int(st, 2) == address) {
			*ret = found_of(st);
			break;
		}
		if (strcmp(column_text(st, 8), "modem") && !others++)
			other = found_of(st);
	}
	store_reset(st);
	if (r == 0 && others == 1)
		*ret = other;
	return r > 0 || (r == 0 && others == 1) ? 0 : r < 0 ? r : E_NOT_FOUND;
}

/* By the answer asked ahead, unless the attempt got its reference or its message changed since. */
static int find_attempt(struct tick *t, const char *channel, const char *reference, int64_t address, struct found *ret)
{
	int r = E_NOT_FOUND;
	bool old = tick_touched(t, tick_thing(reference));
	if (!old)
		r = step_found(bind_reference(t, RECEIPT_BY_REFERENCE_AHEAD, channel, reference), address, ret);
	if (old || (!r && tick_touched(t, (uint64_t)ret->message)))
		r = step_found(bind_reference(t, RECEIPT_BY_REFERENCE, channel, reference), address, ret);
	return r;
}

void receipt_find_ahead(struct tick *t, const char *channel, const char *reference)
{
	store_ahead(bind_reference(t, RECEIPT_BY_REFERENCE_AHEAD, channel, reference));
}

/* The modem's attempt to this person whose answer never came. None of two in doubt, parts of one message or not: the report may
 * be of either. None while one to this person is under way, whose answer may yet bring the reference. */
static int find_unanswered(struct tick *t, const char *channel, int64_t address, int64_t *ret_attempt, int64_t *ret_message)
{
	struct statement *st = store_prepare(t->in.db, &receipt_module, RECEIPT_BY_PERSON);
	bind_text(st, "$channel", channel);
	bind_int(st, "$address", address);
	bind_int(st, "$since", t->in.now_ms - RECEIPT_WINDOW_MS);
	int64_t attempt = 0, message = 0;
	int r;
	bool one = true;
	while ((r = store_row(st)) > 0) {
		one = one && !attempt;
		attempt = column_int(st, 0);
		message = column_int(st, 1);
	}
	store_reset(st);
	if (r < 0 || !attempt || !one)
		return r < 0 ? r : E_NOT_FOUND;
	*ret_attempt = attempt;
	*ret_message = message;
	return 0;
}

static int park(struct tick *t, const char *channel, const char *id, const char *reference, int64_t address, const char *status,
		const char *code)
{
	struct statement *st = store_prepare(t->in.db, &receipt_module, RECEIPT_PARK);
	bind_text(st, "$channel", channel);
	bind_text(st, "$id", id);
	bind_text(st, "$reference", reference);
	if (address)
		bind_int(st, "$address", address);
	else
		bind_null(st, "$address");
	bind_text(st, "$status", status);
	bind_text(st, "$code", code);
	bind_int(st, "$now", t->in.now_ms);
	bind_int(st, "$until", t->in.now_ms + PARKED_MS);
	tick_touch(t, tick_thing(reference));
	return store_write(st, -1);
}

int receipt_take(struct tick *t, const char *channel, const char *id, const char *reference, int64_t address, const char *status,
		   const char *code)
{
	struct found f = { 0 };
	int r = find_attempt(t, channel, reference, address, &f);
	if (r == E_NOT_FOUND && address)
		r = find_unanswered(t, channel, address, &f.attempt, &f.message);
	if (r == E_NOT_FOUND)
		return park(t, channel, id, reference, address, status, code);
	if (r || (f.delivered && !MUTANT(RECEIPT_GOES_BACK)))
		return r; /* delivered is the end: a later "failed" is out of order */
	bool ok = !strcmp(status, "delivered"), lost = !strcmp(status, "failed");
	if (f.failed && !ok)
		return 0; /* only "delivered" lifts a failure */
	if (ok && f.single)
		return settle_delivered(t, f.attempt, f.message, f.flow, reference);
	return settle_proof(t, f.attempt, f.message, lost ? "failed" : "accepted", ok, reference, lost ? code : NULL);
}
