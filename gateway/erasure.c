/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Erasure of one person and, with the last person of a number, of the number and everything that was said under it. An open case keeps the
 * person: somebody still waits for the answer. What a restored backup brings back is erased again by the ledger, which calls this. */
#include "gateway/erasure.h"

#include <stdio.h>
#include <string.h>

#include "gateway/address.h"
#include "gateway/audit.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/contact.h"
#include "gateway/ledger.h"
#include "gateway/outbox.h"
#include "gateway/store/store.h"
#include "gateway/tick.h"

enum erasure_sql {
	ERASURE_ADDRESS, ERASURE_OPEN_CASE, ERASURE_WAITING, ERASURE_UNREAD, ERASURE_OTHERS, ERASURE_GROUPS, ERASURE_MEMBERS, ERASURE_PERSON,
	ERASURE_OF_MESSAGES, ERASURE_PUT, ERASURE_FIND, ERASURE_SINCE, ERASURE_PEOPLE, ERASURE_FIRST_WORDS,
	ERASURE_FIRST_CLOSING = ERASURE_FIRST_WORDS + 14, ERASURE_SQL_COUNT = ERASURE_FIRST_CLOSING + 3
};
/* Of the last seventeen fourteen take the words and the number itself, by $address, and three close what was open, in this order. The audit's chain
 * commits to its words and stays whole without them. */
