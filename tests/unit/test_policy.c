/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of the one gate: hours, caps, refusals, validity; the pure part as tables. The claim that asks it is in test_dispatch.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/policy.h"

#define NOW INT64_C(1000000000000)
#define HM(h, m) ((h)*60 + (m))

static struct policy_question question(enum message_class class)
{
	return (struct policy_question){ .class = class,
					 .off = "",
					 .now_ms = NOW,
					 .expires_at = NOW + 1000,
					 .local_min = HM(12, 0),
					 .quiet_from_min = HM(22, 0),
					 .quiet_to_min = HM(7, 0),
					 .quiet_ends_at = NOW + 5000,
					 .cap_frees_at = NOW + 7000,
					 .cap_24h = 3 };
}

static void quiet_minutes_are_from_inclusive_to_exclusive(void **state)
{
	(void)state;
	static const struct {
		const char *label;
		int from, to, at;
		bool quiet;
	} cases[] = {
		{ "a minute before", HM(22, 0), HM(7, 0), HM(21, 59), false },
		{ "from the first minute", HM(22, 0), HM(7, 0), HM(22, 0), true },
		{ "midnight", HM(22, 0), HM(7, 0), 0, true },
		{ "the last minute", HM(22, 0), HM(7, 0), HM(6, 59), true },
		{ "the morning", HM(22, 0), HM(7, 0), HM(7, 0), false },
		{ "within one day", HM(1, 0), HM(2, 0), HM(1, 30), true },
		{ "after it", HM(1, 0), HM(2, 0), HM(2, 0), false },
		{ "before it", HM(1, 0), HM(2, 0), HM(0, 59), false },
		{ "equal times are none", HM(22, 0), HM(22, 0), HM(22, 0), false },
		{ "equal at midnight", 0, 0, 0, false },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		if (policy_quiet(cases[i].from, cases[i].to, cases[i].at) != cases[i].quiet)
			fail_msg("%s", cases[i].label);
}

static void campaigns_sleep_and_answers_do_not(void **state)
{
	(void)state;
	for (int c = 0; c < CLASS_COUNT; c++) {
		struct policy_question q = question((enum message_class)c);
		q.local_min = HM(23, 0);
		struct policy_answer a = policy_ask(&q);
		bool bulk = c == CLASS_SOCIAL_POLICY || c == CLASS_ADVERT;
		assert_int_equal(a.verdict, bulk ? POLICY_HOLD : POLICY_SEND);
		if (bulk) {
			assert_string_equal(a.reason, "quiet_hours");
			assert_int_equal(a.hold_until_ms, NOW + 5000);
		}
	}
}

static void cap_counts_campaigns_only_and_holds_until_it_frees(void **state)
{
	(void)state;
	for (int c = 0; c < CLASS_COUNT; c++)
		for (int sent = 0; sent < 6; sent++) {
			struct policy_question q = question((enum message_class)c);
			q.sent_24h = sent;
			struct policy_answer a = policy_ask(&q);
			bool holds = (c == CLASS_SOCIAL_POLICY || c == CLASS_ADVERT) && sent >= 3;
			assert_int_equal(a.verdict, holds ? POLICY_HOLD : POLICY_SEND);
			if (holds)
				assert_int_equal(a.hold_until_ms, NOW + 7000);
		}
}

static void refusals_stop_what_they_name(void **state)
{
	(void)state;
	static const struct {
		const char *off;
		enum message_class class;
		const char *topic;
		bool stops;
	} cases[] = {
		{ "", CLASS_ADVERT, "BHYT", false },
		{ " campaign ", CLASS_SOCIAL_POLICY, NULL, true },
		{ " campaign ", CLASS_ADVERT, "BHYT", true },
		{ " campaign ", CLASS_SERVICE, NULL, false },
		{ " campaign ", CLASS_OPTOUT_ACK, NULL, false },
		{ " campaign ", CLASS_EMERGENCY, NULL, false },
		{ " all ", CLASS_SOCIAL_POLICY, NULL, true },
		{ " all ", CLASS_SERVICE, NULL, true },
		{ " all ", CLASS_OPTOUT_ACK, NULL, false },
		{ " all ", CLASS_EMERGENCY, NULL, false },
		{ " topic:BHYT ", CLASS_SOCIAL_POLICY, "BHYT", true },
		{ " topic:BHYT ", CLASS_SOCIAL_POLICY, "BHY", false },
		{ " topic:BHYT ", CLASS_SOCIAL_POLICY, "BHYTX", false },
		{ " topic:BHYT ", CLASS_SOCIAL_POLICY, NULL, false },
		{ " topic:BHYT ", CLASS_SERVICE, "BHYT", false },
		{ " topic:NHAO topic:BHYT ", CLASS_ADVERT, "BHYT", true },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct policy_question q = question(cases[i].class);
		q.off = cases[i].off;
		q.topic = cases[i].topic;
		struct policy_answer a = policy_ask(&q);
		if ((a.verdict == POLICY_SUPPRESS) != cases[i].stops)
			fail_msg("case %zu: off '%s' topic '%s'", i, cases[i].off, cases[i].topic ? cases[i].topic : "-");
		if (cases[i].stops)
			assert_string_equal(a.reason, "opted_out");
	}
}

static void refusal_counts_in_the_middle_of_a_message_too(void **state)
{
	(void)state;
	struct policy_question q = question(CLASS_SOCIAL_POLICY);
	q.begun = true;
	q.off = " campaign ";
	assert_int_equal(policy_ask(&q).verdict, POLICY_SUPPRESS);
}

static void begun_message_passes_hours_and_cap(void **state)
{
	(void)state;
	struct policy_question q = question(CLASS_SOCIAL_POLICY);
	q.begun = true;
	q.local_min = HM(23, 0);
	q.sent_24h = 9;
	assert_int_equal(policy_ask(&q).verdict, POLICY_SEND);
}

static void expiry_comes_first(void **state)
{
	(void)state;
	for (int c = 0; c < CLASS_COUNT; c++) {
		struct policy_question q = question((enum message_class)c);
		q.off = " all ";
		q.expires_at = NOW;
		assert_int_equal(policy_ask(&q).verdict, POLICY_EXPIRE);
		q.off = "";
		q.expires_at = NOW + 1;
		assert_int_equal(policy_ask(&q).verdict, POLICY_SEND);
	}
}

static void unreachable_number_gets_answers_but_no_campaign(void **state)
{
	(void)state;
	struct policy_question q = question(CLASS_SOCIAL_POLICY);
	q.unreachable = "cms:28";
	struct policy_answer a = policy_ask(&q);
	assert_int_equal(a.verdict, POLICY_FAIL);
	assert_string_equal(a.reason, "invalid_number");
	q.class = CLASS_SERVICE;
	assert_int_equal(policy_ask(&q).verdict, POLICY_SEND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quiet_minutes_are_from_inclusive_to_exclusive),
		cmocka_unit_test(campaigns_sleep_and_answers_do_not),
		cmocka_unit_test(cap_counts_campaigns_only_and_holds_until_it_frees),
		cmocka_unit_test(refusals_stop_what_they_name),
		cmocka_unit_test(refusal_counts_in_the_middle_of_a_message_too),
		cmocka_unit_test(begun_message_passes_hours_and_cap),
		cmocka_unit_test(expiry_comes_first),
		cmocka_unit_test(unreachable_number_gets_answers_but_no_campaign),
	};
	return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
