/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compiles the regular expressions that a profile may use. Called by document.c and verdict.c. */
#include "config/regexp.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define PATTERN_CHARS_MAX 256
#define COUNT_MAX 255
#define COUNTS_MAX 8

/* The last character of the [ ] that begins at p: nothing in it is special. */
static const char *bracket_end(const char *p)
{
	const char *from = p + 1 + (p[1] == '^');
	const char *end = *from ? strchr(from + 1, ']') : NULL;
	return end ? end : p + strlen(p) - 1;
}

static bool refers_back(const char *text)
{
	for (; *text; text++) {
		if (*text != '\\')
			continue;
		text++;
		if (isdigit((unsigned char)*text))
			return true;
		if (!*text)
			return false;
	}
	return false;
}

/* {n,m}: each multiplies the memory that the compiled expression takes. */
static bool counts_too_much(const char *text)
{
	int n = 0;
	for (const char *p = strchr(text, '{'); p; p = strchr(p + 1, '{')) {
		long from = strtol(p + 1, NULL, 10);
		const char *comma = strchr(p, ',');
		long to = comma ? strtol(comma + 1, NULL, 10) : 0;
		if (++n > COUNTS_MAX || from > COUNT_MAX || to > COUNT_MAX)
			return true;
		if (strstr(p, "}{") || strstr(p, "}){"))
			return true;
	}
	return false;
}

/* Other languages' ways of writing, which this one takes for something else: what to write instead, or NULL. */
static const char *foreign(const char *text)
{
	for (const char *p = text; *p; p++) {
		if (*p == '\\' && p[1] == 'd')
			return "uses \\d, which is a plain d here: write [0-9]";
		if (*p == '\\' && isalpha((unsigned char)p[1]) && !strchr("wWsSbB", p[1]))
			return "uses \\ before a letter that means nothing here: write the letters meant in [ ]";
		if (*p == '\\' && p[1])
			p++;
		else if (*p == '[')
			p = bracket_end(p);
		else if (*p == '(' && p[1] == '?')
			return "uses (?, which extended regular expressions do not know: write ( ) for (?: ), and [Aa] for (?i)a";
		else if (strchr("*+?}", *p) && (p[1] == '?' || p[1] == '+'))
			return "uses a lazy or possessive count such as *?, which extended regular expressions do not know: write [^x]* for .*? before x";
	}
	return NULL;
}

int regexp_parse(const char *text, int flags, regex_t *ret, const char **ret_why)
{
	if (strlen(text) > PATTERN_CHARS_MAX) {
		*ret_why = "is a regular expression of more than 256 characters";
		return E_INVALID;
	}
	if (refers_back(text) || counts_too_much(text)) {
		*ret_why = "is a regular expression that refers back to a group or counts beyond {255}";
		return E_INVALID;
	}
	*ret_why = foreign(text);
	if (*ret_why)
		return E_INVALID;
	if (regcomp(ret, text, REG_EXTENDED | flags)) {
		*ret_why = "is no extended regular expression";
		return E_INVALID;
	}
	return 0;
}
