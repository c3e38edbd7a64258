/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Callbacks become ussd frames. Called by site.c. Never logs an address, a number or a word. */
#include "console/web/ussd.h"

#include <stdlib.h>
#include <string.h>

#include "console/web/hook.h"
#include "console/web/relay.h"
#include "console/web/source.h"
#include "console/web/web.h"
#include "gateway/base/complaint.h"
#include "gateway/base/json.h"
#include "gateway/base/log.h"

#define AWAY "He thong dang ban. Xin goi lai sau it phut."

/* ---- addresses ---- */

/* Borrowed from the configuration. */
static int read_callers(const json_t *entry, struct web_ussd *u)
{
	const json_t *list = json_object_get(entry, "callback_from"), *block;
	size_t i;
	u->callers = calloc(json_array_size(list) + 1, sizeof(*u->callers));
	json_array_foreach(list, i, block)
		if (u->callers)
			u->callers[i] = json_string_value(block);
	return u->callers ? 0 : E_NOMEM;
}

int ussd_load(struct web *w, struct complaint *c)
{
	size_t i;
	const json_t *entry;
	const char *setting = "", *why = "";
	w->ussd = calloc(json_array_size(w->config->ussd) + 1, sizeof(*w->ussd));
	if (!w->ussd)
		return E_NOMEM;
	json_array_foreach(w->config->ussd, i, entry) {
		struct web_ussd *u = &w->ussd[w->n_ussd];
		u->name = json_str(entry, "name", "");
		u->secret = json_str(entry, "secret", NULL);
		if (!u->secret)
			continue;
		if (ussd_style_read(entry, &u->style, &setting, &why)) {
			complaint_set(c, "ussd", "style", "%s.settings.%s %s", u->name, setting, why);
			return E_CONFIG;
		}
		w->n_ussd++;
		if (read_callers(entry, u))
			return E_NOMEM;
	}
	return 0;
}

void ussd_unload(struct web *w)
{
	for (size_t i = 0; i < w->n_ussd; i++)
		free(w->ussd[i].callers);
	free(w->ussd);
	w->ussd = NULL;
	w->n_ussd = 0;
}

static const struct web_ussd *find(const struct web *w, const struct target *t)
{
	const struct web_ussd *found = NULL;
	if (t->n < 3 || strcmp(t->segments[0], "ussd") != 0)
		return NULL;
	for (size_t i = 0; i < w->n_ussd; i++)
		if (strcmp(w->ussd[i].name, t->segments[1]) == 0)
			found = &w->ussd[i];
	bool right = hook_is_secret(t->segments[2], strlen(t->segments[2]), found ? found->secret : "0123456789abcdef");
	return found && right ? found : NULL;
}

const struct web_ussd *ussd_find(const struct web *w, const char *path, size_t n_bytes)
{
	struct target t;
	OWN(mem) char *raw = strndup(path, n_bytes);
	if (!raw || target_parse(raw, &t))
		return NULL;
	const struct web_ussd *u = find(w, &t);
	target_done(&t);
	return u;
}

/* What stands behind the secret: "SESSION/start". */
static int rest_of(const struct target *t, char *ret, size_t room)
{
	size_t n = 0;
	*ret = '\0';
	for (size_t i = 3; i < t->n && n < room; i++)
		n += (size_t)snprintf(ret + n, room - n, "%s%s", i > 3 ? "/" : "", t->segments[i]);
	return n < room ? 0 : E_INVALID;
}

/* ---- the answer ---- */

static void say(struct visit *v, const char *text, bool more)
{
	const struct web_ussd *u = v->channel;
	OWN(buffer) struct buffer out = { 0 };
	const char *type = NULL;
	struct ussd_heard h = { .echo = v->args };
	if (ussd_style_say(&u->style, &h, text, more, &out, &type))
		visit_problem(v, 503, "unavailable", "", "out of memory");
	else
		visit_say(v, 200, type, buffer_text(&out), buffer_left(&out));
}

static bool answered(struct visit *v, const char *line, size_t n_bytes)
{
	OWN(json) json_t *f = NULL;
	const json_t *result;
	if (!relay_reply(v, line, n_bytes, &f, &result))
		say(v, json_str(result, "text", ""), json_flag(result, "more", false));
	else if (v->status >= 500)
		say(v, AWAY, false);
	else if (v->status != 404)
		visit_problem(v, 400, "malformed", "", "the callback names no session or no telephone");
	visit_resume(v);
	return false;
}

/* ---- the request ---- */

static int put_frame(struct visit *v, const struct web_ussd *u, const struct ussd_heard *h)
{
	const struct ussd_style *s = &u->style;
	OWN(json) json_t *f = json_pack("{s:s,s:s,s:s,s:s,s:b,s:b,s:b,s:I}", "door", u->name, "session", h->session, "from", h->from, "input", h->input,
					"cumulative", s->cumulative, "first", h->first, "says_first", s->by_path || s->first, "sequence", (json_int_t)h->sequence);
	OWN(buffer) struct buffer line = { 0 };
	int r = f ? json_put_line(&line, f) : E_NOMEM;
	r = r ? r : buffer_puts(&v->frame, ",");
	return r ? r : buffer_puts(&v->frame, buffer_text(&line) + 1);
}

/* The session is over at the network: nobody sees an answer, and whoever dials again within a quarter of an hour may go on. */
static bool take(struct visit *v, struct ussd_heard *h)
{
	const struct web_ussd *u = v->channel;
	v->args = h->echo;
	h->echo = NULL;
	if (h->over) {
		say(v, "", false);
		return true;
	}
	v->op = "ussd";
	v->wire = WIRE_CORE;
	v->heard = answered;
	if (put_frame(v, u, h)) {
		visit_problem(v, 503, "unavailable", "", "out of memory");
		return true;
	}
	buffer_done(&v->body);
	visit_ask(v);
	return false;
}

static bool run(struct visit *v)
{
	const struct web_ussd *u = v->channel;
	struct ussd_heard h = { 0 };
	char rest[300];
	const char *type = visit_header(v, "Content-Type");
	struct received in = { .method = v->method, .query = v->target.query, .content_type = type ? type : "", .body = buffer_text(&v->body), .body_bytes = buffer_left(&v->body) };
	int r = rest_of(&v->target, rest, sizeof(rest));
	r = r ? r : ussd_style_hear(&u->style, &in, rest, &h);
	if (r) {
		if (r != E_NOMEM)
			log_warn("ussd.malformed", "name=%s bytes=%zu", u->name, buffer_left(&v->body));
		atomic_fetch_add(&v->web->counts.malformed, r != E_NOMEM);
		visit_problem(v, r == E_NOMEM ? 503 : 400, r == E_NOMEM ? "unavailable" : "malformed", "", "the callback is not what the style describes");
		return true;
	}
	bool done = take(v, &h);
	ussd_heard_done(&h);
	return done;
}

bool ussd_begin(struct visit *v)
{
	v->channel = find(v->web, &v->target);
	if (!v->channel) {
		visit_problem(v, 404, "not_found", "", "no such path");
		return true;
	}
	if (strcmp(v->method, "POST") != 0 && strcmp(v->method, "GET") != 0) {
		v->allow = "GET, POST";
		visit_problem(v, 405, "method", "", "GET or POST");
		return true;
	}
	const struct web_ussd *u = v->channel;
	if (!source_is_among(v, (char *const *)u->callers)) {
		log_warn("ussd.denied", "name=%s reason=source", u->name);
		atomic_fetch_add(&v->web->counts.denied, 1);
		visit_problem(v, 403, "source", "", "calls of this address do not come from there");
		return true;
	}
	v->run = run;
	return false;
}
