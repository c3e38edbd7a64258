/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `caunoi channel`: the shape that people see, and the verbs that show, look and steer. Reads what channel.c and its neighbours keep in
 * rows: a query process has nothing else. */
#include <string.h>

#include "gateway/audit.h"
#include "gateway/balance.h"
#include "gateway/base/calendar.h"
#include "gateway/base/json.h"
#include "gateway/core.h"
#include "gateway/store/store.h"

#define PROBE_MS 60000

enum channel_verbs_sql { VERBS_ROW, VERBS_PERSONS, VERBS_ALARMS, VERBS_SQL_COUNT };
static const char *const channel_verbs_sql[VERBS_SQL_COUNT] = {
	[VERBS_ROW] = "SELECT state, reason, day, day_segments, unclear, balance_vnd, last_error, live, sim, balance_at, month, month_vnd "
		      "FROM channel WHERE name = $name",
	[VERBS_PERSONS] = "SELECT count(*) FROM channel_person WHERE channel = $name AND month = $month",
	[VERBS_ALARMS] = "SELECT kind, text, raised_at FROM alarm WHERE channel = $name AND cleared_at IS NULL ORDER BY raised_at, kind",
};
const struct sql_module channel_verbs_module = { "channel_verbs", channel_verbs_sql, VERBS_SQL_COUNT };

/* A channel's row, or what it will begin as. */
struct row {
	char state[16], reason[TROUBLE_BYTES], last_error[TROUBLE_BYTES], sim[SIM_BYTES];
	int64_t day, day_segments, unclear, balance_vnd, balance_at, month, month_vnd;
	bool balance_known;
	json_t *live; /* owned */
};

static void row_done(struct row *row)
{
	json_decref(row->live);
}

static void copy(char *ret, size_t room, const char *text)
{
	snprintf(ret, room, "%s", text ? text : "");
}

static int read_row(const struct scope *in, const char *name, struct row *ret)
{
	*ret = (struct row){ .state = "running" };
	struct statement *st = store_prepare(in->db, &channel_verbs_module, VERBS_ROW);
	bind_text(st, "$name", name);
	int r = store_row(st);
	if (r > 0) {
		copy(ret->state, sizeof(ret->state), column_text(st, 0));
		copy(ret->reason, sizeof(ret->reason), column_text(st, 1));
		ret->day = column_int(st, 2);
		ret->day_segments = column_int(st, 3);
		ret->unclear = column_int(st, 4);
		ret->balance_known = !column_null(st, 5);
		ret->balance_vnd = column_int(st, 5);
		copy(ret->last_error, sizeof(ret->last_error), column_text(st, 6));
		const char *live = column_text(st, 7);
		if (live && json_parse(live, strlen(live), &ret->live))
			ret->live = NULL;
		copy(ret->sim, sizeof(ret->sim), column_text(st, 8));
		ret->balance_at = column_int(st, 9);
		ret->month = column_int(st, 10);
		ret->month_vnd = column_int(st, 11);
	}
	store_reset(st);
	return r < 0 ? r : 0;
}

static int64_t sent_today(const struct scope *in, const struct row *row)
{
	struct calendar day = calendar_local(in->zone, in->now_ms);
	return row->day == calendar_day_number(day.year, day.month, day.day) ? row->day_segments : 0;
}

static const char *error_of(const struct row *row)
{
	return row->reason[0] ? row->reason : row->last_error[0] ? row->last_error : NULL;
}

static json_t *summary(const struct scope *in, const struct channel_config *cfg, const struct row *row)
{
	const json_t *status = json_object_get(row->live, "status");
	const char *state = strcmp(row->state, "running") ? row->state : json_str(row->live, "state", "starting");
	json_t *obj = json_pack("{s:s,s:s,s:s,s:I,s:I,s:f,s:I,s:I,s:O?,s:O?,s:s?}", "name", cfg->name, "driver", cfg->driver, "state", state,
				"in_flight", (json_int_t)json_int(row->live, "in_flight", 0), "credit", (json_int_t)json_int(row->live, "credit", 0),
				"rate", cfg->rate_per_second, "sent_today", (json_int_t)sent_today(in, row), "unclear", (json_int_t)row->unclear,
				"signal_percent", json_object_get(status, "signal_percent"), "network", json_object_get(status, "network"),
				"last_error", error_of(row));
	if (obj && json_object_set_new(obj, "balance_vnd", row->balance_known ? json_integer(row->balance_vnd) : json_null())) {
		json_decref(obj);
		return NULL;
	}
	return obj;
}

