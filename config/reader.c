/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Groups and typed values of a profile file. Called by what reads a profile; every mistake is told with file, line and
 * key. Keeps nothing: what it gives is the caller's or borrowed from the file. */
#include "config/reader.h"

#include <stdio.h>
#include <string.h>

#include "gateway/base/json.h"

#define LIST_MAX 256

int reader_wrong(const struct reader *g, const char *key, const char *rule, const char *what)
{
	char path[2 * READER_PATH_BYTES];
	snprintf(path, sizeof(path), "%s%s%s", g->path, key[0] && g->path[0] ? "." : "", key);
	return settings_complain(g->file->settings, path, g->file->c, rule, "%s %s", key[0] ? key : g->path, what);
}

int reader_only(const struct reader *g, const char *const *keys)
{
	const char *key;
	json_t *value;
	json_object_foreach((json_t *)g->values, key, value)
	{
		const char *const *known = keys;
		while (*known && strcmp(*known, key))
			known++;
		if (!*known)
			return reader_wrong(g, key, "unknown_key", "is not a key of this group");
	}
	return 0;
}

int reader_group(const struct reader *g, const char *key, bool required, const char *const *keys, struct reader *ret)
{
	const json_t *value = json_object_get(g->values, key);
	*ret = (struct reader){ .file = g->file, .values = value };
	int n = snprintf(ret->path, sizeof(ret->path), "%s%s%s", g->path, g->path[0] ? "." : "", key);
	if (n >= (int)sizeof(ret->path))
		return E_INVALID;
	if (!value)
		return required ? reader_wrong(g, key, "missing", "is missing") : 0;
	return json_is_object(value) ? reader_only(ret, keys) : reader_wrong(g, key, "type", "must be a group { … }");
}

int reader_element(const struct reader *g, const char *key, size_t i, const char *const *keys, struct reader *ret)
{
	*ret = (struct reader){ .file = g->file, .values = json_array_get(json_object_get(g->values, key), i) };
	snprintf(ret->path, sizeof(ret->path), "%.150s.%.20s.[%zu]", g->path, key, i);
	return json_is_object(ret->values) ? reader_only(ret, keys) : reader_wrong(ret, "", "type", "must be a group { … }");
}

int reader_list(const struct reader *g, const char *key, bool required, size_t *ret_n)
{
	const json_t *value = json_object_get(g->values, key);
	*ret_n = 0;
	if (!value)
		return required ? reader_wrong(g, key, "missing", "is missing") : 0;
	if (!json_is_array(value))
		return reader_wrong(g, key, "type", "must be a list");
	if (json_array_size(value) > LIST_MAX)
		return reader_wrong(g, key, "too_many", "has more than 256 elements");
	*ret_n = json_array_size(value);
	return 0;
}

const char *reader_peek(const struct reader *g, const char *key)
{
	return json_string_value(json_object_get(g->values, key));
}

int reader_text(const struct reader *g, const char *key, const char *otherwise, char **ret)
{
	const json_t *value = json_object_get(g->values, key);
	if (value && !json_is_string(value))
		return reader_wrong(g, key, "type", "must be a text in quotes");
	const char *text = value ? json_string_value(value) : otherwise;
	*ret = text ? strdup(text) : NULL;
	return text && !*ret ? E_NOMEM : 0;
}

int reader_required(const struct reader *g, const char *key, char **ret)
{
	int r = reader_text(g, key, NULL, ret);
	if (!r && (!*ret || !**ret))
		return reader_wrong(g, key, "missing", *ret ? "is empty" : "is missing");
	return r;
}

int reader_word(const struct reader *g, const char *key, char **ret)
{
	const json_t *value = json_object_get(g->values, key);
	if (!value)
		return 0;
	if (json_is_object(value) || json_is_array(value))
		return reader_wrong(g, key, "type", "must be a text, number or boolean");
	*ret = json_is_string(value) ? strdup(json_string_value(value)) : json_text(value);
	return *ret ? 0 : E_NOMEM;
}

int reader_flag(const struct reader *g, const char *key, bool *ret)
{
	const json_t *value = json_object_get(g->values, key);
	if (value && !json_is_boolean(value))
		return reader_wrong(g, key, "type", "must be true or false");
	if (value)
		*ret = json_is_true(value);
	return 0;
}

int reader_number(const struct reader *g, const char *key, double least, double most, double *ret)
{
	const json_t *value = json_object_get(g->values, key);
	if (!value)
		return 0;
	if (!json_is_number(value))
		return reader_wrong(g, key, "type", "must be a number");
	double number = json_number_value(value);
	if (!(number >= least && number <= most)) {
		char what[64];
		snprintf(what, sizeof(what), "must be from %g to %g", least, most);
		return reader_wrong(g, key, "out_of_range", what);
	}
	*ret = number;
	return 0;
}

int reader_whole(const struct reader *g, const char *key, int least, int most, int *ret)
{
	double number = *ret;
	const json_t *value = json_object_get(g->values, key);
	if (value && !json_is_integer(value))
		return reader_wrong(g, key, "type", "must be a whole number");
	int r = reader_number(g, key, least, most, &number);
	*ret = (int)number;
	return r;
}

int reader_format(const struct reader *g, bool callback, enum format *ret)
{
	const char *name = reader_peek(g, "format");
	if (format_parse(name, ret) || (callback ? *ret == FORMAT_TEXT : *ret == FORMAT_QUERY))
		return reader_wrong(g, "format", "unknown_value",
			     callback ? "must be query, form, json or xml" : "must be json, xml, form or text");
	return 0;
}

int reader_place(const struct reader *g, const char *key, enum format format, bool required, struct place *ret)
{
	const char *text = reader_peek(g, key), *why = NULL;
	if (!json_object_get(g->values, key))
		return required ? reader_wrong(g, key, "missing", "is missing") : 0;
	if (!text)
		return reader_wrong(g, key, "type", "must be a text in quotes");
	int r = place_parse(format, text, ret, &why);
	return r == E_INVALID ? reader_wrong(g, key, "place", why) : r;
}

int reader_stencil(const struct reader *g, const char *key, const char *text, unsigned allowed, struct stencil *ret)
{
	struct stencil s;
	const char *why = NULL;
	int r = stencil_parse(text, &s, &why);
	if (r)
		return r == E_INVALID ? reader_wrong(g, key, "template", why) : r;
	if (s.holes & ~allowed) {
		char what[96];
		snprintf(what, sizeof(what), "names {{%s}}, which has no value there", stencil_hole_name(s.holes & ~allowed));
		stencil_done(&s);
		return reader_wrong(g, key, "template", what);
	}
	unsigned wrong = s.bare & (strcmp(key, "headers") ? HOLES_NEVER_PLAIN : HOLE_BIT(HOLE_TEXT));
	if (wrong && strcmp(key, "sign")) {
		char what[200];
		snprintf(what, sizeof(what), "has {{%1$s}} without a filter, so that every message would be refused: write {{%1$s|json}}, {{%1$s|url}} or {{%1$s|xml}}",
			 stencil_hole_name(wrong));
		stencil_done(&s);
		return reader_wrong(g, key, "template", what);
	}
	*ret = s;
	return 0;
}

int reader_name(const struct reader *g, const char *key, const char *const *names, const char *what, const char **ret)
{
	const char *text = reader_peek(g, key);
	for (; text && *names; names++)
		if (!strcmp(text, *names)) {
			*ret = *names;
			return 0;
		}
	return reader_wrong(g, key, json_object_get(g->values, key) ? "unknown_value" : "missing", what);
}
