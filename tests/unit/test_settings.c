// SPDX-License-Identifier: GPL-3.0-or-later
/* Settings files: values come back exactly, every mistake names its line and key. Files are written
 * to a folder of their own below /tmp and read back through the public functions only. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/settings.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"

struct folder {
	char path[64];
};

static int make_folder(void **state)
{
	struct folder *f = calloc(1, sizeof(*f));
	assert_non_null(f);
	snprintf(f->path, sizeof(f->path), "/tmp/caunoi-settings-XXXXXX");
	assert_non_null(mkdtemp(f->path));
	*state = f;
	return 0;
}

static int drop_folder(void **state)
{
	struct folder *f = *state;
	static const char *const names[] = { "a.conf", "b.conf", "sub/c.conf", "sub/d.conf",
					     "sub" };
	char path[128];
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", f->path, names[i]);
		if (unlink(path))
			rmdir(path);
	}
	rmdir(f->path);
	free(f);
	return 0;
}

static const char *write_bytes(struct folder *f, const char *name, const char *bytes, size_t n,
			       char path[128])
{
	snprintf(path, 128, "%s/%s", f->path, name);
	OWN(file) FILE *out = fopen(path, "w");
	assert_non_null(out);
	assert_int_equal(fwrite(bytes, 1, n, out), n);
	return path;
}

static const char *write_text(struct folder *f, const char *name, const char *text, char path[128])
{
	return write_bytes(f, name, text, strlen(text), path);
}

static void every_kind_of_value_comes_back(void **state)
{
	char path[128];
	struct settings *s;
	struct complaint c = { 0 };
	write_text(*state, "a.conf",
		   "// comment\n/* block\n */ a = 1; b : 2.5\nc = \"x\" /* join */\n \"y\"; d = "
		   "TRUE, e = [1, 3000000000];\n"
		   "f = ( \"s\", 1, { g = []; }, ( ) );\nbig = 9223372036854775807; low = "
		   "-9223372036854775808;\n"
		   "wide = 4294967296; hex = 0xFFFFFFFF; long = 5L; small = 1e5; neg = -1.5e-3; "
		   "esc = \"\\\"\\\\\\n\\x41ế\";\n",
		   path);
	int r = settings_read(path, &s, &c);
	if (r)
		fail_msg("%s:%d %s", c.file, c.line, c.text);
	json_t *root = settings_root(s);
	assert_int_equal(json_int(root, "a", 0), 1);
	assert_true(fabs(json_num(root, "b", 0) - 2.5) < 1e-9);
	assert_string_equal(json_str(root, "c", ""), "xy");
	assert_true(json_flag(root, "d", false));
	assert_int_equal(json_integer_value(json_array_get(json_object_get(root, "e"), 1)),
			 3000000000LL);
	assert_int_equal(json_array_size(json_object_get(root, "f")), 4);
	assert_int_equal(json_int(root, "big", 0), INT64_MAX);
	assert_int_equal(json_int(root, "low", 0), INT64_MIN);
	assert_int_equal(json_int(root, "wide", 0), 4294967296LL);
	assert_int_equal(json_int(root, "hex", 0), 4294967295LL);
	assert_int_equal(json_int(root, "long", 0), 5);
	assert_true(fabs(json_num(root, "small", 0) - 1e5) < 1e-6);
	assert_true(fabs(json_num(root, "neg", 0) + 1.5e-3) < 1e-12);
	assert_string_equal(json_str(root, "esc", ""), "\"\\\nA\u1ebf");
	settings_free(s);
}

