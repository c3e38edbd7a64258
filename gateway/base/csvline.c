/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of CSV. Called by exports and reports; pure. */
#include "gateway/base/csvline.h"

#include <string.h>

/* What spreadsheets take for the beginning of a formula, or pass over in front of one. */
static bool begins_formula(const char *text)
{
	return *text && strchr("=+-@\t\r\n", *text);
}

/* Does a cell begin behind c? A spreadsheet that divides by semicolons sees one within ours, whatever quotes we wrote. */
static bool begins_behind(bool began, char c)
{
	return strchr(";\t\r\n", c) != NULL || (began && c == '"');
}

int csvline_cell(struct buffer *out, const char *text, bool first, bool is_number)
{
	int r = buffer_puts(out, first ? "\"" : ",\"");
	for (bool begins = true; !r && *text; begins = begins_behind(begins, *text++)) {
		if (begins && !is_number && begins_formula(text))
			r = buffer_puts(out, "'");
		r = r ? r : buffer_put(out, text, 1);
		if (!r && *text == '"')
			r = buffer_puts(out, "\"");
	}
	return r ? r : buffer_puts(out, "\"");
}

int csvline_end(struct buffer *out)
{
	return buffer_puts(out, "\r\n");
}

const char *csvline_plain(const char *text)
{
	return text[0] == '\'' && begins_formula(text + 1) ? text + 1 : text;
}

char *csvline_restore(char *text)
{
	char *to = text;
	bool begins = true;
	for (const char *p = text; *p; p++) {
		if (begins && *p == '\'' && begins_formula(p + 1))
			continue;
		begins = begins_behind(begins, *p);
		*to++ = *p;
	}
	*to = '\0';
	return text;
}
