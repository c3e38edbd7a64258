/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of the verbs of setting: each value with the line that set it, what is left out with its default, no secret; a file that is
 * spoilt on disk is told with its line while the gateway goes on with what it had read. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "gateway/base/json.h"
#include "tests/support/fixture.h"

static const json_t *row_of(const json_t *rows, const char *path)
{
	size_t i;
	const json_t *row;
	json_array_foreach(rows, i, row)
		if (!strcmp(json_str(row, "path", ""), path))
			return row;
	fail_msg("%s is not listed", path);
	return NULL;
}

static void setting_list_says_each_value_and_its_line(void **state)
{
	(void)state;
	struct fixture *f = fixture_new("channels = (\n { name = \"mot\"; driver = \"loopback\"; },\n { name = \"hai\"; driver = \"loopback\"; rate_per_second = 7; } );\n");
	OWN(json) json_t *rows = NULL;
	char source[128];
	int64_t next;
	assert_int_equal(fixture_query(f, "setting.list", "{\"limit\":1000}", &rows, &next), 0);
	assert_int_equal(next, 0);
	const json_t *name = row_of(rows, "organisation.name"), *rate = row_of(rows, "channels.[1].rate_per_second"), *hours = row_of(rows, "sending.start_delay_s");
	assert_string_equal(json_str(name, "value", ""), "MTTQ");
	snprintf(source, sizeof(source), "%s:", f->file);
	assert_int_equal(strncmp(json_str(name, "source", ""), source, strlen(source)), 0);
	assert_int_equal(json_integer_value(json_object_get(rate, "value")), 7);
	assert_true(strtol(strrchr(json_str(rate, "source", ":0"), ':') + 1, NULL, 10) > strtol(strrchr(json_str(name, "source", ":0"), ':') + 1, NULL, 10));
	assert_true(json_is_null(json_object_get(hours, "value")));
	assert_true(json_is_null(json_object_get(hours, "source")));
	assert_string_equal(json_str(hours, "default", ""), "300");
	assert_string_equal(json_str(hours, "unit", ""), "s");
	fixture_free(f);
}

static void setting_list_reads_every_file(void **state)
{
	(void)state;
	static const char *const files[] = { "caunoi", "keywords", "spelling", "sense", "topics", "templates" };
	struct fixture *f = fixture_new(NULL);
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		char args[64];
		OWN(json) json_t *rows = NULL;
		snprintf(args, sizeof(args), "{\"file\":\"%s\",\"limit\":1000}", files[i]);
		assert_int_equal(fixture_query(f, "setting.list", args, &rows, NULL), 0);
		if (!json_array_size(rows))
			fail_msg("%s", files[i]);
	}
	fixture_free(f);
}

static void setting_list_is_read_in_pages(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	OWN(json) json_t *all = NULL;
	int64_t next = 0;
	size_t n = 0;
	assert_int_equal(fixture_query(f, "setting.list", "{\"file\":\"keywords\",\"limit\":1000}", &all, NULL), 0);
	assert_true(json_array_size(all) > 30);
	do {
		char args[80];
		OWN(json) json_t *rows = NULL;
		snprintf(args, sizeof(args), "{\"file\":\"keywords\",\"limit\":7,\"after\":%lld}", (long long)next);
		assert_int_equal(fixture_query(f, "setting.list", args, &rows, &next), 0);
		for (size_t i = 0; i < json_array_size(rows); i++)
			assert_true(json_equal(json_array_get(rows, i), json_array_get(all, n + i)));
		n += json_array_size(rows);
	} while (next);
	assert_int_equal(n, json_array_size(all));
	fixture_free(f);
}

/* The data files of the fixture are links: this one is replaced by a file of its own, beside links to the others. */
static void put_keywords(const struct fixture *f, const char *text)
{
	static const char *const others[] = { "spelling.conf", "sense.conf" };
	char path[128], shipped[PATH_MAX], from[PATH_MAX + 32];
	snprintf(path, sizeof(path), "%s/keywords", f->dir);
	assert_non_null(realpath(path, shipped));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	for (size_t i = 0; i < COUNT_OF(others); i++) {
		snprintf(from, sizeof(from), "%s/%s", shipped, others[i]);
		snprintf(path, sizeof(path), "%s/keywords/%s", f->dir, others[i]);
		assert_int_equal(symlink(from, path), 0);
	}
	snprintf(path, sizeof(path), "%s/keywords/keywords.conf", f->dir);
	FILE *out = fopen(path, "w");
	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static void setting_check_tells_the_line_that_is_wrong(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	OWN(json) json_t *good = NULL, *bad = NULL;
	assert_int_equal(fixture_query(f, "setting.check", "{}", &good, NULL), 0);
	assert_true(json_flag(good, "ok", false));
	assert_true(json_is_null(json_object_get(good, "mistake")));
	put_keywords(f, "// words\nclasses = {\n\tstop = [ \"tu choi\", = ];\n};\n");
	assert_int_equal(fixture_query(f, "setting.check", "{}", &bad, NULL), 0);
	assert_false(json_flag(bad, "ok", true));
	const json_t *mistake = json_object_get(bad, "mistake");
	assert_int_equal(json_int(mistake, "line", 0), 3);
	assert_non_null(strstr(json_str(mistake, "file", ""), "keywords.conf"));
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(setting_list_says_each_value_and_its_line),
		cmocka_unit_test(setting_list_reads_every_file),
		cmocka_unit_test(setting_list_is_read_in_pages),
		cmocka_unit_test(setting_check_tells_the_line_that_is_wrong),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
