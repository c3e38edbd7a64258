/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Channels that fail, on a whole gateway: a modem that hangs, is unplugged, answers noise or +CMS ERROR, and an API that
 * stalls, closes or answers 500. Each fault ends with the right outcome, nothing is sent twice as the simulators' journals
 * show it, the other channels go on meanwhile, and the channel works again afterwards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "tests/support/gateway.h"

#define OTHERS 20          /* messages by each undisturbed channel meanwhile */
#define OTHERS_MS 3000     /* they are out within */
#define OUTCOME_MS 45000
#define HEAL_MS 60000
#define RETRY "retry = { first_s = 0.3; factor = 1; cap_s = 1; jitter_percent = 0; attempts = 0; };"

enum channel { MODEM, API, ONCE, CHANNELS };
static const char *const names[CHANNELS] = { [MODEM] = "modem", [API] = "api", [ONCE] = "once" };

/* Failures of one channel. */
struct fault_case {
	const char *label;
	enum channel channel;
	const char *fault;  /* the operation that breaks it */
	const char *mend;   /* the operation that lets it work again, sent once an attempt has its outcome; NULL = mends itself */
	const char *state;  /* the message's in the end */
	int wire_min, wire_max;
};

static const struct fault_case cases[] = {
#define SCRIPT(rest) "{\"op\":\"script\",\"clear\":true,\"faults\":[{\"on\":\"cmgs\",\"times\":1," rest "}]}"
#define RATE(what) "{\"op\":\"mode\",\"rate\":{\"" what "\":1}}"
#define GOOD "{\"op\":\"mode\",\"rate\":{}}"
	{ "modem: the network is out of order", MODEM, SCRIPT("\"action\":\"cms\",\"code\":38"), NULL, "sent", 1, 1 },
	{ "modem: no such number", MODEM, SCRIPT("\"action\":\"cms\",\"code\":1"), NULL, "failed", 0, 0 },
	{ "modem: noise instead of the answer", MODEM, SCRIPT("\"action\":\"garbage\",\"accept\":true"), NULL, "unclear", 1, 1 },
	{ "modem: no answer after the message", MODEM, SCRIPT("\"action\":\"silent\""), NULL, "unclear", 1, 1 },
	{ "modem: unplugged in the middle", MODEM, SCRIPT("\"action\":\"unplug\",\"ms\":2000,\"accept\":true"), NULL, "unclear", 1, 1 },
	{ "modem: hangs before the prompt", MODEM, "{\"op\":\"hang\"}", "{\"op\":\"release\"}", "sent", 1, 1 },
	{ "api with keys: stalls", API, RATE("stall"), GOOD, "sent", 1, 1 },
	{ "api with keys: takes it and stalls", API, RATE("accept_then_stall"), GOOD, "sent", 1, 1 },
	{ "api with keys: takes it and closes", API, RATE("accept_then_close"), GOOD, "sent", 1, 1 },
	{ "api with keys: answers 500", API, RATE("500"), GOOD, "sent", 1, 1 },
	{ "api with keys: takes it and answers 500", API, RATE("accept_then_500"), GOOD, "sent", 1, 1 },
	{ "api with keys: answers a web page", API, RATE("garbage"), GOOD, "sent", 1, 1 },
	{ "api without keys: stalls", ONCE, RATE("stall"), GOOD, "unclear", 0, 0 },
	{ "api without keys: takes it and stalls", ONCE, RATE("accept_then_stall"), GOOD, "unclear", 1, 1 },
	{ "api without keys: takes it and closes", ONCE, RATE("accept_then_close"), GOOD, "unclear", 1, 1 },
	{ "api without keys: closes with a reset", ONCE, RATE("reset"), GOOD, "unclear", 0, 0 },
	{ "api without keys: answers 500", ONCE, RATE("500"), GOOD, "unclear", 0, 0 },
	{ "api without keys: takes it and answers 500", ONCE, RATE("accept_then_500"), GOOD, "unclear", 1, 1 },
	{ "api without keys: too many requests", ONCE, RATE("429"), GOOD, "sent", 1, 1 },
};

static int gateway_up(void **state)
{
	struct gateway *g = gateway_new(&(struct gateway_options){
		.channels = "{ name = \"modem\"; driver = \"gammu\"; device = \"@MODEM@\"; connection = \"at115200\"; rate_per_minute = 6000;"
			    "  submit_deadline_s = 6; " RETRY " },"
			    "{ name = \"api\"; driver = \"http\"; provider = \"sim\"; base_url = \"@API@\"; rate_per_second = 1000; in_flight = 8;"
			    "  submit_deadline_s = 3; " RETRY " },"
			    "{ name = \"once\"; driver = \"http\"; provider = \"sim-once\"; base_url = \"@ONCE@\"; rate_per_second = 1000;"
			    "  submit_deadline_s = 3; " RETRY " },"
			    "{ name = \"may-ao\"; driver = \"loopback\"; rate_per_second = 1000; delivery_ms = 10; }" });
	gateway_start(g);
	*state = g;
	return 0;
}

static int gateway_down(void **state)
{
	gateway_free(*state);
	return 0;
}

/* ---- small steps ---- */

static int64_t send_by(struct gateway *g, const char *channel, int number, const char *text)
{
	char to[32];
	snprintf(to, sizeof(to), "09%08d", number);
	return gateway_do_id(g, "message.send", json_pack("{s:s,s:s,s:s}", "to", to, "text", text, "channel", channel));
}