/* ---- one channel, whole ---- */

static int count_persons(const struct scope *in, const char *name, int64_t *ret)
{
	struct statement *st = store_prepare(in->db, &channel_verbs_module, VERBS_PERSONS);
	bind_text(st, "$name", name);
	bind_int(st, "$month", channel_month(in));
	int r = store_row(st);
	if (r > 0)
		*ret = column_int(st, 0);
	store_reset(st);
	return r < 0 ? r : 0;
}

/* used < 0: not counted. */
static json_t *quota(int64_t used, int64_t limit)
{
	return json_pack("{s:o,s:o}", "used", used < 0 ? json_null() : json_integer(used), "limit", limit ? json_integer(limit) : json_null());
}

static int add_quotas(const struct scope *in, const struct channel_config *cfg, const struct row *row, json_t *obj)
{
	int64_t persons = -1;
	int r = channel_counts_persons(cfg) ? count_persons(in, cfg->name, &persons) : 0;
	if (r)
		return r;
	json_t *quotas = json_pack("{s:o,s:o,s:o}", "segments_today", quota(sent_today(in, row), cfg->daily_segments), "persons_this_month",
				   quota(persons, cfg->monthly_persons), "vnd_this_month",
				   quota(row->month == channel_month(in) ? row->month_vnd : 0, cfg->monthly_vnd));
	return quotas && !json_object_set_new(obj, "quotas", quotas) ? 0 : E_NOMEM;
}

static int add_alarms(const struct scope *in, const char *name, json_t *obj)
{
	char at[CALENDAR_ISO_BYTES];
	OWN(json) json_t *list = json_array();
	struct statement *st = store_prepare(in->db, &channel_verbs_module, VERBS_ALARMS);
	bind_text(st, "$name", name);
	int r;
	while ((r = store_row(st)) > 0)
		json_array_append_new(list, json_pack("{s:s,s:s,s:s}", "kind", column_text(st, 0), "text", column_text(st, 1), "since",
						      calendar_format_iso(in->zone, column_int(st, 2), at)));
	store_reset(st);
	return r < 0 ? r : json_object_set(obj, "alarms", list) ? E_NOMEM : 0;
}

static int64_t percent(int64_t used, int64_t size)
{
	return used >= 0 && size > 0 ? used * 100 / size : -1;
}

/* Every memory of a modem with its level, and the level of the fullest: messages wait outside when one is full. */
static int add_storage(const json_t *status, json_t *obj)
{
	const json_t *told = json_object_get(status, "storage"), *memory;
	int64_t fullest = percent(json_int(status, "sim_used", -1), json_int(status, "sim_size", 0));
	json_t *list = json_array();
	size_t i;
	json_array_foreach (told, i, memory) {
		int64_t used = json_int(memory, "used", -1), size = json_int(memory, "size", 0), level = percent(used, size);
		json_array_append_new(list, json_pack("{s:s,s:I,s:I,s:o}", "memory", json_str(memory, "memory", ""), "used", (json_int_t)used, "size",
						      (json_int_t)size, "percent", level < 0 ? json_null() : json_integer(level)));
		fullest = level > fullest ? level : fullest;
	}
	int r = json_object_set_new(obj, "storage", list);
	return r | json_object_set_new(obj, "storage_percent", fullest < 0 ? json_null() : json_integer(fullest));
}

/* What a modem tells of itself, under the same names. */
static int add_modem(const struct row *row, json_t *obj)
{
	static const char *const fields[] = { "manufacturer", "model", "firmware", "imei", "registered", "roaming", "sim_used", "sim_size", "smsc" };
	const json_t *status = json_object_get(row->live, "status");
	int r = 0;
	for (size_t i = 0; !r && i < COUNT_OF(fields); i++) {
		json_t *value = json_object_get(status, fields[i]);
		r = json_object_set_new(obj, fields[i], value ? json_incref(value) : json_null());
	}
	r |= add_storage(status, obj);
	r |= json_set_str(obj, "sim", json_str(status, "sim", row->sim[0] ? row->sim : NULL));
	return r | json_set_str(obj, "sim_accepted", row->sim[0] ? row->sim : NULL) ? E_NOMEM : 0;
}

