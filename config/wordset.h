/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A set of folded words out of a data file ("la ee" is a name of two). Made by the readers of data files; const afterwards. */
#ifndef CAUNOI_CONFIG_WORDSET_H
#define CAUNOI_CONFIG_WORDSET_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "config/settings.h"

#define WORDSET_BYTES 64 /* of one word, its NUL counted */

struct wordset {
	char **at; /* sorted */
	size_t n;
};

/* The folds of an array of texts that stands at path; NULL = empty. E_CONFIG with *c, E_NOMEM; what was read so far is in *ret
 * and freed by wordset_done. */
MUST_CHECK int wordset_read(const struct settings *from, const char *path, const json_t *array, struct wordset *ret, struct complaint *c);
void wordset_done(struct wordset *w);
bool wordset_has(const struct wordset *w, const char *word);

#endif
