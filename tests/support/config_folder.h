/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A folder with a configuration that a test may spoil: secrets, data files, and the text of a good file. Runs from the repository's root;
 * what does not work ends the test. */
#ifndef CAUNOI_TESTS_SUPPORT_CONFIG_FOLDER_H
#define CAUNOI_TESTS_SUPPORT_CONFIG_FOLDER_H

#include <stdbool.h>
#include <sys/types.h>

#include "config/config.h"

#define CONFIG_FIXTURES "tests/fixtures/config"

struct config_folder {
	char path[64], file[96]; /* the folder, and caunoi.conf in it, which config_folder_put writes */
	char *good;              /* text of good.conf */
};

/* For cmocka's setup and teardown. */
int config_folder_make(void **state);
int config_folder_drop(void **state);
void config_folder_put(const char *folder, const char *name, const char *text, mode_t mode);
/* folder/name leads to from, a path in the repository. */
void config_folder_link(const char *folder, const char *name, const char *from);
/* What stands in a file; the caller's. */
char *config_folder_text(const char *path);
/* good.conf with the first `from` replaced by `to`; "" from appends. The caller's. */
char *config_folder_mutant(const struct config_folder *f, const char *from, const char *to);
/* Loads text as caunoi.conf, which must be good; the caller's. */
struct config *config_folder_load(struct config_folder *f, const char *text, bool with_secrets);

#endif
