// SPDX-License-Identifier: GPL-3.0-or-later
/* Laws of the keyword files: commands that stand in each other's way, lists that are empty or unknown, and files that cannot be read
 * are refused with file, line and column; what was loaded before stays as it was. Runs from the repository's root. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/base/buffer.h"
#include "gateway/base/own.h"
#include "handlers/keywords.h"
#include "handlers/nearword.h"
#include "handlers/parse.h"

#define WORDS "keywords/keywords.conf"
#define ACCUSATION "keywords/accusation.conf"
#define SPELLING "keywords/spelling.conf"
#define TOPICS "topics/topics.conf"

static const char *const files[] = { WORDS, ACCUSATION, SPELLING, TOPICS, "holidays/VN.conf" };

struct folder {
	char path[64], config[96];
};

static char *read_file(const char *path)
{
	OWN(file) FILE *in = fopen(path, "r");
	struct buffer all = { 0 };
	char part[4096];
	size_t n;
	assert_non_null(in);
	while ((n = fread(part, 1, sizeof(part), in)) > 0)
		assert_int_equal(buffer_put(&all, part, n), 0);
	assert_int_equal(buffer_puts(&all, ""), 0);
	return all.data;
}

static void write_file(const struct folder *f, const char *name, const char *text)
{
	char path[160];
	snprintf(path, sizeof(path), "%s/%s", f->path, name);
	OWN(file) FILE *out = fopen(path, "w");
	assert_non_null(out);
	assert_true(fputs(text, out) >= 0);
}

/* The shipped files in a folder of their own. */
static int settle(void **state)
{
	static const char *const folders[] = { "keywords", "topics", "holidays" };
	struct folder *f = calloc(1, sizeof(*f));
	assert_non_null(f);
	snprintf(f->path, sizeof(f->path), "/tmp/caunoi-collision-XXXXXX");
	assert_non_null(mkdtemp(f->path));
	snprintf(f->config, sizeof(f->config), "%s/caunoi.conf", f->path);
	for (size_t i = 0; i < COUNT_OF(folders); i++) {
		char path[128];
		snprintf(path, sizeof(path), "%s/%s", f->path, folders[i]);
		assert_int_equal(mkdir(path, 0700), 0);
	}
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		char path[128];
		snprintf(path, sizeof(path), "config/%s", files[i]);
		OWN(mem) char *text = read_file(path);
		write_file(f, files[i], text);
	}
	*state = f;
	return 0;
}

static int leave(void **state)
{
	static const char *const gone[] = { WORDS, ACCUSATION, SPELLING, TOPICS, "holidays/VN.conf", "keywords", "topics", "holidays", "" };
	struct folder *f = *state;
	for (size_t i = 0; i < COUNT_OF(gone); i++) {
		char path[160];
		snprintf(path, sizeof(path), "%s/%s", f->path, gone[i]);
		remove(path);
	}
	free(f);
	return 0;
}

/* The shipped file with the first from made to; restored by the next call. */
static void change(const struct folder *f, const char *name, const char *from, const char *to)
{
	char path[128];
	snprintf(path, sizeof(path), "config/%s", name);
	OWN(mem) char *text = read_file(path);
	char *at = strstr(text, from);
	if (!at)
		fail_msg("%s does not hold %s", name, from);
	OWN(buffer) struct buffer out = { 0 };
	assert_int_equal(buffer_put(&out, text, (size_t)(at - text)), 0);
	assert_int_equal(buffer_puts(&out, to), 0);
	assert_int_equal(buffer_puts(&out, at + strlen(from)), 0);
	write_file(f, name, buffer_text(&out));
}

static void restore(const struct folder *f, const char *name)
{
	char path[128];
	snprintf(path, sizeof(path), "config/%s", name);
	OWN(mem) char *text = read_file(path);
	write_file(f, name, text);
}

static void shipped_files_are_taken(void **state)
{
	const struct folder *f = *state;
	struct complaint c = { 0 };
	struct keywords *k = NULL;
	if (keywords_load(f->config, &k, &c))
		fail_msg("%s:%d:%d: %s: %s", c.file, c.line, c.column, c.field, c.text);
	keywords_free(k);
}

