// SPDX-License-Identifier: GPL-3.0-or-later
/* Callbacks that Twilio's own library for npm signed, forms with any characters and JSON with its hash in the address: each is
 * accepted, and none with another word, under another address or with another's signature. The library lies in
 * $CAUNOI_BUILD/npm, where make put it; without it there is nothing to compare with. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <ctype.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config/provider.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/base/random.h"

#define SEED 20101
#define CALLS 400
#define BASE "https://caunoi.example.vn/hooks/twilio/s/receipt"

extern char **environ;

struct call {
	char body[2048], url[512], signature[64];
	bool form;
};

static const char *find_header(void *self, const char *name)
{
	return strcasecmp(name, "X-Twilio-Signature") ? NULL : self;
}

static int check(const struct provider *p, const struct call *c, const char *url, const char *signature)
{
	OWN(json) json_t *secrets = json_pack("{s:s}", "token", "0123456789abcdef0123456789abcdef");
	const char *query = strchr(url, '?');
	int64_t skew_s;
	struct received in = { .method = "POST", .url = url, .query = query ? query + 1 : "", .body = c->body, .body_bytes = strlen(c->body),
			       .content_type = c->form ? "application/x-www-form-urlencoded" : "application/json", .header = find_header,
			       .self = (void *)(uintptr_t)signature };
	return provider_signature(p, true, secrets, &in, &skew_s);
}

static void put_encoded(char *out, size_t room, const char *text)
{
	size_t n = strlen(out);
	for (; *text; text++)
		if (isalnum((unsigned char)*text))
			n += (size_t)snprintf(out + n, room - n, "%c", *text);
		else
			n += (size_t)snprintf(out + n, room - n, *text == ' ' ? "+" : "%%%02X", (unsigned char)*text);
}

/* A form of up to nine fields in any order, or a JSON body; the line for the library. */
static json_t *make_call(struct random *r, int i, struct call *c)
{
	static const char *const words[] = { "SM1", "delivered", "+84912345678", "Từ chối & xin gọi lại", "a=b&c", "100% \"đúng\"", "😀", "", " ", "\n" };
	static const char *const names[] = { "MessageSid", "From", "To", "Body", "AccountSid", "messageStatus", "Zip-Code", "_x", "ErrorCode" };
	c->form = i % 4 != 0;
	c->body[0] = '\0';
	if (!c->form) {
		snprintf(c->body, sizeof(c->body), "{\"n\":%d,\"text\":\"%s\"}", i, words[random_below(r, 5)]);
		return json_pack("{s:s,s:s}", "url", BASE "?a=1", "body", c->body);
	}
	OWN(json) json_t *params = json_object();
	uint32_t first = random_below(r, COUNT_OF(names)), n = 1 + random_below(r, COUNT_OF(names) - 1);
	for (uint32_t k = 0; k < n; k++) {
		const char *name = names[(first + k) % COUNT_OF(names)], *value = words[random_below(r, COUNT_OF(words))];
		snprintf(c->body + strlen(c->body), sizeof(c->body) - strlen(c->body), "%s%s=", k ? "&" : "", name);
		put_encoded(c->body, sizeof(c->body), value);
		assert_int_equal(json_set_str(params, name, value), 0);
	}
	return json_pack("{s:s,s:O}", "url", i % 3 ? BASE : BASE "?x=%20y&z", "params", params);
}

static int run_node(const char *modules, const char *in, const char *out)
{
	posix_spawn_file_actions_t actions;
	pid_t pid = -1;
	int status = -1;
	const char *argv[] = { "node", "tests/differential/npm/sign.js", modules, in, NULL };
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	int e = posix_spawnp(&pid, "node", &actions, NULL, (char *const *)(uintptr_t)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return !e && waitpid(pid, &status, 0) == pid ? status : -1;
}

static void sign_calls(const char *modules, struct call *calls)
{
	char folder[] = "/tmp/caunoi-twilio-XXXXXX", in[64], out[64];
	struct random r = random_seeded(SEED);
	assert_non_null(mkdtemp(folder));
	snprintf(in, sizeof(in), "%s/in", folder);
	snprintf(out, sizeof(out), "%s/out", folder);
	FILE *f = fopen(in, "w");
	assert_non_null(f);
	for (int i = 0; i < CALLS; i++) {
		OWN(json) json_t *line = make_call(&r, i, &calls[i]);
		OWN(mem) char *text = json_text(line);
		assert_non_null(text);
		fprintf(f, "%s\n", text);
	}
	fclose(f);
	int status = run_node(modules, in, out), n = 0;
	f = fopen(out, "r");
	while (f && n < CALLS && fscanf(f, "%511s %63s", calls[n].url, calls[n].signature) == 2)
		n++;
	if (f)
		fclose(f);
	unlink(in);
	unlink(out);
	rmdir(folder);
	assert_int_equal(status, 0);
	assert_int_equal(n, CALLS);
}

static void what_twilio_signs_is_accepted_and_nothing_else(void **state)
{
	(void)state;
	const char *build = getenv("CAUNOI_BUILD");
	char modules[512], probe[600];
	snprintf(modules, sizeof(modules), "%s/npm", build ? build : "build");
	snprintf(probe, sizeof(probe), "%s/node_modules/twilio/package.json", modules);
	if (access(probe, R_OK)) {
		print_message("no %s: make could not install it\n", probe);
		skip();
	}
	struct provider *p = NULL;
	struct complaint c = { 0 };
	OWN(mem) struct call *calls = calloc(CALLS, sizeof(*calls));
	assert_non_null(calls);
	assert_int_equal(provider_load("config/providers/twilio.conf", &p, &c), 0);
	sign_calls(modules, calls);
	for (int i = 0; i < CALLS; i++) {
		struct call *call = &calls[i];
		if (check(p, call, call->url, call->signature))
			fail_msg("refused: %s %s %s", call->url, call->body, call->signature);
		char other[600];
		snprintf(other, sizeof(other), "%s%s", call->url, strchr(call->url, '?') ? "1" : "?");
		assert_int_equal(check(p, call, other, call->signature), E_DENIED);
		const char *stranger = calls[(i + 1) % CALLS].signature;
		if (strcmp(stranger, call->signature) != 0)
			assert_int_equal(check(p, call, call->url, stranger), E_DENIED);
		call->body[0] = call->form ? '_' : '[';
		if (call->form && strncmp(call->body, "_x", 2) == 0)
			call->body[0] = 'y';
		assert_int_equal(check(p, call, call->url, call->signature), E_DENIED);
	}
	provider_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(what_twilio_signs_is_accepted_and_nothing_else) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
