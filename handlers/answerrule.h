/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Does a message answer the open question, and what does it tell besides? A row of the table of parse.c, and what other rules leave to it. */
#ifndef CAUNOI_HANDLERS_ANSWERRULE_H
#define CAUNOI_HANDLERS_ANSWERRULE_H

#include "handlers/reading.h"

/* It answers; what it tells besides is sorted by its own words. */
bool answerrule_read(struct reading *r);
/* "y kien thu 2": a word that begins cases, and behind it nothing but the answer. */
bool answerrule_alone(const struct reading *r);
/* "nham, so 3": it was the answer that was wrong, not the number that we wrote to. */
bool answerrule_corrects(const struct reading *r);

#endif
