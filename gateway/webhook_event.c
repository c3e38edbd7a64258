/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of events. Called by webhook.c when one goes out; reads rows and changes none. */
#include "gateway/webhook_event.h"

#include <stdio.h>
#include <string.h>

#include "gateway/address.h"
#include "gateway/base/calendar.h"
#include "gateway/base/json.h"
#include "gateway/base/seal.h"
#include "gateway/store/store.h"

enum webhook_event_sql { EVENT_MESSAGE, EVENT_INBOUND, EVENT_SQL_COUNT };
static const char *const webhook_event_sql[EVENT_SQL_COUNT] = {
	[EVENT_MESSAGE] = "SELECT m.key, m.address, m.class, m.topic, m.channel, c.id, m.parts, m.queued_at, a.sealed, EXISTS (SELECT 1 FROM "
			  "casefile k WHERE k.address = m.address AND k.restricted = 1 AND m.key LIKE 'case:' || k.id || ':%') FROM message m "
			  "JOIN address a ON a.id = m.address LEFT JOIN campaign c ON c.flow = m.flow WHERE m.id = $id",
	[EVENT_INBOUND] = "SELECT i.channel, i.address, i.received_at, i.kind, i.topic, coalesce(h.text, i.text), k.code, k.restricted, a.sealed "
			  "FROM inbound i JOIN address a ON a.id = i.address LEFT JOIN inbound h ON h.id = i.joined_to "
			  "LEFT JOIN casefile k ON k.id = coalesce(i.casefile, h.casefile) WHERE i.id = $id",
};
const struct sql_module webhook_event_module = { "webhook_event", webhook_event_sql, EVENT_SQL_COUNT };

void webhook_event_name(const char *instance, const struct webhook_event *e, char ret[WEBHOOK_ID_BYTES])
{
	snprintf(ret, WEBHOOK_ID_BYTES, "%s-%lld-%llx", instance, (long long)e->id, (unsigned long long)e->at);
}

static int number_of(const struct scope *in, struct statement *st, int column, char **ret)
{
	size_t n, n_number;
	const void *box = column_blob(st, column, &n);
	return seal_open_box(in->seal, box, n, ret, &n_number);
}

static json_t *time_json(const struct scope *in, int64_t at_ms)
{
	char at[CALENDAR_ISO_BYTES];
	return json_string(calendar_format_iso(in->zone, at_ms, at));
}

/* Who accuses somebody is nobody's business outside: of a restricted case only that something came in or went out is told. */
static int message_data(const struct scope *in, const struct webhook_config *to, const struct webhook_event *e, struct statement *st, json_t **ret)
{
	char person[24];
	OWN(mem) char *number = NULL;
	bool restricted = column_int(st, 9) != 0;
	int r = to->numbers && !restricted ? number_of(in, st, 8, &number) : 0;
	if (r)
		return r;
	address_pseudonym(column_int(st, 1), person);
	*ret = json_pack("{s:I,s:s?,s:s?,s:s?,s:s,s:s?,s:s,s:s?,s:s?,s:o,s:I,s:o}", "id", (json_int_t)e->object, "key",
			 restricted ? NULL : column_text(st, 0), "person", restricted ? NULL : person, "to", number, "class", column_text(st, 2), "topic", column_text(st, 3), "state", e->state, "reason",
			 e->reason[0] ? e->reason : NULL, "channel", column_text(st, 4), "campaign",
			 column_null(st, 5) ? json_null() : json_integer(column_int(st, 5)), "segments", (json_int_t)column_int(st, 6),
			 "queued_at", time_json(in, column_int(st, 7)));
	return *ret ? 0 : E_NOMEM;
}

static int inbound_data(const struct scope *in, const struct webhook_config *to, const struct webhook_event *e, struct statement *st, json_t **ret)
{
	char person[24];
	OWN(mem) char *number = NULL;
	bool restricted = !column_null(st, 7) && column_int(st, 7) != 0;
	int r = to->numbers && !restricted ? number_of(in, st, 8, &number) : 0;
	if (r)
		return r;
	address_pseudonym(column_int(st, 1), person);
	const char *topics = restricted ? NULL : column_text(st, 4); /* the primary one stands first */
	*ret = json_pack("{s:I,s:s,s:o,s:b,s:s?,s:s?,s:s?,s:o,s:s?,s:s?}", "id", (json_int_t)e->object, "channel", column_text(st, 0), "received_at",
			 time_json(in, column_int(st, 2)), "restricted", restricted, "person", restricted ? NULL : person, "from", number, "kind",
			 restricted ? NULL : column_text(st, 3), "topic", topics ? json_stringn(topics, strcspn(topics, "|")) : json_null(), "case",
			 restricted ? NULL : column_text(st, 6), "text", to->texts && !restricted ? column_text(st, 5) : NULL);
	return *ret ? 0 : E_NOMEM;
}

static int data_json(const struct scope *in, const struct webhook_config *to, const struct webhook_event *e, json_t **ret)
{
	bool inbound = !strcmp(e->kind, "inbound");
	if (!strcmp(e->kind, "test")) {
		*ret = json_object();
		return *ret ? 0 : E_NOMEM;
	}
	struct statement *st = store_prepare(in->db, &webhook_event_module, inbound ? EVENT_INBOUND : EVENT_MESSAGE);
	bind_int(st, "$id", e->object);
	int r = store_row(st);
	if (r > 0)
		r = (inbound ? inbound_data : message_data)(in, to, e, st, ret);
	else
		r = r ? r : E_NOT_FOUND;
	store_reset(st);
	return r;
}

int webhook_event_json(const struct scope *in, const char *instance, const struct webhook_config *to, const struct webhook_event *e, json_t **ret)
{
	char name[WEBHOOK_ID_BYTES], type[40];
	json_t *data = NULL;
	int r = data_json(in, to, e, &data);
	if (r)
		return r;
	webhook_event_name(instance, e, name);
	snprintf(type, sizeof(type), "%s%s%s", e->kind, e->state[0] ? "." : "", e->state);
	*ret = json_pack("{s:s,s:s,s:o,s:o}", "id", name, "type", type, "at", time_json(in, e->at), "data", data);
	return *ret ? 0 : E_NOMEM;
}
