// SPDX-License-Identifier: GPL-3.0-or-later
/* Any bytes in any context (the first byte says which): exactly one rule fires and says why. Runs from the repository's root. */
#include <jansson.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/base/text.h"
#include "handlers/parse.h"
#include "tests/fuzz/fuzz.h"

#define CONFIG "config/caunoi.conf"

static const char *const names[] = { "NONE", "C-BHYT", "S-BHYT", "S-YN", "S-SAT", "CASE-NEEDINFO", "OPTED-OUT", "USSD-ROOT" };

struct desk {
	struct keywords *keywords;
	struct context contexts[COUNT_OF(names)];
};

/* Loaded once for all runs, and kept. */
static const struct desk *desk(void)
{
	static struct desk *loaded;
	struct complaint c = { 0 };
	if (loaded)
		return loaded;
	LAW((loaded = calloc(1, sizeof(*loaded))));
	LAW(keywords_load(CONFIG, &loaded->keywords, &c) == 0);
	for (size_t i = 0; i < COUNT_OF(names); i++)
		LAW(context_load(CONFIG, names[i], &loaded->contexts[i], &c) == 0);
	return loaded;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct desk *d = desk();
	struct classified c = { 0 };
	OWN(mem) char *text = text_valid(size ? data + 1 : data, size ? size - 1 : 0);
	LAW(classify(d->keywords, text, &d->contexts[size ? data[0] % COUNT_OF(names) : 0], &c) == 0);
	const char *colon = strchr(c.why, ':');
	LAW(c.kind < KIND_COUNT && colon && colon > c.why && text_is_valid(c.why, strlen(c.why)));
	json_t *shape = classified_json(&c);
	LAW(shape);
	json_decref(shape);
	classified_done(&c);
	return 0;
}
