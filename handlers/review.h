/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reviewer's side of a case: case list, show, reply. An answer goes out by SMS to the person, with the case's code. */
#ifndef CAUNOI_HANDLERS_REVIEW_H
#define CAUNOI_HANDLERS_REVIEW_H

#include "gateway/store/store.h"
#include "gateway/verb.h"

extern const char *const review_states[]; /* what a list of cases may be narrowed to; NULL-terminated */
extern const struct sql_module review_module;
extern const struct verb_table case_verbs;

#endif
