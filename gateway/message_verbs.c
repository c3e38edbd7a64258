/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The noun message for people and machines: send one, list, show. Shapes are the contract's; the queue itself is outbox.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "config/tariff.h"
#include "gateway/address.h"
#include "gateway/audit.h"
#include "gateway/base/calendar.h"
#include "gateway/base/gsm7.h"
#include "gateway/base/json.h"
#include "gateway/base/seal.h"
#include "gateway/channel.h"
#include "gateway/core.h"
#include "gateway/dnc.h"
#include "gateway/outbox.h"
#include "gateway/store/store.h"
#include "gateway/territory.h"
#include "gateway/verb.h"

enum messages_sql { MESSAGES_ONE, MESSAGES_ATTEMPTS, MESSAGES_FLOW, MESSAGES_SAME, MESSAGES_CONSENT, MESSAGES_SQL_COUNT };
#define MESSAGE_COLUMNS \
	"SELECT m.id, m.key, m.address, m.class, m.state, m.reason, m.encoding, m.channel, c.id, m.queued_at, m.sent_at, m.final_at, " \
	"coalesce(m.text, w.text), a.sealed FROM message m JOIN address a ON a.id = m.address LEFT JOIN wording w ON w.id = m.wording " \
	"LEFT JOIN campaign c ON c.flow = m.flow "
/* A territory sees what went to its own people, about its own cases, or was sent by the caller. What belongs to
 * a restricted case is hidden as the case is: it would name who complained. */
#define OF_CASE "k.address = m.address AND m.key LIKE 'case:' || k.id || ':%'"
#define TERRITORY                                                                                                                         \
	" AND ($unit = '' OR substr(m.key, 1, length($actor) + 1) = $actor || ':' OR ((EXISTS (SELECT 1 FROM person p WHERE p.address = m.address "  \
	"AND " TERRITORY_HOLDS("coalesce(p.unit, (SELECT o.unit FROM import o WHERE o.id = p.import))", "$unit") ") OR EXISTS (SELECT 1 FROM "        \
	"casefile k WHERE " OF_CASE " AND " CASE_SEEN("k", "$unit") ")) AND NOT EXISTS (SELECT 1 FROM casefile k WHERE " OF_CASE            \
	" AND k.restricted = 1 AND NOT " CASE_SEEN("k", "$unit") ")))"
static const char *const messages_sql[MESSAGES_SQL_COUNT] = {
	[MESSAGES_ONE] = MESSAGE_COLUMNS "WHERE m.id = $id" TERRITORY,
	[MESSAGES_ATTEMPTS] = "SELECT part, n, channel, outcome, proof, reference, code, handed_at, segments, price FROM attempt WHERE message = $id ORDER BY part, n",
	[MESSAGES_FLOW] = "SELECT flow FROM campaign WHERE id = $id",
	[MESSAGES_SAME] = "SELECT args_hash FROM message WHERE id = $id",
	[MESSAGES_CONSENT] = "SELECT state FROM consent WHERE address = $address AND scope = 'campaign' ORDER BY id DESC LIMIT 1",
};
const struct sql_module messages_module = { "messages", messages_sql, MESSAGES_SQL_COUNT };

static void put_time(const struct scope *in, json_t *obj, const char *key, struct statement *st, int column)
{
	char at[CALENDAR_ISO_BYTES];
	json_set_str(obj, key, column_null(st, column) ? NULL : calendar_format_iso(in->zone, column_int(st, column), at));
}

