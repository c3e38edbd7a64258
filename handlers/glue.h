/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A word written without its spaces ("thehethan"), tried apart into syllables in every way. Whoever asks knows what would make sense:
 * by itself a split is chance. Pure; called by pick.c for the words of options. */
#ifndef CAUNOI_HANDLERS_GLUE_H
#define CAUNOI_HANDLERS_GLUE_H

#include "handlers/words.h"

/* True with the first way apart that fits; fold in small plain letters. Words given to fits live for its call alone. */
bool glue_apart(const char *fold, bool (*fits)(const struct words *w, void *arg), void *arg);

#endif
