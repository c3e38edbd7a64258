/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every shipped profile, each with a secret of its own for every name that it asks for; and profiles written in a test. Runs from the repository's root. */
#ifndef CAUNOI_TESTS_SUPPORT_PROFILES_H
#define CAUNOI_TESTS_SUPPORT_PROFILES_H

#include "config/provider.h"

#define PROFILES_MAX 64
/* Begins with what no escape of JSON, XML or a URL ends with: no text can grow into it. */
#define PROFILES_SECRET "Z-bi-mat-0123456789"

struct profiles {
	struct provider *at[PROFILES_MAX];
	json_t *secrets[PROFILES_MAX];
	size_t n;
};

/* Ends the program when one cannot be read. */
void profiles_load(struct profiles *ret);
/* One that stands in text; results of provider_load. */
MUST_CHECK int profiles_parse(const char *text, struct provider **ret, struct complaint *c);
/* The same; ends the program when it is refused. */
struct provider *profiles_must_parse(const char *text);

#endif
