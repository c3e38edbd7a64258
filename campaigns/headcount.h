/* SPDX-License-Identifier: GPL-3.0-or-later */
/* group count and unit count: how many people a rule means before any campaign is written for it, in all or by unit. */
#ifndef CAUNOI_CAMPAIGNS_HEADCOUNT_H
#define CAUNOI_CAMPAIGNS_HEADCOUNT_H

#include "gateway/verb.h"

extern const struct verb_table headcount_verbs;

#endif
