/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sealed files by libsodium. Called by backup and restore; streams, so that memory does not grow with the file. */
#include "gateway/vault.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/base/own.h"

#define MAGIC "CAUNOI.SEALED.1\n"
#define MAGIC_BYTES 16
#define PIECE_BYTES 65536
#define BOXED_KEY_BYTES (crypto_secretbox_KEYBYTES + crypto_box_MACBYTES)

OWN_DEFINE(closed, FILE *, fclose)

/* ---- files ---- */

static int open_old(const char *file, FILE **ret)
{
	int fd = open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	if (fd < 0)
		return errno == ENOENT ? E_NOT_FOUND : E_IO;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || !(*ret = fdopen(fd, "rb"))) {
		close(fd);
		return E_CORRUPT;
	}
	return 0;
}

static int open_new(const char *file, FILE **ret)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno == EEXIST ? E_EXISTS : E_IO;
	*ret = fdopen(fd, "wb");
	if (!*ret)
		close(fd);
	return *ret ? 0 : E_NOMEM;
}

static int put(FILE *to, const void *data, size_t n)
{
	return fwrite(data, 1, n, to) == n ? 0 : E_IO;
}

static int finish(FILE *to)
{
	return fflush(to) || fsync(fileno(to)) ? E_IO : 0;
}

/* ---- keys ---- */

static int read_hex(const char *hex, uint8_t *ret, size_t n)
{
	size_t got = 0;
	const char *end;
	return strlen(hex) == 2 * n && !sodium_hex2bin(ret, n, hex, 2 * n, NULL, &got, &end) && got == n ? 0 : E_INVALID;
}

bool vault_key_is_valid(const char *public_key)
{
	uint8_t key[crypto_box_PUBLICKEYBYTES], secret[crypto_scalarmult_SCALARBYTES] = { 1 }, shared[crypto_scalarmult_BYTES];
	/* a point of low order gives nothing away but is nobody's key */
	return !read_hex(public_key, key, sizeof(key)) && !crypto_scalarmult(shared, secret, key);
}

int vault_key_new(const char *file, struct random *r, char ret[VAULT_KEY_CHARS + 1])
{
	uint8_t seed[crypto_box_SEEDBYTES], public[crypto_box_PUBLICKEYBYTES], secret[crypto_box_SECRETKEYBYTES];
	char hex[2 * sizeof(secret) + 1];
	OWN(closed) FILE *to = NULL;
	int e = open_new(file, &to);
	if (e)
		return e;
	random_fill(r, seed, sizeof(seed));
	crypto_box_seed_keypair(public, secret, seed);
	sodium_bin2hex(hex, sizeof(hex), secret, sizeof(secret));
	e = put(to, hex, sizeof(hex) - 1);
	if (!e)
		e = put(to, "\n", 1);
	if (!e)
		e = finish(to);
	sodium_bin2hex(ret, VAULT_KEY_CHARS + 1, public, sizeof(public));
	sodium_memzero(seed, sizeof(seed));
	sodium_memzero(secret, sizeof(secret));
	sodium_memzero(hex, sizeof(hex));
	return e;
}

static int read_secret(const char *file, uint8_t ret[crypto_box_SECRETKEYBYTES])
{
	char hex[2 * crypto_box_SECRETKEYBYTES + 2] = "";
	struct stat st;
	OWN(closed) FILE *from = NULL;
	if (open_old(file, &from) || fstat(fileno(from), &st) || (st.st_mode & 0077) || !fgets(hex, sizeof(hex), from))
		return E_DENIED;
	hex[strcspn(hex, "\r\n")] = '\0';
	int r = read_hex(hex, ret, crypto_box_SECRETKEYBYTES);
	sodium_memzero(hex, sizeof(hex));
	return r ? E_DENIED : 0;
}

/* A file's own key is boxed once under a pair that is used once: what both sides know is number enough. */
static void box_nonce(const uint8_t *ephemeral, const uint8_t *public, uint8_t ret[crypto_box_NONCEBYTES])
{
	crypto_generichash_state h;
	crypto_generichash_init(&h, NULL, 0, crypto_box_NONCEBYTES);
	crypto_generichash_update(&h, ephemeral, crypto_box_PUBLICKEYBYTES);
	crypto_generichash_update(&h, public, crypto_box_PUBLICKEYBYTES);
	crypto_generichash_final(&h, ret, crypto_box_NONCEBYTES);
}

static void piece_nonce(uint64_t n, bool last, uint8_t ret[crypto_secretbox_NONCEBYTES])
{
	memset(ret, 0, crypto_secretbox_NONCEBYTES);
	for (int i = 0; i < 8; i++)
		ret[i] = (uint8_t)(n >> 8 * i);
	ret[8] = last;
}

/* ---- sealing ---- */

