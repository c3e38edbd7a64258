/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of whose case it is: what people and units give to each other, who may never have it, and who is writing just now. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/account.h"
#include "gateway/base/json.h"
#include "gateway/registry.h"
#include "gateway/store/store.h"
#include "handlers/casefile.h"
#include "handlers/caselist.h"
#include "handlers/caselock.h"
#include "handlers/casereveal.h"
#include "tests/support/fixture.h"

struct desk {
	struct fixture *f;
	struct casefile c;
	struct refusal why;
};

static void add_user(struct fixture *f, const char *name, enum role role, const char *unit)
{
	int64_t id = 0;
	assert_int_equal(account_new(fixture_begin(f), name, role, unit, &id), 0);
	fixture_commit(f);
}

static int open_desk(void **state)
{
	struct desk *d = calloc(1, sizeof(*d));
	assert_non_null(d);
	d->f = fixture_new(NULL);
	bool joined = true;
	struct casefile_new n = { .address = fixture_address(d->f, "+84912345678"), .channel = "may-ao", .unit = "02269", .text = "đường thôn 5 hỏng",
				  .fold = "duong thon 5 hong", .topics = { "HATANG" }, .kind = "report", .urgency = "normal" };
	assert_int_equal(casefile_open(fixture_begin(d->f), &n, &d->c, &joined), 0);
	fixture_commit(d->f);
	add_user(d->f, "hoa", ROLE_REVIEWER, "02269");
	add_user(d->f, "tam", ROLE_REVIEWER, "02270");
	add_user(d->f, "tinh", ROLE_REVIEWER, "02");
	add_user(d->f, "lan", ROLE_OUTREACH, "02269");
	*state = d;
	return 0;
}

static int close_desk(void **state)
{
	struct desk *d = *state;
	refusal_done(&d->why);
	fixture_free(d->f);
	free(d);
	return 0;
}

/* As a reviewer of that name and unit; the rule of a refusal stays in d->why. */
static int as(struct desk *d, const char *name, const char *unit, const char *verb, const char *args)
{
	char actor[40], dotted[40];
	OWN(json) json_t *given = NULL, *checked = NULL, *out = NULL;
	const struct verb *v = registry_find(&caunoi_registry, "case", verb);
	assert_non_null(v);
	snprintf(actor, sizeof(actor), "user:%s", name);
	snprintf(dotted, sizeof(dotted), "case.%s", verb);
	refusal_done(&d->why);
	d->why = (struct refusal){ 0 };
	assert_int_equal(json_parse(args, strlen(args), &given), 0);
	int r = verb_check(v, given, &d->f->config->plan, &checked, &d->why);
	struct call c = { .verb = v, .args = checked, .actor = actor, .role = ROLE_REVIEWER, .unit = unit, .dotted = dotted };
	if (r)
		return r;
	r = v->command(fixture_begin(d->f), &c, &out, &d->why);
	if (r)
		fixture_undo(d->f);
	else
		fixture_commit(d->f);
	return r;
}

static void must(struct desk *d, const char *name, const char *unit, const char *verb, const char *args)
{
	int r = as(d, name, unit, verb, args);
	if (r)
		fail_msg("%s %s %s: %d %s %s", name, verb, args, r, d->why.rule, d->why.text);
}

static void refused(struct desk *d, const char *name, const char *unit, const char *verb, const char *args, const char *rule)
{
	int r = as(d, name, unit, verb, args);
	if (!r || strcmp(d->why.rule, rule) != 0)
		fail_msg("%s %s %s: %d %s, not %s", name, verb, args, r, d->why.rule, rule);
}

/* What a reviewer of a unit is shown; NULL when there is no such case. */
static json_t *seen_by(struct desk *d, const char *unit)
{
	json_t *row = NULL;
	struct scope in = fixture_scope(d->f);
	int r = caselist_one(&in, 1, unit, &row);
	assert_true(r == 0 || r == E_NOT_FOUND);
	return row;
}

static bool is_seen(struct desk *d, const char *unit)
{
	OWN(json) json_t *row = seen_by(d, unit);
	return row != NULL;
}

