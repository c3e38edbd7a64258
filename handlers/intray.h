/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every message that arrived and what became of it: inbox list, inbox show; and the rows of the verbs that correct it. Reads only. */
#ifndef CAUNOI_HANDLERS_INTRAY_H
#define CAUNOI_HANDLERS_INTRAY_H

#include "gateway/store/store.h"
#include "gateway/territory.h"
#include "gateway/verb.h"

/* In a query over inbound i and its casefile c: what $territory may see. Messages without a case have no place of their own: they
 * are everybody's who may read the inbox at all. */
#define INTRAY_SEEN "(c.id IS NULL OR " CASE_SEEN("c", "$territory") ")"

/* One message in the contract's shape, for a caller of this territory. E_NOT_FOUND. */
MUST_CHECK int intray_one(const struct scope *in, int64_t id, const char *territory, json_t **ret);

extern const struct verb_table inbox_verbs;
extern const struct sql_module intray_module;

#endif
