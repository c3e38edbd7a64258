/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of questions: the newest open one answers, none outlives its time. */
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

#include "gateway/base/json.h"
#include "gateway/question.h"
#include "gateway/store/store.h"
#include "tests/support/fixture.h"

static int64_t ask(struct fixture *f, int64_t address, const char *subject, int64_t after_ms)
{
	int64_t id;
	OWN(json) json_t *options = json_pack("[{s:s,s:s}]", "value", "1", "label", "Đã có thẻ");
	struct tick *t = fixture_begin(f);
	assert_int_equal(question_ask(t, address, "choice", options, subject, "BHYT", t->in.now_ms + after_ms, &id), 0);
	fixture_commit(f);
	return id;
}

static void question_newest_open_one_comes_first(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	int64_t one = fixture_address(f, "0912345601"), two = fixture_address(f, "0912345602");
	struct question q = { 0 };
	struct scope in = fixture_scope(f);
	assert_int_equal(question_open(&in, one, &q), E_NOT_FOUND);
	ask(f, one, "campaign:1", 10000);
	int64_t newest = ask(f, one, "campaign:2", 5000);
	ask(f, two, "campaign:3", 5000);
	assert_int_equal(question_open(&in, one, &q), 0);
	assert_int_equal(q.id, newest);
	assert_string_equal(q.subject, "campaign:2");
	assert_string_equal(q.topic, "BHYT");
	assert_string_equal(json_str(json_array_get(q.options, 0), "label", ""), "Đã có thẻ");
	question_done(&q);
	fixture_free(f);
}

static void question_ends_by_answer_and_by_time(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	int64_t address = fixture_address(f, "0912345601");
	int64_t old = ask(f, address, "campaign:1", 10000), id = ask(f, address, "campaign:2", 5000);
	struct question q = { 0 };
	struct tick *t = fixture_begin(f);
	assert_int_equal(question_close(t, id, "answered", "1"), 0);
	assert_int_equal(question_close(t, id, "dropped", NULL), E_NOT_FOUND);
	fixture_commit(f);
	struct scope in = fixture_scope(f);
	assert_int_equal(question_open(&in, address, &q), 0);
	assert_int_equal(q.id, old);
	question_done(&q);
	clock_advance(&f->clock, 10000);
	in = fixture_scope(f);
	assert_int_equal(question_open(&in, address, &q), E_NOT_FOUND);
	fixture_free(f);
}

static void question_statements_use_indexes(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	char out[2000] = "";
	if (store_explain(f->db, &question_module, out, sizeof(out)))
		fail_msg("%s", out);
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(question_newest_open_one_comes_first),
		cmocka_unit_test(question_ends_by_answer_and_by_time),
		cmocka_unit_test(question_statements_use_indexes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
