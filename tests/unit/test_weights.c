/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of weights: what is wrong in the file is refused with its place and changes nothing, a file that was cut is no file, and what words
 * say is added up by where they stand. Runs from the repository's root. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "handlers/weights.h"
#include "tests/support/config_folder.h"
#include "tests/support/shipped.h"
#include "tests/support/weighed.h"

#define SMALL                                                                                                                            \
	"# a remark\n\n\tHATANG+7 urgent-9\nnuoc\tNUOCSACH+20 matter+4\nnuoc sach\tNUOCSACH+30 HATANG-2\n0\tHATANG-5\ngia 0\tNUOCSACH-127\nend\n"
#define LETTERS_63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

enum { OF_HATANG, OF_NUOCSACH };
static const struct topic topics[] = { [OF_HATANG] = { .code = "HATANG" }, [OF_NUOCSACH] = { .code = "NUOCSACH" } };

static int load(const struct weighed *f, const char *text, struct weights **ret, struct complaint *c)
{
	*c = (struct complaint){ 0 };
	*ret = NULL;
	weighed_put(f, text);
	return weights_load(f->config, topics, COUNT_OF(topics), ret, c);
}

static struct words *words_of(const char *text)
{
	struct words *w = NULL;
	assert_int_equal(words_new(text, NULL, &w), 0);
	return w;
}

static void what_is_wrong_is_refused_with_line_and_column(void **state)
{
	static const struct {
		const char *label, *text;
		int line, column;
	} rows[] = {
		{ "no tab behind one word", "nuoc\nend\n", 1, 1 },
		{ "no tab behind two", "nuoc sach HATANG+3\nend\n", 1, 11 },
		{ "three words", "nuoc sach qua\tHATANG+3\nend\n", 1, 11 },
		{ "two spaces", "nuoc  sach\tHATANG+3\nend\n", 1, 6 },
		{ "a space before", " nuoc\tHATANG+3\nend\n", 1, 1 },
		{ "a space behind", "nuoc \tHATANG+3\nend\n", 1, 1 },
		{ "a capital letter", "Nuoc\tHATANG+3\nend\n", 1, 1 },
		{ "one within", "nuoc sAch\tHATANG+3\nend\n", 1, 6 },
		{ "an accent", "nước\tHATANG+3\nend\n", 1, 1 },
		{ "a word longer than any", LETTERS_63 "a\tHATANG+3\nend\n", 1, 1 },
		{ "nothing is said", "nuoc\t\nend\n", 1, 6 },
		{ "no sign", "nuoc\tHATANG21\nend\n", 1, 6 },
		{ "another sign", "nuoc\tHATANG=21\nend\n", 1, 6 },
		{ "a sign alone", "nuoc\tHATANG+\nend\n", 1, 6 },
		{ "no topic", "nuoc\t+21\nend\n", 1, 6 },
		{ "nought", "nuoc\tHATANG+0\nend\n", 1, 6 },
		{ "more than there is", "nuoc\tHATANG+128\nend\n", 1, 6 },
		{ "less than there is", "nuoc\tHATANG-128\nend\n", 1, 6 },
		{ "four digits", "nuoc\tHATANG+0012\nend\n", 1, 6 },
		{ "letters behind a number", "nuoc\tHATANG+12x\nend\n", 1, 6 },
		{ "a second that is wrong", "nuoc\tHATANG+12 NUOCSACH\nend\n", 1, 16 },
		{ "two spaces between weights", "nuoc\tHATANG+12  NUOCSACH+1\nend\n", 1, 16 },
		{ "a space behind them", "nuoc\tHATANG+12 \nend\n", 1, 6 },
		{ "a tab between them", "nuoc\tHATANG+12\tNUOCSACH+1\nend\n", 1, 6 },
		{ "lines are counted with remarks", "# remark\n\nnuoc\tHATANG+1\r\nsach\tHATANG\nend\n", 4, 6 },
		{ "an end before anything", "# remark\nend\n", 2, 1 },
		{ "an end and what holds for all", "\tHATANG+1\nend\n", 2, 1 },
		{ "no end", "nuoc\tHATANG+1\nsach\tHATANG+1\n", 2, 1 },
		{ "another end", "nuoc\tHATANG+1\nEnd\n", 2, 1 },
		{ "an empty file", "", 0, 1 },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct weights *m = NULL;
		struct complaint c;
		if (load(*state, rows[i].text, &m, &c) != E_CONFIG || m)
			fail_msg("%s: taken", rows[i].label);
		if (c.line != rows[i].line || c.column != rows[i].column || !strstr(c.file, "topics/weights.tsv") || strcmp(c.rule, "wrong_value") || !c.text[0])
			fail_msg("%s: %s:%d:%d: %s, %s", rows[i].label, c.file, c.line, c.column, c.rule, c.text);
	}
}

