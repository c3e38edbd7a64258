/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of caunoi-web between raw sockets on one side and a core and a query process played by the test on the other: nothing is
 * answered before the core has answered, nobody asserts who they are, what is malformed never passes the guard, and neither
 * slow nor many callers keep a provider's callback out. Programs are taken from $CAUNOI_BUILD (default "build"). */
/* clang-format off: cmocka wants these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/base/buffer.h"
#include "gateway/base/clock.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"

#define SECRET "hook+secret/0123456789"
#define SECRET_URL "hook%2Bsecret%2F0123456789"
#define AUTH "Authorization: Bearer tok-1\r\n"
#define H "Host: test\r\n"
#define WAIT_MS 5000

struct world {
	pid_t pid;
	int core;	       /* our end of the web's standard input */
	int query_door, query; /* listening; accepted, -1 = none */
	struct buffer core_in, query_in;
	char folder[64], listen[108], query_path[108];
};

/* ---- small things ---- */

static int64_t now_ms(void)
{
	struct clock c = clock_real();
	return clock_mono_ms(&c);
}

static void put_file(const struct world *w, const char *name, const char *text)
{
	char path[160];
	snprintf(path, sizeof(path), "%s/%s", w->folder, name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(path, 0600), 0);
}

static void make_folder(const struct world *w, const char *name)
{
	char path[160];
	snprintf(path, sizeof(path), "%s/%s", w->folder, name);
	assert_int_equal(mkdir(path, 0700), 0);
}

#define PROFILE(SIGNATURE)                                                                                                                 \
	"provider = { name = \"x\"; idempotent = { key = false; };\n"                                                                      \
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

static void write_configuration(struct world *w)
{
	make_folder(w, "secrets");
	make_folder(w, "providers");
	make_folder(w, "data");
	put_file(w, "secrets/hook", SECRET "\n");
	put_file(w, "secrets/key", "key-0123456789abcdef\n");
	put_file(w, "secrets/basic", "user:password-0123456789\n");
	put_file(w, "providers/plain.conf", PROFILE("{ kind = \"none\"; }"));
	put_file(w, "providers/signed.conf", PROFILE("{ kind = \"basic\"; secret = \"basic\"; }"));
	put_file(w, "providers/many.conf", PROFILE_MANY);
	put_file(w, "caunoi.conf",
		 "data_dir = \"data\"; control = \"core.sock\";\n"
		 "organisation = { name = \"X\"; unit = \"02269\"; reply_number = \"+84912345678\"; };\n"
		 "web = { listen = \"unix:web.sock\"; public_url = \"http://127.0.0.1:8480\"; };\n"
		 "network = { allow_private_endpoints = [ \"127.0.0.1/32\" ]; };\n"
		 "channels = ( { name = \"may-ao\"; driver = \"loopback\"; },\n"
		 " { name = \"plain\"; driver = \"http\"; provider = \"plain\"; base_url = \"http://127.0.0.1:9\"; secrets = { api_key = "
		 "\"key\"; }; webhook_secret = \"hook\"; },\n"
		 " { name = \"many\"; driver = \"http\"; provider = \"many\"; base_url = \"http://127.0.0.1:9\"; webhook_secret = \"hook\"; },\n"
		 " { name = \"signed\"; driver = \"http\"; provider = \"signed\"; base_url = \"http://127.0.0.1:9\"; secrets = { api_key = "
		 "\"key\"; basic = \"basic\"; };"
		 " webhook_secret = \"hook\"; } );\n");
}

static int listen_at(const char *path)
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

static int call_in(const struct world *w)
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

static void send_text(int fd, const char *text, size_t n)
{
	while (n) {
		ssize_t k = send(fd, text, n, MSG_NOSIGNAL);
		if (k <= 0)
			return; /* refused while sending: the answer says why */
		text += k;
		n -= (size_t)k;
	}
}

static void say(int fd, const char *text)
{
	send_text(fd, text, strlen(text));
}

/* The next line as JSON, NULL when none comes in time. */
static json_t *next_frame(int fd, struct buffer *b, int after_ms)
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
static json_t *core_next(struct world *w, int after_ms)
{
	json_t *f;
	while ((f = next_frame(w->core, &w->core_in, after_ms)) && !strcmp(json_str(f, "op", ""), "ping")) {
		json_decref(f);
		say(w->core, "{\"op\":\"pong\",\"n\":1}\n");
	}
	return f;
}

static json_t *core_frame(struct world *w)
{
	json_t *f = core_next(w, WAIT_MS);
	assert_non_null(f);
	return f;
}

static void no_core_frame(struct world *w, int after_ms)
{
	json_t *f = core_next(w, after_ms);
	assert_null(f);
}

static void reply(int fd, const json_t *frame, const char *op, const char *rest)
{
	OWN(buffer) struct buffer b = { 0 };
	assert_int_equal(buffer_printf(&b, "{\"op\":\"%s\",\"id\":%lld,%s}\n", op, (long long)json_int(frame, "id", -1), rest), 0);
	send_text(fd, buffer_text(&b), buffer_left(&b));
}

static void accept_query(struct world *w)
{
	struct pollfd p = { .fd = w->query_door, .events = POLLIN };
	if (w->query >= 0)
		return;
	assert_int_equal(poll(&p, 1, WAIT_MS), 1);
	w->query = accept(w->query_door, NULL, NULL);
	assert_true(w->query >= 0);
	say(w->query, "{\"op\":\"hello\",\"version\":1,\"schema\":1}\n");
}

static void hang_up_query(struct world *w)
{
	close(w->query);
	w->query = -1;
	buffer_done(&w->query_in);
}

static json_t *query_frame(struct world *w)
{
	accept_query(w);
	json_t *f = next_frame(w->query, &w->query_in, WAIT_MS);
	assert_non_null(f);
	return f;
}

/* ---- answers ---- */

struct answer {
	int status; /* 0 = closed without one */
	struct buffer all;
	char *body; /* in all */
};

static void answer_done(struct answer *a)
{
	buffer_done(&a->all);
}
#define ANSWER __attribute__((cleanup(answer_done))) struct answer

