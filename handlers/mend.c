/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cheapest way through a token: words that many phrases name cost least, syllables that none names most, and so do letters
 * that are passed over because they repeat. Keeps nothing, does no I/O. */
#include "handlers/mend.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "gateway/base/fold.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"
#include "handlers/lexicon.h"

#define RAW_MAX 12	   /* letters of a word, those that repeat included */
#define COST_WORD 10	   /* of a word that one phrase names; less for each doubling, down to 4 */
#define COST_OTHER 12	   /* of a short form, or a word that is no syllable: "bhyt" */
#define COST_UNKNOWN 20	   /* of a syllable that no phrase names */
#define COST_REPEATED 3	   /* of each letter passed over */
#define COST_VOWEL 2	   /* of a word that begins with a vowel behind a consonant: "da nang", not "dan ang" */
#define SWAP_LETTERS_MIN 4   /* shorter words become others too easily */
#define SWAP_USES_MIN 8	   /* phrases that name what the word becomes: a common one */
#define GLUED_LETTERS_MIN 6 /* shorter ones fall into syllables by chance: "into", "today" */

/* A token's letters: folds, and what was written. */
struct letters {
	char fold[MEND_LETTERS + 1];
	uint32_t code[MEND_LETTERS];
	size_t n;
};

enum worth { WORTH_WORD, WORTH_OTHER, WORTH_UNKNOWN };

/* How a word that ends at a place came about. */
struct way {
	int cost;
	size_t from, n_repeated;
	enum worth worth;
	struct mend_piece piece;
};

static bool is_vowel(char c)
{
	return strchr("aeiouy", c) != NULL;
}

static bool read_letters(const char *token, size_t n_bytes, struct letters *ret)
{
	ret->n = 0;
	for (const char *p = token; p < token + n_bytes;) {
		char one[8];
		const char *from = p;
		uint32_t code = text_next(&p);
		if (ret->n == MEND_LETTERS || fold_word(from, (size_t)(p - from), one, sizeof(one)) != 1 || one[0] < 'a' || one[0] > 'z')
			return false;
		ret->code[ret->n] = code;
		ret->fold[ret->n++] = one[0];
	}
	ret->fold[ret->n] = '\0';
	return ret->n > 2;
}

/* Letters [from, to) as one word, of each run of a letter at most so many: how many were passed over, -1 = it is too long. */
static int spell(const struct letters *l, size_t from, size_t to, size_t most, struct mend_piece *ret)
{
	char text[SYLLABLE_BYTES * 4];
	size_t n = 0, n_bytes = 0, run = 0;
	int repeated = 0;
	ret->marked = false;
	for (size_t i = from; i < to; i++) {
		bool again = n && ret->fold[n - 1] == l->fold[i] && (l->code[i] < 0x80 || l->code[i] == l->code[i - 1]);
		run = again ? run + 1 : 1;
		if (run > most) {
			repeated++;
			continue;
		}
		if (n + 2 > SYLLABLE_BYTES)
			return -1;
		ret->fold[n++] = l->fold[i];
		ret->marked = ret->marked || l->code[i] > 0x7F;
		n_bytes += text_put(text + n_bytes, l->code[i]);
	}
	ret->fold[n] = '\0';
	memcpy(ret->key, ret->fold, n + 1);
	if (ret->marked && (!syllable_key(text, n_bytes, ret->key) || syllable_check(ret->key) == SYLLABLE_NONE))
		return -1;
	return repeated;
}

static int cost_of_uses(uint32_t uses)
{
	int less = 31 - __builtin_clz(uses);
	return COST_WORD - (less < 6 ? less : 6);
}

/* What the word is worth; false = it is none. */
static bool judge(const struct abbreviations *a, size_t n_repeated, struct way *w)
{
	struct mend_piece *p = &w->piece;
	size_t n = strlen(p->fold);
	uint32_t uses = lexicon_uses(a->lexicon, p->fold);
	p->full = p->marked ? NULL : abbreviations_full(a, p->fold);
	if (n < 2 && (w->from || !p->full))
		return false; /* "knhantin" is "k nhan tin"; else a letter by itself is none */
	if (syllable_native(p->fold)) {
		p->full = NULL;
		w->worth = uses ? WORTH_WORD : WORTH_UNKNOWN;
		w->cost = uses ? cost_of_uses(uses) : COST_UNKNOWN;
		return uses || n > 2;
	}
	w->worth = WORTH_OTHER;
	w->cost = COST_OTHER;
	/* one letter too many in a command is asked about, not guessed */
	return p->full || (uses && n_repeated != 1);
}

