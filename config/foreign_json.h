/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON as strangers write it: a byte order mark before it, text that is not quite UTF-8, numbers that no machine type holds. */
#ifndef CAUNOI_CONFIG_FOREIGN_JSON_H
#define CAUNOI_CONFIG_FOREIGN_JSON_H

#include <jansson.h>
#include <stddef.h>

#include "gateway/base/err.h"

/* The value of text; the caller's. Numbers that would not print again as they came (fractions, exponents, more than 15 digits) are strings
 * of their text, ill-formed UTF-8 is U+FFFD. E_INVALID (not JSON, a key twice, too deep), E_NOMEM. */
MUST_CHECK int foreign_json_parse(const char *text, size_t n_bytes, json_t **ret);

#endif
