/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Emergencies: a reason, an area, two people; then they pass by refusals and wait behind no campaign. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "gateway/base/json.h"
#include "tests/support/tick_fixture.h"

#define TEXT "Nuoc song dang len nhanh. Ba con thon Na Lang len nha van hoa xa ngay."
#define PEOPLE "phone,name,unit\n0912345601,A,02269\n0912345602,B,02269.01\n0912345603,C,02269\n0912345604,D,02272\n"

static int setup(void **state)
{
	struct tick_fixture *f = tick_fixture_new("sending = { two_person_above = 2; start_delay_s = 300; };");
	OWN(json) json_t *answer = NULL;
	int64_t file = tick_fixture_upload(f, "uid:0", PEOPLE, strlen(PEOPLE), 1000);
	assert_int_equal(tick_fixture_ask(f, "contact.import", json_pack("{s:I, s:s, s:s}", "file", (json_int_t)file, "group", "A", "basis", "b"), &answer), 0);
	OWN(json) json_t *job = tick_fixture_job(f, json_int(answer, "job", 0));
	assert_string_equal(json_str(job, "state", ""), "done");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	tick_fixture_free(*state);
	return 0;
}

static int write_one(struct tick_fixture *f, const char *audience, const char *reason, const char *more, json_t **ret)
{
	OWN(json) json_t *extra = more ? json_loads(more, 0, NULL) : json_object();
	json_t *args = json_pack("{s:s, s:s, s:s, s:s}", "name", "Lũ", "text", TEXT, "class", "emergency", "audience", audience);
	if (reason)
		json_object_set_new(args, "reason", json_string(reason));
	json_object_update(args, extra);
	return tick_fixture_call(f, "user:an", ROLE_OUTREACH, "campaign.new", args, ret);
}

static int act(struct tick_fixture *f, const char *actor, const char *verb, int64_t id, int64_t confirm, json_t **ret)
{
	json_t *args = json_pack("{s:I}", "id", (json_int_t)id);
	if (confirm)
		json_set_int(args, "confirm", confirm);
	return tick_fixture_call(f, actor, ROLE_OPERATOR, verb, args, ret);
}

static void emergency_says_why_and_keeps_to_an_area(void **state)
{
	static const struct {
		const char *audience, *reason, *more, *rule, *field;
	} cases[] = {
		{ "unit:02269", NULL, NULL, "missing", "reason" },
		{ "unit:02269", "lu", "{\"repeat\": \"FREQ=DAILY;COUNT=2\"}", "conflict", "repeat" },
		{ "unit:02269", "lu", "{\"class\": \"social_policy\"}", "conflict", "reason" },
		{ "all", "lu", NULL, "no_area", "audience" },
		{ "group:A", "lu", NULL, "no_area", "audience" },
		{ "not unit:02269", "lu", NULL, "no_area", "audience" },
		{ "unit:02269 or group:A", "lu", NULL, "no_area", "audience" },
		{ "unit:02269", "lu", NULL, NULL, NULL },
		{ "group:A and unit:02269", "lu", NULL, NULL, NULL },
		{ "unit:02269 or unit:02272", "lu", NULL, NULL, NULL },
		{ "unit:02269 and not unit:02269.01", "lu", NULL, NULL, NULL },
		{ "(group:A or all) and (unit:02269 or (unit:02272 and not group:A))", "lu", NULL, NULL, NULL },
	};
	struct tick_fixture *f = *state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(json) json_t *shape = NULL;
		int r = write_one(f, cases[i].audience, cases[i].reason, cases[i].more, &shape);
		if (!cases[i].rule && r)
			fail_msg("%s: %s", cases[i].audience, f->why.text);
		if (!cases[i].rule) {
			assert_string_equal(json_str(shape, "reason", ""), "lu");
			continue;
		}
		assert_true(r < 0);
		if (strcmp(f->why.rule, cases[i].rule) || strcmp(f->why.field, cases[i].field))
			fail_msg("%s: %s of %s", cases[i].audience, f->why.rule, f->why.field);
	}
}

