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
	if (regcomp(ret, text, REG_EXTENDED | flags)) {
		*ret_why = "is no extended regular expression";
		return E_INVALID;
	}
	return 0;
}