static int attempts_json(const struct scope *in, int64_t id, json_t *obj)
{
	json_t *list = json_array();
	struct statement *st = store_prepare(in->db, &messages_module, MESSAGES_ATTEMPTS);
	bind_int(st, "$id", id);
	int r;
	while (list && (r = store_row(st)) > 0) {
		json_t *a = json_pack("{s:I,s:I,s:s,s:s?,s:s?,s:s?,s:s?}", "part", (json_int_t)column_int(st, 0), "n", (json_int_t)column_int(st, 1),
				      "channel", column_text(st, 2), "outcome", column_text(st, 3), "proof", column_text(st, 4), "reference",
				      column_text(st, 5), "code", column_text(st, 6));
		if (a)
			put_time(in, a, "handed_at", st, 7);
		if (a && !column_null(st, 8))
			json_set_int(a, "segments", column_int(st, 8)); /* as the provider counted */
		if (a && !column_null(st, 9))
			json_set_str(a, "price", column_text(st, 9));
		json_array_append_new(list, a);
	}
	store_reset(st);
	return list && !json_object_set_new(obj, "attempts", list) ? 0 : E_NOMEM;
}

static int row_json(const struct scope *in, struct statement *st, bool with_number, json_t **ret)
{
	char person[24];
	OWN(mem) char *number = NULL;
	size_t n, n_number;
	const void *box = column_blob(st, 13, &n);
	int r = with_number && n ? seal_open_box(in->seal, box, n, &number, &n_number) : 0;
	if (r)
		return r;
	struct measure m;
	gsm7_measure(column_text(st, 12) ? column_text(st, 12) : "", 8, &m);
	address_pseudonym(column_int(st, 2), person);
	json_t *obj = json_pack("{s:I,s:s,s:s,s:s?,s:s,s:s,s:s?,s:i,s:s,s:s?}", "id", (json_int_t)column_int(st, 0), "key", column_text(st, 1), "person",
				person, "to", number, "class", column_text(st, 3), "state", column_text(st, 4), "reason", column_text(st, 5),
				"segments", m.n_segments, "encoding", column_text(st, 6) ? column_text(st, 6) : encoding_name(m.encoding), "channel",
				column_text(st, 7));
	if (!obj)
		return E_NOMEM;
	json_object_set_new(obj, "campaign", column_null(st, 8) ? json_null() : json_integer(column_int(st, 8)));
	put_time(in, obj, "queued_at", st, 9);
	put_time(in, obj, "sent_at", st, 10);
	put_time(in, obj, "final_at", st, 11);
	*ret = obj;
	return 0;
}

static void bind_territory(struct statement *st, const char *unit, const char *actor)
{
	bind_text(st, "$unit", unit ? unit : "");
	bind_text(st, "$actor", actor);
}

/* unit: the caller's territory; E_NOT_FOUND also outside of it. */
static int one_json(const struct scope *in, int64_t id, const char *unit, const char *actor, bool with_number, json_t **ret)
{
	struct statement *st = store_prepare(in->db, &messages_module, MESSAGES_ONE);
	bind_int(st, "$id", id);
	bind_territory(st, unit, actor);
	json_t *obj = NULL;
	int r = store_row(st);
	r = r > 0 ? row_json(in, st, with_number, &obj) : r == 0 ? E_NOT_FOUND : r;
	store_reset(st);
	if (!r)
		r = attempts_json(in, id, obj);
	if (r)
		json_decref(obj);
	else
		*ret = obj;
	return r;
}

int outbox_json(const struct scope *in, int64_t id, bool with_number, json_t **ret)
{
	return one_json(in, id, "", "", with_number, ret);
}

static bool sees_numbers(const struct call *c)
{
	return c->role == ROLE_OPERATOR || c->role == ROLE_OUTREACH;
}

int outbox_json_for(const struct scope *in, const struct call *c, int64_t id, json_t **ret)
{
	return one_json(in, id, c->unit, c->actor, sees_numbers(c), ret);
}

/* ---- send ---- */

static int hash_args(const struct seal *seal, const json_t *args, uint8_t ret[32])
{
	OWN(mem) char *text = json_dumps(args, JSON_COMPACT | JSON_SORT_KEYS);
	if (!text)
		return E_NOMEM;
	seal_arguments(seal, text, ret);
	return 0;
}

