/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is wrong with a campaign's text before anybody gets it. Severity "stop" blocks the submission, "warn" is shown.
 * Rules: Decree 91/2020/NĐ-CP Art. 13–16 (label, opt-out), data protection (identity numbers), cost. */
#ifndef CAUNOI_CAMPAIGNS_LINT_H
#define CAUNOI_CAMPAIGNS_LINT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "gateway/base/err.h"
#include "gateway/base/zone.h"
#include "gateway/message.h"

struct lint_question {
	enum message_class class;
	const char *text;           /* with its merge fields */
	const char *longest;        /* longest merged text, NULL = none known */
	bool identity_in_values;    /* some merged text had an identity number */
	const json_t *missing;      /* {key: people without a value}; NULL = none */
	int64_t looked_at;          /* people whose values were looked at */
	int64_t refused_units;      /* characters of the longest text that the route does not take; 0 = it takes all */
	int64_t refused_most;       /* and the most it takes; 0 = it takes plain letters only */
	bool dnc_stale;             /* an advert without a fresh Do-Not-Call list */
	bool expired_fact;          /* a dated fact does not hold when it leaves */
	int64_t segments;           /* of all texts together */
	int64_t daily_segments;     /* what the routes may send a day; 0 = as much as is wanted */
	const struct zone *zone;
	int64_t start_at;           /* 0 = when started */
	int quiet_from_min, quiet_to_min;
};

/* [{"rule","severity","text"}], stops first; the caller's. E_NOMEM. Rules: "optout", "bad_field", "missing_value",
 * "expired_fact", "identity_number", "label", "route_limit" stop; "missing_value" (some people), "short_link", "ucs2", "long", "quiet_hours",
 * "quota", "optout_at_end", "dnc_stale" warn. */
MUST_CHECK int lint_text(const struct lint_question *q, json_t **ret);
/* The first stop of such a list, or NULL; borrowed. */
const json_t *lint_stop(const json_t *list);
/* Nine or twelve digits in a row or in groups ("0123 4567 8901"; no sum of money), in any script and spelling of digits. */
bool lint_has_identity(const char *text);
/* "TC" as a word of its own. */
bool lint_has_optout(const char *text);

#endif
