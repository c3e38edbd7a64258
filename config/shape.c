/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Holds a configuration against the table of keys: unknown keys, wrong types, numbers out of range,
 * words that are no choice, missing keys. Called by config_load before the parts read values; knows
 * no single key by name but "driver". */
#include <stdlib.h>
#include <string.h>

#include "config/draft.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"

static void check_object(struct draft *d, const json_t *object, const char *path, unsigned kind);

/* One letter more, less, other, or two neighbours exchanged. */
static bool one_edit(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	if (!*a && !*b)
		return false;
	if (*a && *b && a[0] == b[1] && a[1] == b[0] && !strcmp(a + 2, b + 2))
		return true;
	return (*a && !strcmp(a + 1, b)) || (*b && !strcmp(a, b + 1)) ||
	       (*a && *b && !strcmp(a + 1, b + 1));
}

/* The path of the group around path as the table writes it: "channels.[3].retry.first_s" →
 * "channels.[].retry". */
static void parent_of(const char *path, char out[DRAFT_PATH_BYTES])
{
	const char *end = strrchr(path, '.');
	size_t n = 0;
	for (const char *p = path; end && p < end && n + 1 < DRAFT_PATH_BYTES; p++)
		if (*p < '0' || *p > '9' || n == 0 || out[n - 1] != '[')
			out[n++] = *p;
	out[n] = '\0';
}

static bool same_parent(const char *a, const char *b)
{
	char parent_a[DRAFT_PATH_BYTES], parent_b[DRAFT_PATH_BYTES];
	parent_of(a, parent_a);
	parent_of(b, parent_b);
	return !strcmp(parent_a, parent_b);
}

static const char *last_part(const char *path)
{
	const char *dot = strrchr(path, '.');
	return dot ? dot + 1 : path;
}

