// SPDX-License-Identifier: GPL-3.0-or-later
/* Imports: all or nothing, the same twice changes nothing, staged people are seen by nobody. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "campaigns/import.h"
#include "campaigns/reader.h"
#include "campaigns/staging.h"
#include "campaigns/unstage.h"
#include "gateway/base/buffer.h"
#include "gateway/base/json.h"
#include "gateway/contact.h"
#include "gateway/group.h"
#include "gateway/store/store.h"
#include "tests/support/tick_fixture.h"

static int64_t begin(struct tick_fixture *f, const char *csv, size_t n, const char *more, size_t chunk)
{
	json_t *args = json_pack("{s:I, s:s, s:s}", "file", (json_int_t)tick_fixture_upload(f, "uid:0", csv, n, chunk), "group", "Xã Bình An",
				 "basis", "danh sách thôn");
	OWN(json) json_t *extra = more ? json_loads(more, 0, NULL) : json_object(), *answer = NULL;
	json_object_update(args, extra);
	int r = tick_fixture_ask(f, "contact.import", args, &answer);
	if (r)
		fail_msg("%d %s", r, f->why.text);
	return json_int(answer, "job", 0);
}

/* The job's shape. */
static json_t *import(struct tick_fixture *f, const char *csv, const char *more)
{
	return tick_fixture_job(f, begin(f, csv, strlen(csv), more, 37));
}

static void check(const json_t *job, int64_t rows, int64_t added, int64_t updated, int64_t unchanged, int64_t duplicates)
{
	const json_t *r = json_object_get(job, "result");
	if (strcmp(json_str(job, "state", ""), "done"))
		fail_msg("%s", json_dumps(job, 0));
	assert_int_equal(json_int(r, "rows", -1), rows);
	assert_int_equal(json_int(r, "added", -1), added);
	assert_int_equal(json_int(r, "updated", -1), updated);
	assert_int_equal(json_int(r, "unchanged", -1), unchanged);
	assert_int_equal(json_int(r, "duplicates", -1), duplicates);
	assert_int_equal(json_array_size(json_object_get(r, "refused")), 0);
}

static int64_t people(struct tick_fixture *f)
{
	OWN(json) json_t *list = NULL;
	assert_int_equal(tick_fixture_ask(f, "contact.list", json_object(), &list), 0);
	return (int64_t)json_array_size(list);
}

static const char three[] = "SĐT;Họ và tên;Mã xã;Số thẻ\n0912345678;Nguyễn Thị Hoa;02269;DN1\n+84 987 654 321;Lò Văn Pó;02269;\n"
			    "0912345678;Trần Nam;;\n0084912345678;nguyen thi hoa;;\n";

static void import_adds_then_changes_nothing(void **state)
{
	struct tick_fixture *f = *state;
	OWN(json) json_t *first = import(f, three, NULL), *again = import(f, three, NULL), *shown = NULL;
	check(first, 4, 3, 0, 0, 1);
	assert_int_equal(json_int(json_object_get(json_object_get(first, "result"), "reasons"), "duplicate", 0), 1);
	check(again, 4, 0, 0, 3, 1);
	assert_int_equal(people(f), 3);
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM address"), 2);
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM person_change"), 0);
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM upload_chunk"), 0);
	assert_int_equal(tick_fixture_scalar(f, "SELECT members FROM grp"), 3);
	assert_int_equal(tick_fixture_scalar(f, "SELECT version FROM grp"), 1);
	assert_int_equal(tick_fixture_ask(f, "contact.show", json_pack("{s:i}", "id", 1), &shown), 0);
	assert_string_equal(json_str(shown, "number", ""), "+84912345678");
	assert_string_equal(json_str(shown, "name", ""), "Nguyễn Thị Hoa");
	assert_string_equal(json_str(shown, "unit", ""), "02269");
	assert_string_equal(json_string_value(json_array_get(json_object_get(shown, "groups"), 0)), "Xã Bình An");
	assert_string_equal(json_str(json_object_get(shown, "fields"), "so the", ""), "DN1");
}

static void import_says_who_had_opted_out(void **state)
{
	struct tick_fixture *f = *state;
	OWN(json) json_t *gone = NULL;
	assert_int_equal(tick_fixture_ask(f, "consent.opt-out", json_pack("{s:s}", "number", "+84987654321"), &gone), 0);
	for (int dry = 1; dry >= 0; dry--) {
		OWN(json) json_t *job = import(f, three, dry ? "{\"dry-run\": true}" : NULL);
		check(job, 4, 3, 0, 0, 1);
		assert_int_equal(json_int(json_object_get(json_object_get(job, "result"), "reasons"), "opted_out", 0), 1);
	}
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM address WHERE off <> ''"), 1);
}

