/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The numbers in a case's texts, for whoever handles it: case reveal. With a reason, so many a day, each in the audit and in the
 * timeline. */
#ifndef CAUNOI_HANDLERS_CASEREVEAL_H
#define CAUNOI_HANDLERS_CASEREVEAL_H

#include "gateway/store/store.h"
#include "gateway/verb.h"

#define CASE_REVEALS_A_DAY 20

extern const struct verb_table casereveal_verbs;
extern const struct sql_module casereveal_module;

#endif
