/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From spreadsheet to CSV, a piece a tick. Called by import.c. The cursor knows the upload that is written and its length; a new reader
 * passes over so many bytes. */
#include "campaigns/convert.h"

#include <stdlib.h>
#include <string.h>

#include "campaigns/spreadsheet.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/store/store.h"

#define PIECE_BYTES ((size_t)1 << 20) /* of unpacked XML, about 10 ms */

enum convert_sql { CONVERT_FIRST, CONVERT_UPLOAD, CONVERT_CHUNK, CONVERT_GROW, CONVERT_SQL_COUNT };
static const char *const convert_sql[CONVERT_SQL_COUNT] = {
	[CONVERT_FIRST] = "SELECT data FROM upload_chunk WHERE upload = $upload ORDER BY n LIMIT 1",
	[CONVERT_UPLOAD] = "INSERT INTO upload (actor, created_at, n_bytes) VALUES ($actor, $now, 0)",
	[CONVERT_CHUNK] = "INSERT INTO upload_chunk (upload, n, data) VALUES ($upload, $n, $data)",
	[CONVERT_GROW] = "UPDATE upload SET n_bytes = n_bytes + $n WHERE id = $upload",
};
const struct sql_module convert_module = { "convert", convert_sql, CONVERT_SQL_COUNT };

struct convert {
	struct spreadsheet *sheet;
	int64_t bytes; /* of CSV made so far */
};

static void convert_free(void *memory)
{
	struct convert *v = memory;
	spreadsheet_close(v->sheet);
	free(v);
}

int convert_is_needed(const struct scope *in, int64_t upload, struct complaint *c)
{
	size_t n = 0;
	struct statement *st = store_prepare(in->db, &convert_module, CONVERT_FIRST);
	bind_int(st, "$upload", upload);
	int r = store_row(st);
	const void *data = r > 0 ? column_blob(st, 0, &n) : NULL;
	bool zip = n >= 4 && !memcmp(data, "PK\003\004", 4), old = n >= 4 && !memcmp(data, "\xD0\xCF\x11\xE0", 4);
	store_reset(st);
	if (r >= 0 && old)
		return complaint_set(c, "file", "xls", "This is an old or a protected spreadsheet; save it as .xlsx without a password.");
	return r < 0 ? r : zip;
}

int64_t convert_target(const struct job *j)
{
	return json_int(j->cursor, "csv", 0);
}

/* The one in memory, when it is ours and no further than the cursor; else a new one. */
static int converter_of(struct tick *t, struct job *j, int64_t upload, struct convert **ret, struct complaint *c)
{
	struct convert *v = j->forget == convert_free ? j->memory : NULL;
	if (v && v->bytes <= json_int(j->cursor, "csv_bytes", 0)) {
		*ret = v;
		return 0;
	}
	if (j->memory)
		j->forget(j->memory);
	j->memory = NULL;
	v = calloc(1, sizeof(*v));
	int r = v ? spreadsheet_open(t->in.db, upload, &v->sheet, c) : E_NOMEM;
	if (r) {
		free(v);
		return r;
	}
	j->memory = *ret = v;
	j->forget = convert_free;
	return 0;
}

static int new_upload(struct tick *t, struct job *j)
{
	struct statement *st = store_prepare(t->in.db, &convert_module, CONVERT_UPLOAD);
	bind_text(st, "$actor", j->actor);
	bind_int(st, "$now", t->in.now_ms);
	int r = store_run(st);
	return r ? r : json_set_int(j->cursor, "csv", store_last_id(t->in.db));
}

/* What the cursor does not know yet of these bytes, as the next chunk. */
static int write_chunk(struct tick *t, struct job *j, const struct convert *v, const struct buffer *made)
{
	int64_t known = json_int(j->cursor, "csv_bytes", 0), n_chunks = json_int(j->cursor, "csv_chunks", 0), more = v->bytes - known;
	if (more <= 0)
		return 0;
	int r = n_chunks ? 0 : new_upload(t, j);
	if (r)
		return r;
	struct statement *st = store_prepare(t->in.db, &convert_module, CONVERT_CHUNK);
	bind_int(st, "$upload", convert_target(j));
	bind_int(st, "$n", n_chunks);
	bind_blob(st, "$data", buffer_text(made) + buffer_left(made) - more, (size_t)more);
	r = store_run(st);
	if (r)
		return r;
	st = store_prepare(t->in.db, &convert_module, CONVERT_GROW);
	bind_int(st, "$upload", convert_target(j));
	bind_int(st, "$n", more);
	r = store_run(st);
	if (!r && (json_set_int(j->cursor, "csv_bytes", v->bytes) || json_set_int(j->cursor, "csv_chunks", n_chunks + 1)))
		r = E_NOMEM;
	return r;
}

int convert_step(struct tick *t, struct job *j, int64_t upload, struct complaint *c)
{
	OWN(buffer) struct buffer made = { 0 };
	struct convert *v = NULL;
	int r = converter_of(t, j, upload, &v, c);
	if (r)
		return r;
	int more = spreadsheet_read(v->sheet, PIECE_BYTES, &made, c);
	if (more && more != E_AGAIN)
		return more;
	v->bytes += (int64_t)buffer_left(&made);
	r = write_chunk(t, j, v, &made);
	if (r || more)
		return r ? r : more;
	convert_free(v);
	j->memory = NULL;
	j->forget = NULL;
	if (!convert_target(j))
		return complaint_set(c, "file", "empty", "The first sheet is empty.");
	j->done = 0;
	j->total = json_int(j->cursor, "csv_bytes", 0);
	return 0;
}
