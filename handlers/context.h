/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the sender of a message was told or asked last: the second argument of understanding it. Made by the chain from rows
 * (question, case, consent), or read from a file contexts/NAME.conf for `text classify` and tests. */
#ifndef CAUNOI_HANDLERS_CONTEXT_H
#define CAUNOI_HANDLERS_CONTEXT_H

#include <jansson.h>
#include <stdbool.h>

#include "gateway/base/complaint.h"
#include "gateway/base/err.h"
#include "handlers/keywords.h"

enum question_kind {
	QUESTION_NONE,
	QUESTION_CHOICE,
	QUESTION_YES_NO,
	QUESTION_NUMBER,
	QUESTION_TEXT,
	QUESTION_CONFIRM_ALL,
	QUESTION_FEEDBACK,  /* send this as feedback? 1 yes 2 no */
	QUESTION_NEED_INFO, /* more about an open case */
	QUESTION_TOPIC,     /* did you mean this topic? 1 yes 2 no */
	QUESTION_ATTACH,    /* is this about the case that was answered? 1 yes 2 no */
	QUESTION_ABOUT,     /* what of this topic? a choice, 0 = a person; a yes is one without saying what */
	QUESTION_NAME,      /* of a person or a place: words that are nothing else */
	QUESTION_KINDS,
};

struct option {
	char value[16];
	char topic[TOPIC_BYTES]; /* menus: what it is about */
	struct patterns words;   /* label and other phrases */
};

struct context {
	char topic[TOPIC_BYTES]; /* the last campaign's, "" none */
	enum question_kind question;
	bool menu;           /* the question is a menu: options are commands */
	char exit_input[8];  /* menu: what leaves it */
	struct option *options;
	size_t n_options;
	int64_t least, most; /* number; most < least: no bounds */
	bool open_case, opted_out;
	bool signup; /* was invited to sign up for something */
};

/* From "C-BHYT" (contexts/C-BHYT.conf, settings_find) or a path. E_NOT_FOUND, E_CONFIG with *c, E_NOMEM. */
MUST_CHECK int context_load(const char *config_file, const char *name, struct context *ret, struct complaint *c);
/* Adds options as a question row keeps them: [{"value","label","words":[…],"topic"}]. E_INVALID, E_NOMEM. */
MUST_CHECK int context_add_options(struct context *x, const json_t *options);
void context_done(struct context *x);
/* Is it answered by 1 or 2, yes or no? */
bool context_yes_no(enum question_kind k);
const char *question_kind_name(enum question_kind k);
/* QUESTION_TEXT for a name nobody knows: then any words answer it. */
enum question_kind question_kind_parse(const char *name);

#endif
