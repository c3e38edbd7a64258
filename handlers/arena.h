/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Short texts that live and die together and never move: those of one message's words. Pure memory. */
#ifndef CAUNOI_HANDLERS_ARENA_H
#define CAUNOI_HANDLERS_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *newest;
	char *at; /* free room in it */
	size_t left;
};

/* A copy of n_bytes with a NUL behind, valid until arena_done. NULL: no memory. */
const char *arena_put(struct arena *a, const char *text, size_t n_bytes);
void arena_done(struct arena *a);

#endif
