/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of what went wrong elsewhere: each row names a test of ours, and that test is there and is run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
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

/* program "unit/settle" → tests/unit/test_settle.c, which runs the test. */
static bool is_run(const char *program, const char *test)
{
	char path[160], call[160];
	const char *slash = strchr(program, '/');
	assert_non_null(slash);
	snprintf(path, sizeof(path), "tests/%.*s/test_%s.c", (int)(slash - program), program, slash + 1);
	OWN(mem) char *source = read_whole(path);
	const char *table = source ? strstr(source, "struct CMUnitTest") : NULL;
	snprintf(call, sizeof(call), "(%s)", test);
	if (table && !strstr(table, call))
		snprintf(call, sizeof(call), "(%s,", test);
	return table && strstr(table, call);
}

static void every_failure_of_others_has_a_test_that_is_run(void **state)
{
	(void)state;
	OWN(mem) char *list = read_whole(LIST);
	assert_non_null(list);
	char *rest = list, *line;
	int rows = 0;
	while ((line = strsep(&rest, "\n"))) {
		if (!*line || *line == '#')
			continue;
		const char *where = strsep(&line, "\t"), *what = strsep(&line, "\t"), *program = strsep(&line, "\t"), *test = strsep(&line, "\t");
		assert_non_null(test);
		if (!is_run(program, test))
			fail_msg("%s, %s: %s is not run by %s", where, what, test, program);
		rows++;
	}
	assert_int_equal(rows, ROWS);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_failure_of_others_has_a_test_that_is_run) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
