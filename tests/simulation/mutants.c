/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The choice is the process's: the places in the core that ask for it are handed nothing. */
#include "tests/simulation/mutants.h"

static enum mutant chosen;

static const struct {
	const char *name, *text;
} mutants[MUTANT_COUNT] = {
	[MUTANT_NONE] = { "none", "the core as it is" },
#define MUTANT_ROW(name, text) [MUTANT_##name] = { #name, text },
	MUTANTS(MUTANT_ROW)
#undef MUTANT_ROW
};

bool mutant_is(enum mutant m)
{
	return chosen == m;
}

void mutants_choose(enum mutant m)
{
	chosen = m;
}

const char *mutants_name(enum mutant m)
{
	return mutants[m].name;
}

const char *mutants_text(enum mutant m)
{
	return mutants[m].text;
}
