/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of consent: a stop holds from its number on until it is lifted, and the summary beside the address says what holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "gateway/base/json.h"
#include "gateway/consent.h"
#include "gateway/optout.h"
#include "gateway/store/store.h"
#include "tests/support/fixture.h"

static void consent_stops_by_class_scope_and_topic(void **state)
{
	(void)state;
	static const struct {
		const char *off;
		enum message_class class;
		const char *topic;
		bool stops;
	} cases[] = {
		{ "", CLASS_SOCIAL_POLICY, "BHYT", false },
		{ " campaign ", CLASS_SOCIAL_POLICY, NULL, true },
		{ " campaign ", CLASS_ADVERT, "BHYT", true },
		{ " campaign ", CLASS_SERVICE, "BHYT", false },
		{ " campaign ", CLASS_OPTOUT_ACK, NULL, false },
		{ " campaign ", CLASS_EMERGENCY, NULL, false },
		{ " topic:BHYT ", CLASS_SOCIAL_POLICY, "BHYT", true },
		{ " topic:BHYT ", CLASS_SOCIAL_POLICY, "BHY", false },
		{ " topic:BHYT ", CLASS_SOCIAL_POLICY, "", false },
		{ " topic:BHYT ", CLASS_SERVICE, "BHYT", false },
		{ " topic:BHYT topic:NHAO ", CLASS_ADVERT, "NHAO", true },
		{ " all ", CLASS_SERVICE, NULL, true },
		{ " all ", CLASS_SOCIAL_POLICY, NULL, true },
		{ " all ", CLASS_OPTOUT_ACK, NULL, false },
		{ " all ", CLASS_EMERGENCY, NULL, false },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		if (consent_stops(cases[i].off, cases[i].class, cases[i].topic) != cases[i].stops)
			fail_msg("case %zu: \"%s\"", i, cases[i].off);
}

struct steps {
	const char *label;
	const char *run[6]; /* "-SCOPE" opt out, "+SCOPE" opt in, "~" ease */
	const char *off;
	int lifted;
};

static void step(struct fixture *f, int64_t address, const char *what)
{
	struct tick *t = fixture_begin(f);
	bool is_new;
	int r = what[0] == '-'   ? consent_opt_out(t, address, what + 1, NULL, &is_new)
		: what[0] == '+' ? consent_opt_in(t, address, what + 1, NULL, &is_new)
				 : consent_ease_all(t, address);
	assert_int_equal(r, 0);
	fixture_commit(f);
	clock_advance(&f->clock, 1000);
}

static void consent_scopes_follow_what_people_say(void **state)
{
	(void)state;
	static const struct steps cases[] = {
		{ "stop", { "-campaign" }, " campaign ", 0 },
		{ "stop twice", { "-campaign", "-campaign" }, " campaign ", 0 },
		{ "stop and again", { "-campaign", "+campaign" }, "", 1 },
		{ "again without stop", { "+campaign" }, "", 0 },
		{ "one topic", { "-topic:BHYT" }, " topic:BHYT ", 0 },
		{ "topic back", { "-topic:BHYT", "-topic:NHAO", "+topic:BHYT" }, " topic:NHAO ", 1 },
		{ "everything back lifts topics", { "-topic:BHYT", "-campaign", "+campaign" }, "", 2 },
		{ "all", { "-all" }, " all ", 0 },
		{ "all eased by a case", { "-all", "~" }, " campaign ", 1 },
		{ "all with campaign eased", { "-campaign", "-all", "~" }, " campaign ", 1 },
		{ "nothing to ease", { "-campaign", "~" }, " campaign ", 0 },
		{ "all lifted to campaign", { "-all", "+all" }, " campaign ", 1 },
		{ "all and everything back", { "-all", "+campaign" }, "", 1 },
		{ "stop again after lift", { "-campaign", "+campaign", "-campaign" }, " campaign ", 1 },
	};
	struct fixture *f = fixture_new(NULL);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char number[16], off[200], sql[120];
		snprintf(number, sizeof(number), "+8491000%04zu", i);
		int64_t address = fixture_address(f, number);
		for (size_t k = 0; k < 6 && cases[i].run[k]; k++)
			step(f, address, cases[i].run[k]);
		struct scope in = fixture_scope(f);
		assert_int_equal(consent_scopes(&in, address, off, sizeof(off)), 0);
		snprintf(sql, sizeof(sql), "SELECT count(*) FROM optout WHERE lifted_seq > seq AND address = %lld", (long long)address);
		if (strcmp(off, cases[i].off) != 0 || store_scalar(f->db, sql, -1) != cases[i].lifted)
			fail_msg("%s: \"%s\", lifted %lld", cases[i].label, off, (long long)store_scalar(f->db, sql, -1));
	}
	assert_int_equal(store_scalar(f->db, "SELECT count(*) - count(DISTINCT seq) FROM optout", -1), 0);
	fixture_free(f);
}

