/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames without a store. Called by core.c when a tick could not be committed. Acknowledges what the spool holds, and nothing that it
 * does not; never touches rows of the store. */
#include "gateway/away.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/base/log.h"
#include "gateway/command_hook.h"
#include "gateway/core.h"
#include "gateway/spool.h"

#define WAITING_MAX 512 /* frames that wait in memory */

static void say(struct peer *p, json_t *frame)
{
	OWN(json) json_t *f = frame;
	OWN(buffer) struct buffer line = { 0 };
	if (!f || json_put_line(&line, f) || peer_output(p, line.data, line.n_bytes, 0))
		peer_doom(p, "out of memory");
}

static void say_unavailable(struct peer *p, const json_t *f, const char *text)
{
	say(p, json_pack("{s:s,s:I,s:b,s:{s:s,s:i,s:s,s:s}}", "op", "reply", "id", (json_int_t)json_int(f, "id", 0), "ok", 0, "error", "rule",
			 "unavailable", "status", 503, "field", "", "text", text));
}

/* ---- refused ---- */

static bool waits_for_reply(const struct peer *p, const json_t *f)
{
	const char *op = json_str(f, "op", "");
	return !p || (p->kind != PEER_DRIVER && (!strcmp(op, "command") || !strcmp(op, "put") || !strcmp(op, "hook")));
}

void away_refuse(struct core *core)
{
	size_t kept = 0;
	for (size_t i = 0; i < core->n_frames; i++) {
		struct peer *p = core_peer_find(core, core->frames[i].peer);
		if (!waits_for_reply(p, core->frames[i].json)) {
			core->frames[kept++] = core->frames[i];
			continue;
		}
		if (p)
			say_unavailable(p, core->frames[i].json, "the store cannot write now; try again");
		json_decref(core->frames[i].json);
	}
	core->n_frames = kept;
}

/* ---- away ---- */

/* What is kept of one round, in the order in which it was said. */
struct kept {
	json_t **entries;
	size_t *frames; /* index of each among the core's */
	size_t n;
};

static void kept_done(struct kept *k)
{
	for (size_t i = 0; i < k->n; i++)
		json_decref(k->entries[i]);
	free(k->entries);
	free(k->frames);
}

static enum driver_word word_of(const struct peer *p, const json_t *f)
{
	static const char *const now[] = { "pong", "ping", "gate", "checked", "hello", "ready", "log", "unsupported" };
	if (p->kind == PEER_DRIVER)
		return driver_frame_word(f);
	const char *op = json_str(f, "op", "");
	for (size_t i = 0; i < COUNT_OF(now); i++)
		if (!strcmp(op, now[i]))
			return WORD_NOW;
	return !strcmp(op, "hook") ? WORD_KEEP : WORD_LATER;
}

static const struct channel_config *channel_of(struct core *core, const struct peer *p, const json_t *f)
{
	if (p->kind == PEER_DRIVER)
		return core->channels[p->channel].config;
	return p->kind == PEER_WEB ? config_channel(core->config, json_str(f, "channel", "")) : NULL;
}

/* NULL: it is no sound frame, and has been answered. */
static json_t *entry_of(struct core *core, struct peer *p, json_t *f)
{
	const struct channel_config *ch = channel_of(core, p, f);
	const char *fault = p->kind == PEER_DRIVER ? driver_frame_fault(f) : NULL;
	json_t *items = json_object_get(f, "items");
	if (fault) {
		peer_doom(p, fault);
		return NULL;
	}
	if (p->kind == PEER_DRIVER)
		return json_pack("{s:s,s:O}", "channel", ch->name, "frame", f);
	if (ch && command_hook_is_sound(items))
		return json_pack("{s:s,s:O?}", "channel", ch->name, "items", items);
	say(p, json_pack("{s:s,s:I,s:b,s:{s:s,s:i,s:s,s:s}}", "op", "reply", "id", (json_int_t)json_int(f, "id", 0), "ok", 0, "error", "rule",
			 ch ? "invalid" : "denied", "status", ch ? 422 : 403, "field", "", "text", "this callback cannot be used"));
	return NULL;
}

