/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Draws numbers. Writes nothing: the row that takes one keeps it. */
#include "handlers/codespace.h"

#include <stdio.h>

#include "gateway/base/random.h"
#include "gateway/store/store.h"
#include "handlers/damm.h"

#define TRIES 64

enum { CODESPACE_USED, CODESPACE_TAKEN, CODESPACE_SQL_COUNT };
static const char *const codespace_sql[CODESPACE_SQL_COUNT] = {
	[CODESPACE_USED] = "SELECT coalesce((SELECT max(id) FROM casefile), 0) + coalesce((SELECT max(id) FROM enrolment), 0)",
	[CODESPACE_TAKEN] = "SELECT 1 FROM casefile WHERE code = 'PA' || $digits UNION ALL SELECT 1 FROM enrolment WHERE digits = $digits LIMIT 1",
};
const struct sql_module codespace_module = { "codespace", codespace_sql, CODESPACE_SQL_COUNT };

/* Digits before the check digit: five, and one more whenever 60 % of the numbers so far are used. */
static int digits_now(struct tick *t, int *ret)
{
	struct statement *st = store_prepare(t->in.db, &codespace_module, CODESPACE_USED);
	int r = store_row(st);
	int64_t used = r > 0 ? column_int(st, 0) : 0;
	store_reset(st);
	if (r >= 0)
		*ret = used < 60000 ? 5 : used < 660000 ? 6 : 7;
	return r < 0 ? r : 0;
}

/* 1 or 0. */
static int is_taken(struct tick *t, const char *digits)
{
	struct statement *st = store_prepare(t->in.db, &codespace_module, CODESPACE_TAKEN);
	bind_text(st, "$digits", digits);
	int r = store_row(st);
	store_reset(st);
	return r;
}

int codespace_draw(struct tick *t, char ret[CODESPACE_DIGITS_BYTES])
{
	static const uint32_t below[] = { 100000, 1000000, 10000000 };
	int n = 5;
	int r = digits_now(t, &n);
	for (int i = 0; i < TRIES && !r; i++) {
		char digits[CODESPACE_DIGITS_BYTES];
		size_t end = (size_t)snprintf(digits, sizeof(digits) - 1, "%0*u", n, random_below(t->in.random, below[n - 5]));
		digits[end] = damm_digit(digits);
		digits[end + 1] = '\0';
		int taken = is_taken(t, digits);
		if (!taken)
			snprintf(ret, CODESPACE_DIGITS_BYTES, "%s", digits);
		if (taken <= 0)
			return taken;
	}
	return r ? r : E_EXISTS;
}
