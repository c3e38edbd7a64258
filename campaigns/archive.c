/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libzip over the chunks of an upload. Called by spreadsheet.c. libzip reads a directory whole before it looks at it, so the trailer is
 * looked at here first. */
#include "campaigns/archive.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include "gateway/base/own.h"
#include "gateway/store/store.h"

#define TRAILER_BYTES 22
#define TRAILER_LOOK (TRAILER_BYTES + 65535) /* its comment is 65,535 bytes at most */
#define DIRECTORY_BYTES_MAX (1 << 20)

enum archive_sql { ARCHIVE_INDEX, ARCHIVE_CHUNK, ARCHIVE_SQL_COUNT };
static const char *const archive_sql[ARCHIVE_SQL_COUNT] = {
	[ARCHIVE_INDEX] = "SELECT n, length(data) FROM upload_chunk WHERE upload = $upload ORDER BY n",
	[ARCHIVE_CHUNK] = "SELECT data FROM upload_chunk WHERE upload = $upload AND n = $n",
};
const struct sql_module archive_module = { "archive", archive_sql, ARCHIVE_SQL_COUNT };

struct chunk {
	int64_t n, from, bytes;
};

struct archive {
	struct store *db;
	int64_t upload, n_bytes, at, unpacked;
	struct chunk *chunks;
	size_t n_chunks, room;
	char *held; /* the chunk that was read last */
	size_t held_i;
	int err;    /* of the store: trouble that is not the file's fault */
	zip_error_t told;
	zip_t *zip;
	zip_file_t *member;
};

static int broken(const struct archive *a, struct complaint *c)
{
	if (a && a->err)
		return a->err;
	return complaint_set(c, "file", "xlsx_broken", "The spreadsheet file is damaged or protected; save it again as .xlsx without a password, "
			     "or as \"CSV UTF-8\".");
}

static int too_large(struct complaint *c)
{
	return complaint_set(c, "file", "xlsx_too_large", "The spreadsheet is too large to be unpacked; save it as \"CSV UTF-8\" and import that.");
}

/* ---- bytes of the upload ---- */

static int add_chunk(struct archive *a, int64_t n, int64_t bytes)
{
	if (a->n_chunks == a->room) {
		size_t room = a->room ? a->room * 2 : 64;
		struct chunk *more = realloc(a->chunks, room * sizeof(*more));
		if (!more)
			return E_NOMEM;
		a->chunks = more;
		a->room = room;
	}
	a->chunks[a->n_chunks++] = (struct chunk){ n, a->n_bytes, bytes };
	a->n_bytes += bytes;
	return 0;
}

static int read_index(struct archive *a)
{
	int r;
	struct statement *st = store_prepare(a->db, &archive_module, ARCHIVE_INDEX);
	bind_int(st, "$upload", a->upload);
	while ((r = store_row(st)) > 0) {
		r = add_chunk(a, column_int(st, 0), column_int(st, 1));
		if (r)
			break;
	}
	store_reset(st);
	return r;
}

