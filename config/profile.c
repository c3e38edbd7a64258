/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads and checks a provider's profile file. Called by provider_load. The only I/O is settings_read; an unknown key, a
 * wrong type or a rule that could never decide is refused with its file, line and key. */
#include "config/profile.h"

#include <stdlib.h>
#include <string.h>

#include "config/settings.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"

#define PATH_BYTES 192
#define LIST_MAX 256

struct reader {
	const struct settings *settings;
	struct complaint *c;
};
/* A group of the file under its path, "provider.answer.rules.[2]". */
struct group {
	const struct reader *r;
	const json_t *values;
	char path[PATH_BYTES];
};

OWN_DEFINE(settings, struct settings *, settings_free)

/* ---- groups and single values ---- */

static int wrong(const struct group *g, const char *key, const char *rule, const char *what)
{
	char path[2 * PATH_BYTES];
	snprintf(path, sizeof(path), "%s%s%s", g->path, key[0] && g->path[0] ? "." : "", key);
	return settings_complain(g->r->settings, path, g->r->c, rule, "%s %s", key[0] ? key : g->path, what);
}

static int only(const struct group *g, const char *const *keys)
{
	const char *key;
	json_t *value;
	json_object_foreach((json_t *)g->values, key, value)
	{
		const char *const *known = keys;
		while (*known && strcmp(*known, key))
			known++;
		if (!*known)
			return wrong(g, key, "unknown_key", "is not a key of this group");
	}
	return 0;
}

/* *ret->values is NULL when the group is absent. */
static int get_group(const struct group *g, const char *key, bool required, const char *const *keys, struct group *ret)
{
	const json_t *value = json_object_get(g->values, key);
	*ret = (struct group){ .r = g->r, .values = value };
	int n = snprintf(ret->path, sizeof(ret->path), "%s%s%s", g->path, g->path[0] ? "." : "", key);
	if (n >= (int)sizeof(ret->path))
		return E_INVALID;
	if (!value)
		return required ? wrong(g, key, "missing", "is missing") : 0;
	return json_is_object(value) ? only(ret, keys) : wrong(g, key, "type", "must be a group { … }");
}

/* Element i of a list of groups. */
static int get_element(const struct group *g, const char *key, size_t i, const char *const *keys, struct group *ret)
{
	*ret = (struct group){ .r = g->r, .values = json_array_get(json_object_get(g->values, key), i) };
	snprintf(ret->path, sizeof(ret->path), "%.150s.%.20s.[%zu]", g->path, key, i);
	return json_is_object(ret->values) ? only(ret, keys) : wrong(ret, "", "type", "must be a group { … }");
}

static int get_list(const struct group *g, const char *key, bool required, size_t *ret_n)
{
	const json_t *value = json_object_get(g->values, key);
	*ret_n = 0;
	if (!value)
		return required ? wrong(g, key, "missing", "is missing") : 0;
	if (!json_is_array(value))
		return wrong(g, key, "type", "must be a list");
	if (json_array_size(value) > LIST_MAX)
		return wrong(g, key, "too_many", "has more than 256 elements");
	*ret_n = json_array_size(value);
	return 0;
}

static const char *peek(const struct group *g, const char *key)
{
	return json_string_value(json_object_get(g->values, key));
}

static int get_text(const struct group *g, const char *key, const char *otherwise, char **ret)
{
	const json_t *value = json_object_get(g->values, key);
	if (value && !json_is_string(value))
		return wrong(g, key, "type", "must be a text in quotes");
	const char *text = value ? json_string_value(value) : otherwise;
	*ret = text ? strdup(text) : NULL;
	return text && !*ret ? E_NOMEM : 0;
}

static int get_required(const struct group *g, const char *key, char **ret)
{
	int r = get_text(g, key, NULL, ret);
	if (!r && (!*ret || !**ret))
		return wrong(g, key, "missing", *ret ? "is empty" : "is missing");
	return r;
}

static int get_flag(const struct group *g, const char *key, bool *ret)
{
	const json_t *value = json_object_get(g->values, key);
	if (value && !json_is_boolean(value))
		return wrong(g, key, "type", "must be true or false");
	if (value)
		*ret = json_is_true(value);
	return 0;
}

static int get_number(const struct group *g, const char *key, double least, double most, double *ret)
{
	const json_t *value = json_object_get(g->values, key);
	if (!value)
		return 0;
	if (!json_is_number(value))
		return wrong(g, key, "type", "must be a number");
	double number = json_number_value(value);
	if (!(number >= least && number <= most)) {
		char what[64];
		snprintf(what, sizeof(what), "must be from %g to %g", least, most);
		return wrong(g, key, "out_of_range", what);
	}
	*ret = number;
	return 0;
}