static int put_head(FILE *to, const uint8_t *public, struct random *r, uint8_t key[crypto_secretbox_KEYBYTES])
{
	uint8_t seed[crypto_box_SEEDBYTES], ephemeral[crypto_box_PUBLICKEYBYTES], secret[crypto_box_SECRETKEYBYTES];
	uint8_t nonce[crypto_box_NONCEBYTES], boxed[BOXED_KEY_BYTES];
	random_fill(r, seed, sizeof(seed));
	random_fill(r, key, crypto_secretbox_KEYBYTES);
	crypto_box_seed_keypair(ephemeral, secret, seed);
	box_nonce(ephemeral, public, nonce);
	int e = crypto_box_easy(boxed, key, crypto_secretbox_KEYBYTES, nonce, public, secret) ? E_INVALID : 0;
	sodium_memzero(seed, sizeof(seed));
	sodium_memzero(secret, sizeof(secret));
	if (!e)
		e = put(to, MAGIC, MAGIC_BYTES);
	if (!e)
		e = put(to, ephemeral, sizeof(ephemeral));
	return e ? e : put(to, boxed, sizeof(boxed));
}

static bool at_end(FILE *from)
{
	int c = getc(from);
	if (c == EOF)
		return true;
	ungetc(c, from);
	return false;
}

static int put_pieces(FILE *from, FILE *to, const uint8_t *key)
{
	OWN(mem) uint8_t *plain = malloc(PIECE_BYTES), *boxed = malloc(PIECE_BYTES + crypto_secretbox_MACBYTES);
	int e = plain && boxed ? 0 : E_NOMEM;
	bool last = false;
	for (uint64_t n = 0; !e && !last; n++) {
		uint8_t nonce[crypto_secretbox_NONCEBYTES];
		size_t got = fread(plain, 1, PIECE_BYTES, from);
		if (ferror(from))
			return E_IO;
		last = got < PIECE_BYTES || at_end(from);
		piece_nonce(n, last, nonce);
		crypto_secretbox_easy(boxed, plain, got, nonce, key);
		e = put(to, boxed, got + crypto_secretbox_MACBYTES);
	}
	return e;
}

int vault_seal(const char *from, const char *to, const char *public_key, struct random *r)
{
	uint8_t public[crypto_box_PUBLICKEYBYTES], key[crypto_secretbox_KEYBYTES];
	OWN(closed) FILE *in = NULL, *out = NULL;
	int e = vault_key_is_valid(public_key) ? read_hex(public_key, public, sizeof(public)) : E_INVALID;
	if (!e)
		e = open_old(from, &in);
	if (!e)
		e = open_new(to, &out);
	if (!e)
		e = put_head(out, public, r, key);
	if (!e)
		e = put_pieces(in, out, key);
	sodium_memzero(key, sizeof(key));
	return e ? e : finish(out);
}

/* ---- opening ---- */

bool vault_is_sealed(const char *file)
{
	char magic[MAGIC_BYTES];
	OWN(closed) FILE *from = NULL;
	return !open_old(file, &from) && fread(magic, 1, sizeof(magic), from) == sizeof(magic) && !memcmp(magic, MAGIC, MAGIC_BYTES);
}

static int take_head(FILE *from, const uint8_t *secret, uint8_t key[crypto_secretbox_KEYBYTES])
{
	uint8_t head[MAGIC_BYTES + crypto_box_PUBLICKEYBYTES + BOXED_KEY_BYTES], public[crypto_box_PUBLICKEYBYTES], nonce[crypto_box_NONCEBYTES];
	const uint8_t *ephemeral = head + MAGIC_BYTES, *boxed = ephemeral + crypto_box_PUBLICKEYBYTES;
	if (fread(head, 1, sizeof(head), from) != sizeof(head) || memcmp(head, MAGIC, MAGIC_BYTES) || crypto_scalarmult_base(public, secret))
		return E_CORRUPT;
	box_nonce(ephemeral, public, nonce);
	return crypto_box_open_easy(key, boxed, BOXED_KEY_BYTES, nonce, ephemeral, secret) ? E_CORRUPT : 0;
}

static int take_pieces(FILE *from, FILE *to, const uint8_t *key)
{
	OWN(mem) uint8_t *plain = malloc(PIECE_BYTES), *boxed = malloc(PIECE_BYTES + crypto_secretbox_MACBYTES);
	int e = plain && boxed ? 0 : E_NOMEM;
	bool last = false;
	for (uint64_t n = 0; !e && !last; n++) {
		uint8_t nonce[crypto_secretbox_NONCEBYTES];
		size_t got = fread(boxed, 1, PIECE_BYTES + crypto_secretbox_MACBYTES, from);
		if (ferror(from))
			return E_IO;
		last = got < PIECE_BYTES + crypto_secretbox_MACBYTES || at_end(from);
		piece_nonce(n, last, nonce);
		if (got < crypto_secretbox_MACBYTES || crypto_secretbox_open_easy(plain, boxed, got, nonce, key))
			return E_CORRUPT;
		e = put(to, plain, got - crypto_secretbox_MACBYTES);
	}
	return e;
}

int vault_open(const char *from, const char *to, const char *key_file)
{
	uint8_t secret[crypto_box_SECRETKEYBYTES], key[crypto_secretbox_KEYBYTES];
	OWN(closed) FILE *in = NULL, *out = NULL;
	int e = read_secret(key_file, secret);
	if (!e)
		e = open_old(from, &in);
	if (!e)
		e = take_head(in, secret, key);
	if (!e)
		e = open_new(to, &out);
	if (!e)
		e = take_pieces(in, out, key);
	sodium_memzero(secret, sizeof(secret));
	sodium_memzero(key, sizeof(key));
	return e ? e : finish(out);
}
