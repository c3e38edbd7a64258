/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which SIM may send. Told by frames what is seen, written with the channel's row; asked by the supervisor before it starts a driver. Compares;
 * never asks a modem. */
#include "gateway/sim.h"

#include <stdio.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/core.h"
#include "gateway/store/store.h"
#include "gateway/supervisor.h"

#define CAUSE "sim"

enum sim_sql { SIM_KNOWN, SIM_PIN, SIM_SQL_COUNT };
static const char *const sim_sql[SIM_SQL_COUNT] = {
	[SIM_KNOWN] = "UPDATE channel SET sim = $sim WHERE name = $name",
	[SIM_PIN] = "UPDATE channel SET pin_tried = $pin WHERE name = $name",
};
const struct sql_module sim_module = { "sim", sim_sql, SIM_SQL_COUNT };

void sim_load(struct sim *s, const char *known, const void *pin, size_t n_pin)
{
	*s = (struct sim){ .locked = pin && n_pin == sizeof(s->pin) };
	snprintf(s->known, sizeof(s->known), "%s", known ? known : "");
	if (s->locked)
		memcpy(s->pin, pin, n_pin);
}

/* ---- identity ---- */

static int write_known(struct tick *t, const struct channel *ch, const char *sim)
{
	struct statement *st = store_prepare(t->in.db, &sim_module, SIM_KNOWN);
	bind_text(st, "$sim", sim[0] ? sim : NULL);
	bind_text(st, "$name", ch->config->name);
	return store_run(st);
}

static void adopt(struct core *core, int64_t channel, int64_t unused)
{
	(void)unused;
	struct sim *s = &core->channels[channel].sim;
	memcpy(s->known, s->seen, sizeof(s->known));
	s->foreign = false;
}

static int keep(struct tick *t, struct channel *ch)
{
	int r = write_known(t, ch, ch->sim.seen);
	return r ? r : tick_after(t, adopt, ch - t->core->channels, 0);
}

/* The name of the channel that has this SIM; NULL none. */
static const char *owner_of(const struct tick *t, const struct channel *ch, const char *sim)
{
	for (int i = 0; i < t->core->n_channels; i++) {
		const struct channel *other = &t->core->channels[i];
		if (other != ch && !strcmp(other->sim.known, sim))
			return other->config->name;
	}
	return NULL;
}

static int suspend(struct tick *t, struct channel *ch)
{
	char why[TROUBLE_BYTES];
	const char *owner = owner_of(t, ch, ch->sim.seen);
	if (owner)
		snprintf(why, sizeof(why), "another SIM is in the modem, that of channel %s", owner);
	else
		snprintf(why, sizeof(why), "another SIM is in the modem (its number ends in %.4s)", ch->sim.seen + strlen(ch->sim.seen) - 4);
	return channel_suspend(t, ch, CAUSE, why);
}

/* ---- the PIN ---- */

static int write_pin(struct tick *t, const struct channel *ch, const uint8_t *pin)
{
	struct statement *st = store_prepare(t->in.db, &sim_module, SIM_PIN);
	bind_blob(st, "$pin", pin, pin ? SEAL_HASH_BYTES : 0);
	bind_text(st, "$name", ch->config->name);
	return store_run(st);
}

static bool hash_pin(const struct seal *seal, const struct channel *ch, uint8_t ret[SEAL_HASH_BYTES])
{
	char text[64];
	const char *pin = json_str(ch->config->secrets, "pin", "");
	if (!pin[0])
		return false;
	snprintf(text, sizeof(text), "pin %.32s", pin);
	seal_hash(seal, text, ret);
	explicit_bzero(text, sizeof(text));
	return true;
}

static void unlock(struct core *core, int64_t channel, int64_t unused)
{
	(void)unused;
	core->channels[channel].sim.locked = core->channels[channel].sim.unwritten = false;
}

static void written(struct core *core, int64_t channel, int64_t unused)
{
	(void)unused;
	core->channels[channel].sim.unwritten = false;
}

/* ---- what was seen, and what follows ---- */

/* Digits only and long enough: what a modem says in its first seconds is not a SIM. */
static bool read_sim(const json_t *status, char ret[SIM_BYTES])
{
	const char *text = json_str(status, "sim", "");
	size_t n = strlen(text);
	if (n < 10 || n >= SIM_BYTES || strspn(text, "0123456789") != n)
		return false;
	memcpy(ret, text, n + 1);
	return true;
}

void sim_status(struct sim *s, const json_t *status)
{
	s->roaming = json_flag(status, "roaming", false);
	if (read_sim(status, s->seen))
		s->foreign = s->known[0] && strcmp(s->known, s->seen);
}

static bool waits_for_sim(const struct channel *ch)
{
	return ch->suspended && !strcmp(ch->cause, CAUSE);
}

static bool is_back(const struct channel *ch)
{
	return waits_for_sim(ch) && ch->sim.seen[0] && !ch->sim.foreign;
}

static bool is_open_by_pin(const struct channel *ch)
{
	return ch->sim.locked && ch->ready && ch->credit > 0;
}

bool sim_is_open(const struct channel *ch)
{
	const struct sim *s = &ch->sim;
	return (s->seen[0] && !s->known[0]) || (s->foreign && !waits_for_sim(ch)) || is_back(ch) || s->unwritten || is_open_by_pin(ch);
}

static int settle_pin(struct tick *t, struct channel *ch)
{
	bool right = is_open_by_pin(ch);
	if (!right && !ch->sim.unwritten)
		return 0;
	int r = write_pin(t, ch, right ? NULL : ch->sim.pin);
	return r ? r : tick_after(t, right ? unlock : written, ch - t->core->channels, 0);
}

int sim_settle(struct tick *t, struct channel *ch)
{
	const struct sim *s = &ch->sim;
	int r = settle_pin(t, ch);
	if (r || !s->seen[0])
		return r;
	if (!s->known[0])
		return keep(t, ch);
	if (s->foreign)
		return waits_for_sim(ch) ? 0 : suspend(t, ch);
	return is_back(ch) ? channel_release(t, ch) : 0;
}

static void forget(struct core *core, int64_t channel, int64_t unused)
{
	(void)unused;
	struct sim *s = &core->channels[channel].sim;
	s->known[0] = '\0';
	s->foreign = false;
}

void sim_pin_tried(const struct core *core, struct channel *ch)
{
	if (!hash_pin(core->seal, ch, ch->sim.pin))
		return;
	ch->sim.locked = ch->sim.unwritten = true;
	ch->dirty = true;
}

void sim_withhold_pin(const struct core *core, const struct channel *ch, json_t *secrets)
{
	uint8_t pin[SEAL_HASH_BYTES];
	if (ch->sim.locked && hash_pin(core->seal, ch, pin) && !memcmp(pin, ch->sim.pin, sizeof(pin)))
		json_object_del(secrets, "pin");
}

/* The running driver was never told the PIN. */
static void try_again(struct core *core, int64_t channel, int64_t unused)
{
	unlock(core, channel, unused);
	supervisor_restart_channel(core->supervisor, core, (int)channel);
}

int sim_accept(struct tick *t, struct channel *ch)
{
	int64_t index = ch - t->core->channels;
	int r = 0;
	if (!strcmp(ch->cause, CAUSE)) {
		r = ch->sim.foreign ? keep(t, ch) : write_known(t, ch, "");
		if (!r && !ch->sim.foreign)
			r = tick_after(t, forget, index, 0);
	}
	if (!r && ch->sim.locked)
		r = write_pin(t, ch, NULL);
	if (!r && ch->sim.locked)
		r = tick_after(t, try_again, index, 0);
	return r;
}
