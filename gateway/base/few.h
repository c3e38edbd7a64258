/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts of few people, which nobody may read: they and as many others are hidden that none can be worked out. */
#ifndef CAUNOI_BASE_FEW_H
#define CAUNOI_BASE_FEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FEW_BELOW 5

/* Hides counts of 1 to 4, and as many others, smallest first, that none follows from their sum. ret_hidden has n places. */
void few_hide(const int64_t *counts, size_t n, bool *ret_hidden);

#endif