static int same_again(struct tick *t, int64_t id, const struct outbox_put *p, struct refusal *why)
{
	size_t n;
	struct statement *st = store_prepare(t->in.db, &messages_module, MESSAGES_SAME);
	bind_int(st, "$id", id);
	int r = store_row(st);
	const void *was = r > 0 ? column_blob(st, 0, &n) : NULL;
	bool same = was && n == 32 && !memcmp(was, p->args_hash, 32);
	store_reset(st);
	if (r < 0)
		return r;
	return same ? 0 : refuse(why, E_REFUSED, 409, "key_reused", "key", "this key was used for another message");
}

/* Where one route alone is left, what it would refuse is refused now. */
static int check_limit(const struct scope *in, const struct outbox_put *p, const struct measure *m, struct refusal *why)
{
	const struct channel_config *ch = p->pin ? config_channel(in->config, p->pin) : in->config->n_channels == 1 ? in->config->channels : NULL;
	struct tariff tariff;
	int r = 0;
	if (!ch || (m->n_segments == 1 && m->encoding == ENCODING_GSM7 && p->class != CLASS_ADVERT))
		return 0;
	tariff_open(ch, p->class == CLASS_ADVERT, &tariff);
	int most = tariff_most(&tariff, m);
	if (!tariff_segments(&tariff, m))
		r = most ? refuse(why, E_INVALID, 422, "route_limit", "text", "the text has %d characters; %s takes at most %d", m->n_units, ch->name, most) :
			   refuse(why, E_INVALID, 422, "route_limit", "text", "%s takes plain letters only", ch->name);
	tariff_done(&tariff);
	return r;
}

static int check_send(struct tick *t, const struct call *c, struct phone *to, struct outbox_put *p, struct refusal *why)
{
	const char *rule = "invalid_number";
	if (phone_parse(&t->in.config->plan, json_str(c->args, "to", ""), to, &rule) || !phone_can_receive(to))
		return refuse(why, E_INVALID, 422, "invalid_number", "to", "this is no number that can receive messages (%s)", rule ? rule : "kind");
	p->pin = json_str(c->args, "channel", NULL);
	if (p->pin && !tick_channel(t, p->pin))
		return refuse(why, E_NOT_FOUND, 422, "not_found", "channel", "there is no channel of that name");
	p->text = json_str(c->args, "text", "");
	if (!p->text[0])
		return refuse(why, E_INVALID, 422, "empty", "text", "the text is empty");
	if (message_class_parse(json_str(c->args, "class", "social_policy"), &p->class))
		return refuse(why, E_INVALID, 422, "not_a_choice", "class", "unknown class");
	if (p->class == CLASS_OPTOUT_ACK)
		return refuse(why, E_INVALID, 422, "not_a_choice", "class", "the gateway itself confirms a stop, nobody else");
	if (p->class == CLASS_ADVERT && strncmp(p->text, "[QC]", 4) && strncmp(p->text, "[AD]", 4))
		return refuse(why, E_REFUSED, 409, "label", "text", "advertising begins with [QC] or [AD] (Decree 91/2020)");
	if (p->class == CLASS_EMERGENCY)
		return refuse(why, E_REFUSED, 409, "two_person", "class", "an emergency needs two people: make it a campaign");
	struct measure m;
	gsm7_measure(p->text, 8, &m);
	if (m.n_segments > 10)
		return refuse(why, E_INVALID, 422, "too_long", "text", "the text takes %d segments; at most 10 go in one message", m.n_segments);
	int r = check_limit(&t->in, p, &m, why);
	if (r)
		return r;
	int64_t validity_h = json_int(c->args, "validity-h", 0);
	p->expires_at = validity_h ? t->in.now_ms + validity_h * 3600000 : 0;
	p->flow = message_class_is_bulk(p->class) ? FLOW_SINGLE : FLOW_ANSWERS;
	return 0;
}

