/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which of the defects on purpose is switched on, and their names for people. */
#ifndef CAUNOI_SIMULATION_MUTANTS_H
#define CAUNOI_SIMULATION_MUTANTS_H

#include "gateway/base/mutant.h"

/* One at a time, for every world of the process; MUTANT_NONE: the core as it is. */
void mutants_choose(enum mutant m);
const char *mutants_name(enum mutant m);
const char *mutants_text(enum mutant m);

#endif
