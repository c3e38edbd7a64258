/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Growable bytes. Called by everything that reads or writes a socket; does no I/O itself. */
#include "gateway/base/buffer.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEEP_BYTES 65536

void buffer_done(struct buffer *b)
{
	free(b->data);
	*b = (struct buffer){ 0 };
}

int buffer_reserve(struct buffer *b, size_t n_bytes)
{
	if (n_bytes > SIZE_MAX / 4)
		return E_NOMEM;
	if (b->data && b->n_bytes + n_bytes + 1 <= b->room)
		return 0;
	if (b->from) {
		memmove(b->data, b->data + b->from, b->n_bytes - b->from);
		b->n_bytes -= b->from;
		b->from = 0;
		if (b->n_bytes + n_bytes + 1 <= b->room)
			return 0;
	}
	size_t room = b->room ? b->room : 256;
	while (room < b->n_bytes + n_bytes + 1)
		room *= 2;
	char *data = realloc(b->data, room);
	if (!data)
		return E_NOMEM;
	b->data = data;
	b->room = room;
	return 0;
}

int buffer_put(struct buffer *b, const void *data, size_t n_bytes)
{
	int r = buffer_reserve(b, n_bytes);
	if (r)
		return r;
	if (n_bytes)
		memcpy(b->data + b->n_bytes, data, n_bytes);
	b->n_bytes += n_bytes;
	b->data[b->n_bytes] = '\0';
	return 0;
}

int buffer_puts(struct buffer *b, const char *text)
{
	return buffer_put(b, text, strlen(text));
}

int buffer_printf(struct buffer *b, const char *fmt, ...)
{
	va_list ap, again;
	va_start(ap, fmt);
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	int r = n < 0 ? E_INVALID : buffer_reserve(b, (size_t)n);
	if (!r) {
		vsnprintf(b->data + b->n_bytes, (size_t)n + 1, fmt, again);
		b->n_bytes += (size_t)n;
	}
	va_end(again);
	return r;
}

void buffer_take(struct buffer *b, size_t n_bytes)
{
	b->from += n_bytes;
	if (b->from < b->n_bytes)
		return;
	b->from = b->n_bytes = 0;
	if (b->room > KEEP_BYTES)
		buffer_done(b);
}

void buffer_cut(struct buffer *b, size_t n_bytes)
{
	b->n_bytes = b->from + n_bytes;
	if (b->data)
		b->data[b->n_bytes] = '\0';
}
