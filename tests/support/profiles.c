/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See the header. Used by fuzzers and by tests that hold for every profile. */
#include "tests/support/profiles.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"

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

int profiles_parse(const char *text, struct provider **ret, struct complaint *c)
{
	char path[40];
	OWN(fd) int fd = memfd_create("profile", MFD_CLOEXEC);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return provider_load(path, ret, c);
}

struct provider *profiles_must_parse(const char *text)
{
	struct provider *p = NULL;
	struct complaint c = { 0 };
	if (profiles_parse(text, &p, &c)) {
		fprintf(stderr, "%d:%s: %s\n%s\n", c.line, c.field, c.text, text);
		abort();
	}
	return p;
}
