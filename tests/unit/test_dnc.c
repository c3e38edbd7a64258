// SPDX-License-Identifier: GPL-3.0-or-later
/* The Do-Not-Call list: all or nothing, the newest counts, adverts to it are stopped wherever they stand, nothing else is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "tests/support/tick_fixture.h"

static json_t *take(struct tick_fixture *f, const char *csv)
{
	OWN(json) json_t *answer = NULL;
	json_t *args = json_pack("{s:I}", "file", (json_int_t)tick_fixture_upload(f, "uid:0", csv, strlen(csv), 20));
	assert_int_equal(tick_fixture_ask(f, "consent.dnc-import", args, &answer), 0);
	return tick_fixture_job(f, json_int(answer, "job", 0));
}

static int send(struct tick_fixture *f, const char *class, const char *to)
{
	return tick_fixture_ask(f, "message.send", json_pack("{s:s, s:s, s:s}", "to", to, "class", class, "text", "[QC] Hoi cho. Tu choi: TC"), NULL);
}

static void list_is_taken_whole_or_not_at_all(void **state)
{
	struct tick_fixture *f = *state;
	OWN(json) json_t *first = take(f, "Di động\n0912345678\n0987654321\n+84 912 345 678\n");
	assert_string_equal(json_str(first, "state", ""), "done");
	assert_int_equal(json_int(json_object_get(first, "result"), "added", 0), 2);
	assert_int_equal(json_int(json_object_get(first, "result"), "duplicates", 0), 1);
	OWN(json) json_t *bad = take(f, "phone\n0912345670\nabc\n0912345671\n");
	const json_t *refused = json_object_get(json_object_get(bad, "result"), "refused");
	assert_string_equal(json_str(bad, "state", ""), "failed");
	assert_int_equal(json_array_size(refused), 1);
	assert_int_equal(json_int(json_array_get(refused, 0), "row", 0), 3);
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM dnc"), 2);
	OWN(json) json_t *next = take(f, "phone\n0912345670\n");
	assert_string_equal(json_str(next, "state", ""), "done");
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM dnc"), 1);
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM dnc_list"), 1);
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM upload_chunk"), 0);
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM audit WHERE verb = 'consent.dnc-import'"), 2);
}

static void advert_to_it_is_refused_and_nothing_else(void **state)
{
	struct tick_fixture *f = *state;
	static const char *const numbers[] = { "0912345678", "0987654321" };
	for (size_t i = 0; i < COUNT_OF(numbers); i++)
		assert_int_equal(tick_fixture_ask(f, "consent.opt-in", json_pack("{s:s, s:s}", "number", numbers[i], "proof", "đơn"), NULL), 0);
	OWN(json) json_t *job = take(f, "phone\n0912345678\n");
	assert_int_equal(send(f, "advert", "0912345678"), E_REFUSED);
	assert_string_equal(f->why.rule, "dnc");
	assert_int_equal(send(f, "advert", "0987654321"), 0);
	assert_int_equal(send(f, "social_policy", "0912345678"), 0);
}

static void record_lists_refusals_and_agreements(void **state)
{
	struct tick_fixture *f = *state;
	OWN(json) json_t *all = NULL, *in = NULL, *page = NULL;
	assert_int_equal(tick_fixture_ask(f, "consent.opt-out", json_pack("{s:s}", "number", "0912345678"), NULL), 0);
	assert_int_equal(tick_fixture_ask(f, "consent.opt-in", json_pack("{s:s, s:s}", "number", "0987654321", "proof", "đơn"), NULL), 0);
	assert_int_equal(tick_fixture_ask(f, "consent.list", json_object(), &all), 0);
	assert_int_equal(json_array_size(all), 2);
	assert_string_equal(json_str(json_array_get(all, 0), "state", ""), "opted_in");
	assert_string_equal(json_str(json_array_get(all, 0), "person", ""), "N-000002");
	assert_string_equal(json_str(json_array_get(all, 1), "state", ""), "opted_out");
	assert_int_equal(tick_fixture_ask(f, "consent.list", json_pack("{s:s}", "state", "opted_out"), &in), 0);
	assert_int_equal(json_array_size(in), 1);
	assert_int_equal(tick_fixture_ask(f, "consent.list", json_pack("{s:i, s:i}", "limit", 1, "after", 2), &page), 0);
	assert_int_equal(json_int(json_array_get(page, 0), "id", 0), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(list_is_taken_whole_or_not_at_all, tick_fixture_set_up, tick_fixture_tear_down),
		cmocka_unit_test_setup_teardown(advert_to_it_is_refused_and_nothing_else, tick_fixture_set_up, tick_fixture_tear_down),
		cmocka_unit_test_setup_teardown(record_lists_refusals_and_agreements, tick_fixture_set_up, tick_fixture_tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
