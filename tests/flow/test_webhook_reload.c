/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of webhooks whose receiver changes while events wait: another address and another secret are used from the reload on, and what no
 * receiver is meant to answer, "gone" or another address, is no acceptance. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "tests/support/gateway.h"
#include "tests/support/receiver.h"

#define OLD_KEY "khoa-cu-cua-may-nhan-tin-bao"
#define NEW_KEY "khoa-moi-cua-may-nhan-tin-bao"
#define MESSAGES 10
#define LIMIT_MS 60000
#define WAITING "SELECT count(*) = 0 FROM webhook_event"
#define HOOK "webhooks = ( { name = \"may\"; url = \"http://127.0.0.1:%05d/in\"; secret = \"may.hook\"; events = [ \"message\" ]; timeout_s = 1; } );\n"

struct world {
	struct gateway *g;
	struct receiver *first, *second;
};

static int up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	char more[512];
	*state = w;
	w->first = receiver_start(OLD_KEY);
	w->second = receiver_start(NEW_KEY);
	snprintf(more, sizeof(more), HOOK, receiver_port(w->first));
	w->g = gateway_new(&(struct gateway_options){
		.channels = "{ name = \"may-ao\"; driver = \"loopback\"; rate_per_second = 100000; burst = 1000; delivery_ms = 20; }",
		.more = more,
		.no_init = true,
	});
	gateway_secret(w->g, "may.hook", OLD_KEY);
	gateway_init(w->g);
	return 0;
}

static int down(void **state)
{
	struct world *w = *state;
	gateway_free(w->g);
	receiver_stop(w->first);
	receiver_stop(w->second);
	free(w);
	return 0;
}

/* The second receiver's port and key instead of the first one's, and a reload. */
static void move_receiver(struct world *w)
{
	char text[16384], old[16], new[16];
	OWN(file) FILE *f = fopen(w->g->config, "r+");
	assert_non_null(f);
	size_t n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	snprintf(old, sizeof(old), ":%05d/in", receiver_port(w->first));
	snprintf(new, sizeof(new), ":%05d/in", receiver_port(w->second));
	char *at = strstr(text, old);
	assert_non_null(at);
	memcpy(at, new, strlen(new));
	rewind(f);
	assert_int_equal(fwrite(text, 1, n, f), n);
	assert_int_equal(fflush(f), 0);
	gateway_secret(w->g, "may.hook", NEW_KEY);
	assert_int_equal(kill(w->g->core, SIGHUP), 0);
}

static void send_messages(struct world *w, int n)
{
	for (int i = 0; i < n; i++) {
		char number[16];
		snprintf(number, sizeof(number), "+849123456%02d", i);
		json_decref(gateway_do(w->g, "message.send", json_pack("{s:s,s:s,s:s}", "to", number, "text", "Xin chao", "class", "service")));
	}
}

static void check_all_delivered(struct receiver *r, size_t messages)
{
	OWN(json) json_t *states = receiver_states(r);
	const json_t *last;
	const char *id;
	assert_int_equal(json_object_size(states), messages);
	json_object_foreach (states, id, last)
		assert_string_equal(json_string_value(last), "delivered");
	assert_int_equal(receiver_n_bad(r), 0);
}

static void receiver_that_moved_is_told_what_waited_under_its_new_secret(void **state)
{
	struct world *w = *state;
	receiver_mute(w->first, true);
	gateway_start(w->g);
	send_messages(w, MESSAGES);
	gateway_wait(w->g, "a failure shown", "SELECT failing_since IS NOT NULL FROM webhook", LIMIT_MS);
	move_receiver(w);
	gateway_wait(w->g, "told", WAITING, LIMIT_MS);
	int asked = receiver_n_requests(w->first);
	send_messages(w, 1);
	gateway_wait(w->g, "delivered", "SELECT count(*) = 11 FROM message WHERE state = 'delivered'", LIMIT_MS);
	gateway_wait(w->g, "told again", WAITING, LIMIT_MS);
	check_all_delivered(w->second, MESSAGES + 1);
	assert_int_equal(receiver_n_requests(w->first), asked);
	assert_int_equal(receiver_n_taken(w->first), 0);
	gateway_stop(w->g);
}

static void gone_and_moved_mean_again_later_and_nowhere_else(void **state)
{
	struct world *w = *state;
	char moved[96];
	snprintf(moved, sizeof(moved), "307 Moved\r\nLocation: http://127.0.0.1:%d/in", receiver_port(w->second));
	gateway_start(w->g);
	receiver_refuse_next(w->first, INT_MAX, "410 Gone");
	send_messages(w, 1);
	gateway_wait(w->g, "gone", "SELECT count(*) = 1 FROM webhook_event WHERE tries > 0", LIMIT_MS);
	receiver_refuse_next(w->first, INT_MAX, moved);
	send_messages(w, 1);
	gateway_wait(w->g, "moved", "SELECT count(*) = 2 FROM webhook_event WHERE tries > 0", LIMIT_MS);
	gateway_wait(w->g, "the redirect shown", "SELECT error = 'http:307' FROM webhook WHERE name = 'may'", LIMIT_MS);
	assert_int_equal(receiver_n_taken(w->first), 0);
	assert_int_equal(receiver_n_requests(w->second), 0);
	gateway_stop(w->g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(receiver_that_moved_is_told_what_waited_under_its_new_secret, up, down),
		cmocka_unit_test_setup_teardown(gone_and_moved_mean_again_later_and_nowhere_else, up, down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