static void what_is_wrong_is_refused_with_line_and_column(void **state)
{
	const struct folder *f = *state;
	static const struct {
		const char *label, *file, *from, *to, *rule, *text;
	} rows[] = {
		{ "a word of many meanings as a command", WORDS, "optout_whole = [ \"tc\",", "optout_whole = [ \"tc\", \"dung\",", "collision", "'dung'" },
		{ "the same with its accents", WORDS, "optout_whole = [ \"tc\",", "optout_whole = [ \"tc\", \"dừng\",", "collision", "'dung'" },
		{ "a name as a topic's command", TOPICS, "commands = [ \"bhyt\",", "commands = [ \"the\", \"bhyt\",", "collision", "'the'" },
		{ "one command for two actions", WORDS, "help_whole = [ ", "help_whole = [ \"stop\", ", "collision", "'stop'" },
		{ "a topic's command for another action", TOPICS, "commands = [ \"bhyt\",", "commands = [ \"menu\", \"bhyt\",", "collision", "'menu'" },
		{ "one command for two topics", TOPICS, "commands = [ \"bhxh\",", "commands = [ \"bhyt\", \"bhxh\",", "collision", "'bhyt'" },
		{ "written twice, once with accents", WORDS, "help_whole = [ ", "help_whole = [ \"trợ_giúp\", ", "collision", "'tro giup'" },
		{ "written twice, in capitals", WORDS, "help_whole = [ ", "help_whole = [ \"MENU\", ", "collision", "'menu'" },
		{ "a short form that is never met", WORDS, "abbreviations = {", "abbreviations = { Dc = \"duoc\";", "wrong_value", "small letters" },
		{ "a word of a dialect without accents", WORDS, "dialect = [ ", "dialect = [ \"no khong\", ", "wrong_value", "accents" },
		{ "a short form that hides a command", WORDS, "abbreviations = {", "abbreviations = { stop = \"dung_lai\";", "collision", "'stop'" },
		{ "an unknown class", WORDS, "urgent = [", "urgent = [ \"@nobody\",", "wrong_value", "no phrase" },
		{ "a charge of a family that is none", ACCUSATION, "\"told\",", "\"told nobody\",", "wrong_value", "names of families" },
		{ "a phrase of a class that is none", ACCUSATION, "\"@post|@body van|", "\"@posts|@body van|", "wrong_value", "no phrase" },
		{ "an empty list", WORDS, "signup_prefix = [ \"dk\", \"dang_ky\" ]", "signup_prefix = [ ]", "wrong_value", "one at least" },
		{ "no list", WORDS, "signup_prefix = [ \"dk\", \"dang_ky\" ];", "", "wrong_value", "missing" },
		{ "a list nobody knows", WORDS, "nudge_prefix = ", "nudge_prefixes = [ \"x\" ]; nudge_prefix = ", "unknown_key", "no list" },
		{ "a state nobody knows", WORDS, "yes = \"question\"", "yes = \"sometimes\"", "wrong_value", "no_question" },
		{ "a quote that is not closed", WORDS, "signup_prefix = [ \"dk\", \"dang_ky\" ]", "signup_prefix = [ \"dk ]", NULL, "" },
		{ "no names", SPELLING, "numbered = [", "numbered = [ ]; others = [", "wrong_value", "holds nothing" },
		{ "no list of names", SPELLING, "numbered = [", "numbers = [", "wrong_value", "missing" },
		{ "a list of spelling nobody knows", SPELLING, "numbered = [", "numbers = [ \"x\" ]; numbered = [", "unknown_key", "no list" },
		{ "a topic twice", TOPICS, "code = \"BHXH\"", "code = \"BHYT\"", "wrong_value", "already" },
		{ "a topic without a code", TOPICS, "code = \"BHXH\"", "code = \"\"", "wrong_value", "code" },
		{ "no topics", TOPICS, "topics = (", "topics = ( ); others = (", "wrong_value", "one at least" },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct complaint c = { 0 };
		struct keywords *k = NULL;
		change(f, rows[i].file, rows[i].from, rows[i].to);
		int r = keywords_load(f->config, &k, &c);
		if (r != E_CONFIG || k)
			fail_msg("%s: taken", rows[i].label);
		bool nowhere = strstr(rows[i].text, "missing") != NULL; /* what is not there stands in no line */
		if (!strstr(c.file, rows[i].file) || (!nowhere && (c.line < 1 || c.column < 1)) || (rows[i].rule && strcmp(c.rule, rows[i].rule)) ||
		    !strstr(c.text, rows[i].text))
			fail_msg("%s: %s:%d:%d: %s, %s", rows[i].label, c.file, c.line, c.column, c.rule, c.text);
		restore(f, rows[i].file);
	}
}

