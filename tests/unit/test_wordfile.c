/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of setting file, try and take and of template: what the checker refuses is told with its line and column and changes nothing, what
 * is taken stands beside the configuration with the older one kept, and nobody undoes another unknowingly. */
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
#include "gateway/folder.h"
#include "gateway/ownfile.h"
#include "handlers/keywords.h"
#include "tests/support/fixture.h"

struct desk {
	struct fixture *f;
	struct keywords *words;
	int told; /* how often the loop heard that words changed */
	struct core_ops ops;
};

static void heard(void *loop)
{
	((struct desk *)((struct fixture *)loop)->mine)->told++;
}

static const char *const files[] = { "keywords/keywords.conf", "keywords/accusation.conf", "keywords/spelling.conf", "topics/topics.conf", "topics/phrasebook.conf" };

static char *path_of(const struct fixture *f, const char *name)
{
	char *path = NULL;
	assert_true(asprintf(&path, "%s/%s", f->dir, name) > 0);
	return path;
}

/* The release's files as the folder's own: what is written must not reach the tree through the fixture's link. */
static void own_files(const struct fixture *f)
{
	static const char *const folders[] = { "keywords", "topics" };
	for (size_t i = 0; i < COUNT_OF(folders); i++) {
		OWN(mem) char *folder = path_of(f, folders[i]);
		assert_int_equal(unlink(folder), 0);
		assert_int_equal(mkdir(folder, 0700), 0);
	}
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		OWN(mem) char *to = path_of(f, files[i]), *from = NULL;
		assert_true(asprintf(&from, "config/%s", files[i]) > 0);
		assert_int_equal(folder_copy_file(from, to), 0);
	}
}

static struct desk *desk_new(void)
{
	struct desk *d = calloc(1, sizeof(*d));
	struct complaint c = { 0 };
	d->f = fixture_new(NULL);
	own_files(d->f);
	d->f->mine = d;
	assert_int_equal(keywords_load(d->f->file, &d->words, &c), 0);
	d->f->core->keywords = d->words;
	d->ops = *d->f->core->ops;
	d->ops.words = heard;
	d->f->core->ops = &d->ops;
	return d;
}

static void drop_older(const struct fixture *f, enum ownfile which)
{
	OWN(json) json_t *older = NULL;
	assert_int_equal(ownfile_older(f->file, which, &older), 0);
	for (size_t i = 0; i < json_array_size(older); i++) {
		OWN(mem) char *path = NULL;
		assert_true(asprintf(&path, "%s/%s.%s", f->dir, ownfile_path(which), json_string_value(json_array_get(older, i))) > 0);
		assert_int_equal(unlink(path), 0);
	}
}

static void drop(struct desk *d)
{
	drop_older(d->f, OWNFILE_KEYWORDS);
	drop_older(d->f, OWNFILE_TEMPLATES);
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		OWN(mem) char *path = path_of(d->f, files[i]);
		assert_int_equal(unlink(path), 0);
	}
	OWN(mem) char *keywords = path_of(d->f, "keywords"), *topics = path_of(d->f, "topics");
	assert_int_equal(rmdir(keywords), 0); /* nothing half written is left */
	assert_int_equal(rmdir(topics), 0);
	keywords_free(d->words);
	fixture_free(d->f);
	free(d);
}

static int call(struct desk *d, const char *verb, json_t *args, json_t **ret, struct refusal *why)
{
	OWN(mem) char *text = json_text(args);
	json_decref(args);
	return fixture_command(d->f, verb, text, ret, why);
}

static json_t *file_of(struct desk *d, const char *name)
{
	char args[64];
	json_t *file = NULL;
	snprintf(args, sizeof(args), "{\"name\":\"%s\"}", name);
	assert_int_equal(fixture_query(d->f, "setting.file", args, &file, NULL), 0);
	return file;
}

/* The keywords with one word more that stops campaigns. */
static char *with_word(const json_t *file, const char *word)
{
	const char *text = json_str(file, "text", ""), *list = strstr(text, "optout_whole");
	char *out = NULL;
	assert_non_null(list);
	list = strchr(list, '[') ? strchr(list, '[') + 1 : NULL;
	assert_non_null(list);
	assert_true(asprintf(&out, "%.*s \"%s\",%s", (int)(list - text), text, word, list) > 0);
	return out;
}

