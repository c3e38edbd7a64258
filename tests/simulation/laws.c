/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The laws as SQL over the views made for checks, and what the oracle was told held against the rows. Called by world.c after
 * starts and in quiet periods, by oracle.c for single rows. Reads only. */
#include "tests/simulation/laws.h"

#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/simulation/books.h"
#include "tests/simulation/inside.h"
#include "tests/simulation/lawbook.h"
#include "tests/simulation/model_store.h"

#define UNTROUBLED_MS 60000
#define HEALTHY_MS (2 * 3600000)

struct laws {
	sqlite3 *db;
	sqlite3_stmt **sound; /* of lawbook_sound */
};

void laws_open(struct world *w)
{
	char path[200];
	snprintf(path, sizeof(path), "%s/caunoi.db", w->plan.postgresql_rules ? MODEL_STORE_FOLDER : w->node.data_dir);
	w->laws = calloc(1, sizeof(*w->laws));
	SIM_CHECK(w->laws && (w->laws->sound = calloc(lawbook_sound.n, sizeof(*w->laws->sound))));
	SIM_CHECK(sqlite3_open_v2(path, &w->laws->db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK);
	rows_open(w, w->laws->db);
}

void laws_close(struct world *w)
{
	struct laws *l = w->laws;
	if (!l)
		return;
	rows_close(w);
	for (size_t i = 0; i < lawbook_sound.n; i++)
		sqlite3_finalize(l->sound[i]);
	free(l->sound);
	sqlite3_close(l->db);
	free(l);
	w->laws = NULL;
}

static void hold(struct world *w, const struct law *law, sqlite3_stmt *st)
{
	int rc = sqlite3_step(st);
	int64_t n = rc == SQLITE_ROW ? sqlite3_column_int64(st, 0) : -1;
	sqlite3_reset(st);
	if (n)
		world_break(w, law->name, "%lld rows (%s)", (long long)n, rc == SQLITE_ROW ? "counted" : sqlite3_errmsg(w->laws->db));
}

/* ---- what was promised ---- */

static void hold_accepted(struct world *w, bool all)
{
	size_t i;
	json_t *key;
	const char *name;
	json_array_foreach (w->oracle.accepted_new, i, key)
		if (!rows_command_kept(w, "message.send", json_string_value(key)))
			world_break(w, "I1 accepted message lost", "%s", json_string_value(key));
	json_array_clear(w->oracle.accepted_new);
	if (all)
		json_object_foreach (w->oracle.accepted, name, key)
			if (!rows_command_kept(w, "message.send", name))
				world_break(w, "I1 accepted message lost", "%s", name);
}

static void hold_one_inbound(struct world *w, const char *at)
{
	char channel[40];
	const char *bar = strchr(at, '|');
	snprintf(channel, sizeof(channel), "%.*s", (int)(bar - at), at);
	if (!rows_inbound_stored(w, channel, bar + 1))
		world_break(w, "I8 inbound lost", "%s", at);
}

static void hold_inbound(struct world *w, bool all)
{
	size_t i;
	json_t *v;
	const char *at;
	json_array_foreach (w->oracle.inbound_new, i, v)
		hold_one_inbound(w, json_string_value(v));
	json_array_clear(w->oracle.inbound_new);
	if (all)
		json_object_foreach (w->oracle.inbound, at, v)
			hold_one_inbound(w, at);
}

/* A message that counts as sent was seen by a network, every part of it. */
static void hold_sent(struct world *w)
{
	sqlite3_stmt *st = NULL;
	rows_prepared(w, &st, "SELECT t.instance || '-' || m.id, m.parts FROM message m, meta t WHERE m.state IN ('sent', 'delivered')");
	while (sqlite3_step(st) == SQLITE_ROW)
		for (int part = 1; part <= sqlite3_column_int(st, 1); part++) {
			char at[120];
			snprintf(at, sizeof(at), "%s:%d", (const char *)sqlite3_column_text(st, 0), part);
			if (!json_object_get(w->oracle.wire, at))
				world_break(w, "what counts as sent was sent", "%s never reached a network", at);
		}
	sqlite3_finalize(st);
}

/* What became of every message that is through, and every message that came in. Those that nobody could be told of for a day are given up
 * and listed; a clock that was set by hours may end that day at once. */
static void hold_told(struct world *w)
{
	sqlite3_stmt *st = NULL;
	rows_prepared(w, &st,
		      "SELECT 'message', id, state FROM message WHERE state NOT IN ('held', 'queued', 'retry', 'sending') UNION ALL SELECT "
		      "'inbound', id, '' "
		      "FROM inbound WHERE state = 'handled' EXCEPT SELECT kind, object, coalesce(state, '') FROM webhook_event");
	while (!w->set_by_hours && sqlite3_step(st) == SQLITE_ROW) {
		const char *kind = (const char *)sqlite3_column_text(st, 0), *state = (const char *)sqlite3_column_text(st, 2);
		if (!receiver_was_told(w, kind, sqlite3_column_int64(st, 1), state))
			world_break(w, "every event is told", "%s %lld %s was not", kind, (long long)sqlite3_column_int64(st, 1), state);
	}
	sqlite3_finalize(st);
}

/* ---- states ---- */

/* What a message may become when seen again later; nothing else, however many steps lie between. */
static bool may_become(const char *was, const char *now)
{
	static const struct {
		const char *was, *now;
	} rows[] = {
		{ "held queued sending retry", "held queued sending retry sent unclear delivered failed expired suppressed cancelled" },
		{ "sent", "delivered failed" },
		{ "unclear", "sent delivered failed" },
		{ "failed", "delivered" },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (strstr(rows[i].was, was))
			return strstr(rows[i].now, now) != NULL;
	return false;
}

static void hold_states(struct world *w)
{
	sqlite3_stmt *st = NULL;
	rows_prepared(w, &st, "SELECT id, state FROM message");
	while (sqlite3_step(st) == SQLITE_ROW) {
		const char *id = (const char *)sqlite3_column_text(st, 0), *now = (const char *)sqlite3_column_text(st, 1);
		const char *was = json_string_value(json_object_get(w->oracle.states, id));
		if (was && !strcmp(was, now))
			continue;
		if (was && !may_become(was, now))
			world_break(w, "no state moves backward", "message %s was %s and is %s", id, was, now);
		json_object_set_new(w->oracle.states, id, json_string(now));
	}
	sqlite3_finalize(st);
}

/* ---- the audit's hashes, from their definition ---- */

static void put_field(crypto_generichash_state *h, const void *data, int n)
{
	char length[24];
	int k = snprintf(length, sizeof(length), "%d:", n);
	crypto_generichash_update(h, (const unsigned char *)length, (unsigned long long)k);
	crypto_generichash_update(h, data, (unsigned long long)n);
}

static void hash_row(sqlite3_stmt *st, unsigned char ret[32])
{
	crypto_generichash_state h;
	char head[96];
	int n = snprintf(head, sizeof(head), "caunoi.audit.1:main:%lld:%lld:", (long long)sqlite3_column_int64(st, 0),
			 (long long)sqlite3_column_int64(st, 1));
	crypto_generichash_init(&h, NULL, 0, 32);
	crypto_generichash_update(&h, (const unsigned char *)head, (unsigned long long)n);
	for (int i = 2; i < 7; i++)
		put_field(&h, sqlite3_column_blob(st, i) ? sqlite3_column_blob(st, i) : "", sqlite3_column_bytes(st, i));
	crypto_generichash_final(&h, ret, 32);
}

/* Heads that were seen stay what they were; every hash is that of its row. */
static void hold_audit(struct world *w)
{
	sqlite3_stmt *st = NULL;
	json_t *heads = w->oracle.heads, *last = json_array_get(heads, json_array_size(heads) - 1);
	char hex[65] = "";
	int64_t seq = 0;
	rows_prepared(
		w, &st,
		"SELECT seq, at, actor, verb, subject, commitment, prev_hash, hash FROM audit WHERE chain = 'main' AND seq >= ?1 ORDER BY "
		"seq");
	sqlite3_bind_int64(st, 1, json_int(last, "seq", 0));
	while (sqlite3_step(st) == SQLITE_ROW) {
		unsigned char hash[32];
		hash_row(st, hash);
		seq = sqlite3_column_int64(st, 0);
		if (sqlite3_column_bytes(st, 7) != 32 || memcmp(sqlite3_column_blob(st, 7), hash, 32))
			world_break(w, "I13 audit hashes", "entry %lld does not have the hash of its content", (long long)seq);
		sodium_bin2hex(hex, sizeof(hex), hash, 32);
		if (last && seq == json_int(last, "seq", 0) && strcmp(hex, json_str(last, "hash", "")))
			world_break(w, "I13 audit head", "entry %lld was another when last seen", (long long)seq);
	}
	sqlite3_finalize(st);
	if (last && seq < json_int(last, "seq", 0))
		world_break(w, "I13 audit head", "entry %lld is gone", (long long)json_int(last, "seq", 0));
	if (seq && seq > json_int(last, "seq", 0))
		json_array_append_new(heads, json_pack("{s:I,s:s}", "seq", (json_int_t)seq, "hash", hex));
}

/* ---- all together ---- */

static void run_laws(struct world *w, bool all)
{
	for (size_t i = 0; i < lawbook_sound.n && !w->broken; i++)
		if (all || !lawbook_sound.laws[i].rarely)
			hold(w, &lawbook_sound.laws[i], rows_prepared(w, &w->laws->sound[i], lawbook_sound.laws[i].sql));
	hold_accepted(w, all);
	hold_inbound(w, all);
}

void laws_check(struct world *w)
{
	w->figures.checks++;
	run_laws(w, false);
	hold_audit(w);
}

static void once(struct world *w, const struct law *law)
{
	sqlite3_stmt *st = NULL;
	hold(w, law, rows_prepared(w, &st, law->sql));
	sqlite3_finalize(st);
}

static void all_of(struct world *w, const struct lawbook *book)
{
	for (size_t i = 0; i < book->n && !w->broken; i++)
		once(w, &book->laws[i]);
}

void laws_check_often(struct world *w, int64_t clock_held_ms, int64_t untroubled_ms)
{
	hold_states(w);
	movers_hold(w);
	for (size_t i = 0; i < lawbook_timely.n && !w->broken; i++)
		if (clock_held_ms > lawbook_timely.laws[i].held_ms)
			once(w, &lawbook_timely.laws[i]);
	if (untroubled_ms > UNTROUBLED_MS)
		all_of(w, &lawbook_untroubled);
	if (w->quiet && untroubled_ms > HEALTHY_MS)
		all_of(w, &lawbook_healthy);
}

/* How many attempts are in doubt now. */
static int64_t count_unclear(struct world *w)
{
	return rows_number(w, "SELECT count(*) FROM attempt WHERE outcome = 'unclear' AND proof IS NULL", 0);
}

void laws_check_all(struct world *w)
{
	static const struct law pages = { "I16 pages of the database",
					  "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'", true, 0 };
	w->figures.full_checks++;
	w->figures.unclear = count_unclear(w);
	run_laws(w, true);
	if (!w->set_by_hours)
		all_of(w, &lawbook_by_clock);
	hold_sent(w);
	hold_states(w);
	hold_audit(w);
	books_check(w, w->laws->db);
	clerk_hold(w);
	once(w, &pages);
}

void laws_check_settled(struct world *w)
{
	all_of(w, &lawbook_settled);
	hold_told(w);
}

void laws_check_window(struct world *w)
{
	sqlite3_stmt *st = NULL;
	rows_prepared(w, &st, "SELECT channel, count(*) FROM attempt WHERE outcome IS NULL AND handed_at IS NOT NULL GROUP BY channel");
	while (sqlite3_step(st) == SQLITE_ROW)
		for (int i = 0; i < CHANNELS; i++)
			if (!strcmp((const char *)sqlite3_column_text(st, 0), w->drivers[i].name) &&
			    sqlite3_column_int(st, 1) > w->drivers[i].credit)
				world_break(w, "the window", "%d attempts of %s are in doubt at once", sqlite3_column_int(st, 1),
					    w->drivers[i].name);
	sqlite3_finalize(st);
}
