/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A programme that households sign up for, as data (signups/NAME.conf): its name, its topic, the letters of its codes, the days until
 * somebody visits, and every text that is said about it. Kept as JSON:
 * {"name","title","topic","prefix","visit_days","words":[…],"texts":{"receipt":{"vi","en"},…}}. Texts hold {head} and the like; each is
 * one unaccented SMS at its longest values, but those that carry a person's {reason}. */
#ifndef CAUNOI_CONFIG_PROGRAMME_H
#define CAUNOI_CONFIG_PROGRAMME_H

#include <jansson.h>

#include "gateway/base/complaint.h"
#include "gateway/base/err.h"

#define PROGRAMME_NAME_BYTES 33
#define PROGRAMME_HEAD_CHARS 36	  /* of a head's name in a text */
#define PROGRAMME_HAMLET_CHARS 30 /* of a hamlet's */
#define PROGRAMME_CHOICES_CHARS 96

enum programme_text {
	PROGRAMME_INVITE,      /* how to sign up */
	PROGRAMME_RECEIPT,     /* head, hamlet, code; right? 1 or 2 */
	PROGRAMME_ASK_HAMLET,
	PROGRAMME_ASK_AGAIN,   /* no such hamlet */
	PROGRAMME_ASK_HEAD,
	PROGRAMME_ASK_WHICH,   /* several hamlets of that name */
	PROGRAMME_ASK_WRONG,   /* 1 the head 2 the hamlet 0 staff */
	PROGRAMME_CONFIRMED,
	PROGRAMME_TO_PERSON,   /* staff will ask */
	PROGRAMME_STATUS,      /* to the number that signed up */
	PROGRAMME_STATUS_OTHER,
	PROGRAMME_ELIGIBLE,
	PROGRAMME_NOT_ELIGIBLE,
	PROGRAMME_WITHDRAWN,
	PROGRAMME_TEXTS,
};

/* What stands for {head} {hamlet} {code} {digits} {days} {state} {since} {reason} {choices}; NULL = "". */
struct programme_values {
	const char *head, *hamlet, *code, *digits, *days, *state, *since, *reason, *choices;
};

/* Every programme of the folder signups/ of the places where data files are looked for: an object by name, the caller's. E_CONFIG with *c:
 * file, line, a sentence; also when two have one name. E_NOMEM. */
MUST_CHECK int programmes_load(const char *config_file, json_t **ret, struct complaint *c);
/* The finished text, in Vietnamese unless "en" is asked for and there; the caller's. NULL on no memory. */
char *programme_text(const json_t *programme, enum programme_text which, const char *language, const struct programme_values *values);

#endif
