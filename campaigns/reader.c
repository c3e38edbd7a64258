/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chunks of an upload as rows. Called by imports. Lines are cut here only to know where a row ends; what a row is decides
 * base/csv. */
#include "campaigns/reader.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/store/store.h"
#include "gateway/tick.h"

enum reader_sql { READER_CHUNK, READER_UPLOAD, READER_DROP_CHUNKS, READER_LEFT, READER_DROP_UPLOAD, READER_SQL_COUNT };
static const char *const reader_sql[READER_SQL_COUNT] = {
	[READER_CHUNK] = "SELECT n, data FROM upload_chunk WHERE upload = $upload AND n >= $n ORDER BY n LIMIT 1",
	[READER_UPLOAD] = "SELECT actor, n_bytes FROM upload WHERE id = $upload",
	[READER_DROP_CHUNKS] = "DELETE FROM upload_chunk WHERE upload = $upload AND n IN "
			       "(SELECT n FROM upload_chunk WHERE upload = $upload ORDER BY n LIMIT $n)",
	[READER_LEFT] = "SELECT 1 FROM upload_chunk WHERE upload = $upload LIMIT 1",
	[READER_DROP_UPLOAD] = "DELETE FROM upload WHERE id = $upload",
};
const struct sql_module reader_module = { "reader", reader_sql, READER_SQL_COUNT };

struct run {
	const struct scope *in;
	int64_t upload;
	int (*on_row)(void *self, const struct csv_row *row);
	void *self;
	struct csv *csv;
	struct reader_place *place;
	struct reader_place resumed; /* where this piece began */
	int64_t n_handed;            /* rows in this piece, the header not counted */
	int n_rows;
	bool header_done;
	struct complaint *c;
};

/* In a piece that goes on in the middle, csv counts on from the header. */
static int64_t row_in_file(const struct run *run, int row)
{
	return run->resumed.row ? run->resumed.row + row - 1 : row;
}

static int64_t line_in_file(const struct run *run, int line)
{
	return line > run->resumed.header_lines ? line + run->resumed.line - run->resumed.header_lines : line;
}

static int hand_over(void *self, const struct csv_row *row)
{
	struct run *run = self;
	struct csv_row real = *row;
	bool header = row->row == 1;
	if (header)
		run->header_done = true;
	else
		run->n_handed++;
	if (!header) {
		int64_t n = row_in_file(run, row->row), line = line_in_file(run, row->line);
		real.line = line < INT_MAX ? (int)line : INT_MAX;
		real.row = run->place->by_line ? real.line : n < INT_MAX ? (int)n : INT_MAX;
		run->place->row = n;
	}
	return run->on_row(run->self, &real);
}

static size_t line_end(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i] == '\n')
			return i + 1;
		if (p[i] == '\r')
			return i + 1 < n && p[i + 1] == '\n' ? i + 2 : i + 1;
	}
	return n;
}

static bool ends_line(const char *p, size_t n)
{
	return n && (p[n - 1] == '\n' || p[n - 1] == '\r');
}

/* Feeds what is left of one chunk line by line. 1: enough for this piece; 0: the chunk is through. */
static int feed_chunk(struct run *run, int64_t chunk, const char *data, size_t n, size_t from)
{
	struct reader_place *p = run->place;
	for (size_t at = from; at < n;) {
		size_t len = line_end(data + at, n - at);
		int64_t handed = run->n_handed;
		bool header_before = run->header_done;
		int r = csv_feed(run->csv, data + at, len, run->c);
		if (r)
			return r;
		p->line += ends_line(data + at, len);
		p->bytes += (int64_t)len;
		at += len;
		if (run->header_done && !header_before) {
			p->header_chunk = chunk;
			p->header_offset = (int64_t)at;
			p->header_lines = p->line;
			p->row = 1;
		}
		if (run->n_handed == handed && run->header_done == header_before)
			continue;
		p->chunk = chunk;
		p->offset = (int64_t)at;
		if (run->n_handed >= run->n_rows)
			return 1;
	}
	return 0;
}

/* The header once more, up to where it ended; what it tells is known already. */
static int feed_header(struct run *run)
{
	const struct reader_place *p = &run->resumed;
	int64_t chunk = 0;
	bool last = false;
	int r = 0;
	while (!r && !last) {
		struct statement *st = store_prepare(run->in->db, &reader_module, READER_CHUNK);
		bind_int(st, "$upload", run->upload);
		bind_int(st, "$n", chunk);
		r = store_row(st);
		size_t n = 0;
		const char *data = r > 0 ? column_blob(st, 1, &n) : NULL;
		if (r > 0) {
			chunk = column_int(st, 0);
			last = chunk >= p->header_chunk;
			size_t end = last && (size_t)p->header_offset < n ? (size_t)p->header_offset : n;
			r = csv_feed(run->csv, data, end, run->c);
		} else if (r == 0) {
			r = E_CORRUPT;
		}
		store_reset(st);
		chunk++;
	}
	return r;
}

