/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of an option, said instead of its number: "the het han roi", "thehethan". Pure; called by pick.c. */
#ifndef CAUNOI_HANDLERS_LABEL_H
#define CAUNOI_HANDLERS_LABEL_H

#include "handlers/pick.h"

/* The first option whose words are said and not denied, unless a later one takes them back. */
bool label_read(const struct keywords *k, const struct words *w, const struct context *x, struct pick *ret);

#endif
