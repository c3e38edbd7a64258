/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Draws numbers. Writes nothing: the row that takes one keeps it. */
#include "handlers/codespace.h"

#include <stdio.h>
#include <string.h>

#include "gateway/base/random.h"
#include "gateway/base/seal.h"
#include "gateway/store/store.h"
#include "handlers/damm.h"

#define TRIES 64
#define LENGTHS 3 /* five digits before the check digit, six, seven */
#define TAKEN(digits) \
	"(SELECT count(*) FROM casefile WHERE code = 'PA' || " digits ") + (SELECT count(*) FROM enrolment WHERE digits = " digits ")"
#define LOOK_TEXT                                                                                                                  \
	"SELECT coalesce((SELECT max(id) FROM casefile), 0) + coalesce((SELECT max(id) FROM enrolment), 0), " TAKEN("$five") ", " \
	TAKEN("$six") ", " TAKEN("$seven")

enum { CODESPACE_LOOK, CODESPACE_LOOK_AHEAD, CODESPACE_SQL_COUNT };
static const char *const codespace_sql[CODESPACE_SQL_COUNT] = {
	[CODESPACE_LOOK] = LOOK_TEXT,
	[CODESPACE_LOOK_AHEAD] = LOOK_TEXT,
};
const struct sql_module codespace_module = { "codespace", codespace_sql, CODESPACE_SQL_COUNT };

/* One number of each length. */
struct lot {
	char of[LENGTHS][CODESPACE_DIGITS_BYTES];
};

/* The n-th try. For a message they follow from its id, so that they can be looked up before it is known what it says; nobody without
 * the key can tell them. */
static void draw(struct tick *t, int64_t inbound, int n, struct lot *ret)
{
	static const uint64_t below[LENGTHS] = { 100000, 1000000, 10000000 };
	uint8_t hash[SEAL_HASH_BYTES];
	char of[48];
	uint64_t lot;
	snprintf(of, sizeof(of), "code:%lld:%d", (long long)inbound, n);
	if (inbound)
		seal_hash(t->in.seal, of, hash);
	else
		random_fill(t->in.random, hash, sizeof(hash));
	memcpy(&lot, hash, sizeof(lot));
	for (int i = 0; i < LENGTHS; i++) {
		char *digits = ret->of[i];
		size_t end = (size_t)snprintf(digits, CODESPACE_DIGITS_BYTES - 1, "%0*llu", i + 5, (unsigned long long)(lot % below[i]));
		digits[end] = damm_digit(digits);
		digits[end + 1] = '\0';
	}
}

static struct statement *bind_look(struct tick *t, size_t sql, const struct lot *l)
{
	struct statement *st = store_prepare(t->in.db, &codespace_module, sql);
	bind_text(st, "$five", l->of[0]);
	bind_text(st, "$six", l->of[1]);
	bind_text(st, "$seven", l->of[2]);
	return st;
}

void codespace_ahead(struct tick *t, int64_t inbound)
{
	struct lot l;
	draw(t, inbound, 0, &l);
	store_ahead(bind_look(t, CODESPACE_LOOK_AHEAD, &l));
}

/* One digit more whenever 60 % of the numbers so far are used. *ret_free false: something has it. */
static int look(struct tick *t, const struct lot *l, int *ret_length, bool *ret_free)
{
	bool old = false;
	for (int i = 0; i < LENGTHS; i++)
		old |= tick_touched(t, tick_thing(l->of[i]));
	struct statement *st = bind_look(t, old ? CODESPACE_LOOK : CODESPACE_LOOK_AHEAD, l);
	int r = store_row(st);
	int64_t used = r > 0 ? column_int(st, 0) : 0;
	*ret_length = used < 60000 ? 0 : used < 660000 ? 1 : 2;
	*ret_free = r > 0 && column_int(st, 1 + *ret_length) == 0;
	store_reset(st);
	return r < 0 ? r : 0;
}

int codespace_draw(struct tick *t, int64_t inbound, char ret[CODESPACE_DIGITS_BYTES])
{
	for (int i = 0; i < TRIES; i++) {
		struct lot l;
		int length = 0;
		bool is_free = false;
		draw(t, inbound, i, &l);
		int r = look(t, &l, &length, &is_free);
		if (r)
			return r;
		if (!is_free)
			continue;
		snprintf(ret, CODESPACE_DIGITS_BYTES, "%s", l.of[length]);
		tick_touch(t, tick_thing(ret));
		return 0;
	}
	return E_EXISTS;
}
