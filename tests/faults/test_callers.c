/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A core with few descriptors, and more callers than those: it lets in whom it can, goes on sending, does not spin on those it cannot let
 * in, and lets them in when others have gone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "tests/support/gateway.h"

#define CALLERS 100
#define PEOPLE 100
#define LOOK_MS 1500
#define BUSY_PERCENT 25 /* of one processor; a core that spins takes what it can get of one */

static const char *const few_descriptors[] = { "prlimit", "--nofile=64", NULL };

static int setup(void **state)
{
	struct gateway *g = gateway_new(NULL);
	g->under = few_descriptors;
	*state = g;
	return 0;
}

static int teardown(void **state)
{
	gateway_free(*state);
	return 0;
}

/* Time on a processor so far. */
static long core_cpu_ms(const struct gateway *g)
{
	char path[64], line[1024] = "";
	unsigned long user = 0, kernel = 0;
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)g->core);
	OWN(file) FILE *f = fopen(path, "r");
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof(line), f));
	const char *behind_name = strrchr(line, ')');
	assert_non_null(behind_name);
	assert_int_equal(sscanf(behind_name, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &kernel), 2);
	return (long)(user + kernel) * 1000 / sysconf(_SC_CLK_TCK);
}

static void callers_beyond_the_descriptors_wait_without_work(void **state)
{
	struct gateway *g = *state;
	struct client held[CALLERS];
	int n = 0;
	gateway_start(g);
	gateway_people(g, "g", 0, PEOPLE);
	gateway_campaign(g, "g", NULL, "Tin BHYT moi cua xa. Tu choi: TC", PEOPLE);
	gateway_wait(g, "all left", "SELECT count(*) = 100 FROM v_msg WHERE state IN ('sent', 'delivered')", 60000);
	while (n < CALLERS && !client_open(&held[n], g->control_path, true, 3000))
		n++;
	assert_in_range(n, 10, 64); /* the next one is not let in, and waits */
	long before_ms = core_cpu_ms(g);
	gateway_pause_ms(LOOK_MS);
	long busy_ms = core_cpu_ms(g) - before_ms;
	json_decref(gateway_do(g, "loopback.say", json_pack("{s:s,s:s}", "from", "+84931111111", "text", "Nha toi con do")));
	gateway_wait(g, "who was let in is heard", "SELECT count(*) = 1 FROM v_inbound WHERE state <> 'received'", 30000);
	for (int i = 0; i < n; i++)
		client_close(&held[i]);
	assert_true(gateway_wait_ready(g, 30000));
	assert_int_equal(gateway_scalar(g, "SELECT epoch FROM v_meta"), 1);
	gateway_stop(g);
	assert_in_range(busy_ms, 0, LOOK_MS * BUSY_PERCENT / 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(callers_beyond_the_descriptors_wait_without_work, setup, teardown) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
