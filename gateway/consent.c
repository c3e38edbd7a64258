/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who said stop and who agreed, with proof. Called by the opt-out handler, by clerks' verbs and by imports; writes the
 * opt-out, its record in consent, the audit and the cancellation of what waits in one tick, and asks the ledger to repeat
 * it after the commit. Never lifts anything on its own but "all" for a person who opens a case. */
#include "gateway/consent.h"

#include <stdio.h>
#include <string.h>

#include "config/config.h"
#include "gateway/address.h"
#include "gateway/audit.h"
#include "gateway/base/calendar.h"
#include "gateway/base/json.h"
#include "gateway/base/mutant.h"
#include "gateway/contact.h"
#include "gateway/core.h"
#include "gateway/ledger.h"
#include "gateway/optout.h"
#include "gateway/outbox.h"
#include "gateway/page.h"
#include "gateway/store/store.h"
#include "gateway/verb.h"

enum { CONSENT_PUT, CONSENT_OF_ADDRESS, CONSENT_HISTORY, CONSENT_BASIS, CONSENT_WHOSE, CONSENT_LIST, CONSENT_SQL_COUNT };
static const char *const consent_sql[CONSENT_SQL_COUNT] = {
	[CONSENT_PUT] = "INSERT INTO consent (address, scope, state, at, channel, text, actor)"
			" VALUES ($address, $scope, $state, $at, $channel, $text, $actor)",
	[CONSENT_OF_ADDRESS] = "SELECT c.scope, c.state, c.at, c.channel, c.text FROM consent c WHERE c.address = $address"
			       " AND NOT EXISTS (SELECT 1 FROM consent d WHERE d.address = c.address AND d.scope = c.scope AND d.id > c.id)"
			       " ORDER BY c.id",
	[CONSENT_HISTORY] = "SELECT c.scope, c.state, c.at, c.channel, c.text, c.id, c.address, c.actor FROM consent c WHERE c.address = $address"
			    " ORDER BY c.id DESC LIMIT $limit",
	[CONSENT_WHOSE] = "SELECT count(*), count(CASE WHEN " CONTACT_OF_UNIT " THEN 1 END) FROM person p WHERE p.address = $address",
	[CONSENT_LIST] = "SELECT c.scope, c.state, c.at, c.channel, c.text, c.id, c.address, c.actor FROM consent c WHERE c.id < $before"
			 " AND (CAST($state AS TEXT) IS NULL OR c.state = $state) AND (CAST($scope AS TEXT) IS NULL OR c.scope = $scope)"
			 " AND ($unit = '' OR EXISTS (SELECT 1 FROM person p WHERE p.address = c.address AND " CONTACT_OF_UNIT ")) ORDER BY c.id DESC LIMIT $limit",
	[CONSENT_BASIS] = "SELECT basis FROM person WHERE address = $address LIMIT 1",
};
const struct sql_module consent_module = { "consent", consent_sql, CONSENT_SQL_COUNT };

#define HISTORY_MOST 100

static const struct consent_proof no_proof = { 0 };

int consent_record(struct tick *t, int64_t address, const char *scope, const char *state, const struct consent_proof *p)
{
	struct statement *st = store_prepare(t->in.db, &consent_module, CONSENT_PUT);
	bind_int(st, "$address", address);
	bind_text(st, "$scope", scope);
	bind_text(st, "$state", state);
	bind_int(st, "$at", t->in.now_ms);
	bind_text(st, "$channel", p->channel);
	bind_text(st, "$text", p->text);
	bind_text(st, "$actor", p->actor);
	return store_write_row(st);
}

static int note(struct tick *t, int64_t address, const char *verb, const char *scope, const struct consent_proof *p)
{
	char subject[40];
	snprintf(subject, sizeof(subject), "address:%lld", (long long)address);
	int r = audit_put(t, p->actor ? p->actor : "person", verb, subject, scope);
	if (!r)
		r = tick_after(t, ledger_after_commit, 0, 0);
	if (!r)
		tick_changed(t, "consent");
	return r;
}