static int get_whole(const struct group *g, const char *key, int least, int most, int *ret)
{
	double number = *ret;
	const json_t *value = json_object_get(g->values, key);
	if (value && !json_is_integer(value))
		return wrong(g, key, "type", "must be a whole number");
	int r = get_number(g, key, least, most, &number);
	*ret = (int)number;
	return r;
}

static int get_format(const struct group *g, bool callback, enum format *ret)
{
	const char *name = peek(g, "format");
	if (format_parse(name, ret) || (callback ? *ret == FORMAT_TEXT : *ret == FORMAT_QUERY))
		return wrong(g, "format", "unknown_value",
			     callback ? "must be query, form, json or xml" : "must be json, xml, form or text");
	return 0;
}

static int get_place(const struct group *g, const char *key, enum format format, bool required, struct place *ret)
{
	const char *text = peek(g, key), *why = NULL;
	if (!json_object_get(g->values, key))
		return required ? wrong(g, key, "missing", "is missing") : 0;
	if (!text)
		return wrong(g, key, "type", "must be a text in quotes");
	int r = place_parse(format, text, ret, &why);
	return r == E_INVALID ? wrong(g, key, "place", why) : r;
}

static int get_stencil(const struct group *g, const char *key, const char *text, struct stencil *ret)
{
	const char *why = NULL;
	int r = stencil_parse(text, ret, &why);
	return r == E_INVALID ? wrong(g, key, "template", why) : r;
}

/* ---- submit ---- */

static int read_headers(const struct group *g, struct profile *p)
{
	size_t n;
	int r = get_list(g, "headers", false, &n);
	if (r || !n)
		return r;
	p->submit.headers = calloc(n, sizeof(*p->submit.headers));
	if (!p->submit.headers)
		return E_NOMEM;
	for (size_t i = 0; i < n; i++) {
		const char *text = json_string_value(json_array_get(json_object_get(g->values, "headers"), i));
		const char *colon = text ? strchr(text, ':') : NULL;
		if (!colon || colon == text || strpbrk(text, "\r\n") || strcspn(text, " {") < (size_t)(colon - text))
			return wrong(g, "headers", "header", "must hold texts \"Name: value\"");
		r = get_stencil(g, "headers", text, &p->submit.headers[i]);
		if (r)
			return r;
		p->submit.n_headers++;
	}
	return 0;
}

static int read_method(const struct group *g, struct profile *p)
{
	static const char *const known[] = { "GET", "POST", "PUT" };
	int r = get_text(g, "method", "POST", &p->submit.method);
	for (size_t i = 0; !r && i < COUNT_OF(known); i++)
		if (!strcmp(p->submit.method, known[i]))
			return 0;
	return r ? r : wrong(g, "method", "unknown_value", "must be GET, POST or PUT");
}

static int read_submit(const struct group *top, struct profile *p)
{
	static const char *const keys[] = { "method", "path", "headers", "content_type", "body", "timeout_s", NULL };
	struct group g;
	p->submit.timeout_s = 30;
	int r = get_group(top, "submit", true, keys, &g);
	r = r ? r : read_method(&g, p);
	r = r ? r : get_number(&g, "timeout_s", 0.1, 600, &p->submit.timeout_s);
	r = r ? r : get_text(&g, "content_type", NULL, &p->submit.content_type);
	r = r ? r : read_headers(&g, p);
	OWN(mem) char *path = NULL;
	OWN(mem) char *body = NULL;
	r = r ? r : get_text(&g, "path", "", &path);
	r = r ? r : get_text(&g, "body", "", &body);
	if (r)
		return r;
	if (*path && *path != '/' && *path != '?')
		return wrong(&g, "path", "path", "must begin with /");
	if (strpbrk(path, " \r\n\t#") || (p->submit.content_type && strpbrk(p->submit.content_type, "\r\n")))
		return wrong(&g, "path", "path", "has a space or control character");
	if (*body && !strcmp(p->submit.method, "GET"))
		return wrong(&g, "body", "body", "has no place in a GET request");
	r = get_stencil(&g, "path", path, &p->submit.path);
	return r ? r : get_stencil(&g, "body", body, &p->submit.body);
}

/* ---- answer ---- */

