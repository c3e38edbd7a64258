/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The menu by SMS: "MENU", or a menu's own word, opens it; each screen is a message and an open question, bound to the number for a week. */
#ifndef CAUNOI_HANDLERS_SMSMENU_H
#define CAUNOI_HANDLERS_SMSMENU_H

#include "handlers/chain.h"

/* Does the message ask for a menu? Then its first screen goes out and *ret_opened is true. */
MUST_CHECK int smsmenu_open(struct turn *turn, bool *ret_opened);
/* Is the open question a menu's screen? */
bool smsmenu_asked(const struct question *q);
/* The answer to it: the next screen, or what the menu's end does. */
MUST_CHECK int smsmenu_take(struct turn *turn);

#endif
