/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of attempts whose frames were kept back. Called when an undecided tick proves to be committed, and at the beginning of each
 * tick. A core that ends before they are settled leaves them in doubt, as any other. */
#include "gateway/withdrawn.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/mutant.h"
#include "gateway/settle.h"

/* A driver that is gone took its frames with it: its loss settles them. */
static bool is_submit(struct core *core, const struct outgoing *o)
{
	return o->attempt && core_peer_find(core, o->peer);
}

static int make_room(struct withdrawn *w, size_t more)
{
	int64_t *p = realloc(w->attempts, (w->n + more) * sizeof(*p));
	if (p)
		w->attempts = p;
	return p ? 0 : E_NOMEM;
}

int withdrawn_take(struct core *core)
{
	struct tick_lists *l = &core->lists;
	size_t kept = 0;
	if (MUTANT(WITHDRAWN_SENT))
		return 0;
	if (l->n_out && make_room(&core->withdrawn, l->n_out))
		return E_NOMEM;
	for (size_t i = 0; i < l->n_out; i++)
		if (is_submit(core, &l->out[i]))
			core->withdrawn.attempts[core->withdrawn.n++] = l->out[i].attempt;
		else
			l->out[kept++] = l->out[i];
	l->n_out = kept;
	return 0;
}

/* More may have been taken behind those that the tick settled. */
static void forget(struct core *core, int64_t n, int64_t unused)
{
	(void)unused;
	struct withdrawn *w = &core->withdrawn;
	w->n -= (size_t)n;
	memmove(w->attempts, w->attempts + n, w->n * sizeof(*w->attempts));
}

int withdrawn_settle(struct tick *t)
{
	const struct withdrawn *w = &t->core->withdrawn;
	int r = 0;
	for (size_t i = 0; !r && i < w->n; i++)
		r = settle_withdrawn(t, w->attempts[i]);
	return r || !w->n ? r : tick_after(t, forget, (int64_t)w->n, 0);
}

void withdrawn_free(struct core *core)
{
	free(core->withdrawn.attempts);
	core->withdrawn = (struct withdrawn){ 0 };
}
