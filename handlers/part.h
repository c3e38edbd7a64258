/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Long messages that came without one of their parts: asked for once, and the late part put into the case that was opened
 * without it. Which parts belong together is gateway/multipart.c's; called by the chain. */
#ifndef CAUNOI_HANDLERS_PART_H
#define CAUNOI_HANDLERS_PART_H

#include "handlers/chain.h"

/* Asks for what is missing, within the limits of automatic answers; what comes then joins the case. */
MUST_CHECK int part_ask(struct turn *turn);
/* Is the open question the one that part_ask puts? */
bool part_asked(const struct turn *turn);
/* A late part: completes the case of the message it belongs to. *ret_merged false: there is no case, the whole is a new message. */
MUST_CHECK int part_merge(struct turn *turn, bool *ret_merged);

extern const struct sql_module part_module;

#endif