int consent_opt_out(struct tick *t, int64_t address, const char *scope, const struct consent_proof *proof, bool *ret_new)
{
	const struct consent_proof *p = proof ? proof : &no_proof;
	if (!optout_scope_valid(scope))
		return E_INVALID;
	struct optout o;
	int r = optout_holding(&t->in, address, scope, &o);
	bool is_new = r == E_NOT_FOUND;
	if (r && !is_new)
		return r;
	if (is_new) {
		o = (struct optout){ .address = address, .seq = tick_seq(t), .at = t->in.now_ms };
		snprintf(o.scope, sizeof(o.scope), "%s", scope);
		r = optout_put(t, &o, p->channel, p->inbound);
		if (!r)
			r = consent_record(t, address, scope, "opted_out", p);
		if (!r)
			r = note(t, address, "consent.opt-out", scope, p);
	}
	int64_t n;
	if (!r)
		r = outbox_suppress(t, address, scope, &n);
	if (!r && ret_new)
		*ret_new = is_new;
	return r;
}

/* ---- lifting ---- */

static bool lifts(const char *asked, const char *held)
{
	return strcmp(asked, "campaign") == 0 || strcmp(asked, held) == 0;
}

/* What holds is gathered first: lifting while a statement stands on the same rows would move it. */
struct held {
	struct optout *rows;
	size_t n, room;
};

static int gather(void *arg, const struct optout *o)
{
	struct held *h = arg;
	if (h->n == h->room) {
		size_t room = h->room ? h->room * 2 : 8;
		struct optout *rows = realloc(h->rows, room * sizeof(*rows));
		if (!rows)
			return E_NOMEM;
		h->rows = rows;
		h->room = room;
	}
	h->rows[h->n++] = *o;
	return 0;
}

static int lift_row(struct tick *t, const struct optout *o, const struct consent_proof *p)
{
	int r = optout_lift(t, o, tick_seq(t), t->in.now_ms);
	if (!r)
		r = consent_record(t, o->address, o->scope, "opted_in", p);
	return r ? r : note(t, o->address, "consent.opt-in", o->scope, p);
}

int consent_opt_in(struct tick *t, int64_t address, const char *scope, const struct consent_proof *proof, bool *ret_new)
{
	const struct consent_proof *p = proof ? proof : &no_proof;
	if (!optout_scope_valid(scope))
		return E_INVALID;
	if (strcmp(scope, "all") == 0) {
		struct optout o;
		int found = optout_holding(&t->in, address, "all", &o);
		if (ret_new && (!found || found == E_NOT_FOUND))
			*ret_new = !found;
		return found == E_NOT_FOUND ? 0 : found ? found : consent_ease_all(t, address);
	}
	struct held h = { 0 };
	int r = optout_each_holding(&t->in, address, gather, &h);
	bool any = false;
	for (size_t i = 0; !r && i < h.n; i++)
		if (lifts(scope, h.rows[i].scope)) {
			r = lift_row(t, &h.rows[i], p);
			any = true;
		}
	free(h.rows);
	if (!r && !any)
		r = consent_record(t, address, scope, "opted_in", p);
	if (!r && ret_new)
		*ret_new = any;
	return r;
}

int consent_take_back(struct tick *t, int64_t address, const char *scope, const struct consent_proof *proof)
{
	struct optout o;
	int r = optout_holding(&t->in, address, scope, &o);
	return r == E_NOT_FOUND ? 0 : r ? r : lift_row(t, &o, proof ? proof : &no_proof);
}

int consent_ease_all(struct tick *t, int64_t address)
{
	struct optout o;
	int r = optout_holding(&t->in, address, "all", &o);
	if (r)
		return r == E_NOT_FOUND ? 0 : r;
	bool is_new;
	r = lift_row(t, &o, &no_proof);
	return r ? r : consent_opt_out(t, address, "campaign", &no_proof, &is_new);
}

int consent_scopes(const struct scope *in, int64_t address, char *ret, size_t room)
{
	return optout_summary(in, address, ret, room);
}

