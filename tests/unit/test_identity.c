/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The SIM's number, however a modem writes it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "gateway/base/own.h"
#include "gateway/drivers/gammu/identity.h"

static const struct {
	const char *label, *reply, *iccid; /* NULL = none */
} cases[] = {
	{ "bare", "89840490000000000017\n", "89840490000000000017" },
	{ "with a prefix", "+CCID: 8984049000000000001\n", "8984049000000000001" },
	{ "quoted", "+CCID: \"89840490000000000017\"\n", "89840490000000000017" },
	{ "halves swapped", "^ICCID: 98484009000000000071\n", "89840490000000000017" },
	{ "filled with F", "+ICCID: 8984049000000000001F\n", "8984049000000000001" },
	{ "no number", "+CCID: none\n", NULL },
	{ "too short", "12345\n", NULL },
	{ "too long", "898404900000000000178984049000000000017\n", NULL },
	{ "nothing", "", NULL },
};

static void identity_reads_the_sims_number_in_every_way_it_is_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char iccid[24] = "untouched";
		int r = identity_parse_iccid(cases[i].reply, iccid, sizeof(iccid));
		if ((r == 0) != (cases[i].iccid != NULL) || strcmp(iccid, cases[i].iccid ? cases[i].iccid : "untouched"))
			fail_msg("%s: %d, \"%s\"", cases[i].label, r, iccid);
	}
}

static void identity_is_the_imsi_only_where_no_other_number_is_told(void **state)
{
	(void)state;
	struct identity with = { .iccid = "8984049000000000001", .imsi = "452040000000001", .iccid_command = "AT+CCID" };
	struct identity without = { .imsi = "452040000000001" };
	struct identity pulled = { .imsi = "452040000000001", .iccid_command = "AT+CCID" };
	assert_string_equal(identity_sim(&with), "8984049000000000001");
	assert_string_equal(identity_sim(&without), "452040000000001");
	assert_string_equal(identity_sim(&pulled), ""); /* another number would look like another SIM */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(identity_reads_the_sims_number_in_every_way_it_is_written),
		cmocka_unit_test(identity_is_the_imsi_only_where_no_other_number_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
