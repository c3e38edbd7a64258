/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines are looked for by what the specification says they hold: sequence number and moment, between spaces. */
#include "tests/simulation/books.h"

#include <stdio.h>
#include <string.h>

#include "gateway/ledger.h"
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

void books_check(struct world *w, sqlite3 *db)
{
	char path[200];
	sqlite3_stmt *st = NULL;
	snprintf(path, sizeof(path), "%s/ledger.log", w->node.data_dir);
	const struct inode *file = disk_find(w->node.disk, path);
	if (w->broken || !w->node.core || !w->node.core->ledger || ledger_failed(w->node.core->ledger))
		return;
	SIM_CHECK(file != NULL);
	SIM_CHECK(sqlite3_prepare_v2(db, "SELECT seq, at, lifted_seq, lifted_at FROM optout ORDER BY id", -1, &st, NULL) == SQLITE_OK);
	while (!w->broken && sqlite3_step(st) == SQLITE_ROW) {
		int64_t seq = sqlite3_column_int64(st, 0), lifted = sqlite3_column_int64(st, 2);
		if (!stands_in(file, "off ", seq, sqlite3_column_int64(st, 1)))
			world_break(w, "an opt-out stands in the ledger", "number %lld does not", (long long)seq);
		else if (lifted && !stands_in(file, "lift ", lifted, sqlite3_column_int64(st, 3)))
			world_break(w, "an opt-out stands in the ledger", "lifting %lld does not", (long long)lifted);
	}
	sqlite3_finalize(st);
}