static void a_byte_that_is_no_text_is_refused(void **state)
{
	const struct weighed *f = *state;
	static const char hole[] = "nuoc\tHATANG+1\n\0\0\0\0\nend\n";
	char path[160];
	struct weights *m = NULL;
	struct complaint c = { 0 };
	snprintf(path, sizeof(path), "%s/topics/weights.tsv", f->path);
	FILE *out = fopen(path, "w");
	assert_non_null(out);
	assert_int_equal(fwrite(hole, 1, sizeof(hole) - 1, out), sizeof(hole) - 1);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(weights_load(f->config, topics, COUNT_OF(topics), &m, &c), E_CONFIG);
	assert_null(m);
	assert_int_equal(c.line, 2);
}

static void every_file_that_was_cut_is_refused(void **state)
{
	struct complaint c;
	struct weights *m = NULL;
	size_t whole = strlen(SMALL) - 1; /* the last line needs no break */
	for (size_t n = 0; n < whole; n++) {
		OWN(mem) char *cut = strndup(SMALL, n);
		if (load(*state, cut, &m, &c) != E_CONFIG || m)
			fail_msg("%zu bytes are taken", n);
	}
	OWN(mem) char *unbroken = strndup(SMALL, whole);
	assert_int_equal(load(*state, unbroken, &m, &c), 0);
	assert_non_null(m);
	weights_free(m);
}

static float sum_of(const struct weighed *f, const char *file, const char *text, size_t of)
{
	OWN(weights) struct weights *m = NULL;
	OWN(words) struct words *w = words_of(text);
	struct complaint c;
	float sums[WEIGHTS_SUMS];
	if (load(f, file, &m, &c))
		fail_msg("%d:%d: %s", c.line, c.column, c.text);
	weights_topics(m, w, sums);
	weights_flags(m, w, sums + WEIGHTS_TOPICS_MAX);
	return sums[of];
}

/* How much a word counts where "moc" stands in the text. */
static float place_of(const struct weighed *f, const char *text)
{
	return sum_of(f, "moc\tHATANG+100\nend\n", text, OF_HATANG) / 100;
}

static bool is_near(float a, float b)
{
	return a > b - 0.01f && a < b + 0.01f;
}

static void what_may_stand_there_is_taken(void **state)
{
	static const struct {
		const char *label, *text;
		float hatang; /* of "nuoc" */
	} rows[] = {
		{ "lines of another system", "nuoc\tHATANG+12\r\nend\r\n", 12 },
		{ "a topic that an office dropped", "nuoc\tBHYT+99 HATANG+12 KHAC-3\nsach\tBHYT+1\nend\n", 12 },
		{ "none of this office's", "nuoc\tBHYT+99\nend\n", 0 },
		{ "the largest", "nuoc\tHATANG+127\nend\n", 127 },
		{ "the least", "nuoc\tHATANG-127\nend\n", -127 },
		{ "of two lines for one word the first", "nuoc\tHATANG+3\nnuoc\tHATANG+90\nend\n", 3 },
		{ "what follows the end", "nuoc\tHATANG+3\nend\nNuoc HATANG\n", 3 },
		{ "a code that begins as ours does", "nuoc\tHATA+50 HATANGX+50 HATANG+3\nend\n", 3 },
		{ "a word as long as one may be", LETTERS_63 "\tHATANG+3\nnuoc\tHATANG+4\nend\n", 4 },
	};
	float alone = place_of(*state, "moc");
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		float sum = sum_of(*state, rows[i].text, "nuoc", OF_HATANG);
		if (!is_near(sum, rows[i].hatang * alone))
			fail_msg("%s: %f", rows[i].label, (double)sum);
	}
}

