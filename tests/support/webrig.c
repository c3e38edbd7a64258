/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The web process between raw sockets and ends played by the test. Called by the flows test_web_…; programs are taken from
 * $CAUNOI_BUILD (default "build"). Everything is in a folder of its own under /tmp, removed in the end. */
/* clang-format off: cmocka wants these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include "tests/support/webrig.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/base/clock.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"

#define SECRET WEBRIG_SECRET
#define H WEBRIG_HOST
#define WAIT_MS WEBRIG_WAIT_MS

/* ---- small things ---- */

int64_t webrig_mono_ms(void)
{
	struct clock c = clock_real();
	return clock_mono_ms(&c);
}

static void put_file(const struct webrig *w, const char *name, const char *text)
{
	char path[160];
	snprintf(path, sizeof(path), "%s/%s", w->folder, name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(path, 0600), 0);
}

static void make_folder(const struct webrig *w, const char *name)
{
	char path[160];
	snprintf(path, sizeof(path), "%s/%s", w->folder, name);
	assert_int_equal(mkdir(path, 0700), 0);
}

#define PROFILE(NAME, SIGNATURE)                                                                                                                 \
	"provider = { name = \"" NAME "\"; idempotent = { key = false; };\n"                                                                      \
	" submit = { method = \"POST\"; path = \"/m\"; headers = [ \"Authorization: Bearer {{secret.api_key}}\" ]; content_type = "        \
	"\"application/json\";"                                                                                                            \
	" body = \"{\\\"to\\\":{{to|json}},\\\"text\\\":{{text|json}}}\"; timeout_s = 30; };\n"                                            \
	" answer = { format = \"json\"; id = \"/id\"; rules = ( { status = \"200\"; outcome = \"accepted\"; }, { outcome = \"unclear\"; "  \
	"} ); };\n"                                                                                                                        \
	" receipt = { format = \"json\"; id = \"/id\"; status = \"/status\"; reply = \"GOT\"; map = ( { value = \"DELIVRD\"; status = "    \
	"\"delivered\"; } ); };\n"                                                                                                         \
	" inbound = { format = \"json\"; id = \"/id\"; from = \"/from\"; to = \"/to\"; text = \"/text\"; reply = \"OK\"; };\n"             \
	" signature = " SIGNATURE "; };\n"

#define PROFILE_MANY                                                                                                                       \
	"provider = { name = \"many\"; submit = { path = \"/m\"; }; answer = { format = \"json\"; rules = ( { outcome = \"unclear\"; } ); };\n" \
	" receipt = { format = \"json\"; each = \"/results\"; id = \"/id\"; status = \"/status\"; only = { at = \"/type\"; equals = \"report\"; };\n" \
	"  map = ( { value = \"ok\"; status = \"delivered\"; } ); };\n"                                                                 \
	" inbound = { format = \"json\"; each = \"/results\"; id = \"/id\"; from = \"/from\"; text = \"/text\"; only = { at = \"/type\"; equals = "  \
	"\"sms\"; };\n"                                                                                                                   \
	"  parts = { ref = \"/ref\"; total = \"/total\"; part = \"/part\"; }; }; };\n"