/* "200", "200-299", "4xx", or 200 as a number. */
static int read_status(const struct group *g, struct profile_rule *rule)
{
	const json_t *value = json_object_get(g->values, "status");
	const char *text = json_string_value(value);
	int from = 0, to = 0, end = 0;
	if (!value)
		return 0;
	if (json_is_integer(value)) {
		from = to = (int)json_integer_value(value);
	} else if (text && sscanf(text, "%3d-%3d%n", &from, &to, &end) == 2 && !text[end]) {
		/* a range */
	} else if (text && sscanf(text, "%1dxx%n", &from, &end) == 1 && end == 3 && !text[end]) {
		from *= 100;
		to = from + 99;
	} else if (text && sscanf(text, "%3d%n", &from, &end) == 1 && !text[end]) {
		to = from;
	}
	if (from < 100 || to > 599 || from > to)
		return wrong(g, "status", "status", "must be like \"200\", \"200-299\" or \"4xx\"");
	rule->status_from = from;
	rule->status_to = to;
	return 0;
}

static int read_equals(const struct group *g, struct profile_rule *rule)
{
	const json_t *value = json_object_get(g->values, "equals");
	if (!value)
		return 0;
	if (json_is_object(value) || json_is_array(value))
		return wrong(g, "equals", "type", "must be a text, number or boolean");
	rule->equals = json_is_string(value) ? strdup(json_string_value(value)) : json_text(value);
	return rule->equals ? 0 : E_NOMEM;
}

static int read_matches(const struct group *g, struct profile_rule *rule)
{
	OWN(mem) char *text = NULL;
	int r = get_text(g, "matches", NULL, &text);
	if (r || !text)
		return r;
	if (regcomp(&rule->matches, text, REG_EXTENDED | REG_NOSUB))
		return wrong(g, "matches", "pattern", "is no extended regular expression");
	rule->has_matches = true;
	return 0;
}

static int get_name(const struct group *g, const char *key, const char *const *names, const char *what, const char **ret)
{
	const char *text = peek(g, key);
	for (; text && *names; names++)
		if (!strcmp(text, *names)) {
			*ret = *names;
			return 0;
		}
	return wrong(g, key, json_object_get(g->values, key) ? "unknown_value" : "missing", what);
}

static int read_condition(const struct group *g, enum format format, struct profile_rule *rule)
{
	int r = read_status(g, rule);
	r = r ? r : get_place(g, "at", format, false, &rule->at);
	r = r ? r : read_equals(g, rule);
	r = r ? r : read_matches(g, rule);
	if (r || !(rule->equals || rule->has_matches) || rule->at.kind != PLACE_NONE)
		return r;
	if (format != FORMAT_TEXT)
		return wrong(g, "at", "missing", "is missing: equals and matches look at a place");
	rule->at.kind = PLACE_WHOLE;
	return 0;
}

static int read_rule(const struct group *g, enum format format, struct profile_rule *rule)
{
	static const char *const outcomes[] = { "accepted", "refused", "not_sent", "unclear", NULL };
	static const char *const faults[] = { "message", "recipient", "channel", NULL };
	int r = read_condition(g, format, rule);
	r = r ? r : get_place(g, "code", format, false, &rule->code);
	r = r ? r : get_place(g, "retry_after", format, false, &rule->retry_after);
	r = r ? r : get_name(g, "outcome", outcomes, "must be accepted, refused, not_sent or unclear", &rule->outcome);
	if (!r && json_object_get(g->values, "fault"))
		r = get_name(g, "fault", faults, "must be message, recipient or channel", &rule->fault);
	return r;
}

static bool has_condition(const struct profile_rule *rule)
{
	return rule->status_from || rule->at.kind != PLACE_NONE || rule->equals || rule->has_matches;
}

static int read_rules(const struct group *g, struct profile *p)
{
	static const char *const keys[] = { "status", "at",    "equals",      "matches", "outcome",
					    "code",   "fault", "retry_after", NULL };
	size_t n;
	int r = get_list(g, "rules", true, &n);
	if (r || !n)
		return r ? r : wrong(g, "rules", "missing", "is empty");
	p->answer.rules = calloc(n, sizeof(*p->answer.rules));
	if (!p->answer.rules)
		return E_NOMEM;
	for (size_t i = 0; i < n; i++) {
		struct group e;
		struct profile_rule *rule = &p->answer.rules[p->answer.n_rules++];
		r = get_element(g, "rules", i, keys, &e);
		r = r ? r : read_rule(&e, p->answer.format, rule);
		if (r)
			return r;
		if (has_condition(rule) == (i + 1 == n))
			return wrong(&e, "", "condition",
				     i + 1 == n ? "is the last rule and must have no condition" :
						  "has no condition, so the rules behind it can never be used");
	}
	return 0;
}

