// SPDX-License-Identifier: GPL-3.0-or-later
/* Secrets: only files that nobody else can read, replace or point elsewhere; the credentials of the
 * service first. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/secret.h"
#include "gateway/base/own.h"

struct folder {
	char path[64], secrets[96], credentials[96];
};

static int make_folder(void **state)
{
	struct folder *f = calloc(1, sizeof(*f));
	assert_non_null(f);
	snprintf(f->path, sizeof(f->path), "/tmp/caunoi-secret-XXXXXX");
	assert_non_null(mkdtemp(f->path));
	snprintf(f->secrets, sizeof(f->secrets), "%s/secrets", f->path);
	snprintf(f->credentials, sizeof(f->credentials), "%s/credentials", f->path);
	assert_int_equal(mkdir(f->secrets, 0700), 0);
	assert_int_equal(mkdir(f->credentials, 0700), 0);
	assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
	*state = f;
	return 0;
}

static int drop_folder(void **state)
{
	struct folder *f = *state;
	char path[160];
	const char *const places[] = { f->secrets, f->credentials };
	for (size_t i = 0; i < COUNT_OF(places); i++) {
		static const char *const names[] = { "key", "link", "other" };
		for (size_t k = 0; k < COUNT_OF(names); k++) {
			snprintf(path, sizeof(path), "%s/%s", places[i], names[k]);
			if (unlink(path))
				rmdir(path);
		}
		rmdir(places[i]);
	}
	rmdir(f->path);
	free(f);
	return 0;
}

static void put(const char *folder, const char *name, const char *bytes, size_t n, mode_t mode)
{
	char path[160];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	unlink(path);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), n);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void content_and_mode_decide(void **state)
{
	static const struct {
		const char *label, *bytes;
		size_t n;
		mode_t mode;
		int result;
		const char *rule, *content;
	} rows[] = {
		{ "plain", "0123456789abcdef", 16, 0600, 0, "", "0123456789abcdef" },
		{ "newline removed", "0123456789abcdef\n", 17, 0400, 0, "", "0123456789abcdef" },
		{ "CR and newline removed", "0123456789abcdef\r\n", 18, 0600, 0, "",
		  "0123456789abcdef" },
		{ "only one newline", "0123456789abcdef\n\n", 18, 0600, 0, "",
		  "0123456789abcdef\n" },
		{ "characters, not bytes", "ếếếếếếếếếếếếếếếế", 48, 0600, 0, "",
		  "ếếếếếếếếếếếếếếếế" },
		{ "15 characters", "0123456789abcde\n", 16, 0600, E_INVALID, "secret_short", NULL },
		{ "empty", "", 0, 0600, E_INVALID, "secret_short", NULL },
		{ "NUL",
		  "01234567\0"
		  "89abcdef",
		  17, 0600, E_INVALID, "secret_text", NULL },
		{ "not UTF-8", "0123456789abcde\xFF", 16, 0600, E_INVALID, "secret_text", NULL },
		{ "group reads", "0123456789abcdef", 16, 0640, E_DENIED, "secret_mode", NULL },
		{ "all read", "0123456789abcdef", 16, 0604, E_DENIED, "secret_mode", NULL },
		{ "group writes", "0123456789abcdef", 16, 0620, E_DENIED, "secret_mode", NULL },
		{ "a program", "0123456789abcdef", 16, 0700, E_DENIED, "secret_mode", NULL },
	};
	struct folder *f = *state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		OWN(mem) char *got = NULL;
		struct complaint c = { 0 };
		put(f->secrets, "key", rows[i].bytes, rows[i].n, rows[i].mode);
		int r = secret_read(f->path, "key", SECRET_CHARS_MIN, &got, &c);
		if (r != rows[i].result || strcmp(c.rule, rows[i].rule) != 0)
			fail_msg("%s: %d '%s' %s", rows[i].label, r, c.rule, c.text);
		if (rows[i].content)
			assert_string_equal(got, rows[i].content);
		else
			assert_null(got);
		assert_null(strstr(c.text, "01234567"));
	}
}

static void a_pin_may_be_short(void **state)
{
	struct folder *f = *state;
	OWN(mem) char *got = NULL;
	struct complaint c = { 0 };
	put(f->secrets, "key", "1234\n", 5, 0600);
	assert_int_equal(secret_read(f->path, "key", SECRET_PIN_CHARS_MIN, &got, &c), 0);
	assert_string_equal(got, "1234");
}

static void names_stay_inside_the_folder(void **state)
{
	static const char *const names[] = { "",	".",	"..",
					     "../key",	"a/b",	"/etc/passwd",
					     ".hidden", "a\nb", "a b" };
	struct folder *f = *state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		char *got = NULL;
		struct complaint c = { 0 };
		assert_int_equal(secret_read(f->path, names[i], SECRET_CHARS_MIN, &got, &c),
				 E_INVALID);
		assert_string_equal(c.rule, "secret_name");
		assert_null(got);
	}
}

static void links_and_folders_are_refused(void **state)
{
	struct folder *f = *state;
	char target[160], link[160], *got = NULL;
	struct complaint c = { 0 };
	put(f->secrets, "key", "0123456789abcdef", 16, 0600);
	snprintf(target, sizeof(target), "%s/key", f->secrets);
	snprintf(link, sizeof(link), "%s/link", f->secrets);
	assert_int_equal(symlink(target, link), 0);
	assert_int_equal(secret_read(f->path, "link", SECRET_CHARS_MIN, &got, &c), E_DENIED);
	assert_string_equal(c.rule, "secret_kind");
	snprintf(link, sizeof(link), "%s/other", f->secrets);
	assert_int_equal(mkdir(link, 0700), 0);
	assert_int_equal(secret_read(f->path, "other", SECRET_CHARS_MIN, &got, &c), E_DENIED);
	assert_string_equal(c.rule, "secret_kind");
	assert_int_equal(rmdir(link), 0);
	assert_int_equal(mkfifo(link, 0600), 0);
	assert_int_equal(secret_read(f->path, "other", SECRET_CHARS_MIN, &got, &c), E_DENIED);
	assert_string_equal(c.rule, "secret_kind");
	assert_null(got);
}

static void another_owner_is_refused(void **state)
{
	struct folder *f = *state;
	char path[160], *got = NULL;
	struct complaint c = { 0 };
	if (geteuid() != 0)
		skip();
	put(f->secrets, "key", "0123456789abcdef", 16, 0600);
	snprintf(path, sizeof(path), "%s/key", f->secrets);
	assert_int_equal(chown(path, 65534, 65534), 0);
	assert_int_equal(secret_read(f->path, "key", SECRET_CHARS_MIN, &got, &c), E_DENIED);
	assert_string_equal(c.rule, "secret_owner");
}

static void credentials_come_first(void **state)
{
	struct folder *f = *state;
	struct complaint c = { 0 };
	char *got = NULL;
	put(f->secrets, "key", "beside-0123456789", 17, 0600);
	put(f->secrets, "other", "only-here-0123456", 17, 0600);
	put(f->credentials, "key", "credential-012345", 17, 0400);
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", f->credentials, 1), 0);
	assert_int_equal(secret_read(f->path, "key", SECRET_CHARS_MIN, &got, &c), 0);
	assert_string_equal(got, "credential-012345");
	free(got);
	assert_int_equal(secret_read(f->path, "other", SECRET_CHARS_MIN, &got, &c), 0);
	assert_string_equal(got, "only-here-0123456");
	free(got);
	got = NULL;
	/* a bad credential is not passed over in silence */
	put(f->credentials, "key", "credential-012345", 17, 0444);
	assert_int_equal(secret_read(f->path, "key", SECRET_CHARS_MIN, &got, &c), E_DENIED);
	assert_int_equal(secret_read(f->path, "none", SECRET_CHARS_MIN, &got, &c), E_NOT_FOUND);
	assert_string_equal(c.rule, "secret_missing");
	assert_non_null(strstr(c.text, "credentials"));
	assert_null(got);
	unsetenv("CREDENTIALS_DIRECTORY");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, drop_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(content_and_mode_decide),	    TEST(a_pin_may_be_short),
		TEST(names_stay_inside_the_folder), TEST(links_and_folders_are_refused),
		TEST(another_owner_is_refused),	    TEST(credentials_come_first),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