static void a_case_is_given_to_those_who_handle_cases_and_may_know_of_it(void **state)
{
	struct desk *d = *state;
	must(d, "hoa", "02269", "assign", "{\"id\":\"1\",\"to\":\"hoa\"}");
	OWN(json) json_t *row = seen_by(d, "02269");
	assert_string_equal(json_str(row, "assigned", ""), "hoa");
	refused(d, "hoa", "02269", "assign", "{\"id\":\"1\",\"to\":\"nobody\"}", "no_user");
	refused(d, "hoa", "02269", "assign", "{\"id\":\"1\",\"to\":\"lan\"}", "no_user");
	refused(d, "hoa", "02269", "assign", "{\"id\":\"1\",\"to\":\"tam\"}", "accused");
	refused(d, "tam", "02270", "assign", "{\"id\":\"1\",\"to\":\"tam\"}", "not_found");
	assert_int_equal(store_scalar(d->f->db, "SELECT count(*) FROM case_event WHERE what = 'assigned' AND text = 'hoa' AND who = 'user:hoa'", -1), 1);
}

static void a_unit_offers_and_the_other_takes_or_gives_back(void **state)
{
	struct desk *d = *state;
	assert_false(is_seen(d, "02270"));
	refused(d, "hoa", "02269", "refer", "{\"id\":\"1\",\"unit\":\"02269\",\"reason\":\"x\"}", "no_unit");
	refused(d, "hoa", "02269", "refer", "{\"id\":\"1\",\"unit\":\"xã bên\",\"reason\":\"x\"}", "unknown_unit");
	refused(d, "hoa", "02269", "refer", "{\"id\":\"1\",\"unit\":\"2270\",\"reason\":\"x\"}", "unknown_unit");
	assert_non_null(strstr(d->why.text, "02270"));
	must(d, "hoa", "02269", "refer", "{\"id\":\"1\",\"unit\":\"02270\",\"reason\":\"đường của xã bên\"}");
	assert_true(is_seen(d, "02270"));
	assert_true(is_seen(d, "02269"));
	refused(d, "hoa", "02269", "accept", "{\"id\":\"1\"}", "not_referred");
	must(d, "tam", "02270", "return", "{\"id\":\"1\",\"reason\":\"đường của xã anh\"}");
	assert_false(is_seen(d, "02270"));
	must(d, "hoa", "02269", "refer", "{\"id\":\"1\",\"unit\":\"02270\",\"reason\":\"có biên bản\"}");
	must(d, "tam", "02270", "accept", "{\"id\":\"1\"}");
	assert_false(is_seen(d, "02269"));
	OWN(json) json_t *row = seen_by(d, "02270");
	assert_string_equal(json_str(row, "unit", ""), "02270");
	assert_string_equal(json_str(row, "state", ""), "triaged");
	assert_true(json_is_null(json_object_get(row, "referred")));
}

/* The code of a commune does not begin with its province's. */
static void a_province_is_what_the_units_say(void **state)
{
	struct desk *d = *state;
	assert_true(is_seen(d, "02")); /* nothing is known of units: the form of the code must do */
	assert_false(is_seen(d, "08"));
	assert_int_equal(store_script(d->f->db, "INSERT INTO unit (code, name, fold, kind, parent, from_day, to_day, successor) VALUES "
						"('08', 'Tuyên Quang', 'tuyen quang', 'province', '', '', '', ''), "
						"('02269', 'Thượng Lâm', 'thuong lam', 'commune', '08', '', '', ''), "
						"('02270', 'Xã bên', 'xa ben', 'commune', '08', '', '', '')"), 0);
	assert_true(is_seen(d, "08"));
	assert_false(is_seen(d, "02"));
	must(d, "hoa", "02269", "refer", "{\"id\":\"1\",\"unit\":\"02270\",\"reason\":\"x\"}");
	must(d, "tinh", "08", "return", "{\"id\":\"1\",\"reason\":\"x\"}");
	must(d, "hoa", "02269", "restrict", "{\"id\":\"1\",\"reason\":\"x\"}");
	assert_true(is_seen(d, "08"));
	must(d, "tinh", "08", "refer", "{\"id\":\"1\",\"unit\":\"08\",\"reason\":\"x\"}");
	must(d, "tinh", "08", "accept", "{\"id\":\"1\"}");
	assert_true(is_seen(d, "08")); /* the province's own */
	must(d, "tinh", "08", "restrict", "{\"id\":\"1\",\"accused\":\"08\",\"reason\":\"x\"}");
	assert_false(is_seen(d, "08"));
}

