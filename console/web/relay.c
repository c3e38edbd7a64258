/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replies and rows become bodies. A good reply to a command, by far the most frequent frame, is cut out of its line as it
 * stands; everything else is read. Called by wire.c for requests that wait. */
#include "console/web/relay.h"

#include <ctype.h>
#include <string.h>

#include "console/web/api.h"
#include "console/web/uplink.h"
#include "console/web/web.h"
#include "gateway/base/json.h"

#define ROWS_MAX 10000

/* {"op":"reply","id":7,"ok":true,"result":…} as the core writes it. */
static const char *quick_result(const char *line, size_t n, size_t *ret_bytes)
{
	static const char begin[] = "{\"op\":\"reply\",\"id\":", good[] = ",\"ok\":true,\"result\":";
	if (n < sizeof(begin) + sizeof(good) || strncmp(line, begin, sizeof(begin) - 1) != 0)
		return NULL;
	const char *at = line + sizeof(begin) - 1;
	while (isdigit((unsigned char)*at))
		at++;
	if (strncmp(at, good, sizeof(good) - 1) != 0 || line[n - 1] != '}')
		return NULL;
	at += sizeof(good) - 1;
	*ret_bytes = (size_t)(line + n - 1 - at);
	return at;
}

int relay_reply(struct visit *v, const char *line, size_t n_bytes, json_t **ret_frame, const json_t **ret_result)
{
	OWN(json) json_t *f = NULL;
	if (json_parse(line, n_bytes, &f)) {
		visit_problem(v, 502, "failed", "", "the answer cannot be read");
		return E_REFUSED;
	}
	if (!json_flag(f, "ok", false)) {
		visit_error(v, json_object_get(f, "error"));
		return E_REFUSED;
	}
	*ret_result = json_object_get(f, "result");
	*ret_frame = MOVE(f);
	return 0;
}

/* A disclosure's command has left its mark: now the query process may show. */
static bool show_ticket(struct visit *v, const json_t *result)
{
	const json_t *ticket = json_object_get(result, "ticket");
	OWN(mem)
	char *text = json_is_string(ticket)    ? strdup(json_string_value(ticket))
		     : json_is_integer(ticket) ? json_text(ticket)
					       : NULL;
	if (!text || strlen(text) >= sizeof(v->ticket_text))
		return false;
	for (const char *c = text; *c; c++)
		if (*c < 0x20 || *c > 0x7e)
			return false;
	memcpy(v->ticket_text, text, strlen(text) + 1);
	return !api_query_frame(v, NULL, v->args, relay_query);
}

static bool disclosure(struct visit *v, const char *line, size_t n_bytes)
{
	OWN(json) json_t *f = NULL;
	const json_t *result;
	if (!relay_reply(v, line, n_bytes, &f, &result)) {
		if (show_ticket(v, result)) {
			uplink_put(v->web->uplink, v);
			return false;
		}
		visit_problem(v, 502, "failed", "", "the gateway gave no ticket");
	}
	visit_resume(v);
	return false;
}

bool relay_command(struct visit *v, const char *line, size_t n_bytes)
{
	int good = v->verb->creates ? 201 : 200;
	size_t n;
	const char *quick = quick_result(line, n_bytes, &n);
	if (v->verb->kind == VERB_DISCLOSURE)
		return disclosure(v, line, n_bytes);
	if (quick) {
		visit_say(v, good, JSON_TYPE, quick, n);
	} else {
		OWN(json) json_t *f = NULL;
		const json_t *result;
		if (!relay_reply(v, line, n_bytes, &f, &result)) {
			OWN(mem) char *text = json_text(result);
			visit_say(v, good, JSON_TYPE, text ? text : "null", text ? strlen(text) : 4);
		}
	}
	visit_resume(v);
	return false;
}

int relay_rows(struct visit *v, const char *line, size_t n_bytes, json_t **ret_frame, const json_t **ret_next)
{
	OWN(json) json_t *f = NULL;
	if (json_parse(line, n_bytes, &f)) {
		visit_problem(v, 502, "failed", "", "the answer cannot be read");
		return E_REFUSED;
	}
	if (json_object_get(f, "error")) {
		visit_error(v, json_object_get(f, "error"));
		return E_REFUSED;
	}
	json_t *rows = json_object_get(f, "rows");
	if (!v->rows)
		v->rows = json_array();
	if (!json_is_array(rows) || json_array_size(v->rows) + json_array_size(rows) > ROWS_MAX || json_array_extend(v->rows, rows)) {
		visit_problem(v, 502, "failed", "", "the answer cannot be read");
		return E_REFUSED;
	}
	const json_t *next = json_object_get(f, "next");
	bool has_next = next && !json_is_null(next) && !(json_is_integer(next) && json_integer_value(next) == 0);
	if (json_flag(f, "more", false) && !has_next)
		return E_AGAIN;
	*ret_next = has_next ? next : NULL;
	*ret_frame = MOVE(f);
	return 0;
}

/* Where answers are read from a copy they say how old it is. */
static int copy_age(json_t *doc, const json_t *frame)
{
	static const char *const keys[] = { "as_of_ms", "stale_ms" };
	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		json_t *value = json_object_get(frame, keys[i]);
		if (value && json_object_set(doc, keys[i], value))
			return E_NOMEM;
	}
	return 0;
}

static void say_list(struct visit *v, const json_t *next, const json_t *frame)
{
	OWN(json) json_t *doc = json_object();
	OWN(buffer) struct buffer text = { 0 };
	if (!doc || json_object_set(doc, "items", v->rows) || json_object_set_new(doc, "next", next ? json_deep_copy(next) : json_null()) ||
	    copy_age(doc, frame) || json_put_line(&text, doc))
		visit_problem(v, 503, "unavailable", "", "out of memory");
	else
		visit_say(v, 200, JSON_TYPE, buffer_text(&text), buffer_left(&text));
	v->packs = true;
}

static void say_one(struct visit *v)
{
	OWN(buffer) struct buffer text = { 0 };
	const json_t *one = json_array_get(v->rows, 0);
	if (!one)
		visit_problem(v, 404, "not_found", "", "there is no such thing");
	else if (json_put_line(&text, one))
		visit_problem(v, 503, "unavailable", "", "out of memory");
	else
		visit_say(v, 200, JSON_TYPE, buffer_text(&text), buffer_left(&text));
}

bool relay_query(struct visit *v, const char *line, size_t n_bytes)
{
	OWN(json) json_t *f = NULL;
	const json_t *next = NULL;
	int r = relay_rows(v, line, n_bytes, &f, &next);
	if (r == E_AGAIN)
		return true;
	if (!r && v->verb->list)
		say_list(v, next, f);
	else if (!r)
		say_one(v);
	visit_resume(v);
	return false;
}
