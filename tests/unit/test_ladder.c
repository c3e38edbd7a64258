/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of the ladder: which rung follows which failure, and how long it waits before the next try. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateway/base/err.h"
#include "gateway/base/own.h"
#include "gateway/drivers/gammu/ladder.h"

#define TRIES 15

/* One letter a try: o open anew, r restart, p power, - a person. */
static void rungs_follow_the_kind_of_failure(void **state)
{
	(void)state;
	static const struct {
		const char *label;
		int error;
		bool opened, may_reset;
		const char *rungs;
	} cases[] = {
		{ "silent", E_UNAVAILABLE, true, false, "oooopooooooooop" },
		{ "silent, may be restarted", E_UNAVAILABLE, true, true, "ooropooooooorop" },
		{ "pulled out", E_NOT_FOUND, false, true, "oooopooooooooop" },
		{ "broken", E_IO, false, false, "oooopooooooooop" },
		{ "another program has it", E_UNAVAILABLE, false, true, "---------------" },
		{ "no right", E_DENIED, false, true, "---------------" },
		{ "no serial port", E_INVALID, false, true, "---------------" },
		{ "PIN", E_REFUSED, true, true, "---------------" },
	};
	static const char letters[] = { [LADDER_PERSON] = '-', [LADDER_REOPEN] = 'o', [LADDER_RESET] = 'r', [LADDER_POWER] = 'p' };
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct ladder l = { .may_reset = cases[i].may_reset };
		char rungs[TRIES + 1] = "";
		for (int n = 0; n < TRIES; n++)
			rungs[n] = letters[ladder_next(&l, cases[i].error, cases[i].opened)];
		print_message("%s\n", cases[i].label);
		assert_string_equal(rungs, cases[i].rungs);
	}
}

static void waits_double_up_to_half_a_minute(void **state)
{
	(void)state;
	static const int64_t waits[] = { 500, 1000, 2000, 4000, 8000, 16000, 30000, 30000 };
	struct ladder l = { 0 };
	for (size_t i = 0; i < COUNT_OF(waits); i++) {
		ladder_next(&l, E_UNAVAILABLE, true);
		assert_int_equal(l.wait_ms, waits[i]);
	}
	struct ladder person = { 0 };
	ladder_next(&person, E_REFUSED, true);
	assert_int_equal(person.wait_ms, 30000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rungs_follow_the_kind_of_failure),
		cmocka_unit_test(waits_double_up_to_half_a_minute),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
