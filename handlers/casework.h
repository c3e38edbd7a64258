/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Work on a case beside answering it: case forward, note, close. Nothing of it goes to the villager by itself. */
#ifndef CAUNOI_HANDLERS_CASEWORK_H
#define CAUNOI_HANDLERS_CASEWORK_H

#include "gateway/store/store.h"
#include "gateway/verb.h"

extern const struct verb_table casework_verbs;
extern const struct sql_module casework_module;

#endif
