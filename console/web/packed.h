/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers in fewer bytes, for slow lines: what a browser takes, and packing. Keeps nothing. */
#ifndef CAUNOI_WEB_PACKED_H
#define CAUNOI_WEB_PACKED_H

#include <stdbool.h>

#include "gateway/base/buffer.h"

/* Does an Accept-Encoding (NULL = absent) name this coding, and not as ";q=0"? */
bool packed_takes(const char *accept, const char *coding);
/* What is unread in data becomes gzip; data is as it was on failure. E_NOMEM, E_TOO_BIG (it would not become smaller). */
MUST_CHECK int packed_gzip(struct buffer *data);

#endif
