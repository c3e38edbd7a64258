/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of columns, English and Vietnamese. Called by imports and by templates. Pure. */
#include "campaigns/column.h"

#include <stddef.h>
#include <string.h>

#include "gateway/base/fold.h"
#include "gateway/base/own.h"

static const struct {
	const char *key;
	enum column column;
} names[] = {
	{ "phone", COLUMN_PHONE },	{ "number", COLUMN_PHONE },	 { "sdt", COLUMN_PHONE },     { "dien thoai", COLUMN_PHONE },
	{ "so dien thoai", COLUMN_PHONE }, { "di dong", COLUMN_PHONE },  { "name", COLUMN_NAME },     { "ho ten", COLUMN_NAME },
	{ "ho va ten", COLUMN_NAME },	{ "unit", COLUMN_UNIT },	 { "ma xa", COLUMN_UNIT },    { "don vi", COLUMN_UNIT },
	{ "hamlet", COLUMN_HAMLET },	{ "thon", COLUMN_HAMLET },	 { "ban", COLUMN_HAMLET },    { "to", COLUMN_HAMLET },
	{ "language", COLUMN_LANGUAGE }, { "tieng", COLUMN_LANGUAGE },
};

static const char *const column_names[COLUMN_COUNT] = {
	[COLUMN_PHONE] = "phone",	[COLUMN_NAME] = "name",		[COLUMN_UNIT] = "unit",
	[COLUMN_HAMLET] = "hamlet",	[COLUMN_LANGUAGE] = "language", [COLUMN_FIELD] = "field",
};

char *column_key(const char *name)
{
	char *key = fold(name);
	for (char *p = key; p && *p; p++)
		if (*p == '_')
			*p = ' ';
	return key;
}

enum column column_of(const char *key)
{
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (!strcmp(names[i].key, key))
			return names[i].column;
	return COLUMN_FIELD;
}

const char *column_name_of(enum column c)
{
	return c < COLUMN_COUNT ? column_names[c] : "field";
}