static void what_is_said_first_counts_more(void **state)
{
	float first = place_of(*state, "moc qua qua"), second = place_of(*state, "qua moc qua"), last = place_of(*state, "qua qua moc");
	assert_true(first > second && second > last && last > 0);
	assert_true(place_of(*state, "qua. moc qua") < second);
	assert_true(place_of(*state, "moc") > 0);
}

/* What the words at three places say besides what holds for every message. */
static void what_words_say_is_added_up_by_their_places(void **state)
{
	static const struct {
		const char *text;
		size_t of;
		float always, at[3];
	} rows[] = {
		{ "nuoc sach qua", OF_NUOCSACH, 0, { 20 + 30, 0, 0 } }, /* a pair stands where its first word does */
		{ "nuoc sach qua", OF_HATANG, 7, { -2, 0, 0 } },
		{ "Nước sạch quá", OF_NUOCSACH, 0, { 20 + 30, 0, 0 } },
		{ "qua nuoc sach", OF_NUOCSACH, 0, { 0, 20 + 30, 0 } },
		{ "qua sach nuoc", OF_NUOCSACH, 0, { 0, 0, 20 } },
		{ "nuoc nuoc sach", OF_NUOCSACH, 0, { 20, 20 + 30, 0 } },
		{ "thua ong ba", OF_HATANG, 7, { 0, 0, 0 } },
		{ "thua ong 25", OF_HATANG, 7, { 0, 0, -5 } }, /* every number is 0 */
		{ "thua gia 300", OF_NUOCSACH, 0, { 0, -127, 0 } },
		{ "thua ong ba", WEIGHTS_TOPICS_MAX + WEIGHTS_URGENT, -9, { 0, 0, 0 } },
		{ "qua nuoc qua", WEIGHTS_TOPICS_MAX + WEIGHTS_MATTER, 0, { 0, 4, 0 } },
		{ "qua nuoc qua", WEIGHTS_TOPICS_MAX + WEIGHTS_OPTOUT, 0, { 0, 0, 0 } },
		{ "", OF_HATANG, 7, { 0, 0, 0 } },
	};
	const float place[] = { place_of(*state, "moc qua qua"), place_of(*state, "qua moc qua"), place_of(*state, "qua qua moc") };
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		float sum = sum_of(*state, SMALL, rows[i].text, rows[i].of), wanted = rows[i].always;
		for (size_t k = 0; k < COUNT_OF(place); k++)
			wanted += rows[i].at[k] * place[k];
		if (!is_near(sum, wanted))
			fail_msg("'%s' %zu: %f, not %f", rows[i].text, rows[i].of, (double)sum, (double)wanted);
	}
}

static void the_reason_is_what_says_most(void **state)
{
	static const struct {
		const char *text;
		size_t of, from, to;
	} rows[] = {
		{ "qua nuoc sach", OF_NUOCSACH, 1, 3 }, { "nuoc qua nuoc sach", OF_NUOCSACH, 2, 4 }, { "qua nuoc", OF_NUOCSACH, 1, 2 },
		{ "nuoc qua nuoc", OF_NUOCSACH, 0, 1 }, { "gia 300", OF_NUOCSACH, 0, 0 },	    { "nuoc sach", OF_HATANG, 0, 0 },
	};
	OWN(weights) struct weights *m = NULL;
	struct complaint c;
	assert_int_equal(load(*state, SMALL, &m, &c), 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		OWN(words) struct words *w = words_of(rows[i].text);
		struct span s = weights_reason(m, w, rows[i].of);
		if (s.from != rows[i].from || s.to != rows[i].to)
			fail_msg("'%s': %zu to %zu", rows[i].text, s.from, s.to);
	}
}

