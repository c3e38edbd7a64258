/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables casefile and case_event. Called by feedback.c, status.c and review.c; sends nothing. */
#include "handlers/casefile.h"

#include <string.h>

#include "config/config.h"
#include "gateway/base/json.h"
#include "gateway/contact.h"
#include "gateway/store/store.h"
#include "handlers/caseclock.h"
#include "handlers/caselist.h"
#include "handlers/codespace.h"
#include "handlers/damm.h"

enum {
	CASEFILE_NEW,
	CASEFILE_BY_ID,
	CASEFILE_BY_CODE,
	CASEFILE_KNOWN_AS,
	CASEFILE_SAME,
	CASEFILE_OF_ADDRESS,
	CASEFILE_MOVE,
	CASEFILE_MOVED,
	CASEFILE_CLIMB,
	CASEFILE_ANEW,
	CASEFILE_COMPLETE,
	CASEFILE_REFILE,
	CASEFILE_HIDE,
	CASEFILE_EVENT,
	CASEFILE_EVENTS_SINCE,
	CASEFILE_PERSON,
	CASEFILE_SQL_COUNT
};
#define ROW "SELECT c.id, c.code, c.state, c.restricted, c.unit, c.address, c.person, c.channel, c.received_at, c.due_at, c.changed_at, c.kind," \
	    " c.assigned, c.referred, c.accused, c.merged_into, c.reopened, c.promised_at FROM casefile c "
static const char *const casefile_sql[CASEFILE_SQL_COUNT] = {
	[CASEFILE_NEW] = "INSERT INTO casefile (code, state, topic, topics, kind, urgency, restricted, unit, address, person, channel,"
			 " received_at, due_at, sorry_at, step_due_at, text, fold, changed_at) VALUES ($code, 'received', $topic, $topics, $kind,"
			 " $urgency, $restricted, $unit, $address, $person, $channel, $now, $due, $sorry, $step, $text, $fold, $now)",
	[CASEFILE_BY_ID] = ROW "WHERE c.id = $id",
	[CASEFILE_BY_CODE] = ROW "WHERE c.code = $code",
	[CASEFILE_KNOWN_AS] = "SELECT c.code FROM casefile c WHERE c.merged_into = $id AND c.address = $address ORDER BY c.id LIMIT 1",
	[CASEFILE_SAME] = ROW "WHERE c.address = $address AND c.received_at > $since AND c.fold = $fold ORDER BY c.received_at, c.id LIMIT 1",
	[CASEFILE_OF_ADDRESS] = ROW "WHERE c.id = (SELECT coalesce(m.id, o.id) FROM casefile o LEFT JOIN casefile m ON m.id = o.merged_into"
				" WHERE o.address = $address AND coalesce(m.state, o.state) <> 'closed'"
				" ORDER BY o.received_at DESC, o.id DESC LIMIT 1)",
	[CASEFILE_MOVE] = "UPDATE casefile SET state = $to, changed_at = $now, step_due_at = $step, wait_at = $wait, version = version + 1,"
			  " raised = CASE WHEN $to = 'escalated' THEN 1 ELSE raised END WHERE id = $id AND state = $from",
	[CASEFILE_MOVED] = "INSERT INTO case_move (casefile, at, state_was, state, unit_was, unit, due_at)"
			   " VALUES ($id, $now, $state_was, $state, $unit_was, $unit, $due)",
	[CASEFILE_ANEW] = "UPDATE casefile SET due_at = $due, sorry_at = $sorry WHERE id = $id AND due_at < $due",
	[CASEFILE_CLIMB] = "UPDATE casefile SET reopened = reopened + 1, raised = 1 WHERE id = $id",
	[CASEFILE_COMPLETE] = "UPDATE casefile SET text = $text, fold = $fold, changed_at = $now, version = version + 1 WHERE id = $id",
	[CASEFILE_REFILE] = "UPDATE casefile SET topic = $topic, topics = $topics, urgency = $urgency, restricted = $restricted, changed_at = $now,"
			    " version = version + 1 WHERE id = $id",
	[CASEFILE_HIDE] = "UPDATE casefile SET restricted = 1, version = version + 1 WHERE restricted = 0 AND id IN (" CASEFILE_TOGETHER ")",
	[CASEFILE_EVENT] = "INSERT INTO case_event (casefile, at, what, who, text, message, inbound)"
			   " VALUES ($id, $now, $what, $who, $text, $message, $inbound)",
	[CASEFILE_EVENTS_SINCE] = "SELECT count(*) FROM case_event WHERE casefile = $id AND what = $what AND at > $since",
	[CASEFILE_PERSON] = "SELECT id, unit, language FROM person WHERE id = (SELECT min(p.id) FROM person p WHERE"
			    " p.address = $address AND " CONTACT_VISIBLE("p.import") ")",
};
const struct sql_module casefile_module = { "casefile", casefile_sql, CASEFILE_SQL_COUNT };