/* Silence is no consent: advertising goes to those who said yes. */
static int check_consent(struct tick *t, int64_t address, struct refusal *why)
{
	struct statement *st = store_prepare(t->in.db, &messages_module, MESSAGES_CONSENT);
	bind_int(st, "$address", address);
	int r = store_row(st);
	bool yes = r > 0 && !strcmp(column_text(st, 0), "opted_in");
	store_reset(st);
	if (r < 0)
		return r;
	if (!yes)
		return refuse(why, E_REFUSED, 409, "no_consent", "to", "this person has not agreed to advertising");
	r = dnc_has(&t->in, address);
	return r > 0 ? refuse(why, E_REFUSED, 409, "dnc", "to", "this number stands on the Do-Not-Call list") : r;
}

static int command_send(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	struct phone to;
	struct outbox_put p = { 0 };
	char key[400];
	int64_t id;
	int r = check_send(t, c, &to, &p, why);
	if (r)
		return r;
	if (c->key && c->key[0])
		snprintf(key, sizeof(key), "%s:%.300s", c->actor, c->key);
	else
		snprintf(key, sizeof(key), "%s:seq-%lld", c->actor, (long long)tick_seq(t));
	uint8_t hash[32];
	r = hash_args(t->in.seal, c->args, hash);
	if (r)
		return r;
	p.key = key;
	p.args_hash = hash;
	r = address_put(t, &to, &p.address);
	if (!r && p.class == CLASS_ADVERT)
		r = check_consent(t, p.address, why);
	if (!r)
		r = outbox_put(t, &p, &id);
	if (r == E_EXISTS)
		r = same_again(t, id, &p, why);
	if (r)
		return r;
	tick_changed(t, "message");
	return outbox_json(&t->in, id, sees_numbers(c), ret);
}

/* ---- list, show ---- */

static int query_show(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	*ret_next = 0;
	int64_t id = json_int(c->args, "id", 0);
	int r = outbox_json_for(in, c, id, ret);
	if (r != E_NOT_FOUND)
		return r;
	refuse(why, r, 404, "not_found", "id", "there is no such message");
	audit_attempt(in, c, "message", id, why);
	return r;
}

struct filter {
	int64_t flow, address, after, limit;
	const char *state, *unit, *actor;
};

static int read_filter(const struct scope *in, const struct call *c, struct filter *f, struct refusal *why)
{
	const char *to = json_str(c->args, "to", NULL);
	*f = (struct filter){ .after = json_int(c->args, "after", 0), .limit = json_int(c->args, "limit", 100), .state = json_str(c->args, "state", NULL),
			      .unit = c->unit ? c->unit : "", .actor = c->actor };
	/* who may not ask what a number agreed to may not find out by trying whose it is */
	if (to && !sees_numbers(c) && c->role != ROLE_SECRETARY)
		return refuse(why, E_DENIED, 403, "role", "to", "The role %s may not search by number.", role_name(c->role));
	int64_t campaign = json_int(c->args, "campaign", 0);
	if (campaign) {
		struct statement *st = store_prepare(in->db, &messages_module, MESSAGES_FLOW);
		bind_int(st, "$id", campaign);
		int r = store_row(st);
		f->flow = r > 0 ? column_int(st, 0) : 0;
		store_reset(st);
		if (r <= 0)
			return r ? r : refuse(why, E_NOT_FOUND, 404, "not_found", "campaign", "there is no such campaign");
	}
	if (to && address_find(in, to, &f->address))
		f->address = -1; /* nobody: an empty list, not an error that tells who is known */
	return 0;
}

