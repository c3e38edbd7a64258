/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Units out of their data file. Called by report.c; holds the parsed file and nothing of its own. */
#include "console/report/places.h"

#include <stdlib.h>
#include <string.h>

#include "config/settings.h"
#include "gateway/base/buffer.h"
#include "gateway/base/json.h"

struct places {
	json_t *units; /* array of objects */
};

int places_load(const char *config_file, struct places **ret, struct complaint *c)
{
	OWN(mem) char *path = NULL;
	struct settings *s = NULL;
	int r = settings_find(config_file, "units/units.conf", &path);
	if (r && r != E_NOT_FOUND)
		return r;
	if (!r && (r = settings_read(path, &s, c)) != 0)
		return r == E_NOMEM ? r : E_CONFIG;
	struct places *p = calloc(1, sizeof(*p));
	const json_t *units = s ? json_object_get(settings_root(s), "units") : NULL;
	if (p)
		p->units = json_is_array(units) ? json_deep_copy(units) : json_array();
	settings_free(s);
	if (!p || !p->units) {
		places_free(p);
		return E_NOMEM;
	}
	*ret = p;
	return 0;
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
	size_t i;
	const json_t *u;
	if (!*code)
		return "(chưa rõ đơn vị)";
	json_array_foreach(p->units, i, u)
		if (strcmp(json_str(u, "code", ""), code) == 0)
			return json_str(u, "name", code);
	return code;
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