static void acknowledge(struct core *core, struct peer *p, const json_t *f)
{
	const char *op = json_str(f, "op", "");
	if (p->kind != PEER_DRIVER) {
		say(p, json_pack("{s:s,s:I,s:b,s:n}", "op", "reply", "id", (json_int_t)json_int(f, "id", 0), "ok", 1, "result"));
	} else if (strcmp(op, "result")) {
		say(p, json_pack("{s:s,s:s}", "op", "stored", "id", json_str(f, "id", "")));
	} else {
		/* it has answered in time, whenever that is written down */
		channel_closed(&core->channels[p->channel], strtoll(json_str(f, "attempt", "0"), NULL, 10), clock_mono_ms(core->clock));
	}
}

/* Takes a frame out of the core's: what is left of it is NULL. */
static void drop(struct core *core, size_t i)
{
	json_decref(core->frames[i].json);
	core->frames[i].json = NULL;
}

static void sort_out(struct core *core, struct kept *k)
{
	for (size_t i = 0; i < core->n_frames; i++) {
		json_t *f = core->frames[i].json, *entry = NULL;
		struct peer *p = core_peer_find(core, core->frames[i].peer);
		enum driver_word word = p && !p->doomed ? word_of(p, f) : WORD_NOW;
		bool waits = word == WORD_LATER && (p->kind == PEER_DRIVER || p->kind == PEER_WEBHOOK || !strcmp(json_str(f, "op", ""), "answer"));
		if (word == WORD_KEEP && (entry = entry_of(core, p, f))) {
			k->entries[k->n] = entry;
			k->frames[k->n++] = i;
		}
		if (entry || waits)
			continue;
		if (p && !p->doomed && word == WORD_NOW)
			core_handle_now(core, p, f);
		else if (p && word == WORD_LATER)
			say_unavailable(p, f, "the database cannot be used now; try again");
		drop(core, i);
	}
}

static int open_spool(struct core *core)
{
	struct complaint c = { 0 };
	if (core->spool)
		return 0;
	int r = spool_open(core->config->data_dir, core->seal, core->random, &core->spool, &c);
	if (r)
		log_error("spool.open", "file=%s %s", c.file, c.text);
	return r;
}

static int put(struct core *core, const struct kept *k)
{
	if (!k->n)
		return 0;
	int r = core->low_disk ? E_UNAVAILABLE : open_spool(core);
	if (!r)
		r = spool_put(core->spool, k->entries, k->n, clock_now_ms(core->clock));
	if (r) {
		log_error("spool.refused", "error=%s frames=%zu -- nothing more is acknowledged", err_text(r), k->n);
		return r;
	}
	core->behind = true;
	for (size_t i = 0; i < k->n; i++) {
		struct peer *p = core_peer_find(core, core->frames[k->frames[i]].peer);
		if (p)
			acknowledge(core, p, core->frames[k->frames[i]].json);
		drop(core, k->frames[i]);
	}
	return 0;
}

/* The spool takes nothing more: providers are told to come again; drivers wait for their acknowledgement. */
static void turn_away(struct core *core, const struct kept *k)
{
	for (size_t i = 0; i < k->n; i++) {
		struct frame *f = &core->frames[k->frames[i]];
		struct peer *p = core_peer_find(core, f->peer);
		if (p && p->kind == PEER_DRIVER)
			continue;
		if (p)
			say_unavailable(p, f->json, "the database cannot be reached, and nothing more can be kept");
		drop(core, k->frames[i]);
	}
}

/* A driver that says more than can wait is started again later: what it was not told is stored, it says once more. */
static void close_ranks(struct core *core)
{
	size_t n = 0;
	for (size_t i = 0; i < core->n_frames; i++) {
		if (!core->frames[i].json)
			continue;
		struct peer *p = core_peer_find(core, core->frames[i].peer);
		if (n < WAITING_MAX) {
			core->frames[n++] = core->frames[i];
			continue;
		}
		if (p)
			peer_doom(p, "says more than can be kept while the database is away");
		json_decref(core->frames[i].json);
	}
	core->n_frames = n;
}

int away_keep(struct core *core)
{
	struct kept k = { .entries = calloc(core->n_frames + 1, sizeof(*k.entries)),
			  .frames = calloc(core->n_frames + 1, sizeof(*k.frames)) };
	int r = k.entries && k.frames ? 0 : E_NOMEM;
	if (!r) {
		sort_out(core, &k);
		r = put(core, &k);
	}
	if (r && r != E_BROKEN && k.n)
		turn_away(core, &k);
	if (k.entries && k.frames)
		close_ranks(core);
	kept_done(&k);
	return r == E_BROKEN ? r : 0;
}
