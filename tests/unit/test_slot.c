/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of what an HTTP channel's driver is told: options stand beside the secrets for the profile's templates, may be
 * short, and never hide a secret. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"

static void put_file(const char *folder, const char *name, const char *text)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	OWN(file) FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fchmod(fileno(f), 0600), 0);
}

static void link_data(const char *folder, const char *name)
{
	char path[64], target[512];
	OWN(mem) char *here = getcwd(NULL, 0);
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	snprintf(target, sizeof(target), "%s/config/%s", here, name);
	assert_int_equal(symlink(target, path), 0);
}

static void drop(const char *folder)
{
	static const char *const names[] = { "caunoi.conf", "secrets/x.password", "numbers", "providers" };
	char path[64];
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	snprintf(path, sizeof(path), "%s/secrets", folder);
	rmdir(path);
	rmdir(folder);
}

static int load(const char *channel, struct config **ret, struct complaint *c)
{
	char folder[] = "/tmp/test-slot-XXXXXX", path[64], text[1024];
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/secrets", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	put_file(folder, "secrets/x.password", "0123456789abcdef\n");
	snprintf(text, sizeof(text),
		 "data_dir = \"data\";\nchannels = ( { name = \"x\"; driver = \"http\"; provider = \"vietguys\"; "
		 "base_url = \"https://api.example.org\"; %s } );\n",
		 channel);
	put_file(folder, "caunoi.conf", text);
	snprintf(path, sizeof(path), "%s/caunoi.conf", folder);
	link_data(folder, "numbers");
	link_data(folder, "providers");
	int r = config_load(path, true, ret, c);
	drop(folder);
	return r;
}

static void options_stand_beside_the_secrets_of_a_channel(void **state)
{
	(void)state;
	struct config *cfg = NULL;
	struct complaint c = { 0 };
	int r = load("secrets = { password = \"x.password\"; }; options = { username = \"ab\"; };", &cfg, &c);
	if (r)
		fail_msg("%d: %s %s", c.line, c.field, c.text);
	assert_string_equal(json_str(cfg->channels[0].secrets, "username", ""), "ab");
	assert_string_equal(json_str(cfg->channels[0].secrets, "password", ""), "0123456789abcdef");
	config_free(cfg);
}

static void options_that_cannot_be_are_refused(void **state)
{
	(void)state;
	static const struct {
		const char *label, *channel, *field, *rule;
	} rows[] = {
		{ "the profile's name left out", "secrets = { password = \"x.password\"; };", "channels.[0].secrets", "missing_key" },
		{ "one name in both", "secrets = { password = \"x.password\"; }; options = { username = \"ab\"; password = \"cd\"; };",
		  "channels.[0].options.password", "duplicate_name" },
		{ "a number", "secrets = { password = \"x.password\"; }; options = { username = 7; };", "channels.[0].options.username",
		  "wrong_type" },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct config *cfg = NULL;
		struct complaint c = { 0 };
		int r = load(rows[i].channel, &cfg, &c);
		if (r != E_CONFIG || strcmp(c.field, rows[i].field) != 0 || strcmp(c.rule, rows[i].rule) != 0)
			fail_msg("%s: %d %s %s %s", rows[i].label, r, c.field, c.rule, c.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_stand_beside_the_secrets_of_a_channel),
		cmocka_unit_test(options_that_cannot_be_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
