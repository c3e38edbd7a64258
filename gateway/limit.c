/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Token buckets. Called by dispatch and the API's limits; keeps nothing itself. */
#include "gateway/limit.h"

#include <limits.h>
#include <math.h>

static double level(const struct bucket *b, int64_t mono_ms)
{
	double n = b->tokens + (double)(mono_ms - b->at_mono_ms) * b->per_s / 1000.0;
	return n > b->burst ? b->burst : n;
}

struct bucket bucket_full(double per_s, double burst, int64_t mono_ms)
{
	return (struct bucket){ .per_s = per_s, .burst = burst < 1 ? 1 : burst, .tokens = burst < 1 ? 1 : burst, .at_mono_ms = mono_ms };
}

int bucket_has(const struct bucket *b, int64_t mono_ms)
{
	if (b->per_s <= 0)
		return INT_MAX;
	double n = level(b, mono_ms) + 1e-9;
	return n >= INT_MAX ? INT_MAX : n < 0 ? 0 : (int)n;
}

void bucket_take(struct bucket *b, double n, int64_t mono_ms)
{
	if (b->per_s <= 0)
		return;
	b->tokens = level(b, mono_ms) - n;
	b->at_mono_ms = mono_ms;
}

int64_t bucket_next_mono_ms(const struct bucket *b, int64_t mono_ms)
{
	if (b->per_s <= 0 || bucket_has(b, mono_ms) > 0)
		return mono_ms;
	return mono_ms + (int64_t)ceil((1.0 - level(b, mono_ms)) * 1000.0 / b->per_s);
}
