/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `caunoi webhook`: how each receiver of events fares, what was given up, and what a person can do about it. Reads rows: a query process
 * has nothing else. */
#include <stdio.h>
#include <string.h>

#include "gateway/audit.h"
#include "gateway/base/calendar.h"
#include "gateway/base/json.h"
#include "gateway/core.h"
#include "gateway/store/store.h"
#include "gateway/webhook_event.h"

#define SHOWN 100

enum webhook_verbs_sql { VERBS_ROW, VERBS_WAITING, VERBS_GIVEN_UP, VERBS_LIST, VERBS_INSTANCE, VERBS_SQL_COUNT };
static const char *const webhook_verbs_sql[VERBS_SQL_COUNT] = {
	[VERBS_ROW] = "SELECT told, lost, told_at, error, error_at, failing_since FROM webhook WHERE name = $name",
	[VERBS_WAITING] = "SELECT count(*), min(at) FROM webhook_event WHERE hook = $name AND given_up_at IS NULL",
	[VERBS_GIVEN_UP] = "SELECT count(*) FROM webhook_event WHERE hook = $name AND given_up_at IS NOT NULL",
	[VERBS_LIST] = "SELECT id, kind, object, state, at, tries, given_up_at FROM webhook_event WHERE hook = $name AND given_up_at IS NOT NULL "
		       "ORDER BY given_up_at DESC, id DESC LIMIT $n",
	[VERBS_INSTANCE] = "SELECT instance FROM meta WHERE one = 1",
};
const struct sql_module webhook_verbs_module = { "webhook_verbs", webhook_verbs_sql, VERBS_SQL_COUNT };

static struct statement *prepare(const struct scope *in, size_t sql, const struct webhook_config *cfg)
{
	struct statement *st = store_prepare(in->db, &webhook_verbs_module, sql);
	bind_text(st, "$name", cfg->name);
	return st;
}

static int put_time(const struct scope *in, json_t *obj, const char *key, struct statement *st, int column)
{
	char at[CALENDAR_ISO_BYTES];
	return json_set_str(obj, key, column_null(st, column) ? NULL : calendar_format_iso(in->zone, column_int(st, column), at));
}

static int add_counts(const struct scope *in, const struct webhook_config *cfg, json_t *obj)
{
	struct statement *st = prepare(in, VERBS_WAITING, cfg);
	int r = store_row(st);
	if (r > 0)
		r = json_set_int(obj, "waiting", column_int(st, 0)) | put_time(in, obj, "oldest_at", st, 1) ? E_NOMEM : 0;
	store_reset(st);
	if (r)
		return r;
	st = prepare(in, VERBS_GIVEN_UP, cfg);
	r = store_row(st);
	if (r > 0)
		r = json_set_int(obj, "given_up", column_int(st, 0));
	store_reset(st);
	return r;
}

/* Before its first event a webhook has no row: zeros and nulls. */
static int add_row(const struct scope *in, const struct webhook_config *cfg, json_t *obj)
{
	struct statement *st = prepare(in, VERBS_ROW, cfg);
	int r = store_row(st), bad = 0;
	bool there = r > 0, failing = there && !column_null(st, 5);
	bad |= json_set_str(obj, "state", failing ? "failing" : "up");
	bad |= json_set_int(obj, "told", there ? column_int(st, 0) : 0);
	bad |= json_set_int(obj, "lost", there ? column_int(st, 1) : 0);
	if (there) {
		bad |= put_time(in, obj, "told_at", st, 2) | json_set_str(obj, "last_error", column_text(st, 3));
		bad |= put_time(in, obj, "last_error_at", st, 4) | put_time(in, obj, "failing_since", st, 5);
	} else {
		static const char *const absent[] = { "told_at", "last_error", "last_error_at", "failing_since" };
		for (size_t i = 0; i < COUNT_OF(absent); i++)
			bad |= json_set_str(obj, absent[i], NULL);
	}
	store_reset(st);
	return r < 0 ? r : bad ? E_NOMEM : 0;
}

static int webhook_json(const struct scope *in, const struct webhook_config *cfg, json_t **ret)
{
	json_t *events = json_array();
	if (cfg->messages)
		json_array_append_new(events, json_string("message"));
	if (cfg->inbound)
		json_array_append_new(events, json_string("inbound"));
	OWN(json) json_t *obj = json_pack("{s:s,s:s,s:o,s:b,s:b}", "name", cfg->name, "url", cfg->url, "events", events, "numbers", cfg->numbers,
					  "texts", cfg->texts);
	int r = obj ? add_row(in, cfg, obj) : E_NOMEM;
	if (!r)
		r = add_counts(in, cfg, obj);
	if (!r)
		*ret = MOVE(obj);
	return r;
}

int webhook_status(const struct scope *in, json_t *obj)
{
	OWN(json) json_t *list = json_array();
	for (size_t i = 0; list && i < in->config->n_webhooks; i++) {
		const struct webhook_config *cfg = &in->config->webhooks[i];
		struct statement *st = prepare(in, VERBS_ROW, cfg);
		int r = store_row(st);
		bool failing = r > 0 && !column_null(st, 5);
		store_reset(st);
		OWN(json) json_t *one = r < 0 ? NULL : json_pack("{s:s,s:s}", "name", cfg->name, "state", failing ? "failing" : "up");
		r = r < 0 ? r : one ? add_counts(in, cfg, one) : E_NOMEM;
		if (r)
			return r;
		json_array_append(list, one);
	}
	return list && !json_object_set(obj, "webhooks", list) ? 0 : E_NOMEM;
}

