/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of lists of cases: whichever index a list is read by, it holds what was asked for and what its reader may know of, in order and
 * by pages without a gap. */
/* clang-format off: cmocka wants these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <string.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "handlers/caselist.h"
#include "tests/support/fixture.h"

/* PLACE: c.unit, c.referred. LATE: past its day. Words are those of the search. */
static const struct row {
	const char *unit, *referred, *state, *topic, *assigned, *words;
	bool late, raised, restricted;
} rows[] = {
	{ "02269", NULL, "received", "BHYT", NULL, "the bhyt het han", true, false, false },
	{ "02269.5", NULL, "triaged", "NHAO", "user:lan", "nha dot nat", true, false, false },
	{ "02269", NULL, "closed", "NHAO", "user:lan", "nha dot nat", true, false, false },
	{ "02270", NULL, "received", "BHYT", NULL, "the bhyt het han", true, true, false },
	{ "02270", "02269", "forwarded", "HATANG", NULL, "duong thon hong", false, false, false },
	{ "02270", "02269.7", "closed", "HATANG", NULL, "duong thon hong", false, false, false },
	{ "022691", NULL, "received", "BHYT", NULL, "the bhyt het han", true, false, false },
	{ NULL, NULL, "received", NULL, NULL, "khong ro o dau", true, false, false },
	{ "02269", NULL, "received", "CANBO", NULL, "can bo an chan", true, false, true },
	{ "20854", NULL, "escalated", "BHYT", "user:lan", "the bhyt het han", false, true, false },
	{ "02269", NULL, "notified", "BHYT", NULL, "the bhyt het han", true, false, false },
};

static void put_row(struct fixture *f, size_t i)
{
	char sql[600], unit[24], referred[24], topic[24], assigned[24];
	const struct row *r = &rows[i];
	const char *texts[] = { r->unit, r->referred, r->topic, r->assigned };
	char *quoted[] = { unit, referred, topic, assigned };
	for (size_t k = 0; k < COUNT_OF(texts); k++)
		snprintf(quoted[k], sizeof(unit), texts[k] ? "'%s'" : "NULL", texts[k]);
	snprintf(sql, sizeof(sql), "INSERT INTO casefile (code, state, topic, topics, kind, urgency, restricted, unit, referred, received_at, due_at, assigned, raised, text,"
		 " fold, changed_at) VALUES ('PA10000%zu', '%s', %s, '[]', 'complaint', 'normal', %d, %s, %s, 1, %s, %s, %d, 'x', '%s', 1)", i, r->state, topic,
		 r->restricted, unit, referred, r->late ? "1" : "9000000000000", assigned, r->raised, r->words);
	assert_int_equal(store_script(f->db, sql), 0);
}

