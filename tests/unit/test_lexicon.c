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

#define CONFIG "config/caunoi.conf" /* data files stand beside it */

static int load(void **state)
{
	struct complaint c = { 0 };
	struct keywords *k = NULL;
	if (keywords_load(CONFIG, &k, &c)) {
		print_error("%s:%d: %s: %s\n", c.file, c.line, c.field, c.text);
		return -1;
	}
	*state = k;
	return 0;
}

static int unload(void **state)
{
	keywords_free(*state);
	return 0;
}

/* How many phrases of the list stand in w; each must be among those that may. */
static int count_found(const struct patterns *list, const struct words *w, const char *text)
{
	int n = 0;
	for (size_t i = 0; i < list->n; i++) {
		struct span s;
		size_t place = list->base + i;
		if (!pattern_find(&list->at[i], w, 0, &s))
			continue;
		n++;
		if (!(w->may[place / 64] & UINT64_C(1) << place % 64))
			fail_msg("'%s' stands in '%s' and was passed over", list->at[i].text, text);
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
	return cmocka_run_group_tests(tests, load, unload);
}
