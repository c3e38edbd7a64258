/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Drivers whose connection ended, from then until a tick has decided what they had open. Kept in memory only: a core that ends before
 * decides the same at its next start. */
#include "gateway/lost.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/core.h"
#include "gateway/settle.h"

struct lost {
	int64_t id;
	int channel;
	int64_t *unwritten;
	size_t n;
	struct lost *next;
};

/* What was handed to the peer and never began to leave: in its output, or in the lists of a tick that is not decided. */
static void note_unwritten(struct core *core, const struct peer *p, struct lost *l)
{
	const struct tick_lists *lists = &core->lists;
	size_t n = p->n_marks - p->marks_from;
	l->unwritten = n + lists->n_out ? calloc(n + lists->n_out, sizeof(*l->unwritten)) : NULL;
	if (!l->unwritten)
		return; /* counted as handed: doubt is listed, never a second send */
	for (size_t i = 0; i < n; i++)
		l->unwritten[l->n++] = p->marks[p->marks_from + i].attempt;
	for (size_t i = 0; i < lists->n_out; i++)
		if (lists->out[i].peer == p->id && lists->out[i].attempt)
			l->unwritten[l->n++] = lists->out[i].attempt;
}

void lost_note(struct core *core, struct peer *p)
{
	struct channel *ch = p->channel >= 0 ? &core->channels[p->channel] : NULL;
	if (!ch || ch->peer != p->id)
		return;
	struct lost *l = calloc(1, sizeof(*l));
	if (!l)
		abort();
	l->id = ++core->last_lost;
	l->channel = p->channel;
	note_unwritten(core, p, l);
	l->next = core->lost;
	core->lost = l;
	if (ch->last_inbound[0]) {
		ch->poison_deaths = !strcmp(ch->poison, ch->last_inbound) ? ch->poison_deaths + 1 : 1;
		memcpy(ch->poison, ch->last_inbound, sizeof(ch->poison));
		ch->last_inbound[0] = '\0';
	}
	ch->peer = 0;
	ch->lost = true;
	ch->ready = false;
	ch->credit = 0;
	channel_forget_open(ch);
}

/* Everything up to upto is decided; who was lost since is not. */
static void forget_lost(struct core *core, int64_t upto, int64_t unused)
{
	(void)unused;
	struct lost **at = &core->lost;
	while (*at && (*at)->id > upto)
		at = &(*at)->next;
	while (*at) {
		struct lost *l = *at;
		*at = l->next;
		core->channels[l->channel].lost = false;
		free(l->unwritten);
		free(l);
	}
	for (struct lost *l = core->lost; l; l = l->next)
		core->channels[l->channel].lost = true;
}

void lost_free(struct core *core)
{
	forget_lost(core, INT64_MAX, 0);
}

int lost_decide(struct tick *t)
{
	if (!t->core->lost)
		return 0;
	int r = 0;
	for (struct lost *l = t->core->lost; !r && l; l = l->next)
		r = settle_lost(t, t->core->channels[l->channel].config->name, l->unwritten, l->n);
	return r ? r : tick_after(t, forget_lost, t->core->lost->id, 0);
}
