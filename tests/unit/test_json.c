/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of JSON as it comes in and of the bytes it is kept in: hostile text is refused or mended, never passed on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/base/random.h"

static void malformed_text_is_refused(void **state)
{
	(void)state;
	static const char *const cases[] = {
		"",
		" ",
		"{",
		"}",
		"{]",
		"[1,]",
		"{\"a\":1,}",
		"{\"a\":1,\"a\":2}",
		"{'a':1}",
		"nul",
		"NaN",
		"Infinity",
		"-",
		"01",
		"1e999",
		"\"\\x\"",
		"\"\\u12\"",
		"\"\\u\"",
		"\"\xff\"",
		"\"\xc0\x80\"",
		"\"\xed\xa0\x80\"",
		"\"\xf4\x90\x80\x80\"",
		"\"a\nb\"",
		"{\"a\":1}x",
		"99999999999999999999",
		"\xef\xbb\xbf{}",
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		json_t *v = NULL;
		if (json_parse(cases[i], strlen(cases[i]), &v) != E_INVALID)
			fail_msg("taken: %s", cases[i]);
		assert_null(v);
	}
	json_t *v = NULL;
	assert_int_equal(json_parse("\"a\0b\"", 5, &v), E_INVALID);
}

static void escapes_that_are_no_characters_become_one(void **state)
{
	(void)state;
#define BAD "\xef\xbf\xbd"
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "\"\\u0000\"", BAD },
		{ "\"a\\u0000b\"", "a" BAD "b" },
		{ "\"\\ud800\"", BAD },
		{ "\"\\udfff\"", BAD },
		{ "\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80" },
		{ "\"\\uD83D\\uDE00\"", "\xf0\x9f\x98\x80" },
		{ "\"\\ud83d\\ud83d\\ude00\"", BAD "\xf0\x9f\x98\x80" },
		{ "\"\\ude00\\ud83d\"", BAD BAD },
		{ "\"\\ud83dx\\ude00\"", BAD "x" BAD },
		{ "\"\\\\u0000\"", "\\u0000" }, /* a backslash and five letters */
		{ "\"\\\\\\u0000\"", "\\" BAD },
		{ "\"\\ud83d\\n\"", BAD "\n" },
		{ "\"\\ud83d\\u0000\"", BAD BAD },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(json) json_t *v = NULL;
		if (json_parse(cases[i].text, strlen(cases[i].text), &v))
			fail_msg("refused: %s", cases[i].text);
		assert_string_equal(json_string_value(v), cases[i].want);
	}
}

static void names_with_bad_escapes_that_meet_are_refused(void **state)
{
	(void)state;
	static const char text[] = "{\"\\u0000\":1,\"\\ud800\":2}";
	json_t *v = NULL;
	assert_int_equal(json_parse(text, strlen(text), &v), E_INVALID);
}

static void depth_is_bounded(void **state)
{
	(void)state;
	static const struct {
		int depth, want;
	} cases[] = { { 64, 0 }, { 65, E_INVALID }, { 100000, E_INVALID } };
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		size_t n = (size_t)cases[i].depth;
		OWN(mem) char *text = malloc(2 * n);
		memset(text, '[', n);
		memset(text + n, ']', n);
		OWN(json) json_t *v = NULL;
		assert_int_equal(json_parse(text, 2 * n, &v), cases[i].want);
	}
	/* brackets within a string are no depth */
	OWN(buffer) struct buffer text = { 0 };
	assert_int_equal(buffer_puts(&text, "\"\\\""), 0);
	for (int i = 0; i < 100; i++)
		assert_int_equal(buffer_puts(&text, "[{"), 0);
	assert_int_equal(buffer_puts(&text, "\""), 0);
	OWN(json) json_t *v = NULL;
	assert_int_equal(json_parse(buffer_text(&text), buffer_left(&text), &v), 0);
}

static void any_text_written_by_hand_reads_back_as_it_was(void **state)
{
	(void)state;
	struct random r = random_seeded(1);
	static const char *const pieces[] = { "\"", "\\", "\n", "\r",		"\t", "\x01",	   "\x1f", "\x7f",
					      "a",  "ộ",  "😀",	"\xe2\x80\xa8", "/",  "</script>", "{{" };
	for (int run = 0; run < 2000; run++) {
		OWN(buffer) struct buffer text = { 0 }, line = { 0 };
		assert_int_equal(buffer_puts(&text, ""), 0);
		for (uint32_t n = random_below(&r, 12); n > 0; n--)
			assert_int_equal(buffer_puts(&text, pieces[random_below(&r, COUNT_OF(pieces))]), 0);
		assert_int_equal(json_put_string(&line, buffer_text(&text)), 0);
		OWN(json) json_t *v = NULL;
		assert_int_equal(json_parse(buffer_text(&line), buffer_left(&line), &v), 0);
		assert_string_equal(json_string_value(v), buffer_text(&text));
		assert_null(memchr(buffer_text(&line), '\n', buffer_left(&line)));
	}
}

