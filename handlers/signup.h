/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signing up for a programme, whichever door it comes through: words become the row of a household, and what is missing is said. The SMS
 * (signuptalk.c), a menu and staff (signupdesk.c) call signup_take and say by themselves what came of it. */
#ifndef CAUNOI_HANDLERS_SIGNUP_H
#define CAUNOI_HANDLERS_SIGNUP_H

#include <jansson.h>

#include "handlers/enrolment.h"

/* Who signs up, and in which words. */
struct signup_wish {
	const json_t *programme; /* of keywords.programmes */
	const char *words;	 /* "Giang A Pao, Na Lang"; "dk" may stand before it */
	const char *unit;	 /* where they live as far as it is known: a commune's or hamlet's code; "" */
	int64_t address, person, inbound; /* 0 none */
	const char *channel;	 /* NULL none */
	const char *actor;	 /* who wrote it down for them; NULL: themselves */
};

enum signup_lack {
	SIGNUP_WHOLE,
	SIGNUP_NOTHING,	      /* neither head nor hamlet: no row was made */
	SIGNUP_NO_HEAD,
	SIGNUP_NO_HAMLET,
	SIGNUP_NO_SUCH_HAMLET, /* one is named and the commune's list does not hold it */
	SIGNUP_WHICH_HAMLET,   /* several have that name: choices */
	SIGNUP_DECIDED,	       /* the household has its result: nothing was changed */
};

struct signup_taken {
	struct enrolment e; /* id 0 where no row was made; its programme is set all the same */
	enum signup_lack lack;
	bool again;	 /* the household had a row, which was updated */
	bool answers;	 /* a question of ours: what follows is said even when the same words left just now */
	json_t *choices; /* SIGNUP_WHICH_HAMLET: [{"value":"1","label":"Nà Lang","code":"02269.3"}], freed by signup_taken_done */
};
void signup_taken_done(struct signup_taken *taken);

/* The programme of that name, or NULL; borrowed. */
const json_t *signup_programme(const struct scope *in, const char *name);
/* The only programme about a topic, or NULL; borrowed. */
const json_t *signup_programme_of_topic(const struct scope *in, const char *topic);
/* The wish becomes a row, or updates the household's. A household is the same number and head, or the same head and hamlet. */
MUST_CHECK int signup_take(struct tick *t, const struct signup_wish *w, struct signup_taken *ret);
/* A part that was missing or wrong, for a row that is open. The row may be joined to another of the household: *ret has that one. keep: a
 * hamlet that no list holds is taken as it is written. */
MUST_CHECK int signup_set_head(struct tick *t, struct enrolment *e, const char *words, struct signup_taken *ret);
MUST_CHECK int signup_set_hamlet(struct tick *t, struct enrolment *e, const char *words, const char *unit, bool keep, struct signup_taken *ret);
/* The hamlet of that code, which is in the table. E_NOT_FOUND. */
MUST_CHECK int signup_choose_hamlet(struct tick *t, struct enrolment *e, const char *code, struct signup_taken *ret);

#endif
