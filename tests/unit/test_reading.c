/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of answers that wait for the audit: which rows are written down, that none is given before, that many wait and none for ever. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "console/query/reading.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"

static json_t *rows(const char *text)
{
	json_t *out = json_pack("{s:s, s:i, s:o}", "op", "rows", "id", 5, "rows", json_loads(text, 0, NULL));
	assert_non_null(out);
	return out;
}

static char *subjects_of(const struct readings *r, const char *actor, const char *text, int64_t now_ms)
{
	OWN(json) json_t *answer = rows(text);
	OWN(json) json_t *list = readings_of(r, actor, answer, now_ms);
	assert_non_null(list);
	return json_text(list);
}

static void restricted_rows_are_written_down(void **state)
{
	(void)state;
	static const struct {
		const char *rows, *subjects;
	} cases[] = {
		{ "[]", "[]" },
		{ "[{\"id\":7,\"restricted\":false}]", "[]" },
		{ "[{\"id\":7,\"restricted\":true},{\"id\":8},{\"id\":9,\"restricted\":true}]", "[\"case:7\",\"case:9\"]" },
		{ "[{\"id\":3,\"case\":7,\"restricted\":true}]", "[\"case:7\"]" },
	};
	struct readings *r = calloc(1, sizeof(*r));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		OWN(mem) char *got = subjects_of(r, "user:hoa", cases[i].rows, 1000);
		assert_string_equal(got, cases[i].subjects);
	}
	free(r);
}

static void what_was_noted_is_shown_and_known_to_that_reader_for_a_while(void **state)
{
	(void)state;
	struct readings *r = calloc(1, sizeof(*r));
	OWN(json) json_t *frame = NULL, *answer = NULL, *again = NULL;
	int64_t client = 0;
	json_t *subjects = json_pack("[s]", "case:7");
	assert_int_equal(readings_wait(r, 4, "user:hoa", "case.show", subjects, rows("[{\"id\":7,\"restricted\":true}]"), 1000, &frame), 0);
	assert_string_equal(json_str(frame, "op", ""), "read");
	assert_int_equal(readings_noted(r, json_int(frame, "id", 0) + 1, 1001, &client, &answer), E_NOT_FOUND);
	assert_int_equal(readings_noted(r, json_int(frame, "id", 0), 1001, &client, &answer), 0);
	assert_int_equal(client, 4);
	assert_string_equal(json_str(answer, "op", ""), "rows");
	assert_int_equal(readings_noted(r, json_int(frame, "id", 0), 1002, &client, &again), E_NOT_FOUND);
	OWN(mem) char *same = subjects_of(r, "user:hoa", "[{\"id\":7,\"restricted\":true}]", 2000), *other = subjects_of(r, "user:tam", "[{\"id\":7,\"restricted\":true}]", 2000);
	OWN(mem) char *later = subjects_of(r, "user:hoa", "[{\"id\":7,\"restricted\":true}]", 2000 + READING_SAME_MS);
	assert_string_equal(same, "[]");
	assert_string_equal(other, "[\"case:7\"]");
	assert_string_equal(later, "[\"case:7\"]");
	readings_done(r);
	free(r);
}

static void an_attempt_is_told_once_a_while_and_is_no_reading(void **state)
{
	(void)state;
	struct readings *r = calloc(1, sizeof(*r));
	OWN(json) json_t *first = readings_attempt(r, "user:hoa", "case.show", "case:7", 1000);
	assert_true(json_flag(first, "refused", false));
	assert_null(readings_attempt(r, "user:hoa", "case.show", "case:7", 2000));
	OWN(json) json_t *other = readings_attempt(r, "user:tam", "case.show", "case:7", 2000);
	OWN(json) json_t *later = readings_attempt(r, "user:hoa", "case.show", "case:7", 1000 + READING_SAME_MS);
	assert_non_null(other);
	assert_non_null(later);
	OWN(mem) char *read = subjects_of(r, "user:hoa", "[{\"id\":7,\"restricted\":true}]", 2000);
	assert_string_equal(read, "[\"case:7\"]");
	free(r);
}

static void an_answer_that_nobody_notes_is_given_up(void **state)
{
	(void)state;
	struct readings *r = calloc(1, sizeof(*r));
	json_t *frame = NULL, *answer = NULL;
	int64_t client = 0;
	for (int i = 0; i <= READINGS_WAITING; i++) {
		int r1 = readings_wait(r, i, "user:hoa", "case.show", json_pack("[s]", "case:7"), rows("[]"), 1000, &frame);
		assert_int_equal(r1, i < READINGS_WAITING ? 0 : E_UNAVAILABLE);
		if (!r1)
			json_decref(frame);
	}
	assert_false(readings_late(r, 1000 + READING_WAIT_MS - 1, &client, &answer));
	int late = 0;
	for (; readings_late(r, 1000 + READING_WAIT_MS, &client, &answer); late++)
		json_decref(answer);
	assert_int_equal(late, READINGS_WAITING);
	assert_false(readings_any(r));
	readings_done(r);
	free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(restricted_rows_are_written_down),
		cmocka_unit_test(what_was_noted_is_shown_and_known_to_that_reader_for_a_while),
		cmocka_unit_test(an_attempt_is_told_once_a_while_and_is_no_reading),
		cmocka_unit_test(an_answer_that_nobody_notes_is_given_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
