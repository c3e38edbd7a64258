/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Waiting for the lease. Called by main.c and, while another core is active, by the loop instead of the core's tick. Answers from memory;
 * touches the database only to ask and to hand its spool on. */
#include "gateway/standby.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/base/log.h"
#include "gateway/base/text.h"
#include "gateway/replay.h"
#include "gateway/spool.h"

#define ASK_MS 500

struct standby {
	struct core *core;
	struct spool *spool;
	char holder[96]; /* this run of this core */
	struct complaint complaint;
	char active[128];
	int64_t ask_mono_ms;
	bool away, kept_back; /* said once each */
};

int standby_new(struct core *core, struct standby **ret)
{
	struct standby *s = calloc(1, sizeof(*s));
	uint8_t id[8];
	if (!s)
		return E_NOMEM;
	random_fill(core->random, id, sizeof(id));
	OWN(mem) char *hex = text_hex(id, sizeof(id));
	if (!hex) {
		free(s);
		return E_NOMEM;
	}
	s->core = core;
	snprintf(s->holder, sizeof(s->holder), "%s-%s", core->node, hex);
	*ret = s;
	return 0;
}

void standby_free(struct standby *s)
{
	if (!s)
		return;
	spool_close(s->spool);
	free(s);
}

const char *standby_active(const struct standby *s)
{
	return s->active;
}

const struct complaint *standby_complaint(const struct standby *s)
{
	return &s->complaint;
}

int standby_ask(struct standby *s, struct complaint *c)
{
	struct complaint said = { 0 };
	int r = store_lease(s->core->db, s->core->node, s->holder, &said);
	s->ask_mono_ms = clock_mono_ms(s->core->clock) + ASK_MS;
	if (r == E_AGAIN)
		snprintf(s->active, sizeof(s->active), "%.127s", said.text);
	*c = said;
	return r;
}

/* ---- the spool of an earlier life ---- */

/* What cannot be handed on stays where it is: it is told when this core is active again. */
static void keep_back(struct standby *s, int err)
{
	if (!s->kept_back)
		log_warn("spool.kept_back", "error=%s entries=%lld -- tried again", err_text(err), (long long)spool_count(s->spool));
	s->kept_back = true;
}

static void hand_on(struct standby *s)
{
	struct complaint c = { 0 };
	struct core *core = s->core;
	int64_t left = 0;
	if (!s->spool && !spool_exists(core->config->data_dir))
		return;
	int r = s->spool ? 0 : spool_open(core->config->data_dir, core->seal, core->random, &s->spool, &c);
	int64_t there = r ? 0 : spool_count(s->spool);
	if (!r && there)
		r = replay_hand_on(core->db, s->spool, core->node, &left);
	if (r)
		keep_back(s, r);
	else if (there && !left)
		log_info("spool.handed_on", "entries=%lld to the active core", (long long)there);
}

/* ---- who asks ---- */

static void say(struct peer *p, json_t *frame)
{
	OWN(json) json_t *f = frame;
	OWN(buffer) struct buffer line = { 0 };
	if (!f || json_put_line(&line, f) || peer_output(p, line.data, line.n_bytes, 0))
		peer_doom(p, "out of memory");
}

static json_t *status_of(const struct standby *s)
{
	return json_pack("{s:s,s:s,s:s,s:b,s:b,s:I}", "node", s->core->node, "role", "standby", "active", s->active, "running", 1,
			 "store_reached", !s->away, "spooled", (json_int_t)spool_count(s->spool));
}

static void refuse_it(const struct standby *s, struct peer *p, const json_t *id)
{
	char text[256];
	snprintf(text, sizeof(text), "this core stands by: %s; ask there", s->active[0] ? s->active : "the database cannot be reached");
	say(p, json_pack("{s:s,s:O?,s:b,s:{s:s,s:i,s:s,s:s}}", "op", "reply", "id", id, "ok", 0, "error", "rule", "unavailable", "status", 503,
			 "field", "", "text", text));
}

/* Whoever may connect may know that much: names of machines, counts. */
static void answer(const struct standby *s, struct peer *p, const json_t *f)
{
	const char *op = json_str(f, "op", ""), *verb = json_str(f, "verb", "");
	const json_t *id = json_object_get(f, "id");
	bool status = !strcmp(verb, "status");
	if (!strcmp(op, "ping"))
		say(p, json_pack("{s:s,s:I}", "op", "pong", "n", (json_int_t)json_int(f, "n", 0)));
	else if (!strcmp(op, "query") && status)
		say(p, json_pack("{s:s,s:O?,s:[o],s:b,s:n}", "op", "rows", "id", id, "rows", status_of(s), "more", 0, "next"));
	else if (!strcmp(op, "command") && status)
		say(p, json_pack("{s:s,s:O?,s:b,s:o}", "op", "reply", "id", id, "ok", 1, "result", status_of(s)));
	else if (strcmp(op, "hello") && strcmp(op, "pong"))
		refuse_it(s, p, id);
}

static void answer_all(struct standby *s)
{
	for (struct peer *p = s->core->peers; p; p = p->next) {
		json_t *f = NULL;
		int r = 0;
		while (!p->doomed && (r = peer_take_frame(p, &f)) == 0) {
			answer(s, p, f);
			json_decref(f);
		}
		if (r && r != E_AGAIN)
			peer_doom(p, "garbage instead of a frame");
	}
}

/* ---- for the loop ---- */

static int ask(struct standby *s)
{
	int r = standby_ask(s, &s->complaint);
	bool away = r == E_UNAVAILABLE;
	if (away != s->away)
		log_warn(away ? "store.away" : "store.back", "standing by");
	s->away = away;
	if (r == E_AGAIN)
		hand_on(s);
	return r == E_AGAIN || away ? 0 : r ? r : E_EXISTS;
}

int standby_tick(void *self)
{
	struct standby *s = self;
	answer_all(s);
	return clock_mono_ms(s->core->clock) < s->ask_mono_ms ? 0 : ask(s);
}

int64_t standby_due_mono_ms(void *self)
{
	return ((struct standby *)self)->ask_mono_ms;
}
