/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The duty of forgetting, and the table that remembers how far it is. Messages, questions and votes are gone through by id, which is
 * their order in time; cases and sign-ups by an index of those that have ended and still have their words. What belongs to a case
 * goes with the case. */
#include "gateway/retention.h"

#include <stdio.h>

#include "config/config.h"
#include "gateway/base/calendar.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/store/store.h"

#define ROWS_PER_TICK 100
#define IDLE_MS (INT64_C(60) * 60 * 1000)
#define DAY_MS (24 * IDLE_MS)
#define SLEEP_MS (40 * DAY_MS) /* a longer gap is a machine that was off, or a clock that is wrong */

enum retention_sql {
	RETENTION_CURSOR, RETENTION_KEEP, RETENTION_USED, RETENTION_NUMBER,
	RETENTION_INBOUND, RETENTION_INBOUND_GO, RETENTION_MESSAGE, RETENTION_MESSAGE_GO, RETENTION_QUESTION, RETENTION_QUESTION_GO,
	RETENTION_VOTE, RETENTION_VOTE_GO, RETENTION_CASE, RETENTION_SIGNUP, RETENTION_CASE_STEPS, RETENTION_SIGNUP_STEPS = RETENTION_CASE_STEPS + 6,
	RETENTION_SQL_COUNT = RETENTION_SIGNUP_STEPS + 2
};
#define FINAL "(state = 'delivered' OR state = 'sent' OR state = 'failed' OR state = 'expired' OR state = 'suppressed' OR state = 'cancelled' OR state = 'unclear')"
#define ENDED "(state = 'closed' OR state = 'withdrawn' OR state = 'notified')"
static const char *const retention_sql[RETENTION_SQL_COUNT] = {
	[RETENTION_CURSOR] = "SELECT cursor, at FROM retention WHERE class = $class",
	[RETENTION_KEEP] = "INSERT INTO retention (class, cursor, at) VALUES ($class, $cursor, $at)"
			   " ON CONFLICT (class) DO UPDATE SET cursor = excluded.cursor, at = excluded.at",
	/* somebody is known under it, or something is kept that was said under it */
	[RETENTION_USED] = "SELECT 1 WHERE EXISTS (SELECT 1 FROM person WHERE address = $address)"
			   " OR EXISTS (SELECT 1 FROM inbound WHERE address = $address AND received_at > $cutoff)"
			   " OR EXISTS (SELECT 1 FROM message WHERE address = $address AND (claimed_at > $cutoff OR claimed_at IS NULL) AND queued_at > $cutoff)"
			   " OR EXISTS (SELECT 1 FROM casefile WHERE address = $address)"
			   " OR EXISTS (SELECT 1 FROM enrolment WHERE address = $address)",
	[RETENTION_NUMBER] = "UPDATE address SET sealed = $empty, last_channel = NULL, unreachable = NULL WHERE id = $address",
	/* id, when, whose number, does it go with something else? */
	[RETENTION_INBOUND] = "SELECT id, received_at, address, CASE WHEN casefile IS NULL THEN 0 ELSE 1 END FROM inbound WHERE id > $cursor ORDER BY id LIMIT $limit",
	[RETENTION_INBOUND_GO] = "UPDATE inbound SET text = '', raw = NULL, why = NULL WHERE id = $id",
	[RETENTION_MESSAGE] = "SELECT id, queued_at, address, CASE WHEN subject LIKE 'case:%' THEN 1 ELSE 0 END FROM message WHERE id > $cursor ORDER BY id LIMIT $limit",
	[RETENTION_MESSAGE_GO] = "UPDATE message SET text = NULL, person = NULL WHERE id = $id AND " FINAL,
	[RETENTION_QUESTION] = "SELECT id, asked_at, address, 0 FROM question WHERE id > $cursor ORDER BY id LIMIT $limit",
	[RETENTION_QUESTION_GO] = "UPDATE question SET answer = NULL, options = NULL WHERE id = $id AND state <> 'open'",
	[RETENTION_VOTE] = "SELECT id, at, address, 0 FROM survey_answer WHERE id > $cursor ORDER BY id LIMIT $limit",
	/* what was chosen counts on; what was told in words is gone */
	[RETENTION_VOTE_GO] = "UPDATE survey_answer SET address = NULL, inbound = NULL, message = NULL, drop_at = NULL,"
			      " value = CASE WHEN length(value) > 15 OR value LIKE '% %' THEN '' ELSE value END WHERE id = $id",
	[RETENTION_CASE] = "SELECT id, changed_at, address FROM casefile INDEXED BY casefile_past WHERE state = 'closed' AND text <> '' AND changed_at > 0 ORDER BY changed_at, id LIMIT $limit",
	[RETENTION_SIGNUP] = "SELECT id, changed_at, address FROM enrolment INDEXED BY enrolment_past WHERE fold <> '' AND changed_at > 0 AND " ENDED " ORDER BY changed_at, id LIMIT $limit",
	[RETENTION_CASE_STEPS] = "UPDATE inbound SET text = '', raw = NULL, why = NULL WHERE id IN (SELECT inbound FROM case_event WHERE casefile = $id AND inbound IS NOT NULL)",
	[RETENTION_CASE_STEPS + 1] = "UPDATE message SET text = NULL, person = NULL WHERE id IN (SELECT message FROM case_event WHERE casefile = $id AND message IS NOT NULL) AND " FINAL,
	/* the reason of an end is a word for counting, what stands behind it is not */
	[RETENTION_CASE_STEPS + 2] = "UPDATE case_event SET text = CASE WHEN what = 'closed' THEN substr(text, 1, instr(text || ';', ';') - 1) ELSE NULL END WHERE casefile = $id",
	[RETENTION_CASE_STEPS + 3] = "DELETE FROM audit_detail WHERE chain = 'main' AND seq IN (SELECT a.seq FROM audit a WHERE substr(a.subject, 1, 5) = 'case:'"
				     " AND a.subject = 'case:' || CAST($id AS TEXT))",
	[RETENTION_CASE_STEPS + 4] = "UPDATE casefile SET text = '', fold = '', address = NULL, person = NULL, version = version + 1 WHERE id = $id",
	[RETENTION_CASE_STEPS + 5] = "UPDATE case_forward SET body = '', document = '' WHERE casefile = $id",
	[RETENTION_SIGNUP_STEPS] = "UPDATE enrolment_event SET text = NULL WHERE enrolment = $id",
	[RETENTION_SIGNUP_STEPS + 1] = "UPDATE enrolment SET head = '', fold = '', hamlet = '', place = '', address = NULL, person = NULL, reason = NULL,"
				       " wants_person = NULL, version = version + 1 WHERE id = $id",
};
const struct sql_module retention_module = { "retention", retention_sql, RETENTION_SQL_COUNT };

