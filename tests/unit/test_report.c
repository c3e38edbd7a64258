/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of reports: figures as counted by hand, nobody's number, few people hidden, and words
 * from outside that no spreadsheet runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "console/report/cell.h"
#include "console/report/page.h"
#include "gateway/base/calendar.h"
#include "gateway/base/csv.h"
#include "gateway/base/csvline.h"
#include "gateway/base/few.h"
#include "gateway/base/json.h"
#include "gateway/report.h"
#include "gateway/store/store.h"
#include "tests/support/fixture.h"
#include "tests/support/reportworld.h"

#define DAY_MS (INT64_C(24) * 3600000)
#define MINUTE_MS INT64_C(60000)

/* ---- figures ---- */

/* October: three cases in 02269 (one closed), one in 02266. November: as the lines say. Counted by hand. */
static void october_and_november(struct fixture *f)
{
	clock_advance(&f->clock, -40 * DAY_MS); /* 13 October */
	int64_t a = reported_case(f, "+84912000101", "02269", "HATANG", "report", false, "duong hong");
	int64_t b = reported_case(f, "+84912000102", "02269", "BHYT", "proposal", false, "de nghi them the, goi 0912 000 102");
	int64_t c = reported_case(f, "+84912000103", "02269", "BHYT", "question", false, "the het han");
	int64_t d = reported_case(f, "+84912000104", "02266", "BHYT", "question", false, "the het han o dau");
	clock_advance(&f->clock, 2 * DAY_MS);
	reported_move(f, c, CASE_CLOSED); /* October: closed without an answer */
	clock_advance(&f->clock, 24 * DAY_MS); /* 8 November: a is late by now */
	reported_move(f, a, CASE_ANSWERED);
	reported_move(f, c, CASE_REOPENED);
	reported_carry(f, d, "02269"); /* came to 02269, left 02266 */
	clock_advance(&f->clock, DAY_MS);
	reported_move(f, a, CASE_CLOSED);
	int64_t e = reported_case(f, "+84912000101", "02269", "HATANG", "report", false, "cau gay");
	reported_case(f, "+84912000105", "02269", "TRUCLOI", "denunciation", true, "can bo an chan 0912 000 999");
	clock_advance(&f->clock, 2 * DAY_MS);
	reported_move(f, e, CASE_ANSWERED);
	(void)b;
}

static void report_counts_as_a_hand_does(void **state)
{
	(void)state;
	static const struct {
		const char *key;
		int64_t of_02269, of_02266;
	} lines[] = {
		{ "opening", 2, 1 }, { "received", 2, 0 }, { "reopened", 1, 0 }, { "came", 1, 0 },    { "closed", 1, 0 },  { "left", 0, 1 },
		{ "carried", 5, 0 }, { "in_time", 1, 0 },  { "late", 1, 0 },     { "overdue", 2, 0 }, /* what is opened again has its time anew */
	};
	struct fixture *f = fixture_new(NULL);
	october_and_november(f);
	OWN(json) json_t *d = report_for(f, "monthly", "08", "2026-11-01", "2026-11-30", "08");
	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		assert_report_cell(d, "T2", "02269", lines[i].key, lines[i].of_02269);
		assert_report_cell(d, "T2", "02266", lines[i].key, lines[i].of_02266);
		assert_report_cell(d, "T2", NULL, lines[i].key, lines[i].of_02269 + lines[i].of_02266);
	}
	assert_report_cell(d, "T1", "HATANG", "cases", 1);
	assert_report_cell(d, "T1", "TRUCLOI", "cases", 1);
	assert_null(report_cell(report_sheet(d, "T1"), "BHYT", "cases"));
	assert_int_equal(json_array_size(json_object_get(report_sheet(d, "T4"), "rows")), 0); /* the proposal is October's */
	fixture_free(f);
}

static void report_of_a_month_says_later_what_it_said_then(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	october_and_november(f);
	OWN(json) json_t *before = report_for(f, "monthly", "08", "2026-11-01", "2026-11-30", "08");
	assert_report_cell(before, "T2", "02269", "late", 1);
	clock_advance(&f->clock, 30 * DAY_MS);
	reported_move(f, 1, CASE_REOPENED); /* which gives it a new day: the answer was late all the same */
	OWN(json) json_t *after = report_for(f, "monthly", "08", "2026-11-01", "2026-11-30", "08");
	assert_report_cell(after, "T2", "02269", "late", 1);
	assert_report_cell(after, "T2", "02269", "carried", 5);
	OWN(json) json_t *october = report_for(f, "monthly", "", "2026-10-01", "2026-10-31", "");
	assert_report_cell(october, "T2", "02269", "carried", 2);
	assert_report_cell(october, "T2", "02266", "carried", 1); /* where it was then */
	assert_report_cell(october, "T2", NULL, "opening", 0);
	assert_report_cell(october, "T1", "BHYT", "cases", 3);
	assert_report_cell(october, "T1", "BHYT", "people", 3);
	assert_report_cell(october, "T1", "BHYT", "02266", 1);
	assert_report_cell(october, "T1", "BHYT", "02269", 2);
	fixture_free(f);
}

