/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fills and prints complaints. Keeps nothing, does no I/O. */
#include "gateway/base/complaint.h"

#include <stdarg.h>
#include <stdio.h>

#include "gateway/base/err.h"

int complaint_set(struct complaint *c, const char *field, const char *rule, const char *fmt, ...)
{
	va_list ap;
	snprintf(c->field, sizeof(c->field), "%s", field);
	snprintf(c->rule, sizeof(c->rule), "%s", rule);
	va_start(ap, fmt);
	vsnprintf(c->text, sizeof(c->text), fmt, ap);
	va_end(ap);
	return E_INVALID;
}

void complaint_format(const struct complaint *c, char *out, unsigned long out_bytes)
{
	char where[300] = "";
	if (c->file[0] && c->line > 0 && c->column > 0)
		snprintf(where, sizeof(where), "%s:%d:%d: ", c->file, c->line, c->column);
	else if (c->file[0] && c->line > 0)
		snprintf(where, sizeof(where), "%s:%d: ", c->file, c->line);
	else if (c->file[0])
		snprintf(where, sizeof(where), "%s: ", c->file);
	else if (c->line > 0)
		snprintf(where, sizeof(where), "line %d: ", c->line);
	snprintf(out, out_bytes, "%s%s%s%s", where, c->field, c->field[0] ? ": " : "", c->text);
}
