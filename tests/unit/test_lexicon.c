// SPDX-License-Identifier: GPL-3.0-or-later
/* The lexicon only spares work: whatever phrase stands in a message is among those that it says may. Runs from the repository's root. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "handlers/keywords.h"
#include "tests/support/shipped.h"


/* How many phrases of the list stand in w, each at every place where it stands in the same words without the lexicon. */
static int count_found(const struct patterns *list, const struct words *w, const char *text)
{
	const struct words bare = { .at = w->at, .n = w->n };
	int n = 0;
	for (size_t i = 0; i < list->n; i++) {
		const struct pattern *p = &list->at[i];
		struct span s, marked;
		size_t next = i;
		for (size_t from = 0; pattern_find(p, &bare, from, &s); from = s.from + 1, n++)
			if (patterns_next(list, w, &next) != p || !pattern_find(p, w, from, &marked) || marked.from != s.from || marked.to != s.to)
				fail_msg("'%s' stands in '%s' and was passed over", p->text, text);
			else
				next = i;
	}
	return n;
}

static int count_in(const struct keywords *k, const char *text)
{
	OWN(words) struct words *w = NULL;
	int n = 0;
	assert_int_equal(words_new(text, &k->abbreviations, &w), 0);
	assert_int_equal(lexicon_mark(k->lexicon, w), 0);
	for (size_t i = 0; i < LIST_COUNT; i++)
		n += count_found(&k->lists[i], w, text);
	for (size_t i = 0; i < k->n_topics; i++) {
		n += count_found(&k->topics[i].commands, w, text);
		for (size_t weight = 0; weight < TOPIC_WEIGHTS; weight++)
			n += count_found(&k->topics[i].phrases[weight], w, text);
	}
	for (size_t i = 0; i < k->accusation.n_families; i++)
		n += count_found(&k->accusation.families[i].phrases, w, text);
	n += count_found(&k->accusation.plain, w, text) + count_found(&k->accusation.other, w, text);
	return n + count_found(&k->decoys, w, text);
}

static void no_phrase_that_stands_in_a_message_is_passed_over(void **state)
{
	static const char *const files[] = { "tests/fixtures/villagers.tsv", "tests/fixtures/traps.tsv", "tests/fixtures/accusations.tsv" };
	int found = 0;
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		OWN(file) FILE *in = fopen(files[i], "r");
		OWN(mem) char *line = NULL;
		size_t room = 0;
		assert_non_null(in);
		while (getline(&line, &room, in) > 0) {
			char *p = line;
			strsep(&p, "\t");
			found += p ? count_in(*state, strsep(&p, "\t")) : 0;
		}
	}
	assert_true(found > 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(no_phrase_that_stands_in_a_message_is_passed_over) };
	return cmocka_run_group_tests(tests, shipped_load, shipped_unload);
}
