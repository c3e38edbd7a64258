/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The states of a chunked body. Called by guest.c; keeps counts only, never bytes. */
#include "console/web/chunked.h"

#include <stdbool.h>

#define DIGITS_MAX 8

static int digit_of(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static int size_char(struct chunked *c, char ch)
{
	int digit = digit_of(ch);
	if (digit >= 0 && c->n_digits < DIGITS_MAX) {
		c->left = c->left * 16 + digit;
		c->n_digits++;
		return 0;
	}
	if (ch != '\r' || c->n_digits == 0)
		return E_INVALID;
	c->state = CHUNKED_SIZE_LF;
	return 0;
}

static void size_known(struct chunked *c)
{
	c->state = c->left ? CHUNKED_DATA : CHUNKED_END_CR;
	c->body_bytes += c->left;
	c->n_digits = 0;
}

static int expect(struct chunked *c, char ch, char wanted, enum chunked_state next)
{
	c->state = next;
	return ch == wanted ? 0 : E_INVALID;
}

static int one_char(struct chunked *c, char ch)
{
	int r;
	switch (c->state) {
	case CHUNKED_SIZE: return size_char(c, ch);
	case CHUNKED_SIZE_LF:
		r = expect(c, ch, '\n', CHUNKED_DATA);
		size_known(c);
		return r;
	case CHUNKED_DATA_CR: return expect(c, ch, '\r', CHUNKED_DATA_LF);
	case CHUNKED_DATA_LF: return expect(c, ch, '\n', CHUNKED_SIZE);
	case CHUNKED_END_CR: return expect(c, ch, '\r', CHUNKED_END_LF);
	case CHUNKED_END_LF: return expect(c, ch, '\n', CHUNKED_DONE);
	case CHUNKED_DATA:
	case CHUNKED_DONE: return E_INVALID;
	}
	return E_INVALID;
}

int chunked_feed(struct chunked *c, const char *data, size_t n_bytes, size_t *ret_taken)
{
	size_t i = 0;
	while (i < n_bytes && c->state != CHUNKED_DONE) {
		if (c->state == CHUNKED_DATA) {
			size_t n = (int64_t)(n_bytes - i) < c->left ? n_bytes - i : (size_t)c->left;
			c->left -= (int64_t)n;
			i += n;
			if (c->left == 0)
				c->state = CHUNKED_DATA_CR;
		} else if (one_char(c, data[i++])) {
			return E_INVALID;
		}
	}
	*ret_taken = i;
	return c->state == CHUNKED_DONE ? 0 : E_AGAIN;
}
