/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Letters that the young write for others: "fien" is "phien", "zung" is "dung", "guj" is "gui", "dug" is "dung". A token is read so
 * only where it was no word before and becomes a common one. Pure; called by scribe.c. */
#ifndef CAUNOI_HANDLERS_RESPELL_H
#define CAUNOI_HANDLERS_RESPELL_H

#include "handlers/lexicon.h"
#include "handlers/syllable.h"

/* fold: no syllable, no name. False = it becomes none either, *ret untouched. */
bool respell_read(const struct lexicon *l, const char *fold, char ret[SYLLABLE_BYTES]);

#endif
