/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a person at the desk chooses from instead of typing it: topics, and who may be given a case. Queries alone. */
#ifndef CAUNOI_HANDLERS_CASECHOICE_H
#define CAUNOI_HANDLERS_CASECHOICE_H

#include "gateway/verb.h"

extern const struct verb_table casechoice_verbs;

#endif
