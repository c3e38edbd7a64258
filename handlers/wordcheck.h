/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trying a text out, without core or database: text measure (what it costs), fold (how it is compared and sent plain),
 * classify (how it would be understood). Run in place by `caunoid --local`. */
#ifndef CAUNOI_HANDLERS_WORDCHECK_H
#define CAUNOI_HANDLERS_WORDCHECK_H

#include "gateway/verb.h"

extern const struct verb_table text_verbs;

#endif