static void import_updates_what_changed(void **state)
{
	struct tick_fixture *f = *state;
	OWN(json) json_t *first = import(f, three, NULL), *shown = NULL;
	OWN(json) json_t *second = import(f, "phone,name,hamlet\n0912345678,NGUYEN THI HOA,Ấp 5\n0987654321,Lò Văn Pó,\n", NULL);
	check(second, 2, 0, 1, 1, 0);
	assert_int_equal(tick_fixture_ask(f, "contact.show", json_pack("{s:i}", "id", 1), &shown), 0);
	assert_string_equal(json_str(shown, "hamlet", ""), "Ấp 5");
	assert_string_equal(json_str(shown, "unit", ""), "02269");
	assert_string_equal(json_str(shown, "name", ""), "NGUYEN THI HOA");
	assert_int_equal(tick_fixture_scalar(f, "SELECT version > 1 FROM grp"), 1);
}

static void import_with_a_refused_row_imports_nothing(void **state)
{
	struct tick_fixture *f = *state;
	OWN(json) json_t *job = import(f,
				       "phone,name\n0912345678,Hoa\n02837654321,Cố định\n113,Công an\n19001234,Tổng đài\n8088,Đầu số\nabc,Chữ\n,Trống\n"
				       "0912345679,Nam\n",
				       NULL);
	static const struct {
		int row;
		const char *value, *detail;
	} want[] = { { 3, "02837654321", "landline" }, { 4, "113", "emergency" }, { 5, "19001234", "special" },
		     { 6, "8088", "short" },	       { 7, "abc", "letters" },	  { 8, "", "empty" } };
	const json_t *result = json_object_get(job, "result"), *refused = json_object_get(result, "refused");
	assert_string_equal(json_str(job, "state", ""), "failed");
	assert_string_equal(json_str(json_object_get(job, "error"), "rule", ""), "import_refused");
	assert_int_equal(json_int(result, "rows", 0), 8);
	assert_int_equal(json_int(result, "added", -1), 0);
	assert_int_equal(json_array_size(refused), COUNT_OF(want));
	for (size_t i = 0; i < COUNT_OF(want); i++) {
		const json_t *one = json_array_get(refused, i);
		assert_int_equal(json_int(one, "row", 0), want[i].row);
		assert_string_equal(json_str(one, "column", ""), "phone");
		assert_string_equal(json_str(one, "value", "?"), want[i].value);
		assert_string_equal(json_str(one, "reason", ""), "invalid_number");
		assert_string_equal(json_str(one, "detail", ""), want[i].detail);
	}
	assert_int_equal(json_int(json_object_get(result, "reasons"), "invalid_number", 0), COUNT_OF(want));
	assert_int_equal(people(f), 0);
	assert_int_equal(tick_fixture_scalar(f, "SELECT (SELECT count(*) FROM person) + (SELECT count(*) FROM address) + "
						"(SELECT count(*) FROM member) + (SELECT count(*) FROM grp) + (SELECT count(*) FROM upload)"),
			 0);
}

/* Excel takes 02269 for a number. */
static void import_with_a_unit_that_lost_its_zero_says_what_was_meant(void **state)
{
	struct tick_fixture *f = *state;
	OWN(json) json_t *job = import(f, "phone,Mã xã\n0912345678,02269\n0912345679,2269\n0912345670,\n0912345671,Thượng Lâm\n", NULL);
	const json_t *refused = json_object_get(json_object_get(job, "result"), "refused");
	static const struct {
		int row;
		const char *value, *detail;
	} want[] = { { 3, "2269", "02269" }, { 5, "Thượng Lâm", "" } };
	assert_int_equal(json_array_size(refused), COUNT_OF(want));
	for (size_t i = 0; i < COUNT_OF(want); i++) {
		const json_t *one = json_array_get(refused, i);
		assert_int_equal(json_int(one, "row", 0), want[i].row);
		assert_string_equal(json_str(one, "column", ""), "Mã xã");
		assert_string_equal(json_str(one, "value", ""), want[i].value);
		assert_string_equal(json_str(one, "reason", ""), "unknown_unit");
		assert_string_equal(json_str(one, "detail", ""), want[i].detail);
	}
	assert_int_equal(people(f), 0);
}

static void import_dry_run_tells_the_same_and_writes_nothing(void **state)
{
	struct tick_fixture *f = *state;
	OWN(json) json_t *dry = import(f, three, "{\"dry-run\": true}");
	check(dry, 4, 3, 0, 0, 1);
	assert_int_equal(tick_fixture_scalar(f, "SELECT (SELECT count(*) FROM person) + (SELECT count(*) FROM address) + "
						"(SELECT count(*) FROM grp) + (SELECT count(*) FROM person_change)"),
			 0);
	OWN(json) json_t *real = import(f, three, NULL), *dry_again = import(f, three, "{\"dry-run\": true}");
	check(real, 4, 3, 0, 0, 1);
	check(dry_again, 4, 0, 0, 3, 1);
}

