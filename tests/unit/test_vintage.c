// SPDX-License-Identifier: GPL-3.0-or-later
/* Laws of an own copy of the words that outlives an upgrade: it is taken, check-config says what it lacks, and a misspelt name is no
 * list of another release. The copy is the one that the first release came with. Runs from the repository's root. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"
#include "config/settings.h"
#include "config/vintage.h"
#include "gateway/base/own.h"
#include "handlers/parse.h"

#define FIRST "tests/fixtures/config/keywords_first.conf"
#define SHIPPED "config/keywords/keywords.conf"
OWN_DEFINE(settings, struct settings *, settings_free)

struct folder {
	char path[64], config[96], words[128];
};

static void link_to(const struct folder *f, const char *name)
{
	char here[PATH_MAX], from[2 * PATH_MAX], to[160];
	assert_non_null(getcwd(here, sizeof(here)));
	snprintf(from, sizeof(from), "%s/config/%s", here, name);
	snprintf(to, sizeof(to), "%s/%s", f->path, name);
	assert_int_equal(symlink(from, to), 0);
}

static const char *const links[] = { "topics", "holidays", "contexts", "numbers", "keywords/accusation.conf", "keywords/spelling.conf", "keywords/sense.conf" };

/* A configuration with words of its own: the first release's and more behind them. */
static struct folder settle(const char *more)
{
	struct folder f;
	char text[4096];
	snprintf(f.path, sizeof(f.path), "/tmp/caunoi-vintage-XXXXXX");
	assert_non_null(mkdtemp(f.path));
	snprintf(f.config, sizeof(f.config), "%s/caunoi.conf", f.path);
	snprintf(f.words, sizeof(f.words), "%s/keywords", f.path);
	assert_int_equal(mkdir(f.words, 0700), 0);
	for (size_t i = 0; i < COUNT_OF(links); i++)
		link_to(&f, links[i]);
	snprintf(f.words, sizeof(f.words), "%s/keywords/keywords.conf", f.path);
	OWN(file) FILE *in = fopen(FIRST, "r"), *out = fopen(f.words, "w"), *config = fopen(f.config, "w");
	assert_true(in && out && config);
	for (size_t n; (n = fread(text, 1, sizeof(text), in)) > 0;)
		assert_int_equal(fwrite(text, 1, n, out), n);
	assert_true(fputs(more, out) >= 0);
	assert_true(fputs("data_dir = \"data\";\ncountry = \"VN\";\n", config) >= 0);
	return f;
}

static void leave(const struct folder *f)
{
	char path[160];
	for (size_t i = 0; i < COUNT_OF(links); i++) {
		snprintf(path, sizeof(path), "%s/%s", f->path, links[i]);
		unlink(path);
	}
	unlink(f->words);
	unlink(f->config);
	snprintf(path, sizeof(path), "%s/keywords", f->path);
	rmdir(path);
	rmdir(f->path);
}

static void an_older_copy_is_taken_and_understands(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum kind kind;
	} rows[] = { { "tu choi", KIND_OPTOUT }, { "dung gui tin nhan nua", KIND_OPTOUT }, { "cam on can bo", KIND_ACK }, { "the bhyt het han lam sao", KIND_FEEDBACK } };
	struct folder f = settle("");
	struct context none = { .most = -1 };
	struct complaint c = { 0 };
	OWN(keywords) struct keywords *k = NULL;
	if (keywords_load(f.config, &k, &c))
		fail_msg("%s:%d: %s: %s", c.file, c.line, c.field, c.text);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct classified got = { 0 };
		assert_int_equal(classify(k, rows[i].text, &none, &got), 0);
		if (got.kind != rows[i].kind)
			fail_msg("'%s' is %s", rows[i].text, kind_name(got.kind));
		classified_done(&got);
	}
	leave(&f);
}

static void a_misspelt_list_is_refused_as_ever(void **state)
{
	(void)state;
	static const char *const names[] = { "optout_iff", "automatics", "suspicions" };
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		char more[64];
		snprintf(more, sizeof(more), "%s = [ \"neu toi\" ];\n", names[i]);
		struct folder f = settle(more);
		struct complaint c = { 0 };
		struct keywords *k = NULL;
		assert_int_equal(keywords_load(f.config, &k, &c), E_CONFIG);
		assert_null(k);
		assert_string_equal(c.rule, "unknown_key");
		assert_string_equal(c.field, names[i]);
		assert_true(c.line > 1);
		leave(&f);
	}
}

static void check_config_says_what_a_copy_lacks(void **state)
{
	(void)state;
	static const char *const said[] = { "optout_if: this copy is older", "automatic: this copy is older", "answer_instead: this copy is older", "answer_not: this copy is older",
					    "suspicion: this list is not read", "suspicion_not: this list is not read" };
	struct folder f = settle("");
	OWN(mem) char *report = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&report, &n);
	assert_non_null(out);
	assert_int_equal(config_check_report(f.config, out), 0);
	fclose(out);
	assert_non_null(strstr(report, ": OK\n"));
	for (size_t i = 0; i < COUNT_OF(said); i++)
		if (!strstr(report, said[i]))
			fail_msg("'%s' is not said in:\n%s", said[i], report);
	leave(&f);
}

static void the_shipped_words_lack_nothing(void **state)
{
	(void)state;
	OWN(settings) struct settings *words = NULL;
	struct complaint c = { 0 };
	assert_int_equal(settings_read(SHIPPED, &words, &c), 0);
	if (vintage_warning(words, 0, &c))
		fail_msg("%s: %s", c.field, c.text);
	for (enum list i = 0; i < LIST_COUNT; i++)
		assert_false(vintage_retired(keywords_list_name(i)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_older_copy_is_taken_and_understands),
		cmocka_unit_test(a_misspelt_list_is_refused_as_ever),
		cmocka_unit_test(check_config_says_what_a_copy_lacks),
		cmocka_unit_test(the_shipped_words_lack_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