static int read_answer(const struct group *top, struct profile *p)
{
	static const char *const keys[] = { "format", "id", "rules", NULL };
	struct group g;
	int r = get_group(top, "answer", true, keys, &g);
	r = r ? r : get_format(&g, false, &p->answer.format);
	r = r ? r : get_place(&g, "id", p->answer.format, false, &p->answer.id);
	return r ? r : read_rules(&g, p);
}

/* ---- callbacks ---- */

static int read_map(const struct group *g, struct profile_callback *c)
{
	static const char *const keys[] = { "value", "status", NULL };
	static const char *const statuses[] = { "delivered", "failed", "buffered", NULL };
	size_t n;
	int r = get_list(g, "map", true, &n);
	if (r || !n)
		return r ? r : wrong(g, "map", "missing", "is empty");
	c->map = calloc(n, sizeof(*c->map));
	if (!c->map)
		return E_NOMEM;
	for (size_t i = 0; !r && i < n; i++) {
		struct group e;
		struct profile_word *w = &c->map[c->n_map++];
		r = get_element(g, "map", i, keys, &e);
		const json_t *value = r ? NULL : json_object_get(e.values, "value");
		if (!r && !json_is_string(value) && !json_is_integer(value) && !json_is_boolean(value))
			r = wrong(&e, "value", "type", "must be a text, whole number or boolean");
		if (r)
			return r;
		w->value = json_is_string(value) ? strdup(json_string_value(value)) : json_text(value);
		if (!w->value)
			return E_NOMEM;
		r = get_name(&e, "status", statuses, "must be delivered, failed or buffered", &w->status);
	}
	return r;
}

static int read_receipt(const struct group *top, struct profile_callback *c)
{
	static const char *const keys[] = { "format", "id", "status", "to", "code", "map", "reply", NULL };
	struct group g;
	int r = get_group(top, "receipt", false, keys, &g);
	if (r || !g.values)
		return r;
	c->there = true;
	r = get_format(&g, true, &c->format);
	r = r ? r : get_place(&g, "id", c->format, true, &c->id);
	r = r ? r : get_place(&g, "status", c->format, true, &c->status);
	r = r ? r : get_place(&g, "to", c->format, false, &c->to);
	r = r ? r : get_place(&g, "code", c->format, false, &c->code);
	r = r ? r : read_map(&g, c);
	return r ? r : get_text(&g, "reply", "", &c->reply);
}

static int read_inbound(const struct group *top, struct profile_callback *c)
{
	static const char *const keys[] = { "format", "id", "from", "to", "text", "reply", NULL };
	struct group g;
	int r = get_group(top, "inbound", false, keys, &g);
	if (r || !g.values)
		return r;
	c->there = true;
	r = get_format(&g, true, &c->format);
	r = r ? r : get_place(&g, "id", c->format, true, &c->id);
	r = r ? r : get_place(&g, "from", c->format, true, &c->from);
	r = r ? r : get_place(&g, "to", c->format, false, &c->to);
	r = r ? r : get_place(&g, "text", c->format, true, &c->text);
	return r ? r : get_text(&g, "reply", "", &c->reply);
}

static int read_signature(const struct group *top, struct profile *p)
{
	static const char *const keys[] = { "kind", "secret", "header", NULL };
	struct group g;
	int r = get_group(top, "signature", false, keys, &g);
	if (r || !g.values)
		return r;
	if (!peek(&g, "kind") || signature_kind_parse(peek(&g, "kind"), &p->signature.kind))
		return wrong(&g, "kind", "unknown_value", "must be none, basic, hmac_sha256_body or twilio");
	if (p->signature.kind == SIGNATURE_NONE)
		return 0;
	r = get_required(&g, "secret", &p->signature.secret);
	return r ? r : get_text(&g, "header", NULL, &p->signature.header);
}

/* ---- the whole file ---- */

static int read_idempotent(const struct group *top, struct profile *p)
{
	static const char *const keys[] = { "key", "lifetime_h", NULL };
	struct group g;
	int r = get_group(top, "idempotent", false, keys, &g);
	if (r || !g.values)
		return r;
	r = get_flag(&g, "key", &p->idempotent);
	return r ? r : get_whole(&g, "lifetime_h", 0, 24 * 365, &p->lifetime_h);
}

