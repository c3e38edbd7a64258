/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Labelled messages: a table of three columns with tabs between, a header and lines of "#" passed over: topics joined by "|" (the
 * primary one first, none where it is about none), what else is so ("matter", "urgent", "restricted", "optout", joined by ","), the text.
 * A line that begins with { is a message that a person corrected, as `caunoi inbox export-corrections --jsonl` prints it. Held as
 * examples: single words and pairs of neighbours, as understanding sees them. */
#ifndef CAUNOI_HANDLERS_TEACH_LESSONS_H
#define CAUNOI_HANDLERS_TEACH_LESSONS_H

#include "handlers/keywords.h"
#include "handlers/teach/learner.h"

#define LESSON_NO_TOPIC SIZE_MAX

struct lesson {
	uint32_t *features; /* while they are gathered their keys, then their numbers */
	float *counts;      /* weights_place of each */
	size_t n_features;
	size_t topic;	/* index among the topics; LESSON_NO_TOPIC */
	unsigned flags; /* bits of enum weights_flag */
};
struct feature {
	uint32_t key; /* weights_key */
	size_t n;     /* lessons that hold it */
	char *text;   /* "tien dien" */
};
struct lessons {
	struct lesson *at;
	size_t n, room;
	struct feature *features; /* by their keys; only those that were met twice */
	size_t n_features, features_room;
};

/* Adds the lessons of a file. E_IO, E_INVALID with *c naming file and line, E_NOMEM. */
MUST_CHECK int lessons_read(const char *file, const struct keywords *k, struct lessons *ret, struct complaint *c);
/* Behind the last file: numbers the features. E_NOMEM. */
MUST_CHECK int lessons_settle(struct lessons *l);
void lessons_done(struct lessons *l);

#endif
