/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of what went wrong elsewhere: each row names a test of ours, and that test is there and is run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"

#define LIST "tests/fixtures/failures.tsv"
#define ROWS 50

static char *read_whole(const char *path)
{
	char *text = NULL;
	size_t n = 0;
	OWN(file) FILE *f = fopen(path, "r");
	if (!f || getdelim(&text, &n, '\0', f) < 0) {
		free(text);
		return NULL;
	}
	return text;
}

/* Stands in the table of a test program, whichever. */
static bool runs(const char *path, const char *test)
{
	char call[160], call_more[160];
	OWN(mem) char *source = read_whole(path);
	const char *table = source ? strstr(source, "struct CMUnitTest") : NULL;
	snprintf(call, sizeof(call), "(%s)", test);
	snprintf(call_more, sizeof(call_more), "(%s,", test);
	return table && (strstr(table, call) || strstr(table, call_more));
}

static bool is_run(const glob_t *programs, const char *test)
{
	for (size_t i = 0; i < programs->gl_pathc; i++)
		if (runs(programs->gl_pathv[i], test))
			return true;
	return false;
}

static void every_failure_of_others_has_a_test_that_is_run(void **state)
{
	(void)state;
	OWN(mem) char *list = read_whole(LIST);
	glob_t programs;
	assert_non_null(list);
	assert_int_equal(glob("tests/*/test_*.c", 0, NULL, &programs), 0);
	char *rest = list, *line;
	int rows = 0;
	while ((line = strsep(&rest, "\n"))) {
		if (!*line || *line == '#')
			continue;
		const char *where = strsep(&line, "\t"), *what = strsep(&line, "\t"), *test = strsep(&line, "\t");
		assert_non_null(test);
		if (!is_run(&programs, test))
			fail_msg("%s, %s: no program runs %s", where, what, test);
		rows++;
	}
	assert_int_equal(rows, ROWS);
	globfree(&programs);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_failure_of_others_has_a_test_that_is_run) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