static void restricted_cases_are_counted_for_a_province_and_shown_to_nobody(void **state)
{
	(void)state;
	static const char *const kinds[] = { "monthly", "annual", "session", "honesty" };
	struct fixture *f = fixture_new(NULL);
	october_and_november(f);
	OWN(json) json_t *october = report_for(f, "monthly", "02269", "2026-10-01", "2026-10-31", "02269");
	const json_t *row = json_array_get(json_object_get(report_sheet(october, "T4"), "rows"), 0);
	assert_string_equal(json_string_value(json_array_get(row, 2)), "de nghi them the, goi #");
	OWN(json) json_t *commune = report_for(f, "monthly", "02269", "2026-11-01", "2026-11-30", "02269");
	assert_report_cell(commune, "T2", NULL, "received", 1);
	assert_null(report_cell(report_sheet(commune, "T1"), "TRUCLOI", "cases"));
	/* who orders it may know of it, who reads it may not */
	OWN(json) json_t *handed = report_for(f, "monthly", "02269", "2026-11-01", "2026-11-30", "");
	assert_true(json_equal(report_sheet(handed, "T1"), report_sheet(commune, "T1")));
	assert_true(json_equal(report_sheet(handed, "T2"), report_sheet(commune, "T2")));
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		OWN(json) json_t *d = report_for(f, kinds[i], "", "2026-10-01", "2026-11-30", "");
		OWN(mem) char *text = json_text(d);
		assert_null(strstr(text, "an chan"));
		assert_null(strstr(text, "912000")); /* nobody's number */
		assert_null(strstr(text, "912 000"));
	}
	fixture_free(f);
}

/* ---- households ---- */

static void sign_up(struct fixture *f, const char *digits, const char *unit, const char *received, const char *decided, const char *result)
{
	char sql[600];
	int64_t at = 0, done = 0;
	assert_int_equal(calendar_parse_iso(received, f->zone, &at), 0);
	if (decided)
		assert_int_equal(calendar_parse_iso(decided, f->zone, &done), 0);
	snprintf(sql, sizeof(sql), "INSERT INTO enrolment (programme, code, digits, state, head, fold, hamlet, place, unit, address, received_at, changed_at, visited_at, "
		 "decided_at, result, reason) VALUES ('nha-tam', 'NT%s', '%s', '%s', 'Giàng A %s', 'giang a', 'Thôn Nà Lang', '%s', '%s', 1, %lld, %lld, %s, %s, %s, 'ly do rieng')",
		 digits, digits, decided ? "notified" : "received", digits, unit, unit, (long long)at, (long long)at, decided ? "1793500000000" : "NULL", "$", "$");
	char *dollar = strchr(sql, '$'), whole[700];
	char value[80];
	snprintf(value, sizeof(value), decided ? "%lld, '%s'" : "NULL, NULL", (long long)done, result ? result : "");
	snprintf(whole, sizeof(whole), "%.*s%s%s", (int)(dollar - sql), sql, value, dollar + 4);
	assert_int_equal(store_script(f->db, whole), 0);
}

static void households_are_counted_and_posted_without_a_way_to_find_them(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	OWN(json) json_t *none = report_for(f, "monthly", "02269", "2026-11-01", "2026-11-30", "02269");
	OWN(mem) char *before = json_text(none);
	assert_null(strstr(before, "\"T8\"")); /* nobody signs up here */
	sign_up(f, "111111", "02269.1", "2026-10-20T08:00", "2026-11-10T08:00", "eligible");
	sign_up(f, "222222", "02269.1", "2026-11-02T08:00", "2026-11-20T08:00", "not_eligible");
	sign_up(f, "333333", "02269.2", "2026-11-03T08:00", NULL, NULL);
	sign_up(f, "444444", "02266.1", "2026-11-04T08:00", NULL, NULL);
	OWN(json) json_t *month = report_for(f, "monthly", "02269", "2026-11-01", "2026-11-30", "02269");
	const json_t *row = json_array_get(json_object_get(report_sheet(month, "T8"), "rows"), 0);
	static const int64_t wanted[] = { 2, 2, 1, 1, 1 }; /* received, visited, eligible, not, open */
	for (size_t i = 0; i < COUNT_OF(wanted); i++)
		assert_int_equal(json_integer_value(json_array_get(row, 2 + i)), wanted[i]);
	OWN(json) json_t *list = report_for(f, "signups", "02269", "2026-11-01", "2026-11-30", "02269");
	assert_int_equal(json_array_size(json_object_get(report_sheet(list, "households"), "rows")), 2);
	OWN(json) json_t *posted = report_for(f, "posting", "02269", "2026-11-01", "2026-11-30", "02269");
	assert_int_equal(json_array_size(json_object_get(report_sheet(posted, "posted"), "rows")), 2);
	OWN(mem) char *text = json_text(posted);
	assert_null(strstr(text, "NT111111"));
	assert_null(strstr(text, "ly do rieng"));
	fixture_free(f);
}