static void consent_scope_is_checked(void **state)
{
	(void)state;
	static const char *const bad[] = { "", "x", "topic:", "topic:A B", "topic:A\n", "campaign ", "ALL", "topic:é" };
	struct fixture *f = fixture_new(NULL);
	int64_t address = fixture_address(f, "0912345678");
	struct tick *t = fixture_begin(f);
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		if (consent_opt_out(t, address, bad[i], NULL, NULL) != E_INVALID || consent_opt_in(t, address, bad[i], NULL, NULL) != E_INVALID)
			fail_msg("accepted \"%s\"", bad[i]);
	fixture_commit(f);
	assert_int_equal(store_scalar(f->db, "SELECT count(*) FROM optout", -1), 0);
	fixture_free(f);
}

static void consent_verbs_show_the_record(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	OWN(json) json_t *none = NULL, *out = NULL, *back = NULL, *shown = NULL, *bad = NULL;
	struct refusal why = { 0 };
	assert_int_equal(fixture_query(f, "consent.show", "{\"number\":\"0912345678\"}", &none, NULL), E_NOT_FOUND);
	assert_int_equal(fixture_command(f, "consent.opt-out", "{\"number\":\"091 234 5678\",\"proof\":\"gọi điện\"}", &out, NULL), 0);
	json_t *scopes = json_object_get(out, "scopes");
	assert_int_equal(json_array_size(scopes), 1);
	assert_string_equal(json_str(json_array_get(scopes, 0), "scope", ""), "campaign");
	assert_string_equal(json_str(json_array_get(scopes, 0), "state", ""), "opted_out");
	assert_string_equal(json_str(json_array_get(scopes, 0), "text", ""), "gọi điện");
	assert_true(json_is_null(json_object_get(json_array_get(scopes, 0), "channel")));
	assert_int_equal(strncmp(json_str(out, "person", ""), "N-", 2), 0);
	assert_int_equal(fixture_command(f, "consent.opt-in", "{\"number\":\"+84912345678\"}", &bad, &why), E_INVALID);
	assert_string_equal(why.rule, "missing");
	assert_string_equal(why.field, "proof");
	refusal_done(&why);
	clock_advance(&f->clock, 1000);
	assert_int_equal(fixture_command(f, "consent.opt-in", "{\"number\":\"84912345678\",\"proof\":\"đơn ký ngày 20/11\"}", &back, NULL), 0);
	assert_int_equal(fixture_query(f, "consent.show", "{\"number\":\"0912345678\"}", &shown, NULL), 0);
	assert_true(json_equal(back, shown));
	assert_string_equal(json_str(json_array_get(json_object_get(shown, "scopes"), 0), "state", ""), "opted_in");
	json_t *history = json_object_get(shown, "history");
	assert_int_equal(json_array_size(history), 2);
	assert_string_equal(json_str(json_array_get(history, 0), "text", ""), "đơn ký ngày 20/11");
	assert_string_equal(json_str(json_array_get(history, 1), "state", ""), "opted_out");
	assert_string_equal(json_str(json_array_get(history, 1), "text", ""), "gọi điện");
	assert_int_equal(fixture_command(f, "consent.opt-out", "{\"number\":\"113\"}", &bad, &why), E_INVALID);
	assert_string_equal(why.rule, "bad_number");
	refusal_done(&why);
	OWN(json) json_t *chain = NULL;
	assert_int_equal(fixture_query(f, "audit.verify", "{}", &chain, NULL), 0);
	assert_true(json_flag(chain, "ok", false));
	fixture_free(f);
}

static void consent_undone_tick_leaves_nothing(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	int64_t address = fixture_address(f, "0912345678");
	char off[64];
	struct tick *t = fixture_begin(f);
	assert_int_equal(consent_opt_out(t, address, "campaign", NULL, NULL), 0);
	fixture_undo(f);
	struct scope in = fixture_scope(f);
	assert_int_equal(consent_scopes(&in, address, off, sizeof(off)), 0);
	assert_string_equal(off, "");
	assert_int_equal(consent_scopes(&in, 999, off, sizeof(off)), E_NOT_FOUND);
	fixture_free(f);
}

static void consent_statements_use_indexes(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	char out[2000] = "";
	if (store_explain(f->db, &consent_module, out, sizeof(out)) + store_explain(f->db, &optout_module, out, sizeof(out)))
		fail_msg("%s", out);
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(consent_stops_by_class_scope_and_topic),
		cmocka_unit_test(consent_scopes_follow_what_people_say),
		cmocka_unit_test(consent_scope_is_checked),
		cmocka_unit_test(consent_verbs_show_the_record),
		cmocka_unit_test(consent_undone_tick_leaves_nothing),
		cmocka_unit_test(consent_statements_use_indexes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
