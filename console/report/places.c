/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Units, read once a report. Called by report.c. A unit that was imported or written down stands for the data file's of the same code. */
#include "console/report/places.h"

#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "config/settings.h"
#include "gateway/base/buffer.h"
#include "gateway/base/json.h"
#include "gateway/store/store.h"

struct places {
	json_t *units; /* array of objects */
};

enum { PLACES_ALL, PLACES_SQL_COUNT };
static const char *const places_sql[PLACES_SQL_COUNT] = {
	[PLACES_ALL] = "SELECT code, name, parent, from_day, to_day FROM unit ORDER BY id",
};
const struct sql_module places_module = { "places", places_sql, PLACES_SQL_COUNT };

static json_t *find(const struct places *p, const char *code)
{
	size_t i;
	json_t *u;
	json_array_foreach(p->units, i, u)
		if (strcmp(json_str(u, "code", ""), code) == 0)
			return u;
	return NULL;
}

static int read_file(const char *config_file, json_t **ret, struct complaint *c)
{
	OWN(mem) char *path = NULL;
	struct settings *s = NULL;
	int r = settings_find(config_file, "units/units.conf", &path);
	if (r && r != E_NOT_FOUND)
		return r;
	if (!r && (r = settings_read(path, &s, c)) != 0)
		return r == E_NOMEM ? r : E_CONFIG;
	const json_t *units = s ? json_object_get(settings_root(s), "units") : NULL;
	*ret = json_is_array(units) ? json_deep_copy(units) : json_array();
	settings_free(s);
	return *ret ? 0 : E_NOMEM;
}

static int put_unit(struct places *p, struct statement *st)
{
	json_t *u = json_pack("{s:s,s:s,s:s,s:s,s:s}", "code", column_text(st, 0), "name", column_text(st, 1), "parent", column_text(st, 2), "from",
			      column_text(st, 3), "to", column_text(st, 4));
	json_t *known = u ? find(p, column_text(st, 0)) : NULL;
	if (!known)
		return json_array_append_new(p->units, u) ? E_NOMEM : 0;
	int r = json_object_update(known, u) ? E_NOMEM : 0;
	json_decref(u);
	return r;
}

static int read_table(const struct scope *in, struct places *p)
{
	struct statement *st = store_prepare(in->db, &places_module, PLACES_ALL);
	int r;
	while ((r = store_row(st)) > 0 && (r = put_unit(p, st)) == 0)
		;
	store_reset(st);
	return r;
}

int places_load(const struct scope *in, struct places **ret, struct complaint *c)
{
	struct places *p = calloc(1, sizeof(*p));
	int r = p ? read_file(in->config->file, &p->units, c) : E_NOMEM;
	r = r ? r : read_table(in, p);
	if (r)
		places_free(p);
	else
		*ret = p;
	return r;
}

void places_free(struct places *p)
{
	if (!p)
		return;
	json_decref(p->units);
	free(p);
}

const char *places_name(const struct places *p, const char *code)
{
	const json_t *u = *code ? find(p, code) : NULL;
	return !*code ? "(chưa rõ đơn vị)" : u ? json_str(u, "name", code) : code;
}

/* Dates are written so that they compare as texts. */
static bool valid_in(const json_t *unit, const char *from, const char *to)
{
	const char *first = json_str(unit, "from", ""), *last = json_str(unit, "to", "");
	return strcmp(first, to) <= 0 && (!*last || strcmp(last, from) >= 0);
}

char *places_below(const struct places *p, const char *unit, const char *from, const char *to)
{
	size_t i;
	const json_t *u;
	struct buffer out = { 0 };
	int r = buffer_puts(&out, ",");
	json_array_foreach(p->units, i, u) {
		const char *code = json_str(u, "code", "");
		if (!r && *unit && strlen(code) == 5 && strcmp(json_str(u, "parent", ""), unit) == 0 && valid_in(u, from, to))
			r = buffer_printf(&out, "%s,", code);
	}
	if (r)
		buffer_done(&out);
	return out.data;
}

int places_each_child(const struct places *p, const char *unit, const char *from, const char *to, int (*fn)(void *arg, const char *code, const char *name),
		      void *arg)
{
	size_t i;
	const json_t *u;
	int r = 0;
	json_array_foreach(p->units, i, u)
		if (!r && strcmp(json_str(u, "parent", ""), unit) == 0 && valid_in(u, from, to))
			r = fn(arg, json_str(u, "code", ""), json_str(u, "name", ""));
	return r;
}
