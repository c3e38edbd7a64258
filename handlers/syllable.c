/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The syllable grammar: an initial, a rhyme; and the marks of both. Tables only; keeps nothing, does no I/O. */
#include "handlers/syllable.h"

#include <stdint.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/base/text.h"

static const char *const initials[] = {
	"ngh", "ng", "nh", "ch", "gh", "gi", "kh", "ph", "qu", "th", "tr", "b", "c", "d", "g", "h",
	"k", "l", "m", "n", "p", "r", "s", "t", "v", "x", "",
};

static const char *const rhymes[] = {
	"a", "ac", "ach", "ai", "am", "an", "ang", "anh", "ao", "ap", "at", "au", "ay", "e", "ec", "ech", "em", "en", "eng",
	"enh", "eo", "ep", "et", "eu", "i", "ia", "ich", "iec", "iem", "ien", "ieng", "iep", "iet", "ieu", "im", "in", "inh",
	"ip", "it", "iu", "o", "oa", "oac", "oach", "oai", "oam", "oan", "oang", "oanh", "oao", "oap", "oat", "oay", "oc", "oe",
	"oen", "oeo", "oet", "oi", "om", "on", "ong", "ooc", "oong", "op", "ot", "u", "ua", "uan", "uang", "uat", "uay", "uc",
	"ue", "uech", "uenh", "ui", "um", "un", "ung", "uo", "uoc", "uoi", "uom", "uon", "uong", "uop", "uot", "uou", "up",
	"ut", "uu", "uy", "uya", "uych", "uyen", "uyet", "uynh", "uyt", "uyu", "y", "yem", "yen", "yet", "yeu",
};

static bool is_rhyme(const char *text)
{
	for (size_t i = 0; i < COUNT_OF(rhymes); i++)
		if (strcmp(rhymes[i], text) == 0)
			return true;
	return false;
}

/* k gh ngh stand before e i y only, c g ng before the others: that is what tells "ko" and "ka" from words. */
static bool fits(const char *initial, const char *rhyme)
{
	bool front = rhyme[0] == 'e' || rhyme[0] == 'i' || rhyme[0] == 'y';
	size_t n = strlen(initial);
	if (strcmp(initial, "k") == 0 || (n > 1 && strcmp(initial + n - 2, "gh") == 0))
		return front;
	if (strcmp(initial, "c") == 0)
		return !front;
	return true;
}

bool syllable_valid(const char *fold)
{
	for (size_t i = 0; i < COUNT_OF(initials); i++) {
		size_t n = strlen(initials[i]);
		if (strncmp(fold, initials[i], n) == 0 && is_rhyme(fold + n) && fits(initials[i], fold + n))
			return true;
	}
	return false;
}

/* Vowels by quality: plain, then f s r x j. */
static const struct {
	const char *letters; /* six letters, lower and upper case */
	const char *base;
} vowels[] = {
	{ "aàáảãạAÀÁẢÃẠ", "a" },  { "ăằắẳẵặĂẰẮẲẴẶ", "aw" }, { "âầấẩẫậÂẦẤẨẪẬ", "aa" }, { "eèéẻẽẹEÈÉẺẼẸ", "e" },
	{ "êềếểễệÊỀẾỂỄỆ", "ee" }, { "iìíỉĩịIÌÍỈĨỊ", "i" },  { "oòóỏõọOÒÓỎÕỌ", "o" },  { "ôồốổỗộÔỒỐỔỖỘ", "oo" },
	{ "ơờớởỡợƠỜỚỞỠỢ", "ow" }, { "uùúủũụUÙÚỦŨỤ", "u" },  { "ưừứửữựƯỪỨỬỮỰ", "uw" }, { "yỳýỷỹỵYỲÝỶỸỴ", "y" },
};

static const char *vowel_of(uint32_t c, char *ret_tone)
{
	for (size_t i = 0; i < COUNT_OF(vowels); i++) {
		const char *p = vowels[i].letters;
		for (int k = 0; *p; k++) {
			if (text_next(&p) != c)
				continue;
			char tone = "\0fsrxj"[k % 6];
			if (tone)
				*ret_tone = tone;
			return vowels[i].base;
		}
	}
	return NULL;
}

bool syllable_key(const char *token, size_t n_bytes, char ret[SYLLABLE_BYTES])
{
	const char *end = token + n_bytes;
	char tone = '\0', one[2] = "";
	bool marked = false;
	size_t n = 0;
	ret[0] = '\0';
	while (token < end) {
		uint32_t c = text_next(&token);
		const char *part = c < 0x80 ? NULL : vowel_of(c, &tone); /* a plain letter is its own part */
		if (c == 0x110 || c == 0x111)
			part = "dd";
		else if (!part && c < 0x80)
			one[0] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c), part = one;
		marked = marked || c > 0x7F;
		if (!part || n + strlen(part) + 2 > SYLLABLE_BYTES) {
			ret[0] = '\0';
			return false;
		}
		for (; *part; part++)
			ret[n++] = *part;
	}
	if (tone)
		ret[n++] = tone;
	ret[n] = '\0';
	return marked;
}

static bool is_vowel(char c)
{
	return c && strchr("aeiouy", c);
}

/* Removes what Telex adds: doubled letters, w behind its vowel, one tone letter behind the vowels. */
static bool strip_telex(const char *fold, char ret[SYLLABLE_BYTES])
{
	size_t n = 0;
	bool tone = false, vowel = false, changed = false;
	for (const char *p = fold; *p; p++) {
		char before = n ? ret[n - 1] : '\0';
		bool doubled = *p == before && strchr("aeod", *p) && !(*p == 'd' && n != 1);
		bool horn = *p == 'w' && is_vowel(before);
		bool late = vowel && !tone && strchr("fsrxj", *p);
		vowel = vowel || is_vowel(*p);
		if (*p == 'w' && !vowel && !horn) {
			ret[n++] = 'u'; /* a w of its own is ư */
			vowel = changed = true;
			continue;
		}
		if (doubled || horn || late) {
			tone = tone || late;
			changed = true;
			continue;
		}
		ret[n++] = *p;
	}
	ret[n] = '\0';
	return changed && n > 1;
}

/* Removes what VNI adds: digits behind a letter that can take them. */
static bool strip_vni(const char *fold, char ret[SYLLABLE_BYTES])
{
	size_t n = 0;
	bool vowel = false, changed = false;
	for (const char *p = fold; *p; p++) {
		if (*p < '0' || *p > '9') {
			vowel = vowel || is_vowel(*p);
			ret[n++] = *p;
			continue;
		}
		if (*p == '0' || (*p == '9' ? fold[0] != 'd' : !vowel))
			return false;
		changed = true;
	}
	ret[n] = '\0';
	return changed && n > 1;
}

bool syllable_residue(const char *fold, char ret[SYLLABLE_BYTES])
{
	char plain[SYLLABLE_BYTES] = "";
	if (strlen(fold) >= SYLLABLE_BYTES || syllable_valid(fold))
		return false;
	if (!(strip_telex(fold, plain) && syllable_valid(plain)) && !(strip_vni(fold, plain) && syllable_valid(plain)))
		return false;
	memcpy(ret, plain, sizeof(plain));
	return true;
}
