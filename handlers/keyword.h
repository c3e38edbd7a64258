/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands: a topic's name, a sign-up, a code, "PA" and nothing behind it. */
#ifndef CAUNOI_HANDLERS_KEYWORD_H
#define CAUNOI_HANDLERS_KEYWORD_H

#include "handlers/chain.h"

int keyword_handle(struct turn *turn);

#endif
