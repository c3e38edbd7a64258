/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fills texts. Called for what the gateway says by itself and for the texts of programmes; knows no names. */
#include "gateway/base/blanks.h"

#include <string.h>

#include "gateway/base/buffer.h"
#include "gateway/base/own.h"

static const struct blank *find(const struct blank *blanks, size_t n_blanks, const char *name, size_t n)
{
	for (size_t i = 0; i < n_blanks; i++)
		if (strlen(blanks[i].name) == n && strncmp(blanks[i].name, name, n) == 0)
			return &blanks[i];
	return NULL;
}

char *blanks_fill(const char *text, const struct blank *blanks, size_t n_blanks, const char **ret_unknown)
{
	OWN(buffer) struct buffer out = { 0 };
	int r = buffer_puts(&out, "");
	for (const char *p = text; *p && !r;) {
		size_t n = strcspn(p, "{");
		r = buffer_put(&out, p, n);
		p += n;
		if (!*p || r)
			continue;
		n = strcspn(p, "}");
		const struct blank *blank = find(blanks, n_blanks, p + 1, n - 1);
		if (!blank && ret_unknown)
			*ret_unknown = p;
		if (!blank)
			return NULL;
		r = buffer_puts(&out, blank->value ? blank->value : "");
		p += n + (p[n] == '}');
	}
	return r ? NULL : strdup(buffer_text(&out));
}
