/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A telephone in the terminal: `ussd try` screen by screen. */
#ifndef CAUNOI_CONSOLE_TERMINAL_HANDSET_H
#define CAUNOI_CONSOLE_TERMINAL_HANDSET_H

#include "console/terminal/errand.h"

/* Is this call a walk through a menu, and not one step of it that a script makes? */
bool handset_walks(const struct arguments *said);
/* Dials, shows each screen and reads what is typed into it, a line each, until the session or the input ends. The exit code, or
 * E_UNAVAILABLE as errand_run. With --json one object a screen. */
int handset_walk(struct errand *e);

#endif
