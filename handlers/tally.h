/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What came of a survey: counts a question, with few people hidden. Reads only; also the verbs of the nouns survey and dialogue. */
#ifndef CAUNOI_HANDLERS_TALLY_H
#define CAUNOI_HANDLERS_TALLY_H

#include <jansson.h>

#include "gateway/scope.h"
#include "gateway/verb.h"

struct sql_module;

/* {"survey","campaign","name","title","anonymous","reached","voters","questions":[{"step","text","kind","n","rate","options":[{"value",
 * "label","count"}],"hidden"}]}: rate in per cent of those reached; n and counts null where hidden. E_NOT_FOUND. */
MUST_CHECK int tally_json(const struct scope *in, int64_t survey, json_t **ret);

extern const struct verb_table tally_verbs;
extern const struct sql_module tally_module;

#endif
