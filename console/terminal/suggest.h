/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The known word nearest to a mistyped one. */
#ifndef CAUNOI_CONSOLE_TERMINAL_SUGGEST_H
#define CAUNOI_CONSOLE_TERMINAL_SUGGEST_H

#define SUGGEST_CHARS_MAX 40

struct suggest {
	const char *word; /* borrowed: what was typed */
	const char *best; /* borrowed from what was offered; NULL = nothing is near */
	unsigned distance;
};

static inline struct suggest suggest_for(const char *word)
{
	return (struct suggest){ .word = word };
}
/* Keeps candidate when it is nearer than all before: at most a third of its letters away (a swap counts as one), or
 * beginning with the word. */
void suggest_offer(struct suggest *s, const char *candidate);

#endif
