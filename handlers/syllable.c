/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The syllable grammar: an initial, a rhyme, a tone, and which of them meet. Called for every word of every message, so a rhyme
 * is compared as one number of eight bytes. Tables only; keeps nothing, does no I/O. */
#include "handlers/syllable.h"

#include <string.h>

#include "gateway/base/own.h"
#include "gateway/base/text.h"
#include "handlers/letter.h"

#define RHYME_BYTES 8 /* the longest has four letters */

/* Rhymes as keys spell them, by their first letter: ă and â are W and A, ê E, ô O, ơ Q, ư U. */
static const char marked_W[][RHYME_BYTES] = { "Wc", "Wm", "Wn", "Wng", "Wp", "Wt" };
static const char marked_A[][RHYME_BYTES] = { "Ac", "Am", "An", "Ang", "Ap", "At", "Au", "Ay" };
static const char marked_e[][RHYME_BYTES] = { "e", "ec", "em", "en", "eng", "eo", "ep", "et" };
static const char marked_E[][RHYME_BYTES] = { "E", "Ech", "Em", "En", "Enh", "Ep", "Et", "Eu" };
static const char marked_i[][RHYME_BYTES] = { "i",  "ia",  "ich", "iEc", "iEm", "iEn", "iEng", "iEp",
					      "iEt", "iEu", "im",  "in",	 "inh", "ip",  "it",   "iu" };
static const char marked_o[][RHYME_BYTES] = { "o",   "oa",  "oac", "oach", "oai", "oam", "oan", "oang", "oanh", "oao", "oap", "oat", "oay", "oWc",
					      "oWm", "oWn", "oWng", "oWt", "oc",  "oe",  "oen", "oeo",  "oet",  "oi",  "om",  "on",  "ong", "op", "ot" };
static const char marked_O[][RHYME_BYTES] = { "O", "Oc", "Oi", "Om", "On", "Ong", "Op", "Ot" };
static const char marked_Q[][RHYME_BYTES] = { "Q", "Qi", "Qm", "Qn", "Qp", "Qt" };
static const char marked_u[][RHYME_BYTES] = { "u",   "ua",  "uAn", "uAng", "uAt", "uAy", "uc", "uE", "uEch", "uEnh", "ui",   "um",   "un",	 "ung", "uOc", "uOi", "uOm",
					      "uOn", "uOng", "uOt", "up",   "uQ",  "ut",	 "uy", "uya", "uych", "uyEn", "uyEt", "uynh", "uyt", "uyu" };
static const char marked_U[][RHYME_BYTES] = { "U",   "Ua",  "Uc",   "Ui",  "Um",	 "Un", "Ung", "UQc", "UQi",
					      "UQm", "UQn", "UQng", "UQp", "UQt", "UQu", "Ut", "Uu" };
static const char marked_y[][RHYME_BYTES] = { "y", "yEm", "yEn", "yEng", "yEt", "yEu" };
/* The same without marks: what a plain message may hold. */
static const char plain_a[][RHYME_BYTES] = { "a", "ac", "ach", "ai", "am", "an", "ang", "anh", "ao", "ap", "at", "au", "ay" };
static const char plain_e[][RHYME_BYTES] = { "e", "ec", "ech", "em", "en", "eng", "enh", "eo", "ep", "et", "eu" };
static const char plain_i[][RHYME_BYTES] = { "i",  "ia",  "ich", "iec", "iem", "ien", "ieng", "iep",
					     "iet", "ieu", "im",  "in",  "inh", "ip",  "it",   "iu" };
static const char plain_o[][RHYME_BYTES] = { "o",  "oa",  "oac", "oach", "oai", "oam", "oan", "oang", "oanh", "oao", "oap", "oat", "oay",
					     "oc", "oe", "oen", "oeo",  "oet", "oi",  "om",  "on",   "ong",  "op",  "ot" };
static const char plain_u[][RHYME_BYTES] = { "u",   "ua",  "uan", "uang", "uat", "uay", "uc",  "ue",  "uech", "uenh", "ui",  "um",
					     "un",  "ung", "uo",  "uoc",  "uoi", "uom", "uon", "uong", "uop", "uot",  "uou", "up",
					     "ut",  "uu",  "uy",  "uya",  "uych", "uyen", "uyet", "uynh", "uyt", "uyu" };
static const char plain_y[][RHYME_BYTES] = { "y", "yem", "yen", "yeng", "yet", "yeu" };
/* "qu" hides the glide, so rhymes stand behind it that stand nowhere else: quỳnh, quýt, quých. */
static const char behind_qu[][RHYME_BYTES] = { "ych", "ynh", "yt", "yu" };
static const char loans[][RHYME_BYTES] = { "oong", "ooc" };