static int set_up(void **state)
{
	struct fixture *f = fixture_new(NULL);
	*state = f;
	fixture_begin(f);
	assert_int_equal(store_script(f->db, "INSERT INTO unit (code, name, fold, kind, parent, from_day, to_day, successor) VALUES ('02269', 'a', 'a', 'commune', '08', '', '', ''),"
				      " ('02270', 'b', 'b', 'commune', '08', '', '', ''), ('20854', 'c', 'c', 'commune', '48', '', '', '')"), 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		put_row(f, i);
	fixture_commit(f);
	return 0;
}

static int tear_down(void **state)
{
	fixture_free(*state);
	return 0;
}

/* The ids of all pages of two rows each as "1 2 5". */
static void read_all(struct fixture *f, struct caselist_filter filter, char ret[64])
{
	struct scope in = fixture_scope(f);
	size_t at = 0, i;
	json_t *row;
	ret[0] = '\0';
	filter.limit = 2;
	do {
		OWN(json) json_t *page = NULL;
		int64_t next = -1;
		assert_int_equal(caselist_page(&in, &filter, &page, &next), 0);
		json_array_foreach(page, i, row)
			at += (size_t)snprintf(ret + at, 64 - at, "%s%lld", at ? " " : "", (long long)json_int(row, "id", 0));
		filter.after = next;
	} while (filter.after);
}

static void list_holds_what_was_asked_for_and_may_be_known(void **state)
{
	static const struct {
		const char *label, *territory, *unit, *state, *topic, *assigned, *words;
		bool overdue, raised;
		const char *ids;
	} cases[] = {
		{ "everything", "", "", "", "", "", "", false, false, "1 2 3 4 5 6 7 8 9 10 11" },
		{ "a commune's own and what is offered to it", "02269", "", "", "", "", "", false, false, "1 2 3 5 6 7 11" },
		{ "a hamlet's", "02269.5", "", "", "", "", "", false, false, "2" },
		{ "a unit of all", "", "02270", "", "", "", "", false, false, "4 5 6" },
		{ "another's unit, of which some is offered", "02269", "02270", "", "", "", "", false, false, "5 6" },
		{ "a province", "08", "", "", "", "", "", false, false, "1 2 3 4 5 6 7 9 11" },
		{ "a unit of a province", "08", "20854", "", "", "", "", false, false, "" },
		{ "received in a commune", "02269", "", "received", "", "", "", false, false, "1 7" },
		{ "closed in a commune", "02269", "", "closed", "", "", "", false, false, "3 6" },
		{ "closed", "", "", "closed", "", "", "", false, false, "3 6" },
		{ "a topic in a commune", "02269", "", "", "BHYT", "", "", false, false, "1 7 11" },
		{ "late in a commune", "02269", "", "", "", "", "", true, false, "1 2 7" },
		{ "late", "", "", "", "", "", "", true, false, "1 2 4 7 8 9" },
		{ "late and closed", "", "", "closed", "", "", "", true, false, "" },
		{ "somebody's", "", "", "", "", "user:lan", "", false, false, "2 3 10" },
		{ "somebody's in a commune", "02269", "", "", "", "user:lan", "", false, false, "2 3" },
		{ "raised", "", "", "", "", "", "", false, true, "4 10" },
		{ "raised in a province", "48", "", "", "", "", "", false, true, "10" },
		{ "words", "", "", "", "", "", "%bhyt%", false, false, "1 4 7 10 11" },
		{ "words in a commune", "02269", "", "", "", "", "%bhyt%", false, false, "1 7 11" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		for (int down = 0; down < 2; down++) {
			char got[64], want[64] = "";
			size_t n = 0;
			struct caselist_filter f = { .territory = cases[i].territory, .unit = cases[i].unit, .state = cases[i].state, .topic = cases[i].topic,
				.assigned = cases[i].assigned, .code = cases[i].words, .words = cases[i].words, .overdue = cases[i].overdue, .raised = cases[i].raised, .newest = down };
			for (size_t k = strlen(cases[i].ids), end = k; down && end; end = k ? k - 1 : 0, k = end) {
				while (k && cases[i].ids[k - 1] != ' ')
					k--;
				n += (size_t)snprintf(want + n, sizeof(want) - n, "%.*s%s", (int)(end - k), cases[i].ids + k, k ? " " : "");
			}
			read_all(*state, f, got);
			if (strcmp(got, down ? want : cases[i].ids) != 0)
				fail_msg("%s, %s: %s", cases[i].label, down ? "newest first" : "oldest first", got);
		}
}

static void brief_list_has_no_timelines(void **state)
{
	struct scope in = fixture_scope(*state);
	for (int brief = 0; brief < 2; brief++) {
		OWN(json) json_t *page = NULL;
		int64_t next = 0;
		struct caselist_filter f = { .state = "", .topic = "", .unit = "", .assigned = "", .code = "", .words = "", .limit = 3, .brief = brief };
		assert_int_equal(caselist_page(&in, &f, &page, &next), 0);
		const json_t *timeline = json_object_get(json_array_get(page, 0), "timeline");
		assert_int_equal(json_typeof(timeline), brief ? JSON_NULL : JSON_ARRAY);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(list_holds_what_was_asked_for_and_may_be_known),
		cmocka_unit_test(brief_list_has_no_timelines),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
