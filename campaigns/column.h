/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a column of a list, or a merge field of a text, means: both are looked up by the same folded name. */
#ifndef CAUNOI_CAMPAIGNS_COLUMN_H
#define CAUNOI_CAMPAIGNS_COLUMN_H

enum column { COLUMN_PHONE, COLUMN_NAME, COLUMN_UNIT, COLUMN_HAMLET, COLUMN_LANGUAGE, COLUMN_FIELD, COLUMN_COUNT };

/* Folded, "_" as space: "Số_thẻ" → "so the". The caller's; NULL only on no memory. */
char *column_key(const char *name);
/* By a key as above; COLUMN_FIELD when it is none of the known names. */
enum column column_of(const char *key);
/* "phone", "name" …; "field" for the rest. */
const char *column_name_of(enum column c);

#endif
