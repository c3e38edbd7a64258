/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What we asked a number and still wait for. Called by campaigns (ask) and handlers (open, close), which meet in these rows;
 * knows nothing of what a question means. A question past its time counts as closed, whether or not its row says so. */
#include "gateway/question.h"

#include <stdio.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/store/store.h"

enum { QUESTION_ASK, QUESTION_OPEN, QUESTION_OLDER, QUESTION_GET, QUESTION_CLOSE, QUESTION_SQL_COUNT };
#define COLUMNS "SELECT id, kind, options, subject, topic, asked_at, until_at FROM question"
static const char *const question_sql[QUESTION_SQL_COUNT] = {
	[QUESTION_ASK] = "INSERT INTO question (address, kind, options, subject, topic, asked_at, until_at, state)"
			 " VALUES ($address, $kind, $options, $subject, $topic, $now, $until, 'open')",
	[QUESTION_OPEN] = COLUMNS " WHERE address = $address AND state = 'open' AND until_at > $now ORDER BY id DESC LIMIT 1",
	[QUESTION_OLDER] = COLUMNS " WHERE address = $address AND state = 'open' AND until_at > $now AND id < $id ORDER BY id DESC LIMIT 1",
	[QUESTION_GET] = COLUMNS " WHERE address = $address AND state = 'open' AND until_at > $now AND id = $id",
	[QUESTION_CLOSE] = "UPDATE question SET state = $state, answer = $answer WHERE id = $id AND state = 'open'",
};
const struct sql_module question_module = { "question", question_sql, QUESTION_SQL_COUNT };

void question_done(struct question *q)
{
	json_decref(q->options);
	q->options = NULL;
}

int question_ask(struct tick *t, int64_t address, const char *kind, const json_t *options, const char *subject, const char *topic,
		 int64_t until_at, int64_t *ret_id)
{
	OWN(mem) char *text = options ? json_text(options) : NULL;
	if (options && !text)
		return E_NOMEM;
	struct statement *st = store_prepare(t->in.db, &question_module, QUESTION_ASK);
	bind_int(st, "$address", address);
	bind_text(st, "$kind", kind);
	bind_text(st, "$options", text);
	bind_text(st, "$subject", subject);
	bind_text(st, "$topic", topic);
	bind_int(st, "$now", t->in.now_ms);
	bind_int(st, "$until", until_at);
	int r = store_write_row(st);
	if (!r)
		*ret_id = store_last_id(t->in.db);
	return r;
}

static void copy_text(char *to, size_t room, const char *from)
{
	snprintf(to, room, "%s", from ? from : "");
}

static int read_question(struct statement *st, int64_t address, struct question *ret)
{
	struct question q = { .id = column_int(st, 0), .address = address, .asked_at = column_int(st, 5), .until_at = column_int(st, 6) };
	copy_text(q.kind, sizeof(q.kind), column_text(st, 1));
	copy_text(q.subject, sizeof(q.subject), column_text(st, 3));
	copy_text(q.topic, sizeof(q.topic), column_text(st, 4));
	const char *options = column_text(st, 2);
	int r = options ? json_parse(options, strlen(options), &q.options) : 0;
	if (!r)
		*ret = q;
	return r ? E_CORRUPT : 0;
}

static struct statement *bind_address(const struct scope *in, size_t sql, int64_t address)
{
	struct statement *st = store_prepare(in->db, &question_module, sql);
	bind_int(st, "$address", address);
	bind_int(st, "$now", in->now_ms);
	return st;
}

/* The row of a bound statement, or E_NOT_FOUND; resets it. */
static int take_question(struct statement *st, int64_t address, struct question *ret)
{
	int r = store_row(st);
	r = r > 0 ? read_question(st, address, ret) : r < 0 ? r : E_NOT_FOUND;
	store_reset(st);
	return r;
}

int question_open(const struct scope *in, int64_t address, struct question *ret)
{
	return take_question(bind_address(in, QUESTION_OPEN, address), address, ret);
}

void question_ahead(const struct scope *in, int64_t address)
{
	store_ahead(bind_address(in, QUESTION_OPEN, address));
}

int question_older(const struct scope *in, int64_t address, int64_t id, struct question *ret)
{
	struct statement *st = bind_address(in, QUESTION_OLDER, address);
	bind_int(st, "$id", id);
	return take_question(st, address, ret);
}

int question_get(const struct scope *in, int64_t address, int64_t id, struct question *ret)
{
	struct statement *st = bind_address(in, QUESTION_GET, address);
	bind_int(st, "$id", id);
	return take_question(st, address, ret);
}

int question_close(struct tick *t, int64_t id, const char *state, const char *answer)
{
	struct statement *st = store_prepare(t->in.db, &question_module, QUESTION_CLOSE);
	bind_int(st, "$id", id);
	bind_text(st, "$state", state);
	bind_text(st, "$answer", answer);
	int r = store_run(st);
	return r ? r : store_changes(t->in.db) ? 0 : E_NOT_FOUND;
}