static void case_closed_before_its_moves_were_kept_is_closed(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	reported_case(f, "+84912000101", "02269", "BHYT", "report", false, "cu");
	assert_int_equal(store_script(f->db, "UPDATE casefile SET state = 'closed'"), 0);
	reported_case(f, "+84912000102", "02269", "BHYT", "report", false, "moi");
	OWN(json) json_t *d = report_for(f, "monthly", "02269", "2026-11-01", "2026-11-30", "");
	assert_report_cell(d, "T2", "02269", "received", 2);
	assert_report_cell(d, "T2", "02269", "closed", 1);
	assert_report_cell(d, "T2", "02269", "carried", 1);
	fixture_free(f);
}

/* ---- closings that deserve a second look ---- */

static void honesty_names_the_quick_the_many_and_the_silent(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	int64_t ids[7];
	for (unsigned i = 0; i < COUNT_OF(ids); i++) {
		char number[16], text[16];
		snprintf(number, sizeof(number), "+8491200020%u", i);
		snprintf(text, sizeof(text), "viec %u", i);
		ids[i] = reported_case(f, number, "02269", "BHYT", "report", i == 6, text);
	}
	clock_advance(&f->clock, 9 * MINUTE_MS);
	reported_move(f, ids[0], CASE_CLOSED); /* quick */
	clock_advance(&f->clock, DAY_MS);
	struct tick *t = fixture_begin(f);
	assert_int_equal(casefile_event(t, ids[1], "notified", "system", NULL, 77, 0), 0); /* somebody was told */
	fixture_commit(f);
	for (size_t i = 1; i < COUNT_OF(ids); i++)
		reported_move(f, ids[i], CASE_CLOSED); /* six within a minute */
	OWN(json) json_t *d = report_for(f, "honesty", "", "2026-11-01", "2026-11-30", ""), *there = report_for(f, "honesty", "02269", "2026-11-01", "2026-11-30", "");
	assert_report_cell(there, "summary", "02269", "closed", 6); /* read where it may accuse */
	assert_report_cell(d, "summary", "02269", "closed", 7);
	assert_report_cell(d, "summary", "02269", "quick", 1);
	assert_report_cell(d, "summary", "02269", "silent", 6);
	assert_report_cell(d, "batches", "02269", "closed", 6);
	assert_int_equal(json_array_size(json_object_get(report_sheet(d, "quick"), "rows")), 1);
	assert_int_equal(json_array_size(json_object_get(report_sheet(d, "silent"), "rows")), 5); /* the restricted one is counted only */
	fixture_free(f);
}

/* ---- who has not reported ---- */

static void rollup_names_who_has_not_reported(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	OWN(json) json_t *order = NULL;
	assert_int_equal(fixture_command(f, "report.monthly", "{\"unit\":\"02269\",\"from\":\"2026-10-01\",\"to\":\"2026-10-31\"}", &order, NULL), 0);
	OWN(json) json_t *before = report_for(f, "monthly", "08", "2026-10-01", "2026-10-31", "08");
	assert_string_equal(json_string_value(report_cell(report_sheet(before, "rollup"), "02269", "reported")), "Chưa báo cáo");
	struct tick *t = fixture_begin(f);
	OWN(json) json_t *made = json_pack("{s:s}", "file", "/tmp/x/report-1.xlsx");
	assert_int_equal(job_told(t, json_int(order, "job", 0), made), 0);
	fixture_commit(f);
	OWN(json) json_t *after = report_for(f, "monthly", "08", "2026-10-01", "2026-10-31", "08");
	assert_string_equal(json_string_value(report_cell(report_sheet(after, "rollup"), "02269", "reported")), "Đã báo cáo");
	assert_string_equal(json_string_value(report_cell(report_sheet(after, "rollup"), "02266", "reported")), "Chưa báo cáo");
	OWN(json) json_t *other = report_for(f, "monthly", "08", "2026-11-01", "2026-11-30", "08");
	assert_string_equal(json_string_value(report_cell(report_sheet(other, "rollup"), "02269", "reported")), "Chưa báo cáo");
	fixture_free(f);
}

