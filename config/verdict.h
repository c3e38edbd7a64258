/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a provider's answer means, by the rules of its profile: the first rule whose conditions all hold decides. Used for
 * whole answers, for the elements of a batch's answer and for look-ups. Private to config/; pure. */
#ifndef CAUNOI_CONFIG_VERDICT_H
#define CAUNOI_CONFIG_VERDICT_H

#include <regex.h>

#include "config/document.h"
#include "config/provider.h"
#include "config/reader.h"

#define VERDICT_KEYS "id", "segments", "price", "rules"

struct verdict_rule {
	int status_from, status_to; /* 0 = any */
	struct place at;
	char *equals;
	regex_t matches;
	bool has_matches;
	bool renew;		     /* the token is thrown away */
	const char *outcome, *fault; /* static names; fault may be NULL */
	struct place code, retry_after;
};
struct verdict_plan {
	enum format format;
	struct place id, segments, price;
	struct verdict_rule *rules;
	size_t n_rules;
};

/* g is the group that holds VERDICT_KEYS; each: the outcome "each" exists there. ret->format is set by the caller. */
MUST_CHECK int verdict_read(const struct reader *g, bool each, struct verdict_plan *ret);
void verdict_done(struct verdict_plan *p);
/* d NULL = the body could not be read. E_NOMEM only; *ret is empty then. */
MUST_CHECK int verdict_judge(const struct verdict_plan *p, const struct document *d, const struct received *in, struct provider_answer *ret);

/* The id of an answer that was judged: an accepted one that lacks the id which the plan names becomes unclear. E_NOMEM. */
MUST_CHECK int verdict_reference(const struct verdict_plan *p, const struct document *d, const struct received *in, struct provider_answer *a);
/* How long to wait, from now on and at most a day: seconds, a moment in Unix seconds or milliseconds (rate headers) or an HTTP date (RFC 9110
 * section 10.2.3). 0 = none of them, or past. */
int64_t verdict_wish_s(const char *text, int64_t now_s);
/* One line of visible text of at most bytes_max: what may become a reference, a code, an id. */
bool verdict_is_token(const char *text, size_t bytes_max);
#define VERDICT_ID_BYTES_MAX 255

/* In place: a telephone number in it becomes "#". Providers quote numbers where a code is asked, and everybody reads codes. */
void verdict_mask(char *text);
/* The same for what secrets holds: wrong keys are quoted too. Values that are too short for a secret (options) stay. */
void verdict_hide(char *text, const json_t *secrets);

#endif
