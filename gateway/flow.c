/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table flow: streams of messages, their state and counters. Called by campaigns and dispatch. */
#include "gateway/flow.h"

#include "gateway/core.h"
#include "gateway/store/store.h"

enum flow_sql { FLOW_NEW, FLOW_DESCRIBE, FLOW_STATE, FLOW_COUNTS, FLOW_SQL_COUNT };
static const char *const flow_sql[FLOW_SQL_COUNT] = {
	[FLOW_NEW] = "INSERT INTO flow (name, lane, class, state, created_at) VALUES ($name, $lane, $class, $state, $now)",
	[FLOW_DESCRIBE] = "UPDATE flow SET name = $name, class = $class, lane = $lane WHERE id = $id",
	[FLOW_STATE] = "UPDATE flow SET state = $state, start_at = $start WHERE id = $id",
	[FLOW_COUNTS] = "SELECT held, queued, sending, retry, sent, unclear, delivered, failed, expired, suppressed, cancelled "
			"FROM flow WHERE id = $id",
};
const struct sql_module flow_module = { "flow", flow_sql, FLOW_SQL_COUNT };

static const char *const state_names[FLOW_STATES] = {
	[FLOW_DRAFT] = "draft", [FLOW_RUNNING] = "running", [FLOW_PAUSED] = "paused", [FLOW_STOPPED] = "stopped",
};

/* Lives in danger wait behind nothing; answers to people are the older flow of that lane. */
static int lane_of(enum message_class class)
{
	return class == CLASS_EMERGENCY ? 0 : 1;
}

int flow_new(struct tick *t, const char *name, enum message_class class, int64_t *ret_id)
{
	struct statement *st = store_prepare(t->in.db, &flow_module, FLOW_NEW);
	bind_text(st, "$name", name);
	bind_int(st, "$lane", lane_of(class));
	bind_text(st, "$class", message_class_name(class));
	bind_text(st, "$state", state_names[FLOW_DRAFT]);
	bind_int(st, "$now", t->in.now_ms);
	int r = store_run(st);
	if (!r)
		*ret_id = store_last_id(t->in.db);
	return r;
}

int flow_describe(struct tick *t, int64_t id, const char *name, enum message_class class)
{
	struct statement *st = store_prepare(t->in.db, &flow_module, FLOW_DESCRIBE);
	bind_int(st, "$id", id);
	bind_text(st, "$name", name);
	bind_int(st, "$lane", lane_of(class));
	bind_text(st, "$class", message_class_name(class));
	int r = store_run(st);
	return r ? r : store_changes(t->in.db) ? 0 : E_NOT_FOUND;
}

int flow_set_state(struct tick *t, int64_t id, enum flow_state state, int64_t start_at)
{
	struct statement *st = store_prepare(t->in.db, &flow_module, FLOW_STATE);
	bind_int(st, "$id", id);
	bind_text(st, "$state", state_names[state]);
	bind_int(st, "$start", start_at);
	int r = store_run(st);
	return r ? r : store_changes(t->in.db) ? 0 : E_NOT_FOUND;
}

int flow_counts(const struct scope *in, int64_t id, int64_t ret[MESSAGE_STATES])
{
	struct statement *st = store_prepare(in->db, &flow_module, FLOW_COUNTS);
	bind_int(st, "$id", id);
	int r = store_row(st);
	for (int s = 0; r > 0 && s < MESSAGE_STATES; s++)
		ret[s] = column_int(st, s);
	store_reset(st);
	return r > 0 ? 0 : r == 0 ? E_NOT_FOUND : r;
}

void flow_add_pending(struct tick *t, int64_t id, int64_t counts[MESSAGE_STATES])
{
	for (int s = 0; s < MESSAGE_STATES; s++)
		counts[s] += tick_flow_pending(t->core, id, (enum message_state)s);
}

json_t *flow_counts_json(const int64_t counts[MESSAGE_STATES])
{
	json_t *obj = json_object();
	for (int s = 0; obj && s < MESSAGE_STATES; s++)
		json_object_set_new(obj, message_state_name((enum message_state)s), json_integer(counts[s]));
	return obj;
}
