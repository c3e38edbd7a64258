/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading keywords.conf and topics.conf into struct keywords, and what they share with accusation.conf. A mistake, an empty list or a name nobody knows is refused with file,
 * line and column. Private to keywords.c, which closes the files when it has
 * compared what they say, and to accusation.c. */
#ifndef CAUNOI_HANDLERS_KEYFILE_H
#define CAUNOI_HANDLERS_KEYFILE_H

#include "handlers/keywords.h"

struct settings;
struct shelf;

/* A file under reading: what complaints are made from. */
struct keyfile {
	struct settings *settings;
	json_t *root;
	struct complaint *complaint;
};

/* E_CONFIG with the complaint filled, E_NOMEM. f is to be closed in any case. */
MUST_CHECK int keyfile_open(const struct shelf *shelf, const char *name, struct keyfile *f);
/* The file's group of classes. E_CONFIG, E_NOMEM; to be done with in any case. */
MUST_CHECK int keyfile_classes(const struct keyfile *f, struct word_classes *ret);
/* Adds the phrases of an array; path names it in complaints. E_CONFIG, E_NOMEM. */
MUST_CHECK int keyfile_patterns(const struct keyfile *f, const char *path, const json_t *array, struct word_classes *classes,
				struct patterns *ret);
MUST_CHECK int keyfile_keywords(const struct shelf *shelf, struct keywords *k, struct keyfile *f);
MUST_CHECK int keyfile_topics(const struct shelf *shelf, struct keywords *k, struct keyfile *f);
/* Says what is wrong at a path such as "optout_whole.[3]"; always E_CONFIG. */
int keyfile_complain(const struct keyfile *f, const char *path, const char *rule, const char *what);
void keyfile_close(struct keyfile *f);

#endif