static bool among(const char (*list)[RHYME_BYTES], size_t n, const char *rhyme, size_t n_bytes)
{
	uint64_t wanted = 0, one;
	if (n_bytes >= RHYME_BYTES)
		return false;
	memcpy(&wanted, rhyme, n_bytes);
	for (size_t i = 0; i < n; i++) {
		memcpy(&one, list[i], sizeof(one));
		if (one == wanted)
			return true;
	}
	return false;
}
#define AMONG(list, rhyme, n_bytes) among(list, COUNT_OF(list), rhyme, n_bytes)

static bool is_plain_rhyme(const char *rhyme, size_t n)
{
	switch (*rhyme) {
	case 'a': return AMONG(plain_a, rhyme, n);
	case 'e': return AMONG(plain_e, rhyme, n);
	case 'i': return AMONG(plain_i, rhyme, n);
	case 'o': return AMONG(plain_o, rhyme, n);
	case 'u': return AMONG(plain_u, rhyme, n);
	case 'y': return AMONG(plain_y, rhyme, n);
	default: return false;
	}
}

/* Letters of the initial; -1 when no syllable begins so. */
static int initial(const char *s)
{
	switch (s[0]) {
	case 'n': return s[1] == 'g' ? (s[2] == 'h' ? 3 : 2) : s[1] == 'h' ? 2 : 1;
	case 'c':
	case 'g':
	case 'k': return s[1] == 'h' ? 2 : 1;
	case 't': return s[1] == 'h' || s[1] == 'r' ? 2 : 1;
	case 'p': return s[1] == 'h' ? 2 : 1;
	case 'q': return s[1] == 'u' ? 2 : -1;
	case 'b': case 'D': case 'd': case 'h': case 'l': case 'm': case 'r': case 's': case 'v': case 'x': return 1;
	case 'f': case 'j': case 'w': case 'z': return -1;
	default: return 0;
	}
}

/* k gh ngh stand before e ê i y only, c g ng before the others: that is what tells "ko" and "ka" from words. */
static bool meet(const char *s, int n_initial, const char *rhyme)
{
	bool front = strchr("eEiy", *rhyme) != NULL;
	if (s[0] == 'k' && n_initial == 1)
		return front;
	if (n_initial > 1 && s[0] != 'q' && s[n_initial - 2] == 'g' && s[n_initial - 1] == 'h')
		return front;
	return !(s[0] == 'c' && n_initial == 1 && front);
}

static bool is_loan(const char *s, int n_initial, size_t n)
{
	return n_initial <= 2 && strncmp(s, "kh", 2) && strncmp(s, "th", 2) && strncmp(s, "tr", 2) && strncmp(s, "ph", 2) &&
	       strncmp(s, "nh", 2) && !strchr("khrs", s[0]) && AMONG(loans, s + n_initial, n - (size_t)n_initial);
}

/* An initial and a rhyme, which `known` looks up. "gi" is an initial of its own or g before i: gì, giêng. */
static bool is_built(const char *s, size_t n, bool (*known)(const char *rhyme, size_t n))
{
	int k = initial(s);
	if (k < 0 || (size_t)k >= n)
		return false;
	if (s[0] == 'g' && s[1] == 'i' && n > 2 && known(s + 2, n - 2))
		return true;
	if (s[0] == 'q' && AMONG(behind_qu, s + k, n - (size_t)k))
		return true;
	return meet(s, k, s + k) && known(s + k, n - (size_t)k);
}

static bool is_marked_rhyme(const char *rhyme, size_t n)
{
	switch (*rhyme) {
	case 'a': return AMONG(plain_a, rhyme, n);
	case 'W': return AMONG(marked_W, rhyme, n);
	case 'A': return AMONG(marked_A, rhyme, n);
	case 'e': return AMONG(marked_e, rhyme, n);
	case 'E': return AMONG(marked_E, rhyme, n);
	case 'i': return AMONG(marked_i, rhyme, n);
	case 'o': return AMONG(marked_o, rhyme, n);
	case 'O': return AMONG(marked_O, rhyme, n);
	case 'Q': return AMONG(marked_Q, rhyme, n);
	case 'u': return AMONG(marked_u, rhyme, n);
	case 'U': return AMONG(marked_U, rhyme, n);
	case 'y': return AMONG(marked_y, rhyme, n);
	default: return false;
	}
}