static void write_configuration(struct webrig *w, const char *web)
{
	char text[4096];
	make_folder(w, "secrets");
	make_folder(w, "providers");
	make_folder(w, "data");
	put_file(w, "secrets/hook", SECRET "\n");
	put_file(w, "secrets/key", "key-0123456789abcdef\n");
	put_file(w, "secrets/basic", "user:password-0123456789\n");
	put_file(w, "providers/plain.conf", PROFILE("plain", "{ kind = \"none\"; }"));
	put_file(w, "providers/signed.conf", PROFILE("signed", "{ kind = \"basic\"; secret = \"basic\"; }"));
	put_file(w, "providers/many.conf", PROFILE_MANY);
	snprintf(text, sizeof(text),
		 "data_dir = \"data\"; control = \"core.sock\";\n"
		 "organisation = { name = \"X\"; unit = \"02269\"; reply_number = \"+84912345678\"; };\n"
		 "web = { listen = \"unix:web.sock\"; public_url = \"http://127.0.0.1:8480\"; %s };\n"
		 "network = { allow_private_endpoints = [ \"127.0.0.1/32\" ]; };\n"
		 "channels = ( { name = \"may-ao\"; driver = \"loopback\"; },\n"
		 " { name = \"plain\"; driver = \"http\"; provider = \"plain\"; base_url = \"http://127.0.0.1:9\"; secrets = { api_key = "
		 "\"key\"; }; webhook_secret = \"hook\"; },\n"
		 " { name = \"fenced\"; driver = \"http\"; provider = \"many\"; base_url = \"http://127.0.0.1:9\"; webhook_secret = \"hook\"; "
		 "callback_from = [ \"203.0.113.0/24\", \"2001:db8::/32\" ]; },\n"
		 " { name = \"many\"; driver = \"http\"; provider = \"many\"; base_url = \"http://127.0.0.1:9\"; webhook_secret = \"hook\"; },\n"
		 " { name = \"signed\"; driver = \"http\"; provider = \"signed\"; base_url = \"http://127.0.0.1:9\"; secrets = { api_key = "
		 "\"key\"; basic = \"basic\"; };"
		 " webhook_secret = \"hook\"; } );\n"
		 "ussd = ( { name = \"main\"; style = \"africastalking\"; webhook_secret = \"hook\"; }, { name = \"fenced\"; style = \"arkesel\"; webhook_secret = "
		 "\"hook\"; callback_from = [ \"203.0.113.0/24\" ]; } );\n", web);
	put_file(w, "caunoi.conf", text);
}

int webrig_listen(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	memcpy(at.sun_path, path, strlen(path));
	unlink(path);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(fd, 8), 0);
	return fd;
}

/* Without a word when nobody listens. */
static int try_connect(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	memcpy(at.sun_path, path, strlen(path));
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&at, sizeof(at))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

int webrig_call(const struct webrig *w)
{
	for (int i = 0; i < 500; i++) {
		int fd = try_connect(w->listen);
		if (fd >= 0)
			return fd;
		usleep(10000);
	}
	fail_msg("nobody listens at %s", w->listen);
	return -1;
}

/* ---- frames ---- */

void webrig_send(int fd, const char *text, size_t n)
{
	while (n) {
		ssize_t k = send(fd, text, n, MSG_NOSIGNAL);
		if (k <= 0)
			return; /* refused while sending: the answer says why */
		text += k;
		n -= (size_t)k;
	}
}

void webrig_say(int fd, const char *text)
{
	webrig_send(fd, text, strlen(text));
}

/* The next line as JSON, NULL when none comes in time. */
static json_t *webrig_next_frame(int fd, struct buffer *b, int after_ms)
{
	for (;;) {
		const char *lf = buffer_left(b) ? memchr(buffer_text(b), '\n', buffer_left(b)) : NULL;
		if (lf) {
			json_t *f = NULL;
			size_t n = (size_t)(lf - buffer_text(b));
			assert_int_equal(json_parse(buffer_text(b), n, &f), 0);
			buffer_take(b, n + 1);
			return f;
		}
		struct pollfd p = { .fd = fd, .events = POLLIN };
		char some[65536];
		ssize_t n = poll(&p, 1, after_ms) > 0 ? read(fd, some, sizeof(some)) : 0;
		if (n <= 0)
			return NULL;
		assert_int_equal(buffer_put(b, some, (size_t)n), 0);
	}
}

