/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every message that arrived and what became of it: inbox list, inbox show. Reads only. */
#ifndef CAUNOI_HANDLERS_INTRAY_H
#define CAUNOI_HANDLERS_INTRAY_H

#include "gateway/store/store.h"
#include "gateway/verb.h"

extern const struct verb_table inbox_verbs;
extern const struct sql_module intray_module;

#endif
