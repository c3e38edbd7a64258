// SPDX-License-Identifier: GPL-3.0-or-later
/* Segments against the calculator that npm has (sms-segments-calculator), on seeded random text and on Vietnamese of every length
 * around the borders. Its modules lie in $CAUNOI_BUILD/npm, where make put them; without them there is nothing to compare with. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <fcntl.h>
#include <jansson.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/base/gsm7.h"
#include "gateway/base/own.h"
#include "gateway/base/random.h"
#include "gateway/base/text.h"

#define SEED 1600070
#define RANDOM_TEXTS 4000
#define CHARS_MAX 500

extern char **environ;

struct corpus {
	char **at;
	size_t n, room;
};

static void add(struct corpus *c, const char *text)
{
	if (c->n == c->room) {
		c->room = c->room ? c->room * 2 : 1024;
		c->at = realloc(c->at, c->room * sizeof(*c->at));
		assert_non_null(c->at);
	}
	c->at[c->n] = strdup(text);
	assert_non_null(c->at[c->n++]);
}

static void corpus_done(struct corpus *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->at[i]);
	free(c->at);
}

/* The calculator keeps what people see as one character in one segment, which networks do not: only texts in which that is one
 * code point can be compared. It also takes "Ç" for what the alphabet calls so. */
static void add_random(struct corpus *c, struct random *r, bool unicode)
{
	static const uint32_t gsm[] = { '^', '{', '}', '\\', '[', '~', ']', '|', 0x20AC, '@', '\n', 0xE0, 0xC7, 0xDF, 0x394, 0x3A9, '\f', '_', 0xA7 };
	static const uint32_t wide[] = { 0x1EA1, 0x111, 0x1B0, 0x1F600, 0x1F44D, 0x20BF, 0xE7, '`', 0x4E00 };
	char text[CHARS_MAX * 4 + 1];
	size_t n = 0;
	for (uint32_t chars = 1 + random_below(r, CHARS_MAX - 1); chars; chars--) {
		uint32_t code = 'a' + random_below(r, 26), kind = random_below(r, 5);
		if (kind == 0)
			code = gsm[random_below(r, COUNT_OF(gsm))];
		else if (kind == 1 && unicode)
			code = wide[random_below(r, COUNT_OF(wide))];
		n += text_put(text + n, code);
	}
	text[n] = '\0';
	add(c, text);
}

static void add_borders(struct corpus *c)
{
	static const char *const letters[] = { "a", "ạ", "€", "\U0001F600" };
	for (size_t k = 0; k < COUNT_OF(letters); k++) {
		char text[CHARS_MAX * 4 + 1] = "";
		for (size_t i = 0, at = 0; i < CHARS_MAX; i++) {
			memcpy(text + at, letters[k], strlen(letters[k]) + 1);
			at += strlen(letters[k]);
			add(c, text);
		}
	}
}

static void write_corpus(const struct corpus *c, const char *path)
{
	OWN(file) FILE *out = fopen(path, "w");
	assert_non_null(out);
	for (size_t i = 0; i < c->n; i++) {
		json_t *text = json_string(c->at[i]);
		OWN(mem) char *line = json_dumps(text, JSON_ENCODE_ANY);
		assert_non_null(line);
		fprintf(out, "%s\n", line);
		json_decref(text);
	}
}

/* 0 when node counted all texts of in into out. */
static int run_node(const char *modules, const char *in, const char *out)
{
	posix_spawn_file_actions_t actions;
	pid_t pid = -1;
	int status = -1;
	const char *argv[] = { "node", "tests/differential/npm/count.js", modules, in, NULL };
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	int e = posix_spawnp(&pid, "node", &actions, NULL, (char *const *)(uintptr_t)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return !e && waitpid(pid, &status, 0) == pid ? status : -1;
}

static int compare(const struct corpus *c, const char *path)
{
	OWN(file) FILE *in = fopen(path, "r");
	int n_wrong = 0, segments = 0;
	char encoding[8];
	assert_non_null(in);
	for (size_t i = 0; i < c->n; i++) {
		struct measure m;
		assert_int_equal(fscanf(in, "%7s %d", encoding, &segments), 2);
		gsm7_measure(c->at[i], 8, &m);
		if (m.n_segments == segments && strcmp(encoding_name(m.encoding), encoding) == 0)
			continue;
		print_error("theirs %s %d, ours %s %d: '%s'\n", encoding, segments, encoding_name(m.encoding), m.n_segments, c->at[i]);
		n_wrong++;
	}
	return n_wrong;
}

static void gsm7_measure_agrees_with_the_calculator_of_npm(void **state)
{
	(void)state;
	const char *build = getenv("CAUNOI_BUILD");
	char modules[512], folder[] = "/tmp/caunoi-segments-XXXXXX", in[64], out[64];
	snprintf(modules, sizeof(modules), "%s/npm", build ? build : "build");
	char probe[600];
	snprintf(probe, sizeof(probe), "%s/node_modules/sms-segments-calculator/package.json", modules);
	if (access(probe, R_OK)) {
		print_message("no %s: make could not install it\n", probe);
		skip();
	}
	assert_non_null(mkdtemp(folder));
	snprintf(in, sizeof(in), "%s/in", folder);
	snprintf(out, sizeof(out), "%s/out", folder);
	struct corpus c = { .n = 0 };
	struct random r = random_seeded(SEED);
	add_borders(&c);
	for (int i = 0; i < RANDOM_TEXTS; i++)
		add_random(&c, &r, i % 2);
	write_corpus(&c, in);
	int status = run_node(modules, in, out), n_wrong = status ? 0 : compare(&c, out);
	corpus_done(&c);
	unlink(in);
	unlink(out);
	rmdir(folder);
	assert_int_equal(status, 0);
	assert_int_equal(n_wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(gsm7_measure_agrees_with_the_calculator_of_npm) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