static void every_setting_knows_its_line(void **state)
{
	static const struct {
		const char *path;
		int line;
	} rows[] = {
		{ "a", 1 },	    { "list", 2 },
		{ "list.[0]", 3 },  { "list.[0].name", 3 },
		{ "list.[1]", 4 },  { "list.[1].rate", 6 },
		{ "texts.[1]", 9 }, { "list.[1].absent", 4 },
		{ "absent", 0 },
	};
	char path[128];
	struct settings *s;
	struct complaint c = { 0 };
	write_text(*state, "a.conf",
		   "a = 1;\nlist = (\n { name = \"x\"; },\n {\n name = \"y\";\n rate = 5; "
		   "}\n);\ntexts = [ \"p\",\n \"q\" ];\n",
		   path);
	assert_int_equal(settings_read(path, &s, &c), 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const char *file;
		if (settings_line(s, rows[i].path, &file) != rows[i].line)
			fail_msg("%s: line %d", rows[i].path,
				 settings_line(s, rows[i].path, &file));
		assert_string_equal(file, path);
	}
	assert_int_equal(settings_complain(s, "list.[1].rate", &c, "r", "no %d", 7), E_INVALID);
	assert_int_equal(c.line, 6);
	assert_string_equal(c.field, "list.[1].rate");
	assert_string_equal(c.text, "no 7");
	settings_free(s);
}

static void a_mistake_names_line_key_and_rule(void **state)
{
	static const struct {
		const char *label, *text, *field, *rule;
		int line;
	} rows[] = {
		{ "33 bits wrap", "a = 1;\nb = 99999999999999999999;\n", "b", "integer_range", 2 },
		{ "64 bits with L", "b = 9223372036854775808L;\n", "b", "integer_range", 1 },
		{ "hex beyond", "b = 0x1FFFFFFFFFFFFFFFF;\n", "b", "integer_range", 1 },
		{ "nested integer", "g = {\n l = ( 1,\n 99999999999999999999 ); };\n", "g.l.[1]",
		  "integer_range", 3 },
		{ "fraction too large", "b = 1.0e999;\n", "b", "number_range", 1 },
		{ "not a number", "a = 12abc;\n", "a", "not_a_number", 1 },
		{ "two dots", "a = 1.2.3;\n", "a", "not_a_number", 1 },
		{ "duplicate key", "a = 1;\n\na = 2;\n", "a", "duplicate_key", 3 },
		{ "duplicate in group", "g = { x = 1; x = 2; };\n", "g.x", "duplicate_key", 1 },
		{ "trailing comma list", "g = ( 1,\n 2,\n );\n", "g.[2]", "trailing_comma", 3 },
		{ "trailing comma array", "g = [ 1, ];\n", "g.[1]", "trailing_comma", 1 },
		{ "missing comma", "g = ( {\n }\n { } );\n", "g.[0]", "missing_comma", 3 },
		{ "unquoted text", "a = b;\n", "a", "unquoted_text", 1 },
		{ "missing equals", "a = 1;\nname \"x\";\n", "name", "missing_equals", 2 },
		{ "missing value", "a = 1;\nb = ;\n", "b", "missing_value", 2 },
		{ "missing value at end", "b = ", "b", "missing_value", 1 },
		{ "value without key", "a = 1;\n5;\n", "", "missing_key", 2 },
		{ "unclosed group", "a = 1;\ng = {\n x = 1;\n", "g", "unbalanced", 2 },
		{ "wrong bracket", "g = ( 1 };\n", "g.[0]", "unbalanced", 1 },
		{ "bracket too many", "a = 1; }\n", "", "unbalanced", 1 },
		{ "semicolon too many", "a = 1;;\n", "", "stray_character", 1 },
		{ "stray character", "a = 1;\n$b = 2;\n", "", "stray_character", 2 },
		{ "typographic quote", "a = \u201cx\u201d;\n", "a", "stray_character", 1 },
		{ "no-break space", "a =\u00a01;\n", "a", "stray_character", 1 },
		{ "include inside a line", "a = 1; @include \"b.conf\"\n", "", "stray_character",
		  1 },
		{ "unterminated string", "a = 1;\nb = \"x;\nc = 2;\n", "b", "unterminated_string",
		  2 },
		{ "quote swallowed the next", "a = \"x;\nb = \"y\";\nc = 2;\n", "a",
		  "unterminated_string", 1 },
		{ "unterminated comment", "a = 1;\n/* b\nc\n", "", "unterminated_comment", 2 },
		{ "array of groups", "a = [ { } ];\n", "a.[0]", "nested_array", 1 },
		{ "array of two types", "a = 1;\nb = [ 1, \"x\" ];\n", "", "syntax", 2 },
		{ "escape that is not UTF-8", "a = 1;\nb = \"\\xFF\";\n", "b", "not_utf8", 2 },
		{ "NUL by escape", "a = \"\\x00\";\n", "a", "nul_byte", 1 },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char path[128];
		struct settings *s = NULL;
		struct complaint c = { 0 };
		write_text(*state, "a.conf", rows[i].text, path);
		int r = settings_read(path, &s, &c);
		if (r != E_INVALID || strcmp(c.rule, rows[i].rule) != 0 ||
		    strcmp(c.field, rows[i].field) != 0 || c.line != rows[i].line)
			fail_msg("%s: %d line %d field '%s' rule '%s': %s", rows[i].label, r,
				 c.line, c.field, c.rule, c.text);
		if (rows[i].line)
			assert_string_equal(c.file, path);
		assert_true(strlen(c.text) > 8);
	}
}

