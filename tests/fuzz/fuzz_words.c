// SPDX-License-Identifier: GPL-3.0-or-later
/* A phrase as the keyword files have them (first line) and a message (the rest): read, and looked for in one another. */
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/base/text.h"
#include "handlers/pattern.h"
#include "tests/fuzz/fuzz.h"

static void look(const struct pattern *p, const struct words *w)
{
	struct span s = { 0 };
	for (size_t from = 0; pattern_find(p, w, from, &s); from = s.from + 1)
		LAW(s.from >= from && s.from < s.to && s.to <= w->n);
}

/* A class of one word. */
static struct word_classes one_class(void)
{
	struct word_classes c = { .at = calloc(1, sizeof(*c.at)), .n = 1 };
	LAW(c.at && (c.at->members = calloc(1, sizeof(*c.at->members))));
	c.at->n = 1;
	LAW((c.at->name = strdup("stop")) && (c.at->members[0] = strdup("stop")));
	return c;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	OWN(mem) char *text = text_valid(data, size > 2000 ? 2000 : size);
	OWN(words) struct words *w = NULL;
	struct pattern p;
	char *rest = text, *line = strsep(&rest, "\n");
	LAW(words_new(rest ? rest : "", NULL, &w) == 0);
	for (size_t i = 0; i < w->n; i++)
		LAW(*w->at[i].fold && text_is_valid(w->at[i].fold, strlen(w->at[i].fold)));
	if (strlen(line) > 100)
		return 0;
	struct word_classes classes = one_class();
	if (pattern_parse(line, &classes, &p) == 0) {
		look(&p, w);
		pattern_done(&p);
	}
	word_classes_done(&classes);
	return 0;
}
