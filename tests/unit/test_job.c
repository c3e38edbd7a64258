/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of long work: steps go on after a restart, jobs take turns, a step that fails leaves nothing behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "gateway/audit.h"
#include "gateway/base/json.h"
#include "gateway/job.h"
#include "gateway/store/store.h"
#include "tests/support/fixture.h"

#define STEPS 5

static int write_one(struct tick *t)
{
	return audit_put(t, "job", "step", "job", NULL);
}

static int count_step(struct tick *t, struct job *j)
{
	j->total = STEPS;
	j->done = json_int(j->cursor, "n", 0) + 1;
	int r = write_one(t);
	if (!r)
		r = json_set_int(j->cursor, "n", j->done);
	if (r || j->done < STEPS)
		return r ? r : E_AGAIN;
	j->result = json_pack("{s:I,s:s}", "steps", (json_int_t)j->done, "name", json_str(j->args, "name", ""));
	return 0;
}

static int fail_step(struct tick *t, struct job *j)
{
	int r = write_one(t);
	if (r || json_int(j->cursor, "n", 0) < 2) {
		json_set_int(j->cursor, "n", json_int(j->cursor, "n", 0) + 1);
		return r ? r : E_AGAIN;
	}
	return refuse(j->why, E_REFUSED, 422, "bad_row", "file", "Row 3 is wrong.");
}

static int clear_step(struct tick *t, struct job *j)
{
	int64_t n = json_int(j->cursor, "cleared", 0) + 1;
	int r = write_one(t);
	json_set_int(j->cursor, "cleared", n);
	return r ? r : n < 3 ? E_AGAIN : 0;
}

static const struct job_kind kinds[] = {
	{ .verb = "test.count", .step = count_step },
	{ .verb = "test.fail", .step = fail_step, .clear = clear_step },
};

static struct fixture *with_kinds(void)
{
	struct fixture *f = fixture_new(NULL);
	fixture_close_core(f);
	f->wiring.jobs = kinds;
	f->wiring.n_jobs = COUNT_OF(kinds);
	fixture_open_core(f);
	return f;
}

static int64_t start(struct fixture *f, const char *verb)
{
	OWN(json) json_t *args = json_pack("{s:s}", "name", "x");
	struct call c = { .actor = "user:lan" };
	int64_t id;
	struct tick *t = fixture_begin(f);
	assert_int_equal(job_new(t, &c, verb, args, &id), 0);
	fixture_commit(f);
	return id;
}

static void tick(struct fixture *f)
{
	int64_t due;
	struct tick *t = fixture_begin(f);
	assert_int_equal(job_duty(t, &due), 0);
	fixture_commit(f);
}

static json_t *shown(struct fixture *f, int64_t id)
{
	json_t *out;
	struct scope in = fixture_scope(f);
	assert_int_equal(job_json(&in, id, &out), 0);
	return out;
}

static void expect(struct fixture *f, int64_t id, const char *job_state, int64_t done)
{
	OWN(json) json_t *j = shown(f, id);
	if (strcmp(json_str(j, "state", ""), job_state) != 0 || json_int(j, "done", -1) != done)
		fail_msg("job %lld: %s %lld", (long long)id, json_str(j, "state", ""), (long long)json_int(j, "done", -1));
}

static void job_goes_on_after_a_restart_and_ends_with_its_result(void **state)
{
	(void)state;
	struct fixture *f = with_kinds();
	int64_t id = start(f, "test.count");
	for (int i = 1; i < STEPS; i++) {
		tick(f);
		expect(f, id, "running", i);
		fixture_close_core(f);
		fixture_open_core(f);
	}
	tick(f);
	expect(f, id, "done", STEPS);
	tick(f);
	OWN(json) json_t *j = shown(f, id);
	assert_int_equal(json_int(json_object_get(j, "result"), "steps", 0), STEPS);
	assert_string_equal(json_str(json_object_get(j, "result"), "name", ""), "x");
	assert_int_equal(json_int(j, "total", 0), STEPS);
	assert_true(json_is_null(json_object_get(j, "error")));
	assert_int_equal(store_scalar(f->db, "SELECT count(*) FROM audit WHERE actor = 'job'", -1), STEPS);
	fixture_free(f);
}

static void job_takes_turns_with_others_also_within_one_millisecond(void **state)
{
	(void)state;
	struct fixture *f = with_kinds();
	int64_t a = start(f, "test.count"), b = start(f, "test.count"), c = start(f, "test.count");
	for (int round = 1; round < STEPS; round++) {
		for (int i = 0; i < 3; i++)
			tick(f);
		expect(f, a, "running", round);
		expect(f, b, "running", round);
		expect(f, c, "running", round);
	}
	fixture_free(f);
}

static void job_step_that_fails_is_undone_and_clears_up_in_pieces(void **state)
{
	(void)state;
	struct fixture *f = with_kinds();
	int64_t id = start(f, "test.fail");
	for (int i = 0; i < 3; i++)
		tick(f);
	expect(f, id, "running", 0);
	assert_int_equal(store_scalar(f->db, "SELECT count(*) FROM audit WHERE actor = 'job'", -1), 2);
	for (int i = 0; i < 3; i++)
		tick(f);
	expect(f, id, "failed", 0);
	assert_int_equal(store_scalar(f->db, "SELECT count(*) FROM audit WHERE actor = 'job'", -1), 5);
	OWN(json) json_t *j = shown(f, id);
	assert_string_equal(json_str(json_object_get(j, "error"), "rule", ""), "bad_row");
	assert_int_equal(json_int(json_object_get(j, "error"), "status", 0), 422);
	assert_true(json_is_null(json_object_get(j, "result")));
	fixture_free(f);
}

