/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of token buckets: no burst above what is configured, whatever the clocks do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <limits.h>

#include "gateway/base/own.h"
#include "gateway/base/random.h"
#include "gateway/limit.h"

static void full_bucket_gives_its_burst_and_then_the_rate(void **state)
{
	(void)state;
	struct bucket b = bucket_full(2, 6, 0);
	int n = 0;
	for (int64_t ms = 0; ms < 10000; ms++)
		for (; bucket_has(&b, ms) > 0; n++)
			bucket_take(&b, 1, ms);
	assert_in_range(n, 6 + 19, 6 + 20);
}

static void bucket_holds_no_more_than_its_burst_however_long_it_waits(void **state)
{
	(void)state;
	struct bucket b = bucket_full(1000, 5, 0);
	bucket_take(&b, 5, 0);
	assert_int_equal(bucket_has(&b, INT64_C(1) << 50), 5);
	assert_int_equal(bucket_has(&b, 0), 0);
}

static void clock_that_goes_back_gives_nothing(void **state)
{
	(void)state;
	struct bucket b = bucket_full(10, 10, 100000);
	bucket_take(&b, 10, 100000);
	assert_int_equal(bucket_has(&b, 0), 0);
	assert_int_equal(bucket_has(&b, 100000), 0);
}

static void no_rate_is_no_limit(void **state)
{
	(void)state;
	struct bucket b = bucket_full(0, 0, 0);
	bucket_take(&b, 1000000, 0);
	assert_int_equal(bucket_has(&b, 0), INT_MAX);
	assert_int_equal(bucket_next_mono_ms(&b, 77), 77);
}

static void slow_rate_has_one_token_at_least(void **state)
{
	(void)state;
	struct bucket b = bucket_full(0.2, 0.1, 0);
	assert_int_equal(bucket_has(&b, 0), 1);
	bucket_take(&b, 1, 0);
	assert_int_equal(bucket_next_mono_ms(&b, 0), 5000);
}

static void next_token_is_there_when_it_was_said_and_not_before(void **state)
{
	(void)state;
	struct random r = random_seeded(5);
	for (int i = 0; i < 20000; i++) {
		double rate = (1 + random_below(&r, 100000)) / 100.0;
		int64_t at = random_below(&r, 1000000000);
		struct bucket b = bucket_full(rate, 1 + random_below(&r, 50), at);
		bucket_take(&b, (int)random_below(&r, 60), at);
		int64_t now = at + random_below(&r, 50), next = bucket_next_mono_ms(&b, now);
		assert_true(next >= now);
		assert_true(bucket_has(&b, next) >= 1);
		if (next > now + 1)
			assert_int_equal(bucket_has(&b, next - 2), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(full_bucket_gives_its_burst_and_then_the_rate),
		cmocka_unit_test(bucket_holds_no_more_than_its_burst_however_long_it_waits),
		cmocka_unit_test(clock_that_goes_back_gives_nothing),
		cmocka_unit_test(no_rate_is_no_limit),
		cmocka_unit_test(slow_rate_has_one_token_at_least),
		cmocka_unit_test(next_token_is_there_when_it_was_said_and_not_before),
	};
	return cmocka_run_group_tests_name("limit", tests, NULL, NULL);
}