static void the_complaint_points_at_the_entry(void **state)
{
	const struct folder *f = *state;
	struct complaint c = { 0 };
	struct keywords *k = NULL;
	char said[400];
	write_file(f, TOPICS, "topics = (\n\t{ code = \"BHYT\"; commands = [ \"bhyt\",\n\t\t\"thẻ\" ]; }\n);\n");
	assert_int_equal(keywords_load(f->config, &k, &c), E_CONFIG);
	assert_int_equal(c.line, 3);
	assert_int_equal(c.column, 3);
	complaint_format(&c, said, sizeof(said));
	assert_non_null(strstr(said, "topics.conf:3:3: "));
}

static void empty_and_broken_files_are_refused_and_the_old_words_stay(void **state)
{
	const struct folder *f = *state;
	static const char *const broken[] = { "", " \n", "{", "topics", "\xff\xfe", "topics = ( { } );", "[1,2]" };
	struct complaint c = { 0 };
	struct keywords *old = NULL;
	assert_int_equal(keywords_load(f->config, &old, &c), 0);
	for (size_t i = 0; i < COUNT_OF(broken); i++)
		for (size_t k = 0; k < 4; k++) {
			const char *const files_read[] = { WORDS, TOPICS, SPELLING, ACCUSATION }, *file = files_read[k];
			struct keywords *now = old;
			write_file(f, file, broken[i]);
			if (keywords_load(f->config, &now, &c) != E_CONFIG)
				fail_msg("%s: '%s' is taken", file, broken[i]);
			assert_ptr_equal(now, old);
			assert_true(c.text[0]);
			restore(f, file);
		}
	struct classified result = { 0 };
	struct context none = { .most = -1 };
	assert_int_equal(classify(old, "tu choi", &none, &result), 0);
	assert_int_equal(result.kind, KIND_OPTOUT);
	classified_done(&result);
	keywords_free(old);
}

static void a_word_with_its_accents_alone_is_no_collision(void **state)
{
	const struct folder *f = *state;
	struct complaint c = { 0 };
	struct keywords *k = NULL;
	change(f, WORDS, "optout_whole = [ \"tc\",", "optout_whole = [ \"tc\", \"!ngừng_gấp\", \"!dừng_gấp\", \"!dừng\",");
	if (keywords_load(f->config, &k, &c))
		fail_msg("%s", c.text);
	keywords_free(k);
	restore(f, WORDS);
}

static void distance_one_is_a_letter_or_a_swap(void **state)
{
	(void)state;
	static const struct {
		const char *a, *b;
		bool near;
	} rows[] = {
		{ "bhyt", "bhty", true },   { "bhyt", "bhy", true },   { "bhyt", "bhytt", true }, { "bhyt", "bhit", true },    { "bhyt", "bhyt", false },
		{ "bhyt", "byht", true },   { "bhyt", "tyhb", false }, { "bhyt", "bh", false },	  { "stop", "stpo", true },    { "stop", "tsop", true },
		{ "stop", "spot", false },  { "abcd", "badc", false }, { "", "a", true },	  { "", "", false },	       { "tu choi", "tu chio", true },
		{ "tu choi", "tuchoi", true },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (nearword_differs_by_one(rows[i].a, rows[i].b) != rows[i].near || nearword_differs_by_one(rows[i].b, rows[i].a) != rows[i].near)
			fail_msg("'%s' and '%s'", rows[i].a, rows[i].b);
	}
}

#define LAW(fn) cmocka_unit_test_setup_teardown(fn, settle, leave)
int main(void)
{
	const struct CMUnitTest tests[] = {
		LAW(shipped_files_are_taken),
		LAW(what_is_wrong_is_refused_with_line_and_column),
		LAW(the_complaint_points_at_the_entry),
		LAW(empty_and_broken_files_are_refused_and_the_old_words_stay),
		LAW(a_word_with_its_accents_alone_is_no_collision),
		cmocka_unit_test(distance_one_is_a_letter_or_a_swap),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
