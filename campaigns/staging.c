/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Puts an import's rows into person, person_change and member, a page of them at a time: asks what is known of all of them, then writes.
 * Called by import.c; every statement goes through an index. */
#include "campaigns/staging.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/address.h"
#include "gateway/base/fold.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/base/seal.h"
#include "gateway/store/store.h"

enum staging_sql {
	STAGING_PERSON, STAGING_FIND, STAGING_OFF, STAGING_SEEN, STAGING_MEMBER, STAGING_CHANGE, STAGING_DONE, STAGING_NEWEST,
	STAGING_SQL_COUNT
};
static const char *const staging_sql[STAGING_SQL_COUNT] = {
	[STAGING_PERSON] = "INSERT INTO person (address, name, fold, unit, hamlet, language, fields, basis, import, imported_at) VALUES "
			   "($address, $name, $fold, $unit, $hamlet, $language, $fields, $basis, $import, $now)",
	[STAGING_OFF] = "SELECT off <> '' FROM address WHERE id = $address",
	[STAGING_FIND] = "SELECT id, name, unit, hamlet, language, fields, basis, import, "
			 "EXISTS (SELECT 1 FROM person_change c WHERE c.import = $import AND c.person = person.id) AS staged, "
			 "EXISTS (SELECT 1 FROM member m WHERE m.grp = $grp AND m.person = person.id) AS joined "
			 "FROM person WHERE address = $address AND fold = $fold",
	[STAGING_SEEN] = "SELECT 1 FROM person_change WHERE import = $import AND person = $person",
	[STAGING_MEMBER] = "INSERT INTO member (grp, person, import) VALUES ($grp, $id, $import)",
	[STAGING_CHANGE] = "INSERT INTO person_change (import, person, name, unit, hamlet, language, fields, basis) VALUES "
			   "($import, $id, $name, $unit, $hamlet, $language, $fields, $basis)",
	[STAGING_DONE] = "UPDATE import SET state = 'done', seq = $seq WHERE id = $import AND state = 'staging'",
	[STAGING_NEWEST] = "SELECT max(id) FROM person",
};
const struct sql_module staging_module = { "staging", staging_sql, STAGING_SQL_COUNT };

/* What is on disk about somebody, copied out of the statement. */
struct known {
	int64_t id, import;
	bool staged, joined; /* by an earlier row of this import; in the group */
	char *name, *unit, *hamlet, *language, *fields, *basis;
};

static void known_done(struct known *k)
{
	free(k->name);
	free(k->unit);
	free(k->hamlet);
	free(k->language);
	free(k->fields);
	free(k->basis);
}

static int copy_columns(struct statement *st, int from, struct known *k)
{
	char **const texts[] = { &k->name, &k->unit, &k->hamlet, &k->language, &k->fields, &k->basis };
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		const char *value = column_text(st, from + (int)i);
		if (value && !(*texts[i] = strdup(value)))
			return E_NOMEM;
	}
	return 0;
}

/* ---- what is known of rows ---- */

/* A row with what the database says of it. */
struct row {
	const struct staged *said;
	char *fold;
	int first;     /* row with the same number, this one when there is none before */
	bool repeated; /* this person was in a row before */
	bool seen;     /* the same, in a dry run's earlier page */
	bool is_new;   /* the number was */
	bool off;
	int64_t address; /* 0 none: a dry run makes none */
	int64_t mark;    /* of a dry run */
	struct known known; /* id 0: nobody */
};

static void rows_free(struct row *rows, int n)
{
	for (int i = 0; rows && i < n; i++) {
		known_done(&rows[i].known);
		free(rows[i].fold);
	}
	free(rows);
}

static void compare_with_earlier(struct row *rows, int i)
{
	rows[i].first = i;
	for (int k = i - 1; k >= 0 && !rows[i].repeated; k--) {
		if (memcmp(rows[k].said->hash, rows[i].said->hash, SEAL_HASH_BYTES))
			continue;
		rows[i].first = rows[k].first;
		rows[i].repeated = !strcmp(rows[k].fold, rows[i].fold);
	}
}

/* A dry run remembers who was in the file by a keyed fingerprint, as a negative person: the number's hash in front, so that
 * rows in the order of hashes stay together. */
static int64_t mark_of(const struct scope *in, const struct row *row)
{
	uint8_t name[SEAL_HASH_BYTES];
	uint64_t n = 0;
	seal_hash(in->seal, row->fold, name);
	for (int i = 0; i < 5; i++)
		n = n << 8 | row->said->hash[i];
	n = n << 23 | (uint64_t)(name[0] & 0x7f) << 16 | (uint64_t)name[1] << 8 | name[2];
	return -(int64_t)n - 1;
}

static int rows_new(const struct scope *in, const struct staging *s, const struct staged *said, int n, struct row **ret)
{
	struct row *rows = calloc((size_t)n + 1, sizeof(*rows));
	int r = rows ? 0 : E_NOMEM;
	for (int i = 0; !r && i < n; i++) {
		rows[i].said = &said[i];
		rows[i].fold = fold(said[i].name ? said[i].name : "");
		if (!rows[i].fold) {
			r = E_NOMEM;
			break;
		}
		compare_with_earlier(rows, i);
		if (s->dry)
			rows[i].mark = mark_of(in, &rows[i]);
	}
	if (r)
		rows_free(rows, n);
	else
		*ret = rows;
	return r;
}

