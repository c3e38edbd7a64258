/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of the HTTP driver before a real HTTP/2 server (nghttpd of Debian), over TLS with a certificate of our own, by name, by IPv4 and by
 * IPv6: messages share one connection where the provider knows keys, and have one each where it does not. The server sends back what it
 * gets, so the id of each answer is the message's own key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "tests/support/httprig.h"

#define PROFILE                                                                                                                            \
	"provider = { name = \"h\"; idempotent = { key = %s; }; submit = { path = \"/send\"; content_type = \"application/json\"; "             \
	"body = \"{\\\"id\\\":{{key|json}},\\\"text\\\":{{text|json}}}\"; timeout_s = 30; }; answer = { format = \"json\"; id = \"/id\"; "        \
	"rules = ( { status = \"200\"; at = \"/text\"; outcome = \"accepted\"; }, { outcome = \"unclear\"; } ); }; };"

struct server {
	pid_t pid;
	int port;
	char folder[64], key[96], cert[96], log[96];
};

/* ---- the server ---- */

static pid_t run(const char *const *argv, const char *output)
{
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid)
		return pid;
	int fd = open(output, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(fd, 1);
	dup2(fd, 2);
	close_range(3, ~0u, 0); /* among them the driver's input, which must close when the test closes it */
	execvp(argv[0], (char *const *)(uintptr_t)argv);
	_exit(127);
}

static int free_port(int family)
{
	struct sockaddr_in6 at = { .sin6_family = AF_INET6, .sin6_addr = in6addr_loopback };
	struct sockaddr_in at4 = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	bool six = family == AF_INET6;
	socklen_t n = six ? sizeof(at) : sizeof(at4);
	struct sockaddr *any = six ? (struct sockaddr *)&at : (struct sockaddr *)&at4;
	OWN(fd) int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, any, n) || getsockname(fd, any, &n))
		return 0;
	return ntohs(six ? at.sin6_port : at4.sin_port);
}

static bool answers(const struct server *s, int family)
{
	struct sockaddr_in6 at = { .sin6_family = AF_INET6, .sin6_addr = in6addr_loopback, .sin6_port = htons((uint16_t)s->port) };
	struct sockaddr_in at4 = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)s->port) };
	OWN(fd) int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return fd >= 0 && !(family == AF_INET6 ? connect(fd, (const struct sockaddr *)&at, sizeof(at)) :
						 connect(fd, (const struct sockaddr *)&at4, sizeof(at4)));
}

static void serve(struct server *s, int family)
{
	char port[8];
	snprintf(port, sizeof(port), "%d", s->port);
	const char *const argv[] = { "nghttpd", "-v", "--echo-upload", "-a", family == AF_INET6 ? "::1" : "127.0.0.1", port, s->key, s->cert, NULL };
	s->pid = run(argv, s->log);
	for (int i = 0; i < 3000 && !answers(s, family); i++)
		usleep(10000);
	assert_true(answers(s, family));
}

static void stop(struct server *s)
{
	kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
}

/* False: this machine cannot do it, and says what it lacks. */
static bool server_start(struct server *s, int family)
{
	int status = 1;
	*s = (struct server){ .folder = "/tmp/test-h2-XXXXXX", .port = free_port(family) };
	if (access("/usr/sbin/nghttpd", X_OK) && access("/usr/bin/nghttpd", X_OK)) {
		print_message("skipped: nghttpd (package nghttp2-server) is not installed\n");
		return false;
	}
	if (!s->port) {
		print_message("skipped: this machine has no IPv6 loopback\n");
		return false;
	}
	assert_non_null(mkdtemp(s->folder));
	snprintf(s->key, sizeof(s->key), "%s/key.pem", s->folder);
	snprintf(s->cert, sizeof(s->cert), "%s/cert.pem", s->folder);
	snprintf(s->log, sizeof(s->log), "%s/log", s->folder);
	const char *const argv[] = { "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost", "-addext",
				     "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1", "-keyout", s->key, "-out", s->cert, "-days", "2", NULL };
	waitpid(run(argv, s->log), &status, 0);
	assert_int_equal(status, 0);
	serve(s, family);
	return true;
}

