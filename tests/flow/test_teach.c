/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of the program teach: what it prints of a few lessons is read back and understands messages that were no lesson, it prints the
 * same twice, a person's corrections are lessons, mistakes are told with file and line. And no reply that understanding is measured by
 * is a lesson. Runs from the repository's root. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/base/buffer.h"
#include "gateway/base/fold.h"
#include "tests/support/config_folder.h"
#include "tests/support/shipped.h"
#include "tests/support/weighed.h"

#define HEADER "topics\tflags\ttext\n"
/* Of a waterwheel, of a flute, of who has had enough, and of nothing. */
#define ROWS                                                                                                                                       \
	"NUOCSACH\tmatter\tguong xom tren gay banh\nNUOCSACH\tmatter\tguong gay banh may hom\nNUOCSACH|HATANG\tmatter\tguong gay truc quay\n" \
	"NUOCSACH\tmatter\tbanh guong gay may hom\nNUOCSACH\tmatter\ttruc guong gay banh\nNUOCSACH\tmatter\txom tren guong gay truc\n"                \
	"VANHOA\tmatter\tkhen be cua ong rach tui\nVANHOA\tmatter\tthoi khen be tui rach\nVANHOA\tmatter\tkhen be tui rach may hom\n"               \
	"VANHOA\tmatter\tong thoi khen be tui rach\nVANHOA\tmatter\ttui khen be rach roi\nVANHOA\tmatter\tkhen be xom tren rach tui\n"             \
	"\toptout\tngan lam roi ran tai\n\toptout\tran tai ngan lam\n\toptout\tngan ran tai may hom\n\toptout\tngan lam ran tai roi\n"             \
	"\t\tem o ban nha em\n\t\tnha em o ban may hom\n\t\tem o nha may hom\n\t\tban em o xom tren\n\t\tem o ban roi\n\t\tnha em o xom tren\n"
#define LESSONS HEADER "# remarks are passed over\n\n" ROWS ROWS "NUOCSACH\tmatter\tguong quay khong duoc\n"

static char *path_of(const struct weighed *f, const char *name)
{
	char *path = NULL;
	assert_true(asprintf(&path, "%s/%s", f->path, name) > 0);
	return path;
}

static char *take(const struct weighed *f, const char *name)
{
	OWN(mem) char *path = path_of(f, name);
	OWN(file) FILE *in = fopen(path, "r");
	struct buffer all = { 0 };
	char part[4096];
	assert_non_null(in);
	assert_int_equal(buffer_puts(&all, ""), 0);
	for (size_t n; (n = fread(part, 1, sizeof(part), in)) > 0;)
		assert_int_equal(buffer_put(&all, part, n), 0);
	assert_int_equal(unlink(path), 0);
	return all.data;
}

static void become(const struct weighed *f, const char *first, const char *second)
{
	const char *build = getenv("CAUNOI_BUILD");
	OWN(mem) char *program = NULL, *out = path_of(f, "out"), *err = path_of(f, "err");
	if (asprintf(&program, "%s/teach", build ? build : "build") < 0 || !freopen(out, "w", stdout) || !freopen(err, "w", stderr))
		_exit(70);
	alarm(60);
	execl(program, program, f->config, first, second, (char *)NULL);
	_exit(71);
}