static void bytes_that_no_editor_should_write_are_refused(void **state)
{
	static const struct {
		const char *label, *bytes;
		size_t n;
		const char *rule;
		int line;
	} rows[] = {
		{ "BOM",
		  "\xEF\xBB\xBF"
		  "a = 1;\n",
		  10, "byte_order_mark", 1 },
		{ "UTF-16 little",
		  "\xFF\xFE"
		  "a\0 \0",
		  6, "byte_order_mark", 1 },
		{ "UTF-16 big", "\xFE\xFF\0a", 4, "byte_order_mark", 1 },
		{ "NUL", "a = 1;\nb\0 = 2;\n", 15, "nul_byte", 2 },
		{ "Latin-1", "a = 1;\nb = \"\xE9\";\n", 15, "not_utf8", 2 },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char path[128];
		struct settings *s = NULL;
		struct complaint c = { 0 };
		write_bytes(*state, "a.conf", rows[i].bytes, rows[i].n, path);
		if (settings_read(path, &s, &c) != E_INVALID || strcmp(c.rule, rows[i].rule) != 0 ||
		    c.line != rows[i].line)
			fail_msg("%s: line %d rule '%s'", rows[i].label, c.line, c.rule);
	}
}

static void unusual_files_are_fine(void **state)
{
	static const struct {
		const char *label, *text;
	} rows[] = {
		{ "empty", "" },
		{ "comment only", "# nothing" },
		{ "CRLF", "a = 1;\r\nb = ( 1,\r\n2 );\r\n" },
		{ "no semicolons", "a = 1\nb = 2" },
		{ "string over lines", "a = \"first\nsecond\"; b = 1;\n" },
		{ "include in a comment",
		  "/*\n@include \"nowhere.conf\"\n*/\n# @include \"nowhere\"\n" },
		{ "include in a string", "a = \"x\n@include \\\"nowhere\\\"\n\";\n" },
		{ "comma ends a setting", "g = { a = 1, b = 2, };\n" },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char path[128];
		struct settings *s = NULL;
		struct complaint c = { 0 };
		write_text(*state, "a.conf", rows[i].text, path);
		if (settings_read(path, &s, &c))
			fail_msg("%s: line %d '%s' %s", rows[i].label, c.line, c.rule, c.text);
		settings_free(s);
	}
}

static void files_that_cannot_be_read_say_why(void **state)
{
	struct folder *f = *state;
	struct settings *s = NULL;
	struct complaint c = { 0 };
	assert_int_equal(settings_read("/nowhere/x.conf", &s, &c), E_NOT_FOUND);
	assert_string_equal(c.rule, "missing_file");
	assert_string_equal(c.file, "/nowhere/x.conf");
	assert_int_equal(settings_read(f->path, &s, &c), E_IO);
	assert_string_equal(c.rule, "unreadable");
}