static void a_mistake_is_told_with_its_line_and_column(void **state)
{
	(void)state;
	static const struct {
		const char *label, *content, *says;
		int line;
	} cases[] = {
		{ "stray", "lead = [ \"a\" ];\n)\n", "never opened", 2 },
		{ "no list", "lead = [ \"a\" ];\n", "missing", 0 },
		{ "unknown", "\n\nkhong_co = [ \"a\" ];\n", "no list of this name", 3 },
		{ "include", "lead = [ \"a\" ];\n@include \"/etc/passwd\"\n", "cannot be included", 2 },
	};
	struct desk *d = desk_new();
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(json) json_t *seen = NULL;
		assert_int_equal(call(d, "setting.try", json_pack("{s:s,s:s}", "name", "keywords", "content", cases[i].content), &seen, NULL), 0);
		const json_t *mistake = json_object_get(seen, "mistake");
		assert_false(json_flag(seen, "ok", true));
		if (!strstr(json_str(mistake, "text", ""), cases[i].says) || (cases[i].line && json_int(mistake, "line", 0) != cases[i].line))
			fail_msg("%s: line %lld: %s", cases[i].label, (long long)json_int(mistake, "line", 0), json_str(mistake, "text", ""));
		assert_string_equal(json_str(mistake, "file", ""), "keywords/keywords.conf");
	}
	drop(d);
}

static void sentences_are_read_with_both(void **state)
{
	(void)state;
	struct desk *d = desk_new();
	OWN(json) json_t *file = file_of(d, "keywords"), *seen = NULL, *none = NULL;
	OWN(mem) char *text = with_word(file, "quay xe");
	assert_int_equal(call(d, "setting.try", json_pack("{s:s,s:s,s:s}", "name", "keywords", "content", text, "say", "quay xe\n\nTC\n"), &seen, NULL), 0);
	assert_true(json_flag(seen, "ok", false));
	const json_t *list = json_object_get(seen, "sentences"), *first = json_array_get(list, 0), *second = json_array_get(list, 1);
	assert_int_equal(json_array_size(list), 2);
	assert_string_not_equal(json_str(json_object_get(first, "now"), "kind", ""), "optout");
	assert_string_equal(json_str(json_object_get(first, "then"), "kind", ""), "optout");
	assert_string_equal(json_str(json_object_get(second, "now"), "kind", ""), "optout");
	assert_int_equal(d->told, 0);
	assert_int_equal(call(d, "setting.try", json_pack("{s:s,s:s,s:s}", "name", "keywords", "content", text, "context", "../../etc/passwd"), &none, NULL), E_NOT_FOUND);
	drop(d);
}

static int take(struct desk *d, const char *digest, const char *content, struct refusal *why)
{
	OWN(json) json_t *taken = NULL;
	return call(d, "setting.take", json_pack("{s:s,s:s,s:s,s:s}", "name", "keywords", "content", content, "digest", digest, "note", "thu"), &taken, why);
}

static void what_is_taken_stands_with_the_older_one_kept(void **state)
{
	(void)state;
	struct desk *d = desk_new();
	OWN(json) json_t *shipped = file_of(d, "keywords"), *own = NULL, *last = NULL, *older = NULL;
	OWN(mem) char *first = with_word(shipped, "quay xe"), *second = with_word(shipped, "thoi nhe em");
	struct refusal why = { 0 };
	assert_true(json_flag(shipped, "own", false));
	assert_true(json_flag(shipped, "writable", false));
	assert_int_equal(take(d, json_str(shipped, "digest", ""), first, &why), 0);
	assert_int_equal(d->told, 1);
	own = file_of(d, "keywords");
	assert_string_equal(json_str(own, "text", ""), first);
	assert_int_equal(json_array_size(json_object_get(own, "older")), 1);
	clock_advance(&d->f->clock, 1000);
	assert_int_equal(take(d, json_str(shipped, "digest", ""), second, &why), E_REFUSED);
	assert_string_equal(why.rule, "words_changed");
	assert_int_equal(take(d, json_str(own, "digest", ""), second, &why), 0);
	last = file_of(d, "keywords");
	assert_string_equal(json_str(last, "text", ""), second);
	const char *name = json_string_value(json_array_get(json_object_get(last, "older"), 0));
	char args[120];
	snprintf(args, sizeof(args), "{\"name\":\"keywords\",\"older\":\"%s\"}", name);
	assert_int_equal(fixture_query(d->f, "setting.file", args, &older, NULL), 0);
	assert_string_equal(json_str(older, "text", ""), first);
	drop(d);
}

static void what_the_checker_refuses_changes_nothing(void **state)
{
	(void)state;
	struct desk *d = desk_new();
	OWN(json) json_t *shipped = file_of(d, "keywords"), *now = NULL;
	struct refusal why = { 0 };
	assert_int_equal(take(d, json_str(shipped, "digest", ""), "lead = [ \"a\" ];\n)\n", &why), E_REFUSED);
	assert_string_equal(why.rule, "words");
	assert_int_equal(json_int(json_object_get(why.args, "mistake"), "line", 0), 2);
	refusal_done(&why);
	now = file_of(d, "keywords");
	assert_string_equal(json_str(now, "digest", ""), json_str(shipped, "digest", "?"));
	assert_int_equal(json_array_size(json_object_get(now, "older")), 0);
	assert_int_equal(d->told, 0);
	drop(d);
}

