/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A libconfig file as a JSON tree with lines. source.c joins the text, scan.c checks it and notes
 * lines, libconfig parses it, and this file turns its tree into JSON. Called by everything that
 * reads a .conf; keeps nothing global. */
#include "config/settings.h"

#include <dirent.h>
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
#include "gateway/base/text.h"

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
		const config_setting_t *member =
			config_setting_get_elem((config_setting_t *)from, i);
		if (json_object_set_new(object, config_setting_name(member), value_of(member)))
			return NULL;
	}
	return MOVE(object);
}

static json_t *array_of(const config_setting_t *from)
{
	OWN(json) json_t *array = json_array();
	for (unsigned i = 0; array && i < (unsigned)config_setting_length(from); i++)
		if (json_array_append_new(
			    array, value_of(config_setting_get_elem((config_setting_t *)from, i))))
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

/* The first text that is not UTF-8; NULL when all are. */
static const config_setting_t *find_spoilt(const config_setting_t *from)
{
	if (config_setting_type(from) == CONFIG_TYPE_STRING) {
		const char *text = config_setting_get_string(from);
		return text && !text_is_valid(text, strlen(text)) ? from : NULL;
	}
	const config_setting_t *spoilt = NULL;
	int n = config_setting_is_aggregate(from) ? config_setting_length(from) : 0;
	for (int i = 0; i < n && !spoilt; i++)
		spoilt =
			find_spoilt(config_setting_get_elem((config_setting_t *)from, (unsigned)i));
	return spoilt;
}

/* The bytes of the file were UTF-8: only an escape can have spoilt a text. */
static int cannot_convert(const struct settings *s, const config_t *tree, struct complaint *c)
{
	const config_setting_t *spoilt = find_spoilt(config_root_setting(tree));
	if (!spoilt)
		return E_NOMEM;
	source_mark(s->source, (int)config_setting_source_line(spoilt), c);
	const char *name = config_setting_name(spoilt);
	return complaint_set(c, name ? name : "", "not_utf8",
			     "this text holds an escape (\\x..) that is not UTF-8");
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
		if (!s->root)
			r = cannot_convert(s, &tree, c);
	}
	config_destroy(&tree);
	return r;
}