static size_t chunk_at(const struct archive *a, int64_t at)
{
	size_t low = 0, high = a->n_chunks;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		if (a->chunks[middle].from <= at)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static int hold(struct archive *a, size_t i)
{
	if (a->held && a->held_i == i)
		return 0;
	struct statement *st = store_prepare(a->db, &archive_module, ARCHIVE_CHUNK);
	bind_int(st, "$upload", a->upload);
	bind_int(st, "$n", a->chunks[i].n);
	size_t n = 0;
	int r = store_row(st);
	const void *data = r > 0 ? column_blob(st, 0, &n) : NULL;
	char *copy = data && (int64_t)n == a->chunks[i].bytes ? malloc(n) : NULL;
	if (copy) {
		memcpy(copy, data, n);
		free(a->held);
		a->held = copy;
		a->held_i = i;
	}
	store_reset(st);
	return copy ? 0 : r < 0 ? r : data ? E_NOMEM : E_CORRUPT;
}

static int64_t read_at(struct archive *a, int64_t at, char *ret, int64_t n)
{
	int64_t got = 0;
	while (got < n && at + got < a->n_bytes) {
		size_t i = chunk_at(a, at + got);
		a->err = hold(a, i);
		if (a->err)
			return -1;
		int64_t within = at + got - a->chunks[i].from, left = a->chunks[i].bytes - within, most = n - got < left ? n - got : left;
		memcpy(ret + got, a->held + within, (size_t)most);
		got += most;
	}
	return got;
}

static zip_int64_t tell_about(const struct archive *a, void *data, zip_uint64_t room)
{
	zip_stat_t *st = ZIP_SOURCE_GET_ARGS(zip_stat_t, data, room, NULL);
	if (!st)
		return -1;
	zip_stat_init(st);
	st->size = (zip_uint64_t)a->n_bytes;
	st->valid |= ZIP_STAT_SIZE;
	return sizeof(*st);
}

/* libzip's file: the upload. */
static zip_int64_t serve(void *self, void *data, zip_uint64_t n, zip_source_cmd_t asked)
{
	struct archive *a = self;
	switch ((int)asked) {
	case ZIP_SOURCE_SUPPORTS:
		return zip_source_make_command_bitmap(ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE, ZIP_SOURCE_STAT, ZIP_SOURCE_ERROR,
						      ZIP_SOURCE_FREE, ZIP_SOURCE_SEEK, ZIP_SOURCE_TELL, -1);
	case ZIP_SOURCE_OPEN: a->at = 0; return 0;
	case ZIP_SOURCE_READ: {
		int64_t got = read_at(a, a->at, data, (int64_t)n);
		a->at += got > 0 ? got : 0;
		if (got < 0)
			zip_error_set(&a->told, ZIP_ER_READ, 0);
		return got;
	}
	case ZIP_SOURCE_SEEK: {
		zip_int64_t to = zip_source_seek_compute_offset((zip_uint64_t)a->at, (zip_uint64_t)a->n_bytes, data, n, &a->told);
		if (to < 0)
			return -1;
		a->at = to;
		return 0;
	}
	case ZIP_SOURCE_TELL: return a->at;
	case ZIP_SOURCE_STAT: return tell_about(a, data, n);
	case ZIP_SOURCE_ERROR: return zip_error_to_data(&a->told, data, n);
	default: return 0;
	}
}

/* ---- the directory ---- */

static unsigned le16(const unsigned char *p)
{
	return p[0] | (unsigned)p[1] << 8;
}

static uint32_t le32(const unsigned char *p)
{
	return le16(p) | (uint32_t)le16(p + 2) << 16;
}

/* Every trailer that could be meant is looked at: whichever libzip takes, its directory is small. */
static int check_trailer(struct archive *a, struct complaint *c)
{
	int64_t look = a->n_bytes < TRAILER_LOOK ? a->n_bytes : TRAILER_LOOK;
	OWN(mem) unsigned char *tail = malloc((size_t)look + 1);
	bool found = false;
	if (!tail)
		return E_NOMEM;
	if (read_at(a, a->n_bytes - look, (char *)tail, look) != look)
		return broken(a, c);
	for (int64_t i = 0; i + TRAILER_BYTES <= look; i++) {
		const unsigned char *p = tail + i;
		if (!memcmp(p, "PK\6\7", 4)) /* 64 bits are for archives that are too large here */
			return too_large(c);
		if (memcmp(p, "PK\5\6", 4))
			continue;
		found = true;
		if (le16(p + 10) > ARCHIVE_MEMBERS_MAX || le16(p + 8) > ARCHIVE_MEMBERS_MAX || le32(p + 12) > DIRECTORY_BYTES_MAX)
			return too_large(c);
	}
	return found ? 0 : broken(a, c);
}

static int open_zip(struct archive *a, struct complaint *c)
{
	zip_error_t why;
	zip_error_init(&why);
	zip_source_t *source = zip_source_function_create(serve, a, &why);
	a->zip = source ? zip_open_from_source(source, ZIP_RDONLY, &why) : NULL;
	bool no_memory = zip_error_code_zip(&why) == ZIP_ER_MEMORY;
	if (source && !a->zip)
		zip_source_free(source);
	zip_error_fini(&why);
	return a->zip ? 0 : no_memory ? E_NOMEM : broken(a, c);
}

int archive_open(struct store *db, int64_t upload, struct archive **ret, struct complaint *c)
{
	struct archive *a = calloc(1, sizeof(*a));
	if (!a)
		return E_NOMEM;
	a->db = db;
	a->upload = upload;
	zip_error_init(&a->told);
	int r = read_index(a);
	if (!r && a->n_bytes > ARCHIVE_BYTES_MAX)
		r = too_large(c);
	if (!r)
		r = check_trailer(a, c);
	if (!r)
		r = open_zip(a, c);
	if (r)
		archive_close(a);
	else
		*ret = a;
	return r;
}

void archive_close(struct archive *a)
{
	if (!a)
		return;
	if (a->member)
		(void)zip_fclose(a->member);
	if (a->zip)
		zip_discard(a->zip);
	zip_error_fini(&a->told);
	free(a->chunks);
	free(a->held);
	free(a);
}

int archive_enter(struct archive *a, const char *member, struct complaint *c)
{
	if (a->member)
		(void)zip_fclose(a->member);
	a->member = NULL;
	zip_int64_t i = zip_name_locate(a->zip, member, ZIP_FL_NOCASE);
	if (i < 0)
		return E_NOT_FOUND;
	a->member = zip_fopen_index(a->zip, (zip_uint64_t)i, 0);
	return a->member ? 0 : broken(a, c);
}

int archive_read(struct archive *a, void *ret, size_t room, struct complaint *c)
{
	zip_int64_t n = zip_fread(a->member, ret, room);
	if (n < 0)
		return broken(a, c);
	a->unpacked += n;
	return a->unpacked > ARCHIVE_UNPACKED_MAX ? too_large(c) : (int)n;
}