static void copy_text(char *to, size_t room, const char *from)
{
	snprintf(to, room, "%s", from ? from : "");
}

/* The row a statement stands on, or E_NOT_FOUND; resets it. */
static int take_row(struct statement *st, struct casefile *ret)
{
	int r = store_row(st);
	if (r > 0) {
		struct casefile c = { .id = column_int(st, 0), .restricted = column_int(st, 3) != 0, .address = column_int(st, 5),
				      .person = column_int(st, 6), .received_at = column_int(st, 8), .due_at = column_int(st, 9),
				      .changed_at = column_int(st, 10), .merged_into = column_int(st, 15), .reopened = column_int(st, 16),
				      .promised_at = column_int(st, 17) };
		copy_text(c.code, sizeof(c.code), column_text(st, 1));
		copy_text(c.unit, sizeof(c.unit), column_text(st, 4));
		copy_text(c.channel, sizeof(c.channel), column_text(st, 7));
		copy_text(c.kind, sizeof(c.kind), column_text(st, 11));
		copy_text(c.assigned, sizeof(c.assigned), column_text(st, 12));
		copy_text(c.referred, sizeof(c.referred), column_text(st, 13));
		copy_text(c.accused, sizeof(c.accused), column_text(st, 14));
		r = case_state_parse(column_text(st, 2), &c.state) ? E_CORRUPT : 0;
		if (!r)
			*ret = c;
	} else if (r == 0) {
		r = E_NOT_FOUND;
	}
	store_reset(st);
	return r;
}

int casefile_get(const struct scope *in, int64_t id, struct casefile *ret)
{
	struct statement *st = store_prepare(in->db, &casefile_module, CASEFILE_BY_ID);
	bind_int(st, "$id", id);
	return take_row(st, ret);
}

static int find_code(const struct scope *in, const char *digits, struct casefile *ret)
{
	char code[CASE_CODE_BYTES];
	snprintf(code, sizeof(code), "PA%s", digits);
	struct statement *st = store_prepare(in->db, &casefile_module, CASEFILE_BY_CODE);
	bind_text(st, "$code", code);
	return take_row(st, ret);
}

int casefile_find(const struct scope *in, const char *id_or_code, struct casefile *ret)
{
	bool named = (id_or_code[0] == 'P' || id_or_code[0] == 'p') && (id_or_code[1] == 'A' || id_or_code[1] == 'a');
	const char *digits = named ? id_or_code + 2 : id_or_code;
	size_t n = strlen(digits);
	if (!n || n > 15 || strspn(digits, "0123456789") != n)
		return E_NOT_FOUND;
	/* a code is told from an id by its check digit; a case of that code goes first */
	int r = E_NOT_FOUND;
	if (n >= 6 && n <= 8 && damm_valid(digits))
		r = find_code(in, digits, ret);
	return r == E_NOT_FOUND && !named ? casefile_get(in, strtoll(digits, NULL, 10), ret) : r;
}

int casefile_by_code(const struct scope *in, const char *digits, struct casefile *ret)
{
	return damm_valid(digits) ? find_code(in, digits, ret) : E_NOT_FOUND;
}

