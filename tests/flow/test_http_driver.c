/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of caunoi-http against a simulated provider on loopback: what surely was not sent is not_sent, what may have
 * been sent is unclear, nothing is sent twice, no address outside the list is reached, and what the driver says agrees
 * with what the provider's journal shows was delivered. Programs are taken from $CAUNOI_BUILD (default "build"). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/base/buffer.h"
#include "gateway/base/clock.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"

#define PROFILE "tests/fixtures/providers/sim.conf"
#define PROFILE_ONCE "tests/fixtures/providers/sim-once.conf"

struct program {
	pid_t pid;
	int in, out; /* its standard input and output */
	struct buffer lines;
};
struct world {
	struct program sim;
	char folder[64], control[96], journal[96];
	int control_fd;
	int port;
};

/* ---- programs ---- */

static void start(struct program *p, const char *name, char *const *arguments)
{
	int in[2], out[2];
	char path[512];
	const char *build = getenv("CAUNOI_BUILD");
	snprintf(path, sizeof(path), "%s/%s", build ? build : "build", name);
	assert_int_equal(pipe(in) | pipe(out), 0);
	*p = (struct program){ .pid = fork(), .in = in[1], .out = out[0] };
	if (p->pid == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		for (int fd = 3; fd < 64; fd++)
			close(fd);
		execv(path, arguments);
		_exit(127);
	}
	assert_true(p->pid > 0);
	close(in[0]);
	close(out[1]);
}

/* Next line within after_ms; NULL = none came. The caller's. */
static char *read_line(int fd, struct buffer *b, int after_ms)
{
	for (;;) {
		const char *end = buffer_left(b) ? memchr(buffer_text(b), '\n', buffer_left(b)) : NULL;
		if (end) {
			char *line = strndup(buffer_text(b), (size_t)(end - buffer_text(b)));
			buffer_take(b, strlen(line) + 1);
			return line;
		}
		struct pollfd p = { .fd = fd, .events = POLLIN };
		char some[65536];
		if (poll(&p, 1, after_ms) <= 0)
			return NULL;
		ssize_t n = read(fd, some, sizeof(some));
		if (n <= 0)
			return NULL;
		assert_int_equal(buffer_put(b, some, (size_t)n), 0);
	}
}

static json_t *read_frame(struct program *p, int after_ms)
{
	OWN(mem) char *line = read_line(p->out, &p->lines, after_ms);
	json_t *frame = NULL;
	if (line)
		assert_int_equal(json_parse(line, strlen(line), &frame), 0);
	return frame;
}

static void send_frame(struct program *p, json_t *frame)
{
	struct buffer line = { 0 };
	assert_int_equal(json_put_line(&line, frame), 0);
	assert_int_equal(write(p->in, buffer_text(&line), buffer_left(&line)), (ssize_t)buffer_left(&line));
	buffer_done(&line);
	json_decref(frame);
}

/* Closes its input; its exit code. */
static int end(struct program *p)
{
	int status = 0;
	close(p->in);
	waitpid(p->pid, &status, 0);
	close(p->out);
	buffer_done(&p->lines);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* ---- the provider ---- */

static json_t *order(struct world *w, const char *op)
{
	struct buffer b = { 0 };
	json_t *answer = NULL;
	assert_int_equal(write(w->control_fd, op, strlen(op)), (ssize_t)strlen(op));
	assert_int_equal(write(w->control_fd, "\n", 1), 1);
	OWN(mem) char *line = read_line(w->control_fd, &b, 5000);
	assert_non_null(line);
	assert_int_equal(json_parse(line, strlen(line), &answer), 0);
	assert_true(json_flag(answer, "ok", false));
	buffer_done(&b);
	return answer;
}

static int count(struct world *w, const char *what)
{
	OWN(json) json_t *answer = order(w, "{\"op\":\"count\"}");
	return (int)json_int(answer, what, -1);
}

static int journal_lines(struct world *w)
{
	OWN(file) FILE *f = fopen(w->journal, "r");
	int n = 0;
	for (int c; f && (c = fgetc(f)) != EOF;)
		n += c == '\n';
	return n;
}

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	signal(SIGPIPE, SIG_IGN);
	snprintf(w->folder, sizeof(w->folder), "/tmp/test-http-XXXXXX");
	assert_non_null(mkdtemp(w->folder));
	snprintf(w->control, sizeof(w->control), "%s/control", w->folder);
	snprintf(w->journal, sizeof(w->journal), "%s/journal", w->folder);
	char *arguments[] = { "sim-api", "--control", w->control, "--journal", w->journal, NULL };
	start(&w->sim, "sim-api", arguments);
	OWN(mem) char *line = read_line(w->sim.out, &w->sim.lines, 5000);
	assert_non_null(line);
	assert_int_equal(sscanf(line, "listening 127.0.0.1:%d", &w->port), 1);
	memcpy(at.sun_path, w->control, strlen(w->control) + 1);
	w->control_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(w->control_fd, (struct sockaddr *)&at, sizeof(at)), 0);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;
	kill(w->sim.pid, SIGKILL);
	end(&w->sim);
	close(w->control_fd);
	unlink(w->control);
	unlink(w->journal);
	rmdir(w->folder);
	free(w);
	return 0;
}

