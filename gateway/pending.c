/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls that a driver or the query process has still to answer: what comes of the answer, or of none in time. */
#include "gateway/pending.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/base/log.h"
#include "gateway/command_key.h"
#include "gateway/command_reply.h"

/* The continuation of a command; what it wrote is undone when it fails. */
static int continue_with(struct tick *t, const struct pending *p, const struct call *c, const json_t *answer, json_t **ret, struct refusal *why)
{
	if (!p->on_answer) {
		*ret = json_incref(json_object_get(answer, "result"));
		return *ret ? 0 : E_PROTOCOL;
	}
	struct tick_mark *m;
	int r = tick_mark(t, &m);
	if (r)
		return r;
	r = p->on_answer(t, c, answer, ret, why);
	if (!r)
		r = tick_settle(t);
	int e = tick_mark_end(t, m, r == 0 || r == E_AGAIN);
	return e ? e : r;
}

/* A call that waited keeps its key once it is done. */
static int keep_late(struct tick *t, const struct pending *p, struct call *c, const json_t *result)
{
	uint8_t hash[32];
	c->key = p->key;
	int r = command_key_hash(t, c, hash);
	return r ? r : command_key_keep(t, c, hash, result);
}

void pending_done(struct pending *p)
{
	json_decref(p->args);
	free(p->key);
}

static void close_call(struct tick *t, struct pending *p, const json_t *answer)
{
	struct refusal why = { 0 };
	char dotted[80];
	snprintf(dotted, sizeof(dotted), "%s.%s", p->verb->noun, p->verb->name);
	struct call c = { .verb = p->verb, .args = p->args, .actor = p->actor, .role = p->role, .unit = p->unit, .dotted = dotted, .peer = p->peer, .request = p->request };
	json_t *result = NULL;
	int r = answer ? continue_with(t, p, &c, answer, &result, &why)
		       : refuse(&why, E_IO, 504, "no_answer", "", "no answer came in time");
	if (!r && p->key)
		r = keep_late(t, p, &c, result);
	if (p->peer && r != E_AGAIN)
		r = r ? command_reply_error(t, p->peer, p->request, r, &why) : command_reply_ok(t, p->peer, p->request, json_incref(result));
	if (r)
		log_warn("command.answer", "verb=%s error=%s", dotted, err_text(r));
	json_decref(result);
	refusal_done(&why);
}

static void forget(struct core *core, int64_t id, int64_t unused)
{
	(void)unused;
	for (size_t i = 0; i < core->n_pending; i++)
		if (core->pending[i].id == id) {
			pending_done(&core->pending[i]);
			core->pending[i] = core->pending[--core->n_pending];
			return;
		}
}

int pending_answer(struct tick *t, struct peer *p, const json_t *f)
{
	int64_t id = strtoll(json_str(f, "id", "0"), NULL, 10);
	for (size_t i = 0; i < t->core->n_pending; i++)
		if (t->core->pending[i].id == id && t->core->pending[i].asked == p->id) {
			close_call(t, &t->core->pending[i], f);
			return tick_after(t, forget, id, 0);
		}
	return 0;
}

int pending_answer_any(struct tick *t, struct peer *p, const char *verb)
{
	int r = 0;
	OWN(json) json_t *nothing = json_object();
	for (size_t i = 0; !r && nothing && i < t->core->n_pending; i++) {
		struct pending *waits = &t->core->pending[i];
		if (waits->asked != p->id || strcmp(waits->verb->name, verb))
			continue;
		close_call(t, waits, nothing);
		r = tick_after(t, forget, waits->id, 0);
	}
	return nothing ? r : E_NOMEM;
}

int pending_end_overdue(struct tick *t)
{
	struct core *core = t->core;
	int r = 0;
	for (size_t i = 0; !r && i < core->n_pending; i++) {
		if (core->pending[i].limit_at_mono_ms > t->mono_ms && core_peer_find(core, core->pending[i].asked))
			continue;
		close_call(t, &core->pending[i], NULL);
		r = tick_after(t, forget, core->pending[i].id, 0);
	}
	return r;
}
