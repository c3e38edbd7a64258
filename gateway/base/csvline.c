/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of CSV. Called by exports and reports; pure. */
#include "gateway/base/csvline.h"

#include <string.h>

/* What spreadsheets take for the beginning of a formula, or pass over in front of one. */
static bool begins_formula(const char *text)
{
	return *text && strchr("=+-@\t\r", *text);
}

int csvline_cell(struct buffer *out, const char *text, bool first, bool is_number)
{
	int r = buffer_puts(out, first ? "\"" : ",\"");
	if (!r && !is_number && begins_formula(text))
		r = buffer_puts(out, "'");
	for (const char *quote; !r && (quote = strchr(text, '"')) != NULL; text = quote + 1) {
		r = buffer_put(out, text, (size_t)(quote - text));
		r = r ? r : buffer_puts(out, "\"\"");
	}
	r = r ? r : buffer_puts(out, text);
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
