/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SplitMix64: small, quick, good enough for a world. */
#include "tests/simulation/dice.h"

struct dice dice_of(uint64_t seed)
{
	return (struct dice){ seed * UINT64_C(0x9e3779b97f4a7c15) + UINT64_C(0x632be59bd9b4e019) };
}

uint64_t dice_draw(struct dice *d)
{
	uint64_t z = (d->state += UINT64_C(0x9e3779b97f4a7c15));
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

int dice_below(struct dice *d, int below)
{
	return (int)((dice_draw(d) >> 16) % (uint64_t)below);
}

int64_t dice_between(struct dice *d, int64_t from, int64_t to)
{
	return from + (int64_t)((dice_draw(d) >> 8) % (uint64_t)(to - from + 1));
}

bool dice_mille(struct dice *d, int n)
{
	return dice_below(d, 1000) < n;
}

int64_t dice_long(struct dice *d, int64_t from, int64_t to)
{
	int64_t most = from > 0 ? from : 1;
	int doublings = 0;
	while (most < to && doublings < 62) {
		most *= 2;
		doublings++;
	}
	most = (from > 0 ? from : 1) << dice_below(d, doublings + 1);
	return dice_between(d, from, most < to ? most : to);
}
