/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Long SMS: parts by sender, channel, reference, total and reference width, in any order, doubled, late or missing. Persisted as
 * inbound rows in state waiting; the joined text stands in the first row. Source: 3GPP TS 23.040 §9.2.3.24.1. */
#ifndef CAUNOI_GATEWAY_MULTIPART_H
#define CAUNOI_GATEWAY_MULTIPART_H

#include "gateway/tick.h"

struct sql_module;

#define MULTIPART_WAIT_MS (INT64_C(10) * 60000)

/* The part in row id has arrived: joins when all are there. One of a message that was handed on without it within a day is put
 * into that, and its row, which then follows the head (joined_to), goes to the handlers with the text of the whole. */
MUST_CHECK int multipart_arrived(struct tick *t, int64_t id);
/* Joins what has waited 10 minutes, with the number of missing parts. */
MUST_CHECK int multipart_give_up(struct tick *t);
/* Asks ahead for what multipart_give_up reads first. */
void multipart_ahead(struct tick *t);

extern const struct sql_module multipart_module;

#endif