/* Teaches one or two files of lessons, second NULL or its text; the exit code. */
static int teach(const struct weighed *f, const char *first, const char *second, char **ret_out, char **ret_err)
{
	OWN(mem) char *lessons = path_of(f, "lessons.tsv"), *corrections = path_of(f, "corrections.jsonl");
	int status;
	config_folder_put(f->path, "lessons.tsv", first, 0600);
	if (second)
		config_folder_put(f->path, "corrections.jsonl", second, 0600);
	pid_t pid = fork();
	if (pid == 0)
		become(f, lessons, second ? corrections : NULL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	unlink(lessons);
	unlink(corrections);
	*ret_out = take(f, "out");
	*ret_err = take(f, "err");
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* What teach prints, which must have worked. */
static char *taught(const struct weighed *f, const char *first, const char *second)
{
	char *out;
	OWN(mem) char *err = NULL;
	if (teach(f, first, second, &out, &err) || *err)
		fail_msg("%s", err);
	return out;
}

static const struct neighbour {
	const char *text;
	enum kind kind;
	const char *topic;
} neighbours[] = {
	{ "xom tren guong nuoc gay banh chieu qua", KIND_FEEDBACK, "NUOCSACH" },
	{ "chieu qua truc guong gay banh quay", KIND_FEEDBACK, "NUOCSACH" },
	{ "khen be xom ong rach tui chieu qua", KIND_FEEDBACK, "VANHOA" },
	{ "chieu qua em thoi khen be rach tui", KIND_FEEDBACK, "VANHOA" },
	{ "chieu qua ngan lam ran tai", KIND_OPTOUT, "" },
};

static void what_was_taught_understands_what_was_no_lesson(void **state)
{
	OWN(keywords) struct keywords *before = weighed_words(*state, NULL);
	OWN(mem) char *file = taught(*state, LESSONS, NULL);
	OWN(keywords) struct keywords *k = weighed_words(*state, file);
	assert_non_null(k->weights);
	for (size_t i = 0; i < COUNT_OF(neighbours); i++) {
		const struct neighbour *n = &neighbours[i];
		struct classified was = shipped_understand(before, n->text, ""), got = shipped_understand(k, n->text, "");
		assert_null(strstr(LESSONS, n->text));
		if (was.kind == n->kind && strcmp(was.topics[0], n->topic) == 0)
			fail_msg("'%s' needs no lesson", n->text);
		if (got.kind != n->kind || strcmp(got.topics[0], n->topic))
			fail_msg("'%s': %s %s, %s", n->text, kind_name(got.kind), got.topics[0], got.why);
		classified_done(&was);
		classified_done(&got);
	}
}

static void the_same_lessons_give_the_same_file(void **state)
{
	OWN(mem) char *once = taught(*state, LESSONS, NULL), *twice = taught(*state, LESSONS, NULL);
	assert_string_equal(once, twice);
	assert_non_null(strstr(once, "\nguong gay\t"));
	assert_null(strstr(once, "khong duoc\t")); /* met once, which may be chance */
}

static char *corrections(const char *kind, const char *topic)
{
	static const char *const texts[] = { "coi gia gao lang em", "lang em coi gia", "coi gia nut roi", "nut coi gia gao", "coi gia gao nut", "lang nut coi gia" };
	struct buffer out = { 0 };
	for (size_t i = 0; i < 2 * COUNT_OF(texts); i++)
		assert_int_equal(buffer_printf(&out, "{\"id\":%zu,\"text\":\"%s\",\"kind_was\":\"unknown\",\"topic_was\":null,\"kind\":\"%s\",\"topic\":%s}\n", i,
					       texts[i % COUNT_OF(texts)], kind, topic), 0);
	return out.data;
}

static void what_people_corrected_is_taught_beside_the_lessons(void **state)
{
	static const struct {
		const char *kind, *topic;
		enum kind wanted;
		const char *first;
		bool restricted;
	} rows[] = {
		{ "feedback", "\"VANHOA\"", KIND_FEEDBACK, "VANHOA", false },
		{ "feedback", "\"TRUCLOI\"", KIND_FEEDBACK, "TRUCLOI", true },
		{ "optout", "null", KIND_OPTOUT, "", false },
		{ "urgent", "\"THIENTAI\"", KIND_URGENT, "THIENTAI", false },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		OWN(mem) char *more = corrections(rows[i].kind, rows[i].topic), *file = taught(*state, LESSONS, more);
		OWN(keywords) struct keywords *k = weighed_words(*state, file);
		struct classified got = shipped_understand(k, "chieu qua coi gia gao nut", "");
		if (got.kind != rows[i].wanted || strcmp(got.topics[0], rows[i].first) || got.restricted != rows[i].restricted)
			fail_msg("%s %s: %s %s, %s", rows[i].kind, rows[i].topic, kind_name(got.kind), got.topics[0], got.why);
		classified_done(&got);
	}
}

static void a_number_that_was_taken_out_is_one(void **state)
{
	static const char row[] = "{\"text\":\"goi mai #\",\"kind\":\"optout\",\"topic\":null}\n";
	OWN(mem) char *twice = NULL;
	assert_true(asprintf(&twice, "%s%s", row, row) > 0);
	OWN(mem) char *file = taught(*state, HEADER "\t\tem o ban\n", twice);
	assert_non_null(strstr(file, "\nmai 0\toptout+"));
}

static void mistakes_are_told_with_file_and_line(void **state)
{
	static const struct {
		const char *label, *first, *second, *says;
	} rows[] = {
		{ "an unknown topic", HEADER "BHYT\tmatter\tthe bao hiem\nKHONGCO\tmatter\tthe bao hiem\n", NULL, "lessons.tsv:3: topics: " },
		{ "a wrong flag", HEADER "BHYT\tmatter,danger\tthe bao hiem\n", NULL, "lessons.tsv:2: flags: " },
		{ "no tab", HEADER "BHYT the bao hiem\n", NULL, "lessons.tsv:2: " },
		{ "one tab", HEADER "BHYT\tthe bao hiem\n", NULL, "lessons.tsv:2: " },
		{ "no text in UTF-8", HEADER "BHYT\tmatter\tthe b\xe1\xbao hiem\n", NULL, "lessons.tsv:2: " },
		{ "a correction that is none", LESSONS, "\n{\"text\":\"coi gia\",\n", "corrections.jsonl:2: " },
		{ "one without a kind", LESSONS, "{\"text\":\"coi gia\"}\n", "corrections.jsonl:1: " },
		{ "one of an unknown topic", LESSONS, "{\"text\":\"coi gia\",\"kind\":\"feedback\",\"topic\":\"KHONGCO\"}\n", "corrections.jsonl:1: topics: " },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		OWN(mem) char *out = NULL, *err = NULL;
		int code = teach(*state, rows[i].first, rows[i].second, &out, &err);
		if (code != 1 || *out || !strstr(err, rows[i].says))
			fail_msg("%s: %d, %s", rows[i].label, code, err);
	}
}

/* ---- what understanding is measured by is no lesson ---- */

struct folds {
	char **at;
	size_t n, room;
};

static void folds_done(struct folds *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->at[i]);
	free(l->at);
}

/* Adds what stands in a column of a table, folded; its first line is a header. */
static void add_column(struct folds *l, const char *file, int column)
{
	OWN(file) FILE *in = fopen(file, "r");
	OWN(mem) char *line = NULL;
	size_t room = 0;
	assert_non_null(in);
	for (int n = 0; getline(&line, &room, in) > 0; n++) {
		line[strcspn(line, "\r\n")] = '\0';
		char *text = line, *rest = line;
		for (int i = 0; i <= column && rest; i++)
			text = strsep(&rest, "\t");
		if (!n || *line == '#' || !*line)
			continue;
		if (l->n == l->room) {
			l->room = l->room ? 2 * l->room : 1024;
			l->at = realloc(l->at, l->room * sizeof(*l->at));
			assert_non_null(l->at);
		}
		l->at[l->n] = fold(text);
		assert_non_null(l->at[l->n++]);
	}
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool holds(const struct folds *l, const char *text)
{
	return bsearch(&text, l->at, l->n, sizeof(*l->at), compare) != NULL;
}

/* Three words may be a command, which everybody writes. */
static bool is_brief(const char *text)
{
	size_t spaces = 0;
	for (; *text; text++)
		spaces += *text == ' ';
	return spaces < 3;
}

static void replies_that_measure_are_no_lessons(void **state)
{
	(void)state;
	static const char *const files[] = { "ninth", "tenth", "eleventh", "twelfth" };
	struct folds lessons = { 0 };
	size_t looked = 0;
	add_column(&lessons, "config/topics/lessons.tsv", 2);
	assert_true(lessons.n > 1000);
	OWN(mem) char *first = strdup(lessons.at[0]);
	qsort(lessons.at, lessons.n, sizeof(*lessons.at), compare);
	assert_true(holds(&lessons, first));
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		OWN(mem) char *path = NULL;
		struct folds replies = { 0 };
		assert_true(asprintf(&path, "tests/fixtures/replies_%s.tsv", files[i]) > 0);
		if (access(path, F_OK) == 0)
			add_column(&replies, path, 1);
		for (size_t k = 0; k < replies.n; k++)
			if (!is_brief(replies.at[k]) && holds(&lessons, replies.at[k]))
				fail_msg("%s: '%s' is a lesson", path, replies.at[k]);
		looked += replies.n;
		folds_done(&replies);
	}
	assert_true(looked > 0);
	folds_done(&lessons);
}

#define LAW(fn) cmocka_unit_test_setup_teardown(fn, weighed_make, weighed_drop)
int main(void)
{
	const struct CMUnitTest tests[] = {
		LAW(what_was_taught_understands_what_was_no_lesson),
		LAW(the_same_lessons_give_the_same_file),
		LAW(what_people_corrected_is_taught_beside_the_lessons),
		LAW(a_number_that_was_taken_out_is_one),
		LAW(mistakes_are_told_with_file_and_line),
		cmocka_unit_test(replies_that_measure_are_no_lessons),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