/* ---- the driver ---- */

static json_t *hello(const char *base_url, const char *profile, int in_flight, double timeout_s)
{
	OWN(mem) char *file = realpath(profile, NULL);
	assert_non_null(file);
	return json_pack("{s:s,s:i,s:s,s:{s:s,s:s,s:i,s:f,s:[s]},s:{}}", "op", "hello", "version", 1, "channel", "t",
			 "config", "base_url", base_url, "provider_file", file, "in_flight", in_flight, "timeout",
			 timeout_s, "allow_private_endpoints", "127.0.0.1/32", "secrets");
}

static json_t *submit(int attempt, const char *key)
{
	char id[16];
	snprintf(id, sizeof(id), "%d", attempt);
	return json_pack("{s:s,s:s,s:s,s:s,s:s,s:i,s:i,s:s,s:s}", "op", "submit", "attempt", id, "to", "+84912345678", "text",
			 "Kính mời bà con", "encoding", "ucs2", "part", 1, "parts", 1, "key", key, "sender", "MTTQ");
}

static void start_driver(struct program *p, const char *base_url, const char *profile, int in_flight, double timeout_s)
{
	char *arguments[] = { "caunoi-http", NULL };
	start(p, "caunoi-http", arguments);
	send_frame(p, hello(base_url, profile, in_flight, timeout_s));
	OWN(json) json_t *ready = read_frame(p, 30000);
	assert_non_null(ready);
	assert_string_equal(json_str(ready, "op", ""), "ready");
	assert_true(json_flag(ready, "whole", false));
}

static char *url_of(const struct world *w)
{
	char *url = NULL;
	assert_true(asprintf(&url, "http://127.0.0.1:%d", w->port) > 0);
	return url;
}

static const struct {
	const char *label, *rate, *outcome, *fault, *code;
	bool delivered;
	int retry_after_s;
} outcomes[] = {
	{ "ok", "{}", "accepted", "", "", true, 0 },
	{ "500", "{\"500\":1}", "unclear", "", "http:500", false, 0 },
	{ "500 after taking it", "{\"accept_then_500\":1}", "unclear", "", "http:500", true, 0 },
	{ "503 with Retry-After", "{\"503\":1}", "unclear", "", "http:503", false, 7 },
	{ "429 with Retry-After", "{\"429\":1}", "not_sent", "channel", "sim_429", false, 7 },
	{ "400", "{\"400\":1}", "refused", "message", "sim_400", false, 0 },
	{ "401", "{\"401\":1}", "refused", "channel", "sim_401", false, 0 },
	{ "redirect is not followed", "{\"302\":1}", "unclear", "", "http:302", false, 0 },
	{ "closed without an answer", "{\"close\":1}", "unclear", "", "connection_lost", false, 0 },
	{ "reset without an answer", "{\"reset\":1}", "unclear", "", "connection_lost", false, 0 },
	{ "closed after taking it", "{\"accept_then_close\":1}", "unclear", "", "connection_lost", true, 0 },
	{ "silence", "{\"stall\":1}", "unclear", "", "timeout", false, 0 },
	{ "silence after taking it", "{\"accept_then_stall\":1}", "unclear", "", "timeout", true, 0 },
	{ "one byte a second", "{\"slow\":1}", "unclear", "", "timeout", true, 0 },
	{ "HTML with 200", "{\"garbage\":1}", "unclear", "", "", true, 0 },
	{ "answer of 1 MiB", "{\"huge\":1}", "unclear", "", "answer_too_big", true, 0 },
	{ "JSON of depth 100,000", "{\"deep\":1}", "unclear", "", "", true, 0 },
	{ "8 MiB of headers", "{\"endless_headers\":1}", "unclear", "", "answer_too_big", true, 0 },
	{ "no id", "{\"no_id\":1}", "unclear", "", "", true, 0 },
	{ "id with a line break", "{\"bad_id\":1}", "unclear", "", "", true, 0 },
};

