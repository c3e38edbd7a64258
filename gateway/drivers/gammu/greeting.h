/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first words with a modem: is one there, and does it speak as the guard understands it? Called by the worker for each
 * connection and by the probe. */
#ifndef CAUNOI_DRIVERS_GAMMU_GREETING_H
#define CAUNOI_DRIVERS_GAMMU_GREETING_H

#include "gateway/base/err.h"
#include "gateway/drivers/gammu/line.h"

/* Leaves a forgotten prompt, has two answers in a row, asks for results in words, no echo and errors with numbers; a modem
 * that refuses the latter two is taken as it is. The line is healed then. E_UNAVAILABLE: nothing answers. */
MUST_CHECK int greeting_exchange(struct line *l);

#endif