static const char *const erasure_sql[ERASURE_SQL_COUNT] = {
	[ERASURE_ADDRESS] = "SELECT address FROM person WHERE id = $id",
	[ERASURE_OPEN_CASE] = "SELECT 1 FROM casefile WHERE address = $address AND state <> 'closed' LIMIT 1",
	[ERASURE_WAITING] = "SELECT 1 FROM message WHERE address = $address AND state IN ('held', 'queued', 'sending', 'retry') LIMIT 1",
	[ERASURE_UNREAD] = "SELECT 1 FROM inbound WHERE address = $address AND state IN ('waiting', 'received') LIMIT 1",
	[ERASURE_OTHERS] = "SELECT 1 FROM person WHERE address = $address AND id <> $id LIMIT 1",
	[ERASURE_GROUPS] = "UPDATE grp SET members = members - 1, version = version + 1 WHERE id IN (SELECT grp FROM member WHERE person = $id)",
	[ERASURE_MEMBERS] = "DELETE FROM member WHERE person = $id",
	[ERASURE_PERSON] = "DELETE FROM person WHERE id = $id",
	/* a text that many share names nobody */
	[ERASURE_OF_MESSAGES] = "UPDATE message SET text = NULL, person = NULL WHERE address = $address AND person = $id",
	[ERASURE_PUT] = "INSERT INTO erasure (address, person, number, seq, at) VALUES ($address, $id, $number, $seq, $at)",
	[ERASURE_FIND] = "SELECT 1 FROM erasure WHERE address = $address AND person = $id AND (seq = $seq OR (seq > $seq AND at = $at)) LIMIT 1",
	[ERASURE_SINCE] = "SELECT a.hash, a.hash_key, e.person, e.number, e.seq, e.at FROM erasure e JOIN address a ON a.id = e.address "
			  "WHERE e.seq > $seq ORDER BY e.seq",
	[ERASURE_PEOPLE] = "SELECT id FROM person WHERE address = $address AND imported_at <= $at AND (id = $id OR $number = 1) ORDER BY fold LIMIT 1",
	[ERASURE_FIRST_WORDS] = "UPDATE message SET text = NULL, person = NULL WHERE address = $address",
	[ERASURE_FIRST_WORDS + 1] = "UPDATE inbound SET text = '', raw = NULL WHERE address = $address",
	[ERASURE_FIRST_WORDS + 2] = "UPDATE consent SET text = NULL, basis = NULL WHERE address = $address",
	[ERASURE_FIRST_WORDS + 3] = "UPDATE question SET state = 'closed', answer = NULL, options = NULL WHERE address = $address AND state = 'open'",
	[ERASURE_FIRST_WORDS + 4] = "DELETE FROM channel_person WHERE address = $address AND channel IN (SELECT name FROM channel)",
	[ERASURE_FIRST_WORDS + 5] = "UPDATE case_event SET text = NULL WHERE casefile IN (SELECT id FROM casefile WHERE address = $address)",
	[ERASURE_FIRST_WORDS + 6] = "UPDATE casefile SET text = '', fold = '', person = NULL WHERE address = $address",
	[ERASURE_FIRST_WORDS + 7] = "DELETE FROM audit_detail WHERE chain = 'main' AND seq IN (SELECT a.seq FROM audit a WHERE substr(a.subject, 1, 5) = 'case:' "
				    "AND a.subject IN (SELECT 'case:' || c.id FROM casefile c WHERE c.address = $address))",
	/* what was answered counts on, and says no more who it was */
	[ERASURE_FIRST_WORDS + 8] = "UPDATE survey_answer SET address = NULL, inbound = NULL, message = NULL WHERE survey IN (SELECT id FROM survey) "
				    "AND address = $address",
	[ERASURE_FIRST_WORDS + 9] = "DELETE FROM conversation WHERE address = $address",
	[ERASURE_FIRST_WORDS + 10] = "UPDATE enrolment_event SET text = NULL WHERE enrolment IN (SELECT id FROM enrolment WHERE address = $address)",
	[ERASURE_FIRST_WORDS + 11] = "UPDATE enrolment SET head = '', fold = '', hamlet = '', place = '', reason = NULL, wants_person = NULL, visit_due_at = NULL, "
				     "state = CASE WHEN result IS NULL THEN 'withdrawn' ELSE state END, version = version + 1 WHERE address = $address",
	[ERASURE_FIRST_WORDS + 12] = "UPDATE case_forward SET body = '', document = '' WHERE casefile IN (SELECT id FROM casefile WHERE address = $address)",
	[ERASURE_FIRST_WORDS + 13] = "UPDATE address SET sealed = $empty, last_channel = NULL, unreachable = NULL WHERE id = $address",
	[ERASURE_FIRST_CLOSING] = "INSERT INTO case_event (casefile, at, what, who, text) SELECT id, $now, 'closed', 'ledger', 'withdrawn' "
				  "FROM casefile WHERE address = $address AND state <> 'closed'",
	[ERASURE_FIRST_CLOSING + 1] = "INSERT INTO case_move (casefile, at, state_was, state, unit_was, unit, due_at) SELECT id, $now, state, 'closed', "
				      "coalesce(unit, ''), coalesce(unit, ''), due_at FROM casefile WHERE address = $address AND state <> 'closed'",
	[ERASURE_FIRST_CLOSING + 2] = "UPDATE casefile SET state = 'closed', changed_at = $now, step_due_at = NULL, wait_at = NULL, promised_at = NULL, "
				      "sorry_at = NULL, version = version + 1 WHERE address = $address AND state <> 'closed'",
};
const struct sql_module erasure_module = { "erasure", erasure_sql, ERASURE_SQL_COUNT };

static struct statement *prepare(struct tick *t, size_t sql, const char *name, int64_t value)
{
	struct statement *st = store_prepare(t->in.db, &erasure_module, sql);
	bind_int(st, name, value);
	return st;
}

/* 1 a row, 0 none, or negative. *ret: its first column. */
static int ask(struct statement *st, int64_t *ret)
{
	int r = store_row(st);
	if (r > 0 && ret)
		*ret = column_int(st, 0);
	store_reset(st);
	return r;
}

