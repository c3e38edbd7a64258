// SPDX-License-Identifier: GPL-3.0-or-later
/* Laws of routes: whom no channel serves is left out and said so; a text is counted as its carrier counts, and one that the only
 * route refuses is refused where it is given. Runs from the repository's root. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/tariff.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/route.h"
#include "tests/support/tick_fixture.h"

#define ESMS "config/providers/esms.conf"
#define THREE "phone,name\n0981234567,An\n0982345678,Binh\n0912345678,Chi\n" /* the third is VinaPhone's */

static void pins_find_their_channels(void **state)
{
	(void)state;
	char *viettel[] = { "viettel", NULL }, *none[] = { NULL };
	struct channel_config both[] = { { .name = "sim1", .networks = viettel }, { .name = "esms", .networks = none } };
	struct config one = { .channels = both, .n_channels = 1 }, two = { .channels = both, .n_channels = 2 };
	static const struct {
		const char *pin;
		bool one, two;
	} rows[] = {
		{ "~viettel", true, true }, { "~vinaphone", false, true }, { "~", false, true },
		{ "sim1", true, true },	    { "esms", false, true },	   { "!gone", true, true },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (route_of_pin(&one, rows[i].pin) != rows[i].one || route_of_pin(&two, rows[i].pin) != rows[i].two)
			fail_msg("%s", rows[i].pin);
	assert_true(route_exists(&one, "sim1", "vinaphone")); /* a person chose it */
	assert_false(route_exists(&one, "gone", "vinaphone"));
	assert_false(route_exists(&(struct config){ 0 }, NULL, "viettel"));
}

/* Plain or accented text of so many characters. */
static struct measure measure_of(int n, bool accented)
{
	char text[1200] = "";
	size_t at = 0;
	for (int i = 0; i < n; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s", accented ? "đ" : "a");
	struct measure m;
	gsm7_measure(text, 8, &m);
	return m;
}

static void texts_cost_what_the_carrier_bills(void **state)
{
	(void)state;
	json_t *settings = json_pack("{s:s}", "provider_file", ESMS);
	struct channel_config esms = { .name = "esms", .settings = settings }, sim = { .name = "sim1" };
	static const struct {
		const char *label;
		int n;
		bool accented, advert;
		int segments, most, network;
	} rows[] = {
		{ "one", 160, false, false, 1, 459, 1 },	   { "two", 161, false, false, 2, 459, 2 },
		{ "the last", 459, false, false, 3, 459, 3 },	   { "past it", 460, false, false, 0, 459, 4 },
		{ "an advert's first", 122, false, true, 1, 421, 1 }, { "an advert's second", 123, false, true, 2, 421, 1 },
		{ "an advert's third", 269, false, true, 3, 421, 2 }, { "past an advert's", 422, false, true, 0, 421, 3 },
		{ "accented", 70, true, false, 1, 201, 1 },	   { "accented, two", 71, true, false, 2, 201, 2 },
		{ "accented, past it", 202, true, false, 0, 201, 4 },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct tariff carrier, network;
		struct measure m = measure_of(rows[i].n, rows[i].accented);
		tariff_open(&esms, rows[i].advert, &carrier);
		tariff_open(&sim, rows[i].advert, &network);
		assert_non_null(carrier.provider);
		if (tariff_segments(&carrier, &m) != rows[i].segments || tariff_most(&carrier, &m) != rows[i].most)
			fail_msg("%s: %d of %d", rows[i].label, tariff_segments(&carrier, &m), tariff_most(&carrier, &m));
		if (tariff_segments(&network, &m) != rows[i].network || tariff_most(&network, &m) != -1)
			fail_msg("%s, by the network: %d", rows[i].label, tariff_segments(&network, &m));
		carrier.other = true; /* another route may take it: the network's count */
		assert_int_equal(tariff_segments(&carrier, &m), rows[i].segments ? rows[i].segments : rows[i].network);
		tariff_done(&carrier);
		tariff_done(&network);
	}
	json_decref(settings);
}

static json_t *ask(struct tick_fixture *f, const char *verb, json_t *args)
{
	json_t *ret = NULL;
	return tick_fixture_call(f, "user:an", ROLE_OPERATOR, verb, args, &ret) ? NULL : ret;
}

static int64_t draft(struct tick_fixture *f, const char *text)
{
	OWN(json) json_t *shape = ask(f, "campaign.new", json_pack("{s:s, s:s, s:s}", "name", "Khám", "group", "A", "text", text));
	assert_non_null(shape);
	return json_int(shape, "id", 0);
}

static json_t *of(int64_t id)
{
	return json_pack("{s:I}", "id", (json_int_t)id);
}

static void people_without_a_route_are_left_out_before_and_after_the_start(void **state)
{
	struct tick_fixture *f = *state;
	char *viettel[] = { "viettel", NULL }, **before = f->config->channels[0].networks;
	tick_fixture_import(f, "A", THREE);
	f->config->channels[0].networks = viettel;
	int64_t id = draft(f, "Moi ba con di kham. Tu choi: TC");
	OWN(json) json_t *preview = ask(f, "campaign.preview", of(id));
	assert_int_equal(json_int(preview, "total", 0), 3);
	assert_int_equal(json_int(json_object_get(preview, "excluded"), "no_route", 0), 1);
	assert_int_equal(json_int(json_object_get(preview, "segments"), "1", 0), 2);
	OWN(json) json_t *s = ask(f, "campaign.submit", of(id)), *a = ask(f, "campaign.approve", of(id)), *run = ask(f, "campaign.start", of(id));
	assert_true(s && a && run);
	tick_fixture_run(f, 5, 1000);
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM message"), 2);
	OWN(json) json_t *shown = ask(f, "campaign.show", of(id));
	assert_int_equal(json_int(json_object_get(shown, "excluded"), "no_route", 0), 1);
	f->config->channels[0].networks = before;
}

static void what_the_only_route_refuses_is_refused_where_it_is_given(void **state)
{
	struct tick_fixture *f = *state;
	char text[520] = "Tu choi: TC ";
	json_t *settings = f->config->channels[0].settings;
	memset(text + strlen(text), 'a', 470);
	tick_fixture_import(f, "A", THREE);
	f->config->channels[0].settings = json_pack("{s:s}", "provider_file", ESMS);
	int64_t id = draft(f, text);
	OWN(json) json_t *preview = ask(f, "campaign.preview", of(id)), *lint = json_incref(json_object_get(preview, "lint"));
	OWN(json) json_t *submitted = ask(f, "campaign.submit", of(id));
	assert_null(submitted);
	assert_string_equal(f->why.rule, "lint");
	assert_string_equal(f->why.field, "text");
	assert_non_null(strstr(f->why.text, "482"));
	assert_non_null(strstr(f->why.text, "459"));
	assert_string_equal(json_str(json_array_get(lint, 0), "rule", ""), "route_limit");
	OWN(json) json_t *sent = ask(f, "message.send", json_pack("{s:s, s:s}", "to", "0981234567", "text", text));
	assert_null(sent);
	assert_string_equal(f->why.rule, "route_limit");
	assert_string_equal(f->why.field, "text");
	assert_non_null(strstr(f->why.text, "459"));
	json_decref(f->config->channels[0].settings);
	f->config->channels[0].settings = settings;
}

/* The row of this rule; NULL when it is not broken. */
static const json_t *lint_row(const json_t *preview, const char *rule)
{
	const json_t *lint = json_object_get(preview, "lint");
	for (size_t i = 0; i < json_array_size(lint); i++)
		if (strcmp(json_str(json_array_get(lint, i), "rule", ""), rule) == 0)
			return json_array_get(lint, i);
	return NULL;
}

static void more_than_a_day_takes_is_said_before_the_start(void **state)
{
	struct tick_fixture *f = *state;
	static const struct {
		int64_t quota;
		bool warns;
	} rows[] = { { 0, false }, { 2, true }, { 3, false } };
	int64_t before = f->config->channels[0].daily_segments;
	tick_fixture_import(f, "A", THREE);
	int64_t id = draft(f, "Moi ba con di kham. Tu choi: TC");
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		f->config->channels[0].daily_segments = rows[i].quota;
		OWN(json) json_t *preview = ask(f, "campaign.preview", of(id));
		const json_t *row = lint_row(preview, "quota");
		assert_int_equal(row != NULL, rows[i].warns);
		if (row)
			assert_string_equal(json_str(row, "severity", ""), "warn");
	}
	f->config->channels[0].daily_segments = before;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pins_find_their_channels),
		cmocka_unit_test(texts_cost_what_the_carrier_bills),
		cmocka_unit_test_setup_teardown(people_without_a_route_are_left_out_before_and_after_the_start, tick_fixture_set_up, tick_fixture_tear_down),
		cmocka_unit_test_setup_teardown(what_the_only_route_refuses_is_refused_where_it_is_given, tick_fixture_set_up, tick_fixture_tear_down),
		cmocka_unit_test_setup_teardown(more_than_a_day_takes_is_said_before_the_start, tick_fixture_set_up, tick_fixture_tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
