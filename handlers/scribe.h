/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Turns the tokens of a message into words: as they stand, short forms written out, keystrokes composed, glued ones apart, what the
 * young write respelt. Made by words.c for one message; words.c finds where tokens begin and end. */
#ifndef CAUNOI_HANDLERS_SCRIBE_H
#define CAUNOI_HANDLERS_SCRIBE_H

#include "gateway/base/buffer.h"
#include "handlers/words.h"

struct scribe {
	const struct abbreviations *abbreviations;
	struct words *out;
	struct buffer doubts; /* words that may be keystrokes */
	size_t room;
	enum mark before; /* of the word that comes next */
	bool keystrokes;  /* some word can be nothing else */
	bool odd;         /* some word is no Vietnamese: its encoding may have been lost */
	const char *rest; /* of the text, behind the token at hand */
	const char *unspaced; /* single letters before this place are no word together */
};

/* Behind out, abbreviations and before are set. E_NOMEM. */
MUST_CHECK int scribe_begin(struct scribe *r);
void scribe_done(struct scribe *r);
/* Adds the words of one token. E_NOMEM. */
MUST_CHECK int scribe_token(struct scribe *r, const char *text, size_t n_bytes);
/* "t u c h o i": letters that are a word together, as a word; *p moves behind them. *ret: 0 or E_NOMEM. False = they are none. */
bool scribe_spaced(struct scribe *r, const char *from, const char **p, int *ret);
/* Behind the last token: beside keystrokes that are sure, doubtful ones are keystrokes too. E_NOMEM. */
MUST_CHECK int scribe_settle(struct scribe *r);

#endif