static void rollup_says_who_is_late(void **state)
{
	(void)state;
	static const struct {
		int64_t days; /* since 22 November 2026, 07:00 */
		const char *word;
	} cases[] = { { -3, "Chưa báo cáo" }, { -2, "Chưa báo cáo, quá hạn" }, { 0, "Chưa báo cáo, quá hạn" } };
	struct fixture *f = fixture_new(NULL);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		clock_advance(&f->clock, cases[i].days * DAY_MS);
		OWN(json) json_t *d = report_for(f, "annual", "08", "2025-11-16", "2026-11-15", "08");
		assert_string_equal(json_string_value(report_cell(report_sheet(d, "rollup"), "02269", "reported")), cases[i].word);
		clock_advance(&f->clock, -cases[i].days * DAY_MS);
	}
	fixture_free(f);
}

/* ---- the annual report that is due ---- */

static void annual_report_is_due_until_it_was_made(void **state)
{
	(void)state;
	static const struct {
		const char *now, *state; /* NULL: nothing is due */
		int reminder;
	} days[] = {
		{ "2026-10-31T23:59", NULL, 0 }, { "2026-11-01T00:00", "coming", 1 }, { "2026-11-10T07:00", "coming", 2 }, { "2026-11-15T23:59", "coming", 3 },
		{ "2026-11-16T00:00", "due", 3 },  { "2026-11-19T23:59", "due", 3 },  { "2026-11-20T00:00", "late", 3 }, { "2027-02-17T23:59", "late", 3 },
		{ "2027-02-18T00:00", NULL, 0 },
	};
	struct fixture *f = fixture_new(NULL);
	char *own = f->config->file;
	f->config->file = (char *)"config/caunoi.conf"; /* the data file is looked for beside it */
	reported_case(f, "+84912000101", "02269", "BHYT", "report", false, "mot");
	assert_int_equal(store_script(f->db, "UPDATE casefile SET received_at = received_at - 2592000000"), 0); /* in October */
	for (size_t i = 0; i < COUNT_OF(days); i++) {
		OWN(json) json_t *list = NULL;
		int64_t next = 0, at = 0;
		assert_int_equal(calendar_parse_iso(days[i].now, f->zone, &at), 0);
		clock_advance(&f->clock, at - clock_now_ms(&f->clock));
		assert_int_equal(fixture_query(f, "report.due", "{\"unit\":\"02269\"}", &list, &next), 0);
		const json_t *one = json_array_get(list, 0);
		const char *got = one ? json_str(one, "state", "") : "none";
		if (strcmp(got, days[i].state ? days[i].state : "none") != 0 || json_int(one, "reminder", 0) != days[i].reminder)
			fail_msg("%s: %s %d", days[i].now, got, (int)json_int(one, "reminder", 0));
		if (one) {
			assert_string_equal(json_str(one, "to", ""), "2026-11-15");
			assert_string_equal(json_str(one, "late_from", ""), "2026-11-20");
		}
	}
	f->config->file = own;
	fixture_free(f);
}

static void report_made_before_its_period_ended_is_none(void **state)
{
	(void)state;
	static const struct {
		const char *made;
		size_t due;
		const char *rollup;
	} cases[] = { { "2026-11-15T20:00", 1, "Chưa báo cáo" }, { "2026-11-17T08:00", 0, "Đã báo cáo" } };
	struct fixture *f = fixture_new(NULL);
	char *own = f->config->file;
	f->config->file = (char *)"config/caunoi.conf";
	reported_case(f, "+84912000101", "02269", "BHYT", "report", false, "mot");
	assert_int_equal(store_script(f->db, "UPDATE casefile SET received_at = received_at - 2592000000"), 0);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(json) json_t *order = NULL, *list = NULL, *made = json_pack("{s:s}", "file", "/tmp/x/report-1.xlsx");
		int64_t at = 0, next = 0;
		assert_int_equal(calendar_parse_iso(cases[i].made, f->zone, &at), 0);
		clock_advance(&f->clock, at - clock_now_ms(&f->clock));
		assert_int_equal(fixture_command(f, "report.annual", "{\"unit\":\"02269\",\"from\":\"2025-11-16\",\"to\":\"2026-11-15\"}", &order, NULL), 0);
		assert_int_equal(job_told(fixture_begin(f), json_int(order, "job", 0), made), 0);
		fixture_commit(f);
		assert_int_equal(calendar_parse_iso("2026-11-18T08:00", f->zone, &at), 0);
		clock_advance(&f->clock, at - clock_now_ms(&f->clock));
		assert_int_equal(fixture_query(f, "report.due", "{\"unit\":\"02269\"}", &list, &next), 0);
		assert_int_equal(json_array_size(list), cases[i].due);
		OWN(json) json_t *d = report_for(f, "annual", "08", "2025-11-16", "2026-11-15", "08");
		assert_string_equal(json_string_value(report_cell(report_sheet(d, "rollup"), "02269", "reported")), cases[i].rollup);
	}
	f->config->file = own;
	fixture_free(f);
}

