/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What Telex and VNI would have made of these keys. A mark may follow its letter at once or at the end of the syllable, as
 * both methods allow. Keeps nothing, does no I/O. */
#include "handlers/keystroke.h"

#include <string.h>

/* A syllable under the keyboard: letters of a key, and the tone. */
struct typed {
	char letters[SYLLABLE_BYTES];
	size_t n;
	char tone; /* '\0' none yet */
	bool vowel, changed;
};

static bool is_vowel(char c)
{
	return c && strchr("aAWeEioOQuUy", c);
}

static void put(struct typed *t, char c)
{
	/* the u of "qu" and the i of "gi" belong to the initial when a vowel follows; that makes no difference here */
	t->vowel = t->vowel || is_vowel(c);
	t->letters[t->n++] = c;
}

static bool set_tone(struct typed *t, char tone)
{
	if (!t->vowel || t->tone)
		return false;
	t->tone = tone;
	return t->changed = true;
}

static bool change(struct typed *t, size_t i, char to)
{
	t->letters[i] = to;
	return t->changed = true;
}

/* The last of these letters, counted from 1; 0 = none. */
static size_t last_of(const struct typed *t, const char *letters)
{
	for (size_t i = t->n; i > 0; i--)
		if (strchr(letters, t->letters[i - 1]))
			return i;
	return 0;
}

static bool cross_d(struct typed *t)
{
	return t->n && t->letters[0] == 'd' && change(t, 0, 'D');
}

/* A hook on u and o, a breve on a: "uo" takes two, "ua" one on its u ("mưa"), "oa" one on its a ("hoặc"). */
static bool put_horn(struct typed *t)
{
	size_t a = last_of(t, "a"), o = last_of(t, "o"), u = last_of(t, "u");
	bool qu = t->letters[0] == 'q';
	if (o > 1 && !qu && strchr("uU", t->letters[o - 2]))
		return change(t, o - 2, 'U') && change(t, o - 1, 'Q');
	if (a > 1 && !qu && t->letters[a - 2] == 'u' && a == t->n)
		return change(t, a - 2, 'U');
	if (a && a > o)
		return change(t, a - 1, 'W');
	if (o)
		return change(t, o - 1, 'Q');
	if (u > 1 && t->letters[u - 2] == 'u')
		u--; /* "uu" is "ưu" */
	return u && !(qu && u == 2) && change(t, u - 1, 'U');
}

static bool put_telex(struct typed *t, char c)
{
	static const char tones[] = "sfrxj";
	const char *tone = strchr(tones, c);
	char before = t->n ? t->letters[t->n - 1] : '\0';
	if (c == 'd' && ((t->n == 1 && before == 'd') || (t->vowel && t->letters[0] == 'd')))
		return cross_d(t);
	if (c == before && strchr("aeo", c))
		return change(t, t->n - 1, c == 'a' ? 'A' : c == 'e' ? 'E' : 'O');
	if (c == 'w' && t->vowel)
		return put_horn(t);
	if (c == 'w') {
		put(t, 'U'); /* a w of its own is ư */
		return t->changed = true;
	}
	if (tone && t->vowel)
		return set_tone(t, (char)('1' + (tone - tones)));
	put(t, c);
	return c != 'z' && !(c >= '0' && c <= '9');
}

static bool put_vni(struct typed *t, char c)
{
	size_t i;
	switch (c) {
	case '1': case '2': case '3': case '4': case '5':
		return set_tone(t, c);
	case '6':
		i = last_of(t, "aeo");
		return i && change(t, i - 1, t->letters[i - 1] == 'a' ? 'A' : t->letters[i - 1] == 'e' ? 'E' : 'O');
	case '7':
		if (last_of(t, "a") == t->n && t->n > 1 && t->letters[t->n - 2] == 'u')
			return change(t, t->n - 2, 'U');
		return !(last_of(t, "a") && !last_of(t, "ou")) && put_horn(t);
	case '8':
		i = last_of(t, "a");
		return i && change(t, i - 1, 'W');
	case '9': return cross_d(t);
	case '0': return false;
	default: put(t, c); return true;
	}
}

/* "ưo" is always "ươ"; without a coda "ươ" is "uơ" ("thuở"). */
static void settle(struct typed *t)
{
	for (size_t i = 0; i + 1 < t->n; i++)
		if (t->letters[i] == 'U' && t->letters[i + 1] == 'o')
			t->letters[i + 1] = 'Q';
	if (t->n > 1 && t->letters[t->n - 2] == 'U' && t->letters[t->n - 1] == 'Q')
		t->letters[t->n - 2] = 'u';
	if (t->tone)
		t->letters[t->n++] = t->tone;
	t->letters[t->n] = '\0';
}

static bool run(const char *token, bool (*press)(struct typed *t, char c), char ret[SYLLABLE_BYTES])
{
	struct typed t = { .n = 0 };
	for (const char *p = token; *p; p++)
		if (!press(&t, *p))
			return false;
	if (!t.changed)
		return false;
	settle(&t);
	switch (syllable_check(t.letters)) {
	case SYLLABLE_NONE:
	case SYLLABLE_LOAN: return false;
	case SYLLABLE_TONELESS: syllable_fold(t.letters, ret); return true;
	case SYLLABLE_WHOLE: memcpy(ret, t.letters, t.n + 1); return true;
	}
	return false;
}

enum keystroke keystroke_read(const char *token, char ret[SYLLABLE_BYTES])
{
	if (strlen(token) + 2 > SYLLABLE_BYTES || syllable_native(token))
		return KEYSTROKE_NONE;
	if (!run(token, strpbrk(token, "0123456789") ? put_vni : put_telex, ret))
		return KEYSTROKE_NONE;
	return syllable_valid(token) ? KEYSTROKE_DOUBTFUL : KEYSTROKE_SURE;
}