/* The next frame to the core, which is alive: it answers pings. */
json_t *webrig_core_next(struct webrig *w, int after_ms)
{
	json_t *f;
	while ((f = webrig_next_frame(w->core, &w->core_in, after_ms)) && !strcmp(json_str(f, "op", ""), "ping")) {
		json_decref(f);
		webrig_say(w->core, "{\"op\":\"pong\",\"n\":1}\n");
	}
	return f;
}

json_t *webrig_core_frame(struct webrig *w)
{
	json_t *f = webrig_core_next(w, WAIT_MS);
	assert_non_null(f);
	return f;
}

void webrig_no_core_frame(struct webrig *w, int after_ms)
{
	json_t *f = webrig_core_next(w, after_ms);
	assert_null(f);
}

void webrig_reply(int fd, const json_t *frame, const char *op, const char *rest)
{
	OWN(buffer) struct buffer b = { 0 };
	assert_int_equal(buffer_printf(&b, "{\"op\":\"%s\",\"id\":%lld,%s}\n", op, (long long)json_int(frame, "id", -1), rest), 0);
	webrig_send(fd, buffer_text(&b), buffer_left(&b));
}

void webrig_accept_query(struct webrig *w)
{
	struct pollfd p = { .fd = w->query_door, .events = POLLIN };
	if (w->query >= 0)
		return;
	assert_int_equal(poll(&p, 1, WAIT_MS), 1);
	w->query = accept(w->query_door, NULL, NULL);
	assert_true(w->query >= 0);
	webrig_say(w->query, "{\"op\":\"hello\",\"version\":1,\"schema\":1}\n");
}

void webrig_hang_up_query(struct webrig *w)
{
	close(w->query);
	w->query = -1;
	buffer_done(&w->query_in);
}

json_t *webrig_query_frame(struct webrig *w)
{
	webrig_accept_query(w);
	json_t *f = webrig_next_frame(w->query, &w->query_in, WAIT_MS);
	assert_non_null(f);
	return f;
}

/* ---- answers ---- */

void webrig_answer_done(struct webrig_answer *a)
{
	buffer_done(&a->all);
}
static size_t expected_bytes(const char *text)
{
	const char *end = strstr(text, "\r\n\r\n"), *length = strcasestr(text, "\r\nContent-Length:");
	if (!end)
		return SIZE_MAX;
	return (size_t)(end + 4 - text) + (length && length < end ? strtoul(length + 17, NULL, 10) : 0);
}

/* One answer out of what the connection gives. */
void webrig_read_answer(int fd, struct webrig_answer *a, int after_ms)
{
	*a = (struct webrig_answer){ 0 };
	while (buffer_left(&a->all) < expected_bytes(buffer_text(&a->all))) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		char c[4096];
		size_t want = expected_bytes(buffer_text(&a->all)), have = buffer_left(&a->all);
		/* not a byte of the next answer */
		size_t n_most = want == SIZE_MAX ? 1 : want - have < sizeof(c) ? want - have : sizeof(c);
		ssize_t n = poll(&p, 1, after_ms) > 0 ? recv(fd, c, n_most, 0) : 0;
		if (n <= 0)
			break;
		assert_int_equal(buffer_put(&a->all, c, (size_t)n), 0);
	}
	if (!strncmp(buffer_text(&a->all), "HTTP/1.1 ", 9))
		a->status = (int)strtol(buffer_text(&a->all) + 9, NULL, 10);
	a->body = strstr(a->all.data ? a->all.data : (char[]){ "" }, "\r\n\r\n");
	if (a->body)
		a->body += 4;
}

bool webrig_has_field(const struct webrig_answer *a, const char *line)
{
	return strcasestr(buffer_text(&a->all), line) != NULL;
}

/* True when the other side closes within after_ms. */
bool webrig_is_closed(int fd, int after_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char c;
	return poll(&p, 1, after_ms) > 0 && recv(fd, &c, 1, 0) <= 0;
}

void webrig_ask(struct webrig *w, const char *request, struct webrig_answer *ret)
{
	OWN(fd) int fd = webrig_call(w);
	webrig_say(fd, request);
	webrig_read_answer(fd, ret, WAIT_MS);
}

