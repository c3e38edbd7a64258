/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a report is about: which units, from when to when, and whether restricted cases are counted. Every figure's statement takes
 * its values from here. */
#ifndef CAUNOI_REPORT_EXTENT_H
#define CAUNOI_REPORT_EXTENT_H

#include <jansson.h>

#include "console/report/places.h"
#include "gateway/scope.h"
#include "gateway/store/store.h"

/* Conditions on a unit's column and on a casefile c, for texts whose statements go through extent_bind. */
#define EXTENT_UNIT(u) "(substr(" u ", 1, length($unit)) = $unit OR instr($below, ',' || substr(" u ", 1, 5) || ',') > 0)"
/* Restricted cases are counted, never listed, for whoever may know of them. */
#define EXTENT_SEEN "(c.restricted = 0 OR $territory = '' OR (length($territory) <= 2 AND (c.accused IS NULL" \
		    " OR substr($territory, 1, length(c.accused)) <> c.accused)))"

struct extent {
	const struct scope *in;
	const struct places *places;
	const json_t *forms; /* reports.conf */
	const char *kind, *unit, *territory, *from, *to; /* territory: of who asks, or the unit, whichever may know less; days as written, both inside */
	char *below;
	const json_t *args; /* of the job */
	int64_t job;	    /* 0: none was ordered */
	int64_t from_ms, to_ms; /* to_ms: first moment behind the period */
};

/* args of the job, with its id as "job" where there is one; borrowed. E_INVALID when they are none that the core made. places and forms are borrowed. */
MUST_CHECK int extent_init(struct extent *s, const struct scope *in, const json_t *args, const struct places *places, const json_t *forms);
void extent_done(struct extent *s);
/* $unit, $below, $from, $to and $territory. */
void extent_bind(const struct extent *s, struct statement *st);
/* The same without $territory, for what knows nothing of cases; $unit and $below alone. */
void extent_bind_units(const struct extent *s, struct statement *st);
void extent_bind_scope(const struct extent *s, struct statement *st);

#endif
