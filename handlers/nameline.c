/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words of names. Keeps nothing, knows no hamlets. */
#include "handlers/nameline.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/fold.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"

#define NUMBER_DIGITS 5 /* from so many on digits are no hamlet but somebody's number */

static const char *const commands[] = { "dk", "dki", "dky", "dang ky", "dang ki", "d k", "dkn" };
static const char *const leads[] = { "ho va ten", "ten toi la", "toi ten la", "ten chu ho", "chu ho", "chu nha", "ho ten", "toi ten", "ten la", "toi la", "em la",
				     "ho ong",	  "ho ba",	"nha ong",    "nha ba",	    "nha em", "nha toi", "gia dinh", "ten",	"cho",	  "xin",    "toi muon" };
static const char *const place_leads[] = { "nha toi o", "nha em o", "toi o", "em o", "nha o", "o", "tai", "la", "chau o", "thuoc" };
static const char *const tails[] = { "xin cam on", "cam on", "can bo", "voi", "nhe", "nha", "nhe a", "vay", "ah", "a", "roi", "duoc khong" };

/* ---- reading ---- */

static bool is_space(uint32_t c)
{
	return c == ' ' || c == '\t' || c == '_' || c == 0xA0;
}

static bool is_mark(uint32_t c)
{
	return c == '\n' || c == '\r' || (c < 0x80 && strchr(",;:.!?/()+*\"|[]{}<>=&#@", (int)c)) || c == 0x2013 || c == 0x2014 || c == 0x2022 || c == 0xFF0C;
}

/* "thon5", "t5": what it is and its number; the length of the letters, 0 for another word. */
static size_t letters_before_number(const char *fold)
{
	static const char *const glued[] = { "thon", "ban", "xom", "to", "ap", "t" };
	size_t n = strspn(fold, "abcdefghijklmnopqrstuvwxyz"), digits = strspn(fold + n, "0123456789");
	for (size_t i = 0; i < COUNT_OF(glued) && digits && digits < 3 && !fold[n + digits]; i++)
		if (strlen(glued[i]) == n && strncmp(glued[i], fold, n) == 0)
			return n;
	return 0;
}

static int put_word(struct nameline *l, const char *raw, bool apart)
{
	struct name_word *w = &l->at[l->n];
	OWN(mem) char *folded = fold(raw);
	if (!folded)
		return E_NOMEM;
	if (!*folded || strspn(folded, "0123456789") >= NUMBER_DIGITS || l->n == NAMELINE_WORDS)
		return 0;
	size_t n = letters_before_number(folded);
	if (n && l->n + 1 < NAMELINE_WORDS) {
		*w = (struct name_word){ .apart = apart };
		snprintf(w->raw, sizeof(w->raw), "%s", n == 1 ? "thon" : "");
		if (n > 1)
			snprintf(w->raw, sizeof(w->raw), "%.*s", (int)n, folded);
		memcpy(w->fold, w->raw, sizeof(w->fold));
		l->n++;
		return put_word(l, folded + n, false);
	}
	snprintf(w->raw, sizeof(w->raw), "%s", raw);
	snprintf(w->fold, sizeof(w->fold), "%s", folded);
	w->apart = apart && l->n;
	l->n++;
	return 0;
}

int nameline_read(const char *text, struct nameline *ret)
{
	struct nameline l = { .n = 0 };
	OWN(mem) char *nfc = text_nfc(text);
	char word[NAMELINE_WORD_BYTES] = "";
	size_t n = 0;
	bool apart = false;
	int r = nfc ? 0 : E_NOMEM;
	for (const char *p = nfc; !r;) {
		const char *at = p;
		uint32_t c = text_next(&p);
		bool dash = c == '-' && (!n || is_space((uint32_t)(unsigned char)*p) || !*p), mark = c && (is_mark(c) || dash);
		if (c && !mark && !is_space(c) && c != '-') {
			size_t more = (size_t)(p - at);
			if (n + more < sizeof(word)) {
				memcpy(word + n, at, more);
				n += more;
			}
			continue;
		}
		word[n] = '\0';
		if (n)
			r = put_word(&l, word, apart);
		apart = mark || (apart && !n);
		n = 0;
		if (!c)
			break;
	}
	if (!r)
		*ret = l;
	return r;
}

/* ---- what is no name ---- */

