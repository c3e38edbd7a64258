/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of the API's pace: ten seconds' worth at once, then so many a second and no more, for each asker apart; what was refused is not
 * counted; many askers do not wipe out one that asks too much. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "console/web/pace.h"

static int taken(struct pace *p, const char *who, int n, int64_t at_ms)
{
	int ok = 0;
	for (int i = 0; i < n; i++)
		ok += pace_ask(p, who, at_ms) == 0;
	return ok;
}

static void pace_allows_a_burst_then_so_many_a_second(void **state)
{
	(void)state;
	struct pace *p;
	assert_int_equal(pace_new(50, &p), 0);
	assert_int_equal(taken(p, "a", 2000, 1000000), 500);
	assert_int_equal(pace_ask(p, "a", 1000000), 20);
	assert_int_equal(pace_ask(p, "a", 1000019), 1);
	assert_int_equal(pace_ask(p, "a", 1000020), 0);
	assert_int_equal(taken(p, "a", 2000, 1002020), 100);
	assert_int_equal(taken(p, "a", 2000, 1062020), 500);
	pace_free(p);
}

static void pace_of_one_is_not_that_of_another(void **state)
{
	(void)state;
	struct pace *p;
	assert_int_equal(pace_new(1, &p), 0);
	assert_int_equal(taken(p, "a", 20, 5000), 10);
	assert_int_equal(taken(p, "b", 20, 5000), 10);
	assert_int_equal(pace_ask(p, "a", 5000), 1000);
	pace_free(p);
}

static void pace_remembers_the_hasty_among_many(void **state)
{
	(void)state;
	struct pace *p;
	assert_int_equal(pace_new(50, &p), 0);
	assert_int_equal(taken(p, "hasty", 600, 5000), 500);
	for (int i = 0; i < 100000; i++) {
		char who[16];
		snprintf(who, sizeof(who), "t%d", i);
		assert_int_equal(pace_ask(p, who, 5000), 0);
	}
	assert_true(pace_ask(p, "hasty", 5000) > 0);
	pace_free(p);
}

static void pace_of_nought_is_none(void **state)
{
	(void)state;
	struct pace *p;
	assert_int_equal(pace_new(0, &p), 0);
	assert_int_equal(taken(p, "a", 100000, 5000), 100000);
	pace_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pace_allows_a_burst_then_so_many_a_second),
		cmocka_unit_test(pace_of_one_is_not_that_of_another),
		cmocka_unit_test(pace_remembers_the_hasty_among_many),
		cmocka_unit_test(pace_of_nought_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
