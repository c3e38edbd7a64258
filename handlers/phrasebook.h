/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers to begin with, by topic and state: the file topics/phrasebook.conf, checked when the words are loaded, offered by case
 * templates. A person reads and finishes what is sent. */
#ifndef CAUNOI_HANDLERS_PHRASEBOOK_H
#define CAUNOI_HANDLERS_PHRASEBOOK_H

#include <jansson.h>

#include "gateway/base/complaint.h"
#include "gateway/verb.h"

struct keywords;
struct shelf;

/* E_CONFIG with *c filled: a name that stands twice, an unknown topic or state, letters that make an SMS dear, more than two of them, a
 * number that names somebody. No file: an empty list. *ret is the caller's. */
MUST_CHECK int phrasebook_load(const struct shelf *shelf, const struct keywords *k, json_t **ret, struct complaint *c);

extern const struct verb_table phrasebook_verbs;

#endif
