/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a chunked body ends (RFC 9112 §7.1), read strictly: sizes in hex without extensions, CR LF everywhere, no trailers.
 * Pure, in any number of pieces. */
#ifndef CAUNOI_WEB_CHUNKED_H
#define CAUNOI_WEB_CHUNKED_H

#include <stddef.h>
#include <stdint.h>

#include "gateway/base/err.h"

enum chunked_state {
	CHUNKED_SIZE,
	CHUNKED_SIZE_LF,
	CHUNKED_DATA,
	CHUNKED_DATA_CR,
	CHUNKED_DATA_LF,
	CHUNKED_END_CR,
	CHUNKED_END_LF,
	CHUNKED_DONE,
};
struct chunked {
	enum chunked_state state;
	int n_digits;
	int64_t left;
	int64_t body_bytes; /* announced so far, without the framing */
};

/* Begins as { 0 }. 0: the body ended behind *ret_taken bytes; E_AGAIN: all n_bytes belong to it, more comes; E_INVALID. */
MUST_CHECK int chunked_feed(struct chunked *c, const char *data, size_t n_bytes, size_t *ret_taken);

#endif
