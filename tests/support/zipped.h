/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ZIP archives made in memory: spreadsheets as other programs write them, and worse. Everything asserts. */
#ifndef CAUNOI_TESTS_ZIPPED_H
#define CAUNOI_TESTS_ZIPPED_H

#include <stddef.h>

struct zipped {
	const char *name, *text;
	size_t n_bytes; /* 0 = strlen(text) */
};

/* The archive's bytes, the caller's. Ends with a member without a name. */
char *zipped_make(const struct zipped *members, size_t *ret_bytes);
/* A workbook of one sheet: rows stands inside <sheetData>, strings inside <sst>, styles inside <styleSheet> (both may be NULL). */
char *zipped_workbook(const char *rows, const char *strings, const char *styles, size_t *ret_bytes);

#endif
