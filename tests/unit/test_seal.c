/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of the identity keys: what is sealed opens, with this key only; a key file is private and whole or refused. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "gateway/base/own.h"
#include "gateway/base/seal.h"

struct folder {
	char path[40], file[64];
	struct random random;
};

static void folder_new(struct folder *f)
{
	snprintf(f->path, sizeof(f->path), "/tmp/caunoi-seal-XXXXXX");
	assert_non_null(mkdtemp(f->path));
	snprintf(f->file, sizeof(f->file), "%s/identity.key", f->path);
	f->random = random_seeded(1);
}

static void folder_free(struct folder *f)
{
	unlink(f->file);
	rmdir(f->path);
}

static void seal_box_opens_and_damage_shows(void **state)
{
	(void)state;
	static const char *const texts[] = { "", "+84912345678", "Nguyễn Văn Ả" };
	uint8_t bytes[32] = { 1 };
	struct random r = random_seeded(2);
	struct seal *s;
	assert_int_equal(seal_from_bytes(bytes, &s), 0);
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		uint8_t box[200];
		char *text = NULL;
		size_t n = strlen(texts[i]), got;
		seal_close_box(s, &r, texts[i], n, box);
		assert_int_equal(seal_open_box(s, box, n + SEAL_EXTRA_BYTES, &text, &got), 0);
		assert_int_equal(got, n);
		assert_string_equal(text, texts[i]);
		free(text);
		for (size_t k = 0; k < n + SEAL_EXTRA_BYTES; k++) {
			box[k] ^= 1;
			assert_int_equal(seal_open_box(s, box, n + SEAL_EXTRA_BYTES, &text, &got), E_CORRUPT);
			box[k] ^= 1;
		}
		assert_int_equal(seal_open_box(s, box, SEAL_EXTRA_BYTES - 1, &text, &got), E_CORRUPT);
	}
	seal_free(s);
}

/* What a creation that was killed leaves behind is under another name, and in nobody's way. */
static void seal_create_begins_again_after_one_cut_short(void **state)
{
	(void)state;
	struct folder f;
	struct seal *s = NULL;
	char unfinished[80];
	folder_new(&f);
	snprintf(unfinished, sizeof(unfinished), "%s.new", f.file);
	OWN(file) FILE *half = fopen(unfinished, "w");
	assert_non_null(half);
	assert_true(fputs("caunoi-identity-key 1\n00", half) >= 0);
	assert_int_equal(seal_create(f.file, &f.random), 0);
	assert_int_equal(access(unfinished, F_OK), -1);
	assert_int_equal(seal_open(f.file, &s), 0);
	seal_free(s);
	folder_free(&f);
}

static void seal_of_another_key_neither_opens_nor_matches(void **state)
{
	(void)state;
	uint8_t one[32] = { 1 }, two[32] = { 2 }, box[60], a[16], b[16], p[32], q[32];
	struct random r = random_seeded(2);
	struct seal *s, *t;
	char *text = NULL;
	assert_int_equal(seal_from_bytes(one, &s), 0);
	assert_int_equal(seal_from_bytes(two, &t), 0);
	seal_close_box(s, &r, "+84912345678", 12, box);
	assert_int_equal(seal_open_box(t, box, 52, &text, NULL), E_CORRUPT);
	seal_hash(s, "+84912345678", a);
	seal_hash(t, "+84912345678", b);
	assert_memory_not_equal(a, b, 16);
	seal_hash(s, "+84912345678", b);
	assert_memory_equal(a, b, 16);
	seal_derive(s, "loopback", p);
	seal_derive(s, "audit", q);
	assert_memory_not_equal(p, q, 32);
	/* arguments hold numbers: their hash says nothing without the key */
	seal_arguments(s, "{\"number\":\"+84912345678\"}", p);
	seal_arguments(t, "{\"number\":\"+84912345678\"}", q);
	assert_memory_not_equal(p, q, 32);
	seal_arguments(s, "{\"number\":\"+84912345678\"}", q);
	assert_memory_equal(p, q, 32);
	seal_free(s);
	seal_free(t);
}

static void seal_file_is_made_once_and_read_again(void **state)
{
	(void)state;
	struct folder f;
	struct stat st;
	struct seal *s, *t;
	uint8_t a[16], b[16];
	folder_new(&f);
	assert_int_equal(seal_create(f.file, &f.random), 0);
	assert_int_equal(seal_create(f.file, &f.random), E_EXISTS);
	assert_int_equal(stat(f.file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(seal_open(f.file, &s), 0);
	assert_int_equal(seal_open(f.file, &t), 0);
	seal_hash(s, "x", a);
	seal_hash(t, "x", b);
	assert_memory_equal(a, b, 16);
	seal_free(s);
	seal_free(t);
	folder_free(&f);
}

static void put_byte(const char *file, off_t at, char c)
{
	int fd = open(file, O_WRONLY);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, &c, 1, at), 1);
	close(fd);
}

static void break_mode(const char *file)
{
	assert_int_equal(chmod(file, 0640), 0);
}
static void break_key(const char *file)
{
	put_byte(file, 30, 'x');
}
static void break_check(const char *file)
{
	put_byte(file, 88, 'z');
}
static void break_head(const char *file)
{
	put_byte(file, 0, 'C');
}
static void break_length(const char *file)
{
	assert_int_equal(truncate(file, 50), 0);
}
static void break_missing(const char *file)
{
	assert_int_equal(unlink(file), 0);
}
static void break_symlink(const char *file)
{
	char real[80];
	snprintf(real, sizeof(real), "%s.real", file);
	assert_int_equal(rename(file, real), 0);
	assert_int_equal(symlink(real, file), 0);
}

static void seal_file_damaged_or_open_to_others_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *label;
		void (*harm)(const char *file);
	} cases[] = {
		{ "mode 0640", break_mode },   { "key changed", break_key },     { "check changed", break_check }, { "head changed", break_head },
		{ "cut short", break_length }, { "missing", break_missing },     { "symlink", break_symlink },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct folder f;
		struct seal *s = NULL;
		char real[80];
		folder_new(&f);
		assert_int_equal(seal_create(f.file, &f.random), 0);
		cases[i].harm(f.file);
		if (seal_open(f.file, &s) != E_CORRUPT)
			fail_msg("%s was accepted", cases[i].label);
		snprintf(real, sizeof(real), "%s.real", f.file);
		unlink(real);
		folder_free(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seal_box_opens_and_damage_shows),
		cmocka_unit_test(seal_create_begins_again_after_one_cut_short),
		cmocka_unit_test(seal_of_another_key_neither_opens_nor_matches),
		cmocka_unit_test(seal_file_is_made_once_and_read_again),
		cmocka_unit_test(seal_file_damaged_or_open_to_others_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
