/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of a connection's two buffers: lines whole or not at all, and which submit has begun to leave. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/base/random.h"
#include "gateway/peer.h"

static void frames_come_out_whole_however_they_were_cut(void **state)
{
	(void)state;
	static const char text[] = "{\"op\":\"a\",\"n\":1}\n{\"op\":\"b\",\"n\":2}\n{\"op\":\"c\",\"n\":3}\n";
	struct random r = random_seeded(3);
	for (int run = 0; run < 200; run++) {
		struct peer *p = peer_new(1, PEER_DRIVER);
		int got = 0;
		for (size_t at = 0; at < strlen(text);) {
			size_t n = 1 + random_below(&r, 12);
			n = at + n > strlen(text) ? strlen(text) - at : n;
			assert_int_equal(peer_input(p, text + at, n), 0);
			at += n;
			json_t *f = NULL;
			while (peer_take_frame(p, &f) == 0) {
				assert_int_equal(json_int(f, "n", 0), ++got);
				json_decref(f);
			}
		}
		assert_int_equal(got, 3);
		assert_false(peer_has_line(p));
		peer_free(p);
	}
}

static void line_over_the_limit_is_refused_while_it_grows(void **state)
{
	(void)state;
	struct peer *p = peer_new(1, PEER_DRIVER);
	OWN(mem) char *much = malloc(FRAME_BYTES_MAX + 2);
	memset(much, 'a', FRAME_BYTES_MAX + 2);
	assert_int_equal(peer_input(p, much, FRAME_BYTES_MAX), 0);
	assert_int_equal(peer_input(p, much, 2), E_PROTOCOL);
	peer_free(p);
}

static void line_of_just_the_limit_is_taken(void **state)
{
	(void)state;
	struct peer *p = peer_new(1, PEER_DRIVER);
	OWN(mem) char *line = malloc(FRAME_BYTES_MAX + 1);
	memset(line, 'a', FRAME_BYTES_MAX);
	memcpy(line, "{\"a\":\"", 6);
	memcpy(line + FRAME_BYTES_MAX - 2, "\"}", 2);
	line[FRAME_BYTES_MAX] = '\n';
	json_t *f = NULL;
	assert_int_equal(peer_input(p, line, FRAME_BYTES_MAX + 1), 0);
	assert_int_equal(peer_take_frame(p, &f), 0);
	json_decref(f);
	peer_free(p);
}

static void many_short_lines_are_no_long_one(void **state)
{
	(void)state;
	struct peer *p = peer_new(1, PEER_DRIVER);
	for (int i = 0; i < 40000; i++)
		assert_int_equal(peer_input(p, "{\"op\":\"ping\"}\n", 14), 0);
	peer_free(p);
}

static void first_byte_of_its_frame_makes_an_attempt_written(void **state)
{
	(void)state;
	struct peer *p = peer_new(1, PEER_DRIVER);
	assert_int_equal(peer_output(p, "hello\n", 6, 0), 0);
	assert_int_equal(peer_output(p, "submit1\n", 8, 11), 0);
	assert_int_equal(peer_output(p, "ping\n", 5, 0), 0);
	assert_int_equal(peer_output(p, "submit2\n", 8, 12), 0);
	static const struct {
		size_t n;
		bool first, second;
	} steps[] = { { 5, false, false }, { 1, false, false }, { 1, true, false }, { 7, true, false },
		      { 5, true, false },  { 1, true, true },	{ 7, true, true } };
	for (size_t i = 0; i < COUNT_OF(steps); i++) {
		peer_written(p, steps[i].n);
		assert_int_equal(peer_was_written(p, 11), steps[i].first);
		assert_int_equal(peer_was_written(p, 12), steps[i].second);
	}
	assert_int_equal(peer_output(p, "submit3\n", 8, 13), 0);
	assert_false(peer_was_written(p, 13));
	assert_true(peer_was_written(p, 11));
	peer_free(p);
}

static void output_is_what_was_put_in_its_order(void **state)
{
	(void)state;
	struct random r = random_seeded(9);
	struct peer *p = peer_new(1, PEER_DRIVER);
	OWN(buffer) struct buffer put = { 0 }, got = { 0 };
	for (int i = 0; i < 3000; i++) {
		char data[200];
		size_t n = 1 + random_below(&r, 199), left;
		memset(data, 'a' + i % 26, n);
		assert_int_equal(peer_output(p, data, n, random_below(&r, 2) ? i + 1 : 0), 0);
		assert_int_equal(buffer_put(&put, data, n), 0);
		left = random_below(&r, 220);
		left = left > buffer_left(&p->out) ? buffer_left(&p->out) : left;
		assert_int_equal(buffer_put(&got, buffer_text(&p->out), left), 0);
		peer_written(p, left);
	}
	assert_int_equal(buffer_put(&got, buffer_text(&p->out), buffer_left(&p->out)), 0);
	assert_string_equal(buffer_text(&got), buffer_text(&put));
	peer_free(p);
}

static void first_reason_of_a_doom_stays(void **state)
{
	(void)state;
	struct peer *p = peer_new(1, PEER_DRIVER);
	peer_doom(p, "one");
	peer_doom(p, "two");
	assert_true(p->doomed);
	assert_string_equal(p->why, "one");
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_come_out_whole_however_they_were_cut),
		cmocka_unit_test(line_over_the_limit_is_refused_while_it_grows),
		cmocka_unit_test(line_of_just_the_limit_is_taken),
		cmocka_unit_test(many_short_lines_are_no_long_one),
		cmocka_unit_test(first_byte_of_its_frame_makes_an_attempt_written),
		cmocka_unit_test(output_is_what_was_put_in_its_order),
		cmocka_unit_test(first_reason_of_a_doom_stays),
	};
	return cmocka_run_group_tests_name("peer", tests, NULL, NULL);
}