int casefile_follow(const struct scope *in, struct casefile *c)
{
	return c->merged_into ? casefile_get(in, c->merged_into, c) : 0;
}

int casefile_known_as(const struct scope *in, const struct casefile *c, int64_t address, char ret[CASE_CODE_BYTES])
{
	struct statement *st = store_prepare(in->db, &casefile_module, CASEFILE_KNOWN_AS);
	bind_int(st, "$id", c->id);
	bind_int(st, "$address", address);
	int r = c->address == address ? 0 : store_row(st);
	if (r >= 0)
		copy_text(ret, CASE_CODE_BYTES, r > 0 ? column_text(st, 0) : c->code);
	store_reset(st);
	return r < 0 ? r : 0;
}

static struct statement *bind_of_address(const struct scope *in, int64_t address)
{
	struct statement *st = store_prepare(in->db, &casefile_module, CASEFILE_OF_ADDRESS);
	bind_int(st, "$address", address);
	return st;
}

int casefile_of_address(const struct scope *in, int64_t address, struct casefile *ret)
{
	return take_row(bind_of_address(in, address), ret);
}

void casefile_of_address_ahead(const struct scope *in, int64_t address)
{
	store_ahead(bind_of_address(in, address));
}

static struct statement *bind_same(const struct scope *in, int64_t address, const char *fold)
{
	struct statement *st = store_prepare(in->db, &casefile_module, CASEFILE_SAME);
	bind_int(st, "$address", address);
	bind_int(st, "$since", in->now_ms - CASE_DAY_MS);
	bind_text(st, "$fold", fold);
	return st;
}

void casefile_same_ahead(const struct scope *in, int64_t address, const char *fold)
{
	store_ahead(bind_same(in, address, fold));
}

static int find_same(struct tick *t, const struct casefile_new *n, struct casefile *ret)
{
	int r = take_row(bind_same(&t->in, n->address, n->fold), ret);
	r = r ? r : casefile_follow(&t->in, ret);
	return r ? r : caselist_seen(&t->in, ret->id, n->territory);
}

static void bind_optional(struct statement *st, const char *name, int64_t value)
{
	if (value)
		bind_int(st, name, value);
	else
		bind_null(st, name);
}

int casefile_event(struct tick *t, int64_t id, const char *what, const char *who, const char *text, int64_t message, int64_t inbound)
{
	struct statement *st = store_prepare(t->in.db, &casefile_module, CASEFILE_EVENT);
	bind_int(st, "$id", id);
	bind_int(st, "$now", t->in.now_ms);
	bind_text(st, "$what", what);
	bind_text(st, "$who", who);
	bind_text(st, "$text", text);
	bind_optional(st, "$message", message);
	bind_optional(st, "$inbound", inbound);
	int r = store_write_row(st);
	if (!r)
		tick_changed(t, "case");
	return r;
}

int casefile_events_since(const struct scope *in, int64_t id, const char *what, int64_t at_ms, int64_t *ret)
{
	struct statement *st = store_prepare(in->db, &casefile_module, CASEFILE_EVENTS_SINCE);
	bind_int(st, "$id", id);
	bind_text(st, "$what", what);
	bind_int(st, "$since", at_ms);
	int r = store_row(st);
	if (r > 0)
		*ret = column_int(st, 0);
	store_reset(st);
	return r < 0 ? r : 0;
}

