/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the events of one callback by what a profile says of it. Called by provider.c. Knows no channel, no secret and no clock; input is
 * hostile. */
#include "config/events.h"

#include <stdlib.h>
#include <string.h>

#include "config/verdict.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"

/* ---- values ---- */

/* A value that must be there and be one line. */
static int get_token(const struct document *d, const struct received *in, const struct place *at, char **ret)
{
	OWN(mem) char *value = NULL;
	int r = document_get(d, in, at, &value);
	if (r)
		return r == E_NOMEM ? r : E_INVALID;
	if (!verdict_is_token(value, VERDICT_ID_BYTES_MAX))
		return E_INVALID;
	*ret = MOVE(value);
	return 0;
}

/* One that may be absent. */
static int find_token(const struct document *d, const struct received *in, const struct place *at, char **ret)
{
	int r = at->kind == PLACE_NONE ? 0 : get_token(d, in, at, ret);
	return r == E_NOMEM ? r : 0;
}

/* The id of a message from a person. One that lacks it, or has an empty one, is taken all the same: it may be a refusal. */
static int find_id(const struct document *d, const struct received *in, const struct place *at, char **ret)
{
	OWN(mem) char *value = NULL;
	int r = at->kind == PLACE_NONE ? E_NOT_FOUND : document_get(d, in, at, &value);
	if (r == E_NOT_FOUND || (!r && !*value))
		return 0;
	if (r || !verdict_is_token(value, VERDICT_ID_BYTES_MAX))
		return r == E_NOMEM ? r : E_INVALID;
	*ret = MOVE(value);
	return 0;
}

static int match_holds(const struct callback_match *m, const struct place *otherwise, const struct document *d,
		       const struct received *in, bool *ret)
{
	OWN(mem) char *value = NULL;
	int r = document_get(d, in, m->at.kind == PLACE_NONE ? otherwise : &m->at, &value);
	*ret = !r && (m->value ? !strcmp(m->value, value) :
				 strlen(value) <= DOCUMENT_TEXT_BYTES && !regexec(&m->expression, value, 0, NULL, 0));
	return r == E_NOMEM ? r : 0;
}

static int find_number(const struct document *d, const struct received *in, const struct place *at, int most, int *ret)
{
	OWN(mem) char *value = NULL;
	int r = find_token(d, in, at, &value);
	if (r || !value)
		return r;
	char *end;
	long number = strtol(value, &end, 10);
	if (end != value && !*end && number >= 0 && number <= most)
		*ret = (int)number;
	return 0;
}

/* Big-endian UTF-16; a half of a pair becomes U+FFFD. */
static int utf16_text(const uint8_t *bytes, size_t n_bytes, char **ret)
{
	OWN(buffer) struct buffer out = { 0 };
	int r = 0;
	for (size_t i = 0; !r && i + 1 < n_bytes; i += 2) {
		unsigned c = (unsigned)bytes[i] << 8 | bytes[i + 1];
		if (c >= 0xD800 && c < 0xDC00 && i + 3 < n_bytes && (bytes[i + 2] & 0xFC) == 0xDC) {
			c = 0x10000 + ((c & 0x3FF) << 10 | (unsigned)(bytes[i + 2] & 3) << 8 | bytes[i + 3]);
			i += 2;
		} else if ((c >= 0xD800 && c < 0xE000) || !c) {
			c = 0xFFFD;
		}
		char utf8[4] = { (char)(c < 0x80 ? c : c < 0x800 ? 0xC0 | c >> 6 : c < 0x10000 ? 0xE0 | c >> 12 : 0xF0 | c >> 18) };
		size_t n = 1;
		for (int shift = c < 0x80 ? -6 : c < 0x800 ? 0 : c < 0x10000 ? 6 : 12; shift >= 0; shift -= 6)
			utf8[n++] = (char)(0x80 | (c >> shift & 0x3F));
		r = buffer_put(&out, utf8, n);
	}
	*ret = r ? NULL : strdup(buffer_left(&out) ? buffer_text(&out) : "");
	return *ret ? 0 : E_NOMEM;
}

