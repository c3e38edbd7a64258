/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See the header. Used by fuzzers and by tests that hold for every profile. */
#include "tests/support/profiles.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include "gateway/base/json.h"

static void load(const char *file, struct provider **ret, json_t **ret_secrets)
{
	struct complaint c = { 0 };
	const char *missing;
	if (provider_load(file, ret, &c) || !(*ret_secrets = json_object())) {
		fprintf(stderr, "%s:%d: %s\n", file, c.line, c.text);
		abort();
	}
	while ((missing = provider_missing_secret(*ret, *ret_secrets)))
		if (json_set_str(*ret_secrets, missing, PROFILES_SECRET))
			abort();
}

void profiles_load(struct profiles *ret)
{
	glob_t found = { 0 };
	*ret = (struct profiles){ 0 };
	if (glob("config/providers/*.conf", 0, NULL, &found) || found.gl_pathc > PROFILES_MAX)
		abort();
	for (; ret->n < found.gl_pathc; ret->n++)
		load(found.gl_pathv[ret->n], &ret->at[ret->n], &ret->secrets[ret->n]);
	globfree(&found);
}
