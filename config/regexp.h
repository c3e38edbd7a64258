/* SPDX-License-Identifier: GPL-3.0-or-later */
/* POSIX extended regular expressions of a profile, bounded: at most 256 characters, no references back to a group, no
 * count above 255, so that no answer of a provider makes matching slow. */
#ifndef CAUNOI_CONFIG_REGEXP_H
#define CAUNOI_CONFIG_REGEXP_H

#include <regex.h>

#include "gateway/base/err.h"

/* flags beside REG_EXTENDED. E_INVALID with a static English phrase in *ret_why. The caller's, by regfree. */
MUST_CHECK int regexp_parse(const char *text, int flags, regex_t *ret, const char **ret_why);

#endif
