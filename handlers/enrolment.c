/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables enrolment and enrolment_event. Called by signup.c and signupdesk.c; sends nothing. */
#include "handlers/enrolment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/store/store.h"
#include "handlers/codespace.h"
#include "handlers/damm.h"

static const struct {
	const char *name, *words;
	unsigned next; /* bits of the states it may move to */
} states[ENROLMENT_STATES] = {
#define TO(s) (1u << ENROLMENT_##s)
#define DECIDED (TO(ELIGIBLE) | TO(NOT_ELIGIBLE))
	[ENROLMENT_RECEIVED] = { "received", "da nhan, cho xac nhan", TO(CONFIRMED) | TO(VISITED) | TO(WITHDRAWN) },
	[ENROLMENT_CONFIRMED] = { "confirmed", "cho can bo den xac minh", TO(RECEIVED) | TO(VISITED) | TO(WITHDRAWN) },
	[ENROLMENT_VISITED] = { "visited", "da xac minh, cho ket qua", DECIDED | TO(RECEIVED) | TO(WITHDRAWN) },
	[ENROLMENT_ELIGIBLE] = { "eligible", "du dieu kien", TO(NOTIFIED) | TO(CLOSED) | DECIDED },
	[ENROLMENT_NOT_ELIGIBLE] = { "not_eligible", "khong du dieu kien", TO(NOTIFIED) | TO(CLOSED) | DECIDED },
	[ENROLMENT_NOTIFIED] = { "notified", "da bao ket qua", TO(CLOSED) | DECIDED },
	[ENROLMENT_CLOSED] = { "closed", "da ket thuc", DECIDED },
	[ENROLMENT_WITHDRAWN] = { "withdrawn", "da rut", TO(RECEIVED) },
#undef DECIDED
#undef TO
};

enum {
	ENROLMENT_NEW,
	ENROLMENT_BY_ID,
	ENROLMENT_BY_DIGITS,
	ENROLMENT_OF_NUMBER,
	ENROLMENT_OF_HOUSEHOLD,
	ENROLMENT_OF_ADDRESS,
	ENROLMENT_WRITE,
	ENROLMENT_MOVE,
	ENROLMENT_DECIDE,
	ENROLMENT_WANT,
	ENROLMENT_EVENT,
	ENROLMENT_SQL_COUNT
};
#define ROW "SELECT e.id, e.programme, e.code, e.state, e.head, e.fold, e.hamlet, e.place, e.unit, e.address, e.person, e.channel, e.received_at," \
	    " e.changed_at, e.visit_due_at, e.result FROM enrolment e "
static const char *const enrolment_sql[ENROLMENT_SQL_COUNT] = {
	[ENROLMENT_NEW] = "INSERT INTO enrolment (programme, code, digits, state, head, fold, hamlet, place, unit, address, person, channel,"
			  " received_at, visit_due_at, changed_at) VALUES ($programme, $code, $digits, 'received', $head, $fold, $hamlet, $place,"
			  " $unit, $address, $person, $channel, $now, $visit, $now)",
	[ENROLMENT_BY_ID] = ROW "WHERE e.id = $id",
	[ENROLMENT_BY_DIGITS] = ROW "WHERE e.digits = $digits",
	[ENROLMENT_OF_NUMBER] = ROW "WHERE e.address = $address AND e.programme = $programme AND e.fold = $fold ORDER BY e.id LIMIT 1",
	[ENROLMENT_OF_HOUSEHOLD] = ROW "WHERE e.programme = $programme AND e.fold = $fold AND e.place = $place ORDER BY e.id LIMIT 1",
	[ENROLMENT_OF_ADDRESS] = ROW "WHERE e.address = $address AND e.state <> 'withdrawn' ORDER BY e.id DESC LIMIT 1",
	[ENROLMENT_WRITE] = "UPDATE enrolment SET head = $head, fold = $fold, hamlet = $hamlet, place = $place, unit = $unit, address = $address,"
			    " person = $person, version = version + 1 WHERE id = $id",
	[ENROLMENT_MOVE] = "UPDATE enrolment SET state = $to, changed_at = $now, visit_due_at = $visit, version = version + 1,"
			   " visited_at = CASE WHEN $to = 'visited' THEN $now ELSE visited_at END WHERE id = $id AND state = $from",
	[ENROLMENT_DECIDE] = "UPDATE enrolment SET result = $result, reason = $reason, decided_at = $now WHERE id = $id",
	[ENROLMENT_WANT] = "UPDATE enrolment SET wants_person = $why, version = version + 1 WHERE id = $id",
	[ENROLMENT_EVENT] = "INSERT INTO enrolment_event (enrolment, at, what, who, text, message, inbound)"
			    " VALUES ($id, $now, $what, $who, $text, $message, $inbound)",
};
const struct sql_module enrolment_module = { "enrolment", enrolment_sql, ENROLMENT_SQL_COUNT };

