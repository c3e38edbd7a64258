/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Token buckets on monotonic time, so that a jump of the wall clock never makes a burst. Pure. */
#ifndef CAUNOI_GATEWAY_LIMIT_H
#define CAUNOI_GATEWAY_LIMIT_H

#include <stdint.h>

struct bucket {
	double per_s;  /* 0 = unlimited */
	double burst;
	double tokens;
	int64_t at_mono_ms;
};

struct bucket bucket_full(double per_s, double burst, int64_t mono_ms);
/* Whole tokens there at mono_ms. */
int bucket_has(const struct bucket *b, int64_t mono_ms);
/* n may be no whole number: a message that was long, a pause that shall not look like a machine's. */
void bucket_take(struct bucket *b, double n, int64_t mono_ms);
/* When the next whole token will be there (monotonic ms); mono_ms when there is one. */
int64_t bucket_next_mono_ms(const struct bucket *b, int64_t mono_ms);

#endif