static int check(struct tick *t, int64_t address, struct refusal *why)
{
	static const struct {
		enum erasure_sql sql;
		const char *rule, *words;
	} holds[] = {
		{ ERASURE_OPEN_CASE, "open_case", "A case of this person is open; close it first." },
		{ ERASURE_WAITING, "waiting", "A message to this person is on its way; cancel it or wait." },
		{ ERASURE_UNREAD, "unread", "A message from this number is not read yet, or parts of it are still to come; wait." },
	};
	int r = 0;
	size_t i = 0;
	for (; !r && i < COUNT_OF(holds); i++)
		r = ask(prepare(t, holds[i].sql, "$address", address), NULL);
	return r > 0 ? refuse(why, E_REFUSED, 409, holds[i - 1].rule, "id", "%s", holds[i - 1].words) : r;
}

static int forget_person(struct tick *t, int64_t id, int64_t address)
{
	static const enum erasure_sql steps[] = { ERASURE_GROUPS, ERASURE_MEMBERS, ERASURE_PERSON };
	struct statement *st = prepare(t, ERASURE_OF_MESSAGES, "$id", id);
	bind_int(st, "$address", address);
	int r = store_run(st);
	for (size_t i = 0; !r && i < COUNT_OF(steps); i++)
		r = store_run(prepare(t, steps[i], "$id", id));
	return r;
}

static int forget_number(struct tick *t, int64_t address)
{
	int r = 0;
	for (size_t i = ERASURE_FIRST_WORDS; !r && i < ERASURE_FIRST_CLOSING; i++) {
		struct statement *st = prepare(t, i, "$address", address);
		if (i == ERASURE_FIRST_CLOSING - 1)
			bind_blob(st, "$empty", "", 0);
		r = store_run(st);
	}
	return r;
}

/* 1 somebody else has the number, 0, or negative. */
static int others(struct tick *t, int64_t id, int64_t address)
{
	struct statement *st = prepare(t, ERASURE_OTHERS, "$address", address);
	bind_int(st, "$id", id);
	return ask(st, NULL);
}

static int put(struct tick *t, int64_t address, const struct erased *e)
{
	struct statement *st = prepare(t, ERASURE_PUT, "$address", address);
	bind_int(st, "$id", e->person);
	bind_int(st, "$number", e->number);
	bind_int(st, "$seq", e->seq);
	bind_int(st, "$at", e->at);
	int r = store_run(st);
	return r ? r : tick_after(t, ledger_after_commit, 0, 0);
}

static int forget(struct tick *t, int64_t id, bool *ret_number, struct refusal *why)
{
	int64_t address = 0;
	int r = ask(prepare(t, ERASURE_ADDRESS, "$id", id), &address);
	r = r > 0 ? check(t, address, why) : r == 0 ? E_NOT_FOUND : r;
	if (r)
		return r;
	int shared = others(t, id, address);
	if (shared < 0)
		return shared;
	*ret_number = !shared;
	r = forget_person(t, id, address);
	r = r || shared ? r : forget_number(t, address);
	return r ? r : put(t, address, &(struct erased){ .person = id, .number = !shared, .seq = tick_seq(t), .at = t->in.now_ms });
}

/* ---- what the ledger remembers ---- */

int erasure_since(const struct scope *in, int64_t seq, int (*fn)(void *arg, const struct erased *e), void *arg)
{
	struct statement *st = store_prepare(in->db, &erasure_module, ERASURE_SINCE);
	bind_int(st, "$seq", seq);
	int r;
	while ((r = store_row(st)) > 0) {
		size_t n;
		const void *hash = column_blob(st, 0, &n);
		struct erased e = { .hash_key = column_int(st, 1), .person = column_int(st, 2), .number = column_int(st, 3) != 0,
				    .seq = column_int(st, 4), .at = column_int(st, 5) };
		if (hash && n == sizeof(e.hash))
			memcpy(e.hash, hash, n);
		r = fn(arg, &e);
		if (r)
			break;
	}
	store_reset(st);
	return r;
}