static int read_instance(const struct scope *in, char ret[16])
{
	struct statement *st = store_prepare(in->db, &webhook_verbs_module, VERBS_INSTANCE);
	int r = store_row(st);
	snprintf(ret, 16, "%s", r > 0 ? column_text(st, 0) : "");
	store_reset(st);
	return r < 0 ? r : 0;
}

static int add_given_up(const struct scope *in, const struct webhook_config *cfg, json_t *obj)
{
	char instance[16], name[WEBHOOK_ID_BYTES];
	OWN(json) json_t *list = json_array();
	int r = read_instance(in, instance);
	if (r)
		return r;
	struct statement *st = prepare(in, VERBS_LIST, cfg);
	bind_int(st, "$n", SHOWN);
	while ((r = store_row(st)) > 0 && list) {
		const struct webhook_event e = { .id = column_int(st, 0), .at = column_int(st, 4) };
		webhook_event_name(instance, &e, name);
		json_t *one = json_pack("{s:s,s:s,s:s?,s:I,s:I}", "id", name, "event", column_text(st, 1), "state", column_text(st, 3), "object",
					(json_int_t)column_int(st, 2), "tries", (json_int_t)column_int(st, 5));
		if (!one || put_time(in, one, "at", st, 4) || put_time(in, one, "given_up_at", st, 6) || json_array_append_new(list, one))
			r = E_NOMEM;
		if (r < 0)
			break;
	}
	store_reset(st);
	return r < 0 ? r : json_object_set(obj, "events_given_up", list) ? E_NOMEM : 0;
}

static int no_webhook(struct refusal *why)
{
	return refuse(why, E_NOT_FOUND, 404, "not_found", "name", "there is no webhook of that name in the configuration");
}

static int query_list(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	(void)c;
	(void)why;
	*ret_next = 0;
	OWN(json) json_t *rows = json_array();
	for (size_t i = 0; i < in->config->n_webhooks; i++) {
		json_t *obj = NULL;
		int r = webhook_json(in, &in->config->webhooks[i], &obj);
		if (r)
			return r;
		json_array_append_new(rows, obj);
	}
	*ret = MOVE(rows);
	return 0;
}

static int query_show(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	*ret_next = 0;
	const struct webhook_config *cfg = config_webhook(in->config, json_str(c->args, "name", ""));
	if (!cfg)
		return no_webhook(why);
	OWN(json) json_t *obj = NULL;
	int r = webhook_json(in, cfg, &obj);
	if (!r)
		r = add_given_up(in, cfg, obj);
	if (!r)
		*ret = MOVE(obj);
	return r;
}

static int command_test(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	struct webhook *w = webhook_find(t->core, json_str(c->args, "name", ""));
	if (!w)
		return no_webhook(why);
	int r = webhook_test(t, w);
	if (!r)
		r = audit_put(t, c->actor, c->dotted, w->config->name, NULL);
	return r ? r : webhook_json(&t->in, w->config, ret);
}

static int change(struct tick *t, const struct call *c, int (*act)(struct tick *, struct webhook *, int64_t *), json_t **ret, struct refusal *why)
{
	struct webhook *w = webhook_find(t->core, json_str(c->args, "name", ""));
	int64_t n = 0;
	if (!w)
		return no_webhook(why);
	int r = act(t, w, &n);
	if (!r)
		r = audit_put(t, c->actor, c->dotted, w->config->name, NULL);
	if (!r)
		r = webhook_json(&t->in, w->config, ret);
	return r ? r : json_set_int(*ret, "changed", n);
}

static int command_retry(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	return change(t, c, webhook_again, ret, why);
}

static int command_discard(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	return change(t, c, webhook_discard, ret, why);
}

#define SEEN_BY (R_(OPERATOR) | R_(ADMINISTRATOR) | R_(AUDITOR))
#define DONE_BY (R_(OPERATOR) | R_(ADMINISTRATOR))
static const struct verb_arg name_arg[] = {
	{ .name = "name", .type = ARG_NAME, .rank = 1, .required = true, .help_en = "webhook", .help_vi = "webhook" },
};
static const struct verb verbs[] = {
	{ .noun = "webhook", .name = "list", .whole = true, .kind = VERB_QUERY, .roles = SEEN_BY, .list = true, .query = query_list,
	  .help_en = "machines that are told what happens, and how each fares", .help_vi = "các máy nhận tin báo và tình trạng" },
	{ .noun = "webhook", .name = "show", .whole = true, .kind = VERB_QUERY, .roles = SEEN_BY, VERB_ARGS(name_arg), .query = query_show,
	  .help_en = "one of them: what waits, the last error, what was given up", .help_vi = "một máy nhận: tin đang chờ, lỗi cuối, tin đã bỏ" },
	{ .noun = "webhook", .name = "test", .whole = true, .kind = VERB_COMMAND, .roles = DONE_BY, VERB_ARGS(name_arg), .command = command_test,
	  .help_en = "send it an event of type test", .help_vi = "gửi thử một tin báo loại test" },
	{ .noun = "webhook", .name = "retry", .whole = true, .kind = VERB_COMMAND, .roles = DONE_BY, VERB_ARGS(name_arg), .command = command_retry,
	  .help_en = "tell it what was given up, for another day; a thousand a call, oldest first",
	  .help_vi = "gửi lại tin đã bỏ, thêm một ngày; mỗi lần tối đa một nghìn, cũ trước" },
	{ .noun = "webhook", .name = "discard", .whole = true, .kind = VERB_COMMAND, .roles = DONE_BY, VERB_ARGS(name_arg), .command = command_discard,
	  .help_en = "forget what was given up; a thousand a call, oldest first", .help_vi = "quên tin đã bỏ; mỗi lần tối đa một nghìn, cũ trước" },
};
const struct verb_table webhook_verbs = VERB_TABLE(verbs);
