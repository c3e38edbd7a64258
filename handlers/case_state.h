/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The states of a case, what villagers are told of each, and which follows which: every move goes through this one table. */
#ifndef CAUNOI_HANDLERS_CASE_STATE_H
#define CAUNOI_HANDLERS_CASE_STATE_H

#include <stdbool.h>

#include "gateway/base/err.h"

enum case_state {
	CASE_RECEIVED,
	CASE_TRIAGED,
	CASE_NEED_INFO,
	CASE_VERIFYING,
	CASE_FORWARDED,
	CASE_AWAITING,
	CASE_ESCALATED,
	CASE_ANSWERED,
	CASE_NOTIFIED,
	CASE_CLOSED,
	CASE_REOPENED,
	CASE_STATES,
};
const char *case_state_name(enum case_state s);
/* E_INVALID. */
MUST_CHECK int case_state_parse(const char *name, enum case_state *ret);
/* What villagers are told, unaccented: "da tiep nhan". */
const char *case_state_words(enum case_state s);
bool case_may_move(enum case_state from, enum case_state to);

#endif
