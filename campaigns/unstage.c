/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Empties person_change behind an import's mark, or takes back what an import that will not be has staged. Called by import.c; reads a
 * page, writes it together, and never touches what another import brought. */
#include "campaigns/unstage.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/contact.h"
#include "gateway/store/store.h"

enum unstage_sql {
	UNSTAGE_CHANGES, UNSTAGE_APPLY, UNSTAGE_TOUCH, UNSTAGE_CHANGES_END, UNSTAGE_JOINED, UNSTAGE_CHANGES_GONE, UNSTAGE_PEOPLE, UNSTAGE_MEMBERS,
	UNSTAGE_PEOPLE_GONE, UNSTAGE_ADDRESS, UNSTAGE_SQL_COUNT
};
static const char *const unstage_sql[UNSTAGE_SQL_COUNT] = {
	[UNSTAGE_CHANGES] = "SELECT person, name, unit, hamlet, language, fields, basis FROM person_change WHERE import = $import "
			    "ORDER BY person LIMIT $n",
	[UNSTAGE_APPLY] = "UPDATE person SET name = $name, unit = $unit, hamlet = $hamlet, language = $language, fields = $fields, "
			  "basis = $basis, imported_at = $now, " CONTACT_MOVES("$unit") " WHERE id = $id",
	/* whoever approved a list with one of these people in it approved other words */
	[UNSTAGE_TOUCH] = "UPDATE grp SET version = version + 1 WHERE id IN (SELECT m.grp FROM person_change c JOIN member m "
			  "ON m.person = c.person WHERE c.import = $import AND c.person <= $until AND c.basis <> '')",
	[UNSTAGE_CHANGES_END] = "SELECT max(person) FROM (SELECT person FROM person_change WHERE import = $import ORDER BY person LIMIT $n) AS page",
	[UNSTAGE_JOINED] = "DELETE FROM member WHERE grp = $grp AND import = $import AND person IN "
			   "(SELECT c.person FROM person_change c WHERE c.import = $import AND c.person > 0 AND c.person <= $until)",
	[UNSTAGE_CHANGES_GONE] = "DELETE FROM person_change WHERE import = $import AND person <= $until",
	[UNSTAGE_PEOPLE] = "SELECT id, address FROM person WHERE id > $after AND import = $import ORDER BY id LIMIT $n",
	[UNSTAGE_MEMBERS] = "DELETE FROM member WHERE grp = $grp AND person > $after AND person <= $until AND import = $import",
	[UNSTAGE_PEOPLE_GONE] = "DELETE FROM person WHERE id > $after AND id <= $until AND import = $import",
	[UNSTAGE_ADDRESS] = "DELETE FROM address WHERE id = $address AND off = '' AND last_inbound_at IS NULL "
			    "AND NOT EXISTS (SELECT 1 FROM person WHERE address = $address) "
			    "AND NOT EXISTS (SELECT 1 FROM message WHERE address = $address) "
			    "AND NOT EXISTS (SELECT 1 FROM optout WHERE address = $address) "
			    "AND NOT EXISTS (SELECT 1 FROM consent WHERE address = $address) "
			    "AND NOT EXISTS (SELECT 1 FROM inbound WHERE address = $address) "
			    "AND NOT EXISTS (SELECT 1 FROM casefile WHERE address = $address)",
};
const struct sql_module unstage_module = { "unstage", unstage_sql, UNSTAGE_SQL_COUNT };

/* ---- changes after the mark ---- */

static const char *const texts[] = { "$name", "$unit", "$hamlet", "$language", "$fields", "$basis" };

struct change {
	int64_t person;
	char *values[COUNT_OF(texts)];
};

static void changes_free(struct change *list)
{
	for (int i = 0; list && i < UNSTAGE_ROWS; i++)
		for (size_t k = 0; k < COUNT_OF(texts); k++)
			free(list[i].values[k]);
	free(list);
}

static int copy_change(struct statement *st, struct change *ret)
{
	ret->person = column_int(st, 0);
	for (size_t k = 0; k < COUNT_OF(texts); k++) {
		const char *value = column_text(st, (int)k + 1);
		if (value && !(ret->values[k] = strdup(value)))
			return E_NOMEM;
	}
	return 0;
}

/* How many there were, or what went wrong. */
static int read_changes(struct tick *t, int64_t import, struct change *ret)
{
	int r, n = 0;
	struct statement *st = store_prepare(t->in.db, &unstage_module, UNSTAGE_CHANGES);
	bind_int(st, "$import", import);
	bind_int(st, "$n", UNSTAGE_ROWS);
	while ((r = store_row(st)) > 0 && n < UNSTAGE_ROWS && !(r = copy_change(st, &ret[n])))
		n++;
	store_reset(st);
	return r < 0 ? r : n;
}

