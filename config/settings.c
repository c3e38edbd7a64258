/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A libconfig file as a JSON tree with lines. source.c joins the text, scan.c checks it and notes lines, libconfig
 * parses it, and this file turns its tree into JSON. Called by everything that reads a .conf; keeps nothing global. */
#include "config/settings.h"

#include <libconfig.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/scan.h"
#include "config/source.h"
#include "gateway/base/buffer.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"

struct settings {
	struct source *source;
	json_t *root, *lines;
};

OWN_DEFINE(settings, struct settings *, settings_free)

void settings_free(struct settings *s)
{
	if (!s)
		return;
	json_decref(s->root);
	json_decref(s->lines);
	source_free(s->source);
	free(s);
}

json_t *settings_root(const struct settings *s)
{
	return s->root;
}

static json_t *value_of(const config_setting_t *from);

static json_t *object_of(const config_setting_t *from)
{
	OWN(json) json_t *object = json_object();
	for (unsigned i = 0; object && i < (unsigned)config_setting_length(from); i++) {
		const config_setting_t *member = config_setting_get_elem((config_setting_t *)from, i);
		if (json_object_set_new(object, config_setting_name(member), value_of(member)))
			return NULL;
	}
	return MOVE(object);
}

static json_t *array_of(const config_setting_t *from)
{
	OWN(json) json_t *array = json_array();
	for (unsigned i = 0; array && i < (unsigned)config_setting_length(from); i++)
		if (json_array_append_new(array, value_of(config_setting_get_elem((config_setting_t *)from, i))))
			return NULL;
	return MOVE(array);
}

static json_t *value_of(const config_setting_t *from)
{
	const char *text;
	switch (config_setting_type(from)) {
	case CONFIG_TYPE_GROUP:
		return object_of(from);
	case CONFIG_TYPE_LIST:
	case CONFIG_TYPE_ARRAY:
		return array_of(from);
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		return json_integer(config_setting_get_int64(from));
	case CONFIG_TYPE_FLOAT:
		return json_real(config_setting_get_float(from));
	case CONFIG_TYPE_BOOL:
		return json_boolean(config_setting_get_bool(from));
	case CONFIG_TYPE_STRING:
		text = config_setting_get_string(from);
		return json_string(text ? text : "");
	default:
		return NULL;
	}
}

static int parse(struct settings *s, const char *text, struct complaint *c)
{
	config_t tree;
	config_init(&tree);
	int r = 0;
	if (config_read_string(&tree, text) != CONFIG_TRUE) {
		source_mark(s->source, config_error_line(&tree), c);
		const char *why = config_error_text(&tree);
		r = complaint_set(c, "", "syntax", "%s", why ? why : "this line cannot be read");
	} else {
		s->root = object_of(config_root_setting(&tree));
		if (!s->root) /* the bytes were UTF-8: only an escape can have spoilt a text */
			r = complaint_set(c, "", "not_utf8", "a text holds an escape (\\x..) that is not UTF-8");
	}
	config_destroy(&tree);
	return r;
}

int settings_read(const char *file, struct settings **ret, struct complaint *c)
{
	OWN(buffer) struct buffer text = { 0 };
	OWN(settings) struct settings *s = calloc(1, sizeof(*s));
	if (!s || !(s->lines = json_object()))
		return E_NOMEM;
	int r = source_read(file, &s->source, c);
	if (!r)
		r = scan_source(s->source, &text, s->lines, c);
	if (!r)
		r = parse(s, buffer_text(&text), c);
	if (!r) {
		*ret = MOVE(s);
		*c = (struct complaint){ 0 };
	}
	return r;
}

int settings_order(const struct settings *s, const char *path)
{
	char at[512];
	snprintf(at, sizeof(at), "%s", path);
	for (;;) {
		const json_t *line = json_object_get(s->lines, at);
		if (line)
			return (int)json_integer_value(line);
		char *dot = strrchr(at, '.');
		if (!dot)
			return 0;
		*dot = '\0';
	}
}

int settings_line(const struct settings *s, const char *path, const char **ret_file)
{
	int order = settings_order(s, path), line;
	source_where(s->source, order, ret_file, &line);
	return order ? line : 0;
}

int settings_complain(const struct settings *s, const char *path, struct complaint *c, const char *rule, const char *fmt, ...)
{
	char text[sizeof(c->text)];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	const char *file;
	c->line = settings_line(s, path, &file);
	snprintf(c->file, sizeof(c->file), "%s", file);
	return complaint_set(c, path, rule, "%s", text);
}

/* folder (n_bytes of it, as "" for the working directory) + middle + name when that can be opened for reading. */
static int try_path(const char *folder, int n_bytes, const char *middle, const char *name, char **ret_path)
{
	char *path;
	if (asprintf(&path, "%.*s%s%s", n_bytes, folder, middle, name) < 0)
		return E_NOMEM;
	if (!access(path, F_OK)) {
		*ret_path = path;
		return 0;
	}
	free(path);
	return E_NOT_FOUND;
}

int settings_find(const char *config_file, const char *name, char **ret_path)
{
	int r = E_NOT_FOUND;
	if (config_file) {
		const char *slash = strrchr(config_file, '/');
		r = try_path(config_file, slash ? (int)(slash - config_file + 1) : 0, "", name, ret_path);
	}
	if (r == E_NOT_FOUND)
		r = try_path(CAUNOI_DATADIR, INT_MAX, "/", name, ret_path);
	char exe[PATH_MAX];
	ssize_t n = r == E_NOT_FOUND ? readlink("/proc/self/exe", exe, sizeof(exe) - 1) : -1;
	if (n <= 0)
		return r;
	exe[n] = '\0';
	const char *slash = strrchr(exe, '/');
	return try_path(exe, slash ? (int)(slash - exe) : 0, "/../config/", name, ret_path);
}