static void an_accused_unit_does_not_know_of_the_case(void **state)
{
	struct desk *d = *state;
	must(d, "hoa", "02269", "assign", "{\"id\":\"1\",\"to\":\"hoa\"}");
	must(d, "hoa", "02269", "restrict", "{\"id\":\"1\",\"reason\":\"tố cáo trưởng thôn\"}");
	assert_false(is_seen(d, "02269"));
	assert_true(is_seen(d, "02"));
	refused(d, "hoa", "02269", "note", "{\"id\":\"1\",\"text\":\"x\"}", "not_found");
	refused(d, "hoa", "02269", "restrict", "{\"id\":\"1\",\"lift\":true,\"reason\":\"x\"}", "not_found");
	refused(d, "tinh", "02", "assign", "{\"id\":\"1\",\"to\":\"hoa\"}", "accused");
	refused(d, "tinh", "02", "refer", "{\"id\":\"1\",\"unit\":\"02270\",\"reason\":\"x\"}", "accused");
	refused(d, "tinh", "02", "verify", "{\"id\":\"1\",\"by\":\"thôn 5\"}", "restricted");
	refused(d, "tinh", "02", "move", "{\"id\":\"1\",\"to\":\"verifying\"}", "case_state");
	must(d, "tinh", "02", "restrict", "{\"id\":\"1\",\"accused\":\"02\",\"reason\":\"cán bộ tỉnh\"}");
	assert_false(is_seen(d, "02"));
	assert_true(is_seen(d, ""));
	must(d, "boss", "", "restrict", "{\"id\":\"1\",\"lift\":true,\"reason\":\"không phải tố cáo\"}");
	assert_true(is_seen(d, "02269"));
	assert_int_equal(store_scalar(d->f->db, "SELECT count(*) FROM audit WHERE verb = 'case.restrict'", -1), 3);
}

static void hidden_cases_are_in_no_list_and_no_count(void **state)
{
	struct desk *d = *state;
	struct scope in = fixture_scope(d->f);
	static const struct {
		const char *label, *state, *topic, *assigned;
		bool overdue;
	} filters[] = { { "all", "", "", "", false }, { "state", "received", "", "", false }, { "topic", "", "HATANG", "", false }, { "open", "", "", "", true } };
	assert_int_equal(store_script(d->f->db, "UPDATE casefile SET due_at = 1, accused = '02269', restricted = 1"), 0);
	for (size_t i = 0; i < COUNT_OF(filters) * 2; i++) {
		size_t k = i / 2;
		struct caselist_filter f = { .state = filters[k].state, .topic = filters[k].topic, .code = "", .words = "", .unit = "", .assigned = filters[k].assigned,
					     .overdue = filters[k].overdue, .newest = i % 2, .limit = 10 };
		for (int hidden = 0; hidden < 2; hidden++) {
			OWN(json) json_t *list = NULL;
			int64_t next = 0;
			f.territory = hidden ? "02269" : "02";
			assert_int_equal(caselist_page(&in, &f, &list, &next), 0);
			if (json_array_size(list) != (hidden ? 0 : 1))
				fail_msg("%s %d for %s: %zu", filters[k].label, f.newest, f.territory, json_array_size(list));
		}
	}
	const struct verb *v = registry_find(&caunoi_registry, "", "status");
	for (int hidden = 0; hidden < 2; hidden++) {
		OWN(json) json_t *status = NULL;
		int64_t next = 0;
		struct call c = { .verb = v, .actor = "user:hoa", .role = ROLE_REVIEWER, .unit = hidden ? "02269" : "02", .dotted = "status" };
		assert_int_equal(v->query(&in, &c, &status, &next, &d->why), 0);
		assert_int_equal(json_int(status, "cases_open", -1), hidden ? 0 : 1);
	}
}

static void whoever_writes_keeps_the_case_for_five_minutes(void **state)
{
	struct desk *d = *state;
	must(d, "hoa", "02269", "lock", "{\"id\":\"1\"}");
	refused(d, "tinh", "02", "lock", "{\"id\":\"1\"}", "case_locked");
	assert_string_equal(json_str(d->why.args, "holder", ""), "user:hoa");
	refused(d, "tinh", "02", "forward", "{\"id\":\"1\",\"to\":\"UBND\"}", "case_locked");
	must(d, "tinh", "02", "note", "{\"id\":\"1\",\"text\":\"ghi chú không cần giữ\"}");
	OWN(json) json_t *row = seen_by(d, "02");
	assert_string_equal(json_str(json_object_get(row, "lock"), "holder", ""), "user:hoa");
	must(d, "tinh", "02", "lock", "{\"id\":\"1\",\"take-over\":true}");
	refused(d, "hoa", "02269", "reply", "{\"id\":\"1\",\"text\":\"x\"}", "case_locked");
	clock_advance(&d->f->clock, CASE_LOCK_MS + 1);
	must(d, "hoa", "02269", "lock", "{\"id\":\"1\"}");
	must(d, "tinh", "02", "unlock", "{\"id\":\"1\"}"); /* not theirs: nothing happens */
	refused(d, "tinh", "02", "forward", "{\"id\":\"1\",\"to\":\"UBND\"}", "case_locked");
	must(d, "hoa", "02269", "reply", "{\"id\":\"1\",\"text\":\"xã sẽ rải đá\"}");
	must(d, "tinh", "02", "move", "{\"id\":\"1\",\"to\":\"reopened\"}"); /* the answer let it go */
	assert_int_equal(store_scalar(d->f->db, "SELECT count(*) FROM case_event WHERE what = 'taken_over' AND text = 'user:hoa'", -1), 1);
}

