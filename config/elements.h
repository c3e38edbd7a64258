/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The elements and attributes of an XML body as a flat list of path and text, "/a/b" and "/a/b/@c", without prefixes, in the order in which they
 * end. Private to config/. */
#ifndef CAUNOI_CONFIG_ELEMENTS_H
#define CAUNOI_CONFIG_ELEMENTS_H

#include "config/fields.h"

/* *ret is the caller's, by fields_free, also after a failure. E_INVALID: no XML, a document type, over a bound; E_NOMEM. */
MUST_CHECK int elements_parse(const char *body, size_t n_bytes, struct field **ret, size_t *ret_n);

#endif
