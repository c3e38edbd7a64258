/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hiding of small counts. Called by reports and by the results of surveys; pure. */
#include "gateway/base/few.h"

static size_t smallest_shown(const int64_t *counts, size_t n, const bool *hidden)
{
	size_t best = n;
	for (size_t i = 0; i < n; i++)
		if (!hidden[i] && counts[i] > 0 && (best == n || counts[i] < counts[best]))
			best = i;
	return best;
}

void few_hide(const int64_t *counts, size_t n, bool *ret_hidden)
{
	size_t hidden = 0;
	int64_t sum = 0;
	for (size_t i = 0; i < n; i++) {
		ret_hidden[i] = counts[i] > 0 && counts[i] < FEW_BELOW;
		hidden += ret_hidden[i];
		sum += ret_hidden[i] ? counts[i] : 0;
	}
	while (hidden > 0 && (hidden < 2 || sum < 2 * FEW_BELOW)) {
		size_t next = smallest_shown(counts, n, ret_hidden);
		if (next == n)
			return;
		ret_hidden[next] = true;
		sum += counts[next];
		hidden++;
	}
}
