// SPDX-License-Identifier: GPL-3.0-or-later
/* Accusations, and what looks like them: a message that accuses is hidden from the levels it may accuse, whatever else it speaks of
 * and whatever was asked; a plain one is not. Runs from the repository's root. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "tests/support/shipped.h"

#define LOOKALIKES_MAX 3 /* restricted without need: read a level higher, and nobody is harmed */

struct tally {
	int n, missed, too_many; /* rows; accusations left open; restricted without need */
};

/* One row: id, text, context, "accuses" or "plain". */
static void count_row(const struct keywords *k, char *line, struct tally *t)
{
	char *fields[4] = { "", "", "", "" }, *p = line;
	for (int i = 0; i < 4 && p; i++)
		fields[i] = strsep(&p, "\t");
	bool accuses = strcmp(fields[3], "accuses") == 0;
	if (!accuses && strcmp(fields[3], "plain") != 0)
		fail_msg("row %s says neither accuses nor plain: %s", fields[0], fields[3]);
	struct classified c = shipped_understand(k, fields[1], fields[2]);
	if (accuses != c.restricted)
		print_message("%s '%s' in %s: restricted %d (%s)\n", fields[0], fields[1], fields[2], c.restricted, c.why);
	t->n++;
	t->missed += accuses && !c.restricted;
	t->too_many += !accuses && c.restricted;
	classified_done(&c);
}

static void accusations_are_told_from_what_looks_like_them(void **state)
{
	OWN(file) FILE *in = fopen("tests/fixtures/accusations.tsv", "r");
	OWN(mem) char *line = NULL;
	size_t room = 0;
	struct tally t = { 0 };
	assert_non_null(in);
	while (getline(&line, &room, in) > 0) {
		line[strcspn(line, "\r\n")] = '\0';
		if (strncmp(line, "id\t", 3) != 0)
			count_row(*state, line, &t);
	}
	assert_int_equal(t.missed, 0);
	assert_in_range(t.too_many, 0, LOOKALIKES_MAX);
	assert_true(t.n >= 850);
}

/* A longer phrase of another topic over the same words, the campaign's topic, an answer before it, a question about a place. */
static void nothing_beside_an_accusation_hides_it(void **state)
{
	static const struct {
		const char *label, *text, *context;
	} rows[] = {
		{ "alone", "truong thon an chan tien", "NONE" },
		{ "within the campaign's topic", "phai co phong bi moi duoc lam nha", "C-NHAO" },
		{ "under a longer phrase", "tram y te lay tien cao hon gia niem yet", "NONE" },
		{ "behind an answer", "2 nhung truong thon an chan tien ho tro", "S-BHYT" },
		{ "behind yes", "co, nhung phai dua phong bi cho can bo", "S-YN" },
		{ "where a place was asked for", "thon 3, ong truong thon an chan tien", "CASE-NEEDINFO" },
		{ "behind a prefix", "PA can bo doi tien moi ky giay", "S-NHAO" },
		{ "with abuse", "dm may bon an het tien cua dan", "NONE" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct classified c = shipped_understand(*state, rows[i].text, rows[i].context);
		if (!c.restricted || c.nature != NATURE_DENUNCIATION)
			fail_msg("%s: '%s': %s", rows[i].label, rows[i].text, c.why);
		classified_done(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accusations_are_told_from_what_looks_like_them),
		cmocka_unit_test(nothing_beside_an_accusation_hides_it),
	};
	return cmocka_run_group_tests(tests, shipped_load, shipped_unload);
}
