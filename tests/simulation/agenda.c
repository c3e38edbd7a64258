/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A binary heap. Called by world.c, filled by everybody. */
#include "tests/simulation/agenda.h"

#include <stdlib.h>

#include "tests/simulation/inside.h"

struct event {
	int64_t at_mono_ms, n;
	uint64_t order;
	agenda_fn fn;
	json_t *data;
};

void agenda_done(struct agenda *a)
{
	for (size_t i = 0; i < a->n; i++)
		json_decref(a->heap[i].data);
	free(a->heap);
	*a = (struct agenda){ 0 };
}

static bool before(const struct event *a, const struct event *b)
{
	return a->at_mono_ms != b->at_mono_ms ? a->at_mono_ms < b->at_mono_ms : a->order < b->order;
}

static void swap(struct event *a, struct event *b)
{
	struct event e = *a;
	*a = *b;
	*b = e;
}

void agenda_put(struct agenda *a, int64_t at_mono_ms, agenda_fn fn, json_t *data, int64_t n)
{
	if (a->n == a->room) {
		a->room = a->room ? a->room * 2 : 256;
		a->heap = realloc(a->heap, a->room * sizeof(*a->heap));
		SIM_CHECK(a->heap);
	}
	size_t i = a->n++;
	a->heap[i] = (struct event){ at_mono_ms, n, ++a->order, fn, data };
	for (; i > 0 && before(&a->heap[i], &a->heap[(i - 1) / 2]); i = (i - 1) / 2)
		swap(&a->heap[i], &a->heap[(i - 1) / 2]);
}

int64_t agenda_next_mono_ms(const struct agenda *a)
{
	return a->n ? a->heap[0].at_mono_ms : INT64_MAX;
}

static struct event take(struct agenda *a)
{
	struct event first = a->heap[0];
	a->heap[0] = a->heap[--a->n];
	for (size_t i = 0;;) {
		size_t least = i, left = 2 * i + 1, right = left + 1;
		if (left < a->n && before(&a->heap[left], &a->heap[least]))
			least = left;
		if (right < a->n && before(&a->heap[right], &a->heap[least]))
			least = right;
		if (least == i)
			return first;
		swap(&a->heap[i], &a->heap[least]);
		i = least;
	}
}

void agenda_run(struct agenda *a, struct world *w, int64_t mono_ms)
{
	while (a->n && a->heap[0].at_mono_ms <= mono_ms) {
		struct event e = take(a);
		e.fn(w, e.data, e.n);
		json_decref(e.data);
	}
}
