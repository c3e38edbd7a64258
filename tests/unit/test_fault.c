/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What each outcome makes, by whose fault it was, of the message, of the number and of the channel: the whole table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "gateway/base/own.h"
#include "tests/support/sim_driver.h"

static const struct {
	const char *outcome, *fault;
	const char *once, *with_keys; /* the message's state by a provider without keys, and with */
	bool unreachable, suspended;
} results[] = {
	{ "accepted", NULL, "sent", "sent", false, false },
	{ "accepted", "message", "sent", "sent", false, false },
	{ "accepted", "recipient", "sent", "sent", false, false },
	{ "accepted", "channel", "sent", "sent", false, false },
	{ "refused", NULL, "failed", "failed", false, false },
	{ "refused", "message", "failed", "failed", false, false },
	{ "refused", "recipient", "failed", "failed", true, false },
	{ "refused", "channel", "retry", "retry", false, true },
	{ "not_sent", NULL, "retry", "retry", false, false },
	{ "not_sent", "message", "retry", "retry", false, false },
	{ "not_sent", "recipient", "retry", "retry", false, false },
	{ "not_sent", "channel", "retry", "retry", false, false },
	{ "unclear", NULL, "unclear", "retry", false, false },
	{ "unclear", "message", "unclear", "retry", false, false },
	{ "unclear", "recipient", "unclear", "retry", false, false },
	{ "unclear", "channel", "unclear", "retry", false, false },
	{ "accepted", "nobody", "sent", "sent", false, false }, /* a word of a later protocol says nothing */
};

static void check(size_t i, const char *ready, const char *state)
{
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, ready);
	char more[64] = "";
	int64_t id = sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE });
	sim_tick(f);
	if (results[i].fault)
		snprintf(more, sizeof(more), ",\"fault\":\"%s\"", results[i].fault);
	sim_driver_result(p, sim_driver_attempt(p), results[i].outcome, more);
	sim_tick(f);
	OWN(mem) char *is = sim_text(f, "SELECT state FROM message WHERE id = %lld", (long long)id);
	bool unreachable = sim_int(f, "SELECT count(*) FROM address WHERE unreachable IS NOT NULL") > 0;
	bool suspended = sim_int(f, "SELECT count(*) FROM channel WHERE state = 'suspended'") > 0;
	if (strcmp(is, state) || unreachable != results[i].unreachable || suspended != results[i].suspended || p->doomed)
		fail_msg("%s by fault of %s: %s%s%s", results[i].outcome, results[i].fault ? results[i].fault : "nobody", is,
			 unreachable ? ", the number is marked" : "", suspended ? ", the channel is suspended" : "");
	fixture_free(f);
}

static void outcome_and_fault_decide_what_becomes_of_message_number_and_channel(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(results); i++) {
		check(i, SIM_ONCE, results[i].once);
		check(i, SIM_HTTP, results[i].with_keys);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(outcome_and_fault_decide_what_becomes_of_message_number_and_channel),
	};
	return cmocka_run_group_tests_name("fault", tests, NULL, NULL);
}
