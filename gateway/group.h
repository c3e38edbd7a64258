/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Named lists of people. A list's version grows whenever its members or their data change, so that an approval can be
 * bound to it without reading everybody. Group shape: {"id","name","members","created_at"}. */
#ifndef CAUNOI_GATEWAY_GROUP_H
#define CAUNOI_GATEWAY_GROUP_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/base/err.h"
#include "gateway/scope.h"
#include "gateway/tick.h"
#include "gateway/verb.h"

#define GROUP_NAME_BYTES_MAX 200

struct group {
	int64_t id;
	int64_t members; /* people in it, staged ones not counted */
	int64_t version;
};

/* By name, however it is spelled (accents, case). E_NOT_FOUND. */
MUST_CHECK int group_find(const struct scope *in, const char *name, struct group *ret);
/* As group_find; E_DENIED when it does not belong to the territory unit (NULL or "" = everything). */
MUST_CHECK int group_find_own(const struct scope *in, const char *name, const char *unit, struct group *ret);
/* That as a refusal (403, rule "territory") of an argument. */
int group_refuse_stranger(struct refusal *why, const char *field);
/* Finds it or makes it; E_INVALID when nothing of the name is left after folding, E_DENIED when it is another unit's. */
MUST_CHECK int group_put(struct tick *t, const char *name, const char *unit, struct group *ret, bool *ret_new);
/* So many people more, and one version more. */
MUST_CHECK int group_grown(struct tick *t, int64_t id, int64_t members);
/* Removes it when nobody was ever in it. */
MUST_CHECK int group_drop_unused(struct tick *t, int64_t id);

extern const struct verb_table group_verbs;
extern const struct sql_module group_module;

#endif
