/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shipped word lists beside weights of a test's own. Runs from the repository's root; what does not work ends the test. */
#ifndef CAUNOI_TESTS_SUPPORT_WEIGHED_H
#define CAUNOI_TESTS_SUPPORT_WEIGHED_H

#include "handlers/keywords.h"

struct weighed {
	char path[64], config[96]; /* a folder, and the caunoi.conf that files are looked for beside; there is none */
};

/* For cmocka's setup and teardown. */
int weighed_make(void **state);
int weighed_drop(void **state);
/* Writes topics/weights.tsv; NULL takes it away. */
void weighed_put(const struct weighed *f, const char *weights);
/* The words with these weights, or without any; the caller's. */
struct keywords *weighed_words(const struct weighed *f, const char *weights);

#endif