/* Everybody whom the erasure meant, one after the other; those who came after it stay. */
static int forget_people(struct tick *t, int64_t address, const struct erased *e)
{
	for (;;) {
		int64_t id = 0;
		struct statement *st = prepare(t, ERASURE_PEOPLE, "$address", address);
		bind_int(st, "$id", e->person);
		bind_int(st, "$number", e->number);
		bind_int(st, "$at", e->at);
		int r = ask(st, &id);
		if (r > 0)
			r = forget_person(t, id, address);
		else
			return r;
		if (r)
			return r;
	}
}

/* Nobody is left who waits for an answer. */
static int close_cases(struct tick *t, int64_t address)
{
	int r = 0;
	for (size_t i = ERASURE_FIRST_CLOSING; !r && i < ERASURE_SQL_COUNT; i++) {
		struct statement *st = prepare(t, i, "$address", address);
		bind_int(st, "$now", t->in.now_ms);
		r = store_run(st);
	}
	return r;
}

static int erase_again(struct tick *t, int64_t address, const struct erased *said)
{
	int r = outbox_cancel_person(t, address, said->number ? 0 : said->person, "erased");
	if (!r)
		r = forget_people(t, address, said);
	int shared = r ? r : others(t, 0, address);
	if (shared || !said->number)
		return shared < 0 ? shared : 0;
	r = forget_number(t, address);
	return r ? r : close_cases(t, address);
}

int erasure_again(struct tick *t, const struct erased *said, int64_t passed)
{
	char subject[40];
	int64_t address;
	int r = address_put_hash(t, said->hash, said->hash_key, &address);
	if (r)
		return r;
	struct statement *st = prepare(t, ERASURE_FIND, "$address", address);
	bind_int(st, "$id", said->person);
	bind_int(st, "$seq", said->seq);
	bind_int(st, "$at", said->at);
	r = ask(st, NULL);
	if (r)
		return r > 0 ? E_EXISTS : r;
	struct erased e = *said;
	if (e.seq <= passed)
		e.seq = tick_seq(t);
	snprintf(subject, sizeof(subject), "contact:%lld", (long long)said->person);
	r = erase_again(t, address, said);
	if (!r)
		r = put(t, address, &e);
	return r ? r : audit_put(t, "ledger", "contact.forget", subject, NULL);
}

/* ---- the verb ---- */

static int command(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	char subject[40];
	OWN(json) json_t *there = NULL;
	bool number = false;
	int64_t id = json_int(c->args, "id", 0);
	int r = contact_json(&t->in, c, id, false, &there);
	if (r == E_NOT_FOUND)
		return refuse(why, r, 404, "not_found", "id", "There is no such contact.");
	if (!r)
		r = forget(t, id, &number, why);
	snprintf(subject, sizeof(subject), "contact:%lld", (long long)id);
	if (!r)
		r = audit_put(t, c->actor, "contact.forget", subject, json_str(c->args, "reason", ""));
	if (r)
		return r;
	tick_changed(t, "contact");
	*ret = json_pack("{s:I, s:s, s:b, s:b}", "id", (json_int_t)id, "person", json_str(there, "person", ""), "forgotten", 1, "number", number);
	return *ret ? 0 : E_NOMEM;
}

static const struct verb_arg args[] = {
	{ .name = "id", .type = ARG_INT, .rank = 1, .required = true, .min = 1, .max = INT64_C(1) << 53, .help_en = "contact", .help_vi = "người liên hệ" },
	{ .name = "reason", .type = ARG_TEXT, .required = true, .min = 1, .max = 1000, .help_en = "the person's request", .help_vi = "yêu cầu của người dân" },
};
static const struct verb verbs[] = {
	{ .noun = "contact", .name = "forget", .kind = VERB_COMMAND, .roles = R_(OUTREACH) | R_(SECRETARY), VERB_ARGS(args), .command = command,
	  .help_en = "erase a person: names, numbers and words go, refusals stay", .help_vi = "xóa dữ liệu một người; từ chối nhận tin vẫn giữ" },
};
const struct verb_table erasure_verbs = VERB_TABLE(verbs);