/* ---- petitions ---- */

static void petitions_name_body_document_and_day(void **state)
{
	(void)state;
	static const struct {
		const char *args, *rule, *body, *document, *day; /* rule "": taken */
	} cases[] = {
		{ "{\"id\":\"1\",\"to\":\"UBND xã; Phòng VH-XH\",\"document\":\"12/CV-MTTQ\",\"dated\":\"2026-11-20\"}", "", "UBND xã; Phòng VH-XH", "12/CV-MTTQ", "2026-11-20" },
		{ "{\"id\":\"2\",\"to\":\"UBND xã\",\"document\":\"13\"}", "", "UBND xã", "13", "2026-11-22" },
		{ "{\"id\":\"3\",\"to\":\"UBND xã\"}", "", "UBND xã", NULL, NULL },
		{ "{\"id\":\"4\",\"to\":\"UBND xã\",\"dated\":\"2026-11-23\"}", "out_of_range", NULL, NULL, NULL },
		{ "{\"id\":\"4\",\"to\":\"UBND xã\",\"dated\":\"20/11/2026\"}", "bad_time", NULL, NULL, NULL },
	};
	struct fixture *f = fixture_new(NULL);
	for (unsigned i = 0; i < 4; i++) {
		char number[16], text[16];
		snprintf(number, sizeof(number), "+8491200010%u", i);
		snprintf(text, sizeof(text), "kien nghi %u", i);
		reported_case(f, number, "02269", "HATANG", "proposal", false, text);
	}
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(json) json_t *out = NULL;
		struct refusal why = { 0 };
		int r = fixture_command(f, "case.forward", cases[i].args, &out, &why);
		if (!r != !*cases[i].rule || strcmp(why.rule, cases[i].rule) != 0)
			fail_msg("%s: %d %s", cases[i].args, r, why.rule);
		refusal_done(&why);
	}
	assert_int_equal(store_script(f->db, "DELETE FROM case_forward WHERE casefile = 3"), 0); /* as an older release left it */
	OWN(json) json_t *d = report_for(f, "monthly", "02269", "2026-11-01", "2026-11-30", "02269");
	const json_t *sheet = report_sheet(d, "T4");
	for (size_t i = 0; i < 3; i++) {
		static const char *const keys[] = { "body", "document", "document_day" };
		const char *const want[] = { cases[i].body, cases[i].document, cases[i].day };
		for (size_t k = 0; k < COUNT_OF(keys); k++) {
			const json_t *cell = json_array_get(json_array_get(json_object_get(sheet, "rows"), i), (size_t)report_column(sheet, keys[k]));
			if (want[k] ? !json_is_string(cell) || strcmp(json_string_value(cell), want[k]) : !json_is_null(cell))
				fail_msg("row %zu %s: %s", i + 1, keys[k], json_is_string(cell) ? json_string_value(cell) : "nothing");
		}
	}
	fixture_free(f);
}

/* ---- the baskets of critique ---- */

