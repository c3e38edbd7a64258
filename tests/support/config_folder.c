/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See the header. Called by the tests of the configuration. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "tests/support/config_folder.h"

void config_folder_put(const char *folder, const char *name, const char *text, mode_t mode)
{
	char path[256];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	unlink(path);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, mode);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

char *config_folder_text(const char *path)
{
	OWN(file) FILE *in = fopen(path, "r");
	char *text = calloc(1, 262144);
	assert_non_null(in);
	assert_non_null(text);
	assert_true(fread(text, 1, 262143, in) > 0);
	return text;
}

void config_folder_link(const char *folder, const char *name, const char *from)
{
	char path[256], target[512];
	OWN(mem) char *here = getcwd(NULL, 0);
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	snprintf(target, sizeof(target), "%s/%s", here, from);
	assert_int_equal(symlink(target, path), 0);
}

static const char *const secret_names[] = { "sim1.pin", "esms.key", "esms.hook", "ussd.hook", "erp.hook" };

int config_folder_make(void **state)
{
	struct config_folder *f = calloc(1, sizeof(*f));
	char secrets[96];
	assert_non_null(f);
	snprintf(f->path, sizeof(f->path), "/tmp/caunoi-config-XXXXXX");
	assert_non_null(mkdtemp(f->path));
	snprintf(f->file, sizeof(f->file), "%s/caunoi.conf", f->path);
	snprintf(secrets, sizeof(secrets), "%s/secrets", f->path);
	assert_int_equal(mkdir(secrets, 0700), 0);
	config_folder_put(secrets, "sim1.pin", "1234\n", 0600);
	config_folder_put(secrets, "esms.key", "0123456789abcdef\n", 0400);
	config_folder_put(secrets, "esms.hook", "hook-0123456789abcdef", 0600);
	config_folder_put(secrets, "ussd.hook", "ussd-0123456789abcdef\n", 0600);
	config_folder_put(secrets, "erp.hook", "erp-0123456789abcdef\n", 0600);
	config_folder_put(secrets, "short", "0123456789abcde\n", 0600);
	config_folder_put(secrets, "loose", "0123456789abcdef\n", 0644);
	config_folder_link(f->path, "numbers", "config/numbers");
	config_folder_link(f->path, "providers", CONFIG_FIXTURES "/providers");
	config_folder_link(f->path, "menus", "config/menus");
	f->good = config_folder_text(CONFIG_FIXTURES "/good.conf");
	*state = f;
	return 0;
}

int config_folder_drop(void **state)
{
	struct config_folder *f = *state;
	static const char *const names[] = { "caunoi.conf",  "local.conf", "numbers", "menus",
					     "providers",    "contexts",   "secrets/short",
					     "secrets/loose" };
	char path[160];
	for (size_t i = 0; i < COUNT_OF(names) + COUNT_OF(secret_names); i++) {
		if (i < COUNT_OF(names))
			snprintf(path, sizeof(path), "%s/%s", f->path, names[i]);
		else
			snprintf(path, sizeof(path), "%s/secrets/%s", f->path,
				 secret_names[i - COUNT_OF(names)]);
		unlink(path);
	}
	snprintf(path, sizeof(path), "%s/secrets", f->path);
	rmdir(path);
	rmdir(f->path);
	free(f->good);
	free(f);
	return 0;
}

char *config_folder_mutant(const struct config_folder *f, const char *from, const char *to)
{
	char *at = from[0] ? strstr(f->good, from) : f->good + strlen(f->good), *text;
	if (!at)
		fail_msg("good.conf has no: %s", from);
	assert_true(asprintf(&text, "%.*s%s%s", (int)(at - f->good), f->good, to,
			     at + strlen(from)) > 0);
	return text;
}

struct config *config_folder_load(struct config_folder *f, const char *text, bool with_secrets)
{
	struct config *cfg = NULL;
	struct complaint c = { 0 };
	config_folder_put(f->path, "caunoi.conf", text, 0600);
	int r = config_load(f->file, with_secrets, &cfg, &c);
	if (r)
		fail_msg("%s:%d %s: %s", c.file, c.line, c.field, c.text);
	return cfg;
}