static int insert(struct tick *t, const struct casefile_new *n, const char *code, int64_t due_at)
{
	OWN(json) json_t *topics = json_array();
	for (size_t i = 0; topics && i < COUNT_OF(n->topics) && n->topics[i]; i++)
		if (json_array_append_new(topics, json_string(n->topics[i])))
			return E_NOMEM;
	OWN(mem) char *topics_text = topics ? json_text(topics) : NULL;
	if (!topics_text)
		return E_NOMEM;
	struct statement *st = store_prepare(t->in.db, &casefile_module, CASEFILE_NEW);
	bind_text(st, "$code", code);
	bind_text(st, "$topic", n->topics[0]);
	bind_text(st, "$topics", topics_text);
	bind_text(st, "$kind", n->kind);
	bind_text(st, "$urgency", n->urgency);
	bind_int(st, "$restricted", n->restricted);
	bind_text(st, "$unit", n->unit && *n->unit ? n->unit : NULL);
	bind_optional(st, "$address", n->address);
	bind_optional(st, "$person", n->person);
	bind_text(st, "$channel", n->channel);
	bind_int(st, "$now", t->in.now_ms);
	bind_int(st, "$due", due_at);
	bind_int(st, "$sorry", caseclock_sorry(&t->in, due_at));
	bind_int(st, "$step", caseclock_step(&t->in, &(struct casefile){ .received_at = t->in.now_ms }, CASE_RECEIVED));
	bind_text(st, "$text", n->text);
	bind_text(st, "$fold", n->fold);
	return store_write_row(st);
}

int casefile_moved(struct tick *t, const struct casefile *was, const struct casefile *is)
{
	struct statement *st = store_prepare(t->in.db, &casefile_module, CASEFILE_MOVED);
	bind_int(st, "$id", is->id);
	bind_int(st, "$now", t->in.now_ms);
	bind_text(st, "$state_was", case_state_name(was->state));
	bind_text(st, "$state", case_state_name(is->state));
	bind_text(st, "$unit_was", was->unit);
	bind_text(st, "$unit", is->unit);
	bind_optional(st, "$due", was->due_at);
	return store_write_row(st);
}

/* What is opened again has as long for its answer as something new. */
static int begin_anew(struct tick *t, struct casefile *c)
{
	int64_t due_at = caseclock_add(&t->in, t->in.now_ms, CASE_ANSWER_DAYS);
	struct statement *st = store_prepare(t->in.db, &casefile_module, CASEFILE_ANEW);
	bind_int(st, "$id", c->id);
	bind_int(st, "$due", due_at);
	bind_int(st, "$sorry", caseclock_sorry(&t->in, due_at));
	int r = store_run(st);
	if (!r && c->due_at < due_at)
		c->due_at = due_at;
	return r;
}

int casefile_move(struct tick *t, struct casefile *c, enum case_state to)
{
	const struct casefile was = *c;
	if (!case_may_move(c->state, to))
		return E_REFUSED;
	struct statement *st = store_prepare(t->in.db, &casefile_module, CASEFILE_MOVE);
	bind_int(st, "$id", c->id);
	bind_text(st, "$from", case_state_name(c->state));
	bind_text(st, "$to", case_state_name(to));
	bind_int(st, "$now", t->in.now_ms);
	bind_optional(st, "$step", caseclock_step(&t->in, c, to));
	bind_optional(st, "$wait", caseclock_wait(&t->in, to));
	int r = store_run(st);
	if (!r && store_changes(t->in.db) != 1)
		r = E_REFUSED;
	if (r)
		return r;
	c->state = to;
	c->changed_at = t->in.now_ms;
	tick_changed(t, "case");
	r = casefile_moved(t, &was, c);
	return r || to != CASE_REOPENED ? r : begin_anew(t, c);
}

/* The same words again: a voice more of the case that has them. One that is over has not settled it: somebody looks again. */
static int join(struct tick *t, const struct casefile_new *n, struct casefile *found)
{
	int r = casefile_event(t, found->id, "joined", n->actor ? n->actor : "person", n->text, 0, n->inbound);
	return r || !case_may_move(found->state, CASE_REOPENED) ? r : casefile_move(t, found, CASE_REOPENED);
}

/* The row that was inserted last. */
static struct casefile made_of(struct tick *t, const struct casefile_new *n, const char *code, int64_t due_at)
{
	struct casefile c = { .id = store_last_id(t->in.db), .address = n->address, .person = n->person, .received_at = t->in.now_ms, .due_at = due_at,
			      .changed_at = t->in.now_ms, .state = CASE_RECEIVED, .restricted = n->restricted };
	copy_text(c.code, sizeof(c.code), code);
	copy_text(c.unit, sizeof(c.unit), n->unit);
	copy_text(c.channel, sizeof(c.channel), n->channel);
	copy_text(c.kind, sizeof(c.kind), n->kind);
	return c;
}