static void without_a_file_the_phrases_are_all_there_is(void **state)
{
	static const struct {
		const char *text;
		enum kind kind;
		const char *topic;
	} rows[] = {
		{ "tu choi", KIND_OPTOUT, "" },
		{ "bao gio thi co the bao hiem y te moi", KIND_FEEDBACK, "BHYT" },
		{ "cam on", KIND_ACK, "" },
	};
	struct complaint c;
	struct weights *m = NULL;
	OWN(keywords) struct keywords *k = weighed_words(*state, NULL);
	assert_int_equal(load(*state, NULL, &m, &c), 0);
	assert_null(m);
	assert_null(k->weights);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct classified got = shipped_understand(k, rows[i].text, "");
		if (got.kind != rows[i].kind || strcmp(got.topics[0], rows[i].topic))
			fail_msg("'%s': %s %s", rows[i].text, kind_name(got.kind), got.topics[0]);
		classified_done(&got);
	}
}

static void a_broken_file_leaves_the_words_in_force(void **state)
{
	const struct weighed *f = *state;
	static const char *const broken[] = { "", "nuoc\tHATANG+1\n", "nuoc HATANG+1\nend\n", "\xff\xfe\nend\n" };
	OWN(keywords) struct keywords *old = weighed_words(f, SMALL);
	for (size_t i = 0; i < COUNT_OF(broken); i++) {
		struct keywords *now = old;
		struct complaint c = { 0 };
		weighed_put(f, broken[i]);
		assert_int_equal(keywords_load(f->config, &now, &c), E_CONFIG);
		assert_ptr_equal(now, old);
		assert_non_null(strstr(c.file, "topics/weights.tsv"));
	}
	assert_non_null(old->weights);
	struct classified got = shipped_understand(old, "tu choi", "");
	assert_int_equal(got.kind, KIND_OPTOUT);
	classified_done(&got);
}

/* An office's own topics without one that the shipped weights know. */
static void an_office_may_drop_a_topic(void **state)
{
	const struct weighed *f = *state;
	char path[160];
	struct complaint c = { 0 };
	OWN(keywords) struct keywords *k = NULL;
	weighed_put(f, NULL);
	config_folder_link(f->path, "topics/weights.tsv", "config/topics/weights.tsv");
	snprintf(path, sizeof(path), "%s/topics/topics.conf", f->path);
	config_folder_put(f->path, "topics/topics.conf",
			  "topics = ( { code = \"NUOCSACH\"; vi = \"Nuoc\"; en = \"water\"; commands = [ \"nuoc\" ]; strong = [ \"nuoc_sach\" ]; } );\n", 0600);
	if (keywords_load(f->config, &k, &c))
		fail_msg("%s:%d:%d: %s", c.file, c.line, c.column, c.text);
	assert_non_null(k->weights);
	struct classified got = shipped_understand(k, "nuoc sach thon em cup ca tuan nay roi can bo oi", "");
	assert_int_equal(got.kind, KIND_FEEDBACK);
	assert_string_equal(got.topics[0], "NUOCSACH");
	classified_done(&got);
}

#define LAW(fn) cmocka_unit_test_setup_teardown(fn, weighed_make, weighed_drop)
int main(void)
{
	const struct CMUnitTest tests[] = {
		LAW(what_is_wrong_is_refused_with_line_and_column),
		LAW(a_byte_that_is_no_text_is_refused),
		LAW(every_file_that_was_cut_is_refused),
		LAW(what_may_stand_there_is_taken),
		LAW(what_is_said_first_counts_more),
		LAW(what_words_say_is_added_up_by_their_places),
		LAW(the_reason_is_what_says_most),
		LAW(without_a_file_the_phrases_are_all_there_is),
		LAW(a_broken_file_leaves_the_words_in_force),
		LAW(an_office_may_drop_a_topic),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