static int find_address(struct tick *t, const struct staging *s, struct row *row)
{
	if (!s->dry)
		return address_put_listed(t, &row->said->phone, &row->address, &row->is_new);
	int r = address_find(&t->in, row->said->phone.e164, &row->address);
	return r == E_NOT_FOUND ? 0 : r;
}

static int find_addresses(struct tick *t, const struct staging *s, struct row *rows, int n)
{
	int r = 0;
	for (int i = 0; i < n; i++)
		if (rows[i].first == i)
			address_ahead(&t->in, rows[i].said->phone.e164);
	for (int i = 0; !r && i < n; i++) {
		const struct row *first = &rows[rows[i].first];
		if (first == &rows[i]) {
			r = find_address(t, s, &rows[i]);
			continue;
		}
		rows[i].address = first->address;
		rows[i].is_new = first->is_new;
	}
	return r;
}

static struct statement *bind_off(const struct scope *in, const struct row *row)
{
	struct statement *st = store_prepare(in->db, &staging_module, STAGING_OFF);
	bind_int(st, "$address", row->address);
	return st;
}

static struct statement *bind_person(const struct scope *in, const struct staging *s, const struct row *row)
{
	struct statement *st = store_prepare(in->db, &staging_module, STAGING_FIND);
	bind_int(st, "$address", row->address);
	bind_text(st, "$fold", row->fold);
	bind_int(st, "$import", s->import);
	bind_int(st, "$grp", s->grp);
	return st;
}

static struct statement *bind_seen(const struct scope *in, const struct staging *s, const struct row *row)
{
	struct statement *st = store_prepare(in->db, &staging_module, STAGING_SEEN);
	bind_int(st, "$import", s->import);
	bind_int(st, "$person", row->mark);
	return st;
}

static int read_bool(struct statement *st, bool *ret)
{
	int r = store_row(st);
	*ret = r > 0 && column_int(st, 0) != 0;
	store_reset(st);
	return r < 0 ? r : 0;
}

static int read_person(struct statement *st, struct known *ret)
{
	int r = store_row(st);
	if (r > 0) {
		*ret = (struct known){ .id = column_int(st, 0), .import = column_int(st, 7), .staged = column_int(st, 8) != 0,
				       .joined = column_int(st, 9) != 0 };
		r = copy_columns(st, 1, ret);
	}
	store_reset(st);
	return r;
}

/* Nothing is known of a new number. */
static bool may_be_known(const struct row *row)
{
	return row->address && !row->is_new && !row->repeated;
}

static int find_people(const struct scope *in, const struct staging *s, struct row *rows, int n)
{
	int r = 0;
	for (int i = 0; i < n; i++) {
		if (may_be_known(&rows[i])) {
			store_ahead(bind_off(in, &rows[i]));
			store_ahead(bind_person(in, s, &rows[i]));
		}
		if (s->dry && !rows[i].repeated)
			store_ahead(bind_seen(in, s, &rows[i]));
	}
	for (int i = 0; !r && i < n; i++) {
		if (may_be_known(&rows[i])) {
			r = read_bool(bind_off(in, &rows[i]), &rows[i].off);
			if (!r)
				r = read_person(bind_person(in, s, &rows[i]), &rows[i].known);
		}
		if (!r && s->dry && !rows[i].repeated)
			r = read_bool(bind_seen(in, s, &rows[i]), &rows[i].seen);
	}
	return r;
}

/* ---- writing them ---- */

static int insert(struct tick *t, const struct staging *s, const struct row *row, int64_t *ret_id)
{
	const struct staged *said = row->said;
	struct statement *st = store_prepare(t->in.db, &staging_module, STAGING_PERSON);
	bind_int(st, "$address", row->address);
	bind_text(st, "$name", said->name ? said->name : "");
	bind_text(st, "$fold", row->fold);
	bind_text(st, "$unit", said->unit);
	bind_text(st, "$hamlet", said->hamlet);
	bind_text(st, "$language", said->language);
	bind_text(st, "$fields", said->fields);
	bind_text(st, "$basis", s->basis);
	bind_int(st, "$import", s->import);
	bind_int(st, "$now", t->in.now_ms);
	int r = store_write_row(st);
	if (!r)
		*ret_id = store_last_id(t->in.db);
	return r;
}

static int join(struct tick *t, const struct staging *s, int64_t person)
{
	struct statement *st = store_prepare(t->in.db, &staging_module, STAGING_MEMBER);
	bind_int(st, "$grp", s->grp);
	bind_int(st, "$id", person);
	bind_int(st, "$import", s->import);
	return store_write_row(st);
}