static bool in_state(struct gateway *g, int64_t message, const char *state, int limit_ms)
{
	char sql[160];
	snprintf(sql, sizeof(sql), "SELECT state = '%s' OR ('%s' = 'sent' AND state = 'delivered') FROM v_msg WHERE id = %lld", state, state,
		 (long long)message);
	return gateway_waited(g, sql, limit_ms);
}

static void tell(struct gateway *g, enum channel channel, const char *operation)
{
	if (channel == MODEM)
		simmodem_tell(&g->modem, operation);
	else
		simapi_tell(channel == API ? &g->api : &g->once, operation);
}

static int count_in_journal(const char *journal, const char *to)
{
	OWN(file) FILE *f = fopen(journal, "r");
	char line[4096];
	int n = 0;
	while (f && fgets(line, sizeof(line), f))
		n += strstr(line, to) != NULL;
	return n;
}

/* How often what was sent to number would have reached a phone. */
static int wire_count(struct gateway *g, enum channel channel, int number)
{
	char to[32];
	snprintf(to, sizeof(to), "+849%08d", number);
	return count_in_journal(channel == MODEM ? g->modem.journal : channel == API ? g->api.journal : g->once.journal, to);
}

/* Everything else goes on while one channel is broken. */
static void others_go_on(struct gateway *g, const struct fault_case *c, int number)
{
	char sql[160];
	int64_t first = 0, last = 0;
	for (int i = 0; i < OTHERS; i++) {
		last = send_by(g, "may-ao", number + i, "Loa thôn nghỉ sáng nay");
		first = first ? first : last;
		if (c->channel != API)
			last = send_by(g, "api", number + i, "Loa thôn nghỉ sáng nay");
		if (c->channel != ONCE)
			last = send_by(g, "once", number + i, "Loa thôn nghỉ sáng nay");
	}
	snprintf(sql, sizeof(sql), "SELECT min(state IN ('sent', 'delivered')) FROM v_msg WHERE id BETWEEN %lld AND %lld", (long long)first,
		 (long long)last);
	if (!gateway_waited(g, sql, OTHERS_MS))
		fail_msg("%s: the other channels were held up", c->label);
}

static void wait_outcome(struct gateway *g, const struct fault_case *c, int64_t message)
{
	char sql[160];
	snprintf(sql, sizeof(sql), "SELECT count(*) FROM v_attempt WHERE msg_id = %lld AND outcome IS NOT NULL", (long long)message);
	if (!gateway_waited(g, sql, OUTCOME_MS))
		fail_msg("%s: no outcome", c->label);
}

static void run_case(struct gateway *g, const struct fault_case *c, int number)
{
	tell(g, c->channel, c->fault);
	int64_t message = send_by(g, names[c->channel], number, "Mời bà con họp thôn tối nay");
	others_go_on(g, c, number + 100);
	wait_outcome(g, c, message);
	if (c->mend)
		tell(g, c->channel, c->mend);
	if (!in_state(g, message, c->state, OUTCOME_MS)) {
		char sql[160];
		snprintf(sql, sizeof(sql), "SELECT state FROM v_msg WHERE id = %lld", (long long)message);
		OWN(mem) char *got = gateway_text(g, sql);
		fail_msg("%s: the message is %s, not %s", c->label, got, c->state);
	}
	int64_t next = send_by(g, names[c->channel], number + 1, "Mời bà con họp thôn tối mai");
	if (!in_state(g, next, "sent", HEAL_MS))
		fail_msg("%s: the channel does not work again", c->label);
	int n = wire_count(g, c->channel, number);
	if (n < c->wire_min || n > c->wire_max)
		fail_msg("%s: it was sent %d times", c->label, n);
	assert_int_equal(wire_count(g, c->channel, number + 1), 1);
}

static void run_channel(struct gateway *g, enum channel channel)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		if (cases[i].channel != channel)
			continue;
		int64_t began = gateway_mono_ms();
		run_case(g, &cases[i], 20000000 + (int)i * 1000);
		print_message("    %-45s %5lld ms\n", cases[i].label, (long long)(gateway_mono_ms() - began));
	}
}

/* ---- laws ---- */

static void faults_of_a_modem_end_right(void **state)
{
	run_channel(*state, MODEM);
}

static void faults_of_an_api_with_keys_are_repeated_without_doubling(void **state)
{
	run_channel(*state, API);
}

static void faults_of_an_api_without_keys_are_never_repeated(void **state)
{
	run_channel(*state, ONCE);
}

static void faults_leave_records_that_agree(void **state)
{
	struct gateway *g = *state;
	assert_int_equal(gateway_scalar(g, "SELECT count(*) FROM (SELECT 1 FROM v_attempt WHERE outcome = 'accepted' GROUP BY msg_id, part "
					   "HAVING count(*) > 1)"), 0);
	assert_int_equal(gateway_scalar(g, "SELECT count(*) FROM v_attempt WHERE handed_at < not_before"), 0);
	assert_int_equal(gateway_scalar(g, "SELECT count(*) FROM v_attempt WHERE outcome IS NULL"), 0);
	gateway_stop(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(faults_of_a_modem_end_right),
		cmocka_unit_test(faults_of_an_api_with_keys_are_repeated_without_doubling),
		cmocka_unit_test(faults_of_an_api_without_keys_are_never_repeated),
		cmocka_unit_test(faults_leave_records_that_agree),
	};
	return cmocka_run_group_tests(tests, gateway_up, gateway_down);
}
