/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of the figures of full ticks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "gateway/pulse.h"

static void percentiles_are_of_full_ticks_alone(void **state)
{
	(void)state;
	struct pulse p = { 0 };
	assert_int_equal(pulse_percentile(&p, 99), 0);
	pulse_note(&p, PULSE_FRAMES - 1, 900);
	for (int i = 0; i < 98; i++)
		pulse_note(&p, PULSE_FRAMES, 4);
	pulse_note(&p, 1000, 30);
	pulse_note(&p, 1000, 70);
	assert_int_equal(p.n, 100);
	assert_int_equal(pulse_percentile(&p, 50), 4);
	assert_int_equal(pulse_percentile(&p, 98), 4);
	assert_int_equal(pulse_percentile(&p, 99), 30);
	assert_int_equal(pulse_percentile(&p, 100), 70);
}

static void span_beyond_all_counts_as_the_longest(void **state)
{
	(void)state;
	struct pulse p = { 0 };
	pulse_note(&p, PULSE_FRAMES, 3600000);
	pulse_note(&p, PULSE_FRAMES, -1);
	assert_int_equal(pulse_percentile(&p, 50), 0);
	assert_int_equal(pulse_percentile(&p, 100), PULSE_SPANS - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(percentiles_are_of_full_ticks_alone),
		cmocka_unit_test(span_beyond_all_counts_as_the_longest),
	};
	return cmocka_run_group_tests_name("pulse", tests, NULL, NULL);
}