static void import_refuses_files_that_are_none(void **state)
{
	static const struct {
		const char *label, *csv, *more, *rule;
	} cases[] = {
		{ "no number column", "name,unit\nHoa,02269\n", NULL, "no_number_column" },
		{ "spreadsheet", "PK\003\004 and so on", NULL, "xlsx_broken" },
		{ "two number columns", "phone,sdt\n1,2\n", NULL, "column_twice" },
		{ "unclosed quote", "phone,name\n0912345678,\"Hoa\n", NULL, "unclosed_quote" },
		{ "field count", "phone,name\n0912345678\n", NULL, "field_count" },
		{ "map names no column", "a,b\n1,2\n", "{\"map\": \"c=phone\"}", "unknown_column" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(json) json_t *job = import(*state, cases[i].csv, cases[i].more);
		if (strcmp(json_str(json_object_get(job, "error"), "rule", ""), cases[i].rule))
			fail_msg("%s: %s", cases[i].label, json_dumps(job, 0));
		assert_int_equal(people(*state), 0);
	}
}

static void import_maps_columns(void **state)
{
	OWN(json) json_t *job = import(*state, "So may,Ten\n0912345678,Hoa\n", "{\"map\": \"so may=phone,TEN=name\"}");
	check(job, 1, 1, 0, 0, 0);
}

static size_t many(struct buffer *csv, int n)
{
	assert_int_equal(buffer_puts(csv, "phone,name,unit\r\n"), 0);
	for (int i = 0; i < n; i++)
		assert_int_equal(buffer_printf(csv, "09%08d,\"Người, thứ %d\",02269\r\n", i, i), 0);
	return buffer_left(csv);
}

static void import_goes_on_after_a_restart_and_shows_nobody_before_the_end(void **state)
{
	struct tick_fixture *f = *state;
	OWN(buffer) struct buffer csv = { 0 };
	size_t n = many(&csv, 3500);
	int64_t job = begin(f, buffer_text(&csv), n, NULL, 4096);
	tick_fixture_run(f, 5, 5);
	assert_in_range(tick_fixture_scalar(f, "SELECT count(*) FROM person"), 1000, 3000);
	assert_int_equal(people(f), 0);
	tick_fixture_restart(f);
	OWN(json) json_t *shape = tick_fixture_job(f, job);
	check(shape, 3500, 3500, 0, 0, 0);
	assert_int_equal(people(f), 100); /* a page */
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM person"), 3500);
}

/* More rows than a window holds, written in the order of hashes, stopped in every phase: the sums are the same. */
static void import_of_several_windows_survives_restarts_anywhere(void **state)
{
	struct tick_fixture *f = *state;
	OWN(buffer) struct buffer csv = { 0 };
	size_t n = many(&csv, 70000);
	for (int i = 0; i < 50; i++) /* repeats of the first window stand in the second */
		assert_int_equal(buffer_printf(&csv, "09%08d,\"Người, thứ %d\",02269\r\n", i, i), 0);
	n = buffer_left(&csv);
	int64_t job = begin(f, buffer_text(&csv), n, NULL, 190000);
	static const int stops[] = { 2, 14, 30, 55, 20 };
	for (size_t i = 0; i < COUNT_OF(stops); i++) {
		tick_fixture_run(f, stops[i], 5);
		tick_fixture_restart(f);
	}
	OWN(json) json_t *shape = tick_fixture_job(f, job);
	check(shape, 70050, 70000, 0, 0, 50);
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM person"), 70000);
	assert_int_equal(tick_fixture_scalar(f, "SELECT members FROM grp"), 70000);
}

static void import_cancelled_is_taken_back(void **state)
{
	struct tick_fixture *f = *state;
	OWN(buffer) struct buffer csv = { 0 };
	size_t n = many(&csv, 3500);
	int64_t job = begin(f, buffer_text(&csv), n, NULL, 4096);
	tick_fixture_run(f, 5, 5);
	assert_true(tick_fixture_scalar(f, "SELECT count(*) FROM person") > 0);
	assert_int_equal(tick_fixture_ask(f, "job.cancel", json_pack("{s:I}", "id", (json_int_t)job), NULL), 0);
	OWN(json) json_t *shape = tick_fixture_job(f, job);
	assert_string_equal(json_str(shape, "state", ""), "cancelled");
	assert_int_equal(tick_fixture_scalar(f, "SELECT (SELECT count(*) FROM person) + (SELECT count(*) FROM address) + "
						"(SELECT count(*) FROM member) + (SELECT count(*) FROM grp) + (SELECT count(*) FROM upload_chunk)"),
			 0);
}

static void import_waits_for_the_one_before(void **state)
{
	struct tick_fixture *f = *state;
	OWN(buffer) struct buffer csv = { 0 };
	size_t n = many(&csv, 2500);
	int64_t a = begin(f, buffer_text(&csv), n, NULL, 4096), b = begin(f, buffer_text(&csv), n, NULL, 4096);
	OWN(json) json_t *second = tick_fixture_job(f, b), *first = tick_fixture_job(f, a);
	check(first, 2500, 2500, 0, 0, 0);
	check(second, 2500, 0, 0, 2500, 0);
}

/* Families share numbers, and rows come again: beside each other, in another page, in another import. */
static void import_counts_families_and_repeats_alike_dry_or_real(void **state)
{
	struct tick_fixture *f = *state;
	OWN(buffer) struct buffer csv = { 0 };
	assert_int_equal(buffer_puts(&csv, "phone,name\n"), 0);
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 200; i++) /* two of each family, one of them twice in a row */
			assert_int_equal(buffer_printf(&csv, "09%08d,Mẹ\n09%08d,Con\n09%08d,me\n", i, i, i), 0);
	for (int dry = 1; dry >= 0; dry--) {
		OWN(json) json_t *job = import(f, buffer_text(&csv), dry ? "{\"dry-run\": true}" : NULL);
		check(job, 1200, 400, 0, 0, 800);
	}
	OWN(json) json_t *again = import(f, buffer_text(&csv), "{\"group\": \"Xã khác\"}");
	check(again, 1200, 0, 400, 0, 800); /* known, and new in this list */
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM address"), 200);
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM member"), 800);
}

