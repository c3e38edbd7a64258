/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Maps the channels that are to those that shall be, by name. Called by core_reload, and once a tick for the rows of new ones. */
#include "gateway/reload.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/base/log.h"
#include "gateway/core.h"
#include "gateway/supervisor.h"

/* Old places to new ones; -1 = taken out. */
struct plan {
	int to[CHANNELS_MAX];
	int n;
	bool same; /* no place changes */
};

static int place_of(const struct config *cfg, const struct channel_config *was)
{
	for (size_t i = 0; i < cfg->n_channels; i++)
		if (!strcmp(cfg->channels[i].name, was->name) && !strcmp(cfg->channels[i].driver, was->driver))
			return (int)i;
	return -1;
}

static struct plan plan_of(const struct core *core, const struct config *cfg)
{
	struct plan p = { .n = core->n_channels, .same = core->n_channels == (int)cfg->n_channels };
	for (int i = 0; i < p.n; i++) {
		p.to[i] = place_of(cfg, core->channels[i].config);
		p.same = p.same && p.to[i] == i;
	}
	return p;
}

/* Places are written down where a tick is not decided, and a driver that is gone has attempts to settle under its. */
static bool may_move(const struct core *core, const struct plan *p)
{
	if (core->undecided.is || core->lost)
		return false;
	for (int i = 0; i < p->n; i++)
		if (p->to[i] < 0 && core->channels[i].in_flight > 0)
			return false;
	return true;
}

static void move_peers(struct core *core, const struct plan *p)
{
	for (struct peer *peer = core->peers; peer; peer = peer->next) {
		if (peer->kind != PEER_DRIVER || peer->channel < 0)
			continue;
		peer->channel = p->to[peer->channel];
		if (peer->channel < 0)
			peer_doom(peer, "its channel was taken out");
	}
}

static int move_all(struct core *core, const struct plan *p, const struct config *cfg)
{
	struct channel *fresh = calloc(CHANNELS_MAX, sizeof(*fresh));
	if (!fresh)
		return E_NOMEM;
	for (size_t i = 0; i < cfg->n_channels; i++) {
		channel_init(&fresh[i], &cfg->channels[i], clock_mono_ms(core->clock));
		fresh[i].unread = true;
	}
	for (int i = 0; i < p->n; i++) {
		log_info(p->to[i] < 0 ? "channel.taken_out" : "channel.stays", "channel=%s", core->channels[i].config->name);
		if (p->to[i] < 0)
			channel_done(&core->channels[i]);
		else
			fresh[p->to[i]] = core->channels[i];
	}
	memcpy(core->channels, fresh, sizeof(core->channels));
	core->n_channels = (int)cfg->n_channels;
	free(fresh);
	move_peers(core, p);
	return 0;
}

static bool same_texts(char *const *a, char *const *b)
{
	static char *const none[] = { NULL };
	a = a ? a : none;
	b = b ? b : none;
	for (; *a && *b; a++, b++)
		if (strcmp(*a, *b) != 0)
			return false;
	return !*a && !*b;
}

static bool same_program(const struct channel_config *a, const struct channel_config *b)
{
	bool same = a->program && b->program ? strcmp(a->program, b->program) == 0 : a->program == b->program;
	return same && same_texts(a->arguments, b->arguments);
}

static bool same_speed(const struct channel_config *a, const struct channel_config *b)
{
	return !(a->rate_per_second < b->rate_per_second || a->rate_per_second > b->rate_per_second) && a->burst == b->burst;
}

/* What it is started with changed: it is started again. A new speed alone needs no new driver. */
static void renew(struct core *core, int index, const struct channel_config *was, const struct channel_config *now)
{
	struct channel *ch = &core->channels[index];
	bool settings = json_equal(was->settings, now->settings) && same_program(was, now), secrets = json_equal(was->secrets, now->secrets);
	ch->config = now;
	if (!settings || !same_speed(was, now))
		ch->bucket = bucket_full(now->rate_per_second, now->burst > 0 ? now->burst : now->rate_per_second, clock_mono_ms(core->clock));
	if (settings && (secrets || supervisor_hand_secrets(core->supervisor, core, index)))
		return;
	supervisor_restart_channel(core->supervisor, core, index);
}

int reload_channels(struct core *core, const struct config *cfg)
{
	struct plan p = plan_of(core, cfg);
	if (cfg->n_channels > CHANNELS_MAX || (!p.same && !may_move(core, &p)))
		return E_REFUSED;
	int r = p.same ? 0 : move_all(core, &p, cfg);
	if (r)
		return r;
	if (!p.same)
		supervisor_reindex(core->supervisor, core, p.to);
	for (int i = 0; i < p.n; i++)
		if (p.to[i] >= 0)
			renew(core, p.to[i], core->channels[p.to[i]].config, &cfg->channels[p.to[i]]);
	return 0;
}

static void was_read(struct core *core, int64_t channel, int64_t unused)
{
	(void)unused;
	core->channels[channel].unread = false;
}

int reload_read(struct tick *t)
{
	int r = 0;
	for (int i = 0; !r && i < t->core->n_channels; i++) {
		if (!t->core->channels[i].unread)
			continue;
		r = channel_load(t, &t->core->channels[i]);
		if (!r)
			r = tick_after(t, was_read, i, 0);
	}
	return r;
}
