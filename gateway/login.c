/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table login_try. Called by session.c. Holds no names: a row is found by a keyed hash. Never decides whether a password is
 * right. */
#include "gateway/login.h"

#include <stdio.h>
#include <string.h>

#include "gateway/base/random.h"
#include "gateway/base/seal.h"
#include "gateway/store/store.h"

#define MARK_CHARS 24
#define SUBJECT_CHARS 160

enum { LOGIN_FIND, LOGIN_PUT, LOGIN_DROP, LOGIN_TIDY, LOGIN_SQL_COUNT };
static const char *const login_sql[LOGIN_SQL_COUNT] = {
	[LOGIN_FIND] = "SELECT tries, since_at, last_at FROM login_try WHERE subject = $subject",
	[LOGIN_PUT] = "INSERT INTO login_try (subject, tries, since_at, last_at) VALUES ($subject, $tries, $since, $now)"
		      " ON CONFLICT (subject) DO UPDATE SET tries = excluded.tries, since_at = excluded.since_at, last_at = excluded.last_at",
	[LOGIN_DROP] = "DELETE FROM login_try WHERE subject = $subject",
	[LOGIN_TIDY] = "DELETE FROM login_try WHERE last_at < $before",
};
const struct sql_module login_module = { "login", login_sql, LOGIN_SQL_COUNT };

struct tries {
	int64_t n, since_at, last_at;
};

static void mac_of(const struct scope *in, const char *name, const char *mark, char ret[2 * SEAL_HASH_BYTES + 1])
{
	char text[SUBJECT_CHARS];
	uint8_t hash[SEAL_HASH_BYTES];
	snprintf(text, sizeof(text), "device:%.64s:%.*s", name, MARK_CHARS, mark);
	seal_hash(in->seal, text, hash);
	for (size_t i = 0; i < sizeof(hash); i++)
		snprintf(ret + 2 * i, 3, "%02x", hash[i]);
}

/* "cd_" MARK "_" MAC: made here, for this name. */
bool login_knows(const struct scope *in, const char *name, const char *device)
{
	char mac[2 * SEAL_HASH_BYTES + 1];
	if (strlen(device) != 3 + MARK_CHARS + 1 + sizeof(mac) - 1 || strncmp(device, "cd_", 3) != 0 || device[3 + MARK_CHARS] != '_')
		return false;
	mac_of(in, name, device + 3, mac);
	return strcmp(mac, device + 3 + MARK_CHARS + 1) == 0;
}

void login_device(struct tick *t, const char *name, char ret[LOGIN_DEVICE_BYTES])
{
	char mark[MARK_CHARS + 1] = "", mac[2 * SEAL_HASH_BYTES + 1];
	random_token(t->in.random, mark, MARK_CHARS);
	mac_of(&t->in, name, mark, mac);
	snprintf(ret, LOGIN_DEVICE_BYTES, "cd_%.*s_%s", MARK_CHARS, mark, mac);
}

static void subject_of(const struct scope *in, const char *name, const char *device, uint8_t ret[SEAL_HASH_BYTES])
{
	char text[SUBJECT_CHARS];
	bool known = login_knows(in, name, device);
	snprintf(text, sizeof(text), "login:%s:%.*s", known ? "device" : "name", 100, known ? device : name);
	seal_hash(in->seal, text, ret);
}

static int find_tries(const struct scope *in, const uint8_t subject[SEAL_HASH_BYTES], struct tries *ret)
{
	struct statement *st = store_prepare(in->db, &login_module, LOGIN_FIND);
	bind_blob(st, "$subject", subject, SEAL_HASH_BYTES);
	int r = store_row(st);
	struct tries found = { 0 };
	if (r > 0)
		found = (struct tries){ .n = column_int(st, 0), .since_at = column_int(st, 1), .last_at = column_int(st, 2) };
	store_reset(st);
	/* a clock that was set back ends the window as well: nobody waits for the old time to come again */
	if (in->now_ms - found.since_at >= LOGIN_WINDOW_MS || in->now_ms < found.last_at)
		found = (struct tries){ .since_at = in->now_ms };
	if (r >= 0)
		*ret = found;
	return r < 0 ? r : 0;
}

static int64_t next_at(const struct tries *k)
{
	if (k->n >= LOGIN_TRIES)
		return k->since_at + LOGIN_WINDOW_MS;
	return k->n < LOGIN_FREE_TRIES ? 0 : k->last_at + (INT64_C(1000) << (k->n - LOGIN_FREE_TRIES));
}

static int put_tries(struct tick *t, const uint8_t subject[SEAL_HASH_BYTES], const struct tries *k)
{
	struct statement *st = store_prepare(t->in.db, &login_module, LOGIN_PUT);
	bind_blob(st, "$subject", subject, SEAL_HASH_BYTES);
	bind_int(st, "$tries", k->n + 1);
	bind_int(st, "$since", k->since_at);
	bind_int(st, "$now", t->in.now_ms);
	return store_run(st);
}

static int tidy(struct tick *t)
{
	struct statement *st = store_prepare(t->in.db, &login_module, LOGIN_TIDY);
	bind_int(st, "$before", t->in.now_ms - LOGIN_WINDOW_MS);
	return store_run(st);
}

int login_try(struct tick *t, const char *name, const char *device, struct refusal *why)
{
	uint8_t subject[SEAL_HASH_BYTES];
	struct tries k;
	subject_of(&t->in, name, device, subject);
	int r = find_tries(&t->in, subject, &k);
	if (!r && next_at(&k) > t->in.now_ms) {
		int64_t wait_s = (next_at(&k) - t->in.now_ms + 999) / 1000;
		r = refuse(why, E_REFUSED, 429, "login_wait", "", "Too many tries; wait %lld s.", (long long)wait_s);
		why->args = json_pack("{s:I}", "retry_after_s", (json_int_t)wait_s);
		return r;
	}
	if (!r)
		r = tidy(t);
	return r ? r : put_tries(t, subject, &k);
}

int login_done(struct tick *t, const char *name, const char *device)
{
	uint8_t subject[SEAL_HASH_BYTES];
	subject_of(&t->in, name, device, subject);
	struct statement *st = store_prepare(t->in.db, &login_module, LOGIN_DROP);
	bind_blob(st, "$subject", subject, SEAL_HASH_BYTES);
	return store_run(st);
}
