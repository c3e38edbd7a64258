/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verbs that the terminal answers alone, as rows like all others, so that help, registry and reference list them. */
#ifndef CAUNOI_CONSOLE_TERMINAL_BUILTIN_H
#define CAUNOI_CONSOLE_TERMINAL_BUILTIN_H

#include "gateway/verb.h"

extern const struct verb_table builtin_verbs;

#endif