/* ---- what is kept how long ---- */

static int messages_months(const struct config *c)
{
	return c->retention.messages_months;
}

static int cases_months(const struct config *c)
{
	return c->retention.cases_months;
}

static int signups_months(const struct config *c)
{
	return c->retention.signups_months;
}

static const struct {
	const char *class;
	int (*months)(const struct config *c);
	enum retention_sql next, first, behind; /* what is read; the statements [first, behind) that take the words of one row */
	bool ordered;				/* by id, behind a cursor */
} classes[] = {
	{ "inbound", messages_months, RETENTION_INBOUND, RETENTION_INBOUND_GO, RETENTION_MESSAGE, true },
	{ "message", messages_months, RETENTION_MESSAGE, RETENTION_MESSAGE_GO, RETENTION_QUESTION, true },
	{ "question", messages_months, RETENTION_QUESTION, RETENTION_QUESTION_GO, RETENTION_VOTE, true },
	{ "vote", messages_months, RETENTION_VOTE, RETENTION_VOTE_GO, RETENTION_CASE, true },
	{ "case", cases_months, RETENTION_CASE, RETENTION_CASE_STEPS, RETENTION_SIGNUP_STEPS, false },
	{ "signup", signups_months, RETENTION_SIGNUP, RETENTION_SIGNUP_STEPS, RETENTION_SQL_COUNT, false },
};

/* So many calendar months before now; nothing is older where it is kept for ever. */
static int64_t cutoff_ms(const struct scope *in, int months)
{
	if (!months)
		return INT64_MIN;
	struct calendar at = calendar_local(in->zone, in->now_ms);
	int month = at.year * 12 + at.month - 1 - months;
	at.year = month / 12;
	at.month = month % 12 + 1;
	at.day = at.day > 28 ? 28 : at.day;
	return calendar_at_ms(in->zone, &at);
}

/* ---- how far it is ---- */

static int read_cursor(const struct scope *in, const char *class, int64_t *ret, int64_t *ret_at)
{
	struct statement *st = store_prepare(in->db, &retention_module, RETENTION_CURSOR);
	bind_text(st, "$class", class);
	int r = store_row(st);
	*ret = r > 0 ? column_int(st, 0) : 0;
	*ret_at = r > 0 ? column_int(st, 1) : 0;
	store_reset(st);
	return r < 0 ? r : 0;
}

static int keep_cursor(struct tick *t, const char *class, int64_t cursor, int64_t at_ms)
{
	struct statement *st = store_prepare(t->in.db, &retention_module, RETENTION_KEEP);
	bind_text(st, "$class", class);
	bind_int(st, "$cursor", cursor);
	bind_int(st, "$at", at_ms);
	return store_run(st);
}

/* What is forgotten by mistake stays forgotten: where the clock made a leap since the last look, a day has to pass by it first. *ret_until: nothing is
 * done before then; 0 = it may go on. */
