/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One pass from the first word to the last, one back. Keeps nothing besides. */
#include "handlers/vicinity.h"

#include <string.h>

static size_t n_runs(size_t n)
{
	return n + 2 * REACH_LONG_WORDS + 1;
}

/* The places behind the last word are read, too. */
static size_t n_marks(size_t n)
{
	return n / 64 + 2;
}

size_t vicinity_bytes(size_t n)
{
	return n_runs(n) * sizeof(struct vicinity_run) + 2 * n_marks(n) * sizeof(uint64_t);
}

void vicinity_read(const struct words *w, void *room, struct vicinity *ret)
{
	struct vicinity_run *runs = room, *first = &runs[REACH_LONG_WORDS];
	size_t n = n_runs(w->n);
	struct vicinity v = { .runs = runs, .parted = (uint64_t *)&runs[n] };
	v.strong = v.parted + n_marks(w->n);
	memset(room, 0, vicinity_bytes(w->n));
	for (size_t i = 0; i < w->n; i++) {
		uint64_t number = w->at[i].number ? VICINITY_NUMBER : 0;
		first[i].words[REACH_NEXT] = word_bit(w->at[i].hash) | number;
		v.has |= word_bit_too(w->at[i].hash) | number;
		v.parted[i / 64] |= (uint64_t)(w->at[i].before != MARK_NONE) << i % 64;
		v.strong[i / 64] |= (uint64_t)(w->at[i].before == MARK_STRONG) << i % 64;
	}
	for (size_t i = REACH_LONG_WORDS + w->n; i-- > 0;) {
		uint64_t one = runs[i].words[REACH_NEXT], three = runs[i + 1].words[REACH_NEXT] | runs[i + 2].words[REACH_NEXT] | runs[i + 3].words[REACH_NEXT];
		runs[i].words[REACH_SHORT] = one | three;
		runs[i].words[REACH_LONG] = one | three | runs[i + REACH_SHORT_WORDS].words[REACH_SHORT];
	}
	*ret = v;
}