int casefile_open(struct tick *t, const struct casefile_new *n, struct casefile *ret, bool *ret_joined)
{
	char digits[CODESPACE_DIGITS_BYTES], code[CASE_CODE_BYTES];
	int r = n->address ? find_same(t, n, ret) : E_NOT_FOUND;
	if (r != E_NOT_FOUND) {
		r = r ? r : join(t, n, ret);
		if (!r)
			*ret_joined = true;
		return r;
	}
	int64_t due_at = caseclock_add(&t->in, t->in.now_ms, n->due_days ? n->due_days : CASE_ANSWER_DAYS);
	r = codespace_draw(t, n->inbound, digits);
	snprintf(code, sizeof(code), "PA%s", r ? "" : digits);
	r = r ? r : insert(t, n, code, due_at);
	struct casefile c = made_of(t, n, code, due_at);
	r = r ? r : casefile_event(t, c.id, "received", n->actor ? n->actor : "person", n->text, 0, n->inbound);
	if (r)
		return r;
	*ret = c;
	*ret_joined = false;
	return 0;
}

int casefile_climb(struct tick *t, struct casefile *c)
{
	int r = casefile_move(t, c, CASE_REOPENED);
	if (r)
		return r;
	struct statement *st = store_prepare(t->in.db, &casefile_module, CASEFILE_CLIMB);
	bind_int(st, "$id", c->id);
	r = store_run(st);
	if (!r)
		c->reopened++;
	return r;
}

int casefile_complete(struct tick *t, int64_t id, const char *text, const char *fold)
{
	struct statement *st = store_prepare(t->in.db, &casefile_module, CASEFILE_COMPLETE);
	bind_int(st, "$id", id);
	bind_text(st, "$text", text);
	bind_text(st, "$fold", fold);
	bind_int(st, "$now", t->in.now_ms);
	int r = store_run(st);
	if (!r)
		tick_changed(t, "case");
	return r;
}

int casefile_refile(struct tick *t, int64_t id, const char *topic, const char *urgency, bool restricted)
{
	char topics[32];
	snprintf(topics, sizeof(topics), "[\"%.15s\"]", topic);
	struct statement *st = store_prepare(t->in.db, &casefile_module, CASEFILE_REFILE);
	bind_int(st, "$id", id);
	bind_text(st, "$topic", topic);
	bind_text(st, "$topics", topics);
	bind_text(st, "$urgency", urgency);
	bind_int(st, "$restricted", restricted);
	bind_int(st, "$now", t->in.now_ms);
	int r = store_run(st);
	if (!r)
		tick_changed(t, "case");
	if (r || !restricted)
		return r;
	st = store_prepare(t->in.db, &casefile_module, CASEFILE_HIDE);
	bind_int(st, "$id", id);
	return store_run(st);
}

static struct statement *bind_person(const struct scope *in, int64_t address)
{
	struct statement *st = store_prepare(in->db, &casefile_module, CASEFILE_PERSON);
	bind_int(st, "$address", address);
	bind_int(st, "$seq", CONTACT_SEQ_ALL);
	return st;
}

void casefile_person_ahead(const struct scope *in, int64_t address)
{
	store_ahead(bind_person(in, address));
}

int casefile_person(const struct scope *in, int64_t address, struct case_person *ret)
{
	struct case_person p = { 0 };
	struct statement *st = bind_person(in, address);
	int r = store_row(st);
	if (r > 0) {
		p.id = column_int(st, 0);
		copy_text(p.unit, sizeof(p.unit), column_text(st, 1));
		copy_text(p.language, sizeof(p.language), column_text(st, 2));
	}
	store_reset(st);
	if (r >= 0)
		*ret = p;
	return r < 0 ? r : 0;
}
