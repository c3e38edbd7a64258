/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Randomness as an argument: the system's (libsodium) or a seeded stream that replays exactly. */
#ifndef CAUNOI_BASE_RANDOM_H
#define CAUNOI_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct random {
	void (*fill)(struct random *self, void *out, size_t n_bytes);
	uint8_t seed[32]; /* seeded stream only */
	uint64_t drawn;   /* seeded stream only: blocks drawn so far */
};

struct random random_real(void);
struct random random_seeded(uint64_t seed);
void random_fill(struct random *r, void *out, size_t n_bytes);
/* Uniform in [0, below); below > 0. */
uint32_t random_below(struct random *r, uint32_t below);
/* n_chars of [A-Za-z0-9] and a NUL; out holds n_chars + 1. Unbiased, for tokens and secrets. */
void random_token(struct random *r, char *out, size_t n_chars);

#endif
