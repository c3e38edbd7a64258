/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts with blanks in braces, "Ma {code}.", and what stands in them. Values are put in once and never looked at again. Pure. */
#ifndef CAUNOI_BASE_BLANKS_H
#define CAUNOI_BASE_BLANKS_H

#include <stddef.h>

struct blank {
	const char *name, *value; /* NULL value = "" */
};

/* The finished text; the caller's. NULL on no memory, or for a name that there is not: *ret_unknown (may be NULL) then points at its brace. */
char *blanks_fill(const char *text, const struct blank *blanks, size_t n_blanks, const char **ret_unknown);

#endif
