/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A walk over libconfig's tokens before libconfig sees them: finds mistakes with the line and the key a person needs,
 * keeps the line of every setting, and writes numbers so that libconfig 1.5 reads them exactly. Private to config/. */
#ifndef CAUNOI_CONFIG_SCAN_H
#define CAUNOI_CONFIG_SCAN_H

#include <jansson.h>

#include "config/source.h"
#include "gateway/base/buffer.h"

#define SCAN_COLUMN_MAX 65535
/* A line and a column in one number, as lines holds them. */
static inline json_int_t scan_spot(int line, int column)
{
	return (json_int_t)line << 16 | (column < SCAN_COLUMN_MAX ? column : SCAN_COLUMN_MAX);
}
static inline int scan_spot_line(json_int_t spot)
{
	return (int)(spot >> 16);
}
static inline int scan_spot_column(json_int_t spot)
{
	return (int)(spot & 0xFFFF);
}

/* text receives the same lines with every integer as a 64-bit one; lines receives {"channels.[0].name": spot}.
 * E_INVALID with *c filled, E_NOMEM. */
MUST_CHECK int scan_source(const struct source *source, struct buffer *text, json_t *lines, struct complaint *c);

#endif
