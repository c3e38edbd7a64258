/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Letter by letter: base, quality, tone. Keeps nothing. */
#include "tests/support/typist.h"

#include <iconv.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "gateway/base/own.h"
#include "gateway/base/text.h"

/* Keys of one method. */
struct keyboard {
	const char *circumflex, *breve, *horn, *d; /* NULL circumflex: the letter once more */
	const char *tones;                         /* sắc huyền hỏi ngã nặng */
};
static const struct keyboard telex = { NULL, "w", "w", "d", "sfrxj" };
static const struct keyboard vni = { "6", "8", "7", "9", "12345" };

/* A word under way: keys of its letters, and those held back to its end. */
struct word {
	char late[64], tone;
	size_t n_late;
};

static size_t end_word(struct word *w, char *out)
{
	size_t n = w->n_late;
	memcpy(out, w->late, n);
	if (w->tone)
		out[n++] = w->tone;
	*w = (struct word){ .n_late = 0 };
	return n;
}

static size_t put_mark(struct word *w, const char *keys, char letter, enum typist how, bool may_wait, char *out)
{
	char one[2] = { letter, '\0' };
	if (!keys)
		keys = one;
	if (how == TYPIST_AT_ONCE || !may_wait) {
		memcpy(out, keys, strlen(keys));
		return strlen(keys);
	}
	if (w->n_late && w->late[w->n_late - 1] == *keys)
		return 0; /* one key hooks both letters of "ươ" */
	w->late[w->n_late++] = *keys;
	return 0;
}

static char *type(const char *accented, const struct keyboard *k, enum typist how)
{
	OWN(mem) char *nfd = typist_nfd(accented);
	char *out = malloc(strlen(nfd) * 3 + 1), letter = '\0';
	size_t n = 0;
	struct word w = { .n_late = 0 };
	for (const char *p = nfd; out && *p;) {
		uint32_t c = text_next(&p);
		const char *tone = NULL;
		switch (c) {
		case 0x301: tone = k->tones; break;
		case 0x300: tone = k->tones + 1; break;
		case 0x309: tone = k->tones + 2; break;
		case 0x303: tone = k->tones + 3; break;
		case 0x323: tone = k->tones + 4; break;
		case 0x302: n += put_mark(&w, k->circumflex, letter, how, k->circumflex != NULL, out + n); break;
		case 0x306: n += put_mark(&w, k->breve, letter, how, true, out + n); break;
		case 0x31B: n += put_mark(&w, k->horn, letter, how, true, out + n); break;
		case 0x110: case 0x111:
			out[n++] = letter = (char)(c == 0x110 ? 'D' : 'd');
			n += put_mark(&w, k->d, letter, how, k == &vni, out + n);
			break;
		default:
			if (c > 0x7F || !((c | 0x20) >= 'a' && (c | 0x20) <= 'z'))
				n += end_word(&w, out + n);
			n += text_put(out + n, c);
			letter = (char)c;
		}
		if (tone && how == TYPIST_AT_ONCE)
			out[n++] = *tone;
		else if (tone)
			w.tone = *tone;
	}
	n += end_word(&w, out + n);
	out[n] = '\0';
	return out;
}

char *typist_telex(const char *accented, enum typist how)
{
	return type(accented, &telex, how);
}

char *typist_vni(const char *accented, enum typist how)
{
	return type(accented, &vni, how);
}

char *typist_nfd(const char *accented)
{
	return (char *)utf8proc_NFD((const utf8proc_uint8_t *)accented);
}

/* n bytes as text of another encoding, as UTF-8; NULL when that encoding has not all of them. */
static char *convert(const char *from, const char *to, const char *in, size_t n_in)
{
	iconv_t cd = iconv_open(to, from);
	char *out = calloc(n_in * 4 + 1, 1), *at = out, *p = (char *)(uintptr_t)in;
	size_t room = n_in * 4;
	bool done = cd != (iconv_t)-1 && out && iconv(cd, &p, &n_in, &at, &room) != (size_t)-1 && iconv(cd, NULL, NULL, &at, &room) != (size_t)-1;
	if (cd != (iconv_t)-1)
		iconv_close(cd);
	if (!done) {
		free(out);
		out = NULL;
	}
	return out;
}

char *typist_tcvn3(const char *accented)
{
	OWN(mem) char *bytes = convert("UTF-8", "TCVN5712-1", accented, strlen(accented));
	return bytes ? convert("ISO-8859-1", "UTF-8", bytes, strlen(bytes)) : NULL;
}

char *typist_mojibake(const char *accented)
{
	size_t n = strlen(accented), at = 0;
	char *out = malloc(n * 3 + 1);
	for (size_t i = 0; out && i < n; i++) {
		OWN(mem) char *one = convert("CP1252", "UTF-8", accented + i, 1);
		if (!one)
			one = convert("ISO-8859-1", "UTF-8", accented + i, 1);
		memcpy(out + at, one, strlen(one));
		at += strlen(one);
	}
	out[at] = '\0';
	return out;
}
