/* SPDX-License-Identifier: GPL-3.0-or-later */
/* case handover: which cases go to the Front's national site with a file, each once unless somebody says again. The core marks them and
 * orders the file; what stands in it is console/report/portalfile.c's. */
#ifndef CAUNOI_HANDLERS_CASEHANDOVER_H
#define CAUNOI_HANDLERS_CASEHANDOVER_H

#include "gateway/territory.h"
#include "gateway/verb.h"

struct sql_module;

#define CASEHANDOVER_KIND "handover" /* of the report that the file is */
#define CASEHANDOVER_MOST 500	     /* cases in a file */

/* SQL: the rows c of casefile that may be handed over, by $from, $to (moments of receipt), $unit, $topic, $kind, $state ("" = any) and
 * $territory. What is restricted, joined to another case or has lost its words never goes. */
#define CASEHANDOVER_FITS                                                                                                             \
	"c.received_at >= $from AND c.received_at < $to AND c.restricted = 0 AND c.merged_into IS NULL AND c.text <> ''"              \
	" AND ($topic = '' OR c.topic = $topic) AND ($kind = '' OR c.kind = $kind) AND ($state = '' OR c.state = $state) AND "       \
	TERRITORY_HOLDS("c.unit", "$unit") " AND " CASE_SEEN("c", "$territory")

extern const struct verb_table casehandover_verbs;
extern const struct sql_module casehandover_module;

#endif
