/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads what a profile says of callbacks. Called by profile.c; callbacks themselves are read by events.c. Knows no channel and no secret. */
#include "config/callback.h"

#include <stdlib.h>
#include <string.h>

#include "config/regexp.h"
#include "gateway/base/own.h"

/* ---- reading the profile ---- */

static void match_done(struct callback_match *m)
{
	place_done(&m->at);
	free(m->value);
	if (m->has_expression)
		regfree(&m->expression);
}

/* "at", and one of the keys value and "matches". */
static int read_match(const struct reader *g, enum format format, const char *value_key, struct callback_match *ret)
{
	const char *why = NULL;
	OWN(mem) char *text = NULL;
	int r = reader_place(g, "at", format, false, &ret->at);
	r = r ? r : reader_word(g, value_key, &ret->value);
	r = r ? r : reader_text(g, "matches", NULL, &text);
	if (r)
		return r;
	if (!ret->value == !text)
		return reader_wrong(g, value_key, "missing", "or matches: one of them must be there");
	if (!text)
		return 0;
	r = regexp_parse(text, REG_NOSUB, &ret->expression, &why);
	ret->has_expression = r == 0;
	return r == E_INVALID ? reader_wrong(g, "matches", "pattern", why) : r;
}

static int read_word(const struct reader *list, size_t i, struct callback_plan *c)
{
	static const char *const keys[] = { "at", "value", "matches", "status", NULL };
	static const char *const statuses[] = { "delivered", "failed", "buffered", NULL };
	struct reader e;
	struct callback_word *w = &c->map[c->n_map++];
	int r = reader_element(list, "map", i, keys, &e);
	r = r ? r : read_match(&e, c->format, "value", &w->match);
	return r ? r : reader_name(&e, "status", statuses, "must be delivered, failed or buffered", &w->status);
}

static int read_map(const struct reader *g, struct callback_plan *c)
{
	size_t n;
	int r = reader_list(g, "map", true, &n);
	if (r || !n)
		return r ? r : reader_wrong(g, "map", "missing", "is empty");
	c->map = calloc(n, sizeof(*c->map));
	if (!c->map)
		return E_NOMEM;
	for (size_t i = 0; !r && i < n; i++)
		r = read_word(g, i, c);
	return r;
}

static int read_only(const struct reader *g, struct callback_plan *c)
{
	static const char *const keys[] = { "at", "equals", "matches", NULL };
	struct reader only;
	int r = reader_group(g, "only", false, keys, &only);
	if (r || !only.values)
		return r;
	c->has_only = true;
	r = read_match(&only, c->format, "equals", &c->only);
	if (!r && c->only.at.kind == PLACE_NONE)
		r = reader_wrong(&only, "at", "missing", "is missing");
	return r;
}

/* JSON that stands in a field of a form or query. */
static int read_field(const struct reader *g, struct callback_plan *c)
{
	if (json_object_get(g->values, "field") && c->format != FORMAT_JSON)
		return reader_wrong(g, "field", "place", "is for JSON that stands in a form or query: format = \"json\"");
	return reader_place(g, "field", FORMAT_FORM, false, &c->field);
}

/* What both kinds of callback have. */
static int read_common(const struct reader *g, struct callback_plan *c)
{
	c->there = true;
	int r = reader_format(g, true, &c->format);
	r = r ? r : read_field(g, c);
	if (!r && json_object_get(g->values, "each") && c->format != FORMAT_JSON)
		return reader_wrong(g, "each", "place", "is for callbacks in JSON");
	r = r ? r : reader_place(g, "each", c->format, false, &c->each);
	r = r ? r : read_only(g, c);
	r = r ? r : reader_place(g, "to", c->format, false, &c->to);
	return r ? r : reader_text(g, "reply", "", &c->reply);
}

int callback_read_receipt(const struct reader *top, struct callback_plan *ret)
{
	static const char *const keys[] = { "format", "field", "each", "only", "id", "status", "to", "code", "map", "reply", NULL };
	struct reader g;
	int r = reader_group(top, "receipt", false, keys, &g);
	if (r || !g.values)
		return r;
	r = read_common(&g, ret);
	r = r ? r : reader_place(&g, "id", ret->format, true, &ret->id);
	r = r ? r : reader_place(&g, "status", ret->format, true, &ret->status);
	r = r ? r : reader_place(&g, "code", ret->format, false, &ret->code);
	return r ? r : read_map(&g, ret);
}

static int read_parts(const struct reader *g, struct callback_plan *c)
{
	static const char *const keys[] = { "ref", "total", "part", NULL };
	struct reader parts;
	int r = reader_group(g, "parts", false, keys, &parts);
	if (r || !parts.values)
		return r;
	r = reader_place(&parts, "ref", c->format, true, &c->ref);
	r = r ? r : reader_place(&parts, "total", c->format, true, &c->total);
	return r ? r : reader_place(&parts, "part", c->format, true, &c->part);
}

int callback_read_inbound(const struct reader *top, struct callback_plan *ret)
{
	static const char *const keys[] = { "format", "field", "each", "only", "id", "from", "to", "text", "coding", "hex", "parts", "reply", NULL };
	struct reader g;
	int r = reader_group(top, "inbound", false, keys, &g);
	if (r || !g.values)
		return r;
	r = read_common(&g, ret);
	r = r ? r : reader_place(&g, "id", ret->format, false, &ret->id);
	r = r ? r : reader_place(&g, "from", ret->format, true, &ret->from);
	r = r ? r : reader_place(&g, "text", ret->format, true, &ret->text);
	r = r ? r : reader_place(&g, "coding", ret->format, false, &ret->coding);
	r = r ? r : reader_place(&g, "hex", ret->format, ret->coding.kind != PLACE_NONE, &ret->hex);
	return r ? r : read_parts(&g, ret);
}

void callback_done(struct callback_plan *c)
{
	struct place *const places[] = { &c->field, &c->each, &c->id,  &c->from,  &c->to,	 &c->text,   &c->status,
					 &c->code, &c->ref, &c->total, &c->part, &c->coding, &c->hex };
	for (size_t i = 0; i < COUNT_OF(places); i++)
		place_done(places[i]);
	for (size_t i = 0; i < c->n_map; i++)
		match_done(&c->map[i].match);
	match_done(&c->only);
	free(c->map);
	free(c->reply);
}
