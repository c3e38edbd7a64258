// SPDX-License-Identifier: GPL-3.0-or-later
/* Numbers as they are written in lists and by networks, with the shipped plan of Vietnam. Run from the root of the tree. */
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

static void phone_parse_knows_every_written_form(void **state)
{
	static const struct {
		const char *text, *e164;
		enum phone_kind kind;
		const char *network;
	} cases[] = {
		{ "0912345678", "+84912345678", PHONE_MOBILE, "vinaphone" },
		{ "+84912345678", "+84912345678", PHONE_MOBILE, "vinaphone" },
		{ "84912345678", "+84912345678", PHONE_MOBILE, "vinaphone" },
		{ "0084912345678", "+84912345678", PHONE_MOBILE, "vinaphone" },
		{ "912345678", "+84912345678", PHONE_MOBILE, "vinaphone" },
		{ "+84(0)912 345 678", "+84912345678", PHONE_MOBILE, "vinaphone" },
		{ "(+84) 912-345-678", "+84912345678", PHONE_MOBILE, "vinaphone" },
		{ "+840912345678", "+84912345678", PHONE_MOBILE, "vinaphone" },
		{ "+0912345678", "+84912345678", PHONE_MOBILE, "vinaphone" },
		{ " 0912.345.678 ", "+84912345678", PHONE_MOBILE, "vinaphone" },
		{ "0912\u00A0345\u2013678\u200B", "+84912345678", PHONE_MOBILE, "vinaphone" },
		{ "'0912345678", "+84912345678", PHONE_MOBILE, "vinaphone" },
		{ "0912345678/", "+84912345678", PHONE_MOBILE, "vinaphone" },
		{ "０９１２３４５６７８", "+84912345678", PHONE_MOBILE, "vinaphone" },
		{ "＋８４ ９１２３４５６７８", "+84912345678", PHONE_MOBILE, "vinaphone" },
		{ "٠٩١٢٣٤٥٦٧٨", "+84912345678", PHONE_MOBILE, "vinaphone" },
		{ "912345678.0", "+84912345678", PHONE_MOBILE, "vinaphone" },
		{ "9.12345678E8", "+84912345678", PHONE_MOBILE, "vinaphone" },
		{ "9,12345678e+08", "+84912345678", PHONE_MOBILE, "vinaphone" },
		{ "8.4912345678E+10", "+84912345678", PHONE_MOBILE, "vinaphone" },
		{ "01621234567", "+84321234567", PHONE_MOBILE, "viettel" },
		{ "1621234567", "+84321234567", PHONE_MOBILE, "viettel" },
		{ "+841201234567", "+84701234567", PHONE_MOBILE, "mobifone" },
		{ "01881234567", "+84581234567", PHONE_MOBILE, "vietnamobile" },
		{ "01991234567", "+84591234567", PHONE_MOBILE, "gmobile" },
		{ "845678901", "+84845678901", PHONE_MOBILE, "vinaphone" }, /* 084… without its zero, not a country code */
		{ "84845678901", "+84845678901", PHONE_MOBILE, "vinaphone" },
		{ "0871234567", "+84871234567", PHONE_MOBILE, "itel" },
		{ "0235 3812 345", "+842353812345", PHONE_LANDLINE, "" },
		{ "+84 24 3825 1234", "+842438251234", PHONE_LANDLINE, "" },
		{ "+85620 5555 1234", "+8562055551234", PHONE_FOREIGN, "" },
		{ "008562055551234", "+8562055551234", PHONE_FOREIGN, "" },
		{ "5656", "5656", PHONE_SHORT, "" },
		{ "911", "911", PHONE_SHORT, "" },
		{ "113", "113", PHONE_EMERGENCY, "" },
		{ "+84115", "115", PHONE_EMERGENCY, "" },
		{ "1 1 2", "112", PHONE_EMERGENCY, "" },
		{ "18001090", "18001090", PHONE_SPECIAL, "" },
		{ "1900545457", "1900545457", PHONE_SPECIAL, "" },
		{ "+8419001560", "19001560", PHONE_SPECIAL, "" },
		{ "+979123456789", "+979123456789", PHONE_SPECIAL, "" },
		{ "+881612345678", "+881612345678", PHONE_SPECIAL, "" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct phone p;
		const char *rule = "";
		if (phone_parse(*state, cases[i].text, &p, &rule))
			fail_msg("%s: %s", cases[i].text, rule);
		if (strcmp(p.e164, cases[i].e164) != 0 || p.kind != cases[i].kind || strcmp(p.network, cases[i].network) != 0)
			fail_msg("%s: %s %s %s", cases[i].text, p.e164, phone_kind_name(p.kind), p.network);
		bool may = cases[i].kind == PHONE_MOBILE || cases[i].kind == PHONE_FOREIGN;
		assert_int_equal(phone_can_receive(&p), may);
	}
}

static void phone_parse_names_the_rule_that_forbids(void **state)
{
	static const struct {
		const char *text, *rule;
	} cases[] = {
		{ "", "empty" },
		{ "  ", "empty" },
		{ "+", "empty" },
		{ "-", "empty" },
		{ "không có", "letters" },
		{ "O912345678", "letters" },
		{ "0912345678 (Lan)", "letters" },
		{ "*101#", "letters" },
		{ "=0912345678", "letters" },
		{ "09123456", "too_short" },
		{ "091234567", "too_short" },
		{ "09123456789", "too_long" },
		{ "+849123456789", "too_long" },
		{ "+8491234567", "too_short" },
		{ "0123456789", "too_short" },
		{ "+1234567890123456", "too_long" },
		{ "1234567890123456789012345678901234567890123456", "too_long" },
		{ "0412345678", "unknown_prefix" },
		{ "02001234567", "unknown_prefix" },
		{ "01001234567", NULL }, /* machines */
		{ "00912345678", "unknown_prefix" }, /* one zero too many, or India */
		{ "0912345678 0987654321", "two_numbers" },
		{ "0912345678/0987654321", "two_numbers" },
		{ "0912345678/79", "two_numbers" },
		{ "0912345678; 0987654321", "two_numbers" },
		{ "0912345678, 0987654321", "two_numbers" },
		{ "0912345678-0987654321", "two_numbers" },
		{ "0912345678\n0987654321", "two_numbers" },
		{ "0912.345.678 hoặc 0987.654.321", "two_numbers" },
		{ "+84912345678 +84987654321", "two_numbers" },
		{ "9.12E+08", "scientific" },
		{ "8.49123E+10", "scientific" },
		{ "9,12346E+08", "scientific" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct phone p = { .kind = PHONE_ALPHA, .e164 = "kept" };
		const char *rule = NULL;
		int r = phone_parse(*state, cases[i].text, &p, &rule);
		if (!cases[i].rule) {
			assert_int_equal(r, 0);
			assert_int_equal(p.kind, PHONE_SPECIAL);
			continue;
		}
		if (r != E_INVALID || !rule || strcmp(rule, cases[i].rule) != 0)
			fail_msg("\"%s\": %s, not %s", cases[i].text, r ? rule : p.e164, cases[i].rule);
		assert_string_equal(p.e164, "kept");
		assert_int_equal(phone_parse(*state, cases[i].text, &p, NULL), E_INVALID);
	}
}

static void phone_parse_sender_takes_names(void **state)
{
	struct phone p;
	assert_int_equal(phone_parse_sender(*state, "84912345678", &p), 0);
	assert_string_equal(p.e164, "+84912345678");
	assert_int_equal(phone_parse_sender(*state, "VIETTEL", &p), 0);
	assert_int_equal(p.kind, PHONE_ALPHA);
	assert_string_equal(p.e164, "VIETTEL");
	assert_false(phone_can_receive(&p));
	assert_int_equal(phone_parse_sender(*state, "", &p), 0);
	assert_string_equal(p.e164, "");
	assert_int_equal(phone_parse_sender(*state, "Điện lực ạạạạạạạạ", &p), 0);
	assert_string_equal(p.e164, "Điện lực ạ"); /* cut between letters */
}

static void phone_kinds_have_names(void **state)
{
	(void)state;
	for (enum phone_kind kind = PHONE_MOBILE; kind <= PHONE_ALPHA; kind++) {
		enum phone_kind back = PHONE_MOBILE;
		assert_int_equal(phone_kind_parse(phone_kind_name(kind), &back), 0);
		assert_int_equal(back, kind);
	}
	enum phone_kind kept = PHONE_SHORT;
	assert_int_equal(phone_kind_parse("cell", &kept), E_INVALID);
	assert_int_equal(kept, PHONE_SHORT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(phone_parse_knows_every_written_form),
		cmocka_unit_test(phone_parse_names_the_rule_that_forbids),
		cmocka_unit_test(phone_parse_sender_takes_names),
		cmocka_unit_test(phone_kinds_have_names),
	};
	return cmocka_run_group_tests(tests, load_plan, drop_plan);
}
