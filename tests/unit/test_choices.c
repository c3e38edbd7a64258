// SPDX-License-Identifier: GPL-3.0-or-later
/* What an element of a phrase may be: classes written out, one set for all who ask for the same, nothing that is no word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "handlers/pattern.h"

static struct word_classes stop_class(void)
{
	struct word_classes c = { .at = calloc(1, sizeof(*c.at)), .n = 1 };
	assert_non_null(c.at);
	c.at->members = calloc(2, sizeof(*c.at->members));
	assert_non_null(c.at->members);
	c.at->name = strdup("stop");
	c.at->members[c.at->n++] = strdup("dừng");
	c.at->members[c.at->n++] = strdup("tu_choi");
	return c;
}

static struct choices *must_parse(const char *text, struct word_classes *classes)
{
	struct choices *c = NULL;
	assert_int_equal(choices_parse(text, strlen(text), classes, &c), 0);
	return c;
}

static const struct choice *find(const struct choices *c, const char *first_word)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->at[i].words[0].fold, first_word) == 0)
			return &c->at[i];
	fail_msg("no choice begins with '%s'", first_word);
	return NULL;
}

static void a_class_is_written_out(void **state)
{
	(void)state;
	struct word_classes classes = stop_class();
	struct choices *c = must_parse("gui|@stop", &classes);
	assert_int_equal(c->n, 3);
	assert_int_equal(c->least, 1);
	assert_int_equal(c->most, 2);
	assert_false(find(c, "gui")->words[0].marked);
	assert_string_equal(find(c, "dung")->words[0].key, "dUng2");
	assert_string_equal(find(c, "tu")->words[1].fold, "choi");
	for (size_t i = 0; i < c->n; i++) {
		assert_true(choices_among(c->starts, c->at[i].hash));
		assert_true(choices_among(c->ends, c->at[i].words[c->at[i].n - 1].hash));
		assert_true(!i || c->at[i - 1].hash <= c->at[i].hash);
	}
	choices_drop(c);
	word_classes_done(&classes);
}

static void phrases_that_ask_for_the_same_share_it_beyond_their_file(void **state)
{
	(void)state;
	struct word_classes classes = stop_class();
	struct pattern a, b;
	assert_int_equal(pattern_parse("@stop .. gui", &classes, &a), 0);
	assert_int_equal(pattern_parse("gui dừng|tu_choi?", &classes, &b), 0);
	word_classes_done(&classes);
	assert_ptr_equal(a.at[0].choices, b.at[1].choices);
	assert_ptr_equal(a.at[2].choices, b.at[0].choices);
	assert_true(b.at[1].optional && !a.at[0].optional);
	pattern_done(&a);
	assert_string_equal(find(b.at[1].choices, "dung")->words[0].fold, "dung");
	pattern_done(&b);
}

static void many_are_found_again(void **state)
{
	(void)state;
	struct word_classes classes = { 0 };
	struct choices *all[300];
	char text[] = "a00";
	for (size_t i = 0; i < 300; i++) {
		text[1] = (char)('0' + i / 17);
		text[2] = (char)('a' + i % 17);
		all[i] = must_parse(text, &classes);
		assert_ptr_equal(must_parse(text, &classes), all[i]);
		for (size_t k = 0; k < i; k++)
			assert_ptr_not_equal(all[k], all[i]);
	}
	word_classes_done(&classes);
	for (size_t i = 0; i < 300; i++) {
		choices_drop(all[i]);
		choices_drop(all[i]);
	}
}

static void what_is_no_word_is_refused(void **state)
{
	(void)state;
	static const char *const wrong[] = { "", "@other", "gui||tin", "...", "gui|@", "|gui" };
	struct word_classes classes = stop_class();
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		struct choices *c = NULL;
		if (choices_parse(wrong[i], strlen(wrong[i]), &classes, &c) != E_INVALID || choices_parse(wrong[i], strlen(wrong[i]), NULL, &c) != E_INVALID || c)
			fail_msg("'%s' was taken", wrong[i]);
	}
	word_classes_done(&classes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_class_is_written_out),
		cmocka_unit_test(phrases_that_ask_for_the_same_share_it_beyond_their_file),
		cmocka_unit_test(many_are_found_again),
		cmocka_unit_test(what_is_no_word_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
