/* SPDX-License-Identifier: GPL-3.0-or-later */
/* People behind numbers: several may share one. What an import has staged is seen by nobody until the import is done.
 * Contact shape: {"id","person","name","number","unit","groups","basis","opted_out","imported_at"}; number is null for
 * callers who may not see it. */
#ifndef CAUNOI_GATEWAY_CONTACT_H
#define CAUNOI_GATEWAY_CONTACT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "gateway/base/err.h"
#include "gateway/scope.h"
#include "gateway/territory.h"
#include "gateway/verb.h"

/* For SQL of every module that reads people or members: what is staged, or became visible after seq $seq, is hidden. */
#define CONTACT_VISIBLE(import) "(" import " IS NULL OR EXISTS (SELECT 1 FROM import i WHERE i.id = " import \
	" AND i.state = 'done' AND i.seq <= $seq))"
/* For an UPDATE of person that sets unit to what moved says: from where and when, so that what was approved before holds nobody who came by it. */
#define CONTACT_MOVES(unit)                                                                                                       \
	"unit_was = CASE WHEN coalesce(" unit ", '') <> coalesce(unit, '') THEN coalesce(unit, '') ELSE unit_was END, "               \
	"moved_seq = CASE WHEN coalesce(" unit ", '') <> coalesce(unit, '') THEN $seq ELSE moved_seq END"
#define CONTACT_SEQ_ALL INT64_MAX
/* Is person p of the territory $unit? The own unit counts, else that of whoever imported the list. */
#define CONTACT_OF_UNIT TERRITORY_HOLDS("coalesce(p.unit, (SELECT o.unit FROM import o WHERE o.id = p.import))", "$unit")

/* The shape as the caller may see it; shown: the number in any case. E_NOT_FOUND also outside the caller's territory. */
MUST_CHECK int contact_json(const struct scope *in, const struct call *c, int64_t id, bool shown, json_t **ret);
/* A page of those that the call's arguments group and number ask for. *ret_next: cursor of the next page or 0. */
MUST_CHECK int contact_page(const struct scope *in, const struct call *c, int64_t after, int64_t limit, json_t **ret, int64_t *ret_next,
			    struct refusal *why);

extern const struct verb_table contact_verbs;
extern const struct sql_module contact_module;

#endif
