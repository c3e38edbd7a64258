/* SPDX-License-Identifier: GPL-3.0-or-later */
/* campaign test-send: the campaign's text to one telephone, as it will look there. It counts for nothing: not for the campaign, not for the
 * person's day. Merge fields show their names: nobody's data goes to a telephone that is not theirs. */
#ifndef CAUNOI_CAMPAIGNS_TRIAL_H
#define CAUNOI_CAMPAIGNS_TRIAL_H

#include "gateway/verb.h"

#define TRIALS_A_DAY 20

extern const struct verb_table trial_verbs;

#endif
