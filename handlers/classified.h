/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a message was understood as: kind, topics, answer, and the reason. Made by parse.c, acted on by the chain. */
#ifndef CAUNOI_HANDLERS_CLASSIFIED_H
#define CAUNOI_HANDLERS_CLASSIFIED_H

#include <jansson.h>
#include <stdbool.h>

#include "handlers/keywords.h"
#include "handlers/score.h"

enum kind {
	KIND_UNKNOWN,
	KIND_EMPTY,
	KIND_URGENT,
	KIND_OPTOUT,
	KIND_OPTIN,
	KIND_KEYWORD,
	KIND_SURVEY_ANSWER,
	KIND_FEEDBACK,
	KIND_CASE_INFO,
	KIND_ACK,
	KIND_HELP,
	KIND_WRONG_NUMBER,
	KIND_PRIVACY_REQUEST,
	KIND_ABUSE,
	KIND_COUNT,
};

/* What came a second time was not looked at. */
#define KIND_DUPLICATE "duplicate"
/* Every kind that a message may have in the end, NULL-terminated. */
extern const char *const message_kinds[];

/* What a keyword asks for. */
enum command { COMMAND_NONE, COMMAND_TOPIC, COMMAND_SIGNUP, COMMAND_STATUS, COMMAND_NUDGE, COMMAND_CASE, COMMAND_MENU };

/* case.kind of the contract; a suggestion until a person confirms. */
enum nature { NATURE_QUESTION, NATURE_REPORT, NATURE_PROPOSAL, NATURE_COMPLAINT, NATURE_DENUNCIATION, NATURE_PRAISE };

#define SCOPE_BYTES (SCORE_TOPICS_MAX * (7 + TOPIC_BYTES))

struct classified {
	enum kind kind;
	enum command command;
	enum nature nature;
	char topics[SCORE_TOPICS_MAX][TOPIC_BYTES]; /* the primary one first */
	size_t n_topics;
	char answer[16]; /* "2", "YES", "NO", "EXIT", "INVALID", "" */
	char scope[SCOPE_BYTES];  /* opt-out and opt-in: "campaign", "topic:BHYT", several of these with spaces, "all" */
	char code[12];   /* digits behind XEM or NHAC */
	bool code_valid; /* its check digit is right */
	bool stop;       /* a refusal beside what kind says: scope holds it */
	bool doubt;      /* perhaps an opt-out: ask once */
	bool near;       /* a topic's name misspelt: topics[0] is to be asked about */
	bool automatic;  /* a telephone answered: neither a case nor an answer */
	bool foreign;    /* another language: to a person */
	bool bare;       /* an answer in digits and nothing else */
	bool more;       /* words stand beside an answer */
	bool abusive, restricted;
	bool topical;    /* a sign-up that names a topic and nothing besides */
	bool need;       /* beside what kind says, something that a person must see */
	double confidence;
	char *folded;    /* freed by classified_done */
	char why[160];   /* "optout: whole message 'tu choi'" */
};
void classified_done(struct classified *c);

/* The contract's shape. NULL on no memory. */
json_t *classified_json(const struct classified *c);
/* Topics joined by "|" into out. */
void classified_topics(const struct classified *c, char *out, size_t out_bytes);
const char *kind_name(enum kind k);
/* What it is called where it is shown and kept: the answer to an open question comes before a refusal beside it. Both take effect. */
const char *classified_kind(const struct classified *c);
const char *nature_name(enum nature n);

#endif
