/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text of a libconfig file with its @include lines already put in place, and where each line came from. Private to
 * config/: settings.c reads it, scan.c checks it. */
#ifndef CAUNOI_CONFIG_SOURCE_H
#define CAUNOI_CONFIG_SOURCE_H

#include "gateway/base/complaint.h"
#include "gateway/base/err.h"

struct source;

/* Reads file and what it includes (8 deep). E_NOT_FOUND, E_IO (folder, no permission, too big), E_INVALID (byte order
 * mark, NUL, not UTF-8, missing include), E_NOMEM; c says which line. */
MUST_CHECK int source_read(const char *file, struct source **ret, struct complaint *c);
/* The same of a text that is in no file: E_INVALID also for an @include. */
MUST_CHECK int source_parse(const char *name, const char *text, struct source **ret, struct complaint *c);
void source_free(struct source *s);
/* The joined text, NUL-terminated. */
const char *source_text(const struct source *s);
/* Origin of line flat_line (counted from 1) of the joined text. */
void source_where(const struct source *s, int flat_line, const char **ret_file, int *ret_line);
/* Fills c->file and c->line from flat_line. */
void source_mark(const struct source *s, int flat_line, struct complaint *c);

#endif