/* 1: enough, 0: the file is through. */
static int feed_rest(struct run *run)
{
	int64_t chunk = run->resumed.chunk;
	size_t from = (size_t)run->resumed.offset;
	for (;;) {
		struct statement *st = store_prepare(run->in->db, &reader_module, READER_CHUNK);
		bind_int(st, "$upload", run->upload);
		bind_int(st, "$n", chunk);
		int r = store_row(st);
		if (r <= 0) {
			store_reset(st);
			return r;
		}
		size_t n = 0;
		const char *data = column_blob(st, 1, &n);
		if (column_int(st, 0) != chunk)
			from = 0;
		chunk = column_int(st, 0);
		r = feed_chunk(run, chunk, data, n, from);
		store_reset(st);
		if (r)
			return r;
		chunk++;
		from = 0;
	}
}

int reader_run(const struct scope *in, int64_t upload, int n_rows, int (*on_row)(void *self, const struct csv_row *row), void *self,
	       struct reader_place *place, struct complaint *c)
{
	struct run run = { .in = in, .upload = upload, .on_row = on_row, .self = self, .place = place, .resumed = *place, .n_rows = n_rows,
			   .c = c };
	int r = csv_new(hand_over, &run, &run.csv);
	if (r)
		return r;
	if (place->row)
		r = feed_header(&run);
	if (!r)
		r = feed_rest(&run);
	if (!r) {
		r = csv_finish(run.csv, c);
		place->ended = !r;
	}
	if (r == E_INVALID && c->line)
		c->line = (int)line_in_file(&run, c->line);
	csv_drop(run.csv);
	return r < 0 ? r : 0;
}

int reader_place_save(const struct reader_place *p, json_t *obj, const char *key)
{
	OWN(json) json_t *o = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:b}", "chunk", (json_int_t)p->chunk, "offset",
					(json_int_t)p->offset, "header_chunk", (json_int_t)p->header_chunk, "header_offset",
					(json_int_t)p->header_offset, "row", (json_int_t)p->row, "line", (json_int_t)p->line, "header_lines",
					(json_int_t)p->header_lines, "bytes", (json_int_t)p->bytes, "ended", p->ended, "by_line",
					p->by_line);
	return o && !json_object_set(obj, key, o) ? 0 : E_NOMEM;
}

struct reader_place reader_place_load(const json_t *obj, const char *key)
{
	const json_t *o = json_object_get(obj, key);
	return (struct reader_place){ .chunk = json_int(o, "chunk", 0), .offset = json_int(o, "offset", 0),
				      .header_chunk = json_int(o, "header_chunk", 0), .header_offset = json_int(o, "header_offset", 0),
				      .row = json_int(o, "row", 0), .line = json_int(o, "line", 0),
				      .header_lines = json_int(o, "header_lines", 0), .bytes = json_int(o, "bytes", 0),
				      .ended = json_flag(o, "ended", false), .by_line = json_flag(o, "by_line", false) };
}

int reader_upload(const struct scope *in, int64_t upload, const char *actor, int64_t *ret_bytes)
{
	struct statement *st = store_prepare(in->db, &reader_module, READER_UPLOAD);
	bind_int(st, "$upload", upload);
	int r = store_row(st);
	if (r > 0) {
		r = strcmp(column_text(st, 0), actor) ? E_DENIED : 0;
		*ret_bytes = column_int(st, 1);
	} else if (r == 0) {
		r = E_NOT_FOUND;
	}
	store_reset(st);
	return r;
}

int reader_drop(struct tick *t, int64_t upload, int n)
{
	struct statement *st = store_prepare(t->in.db, &reader_module, READER_DROP_CHUNKS);
	bind_int(st, "$upload", upload);
	bind_int(st, "$n", n);
	int r = store_run(st);
	if (r)
		return r;
	st = store_prepare(t->in.db, &reader_module, READER_LEFT);
	bind_int(st, "$upload", upload);
	r = store_row(st);
	store_reset(st);
	if (r)
		return r > 0 ? E_AGAIN : r;
	st = store_prepare(t->in.db, &reader_module, READER_DROP_UPLOAD);
	bind_int(st, "$upload", upload);
	return store_run(st);
}
