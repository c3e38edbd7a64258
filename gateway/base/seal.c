/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The identity keys over libsodium. One master key in a file; a key for boxes and one for look-up are derived from it, so
 * that the same bytes never serve two purposes. Called by the core, the query process and init; the file is a text of
 * three lines (kind, key, check) so that a damaged one is told from a wrong one. Keys never leave locked memory. */
#include "gateway/base/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/base/own.h"

#define KEY_BYTES 32
#define CHECK_BYTES 4
#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_BYTES crypto_aead_xchacha20poly1305_ietf_ABYTES
#define FILE_HEAD "caunoi-identity-key 1\n"
#define FILE_BYTES (sizeof(FILE_HEAD) - 1 + 2 * KEY_BYTES + 1 + 2 * CHECK_BYTES + 1)

_Static_assert(NONCE_BYTES + TAG_BYTES == SEAL_EXTRA_BYTES, "box overhead");

struct seal {
	uint8_t master[KEY_BYTES];
	uint8_t box[KEY_BYTES];
	uint8_t lookup[KEY_BYTES];
};

static void derive(const uint8_t master[KEY_BYTES], const char *purpose, uint8_t ret[32])
{
	crypto_generichash(ret, 32, (const uint8_t *)purpose, strlen(purpose), master, KEY_BYTES);
}

static void key_check(const uint8_t master[KEY_BYTES], uint8_t ret[CHECK_BYTES])
{
	uint8_t all[32];
	derive(master, "caunoi.check", all);
	memcpy(ret, all, CHECK_BYTES);
}

int seal_from_bytes(const uint8_t bytes[32], struct seal **ret)
{
	if (sodium_init() < 0)
		return E_IO;
	struct seal *s = sodium_malloc(sizeof(*s));
	if (!s)
		return E_NOMEM;
	memcpy(s->master, bytes, KEY_BYTES);
	derive(s->master, "caunoi.box", s->box);
	derive(s->master, "caunoi.lookup", s->lookup);
	sodium_mprotect_readonly(s);
	*ret = s;
	return 0;
}

void seal_free(struct seal *s)
{
	sodium_free(s);
}

static int write_all(int fd, const char *data, size_t n_bytes)
{
	for (size_t at = 0; at < n_bytes;) {
		ssize_t n = write(fd, data + at, n_bytes - at);
		if (n <= 0)
			return E_IO;
		at += (size_t)n;
	}
	return fsync(fd) ? E_IO : 0;
}

/* The file's text for key. */
static void format_key(const uint8_t key[KEY_BYTES], char ret[FILE_BYTES + 1])
{
	uint8_t check[CHECK_BYTES];
	char hex[2 * KEY_BYTES + 1], check_hex[2 * CHECK_BYTES + 1];
	key_check(key, check);
	sodium_bin2hex(hex, sizeof(hex), key, KEY_BYTES);
	sodium_bin2hex(check_hex, sizeof(check_hex), check, sizeof(check));
	snprintf(ret, FILE_BYTES + 1, FILE_HEAD "%s\n%s\n", hex, check_hex);
	sodium_memzero(hex, sizeof(hex));
}

static int write_key(const char *file, struct random *r)
{
	OWN(fd) int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return E_IO;
	uint8_t key[KEY_BYTES];
	char text[FILE_BYTES + 1];
	random_fill(r, key, sizeof(key));
	format_key(key, text);
	int done = write_all(fd, text, FILE_BYTES);
	sodium_memzero(key, sizeof(key));
	sodium_memzero(text, sizeof(text));
	return done;
}

/* Under another name until it is whole: half a key would look like one that was damaged. */
int seal_create(const char *file, struct random *r)
{
	OWN(mem) char *unfinished = NULL;
	if (sodium_init() < 0)
		return E_IO;
	if (asprintf(&unfinished, "%s.new", file) < 0)
		return E_NOMEM;
	if (!access(file, F_OK))
		return E_EXISTS;
	unlink(unfinished);
	int done = write_key(unfinished, r);
	if (!done && renameat2(AT_FDCWD, unfinished, AT_FDCWD, file, RENAME_NOREPLACE))
		done = errno == EEXIST ? E_EXISTS : E_IO;
	if (done)
		unlink(unfinished);
	return done;
}