static int cost_of_joint(char behind, char before)
{
	if (behind == before && is_vowel(before))
		return COST_REPEATED;
	return is_vowel(before) && !is_vowel(behind) ? COST_VOWEL : 0;
}

static bool repeats(const struct letters *l, size_t from, size_t to)
{
	for (size_t i = from + 1; i < to; i++)
		if (l->fold[i] == l->fold[i - 1])
			return true;
	return false;
}

/* Letters [from, to), behind the way that ends at from. */
static void try_word(const struct abbreviations *a, const struct letters *l, struct way *ways, size_t from, size_t to)
{
	static const size_t runs[] = { RAW_MAX, 2, 1 };
	size_t n_runs = repeats(l, from, to) ? COUNT_OF(runs) : 1;
	for (size_t i = 0; i < n_runs; i++) {
		struct way w = { .from = from };
		int repeated = spell(l, from, to, runs[i], &w.piece);
		if (repeated < 0 || (i && !repeated) || !judge(a, (size_t)repeated, &w))
			continue;
		w.n_repeated = (size_t)repeated;
		w.cost += ways[from].cost + repeated * COST_REPEATED;
		w.cost += from ? cost_of_joint(l->fold[from - 1], l->fold[from]) : 0;
		if (w.cost < ways[to].cost)
			ways[to] = w;
	}
}

/* Is it more than chance that the token comes apart so? */
static bool believable(const struct letters *l, const struct way *ways)
{
	size_t n = 0, unknown = 0, others = 0, repeated = 0;
	for (size_t at = l->n; at; at = ways[at].from) {
		n++;
		unknown += ways[at].worth == WORTH_UNKNOWN ? strlen(ways[at].piece.fold) : 0;
		others += ways[at].worth == WORTH_OTHER;
		repeated += ways[at].n_repeated;
	}
	if (n > MEND_PIECES)
		return false;
	if (n == 1)
		return repeated > 0;
	return l->n - repeated + (others > 0) >= GLUED_LETTERS_MIN && unknown * 3 <= l->n;
}

bool mend_read(const struct abbreviations *a, const char *token, size_t n_bytes, struct mended *ret)
{
	struct letters l;
	struct way ways[MEND_LETTERS + 1]; /* each is written before it is read */
	if (!a->lexicon || !read_letters(token, n_bytes, &l))
		return false;
	ways[0] = (struct way){ .cost = 0 };
	for (size_t to = 1; to <= l.n; to++) {
		ways[to].cost = INT_MAX;
		for (size_t from = to > RAW_MAX ? to - RAW_MAX : 0; from < to; from++)
			if (ways[from].cost < INT_MAX)
				try_word(a, &l, ways, from, to);
	}
	if (ways[l.n].cost == INT_MAX || !believable(&l, ways))
		return false;
	size_t n = 0;
	for (size_t at = l.n; at; at = ways[at].from)
		n++;
	ret->n = n;
	for (size_t at = l.n; at; at = ways[at].from)
		ret->at[--n] = ways[at].piece;
	return true;
}

bool mend_swapped(const struct abbreviations *a, const char *fold, char ret[SYLLABLE_BYTES])
{
	size_t n = strlen(fold);
	uint32_t most = SWAP_USES_MIN - 1;
	if (n < SWAP_LETTERS_MIN || n >= SYLLABLE_BYTES)
		return false;
	for (size_t i = 0; i + 1 < n; i++) {
		char text[SYLLABLE_BYTES];
		memcpy(text, fold, n + 1);
		text[i] = fold[i + 1];
		text[i + 1] = fold[i];
		uint32_t uses = syllable_native(text) ? lexicon_uses(a->lexicon, text) : 0;
		if (uses <= most)
			continue;
		most = uses;
		memcpy(ret, text, n + 1);
	}
	return most >= SWAP_USES_MIN;
}
