/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two cases that are one: case merge. Every voice is kept and gets every answer; from then on one case speaks for both. */
#ifndef CAUNOI_HANDLERS_CASEMERGE_H
#define CAUNOI_HANDLERS_CASEMERGE_H

#include "gateway/store/store.h"
#include "gateway/verb.h"

extern const struct verb_table casemerge_verbs;
extern const struct sql_module casemerge_module;

#endif