bool syllable_native(const char *fold)
{
	return is_built(fold, strlen(fold), is_plain_rhyme);
}

bool syllable_valid(const char *fold)
{
	int k = initial(fold);
	return syllable_native(fold) || (k >= 0 && is_loan(fold, k, strlen(fold)));
}

enum syllable syllable_check(const char *key)
{
	size_t n = strlen(key);
	char tone = '0';
	if (n && key[n - 1] >= '1' && key[n - 1] <= '5')
		tone = key[--n];
	if (!n)
		return SYLLABLE_NONE;
	int k = initial(key);
	char last = key[n - 1], before = n > 1 ? key[n - 2] : '\0';
	bool stopped = last == 'p' || last == 't' || last == 'c' || (last == 'h' && before == 'c');
	if (stopped && tone != '0' && tone != '1' && tone != '5')
		return SYLLABLE_NONE;
	if (!is_built(key, n, is_marked_rhyme))
		return k >= 0 && is_loan(key, k, n) ? SYLLABLE_LOAN : SYLLABLE_NONE;
	return stopped && tone == '0' ? SYLLABLE_TONELESS : SYLLABLE_WHOLE;
}

/* Letter and tone of U+1EA0–1EF9, one row for a capital and its small letter. */
static const char high[][2] = {
	"a5", "a3", "A1", "A2", "A3", "A4", "A5", "W1", "W2", "W3", "W4", "W5", "e5", "e3", "e4", "E1", "E2", "E3", "E4", "E5", "i3", "i5", "o5",
	"o3", "O1", "O2", "O3", "O4", "O5", "Q1", "Q2", "Q3", "Q4", "Q5", "u5", "u3", "U1", "U2", "U3", "U4", "U5", "y2", "y5", "y3", "y4",
};
/* Of U+00C0–00DF, and of the small letters behind it. */
static const char low[][2] = {
	"a2", "a1", "A0", "a4", "",   "",   "", "", "e2", "e1", "E0", "", "i2", "i1", "", "",
	"D0", "",   "o2", "o1", "O0", "o4", "", "", "",	  "u2", "u1", "", "",	"y1", "", "",
};

char syllable_letter(uint32_t c, char *ret_tone)
{
	const char *pair = NULL;
	if (c >= 0x1EA0 && c <= 0x1EF9)
		pair = high[(c - 0x1EA0) / 2];
	else if (c >= 0xC0 && c <= 0xFF)
		pair = low[(c - 0xC0) & 0x1F];
	switch (c) {
	case 0x102: case 0x103: return 'W';
	case 0x110: case 0x111: case 0x189: return 'D';
	case 0x128: case 0x129: pair = "i4"; break;
	case 0x168: case 0x169: pair = "u4"; break;
	case 0x1A0: case 0x1A1: return 'Q';
	case 0x1AF: case 0x1B0: return 'U';
	}
	if (pair && pair[0] && pair[1] != '0')
		*ret_tone = pair[1];
	return pair ? pair[0] : '\0';
}

bool syllable_key(const char *token, size_t n_bytes, char ret[SYLLABLE_BYTES])
{
	const char *end = token + n_bytes;
	char tone = '\0';
	bool marked = false;
	size_t n = 0;
	ret[0] = '\0';
	while (token < end) {
		uint32_t c = text_next(&token);
		if (letter_is_invisible(c))
			continue;
		char letter = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c < 0x80 ? (char)c : syllable_letter(c, &tone);
		marked = marked || c > 0x7F;
		if (!letter || n + 3 > SYLLABLE_BYTES) {
			ret[0] = '\0';
			return false;
		}
		ret[n++] = letter;
	}
	if (tone)
		ret[n++] = tone;
	ret[n] = '\0';
	return marked;
}

static char plain_letter(char letter)
{
	switch (letter) {
	case 'W': return 'a';
	case 'Q': return 'o';
	default: return (char)(letter >= 'A' && letter <= 'Z' ? letter | 0x20 : letter);
	}
}

static bool is_tone(char c)
{
	return c >= '0' && c <= '9';
}

bool syllable_omits(const char *written, const char *meant)
{
	for (; *meant && !is_tone(*meant); written++, meant++)
		if (*written != *meant && *written != plain_letter(*meant))
			return false;
	return !*written || strcmp(written, meant) == 0;
}

void syllable_fold(const char *key, char ret[SYLLABLE_BYTES])
{
	size_t n = 0;
	for (; *key && n < SYLLABLE_BYTES - 1; key++)
		if (!is_tone(*key))
			ret[n++] = plain_letter(*key);
	ret[n] = '\0';
}
