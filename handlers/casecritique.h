/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The basket of social critique: which draft policy a case speaks of, so that what people said of a draft stands together in reports. */
#ifndef CAUNOI_HANDLERS_CASECRITIQUE_H
#define CAUNOI_HANDLERS_CASECRITIQUE_H

#include "gateway/verb.h"

struct sql_module;

extern const struct verb_table casecritique_verbs;
extern const struct sql_module casecritique_module;

#endif
