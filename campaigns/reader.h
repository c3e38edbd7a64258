/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the rows of an uploaded CSV file a piece at a time, with nothing kept in memory in between: where the next row
 * begins is a place, and every piece reads the header again. */
#ifndef CAUNOI_CAMPAIGNS_READER_H
#define CAUNOI_CAMPAIGNS_READER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "gateway/base/csv.h"
#include "gateway/scope.h"

struct reader_place {
	int64_t chunk, offset; /* the first byte of the next row */
	int64_t header_chunk, header_offset;
	int64_t row;           /* of the row before, the header is 1; 0 = nothing read yet */
	int64_t line, header_lines;
	int64_t bytes;         /* read so far, for progress */
	bool ended;
	bool by_line;          /* rows are told by their line: that is where they stand in the spreadsheet they came from */
};

/* on_row gets the header again in every piece (row 1), then the rows that follow, with their number and line in the file. Reads
 * about n_rows rows; *place moves on. E_INVALID with *c for a file that is none (rules of csv.h, "no_upload"), else
 * on_row's code. */
MUST_CHECK int reader_run(const struct scope *in, int64_t upload, int n_rows, int (*on_row)(void *self, const struct csv_row *row),
			  void *self, struct reader_place *place, struct complaint *c);
MUST_CHECK int reader_place_save(const struct reader_place *place, json_t *obj, const char *key);
struct reader_place reader_place_load(const json_t *obj, const char *key);
/* Bytes of the upload; E_NOT_FOUND when there is none, E_DENIED when it is another's. */
MUST_CHECK int reader_upload(const struct scope *in, int64_t upload, const char *actor, int64_t *ret_bytes);
/* Removes n chunks, and the upload with the last. E_AGAIN: there are more. */
struct tick;
MUST_CHECK int reader_drop(struct tick *t, int64_t upload, int n);

extern const struct sql_module reader_module;

#endif
