/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Edit distance with swaps over short words. Called where a noun, verb or option is unknown; keeps nothing. */
#include "console/terminal/suggest.h"

#include <stdbool.h>
#include <string.h>

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static unsigned distance(const char *a, size_t n, const char *b, size_t m)
{
	unsigned row[3][SUGGEST_CHARS_MAX + 1];
	for (unsigned j = 0; j <= m; j++)
		row[0][j] = j;
	for (unsigned i = 1; i <= n; i++) {
		unsigned *now = row[i % 3], *last = row[(i + 2) % 3], *before = row[(i + 1) % 3];
		now[0] = i;
		for (unsigned j = 1; j <= m; j++) {
			now[j] = least(least(last[j], now[j - 1]) + 1, last[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = least(now[j], before[j - 2] + 1);
		}
	}
	return row[n % 3][m];
}

void suggest_offer(struct suggest *s, const char *candidate)
{
	size_t n = strlen(s->word), m = strlen(candidate);
	if (n == 0 || n > SUGGEST_CHARS_MAX || m == 0 || m > SUGGEST_CHARS_MAX)
		return;
	unsigned d = distance(s->word, n, candidate, m);
	bool prefix = n >= 2 && strncmp(s->word, candidate, n) == 0;
	if (!prefix && d > (m > 5 ? m / 3 : 1))
		return;
	if (prefix)
		d = 1;
	if (!s->best || d < s->distance) {
		s->best = candidate;
		s->distance = d;
	}
}
