/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keystrokes of a Vietnamese keyboard that were never composed: Telex ("dduowcj"), VNI ("d9u7o7c5"). A token is read so only
 * where the whole of it becomes a syllable and it was none before. Pure; called by words.c. */
#ifndef CAUNOI_HANDLERS_KEYSTROKE_H
#define CAUNOI_HANDLERS_KEYSTROKE_H

#include "handlers/syllable.h"

enum keystroke {
	KEYSTROKE_NONE,
	KEYSTROKE_DOUBTFUL, /* also a loan word ("coong", "xoong"): to be read so only beside others */
	KEYSTROKE_SURE,
};

/* token: lower case, or a key whose marks were composed in part ("Duowcj"). *ret is a key, without any mark where those that
 * were typed do not suffice ("duowc"); untouched for KEYSTROKE_NONE. */
enum keystroke keystroke_read(const char *token, char ret[SYLLABLE_BYTES]);

#endif
