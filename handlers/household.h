/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "giang a pao na lang": the name of a head of household and a hamlet out of one line, in any order, with or without a comma, by the
 * hamlets of the commune. Pure. */
#ifndef CAUNOI_HANDLERS_HOUSEHOLD_H
#define CAUNOI_HANDLERS_HOUSEHOLD_H

#include <jansson.h>
#include <stdbool.h>

#include "handlers/hamlets.h"

#define HOUSEHOLD_FITS 9
#define HOUSEHOLD_HEAD_BYTES 96

struct household {
	char head[HOUSEHOLD_HEAD_BYTES]; /* "Giang A Pao", marks as they were written; "" = no name */
	char fold[HOUSEHOLD_HEAD_BYTES]; /* "giang a pao": the same household writes the same */
	char written[HAMLET_BYTES]; /* a hamlet that is named and that the table does not hold; "" */
	size_t fits[HOUSEHOLD_FITS]; /* places in the table of the hamlets that may be meant: one, or so many of one name */
	size_t n_fits;
	bool near; /* found past a slip */
};

/* words: all that was written, with or without the command before it. programme: phrases that may stand there ("words"); may be NULL. */
MUST_CHECK int household_read(const char *words, const json_t *programme, const struct hamlets *h, struct household *ret);
/* The same where only the hamlet, or only the name, was asked for. */
MUST_CHECK int household_read_hamlet(const char *words, const struct hamlets *h, struct household *ret);
MUST_CHECK int household_read_head(const char *words, struct household *ret);

#endif