static void emergency_is_approved_by_somebody_else_and_leaves_at_once(void **state)
{
	struct tick_fixture *f = *state;
	OWN(json) json_t *written = NULL, *started = NULL;
	assert_int_equal(write_one(f, "unit:02269", "lũ sông Hồng", NULL, &written), 0);
	int64_t id = json_int(written, "id", 0);
	assert_int_equal(act(f, "user:an", "campaign.preview", id, 0, NULL), 0);
	assert_int_equal(act(f, "user:an", "campaign.submit", id, 0, NULL), 0);
	assert_true(act(f, "user:an", "campaign.approve", id, 0, NULL) < 0);
	assert_string_equal(f->why.rule, "two_person");
	assert_int_equal(act(f, "user:binh", "campaign.approve", id, 0, NULL), 0);
	assert_true(act(f, "user:binh", "campaign.start", id, 0, NULL) < 0);
	assert_string_equal(f->why.rule, "confirm");
	assert_int_equal(act(f, "user:binh", "campaign.start", id, 3, &started), 0);
	assert_string_equal(json_str(started, "state", ""), "running");
	/* more than the threshold, and yet no five minutes; in front of campaigns */
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM flow WHERE class = 'emergency' AND lane = 0 AND state = 'running' AND start_at <= "
					       "(SELECT min(due_at) FROM message)"), 1);
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM audit WHERE verb IN ('campaign.submit', 'campaign.approve', 'campaign.start')"), 3);
}

/* Who refused everything, and who was never asked for a basis, drown like others. */
static void emergency_goes_to_everybody_of_the_area(void **state)
{
	struct tick_fixture *f = *state;
	OWN(json) json_t *written = NULL, *preview = NULL, *ordinary = NULL, *other = NULL;
	assert_int_equal(tick_fixture_ask(f, "consent.opt-out", json_pack("{s:s, s:s}", "number", "+84912345601", "scope", "all"), NULL), 0);
	assert_int_equal(store_script(f->db, "BEGIN; UPDATE person SET basis = '' WHERE unit = '02269.01'; COMMIT"), 0);
	assert_int_equal(write_one(f, "unit:02269", "lu", NULL, &written), 0);
	assert_int_equal(act(f, "user:an", "campaign.preview", json_int(written, "id", 0), 0, &preview), 0);
	assert_int_equal(json_int(preview, "total", 0), 3);
	assert_int_equal(json_object_size(json_object_get(preview, "excluded")), 0);
	assert_int_equal(tick_fixture_ask(f, "campaign.new",
					  json_pack("{s:s, s:s, s:s}", "name", "b", "text", "Mời họp. TC", "audience", "unit:02269"), &ordinary), 0);
	assert_int_equal(act(f, "user:an", "campaign.preview", json_int(ordinary, "id", 0), 0, &other), 0);
	assert_int_equal(json_int(json_object_get(other, "excluded"), "opted_out", 0), 1);
	assert_int_equal(json_int(json_object_get(other, "excluded"), "no_consent", 0), 1);
}

/* A draft that becomes an emergency, and one that ends to be one. */
static void emergency_written_anew_changes_its_place(void **state)
{
	struct tick_fixture *f = *state;
	OWN(json) json_t *written = NULL, *anew = NULL;
	assert_int_equal(write_one(f, "unit:02269", "lu", NULL, &written), 0);
	assert_int_equal(tick_fixture_scalar(f, "SELECT lane FROM flow ORDER BY id DESC LIMIT 1"), 0);
	assert_int_equal(tick_fixture_ask(f, "campaign.set",
					  json_pack("{s:O, s:s, s:s, s:s}", "id", json_object_get(written, "id"), "name", "b", "text", "Mời họp. TC",
						    "audience", "unit:02269"), &anew), 0);
	assert_true(json_is_null(json_object_get(anew, "reason")));
	assert_int_equal(tick_fixture_scalar(f, "SELECT lane FROM flow ORDER BY id DESC LIMIT 1"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(emergency_says_why_and_keeps_to_an_area, setup, teardown),
		cmocka_unit_test_setup_teardown(emergency_is_approved_by_somebody_else_and_leaves_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(emergency_goes_to_everybody_of_the_area, setup, teardown),
		cmocka_unit_test_setup_teardown(emergency_written_anew_changes_its_place, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