static size_t expected_bytes(const char *text)
{
	const char *end = strstr(text, "\r\n\r\n"), *length = strcasestr(text, "\r\nContent-Length:");
	if (!end)
		return SIZE_MAX;
	return (size_t)(end + 4 - text) + (length && length < end ? strtoul(length + 17, NULL, 10) : 0);
}

/* One answer out of what the connection gives. */
static void read_answer(int fd, struct answer *a, int after_ms)
{
	*a = (struct answer){ 0 };
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

static bool has_field(const struct answer *a, const char *line)
{
	return strcasestr(buffer_text(&a->all), line) != NULL;
}

/* True when the other side closes within after_ms. */
static bool is_closed(int fd, int after_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char c;
	return poll(&p, 1, after_ms) > 0 && recv(fd, &c, 1, 0) <= 0;
}

static void ask(struct world *w, const char *request, struct answer *ret)
{
	OWN(fd) int fd = call_in(w);
	say(fd, request);
	read_answer(fd, ret, WAIT_MS);
}

static void post(int fd, const char *path, const char *more, const char *body)
{
	OWN(buffer) struct buffer b = { 0 };
	assert_int_equal(buffer_printf(&b, "POST %s HTTP/1.1\r\n" H "%sContent-Length: %zu\r\n\r\n%s", path, more, strlen(body), body), 0);
	send_text(fd, buffer_text(&b), buffer_left(&b));
}

/* ---- the world ---- */

static void start_web(struct world *w)
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

static void greet(struct world *w)
{
	char hello[256];
	snprintf(hello, sizeof(hello), "{\"op\":\"hello\",\"version\":1,\"schema\":1,\"query\":\"%s\"}\n{\"op\":\"ping\",\"n\":7}\n",
		 w->query_path);
	say(w->core, hello);
	OWN(json) json_t *f = core_frame(w);
	assert_string_equal(json_str(f, "op", ""), "pong");
	assert_int_equal(json_int(f, "n", 0), 7);
}

static int world_begin(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	w->query = -1;
	snprintf(w->folder, sizeof(w->folder), "/tmp/caunoi-web-XXXXXX");
	assert_non_null(mkdtemp(w->folder));
	snprintf(w->listen, sizeof(w->listen), "%s/web.sock", w->folder);
	snprintf(w->query_path, sizeof(w->query_path), "%s/query.sock", w->folder);
	write_configuration(w);
	w->query_door = listen_at(w->query_path);
	start_web(w);
	close(call_in(w)); /* it listens */
	*state = w;
	return 0;
}

static int world_greeted(void **state)
{
	world_begin(state);
	greet(*state);
	return 0;
}

static int exit_code(struct world *w)
{
	int status = 0;
	close(w->core);
	w->core = -1;
	waitpid(w->pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void remove_files(const struct world *w)
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

static int world_end(void **state)
{
	struct world *w = *state;
	int code = w->core >= 0 ? exit_code(w) : 0;
	if (w->query >= 0)
		close(w->query);
	close(w->query_door);
	buffer_done(&w->core_in);
	buffer_done(&w->query_in);
	remove_files(w);
	free(w);
	return code;
}

/* ---- commands ---- */

static void command_passes_its_arguments_and_waits_for_the_core(void **state)
{
	struct world *w = *state;
	OWN(fd) int fd = call_in(w);
	ANSWER a = { 0 };
	post(fd, "/api/v1/message", AUTH "Idempotency-Key: k\"1\\\r\n",
	     "{\"to\":\"0912345678\",\n \"text\":\"Ch\\u00e0o \\ud83d\\ude00\", \"session\":\"x\"}");
	OWN(json) json_t *f = core_frame(w);
	assert_string_equal(json_str(f, "op", ""), "command");
	assert_string_equal(json_str(f, "verb", ""), "message.send");
	assert_string_equal(json_str(f, "session", ""), "tok-1");
	assert_string_equal(json_str(f, "key", ""), "k\"1\\");
	json_t *args = json_object_get(f, "args");
	assert_string_equal(json_str(args, "text", ""), "Chào 😀");
	assert_string_equal(json_str(args, "session", ""), "x"); /* an argument like any other: the core refuses it */
	assert_int_equal(json_object_size(args), 3);
	assert_false(is_closed(fd, 100));
	reply(w->core, f, "reply", "\"ok\":true,\"result\":{\"id\":5,\"state\":\"queued\"}");
	read_answer(fd, &a, WAIT_MS);
	assert_int_equal(a.status, 201);
	assert_string_equal(a.body, "{\"id\":5,\"state\":\"queued\"}");
	assert_true(has_field(&a, "\r\nCache-Control: no-store\r\n"));
	assert_true(has_field(&a, "\r\nX-Content-Type-Options: nosniff\r\n"));
}

static void command_of_a_thing_names_it_in_the_path(void **state)
{
	struct world *w = *state;
	OWN(fd) int fd = call_in(w);
	for (int i = 0; i < 2; i++) {
		ANSWER a = { 0 };
		post(fd, i ? "/api/v1/campaign/12/start" : "/api/v1/consent/%2B84912345678/opt-out", AUTH, i ? "{\"confirm\":3}" : "");
		OWN(json) json_t *f = core_frame(w);
		assert_string_equal(json_str(f, "verb", ""), i ? "campaign.start" : "consent.opt-out");
		assert_null(json_object_get(f, "key"));
		json_t *args = json_object_get(f, "args");
		if (i)
			assert_int_equal(json_int(args, "id", 0), 12);
		else
			assert_string_equal(json_str(args, "number", ""), "+84912345678");
		reply(w->core, f, "reply", "\"ok\":true,\"result\":null");
		read_answer(fd, &a, WAIT_MS);
		assert_int_equal(a.status, 200); /* twice on one connection */
	}
}

static void refusal_becomes_a_problem_document(void **state)
{
	struct world *w = *state;
	OWN(fd) int fd = call_in(w);
	ANSWER a = { 0 };
	post(fd, "/api/v1/message", AUTH, "{}");
	OWN(json) json_t *f = core_frame(w);
	reply(w->core, f, "reply",
	      "\"ok\":false,\"error\":{\"rule\":\"missing\",\"status\":422,\"field\":\"to\",\"args\":null,\"text\":\"to is missing\"}");
	read_answer(fd, &a, WAIT_MS);
	assert_int_equal(a.status, 422);
	assert_true(has_field(&a, "\r\nContent-Type: application/problem+json\r\n"));
	OWN(json) json_t *doc = NULL;
	assert_int_equal(json_parse(a.body, strlen(a.body), &doc), 0);
	assert_string_equal(json_str(doc, "rule", ""), "missing");
	assert_string_equal(json_str(doc, "field", ""), "to");
	assert_string_equal(json_str(doc, "detail", ""), "to is missing");
	assert_int_equal(json_int(doc, "status", 0), 422);
	assert_non_null(json_str(doc, "title", NULL));
	assert_non_null(json_str(doc, "type", NULL));
}

static const struct {
	const char *label, *request;
	int status;
} refused[] = {
	{ "no token", "POST /api/v1/message HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\n{}", 401 },
	{ "other scheme", "POST /api/v1/message HTTP/1.1\r\n" H "Authorization: Basic dTpw\r\nContent-Length: 2\r\n\r\n{}", 401 },
	{ "token that leaves its string",
	  "POST /api/v1/message HTTP/1.1\r\n" H "Authorization: Bearer a\",\"x\":\"\r\nContent-Length: 2\r\n\r\n{}", 401 },
	{ "query without a token", "GET /api/v1/message HTTP/1.1\r\n" H "\r\n", 401 },
	{ "events without a token", "GET /api/v1/events HTTP/1.1\r\n" H "\r\n", 401 },
	{ "body that leaves its object",
	  "POST /api/v1/message HTTP/1.1\r\n" H AUTH "Content-Length: 28\r\n\r\n{},\"session\":\"evil\",\"args\":{}", 400 },
	{ "no JSON", "POST /api/v1/message HTTP/1.1\r\n" H AUTH "Content-Length: 3\r\n\r\nabc", 400 },
	{ "array", "POST /api/v1/message HTTP/1.1\r\n" H AUTH "Content-Length: 2\r\n\r\n[]", 400 },
	{ "twice the same name", "POST /api/v1/message HTTP/1.1\r\n" H AUTH "Content-Length: 13\r\n\r\n{\"a\":1,\"a\":2}", 400 },
	{ "id twice", "POST /api/v1/campaign/1/start HTTP/1.1\r\n" H AUTH "Content-Length: 8\r\n\r\n{\"id\":2}", 400 },
	{ "arguments in the query of a command", "POST /api/v1/message?to=1 HTTP/1.1\r\n" H AUTH "Content-Length: 2\r\n\r\n{}", 400 },
	{ "key too odd", "POST /api/v1/message HTTP/1.1\r\n" H AUTH "Idempotency-Key: \xc4\x91\r\nContent-Length: 2\r\n\r\n{}", 400 },
	{ "foreign page", "POST /api/v1/message HTTP/1.1\r\n" H AUTH "Origin: http://evil.example\r\nContent-Length: 2\r\n\r\n{}", 403 },
	{ "page from nowhere", "POST /api/v1/message HTTP/1.1\r\n" H AUTH "Origin: null\r\nContent-Length: 2\r\n\r\n{}", 403 },
	{ "command by GET", "GET /api/v1/channel/may-ao/pause HTTP/1.1\r\n" H AUTH "\r\n", 405 },
	{ "query by POST", "POST /api/v1/message/list HTTP/1.1\r\n" H AUTH "Content-Length: 2\r\n\r\n{}", 405 },
	{ "other method", "DELETE /api/v1/message/1 HTTP/1.1\r\n" H AUTH "\r\n", 405 },
	{ "local verb", "POST /api/v1/init HTTP/1.1\r\n" H AUTH "Content-Length: 2\r\n\r\n{}", 404 },
	{ "no noun", "GET /api/v1/nothing HTTP/1.1\r\n" H AUTH "\r\n", 404 },
	{ "argument twice", "GET /api/v1/message?limit=1&limit=2 HTTP/1.1\r\n" H AUTH "\r\n", 400 },
	{ "debug", "GET /debug HTTP/1.1\r\n" H "\r\n", 404 },
	{ "repository", "GET /.git/config HTTP/1.1\r\n" H "\r\n", 404 },
	{ "hook: one character off", "POST /hooks/plain/" SECRET_URL "0/inbound HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\n{}", 404 },
	{ "hook: one character less", "POST /hooks/plain/hook%2Bsecret%2F012345678/inbound HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\n{}",
	  404 },
	{ "hook: other case", "POST /hooks/plain/HOOK%2Bsecret%2F0123456789/inbound HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\n{}", 404 },
	{ "hook: no secret", "POST /hooks/plain/inbound HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\n{}", 404 },
	{ "hook: unknown channel", "POST /hooks/other/" SECRET_URL "/inbound HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\n{}", 404 },
	{ "hook: loopback", "POST /hooks/may-ao/" SECRET_URL "/inbound HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\n{}", 404 },
	{ "hook: other end", "POST /hooks/plain/" SECRET_URL "/outbound HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\n{}", 404 },
	{ "hook: unsigned", "POST /hooks/signed/" SECRET_URL "/inbound HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\n{}", 403 },
	{ "hook: signed wrong",
	  "POST /hooks/signed/" SECRET_URL "/inbound HTTP/1.1\r\n" H "Authorization: Basic dTpw\r\nContent-Length: 2\r\n\r\n{}", 403 },
};

static void refused_requests_never_reach_the_core(void **state)
{
	struct world *w = *state;
	for (size_t i = 0; i < COUNT_OF(refused); i++) {
		ANSWER a = { 0 };
		ask(w, refused[i].request, &a);
		if (a.status != refused[i].status)
			fail_msg("%s: %d", refused[i].label, a.status);
		assert_true(has_field(&a, "\r\nContent-Type: application/problem+json\r\n"));
		assert_int_equal(has_field(&a, "\r\nWWW-Authenticate: Bearer\r\n"), a.status == 401);
		assert_int_equal(has_field(&a, "\r\nAllow: "), a.status == 405);
	}
	no_core_frame(w, 100);
}

/* ---- the guard ---- */

static const struct {
	const char *label, *request;
	int status;
} attacks[] = {
	{ "length twice", "POST /api/v1/message HTTP/1.1\r\n" H "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400 },
	{ "negative length", "POST /api/v1/message HTTP/1.1\r\n" H "Content-Length: -2\r\n\r\n{}", 400 },
	{ "length and chunks", "POST /api/v1/message HTTP/1.1\r\n" H "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	  400 },
	{ "bare line feeds", "GET /healthz HTTP/1.1\nHost: a\n\n", 400 },
	{ "folded field", "GET /healthz HTTP/1.1\r\n" H "X: a\r\n b\r\n\r\n", 400 },
	{ "space before colon", "GET /healthz HTTP/1.1\r\n" H "X : a\r\n\r\n", 400 },
	{ "TRACE", "TRACE / HTTP/1.1\r\n" H "\r\n", 400 },
	{ "CONNECT", "CONNECT a:80 HTTP/1.1\r\n" H "\r\n", 400 },
	{ "absolute URI", "GET http://a/healthz HTTP/1.1\r\n" H "\r\n", 400 },
	{ "two slashes", "GET //healthz HTTP/1.1\r\n" H "\r\n", 400 },
	{ "dots", "GET /static/..%2f..%2fetc/passwd HTTP/1.1\r\n" H "\r\n", 404 },
	{ "NUL", "GET /healthz%00 HTTP/1.1\r\n" H "\r\n", 404 },
	{ "body too large", "POST /api/v1/message HTTP/1.1\r\n" H "Content-Length: 1048577\r\n\r\n", 413 },
	{ "1 GB", "POST /api/v1/message HTTP/1.1\r\n" H "Expect: 100-continue\r\nContent-Length: 1073741824\r\n\r\n", 413 },
	{ "callback too large", "POST /hooks/plain/" SECRET_URL "/inbound HTTP/1.1\r\n" H "Content-Length: 262145\r\n\r\n", 413 },
	{ "chunk too large", "POST /api/v1/message HTTP/1.1\r\n" H AUTH "Transfer-Encoding: chunked\r\n\r\n100001\r\nabc", 413 },
	{ "chunk extension", "POST /api/v1/message HTTP/1.1\r\n" H AUTH "Transfer-Encoding: chunked\r\n\r\n1;x\r\na\r\n0\r\n\r\n", 400 },
};

static void guard_refuses_and_closes(void **state)
{
	struct world *w = *state;
	for (size_t i = 0; i < COUNT_OF(attacks); i++) {
		OWN(fd) int fd = call_in(w);
		ANSWER a = { 0 };
		say(fd, attacks[i].request);
		read_answer(fd, &a, WAIT_MS);
		if (a.status != attacks[i].status)
			fail_msg("%s: %d", attacks[i].label, a.status);
		if (!is_closed(fd, 1000))
			fail_msg("%s: still open", attacks[i].label);
	}
	no_core_frame(w, 100);
}

static void password_that_nobody_has_never_reaches_the_core(void **state)
{
	static const struct {
		int chars;
		int status;
	} sizes[] = { { 513, 400 }, { 300000, 400 }, { 1000000, 400 } };
	struct world *w = *state;
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		OWN(fd) int fd = call_in(w);
		OWN(mem) char *body = NULL;
		ANSWER a = { 0 };
		assert_true(asprintf(&body, "{\"user\":\"lan\",\"password\":\"%0*d\"}", sizes[i].chars, 0) > 0);
		post(fd, "/api/v1/session/open", "Content-Type: application/json\r\n", body);
		read_answer(fd, &a, WAIT_MS);
		if (a.status != sizes[i].status)
			fail_msg("%d: %d", sizes[i].chars, a.status);
	}
	no_core_frame(w, 100);
}

static void guard_answers_what_came_before_an_attack(void **state)
{
	struct world *w = *state;
	OWN(fd) int fd = call_in(w);
	ANSWER first = { 0 }, second = { 0 };
	say(fd, "POST /api/v1/message HTTP/1.1\r\n" H AUTH "Content-Length: 2\r\n\r\n{}GET /smuggled HTTP/1.1\r\nX : a\r\n\r\n");
	OWN(json) json_t *f = core_frame(w);
	usleep(50000);
	reply(w->core, f, "reply", "\"ok\":true,\"result\":{\"id\":1}");
	read_answer(fd, &first, WAIT_MS);
	read_answer(fd, &second, WAIT_MS);
	assert_int_equal(first.status, 201);
	assert_int_equal(second.status, 400);
	assert_true(is_closed(fd, 1000));
}

static void requests_are_served_in_order_whatever_the_pieces(void **state)
{
	struct world *w = *state;
	static const char text[] = "GET /healthz HTTP/1.1\r\n" H "\r\nPOST /api/v1/nothing HTTP/1.1\r\n" H
				   "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
				   "GET / HTTP/1.1\r\n" H "\r\n";
	OWN(fd) int fd = call_in(w);
	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		send_text(fd, text + i, 1);
		usleep(200);
	}
	ANSWER a = { 0 }, b = { 0 }, c = { 0 };
	read_answer(fd, &a, WAIT_MS);
	read_answer(fd, &b, WAIT_MS);
	assert_int_equal(a.status, 200);
	assert_int_equal(b.status, 404);
	if (is_closed(fd, 200))
		return; /* a refused chunked body may end the connection */
	read_answer(fd, &c, WAIT_MS);
}

static void slow_callers_are_sent_away(void **state)
{
	struct world *w = *state;
	OWN(fd) int slow = call_in(w);
	OWN(fd) int silent = call_in(w);
	ANSWER a = { 0 };
	int64_t from = now_ms();
	say(slow, "GET /healthz HTT");
	for (int i = 0; i < 3; i++) {
		usleep(2500000);
		say(slow, "P");
	}
	read_answer(slow, &a, 6000);
	assert_int_equal(a.status, 408);
	assert_true(now_ms() - from > 9000);
	assert_true(is_closed(slow, 1000));
	assert_true(is_closed(silent, 1000));
}

/* ---- callbacks ---- */

static void callback_is_answered_after_the_commit_only(void **state)
{
	struct world *w = *state;
	OWN(fd) int fd = call_in(w);
	ANSWER a = { 0 };
	post(fd, "/hooks/plain/" SECRET_URL "/inbound", "Content-Type: application/json\r\n",
	     "{\"id\":\"m-1\",\"from\":\"+84912345678\",\"to\":\"8088\",\"text\":\"TC\"}");
	OWN(json) json_t *f = core_frame(w);
	assert_string_equal(json_str(f, "op", ""), "hook");
	assert_string_equal(json_str(f, "channel", ""), "plain");
	json_t *item = json_array_get(json_object_get(f, "items"), 0), *in = json_object_get(item, "inbound");
	assert_string_equal(json_str(item, "kind", ""), "inbound");
	assert_string_equal(json_str(in, "id", ""), "m-1");
	assert_string_equal(json_str(in, "from", ""), "+84912345678");
	assert_string_equal(json_str(in, "to", ""), "8088");
	assert_string_equal(json_str(in, "text", ""), "TC");
	assert_true(json_int(in, "sent_at_ms", 0) > 0);
	assert_non_null(json_str(in, "raw", NULL));
	assert_null(json_object_get(f, "session"));
	struct pollfd p = { .fd = fd, .events = POLLIN };
	assert_int_equal(poll(&p, 1, 150), 0);
	reply(w->core, f, "reply", "\"ok\":true,\"result\":null");
	read_answer(fd, &a, WAIT_MS);
	assert_int_equal(a.status, 200);
	assert_string_equal(a.body, "OK");
}

static void callback_the_core_refuses_is_asked_for_again(void **state)
{
	struct world *w = *state;
	OWN(fd) int fd = call_in(w);
	ANSWER a = { 0 };
	post(fd, "/hooks/plain/" SECRET_URL "/receipt", "", "{\"id\":\"ref-1\",\"status\":\"DELIVRD\"}");
	OWN(json) json_t *f = core_frame(w);
	json_t *item = json_array_get(json_object_get(f, "items"), 0), *receipt = json_object_get(item, "receipt");
	assert_string_equal(json_str(receipt, "reference", ""), "ref-1");
	assert_string_equal(json_str(receipt, "status", ""), "delivered");
	assert_string_equal(json_str(receipt, "code", ""), "DELIVRD");
	reply(w->core, f, "reply",
	      "\"ok\":false,\"error\":{\"rule\":\"disk_low\",\"status\":503,\"field\":\"\",\"args\":null,\"text\":\"disk\"}");
	read_answer(fd, &a, WAIT_MS);
	assert_int_equal(a.status, 503);
	assert_true(has_field(&a, "\r\nRetry-After: "));
}

static void malformed_callback_is_kept_and_refused(void **state)
{
	struct world *w = *state;
	OWN(fd) int fd = call_in(w);
	ANSWER a = { 0 };
	post(fd, "/hooks/plain/" SECRET_URL "/inbound", "", "{\"from\":");
	OWN(json) json_t *f = core_frame(w);
	json_t *in = json_object_get(json_array_get(json_object_get(f, "items"), 0), "inbound");
	assert_true(json_flag(in, "malformed", false));
	assert_string_equal(json_str(in, "raw", ""), "7b2266726f6d223a");
	reply(w->core, f, "reply", "\"ok\":true,\"result\":null");
	read_answer(fd, &a, WAIT_MS);
	assert_int_equal(a.status, 400);
}

static void malformed_callback_that_was_not_kept_is_asked_for_again(void **state)
{
	struct world *w = *state;
	OWN(fd) int fd = call_in(w);
	ANSWER a = { 0 };
	post(fd, "/hooks/plain/" SECRET_URL "/inbound", "", "{\"from\":");
	OWN(json) json_t *f = core_frame(w);
	reply(w->core, f, "reply",
	      "\"ok\":false,\"error\":{\"rule\":\"unavailable\",\"status\":503,\"field\":\"\",\"args\":null,\"text\":\"away\"}");
	read_answer(fd, &a, WAIT_MS);
	assert_int_equal(a.status, 503);
	assert_true(has_field(&a, "\r\nRetry-After: "));
}

#define EVENT_REPORT "{\"type\":\"report\",\"id\":\"r-1\",\"status\":\"ok\"}"
#define EVENT_PART "{\"type\":\"sms\",\"id\":\"m-2\",\"from\":\"+84912345678\",\"text\":\"xin \",\"ref\":\"7\",\"total\":2,\"part\":1}"

static void many_events_of_one_callback_are_one_frame(void **state)
{
	struct world *w = *state;
	OWN(fd) int fd = call_in(w);
	ANSWER a = { 0 };
	post(fd, "/hooks/many/" SECRET_URL "/receipt", "", "{\"results\":[" EVENT_REPORT "," EVENT_PART ",{\"type\":\"ping\"}]}");
	OWN(json) json_t *f = core_frame(w);
	json_t *items = json_object_get(f, "items");
	assert_int_equal(json_array_size(items), 2);
	json_t *receipt = json_object_get(json_array_get(items, 0), "receipt"), *in = json_object_get(json_array_get(items, 1), "inbound");
	assert_string_equal(json_str(receipt, "reference", ""), "r-1");
	assert_string_equal(json_str(receipt, "status", ""), "delivered");
	assert_string_equal(json_str(in, "id", ""), "m-2");
	json_t *udh = json_object_get(in, "udh");
	assert_int_equal(json_int(udh, "ref", 0), 7);
	assert_int_equal(json_int(udh, "total", 0), 2);
	assert_int_equal(json_int(udh, "part", 0), 1);
	reply(w->core, f, "reply", "\"ok\":true,\"result\":null");
	read_answer(fd, &a, WAIT_MS);
	assert_int_equal(a.status, 200);
}

static void events_that_can_be_read_are_kept_beside_one_that_cannot(void **state)
{
	struct world *w = *state;
	OWN(fd) int fd = call_in(w);
	ANSWER a = { 0 };
	post(fd, "/hooks/many/" SECRET_URL "/receipt", "", "{\"results\":[{\"type\":\"report\",\"status\":\"ok\"}," EVENT_REPORT "]}");
	OWN(json) json_t *f = core_frame(w);
	json_t *items = json_object_get(f, "items");
	assert_int_equal(json_array_size(items), 2);
	assert_string_equal(json_str(json_object_get(json_array_get(items, 0), "receipt"), "reference", ""), "r-1");
	assert_true(json_flag(json_object_get(json_array_get(items, 1), "inbound"), "malformed", false));
	reply(w->core, f, "reply", "\"ok\":true,\"result\":null");
	read_answer(fd, &a, WAIT_MS);
	assert_int_equal(a.status, 400);
}

static void signed_callback_passes(void **state)
{
	struct world *w = *state;
	OWN(fd) int fd = call_in(w);
	ANSWER a = { 0 };
	/* base64 of user:password-0123456789 */
	post(fd, "/hooks/signed/" SECRET_URL "/receipt", "Authorization: Basic dXNlcjpwYXNzd29yZC0wMTIzNDU2Nzg5\r\n",
	     "{\"id\":\"r\",\"status\":\"ODD\"}");
	OWN(json) json_t *f = core_frame(w);
	reply(w->core, f, "reply", "\"ok\":true,\"result\":null");
	read_answer(fd, &a, WAIT_MS);
	assert_int_equal(a.status, 200);
	assert_string_equal(a.body, "GOT");
}

/* ---- queries ---- */

static void list_has_items_and_next(void **state)
{
	struct world *w = *state;
	OWN(fd) int fd = call_in(w);
	ANSWER a = { 0 }, b = { 0 };
	say(fd, "GET /api/v1/message?limit=2&state=sent HTTP/1.1\r\n" H AUTH "\r\n");
	OWN(json) json_t *f = query_frame(w);
	assert_string_equal(json_str(f, "op", ""), "query");
	assert_string_equal(json_str(f, "verb", ""), "message.list");
	assert_string_equal(json_str(f, "session", ""), "tok-1");
	assert_string_equal(json_str(json_object_get(f, "args"), "state", ""), "sent");
	reply(w->query, f, "rows", "\"rows\":[{\"id\":1},{\"id\":2}],\"more\":true,\"next\":2");
	read_answer(fd, &a, WAIT_MS);
	assert_int_equal(a.status, 200);
	assert_string_equal(a.body, "{\"items\":[{\"id\":1},{\"id\":2}],\"next\":2}\n");
	say(fd, "GET /api/v1/message/7 HTTP/1.1\r\n" H AUTH "\r\n");
	OWN(json) json_t *one = query_frame(w);
	assert_string_equal(json_str(one, "verb", ""), "message.show");
	assert_int_equal(json_int(json_object_get(one, "args"), "id", 0), 7);
	reply(w->query, one, "rows", "\"rows\":[{\"id\":7}],\"more\":false,\"next\":null");
	read_answer(fd, &b, WAIT_MS);
	assert_string_equal(b.body, "{\"id\":7}\n");
}

static void queries_wait_side_by_side(void **state)
{
	struct world *w = *state;
	OWN(fd) int one = call_in(w);
	OWN(fd) int two = call_in(w);
	ANSWER a = { 0 }, b = { 0 };
	say(one, "GET /api/v1/message/1 HTTP/1.1\r\n" H AUTH "\r\n");
	OWN(json) json_t *first = query_frame(w);
	say(two, "GET /api/v1/message/2 HTTP/1.1\r\n" H AUTH "\r\n");
	OWN(json) json_t *second = query_frame(w);
	reply(w->query, second, "rows", "\"rows\":[{\"id\":2}],\"more\":false,\"next\":null");
	read_answer(two, &b, WAIT_MS);
	reply(w->query, first, "reply",
	      "\"ok\":false,\"error\":{\"rule\":\"not_found\",\"status\":404,\"field\":\"id\",\"args\":null,\"text\":\"none\"}");
	read_answer(one, &a, WAIT_MS);
	assert_int_equal(b.status, 200);
	assert_int_equal(a.status, 404);
}

static void query_is_asked_again_when_its_process_restarts(void **state)
{
	struct world *w = *state;
	OWN(fd) int fd = call_in(w);
	ANSWER a = { 0 };
	say(fd, "GET /api/v1/message/1 HTTP/1.1\r\n" H AUTH "\r\n");
	json_decref(query_frame(w));
	hang_up_query(w);
	OWN(json) json_t *again = query_frame(w);
	reply(w->query, again, "rows", "\"rows\":[{\"id\":1}],\"more\":false,\"next\":null");
	read_answer(fd, &a, WAIT_MS);
	assert_int_equal(a.status, 200);
}

static void query_that_kills_its_process_twice_is_refused(void **state)
{
	struct world *w = *state;
	OWN(fd) int fd = call_in(w);
	ANSWER a = { 0 };
	say(fd, "GET /api/v1/message/1 HTTP/1.1\r\n" H AUTH "\r\n");
	for (int i = 0; i < 2; i++) {
		json_decref(query_frame(w));
		hang_up_query(w);
	}
	read_answer(fd, &a, WAIT_MS);
	assert_int_equal(a.status, 503);
	assert_true(has_field(&a, "\r\nRetry-After: "));
}

static void query_without_a_process_ends_with_503(void **state)
{
	struct world *w = *state;
	OWN(fd) int fd = call_in(w);
	ANSWER a = { 0 };
	accept_query(w);
	close(w->query_door);
	hang_up_query(w);
	unlink(w->query_path);
	say(fd, "GET /api/v1/message HTTP/1.1\r\n" H AUTH "\r\n");
	read_answer(fd, &a, 8000);
	assert_int_equal(a.status, 503);
	assert_true(has_field(&a, "\r\nRetry-After: "));
	w->query_door = listen_at(w->query_path);
}

/* ---- uploads ---- */

static void upload_goes_in_pieces_then_the_command(void **state)
{
	struct world *w = *state;
	enum { BYTES = 300 * 1024 };
	OWN(fd) int fd = call_in(w);
	OWN(mem) char *file = malloc(BYTES);
	ANSWER a = { 0 };
	memset(file, 'x', BYTES);
	say(fd, "POST /api/v1/contact/import?group=thon1&basis=h%E1%BB%8Dp HTTP/1.1\r\n" H AUTH "Content-Length: 307200\r\n\r\n");
	size_t sent = 0;
	int64_t bytes = 0;
	for (;;) {
		while (sent < BYTES) {
			ssize_t n = send(fd, file + sent, BYTES - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
			if (n <= 0)
				break;
			sent += (size_t)n;
		}
		json_t *f = core_next(w, 50);
		if (!f)
			continue;
		OWN(json) json_t *frame = f;
		if (strcmp(json_str(f, "op", ""), "put") != 0) {
			assert_string_equal(json_str(f, "verb", ""), "contact.import");
			json_t *args = json_object_get(f, "args");
			assert_int_equal(json_int(args, "file", 0), 9);
			assert_string_equal(json_str(args, "basis", ""), "họp");
			reply(w->core, f, "reply", "\"ok\":true,\"result\":{\"job\":1}");
			break;
		}
		size_t n = strlen(json_str(f, "data", ""));
		assert_true(n > 0 && n <= (128 * 1024 + 2) / 3 * 4);
		assert_int_equal(json_int(f, "upload", -1), bytes ? 9 : 0);
		assert_string_equal(json_str(f, "session", ""), "tok-1");
		bytes += (int64_t)(n / 4 * 3);
		reply(w->core, f, "reply", "\"ok\":true,\"result\":{\"upload\":9,\"bytes\":1}");
	}
	read_answer(fd, &a, WAIT_MS);
	assert_int_equal(a.status, 200);
	assert_true(bytes >= BYTES && bytes < BYTES + 10);
}

/* ---- the rest ---- */

static void events_are_streamed_and_repeated_after_the_last_id(void **state)
{
	struct world *w = *state;
	char text[2048];
	for (int i = 0; i < 2; i++) {
		OWN(fd) int fd = call_in(w);
		say(fd, i ? "GET /api/v1/events HTTP/1.1\r\n" H AUTH "Last-Event-ID: 3\r\n\r\n"
			  : "GET /api/v1/events HTTP/1.1\r\n" H AUTH "\r\n");
		OWN(json) json_t *f = query_frame(w);
		assert_string_equal(json_str(f, "verb", ""), "status");
		reply(w->query, f, "rows", "\"rows\":[{}],\"more\":false,\"next\":null");
		usleep(100000);
		if (!i)
			say(w->core, "{\"op\":\"changed\",\"seq\":3,\"nouns\":[\"inbox\"]}\n{\"op\":\"changed\",\"seq\":4,\"nouns\":["
				     "\"message\"]}\n");
		usleep(200000);
		ssize_t n = recv(fd, text, sizeof(text) - 1, 0);
		assert_true(n > 0);
		text[n] = '\0';
		assert_non_null(strstr(text, "Content-Type: text/event-stream"));
		assert_non_null(strstr(text, "id: 4\nevent: changed\ndata: {\"seq\":4,\"nouns\":[\"message\"]}\n\n"));
		assert_int_equal(strstr(text, "id: 3\n") != NULL, !i);
	}
}

static void health_follows_the_core(void **state)
{
	struct world *w = *state;
	ANSWER before = { 0 }, after = { 0 };
	ask(w, "GET /healthz HTTP/1.1\r\n" H "\r\n", &before);
	assert_int_equal(before.status, 503);
	greet(w);
	ask(w, "GET /healthz HTTP/1.1\r\n" H "\r\n", &after);
	assert_int_equal(after.status, 200);
	assert_string_equal(after.body, "{\"status\":\"ok\"}\n");
}

static void stopped_core_is_found_out_and_nobody_waits_for_it(void **state)
{
	struct world *w = *state;
	OWN(fd) int first = call_in(w), second = call_in(w), third = call_in(w);
	ANSWER a = { 0 }, b = { 0 }, health = { 0 }, c = { 0 };
	greet(w);
	post(first, "/hooks/plain/" SECRET_URL "/inbound", "", "{\"id\":\"1\",\"from\":\"0912345678\",\"text\":\"a\"}");
	read_answer(first, &a, 2 * WAIT_MS);
	assert_int_equal(a.status, 503);
	assert_true(has_field(&a, "\r\nRetry-After: "));
	int64_t from = now_ms();
	post(second, "/api/v1/message", AUTH, "{}");
	read_answer(second, &b, WAIT_MS);
	assert_int_equal(b.status, 503);
	assert_true(now_ms() - from < 1000);
	ask(w, "GET /healthz HTTP/1.1\r\n" H "\r\n", &health);
	assert_int_equal(health.status, 503);
	OWN(json) json_t *hook = core_frame(w); /* it runs again and reads what was said to it */
	no_core_frame(w, 200);
	post(third, "/api/v1/message", AUTH, "{}");
	OWN(json) json_t *f = core_frame(w);
	reply(w->core, f, "reply", "\"ok\":true,\"result\":{\"id\":1}");
	read_answer(third, &c, WAIT_MS);
	assert_int_equal(c.status, 201);
}

static void end_of_the_core_ends_the_program_and_tells_who_waits(void **state)
{
	struct world *w = *state;
	OWN(fd) int fd = call_in(w);
	ANSWER a = { 0 };
	post(fd, "/api/v1/message", AUTH, "{}");
	json_decref(core_frame(w));
	int64_t from = now_ms();
	assert_int_equal(exit_code(w), 0);
	assert_true(now_ms() - from < 3000);
	read_answer(fd, &a, WAIT_MS);
	assert_int_equal(a.status, 503);
}

static void page_and_description_are_there(void **state)
{
	struct world *w = *state;
	ANSWER page = { 0 }, api = { 0 }, metrics = { 0 };
	ask(w, "GET / HTTP/1.1\r\n" H "\r\n", &page);
	assert_int_equal(page.status, 200);
	assert_non_null(strstr(page.body, "<html lang=\"vi\">"));
	assert_true(has_field(&page, "\r\nContent-Security-Policy: default-src 'none'; frame-ancestors 'none'"));
	assert_true(has_field(&page, "\r\nReferrer-Policy: "));
	ask(w, "GET /api/v1/openapi.json HTTP/1.1\r\n" H "\r\n", &api);
	OWN(json) json_t *doc = NULL;
	assert_int_equal(json_parse(api.body, strlen(api.body), &doc), 0);
	json_t *paths = json_object_get(doc, "paths");
	assert_non_null(json_object_get(json_object_get(paths, "/api/v1/message"), "post"));
	assert_non_null(json_object_get(json_object_get(paths, "/api/v1/message"), "get"));
	assert_non_null(json_object_get(paths, "/api/v1/message/{id}"));
	assert_non_null(json_object_get(paths, "/api/v1/campaign/{id}/start"));
	ask(w, "GET /metrics HTTP/1.1\r\n" H "\r\n", &metrics);
	assert_int_equal(metrics.status, 200);
	assert_non_null(strstr(metrics.body, "caunoi_web_requests_total "));
}

static void many_idle_callers_do_not_keep_a_callback_out(void **state)
{
	struct world *w = *state;
	enum { CALLERS = 2700 };
	struct rlimit l = { 8192, 8192 };
	static const char half[] = "POST /api/v1/message HTTP/1.1\r\n" H;
	OWN(mem) int *fds = calloc(CALLERS, sizeof(*fds));
	if (setrlimit(RLIMIT_NOFILE, &l))
		skip();
	for (int i = 0; i < CALLERS; i++) {
		fds[i] = call_in(w);
		if (i % 2)
			say(fds[i], half);
	}
	int64_t from = now_ms();
	OWN(fd) int fd = call_in(w);
	ANSWER a = { 0 };
	post(fd, "/hooks/plain/" SECRET_URL "/inbound", "", "{\"id\":\"m-2\",\"from\":\"+84912345678\",\"text\":\"a\"}");
	OWN(json) json_t *f = core_frame(w);
	reply(w->core, f, "reply", "\"ok\":true,\"result\":null");
	read_answer(fd, &a, WAIT_MS);
	assert_int_equal(a.status, 200);
	assert_true(now_ms() - from < 1000);
	for (int i = 0; i < CALLERS; i++)
		close(fds[i]);
}

static void many_waiting_commands_leave_seats_for_callbacks(void **state)
{
	struct world *w = *state;
	enum { CALLERS = 400 };
	OWN(mem) int *fds = calloc(CALLERS, sizeof(*fds));
	for (int i = 0; i < CALLERS; i++) {
		fds[i] = call_in(w);
		post(fds[i], "/api/v1/message", AUTH, "{}");
	}
	for (int i = 0; i < 192; i++)
		json_decref(core_frame(w));
	no_core_frame(w, 300); /* the others wait for a seat */
	OWN(fd) int fd = call_in(w);
	ANSWER a = { 0 };
	post(fd, "/hooks/plain/" SECRET_URL "/inbound", "", "{\"id\":\"m-3\",\"from\":\"+84912345678\",\"text\":\"a\"}");
	OWN(json) json_t *f = core_frame(w);
	assert_string_equal(json_str(f, "op", ""), "hook");
	reply(w->core, f, "reply", "\"ok\":true,\"result\":null");
	read_answer(fd, &a, WAIT_MS);
	assert_int_equal(a.status, 200);
	for (int i = 0; i < CALLERS; i++)
		close(fds[i]);
}

#define LAW(name) cmocka_unit_test_setup_teardown(name, world_greeted, world_end)

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	const struct CMUnitTest tests[] = {
		LAW(command_passes_its_arguments_and_waits_for_the_core),
		LAW(command_of_a_thing_names_it_in_the_path),
		LAW(refusal_becomes_a_problem_document),
		LAW(refused_requests_never_reach_the_core),
		LAW(guard_refuses_and_closes),
		LAW(password_that_nobody_has_never_reaches_the_core),
		LAW(guard_answers_what_came_before_an_attack),
		LAW(requests_are_served_in_order_whatever_the_pieces),
		LAW(slow_callers_are_sent_away),
		LAW(callback_is_answered_after_the_commit_only),
		LAW(callback_the_core_refuses_is_asked_for_again),
		LAW(malformed_callback_is_kept_and_refused),
		LAW(malformed_callback_that_was_not_kept_is_asked_for_again),
		LAW(many_events_of_one_callback_are_one_frame),
		LAW(events_that_can_be_read_are_kept_beside_one_that_cannot),
		LAW(signed_callback_passes),
		LAW(list_has_items_and_next),
		LAW(queries_wait_side_by_side),
		LAW(query_is_asked_again_when_its_process_restarts),
		LAW(query_that_kills_its_process_twice_is_refused),
		LAW(query_without_a_process_ends_with_503),
		LAW(upload_goes_in_pieces_then_the_command),
		LAW(events_are_streamed_and_repeated_after_the_last_id),
		cmocka_unit_test_setup_teardown(health_follows_the_core, world_begin, world_end),
		cmocka_unit_test_setup_teardown(stopped_core_is_found_out_and_nobody_waits_for_it, world_begin, world_end),
		LAW(end_of_the_core_ends_the_program_and_tells_who_waits),
		LAW(page_and_description_are_there),
		LAW(many_idle_callers_do_not_keep_a_callback_out),
		LAW(many_waiting_commands_leave_seats_for_callbacks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
