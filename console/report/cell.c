/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cells as text. Called by the writers of files; pure. */
#include "console/report/cell.h"

#include <stdio.h>
#include <string.h>

static const char *integer_text(int64_t n, bool grouped, char room[CELL_BYTES])
{
	char digits[24];
	size_t len = (size_t)snprintf(digits, sizeof(digits), "%lld", (long long)n), to = 0;
	for (size_t i = 0; i < len; i++) {
		if (grouped && i > 0 && (len - i) % 3 == 0 && digits[i - 1] != '-')
			room[to++] = '.';
		room[to++] = digits[i];
	}
	room[to] = '\0';
	return room;
}

/* One digit behind the comma, without the help of the process's locale. */
static const char *real_text(double value, char room[CELL_BYTES])
{
	int64_t tenths = (int64_t)(value * 10 + (value < 0 ? -0.5 : 0.5)), whole = tenths / 10, rest = tenths % 10;
	snprintf(room, CELL_BYTES, "%s%lld,%lld", tenths < 0 && !whole ? "-" : "", (long long)whole, (long long)(rest < 0 ? -rest : rest));
	return room;
}

const char *cell_text(const json_t *cell, const char *type, bool grouped, char room[CELL_BYTES])
{
	if (json_is_integer(cell))
		return integer_text(json_integer_value(cell), grouped, room);
	if (json_is_real(cell))
		return real_text(json_real_value(cell), room);
	const char *text = json_is_string(cell) ? json_string_value(cell) : "";
	bool day = strcmp(type, "date") == 0, moment = strcmp(type, "moment") == 0;
	if ((!day && !moment) || strlen(text) < 10)
		return text;
	snprintf(room, CELL_BYTES, "%.2s/%.2s/%.4s%s%.5s", text + 8, text + 5, text, moment ? " " : "", moment && strlen(text) >= 16 ? text + 11 : "");
	return room;
}

bool cell_is_number(const char *type)
{
	return !strcmp(type, "int") || !strcmp(type, "number") || !strcmp(type, "percent") || !strcmp(type, "real");
}
