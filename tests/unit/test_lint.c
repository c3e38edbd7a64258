// SPDX-License-Identifier: GPL-3.0-or-later
/* Lint: what stops a text, what only warns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "campaigns/lint.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"

static const char *severity(const json_t *list, const char *rule)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (!strcmp(json_str(json_array_get(list, i), "rule", ""), rule))
			return json_str(json_array_get(list, i), "severity", "");
	return "";
}

static const char *text_of(const json_t *list, const char *rule)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (!strcmp(json_str(json_array_get(list, i), "rule", ""), rule))
			return json_str(json_array_get(list, i), "text", "");
	return "";
}

static void lint_stops_and_warns(void **state)
{
	(void)state;
	static const struct {
		const char *label;
		enum message_class class;
		const char *text, *rule, *severity;
	} cases[] = {
		{ "no way to stop", CLASS_SOCIAL_POLICY, "Ba con di kham.", "optout", "stop" },
		{ "TC", CLASS_SOCIAL_POLICY, "Ba con di kham. Tu choi: TC", "optout", "" },
		{ "tc in quotes", CLASS_SOCIAL_POLICY, "Soạn \"tc\" gửi 0912345678", "optout", "" },
		{ "TC within a word", CLASS_SOCIAL_POLICY, "Theo TCVN va ATC", "optout", "stop" },
		{ "TC within a number of a document", CLASS_SOCIAL_POLICY, "Theo QD 12/TC-UB, 3-TC", "optout", "stop" },
		{ "service needs none", CLASS_SERVICE, "Da nhan.", "optout", "" },
		{ "12 digits", CLASS_SOCIAL_POLICY, "CCCD 001099012345 TC", "identity_number", "stop" },
		{ "9 digits", CLASS_SOCIAL_POLICY, "CMND 012345678. TC", "identity_number", "stop" },
		{ "full-width digits", CLASS_SOCIAL_POLICY, "CMND ０１２３４５６７８. TC", "identity_number", "stop" },
		{ "12 digits in fours", CLASS_SOCIAL_POLICY, "CCCD 0123 4567 8901 TC", "identity_number", "stop" },
		{ "12 digits in threes", CLASS_SOCIAL_POLICY, "CCCD 012.345.678.901 TC", "identity_number", "stop" },
		{ "12 digits with dashes", CLASS_SOCIAL_POLICY, "CCCD 001099-012345 TC", "identity_number", "stop" },
		{ "9 digits with dashes", CLASS_SOCIAL_POLICY, "CMND 012-345-678. TC", "identity_number", "stop" },
		{ "a telephone number in groups", CLASS_SOCIAL_POLICY, "Goi 0912 345 678 hoac 024 3825 4321 hoac +84 912 345 678. TC", "identity_number", "" },
		{ "a hotline with its choice", CLASS_SOCIAL_POLICY, "Goi 19001234 1, tra loi 1 2 3 4 5 6 7 8 9. TC", "identity_number", "" },
		{ "days and sums", CLASS_SOCIAL_POLICY, "Tu 30-11-2026 07 00 ho tro 100.000.000 dong, tong 200 000 000 dong. TC", "identity_number", "" },
		{ "an amount of many zeros", CLASS_SOCIAL_POLICY, "Tong 100.000.000.000 dong. TC", "identity_number", "" },
		{ "a telephone number", CLASS_SOCIAL_POLICY, "Goi 0912345678, +84912345678. TC", "identity_number", "" },
		{ "a sum", CLASS_SOCIAL_POLICY, "Ho tro 60.000.000 dong. TC", "identity_number", "" },
		{ "advert without label", CLASS_ADVERT, "Mua the. TC", "label", "stop" },
		{ "advert with label", CLASS_ADVERT, "[QC] Mua the. TC", "label", "" },
		{ "label not first", CLASS_ADVERT, "Tin [QC] Mua the. TC", "label", "stop" },
		{ "field not closed", CLASS_SOCIAL_POLICY, "Chao {{name. TC", "bad_field", "stop" },
		{ "short link", CLASS_SOCIAL_POLICY, "Xem bit.ly/abc. TC", "short_link", "warn" },
		{ "short link's name within another", CLASS_SOCIAL_POLICY, "Xem orbit.ly/abc. TC", "short_link", "" },
		{ "accents", CLASS_SOCIAL_POLICY, "Bà con đi khám. TC", "ucs2", "warn" },
		{ "plain", CLASS_SOCIAL_POLICY, "Ba con di kham. TC", "ucs2", "" },
		{ "way out far from the end", CLASS_ADVERT, "[QC] TC de tu choi. Mua the bao hiem o tram y te xa vao sang thu hai", "optout_at_end", "warn" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(json) json_t *list = NULL;
		print_message("%s\n", cases[i].label);
		assert_int_equal(lint_text(&(struct lint_question){ .class = cases[i].class, .text = cases[i].text }, &list), 0);
		assert_string_equal(severity(list, cases[i].rule), cases[i].severity);
		if (!strcmp(cases[i].severity, "stop"))
			assert_non_null(lint_stop(list));
	}
}

static void lint_missing_for_all_stops_missing_for_some_warns_with_how_many(void **state)
{
	static const struct {
		const char *label;
		int without_a, without_b, looked_at;
		const char *severity, *says;
	} cases[] = {
		{ "everybody lacks one", 3, 0, 3, "stop", "Nobody" },
		{ "half lack the one, half the other", 2, 2, 4, "stop", "Nobody" },
		{ "some lack one", 3, 0, 4, "warn", "3 of 4." },
		{ "some lack the one, some the other", 2, 1, 5, "warn", "3 of 5." },
		{ "nobody lacks one", 0, 0, 5, "", "" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(json) json_t *missing = json_pack("{s:i,s:i}", "so the", cases[i].without_a, "han", cases[i].without_b), *list = NULL;
		print_message("%s\n", cases[i].label);
		assert_int_equal(lint_text(&(struct lint_question){ .text = "{{so the}} {{han}} TC", .missing = missing, .looked_at = cases[i].looked_at }, &list), 0);
		assert_string_equal(severity(list, "missing_value"), cases[i].severity);
		assert_non_null(strstr(text_of(list, "missing_value"), cases[i].says));
	}
}

static void lint_warns_of_a_start_at_night(void **state)
{
	(void)state;
	OWN(zone) struct zone *zone = NULL;
	assert_int_equal(zone_load("Asia/Ho_Chi_Minh", &zone), 0);
	static const struct {
		int hour_utc;
		const char *severity;
	} cases[] = { { 15, "warn" }, { 14, "" }, { 23, "warn" }, { 0, "" } }; /* 22:00, 21:00, 06:00, 07:00 */
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(json) json_t *list = NULL;
		struct lint_question q = { .text = "a TC", .zone = zone, .start_at = INT64_C(1795046400000) + cases[i].hour_utc * INT64_C(3600000),
					   .quiet_from_min = 22 * 60, .quiet_to_min = 7 * 60 };
		assert_int_equal(lint_text(&q, &list), 0);
		assert_string_equal(severity(list, "quiet_hours"), cases[i].severity);
	}
}

static void lint_says_what_accents_cost_and_what_not(void **state)
{
	(void)state;
	char longer[301], shorter[61];
	for (size_t i = 0; i < sizeof(longer) - 1; i += 3)
		memcpy(longer + i, i % 2 ? "TC " : "b\u00E1", 3); /* 200 letters, a hundred of them accented */
	longer[300] = '\0';
	snprintf(shorter, sizeof(shorter), "Bà con đi khám. TC");
	OWN(json) json_t *dear = NULL, *same = NULL;
	assert_int_equal(lint_text(&(struct lint_question){ .text = longer }, &dear), 0);
	assert_int_equal(lint_text(&(struct lint_question){ .text = shorter }, &same), 0);
	assert_non_null(strstr(text_of(dear, "ucs2"), "dearer"));
	assert_null(strstr(text_of(same, "ucs2"), "dearer"));
	assert_non_null(strstr(text_of(same, "ucs2"), "Segments: 1, without accents 1."));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lint_says_what_accents_cost_and_what_not),
		cmocka_unit_test(lint_stops_and_warns),
		cmocka_unit_test(lint_missing_for_all_stops_missing_for_some_warns_with_how_many),
		cmocka_unit_test(lint_warns_of_a_start_at_night),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
