/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of states. Called by casefile.c, which moves cases, and by whoever names a state; pure. */
#include "handlers/case_state.h"

#include <string.h>

#include "gateway/base/mutant.h"

static const struct {
	const char *name, *words;
	unsigned next; /* bits of the states it may move to */
} states[CASE_STATES] = {
#define TO(s) (1u << CASE_##s)
#define OPEN_NEXT (TO(TRIAGED) | TO(NEED_INFO) | TO(VERIFYING) | TO(FORWARDED) | TO(AWAITING) | TO(ESCALATED) | TO(ANSWERED) | TO(CLOSED))
	[CASE_RECEIVED] = { "received", "da tiep nhan", OPEN_NEXT },
	[CASE_TRIAGED] = { "triaged", "da phan loai", OPEN_NEXT },
	[CASE_NEED_INFO] = { "need_info", "cho bo sung thong tin", OPEN_NEXT },
	[CASE_VERIFYING] = { "verifying", "dang xac minh", OPEN_NEXT },
	[CASE_FORWARDED] = { "forwarded", "da chuyen co quan co tham quyen", OPEN_NEXT },
	[CASE_AWAITING] = { "awaiting", "cho co quan tra loi", OPEN_NEXT },
	[CASE_ESCALATED] = { "escalated", "da kien nghi cap tren", OPEN_NEXT },
	[CASE_ANSWERED] = { "answered", "da co tra loi", TO(NOTIFIED) | TO(CLOSED) | TO(REOPENED) },
	[CASE_NOTIFIED] = { "notified", "da bao ket qua", TO(ANSWERED) | TO(CLOSED) | TO(REOPENED) },
	[CASE_CLOSED] = { "closed", "da ket thuc", TO(REOPENED) },
	[CASE_REOPENED] = { "reopened", "dang xem xet lai", OPEN_NEXT },
#undef OPEN_NEXT
#undef TO
};

const char *case_state_name(enum case_state s)
{
	return states[s].name;
}

const char *case_state_words(enum case_state s)
{
	return states[s].words;
}

int case_state_parse(const char *name, enum case_state *ret)
{
	for (int i = 0; i < CASE_STATES; i++)
		if (strcmp(name, states[i].name) == 0) {
			*ret = (enum case_state)i;
			return 0;
		}
	return E_INVALID;
}

bool case_may_move(enum case_state from, enum case_state to)
{
	return MUTANT(CASE_MOVES_ANYHOW) || (states[from].next & (1u << to)) != 0;
}