static int read_text(const struct callback_plan *c, const struct document *d, const struct received *in, char **ret)
{
	int coding = 0;
	int r = find_number(d, in, &c->coding, 255, &coding);
	if (r || coding != 8)
		return r ? r : document_get(d, in, &c->text, ret);
	OWN(mem) char *hex = NULL;
	OWN(mem) uint8_t *bytes = NULL;
	size_t n = 0;
	r = document_get(d, in, &c->hex, &hex);
	r = r ? r : text_unhex(hex, &bytes, &n);
	return r ? r : utf16_text(bytes, n, ret);
}

/* ---- events ---- */

/* The first key that found nothing is remembered. */
static int note(int r, const char *key, const char **why)
{
	bool wrong = r == E_INVALID || r == E_NOT_FOUND;
	if (wrong && !*why)
		*why = key;
	return wrong ? E_INVALID : r;
}

static int read_inbound(const struct callback_plan *c, const struct document *d, const struct received *in, struct provider_inbound *out,
			const char **why)
{
	int r = note(find_id(d, in, &c->id, &out->id), "inbound.id", why);
	r = r ? r : note(get_token(d, in, &c->from, &out->from), "inbound.from", why);
	r = r ? r : find_token(d, in, &c->to, &out->to);
	r = r ? r : note(read_text(c, d, in, &out->text), "inbound.text", why);
	r = r ? r : find_number(d, in, &c->ref, 65535, &out->ref);
	r = r ? r : find_number(d, in, &c->total, 255, &out->total);
	return r ? r : find_number(d, in, &c->part, 255, &out->part);
}

static int read_status(const struct callback_plan *c, const struct document *d, const struct received *in, const char **ret)
{
	*ret = "buffered"; /* an unknown word proves nothing */
	for (size_t i = 0; i < c->n_map; i++) {
		bool holds;
		int r = match_holds(&c->map[i].match, &c->status, d, in, &holds);
		if (r)
			return r;
		if (holds) {
			*ret = c->map[i].status;
			return 0;
		}
	}
	return 0;
}

static int read_receipt(const struct callback_plan *c, const struct document *d, const struct received *in, struct provider_receipt *out,
			const char **why)
{
	OWN(mem) char *word = NULL;
	int r = note(get_token(d, in, &c->id, &out->reference), "receipt.id", why);
	r = r ? r : note(get_token(d, in, &c->status, &word), "receipt.status", why);
	r = r ? r : find_token(d, in, &c->to, &out->to);
	r = r ? r : find_token(d, in, &c->code, &out->code);
	r = r ? r : read_status(c, d, in, &out->status);
	if (!r && !out->code)
		out->code = MOVE(word);
	if (out->code)
		verdict_mask(out->code);
	return r;
}

/* Do both kinds stand in one document? */
static bool are_beside(const struct callback_plan *a, const struct callback_plan *b)
{
	return a->there && b->there && a->format == b->format && a->field.kind == b->field.kind &&
	       (a->field.kind == PLACE_NONE || !strcmp(a->field.text, b->field.text));
}

/* Does an event that came to the one address belong to the other? false = it is left out or its own. */
static int choose(const struct callback_plan *own, const struct callback_plan *other, const struct document *d, const struct received *in,
		  const struct callback_plan **ret)
{
	bool holds = true;
	int r = own->has_only ? match_holds(&own->only, &own->only.at, d, in, &holds) : 0;
	*ret = holds ? own : NULL;
	if (r || holds || !other->has_only || !are_beside(own, other))
		return r;
	r = match_holds(&other->only, &other->only.at, d, in, &holds);
	*ret = holds ? other : NULL;
	return r;
}

/* What it got of the event goes, what it is of stays for a person. */
static int keep_malformed(const struct document *d, struct provider_events *out)
{
	struct provider_event *e = &out->at[out->n - 1];
	provider_event_done(e);
	out->n_malformed++;
	return document_text(d, &e->malformed);
}