/* Only who is to wait in vain is given little time: a busy machine needs its own for the rest. */
static void try_outcomes_within(struct world *w, const char *profile, bool in_vain)
{
	struct program d;
	OWN(mem) char *url = url_of(w);
	start_driver(&d, url, profile, 4, in_vain ? 1.0 : 30.0);
	for (size_t i = 0; i < COUNT_OF(outcomes); i++) {
		if (!strcmp(outcomes[i].code, "timeout") != in_vain)
			continue;
		char op[256], key[32];
		snprintf(op, sizeof(op), "{\"op\":\"mode\",\"retry_after_s\":7,\"rate\":%s}", outcomes[i].rate);
		json_decref(order(w, op));
		int before = count(w, "delivered"), requests = count(w, "requests"), lines = journal_lines(w);
		snprintf(key, sizeof(key), "%.8s-%zu", strrchr(profile, '/') + 1, i);
		send_frame(&d, submit((int)i, key));
		OWN(json) json_t *f = read_frame(&d, 40000);
		if (!f || strcmp(json_str(f, "outcome", ""), outcomes[i].outcome) ||
		    strcmp(json_str(f, "fault", ""), outcomes[i].fault) || strcmp(json_str(f, "code", ""), outcomes[i].code) ||
		    json_int(f, "retry_after_s", 0) != outcomes[i].retry_after_s ||
		    json_is_string(json_object_get(f, "reference")) != !strcmp(outcomes[i].outcome, "accepted")) {
			OWN(mem) char *text = f ? json_text(f) : NULL;
			fail_msg("%s: %s", outcomes[i].label, text ? text : "no result");
		}
		if (count(w, "delivered") - before != outcomes[i].delivered || count(w, "requests") - requests != 1 ||
		    journal_lines(w) - lines != outcomes[i].delivered)
			fail_msg("%s: delivered %d, requests %d, journal %d", outcomes[i].label,
				 count(w, "delivered") - before, count(w, "requests") - requests, journal_lines(w) - lines);
	}
	assert_int_equal(end(&d), 0);
}

static void try_outcomes(struct world *w, const char *profile)
{
	try_outcomes_within(w, profile, false);
	try_outcomes_within(w, profile, true);
}

static void outcome_agrees_with_the_wire_when_idempotent(void **state)
{
	try_outcomes(*state, PROFILE);
}

static void outcome_agrees_with_the_wire_when_not_idempotent(void **state)
{
	struct world *w = *state;
	json_decref(order(w, "{\"op\":\"mode\",\"idempotent\":false}"));
	try_outcomes(w, PROFILE_ONCE);
}