static struct statement *list_statement(const struct scope *in, const struct filter *f)
{
	char sql[8192];
	snprintf(sql, sizeof(sql), MESSAGE_COLUMNS "WHERE m.id > $after%s%s%s%s ORDER BY m.id LIMIT $limit", f->flow ? " AND m.flow = $flow" : "",
		 f->address ? " AND m.address = $address" : "", f->state ? " AND m.state = $state" : "", *f->unit ? TERRITORY : "");
	struct statement *st = store_prepare_text(in->db, sql);
	if (*f->unit)
		bind_territory(st, f->unit, f->actor);
	bind_int(st, "$after", f->after);
	bind_int(st, "$limit", f->limit);
	if (f->flow)
		bind_int(st, "$flow", f->flow);
	if (f->address)
		bind_int(st, "$address", f->address);
	if (f->state)
		bind_text(st, "$state", f->state);
	return st;
}

static int query_list(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	struct filter f;
	int r = read_filter(in, c, &f, why);
	if (r)
		return r;
	OWN(json) json_t *rows = json_array();
	struct statement *st = list_statement(in, &f);
	int64_t last = 0;
	while ((r = store_row(st)) > 0) {
		json_t *obj = NULL;
		last = column_int(st, 0);
		if (row_json(in, st, sees_numbers(c), &obj) || json_array_append_new(rows, obj)) {
			r = E_NOMEM;
			break;
		}
	}
	store_drop(st);
	if (r < 0)
		return r;
	for (size_t i = 0; i < json_array_size(rows); i++) {
		json_t *obj = json_array_get(rows, i);
		r = attempts_json(in, json_int(obj, "id", 0), obj);
		if (r)
			return r;
	}
	*ret_next = (int64_t)json_array_size(rows) == f.limit ? last : 0;
	*ret = MOVE(rows);
	return 0;
}

static const struct verb_arg send_args[] = {
	{ .name = "to", .type = ARG_PHONE, .required = true, .help_en = "recipient's number", .help_vi = "số người nhận" },
	{ .name = "text", .type = ARG_TEXT, .required = true, .help_en = "text", .help_vi = "nội dung" },
	{ .name = "class", .type = ARG_TEXT, .otherwise = "social_policy", .choices = message_class_names, .help_en = "class of message", .help_vi = "loại tin" },
	{ .name = "channel", .type = ARG_NAME, .help_en = "leave by this channel only", .help_vi = "chỉ gửi qua kênh này" },
	{ .name = "validity-h", .type = ARG_INT, .min = 1, .max = 720, .help_en = "hours after which it is no longer sent", .help_vi = "số giờ còn hiệu lực" },
};
static const struct verb_arg id_arg[] = {
	{ .name = "id", .type = ARG_INT, .rank = 1, .required = true, .min = 1, .max = INT64_MAX, .help_en = "message", .help_vi = "tin nhắn" },
};
static const struct verb_arg list_args[] = {
	{ .name = "campaign", .type = ARG_INT, .min = 1, .max = INT64_MAX, .help_en = "of this campaign", .help_vi = "của chiến dịch" },
	{ .name = "state", .type = ARG_TEXT, .choices = message_state_names, .help_en = "in this state", .help_vi = "trạng thái" },
	{ .name = "to", .type = ARG_PHONE, .help_en = "to this number", .help_vi = "gửi tới số" },
};
static const struct verb verbs[] = {
	{ .noun = "message", .name = "send", .kind = VERB_COMMAND, .roles = R_(OPERATOR) | R_(OUTREACH), .creates = true, .own_key = true,
	  VERB_ARGS(send_args), .command = command_send, .help_en = "send one message", .help_vi = "gửi một tin" },
	{ .noun = "message", .name = "list", .kind = VERB_QUERY, .roles = ROLES_STAFF | R_(AUDITOR), .list = true, VERB_ARGS(list_args),
	  .query = query_list, .help_en = "messages with their attempts", .help_vi = "danh sách tin gửi" },
	{ .noun = "message", .name = "show", .kind = VERB_QUERY, .roles = ROLES_STAFF | R_(AUDITOR), VERB_ARGS(id_arg), .query = query_show,
	  .help_en = "one message with its attempts", .help_vi = "một tin gửi" },
};
const struct verb_table message_verbs = VERB_TABLE(verbs);
