/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A group of a profile file being read, "provider.answer.rules.[2]": typed values, and complaints that name file, line
 * and key. Private to config/. Every function gives E_CONFIG with the complaint filled, or E_NOMEM; an absent value leaves
 * *ret as it was unless said otherwise. */
#ifndef CAUNOI_CONFIG_READER_H
#define CAUNOI_CONFIG_READER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "config/document.h"
#include "config/settings.h"
#include "config/stencil.h"
#include "gateway/base/complaint.h"

#define READER_PATH_BYTES 192

struct reader_file {
	const struct settings *settings;
	struct complaint *c;
};
struct reader {
	const struct reader_file *file;
	const json_t *values; /* NULL = the group is absent */
	char path[READER_PATH_BYTES];
};

/* Complains about key ("" = the group itself); always an error. */
MUST_CHECK int reader_wrong(const struct reader *g, const char *key, const char *rule, const char *what);
/* No keys but these (NULL-terminated). */
MUST_CHECK int reader_only(const struct reader *g, const char *const *keys);
MUST_CHECK int reader_group(const struct reader *g, const char *key, bool required, const char *const *keys, struct reader *ret);
/* Element i of a list of groups. */
MUST_CHECK int reader_element(const struct reader *g, const char *key, size_t i, const char *const *keys, struct reader *ret);
/* *ret_n = 0 when absent; at most 256 elements. */
MUST_CHECK int reader_list(const struct reader *g, const char *key, bool required, size_t *ret_n);
/* A text of the file, borrowed; NULL when absent or no text. */
const char *reader_peek(const struct reader *g, const char *key);
/* The caller's copy; otherwise (may be NULL) when absent. */
MUST_CHECK int reader_text(const struct reader *g, const char *key, const char *otherwise, char **ret);
MUST_CHECK int reader_required(const struct reader *g, const char *key, char **ret);
/* Text, number or boolean as text, the caller's; NULL when absent. */
MUST_CHECK int reader_word(const struct reader *g, const char *key, char **ret);
MUST_CHECK int reader_flag(const struct reader *g, const char *key, bool *ret);
MUST_CHECK int reader_number(const struct reader *g, const char *key, double least, double most, double *ret);
MUST_CHECK int reader_whole(const struct reader *g, const char *key, int least, int most, int *ret);
MUST_CHECK int reader_format(const struct reader *g, bool callback, enum format *ret);
MUST_CHECK int reader_place(const struct reader *g, const char *key, enum format format, bool required, struct place *ret);
/* text is the template itself; key says where it stands. allowed: HOLE_BIT of every value that exists there. */
MUST_CHECK int reader_stencil(const struct reader *g, const char *key, const char *text, unsigned allowed, struct stencil *ret);
/* One of names (NULL-terminated), static; absent is an error. */
MUST_CHECK int reader_name(const struct reader *g, const char *key, const char *const *names, const char *what, const char **ret);

#endif