static int add_event(const struct callback_plan *own, const struct callback_plan *other, bool is_receipt, const struct document *d,
		     const struct received *in, struct provider_events *out, const char **why)
{
	const struct callback_plan *plan;
	int r = choose(own, other, d, in, &plan);
	if (r || !plan)
		return r;
	struct provider_event *e = &out->at[out->n];
	*e = (struct provider_event){ .is_receipt = plan == own ? is_receipt : !is_receipt };
	out->n++; /* provider_events_done frees what a malformed one got */
	r = e->is_receipt ? read_receipt(plan, d, in, &e->receipt, why) : read_inbound(plan, d, in, &e->inbound, why);
	return r == E_INVALID ? keep_malformed(d, out) : r;
}

static int make_room(struct provider_events *out, size_t n)
{
	out->at = n ? calloc(n, sizeof(*out->at)) : NULL;
	return out->at || !n ? 0 : E_NOMEM;
}

static int add_list(const struct callback_plan *own, const struct callback_plan *other, bool is_receipt, size_t n, const struct document *d,
		    const struct received *in, struct provider_events *out, const char **why)
{
	int r = 0;
	for (size_t i = 0; !r && i < n; i++) {
		struct document *element = NULL;
		r = document_element(d, &own->each, i, &element);
		r = r ? r : add_event(own, other, is_receipt, element, in, out, why);
		document_free(element);
	}
	return r;
}

/* Some send both kinds in one body, each in a list of its own, to either address: what a person said is in neither lost. */
static int add_each(const struct callback_plan *own, const struct callback_plan *other, bool is_receipt, const struct document *d,
		    const struct received *in, struct provider_events *out, const char **why)
{
	bool beside = are_beside(own, other) && other->each.kind == PLACE_POINTER && strcmp(other->each.text, own->each.text) != 0;
	bool listed = document_has_list(d, &own->each) || (beside && document_has_list(d, &other->each)); /* an empty one says that there is nothing */
	size_t n = document_elements(d, &own->each), m = beside ? document_elements(d, &other->each) : 0;
	int r = note(listed && n + m <= EVENTS_MAX ? 0 : E_INVALID, is_receipt ? "receipt.each" : "inbound.each", why);
	r = r ? r : make_room(out, n + m);
	r = r ? r : add_list(own, other, is_receipt, n, d, in, out, why);
	return r ? r : add_list(other, own, !is_receipt, m, d, in, out, why);
}

/* The JSON of a field as a body of its own; the form's when there is one, else the query's. */
static int read_field(const struct callback_plan *c, const struct received *in, struct document **ret)
{
	struct document *form = NULL;
	OWN(mem) char *value = NULL;
	int r = document_new(in->body_bytes ? FORMAT_FORM : FORMAT_QUERY, in, &form);
	r = r ? r : document_get(form, in, &c->field, &value);
	document_free(form);
	struct received inner = *in;
	inner.body = value;
	inner.body_bytes = value ? strlen(value) : 0;
	return r ? r : document_new(c->format, &inner, ret);
}

int events_read(const struct callback_plan *inbound, const struct callback_plan *receipt, bool is_receipt, const struct received *in,
		    struct provider_events *ret, const char **ret_why)
{
	const struct callback_plan *own = is_receipt ? receipt : inbound, *other = is_receipt ? inbound : receipt;
	struct document *d = NULL;
	const char *why = NULL;
	bool many = own->each.kind != PLACE_NONE;
	if (!own->there)
		return E_NOT_FOUND;
	struct provider_events out = { 0 };
	bool inside = own->field.kind != PLACE_NONE;
	int r = inside ? note(read_field(own, in, &d), is_receipt ? "receipt.field" : "inbound.field", &why) :
			 note(document_new(own->format, in, &d), is_receipt ? "receipt.format" : "inbound.format", &why);
	r = r || many ? r : make_room(&out, 1);
	if (!r)
		r = many ? add_each(own, other, is_receipt, d, in, &out, &why) : add_event(own, other, is_receipt, d, in, &out, &why);
	document_free(d);
	*ret_why = why;
	if (r || (out.n && out.n == out.n_malformed)) {
		provider_events_done(&out);
		return r ? r : E_INVALID;
	}
	*ret = out;
	return 0;
}