static void unreachable_or_forbidden_is_not_sent(void **state)
{
	struct world *w = *state;
	char closed[64], by_name[64];
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0); /* bound, not listening: the port is refused and stays ours */
	assert_int_equal(bind(fd, (struct sockaddr *)&at, n) | getsockname(fd, (struct sockaddr *)&at, &n), 0);
	snprintf(closed, sizeof(closed), "http://127.0.0.1:%d", ntohs(at.sin_port));
	snprintf(by_name, sizeof(by_name), "https://127.0.0.1:%d", w->port);
	const struct {
		const char *label, *url, *code;
	} cases[] = {
		{ "connection refused", closed, "connect" },
		{ "no such name", "https://no-such-name.invalid", "dns" },
		{ "no TLS there", by_name, "timeout" },
		{ "loopback that is not listed", "https://127.0.0.2:1", "address_refused" },
		{ "loopback written short", "https://127.1:1", "" },
		{ "IPv6 loopback", "https://[::1]:1", "address_refused" },
		{ "mapped", "https://[::ffff:127.0.0.3]:1", "address_refused" },
		{ "NAT64", "https://[64:ff9b::7f00:1]:1", "address_refused" },
		{ "metadata service", "https://169.254.169.254", "address_refused" },
		{ "CGNAT", "https://100.64.1.1", "address_refused" },
		{ "private", "https://10.0.0.1", "address_refused" },
		{ "hexadecimal", "https://0x0a000001", "address_refused" },
		{ "plain HTTP to the world", "http://198.41.0.4", "address_refused" },
	};
	int requests = count(w, "requests");
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct program d;
		start_driver(&d, cases[i].url, PROFILE_ONCE, 4, 3.0);
		send_frame(&d, submit(1, "k"));
		OWN(json) json_t *f = read_frame(&d, 6000);
		if (!f || strcmp(json_str(f, "outcome", ""), "not_sent") || strcmp(json_str(f, "fault", ""), "channel") ||
		    (*cases[i].code && strcmp(json_str(f, "code", ""), cases[i].code))) {
			OWN(mem) char *text = f ? json_text(f) : NULL;
			fail_msg("%s: %s", cases[i].label, text ? text : "no result");
		}
		assert_int_equal(end(&d), 0);
	}
	close(fd);
	assert_int_equal(count(w, "requests"), requests);
}

static void same_key_is_delivered_once_by_an_idempotent_provider(void **state)
{
	struct world *w = *state;
	struct program d;
	OWN(mem) char *url = url_of(w);
	json_decref(order(w, "{\"op\":\"mode\",\"idempotent\":true,\"rate\":{\"accept_then_close\":1}}"));
	start_driver(&d, url, PROFILE, 4, 2.0);
	int before = journal_lines(w);
	send_frame(&d, submit(1, "again"));
	OWN(json) json_t *first = read_frame(&d, 5000);
	assert_string_equal(json_str(first, "outcome", ""), "unclear");
	json_decref(order(w, "{\"op\":\"mode\",\"rate\":{}}"));
	send_frame(&d, submit(2, "again"));
	OWN(json) json_t *second = read_frame(&d, 5000);
	assert_string_equal(json_str(second, "outcome", ""), "accepted");
	assert_int_equal(journal_lines(w) - before, 1);
	assert_int_equal(end(&d), 0);
}

static void credit_is_kept_and_more_is_refused(void **state)
{
	struct world *w = *state;
	struct program d;
	OWN(mem) char *url = url_of(w);
	int counts[4] = { 0 };
	json_decref(order(w, "{\"op\":\"mode\",\"idempotent\":false,\"latency_ms\":300,\"rate\":{}}"));
	start_driver(&d, url, PROFILE_ONCE, 64, 5.0); /* not idempotent: 8 */
	for (int i = 0; i < 10; i++) {
		char key[16];
		snprintf(key, sizeof(key), "c%d", i);
		send_frame(&d, submit(i, key));
	}
	for (int i = 0; i < 10; i++) {
		OWN(json) json_t *f = read_frame(&d, 5000);
		assert_non_null(f);
		counts[!strcmp(json_str(f, "outcome", ""), "accepted") ? 0 : 1]++;
		if (strcmp(json_str(f, "outcome", ""), "accepted"))
			assert_string_equal(json_str(f, "code", ""), "over_credit");
	}
	assert_int_equal(counts[0], 8);
	assert_int_equal(counts[1], 2);
	json_decref(order(w, "{\"op\":\"mode\",\"latency_ms\":0}"));
	assert_int_equal(end(&d), 0);
}

