/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of the whole registry: every verb can be found, called, shown and explained; no two have one name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/base/json.h"
#include "gateway/registry.h"

static int is_sound(void *arg, const struct verb *v)
{
	char name[64];
	(*(int *)arg)++;
	snprintf(name, sizeof(name), "%s%s%s", v->noun, *v->noun ? "." : "", v->name);
	if (registry_find_dotted(&caunoi_registry, name) != v)
		fail_msg("%s is there twice or not found", name);
	if (!v->help_en || !v->help_vi || !v->roles)
		fail_msg("%s lacks help or roles", name);
	bool command = v->kind == VERB_COMMAND || v->kind == VERB_DISCLOSURE;
	bool query = v->kind == VERB_QUERY || v->kind == VERB_DISCLOSURE;
	if ((command && !v->command) || (query && !v->query) || (v->list && !query))
		fail_msg("%s has not the functions of its kind", name);
	int rank = 0;
	for (size_t i = 0; i < v->n_args; i++) {
		const struct verb_arg *a = &v->args[i];
		if (!a->help_en || !a->help_vi)
			fail_msg("%s --%s lacks help", name, a->name);
		if (a->rank && a->rank != ++rank)
			fail_msg("%s %s: ranks are not in order", name, a->name);
		if (a->otherwise && a->required)
			fail_msg("%s %s: required and with a default", name, a->name);
	}
	return 0;
}

static bool is_one_of_few(const char *name)
{
	static const char *const names[] = { "state", "kind", "class", "role", "urgency", "outcome", "severity" };
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

/* A word that nothing can have is a mistake of who asks: an empty list would say that there is nothing. */
static int has_choices(void *arg, const struct verb *v)
{
	for (size_t i = 0; v->list && i < v->n_args; i++) {
		const struct verb_arg *a = &v->args[i];
		if (a->type == ARG_TEXT && !a->choices && is_one_of_few(a->name))
			fail_msg("%s %s --%s takes any word", v->noun, v->name, a->name);
		*(int *)arg += a->choices != NULL;
	}
	return 0;
}

static void filters_of_lists_say_what_they_take(void **state)
{
	(void)state;
	int n = 0;
	assert_int_equal(registry_each(&caunoi_registry, has_choices, &n), 0);
	assert_true(n > 5);
}

static void registry_verbs_are_sound_and_named_once(void **state)
{
	(void)state;
	int n = 0;
	assert_int_equal(registry_each(&caunoi_registry, is_sound, &n), 0);
	assert_true(n > 20);
}

static void registry_finds_nothing_where_nothing_is(void **state)
{
	(void)state;
	static const char *const names[] = { "", ".", "campaign", "campaign.", ".init", "init.", "no.such", "job.show.more",
					     "averyveryveryveryveryverylongnounindeed.show" };
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (registry_find_dotted(&caunoi_registry, names[i]))
			fail_msg("found %s", names[i]);
	assert_non_null(registry_find_dotted(&caunoi_registry, "init"));
	assert_non_null(registry_find(&caunoi_registry, "job", "show"));
}

static void registry_prints_itself(void **state)
{
	(void)state;
	OWN(json) json_t *all = registry_json(&caunoi_registry);
	assert_true(json_is_array(all));
	size_t i;
	json_t *one, *found = NULL;
	json_array_foreach(all, i, one)
		if (strcmp(json_str(one, "noun", ""), "token") == 0 && strcmp(json_str(one, "verb", ""), "list") == 0)
			found = one;
	assert_non_null(found);
	assert_string_equal(json_str(found, "kind", ""), "query");
	assert_true(json_flag(found, "list", false));
	assert_int_equal(json_array_size(json_object_get(found, "args")), 2);
	assert_string_equal(json_str(json_array_get(json_object_get(found, "args"), 0), "name", ""), "limit");
	assert_string_equal(json_string_value(json_array_get(json_object_get(found, "roles"), 0)), "operator");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registry_verbs_are_sound_and_named_once),
		cmocka_unit_test(registry_finds_nothing_where_nothing_is),
		cmocka_unit_test(registry_prints_itself),
		cmocka_unit_test(filters_of_lists_say_what_they_take),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