/* Words of a folded phrase at word i of l; 0 = it is not there. */
static size_t phrase_words(const struct nameline *l, size_t i, const char *phrase)
{
	size_t words = 0;
	for (const char *p = phrase; *p; words++) {
		size_t n = strcspn(p, " ");
		if (i + words >= l->n || strlen(l->at[i + words].fold) != n || strncmp(l->at[i + words].fold, p, n) != 0)
			return 0;
		p += n;
		p += *p == ' ';
	}
	return words;
}

/* The longest of them at the front. Something is left behind it unless all is said. */
static bool strip_front(struct nameline *l, const char *const *list, size_t n, bool all)
{
	size_t most = 0;
	for (size_t i = 0; i < n; i++) {
		size_t words = phrase_words(l, l->from, list[i]);
		if (words > most && (all || l->from + words < l->n))
			most = words;
	}
	l->from += most;
	return most > 0;
}

static void strip_back(struct nameline *l)
{
	for (bool again = true; again;) {
		again = false;
		for (size_t i = 0; i < COUNT_OF(tails) && !again; i++) {
			size_t words = 1;
			for (const char *p = tails[i]; (p = strchr(p, ' ')); p++)
				words++;
			again = l->n >= l->from + words + 2 && phrase_words(l, l->n - words, tails[i]) == words;
			l->n -= again ? words : 0;
		}
	}
}

static int strip_phrases(struct nameline *l, const json_t *phrases)
{
	const json_t *phrase;
	size_t i, most = 0;
	json_array_foreach(phrases, i, phrase) {
		OWN(mem) char *folded = fold(json_is_string(phrase) ? json_string_value(phrase) : "");
		if (!folded)
			return E_NOMEM;
		size_t words = phrase_words(l, l->from, folded);
		most = words > most ? words : most;
	}
	l->from += most;
	return 0;
}

/* "hộ" leads to a name; "Hồ" is one. */
static bool marked_ho(const struct nameline *l)
{
	return l->from + 1 < l->n && strcmp(l->at[l->from].fold, "ho") == 0 && strstr(l->at[l->from].raw, "ộ");
}

int nameline_strip(struct nameline *l, const json_t *phrases)
{
	while (strip_front(l, commands, COUNT_OF(commands), true))
		;
	int r = strip_phrases(l, phrases);
	while (strip_front(l, leads, COUNT_OF(leads), true) || marked_ho(l))
		l->from += marked_ho(l);
	strip_back(l);
	return r;
}

void nameline_strip_place(struct nameline *l)
{
	while (strip_front(l, place_leads, COUNT_OF(place_leads), false))
		;
	strip_back(l);
}

/* ---- writing ---- */

bool nameline_join(const struct nameline *l, size_t from, size_t to, const char *between, char *out, size_t room)
{
	size_t n = 0;
	out[0] = '\0';
	for (size_t i = from; i < to; i++) {
		int more = snprintf(out + n, room - n, "%s%s", n ? between : "", l->at[i].fold);
		if (more < 0 || (n += (size_t)more) >= room)
			return false;
	}
	return true;
}

static bool all_capital(const char *raw)
{
	bool any = false;
	for (const char *p = raw; *p; p++) {
		any = any || isupper((unsigned char)*p);
		if (islower((unsigned char)*p))
			return false;
	}
	return any && strlen(raw) > 1;
}

/* A first letter with marks of its own stays as it was written; "đ" is common, and has its capital. */
static void title(const char *raw, char out[NAMELINE_WORD_BYTES + 1])
{
	OWN(mem) char *low = all_capital(raw) ? text_lower(raw) : NULL;
	snprintf(out, NAMELINE_WORD_BYTES + 1, "%s", low ? low : raw);
	if (strncmp(out, "đ", 2) == 0)
		memcpy(out, "Đ", 2);
	out[0] = (char)toupper((unsigned char)out[0]);
}

void nameline_title(const struct nameline *l, size_t from, size_t to, char *out, size_t room)
{
	size_t n = 0;
	out[0] = '\0';
	for (size_t i = from; i < to; i++) {
		char word[NAMELINE_WORD_BYTES + 1];
		title(l->at[i].raw, word);
		size_t more = strlen(word);
		if (n + more + 2 > room)
			return;
		n += (size_t)snprintf(out + n, room - n, "%s%s", n ? " " : "", word);
	}
}
