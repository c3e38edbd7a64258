/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file of the simulated phones: records of keyed hash of the number, hash of the key, sealed words. */
#include "gateway/drivers/loopback/handset.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "gateway/base/text.h"

#define KEYS 4096
#define WORDS_MAX 65536
#define HEARD_MAX 200
#define EARLIER_MAX 1024

struct record {
	uint32_t n_bytes; /* of the box that follows */
	uint32_t mark;
	uint8_t number[16];
	uint64_t key;
};
#define RECORD_MARK 0x6e6f6963u

struct handset {
	int fd;
	uint8_t secret[32];
	uint64_t keys[KEYS]; /* delivered lately */
	size_t at;
	off_t earlier[EARLIER_MAX]; /* where the newest records begin, a ring */
	size_t n_earlier;
};

static void hash_number(const struct handset *h, const char *number, uint8_t ret[16])
{
	crypto_generichash(ret, 16, (const unsigned char *)number, strlen(number), h->secret, sizeof(h->secret));
}

static uint64_t hash_key(const struct handset *h, const char *key)
{
	uint8_t out[16];
	uint64_t v;
	hash_number(h, key, out);
	memcpy(&v, out, sizeof(v));
	return v ? v : 1;
}

static void remember(struct handset *h, uint64_t key)
{
	h->keys[h->at++ % KEYS] = key;
}

/* Reads the keys of what is there; a record cut by a crash is cut off. */
static int load(struct handset *h)
{
	off_t at = 0, end = lseek(h->fd, 0, SEEK_END);
	struct record r;
	while (at + (off_t)sizeof(r) <= end) {
		if (pread(h->fd, &r, sizeof(r), at) != (ssize_t)sizeof(r) || r.mark != RECORD_MARK || r.n_bytes > WORDS_MAX ||
		    at + (off_t)sizeof(r) + r.n_bytes > end)
			break;
		remember(h, r.key);
		h->earlier[h->n_earlier++ % EARLIER_MAX] = at;
		at += (off_t)sizeof(r) + r.n_bytes;
	}
	if (at != end && ftruncate(h->fd, at))
		return E_IO;
	return lseek(h->fd, 0, SEEK_END) < 0 ? E_IO : 0;
}

int handset_open(const char *file, const char *key_hex, struct handset **ret)
{
	struct handset *h = calloc(1, sizeof(*h));
	if (!h)
		return E_NOMEM;
	size_t n;
	h->fd = -1;
	int r = sodium_hex2bin(h->secret, sizeof(h->secret), key_hex, strlen(key_hex), NULL, &n, NULL) || n != sizeof(h->secret) ? E_INVALID : 0;
	if (!r && file) {
		h->fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_APPEND, 0600);
		r = h->fd < 0 ? E_IO : load(h);
	}
	if (r)
		handset_close(h);
	else
		*ret = h;
	return r;
}

void handset_close(struct handset *h)
{
	if (!h)
		return;
	if (h->fd >= 0)
		close(h->fd);
	sodium_memzero(h->secret, sizeof(h->secret));
	free(h);
}

static int append(struct handset *h, const struct handset_message *m, uint64_t key)
{
	OWN(json) json_t *words = json_pack("{s:I,s:s,s:s,s:i,s:s,s:s?}", "at_ms", (json_int_t)m->at_ms, "channel", m->channel, "text", m->text, "parts",
					    m->parts, "key", m->key, "reference", m->reference);
	OWN(mem) char *text = words ? json_text(words) : NULL;
	size_t n = text ? strlen(text) : 0;
	if (!text || n > WORDS_MAX - 64)
		return text ? E_TOO_BIG : E_NOMEM;
	size_t all = sizeof(struct record) + crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + n;
	OWN(mem) uint8_t *out = malloc(all);
	if (!out)
		return E_NOMEM;
	struct record r = { .n_bytes = (uint32_t)(all - sizeof(r)), .mark = RECORD_MARK, .key = key };
	hash_number(h, m->number, r.number);
	memcpy(out, &r, sizeof(r));
	uint8_t *nonce = out + sizeof(r);
	randombytes_buf(nonce, crypto_secretbox_NONCEBYTES);
	crypto_secretbox_easy(nonce + crypto_secretbox_NONCEBYTES, (const unsigned char *)text, n, nonce, h->secret);
	off_t end = lseek(h->fd, 0, SEEK_END);
	if (write(h->fd, out, all) == (ssize_t)all)
		return 0;
	/* half a record would hide every one behind it */
	return end < 0 || ftruncate(h->fd, end) ? E_BROKEN : E_IO;
}

int handset_deliver(struct handset *h, const struct handset_message *m)
{
	uint64_t key = hash_key(h, m->key);
	for (size_t i = 0; i < KEYS; i++)
		if (h->keys[i] == key)
			return E_EXISTS;
	int r = h->fd < 0 ? 0 : append(h, m, key);
	if (!r)
		remember(h, key);
	return r;
}

static int open_words(const struct handset *h, off_t at, uint32_t n, json_t **ret)
{
	OWN(mem) uint8_t *box = malloc(n), *text = malloc(n);
	const size_t extra = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES;
	if (!box || !text)
		return E_NOMEM;
	if (n <= extra || pread(h->fd, box, n, at) != (ssize_t)n ||
	    crypto_secretbox_open_easy(text, box + crypto_secretbox_NONCEBYTES, n - crypto_secretbox_NONCEBYTES, box, h->secret))
		return E_CORRUPT;
	return json_parse((const char *)text, n - extra, ret);
}

int handset_heard(struct handset *h, const char *number, json_t **ret)
{
	uint8_t who[16];
	struct record r;
	hash_number(h, number, who);
	OWN(json) json_t *list = json_array();
	off_t at = 0;
	while (list && h->fd >= 0 && pread(h->fd, &r, sizeof(r), at) == (ssize_t)sizeof(r) && r.mark == RECORD_MARK) {
		at += (off_t)sizeof(r);
		json_t *words = NULL;
		if (!memcmp(r.number, who, sizeof(who)) && !open_words(h, at, r.n_bytes, &words)) {
			json_array_append_new(list, words);
			if (json_array_size(list) > HEARD_MAX)
				json_array_remove(list, 0);
		}
		at += r.n_bytes;
	}
	*ret = MOVE(list);
	return *ret ? 0 : E_NOMEM;
}

int handset_earlier(struct handset *h, int (*fn)(void *arg, const char *reference), void *arg)
{
	int e = 0;
	for (size_t i = h->n_earlier > EARLIER_MAX ? h->n_earlier - EARLIER_MAX : 0; !e && i < h->n_earlier; i++) {
		struct record r;
		OWN(json) json_t *words = NULL;
		off_t at = h->earlier[i % EARLIER_MAX];
		if (pread(h->fd, &r, sizeof(r), at) != (ssize_t)sizeof(r) || open_words(h, at + (off_t)sizeof(r), r.n_bytes, &words))
			continue;
		const char *reference = json_str(words, "reference", NULL);
		if (reference)
			e = fn(arg, reference);
	}
	return e;
}
