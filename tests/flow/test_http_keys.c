/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of the Idempotency-Key over HTTP on a running gateway: one key is one message, whoever lost the reply, whatever was restarted in
 * between; another message under the same key is refused. */
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
#include <sys/un.h>
#include <unistd.h>

#include "gateway/base/buffer.h"
#include "gateway/base/json.h"
#include "tests/support/gateway.h"

#define LIMIT_MS 60000
#define FIRST "{\"to\":\"+84912345678\",\"text\":\"Moi ba con di hop\",\"class\":\"service\"}"
#define OTHER "{\"to\":\"+84912345678\",\"text\":\"Hop doi sang chieu\",\"class\":\"service\"}"

struct world {
	struct gateway *g;
	char *token;
};

/* The web process begins to listen a moment after the core. */
static int call(const struct world *w)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	snprintf(at.sun_path, sizeof(at.sun_path), "%.90s/web.sock", w->g->dir);
	for (int64_t end = gateway_mono_ms() + LIMIT_MS; gateway_mono_ms() < end; gateway_pause_ms(10)) {
		int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd >= 0 && !connect(fd, (const struct sockaddr *)&at, sizeof(at)))
			return fd;
		close(fd);
	}
	fail_msg("nobody listens at %s", at.sun_path);
	return -1;
}

static int begin(const struct world *w, const char *token, const char *key, const char *body)
{
	char text[1024];
	int fd = call(w), n = snprintf(text, sizeof(text),
				       "POST /api/v1/message HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer %s\r\n"
				       "Idempotency-Key: %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
				       token, key, strlen(body), body);
	assert_int_equal(write(fd, text, (size_t)n), n);
	return fd;
}

/* The status, and the id of the message that the answer shows; 0 = none. */
static int end(int fd, int64_t *ret_id)
{
	OWN(buffer) struct buffer all = { 0 };
	OWN(json) json_t *body = NULL;
	char some[4096];
	int status = 0;
	ssize_t n;
	while ((n = read(fd, some, sizeof(some))) > 0)
		assert_int_equal(buffer_put(&all, some, (size_t)n), 0);
	close(fd);
	assert_int_equal(buffer_put(&all, "", 1), 0);
	assert_int_equal(sscanf(buffer_text(&all), "HTTP/1.1 %d", &status), 1);
	const char *behind = strstr(buffer_text(&all), "\r\n\r\n");
	assert_non_null(behind);
	assert_int_equal(json_parse(behind + 4, strlen(behind + 4), &body), 0);
	*ret_id = json_int(body, "id", 0);
	return status;
}

/* 503 is the one answer that says: the same again. */
static int send_message(const struct world *w, const char *token, const char *key, const char *body, int64_t *ret_id)
{
	int status = 503;
	for (int64_t until = gateway_mono_ms() + LIMIT_MS; status == 503 && gateway_mono_ms() < until; gateway_pause_ms(20))
		status = end(begin(w, token, key, body), ret_id);
	return status;
}

static char *new_token(struct gateway *g, const char *user)
{
	json_decref(gateway_do(g, "user.add", json_pack("{s:s,s:s,s:s,s:s}", "name", user, "role", "outreach", "unit", "02269", "password",
							"mat-khau-dai-2026")));
	OWN(json) json_t *token = gateway_do(g, "token.add", json_pack("{s:s}", "user", user));
	return strdup(json_str(token, "token", ""));
}

static int up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	*state = w;
	w->g = gateway_new(NULL);
	gateway_start(w->g);
	w->token = new_token(w->g, "motcua");
	return 0;
}

static int down(void **state)
{
	struct world *w = *state;
	gateway_free(w->g);
	free(w->token);
	free(w);
	return 0;
}

static void same_key_is_the_same_message_and_another_text_is_refused(void **state)
{
	struct world *w = *state;
	int64_t first = 0, again = 0, other = 0, fresh = 0;
	assert_int_equal(send_message(w, w->token, "don-1", FIRST, &first), 201);
	assert_true(first > 0);
	int status = send_message(w, w->token, "don-1", FIRST, &again);
	assert_true(status == 200 || status == 201);
	assert_int_equal(again, first);
	assert_int_equal(send_message(w, w->token, "don-1", OTHER, &other), 409);
	assert_int_equal(send_message(w, w->token, "don-2", FIRST, &fresh), 201);
	assert_int_not_equal(fresh, first);
	assert_int_equal(gateway_scalar(w->g, "SELECT count(*) FROM message"), 2);
}

static void lost_reply_costs_nothing(void **state)
{
	struct world *w = *state;
	int64_t id = 0;
	int fd = begin(w, w->token, "mat-1", FIRST);
	gateway_wait(w->g, "the message", "SELECT count(*) = 1 FROM message", LIMIT_MS);
	close(fd); /* nobody reads what it says */
	int status = send_message(w, w->token, "mat-1", FIRST, &id);
	assert_true(status == 200 || status == 201);
	assert_int_equal(id, gateway_scalar(w->g, "SELECT id FROM message"));
	assert_int_equal(gateway_scalar(w->g, "SELECT count(*) FROM message"), 1);
}

static void key_outlives_the_gateway(void **state)
{
	struct world *w = *state;
	int64_t first = 0, again = 0, other = 0;
	assert_int_equal(send_message(w, w->token, "lau-1", FIRST, &first), 201);
	gateway_kill(w->g);
	gateway_start(w->g);
	int status = send_message(w, w->token, "lau-1", FIRST, &again);
	assert_true(status == 200 || status == 201);
	assert_int_equal(again, first);
	assert_int_equal(send_message(w, w->token, "lau-1", OTHER, &other), 409);
	assert_int_equal(gateway_scalar(w->g, "SELECT count(*) FROM message"), 1);
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(same_key_is_the_same_message_and_another_text_is_refused, up, down),
		cmocka_unit_test_setup_teardown(lost_reply_costs_nothing, up, down),
		cmocka_unit_test_setup_teardown(key_outlives_the_gateway, up, down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