bool consent_stops(const char *off, enum message_class class, const char *topic)
{
	if (!off || !*off || class == CLASS_OPTOUT_ACK || class == CLASS_EMERGENCY)
		return false;
	if (strstr(off, " all ") && !MUTANT(OPT_OUT_ONE_TOPIC))
		return true;
	if (!message_class_is_bulk(class))
		return false;
	if (strstr(off, " campaign "))
		return true;
	char scope[OPTOUT_SCOPE_BYTES + 2];
	if (!topic || !*topic)
		return false;
	snprintf(scope, sizeof(scope), " topic:%s ", topic);
	return strstr(off, scope) != NULL;
}

/* ---- consent show, opt-out, opt-in ---- */

static int basis_json(const struct scope *in, int64_t address, json_t **ret)
{
	struct statement *st = store_prepare(in->db, &consent_module, CONSENT_BASIS);
	bind_int(st, "$address", address);
	int r = store_row(st);
	*ret = r > 0 ? json_string(column_text(st, 0)) : json_null();
	store_reset(st);
	return r < 0 ? r : 0;
}

static json_t *scope_json(const struct scope *in, struct statement *st)
{
	char at[CALENDAR_ISO_BYTES];
	calendar_format_iso(in->zone, column_int(st, 2), at);
	return json_pack("{s:s,s:s,s:s,s:s?,s:s?}", "scope", column_text(st, 0), "state", column_text(st, 1), "at", at, "channel",
			 column_text(st, 3), "text", column_text(st, 4));
}

/* A line of the record: who it was is told by pseudonym. */
static json_t *line_json(const struct scope *in, struct statement *st, const void *arg)
{
	(void)arg;
	char person[24];
	address_pseudonym(column_int(st, 6), person);
	OWN(json) json_t *line = scope_json(in, st);
	OWN(json) json_t *who = json_pack("{s:I,s:s,s:s?}", "id", (json_int_t)column_int(st, 5), "person", person, "actor", column_text(st, 7));
	return line && who && !json_object_update(line, who) ? json_incref(line) : NULL;
}

/* All that was said, newest first; what is older than HISTORY_MOST lines consent.list has. */
static int history_json(const struct scope *in, int64_t address, json_t **ret)
{
	OWN(json) json_t *lines = json_array();
	struct statement *st = store_prepare(in->db, &consent_module, CONSENT_HISTORY);
	bind_int(st, "$address", address);
	bind_int(st, "$limit", HISTORY_MOST);
	int r;
	while ((r = store_row(st)) > 0)
		if (json_array_append_new(lines, line_json(in, st, NULL))) {
			r = E_NOMEM;
			break;
		}
	store_reset(st);
	if (!r)
		*ret = MOVE(lines);
	return r;
}

static int consent_json(const struct scope *in, int64_t address, json_t **ret)
{
	OWN(json) json_t *scopes = json_array();
	struct statement *st = store_prepare(in->db, &consent_module, CONSENT_OF_ADDRESS);
	bind_int(st, "$address", address);
	int r;
	while ((r = store_row(st)) > 0)
		if (json_array_append_new(scopes, scope_json(in, st))) {
			r = E_NOMEM;
			break;
		}
	store_reset(st);
	OWN(json) json_t *basis = NULL, *history = NULL;
	if (!r)
		r = basis_json(in, address, &basis);
	if (!r)
		r = history_json(in, address, &history);
	if (r)
		return r;
	char person[24];
	address_pseudonym(address, person);
	*ret = json_pack("{s:s,s:O,s:O,s:O}", "person", person, "basis", basis, "scopes", scopes, "history", history);
	return *ret ? 0 : E_NOMEM;
}

static int bad_scope(struct refusal *why)
{
	return refuse(why, E_INVALID, 422, "not_a_choice", "scope", "scope is campaign, all, or topic: and a code.");
}

static int list_query(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	const char *scope = json_str(c->args, "scope", NULL);
	if (scope && !optout_scope_valid(scope))
		return bad_scope(why);
	int64_t after = json_int(c->args, "after", 0);
	struct statement *st = store_prepare(in->db, &consent_module, CONSENT_LIST);
	bind_int(st, "$before", after > 0 ? after : INT64_MAX);
	bind_text(st, "$state", json_str(c->args, "state", NULL));
	bind_text(st, "$scope", scope);
	bind_text(st, "$unit", c->unit ? c->unit : "");
	return page_read(in, c, st, 5, line_json, NULL, ret, ret_next);
}

