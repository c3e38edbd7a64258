/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One person written by hand: contact add and contact set. Lists come by imports; what both write means the same. */
#ifndef CAUNOI_GATEWAY_PERSON_H
#define CAUNOI_GATEWAY_PERSON_H

#include "gateway/verb.h"

extern const struct verb_table person_verbs;
extern const struct sql_module person_module;

#endif
