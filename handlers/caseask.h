/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must be known before a case can be answered: case ask asks the villager, case verify the hamlet. */
#ifndef CAUNOI_HANDLERS_CASEASK_H
#define CAUNOI_HANDLERS_CASEASK_H

#include "gateway/store/store.h"
#include "gateway/verb.h"

extern const struct verb_table caseask_verbs;

#endif