static void job_unknown_kind_fails_by_name(void **state)
{
	(void)state;
	struct fixture *f = with_kinds();
	int64_t id = start(f, "test.other");
	tick(f);
	tick(f);
	expect(f, id, "failed", 0);
	fixture_free(f);
}

static void job_cancel_clears_first_and_refuses_the_ended(void **state)
{
	(void)state;
	struct fixture *f = with_kinds();
	int64_t id = start(f, "test.fail"), plain = start(f, "test.count");
	char args[32];
	OWN(json) json_t *one = NULL, *two = NULL, *three = NULL;
	struct refusal why = { 0 };
	snprintf(args, sizeof(args), "{\"id\":%lld}", (long long)plain);
	assert_int_equal(fixture_command(f, "job.cancel", args, &one, NULL), 0);
	assert_string_equal(json_str(one, "state", ""), "cancelled");
	assert_int_equal(fixture_command(f, "job.cancel", args, &two, &why), E_REFUSED);
	assert_int_equal(why.status, 409);
	refusal_done(&why);
	snprintf(args, sizeof(args), "{\"id\":%lld}", (long long)id);
	assert_int_equal(fixture_command(f, "job.cancel", args, &three, NULL), 0);
	for (int i = 0; i < 3; i++) {
		expect(f, id, "running", 0);
		tick(f);
	}
	expect(f, id, "cancelled", 0);
	assert_int_equal(fixture_command(f, "job.cancel", "{\"id\":99}", &two, NULL), E_NOT_FOUND);
	fixture_free(f);
}

static void job_of_others_is_not_found(void **state)
{
	(void)state;
	static const struct {
		const char *actor;
		enum role role;
		int result, n;
	} cases[] = {
		{ "user:lan", ROLE_OUTREACH, 0, 1 },
		{ "user:hoa", ROLE_OUTREACH, E_NOT_FOUND, 0 },
		{ "user:admin", ROLE_ADMINISTRATOR, 0, 1 },
	};
	struct fixture *f = with_kinds();
	int64_t id = start(f, "test.count");
	struct scope in = fixture_scope(f);
	const struct verb *show = registry_find_dotted(&caunoi_registry, "job.show"), *list = registry_find_dotted(&caunoi_registry, "job.list");
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(json) json_t *args = json_pack("{s:I,s:i}", "id", (json_int_t)id, "limit", 10);
		OWN(json) json_t *one = NULL, *all = NULL;
		struct call c = { .args = args, .actor = cases[i].actor, .role = cases[i].role, .unit = "" };
		int64_t next = 0;
		assert_int_equal(show->query(&in, &c, &one, &next, NULL), cases[i].result);
		assert_int_equal(list->query(&in, &c, &all, &next, NULL), 0);
		assert_int_equal(json_array_size(all), cases[i].n);
	}
	fixture_free(f);
}

/* Refused rows hold what somebody took for a number. */
static void job_result_forgets_what_refused_rows_held(void **state)
{
	(void)state;
	struct fixture *f = with_kinds();
	static const char result[] = "{\"rows\":2,\"refused\":[{\"row\":2,\"value\":\"0912345678x\",\"reason\":\"invalid_number\"}]}";
	char sql[500];
	for (int i = 0; i < 2; i++) {
		snprintf(sql, sizeof(sql), "INSERT INTO job (verb, actor, args, state, done, cursor, result, created_at, changed_at) VALUES "
			 "('test.count', 'user:lan', '{}', '%s', 1, '{}', '%s', 1, %lld)", i ? "done" : "failed", result,
			 (long long)(i ? f->clock.sim_now_ms : f->clock.sim_now_ms - INT64_C(30) * 24 * 3600000 - 1));
		assert_int_equal(store_script(f->db, sql), 0);
	}
	tick(f);
	tick(f);
	OWN(json) json_t *old = shown(f, 1), *young = shown(f, 2);
	assert_true(json_is_null(json_object_get(json_array_get(json_object_get(json_object_get(old, "result"), "refused"), 0), "value")));
	assert_int_equal(json_int(json_array_get(json_object_get(json_object_get(old, "result"), "refused"), 0), "row", 0), 2);
	assert_string_equal(json_str(json_array_get(json_object_get(json_object_get(young, "result"), "refused"), 0), "value", ""), "0912345678x");
	clock_advance(&f->clock, INT64_C(31) * 24 * 3600000);
	tick(f);
	assert_int_equal(store_scalar(f->db, "SELECT count(*) FROM job WHERE result LIKE '%0912345678%'", -1), 0);
	assert_int_equal(store_scalar(f->db, "SELECT count(*) FROM job WHERE keeps = 1", -1), 0);
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(job_goes_on_after_a_restart_and_ends_with_its_result),
		cmocka_unit_test(job_takes_turns_with_others_also_within_one_millisecond),
		cmocka_unit_test(job_step_that_fails_is_undone_and_clears_up_in_pieces),
		cmocka_unit_test(job_unknown_kind_fails_by_name),
		cmocka_unit_test(job_cancel_clears_first_and_refuses_the_ended),
		cmocka_unit_test(job_of_others_is_not_found),
		cmocka_unit_test(job_result_forgets_what_refused_rows_held),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
