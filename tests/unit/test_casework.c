/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of work on a case: what may be done in which state, what the timeline says of it, and that nobody is told of a case that is not theirs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/base/json.h"
#include "gateway/registry.h"
#include "gateway/store/store.h"
#include "handlers/casefile.h"
#include "tests/support/fixture.h"

static void open_case(struct fixture *f, bool restricted, struct casefile *ret)
{
	bool joined = true;
	int64_t address = fixture_address(f, "+84912345678");
	struct casefile_new n = { .address = address, .channel = "may-ao", .unit = "02269", .text = "đường thôn 5 hỏng", .fold = "duong thon 5 hong",
				  .topics = { "DUONG" }, .kind = "report", .urgency = "normal", .restricted = restricted };
	assert_int_equal(casefile_open(fixture_begin(f), &n, ret, &joined), 0);
	fixture_commit(f);
	assert_false(joined);
}

static const json_t *last_event(const json_t *shape)
{
	const json_t *timeline = json_object_get(shape, "timeline");
	return json_array_get(timeline, json_array_size(timeline) - 1);
}

static void case_forwarded_has_its_addressee_and_its_day(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	struct casefile c;
	OWN(json) json_t *out = NULL;
	open_case(f, false, &c);
	assert_int_equal(fixture_command(f, "case.forward", "{\"id\":\"1\",\"to\":\"UBND xã\",\"document\":\"12/CV-MTTQ\",\"due\":\"2099-12-15\"}", &out, NULL), 0);
	assert_string_equal(json_str(out, "state", ""), "forwarded");
	assert_memory_equal(json_str(out, "due_at", ""), "2099-12-15T17:00", 16);
	assert_string_equal(json_str(last_event(out), "what", ""), "forwarded");
	assert_string_equal(json_str(last_event(out), "text", ""), "UBND xã; 12/CV-MTTQ; 2099-12-15");
	assert_int_equal(store_scalar(f->db, "SELECT count(*) FROM audit WHERE verb = 'case.forward' AND subject = 'case:1'", -1), 1);
	fixture_free(f);
}

static void case_work_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *label, *verb, *args, *rule;
	} cases[] = {
		{ "no such case", "case.note", "{\"id\":\"77\",\"text\":\"x\"}", "not_found" },
		{ "a day that is over", "case.forward", "{\"id\":\"1\",\"to\":\"UBND\",\"due\":\"2001-01-01\"}", "out_of_range" },
		{ "no day", "case.forward", "{\"id\":\"1\",\"to\":\"UBND\",\"due\":\"15/12/2026\"}", "bad_time" },
		{ "nobody to go to", "case.forward", "{\"id\":\"1\"}", "missing" },
		{ "answered, and nobody answered", "case.close", "{\"id\":\"1\",\"reason\":\"answered\"}", "case_state" },
		{ "a reason of one's own", "case.close", "{\"id\":\"1\",\"reason\":\"tired\"}", "not_a_choice" },
	};
	struct fixture *f = fixture_new(NULL);
	struct casefile c;
	open_case(f, false, &c);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(json) json_t *out = NULL;
		struct refusal why = { 0 };
		int r = fixture_command(f, cases[i].verb, cases[i].args, &out, &why);
		if (!r || strcmp(why.rule, cases[i].rule) != 0)
			fail_msg("%s: %d %s", cases[i].label, r, why.rule);
		refusal_done(&why);
	}
	assert_int_equal(store_scalar(f->db, "SELECT count(*) FROM casefile WHERE state = 'received'", -1), 1);
	fixture_free(f);
}

static void case_closed_stays_closed_and_takes_notes(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	struct casefile c;
	OWN(json) json_t *out = NULL, *again = NULL, *noted = NULL;
	open_case(f, false, &c);
	assert_int_equal(fixture_command(f, "case.close", "{\"id\":\"1\",\"reason\":\"duplicate\",\"note\":\"PA482918\"}", &out, NULL), 0);
	assert_string_equal(json_str(out, "state", ""), "closed");
	assert_string_equal(json_str(last_event(out), "text", ""), "duplicate; PA482918");
	assert_int_equal(fixture_command(f, "case.close", "{\"id\":\"1\",\"reason\":\"withdrawn\"}", &again, NULL), E_REFUSED);
	assert_int_equal(fixture_command(f, "case.note", "{\"id\":\"1\",\"text\":\"đã gọi lại\"}", &noted, NULL), 0);
	assert_string_equal(json_str(last_event(noted), "what", ""), "note");
	assert_string_equal(json_str(noted, "state", ""), "closed");
	fixture_free(f);
}

static void case_of_another_place_is_not_found(void **state)
{
	(void)state;
	static const struct {
		const char *label, *unit;
		bool restricted;
		int expected;
	} cases[] = {
		{ "the commune's own", "02269", false, 0 },
		{ "the province's", "02", false, 0 },
		{ "a neighbour's", "02270", false, E_NOT_FOUND },
		{ "restricted, for the commune", "02269", true, E_NOT_FOUND },
		{ "restricted, for the province", "02", true, 0 },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct fixture *f = fixture_new(NULL);
		struct casefile opened;
		struct refusal why = { 0 };
		OWN(json) json_t *args = json_pack("{s:s,s:s}", "id", "1", "text", "x"), *out = NULL;
		open_case(f, cases[i].restricted, &opened);
		const struct verb *v = registry_find(&caunoi_registry, "case", "note");
		struct call c = { .verb = v, .args = args, .actor = "user:hoa", .role = ROLE_REVIEWER, .unit = cases[i].unit, .dotted = "case.note" };
		int r = v->command(fixture_begin(f), &c, &out, &why);
		fixture_undo(f);
		if (r != cases[i].expected)
			fail_msg("%s: %d", cases[i].label, r);
		refusal_done(&why);
		fixture_free(f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(case_forwarded_has_its_addressee_and_its_day),
		cmocka_unit_test(case_work_is_refused),
		cmocka_unit_test(case_closed_stays_closed_and_takes_notes),
		cmocka_unit_test(case_of_another_place_is_not_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