static int add_todo(const struct row *row, json_t *obj)
{
	bool well = !strcmp(json_str(obj, "state", ""), "up") || !strcmp(json_str(obj, "state", ""), "busy");
	const struct trouble_advice *a = well ? NULL : trouble_advice(error_of(row));
	int r = json_set_str(obj, "todo", a ? a->en : NULL);
	return r ? r : json_set_str(obj, "todo_vi", a ? a->vi : NULL);
}

static int add_details(const struct scope *in, const struct channel_config *cfg, const struct row *row, json_t *obj)
{
	char at[CALENDAR_ISO_BYTES];
	json_t *errors = NULL;
	int r = add_modem(row, obj);
	if (!r)
		r = json_set_str(obj, "balance_at", row->balance_at ? calendar_format_iso(in->zone, row->balance_at, at) : NULL);
	if (!r)
		r = add_quotas(in, cfg, row, obj);
	if (!r)
		r = add_todo(row, obj);
	if (!r)
		r = add_alarms(in, cfg->name, obj);
	if (!r)
		r = trouble_json(in, cfg->name, &errors);
	if (!r && json_object_set_new(obj, "last_errors", errors))
		r = E_NOMEM;
	return r;
}

static int channel_json(const struct scope *in, const struct channel_config *cfg, bool details, json_t **ret)
{
	struct row row;
	int r = read_row(in, cfg->name, &row);
	OWN(json) json_t *obj = r ? NULL : summary(in, cfg, &row);
	if (!r && !obj)
		r = E_NOMEM;
	if (!r && details)
		r = add_details(in, cfg, &row, obj);
	row_done(&row);
	if (!r)
		*ret = MOVE(obj);
	return r;
}

/* ---- verbs ---- */

static int query_list(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	(void)c;
	(void)why;
	*ret_next = 0;
	OWN(json) json_t *rows = json_array();
	for (size_t i = 0; i < in->config->n_channels; i++) {
		json_t *obj = NULL;
		int r = channel_json(in, &in->config->channels[i], false, &obj);
		if (r)
			return r;
		json_array_append_new(rows, obj);
	}
	*ret = MOVE(rows);
	return 0;
}

static int no_channel(struct refusal *why)
{
	return refuse(why, E_NOT_FOUND, 404, "not_found", "name", "there is no channel of that name in the configuration");
}

static int query_show(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	*ret_next = 0;
	const struct channel_config *cfg = config_channel(in->config, json_str(c->args, "name", ""));
	return cfg ? channel_json(in, cfg, true, ret) : no_channel(why);
}

static int steer(struct tick *t, const struct call *c, int (*act)(struct tick *, struct channel *), json_t **ret, struct refusal *why)
{
	struct channel *ch = tick_channel(t, json_str(c->args, "name", ""));
	if (!ch)
		return no_channel(why);
	int r = act(t, ch);
	if (!r)
		r = audit_put(t, c->actor, c->dotted, ch->config->name, NULL);
	return r ? r : channel_json(&t->in, ch->config, false, ret);
}

static int command_pause(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	return steer(t, c, channel_pause, ret, why);
}

static int command_resume(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	return steer(t, c, channel_resume, ret, why);
}

/* A driver that knows no such question has told its status by itself before. */
static int probed(struct tick *t, const struct call *c, const json_t *answer, json_t **ret, struct refusal *why)
{
	struct channel *ch = tick_channel(t, json_str(c->args, "name", ""));
	const json_t *found = json_object_get(answer, "result");
	if (!ch)
		return no_channel(why);
	int r = json_is_object(found) ? channel_take_status(ch, found) : 0;
	if (!r)
		r = channel_save(t, ch);
	return r ? r : channel_json(&t->in, ch->config, true, ret);
}

