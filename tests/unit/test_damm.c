// SPDX-License-Identifier: GPL-3.0-or-later
/* The check digit of case codes: the published example, and the two promises it is chosen for, tried on every code. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "handlers/damm.h"

static void damm_knows_the_published_example(void **state)
{
	(void)state;
	assert_int_equal(damm_digit("572"), '4');
	assert_true(damm_valid("5724"));
	assert_false(damm_valid("5727"));
	assert_false(damm_valid("572a"));
	assert_false(damm_valid("4"));
	assert_false(damm_valid(""));
}

static void damm_finds_every_wrong_digit_and_every_swap(void **state)
{
	(void)state;
	for (unsigned n = 0; n < 100000; n++) {
		char code[8], wrong[8];
		snprintf(code, sizeof(code), "%05u", n);
		code[5] = damm_digit(code);
		code[6] = '\0';
		assert_true(damm_valid(code));
		for (int i = 0; i < 6; i++) {
			memcpy(wrong, code, sizeof(wrong));
			wrong[i] = (char)('0' + (code[i] - '0' + 1 + (int)(n % 9)) % 10);
			if (wrong[i] != code[i] && damm_valid(wrong))
				fail_msg("%s for %s", wrong, code);
			memcpy(wrong, code, sizeof(wrong));
			if (i == 5 || code[i] == code[i + 1])
				continue;
			wrong[i] = code[i + 1];
			wrong[i + 1] = code[i];
			if (damm_valid(wrong))
				fail_msg("%s for %s", wrong, code);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(damm_knows_the_published_example),
		cmocka_unit_test(damm_finds_every_wrong_digit_and_every_swap),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
