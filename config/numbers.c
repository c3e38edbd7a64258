/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads a numbering plan. Called with the configuration and by tests of telephone numbers; the plan
 * is data for gateway/base/phone.c, which knows no country. */
#include "config/numbers.h"

#include <stdlib.h>
#include <string.h>

#include "config/settings.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"

struct reading {
	const struct settings *settings;
	struct phone_plan plan;
	struct complaint *c;
};

OWN_DEFINE(settings, struct settings *, settings_free)

static bool is_digits(const char *text)
{
	return text[0] && text[strspn(text, "0123456789")] == '\0';
}

/* The digits at path into out (room bytes); empty only where allowed. */
static int take_digits(struct reading *r, const json_t *object, const char *parent, const char *key,
		       bool may_be_empty, char *out, size_t room)
{
	char path[128];
	snprintf(path, sizeof(path), "%s%s%s", parent, parent[0] ? "." : "", key);
	const char *text = json_str(object, key, NULL);
	if (!text || (text[0] ? !is_digits(text) : !may_be_empty) || strlen(text) >= room)
		return settings_complain(r->settings, path, r->c, "wrong_type",
					 "%s must be 1 to %zu digits in quotes", key, room - 1);
	memcpy(out, text, strlen(text) + 1);
	return 0;
}

/* [min, max] at key. */
static int take_span(struct reading *r, const json_t *object, const char *parent, const char *key,
		     int *ret_min, int *ret_max)
{
	char path[128];
	snprintf(path, sizeof(path), "%s%s%s", parent, parent[0] ? "." : "", key);
	const json_t *span = json_object_get(object, key);
	json_int_t min = json_integer_value(json_array_get(span, 0)),
		   max = json_integer_value(json_array_get(span, 1));
	if (json_array_size(span) != 2 || min < 1 || max < min || max > 15)
		return settings_complain(r->settings, path, r->c, "out_of_range",
					 "%s must be [ least, most ] digits, 1 to 15", key);
	*ret_min = (int)min;
	*ret_max = (int)max;
	return 0;
}

static int take_kind(struct reading *r, const json_t *object, const char *parent,
		     enum phone_kind *ret)
{
	static const struct {
		const char *name;
		enum phone_kind kind;
	} kinds[] = { { "mobile", PHONE_MOBILE },
		      { "landline", PHONE_LANDLINE },
		      { "special", PHONE_SPECIAL } };
	const char *name = json_str(object, "kind", "");
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (!strcmp(kinds[i].name, name)) {
			*ret = kinds[i].kind;
			return 0;
		}
	char path[128];
	snprintf(path, sizeof(path), "%s.kind", parent);
	return settings_complain(r->settings, path, r->c, "unknown_value",
				 "kind must be mobile, landline or special");
}

static int take_range(struct reading *r, const json_t *object, const char *path,
		      struct phone_range *ret)
{
	int e = take_digits(r, object, path, "prefix", false, ret->prefix, sizeof(ret->prefix));
	if (!e)
		e = take_span(r, object, path, "digits", &ret->digits_min, &ret->digits_max);
	if (!e)
		e = take_kind(r, object, path, &ret->kind);
	const char *network = json_str(object, "network", "");
	if (!e && strlen(network) >= sizeof(ret->network))
		e = settings_complain(r->settings, path, r->c, "too_long",
				      "network is a short name");
	if (!e)
		memcpy(ret->network, network, strlen(network) + 1);
	return e;
}

static int take_ranges(struct reading *r, const json_t *root)
{
	const json_t *list = json_object_get(root, "ranges"), *element;
	size_t i, n = json_array_size(list);
	if (!n)
		return settings_complain(r->settings, "ranges", r->c, "missing_key",
					 "ranges must list the prefixes in use");
	r->plan.ranges = calloc(n, sizeof(*r->plan.ranges));
	if (!r->plan.ranges)
		return E_NOMEM;
	r->plan.n_ranges = n;
	json_array_foreach (list, i, element) {
		char path[64];
		snprintf(path, sizeof(path), "ranges.[%zu]", i);
		int e = take_range(r, element, path, &r->plan.ranges[i]);
		if (e)
			return e;
	}
	return 0;
}

