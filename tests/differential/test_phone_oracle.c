// SPDX-License-Identifier: GPL-3.0-or-later
/* Vietnam's plan against libphonenumber: seeded random numbers in the forms people write. A few blocks
 * differ, named below; ours also follows the renumbering of 2018, which the library does not. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/numbers.h"
#include "gateway/base/own.h"
#include "gateway/base/phone.h"
#include "gateway/base/random.h"
#include "tests/support/phone_oracle.h"

#define SEED 84
#define ROUNDS 60000

static int load_plan(void **state)
{
	struct phone_plan *plan = calloc(1, sizeof(*plan));
	struct complaint c = { 0 };
	assert_non_null(plan);
	if (numbers_load("config/any.conf", "VN", plan, &c))
		fail_msg("%s:%d %s", c.file, c.line, c.text);
	*state = plan;
	return 0;
}

static int drop_plan(void **state)
{
	phone_plan_done(*state);
	free(*state);
	return 0;
}

static bool begins_with_one_of(const char *e164, const char *const *blocks)
{
	for (; *blocks; blocks++)
		if (strncmp(e164, *blocks, strlen(*blocks)) == 0)
			return true;
	return false;
}

static void compare(const struct phone_plan *plan, const char *text)
{
	static const char *const ours_alone[] = { "+8451", "+84288", "+8452", "+8455", "+8489", "+8499", NULL }; /* parts of them, or its newer versions only */
	static const char *const theirs_alone[] = { "+8430", "+8431", "+8495", NULL };	   /* nobody's, or no longer */
	char theirs[32];
	char kind = phone_oracle(text, "VN", theirs);
	struct phone ours = { .kind = PHONE_ALPHA };
	const char *rule = "";
	int r = phone_parse(plan, text, &ours, &rule);
	bool wrong = false;
	if (begins_with_one_of(theirs, theirs_alone))
		wrong = !r;
	else if (kind == 'm' || kind == 'f')
		wrong = r || ours.kind != (kind == 'm' ? PHONE_MOBILE : PHONE_LANDLINE) || strcmp(ours.e164, theirs) != 0;
	else if (!r && (ours.kind == PHONE_MOBILE || ours.kind == PHONE_LANDLINE))
		wrong = !begins_with_one_of(ours.e164, ours_alone);
	if (wrong)
		fail_msg("\"%s\": theirs %c %s, ours %s %s", text, kind ? kind : '-', theirs, r ? rule : phone_kind_name(ours.kind),
			 ours.e164);
}

/* National significant number of n digits that does not begin with 0 or 1 (old mobile numbers and services do). */
static void draw(struct random *r, int n, char out[16])
{
	for (int i = 0; i < n; i++)
		out[i] = (char)('0' + (i ? random_below(r, 10) : 2 + random_below(r, 8)));
	out[n] = '\0';
}

static void phone_parse_agrees_with_libphonenumber_on_vietnam(void **state)
{
	static const char *const forms[] = { "0%s", "+84%s", "84%s", "0084%s", "%s", "+84 %s", "+84 (0) %s", " 0%s ", "(0%s)" };
	struct random r = random_seeded(SEED);
	for (size_t i = 0; i < ROUNDS; i++) {
		char national[16], text[48];
		draw(&r, 8 + (int)random_below(&r, 4), national);
		for (size_t k = 0; k < COUNT_OF(forms); k++) {
			if (k == i % COUNT_OF(forms) || i < 2000) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
				snprintf(text, sizeof(text), forms[k], national);
#pragma GCC diagnostic pop
				compare(*state, text);
			}
		}
	}
}

/* Every block of four digits, so that no area or operator is missed. */
static void phone_parse_agrees_on_every_block(void **state)
{
	char text[48];
	for (int block = 2000; block < 10000; block++) {
		snprintf(text, sizeof(text), "0%04d23456", block);
		compare(*state, text);
		snprintf(text, sizeof(text), "+84%04d345678", block);
		compare(*state, text);
	}
}

static void phone_parse_agrees_on_numbers_abroad(void **state)
{
	static const char *const numbers[] = { "+8562055551234", "+855 12 345 678", "+86 138 0013 8000", "+1 202-555-0123",
					       "+44 (0)20 7946 0018", "+82 10-1234-5678", "+61 412 345 678", "+6834000" };
	for (size_t i = 0; i < COUNT_OF(numbers); i++) {
		char theirs[32];
		struct phone ours;
		assert_true(phone_oracle(numbers[i], "VN", theirs));
		assert_int_equal(phone_parse(*state, numbers[i], &ours, NULL), 0);
		assert_int_equal(ours.kind, PHONE_FOREIGN);
		if (strstr(numbers[i], "(0)"))
			continue; /* which countries have a trunk prefix is not in a plan of Vietnam */
		assert_string_equal(ours.e164, theirs);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(phone_parse_agrees_with_libphonenumber_on_vietnam),
		cmocka_unit_test(phone_parse_agrees_on_every_block),
		cmocka_unit_test(phone_parse_agrees_on_numbers_abroad),
	};
	return cmocka_run_group_tests(tests, load_plan, drop_plan);
}
