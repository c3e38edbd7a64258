/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table correction. Called by refile.c and, for reading, by intray.c's verb. */
#include "handlers/correction.h"

#include <string.h>

#include "gateway/base/calendar.h"
#include "gateway/base/json.h"
#include "gateway/base/mask.h"
#include "gateway/page.h"
#include "gateway/scope.h"
#include "handlers/intray.h"

enum { CORRECTION_PUT, CORRECTION_PAGE, CORRECTION_SQL_COUNT };
static const char *const correction_sql[CORRECTION_SQL_COUNT] = {
	[CORRECTION_PUT] = "INSERT INTO correction (inbound, at, actor, kind_was, topic_was, why_was, kind, topic, note)"
			   " VALUES ($inbound, $now, $actor, $kind_was, $topic_was, $why_was, $kind, $topic, $note)",
	[CORRECTION_PAGE] = "SELECT k.id, k.at, i.text, k.kind_was, k.topic_was, k.why_was, k.kind, k.topic, k.note FROM correction k"
			    " JOIN inbound i ON i.id = k.inbound LEFT JOIN casefile c ON c.id = i.casefile"
			    " WHERE k.id > $after AND " INTRAY_SEEN " ORDER BY k.id LIMIT $limit",
};
const struct sql_module correction_module = { "correction", correction_sql, CORRECTION_SQL_COUNT };

int correction_put(struct tick *t, const struct correction *c)
{
	struct statement *st = store_prepare(t->in.db, &correction_module, CORRECTION_PUT);
	bind_int(st, "$inbound", c->inbound);
	bind_int(st, "$now", t->in.now_ms);
	bind_text(st, "$actor", c->actor);
	bind_text(st, "$kind_was", c->kind_was);
	bind_text(st, "$topic_was", c->topic_was);
	bind_text(st, "$why_was", c->why_was);
	bind_text(st, "$kind", c->kind);
	bind_text(st, "$topic", c->topic);
	bind_text(st, "$note", c->note);
	return store_run(st);
}

static json_t *row_json(const struct scope *in, struct statement *st, const void *arg)
{
	(void)arg;
	char at[CALENDAR_ISO_BYTES];
	calendar_format_iso(in->zone, column_int(st, 1), at);
	OWN(mem) char *text = mask_personal(column_text(st, 2)), *note = column_null(st, 8) ? NULL : mask_personal(column_text(st, 8));
	if (!text)
		return NULL;
	return json_pack("{s:I, s:s, s:s, s:s, s:s?, s:s?, s:s, s:s?, s:s?}", "id", (json_int_t)column_int(st, 0), "at", at, "text", text,
			 "kind_was", column_text(st, 3), "topic_was", column_text(st, 4), "why_was", column_text(st, 5), "kind", column_text(st, 6),
			 "topic", column_text(st, 7), "note", note);
}

int correction_list(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	(void)why;
	struct statement *st = store_prepare(in->db, &correction_module, CORRECTION_PAGE);
	bind_int(st, "$after", json_int(c->args, "after", 0));
	intray_bind(st, c);
	return page_read(in, c, st, 0, row_json, NULL, ret, ret_next);
}