static void only_the_newest_older_ones_are_kept(void **state)
{
	(void)state;
	struct desk *d = desk_new();
	OWN(json) json_t *now = file_of(d, "keywords");
	OWN(mem) char *first = with_word(now, "quay xe"), *second = with_word(now, "thoi nhe em");
	for (int i = 0; i < OWNFILE_KEPT + 3; i++) {
		assert_int_equal(take(d, json_str(now, "digest", ""), i % 2 ? second : first, NULL), 0);
		json_decref(now);
		now = file_of(d, "keywords");
		clock_advance(&d->f->clock, 1000);
	}
	assert_int_equal(json_array_size(json_object_get(now, "older")), OWNFILE_KEPT);
	drop(d);
}

/* ---- template ---- */

static const json_t *template_of(const json_t *list, const char *name)
{
	size_t i;
	const json_t *one;
	json_array_foreach(list, i, one)
		if (!strcmp(json_str(one, "name", ""), name))
			return one;
	return NULL;
}

static void a_template_is_added_changed_and_withdrawn(void **state)
{
	(void)state;
	struct desk *d = desk_new();
	OWN(json) json_t *before = NULL, *made = NULL, *after = NULL, *gone = NULL, *file = NULL, *none = NULL;
	assert_int_equal(fixture_query(d->f, "template.list", "{}", &before, NULL), 0);
	assert_int_equal(call(d, "template.set",
			      json_pack("{s:s,s:s,s:s,s:s,s:s}", "name", "hen-gap", "title", "Hẹn \"gặp\"", "text", "Moi ong/ba den \"nha van hoa\" luc 8h ngay ...", "topic", "NHAO",
					"states", "triaged,verifying"),
			      &made, NULL),
			 0);
	assert_int_equal(fixture_query(d->f, "template.list", "{}", &after, NULL), 0);
	assert_int_equal(json_array_size(after), json_array_size(before) + 1);
	const json_t *one = template_of(after, "hen-gap");
	assert_string_equal(json_str(one, "title", ""), "Hẹn \"gặp\"");
	assert_string_equal(json_str(one, "text", ""), "Moi ong/ba den \"nha van hoa\" luc 8h ngay ...");
	assert_string_equal(json_string_value(json_array_get(json_object_get(one, "states"), 1)), "verifying");
	for (size_t i = 0; i < json_array_size(before); i++)
		assert_true(json_equal(json_array_get(before, i), json_array_get(after, i)));
	file = file_of(d, "templates");
	assert_int_equal(strncmp(json_str(file, "text", ""), "# SPDX", 1), 0); /* the opening comment stays */
	assert_int_equal(call(d, "template.withdraw", json_pack("{s:s}", "name", "hen-gap"), &gone, NULL), 0);
	json_decref(MOVE(after));
	assert_int_equal(fixture_query(d->f, "template.list", "{}", &after, NULL), 0);
	assert_null(template_of(after, "hen-gap"));
	assert_int_equal(call(d, "template.withdraw", json_pack("{s:s}", "name", "hen-gap"), &none, NULL), E_NOT_FOUND);
	drop(d);
}

static void a_template_that_names_somebody_is_refused_beside_its_words(void **state)
{
	(void)state;
	static const struct {
		const char *label, *text, *topic, *says;
	} cases[] = {
		{ "accents", "Mời ông bà đến", "", "accents" },
		{ "topic", "Moi ong/ba den", "KHONGCO", "there is no topic" },
		{ "number", "Goi cho anh 0912345678 nhe", "", "names somebody" },
	};
	struct desk *d = desk_new();
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(json) json_t *made = NULL;
		struct refusal why = { 0 };
		int r = call(d, "template.set", json_pack("{s:s,s:s,s:s,s:s}", "name", "mau-thu", "title", "Mẫu", "text", cases[i].text, "topic", cases[i].topic), &made, &why);
		if (r != E_REFUSED || strcmp(why.rule, "words") || strcmp(why.field, "text") || !strstr(why.text, cases[i].says))
			fail_msg("%s: %d %s %s: %s", cases[i].label, r, why.rule, why.field, why.text);
		refusal_done(&why);
	}
	assert_int_equal(d->told, 0);
	drop(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mistake_is_told_with_its_line_and_column), cmocka_unit_test(sentences_are_read_with_both),
		cmocka_unit_test(what_is_taken_stands_with_the_older_one_kept), cmocka_unit_test(what_the_checker_refuses_changes_nothing),
		cmocka_unit_test(only_the_newest_older_ones_are_kept), cmocka_unit_test(a_template_is_added_changed_and_withdrawn),
		cmocka_unit_test(a_template_that_names_somebody_is_refused_beside_its_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
