// SPDX-License-Identifier: GPL-3.0-or-later
/* Which addresses are of this machine and its neighbours. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/network.h"
#include "gateway/base/own.h"

static void private_addresses_are_known(void **state)
{
	(void)state;
	static const struct {
		const char *address;
		bool is_private;
	} rows[] = {
		{ "127.0.0.1", true },
		{ "10.1.2.3", true },
		{ "172.16.0.1", true },
		{ "172.32.0.1", false },
		{ "192.168.0.1", true },
		{ "169.254.169.254", true },
		{ "100.64.0.1", true },
		{ "0.0.0.0", true },
		{ "8.8.8.8", false },
		{ "::1", true },
		{ "::ffff:127.0.0.1", true },
		{ "64:ff9b::7f00:1", true },
		{ "64:ff9b::808:808", false },
		{ "2002:7f00:1::", true },
		{ "fe80::1", true },
		{ "fd12::1", true },
		{ "2001:4860:4860::8888", false },
		{ "224.0.0.1", true },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct in6_addr a;
		assert_int_equal(network_address_parse(rows[i].address, &a), 0);
		if (network_is_private(&a) != rows[i].is_private)
			fail_msg("%s", rows[i].address);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(private_addresses_are_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
