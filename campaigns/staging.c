/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The only writer of person, person_change and member. Called by import.c, a bounded number of rows a tick; every
 * statement goes through an index. */
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
	STAGING_PERSON, STAGING_FIND, STAGING_OFF, STAGING_MEMBER, STAGING_IS_MEMBER, STAGING_CHANGE, STAGING_DONE, STAGING_NEXT_CHANGE, STAGING_APPLY, STAGING_TOUCH,
	STAGING_CHANGE_GONE, STAGING_DROP_CHANGE, STAGING_DROP_MEMBER, STAGING_NEWEST, STAGING_NEXT_PERSON, STAGING_DROP_PERSON, STAGING_DROP_ADDRESS,
	STAGING_SQL_COUNT
};
static const char *const staging_sql[STAGING_SQL_COUNT] = {
	[STAGING_PERSON] = "INSERT INTO person (address, name, fold, unit, hamlet, language, fields, basis, import, imported_at) VALUES "
			   "($address, $name, $fold, $unit, $hamlet, $language, $fields, $basis, $import, $now) ON CONFLICT DO NOTHING",
	[STAGING_OFF] = "SELECT off <> '' FROM address WHERE id = $address",
	[STAGING_FIND] = "SELECT id, name, unit, hamlet, language, fields, basis, import FROM person WHERE address = $address AND fold = $fold",
	[STAGING_MEMBER] = "INSERT INTO member (grp, person, import) VALUES ($grp, $person, $import) ON CONFLICT DO NOTHING",
	[STAGING_IS_MEMBER] = "SELECT 1 FROM member WHERE grp = $grp AND person = $person",
	[STAGING_CHANGE] = "INSERT INTO person_change (import, person, name, unit, hamlet, language, fields, basis) VALUES "
			   "($import, $person, $name, $unit, $hamlet, $language, $fields, $basis) ON CONFLICT DO NOTHING",
	[STAGING_DONE] = "UPDATE import SET state = 'done', seq = $seq WHERE id = $import AND state = 'staging'",
	[STAGING_NEXT_CHANGE] = "SELECT person, name, unit, hamlet, language, fields, basis FROM person_change WHERE import = $import "
				"AND person > $after ORDER BY person LIMIT 1",
	[STAGING_APPLY] = "UPDATE person SET name = $name, unit = $unit, hamlet = $hamlet, language = $language, fields = $fields, "
			  "basis = $basis, imported_at = $now WHERE id = $person",
	[STAGING_TOUCH] = "UPDATE grp SET version = version + 1 WHERE id IN (SELECT grp FROM member WHERE person = $person)",
	[STAGING_CHANGE_GONE] = "DELETE FROM person_change WHERE import = $import AND person <= $person",
	[STAGING_DROP_CHANGE] = "DELETE FROM person_change WHERE import = $import AND person = $person",
	[STAGING_DROP_MEMBER] = "DELETE FROM member WHERE grp = $grp AND person = $person AND import = $import",
	[STAGING_NEWEST] = "SELECT max(id) FROM person",
	[STAGING_NEXT_PERSON] = "SELECT id, address FROM person WHERE id > $after AND import = $import ORDER BY id LIMIT 1",
	[STAGING_DROP_PERSON] = "DELETE FROM person WHERE id = $person",
	[STAGING_DROP_ADDRESS] = "DELETE FROM address WHERE id = $address AND off = '' AND last_inbound_at IS NULL "
				 "AND NOT EXISTS (SELECT 1 FROM person WHERE address = $address) "
				 "AND NOT EXISTS (SELECT 1 FROM message WHERE address = $address) "
				 "AND NOT EXISTS (SELECT 1 FROM optout WHERE address = $address) "
				 "AND NOT EXISTS (SELECT 1 FROM consent WHERE address = $address) "
				 "AND NOT EXISTS (SELECT 1 FROM inbound WHERE address = $address) "
				 "AND NOT EXISTS (SELECT 1 FROM casefile WHERE address = $address)",
};
const struct sql_module staging_module = { "staging", staging_sql, STAGING_SQL_COUNT };