static void what_is_said_of_a_draft_stands_together(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	static const char *const drafts[] = { "Dự thảo phí nước sạch", "du thao  phí nước sạch", "Dự thảo đất đai", "Dự thảo đất đai" };
	for (unsigned i = 0; i < COUNT_OF(drafts); i++) {
		char number[16], text[16];
		OWN(json) json_t *out = NULL, *args = NULL;
		snprintf(number, sizeof(number), "+8491200010%u", i);
		snprintf(text, sizeof(text), "gop y %u", i);
		int64_t id = reported_case(f, number, "02269", "NUOCSACH", "proposal", i == 3, text);
		snprintf(number, sizeof(number), "%lld", (long long)id);
		args = json_pack("{s:s,s:s}", "id", number, "draft", drafts[i]);
		OWN(mem) char *call = json_text(args);
		assert_int_equal(fixture_command(f, "case.critique", call, &out, NULL), 0);
		assert_string_equal(json_str(out, "draft", ""), i == 1 ? drafts[0] : drafts[i]);
	}
	OWN(json) json_t *d = report_for(f, "session", "08", "2026-11-01", "2026-11-30", "08");
	assert_report_cell(d, "critique", drafts[0], "cases", 2);
	assert_report_cell(d, "critique", drafts[2], "cases", 2); /* the restricted one is counted, its code is not told */
	const json_t *codes = report_cell(report_sheet(d, "critique"), drafts[2], "codes");
	assert_null(strchr(json_string_value(codes), ','));
	OWN(json) json_t *there = report_for(f, "session", "02269", "2026-11-01", "2026-11-30", "02269");
	assert_report_cell(there, "critique", drafts[2], "cases", 1);
	OWN(json) json_t *gone = NULL;
	assert_int_equal(fixture_command(f, "case.critique", "{\"id\":\"1\",\"draft\":\"\"}", &gone, NULL), 0);
	assert_true(json_is_null(json_object_get(gone, "draft")));
	OWN(json) json_t *after = report_for(f, "annual", "02269", "2026-11-01", "2026-11-30", "02269");
	assert_report_cell(after, "critique", drafts[0], "cases", 1);
	fixture_free(f);
}

/* ---- orders ---- */

static void report_orders_that_are_refused(void **state)
{
	(void)state;
	static const struct {
		const char *label, *args, *rule;
	} cases[] = {
		{ "no day", "{\"from\":\"01/11/2026\",\"to\":\"2026-11-30\"}", "bad_time" },
		{ "a day that is not there", "{\"from\":\"2026-11-01\",\"to\":\"2026-11-31\"}", "bad_time" },
		{ "half a period", "{\"from\":\"2026-11-01\"}", "bad_time" },
		{ "backwards", "{\"from\":\"2026-11-02\",\"to\":\"2026-11-01\"}", "out_of_range" },
		{ "a life", "{\"from\":\"1990-01-01\",\"to\":\"2026-11-01\"}", "out_of_range" },
		{ "a path", "{\"unit\":\"../etc\"}", "unknown_unit" },
		{ "a format", "{\"format\":\"pdf\"}", "not_a_choice" },
	};
	struct fixture *f = fixture_new(NULL);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(json) json_t *out = NULL;
		struct refusal why = { 0 };
		int r = fixture_command(f, "report.annual", cases[i].args, &out, &why);
		if (!r || strcmp(why.rule, cases[i].rule) != 0)
			fail_msg("%s: %d %s", cases[i].label, r, why.rule);
		refusal_done(&why);
	}
	assert_int_equal(store_scalar(f->db, "SELECT count(*) FROM job", -1), 0);
	fixture_free(f);
}

static void period_that_is_usual(void **state)
{
	(void)state;
	static const struct {
		const char *kind;
		int64_t after_days; /* since 22 November 2026 */
		const char *from, *to;
	} cases[] = {
		{ "annual", 0, "2025-11-16", "2026-11-15" }, { "annual", -7, "2024-11-16", "2025-11-15" }, { "annual", -6, "2025-11-16", "2026-11-15" },
		{ "monthly", 0, "2026-10-01", "2026-10-31" }, { "monthly", 50, "2026-12-01", "2026-12-31" }, { "session", 110, "2027-02-01", "2027-02-28" },
	};
	struct fixture *f = fixture_new(NULL);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct report_period p;
		struct scope in = fixture_scope(f);
		in.now_ms = FIXTURE_NOW_MS + cases[i].after_days * DAY_MS;
		report_period_usual(&in, cases[i].kind, &p);
		assert_string_equal(p.from, cases[i].from);
		assert_string_equal(p.to, cases[i].to);
	}
	fixture_free(f);
}

/* ---- few people ---- */

static void small_cells_cannot_be_worked_out(void **state)
{
	(void)state;
	static const struct {
		const char *label;
		int64_t counts[5];
		const char *hidden; /* one letter a cell */
	} cases[] = {
		{ "none is small", { 5, 9, 12, 0, 7 }, "....." },
		{ "one small: the next one goes with it", { 3, 9, 12, 0, 7 }, "*...*" },
		{ "two whose sum says what they are", { 1, 1, 20, 0, 9 }, "**..*" },
		{ "three", { 4, 4, 4, 9, 9 }, "***.." },
		{ "all alone", { 2, 0, 0, 0, 0 }, "*...." },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		bool hidden[5];
		few_hide(cases[i].counts, 5, hidden);
		for (size_t k = 0; k < 5; k++)
			if (hidden[k] != (cases[i].hidden[k] == '*'))
				fail_msg("%s: cell %zu", cases[i].label, k);
	}
}