/* ---- states ---- */

const char *enrolment_state_name(enum enrolment_state s)
{
	return states[s].name;
}

const char *enrolment_state_words(enum enrolment_state s)
{
	return states[s].words;
}

int enrolment_state_parse(const char *name, enum enrolment_state *ret)
{
	for (int i = 0; i < ENROLMENT_STATES; i++)
		if (strcmp(name, states[i].name) == 0) {
			*ret = (enum enrolment_state)i;
			return 0;
		}
	return E_INVALID;
}

bool enrolment_may_move(enum enrolment_state from, enum enrolment_state to)
{
	return (states[from].next & (1u << to)) != 0;
}

bool enrolment_is_open(enum enrolment_state s)
{
	return s == ENROLMENT_RECEIVED || s == ENROLMENT_CONFIRMED || s == ENROLMENT_VISITED || s == ENROLMENT_WITHDRAWN;
}

/* ---- reading ---- */

static void copy_text(char *to, size_t room, const char *from)
{
	snprintf(to, room, "%s", from ? from : "");
}

/* The row a statement stands on, or E_NOT_FOUND; resets it. */
static int take_row(struct statement *st, struct enrolment *ret)
{
	int r = store_row(st);
	if (r > 0) {
		struct enrolment e = { .id = column_int(st, 0), .address = column_int(st, 9), .person = column_int(st, 10),
				       .received_at = column_int(st, 12), .changed_at = column_int(st, 13), .visit_due_at = column_int(st, 14) };
		copy_text(e.programme, sizeof(e.programme), column_text(st, 1));
		copy_text(e.code, sizeof(e.code), column_text(st, 2));
		copy_text(e.head, sizeof(e.head), column_text(st, 4));
		copy_text(e.fold, sizeof(e.fold), column_text(st, 5));
		copy_text(e.hamlet, sizeof(e.hamlet), column_text(st, 6));
		copy_text(e.place, sizeof(e.place), column_text(st, 7));
		copy_text(e.unit, sizeof(e.unit), column_text(st, 8));
		copy_text(e.channel, sizeof(e.channel), column_text(st, 11));
		copy_text(e.result, sizeof(e.result), column_text(st, 15));
		r = enrolment_state_parse(column_text(st, 3), &e.state) ? E_CORRUPT : 0;
		if (!r)
			*ret = e;
	} else if (r == 0) {
		r = E_NOT_FOUND;
	}
	store_reset(st);
	return r;
}

int enrolment_get(const struct scope *in, int64_t id, struct enrolment *ret)
{
	struct statement *st = store_prepare(in->db, &enrolment_module, ENROLMENT_BY_ID);
	bind_int(st, "$id", id);
	return take_row(st, ret);
}

int enrolment_by_digits(const struct scope *in, const char *digits, struct enrolment *ret)
{
	if (!damm_valid(digits))
		return E_NOT_FOUND;
	struct statement *st = store_prepare(in->db, &enrolment_module, ENROLMENT_BY_DIGITS);
	bind_text(st, "$digits", digits);
	return take_row(st, ret);
}

int enrolment_find(const struct scope *in, const char *id_or_code, struct enrolment *ret)
{
	size_t letters = strcspn(id_or_code, "0123456789"), n = strlen(id_or_code + letters);
	const char *digits = id_or_code + letters;
	if ((letters && letters != 2) || !n || n > 15 || strspn(digits, "0123456789") != n)
		return E_NOT_FOUND;
	int r = n >= 6 && n <= 8 ? enrolment_by_digits(in, digits, ret) : E_NOT_FOUND;
	return r == E_NOT_FOUND && !letters ? enrolment_get(in, strtoll(digits, NULL, 10), ret) : r;
}

int enrolment_household(const struct scope *in, const char *programme, int64_t address, const char *fold, const char *place, struct enrolment *ret)
{
	int r = E_NOT_FOUND;
	if (address) {
		struct statement *st = store_prepare(in->db, &enrolment_module, ENROLMENT_OF_NUMBER);
		bind_int(st, "$address", address);
		bind_text(st, "$programme", programme);
		bind_text(st, "$fold", fold);
		r = take_row(st, ret);
	}
	if (r != E_NOT_FOUND || !*place || !*fold)
		return r;
	struct statement *st = store_prepare(in->db, &enrolment_module, ENROLMENT_OF_HOUSEHOLD);
	bind_text(st, "$programme", programme);
	bind_text(st, "$fold", fold);
	bind_text(st, "$place", place);
	return take_row(st, ret);
}

int enrolment_of_address(const struct scope *in, int64_t address, struct enrolment *ret)
{
	struct statement *st = store_prepare(in->db, &enrolment_module, ENROLMENT_OF_ADDRESS);
	bind_int(st, "$address", address);
	return take_row(st, ret);
}

