// SPDX-License-Identifier: GPL-3.0-or-later
/* Merge fields: put in once, never blank. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "campaigns/column.h"
#include "campaigns/template.h"
#include "gateway/base/own.h"

static const char *value(void *arg, const char *key)
{
	(void)arg;
	if (!strcmp(key, "name"))
		return "Hoa {{unit}}";
	if (!strcmp(key, "so the"))
		return "DN1";
	return strcmp(key, "blank") ? NULL : "";
}

static void template_merges_once_and_never_leaves_a_blank(void **state)
{
	(void)state;
	static const struct {
		const char *label, *text;
		int result;
		const char *out; /* the text, or the missing key */
	} cases[] = {
		{ "no field", "Chào bà con", 0, "Chào bà con" },
		{ "empty", "", 0, "" },
		{ "a value is not looked at again", "Chào {{name}}!", 0, "Chào Hoa {{unit}}!" },
		{ "folded name, underscore, spaces", "{{ SỐ_Thẻ }}{{so the}}", 0, "DN1DN1" },
		{ "single braces stay", "{a} } {", 0, "{a} } {" },
		{ "absent", "{{name}} {{unit}}", E_NOT_FOUND, "unit" },
		{ "blank", "{{blank}}", E_NOT_FOUND, "blank" },
		{ "not closed", "Chào {{name", E_INVALID, NULL },
		{ "no name", "Chào {{}}", E_INVALID, NULL },
		{ "only spaces", "Chào {{  }}", E_INVALID, NULL },
		{ "opened twice", "{{a {{name}}", E_INVALID, NULL },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(mem) char *out = NULL;
		char missing[TEMPLATE_KEY_BYTES] = "";
		struct complaint c = { 0 };
		print_message("%s\n", cases[i].label);
		assert_int_equal(template_merge(cases[i].text, value, NULL, &out, missing), cases[i].result);
		assert_int_equal(template_check(cases[i].text, &c), cases[i].result == E_INVALID ? E_INVALID : 0);
		if (cases[i].out)
			assert_string_equal(out ? out : missing, cases[i].out);
	}
}

static void column_names_are_known_however_spelled(void **state)
{
	(void)state;
	static const struct {
		const char *header;
		enum column column;
	} cases[] = { { "Số điện thoại", COLUMN_PHONE }, { "SDT", COLUMN_PHONE },	{ "Di động", COLUMN_PHONE }, { "so_dien_thoai", COLUMN_PHONE },
		      { "Họ và tên", COLUMN_NAME },	 { "HO TEN", COLUMN_NAME },	{ "Mã xã", COLUMN_UNIT },    { "Bản", COLUMN_HAMLET },
		      { "Tổ", COLUMN_HAMLET },		 { "Tiếng", COLUMN_LANGUAGE }, { "Số thẻ", COLUMN_FIELD } };
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(mem) char *key = column_key(cases[i].header);
		assert_non_null(key);
		assert_int_equal(column_of(key), cases[i].column);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(template_merges_once_and_never_leaves_a_blank),
		cmocka_unit_test(column_names_are_known_however_spelled),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
