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

enum receipt_sql {
	RECEIPT_BY_REFERENCE, RECEIPT_BY_PERSON, RECEIPT_PARK, RECEIPT_PARKED, RECEIPT_PARKED_PERSON, RECEIPT_UNPARK, RECEIPT_SQL_COUNT
};
static const char *const receipt_sql[RECEIPT_SQL_COUNT] = {
	[RECEIPT_BY_REFERENCE] = "SELECT t.id, t.message, m.address, t.delivered, t.proof FROM attempt t JOIN message m ON m.id = t.message "
				"WHERE t.channel = $channel AND t.reference = $reference AND t.handed_at >= $since ORDER BY t.id DESC LIMIT 64",
	[RECEIPT_BY_PERSON] = "SELECT t.id, t.message FROM message m JOIN attempt t ON t.message = m.id WHERE m.address = $address AND "
			     "m.claimed_at >= $since AND t.channel = $channel AND t.kind = 'modem' AND t.outcome = 'unclear' AND t.proof IS NULL "
			     "AND t.reference IS NULL AND NOT EXISTS (SELECT 1 FROM attempt o JOIN message n ON n.id = o.message WHERE o.outcome IS NULL "
			     "AND o.channel = $channel AND o.handed_at IS NOT NULL AND n.address = $address) ORDER BY t.id LIMIT 64",
	[RECEIPT_PARKED_PERSON] = "SELECT id, address, status, code, reference FROM parked_receipt WHERE channel = $channel AND address = $address "
				 "AND at >= $since ORDER BY at LIMIT 16",
	[RECEIPT_PARK] = "INSERT INTO parked_receipt (channel, id, reference, address, status, code, at, until_at) VALUES ($channel, $id, $reference, "
			"$address, $status, $code, $now, $until) ON CONFLICT DO NOTHING",
	[RECEIPT_PARKED] = "SELECT id, address, status, code FROM parked_receipt WHERE channel = $channel AND reference = $reference ORDER BY at LIMIT 16",
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
			r = store_run(st);
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

int receipt_use_parked(struct tick *t, const char *channel, const char *reference)
{
	struct parked rows[PARKED_ROWS];
	struct statement *st = store_prepare(t->in.db, &receipt_module, RECEIPT_PARKED);
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

static int find_attempt(struct tick *t, const char *channel, const char *reference, int64_t address, int64_t *ret_attempt,
			int64_t *ret_message, bool *ret_delivered, bool *ret_failed)
{
	struct statement *st = store_prepare(t->in.db, &receipt_module, RECEIPT_BY_REFERENCE);
	bind_text(st, "$channel", channel);
	bind_text(st, "$reference", reference);
	bind_int(st, "$since", t->in.now_ms - RECEIPT_WINDOW_MS);
	int r, found = 0;
	while (!found && (r = store_row(st)) > 0) {
		if (address && column_int(st, 2) != address)
			continue;
		found = 1;
		*ret_attempt = column_int(st, 0);
		*ret_message = column_int(st, 1);
		*ret_delivered = column_int(st, 3) != 0;
		*ret_failed = column_text(st, 4) && !strcmp(column_text(st, 4), "failed");
	}
	store_reset(st);
	return found ? 0 : r < 0 ? r : E_NOT_FOUND;
}

/* The modem's attempt to this person whose answer never came. None of two messages in doubt; none while one to this person is
 * under way, whose answer may yet bring the reference. */
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
		one = one && (!message || message == column_int(st, 1));
		attempt = attempt ? attempt : column_int(st, 0);
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
	return store_run(st);
}

int receipt_take(struct tick *t, const char *channel, const char *id, const char *reference, int64_t address, const char *status,
		   const char *code)
{
	int64_t attempt, message;
	bool delivered = false, failed = false;
	int r = find_attempt(t, channel, reference, address, &attempt, &message, &delivered, &failed);
	if (r == E_NOT_FOUND && address)
		r = find_unanswered(t, channel, address, &attempt, &message);
	if (r == E_NOT_FOUND)
		return park(t, channel, id, reference, address, status, code);
	if (r || (delivered && !MUTANT(RECEIPT_GOES_BACK)))
		return r; /* delivered is the end: a later "failed" is out of order */
	bool ok = !strcmp(status, "delivered"), lost = !strcmp(status, "failed");
	if (failed && !ok)
		return 0; /* only "delivered" lifts a failure */
	return settle_proof(t, attempt, message, lost ? "failed" : "accepted", ok, reference, lost ? code : NULL);
}
