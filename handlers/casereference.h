/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the Front's national site calls a case that was handed over: read back one by one or as a list, shown with the case. */
#ifndef CAUNOI_HANDLERS_CASEREFERENCE_H
#define CAUNOI_HANDLERS_CASEREFERENCE_H

#include "gateway/verb.h"

struct sql_module;

extern const struct verb_table casereference_verbs;
extern const struct sql_module casereference_module;

#endif
