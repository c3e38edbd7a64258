/* SPDX-License-Identifier: GPL-3.0-or-later */
/* XEM and NHAC: the stage of a case to whoever has its code, more only to the number that wrote; a reminder counts as pressure. */
#ifndef CAUNOI_HANDLERS_STATUS_H
#define CAUNOI_HANDLERS_STATUS_H

#include "handlers/chain.h"

int status_tell(struct turn *turn);
int status_nudge(struct turn *turn);

#endif
