/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SQL of the table conversation. Called by ussd.c. */
#include "handlers/conversation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"

enum {
	CONVERSATION_FIND,
	CONVERSATION_GET,
	CONVERSATION_LEFT,
	CONVERSATION_FORSAKEN,
	CONVERSATION_PUT,
	CONVERSATION_KEEP,
	CONVERSATION_CLOSE,
	CONVERSATION_FORGET,
	CONVERSATION_SQL_COUNT
};
#define COLUMNS "SELECT id, door, menu, address, state, place, heard, said, more, changed_at FROM conversation"
static const char *const conversation_sql[CONVERSATION_SQL_COUNT] = {
	[CONVERSATION_FIND] = COLUMNS " WHERE door = $door AND session = $session ORDER BY id DESC LIMIT 1",
	[CONVERSATION_GET] = COLUMNS " WHERE id = $id AND state = 'open'",
	[CONVERSATION_LEFT] = COLUMNS " WHERE address = $address AND state = 'open' AND menu = $menu AND door <> 'sms' AND until_at > $now ORDER BY id DESC LIMIT 1",
	[CONVERSATION_FORSAKEN] = "SELECT id FROM conversation WHERE state = 'open' AND until_at <= $now ORDER BY until_at, id LIMIT $limit",
	[CONVERSATION_PUT] = "INSERT INTO conversation (door, session, address, menu, state, place, heard, said, more, begun_at, changed_at, until_at)"
			     " VALUES ($door, $session, $address, $menu, $state, $place, $heard, $said, $more, $now, $now, $until)",
	[CONVERSATION_KEEP] = "UPDATE conversation SET state = $state, place = $place, heard = $heard, said = $said, more = $more, changed_at = $now, until_at = $until WHERE id = $id",
	[CONVERSATION_CLOSE] = "UPDATE conversation SET state = 'ended', more = 0 WHERE id = $id",
	[CONVERSATION_FORGET] = "DELETE FROM conversation WHERE id IN (SELECT id FROM conversation WHERE state = 'ended' AND changed_at <= $before ORDER BY changed_at LIMIT $limit)",
};
const struct sql_module conversation_module = { "conversation", conversation_sql, CONVERSATION_SQL_COUNT };

void conversation_done(struct conversation *c)
{
	json_decref(c->place);
	free(c->heard);
	c->place = NULL;
	c->heard = NULL;
}

static int read_row(struct statement *st, struct conversation *ret)
{
	struct conversation c = { .id = column_int(st, 0), .address = column_int(st, 3), .open = strcmp(column_text(st, 4), "open") == 0,
				  .more = column_int(st, 8) != 0, .changed_at = column_int(st, 9) };
	const char *place = column_text(st, 5);
	snprintf(c.door, sizeof(c.door), "%s", column_text(st, 1));
	snprintf(c.menu, sizeof(c.menu), "%s", column_text(st, 2));
	snprintf(c.said, sizeof(c.said), "%s", column_text(st, 7));
	if (json_parse(place, strlen(place), &c.place))
		return E_CORRUPT;
	c.heard = strdup(column_text(st, 6));
	if (!c.heard) {
		conversation_done(&c);
		return E_NOMEM;
	}
	*ret = c;
	return 0;
}

static int take_row(struct statement *st, struct conversation *ret)
{
	int r = store_row(st);
	r = r > 0 ? read_row(st, ret) : r < 0 ? r : E_NOT_FOUND;
	store_reset(st);
	return r;
}

int conversation_find(const struct scope *in, const char *door, const char *session, struct conversation *ret)
{
	struct statement *st = store_prepare(in->db, &conversation_module, CONVERSATION_FIND);
	bind_text(st, "$door", door);
	bind_text(st, "$session", session);
	return take_row(st, ret);
}

int conversation_get(const struct scope *in, int64_t id, struct conversation *ret)
{
	struct statement *st = store_prepare(in->db, &conversation_module, CONVERSATION_GET);
	bind_int(st, "$id", id);
	return take_row(st, ret);
}

int conversation_left(const struct scope *in, const char *menu, int64_t address, struct conversation *ret)
{
	struct statement *st = store_prepare(in->db, &conversation_module, CONVERSATION_LEFT);
	bind_int(st, "$address", address);
	bind_text(st, "$menu", menu);
	bind_int(st, "$now", in->now_ms);
	return take_row(st, ret);
}

int conversation_forsaken(const struct scope *in, int n, int64_t *ret)
{
	struct statement *st = store_prepare(in->db, &conversation_module, CONVERSATION_FORSAKEN);
	int found = 0, r = 0;
	bind_int(st, "$now", in->now_ms);
	bind_int(st, "$limit", n);
	while (found < n && (r = store_row(st)) > 0)
		ret[found++] = column_int(st, 0);
	store_reset(st);
	return r < 0 ? r : found;
}

static int bind_row(struct tick *t, struct statement *st, const struct conversation *c)
{
	OWN(mem) char *place = json_text(c->place);
	if (!place)
		return E_NOMEM;
	bind_text(st, "$state", c->open ? "open" : "ended");
	bind_text(st, "$place", place);
	bind_text(st, "$heard", c->heard);
	bind_text(st, "$said", c->said);
	bind_int(st, "$more", c->more);
	bind_int(st, "$now", t->in.now_ms);
	bind_int(st, "$until", c->until_at);
	return store_run(st);
}

int conversation_put(struct tick *t, struct conversation *c, const char *session)
{
	struct statement *st = store_prepare(t->in.db, &conversation_module, CONVERSATION_PUT);
	bind_text(st, "$door", c->door);
	bind_text(st, "$session", session);
	bind_int(st, "$address", c->address);
	bind_text(st, "$menu", c->menu);
	int r = bind_row(t, st, c);
	if (!r)
		c->id = store_last_id(t->in.db);
	return r;
}

int conversation_keep(struct tick *t, const struct conversation *c)
{
	struct statement *st = store_prepare(t->in.db, &conversation_module, CONVERSATION_KEEP);
	bind_int(st, "$id", c->id);
	return bind_row(t, st, c);
}

int conversation_close(struct tick *t, int64_t id)
{
	struct statement *st = store_prepare(t->in.db, &conversation_module, CONVERSATION_CLOSE);
	bind_int(st, "$id", id);
	return store_run(st);
}

int conversation_forget(struct tick *t, int64_t before_ms, int n, int64_t *ret_n)
{
	struct statement *st = store_prepare(t->in.db, &conversation_module, CONVERSATION_FORGET);
	bind_int(st, "$before", before_ms);
	bind_int(st, "$limit", n);
	int r = store_run(st);
	if (!r)
		*ret_n = store_changes(t->in.db);
	return r;
}