/* ---- programme figures ---- */

static void figures_stand_beside_their_targets(void **state)
{
	(void)state;
	static const struct {
		const char *label, *args, *rule; /* "" taken */
	} orders[] = {
		{ "this year", "{\"code\":\"bhyt\",\"unit\":\"02269\",\"year\":2026,\"value\":\"96,5\",\"source\":\"BHXH cơ sở\"}", "" },
		{ "last year", "{\"code\":\"bhyt\",\"unit\":\"02269\",\"year\":2025,\"value\":\"95\"}", "" },
		{ "fewer is better", "{\"code\":\"nha-tam\",\"unit\":\"02269\",\"value\":\"1200\",\"target\":\"1200.0\"}", "" },
		{ "another unit", "{\"code\":\"bhyt\",\"unit\":\"02266\",\"year\":2026,\"value\":\"10\"}", "" },
		{ "more than all", "{\"code\":\"bhyt\",\"unit\":\"02269\",\"value\":\"100,1\"}", "out_of_range" },
		{ "two digits", "{\"code\":\"bhyt\",\"unit\":\"02269\",\"value\":\"96,55\"}", "bad_figure" },
		{ "a thousand dot", "{\"code\":\"nha-tam\",\"unit\":\"02269\",\"value\":\"1.200\"}", "bad_figure" },
		{ "no figure", "{\"code\":\"bhyt\",\"unit\":\"02269\"}", "bad_figure" },
		{ "less than nothing", "{\"code\":\"bhyt\",\"unit\":\"02269\",\"value\":\"-1\"}", "bad_figure" },
		{ "no such indicator", "{\"code\":\"may-bay\",\"unit\":\"02269\",\"value\":\"1\"}", "not_found" },
		{ "far ahead", "{\"code\":\"bhyt\",\"unit\":\"02269\",\"year\":2040,\"value\":\"1\"}", "out_of_range" },
		{ "no unit", "{\"code\":\"bhyt\",\"unit\":\"xa\",\"value\":\"1\"}", "unknown_unit" },
	};
	struct fixture *f = fixture_new(NULL);
	char *own = f->config->file;
	f->config->file = (char *)"config/caunoi.conf"; /* the data file is looked for beside it */
	for (size_t i = 0; i < COUNT_OF(orders); i++) {
		OWN(json) json_t *out = NULL;
		struct refusal why = { 0 };
		int r = fixture_command(f, "indicator.set", orders[i].args, &out, &why);
		if (!r != !*orders[i].rule || strcmp(why.rule, orders[i].rule) != 0)
			fail_msg("%s: %d %s %s", orders[i].label, r, why.rule, why.text);
		refusal_done(&why);
	}
	OWN(json) json_t *d = report_for(f, "annual", "02269", "2025-11-16", "2026-11-15", "02269");
	OWN(buffer) struct buffer html = { 0 };
	assert_int_equal(page_html(d, &html), 0);
	assert_non_null(strstr(html.data, "<td>Dân số tham gia bảo hiểm y tế</td><td>%</td><td class=\"n\">95</td><td class=\"n\">96,5</td><td>≥ 97</td><td>2030</td><td>Chưa đạt</td><td>BHXH cơ sở</td>"));
	assert_non_null(strstr(html.data, "<td class=\"n\">1.200</td><td>≤ 1.200</td><td>2025</td><td>Đạt</td>"));
	OWN(json) json_t *gone = NULL;
	assert_int_equal(fixture_command(f, "indicator.set", "{\"code\":\"bhyt\",\"unit\":\"02269\",\"year\":2026,\"drop\":true}", &gone, NULL), 0);
	assert_true(json_is_null(json_object_get(gone, "value")));
	assert_int_equal(json_int(gone, "last", -1), 95);
	assert_int_equal(store_scalar(f->db, "SELECT count(*) FROM audit WHERE verb = 'indicator.set'", -1), 5);
	f->config->file = own;
	fixture_free(f);
}

/* ---- words from outside ---- */

static const char *const hostile[] = { "=HYPERLINK(\"http://x\",\"y\")", "+cmd|' /C calc'!A0", "@SUM(A1:A9)", "-2+3", "\t=1+1", "\r=1+1", "+84912345678", "'quoted'", ";=1+1;", "a;=1\n@SUM(A1)", "x;\"=1\"", "\"=1", "\n=1+1",
	"-;-;-", "a\"b\nc", "<script>alert(1)</script>" };

