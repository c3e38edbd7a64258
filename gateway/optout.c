/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of opt-outs and the summary beside the address that every claim reads. Called by consent.c and ledger.c only;
 * decides nothing: who may opt out of what, and what follows, is consent's. */
#include "gateway/optout.h"

#include <stdio.h>
#include <string.h>

#include "gateway/base/buffer.h"
#include "gateway/base/own.h"

#define COLUMNS "o.id, o.address, o.scope, o.seq, o.at, o.lifted_seq, o.lifted_at"
#define WITH_HASH COLUMNS ", a.hash, a.hash_key FROM optout o JOIN address a ON a.id = o.address"

enum {
	OPTOUT_HOLDING,
	OPTOUT_FIND,
	OPTOUT_PUT,
	OPTOUT_LIFT,
	OPTOUT_OF_ADDRESS,
	OPTOUT_SINCE,
	OPTOUT_LIFTED_SINCE,
	OPTOUT_SUMMARY,
	OPTOUT_SET_SUMMARY,
	OPTOUT_SQL_COUNT
};
static const char *const optout_sql[OPTOUT_SQL_COUNT] = {
	[OPTOUT_HOLDING] = "SELECT " COLUMNS " FROM optout o WHERE o.address = $address AND o.scope = $scope AND o.lifted_seq IS NULL"
			   " ORDER BY o.id LIMIT 1",
	[OPTOUT_FIND] = "SELECT " COLUMNS " FROM optout o WHERE o.address = $address AND o.scope = $scope"
			" AND (o.seq = $seq OR (o.seq > $seq AND o.at = $at)) ORDER BY o.id LIMIT 1",
	[OPTOUT_PUT] = "INSERT INTO optout (address, scope, seq, at, channel, inbound)"
		       " VALUES ($address, $scope, $seq, $at, $channel, $inbound)",
	[OPTOUT_LIFT] = "UPDATE optout SET lifted_seq = $seq, lifted_at = $at WHERE id = $id AND lifted_seq IS NULL",
	[OPTOUT_OF_ADDRESS] = "SELECT " COLUMNS " FROM optout o WHERE o.address = $address AND o.lifted_seq IS NULL ORDER BY o.id",
	[OPTOUT_SINCE] = "SELECT " WITH_HASH " WHERE o.seq > $seq ORDER BY o.seq",
	[OPTOUT_LIFTED_SINCE] = "SELECT " WITH_HASH " WHERE o.lifted_seq > $seq ORDER BY o.lifted_seq",
	[OPTOUT_SUMMARY] = "SELECT off FROM address WHERE id = $address",
	[OPTOUT_SET_SUMMARY] = "UPDATE address SET off = $off WHERE id = $id",
};
const struct sql_module optout_module = { "optout", optout_sql, OPTOUT_SQL_COUNT };