/* ---- writing ---- */

static void bind_optional(struct statement *st, const char *name, int64_t value)
{
	if (value)
		bind_int(st, name, value);
	else
		bind_null(st, name);
}

static void bind_household(struct statement *st, const struct enrolment *e)
{
	bind_text(st, "$head", e->head);
	bind_text(st, "$fold", e->fold);
	bind_text(st, "$hamlet", e->hamlet);
	bind_text(st, "$place", e->place);
	bind_text(st, "$unit", *e->unit ? e->unit : NULL);
	bind_optional(st, "$address", e->address);
	bind_optional(st, "$person", e->person);
}

int enrolment_event(struct tick *t, int64_t id, const char *what, const char *who, const char *text, int64_t message, int64_t inbound)
{
	struct statement *st = store_prepare(t->in.db, &enrolment_module, ENROLMENT_EVENT);
	bind_int(st, "$id", id);
	bind_int(st, "$now", t->in.now_ms);
	bind_text(st, "$what", what);
	bind_text(st, "$who", who);
	bind_text(st, "$text", text && *text ? text : NULL);
	bind_optional(st, "$message", message);
	bind_optional(st, "$inbound", inbound);
	int r = store_run(st);
	if (!r)
		tick_changed(t, "signup");
	return r;
}

int enrolment_new(struct tick *t, struct enrolment *e, const char *prefix, int visit_days, const char *who, const char *text, int64_t inbound)
{
	char digits[CODESPACE_DIGITS_BYTES];
	int r = codespace_draw(t, inbound, digits);
	if (r)
		return r;
	e->state = ENROLMENT_RECEIVED;
	e->received_at = e->changed_at = t->in.now_ms;
	e->visit_due_at = t->in.now_ms + visit_days * ENROLMENT_DAY_MS;
	snprintf(e->code, sizeof(e->code), "%.2s%s", prefix, digits);
	struct statement *st = store_prepare(t->in.db, &enrolment_module, ENROLMENT_NEW);
	bind_household(st, e);
	bind_text(st, "$programme", e->programme);
	bind_text(st, "$code", e->code);
	bind_text(st, "$digits", digits);
	bind_text(st, "$channel", *e->channel ? e->channel : NULL);
	bind_int(st, "$now", t->in.now_ms);
	bind_int(st, "$visit", e->visit_due_at);
	r = store_run(st);
	if (r)
		return r;
	e->id = store_last_id(t->in.db);
	return enrolment_event(t, e->id, "received", who, text, 0, inbound);
}

int enrolment_write(struct tick *t, const struct enrolment *e)
{
	struct statement *st = store_prepare(t->in.db, &enrolment_module, ENROLMENT_WRITE);
	bind_household(st, e);
	bind_int(st, "$id", e->id);
	int r = store_run(st);
	if (!r)
		tick_changed(t, "signup");
	return r;
}

int enrolment_move(struct tick *t, struct enrolment *e, enum enrolment_state to)
{
	if (!enrolment_may_move(e->state, to))
		return E_REFUSED;
	bool waits = to == ENROLMENT_RECEIVED || to == ENROLMENT_CONFIRMED;
	int64_t visit = waits ? e->visit_due_at : 0;
	struct statement *st = store_prepare(t->in.db, &enrolment_module, ENROLMENT_MOVE);
	bind_int(st, "$id", e->id);
	bind_text(st, "$from", states[e->state].name);
	bind_text(st, "$to", states[to].name);
	bind_int(st, "$now", t->in.now_ms);
	bind_optional(st, "$visit", visit);
	int r = store_run(st);
	if (!r && store_changes(t->in.db) != 1)
		r = E_REFUSED;
	if (r)
		return r;
	e->state = to;
	e->changed_at = t->in.now_ms;
	e->visit_due_at = visit;
	tick_changed(t, "signup");
	return 0;
}

int enrolment_decide(struct tick *t, struct enrolment *e, enum enrolment_state result, const char *reason)
{
	int r = enrolment_move(t, e, result);
	if (r)
		return r;
	struct statement *st = store_prepare(t->in.db, &enrolment_module, ENROLMENT_DECIDE);
	bind_int(st, "$id", e->id);
	bind_text(st, "$result", states[result].name);
	bind_text(st, "$reason", reason);
	bind_int(st, "$now", t->in.now_ms);
	snprintf(e->result, sizeof(e->result), "%s", states[result].name);
	return store_run(st);
}

int enrolment_want_person(struct tick *t, int64_t id, const char *why)
{
	struct statement *st = store_prepare(t->in.db, &enrolment_module, ENROLMENT_WANT);
	bind_int(st, "$id", id);
	bind_text(st, "$why", why);
	int r = store_run(st);
	if (!r)
		tick_changed(t, "signup");
	return r;
}
