/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading keywords.conf and topics.conf into struct keywords. A mistake, an empty list or a name nobody knows is refused with file,
 * line and column. Private to keywords.c, which closes the files when it has compared what they say. */
#ifndef CAUNOI_HANDLERS_KEYFILE_H
#define CAUNOI_HANDLERS_KEYFILE_H

#include "handlers/keywords.h"

struct settings;

/* A file under reading: what complaints are made from. */
struct keyfile {
	struct settings *settings;
	json_t *root;
	struct complaint *complaint;
};

/* E_CONFIG with the complaint filled, E_NOMEM. f is to be closed in any case. */
MUST_CHECK int keyfile_keywords(const char *config_file, struct keywords *k, struct keyfile *f);
MUST_CHECK int keyfile_topics(const char *config_file, struct keywords *k, struct keyfile *f);
/* Says what is wrong at a path such as "optout_whole.[3]"; always E_CONFIG. */
int keyfile_complain(const struct keyfile *f, const char *path, const char *rule, const char *what);
void keyfile_close(struct keyfile *f);

#endif