bool optout_scope_valid(const char *scope)
{
	if (!scope || strlen(scope) >= OPTOUT_SCOPE_BYTES)
		return false;
	if (strcmp(scope, "campaign") == 0 || strcmp(scope, "all") == 0)
		return true;
	if (strncmp(scope, "topic:", 6) != 0 || !scope[6])
		return false;
	return scope[6 + strspn(scope + 6, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-")] == '\0';
}

static void read_row(struct statement *st, bool with_hash, struct optout *ret)
{
	*ret = (struct optout){ .id = column_int(st, 0), .address = column_int(st, 1), .seq = column_int(st, 3), .at = column_int(st, 4),
				.lifted_seq = column_int(st, 5), .lifted_at = column_int(st, 6) };
	snprintf(ret->scope, sizeof(ret->scope), "%s", column_text(st, 2));
	if (!with_hash)
		return;
	size_t n;
	const void *hash = column_blob(st, 7, &n);
	if (hash && n == sizeof(ret->hash))
		memcpy(ret->hash, hash, n);
	ret->hash_key = column_int(st, 8);
}

static struct statement *bind_summary(const struct scope *in, int64_t address)
{
	struct statement *st = store_prepare(in->db, &optout_module, OPTOUT_SUMMARY);
	bind_int(st, "$address", address);
	return st;
}

static struct statement *bind_holding(const struct scope *in, int64_t address, const char *scope)
{
	struct statement *st = store_prepare(in->db, &optout_module, OPTOUT_HOLDING);
	bind_int(st, "$address", address);
	bind_text(st, "$scope", scope);
	return st;
}

static struct statement *bind_of_address(const struct scope *in, int64_t address)
{
	struct statement *st = store_prepare(in->db, &optout_module, OPTOUT_OF_ADDRESS);
	bind_int(st, "$address", address);
	return st;
}

void optout_ahead(const struct scope *in, int64_t address)
{
	store_ahead(bind_summary(in, address));
	store_ahead(bind_holding(in, address, "all"));
	store_ahead(bind_holding(in, address, "campaign"));
	store_ahead(bind_of_address(in, address));
}

static int one_row(struct statement *st, struct optout *ret)
{
	int r = store_row(st);
	if (r > 0)
		read_row(st, false, ret);
	store_reset(st);
	return r > 0 ? 0 : r == 0 ? E_NOT_FOUND : r;
}

int optout_holding(const struct scope *in, int64_t address, const char *scope, struct optout *ret)
{
	return one_row(bind_holding(in, address, scope), ret);
}

int optout_find(const struct scope *in, int64_t address, const char *scope, int64_t seq, int64_t at, struct optout *ret)
{
	struct statement *st = store_prepare(in->db, &optout_module, OPTOUT_FIND);
	bind_int(st, "$address", address);
	bind_text(st, "$scope", scope);
	bind_int(st, "$seq", seq);
	bind_int(st, "$at", at);
	return one_row(st, ret);
}

static int each_row(struct statement *st, bool with_hash, int (*fn)(void *arg, const struct optout *o), void *arg)
{
	int r;
	while ((r = store_row(st)) > 0) {
		struct optout o;
		read_row(st, with_hash, &o);
		r = fn(arg, &o);
		if (r)
			break;
	}
	store_reset(st);
	return r;
}

int optout_each_holding(const struct scope *in, int64_t address, int (*fn)(void *arg, const struct optout *o), void *arg)
{
	return each_row(bind_of_address(in, address), false, fn, arg);
}

int optout_since(const struct scope *in, bool lifts, int64_t seq, int (*fn)(void *arg, const struct optout *o), void *arg)
{
	struct statement *st = store_prepare(in->db, &optout_module, lifts ? OPTOUT_LIFTED_SINCE : OPTOUT_SINCE);
	bind_int(st, "$seq", seq);
	return each_row(st, true, fn, arg);
}

/* The scopes in force, but for one that goes. */
struct summary {
	struct buffer off;
	int64_t without; /* id; 0 none */
};

static int add_scope(void *arg, const struct optout *o)
{
	struct summary *s = arg;
	return s->without && o->id == s->without ? 0 : buffer_printf(&s->off, "%s%s ", buffer_left(&s->off) ? "" : " ", o->scope);
}

static int write_summary(struct tick *t, int64_t address, const struct buffer *off)
{
	struct statement *st = store_prepare(t->in.db, &optout_module, OPTOUT_SET_SUMMARY);
	bind_int(st, "$id", address);
	bind_text(st, "$off", buffer_text(off));
	return store_write_row(st);
}

static int insert(struct tick *t, const struct optout *o, const char *channel, int64_t inbound)
{
	struct statement *st = store_prepare(t->in.db, &optout_module, OPTOUT_PUT);
	bind_int(st, "$address", o->address);
	bind_text(st, "$scope", o->scope);
	bind_int(st, "$seq", o->seq);
	bind_int(st, "$at", o->at);
	bind_text(st, "$channel", channel);
	if (inbound)
		bind_int(st, "$inbound", inbound);
	return store_write_row(st);
}

/* What holds besides is read before the change, so that it may have been asked ahead. */
int optout_put(struct tick *t, const struct optout *o, const char *channel, int64_t inbound)
{
	struct summary s = { 0 };
	int r = optout_each_holding(&t->in, o->address, add_scope, &s);
	if (!r)
		r = add_scope(&s, o);
	if (!r)
		r = insert(t, o, channel, inbound);
	if (!r)
		r = write_summary(t, o->address, &s.off);
	buffer_done(&s.off);
	return r;
}

static int end(struct tick *t, const struct optout *o, int64_t lifted_seq, int64_t lifted_at)
{
	struct statement *st = store_prepare(t->in.db, &optout_module, OPTOUT_LIFT);
	bind_int(st, "$id", o->id);
	bind_int(st, "$seq", lifted_seq);
	bind_int(st, "$at", lifted_at);
	return store_run(st);
}

int optout_lift(struct tick *t, const struct optout *o, int64_t lifted_seq, int64_t lifted_at)
{
	struct summary s = { .without = o->id };
	int r = optout_each_holding(&t->in, o->address, add_scope, &s);
	if (!r)
		r = end(t, o, lifted_seq, lifted_at);
	if (!r)
		r = write_summary(t, o->address, &s.off);
	buffer_done(&s.off);
	return r;
}

int optout_summary(const struct scope *in, int64_t address, char *ret, size_t room)
{
	struct statement *st = bind_summary(in, address);
	int r = store_row(st);
	const char *off = r > 0 ? column_text(st, 0) : "";
	if (r > 0 && strlen(off) >= room)
		r = E_TOO_BIG;
	else if (r > 0)
		snprintf(ret, room, "%s", off);
	store_reset(st);
	return r > 0 ? 0 : r == 0 ? E_NOT_FOUND : r;
}