static int take_renumberings(struct reading *r, const json_t *root)
{
	const json_t *list = json_object_get(root, "renumberings"), *element;
	size_t i, n = json_array_size(list);
	r->plan.renumberings = calloc(n + 1, sizeof(*r->plan.renumberings));
	if (!r->plan.renumberings)
		return E_NOMEM;
	r->plan.n_renumberings = n;
	json_array_foreach (list, i, element) {
		struct phone_renumbering *to = &r->plan.renumberings[i];
		char path[64];
		snprintf(path, sizeof(path), "renumberings.[%zu]", i);
		int e = take_digits(r, element, path, "from", false, to->from, sizeof(to->from));
		if (!e)
			e = take_digits(r, element, path, "to", false, to->to, sizeof(to->to));
		to->digits = (int)json_int(element, "digits", 0);
		if (!e && (to->digits < 1 || to->digits > 15))
			e = settings_complain(r->settings, path, r->c, "out_of_range",
					      "digits must be the old length, 1 to 15");
		if (e)
			return e;
	}
	return 0;
}

static int take_emergency(struct reading *r, const json_t *root)
{
	const json_t *list = json_object_get(root, "emergency"), *element;
	size_t i, n = json_array_size(list);
	r->plan.short_numbers = calloc(n + 1, sizeof(*r->plan.short_numbers));
	if (!r->plan.short_numbers)
		return E_NOMEM;
	r->plan.n_short_numbers = n;
	json_array_foreach (list, i, element) {
		const char *number = json_is_string(element) ? json_string_value(element) : "";
		if (!is_digits(number) || strlen(number) >= sizeof(r->plan.short_numbers[i]))
			return settings_complain(r->settings, "emergency", r->c, "wrong_type",
						 "emergency lists numbers in quotes");
		memcpy(r->plan.short_numbers[i], number, strlen(number) + 1);
	}
	return 0;
}

static int take_plan(struct reading *r, const json_t *root, const char *country)
{
	struct phone_plan *p = &r->plan;
	if (strcmp(json_str(root, "country", ""), country) != 0)
		return settings_complain(r->settings, "country", r->c, "unknown_value",
					 "this must be the plan of country \"%s\"", country);
	snprintf(p->country, sizeof(p->country), "%s", country);
	int e = take_digits(r, root, "", "country_code", false, p->country_code,
			    sizeof(p->country_code));
	if (!e)
		e = take_digits(r, root, "", "trunk", true, p->trunk, sizeof(p->trunk));
	if (!e)
		e = take_digits(r, root, "", "international", true, p->international,
				sizeof(p->international));
	if (!e)
		e = take_span(r, root, "", "short_digits", &p->short_digits_min,
			      &p->short_digits_max);
	if (!e)
		e = take_ranges(r, root);
	if (!e)
		e = take_renumberings(r, root);
	return e ? e : take_emergency(r, root);
}

int numbers_load(const char *config_file, const char *country, struct phone_plan *ret,
		 struct complaint *c)
{
	char name[32];
	OWN(mem) char *path = NULL;
	OWN(settings) struct settings *settings = NULL;
	snprintf(name, sizeof(name), "numbers/%.2s.conf", country);
	int e = settings_find(config_file, name, &path);
	if (e == E_NOT_FOUND)
		complaint_set(c, "country", "missing_file",
			      "%s was found neither beside the configuration nor in %s; is the "
			      "country's code right?",
			      name, CAUNOI_DATADIR);
	if (!e)
		e = settings_read(path, &settings, c);
	if (e)
		return e;
	struct reading r = { .settings = settings, .c = c };
	e = take_plan(&r, settings_root(settings), country);
	if (e)
		phone_plan_done(&r.plan);
	else
		*ret = r.plan;
	return e;
}