void webrig_post(int fd, const char *path, const char *more, const char *body)
{
	OWN(buffer) struct buffer b = { 0 };
	assert_int_equal(buffer_printf(&b, "POST %s HTTP/1.1\r\n" H "%sContent-Length: %zu\r\n\r\n%s", path, more, strlen(body), body), 0);
	webrig_send(fd, buffer_text(&b), buffer_left(&b));
}

/* ---- the world ---- */

static void start_web(struct webrig *w)
{
	int pair[2];
	char path[512], config[160];
	const char *build = getenv("CAUNOI_BUILD");
	snprintf(path, sizeof(path), "%s/caunoi-web", build ? build : "build");
	snprintf(config, sizeof(config), "%s/caunoi.conf", w->folder);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	w->pid = fork();
	assert_true(w->pid >= 0);
	if (w->pid == 0) {
		dup2(pair[1], 0);
		dup2(pair[1], 1);
		for (int fd = 3; fd < 64; fd++)
			close(fd);
		execl(path, "caunoi-web", "--config", config, (char *)NULL);
		_exit(127);
	}
	close(pair[1]);
	w->core = pair[0];
}

void webrig_greet(struct webrig *w)
{
	char hello[256];
	snprintf(hello, sizeof(hello), "{\"op\":\"hello\",\"version\":1,\"schema\":1,\"query\":\"%s\"}\n{\"op\":\"ping\",\"n\":7}\n",
		 w->query_path);
	webrig_say(w->core, hello);
	OWN(json) json_t *f = webrig_core_frame(w);
	assert_string_equal(json_str(f, "op", ""), "pong");
	assert_int_equal(json_int(f, "n", 0), 7);
}

static int begin(void **state, const char *web)
{
	struct webrig *w = calloc(1, sizeof(*w));
	w->query = -1;
	snprintf(w->folder, sizeof(w->folder), "/tmp/caunoi-web-XXXXXX");
	assert_non_null(mkdtemp(w->folder));
	snprintf(w->listen, sizeof(w->listen), "%s/web.sock", w->folder);
	snprintf(w->query_path, sizeof(w->query_path), "%s/query.sock", w->folder);
	write_configuration(w, web);
	w->query_door = webrig_listen(w->query_path);
	start_web(w);
	close(webrig_call(w)); /* it listens */
	*state = w;
	return 0;
}

int webrig_begin(void **state)
{
	return begin(state, "");
}

int webrig_greeted(void **state)
{
	webrig_begin(state);
	webrig_greet(*state);
	return 0;
}

int webrig_behind_proxy(void **state)
{
	begin(state, "behind_proxy = true;");
	webrig_greet(*state);
	return 0;
}

int webrig_paced(void **state)
{
	begin(state, "requests_per_second = 1;");
	webrig_greet(*state);
	return 0;
}

int webrig_exit_code(struct webrig *w)
{
	int status = 0;
	close(w->core);
	w->core = -1;
	waitpid(w->pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void remove_files(const struct webrig *w)
{
	static const char *const names[] = {
		"secrets/hook", "secrets/key", "secrets/basic", "secrets",  "providers/plain.conf", "providers/signed.conf",
		"providers",	"data",	       "caunoi.conf",	"web.sock", "query.sock",	    ""
	};
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		char path[160];
		snprintf(path, sizeof(path), "%s/%s", w->folder, names[i]);
		if (unlink(path))
			rmdir(path);
	}
}

int webrig_end(void **state)
{
	struct webrig *w = *state;
	int code = w->core >= 0 ? webrig_exit_code(w) : 0;
	if (w->query >= 0)
		close(w->query);
	close(w->query_door);
	buffer_done(&w->core_in);
	buffer_done(&w->query_in);
	remove_files(w);
	free(w);
	return code;
}
