/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table address: one row a number, sealed and hashed. Called by everything that meets a number; never logs one. */
#include "gateway/address.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/seal.h"
#include "gateway/store/store.h"

enum address_sql { ADDRESS_FIND, ADDRESS_NEW, ADDRESS_NEW_HASH, ADDRESS_FILL, ADDRESS_BOX, ADDRESS_HEARD, ADDRESS_LAST, ADDRESS_SQL_COUNT };
static const char *const address_sql[ADDRESS_SQL_COUNT] = {
	[ADDRESS_FIND] = "SELECT id, length(sealed) FROM address WHERE hash = $hash",
	[ADDRESS_NEW] = "INSERT INTO address (hash, hash_key, sealed, seal_key, kind, network, last_channel, last_inbound_at, created_at) "
			"VALUES ($hash, $key, $sealed, $key, $kind, $network, $channel, $heard, $now)",
	[ADDRESS_NEW_HASH] = "INSERT INTO address (hash, hash_key, sealed, seal_key, kind, network, created_at) "
			     "VALUES ($hash, $key, $sealed, $key, 'mobile', '', $now)",
	[ADDRESS_FILL] = "UPDATE address SET sealed = $sealed, kind = $kind, network = $network "
			 "WHERE id = $id AND length(sealed) = 0",
	[ADDRESS_BOX] = "SELECT sealed FROM address WHERE id = $id",
	[ADDRESS_HEARD] = "UPDATE address SET last_channel = $channel, last_inbound_at = $now, unreachable = NULL WHERE id = $id",
	[ADDRESS_LAST] = "SELECT last_channel FROM address WHERE id = $id",
};
const struct sql_module address_module = { "address", address_sql, ADDRESS_SQL_COUNT };

static struct statement *bind_find(struct store *db, const void *hash)
{
	struct statement *st = store_prepare(db, &address_module, ADDRESS_FIND);
	bind_blob(st, "$hash", hash, SEAL_HASH_BYTES);
	return st;
}

/* *ret_known (may be NULL): the number itself is there too. */
static int find(struct store *db, const void *hash, int64_t *ret_id, bool *ret_known)
{
	struct statement *st = bind_find(db, hash);
	int r = store_row(st);
	if (r > 0)
		*ret_id = column_int(st, 0);
	if (r > 0 && ret_known)
		*ret_known = column_int(st, 1) > 0;
	store_reset(st);
	return r > 0 ? 0 : r == 0 ? E_NOT_FOUND : r;
}

void address_ahead(const struct scope *in, const char *number)
{
	uint8_t hash[SEAL_HASH_BYTES];
	if (!store_asks_ahead(in->db))
		return;
	seal_hash(in->seal, number, hash);
	store_ahead(bind_find(in->db, hash));
}

int address_find(const struct scope *in, const char *number, int64_t *ret_id)
{
	uint8_t hash[SEAL_HASH_BYTES];
	seal_hash(in->seal, number, hash);
	return find(in->db, hash, ret_id, NULL);
}

/* The number's row, made when there is none (id 0) or filled in. heard_on: the channel of what its owner wrote just now, or NULL. */
static int write_number(struct tick *t, const struct phone *number, const void *hash, const char *heard_on, int64_t *id)
{
	uint8_t sealed[PHONE_CHARS_MAX + SEAL_EXTRA_BYTES];
	size_t n = strlen(number->e164);
	bool is_new = *id == 0;
	seal_close_box(t->in.seal, t->in.random, number->e164, n, sealed);
	struct statement *st = store_prepare(t->in.db, &address_module, is_new ? ADDRESS_NEW : ADDRESS_FILL);
	if (is_new) {
		bind_blob(st, "$hash", hash, SEAL_HASH_BYTES);
		bind_int(st, "$key", SEAL_KEY_ID);
		bind_int(st, "$now", t->in.now_ms);
		bind_text(st, "$channel", heard_on);
		if (heard_on)
			bind_int(st, "$heard", t->in.now_ms);
	} else {
		bind_int(st, "$id", *id);
	}
	bind_blob(st, "$sealed", sealed, n + SEAL_EXTRA_BYTES);
	bind_text(st, "$kind", phone_kind_name(number->kind));
	bind_text(st, "$network", number->network);
	int r = store_write_row(st);
	if (!r && is_new)
		*id = store_last_id(t->in.db);
	return r;
}

static int put(struct tick *t, const struct phone *number, const char *heard_on, int64_t *ret_id, bool *ret_is_new)
{
	uint8_t hash[SEAL_HASH_BYTES];
	seal_hash(t->in.seal, number->e164, hash);
	bool known = false;
	int64_t id = 0;
	int r = find(t->in.db, hash, &id, &known);
	*ret_is_new = r == E_NOT_FOUND;
	if (r == E_NOT_FOUND || (!r && !known))
		r = write_number(t, number, hash, heard_on, &id);
	if (!r)
		*ret_id = id;
	return r;
}

int address_put(struct tick *t, const struct phone *number, int64_t *ret_id)
{
	bool is_new;
	return put(t, number, NULL, ret_id, &is_new);
}

int address_put_listed(struct tick *t, const struct phone *number, int64_t *ret_id, bool *ret_is_new)
{
	return put(t, number, NULL, ret_id, ret_is_new);
}

int address_put_hash(struct tick *t, const void *hash, int64_t hash_key, int64_t *ret_id)
{
	int r = find(t->in.db, hash, ret_id, NULL);
	if (r != E_NOT_FOUND)
		return r;
	struct statement *st = store_prepare(t->in.db, &address_module, ADDRESS_NEW_HASH);
	bind_blob(st, "$hash", hash, SEAL_HASH_BYTES);
	bind_int(st, "$key", hash_key);
	bind_blob(st, "$sealed", "", 0);
	bind_int(st, "$now", t->in.now_ms);
	r = store_run(st);
	if (!r)
		*ret_id = store_last_id(t->in.db);
	return r;
}

int address_number(const struct scope *in, int64_t id, char **ret)
{
	struct statement *st = store_prepare(in->db, &address_module, ADDRESS_BOX);
	bind_int(st, "$id", id);
	int r = store_row(st);
	if (r > 0) {
		size_t n, n_text;
		const void *box = column_blob(st, 0, &n);
		r = n ? seal_open_box(in->seal, box, n, ret, &n_text) : 0;
		if (!n)
			*ret = NULL;
	} else if (r == 0) {
		r = E_NOT_FOUND;
	}
	store_reset(st);
	return r;
}

void address_pseudonym(int64_t id, char ret[24])
{
	snprintf(ret, 24, "N-%06lld", (long long)id);
}

int address_put_heard(struct tick *t, const struct phone *number, const char *channel, int64_t *ret_id)
{
	bool is_new = false;
	int64_t id = 0;
	int r = put(t, number, channel, &id, &is_new);
	if (!r && !is_new) {
		struct statement *st = store_prepare(t->in.db, &address_module, ADDRESS_HEARD);
		bind_int(st, "$id", id);
		bind_text(st, "$channel", channel);
		bind_int(st, "$now", t->in.now_ms);
		r = store_write_row(st);
	}
	if (!r)
		*ret_id = id;
	return r;
}

int address_last_channel(const struct scope *in, int64_t id, char ret[33])
{
	struct statement *st = store_prepare(in->db, &address_module, ADDRESS_LAST);
	bind_int(st, "$id", id);
	int r = store_row(st);
	if (r > 0)
		snprintf(ret, 33, "%s", column_text(st, 0) ? column_text(st, 0) : "");
	store_reset(st);
	return r > 0 ? 0 : r == 0 ? E_NOT_FOUND : r;
}
