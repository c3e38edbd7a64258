/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of webhooks on a running gateway, with a receiver that checks signatures by itself: everything is told, in order for each
 * message, whatever is killed in between; a receiver that fails or says nothing costs the messages nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "tests/support/gateway.h"
#include "tests/support/receiver.h"

#define KEY "khoa-cua-may-nhan-tin-bao"
#define PEOPLE 300
#define KILLS 3
#define LIMIT_MS 60000
#define WAITING "SELECT count(*) = 0 FROM webhook_event"

struct world {
	struct gateway *g;
	struct receiver *r;
};

static int up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	char more[512];
	*state = w;
	w->r = receiver_start(KEY);
	snprintf(more, sizeof(more),
		 "webhooks = ( { name = \"may\"; url = \"http://127.0.0.1:%d/in\"; secret = \"may.hook\"; events = [ \"message\", \"inbound\" ]; timeout_s = 1; } );\n",
		 receiver_port(w->r));
	w->g = gateway_new(&(struct gateway_options){
		.channels = "{ name = \"may-ao\"; driver = \"loopback\"; rate_per_second = 100000; burst = 1000; delivery_ms = 20; }",
		.more = more,
		.no_init = true,
	});
	gateway_secret(w->g, "may.hook", KEY);
	gateway_init(w->g);
	return 0;
}

static int down(void **state)
{
	struct world *w = *state;
	gateway_free(w->g);
	receiver_stop(w->r);
	free(w);
	return 0;
}

/* How often each message was told each state, the first time in the order in which they happen. */
static void check_told(struct world *w, int messages, bool once)
{
	OWN(json) json_t *taken = receiver_taken(w->r), *seen = json_object(), *names = json_object();
	size_t i, n_messages = 0;
	const json_t *e;
	json_array_foreach (taken, i, e) {
		char place[64];
		const json_t *data = json_object_get(e, "data");
		const char *state = json_str(data, "state", "");
		if (strncmp(json_str(e, "type", ""), "message.", 8))
			continue;
		snprintf(place, sizeof(place), "%lld %s", (long long)json_int(data, "id", 0), state);
		const char *name = json_str(names, place, NULL);
		if (name && once)
			fail_msg("%s was told twice", place);
		if (name) /* a repetition is known by its id */
			assert_string_equal(name, json_str(e, "id", ""));
		json_set_str(names, place, json_str(e, "id", ""));
		n_messages += !name && !strcmp(state, "delivered");
		snprintf(place, sizeof(place), "%lld", (long long)json_int(data, "id", 0));
		if (!name && !strcmp(state, "delivered"))
			assert_true(json_flag(seen, place, false)); /* "sent" came first */
		if (!strcmp(state, "sent"))
			json_object_set_new(seen, place, json_true());
	}
	assert_int_equal(n_messages, messages);
	assert_int_equal(json_object_size(names), 2 * (size_t)messages);
	assert_int_equal(receiver_n_bad(w->r), 0);
}

static void everything_is_told_once_and_in_order(void **state)
{
	struct world *w = *state;
	gateway_start(w->g);
	gateway_people(w->g, "thon-1", 1, PEOPLE);
	gateway_campaign(w->g, "thon-1", NULL, "Moi ba con di hop. Tu choi: TC", PEOPLE);
	gateway_wait(w->g, "delivered", "SELECT count(*) = 300 FROM message WHERE state = 'delivered'", LIMIT_MS);
	gateway_wait(w->g, "told", WAITING, LIMIT_MS);
	check_told(w, PEOPLE, true);
	OWN(json) json_t *shown = gateway_row(w->g, "webhook.show", json_pack("{s:s}", "name", "may"));
	assert_int_equal(json_int(shown, "lost", -1), 0);
	assert_int_equal(json_int(shown, "waiting", -1), 0);
	assert_string_equal(json_str(shown, "state", ""), "up");
	gateway_stop(w->g);
}