static void unknown(struct draft *d, const char *path, unsigned kind)
{
	size_t n;
	const struct config_key *keys = config_key_table(&n), *other = config_key_find(path, 0);
	const char *name = last_part(path);
	if (other && kind) {
		draft_mistake(d, path, "wrong_driver",
			      "%s is no key of a channel with driver = \"%s\"; remove it", name,
			      config_kind_name(kind));
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (same_parent(keys[i].path, path) && one_edit(name, last_part(keys[i].path))) {
			draft_mistake(d, path, "unknown_key",
				      "there is no key %s here; did you mean %s?", name,
				      last_part(keys[i].path));
			return;
		}
	for (size_t i = 0; i < n; i++)
		if (!strcmp(name, last_part(keys[i].path))) {
			draft_mistake(d, path, "unknown_key",
				      "there is no key %s here; it belongs at %s", name,
				      keys[i].path);
			return;
		}
	draft_mistake(d, path, "unknown_key",
		      "there is no key %s; remove it or see the commented example", name);
}

static bool type_fits(enum key_type type, const json_t *value)
{
	switch (type) {
	case KEY_TEXT:
		return json_is_string(value);
	case KEY_WHOLE:
		return json_is_integer(value);
	case KEY_NUMBER:
		return json_is_number(value);
	case KEY_FLAG:
		return json_is_boolean(value);
	case KEY_TEXTS:
	case KEY_GROUPS:
		return json_is_array(value);
	case KEY_GROUP:
		return json_is_object(value);
	case KEY_ANY:
		return true;
	}
	return false;
}

static bool is_choice(const char *choices, const char *word)
{
	size_t n = strlen(word);
	for (const char *p = choices; *p; p += *p == '|') {
		size_t len = strcspn(p, "|");
		if (len == n && !memcmp(p, word, n))
			return true;
		p += len;
	}
	return false;
}

static void check_value(struct draft *d, const struct config_key *key, const json_t *value,
			const char *path)
{
	const char *name = last_part(path);
	if (json_is_number(value) && key->min < key->max) {
		double number = json_number_value(value);
		if (number < key->min || number > key->max)
			draft_mistake(d, path, "out_of_range",
				      "%s must lie between %.10g and %.10g%s%s, not %.15g", name,
				      key->min, key->max, key->unit ? " " : "",
				      key->unit ? key->unit : "", number);
	}
	if (json_is_string(value) && key->choices &&
	    !is_choice(key->choices, json_string_value(value)))
		draft_mistake(d, path, "unknown_value", "%s must be one of %s, not \"%.40s\"", name,
			      key->choices, json_string_value(value));
}

static void check_elements(struct draft *d, const struct config_key *key, const json_t *array,
			   const char *path, unsigned kind)
{
	size_t i;
	const json_t *element;
	bool groups = key->type == KEY_GROUPS;
	json_array_foreach (array, i, element) {
		char at[DRAFT_PATH_BYTES];
		if (!draft_join(at, path, ".[%zu]", i))
			continue;
		if (groups ? !json_is_object(element) : !json_is_string(element)) {
			draft_mistake(d, at, "wrong_type", "each element of %s must be a %s",
				      last_part(path), groups ? "group, { … }" : "text in quotes");
			continue;
		}
		unsigned own = strcmp(path, "channels")
				       ? kind
				       : config_kind(json_str(element, "driver", ""));
		if (groups)
			check_object(d, element, at, own);
	}
}

static void check_member(struct draft *d, const char *path, const json_t *value, unsigned kind)
{
	const struct config_key *key = config_key_find(path, kind);
	if (!key) {
		unknown(d, path, kind);
		return;
	}
	if (!type_fits(key->type, value)) {
		const char *hint =
			key->type == KEY_TEXT && json_is_number(value) ? "; put it in quotes" : "";
		draft_mistake(d, path, "wrong_type", "%s must be a %s%s", last_part(path),
			      config_key_type_name(key->type), hint);
		return;
	}
	check_value(d, key, value, path);
	if (key->type == KEY_GROUP)
		check_object(d, value, path, kind);
	if (key->type == KEY_TEXTS || key->type == KEY_GROUPS)
		check_elements(d, key, value, path, kind);
}

/* A misspelt key is told as such, not as missing. */
static bool is_misspelt(const json_t *object, const char *name)
{
	const char *member;
	json_t *value;
	json_object_foreach ((json_t *)object, member, value)
		if (one_edit(member, name))
			return true;
	return false;
}

/* Required keys of the group at path that object lacks. */
static void check_missing(struct draft *d, const json_t *object, const char *path, unsigned kind)
{
	size_t n;
	const struct config_key *keys = config_key_table(&n);
	for (size_t i = 0; i < n; i++) {
		const char *name = last_part(keys[i].path);
		char at[DRAFT_PATH_BYTES];
		if (!keys[i].required || json_object_get(object, name) ||
		    (keys[i].kinds && kind && !(keys[i].kinds & kind)))
			continue;
		if (!draft_join(at, path, "%s%s", path[0] ? "." : "", name))
			continue;
		/* without a known driver only name and driver can be asked for */
		if (config_key_find(at, kind) != &keys[i] ||
		    (keys[i].kinds && !kind && keys[i].kinds != KIND_ALL))
			continue;
		if (!is_misspelt(object, name))
			draft_mistake(d, at, "missing_key", "%s is missing here: %s", name,
				      keys[i].help);
	}
}

static void check_object(struct draft *d, const json_t *object, const char *path, unsigned kind)
{
	const char *name;
	json_t *value;
	json_object_foreach ((json_t *)object, name, value) {
		char at[DRAFT_PATH_BYTES];
		if (!draft_join(at, path, "%s%s", path[0] ? "." : "", name))
			draft_mistake(d, path, "unknown_key",
				      "there is no key with so long a name");
		else
			check_member(d, at, value, kind);
	}
	check_missing(d, object, path, kind);
}

void shape_check(struct draft *d)
{
	check_object(d, settings_root(d->settings), "", 0);
}
