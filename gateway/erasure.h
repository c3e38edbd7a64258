/* SPDX-License-Identifier: GPL-3.0-or-later */
/* contact forget: a person's right to be erased. What stays is the keyed hash of the number with its refusals, so that nobody who said stop
 * is written to again, and the counts of what was sent and received; names, numbers and words go. */
#ifndef CAUNOI_GATEWAY_ERASURE_H
#define CAUNOI_GATEWAY_ERASURE_H

#include "gateway/verb.h"

extern const struct verb_table erasure_verbs;
extern const struct sql_module erasure_module;

#endif