static void include_resolves_beside_the_file_that_names_it(void **state)
{
	struct folder *f = *state;
	char path[128], sub[128], other[128];
	struct settings *s;
	struct complaint c = { 0 };
	const char *file;
	snprintf(sub, sizeof(sub), "%s/sub", f->path);
	assert_int_equal(mkdir(sub, 0700), 0);
	write_text(f, "sub/c.conf", "c = 1;\n@include \"d.conf\" # no newline at its end\ne = 1;\n",
		   sub);
	write_text(f, "sub/d.conf", "d = 1;", other);
	write_text(f, "a.conf", "a = 1;\n  @include \"sub/c.conf\"\nz = 1;\n", path);
	assert_int_equal(settings_read(path, &s, &c), 0);
	assert_int_equal(json_object_size(settings_root(s)), 5);
	assert_int_equal(settings_line(s, "d", &file), 1);
	assert_string_equal(strrchr(file, '/'), "/d.conf");
	assert_int_equal(settings_line(s, "e", &file), 3);
	assert_string_equal(strrchr(file, '/'), "/c.conf");
	assert_int_equal(settings_line(s, "z", &file), 3);
	assert_string_equal(file, path);
	assert_true(settings_order(s, "a") < settings_order(s, "d") &&
		    settings_order(s, "d") < settings_order(s, "z"));
	settings_free(s);
}

static void include_mistakes_name_the_line(void **state)
{
	static const struct {
		const char *label, *a, *b, *file, *rule;
		int line;
	} rows[] = {
		{ "missing", "a = 1;\n@include \"none.conf\"\n", "", "a.conf", "include_missing",
		  2 },
		{ "pattern", "@include \"*.conf\"\n", "", "a.conf", "include_pattern", 1 },
		{ "folder", "@include \".\"\n", "", "a.conf", "include_unreadable", 1 },
		{ "itself", "\n@include \"a.conf\"\n", "", "a.conf", "include_depth", 2 },
		{ "mistake inside", "\n\n@include \"b.conf\"\n", "x = 1;\ny = z;\n", "b.conf",
		  "unquoted_text", 2 },
		{ "twice the same key", "a = 1;\n@include \"b.conf\"\n", "\na = 2;\n", "b.conf",
		  "duplicate_key", 2 },
		{ "mistake behind", "@include \"b.conf\"\nq = ;\n", "x = 1;\n\n\n", "a.conf",
		  "missing_value", 2 },
		{ "BOM inside", "@include \"b.conf\"\n", "\xEF\xBB\xBFx = 1;\n", "b.conf",
		  "byte_order_mark", 1 },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char path[128];
		struct settings *s = NULL;
		struct complaint c = { 0 };
		write_text(*state, "b.conf", rows[i].b, path);
		write_text(*state, "a.conf", rows[i].a, path);
		int r = settings_read(path, &s, &c);
		if (r != E_INVALID || strcmp(c.rule, rows[i].rule) != 0 || c.line != rows[i].line ||
		    !strstr(c.file, rows[i].file))
			fail_msg("%s: %d %s:%d '%s' %s", rows[i].label, r, c.file, c.line, c.rule,
				 c.text);
	}
}

static void data_files_are_found_beside_the_configuration_first(void **state)
{
	char path[128], other[128];
	OWN(mem) char *found = NULL;
	write_text(*state, "a.conf", "", path);
	write_text(*state, "b.conf", "", other);
	assert_int_equal(settings_find(path, "b.conf", &found), 0);
	assert_string_equal(found, other);
	char *none = NULL;
	assert_int_equal(settings_find(path, "no-such-file.conf", &none), E_NOT_FOUND);
	assert_int_equal(settings_find(NULL, "no-such-file.conf", &none), E_NOT_FOUND);
	assert_null(none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_kind_of_value_comes_back, make_folder,
						drop_folder),
		cmocka_unit_test_setup_teardown(every_setting_knows_its_line, make_folder,
						drop_folder),
		cmocka_unit_test_setup_teardown(a_mistake_names_line_key_and_rule, make_folder,
						drop_folder),
		cmocka_unit_test_setup_teardown(bytes_that_no_editor_should_write_are_refused,
						make_folder, drop_folder),
		cmocka_unit_test_setup_teardown(unusual_files_are_fine, make_folder, drop_folder),
		cmocka_unit_test_setup_teardown(files_that_cannot_be_read_say_why, make_folder,
						drop_folder),
		cmocka_unit_test_setup_teardown(include_resolves_beside_the_file_that_names_it,
						make_folder, drop_folder),
		cmocka_unit_test_setup_teardown(include_mistakes_name_the_line, make_folder,
						drop_folder),
		cmocka_unit_test_setup_teardown(data_files_are_found_beside_the_configuration_first,
						make_folder, drop_folder),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
