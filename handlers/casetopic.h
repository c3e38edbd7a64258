/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A person's sorting of a case, kept as a correction of what was understood: case topic; and the same act for many cases at once:
 * case bulk, which assigns, moves or sorts, and never answers. */
#ifndef CAUNOI_HANDLERS_CASETOPIC_H
#define CAUNOI_HANDLERS_CASETOPIC_H

#include "gateway/store/store.h"
#include "gateway/verb.h"

extern const struct verb_table casetopic_verbs;
extern const struct sql_module casetopic_module;

#endif
