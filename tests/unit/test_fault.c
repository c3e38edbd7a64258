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

/* One result for a message to a number of its own. */
static void check(struct fixture *f, struct peer *p, size_t i, const char *state)
{
	char more[64] = "", number[16];
	snprintf(number, sizeof(number), "+849123456%02zu", i);
	int64_t id = sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE, .number = number });
	sim_tick(f);
	if (results[i].fault)
		snprintf(more, sizeof(more), ",\"fault\":\"%s\"", results[i].fault);
	sim_driver_result(p, sim_driver_attempt(p), results[i].outcome, more);
	sim_tick(f);
	OWN(mem) char *is = sim_text(f, "SELECT state FROM message WHERE id = %lld", (long long)id);
	bool unreachable = sim_int(f, "SELECT count(*) FROM address a JOIN message m ON m.address = a.id WHERE m.id = %lld AND a.unreachable IS NOT NULL",
				   (long long)id) > 0;
	bool suspended = sim_int(f, "SELECT count(*) FROM channel WHERE state = 'suspended'") > 0;
	if (strcmp(is, state) || unreachable != results[i].unreachable || suspended != results[i].suspended || p->doomed)
		fail_msg("%s by fault of %s: %s%s%s", results[i].outcome, results[i].fault ? results[i].fault : "nobody", is,
			 unreachable ? ", the number is marked" : "", suspended ? ", the channel is suspended" : "");
}

/* Those that suspend the channel come last: nothing goes out by it then. */
static void check_all(const char *ready, bool with_keys)
{
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, ready);
	for (int suspends = 0; suspends < 2; suspends++)
		for (size_t i = 0; i < COUNT_OF(results); i++)
			if (results[i].suspended == (bool)suspends)
				check(f, p, i, with_keys ? results[i].with_keys : results[i].once);
	fixture_free(f);
}

static void outcome_and_fault_decide_what_becomes_of_message_number_and_channel(void **state)
{
	(void)state;
	check_all(SIM_ONCE, false);
	check_all(SIM_HTTP, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(outcome_and_fault_decide_what_becomes_of_message_number_and_channel),
	};
	return cmocka_run_group_tests_name("fault", tests, NULL, NULL);
}