static int unknown_number(struct refusal *why)
{
	return refuse(why, E_NOT_FOUND, 404, "not_found", "number", "Nothing is known of this number.");
}

/* How many people have this number, and how many of them are of the caller's territory. */
static int count_whose(const struct scope *in, const struct call *c, int64_t address, int64_t *ret_all, int64_t *ret_here)
{
	struct statement *st = store_prepare(in->db, &consent_module, CONSENT_WHOSE);
	bind_int(st, "$address", address);
	bind_text(st, "$unit", c->unit ? c->unit : "");
	int r = store_row(st);
	*ret_all = r > 0 ? column_int(st, 0) : 0;
	*ret_here = r > 0 ? column_int(st, 1) : 0;
	store_reset(st);
	return r < 0 ? r : 0;
}

/* A number that is known in other territories alone is not known here. */
static int check_territory(const struct scope *in, const struct call *c, int64_t address, struct refusal *why)
{
	int64_t all, here;
	int r = count_whose(in, c, address, &all, &here);
	return r ? r : c->unit && *c->unit && all && !here ? unknown_number(why) : 0;
}

/* 1 where the caller may see the whole record, 0 where nobody of the territory has this number, or an error. */
static int is_here(const struct scope *in, const struct call *c, int64_t address)
{
	int64_t all, here;
	if (!c->unit || !*c->unit)
		return 1;
	int r = count_whose(in, c, address, &all, &here);
	return r ? r : here > 0;
}

static int show_query(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	(void)ret_next;
	int64_t address;
	int r = address_find(in, json_str(c->args, "number", ""), &address);
	if (r == E_NOT_FOUND)
		return unknown_number(why);
	r = r ? r : check_territory(in, c, address, why);
	return r ? r : consent_json(in, address, ret);
}

/* The address of the argument, made when new: a stop is kept for numbers that nobody has imported yet. */
static int take_address(struct tick *t, const struct call *c, int64_t *ret, struct refusal *why)
{
	struct phone phone;
	if (phone_parse(&t->in.config->plan, json_str(c->args, "number", ""), &phone, NULL) || !phone_can_receive(&phone))
		return refuse(why, E_INVALID, 422, "bad_number", "number", "This is not the number of a phone.");
	return address_put(t, &phone, ret);
}

/* The scope with its topic as campaigns are compared by it. strict: a topic that does not exist is a mistake; one that is no longer
 * there can still be lifted. */
static int read_scope(struct tick *t, const struct call *c, bool strict, char ret[OPTOUT_SCOPE_BYTES], struct refusal *why)
{
	const char *scope = json_str(c->args, "scope", "campaign"), *code = NULL;
	const struct wiring *w = t->core->wiring;
	bool valid = optout_scope_valid(scope), topic = valid && strncmp(scope, "topic:", 6) == 0 && w->topic;
	if (topic)
		code = w->topic(&t->in, scope + 6);
	if (topic && !code && strict)
		return refuse(why, E_INVALID, 422, "not_a_choice", "scope", "There is no topic of this code.");
	if (valid) {
		snprintf(ret, OPTOUT_SCOPE_BYTES, "%s%s", code ? "topic:" : "", code ? code : scope);
		return 0;
	}
	return bad_scope(why);
}

/* The record as it looks for a number of which nothing was known before. */
static int fresh_json(const struct tick *t, const char *scope, const struct consent_proof *proof, json_t **ret)
{
	char at[CALENDAR_ISO_BYTES];
	calendar_format_iso(t->in.zone, t->in.now_ms, at);
	*ret = json_pack("{s:n,s:n,s:[{s:s,s:s,s:s,s:n,s:s?}]}", "person", "basis", "scopes", "scope", scope, "state", "opted_out", "at", at, "channel",
			 "text", proof->text);
	return *ret ? 0 : E_NOMEM;
}