/* own: the text itself; NULL = it stands in the file of that name. */
static int read_settings(const char *name, const char *own, struct settings **ret, struct complaint *c)
{
	OWN(buffer) struct buffer text = { 0 };
	OWN(settings) struct settings *s = calloc(1, sizeof(*s));
	if (!s || !(s->lines = json_object()))
		return E_NOMEM;
	int r = own ? source_parse(name, own, &s->source, c) : source_read(name, &s->source, c);
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

int settings_read(const char *file, struct settings **ret, struct complaint *c)
{
	return read_settings(file, NULL, ret, c);
}

int settings_parse(const char *name, const char *text, struct settings **ret, struct complaint *c)
{
	return read_settings(name, text, ret, c);
}

int settings_tree(const char *name, const char *text, settings_check *check, json_t **ret, struct complaint *c)
{
	OWN(settings) struct settings *s = NULL;
	int r = read_settings(name, text, &s, c);
	r = r ? r : check(s, c);
	if (!r)
		*ret = json_incref(s->root);
	return r;
}

/* Length of KEY = "TEXT"; at the beginning of a line, 0: it says something else. */
static size_t plain_setting(const char *line)
{
	size_t n = strspn(line, " \t"), key = strcspn(line + n, " \t\r\n=:\"#");
	if (!key)
		return 0;
	n += key;
	n += strspn(line + n, " \t");
	if (line[n] != '=' && line[n] != ':')
		return 0;
	n++;
	n += strspn(line + n, " \t");
	size_t text = line[n] == '"' ? strcspn(line + n + 1, "\"\\\n") : 0;
	if (line[n] != '"' || line[n + 1 + text] != '"')
		return 0;
	n += text + 2;
	return n + (line[n] == ';');
}

int settings_salvage(const char *file, struct settings **ret)
{
	OWN(buffer) struct buffer text = { 0 };
	OWN(settings) struct settings *s = calloc(1, sizeof(*s));
	struct complaint c = { 0 };
	if (!s || !(s->lines = json_object()))
		return E_NOMEM;
	int r = source_read(file, &s->source, &c);
	for (const char *line = r ? "" : source_text(s->source); !r && *line; line += strcspn(line, "\n"), line += *line == '\n')
		for (size_t n; !r && (n = plain_setting(line)) > 0; line += n)
			r = buffer_printf(&text, "%.*s\n", (int)n, line);
	if (!r)
		r = parse(s, buffer_text(&text), &c);
	if (!r)
		*ret = MOVE(s);
	return r;
}

/* Of path, or of its nearest parent that is noted; 0 unknown. */
static json_int_t spot_of(const struct settings *s, const char *path)
{
	char at[512];
	snprintf(at, sizeof(at), "%s", path);
	for (;;) {
		const json_t *spot = json_object_get(s->lines, at);
		if (spot)
			return json_integer_value(spot);
		char *dot = strrchr(at, '.');
		if (!dot)
			return 0;
		*dot = '\0';
	}
}

int settings_order(const struct settings *s, const char *path)
{
	return scan_spot_line(spot_of(s, path));
}

int settings_line(const struct settings *s, const char *path, const char **ret_file)
{
	int order = settings_order(s, path), line;
	source_where(s->source, order, ret_file, &line);
	return order ? line : 0;
}

int settings_complain(const struct settings *s, const char *path, struct complaint *c,
		      const char *rule, const char *fmt, ...)
{
	char text[sizeof(c->text)];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	const char *file;
	c->line = settings_line(s, path, &file);
	c->column = c->line ? scan_spot_column(spot_of(s, path)) : 0;
	snprintf(c->file, sizeof(c->file), "%s", file);
	return complaint_set(c, path, rule, "%s", text);
}

#define PLACES 6

/* The places where data files are looked for, in order; NULL behind the last. Each is the caller's. The last two are those of an
 * installation that stands under another root than it was made for. */
static int places(const char *config_file, char *ret[PLACES])
{
	char exe[PATH_MAX];
	size_t n = 0;
	int r = 0;
	memset(ret, 0, PLACES * sizeof(*ret));
	if (config_file) {
		const char *slash = strrchr(config_file, '/');
		r = asprintf(&ret[n++], "%.*s", slash ? (int)(slash - config_file + 1) : 2,
			     slash ? config_file : "./");
	}
	if (r >= 0)
		r = asprintf(&ret[n++], "%s/", CAUNOI_DATADIR);
	ssize_t length = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	const char *slash = length > 0 ? memrchr(exe, '/', (size_t)length) : NULL;
	if (r >= 0 && slash)
		r = asprintf(&ret[n++], "%.*s/../config/", (int)(slash - exe), exe);
	if (r >= 0 && slash)
		r = asprintf(&ret[n++], "%.*s/../share/caunoi/", (int)(slash - exe), exe);
	if (r >= 0 && slash)
		r = asprintf(&ret[n++], "%.*s/../../share/caunoi/", (int)(slash - exe), exe);
	if (r >= 0)
		return 0;
	ret[n - 1] = NULL; /* asprintf leaves it undefined */
	return E_NOMEM;
}

static void places_done(char *list[PLACES])
{
	for (int i = 0; i < PLACES; i++)
		free(list[i]);
}

int settings_find(const char *config_file, const char *name, char **ret_path)
{
	char *list[PLACES];
	int r = places(config_file, list);
	for (int i = 0; !r && list[i]; i++) {
		char *path;
		if (asprintf(&path, "%s%s", list[i], name) < 0) {
			r = E_NOMEM;
		} else if (!access(path, F_OK)) {
			*ret_path = path;
			places_done(list);
			return 0;
		} else {
			free(path);
		}
	}
	places_done(list);
	return r ? r : E_NOT_FOUND;
}

static int note_names(const char *place, const char *folder, json_t *names)
{
	OWN(mem) char *path = NULL;
	if (asprintf(&path, "%s%s", place, folder) < 0) {
		path = NULL;
		return E_NOMEM;
	}
	DIR *dir = opendir(path);
	int r = 0;
	for (struct dirent *e; dir && !r && (e = readdir(dir));) {
		size_t n = strlen(e->d_name);
		if (e->d_name[0] != '.' && n > 5 && n < 128 &&
		    !strcmp(e->d_name + n - 5, ".conf")) {
			char name[128];
			snprintf(name, sizeof(name), "%.*s", (int)(n - 5), e->d_name);
			r = json_object_set_new(names, name, json_null()) ? E_NOMEM : 0;
		}
	}
	if (dir)
		closedir(dir);
	return r;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static json_t *sorted_keys(json_t *names)
{
	size_t n = 0;
	const char *name;
	json_t *value;
	OWN(mem) const char **list = calloc(json_object_size(names) + 1, sizeof(*list));
	OWN(json) json_t *array = json_array();
	if (!list || !array)
		return NULL;
	json_object_foreach (names, name, value)
		list[n++] = name;
	qsort(list, n, sizeof(*list), by_name);
	for (size_t i = 0; i < n; i++)
		if (json_array_append_new(array, json_string(list[i])))
			return NULL;
	return MOVE(array);
}

int settings_list(const char *config_file, const char *folder, json_t **ret_names)
{
	char *list[PLACES];
	OWN(json) json_t *names = json_object();
	int r = places(config_file, list);
	if (!r && !names)
		r = E_NOMEM;
	for (int i = 0; !r && list[i]; i++)
		r = note_names(list[i], folder, names);
	places_done(list);
	json_t *sorted = r ? NULL : sorted_keys(names);
	if (!sorted)
		return r ? r : E_NOMEM;
	*ret_names = sorted;
	return 0;
}
