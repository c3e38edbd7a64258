/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of tables on a terminal: aligned by cells, cut to the width, deaf to control characters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "console/terminal/desk.h"
#include "console/terminal/table.h"
#include "gateway/base/json.h"

static const char *same(const void *arg, const char *key)
{
	(void)arg;
	return key;
}

static json_t *rows_of(const char *text)
{
	json_t *rows = NULL;
	assert_int_equal(json_parse(text, strlen(text), &rows), 0);
	return rows;
}

static char *laid_out(const char *text, size_t columns)
{
	OWN(json) json_t *rows = rows_of(text);
	struct buffer out = { 0 };
	struct table t = { .label = same, .columns = columns };
	table_measure(&t, NULL, rows);
	assert_int_equal(table_head(&t, &out), 0);
	for (size_t i = 0; i < json_array_size(rows); i++)
		assert_int_equal(table_row(&t, json_array_get(rows, i), &out), 0);
	return out.data;
}

static void columns_align_by_cells(void **state)
{
	(void)state;
	OWN(mem) char *got = laid_out("[{\"id\":1,\"name\":\"Sùng Thị Mỷ\",\"n\":7},{\"id\":12,\"name\":\"中文\",\"n\":8}]", 0);
	assert_string_equal(got, "id  name         n\n1   Sùng Thị Mỷ  7\n12  中文         8\n");
}

static void combining_marks_take_no_cell(void **state)
{
	(void)state;
	assert_int_equal(table_cells("a\xcc\x81" "b"), 2);
	assert_int_equal(table_cells("đường"), 5);
	assert_int_equal(table_cells(""), 0);
}

static void columns_without_a_value_are_left_out(void **state)
{
	(void)state;
	OWN(mem) char *got = laid_out("[{\"a\":null,\"b\":true,\"c\":{},\"d\":[]},{\"a\":null,\"b\":false,\"c\":{\"x\":1},\"d\":[\"u\",\"v\"]}]", 0);
	assert_string_equal(got, "b    d\nyes  \nno   u, v\n");
}

static void lines_fit_the_terminal(void **state)
{
	(void)state;
	OWN(mem) char *got = laid_out("[{\"id\":1,\"text\":\"PA duong thon 5 hong ca thang nay xe khong di duoc\",\"state\":\"received\"}]", 40);
	for (char *line = got, *end; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		assert_true(table_cells(line) <= 40);
		assert_non_null(strstr(line, line == got ? "state" : "received"));
	}
}

static void control_characters_do_nothing(void **state)
{
	(void)state;
	static const struct {
		const char *label, *text, *clean;
	} cases[] = {
		{ "escape", "a\x1b[31mb", "a·[31mb" },
		{ "line ends", "a\r\nb\tc", "a  b c" },
		{ "C1", "a\xc2\x9b" "31mb", "a·31mb" },
		{ "direction", "a\xe2\x80\xae" "b", "a·b" },
		{ "plain", "Nhận tin", "Nhận tin" },
		{ "nothing", "", "" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(mem) char *clean = table_clean(cases[i].text, 0);
		if (strcmp(clean, cases[i].clean))
			fail_msg("%s: %s", cases[i].label, clean);
	}
}

static void a_cut_is_marked(void **state)
{
	(void)state;
	OWN(mem) char *cut = table_clean("đường thôn năm", 6);
	OWN(mem) char *whole = table_clean("đường", 5);
	assert_string_equal(cut, "đường…");
	assert_string_equal(whole, "đường");
}

static void values_read_as_people_write(void **state)
{
	(void)state;
	static const struct {
		const char *json, *text;
	} cases[] = {
		{ "[null]", "" }, { "[\"2025-11-20T08:30:00+07:00\"]", "2025-11-20 08:30:00" }, { "[12]", "12" }, { "[1.5]", "1.5" },
		{ "[true]", "yes" }, { "[[1,\"a\"]]", "1, a" }, { "[[]]", "" }, { "[\"x\"]", "x" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(json) json_t *list = rows_of(cases[i].json);
		OWN(mem) char *text = table_value(json_array_get(list, 0));
		assert_string_equal(text, cases[i].text);
	}
}

static void language_follows_the_environment(void **state)
{
	(void)state;
	assert_true(desk_is_vietnamese(NULL, NULL, "vi_VN.UTF-8"));
	assert_true(desk_is_vietnamese("vi", "en_US", "en_US"));
	assert_true(desk_is_vietnamese("", "", "vi"));
	assert_false(desk_is_vietnamese("C.UTF-8", NULL, "vi_VN"));
	assert_false(desk_is_vietnamese(NULL, NULL, NULL));
	assert_false(desk_is_vietnamese(NULL, NULL, "vie"));
}

static void statuses_become_exit_codes(void **state)
{
	(void)state;
	static const struct {
		int status, code;
	} cases[] = { { 400, 2 }, { 422, 2 }, { 413, 2 }, { 404, 3 }, { 401, 4 }, { 403, 4 }, { 409, 4 }, { 429, 4 }, { 503, 5 }, { 500, 1 }, { 504, 1 } };
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_int_equal(desk_exit_code(cases[i].status), cases[i].code);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_align_by_cells),
		cmocka_unit_test(combining_marks_take_no_cell),
		cmocka_unit_test(columns_without_a_value_are_left_out),
		cmocka_unit_test(lines_fit_the_terminal),
		cmocka_unit_test(control_characters_do_nothing),
		cmocka_unit_test(a_cut_is_marked),
		cmocka_unit_test(values_read_as_people_write),
		cmocka_unit_test(language_follows_the_environment),
		cmocka_unit_test(statuses_become_exit_codes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
