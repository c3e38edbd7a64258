/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What words mean: the files keywords/keywords.conf, keywords/accusation.conf, topics/topics.conf, topics/weights.tsv and holidays/VN.conf, compiled once at start and on SIGHUP. Made by the
 * programs' mains, read by parse.c through scope.keywords; const for the life of a configuration. */
#ifndef CAUNOI_HANDLERS_KEYWORDS_H
#define CAUNOI_HANDLERS_KEYWORDS_H

#include <jansson.h>
#include <stdbool.h>

#include "gateway/base/complaint.h"
#include "gateway/base/err.h"
#include "handlers/abbreviation.h"
#include "handlers/accusation.h"
#include "handlers/forms.h"
#include "handlers/lexicon.h"
#include "handlers/pattern.h"
#include "handlers/spelling.h"
#include "handlers/weights.h"
#include "handlers/words.h"
#include "handlers/workday.h"

struct shelf;

/* The lists of keywords.conf, by their names there. */
enum list {
	LIST_LEAD,
	LIST_TAIL,
	LIST_URGENT,
	LIST_URGENT_NOT,
	LIST_OPTOUT_WHOLE,
	LIST_OPTOUT_ALONE,
	LIST_OPTOUT_ALL,
	LIST_OPTOUT_SURE,
	LIST_OPTOUT_PHRASES,
	LIST_OPTOUT_NEVER,
	LIST_OPTOUT_OTHER,
	LIST_OPTOUT_IF,
	LIST_OPTOUT_WEARY,
	LIST_OPTOUT_BARE,
	LIST_OPTOUT_DOUBT,
	LIST_OPTIN_WHOLE,
	LIST_OPTIN_RESUME,
	LIST_OPTIN_PHRASES,
	LIST_HELP_WHOLE,
	LIST_HELP_PHRASES,
	LIST_STATUS_PREFIX,
	LIST_NUDGE_PREFIX,
	LIST_STATUS_PHRASES,
	LIST_STATUS_BEHIND,
	LIST_CASE_PREFIX,
	LIST_SIGNUP_PREFIX,
	LIST_AUTOMATIC,
	LIST_LANGUAGE,
	LIST_PRIVACY,
	LIST_WRONG,
	LIST_WRONG_NOT,
	LIST_ACK,
	LIST_ACK_FILLER,
	LIST_THANKS,
	LIST_ABUSE,
	LIST_QUESTION,
	LIST_NEED,
	LIST_CHATTER,
	LIST_COMPLAINT,
	LIST_DENUNCIATION,
	LIST_PROPOSAL,
	LIST_PRAISE,
	LIST_PLACE,
	LIST_YES,
	LIST_NO,
	LIST_ANSWER_LEAD,
	LIST_ANSWER_UNIT,
	LIST_ANSWER_QUANTITY,
	LIST_ANSWER_INSTEAD,
	LIST_ANSWER_NOT,
	LIST_ANSWER_RIGHT,
	LIST_NUMBERS, /* [0] one … [8] nine */
	LIST_COUNT,
};

/* In which state the commands of a list hold. */
enum holds { HOLDS_ALWAYS, HOLDS_NO_QUESTION, HOLDS_QUESTION, HOLDS_OPTED_OUT };

#define TOPIC_BYTES 16
#define TOPIC_WEIGHTS 3

struct topic {
	char code[TOPIC_BYTES];
	char *vi, *en;
	bool restricted;
	bool before_charge; /* stays the subject where somebody is accused of a review */
	struct patterns commands;
	struct patterns phrases[TOPIC_WEIGHTS]; /* [0] counts 3, [1] 2, [2] 1 */
	json_t *choices; /* what people mostly ask of it (topicchoice.h); NULL: asked about by yes or no */
	struct patterns campaign; /* counts 2, where its campaign was the last one */
};

struct keywords {
	struct abbreviations abbreviations;
	struct spelling spelling;
	struct word_classes classes; /* while the files are read */
	struct patterns lists[LIST_COUNT];
	struct topic *topics;
	size_t n_topics;
	const struct topic *restricted; /* the first one that is; NULL none */
	struct patterns decoys;
	struct accusation accusation;
	struct weights *weights; /* NULL: none were learnt */
	enum holds holds[LIST_COUNT];
	char **ambiguous, **always; /* words that are others without accents; those of them that are commands all the same */
	struct forms near;       /* commands, for misspelt ones; a topic's action is LIST_COUNT + its index */
	struct lexicon *lexicon; /* over all of the above */
	json_t *phrasebook;      /* answers to begin with, checked */
	json_t *programmes;      /* what households sign up for, by name; see config/programme.h */
	struct workdays workdays; /* deadlines are counted in them */
};

/* Files are looked for beside config_file first (settings_find). E_CONFIG with *c filled, E_NOMEM. *ret is the caller's. */
MUST_CHECK int keywords_load(const char *config_file, struct keywords **ret, struct complaint *c);
/* The same with one of the files replaced. */
MUST_CHECK int keywords_try(const struct shelf *shelf, struct keywords **ret, struct complaint *c);
void keywords_free(struct keywords *k);
OWN_DEFINE(keywords, struct keywords *, keywords_free)
const char *keywords_list_name(enum list list);
/* NULL when there is none of that code. */
const struct topic *keywords_topic(const struct keywords *k, const char *code);
/* The code that a person means, upper or lower case: the one that opt-outs and campaigns are compared by. NULL = none. */
const char *keywords_topic_said(const struct keywords *k, const char *said);

#endif
