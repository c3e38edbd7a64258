/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of the HTTP driver before a real HTTP/2 server (nghttpd of Debian), over TLS with a certificate of our own, by name, by IPv4 and by
 * IPv6: messages share one connection where the provider knows keys, and have one each where it does not. The server sends back what it
 * gets, so the id of each answer is the message's own key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "tests/support/httprig.h"
#include "tests/support/nghttpd.h"

#define PROFILE                                                                                                                            \
	"provider = { name = \"h\"; idempotent = { key = %s; }; submit = { path = \"/send\"; content_type = \"application/json\"; "             \
	"body = \"{\\\"id\\\":{{key|json}},\\\"text\\\":{{text|json}}}\"; timeout_s = 30; }; answer = { format = \"json\"; id = \"/id\"; "        \
	"rules = ( { status = \"200\"; at = \"/text\"; outcome = \"accepted\"; }, { outcome = \"unclear\"; } ); }; };"

/* ---- the driver before it ---- */

static void begin(struct httprig *d, const struct nghttpd *s, const char *host, const char *idempotent)
{
	char profile[1024], url[96];
	snprintf(profile, sizeof(profile), PROFILE, idempotent);
	snprintf(url, sizeof(url), "https://%s:%d", host, s->port);
	httprig_folder(d, profile);
	json_decref(httprig_start(d, url, s->cert, 30, 12));
}

static void send_all(struct httprig *d, int n)
{
	bool *seen = calloc((size_t)n + 1, sizeof(*seen));
	for (int i = 1; i <= n; i++)
		httprig_submit(d, i, "+84912345678", "Xin chao");
	for (int i = 1; i <= n; i++) {
		OWN(json) json_t *f = httprig_read(d);
		int attempt = (int)strtol(json_str(f, "attempt", "0"), NULL, 10);
		char key[16];
		snprintf(key, sizeof(key), "k%d", attempt);
		assert_string_equal(json_str(f, "outcome", ""), "accepted");
		assert_string_equal(json_str(f, "reference", ""), key);
		assert_true(attempt >= 1 && attempt <= n && !seen[attempt]);
		seen[attempt] = true;
	}
	free(seen);
}

#define NEW_CONNECTION "stream_id=1) :method: POST"
#define REQUEST ":method: POST"

static void messages_share_a_connection_where_keys_are_known(void **state)
{
	(void)state;
	struct nghttpd s;
	struct httprig d;
	if (!nghttpd_start(&s, AF_INET, true))
		skip();
	begin(&d, &s, "127.0.0.1", "true");
	send_all(&d, 32); /* eight at once, the credit of eight connections */
	assert_int_equal(nghttpd_said(&s, REQUEST), 32);
	assert_int_equal(nghttpd_said(&s, NEW_CONNECTION), 1);
	httprig_end(&d);
	nghttpd_end(&s);
}

static void message_has_a_connection_of_its_own_where_they_are_not(void **state)
{
	(void)state;
	struct nghttpd s;
	struct httprig d;
	if (!nghttpd_start(&s, AF_INET, true))
		skip();
	begin(&d, &s, "127.0.0.1", "false");
	send_all(&d, 8);
	assert_int_equal(nghttpd_said(&s, NEW_CONNECTION), 8);
	httprig_end(&d);
	nghttpd_end(&s);
}

static void provider_is_reached_by_ipv6(void **state)
{
	(void)state;
	struct nghttpd s;
	struct httprig d;
	if (!nghttpd_start(&s, AF_INET6, true))
		skip();
	begin(&d, &s, "[::1]", "true");
	send_all(&d, 4);
	httprig_end(&d);
	nghttpd_end(&s);
}

static void provider_is_reached_by_name(void **state)
{
	(void)state;
	struct nghttpd s;
	struct httprig d;
	if (!nghttpd_start(&s, AF_INET, true))
		skip();
	begin(&d, &s, "localhost", "true");
	send_all(&d, 4);
	httprig_end(&d);
	nghttpd_end(&s);
}

/* The connection that all shared is gone: what was never asked is not sent, and the next message opens another. */
static void server_that_comes_back_is_used_again(void **state)
{
	(void)state;
	struct nghttpd s;
	struct httprig d;
	if (!nghttpd_start(&s, AF_INET, true))
		skip();
	begin(&d, &s, "127.0.0.1", "true");
	send_all(&d, 4);
	nghttpd_kill(&s);
	httprig_submit(&d, 1, "+84912345678", "a");
	OWN(json) json_t *lost = httprig_read(&d);
	assert_string_equal(json_str(lost, "outcome", ""), "not_sent");
	assert_string_equal(json_str(lost, "fault", ""), "channel");
	nghttpd_serve(&s);
	send_all(&d, 4);
	httprig_end(&d);
	nghttpd_end(&s);
}

static void authority_that_is_not_ours_gets_nothing(void **state)
{
	(void)state;
	struct nghttpd s;
	struct httprig d;
	char profile[1024], url[96];
	if (!nghttpd_start(&s, AF_INET, true))
		skip();
	snprintf(profile, sizeof(profile), PROFILE, "true");
	snprintf(url, sizeof(url), "https://127.0.0.1:%d", s.port);
	httprig_folder(&d, profile);
	json_decref(httprig_start(&d, url, "", 30, 12)); /* the system's certificates */
	httprig_submit(&d, 1, "+84912345678", "a");
	OWN(json) json_t *f = httprig_read(&d);
	assert_string_equal(json_str(f, "outcome", ""), "not_sent");
	assert_string_equal(json_str(f, "code", ""), "tls");
	assert_int_equal(nghttpd_said(&s, REQUEST), 0);
	httprig_end(&d);
	nghttpd_end(&s);
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_share_a_connection_where_keys_are_known),
		cmocka_unit_test(message_has_a_connection_of_its_own_where_they_are_not),
		cmocka_unit_test(provider_is_reached_by_ipv6),
		cmocka_unit_test(provider_is_reached_by_name),
		cmocka_unit_test(server_that_comes_back_is_used_again),
		cmocka_unit_test(authority_that_is_not_ours_gets_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