static int command_probe(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	(void)ret;
	const char *name = json_str(c->args, "name", "");
	if (strchr(name, '/'))
		return refuse(why, E_DENIED, 403, "local_only", "name", "a device is looked at by the command line of the machine that it is plugged into");
	if (json_flag(c->args, "dry-run", false) || *json_str(c->args, "replay", ""))
		return refuse(why, E_DENIED, 403, "local_only", "name", "a profile is tried by the command line, which needs no core for it");
	struct channel *ch = tick_channel(t, name);
	if (!ch)
		return no_channel(why);
	if (channel_unreachable(ch))
		return refuse(why, E_IO, 504, "channel_down", "name", "the channel is down: %s", channel_unreachable(ch));
	return tick_ask(t, c, name, json_pack("{s:s}", "op", CHANNEL_PROBE), PROBE_MS, probed);
}

static const struct verb_arg name_arg[] = {
	{ .name = "name", .type = ARG_NAME, .rank = 1, .required = true, .help_en = "channel", .help_vi = "kênh" },
};
static const struct verb_arg probe_args[] = {
	{ .name = "name", .type = ARG_TEXT, .rank = 1, .required = true, .max = 255, .help_en = "channel, or a device such as /dev/ttyUSB0 that no channel uses",
	  .help_vi = "kênh, hoặc thiết bị như /dev/ttyUSB0 chưa dùng cho kênh nào" },
	{ .name = "dry-run", .type = ARG_FLAG, .otherwise = "false", .help_en = "HTTP: print the request that a message would become, secrets masked; nothing is sent",
	  .help_vi = "HTTP: in yêu cầu sẽ gửi, che bí mật; không gửi gì" },
	{ .name = "to", .type = ARG_TEXT, .max = 64, .help_en = "the number of that message", .help_vi = "số nhận của tin đó" },
	{ .name = "text", .type = ARG_TEXT, .help_en = "its text", .help_vi = "nội dung tin" },
	{ .name = "replay", .type = ARG_FILE, .max = 262144, .help_en = "HTTP: what this recorded answer means by the profile's rules",
	  .help_vi = "HTTP: câu trả lời đã ghi có nghĩa gì theo hồ sơ" },
};
static const struct verb verbs[] = {
	{ .noun = "channel", .name = "list", .kind = VERB_QUERY, .roles = ROLES_ALL, .list = true, .query = query_list,
	  .help_en = "channels with their health, rate and last error; unclear counts every attempt that ever was in doubt, also those repeated since",
	  .help_vi = "các kênh và tình trạng; unclear đếm mọi lần gửi từng chưa rõ, kể cả đã gửi lại" },
	{ .noun = "channel", .name = "show", .kind = VERB_QUERY, .roles = ROLES_ALL, VERB_ARGS(name_arg), .query = query_show,
	  .help_en = "one channel: modem, SIM, quotas, alarms, the last days' errors and what to do", .help_vi = "một kênh: modem, SIM, hạn mức, cảnh báo, lỗi gần đây và cách xử lý" },
	{ .noun = "channel", .name = "probe", .whole = true, .kind = VERB_COMMAND, .roles = R_(OPERATOR) | R_(ADMINISTRATOR), VERB_ARGS(probe_args), .own_key = true,
	  .command = command_probe, .help_en = "ask a modem anew what it is and how it is; a device: find the right port and what to configure",
	  .help_vi = "hỏi lại modem; với thiết bị: tìm đúng cổng và dòng cấu hình" },
	{ .noun = "channel", .name = "pause", .whole = true, .kind = VERB_COMMAND, .roles = R_(OPERATOR) | R_(OUTREACH) | R_(ADMINISTRATOR), VERB_ARGS(name_arg),
	  .command = command_pause, .help_en = "send nothing more through it", .help_vi = "tạm dừng gửi qua kênh" },
	{ .noun = "channel", .name = "resume", .whole = true, .kind = VERB_COMMAND, .roles = R_(OPERATOR) | R_(OUTREACH) | R_(ADMINISTRATOR),
	  VERB_ARGS(name_arg), .command = command_resume, .help_en = "go on, also after a suspension: with the SIM that is in it now",
	  .help_vi = "gửi tiếp qua kênh, kể cả sau khi bị treo: chấp nhận SIM hiện tại" },
};
const struct verb_table channel_verbs = VERB_TABLE(verbs);
