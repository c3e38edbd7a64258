/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See the header. Called by the tests of what was learnt. */
#include "tests/support/weighed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "tests/support/config_folder.h"

#define WEIGHTS "topics/weights.tsv"

static const char *const links[] = { "keywords", "holidays", "topics/topics.conf" };

static char *path_of(const struct weighed *f, const char *name)
{
	char *path = NULL;
	assert_true(asprintf(&path, "%s/%s", f->path, name) > 0);
	return path;
}

int weighed_make(void **state)
{
	struct weighed *f = calloc(1, sizeof(*f));
	assert_non_null(f);
	snprintf(f->path, sizeof(f->path), "/tmp/caunoi-weighed-XXXXXX");
	assert_non_null(mkdtemp(f->path));
	snprintf(f->config, sizeof(f->config), "%s/caunoi.conf", f->path);
	OWN(mem) char *topics = path_of(f, "topics");
	assert_int_equal(mkdir(topics, 0700), 0);
	for (size_t i = 0; i < COUNT_OF(links); i++) {
		OWN(mem) char *from = NULL;
		assert_true(asprintf(&from, "config/%s", links[i]) > 0);
		config_folder_link(f->path, links[i], from);
	}
	*state = f;
	return 0;
}

int weighed_drop(void **state)
{
	static const char *const gone[] = { WEIGHTS, "topics", "" };
	struct weighed *f = *state;
	for (size_t i = 0; i < COUNT_OF(links); i++) {
		OWN(mem) char *path = path_of(f, links[i]);
		unlink(path);
	}
	for (size_t i = 0; i < COUNT_OF(gone); i++) {
		OWN(mem) char *path = path_of(f, gone[i]);
		remove(path);
	}
	free(f);
	return 0;
}

void weighed_put(const struct weighed *f, const char *weights)
{
	OWN(mem) char *path = path_of(f, WEIGHTS);
	if (weights)
		config_folder_put(f->path, WEIGHTS, weights, 0600);
	else
		unlink(path);
}

struct keywords *weighed_words(const struct weighed *f, const char *weights)
{
	struct keywords *k = NULL;
	struct complaint c = { 0 };
	weighed_put(f, weights);
	if (keywords_load(f->config, &k, &c))
		fail_msg("%s:%d:%d: %s", c.file, c.line, c.column, c.text);
	return k;
}
