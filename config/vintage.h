/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an older copy of keywords/keywords.conf lacks, and what it still holds: an own copy outlives an upgrade. keyfile.c reads by it,
 * check-config warns by it. A list that a release adds gets its row in vintage.c, one that it takes away too. Pure. */
#ifndef CAUNOI_CONFIG_VINTAGE_H
#define CAUNOI_CONFIG_VINTAGE_H

#include <stdbool.h>

#include "gateway/base/complaint.h"

/* Was the list added after the first release? Where a copy lacks it, the shipped file's is used. */
bool vintage_added(const char *list);
/* Was the list taken away? Where a copy holds it, it is passed over. */
bool vintage_retired(const char *list);

struct settings;

/* The n-th thing about the file that tells its age, as a warning in *ret; false = there are no more. */
bool vintage_warning(const struct settings *keywords, unsigned n, struct complaint *ret);

#endif
