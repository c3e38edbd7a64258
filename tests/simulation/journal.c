/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A ring of lines and FNV-1a over everything. Called by process.c for frames and by the world for its own events. */
#include "tests/simulation/journal.h"

#include <string.h>

#define FNV_FIRST UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

static uint64_t fold_in(uint64_t hash, const char *text, size_t n_bytes)
{
	for (size_t i = 0; i < n_bytes; i++)
		hash = (hash ^ (uint8_t)text[i]) * FNV_PRIME;
	return hash;
}

void journal_note(struct journal *j, int64_t step, int64_t now_ms, const char *who, char way, const char *text, size_t n_bytes)
{
	bool path = n_bytes > 13 && !memcmp(text, "{\"op\":\"hello\"", 13);
	char *line = j->lines[j->n++ % JOURNAL_LINES];
	int n = snprintf(line, JOURNAL_LINE_BYTES, "%lld %lld.%03lld %s %c ", (long long)step, (long long)(now_ms / 1000),
			 (long long)(now_ms % 1000 < 0 ? 0 : now_ms % 1000), who, way);
	size_t room = JOURNAL_LINE_BYTES - (size_t)n - 1, most = n_bytes < room ? n_bytes : room;
	memcpy(line + n, text, most);
	line[(size_t)n + most] = '\0';
	if (j->verbose)
		fprintf(stderr, "%s\n", line);
	if (path)
		return;
	uint64_t hash = j->hash ? j->hash : FNV_FIRST;
	hash = fold_in(hash, line, (size_t)n);
	j->hash = fold_in(hash, text, n_bytes);
}

void journal_print(const struct journal *j, FILE *out)
{
	for (int64_t i = j->n > JOURNAL_LINES ? j->n - JOURNAL_LINES : 0; i < j->n; i++)
		fprintf(out, "%s\n", j->lines[i % JOURNAL_LINES]);
}
