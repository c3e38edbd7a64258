/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packing of answers. Called by visit.c for lists and by pages.c for files that were packed when they were built. Never packs an
 * answer that holds a secret of its session: its size would tell of it. */
#include "console/web/packed.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#define ZLIB_CONST
#include <zlib.h>

#include "gateway/base/own.h"

#define LEVEL 6
#define WINDOW_BITS (12 + 16) /* 4 KiB are enough for rows that look alike, and 16 asks for gzip's frame */
#define MEMORY_LEVEL 6

static bool is_zero(const char *q)
{
	return !strncmp(q, "q=0", 3) && strspn(q + 3, ".0") == strcspn(q + 3, ",; \t");
}

bool packed_takes(const char *accept, const char *coding)
{
	size_t n = strlen(coding);
	for (const char *at = accept; at && *at; at += strcspn(at, ","), at += *at == ',') {
		at += strspn(at, " \t");
		const char *more = at + n;
		if (strncasecmp(at, coding, n) != 0 || (*more && !strchr(",; \t", *more)))
			continue;
		more += strspn(more, "; \t");
		return !is_zero(more);
	}
	return false;
}

int packed_gzip(struct buffer *data)
{
	OWN(buffer) struct buffer out = { 0 };
	z_stream z = { 0 };
	size_t n = buffer_left(data);
	if (n > UINT32_MAX || buffer_reserve(&out, n + 1) || deflateInit2(&z, LEVEL, Z_DEFLATED, WINDOW_BITS, MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK)
		return E_NOMEM;
	z.next_in = (const Bytef *)buffer_text(data);
	z.avail_in = (uInt)n;
	z.next_out = (Bytef *)out.data;
	z.avail_out = (uInt)n;
	int done = deflate(&z, Z_FINISH);
	out.n_bytes = (size_t)z.total_out;
	deflateEnd(&z);
	out.data[out.n_bytes] = '\0';
	if (done != Z_STREAM_END)
		return E_TOO_BIG;
	struct buffer was = *data;
	*data = out;
	out = was;
	return 0;
}
