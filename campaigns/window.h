/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A stretch of an import's rows, read, checked and put in the order of their numbers' hashes: in that order neighbours in the
 * file of numbers are written together, which makes a large import several times faster; a short one keeps its order. A window is a function of the file
 * and the place where it begins, so it may be thrown away and read again. */
#ifndef CAUNOI_CAMPAIGNS_WINDOW_H
#define CAUNOI_CAMPAIGNS_WINDOW_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "campaigns/reader.h"
#include "campaigns/staging.h"
#include "gateway/base/buffer.h"
#include "gateway/base/complaint.h"
#include "gateway/base/seal.h"

#define WINDOW_ROWS_MAX 65536
#define WINDOW_BYTES_MAX (12 << 20)
#define WINDOW_REFUSED_LISTED 1000

struct window_entry {
	uint8_t hash[SEAL_HASH_BYTES];
	uint32_t row, at; /* of the file; in texts */
};

struct window {
	int64_t import;
	bool check_only; /* something was refused before: rows are looked at, not kept */
	struct reader_place start, at;
	bool full;       /* read to its end and sorted */
	struct window_entry *entries;
	size_t n_entries, room;
	struct buffer texts;
	int64_t n_rows, n_refused;
	json_t *refused, *reasons; /* at most WINDOW_REFUSED_LISTED; {reason: n} */
};

MUST_CHECK int window_new(int64_t import, const struct reader_place *start, bool check_only, struct window **ret);
void window_free(void *window);
/* Reads about n rows more, until it is full. E_INVALID with *c for a file that is none. map may be NULL. */
MUST_CHECK int window_fill(const struct scope *in, struct window *w, int64_t upload, const char *map, int n, struct complaint *c);
/* Row i in order; its texts are borrowed from the window. */
MUST_CHECK int window_row(const struct window *w, size_t i, struct staged *ret);

#endif
