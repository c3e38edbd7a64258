/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the core does when its database is missing, foreign, damaged, locked, shared or out of room: it refuses with the way back
 * where it cannot go on, and loses nothing where it waits. Runs the real programs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/gateway.h"

static int setup(void **state)
{
	*state = gateway_new(NULL);
	return 0;
}

static int teardown(void **state)
{
	gateway_free(*state);
	return 0;
}

static void campaign_runs(void **state)
{
	struct gateway *g = *state;
	gateway_start(g);
	gateway_people(g, "g", 0, 100);
	gateway_campaign(g, "g", NULL, "Tin BHYT. Tu choi: TC", 100);
	gateway_wait(g, "all delivered", "SELECT count(*) = 100 FROM v_msg WHERE state = 'delivered'", 10000);
	gateway_kill(g);
	assert_true(gateway_children_gone(g, 1000));
	gateway_start(g);
	gateway_stop(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(campaign_runs, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
