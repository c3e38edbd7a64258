/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of moments. Called by the loop in main and by whoever wants to act later. */
#include "tests/simulators/modem/timers.h"

#include <string.h>

#include "tests/simulators/modem/need.h"

static void remove_at(struct timers *t, size_t i)
{
	memmove(t->list + i, t->list + i + 1, (t->n - i - 1) * sizeof(*t->list));
	t->n--;
}

void timers_done(struct timers *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->list[i].data);
	free(t->list);
	t->list = NULL;
	t->n = t->room = 0;
}

void timers_add(struct timers *t, int64_t after_ms, timer_fire *fire, void *data)
{
	if (t->n == t->room) {
		t->room = t->room ? t->room * 2 : 16;
		t->list = need(realloc(t->list, t->room * sizeof(*t->list)));
	}
	int64_t due_ms = clock_mono_ms(t->clock) + (after_ms > 0 ? after_ms : 0);
	t->list[t->n++] = (struct timer){ .due_ms = due_ms, .fire = fire, .data = data };
}

bool timers_cancel(struct timers *t, timer_fire *fire)
{
	size_t before = t->n;
	for (size_t i = t->n; i-- > 0;) {
		if (t->list[i].fire != fire)
			continue;
		free(t->list[i].data);
		remove_at(t, i);
	}
	return t->n < before;
}

static size_t first(const struct timers *t)
{
	size_t best = 0;
	for (size_t i = 1; i < t->n; i++)
		if (t->list[i].due_ms < t->list[best].due_ms)
			best = i;
	return best;
}

int timers_wait_ms(const struct timers *t)
{
	if (!t->n)
		return -1;
	int64_t wait = t->list[first(t)].due_ms - clock_mono_ms(t->clock);
	return wait < 0 ? 0 : wait > 60000 ? 60000 : (int)wait;
}

void timers_run(struct timers *t, struct modem *m)
{
	int64_t now_ms = clock_mono_ms(t->clock);
	while (t->n) {
		size_t i = first(t);
		struct timer due = t->list[i];
		if (due.due_ms > now_ms)
			return;
		remove_at(t, i);
		due.fire(m, due.data);
		free(due.data);
	}
}