/* How many times text stands in what the server wrote. */
static int said(const struct server *s, const char *text)
{
	OWN(file) FILE *f = fopen(s->log, "r");
	OWN(mem) char *line = NULL;
	size_t room = 0;
	int n = 0;
	assert_non_null(f);
	while (getline(&line, &room, f) > 0)
		n += strstr(line, text) != NULL;
	return n;
}

static void server_end(struct server *s)
{
	stop(s);
	unlink(s->key);
	unlink(s->cert);
	unlink(s->log);
	rmdir(s->folder);
}

/* ---- the driver before it ---- */

static void begin(struct httprig *d, const struct server *s, const char *host, const char *idempotent)
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
	struct server s;
	struct httprig d;
	if (!server_start(&s, AF_INET))
		skip();
	begin(&d, &s, "127.0.0.1", "true");
	send_all(&d, 32); /* eight at once, the credit of eight connections */
	assert_int_equal(said(&s, REQUEST), 32);
	assert_int_equal(said(&s, NEW_CONNECTION), 1);
	httprig_end(&d);
	server_end(&s);
}

static void message_has_a_connection_of_its_own_where_they_are_not(void **state)
{
	(void)state;
	struct server s;
	struct httprig d;
	if (!server_start(&s, AF_INET))
		skip();
	begin(&d, &s, "127.0.0.1", "false");
	send_all(&d, 8);
	assert_int_equal(said(&s, NEW_CONNECTION), 8);
	httprig_end(&d);
	server_end(&s);
}

static void provider_is_reached_by_ipv6(void **state)
{
	(void)state;
	struct server s;
	struct httprig d;
	if (!server_start(&s, AF_INET6))
		skip();
	begin(&d, &s, "[::1]", "true");
	send_all(&d, 4);
	httprig_end(&d);
	server_end(&s);
}

static void provider_is_reached_by_name(void **state)
{
	(void)state;
	struct server s;
	struct httprig d;
	if (!server_start(&s, AF_INET))
		skip();
	begin(&d, &s, "localhost", "true");
	send_all(&d, 4);
	httprig_end(&d);
	server_end(&s);
}

/* The connection that all shared is gone: what was never asked is not sent, and the next message opens another. */
static void server_that_comes_back_is_used_again(void **state)
{
	(void)state;
	struct server s;
	struct httprig d;
	if (!server_start(&s, AF_INET))
		skip();
	begin(&d, &s, "127.0.0.1", "true");
	send_all(&d, 4);
	stop(&s);
	httprig_submit(&d, 1, "+84912345678", "a");
	OWN(json) json_t *lost = httprig_read(&d);
	assert_string_equal(json_str(lost, "outcome", ""), "not_sent");
	assert_string_equal(json_str(lost, "fault", ""), "channel");
	serve(&s, AF_INET);
	send_all(&d, 4);
	httprig_end(&d);
	server_end(&s);
}

static void authority_that_is_not_ours_gets_nothing(void **state)
{
	(void)state;
	struct server s;
	struct httprig d;
	char profile[1024], url[96];
	if (!server_start(&s, AF_INET))
		skip();
	snprintf(profile, sizeof(profile), PROFILE, "true");
	snprintf(url, sizeof(url), "https://127.0.0.1:%d", s.port);
	httprig_folder(&d, profile);
	json_decref(httprig_start(&d, url, "", 30, 12)); /* the system's certificates */
	httprig_submit(&d, 1, "+84912345678", "a");
	OWN(json) json_t *f = httprig_read(&d);
	assert_string_equal(json_str(f, "outcome", ""), "not_sent");
	assert_string_equal(json_str(f, "code", ""), "tls");
	assert_int_equal(said(&s, REQUEST), 0);
	httprig_end(&d);
	server_end(&s);
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