static void campaign_named(struct fixture *f, const char *name)
{
	struct statement *st = store_prepare_text(f->db, "INSERT INTO campaign (id, flow, name, state, class, text, audience, author, started_at, created_at, changed_at, planned, segments)"
							 " VALUES ($id, 2, $name, 'done', 'social_policy', 'x', 'x', 'uid:0', $at, $at, $at, 1200, 2400)");
	int64_t id = 1 + store_scalar(f->db, "SELECT coalesce(max(id), 0) FROM campaign", 0);
	assert_int_equal(store_begin(f->db), 0);
	bind_int(st, "$id", id);
	bind_text(st, "$name", name);
	bind_int(st, "$at", clock_now_ms(&f->clock));
	assert_int_equal(store_run(st), 0);
	store_drop(st);
	assert_int_equal(store_commit(f->db), 0);
}

static int look(void *self, const struct csv_row *row)
{
	size_t *n = self;
	if (row->row > 1)
		assert_string_equal(row->fields[0], hostile[(*n)++]);
	return 0;
}

static void hostile_words_stay_words(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	for (size_t i = 0; i < COUNT_OF(hostile); i++)
		campaign_named(f, hostile[i]);
	OWN(json) json_t *d = report_for(f, "monthly", "", "2026-11-01", "2026-11-30", "");
	OWN(buffer) struct buffer html = { 0 }, sheet = { 0 };
	assert_int_equal(page_html(d, &html), 0);
	assert_null(strstr(html.data, "<script"));
	assert_non_null(strstr(html.data, "&lt;script&gt;"));
	assert_non_null(strstr(html.data, "1.200"));
	/* the names alone, as rows of a table: no cell begins what a spreadsheet runs, and our own reader has them back as they were */
	size_t n = 0;
	OWN(csv) struct csv *csv = NULL;
	struct complaint c = { 0 };
	assert_int_equal(csvline_cell(&sheet, "ten", true, false), 0);
	assert_int_equal(csvline_end(&sheet), 0);
	for (size_t i = 0; i < COUNT_OF(hostile); i++) {
		assert_int_equal(csvline_cell(&sheet, hostile[i], true, false), 0);
		assert_int_equal(csvline_end(&sheet), 0);
	}
	/* nor where semicolons or lines divide, which quotes do not stop everywhere */
	for (const char *at = sheet.data; *(at += strcspn(at, ";\t\r\n"));) {
		at += 1 + strspn(at + 1, "\"");
		assert_true(!*at || !strchr("=+-@", *at));
	}
	assert_int_equal(csv_new(look, &n, &csv), 0);
	assert_int_equal(csv_feed(csv, sheet.data, sheet.n_bytes, &c), 0);
	assert_int_equal(csv_finish(csv, &c), 0);
	assert_int_equal(n, COUNT_OF(hostile));
	fixture_free(f);
}

static void cells_read_as_people_write_here(void **state)
{
	(void)state;
	char room[CELL_BYTES];
	OWN(json) json_t *values = json_pack("[i,i,f,f,s,s,n,i]", 1234567, -1200, 12.5, -0.4, "2026-11-05", "2026-11-05T07:08", 999);
	static const struct {
		const char *type, *want;
	} cases[] = { { "int", "1.234.567" }, { "int", "-1.200" }, { "percent", "12,5" }, { "real", "-0,4" }, { "date", "05/11/2026" },
		      { "moment", "05/11/2026 07:08" }, { "text", "" }, { "int", "999" } };
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_string_equal(cell_text(json_array_get(values, i), cases[i].type, true, room), cases[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(report_counts_as_a_hand_does),
		cmocka_unit_test(report_of_a_month_says_later_what_it_said_then),
		cmocka_unit_test(households_are_counted_and_posted_without_a_way_to_find_them),
		cmocka_unit_test(restricted_cases_are_counted_for_a_province_and_shown_to_nobody),
		cmocka_unit_test(case_closed_before_its_moves_were_kept_is_closed),
		cmocka_unit_test(honesty_names_the_quick_the_many_and_the_silent),
		cmocka_unit_test(rollup_names_who_has_not_reported),
		cmocka_unit_test(rollup_says_who_is_late),
		cmocka_unit_test(annual_report_is_due_until_it_was_made),
		cmocka_unit_test(report_made_before_its_period_ended_is_none),
		cmocka_unit_test(what_is_said_of_a_draft_stands_together),
		cmocka_unit_test(petitions_name_body_document_and_day),
		cmocka_unit_test(report_orders_that_are_refused),
		cmocka_unit_test(period_that_is_usual),
		cmocka_unit_test(small_cells_cannot_be_worked_out),
		cmocka_unit_test(figures_stand_beside_their_targets),
		cmocka_unit_test(hostile_words_stay_words),
		cmocka_unit_test(cells_read_as_people_write_here),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
