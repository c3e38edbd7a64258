/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rule for codes: XEM and NHAC with one, a code alone, a code and more words. A rule of parse.c: true when it fired. */
#ifndef CAUNOI_HANDLERS_CODERULE_H
#define CAUNOI_HANDLERS_CODERULE_H

#include "handlers/reading.h"

bool coderule_read(struct reading *r);
/* Digits that look like a mistyped code, when nothing else was understood. */
bool coderule_mistyped(struct reading *r);

#endif