static int read_limits(const struct group *g, const char *key, struct provider_limits *ret)
{
	size_t n;
	int r = get_list(g, key, false, &n);
	if (!r && n > PROVIDER_SEGMENTS_MAX)
		r = wrong(g, key, "out_of_range", "may have up to 16 segments");
	for (size_t i = 0; !r && i < n; i++) {
		json_int_t upto = json_integer_value(json_array_get(json_object_get(g->values, key), i));
		if (upto < 1 || upto > 10000 || (i && upto <= ret->upto[i - 1]))
			return wrong(g, key, "out_of_range", "must rise: most characters of one segment, of two, …");
		ret->upto[ret->n++] = (int)upto;
	}
	return r;
}

static int read_segments(const struct group *top, struct profile *p)
{
	static const char *const keys[] = { "plain", "unicode", "advert", NULL };
	struct group g;
	int r = get_group(top, "segments", false, keys, &g);
	if (r || !g.values)
		return r;
	r = read_limits(&g, "plain", &p->limits[PROVIDER_PLAIN]);
	r = r ? r : read_limits(&g, "unicode", &p->limits[PROVIDER_UNICODE]);
	return r ? r : read_limits(&g, "advert", &p->limits[PROVIDER_ADVERT]);
}

static int read_provider(const struct group *g, struct profile *p)
{
	int batch = 1;
	OWN(mem) char *documentation = NULL;
	p->unicode = true;
	int r = get_required(g, "name", &p->name);
	r = r ? r : get_text(g, "documentation", NULL, &documentation);
	r = r ? r : get_text(g, "country_code", "84", &p->country_code);
	r = r ? r : get_text(g, "trunk", "0", &p->trunk);
	r = r ? r : get_flag(g, "unicode", &p->unicode);
	r = r ? r : get_whole(g, "max_characters", 1, 10000, &p->max_characters);
	r = r ? r : read_segments(g, p);
	r = r ? r : get_whole(g, "batch", 1, 1, &batch);
	r = r ? r : read_idempotent(g, p);
	r = r ? r : read_submit(g, p);
	r = r ? r : read_answer(g, p);
	r = r ? r : read_receipt(g, &p->receipt);
	r = r ? r : read_inbound(g, &p->inbound);
	return r ? r : read_signature(g, p);
}

static int read_file(const struct settings *s, struct profile *p, struct complaint *c)
{
	static const char *const top_keys[] = { "provider", NULL };
	static const char *const keys[] = { "name",	      "documentation", "country_code", "trunk",	 "idempotent",
					    "unicode",	      "max_characters", "batch",	       "submit", "answer",
					    "receipt",	      "inbound",	"signature",    "segments", NULL };
	const struct reader reader = { .settings = s, .c = c };
	const struct group top = { .r = &reader, .values = settings_root(s) };
	struct group g;
	int r = only(&top, top_keys);
	r = r ? r : get_group(&top, "provider", true, keys, &g);
	return r ? r : read_provider(&g, p);
}

int profile_read(const char *file, struct profile *ret, struct complaint *c)
{
	OWN(settings) struct settings *s = NULL;
	struct profile p = { 0 };
	int r = settings_read(file, &s, c);
	r = r ? r : read_file(s, &p, c);
	if (r) {
		profile_done(&p);
		return r == E_INVALID ? E_CONFIG : r;
	}
	*ret = p;
	return 0;
}

static void callback_done(struct profile_callback *c)
{
	struct place *const places[] = { &c->id, &c->from, &c->to, &c->text, &c->status, &c->code };
	for (size_t i = 0; i < COUNT_OF(places); i++)
		place_done(places[i]);
	for (size_t i = 0; i < c->n_map; i++)
		free(c->map[i].value);
	free(c->map);
	free(c->reply);
}

static void rule_done(struct profile_rule *rule)
{
	if (rule->has_matches)
		regfree(&rule->matches);
	free(rule->equals);
	place_done(&rule->at);
	place_done(&rule->code);
	place_done(&rule->retry_after);
}

void profile_done(struct profile *p)
{
	free(p->name);
	free(p->country_code);
	free(p->trunk);
	free(p->submit.method);
	free(p->submit.content_type);
	stencil_done(&p->submit.path);
	stencil_done(&p->submit.body);
	for (size_t i = 0; i < p->submit.n_headers; i++)
		stencil_done(&p->submit.headers[i]);
	free(p->submit.headers);
	place_done(&p->answer.id);
	for (size_t i = 0; i < p->answer.n_rules; i++)
		rule_done(&p->answer.rules[i]);
	free(p->answer.rules);
	callback_done(&p->receipt);
	callback_done(&p->inbound);
	free(p->signature.secret);
	free(p->signature.header);
	*p = (struct profile){ 0 };
}
