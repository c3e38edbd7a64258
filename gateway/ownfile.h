/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files of words that somebody may change from afar: which they are, and writing them. Only beside the configuration, under fixed names,
 * and only where the machine lets the service write: its owner decides by the folder's rights. What stood there before is kept under
 * the moment's name, the newest OWNFILE_KEPT of them. The configuration itself is none of them: it names programs. */
#ifndef CAUNOI_GATEWAY_OWNFILE_H
#define CAUNOI_GATEWAY_OWNFILE_H

#include <jansson.h>
#include <stdbool.h>

#include "gateway/tick.h"

enum ownfile { OWNFILE_KEYWORDS, OWNFILE_ACCUSATION, OWNFILE_SPELLING, OWNFILE_SENSE, OWNFILE_TOPICS, OWNFILE_TEMPLATES, OWNFILE_COUNT };
#define OWNFILE_NAMES "keywords", "accusation", "spelling", "sense", "topics", "templates"
#define OWNFILE_BYTES_MAX (192 * 1024)
#define OWNFILE_KEPT 20

/* E_NOT_FOUND. */
MUST_CHECK int ownfile_parse(const char *name, enum ownfile *ret);
/* "keywords/keywords.conf", as settings_find and a shelf know it. */
const char *ownfile_path(enum ownfile which);
/* What is in force: its path and its text, the caller's; *ret_own: it lies beside the configuration. E_NOT_FOUND, E_IO, E_TOO_BIG, E_NOMEM. */
MUST_CHECK int ownfile_read(const char *config_file, enum ownfile which, char **ret_path, char **ret_text, bool *ret_own);
/* May this process write it? */
bool ownfile_writable(const char *config_file, enum ownfile which);
/* Names of what it replaced, newest first, as an array of texts that is the caller's; and one of them. E_NOT_FOUND, E_IO, E_TOO_BIG, E_NOMEM. */
MUST_CHECK int ownfile_older(const char *config_file, enum ownfile which, json_t **ret);
MUST_CHECK int ownfile_read_older(const char *config_file, enum ownfile which, const char *name, char **ret_text);
/* Puts text beside the file, and a copy of what stands there now; once the tick is committed it takes its place and the words are read
 * anew. E_DENIED: the folder may not be written; E_IO, E_NOMEM. */
MUST_CHECK int ownfile_take(struct tick *t, enum ownfile which, const char *text);

#endif
