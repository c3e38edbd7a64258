/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What people said, until it is answered: one row a case, one timeline. Opened by the handlers, moved by review.c as case_state.h
 * allows. Nothing is ever deleted. */
#ifndef CAUNOI_HANDLERS_CASEFILE_H
#define CAUNOI_HANDLERS_CASEFILE_H

#include <jansson.h>
#include <stdbool.h>

#include "gateway/scope.h"
#include "gateway/tick.h"
#include "handlers/case_state.h"

struct sql_module;

/* SQL: the ids of the case $id and of all that it was joined with. What the one says is read in the other, so they are hidden together. */
#define CASEFILE_TOGETHER                                                                                             \
	"SELECT k.id FROM casefile k WHERE k.id = (SELECT coalesce(h.merged_into, h.id) FROM casefile h WHERE h.id = $id)" \
	" UNION ALL SELECT k.id FROM casefile k WHERE k.merged_into = (SELECT coalesce(h.merged_into, h.id) FROM casefile h WHERE h.id = $id)"

#define CASE_CODE_BYTES 16
#define CASE_ANSWER_DAYS 15 /* working days until an answer is due */
#define CASE_PRIVACY_DAYS 2 /* working days until a request about personal data is acknowledged */

struct casefile {
	int64_t id, address, person, received_at, due_at, changed_at;
	char code[CASE_CODE_BYTES]; /* "PA482918" */
	enum case_state state;
	bool restricted;
	char unit[16], channel[40], kind[16];
	char assigned[34], referred[16], accused[16]; /* "" none */
	int64_t merged_into;                          /* 0 none */
	int64_t reopened;                             /* how often the villager disagreed */
	int64_t promised_at;                          /* 0 nothing promised */
};

struct casefile_new {
	int64_t address, person, inbound; /* address 0: nobody who can be written to */
	const char *actor; /* who wrote it down for somebody else; NULL: the person themselves */
	const char *territory; /* it joins no case that this territory may not know of; NULL: everything */
	const char *channel, *unit; /* unit "" or NULL: none */
	const char *text, *fold;
	const char *topics[8]; /* the primary one first; NULL-terminated */
	const char *kind, *urgency;
	bool restricted;
	int due_days; /* working days until an answer is due; 0: CASE_ANSWER_DAYS */
};

/* A new row with a code of its own — or, when the address sent the same words within 24 hours, that case (*ret_joined). */
MUST_CHECK int casefile_open(struct tick *t, const struct casefile_new *n, struct casefile *ret, bool *ret_joined);
/* By id or code ("PA482918", "482918", "12"). E_NOT_FOUND. */
MUST_CHECK int casefile_find(const struct scope *in, const char *id_or_code, struct casefile *ret);
/* By the digits of a code alone: ids are for the staff, a villager who texts one is told of nobody's case. E_NOT_FOUND. */
MUST_CHECK int casefile_by_code(const struct scope *in, const char *digits, struct casefile *ret);
MUST_CHECK int casefile_get(const struct scope *in, int64_t id, struct casefile *ret);
/* The case that speaks for this one since they were joined; as it is when none does. */
MUST_CHECK int casefile_follow(const struct scope *in, struct casefile *c);
/* The code under which an address knows a case: of its own that was joined to it, else the case's. */
MUST_CHECK int casefile_known_as(const struct scope *in, const struct casefile *c, int64_t address, char ret[CASE_CODE_BYTES]);
/* The newest case of the address that is not closed, or the one it was joined to. E_NOT_FOUND. */
MUST_CHECK int casefile_of_address(const struct scope *in, int64_t address, struct casefile *ret);
void casefile_of_address_ahead(const struct scope *in, int64_t address);
/* Also starts the clock of the new state; what is escalated is the province's too. E_REFUSED when the table forbids the move or somebody was faster. */
MUST_CHECK int casefile_move(struct tick *t, struct casefile *c, enum case_state to);
/* Whoever changes a case's state or unit by another statement than casefile_move's leaves this row beside it: reports count what was
 * open where, and when. */
MUST_CHECK int casefile_moved(struct tick *t, const struct casefile *was, const struct casefile *is);
/* The villager did not agree: open again, and the level above looks at it too. */
MUST_CHECK int casefile_climb(struct tick *t, struct casefile *c);
/* A person's sorting: the topics become this one. What is restricted takes all that it was joined with along. */
MUST_CHECK int casefile_refile(struct tick *t, int64_t id, const char *topic, const char *urgency, bool restricted);
/* The whole of a text that was taken without one of its parts. */
MUST_CHECK int casefile_complete(struct tick *t, int64_t id, const char *text, const char *fold);
/* Appends to the timeline. who: an actor or "person"; text, message and inbound may be NULL and 0. */
MUST_CHECK int casefile_event(struct tick *t, int64_t id, const char *what, const char *who, const char *text, int64_t message,
			      int64_t inbound);
/* How many events of a kind since a moment. */
MUST_CHECK int casefile_events_since(const struct scope *in, int64_t id, const char *what, int64_t at_ms, int64_t *ret);

/* The first person of an address: id, unit and language; ids 0 and texts "" when nobody is known. */
struct case_person {
	int64_t id;
	char unit[16], language[8];
};
MUST_CHECK int casefile_person(const struct scope *in, int64_t address, struct case_person *ret);
void casefile_person_ahead(const struct scope *in, int64_t address);
/* Asks ahead whether the same words are a case of this address already. */
void casefile_same_ahead(const struct scope *in, int64_t address, const char *fold);

extern const struct sql_module casefile_module;

#endif