static void stop_finishes_what_is_open(void **state)
{
	struct world *w = *state;
	struct program d;
	OWN(mem) char *url = url_of(w);
	json_decref(order(w, "{\"op\":\"mode\",\"latency_ms\":300,\"rate\":{}}"));
	start_driver(&d, url, PROFILE, 4, 5.0);
	send_frame(&d, submit(1, "s1"));
	send_frame(&d, json_pack("{s:s}", "op", "stop"));
	send_frame(&d, submit(2, "s2"));
	OWN(json) json_t *late = read_frame(&d, 5000);
	assert_string_equal(json_str(late, "attempt", ""), "2");
	assert_string_equal(json_str(late, "outcome", ""), "not_sent");
	OWN(json) json_t *open = read_frame(&d, 5000);
	assert_string_equal(json_str(open, "attempt", ""), "1");
	assert_string_equal(json_str(open, "outcome", ""), "accepted");
	assert_null(read_frame(&d, 3000)); /* ended by itself */
	json_decref(order(w, "{\"op\":\"mode\",\"latency_ms\":0}"));
	assert_int_equal(end(&d), 0);
}

static void abort_and_ping_are_answered_while_a_request_hangs(void **state)
{
	struct world *w = *state;
	struct program d;
	OWN(mem) char *url = url_of(w);
	json_decref(order(w, "{\"op\":\"mode\",\"rate\":{}}"));
	start_driver(&d, url, PROFILE, 4, 20.0);
	json_decref(order(w, "{\"op\":\"hang\"}"));
	send_frame(&d, submit(1, "h1"));
	send_frame(&d, json_pack("{s:s,s:i}", "op", "ping", "n", 5));
	OWN(json) json_t *pong = read_frame(&d, 1000);
	assert_string_equal(json_str(pong, "op", ""), "pong");
	usleep(200000);
	send_frame(&d, json_pack("{s:s,s:s}", "op", "abort", "attempt", "1"));
	OWN(json) json_t *f = read_frame(&d, 1000);
	assert_string_equal(json_str(f, "outcome", ""), "unclear");
	json_decref(order(w, "{\"op\":\"release\"}"));
	assert_int_equal(end(&d), 0);
}

static void faulty_configuration_ends_with_2(void **state)
{
	(void)state;
	const char *const urls[] = { "ftp://127.0.0.1", "file:///etc/passwd", "gopher://x", "https://user:word@example.org",
				     "https://example.org/?a=b", "", "nonsense" };
	for (size_t i = 0; i < COUNT_OF(urls); i++) {
		struct program d;
		char *arguments[] = { "caunoi-http", NULL };
		start(&d, "caunoi-http", arguments);
		send_frame(&d, hello(urls[i], PROFILE, 1, 1));
		assert_null(read_frame(&d, 3000));
		if (end(&d) != 2)
			fail_msg("%s", urls[i]);
	}
}

static void keep_alive_carries_many(void **state)
{
	struct world *w = *state;
	struct program d;
	OWN(mem) char *url = url_of(w);
	int n = 2000, good = 0, before = journal_lines(w);
	json_decref(order(w, "{\"op\":\"mode\",\"idempotent\":true,\"rate\":{}}"));
	start_driver(&d, url, PROFILE, 32, 10.0);
	for (int sent = 0, got = 0; got < n;) {
		for (; sent < n && sent - got < 32; sent++) {
			char key[32];
			snprintf(key, sizeof(key), "many-%d", sent);
			send_frame(&d, submit(sent, key));
		}
		OWN(json) json_t *f = read_frame(&d, 5000);
		assert_non_null(f);
		good += !strcmp(json_str(f, "outcome", ""), "accepted");
		got++;
	}
	assert_int_equal(good, n);
	assert_int_equal(journal_lines(w) - before, n);
	assert_int_equal(end(&d), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(outcome_agrees_with_the_wire_when_idempotent),
		cmocka_unit_test(outcome_agrees_with_the_wire_when_not_idempotent),
		cmocka_unit_test(unreachable_or_forbidden_is_not_sent),
		cmocka_unit_test(same_key_is_delivered_once_by_an_idempotent_provider),
		cmocka_unit_test(credit_is_kept_and_more_is_refused),
		cmocka_unit_test(stop_finishes_what_is_open),
		cmocka_unit_test(abort_and_ping_are_answered_while_a_request_hangs),
		cmocka_unit_test(faulty_configuration_ends_with_2),
		cmocka_unit_test(keep_alive_carries_many),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
