/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walks a file's tree. Called by the verb `setting list` through the query process. Reads the file anew each time and keeps nothing. */
#include "config/listing.h"

#include <stdio.h>
#include <string.h>

#include "config/key.h"
#include "config/settings.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"

OWN_DEFINE(settings, struct settings *, settings_free)

#define PATH_BYTES 256
#define DEPTH_MAX 8

static int put_row(json_t *rows, const char *path, json_t *value, const struct config_key *k, const char *source)
{
	json_t *row = json_pack("{s:s,s:O?,s:s?,s:s?,s:s?,s:s?}", "path", path, "value", value, "default", k ? k->fallback : NULL, "unit", k ? k->unit : NULL, "help",
				k ? k->help : NULL, "source", source);
	return row && !json_array_append_new(rows, row) ? 0 : E_NOMEM;
}

static bool is_scalar(const json_t *value)
{
	return !json_is_object(value) && !json_is_array(value);
}

/* One value, or a list of them. */
static bool is_leaf(const json_t *value)
{
	size_t i;
	const json_t *one;
	json_array_foreach(value, i, one)
		if (!is_scalar(one))
			return false;
	return !json_is_object(value);
}

struct walk {
	const struct settings *settings;
	json_t *rows;
	bool configuration;
};

static int walk_leaf(const struct walk *w, const char *path, json_t *value)
{
	char source[PATH_BYTES + 16];
	const char *file = "";
	int line = settings_line(w->settings, path, &file);
	snprintf(source, sizeof(source), "%.*s:%d", PATH_BYTES, file, line);
	return put_row(w->rows, path, value, w->configuration ? config_key_find(path, 0) : NULL, source);
}

static int walk_tree(const struct walk *w, const char *path, json_t *value, int depth)
{
	char below[PATH_BYTES];
	const char *key, *dot = *path ? "." : "";
	json_t *one;
	size_t i;
	int r = 0;
	if (is_leaf(value))
		return walk_leaf(w, path, value);
	if (depth >= DEPTH_MAX)
		return E_INVALID;
	json_array_foreach(value, i, one) {
		snprintf(below, sizeof(below), "%s%s[%zu]", path, dot, i);
		if (!r)
			r = walk_tree(w, below, one, depth + 1);
	}
	json_object_foreach(value, key, one) {
		snprintf(below, sizeof(below), "%s%s%s", path, dot, key);
		if (!r)
			r = walk_tree(w, below, one, depth + 1);
	}
	return r;
}

static bool is_set(const json_t *rows, const char *path)
{
	size_t i;
	const json_t *row;
	json_array_foreach(rows, i, row)
		if (!strcmp(json_str(row, "path", ""), path))
			return true;
	return false;
}

static int put_defaults(json_t *rows)
{
	size_t n;
	int r = 0;
	const struct config_key *keys = config_key_table(&n);
	for (size_t i = 0; !r && i < n; i++)
		if (keys[i].type != KEY_GROUP && keys[i].type != KEY_GROUPS && !strpbrk(keys[i].path, "[*") && !is_set(rows, keys[i].path))
			r = put_row(rows, keys[i].path, NULL, &keys[i], NULL);
	return r;
}

int listing_read(const char *file, bool with_defaults, json_t **ret, struct complaint *c)
{
	OWN(settings) struct settings *s = NULL;
	int r = settings_read(file, &s, c);
	if (r)
		return r;
	OWN(json) json_t *rows = json_array();
	struct walk w = { s, rows, with_defaults };
	r = rows ? walk_tree(&w, "", settings_root(s), 0) : E_NOMEM;
	if (!r && with_defaults)
		r = put_defaults(rows);
	if (!r)
		*ret = MOVE(rows);
	return r;
}