/* The command half of case.reveal as somebody, then what is shown. */
static void numbers_are_shown_to_who_handles_the_case(void **state)
{
	struct desk *d = *state;
	assert_int_equal(store_script(d->f->db, "UPDATE casefile SET text = 'gọi 0912345678'; UPDATE case_event SET text = 'gọi 0912345678'"), 0);
	OWN(json) json_t *masked = seen_by(d, "02269"), *bare = NULL, *args = json_pack("{s:s,s:s}", "id", "1", "reason", "gọi lại");
	assert_string_equal(json_str(masked, "text", ""), "gọi #");
	assert_string_equal(json_str(json_array_get(json_object_get(masked, "timeline"), 0), "text", ""), "gọi #");
	refused(d, "hoa", "02269", "reveal", "{\"id\":\"1\",\"reason\":\"gọi lại\"}", "not_handler");
	refused(d, "hoa", "02269", "reveal", "{\"id\":\"1\"}", "missing");
	must(d, "tinh", "02", "assign", "{\"id\":\"1\",\"to\":\"hoa\"}");
	refused(d, "tinh", "02", "reveal", "{\"id\":\"1\",\"reason\":\"gọi lại\"}", "not_handler");
	for (int i = 0; i < CASE_REVEALS_A_DAY; i++)
		must(d, "hoa", "02269", "reveal", "{\"id\":\"1\",\"reason\":\"gọi lại\"}");
	refused(d, "hoa", "02269", "reveal", "{\"id\":\"1\",\"reason\":\"gọi lại\"}", "reveal_limit");
	assert_int_equal(d->why.status, 429);
	clock_advance(&d->f->clock, INT64_C(25) * 3600 * 1000);
	must(d, "hoa", "02269", "reveal", "{\"id\":\"1\",\"reason\":\"gọi lại\"}");
	assert_int_equal(store_scalar(d->f->db, "SELECT count(*) FROM audit WHERE verb = 'case.reveal' AND actor = 'user:hoa'", -1), CASE_REVEALS_A_DAY + 1);
	struct scope in = fixture_scope(d->f);
	const struct verb *v = registry_find(&caunoi_registry, "case", "reveal");
	struct call c = { .verb = v, .args = args, .actor = "user:hoa", .role = ROLE_REVIEWER, .unit = "02269", .dotted = "case.reveal" };
	int64_t next = 0;
	assert_int_equal(v->query(&in, &c, &bare, &next, &d->why), 0);
	assert_string_equal(json_str(bare, "text", ""), "gọi 0912345678");
}

/* The names that may be given the case, joined. */
static void workers_are(struct desk *d, const char *want)
{
	char names[120] = "";
	int64_t next = 0;
	size_t i;
	const json_t *one;
	OWN(json) json_t *list = NULL;
	assert_int_equal(fixture_query(d->f, "case.workers", "{\"id\":\"1\"}", &list, &next), 0);
	json_array_foreach(list, i, one)
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s ", json_str(one, "name", ""));
	assert_string_equal(names, want);
}

static void only_who_may_know_of_a_case_is_offered(void **state)
{
	struct desk *d = *state;
	workers_are(d, "hoa tinh ");
	must(d, "tinh", "02", "restrict", "{\"id\":\"1\",\"accused\":\"02269\",\"reason\":\"to cao\"}");
	workers_are(d, "tinh ");
}

#define LAW(fn) cmocka_unit_test_setup_teardown(fn, open_desk, close_desk)
int main(void)
{
	const struct CMUnitTest tests[] = {
		LAW(only_who_may_know_of_a_case_is_offered),
		LAW(a_case_is_given_to_those_who_handle_cases_and_may_know_of_it),
		LAW(a_unit_offers_and_the_other_takes_or_gives_back),
		LAW(a_province_is_what_the_units_say),
		LAW(an_accused_unit_does_not_know_of_the_case),
		LAW(hidden_cases_are_in_no_list_and_no_count),
		LAW(numbers_are_shown_to_who_handles_the_case),
		LAW(whoever_writes_keeps_the_case_for_five_minutes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