/* Whoever hears a stop takes it, also from people of elsewhere; the answer does not tell that they are. */
static int opt_out_command(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	int64_t address;
	char scope[OPTOUT_SCOPE_BYTES];
	int r = read_scope(t, c, true, scope, why);
	if (!r)
		r = take_address(t, c, &address, why);
	int here = r ? r : is_here(&t->in, c, address);
	if (here < 0)
		return here;
	struct consent_proof proof = { .text = json_str(c->args, "proof", NULL), .actor = c->actor };
	r = consent_opt_out(t, address, scope, &proof, NULL);
	return r ? r : here ? consent_json(&t->in, address, ret) : fresh_json(t, scope, &proof, ret);
}

static int opt_in_command(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	int64_t address;
	char scope[OPTOUT_SCOPE_BYTES];
	int r = read_scope(t, c, false, scope, why);
	if (!r)
		r = take_address(t, c, &address, why);
	r = r ? r : check_territory(&t->in, c, address, why);
	if (r)
		return r;
	struct consent_proof proof = { .text = json_str(c->args, "proof", NULL), .actor = c->actor };
	r = consent_opt_in(t, address, scope, &proof, NULL);
	return r ? r : consent_json(&t->in, address, ret);
}

#define NUMBER_ARG { .name = "number", .type = ARG_PHONE, .rank = 1, .required = true, .help_en = "telephone number", .help_vi = "số điện thoại" }
#define SCOPE_ARG                                                                                                       \
	{ .name = "scope", .type = ARG_TEXT, .max = 72, .otherwise = "campaign", .help_en = "campaign, all or topic:CODE", \
	  .help_vi = "campaign, all hoặc topic:MÃ" }
static const struct verb_arg show_args[] = { NUMBER_ARG };
static const struct verb_arg opt_out_args[] = {
	NUMBER_ARG,
	SCOPE_ARG,
	{ .name = "proof", .type = ARG_TEXT, .max = 1000, .help_en = "how the person said so", .help_vi = "người dân đã nói thế nào" },
};
static const struct verb_arg opt_in_args[] = {
	NUMBER_ARG,
	SCOPE_ARG,
	{ .name = "proof", .type = ARG_TEXT, .required = true, .min = 1, .max = 1000, .help_en = "proof that the person agreed",
	  .help_vi = "bằng chứng người dân đồng ý" },
};

static const char *const states[] = { "opted_out", "opted_in", NULL };
static const struct verb_arg list_args[] = {
	{ .name = "state", .type = ARG_TEXT, .choices = states, .help_en = "refusals or agreements only", .help_vi = "chỉ từ chối hoặc đồng ý" },
	{ .name = "scope", .type = ARG_TEXT, .max = 72, .help_en = "of this scope only", .help_vi = "chỉ phạm vi này" },
};

static const struct verb verbs[] = {
	{ .noun = "consent", .name = "show", .kind = VERB_QUERY, .roles = R_(OUTREACH) | R_(SECRETARY), VERB_ARGS(show_args),
	  .help_en = "what a number agreed to or refused", .help_vi = "số này đã đồng ý hay từ chối những gì", .query = show_query },
	{ .noun = "consent", .name = "list", .kind = VERB_QUERY, .roles = R_(OUTREACH) | R_(SECRETARY) | R_(AUDITOR), .list = true, VERB_ARGS(list_args),
	  .help_en = "who refused and who agreed, newest first", .help_vi = "ai từ chối, ai đồng ý, mới nhất trước", .query = list_query },
	{ .noun = "consent", .name = "opt-out", .kind = VERB_COMMAND, .roles = R_(OUTREACH) | R_(SECRETARY) | R_(REVIEWER),
	  VERB_ARGS(opt_out_args), .help_en = "stop messages to a number", .help_vi = "dừng gửi tin tới một số", .command = opt_out_command },
	{ .noun = "consent", .name = "opt-in", .kind = VERB_COMMAND, .roles = R_(OUTREACH), VERB_ARGS(opt_in_args),
	  .help_en = "lift an opt-out, with proof", .help_vi = "nhận tin lại, có bằng chứng", .command = opt_in_command },
};
const struct verb_table consent_verbs = VERB_TABLE(verbs);
