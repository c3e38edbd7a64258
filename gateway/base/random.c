/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The system's random source and a seeded one (libsodium's deterministic stream, one nonce-like counter a draw). */
#include "gateway/base/random.h"

#include <sodium.h>
#include <string.h>

static void real_fill(struct random *self, void *out, size_t n_bytes)
{
	(void)self;
	randombytes_buf(out, n_bytes);
}

static void seeded_fill(struct random *self, void *out, size_t n_bytes)
{
	uint8_t key[32];
	memcpy(key, self->seed, sizeof(key));
	uint64_t n = ++self->drawn;
	memcpy(key + 8, &n, sizeof(n));
	randombytes_buf_deterministic(out, n_bytes, key);
}

struct random random_real(void)
{
	return (struct random){ .fill = real_fill };
}

struct random random_seeded(uint64_t seed)
{
	struct random r = { .fill = seeded_fill };
	memcpy(r.seed, &seed, sizeof(seed));
	return r;
}

void random_fill(struct random *r, void *out, size_t n_bytes)
{
	r->fill(r, out, n_bytes);
}

uint32_t random_below(struct random *r, uint32_t below)
{
	uint32_t limit = UINT32_MAX - UINT32_MAX % below, v;
	do
		r->fill(r, &v, sizeof(v));
	while (v >= limit);
	return v % below;
}

void random_token(struct random *r, char *out, size_t n_chars)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	for (size_t i = 0; i < n_chars; i++)
		out[i] = alphabet[random_below(r, sizeof(alphabet) - 1)];
	out[n_chars] = '\0';
}
