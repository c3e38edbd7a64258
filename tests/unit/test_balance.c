/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of a SIM's credit: the main account of any operator's sentence, asked when it is time, and with little of it campaigns wait. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/balance.h"
#include "gateway/base/json.h"
#include "tests/support/sim_driver.h"

#define BALANCE "balance = { ussd = \"*101#\"; every_h = 12; low_vnd = 20000; };"

static void main_account_is_read_from_what_operators_say(void **state)
{
	(void)state;
	static const struct {
		const char *network, *text;
		int64_t vnd; /* -1 = none */
	} cases[] = {
		{ "viettel", "TK goc: 12.345d, dung den 0h ngay 20/12/2026. Bam chon 1. Ung tien", 12345 },
		{ "viettel", "TKG: 1.234.567d,HSD:21/12/2026. TK KM: 50.000d", 1234567 },
		{ "viettel", "TK gốc: 0đ, dùng đến 20/12/2026", 0 },
		{ "vinaphone", "TK chinh=25000 VND, HSD: 12/12/2026. TK KM=9000 VND", 25000 },
		{ "vinaphone", "TKKM: 9.000 VND. TKC: 25.000 VND, het han 12/12/2026", 25000 },
		{ "mobifone", "TKC 15,000 d, thoi han su dung 24:00 ngay 01/01/2027. KM1: 500 d", 15000 },
		{ "mobifone", "Quy khach con 3 goi. TK chinh: 7.500 dong.", 7500 },
		{ "vietnamobile", "So du TK chinh cua ban la 5000 dong", 5000 },
		{ "viettel", "Tai khoan chinh: 20 nghin", 20000 },
		{ NULL, "Your balance is 12,500.50 VND", 12500 },
		{ NULL, "So du: 12345", 12345 },
		{ NULL, "Ban con 45.000đ trong tài khoản", 45000 },
		{ "viettel", "He thong dang ban, vui long thu lai sau", -1 },
		{ "viettel", "Thue bao 0961234567 khong hop le", -1 },
		{ NULL, "", -1 },
		{ NULL, "TK goc: 99999999999999999999999999d", -1 },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char network[16] = "", *networks[2] = { network, NULL };
		struct channel_config cfg = { .networks = networks };
		if (cases[i].network)
			snprintf(network, sizeof(network), "%s", cases[i].network);
		else
			networks[0] = NULL;
		int64_t vnd = -1;
		print_message("%s\n", cases[i].text);
		int r = balance_read(&cfg, cases[i].text, &vnd);
		assert_int_equal(r, cases[i].vnd < 0 ? E_NOT_FOUND : 0);
		assert_int_equal(vnd, cases[i].vnd);
	}
}

static void own_pattern_goes_before_the_operators(void **state)
{
	(void)state;
	char pattern[] = "tk km: ([0-9.]+)", wide[] = "tk (.*)";
	struct channel_config cfg = { .balance.pattern = pattern };
	int64_t vnd = 0;
	assert_int_equal(balance_read(&cfg, "TK goc: 1.000d, TK KM: 50.000d", &vnd), 0);
	assert_int_equal(vnd, 50000);
	assert_int_equal(balance_read(&cfg, "TK goc: 1.000d", &vnd), E_NOT_FOUND);
	cfg.balance.pattern = wide; /* takes more along than a sum: no sum */
	assert_int_equal(balance_read(&cfg, "TK goc: 1.000d", &vnd), E_NOT_FOUND);
}

static void network_says(struct fixture *f, struct peer *p, const char *text)
{
	OWN(mem) char *id = sim_driver_field(p, "ussd", 0, "id");
	assert_non_null(id);
	sim_driver_say(p, "{\"op\":\"ussd_text\",\"id\":\"%s\",\"text\":\"%s\",\"more\":false}", id, text);
	sim_tick(f);
}

static void balance_is_asked_at_once_and_then_on_schedule(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(BALANCE));
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	sim_wait(f, 6000);
	network_says(f, p, "TK goc: 50.000d");
	assert_int_equal(sim_int(f, "SELECT balance_vnd FROM channel"), 50000);
	sim_wait(f, 11 * 3600000);
	sim_wait(f, 6000);
	assert_int_equal(sim_driver_count(p, "ussd"), 0);
	sim_wait(f, 3600000);
	sim_wait(f, 6000);
	network_says(f, p, "TK goc: 49.000d");
	assert_int_equal(sim_int(f, "SELECT balance_vnd FROM channel"), 49000);
	fixture_free(f);
}

static void balance_without_a_code_is_never_asked(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	sim_wait(f, 3600000);
	sim_wait(f, 6000);
	assert_int_equal(sim_driver_count(p, "ussd"), 0);
	fixture_free(f);
}

static void with_little_credit_answers_go_and_campaigns_wait_until_it_is_topped_up(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(BALANCE));
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	sim_wait(f, 6000);
	network_says(f, p, "TK goc: 19.999d");
	int64_t campaign = sim_put(f, &(struct sim_message){ .class = CLASS_SOCIAL_POLICY });
	int64_t answer = sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE });
	sim_wait(f, 1000);
	int64_t attempt = sim_driver_attempt(p);
	assert_int_equal(sim_int(f, "SELECT message FROM attempt WHERE id = %lld", (long long)attempt), answer);
	sim_driver_result(p, attempt, "accepted", "");
	sim_wait(f, 1000);
	assert_state(f, campaign, "queued");
	OWN(json) json_t *shown = NULL;
	int64_t next;
	assert_int_equal(fixture_query(f, "channel.show", "{\"name\":\"sim1\"}", &shown, &next), 0);
	assert_int_equal(json_int(shown, "balance_vnd", 0), 19999);
	assert_non_null(strstr(json_str(shown, "last_error", ""), "is below 20000 VND"));
	assert_int_equal(json_array_size(json_object_get(shown, "last_errors")), 1);
	assert_non_null(json_str(json_array_get(json_object_get(shown, "last_errors"), 0), "todo", NULL));
	sim_wait(f, 12 * 3600000); /* a person has topped it up meanwhile */
	sim_wait(f, 6000);
	network_says(f, p, "TK goc: 119.999d");
	sim_wait(f, 1000);
	assert_int_equal(sim_int(f, "SELECT count(*) FROM attempt WHERE message = %lld", (long long)campaign), 1);
	fixture_free(f);
}

static void answer_without_a_sum_keeps_what_was_known(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(BALANCE));
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	sim_wait(f, 6000);
	network_says(f, p, "TK goc: 50.000d");
	sim_wait(f, 13 * 3600000);
	sim_wait(f, 6000);
	network_says(f, p, "He thong ban");
	assert_int_equal(sim_int(f, "SELECT balance_vnd FROM channel"), 50000);
	sim_wait(f, 1000);
	assert_text(sim_text(f, "SELECT text FROM trouble"), "no balance can be read in what the network answered");
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(main_account_is_read_from_what_operators_say),
		cmocka_unit_test(own_pattern_goes_before_the_operators),
		cmocka_unit_test(balance_is_asked_at_once_and_then_on_schedule),
		cmocka_unit_test(balance_without_a_code_is_never_asked),
		cmocka_unit_test(with_little_credit_answers_go_and_campaigns_wait_until_it_is_topped_up),
		cmocka_unit_test(answer_without_a_sum_keeps_what_was_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