static int apply_one(struct tick *t, const struct change *c)
{
	if (!*c->values[COUNT_OF(texts) - 1]) /* no basis: a mark */
		return 0;
	struct statement *st = store_prepare(t->in.db, &unstage_module, UNSTAGE_APPLY);
	bind_int(st, "$id", c->person);
	for (size_t k = 0; k < COUNT_OF(texts); k++)
		bind_text(st, texts[k], c->values[k]);
	bind_int(st, "$now", t->in.now_ms);
	bind_int(st, "$seq", tick_seq(t));
	return store_write_row(st);
}

static int write_until(struct tick *t, enum unstage_sql sql, int64_t import, int64_t until)
{
	struct statement *st = store_prepare(t->in.db, &unstage_module, sql);
	bind_int(st, "$import", import);
	bind_int(st, "$until", until);
	return store_write(st, -1);
}

int unstage_apply(struct tick *t, int64_t import)
{
	struct change *list = calloc(UNSTAGE_ROWS, sizeof(*list));
	int n = list ? read_changes(t, import, list) : E_NOMEM, r = n < 0 ? n : 0;
	for (int i = 0; !r && i < n; i++)
		r = apply_one(t, &list[i]);
	if (!r && n)
		r = write_until(t, UNSTAGE_TOUCH, import, list[n - 1].person);
	if (!r && n)
		r = write_until(t, UNSTAGE_CHANGES_GONE, import, list[n - 1].person);
	changes_free(list);
	return r ? r : n == UNSTAGE_ROWS ? E_AGAIN : 0;
}

/* ---- taking back ---- */

/* Up to whom a page of changes goes. 1, or 0: none is left. */
static int end_of_changes(struct tick *t, int64_t import, int64_t *ret_until)
{
	struct statement *st = store_prepare(t->in.db, &unstage_module, UNSTAGE_CHANGES_END);
	bind_int(st, "$import", import);
	bind_int(st, "$n", UNSTAGE_ROWS);
	int r = store_row(st);
	if (r > 0 && column_null(st, 0))
		r = 0;
	if (r > 0)
		*ret_until = column_int(st, 0);
	store_reset(st);
	return r;
}

/* Changes and marks, and the memberships that came with them. */
static int drop_changes(struct tick *t, const struct staging *s, int64_t until)
{
	struct statement *st = store_prepare(t->in.db, &unstage_module, UNSTAGE_JOINED);
	bind_int(st, "$grp", s->grp);
	bind_int(st, "$import", s->import);
	bind_int(st, "$until", until);
	int r = store_write(st, -1);
	return r ? r : write_until(t, UNSTAGE_CHANGES_GONE, s->import, until);
}

static int read_people(struct tick *t, const struct staging *s, int64_t after, int64_t *ret_until, int64_t *ret_addresses)
{
	int r, n = 0;
	struct statement *st = store_prepare(t->in.db, &unstage_module, UNSTAGE_PEOPLE);
	bind_int(st, "$after", after);
	bind_int(st, "$import", s->import);
	bind_int(st, "$n", UNSTAGE_ROWS);
	while ((r = store_row(st)) > 0 && n < UNSTAGE_ROWS) {
		*ret_until = column_int(st, 0);
		ret_addresses[n++] = column_int(st, 1);
	}
	store_reset(st);
	return r < 0 ? r : n;
}

static int drop_between(struct tick *t, const struct staging *s, int64_t after, int64_t until)
{
	struct statement *st = store_prepare(t->in.db, &unstage_module, UNSTAGE_MEMBERS);
	bind_int(st, "$grp", s->grp);
	bind_int(st, "$import", s->import);
	bind_int(st, "$after", after);
	bind_int(st, "$until", until);
	int r = store_write(st, -1);
	if (r)
		return r;
	st = store_prepare(t->in.db, &unstage_module, UNSTAGE_PEOPLE_GONE);
	bind_int(st, "$import", s->import);
	bind_int(st, "$after", after);
	bind_int(st, "$until", until);
	return store_write(st, -1);
}

static int drop_people(struct tick *t, const struct staging *s, int64_t after)
{
	int64_t addresses[UNSTAGE_ROWS], until = after;
	int n = read_people(t, s, after, &until, addresses), r = n < 0 ? n : 0;
	if (n > 0)
		r = drop_between(t, s, after, until);
	for (int i = 0; !r && i < n; i++) {
		struct statement *st = store_prepare(t->in.db, &unstage_module, UNSTAGE_ADDRESS);
		bind_int(st, "$address", addresses[i]);
		r = store_write(st, -1);
	}
	return r ? r : n == UNSTAGE_ROWS ? E_AGAIN : 0;
}

int unstage_drop(struct tick *t, const struct staging *s, int64_t after)
{
	int64_t until = 0;
	int r = end_of_changes(t, s->import, &until);
	if (r == 0)
		return drop_people(t, s, after);
	r = r > 0 ? drop_changes(t, s, until) : r;
	return r ? r : E_AGAIN;
}
