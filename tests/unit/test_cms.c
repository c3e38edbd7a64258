/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What each modem error means for a message, before and after its Ctrl-Z. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "gateway/base/own.h"
#include "gateway/drivers/gammu/cms.h"

struct expected {
	enum cms_kind kind;
	int code;
	enum outcome outcome;
	enum fault fault;
};

static const struct expected after[] = {
	{ CMS_CMS, 1, OUTCOME_REFUSED, FAULT_RECIPIENT },  { CMS_CMS, 8, OUTCOME_REFUSED, FAULT_MESSAGE },
	{ CMS_CMS, 17, OUTCOME_NOT_SENT, FAULT_CHANNEL },  { CMS_CMS, 21, OUTCOME_REFUSED, FAULT_MESSAGE },
	{ CMS_CMS, 27, OUTCOME_NOT_SENT, FAULT_CHANNEL },  { CMS_CMS, 28, OUTCOME_REFUSED, FAULT_RECIPIENT },
	{ CMS_CMS, 30, OUTCOME_REFUSED, FAULT_RECIPIENT }, { CMS_CMS, 38, OUTCOME_NOT_SENT, FAULT_CHANNEL },
	{ CMS_CMS, 41, OUTCOME_NOT_SENT, FAULT_CHANNEL },  { CMS_CMS, 42, OUTCOME_NOT_SENT, FAULT_CHANNEL },
	{ CMS_CMS, 50, OUTCOME_REFUSED, FAULT_MESSAGE },   { CMS_CMS, 128, OUTCOME_REFUSED, FAULT_MESSAGE },
	{ CMS_CMS, 175, OUTCOME_REFUSED, FAULT_MESSAGE },  { CMS_CMS, 193, OUTCOME_REFUSED, FAULT_CHANNEL },
	{ CMS_CMS, 197, OUTCOME_ACCEPTED, FAULT_NONE },    { CMS_CMS, 304, OUTCOME_REFUSED, FAULT_MESSAGE },
	{ CMS_CMS, 310, OUTCOME_REFUSED, FAULT_CHANNEL },  { CMS_CMS, 314, OUTCOME_NOT_SENT, FAULT_CHANNEL },
	{ CMS_CMS, 322, OUTCOME_NOT_SENT, FAULT_CHANNEL }, { CMS_CMS, 330, OUTCOME_REFUSED, FAULT_CHANNEL },
	{ CMS_CMS, 331, OUTCOME_NOT_SENT, FAULT_CHANNEL }, { CMS_CMS, 332, OUTCOME_UNCLEAR, FAULT_NONE },
	{ CMS_CMS, 500, OUTCOME_UNCLEAR, FAULT_NONE },	   { CMS_CMS, 512, OUTCOME_NOT_SENT, FAULT_CHANNEL },
	{ CMS_CMS, 515, OUTCOME_NOT_SENT, FAULT_CHANNEL }, { CMS_CME, 30, OUTCOME_NOT_SENT, FAULT_CHANNEL },
	{ CMS_CME, 31, OUTCOME_UNCLEAR, FAULT_NONE },	   { CMS_CME, 10, OUTCOME_REFUSED, FAULT_CHANNEL },
	{ CMS_CME, 100, OUTCOME_UNCLEAR, FAULT_NONE },
};

static void cms_known_codes_after_ctrl_z_follow_the_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(after); i++) {
		struct cms_verdict v;
		cms_judge(after[i].kind, after[i].code, true, &v);
		if (v.outcome != after[i].outcome || v.fault != after[i].fault)
			fail_msg("code %d: %s", after[i].code, outcome_name(v.outcome));
		assert_true(v.phrase && *v.phrase);
	}
}

static void cms_any_code_before_the_prompt_is_not_sent(void **state)
{
	(void)state;
	for (int code = -1; code < 1000; code++)
		for (int kind = CMS_PLAIN; kind <= CMS_CME; kind++) {
			struct cms_verdict v;
			cms_judge((enum cms_kind)kind, code, false, &v);
			assert_int_equal(v.outcome, OUTCOME_NOT_SENT);
			assert_int_equal(v.fault, FAULT_CHANNEL);
		}
}

static void cms_unknown_codes_after_ctrl_z_are_unclear(void **state)
{
	(void)state;
	static const int unknown[] = { -1, 2, 7, 126, 177, 255, 333, 499, 501, 999, 65535 };
	for (size_t i = 0; i < COUNT_OF(unknown); i++) {
		struct cms_verdict v;
		cms_judge(CMS_CMS, unknown[i], true, &v);
		assert_int_equal(v.outcome, OUTCOME_UNCLEAR);
	}
	struct cms_verdict v;
	cms_judge(CMS_PLAIN, -1, true, &v);
	assert_int_equal(v.outcome, OUTCOME_UNCLEAR);
}

static void cms_codes_are_written_with_their_kind(void **state)
{
	(void)state;
	char text[16];
	cms_format(CMS_CMS, 38, text, sizeof(text));
	assert_string_equal(text, "cms:38");
	cms_format(CMS_CME, 30, text, sizeof(text));
	assert_string_equal(text, "cme:30");
	cms_format(CMS_PLAIN, -1, text, sizeof(text));
	assert_string_equal(text, "error");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cms_known_codes_after_ctrl_z_follow_the_table),
		cmocka_unit_test(cms_any_code_before_the_prompt_is_not_sent),
		cmocka_unit_test(cms_unknown_codes_after_ctrl_z_are_unclear),
		cmocka_unit_test(cms_codes_are_written_with_their_kind),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
