/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A survey that waits for a number's answer, asked inside a menu: its questions are screens, its votes are ballot.c's. */
#ifndef CAUNOI_HANDLERS_QUIZ_H
#define CAUNOI_HANDLERS_QUIZ_H

#include "handlers/deed.h"

/* Shows the question that waits; the place's step is the menu's survey step. *ret_more false: there is none, ret is untouched. */
MUST_CHECK int quiz_show(struct tick *t, const struct deed *d, char ret[MENU_SCREEN_BYTES], bool *ret_more);
/* An input to it: kept as the vote, or *ret_read false: it answers nothing. *ret_more: another question is on the screen. */
MUST_CHECK int quiz_take(struct tick *t, const struct deed *d, const char *input, char ret[MENU_SCREEN_BYTES], bool *ret_read, bool *ret_more);

#endif