static bool file_is_private(int fd)
{
	struct stat st;
	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 077) == 0 && st.st_nlink == 1 &&
	       (st.st_uid == geteuid() || st.st_uid == 0) && st.st_size == (off_t)FILE_BYTES;
}

static int key_parse(const char *text, uint8_t ret_key[KEY_BYTES])
{
	uint8_t check[CHECK_BYTES], expected[CHECK_BYTES];
	const char *hex = text + sizeof(FILE_HEAD) - 1;
	if (memcmp(text, FILE_HEAD, sizeof(FILE_HEAD) - 1) != 0 ||
	    sodium_hex2bin(ret_key, KEY_BYTES, hex, 2 * KEY_BYTES, NULL, NULL, NULL) ||
	    sodium_hex2bin(check, CHECK_BYTES, hex + 2 * KEY_BYTES + 1, 2 * CHECK_BYTES, NULL, NULL, NULL))
		return E_CORRUPT;
	key_check(ret_key, expected);
	return sodium_memcmp(check, expected, CHECK_BYTES) ? E_CORRUPT : 0;
}

int seal_open(const char *file, struct seal **ret)
{
	if (sodium_init() < 0)
		return E_IO;
	OWN(fd) int fd = open(file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || !file_is_private(fd))
		return E_CORRUPT;
	char text[FILE_BYTES + 1] = { 0 };
	uint8_t key[KEY_BYTES] = { 0 };
	int r = read(fd, text, FILE_BYTES) == (ssize_t)FILE_BYTES ? key_parse(text, key) : E_CORRUPT;
	if (!r)
		r = seal_from_bytes(key, ret);
	sodium_memzero(text, sizeof(text));
	sodium_memzero(key, sizeof(key));
	return r;
}

void seal_hash(const struct seal *s, const char *text, uint8_t ret[SEAL_HASH_BYTES])
{
	crypto_generichash(ret, SEAL_HASH_BYTES, (const uint8_t *)text, strlen(text), s->lookup, KEY_BYTES);
}

void seal_close_box(const struct seal *s, struct random *r, const void *data, size_t n_bytes, uint8_t *ret)
{
	random_fill(r, ret, NONCE_BYTES);
	crypto_aead_xchacha20poly1305_ietf_encrypt(ret + NONCE_BYTES, NULL, data, n_bytes, NULL, 0, NULL, ret, s->box);
}

int seal_open_box(const struct seal *s, const void *box, size_t n_bytes, char **ret, size_t *ret_bytes)
{
	if (n_bytes < SEAL_EXTRA_BYTES)
		return E_CORRUPT;
	size_t n = n_bytes - SEAL_EXTRA_BYTES;
	char *out = malloc(n + 1);
	if (!out)
		return E_NOMEM;
	const uint8_t *p = box;
	if (crypto_aead_xchacha20poly1305_ietf_decrypt((uint8_t *)out, NULL, NULL, p + NONCE_BYTES, n + TAG_BYTES, NULL, 0, p,
						       s->box)) {
		free(out);
		return E_CORRUPT;
	}
	out[n] = '\0';
	*ret = out;
	if (ret_bytes)
		*ret_bytes = n;
	return 0;
}

void seal_derive(const struct seal *s, const char *purpose, uint8_t ret[32])
{
	char full[80];
	snprintf(full, sizeof(full), "caunoi.for.%s", purpose);
	derive(s->master, full, ret);
}

void seal_arguments(const struct seal *s, const char *text, uint8_t ret[32])
{
	uint8_t key[32];
	seal_derive(s, "arguments", key);
	crypto_generichash(ret, 32, (const uint8_t *)text, strlen(text), key, sizeof(key));
	sodium_memzero(key, sizeof(key));
}

void seal_digest(const void *data, size_t n_bytes, uint8_t ret[32])
{
	crypto_generichash(ret, 32, data, n_bytes, NULL, 0);
}
