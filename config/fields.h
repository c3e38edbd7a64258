/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fields of a form or query, in their order: names and values decoded, valid UTF-8. */
#ifndef CAUNOI_CONFIG_FIELDS_H
#define CAUNOI_CONFIG_FIELDS_H

#include <stddef.h>

#include "gateway/base/err.h"

struct field {
	char *name, *value;
};
/* *ret is the caller's, by fields_free. E_INVALID: more than 256; E_NOMEM. */
MUST_CHECK int fields_parse(const char *text, size_t n_bytes, struct field **ret, size_t *ret_n);
void fields_free(struct field *fields, size_t n);

#endif
