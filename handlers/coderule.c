/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which messages are about a code. One whose check digit is wrong never reaches the database; behind "PA" and with more words
 * it is a number in a story. */
#include "handlers/coderule.h"

#include <stdio.h>
#include <string.h>

#include "handlers/casecode.h"
#include "handlers/pick.h"

#define ASKING_WORDS_MAX 8 /* a longer text behind a code tells something */

static void keep(struct reading *r, enum command command, const struct casecode *c)
{
	r->out->command = command;
	r->out->code_valid = c->valid;
	snprintf(r->out->code, sizeof(r->out->code), "%s", c->digits);
}

static bool status(struct reading *r, enum command command, const struct casecode *c, const char *text)
{
	keep(r, command, c);
	return reading_decide(r, KIND_KEYWORD, 1, "%s%s", text, *c->digits && !c->valid ? ", check digit wrong" : "");
}

/* "xme 482918": one word and a code, and nothing else; the check digit says that it is one. */
static bool behind_a_word(struct reading *r)
{
	struct casecode c;
	size_t code = r->core.from + 1;
	return r->core.to > code && !r->w->at[r->core.from].number && casecode_read(r->w, code, &c) && c.valid && c.to == r->core.to &&
	       status(r, COMMAND_STATUS, &c, "a code behind a word");
}

/* Nothing behind word from but polite words. */
static bool ends_at(const struct reading *r, size_t from)
{
	return from >= pick_strip(r->w, NULL, &r->k->lists[LIST_TAIL]).to || from == r->w->n;
}

/* "… toi dau roi": what follows asks how far it is. Behind digits that are no code it must ask just that. */
static bool asks_behind(const struct reading *r, size_t from, bool valid)
{
	struct span s = { 0 };
	if (r->w->n - from > ASKING_WORDS_MAX)
		return false;
	if (patterns_find(&r->k->lists[LIST_STATUS_BEHIND], r->w, from, &s) && (valid || s.from == from))
		return true;
	return valid && (r->asks || patterns_find(&r->k->lists[LIST_QUESTION], r->w, from, NULL));
}

/* "xem482918" as its two words: the letters, and the rest of the first word with all that follows. */
static bool glued(const struct patterns *list, const struct words *w, struct casecode *ret)
{
	char letters[8];
	size_t n = w->n == 1 ? strspn(w->at[0].raw, "abcdefghijklmnopqrstuvwxyz") : 0, to = 0;
	if (!n || n >= sizeof(letters) || !w->at[0].raw[n])
		return false;
	snprintf(letters, sizeof(letters), "%.*s", (int)n, w->at[0].raw);
	struct word first = { .fold = letters, .key = letters, .raw = letters, .hash = word_hash(letters) }, rest = w->at[0];
	rest.raw += n;
	return patterns_at(list, &(struct words){ .at = &first, .n = 1 }, 0, &to) && casecode_read(&(struct words){ .at = &rest, .n = 1 }, 0, ret);
}

static bool prefixed(struct reading *r, enum list list, enum command command, const char *text)
{
	const struct patterns *prefixes = &r->k->lists[list];
	struct casecode c = { .valid = false };
	size_t to = 0;
	if (patterns_whole(prefixes, r->w, r->core))
		return status(r, command, &c, "status, no code");
	if (glued(prefixes, r->w, &c))
		return status(r, command, &c, text);
	if (!patterns_at(prefixes, r->w, r->core.from, &to) || !casecode_read(r->w, to, &c))
		return false;
	return (c.valid || c.named || ends_at(r, c.to)) && status(r, command, &c, text);
}

static bool alone(struct reading *r)
{
	struct casecode c;
	if (!casecode_read(r->w, r->core.from, &c) || (!c.named && r->x->question == QUESTION_NUMBER))
		return false;
	bool ends = ends_at(r, c.to);
	if (ends && (c.valid || (c.named && strlen(c.digits) >= CASECODE_DIGITS_MIN)))
		return status(r, COMMAND_STATUS, &c, c.named ? "a code" : "a bare code");
	if (!ends && asks_behind(r, c.to, c.valid))
		return status(r, COMMAND_STATUS, &c, "a code and a question");
	if (!ends && c.valid && c.named)
		keep(r, COMMAND_CASE, &c); /* more about that case; the words decide what it is */
	return false;
}

bool coderule_read(struct reading *r)
{
	return prefixed(r, LIST_STATUS_PREFIX, COMMAND_STATUS, "status of a code") ||
	       prefixed(r, LIST_NUDGE_PREFIX, COMMAND_NUDGE, "reminder") || alone(r) || behind_a_word(r);
}

bool coderule_mistyped(struct reading *r)
{
	struct casecode c;
	if (!casecode_read(r->w, r->core.from, &c) || c.to < r->core.to || strlen(c.digits) < CASECODE_DIGITS_MIN)
		return false;
	keep(r, COMMAND_STATUS, &c);
	return reading_decide(r, KIND_UNKNOWN, 0.5, "perhaps a code, check digit wrong");
}
