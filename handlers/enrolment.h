/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A household that signed up for a programme: one row, one timeline. Written by signup.c (what people say) and signupdesk.c (what staff do);
 * every change of state goes through one table. Nothing is ever deleted. */
#ifndef CAUNOI_HANDLERS_ENROLMENT_H
#define CAUNOI_HANDLERS_ENROLMENT_H

#include <stdbool.h>

#include "gateway/tick.h"
#include "handlers/hamlets.h"
#include "handlers/household.h"

struct sql_module;

#define ENROLMENT_CODE_BYTES 16
#define ENROLMENT_DAY_MS (INT64_C(24) * 60 * 60 * 1000)

enum enrolment_state {
	ENROLMENT_RECEIVED,  /* not all of it may be known yet */
	ENROLMENT_CONFIRMED, /* the household said that it is right */
	ENROLMENT_VISITED,   /* somebody came and looked */
	ENROLMENT_ELIGIBLE,
	ENROLMENT_NOT_ELIGIBLE,
	ENROLMENT_NOTIFIED,  /* the result was texted */
	ENROLMENT_CLOSED,
	ENROLMENT_WITHDRAWN,
	ENROLMENT_STATES,
};
const char *enrolment_state_name(enum enrolment_state s);
MUST_CHECK int enrolment_state_parse(const char *name, enum enrolment_state *ret);
/* What villagers are told, unaccented. */
const char *enrolment_state_words(enum enrolment_state s);
bool enrolment_may_move(enum enrolment_state from, enum enrolment_state to);
/* Is a household that signs up again put into this row? Decided ones are told how far they are. */
bool enrolment_is_open(enum enrolment_state s);

struct enrolment {
	int64_t id, address, person, received_at, changed_at, visit_due_at;
	char programme[40], code[ENROLMENT_CODE_BYTES];
	enum enrolment_state state;
	char head[HOUSEHOLD_HEAD_BYTES], fold[HOUSEHOLD_HEAD_BYTES];
	char hamlet[HAMLET_BYTES], place[HAMLET_BYTES], unit[16], channel[40], result[16];
};

/* A row of e's programme, head, hamlet, unit, address, person and channel; e's id, code, state and times are set. prefix: of the code.
 * what: the event that begins its timeline; who: an actor or "person"; text and inbound may be NULL and 0. */
MUST_CHECK int enrolment_new(struct tick *t, struct enrolment *e, const char *prefix, int visit_days, const char *who, const char *text, int64_t inbound);
MUST_CHECK int enrolment_get(const struct scope *in, int64_t id, struct enrolment *ret);
/* By id or code ("NT503172", "503172", "12"). E_NOT_FOUND. */
MUST_CHECK int enrolment_find(const struct scope *in, const char *id_or_code, struct enrolment *ret);
/* By the digits of a code alone. E_NOT_FOUND. */
MUST_CHECK int enrolment_by_digits(const struct scope *in, const char *digits, struct enrolment *ret);
/* The row of the household: the same number and head, else the same head and hamlet ("" for either: no look). E_NOT_FOUND. */
MUST_CHECK int enrolment_household(const struct scope *in, const char *programme, int64_t address, const char *fold, const char *place, struct enrolment *ret);
/* The newest of an address that is not withdrawn. E_NOT_FOUND. */
MUST_CHECK int enrolment_of_address(const struct scope *in, int64_t address, struct enrolment *ret);
/* Writes head, fold, hamlet, place, unit and address as they are in e now. */
MUST_CHECK int enrolment_write(struct tick *t, const struct enrolment *e);
/* E_REFUSED when the table forbids the move. From VISITED on no visit is due; whoever goes back sets visit_due_at first. */
MUST_CHECK int enrolment_move(struct tick *t, struct enrolment *e, enum enrolment_state to);
MUST_CHECK int enrolment_decide(struct tick *t, struct enrolment *e, enum enrolment_state result, const char *reason);
/* why NULL: staff need not ask any more. */
MUST_CHECK int enrolment_want_person(struct tick *t, int64_t id, const char *why);
MUST_CHECK int enrolment_event(struct tick *t, int64_t id, const char *what, const char *who, const char *text, int64_t message, int64_t inbound);

extern const struct sql_module enrolment_module;

#endif