/* What is on disk about somebody, copied out of the statement. */
struct known {
	int64_t id, import;
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

static int find(const struct scope *in, int64_t address, const char *folded, struct known *ret)
{
	struct statement *st = store_prepare(in->db, &staging_module, STAGING_FIND);
	bind_int(st, "$address", address);
	bind_text(st, "$fold", folded);
	int r = store_row(st);
	if (r > 0) {
		*ret = (struct known){ .id = column_int(st, 0), .import = column_int(st, 7) };
		r = copy_columns(st, 1, ret);
	} else if (r == 0) {
		r = E_NOT_FOUND;
	}
	store_reset(st);
	return r;
}

static int is_off(const struct scope *in, int64_t address, bool *ret)
{
	struct statement *st = store_prepare(in->db, &staging_module, STAGING_OFF);
	bind_int(st, "$address", address);
	int r = store_row(st);
	*ret = r > 0 && column_int(st, 0) != 0;
	store_reset(st);
	return r < 0 ? r : 0;
}

static int insert(struct tick *t, const struct staging *s, const struct staged *row, int64_t address, const char *folded, int64_t *ret_id)
{
	struct statement *st = store_prepare(t->in.db, &staging_module, STAGING_PERSON);
	bind_int(st, "$address", address);
	bind_text(st, "$name", row->name ? row->name : "");
	bind_text(st, "$fold", folded);
	bind_text(st, "$unit", row->unit);
	bind_text(st, "$hamlet", row->hamlet);
	bind_text(st, "$language", row->language);
	bind_text(st, "$fields", row->fields);
	bind_text(st, "$basis", s->basis);
	bind_int(st, "$import", s->import);
	bind_int(st, "$now", t->in.now_ms);
	int r = store_run(st);
	if (r)
		return r;
	if (!store_changes(t->in.db))
		return E_EXISTS;
	*ret_id = store_last_id(t->in.db);
	return 0;
}

/* 1 when a member was added (or would be, in a dry run). */
static int join(struct tick *t, const struct staging *s, int64_t person)
{
	if (s->dry && !s->grp)
		return 1;
	struct statement *st = store_prepare(t->in.db, &staging_module, s->dry ? STAGING_IS_MEMBER : STAGING_MEMBER);
	bind_int(st, "$grp", s->grp);
	bind_int(st, "$person", person);
	if (s->dry) {
		int there = store_row(st);
		store_reset(st);
		return there < 0 ? there : !there;
	}
	bind_int(st, "$import", s->import);
	int r = store_run(st);
	return r ? r : store_changes(t->in.db) > 0;
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

/* The change, or (row NULL) a mark that this person was in the file; 1 new, 0 there already. */
static int put_change(struct tick *t, const struct staging *s, int64_t person, const struct staged *row)
{
	struct statement *st = store_prepare(t->in.db, &staging_module, STAGING_CHANGE);
	bind_int(st, "$import", s->import);
	bind_int(st, "$person", person);
	bind_text(st, "$name", row && row->name ? row->name : "");
	if (row) {
		bind_text(st, "$unit", row->unit);
		bind_text(st, "$hamlet", row->hamlet);
		bind_text(st, "$language", row->language);
		bind_text(st, "$fields", row->fields);
	}
	bind_text(st, "$basis", row ? s->basis : ""); /* no basis: nothing to apply */
	int r = store_run(st);
	return r ? r : store_changes(t->in.db) > 0;
}

static int put_known(struct tick *t, const struct staging *s, const struct staged *row, const struct known *k, enum staged_as *ret,
		     bool *ret_member)
{
	struct staged after;
	OWN(mem) char *merged = NULL;
	if (k->import == s->import) {
		*ret = STAGED_DUPLICATE;
		return 0;
	}
	int changed = lay_over(s, row, k, &after, &merged);
	if (changed < 0)
		return changed;
	int r = s->dry ? 1 : put_change(t, s, k->id, changed ? &after : NULL);
	if (r < 0)
		return r;
	if (r == 0) {
		*ret = STAGED_DUPLICATE;
		return 0;
	}
	int joined = join(t, s, k->id);
	if (joined < 0)
		return joined;
	*ret = changed || joined ? STAGED_UPDATED : STAGED_UNCHANGED;
	*ret_member = joined;
	return 0;
}

/* A dry run remembers who was in the file by a keyed fingerprint, as a negative person: the number's hash in front, so that
 * rows in the order of hashes stay together. */
static int mark_seen(struct tick *t, const struct staging *s, const struct staged *row, const char *folded)
{
	uint8_t name[SEAL_HASH_BYTES];
	uint64_t n = 0;
	seal_hash(t->in.seal, folded, name);
	for (int i = 0; i < 5; i++)
		n = n << 8 | row->hash[i];
	n = n << 23 | (uint64_t)(name[0] & 0x7f) << 16 | (uint64_t)name[1] << 8 | name[2];
	return put_change(t, s, -(int64_t)n - 1, NULL);
}

static int put_dry(struct tick *t, const struct staging *s, const struct staged *row, const char *folded, enum staged_as *ret, bool *ret_off)
{
	int64_t address;
	struct known k = { 0 };
	bool member = false;
	int r = mark_seen(t, s, row, folded);
	if (r < 0)
		return r;
	if (r == 0) {
		*ret = STAGED_DUPLICATE;
		return 0;
	}
	r = address_find(&t->in, row->phone.e164, &address);
	if (!r)
		r = is_off(&t->in, address, ret_off);
	if (!r)
		r = find(&t->in, address, folded, &k);
	if (!r)
		r = put_known(t, s, row, &k, ret, &member);
	known_done(&k);
	if (r == E_NOT_FOUND)
		*ret = STAGED_ADDED;
	return r == E_NOT_FOUND ? 0 : r;
}

int staging_put(struct tick *t, const struct staging *s, const struct staged *row, enum staged_as *ret, bool *ret_member, bool *ret_off)
{
	int64_t address = 0, person = 0;
	OWN(mem) char *folded = fold(row->name ? row->name : "");
	*ret_member = *ret_off = false;
	if (!folded)
		return E_NOMEM;
	if (s->dry)
		return put_dry(t, s, row, folded, ret, ret_off);
	int r = address_put(t, &row->phone, &address);
	if (!r)
		r = is_off(&t->in, address, ret_off);
	if (!r)
		r = insert(t, s, row, address, folded, &person);
	if (r == E_EXISTS) {
		struct known k = { 0 };
		r = find(&t->in, address, folded, &k);
		if (!r)
			r = put_known(t, s, row, &k, ret, ret_member);
		known_done(&k);
		return r == E_NOT_FOUND ? E_CORRUPT : r;
	}
	if (r)
		return r;
	r = join(t, s, person);
	*ret_member = r > 0;
	*ret = STAGED_ADDED;
	return r < 0 ? r : 0;
}

int staging_mark_done(struct tick *t, int64_t import)
{
	struct statement *st = store_prepare(t->in.db, &staging_module, STAGING_DONE);
	bind_int(st, "$import", import);
	bind_int(st, "$seq", tick_seq(t));
	int r = store_run(st);
	return r ? r : store_changes(t->in.db) == 1 ? 0 : E_REFUSED;
}

/* ---- changes after the mark ---- */

static int next_change(struct tick *t, int64_t import, int64_t after, struct known *ret)
{
	struct statement *st = store_prepare(t->in.db, &staging_module, STAGING_NEXT_CHANGE);
	bind_int(st, "$import", import);
	bind_int(st, "$after", after);
	int r = store_row(st);
	if (r > 0) {
		*ret = (struct known){ .id = column_int(st, 0) };
		r = copy_columns(st, 1, ret);
		r = r ? r : 1;
	}
	store_reset(st);
	return r;
}

static int apply_one(struct tick *t, const struct known *k)
{
	if (!k->basis || !*k->basis)
		return 0;
	struct statement *st = store_prepare(t->in.db, &staging_module, STAGING_APPLY);
	bind_int(st, "$person", k->id);
	bind_text(st, "$name", k->name);
	bind_text(st, "$unit", k->unit);
	bind_text(st, "$hamlet", k->hamlet);
	bind_text(st, "$language", k->language);
	bind_text(st, "$fields", k->fields);
	bind_text(st, "$basis", k->basis);
	bind_int(st, "$now", t->in.now_ms);
	int r = store_run(st);
	if (r)
		return r;
	/* whoever approved a list with this person in it approved other words */
	st = store_prepare(t->in.db, &staging_module, STAGING_TOUCH);
	bind_int(st, "$person", k->id);
	return store_run(st);
}

int staging_apply(struct tick *t, int64_t import, int n)
{
	int64_t at = INT64_MIN;
	int r = 1, done = 0;
	for (; r > 0 && done < n; done++) {
		struct known k = { 0 };
		r = next_change(t, import, at, &k);
		if (r > 0) {
			at = k.id;
			int a = apply_one(t, &k);
			r = a ? a : 1;
		}
		known_done(&k);
	}
	if (r < 0 || done == 0)
		return r < 0 ? r : 0;
	struct statement *st = store_prepare(t->in.db, &staging_module, STAGING_CHANGE_GONE);
	bind_int(st, "$import", import);
	bind_int(st, "$person", at);
	int d = store_run(st);
	return d ? d : r > 0 ? E_AGAIN : 0;
}

/* ---- taking back ---- */

int staging_newest(const struct scope *in, int64_t *ret_person)
{
	struct statement *st = store_prepare(in->db, &staging_module, STAGING_NEWEST);
	int r = store_row(st);
	if (r > 0)
		*ret_person = column_int(st, 0);
	store_reset(st);
	return r < 0 ? r : 0;
}

static int drop_member(struct tick *t, const struct staging *s, int64_t person)
{
	struct statement *st = store_prepare(t->in.db, &staging_module, STAGING_DROP_MEMBER);
	bind_int(st, "$grp", s->grp);
	bind_int(st, "$person", person);
	bind_int(st, "$import", s->import);
	return store_run(st);
}

/* A change or a mark, and the membership that came with it. 1 gone, 0 none left. */
static int drop_change(struct tick *t, const struct staging *s)
{
	struct known k = { 0 };
	int r = next_change(t, s->import, INT64_MIN, &k);
	if (r > 0) {
		int d = k.id > 0 ? drop_member(t, s, k.id) : 0;
		struct statement *st = store_prepare(t->in.db, &staging_module, STAGING_DROP_CHANGE);
		bind_int(st, "$import", s->import);
		bind_int(st, "$person", k.id);
		int g = store_run(st);
		r = d ? d : g ? g : 1;
	}
	known_done(&k);
	return r;
}

static int drop_by(struct tick *t, size_t sql, const char *name, int64_t id)
{
	struct statement *st = store_prepare(t->in.db, &staging_module, sql);
	bind_int(st, name, id);
	return store_run(st);
}

static int drop_person(struct tick *t, const struct staging *s, int64_t after)
{
	int64_t person = 0, address = 0;
	struct statement *st = store_prepare(t->in.db, &staging_module, STAGING_NEXT_PERSON);
	bind_int(st, "$after", after);
	bind_int(st, "$import", s->import);
	int r = store_row(st);
	if (r > 0) {
		person = column_int(st, 0);
		address = column_int(st, 1);
	}
	store_reset(st);
	if (r <= 0)
		return r;
	r = drop_member(t, s, person);
	if (!r)
		r = drop_by(t, STAGING_DROP_PERSON, "$person", person);
	if (!r)
		r = drop_by(t, STAGING_DROP_ADDRESS, "$address", address);
	return r ? r : 1;
}

int staging_drop(struct tick *t, const struct staging *s, int64_t after, int n)
{
	int r = 1, i = 0;
	for (; r > 0 && i < n; i++)
		r = drop_change(t, s);
	for (r = r < 0 ? r : 1; r > 0 && i < n; i++)
		r = drop_person(t, s, after);
	return r > 0 ? E_AGAIN : r;
}