static int wait_for_clock(struct tick *t, int64_t *ret_until)
{
	int64_t seen = 0, until = 0, now = t->in.now_ms;
	int r = read_cursor(&t->in, "clock", &seen, &until);
	if (r)
		return r;
	if (now < seen - DAY_MS || now > seen + SLEEP_MS)
		until = now + DAY_MS;
	*ret_until = until > now ? until : 0;
	return now >= seen + IDLE_MS || now < seen ? keep_cursor(t, "clock", now, until) : 0;
}

/* ---- one row ---- */

struct old {
	int64_t id, at, address;
	bool goes_along; /* with its case */
};

static int strip_number(struct tick *t, int64_t address, int64_t cutoff)
{
	struct statement *st = store_prepare(t->in.db, &retention_module, RETENTION_USED);
	bind_int(st, "$address", address);
	bind_int(st, "$cutoff", cutoff);
	int r = store_row(st);
	store_reset(st);
	if (r)
		return r < 0 ? r : 0;
	st = store_prepare(t->in.db, &retention_module, RETENTION_NUMBER);
	bind_int(st, "$address", address);
	bind_blob(st, "$empty", "", 0);
	return store_run(st);
}

static int reduce(struct tick *t, size_t class, const struct old *row)
{
	int r = 0;
	for (size_t i = classes[class].first; !r && !row->goes_along && i < classes[class].behind; i++) {
		struct statement *st = store_prepare(t->in.db, &retention_module, i);
		bind_int(st, "$id", row->id);
		r = store_run(st);
	}
	int64_t kept_ms = cutoff_ms(&t->in, messages_months(t->in.config));
	return r || !row->address || kept_ms == INT64_MIN ? r : strip_number(t, row->address, kept_ms);
}

/* ---- a piece of a class ---- */

static int read_old(const struct scope *in, size_t class, int64_t limit, struct old *rows, size_t *ret_n)
{
	int64_t cursor = 0, at = 0;
	size_t n = 0;
	int r = classes[class].ordered ? read_cursor(in, classes[class].class, &cursor, &at) : 0;
	if (r)
		return r;
	struct statement *st = store_prepare(in->db, &retention_module, classes[class].next);
	if (classes[class].ordered)
		bind_int(st, "$cursor", cursor);
	bind_int(st, "$limit", limit);
	while ((r = store_row(st)) > 0)
		rows[n++] = (struct old){ column_int(st, 0), column_int(st, 1), column_int(st, 2), classes[class].ordered && column_int(st, 3) != 0 };
	store_reset(st);
	*ret_n = n;
	return r;
}

/* *ret_more: another piece is due now. */
static int forget_some(struct tick *t, size_t class, bool *ret_more)
{
	struct old rows[ROWS_PER_TICK];
	size_t n = 0, done = 0;
	int64_t cutoff = cutoff_ms(&t->in, classes[class].months(t->in.config));
	if (cutoff == INT64_MIN)
		return 0;
	int r = read_old(&t->in, class, ROWS_PER_TICK, rows, &n);
	while (!r && done < n && rows[done].at <= cutoff) {
		r = reduce(t, class, &rows[done]);
		done++;
	}
	if (!r && done && classes[class].ordered)
		r = keep_cursor(t, classes[class].class, rows[done - 1].id, t->in.now_ms);
	*ret_more = *ret_more || done == ROWS_PER_TICK;
	return r;
}

int retention_duty(struct tick *t, int64_t *ret_due_at)
{
	bool more = false;
	int64_t until = 0;
	int r = wait_for_clock(t, &until);
	for (size_t i = 0; !r && !until && i < COUNT_OF(classes); i++)
		r = forget_some(t, i, &more);
	*ret_due_at = more ? t->in.now_ms : t->in.now_ms + IDLE_MS;
	return r;
}

/* ---- what status says ---- */

static json_t *class_json(const struct scope *in, size_t class, const struct old *oldest)
{
	char at[CALENDAR_ISO_BYTES];
	int months = classes[class].months(in->config);
	bool due = oldest && oldest->at <= cutoff_ms(in, months);
	return json_pack("{s:s, s:i, s:s?, s:b}", "class", classes[class].class, "months", months, "oldest_at",
			 oldest ? calendar_format_iso(in->zone, oldest->at, at) : NULL, "due", due);
}

int retention_status(const struct scope *in, json_t **ret)
{
	OWN(json) json_t *list = json_array();
	int r = list ? 0 : E_NOMEM;
	for (size_t i = 0; !r && i < COUNT_OF(classes); i++) {
		struct old oldest;
		size_t n = 0;
		r = read_old(in, i, 1, &oldest, &n);
		if (!r && json_array_append_new(list, class_json(in, i, n ? &oldest : NULL)))
			r = E_NOMEM;
	}
	if (!r)
		*ret = MOVE(list);
	return r;
}
