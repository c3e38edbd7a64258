/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long libgammu rests. The library sleeps fixed times around each command, whatever the modem does; the program
 * defines the sleep functions that it calls, and while a thread has a line here they wait for that line instead. Every
 * other thread sleeps as ever. */
#ifndef CAUNOI_DRIVERS_GAMMU_PACE_H
#define CAUNOI_DRIVERS_GAMMU_PACE_H

#include "gateway/drivers/gammu/line.h"

/* From now on this thread's usleep and sleep end as soon as the line has something for the library. NULL: they sleep
 * their time again, for modems that need the slow manner. line is borrowed until then. */
void pace_follow(struct line *line_or_null);

#endif