/* The file's fields over those known; *ret (the caller's) is NULL when nothing changes. */
static int merge_fields(const char *said, const char *was, char **ret)
{
	OWN(json) json_t *before = NULL, *after = NULL, *row = NULL;
	*ret = NULL;
	if (!said || (was && !strcmp(said, was)))
		return 0;
	if (json_parse(said, strlen(said), &row) || (was && json_parse(was, strlen(was), &before)))
		return E_CORRUPT;
	after = before ? json_copy(before) : json_object();
	if (!after || json_object_update(after, row))
		return E_NOMEM;
	if (before && json_equal(before, after))
		return 0;
	*ret = json_text(after);
	return *ret ? 0 : E_NOMEM;
}

/* What the row says over what is known; a cell that is empty changes nothing. 1 changed, 0 not. *ret_merged: the caller's. */
static int lay_over(const struct staging *s, const struct staged *row, const struct known *k, struct staged *ret, char **ret_merged)
{
	const char *const said[] = { row->name, row->unit, row->hamlet, row->language };
	const char *const was[] = { k->name, k->unit, k->hamlet, k->language };
	const char *now[COUNT_OF(said)];
	int r = merge_fields(row->fields, k->fields, ret_merged);
	if (r)
		return r;
	bool changed = *ret_merged || strcmp(k->basis, s->basis);
	for (size_t i = 0; i < COUNT_OF(said); i++) {
		now[i] = said[i] ? said[i] : was[i];
		changed = changed || (said[i] && (!was[i] || strcmp(said[i], was[i])));
	}
	*ret = (struct staged){ .name = now[0], .unit = now[1], .hamlet = now[2], .language = now[3],
				.fields = *ret_merged ? *ret_merged : k->fields };
	return changed;
}

/* The change, or (row NULL) a mark that this person was in the file. */
static int put_change(struct tick *t, const struct staging *s, int64_t person, const struct staged *row)
{
	struct statement *st = store_prepare(t->in.db, &staging_module, STAGING_CHANGE);
	bind_int(st, "$import", s->import);
	bind_int(st, "$id", person);
	bind_text(st, "$name", row && row->name ? row->name : "");
	if (row) {
		bind_text(st, "$unit", row->unit);
		bind_text(st, "$hamlet", row->hamlet);
		bind_text(st, "$language", row->language);
		bind_text(st, "$fields", row->fields);
	}
	bind_text(st, "$basis", row ? s->basis : ""); /* no basis: nothing to apply */
	return store_write_row(st);
}

static int put_known(struct tick *t, const struct staging *s, const struct row *row, struct staged_fate *ret)
{
	const struct known *k = &row->known;
	struct staged after;
	OWN(mem) char *merged = NULL;
	int changed = lay_over(s, row->said, k, &after, &merged);
	if (changed < 0)
		return changed;
	int r = s->dry ? 0 : put_change(t, s, k->id, changed ? &after : NULL);
	if (!r && !k->joined && !s->dry)
		r = join(t, s, k->id);
	ret->as = changed || !k->joined ? STAGED_UPDATED : STAGED_UNCHANGED;
	ret->member = !k->joined;
	return r;
}

static int put_new(struct tick *t, const struct staging *s, const struct row *row, struct staged_fate *ret)
{
	int64_t person;
	ret->as = STAGED_ADDED;
	ret->member = true;
	if (s->dry)
		return 0;
	int r = insert(t, s, row, &person);
	return r ? r : join(t, s, person);
}

static int put_row(struct tick *t, const struct staging *s, const struct row *row, struct staged_fate *ret)
{
	const struct known *k = &row->known;
	*ret = (struct staged_fate){ .as = STAGED_DUPLICATE, .off = row->off };
	if (row->repeated || row->seen || k->staged || (k->id && k->import == s->import))
		return 0;
	int r = s->dry ? put_change(t, s, row->mark, NULL) : 0;
	if (r)
		return r;
	return k->id ? put_known(t, s, row, ret) : put_new(t, s, row, ret);
}

int staging_put(struct tick *t, const struct staging *s, const struct staged *said, int n, struct staged_fate *ret)
{
	struct row *rows = NULL;
	int r = rows_new(&t->in, s, said, n, &rows);
	if (r)
		return r;
	r = find_addresses(t, s, rows, n);
	if (!r)
		r = find_people(&t->in, s, rows, n);
	for (int i = 0; !r && i < n; i++)
		r = put_row(t, s, &rows[i], &ret[i]);
	rows_free(rows, n);
	return r;
}

int staging_mark_done(struct tick *t, int64_t import)
{
	struct statement *st = store_prepare(t->in.db, &staging_module, STAGING_DONE);
	bind_int(st, "$import", import);
	bind_int(st, "$seq", tick_seq(t));
	int r = store_run(st);
	return r ? r : store_changes(t->in.db) == 1 ? 0 : E_REFUSED;
}

int staging_newest(const struct scope *in, int64_t *ret_person)
{
	struct statement *st = store_prepare(in->db, &staging_module, STAGING_NEWEST);
	int r = store_row(st);
	if (r > 0)
		*ret_person = column_int(st, 0);
	store_reset(st);
	return r < 0 ? r : 0;
}
