/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines are looked for by what the specification says they hold: sequence number and moment, between spaces. */
#include "tests/simulation/books.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/ledger.h"
#include "gateway/spool.h"
#include "tests/simulation/disk.h"
#include "tests/simulation/inside.h"

static bool stands_in(const struct inode *file, const char *kind, int64_t seq, int64_t at)
{
	char needle[64];
	int n = snprintf(needle, sizeof(needle), " %lld %lld ", (long long)seq, (long long)at);
	const char *from = (const char *)file->now.data, *end = from + file->now.n;
	for (const char *line; from < end && (line = memmem(from, (size_t)(end - from), needle, (size_t)n)); from = line + 1) {
		const char *begin = line;
		while (begin > (const char *)file->now.data && begin[-1] != '\n')
			begin--;
		if (!strncmp(begin, kind, strlen(kind)))
			return true;
	}
	return false;
}

/* A line of its kind holds the number and the moment of each row. */
static void hold_lines(struct world *w, sqlite3 *db, const struct inode *file, const char *kind, const char *sql)
{
	sqlite3_stmt *st = NULL;
	SIM_CHECK(sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK);
	while (!w->broken && sqlite3_step(st) == SQLITE_ROW)
		if (!stands_in(file, kind, sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1)))
			world_break(w, "refusals and erasures stand in the ledger", "%snumber %lld does not", kind,
				    (long long)sqlite3_column_int64(st, 0));
	sqlite3_finalize(st);
}

void books_check(struct world *w, sqlite3 *db)
{
	char path[200];
	snprintf(path, sizeof(path), "%s/ledger.log", w->node.data_dir);
	const struct inode *file = disk_find(w->node.disk, path);
	if (w->broken || !w->node.core || !w->node.core->ledger || ledger_waits(w->node.core->ledger))
		return;
	SIM_CHECK(file != NULL);
	hold_lines(w, db, file, "off ", "SELECT seq, at FROM optout ORDER BY id");
	hold_lines(w, db, file, "lift ", "SELECT lifted_seq, lifted_at FROM optout WHERE lifted_seq IS NOT NULL ORDER BY id");
	hold_lines(w, db, file, "forget ", "SELECT seq, at FROM erasure ORDER BY id");
}

/* {"channel", "frame"} of a driver, {"channel", "items"} of a provider. */
static bool entry_holds(const json_t *entry, const char *channel, const char *id)
{
	const json_t *frame = json_object_get(entry, "frame");
	json_t *item;
	size_t i;
	if (strcmp(json_str(entry, "channel", ""), channel))
		return false;
	if (frame)
		return !strcmp(json_str(frame, "op", ""), "inbound") && !strcmp(json_str(frame, "id", ""), id);
	json_array_foreach(json_object_get(entry, "items"), i, item)
		if (!strcmp(json_str(json_object_get(item, "inbound"), "id", ""), id))
			return true;
	return false;
}

static bool spooled_holds(struct world *w, const struct spooled *e, const char *channel, const char *id)
{
	OWN(json) json_t *entry = NULL;
	SIM_CHECK(!spooled_open(w->node.seal, e->box, e->n_box, &entry));
	return entry_holds(entry, channel, id);
}

bool books_spooled(struct world *w, const char *channel, const char *id)
{
	struct spool *s = w->node.core ? w->node.core->spool : NULL;
	size_t n = 0, room = (size_t)spool_count(s);
	if (!room)
		return false;
	struct spooled *entries = calloc(room, sizeof(*entries));
	SIM_CHECK(entries && !spool_read(s, entries, room, &n));
	bool found = false;
	for (size_t i = 0; i < n; i++) {
		found = found || spooled_holds(w, &entries[i], channel, id);
		spooled_done(&entries[i]);
	}
	free(entries);
	return found;
}
