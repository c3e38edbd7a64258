/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Printing of figures. Called by every measurement. */
#include "tests/bench/report.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>

#include "gateway/base/json.h"

static void put_value(double value, const char *unit)
{
	int digits = value >= 1000 ? 0 : value >= 10 ? 1 : value >= 0.1 ? 2 : 4;
	printf("%12.*f %-12s", digits, value, unit);
}

static void put_beside(const char *what, const char *text, double beside, double value)
{
	if (!text)
		return;
	printf("  %s %s", what, text);
	if (beside > 0)
		printf(" (%.2f of it)", value / beside);
}

void report_add(struct report *r, struct figure f)
{
	if (r->n < REPORT_ROWS_MAX)
		r->rows[r->n++] = f;
	if (r->json)
		return;
	printf("  %-34s", f.name);
	put_value(f.value, f.unit);
	put_beside("aim", f.aim, f.aim_value, f.value);
	put_beside("peer", f.peer, f.peer_value, f.value);
	putchar('\n');
	fflush(stdout);
}

void report_say(const struct report *r, const char *fmt, ...)
{
	va_list args;
	if (r->json)
		return;
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

static json_t *row_of(const struct figure *f)
{
	json_t *row = json_pack("{s:s,s:s,s:s,s:f,s:s?,s:s?}", "measure", f->measure, "name", f->name, "unit", f->unit, "value", f->value,
				"peer", f->peer, "aim", f->aim);
	if (row && f->peer_value > 0)
		json_object_set_new(row, "of_peer", json_real(f->value / f->peer_value));
	if (row && f->aim_value > 0)
		json_object_set_new(row, "of_aim", json_real(f->value / f->aim_value));
	return row;
}

void report_end(const struct report *r)
{
	if (!r->json)
		return;
	OWN(json) json_t *rows = json_array();
	for (int i = 0; i < r->n; i++)
		json_array_append_new(rows, row_of(&r->rows[i]));
	json_dumpf(rows, stdout, JSON_INDENT(1));
	putchar('\n');
}