/* A server is asked a few times for a page of rows, whether they are new, known, changed or taken back. */
static void import_asks_a_server_seldom(void **state)
{
	struct tick_fixture *f = *state;
	static const struct {
		const char *label, *more;
	} cases[] = { { "new", NULL }, { "known", NULL }, { "changed", "{\"basis\": \"danh sách mới\"}" }, { "dry", "{\"dry-run\": true}" } };
	OWN(buffer) struct buffer csv = { 0 };
	size_t n = many(&csv, 2000);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		int64_t job = begin(f, buffer_text(&csv), n, cases[i].more, 1 << 20), before = store_round_trips(f->db);
		OWN(json) json_t *shape = tick_fixture_job(f, job);
		assert_string_equal(json_str(shape, "state", ""), "done");
		int64_t trips = store_round_trips(f->db) - before;
		if (trips > 300)
			fail_msg("%s: %lld", cases[i].label, (long long)trips);
	}
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM person WHERE basis = 'danh sách mới'"), 2000);
}

static void import_lists_a_thousand_refusals_and_counts_all(void **state)
{
	struct tick_fixture *f = *state;
	OWN(buffer) struct buffer csv = { 0 };
	assert_int_equal(buffer_puts(&csv, "phone\n"), 0);
	for (int i = 0; i < 1500; i++)
		assert_int_equal(buffer_puts(&csv, "x\n"), 0);
	OWN(json) json_t *job = tick_fixture_job(f, begin(f, buffer_text(&csv), buffer_left(&csv), NULL, 1000));
	const json_t *result = json_object_get(job, "result");
	assert_int_equal(json_array_size(json_object_get(result, "refused")), 1000);
	assert_int_equal(json_int(json_object_get(result, "reasons"), "invalid_number", 0), 1500);
}

static void import_statements_use_indexes(void **state)
{
	struct tick_fixture *f = *state;
	const struct sql_module *const modules[] = { &import_module, &staging_module, &unstage_module, &reader_module, &contact_module, &group_module };
	char out[4000] = "";
	for (size_t i = 0; i < COUNT_OF(modules); i++)
		if (store_explain(f->db, modules[i], out, sizeof(out)))
			fail_msg("%s: %s", modules[i]->name, out);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, tick_fixture_set_up, tick_fixture_tear_down)
	const struct CMUnitTest tests[] = {
		T(import_adds_then_changes_nothing),
		T(import_says_who_had_opted_out),
		T(import_updates_what_changed),
		T(import_with_a_refused_row_imports_nothing),
		T(import_with_a_unit_that_lost_its_zero_says_what_was_meant),
		T(import_dry_run_tells_the_same_and_writes_nothing),
		T(import_refuses_files_that_are_none),
		T(import_maps_columns),
		T(import_goes_on_after_a_restart_and_shows_nobody_before_the_end),
		T(import_of_several_windows_survives_restarts_anywhere),
		T(import_cancelled_is_taken_back),
		T(import_waits_for_the_one_before),
		T(import_counts_families_and_repeats_alike_dry_or_real),
		T(import_asks_a_server_seldom),
		T(import_lists_a_thousand_refusals_and_counts_all),
		T(import_statements_use_indexes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
