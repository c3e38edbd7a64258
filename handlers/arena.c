/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Blocks in a chain, each twice the one before, so that a short message needs one and a long one few. Called by words.c. */
#include "handlers/arena.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_BYTES 480 /* with its head small enough for the allocator's quick lists */
#define MOST_BYTES 65536

struct arena_block {
	struct arena_block *before;
	size_t n_bytes;
	char text[];
};

static int grow(struct arena *a, size_t n_bytes)
{
	size_t room = a->newest ? a->newest->n_bytes * 2 : FIRST_BYTES;
	room = room > MOST_BYTES ? MOST_BYTES : room;
	room = room < n_bytes ? n_bytes : room;
	struct arena_block *b = malloc(sizeof(*b) + room);
	if (!b)
		return -1;
	*b = (struct arena_block){ .before = a->newest, .n_bytes = room };
	*a = (struct arena){ .newest = b, .at = b->text, .left = room };
	return 0;
}

const char *arena_put(struct arena *a, const char *text, size_t n_bytes)
{
	if (n_bytes + 1 > a->left && grow(a, n_bytes + 1))
		return NULL;
	char *copy = a->at;
	memcpy(copy, text, n_bytes);
	copy[n_bytes] = '\0';
	a->at += n_bytes + 1;
	a->left -= n_bytes + 1;
	return copy;
}

void arena_done(struct arena *a)
{
	for (struct arena_block *b = a->newest, *before; b; b = before) {
		before = b->before;
		free(b);
	}
	*a = (struct arena){ 0 };
}