/* How many of the messages are in another state than the last one that was told. */
static size_t count_told_wrong(struct world *w)
{
	OWN(json) json_t *told = receiver_states(w->r);
	size_t n = 0;
	const json_t *last;
	const char *id;
	assert_int_equal(json_object_size(told), PEOPLE);
	json_object_foreach (told, id, last) {
		char sql[96];
		snprintf(sql, sizeof(sql), "SELECT state FROM message WHERE id = %s", id);
		OWN(mem) char *is = gateway_text(w->g, sql);
		n += strcmp(json_string_value(last), is) != 0;
	}
	return n;
}

static void nothing_is_forgotten_when_the_core_is_killed(void **state)
{
	struct world *w = *state;
	gateway_start(w->g);
	gateway_people(w->g, "thon-1", 1, PEOPLE);
	gateway_campaign(w->g, "thon-1", NULL, "Moi ba con di hop. Tu choi: TC", PEOPLE);
	for (int i = 1; i <= KILLS; i++) {
		for (int64_t end = gateway_mono_ms() + LIMIT_MS; receiver_n_requests(w->r) < 100 * i && gateway_mono_ms() < end;)
			gateway_pause_ms(1);
		assert_true(receiver_n_requests(w->r) >= 100 * i);
		gateway_kill(w->g);
		gateway_start(w->g);
	}
	/* what was on its way to a simulated telephone when its driver died stays in doubt: the receiver knows of that too */
	gateway_wait(w->g, "an end of all", "SELECT count(*) = 300 FROM message WHERE state IN ('delivered', 'unclear', 'sent')", LIMIT_MS);
	gateway_wait(w->g, "told", WAITING, LIMIT_MS);
	/* a report that comes late changes a message once more, and is told once more */
	size_t differ = SIZE_MAX;
	for (int64_t end = gateway_mono_ms() + LIMIT_MS; differ && gateway_mono_ms() < end; gateway_pause_ms(differ ? 100 : 0))
		differ = count_told_wrong(w);
	assert_int_equal(differ, 0);
	assert_int_equal(receiver_n_bad(w->r), 0);
	gateway_stop(w->g);
}

static void receiver_that_fails_is_told_everything_in_order(void **state)
{
	struct world *w = *state;
	receiver_fail_next(w->r, 3);
	gateway_start(w->g);
	for (int i = 0; i < 20; i++) {
		char number[16];
		snprintf(number, sizeof(number), "+849123456%02d", i);
		json_decref(gateway_do(w->g, "message.send", json_pack("{s:s,s:s,s:s}", "to", number, "text", "Xin chao", "class", "service")));
	}
	gateway_wait(w->g, "delivered", "SELECT count(*) = 20 FROM message WHERE state = 'delivered'", LIMIT_MS);
	gateway_wait(w->g, "told", WAITING, LIMIT_MS);
	assert_true(receiver_n_requests(w->r) > receiver_n_taken(w->r));
	check_told(w, 20, true);
	gateway_stop(w->g);
}

static void mute_receiver_costs_messages_nothing(void **state)
{
	struct world *w = *state;
	receiver_mute(w->r, true);
	gateway_start(w->g);
	gateway_people(w->g, "thon-1", 1, PEOPLE);
	gateway_campaign(w->g, "thon-1", NULL, "Moi ba con di hop. Tu choi: TC", PEOPLE);
	gateway_wait(w->g, "delivered", "SELECT count(*) = 300 FROM message WHERE state = 'delivered'", LIMIT_MS);
	assert_int_equal(receiver_n_taken(w->r), 0);
	assert_int_equal(gateway_scalar(w->g, "SELECT count(*) FROM webhook_event"), 2 * PEOPLE);
	gateway_wait(w->g, "a failure shown", "SELECT failing_since IS NOT NULL FROM webhook", LIMIT_MS);
	OWN(json) json_t *shown = gateway_row(w->g, "webhook.show", json_pack("{s:s}", "name", "may"));
	assert_string_equal(json_str(shown, "last_error", ""), "timeout");
	gateway_stop(w->g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(everything_is_told_once_and_in_order, up, down),
		cmocka_unit_test_setup_teardown(nothing_is_forgotten_when_the_core_is_killed, up, down),
		cmocka_unit_test_setup_teardown(receiver_that_fails_is_told_everything_in_order, up, down),
		cmocka_unit_test_setup_teardown(mute_receiver_costs_messages_nothing, up, down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
