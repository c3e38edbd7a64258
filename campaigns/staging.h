/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of an import on their way in. New people and members carry the import and are seen by nobody until it is done;
 * what changes of people who are there already waits in person_change. A dry run leaves fingerprints only. */
#ifndef CAUNOI_CAMPAIGNS_STAGING_H
#define CAUNOI_CAMPAIGNS_STAGING_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/base/phone.h"
#include "gateway/tick.h"

struct staging {
	int64_t import, grp; /* grp 0: a dry run into a group that is not there yet */
	bool dry;
	const char *basis;
};

/* One row, checked. NULL = the file says nothing about it. fields: a JSON object of texts. */
struct staged {
	struct phone phone;
	const uint8_t *hash; /* of the number, SEAL_HASH_BYTES */
	const char *name, *unit, *hamlet, *language, *fields;
};

enum staged_as { STAGED_ADDED, STAGED_UPDATED, STAGED_UNCHANGED, STAGED_DUPLICATE };
/* What became of a row. member: somebody more in the group. off: the number has opted out of something, and stays so. */
struct staged_fate {
	enum staged_as as;
	bool member, off;
};

#define STAGING_ROWS_MAX 256
/* Puts n rows in, at most STAGING_ROWS_MAX; what is known of all of them is asked at once and what is new written together. ret: of each. */
MUST_CHECK int staging_put(struct tick *t, const struct staging *s, const struct staged *rows, int n, struct staged_fate *ret);
/* Makes everything staged visible at once. */
MUST_CHECK int staging_mark_done(struct tick *t, int64_t import);
/* The newest person there is: those an import adds come behind. */
MUST_CHECK int staging_newest(const struct scope *in, int64_t *ret_person);

extern const struct sql_module staging_module;

#endif
