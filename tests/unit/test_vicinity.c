// SPDX-License-Identifier: GPL-3.0-or-later
/* What stands near a word of a message, and where marks part words, whatever its length. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "gateway/base/own.h"
#include "handlers/vicinity.h"

#define WORDS 200

/* Word i has the bit i % 64; every seventh has a mark before it, every fourteenth a strong one. */
static void fill(struct word at[WORDS])
{
	for (size_t i = 0; i < WORDS; i++)
		at[i] = (struct word){ .hash = (uint32_t)(i % 64) << 26, .before = i % 14 == 0 ? MARK_STRONG : i % 7 == 0 ? MARK_WEAK : MARK_NONE };
}

static bool holds(uint64_t words, size_t i)
{
	return words >> i % 64 & 1;
}

static void near_words_are_those_within_reach_on_each_side(void **state)
{
	(void)state;
	static const size_t lengths[] = { 1, 2, 5, 9, 64, WORDS };
	static const size_t reach[] = { [REACH_NEXT] = 1, [REACH_SHORT] = 4, [REACH_LONG] = 8 };
	struct word at[WORDS];
	fill(at);
	for (size_t l = 0; l < COUNT_OF(lengths); l++) {
		const struct words w = { .at = at, .n = lengths[l] };
		OWN(mem) void *room = malloc(vicinity_bytes(w.n));
		struct vicinity v;
		assert_non_null(room);
		vicinity_read(&w, room, &v);
		for (size_t i = 0; i < w.n; i++) {
			const struct near near = vicinity_near(&v, i);
			for (size_t r = 0; r < COUNT_OF(reach); r++)
				for (size_t far = 1; far <= 9; far++) {
					assert_int_equal(holds(near.before[r], i - far), far <= reach[r] && far <= i);
					assert_int_equal(holds(near.behind[r], i + far), far <= reach[r] && i + far < w.n);
				}
			assert_true(near.before[REACH_ALL] == UINT64_MAX && near.behind[REACH_ALL] == UINT64_MAX);
		}
	}
}

static void marks_are_seen_from_any_place_on(void **state)
{
	(void)state;
	struct word at[WORDS];
	fill(at);
	const struct words w = { .at = at, .n = WORDS };
	OWN(mem) void *room = malloc(vicinity_bytes(w.n));
	struct vicinity v;
	assert_non_null(room);
	vicinity_read(&w, room, &v);
	for (size_t base = 0; base < WORDS; base++)
		for (size_t i = 0; i < 64; i++) {
			size_t word = base + i;
			assert_int_equal(vicinity_places(v.parted, base) >> i & 1, word < WORDS && word % 7 == 0);
			assert_int_equal(vicinity_places(v.strong, base) >> i & 1, word < WORDS && word % 14 == 0);
		}
}

static void a_reach_holds_so_many_words(void **state)
{
	(void)state;
	static const struct {
		uint32_t words;
		enum reach reach;
	} rows[] = { { 0, REACH_ALL }, { 1, REACH_NEXT }, { 2, REACH_SHORT }, { 4, REACH_SHORT }, { 5, REACH_LONG }, { 8, REACH_LONG }, { 9, REACH_ALL } };
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_int_equal(vicinity_reach(rows[i].words), rows[i].reach);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(near_words_are_those_within_reach_on_each_side),
		cmocka_unit_test(marks_are_seen_from_any_place_on),
		cmocka_unit_test(a_reach_holds_so_many_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
