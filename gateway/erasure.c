/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Erasure of one person and, with the last person of a number, of the number and everything that was said under it. An open case keeps the
 * person: somebody still waits for the answer. Backups forget when they are old. */
#include "gateway/erasure.h"

#include <stdio.h>
#include <string.h>

#include "gateway/address.h"
#include "gateway/audit.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/contact.h"
#include "gateway/store/store.h"
#include "gateway/tick.h"

enum erasure_sql {
	ERASURE_ADDRESS, ERASURE_OPEN_CASE, ERASURE_WAITING, ERASURE_OTHERS, ERASURE_GROUPS, ERASURE_MEMBERS, ERASURE_PERSON,
	ERASURE_OF_MESSAGES, ERASURE_FIRST_WORDS, ERASURE_SQL_COUNT = ERASURE_FIRST_WORDS + 8
};
/* The last eight take the words and the number itself, by $address. */
static const char *const erasure_sql[ERASURE_SQL_COUNT] = {
	[ERASURE_ADDRESS] = "SELECT address FROM person WHERE id = $id",
	[ERASURE_OPEN_CASE] = "SELECT 1 FROM casefile WHERE address = $address AND state <> 'closed' LIMIT 1",
	[ERASURE_WAITING] = "SELECT 1 FROM message WHERE address = $address AND state IN ('held', 'queued', 'sending', 'retry') LIMIT 1",
	[ERASURE_OTHERS] = "SELECT 1 FROM person WHERE address = $address AND id <> $id LIMIT 1",
	[ERASURE_GROUPS] = "UPDATE grp SET members = members - 1, version = version + 1 WHERE id IN (SELECT grp FROM member WHERE person = $id)",
	[ERASURE_MEMBERS] = "DELETE FROM member WHERE person = $id",
	[ERASURE_PERSON] = "DELETE FROM person WHERE id = $id",
	/* a text that many share names nobody */
	[ERASURE_OF_MESSAGES] = "UPDATE message SET text = NULL, person = NULL WHERE address = $address AND person = $id",
	[ERASURE_FIRST_WORDS] = "UPDATE message SET text = NULL, person = NULL WHERE address = $address",
	[ERASURE_FIRST_WORDS + 1] = "UPDATE inbound SET text = '', raw = NULL WHERE address = $address",
	[ERASURE_FIRST_WORDS + 2] = "UPDATE consent SET text = NULL, basis = NULL WHERE address = $address",
	[ERASURE_FIRST_WORDS + 3] = "UPDATE question SET state = 'closed', answer = NULL, options = NULL WHERE address = $address AND state = 'open'",
	[ERASURE_FIRST_WORDS + 4] = "DELETE FROM channel_person WHERE address = $address AND channel IN (SELECT name FROM channel)",
	[ERASURE_FIRST_WORDS + 5] = "UPDATE case_event SET text = NULL WHERE casefile IN (SELECT id FROM casefile WHERE address = $address)",
	[ERASURE_FIRST_WORDS + 6] = "UPDATE casefile SET text = '', fold = '', person = NULL WHERE address = $address",
	[ERASURE_FIRST_WORDS + 7] = "UPDATE address SET sealed = $empty, last_channel = NULL, unreachable = NULL WHERE id = $address",
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
	int r = ask(prepare(t, ERASURE_OPEN_CASE, "$address", address), NULL);
	if (r > 0)
		return refuse(why, E_REFUSED, 409, "open_case", "id", "A case of this person is open; close it first.");
	if (!r)
		r = ask(prepare(t, ERASURE_WAITING, "$address", address), NULL);
	return r > 0 ? refuse(why, E_REFUSED, 409, "waiting", "id", "A message to this person is on its way; cancel it or wait.") : r;
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
	for (size_t i = ERASURE_FIRST_WORDS; !r && i < ERASURE_SQL_COUNT; i++) {
		struct statement *st = prepare(t, i, "$address", address);
		if (i == ERASURE_SQL_COUNT - 1)
			bind_blob(st, "$empty", "", 0);
		r = store_run(st);
	}
	return r;
}

static int forget(struct tick *t, int64_t id, bool *ret_number, struct refusal *why)
{
	int64_t address = 0;
	int r = ask(prepare(t, ERASURE_ADDRESS, "$id", id), &address);
	r = r > 0 ? check(t, address, why) : r == 0 ? E_NOT_FOUND : r;
	if (r)
		return r;
	struct statement *st = prepare(t, ERASURE_OTHERS, "$address", address);
	bind_int(st, "$id", id);
	int others = ask(st, NULL);
	if (others < 0)
		return others;
	*ret_number = !others;
	r = forget_person(t, id, address);
	return r || others ? r : forget_number(t, address);
}

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
