// SPDX-License-Identifier: GPL-3.0-or-later
/* Numbering plans: the shipped one is read whole, a faulty one names its line. Run from the
 * project's root. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/numbers.h"
#include "gateway/base/own.h"

static void the_plan_of_vietnam_is_read_whole(void **state)
{
	(void)state;
	struct phone_plan plan;
	struct complaint c = { 0 };
	struct phone phone;
	if (numbers_load("config/caunoi.conf", "VN", &plan, &c))
		fail_msg("%s:%d %s", c.file, c.line, c.text);
	assert_string_equal(plan.country_code, "84");
	assert_string_equal(plan.trunk, "0");
	assert_true(plan.n_ranges > 60);
	assert_true(plan.n_renumberings >= 20);
	assert_int_equal(plan.short_digits_min, 3);
	assert_int_equal(plan.short_digits_max, 6);
	assert_int_equal(phone_parse(&plan, "0162 345 6789", &phone, NULL), 0);
	assert_string_equal(phone.e164, "+84323456789");
	assert_string_equal(phone.network, "viettel");
	assert_int_equal(phone_parse(&plan, "114", &phone, NULL), 0);
	assert_int_equal(phone.kind, PHONE_EMERGENCY);
	phone_plan_done(&plan);
}

static const char good[] =
	"country = \"XX\";\ncountry_code = \"99\";\ntrunk = \"\";\ninternational = "
	"\"00\";\nshort_digits = [ 3, 6 ];\n"
	"ranges = ( { prefix = \"9\"; digits = [ 8, 9 ]; kind = \"mobile\"; network = \"a\"; } );\n"
	"renumberings = ( { from = \"1\"; to = \"9\"; digits = 9; } );\nemergency = [ \"112\" ];\n";

static void a_faulty_plan_names_its_line(void **state)
{
	(void)state;
	static const struct {
		const char *label, *from, *to, *field, *rule;
		int line;
	} rows[] = {
		{ "good", "", "", "", "", 0 },
		{ "of another country", "\"XX\"", "\"YY\"", "country", "unknown_value", 1 },
		{ "code with a sign", "\"99\"", "\"+9\"", "country_code", "wrong_type", 2 },
		{ "code too long", "\"99\"", "\"99999\"", "country_code", "wrong_type", 2 },
		{ "prefix no digits", "\"9\"; digits", "\"x\"; digits", "ranges.[0].prefix",
		  "wrong_type", 6 },
		{ "prefix empty", "\"9\"; digits", "\"\"; digits", "ranges.[0].prefix",
		  "wrong_type", 6 },
		{ "digits upside down", "[ 8, 9 ]", "[ 9, 8 ]", "ranges.[0].digits", "out_of_range",
		  6 },
		{ "digits of one", "[ 8, 9 ]", "[ 8 ]", "ranges.[0].digits", "out_of_range", 6 },
		{ "kind", "\"mobile\"", "\"cell\"", "ranges.[0].kind", "unknown_value", 6 },
		{ "renumbering without length", "digits = 9;", "", "renumberings.[0]",
		  "out_of_range", 7 },
		{ "renumbering to nothing", "to = \"9\"", "to = \"\"", "renumberings.[0].to",
		  "wrong_type", 7 },
		{ "emergency as numbers", "\"112\"", "112", "emergency", "wrong_type", 8 },
		{ "short digits", "[ 3, 6 ]", "[ 0, 6 ]", "short_digits", "out_of_range", 5 },
	};
	char folder[] = "/tmp/caunoi-numbers-XXXXXX", config[64], numbers[64], file[80];
	assert_non_null(mkdtemp(folder));
	snprintf(config, sizeof(config), "%s/caunoi.conf", folder);
	snprintf(numbers, sizeof(numbers), "%s/numbers", folder);
	snprintf(file, sizeof(file), "%s/XX.conf", numbers);
	assert_int_equal(mkdir(numbers, 0700), 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct phone_plan plan = { 0 };
		struct complaint c = { 0 };
		const char *at = strstr(good, rows[i].from);
		assert_non_null(at);
		FILE *out = fopen(file, "w");
		assert_non_null(out);
		fprintf(out, "%.*s%s%s", (int)(at - good), good, rows[i].to,
			at + strlen(rows[i].from));
		fclose(out);
		int r = numbers_load(config, "XX", &plan, &c);
		if ((r == 0) != (rows[i].line == 0) || c.line != rows[i].line ||
		    strcmp(c.rule, rows[i].rule) != 0 || strcmp(c.field, rows[i].field) != 0)
			fail_msg("%s: %d line %d '%s' '%s' %s", rows[i].label, r, c.line, c.field,
				 c.rule, c.text);
		if (!r)
			phone_plan_done(&plan);
	}
	unlink(file);
	rmdir(numbers);
	rmdir(folder);
}

static void an_unknown_country_says_where_was_looked(void **state)
{
	(void)state;
	struct phone_plan plan;
	struct complaint c = { 0 };
	assert_int_equal(numbers_load("config/caunoi.conf", "ZZ", &plan, &c), E_NOT_FOUND);
	assert_non_null(strstr(c.text, "numbers/ZZ.conf"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_plan_of_vietnam_is_read_whole),
		cmocka_unit_test(a_faulty_plan_names_its_line),
		cmocka_unit_test(an_unknown_country_says_where_was_looked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
