/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The head of an HTTP/1 request, read strictly: whatever two parsers could read differently is refused, so that what the
 * HTTP library behind it sees has one meaning only (RFC 9112 §2.2, §3.2, §5, §6; RFC 9110 §5.5). Pure: bytes in, verdict
 * out, in any number of pieces. */
#ifndef CAUNOI_WEB_HEAD_H
#define CAUNOI_WEB_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/err.h"

#define HEAD_BYTES_MAX 16384
#define HEAD_FIELDS_MAX 100

struct head {
	size_t line, scanned; /* where the line under way begins, how far it was looked through */
	unsigned seen;	      /* fields that may come once only */
	int n_fields;
	bool has_line;
	/* the verdict */
	char method[8];
	size_t target_from, target_bytes; /* in the data that was fed */
	int64_t content_length;		  /* -1 = not said */
	bool chunked, http10;
	size_t n_bytes;	 /* the whole head with its empty line */
	int status;	 /* when refused: 400, 404, 417, 431, 501 or 505 */
	const char *why; /* static English phrase */
};

void head_init(struct head *h);
/* data is always the head from its first byte, each time longer. 0 complete, E_AGAIN more is needed, E_REFUSED with status
 * and why. n_bytes beyond the head are not looked at. */
MUST_CHECK int head_feed(struct head *h, const char *data, size_t n_bytes);

#endif
