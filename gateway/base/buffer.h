/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A growable run of bytes with a read mark, for socket input and output and for building text. Always
 * NUL-terminated behind its end, so that data can be read as a string. */
#ifndef CAUNOI_BASE_BUFFER_H
#define CAUNOI_BASE_BUFFER_H

#include <stdarg.h>
#include <stddef.h>

#include "gateway/base/err.h"

struct buffer {
	char *data;  /* NULL while empty and never grown */
	size_t from; /* bytes already taken at the front */
	size_t n_bytes; /* end of what is there, counted from data */
	size_t room;
};

void buffer_done(struct buffer *b);
/* Room for n_bytes more behind the end; E_NOMEM. */
MUST_CHECK int buffer_reserve(struct buffer *b, size_t n_bytes);
MUST_CHECK int buffer_put(struct buffer *b, const void *data, size_t n_bytes);
MUST_CHECK int buffer_puts(struct buffer *b, const char *text);
MUST_CHECK int buffer_printf(struct buffer *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Marks n_bytes at the front as taken; gives the memory back when all is taken and much was held. */
void buffer_take(struct buffer *b, size_t n_bytes);
/* Forgets everything behind the first n_bytes that are unread. */
void buffer_cut(struct buffer *b, size_t n_bytes);

static inline size_t buffer_left(const struct buffer *b)
{
	return b->n_bytes - b->from;
}
static inline const char *buffer_text(const struct buffer *b)
{
	return b->data ? b->data + b->from : "";
}

static inline void own_buffer(struct buffer *b)
{
	buffer_done(b);
}

#endif