static void line_is_one_line(void **state)
{
	(void)state;
	OWN(json) json_t *v = json_pack("{s:s,s:[i,i],s:{s:s}}", "a", "x\ny", "b", 1, 2, "c", "d", "\xe2\x80\xa8");
	OWN(buffer) struct buffer out = { 0 };
	assert_int_equal(json_put_line(&out, v), 0);
	assert_ptr_equal(memchr(buffer_text(&out), '\n', buffer_left(&out)), buffer_text(&out) + buffer_left(&out) - 1);
	OWN(json) json_t *back = NULL;
	assert_int_equal(json_parse(buffer_text(&out), buffer_left(&out) - 1, &back), 0);
	assert_true(json_equal(v, back));
}

static void readers_give_the_default_for_what_is_of_another_type(void **state)
{
	(void)state;
	OWN(json) json_t *v = NULL;
	static const char text[] = "{\"s\":\"x\",\"i\":5,\"r\":1.5,\"b\":true,\"n\":null,\"o\":{}}";
	assert_int_equal(json_parse(text, strlen(text), &v), 0);
	static const char *const keys[] = { "s", "i", "r", "b", "n", "o", "absent" };
	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		assert_string_equal(json_str(v, keys[i], "-"), i == 0 ? "x" : "-");
		assert_int_equal(json_int(v, keys[i], -7), i == 1 ? 5 : -7);
		assert_true(json_num(v, keys[i], -7) == (i == 1 ? 5.0 : i == 2 ? 1.5 : -7.0));
		assert_int_equal(json_flag(v, keys[i], false), i == 3);
	}
	assert_int_equal(json_int(NULL, "a", 3), 3);
	assert_null(json_str(NULL, "a", NULL));
}

static void buffer_is_a_queue_of_bytes(void **state)
{
	(void)state;
	struct random r = random_seeded(2);
	OWN(buffer) struct buffer b = { 0 };
	uint8_t in = 0, out = 0;
	for (int run = 0; run < 20000; run++) {
		size_t n = random_below(&r, run % 1000 == 0 ? 200000 : 300);
		OWN(mem) uint8_t *data = malloc(n + 1);
		for (size_t i = 0; i < n; i++)
			data[i] = in++;
		assert_int_equal(buffer_put(&b, data, n), 0);
		assert_int_equal(buffer_text(&b)[buffer_left(&b)], 0);
		size_t take = random_below(&r, 400);
		take = run % 100 == 99 || take > buffer_left(&b) ? buffer_left(&b) : take;
		for (size_t i = 0; i < take; i++)
			if ((uint8_t)buffer_text(&b)[i] != out++)
				fail_msg("byte lost in run %d", run);
		buffer_take(&b, take);
	}
}

static void cut_buffer_forgets_its_end_only(void **state)
{
	(void)state;
	OWN(buffer) struct buffer b = { 0 };
	assert_int_equal(buffer_puts(&b, "abcdefgh"), 0);
	buffer_take(&b, 2);
	buffer_cut(&b, 3);
	assert_string_equal(buffer_text(&b), "cde");
	assert_int_equal(buffer_puts(&b, "X"), 0);
	assert_string_equal(buffer_text(&b), "cdeX");
	assert_int_equal(buffer_reserve(&b, SIZE_MAX / 2), E_NOMEM);
	assert_string_equal(buffer_text(&b), "cdeX");
}

static void seeded_randomness_replays_and_spreads(void **state)
{
	(void)state;
	struct random a = random_seeded(7), b = random_seeded(7), c = random_seeded(8);
	uint8_t x[64], y[64], z[64];
	random_fill(&a, x, 64);
	random_fill(&b, y, 64);
	random_fill(&c, z, 64);
	assert_memory_equal(x, y, 64);
	assert_memory_not_equal(x, z, 64);
	random_fill(&a, y, 64);
	assert_memory_not_equal(x, y, 64);
	int count[7] = { 0 };
	for (int i = 0; i < 7000; i++)
		count[random_below(&a, 7)]++;
	for (int i = 0; i < 7; i++)
		assert_in_range(count[i], 850, 1150);
	char token[33];
	random_token(&a, token, 32);
	assert_int_equal(strspn(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"), 32);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(malformed_text_is_refused),
		cmocka_unit_test(escapes_that_are_no_characters_become_one),
		cmocka_unit_test(names_with_bad_escapes_that_meet_are_refused),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(any_text_written_by_hand_reads_back_as_it_was),
		cmocka_unit_test(line_is_one_line),
		cmocka_unit_test(readers_give_the_default_for_what_is_of_another_type),
		cmocka_unit_test(buffer_is_a_queue_of_bytes),
		cmocka_unit_test(cut_buffer_forgets_its_end_only),
		cmocka_unit_test(seeded_randomness_replays_and_spreads),
	};
	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
