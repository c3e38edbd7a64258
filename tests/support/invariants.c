/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The laws as SQL. Called by fault tests, while a core runs or not; opens the database read-only. */
#include "tests/support/invariants.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "gateway/base/json.h"
#include "gateway/base/seal.h"
#include "tests/support/mirror.h"

#define JOURNALS_MAX 4

struct journal {
	char path[256];
	long at, upto; /* read so far; what was there before the database was copied */
	bool modem;
};

struct invariants {
	sqlite3 *oracle; /* writes */
	sqlite3 *db;     /* reads, with the oracle attached as o; NULL while let go */
	char database[512], oracle_file[512];
	struct mirror *mirror; /* of a server's database, which db is then */
	struct seal *seal;
	struct journal journals[JOURNALS_MAX];
	int n_journals;
};

static const char oracle_schema[] =
	"PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;"
	"CREATE TABLE accepted (client_key TEXT PRIMARY KEY, status INTEGER);"
	"CREATE TABLE wire (tag TEXT, part INTEGER, idem_key TEXT, at INTEGER); CREATE INDEX wire_tag ON wire (tag, part);"
	"CREATE TABLE mo (channel TEXT, dedupe_key TEXT, PRIMARY KEY (channel, dedupe_key));";

/* Each must count 0. */
static const struct law {
	const char *name, *sql;
} laws[] = {
	{ "I1 accepted message lost",
	  "SELECT count(*) FROM o.accepted a LEFT JOIN v_msg m USING (client_key) WHERE a.status BETWEEN 200 AND 299 AND m.id IS NULL" },
	{ "I2 taken in twice",
	  "SELECT count(*) FROM (SELECT client_key FROM v_msg WHERE client_key IS NOT NULL GROUP BY client_key HAVING count(*) > 1)" },
	{ "I3 sent twice outside the window",
	  "SELECT count(*) FROM (SELECT m.id, w.part, count(DISTINCT coalesce(w.idem_key, w.rowid)) AS sends FROM o.wire w "
	  "JOIN v_msg m ON m.client_key = w.tag GROUP BY m.id, w.part HAVING sends > 1 AND sends - 1 > "
	  "(SELECT count(*) FROM v_attempt a WHERE a.msg_id = m.id AND a.part = w.part AND a.outcome = 'unclear'))" },
	{ "I4 on the wire without intent",
	  "SELECT count(*) FROM o.wire w LEFT JOIN v_msg m ON m.client_key = w.tag "
	  "LEFT JOIN v_attempt a ON a.msg_id = m.id AND a.part = w.part WHERE a.id IS NULL" },
	{ "I5 success without all parts",
	  "SELECT count(*) FROM v_msg m WHERE m.state IN ('sent', 'delivered') AND (SELECT count(DISTINCT part) FROM v_attempt a "
	  "WHERE a.msg_id = m.id AND (a.outcome = 'accepted' OR a.proof = 'accepted')) <> m.parts" },
	{ "I6 open attempt of a dead epoch",
	  "SELECT count(*) FROM v_attempt a JOIN v_meta t USING (node) WHERE a.outcome IS NULL AND a.epoch < t.epoch AND t.recovered = 1" },
	{ "I7 sent after an opt-out",
	  "SELECT count(*) FROM v_attempt a JOIN v_msg m ON m.id = a.msg_id JOIN v_optout x ON x.contact = m.contact AND "
	  "(x.scope = 'all' AND m.class NOT IN ('optout_ack', 'emergency') OR x.scope = 'campaign' AND m.class IN ('social_policy', 'advert') "
	  "OR x.scope = 'topic:' || m.topic AND m.class IN ('social_policy', 'advert')) WHERE a.seq > x.seq AND a.seq < coalesce(x.lifted_seq, 9e18)" },
	{ "I8 inbound lost or doubled",
	  "SELECT (SELECT count(*) FROM o.mo LEFT JOIN v_inbound i USING (channel, dedupe_key) WHERE i.id IS NULL) + "
	  "(SELECT count(*) FROM (SELECT 1 FROM v_inbound GROUP BY channel, dedupe_key HAVING count(*) > 1))" },
	{ "I9 inbound stuck",
	  "SELECT count(*) FROM v_inbound i, v_meta t WHERE i.state = 'received' AND t.now - i.received_at > 60000" },
	{ "I10 outbound stuck or expired",
	  "SELECT count(*) FROM v_msg m, v_meta t WHERE (m.state = 'sending' AND t.now - m.state_since > 180000) OR "
	  "(m.state IN ('queued', 'retry', 'held') AND m.expires_at < t.now - 60000)" },
	{ "I13 audit chain",
	  "SELECT count(*) FROM (SELECT seq, prev_hash, lag(hash) OVER (PARTITION BY chain ORDER BY seq) ph, "
	  "lag(seq) OVER (PARTITION BY chain ORDER BY seq) ps FROM v_audit) WHERE ps IS NOT NULL AND (seq <> ps + 1 OR prev_hash <> ph)" },
	{ "I14 accepted twice",
	  "SELECT count(*) FROM (SELECT 1 FROM v_attempt WHERE outcome = 'accepted' GROUP BY msg_id, part HAVING count(*) > 1)" },
	{ "I15 handed too early", "SELECT count(*) FROM v_attempt WHERE handed_at < not_before" },
	{ "I16 pages of the database", "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'" },
	{ "I16 foreign keys", "SELECT count(*) FROM pragma_foreign_key_check" },
};

/* ---- the oracle ---- */

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *st = NULL;
	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	return st;
}

static void run(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
}

static void finish(sqlite3 *db, sqlite3_stmt *st)
{
	if (sqlite3_step(st) != SQLITE_DONE)
		fail_msg("oracle: %s", sqlite3_errmsg(db));
	sqlite3_finalize(st);
}

/* What the laws and the journals ask for. */
static const char asked[] = "message address wording v_msg v_attempt v_inbound v_optout v_audit v_meta";

struct invariants *invariants_new(const char *data_dir, const char *oracle_file)
{
	return invariants_new_on("sqlite", data_dir, oracle_file);
}

struct invariants *invariants_new_on(const char *store, const char *data_dir, const char *oracle_file)
{
	struct invariants *i = calloc(1, sizeof(*i));
	char key[512];
	assert_non_null(i);
	snprintf(i->database, sizeof(i->database), "%s/caunoi.db", data_dir);
	snprintf(i->oracle_file, sizeof(i->oracle_file), "%s", oracle_file);
	snprintf(key, sizeof(key), "%s/identity.key", data_dir);
	assert_int_equal(seal_open(key, &i->seal), 0);
	if (sqlite3_open(oracle_file, &i->oracle) != SQLITE_OK)
		fail_msg("oracle: %s", sqlite3_errmsg(i->oracle));
	run(i->oracle, oracle_schema);
	if (strcmp(store, "sqlite"))
		i->mirror = mirror_open(store);
	invariants_open_again(i);
	return i;
}

void invariants_open_again(struct invariants *i)
{
	char attach[600];
	if (i->mirror)
		i->db = mirror_of(i->mirror, "");
	else if (sqlite3_open_v2(i->database, &i->db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
		fail_msg("oracle: %s", sqlite3_errmsg(i->db));
	snprintf(attach, sizeof(attach), "ATTACH '%s' AS o", i->oracle_file);
	sqlite3_busy_timeout(i->db, 10000);
	run(i->db, attach);
}

void invariants_let_go(struct invariants *i)
{
	if (i->mirror)
		run(i->db, "DETACH o");
	else
		sqlite3_close(i->db);
	i->db = NULL;
}

void invariants_free(struct invariants *i)
{
	if (!i)
		return;
	if (i->mirror)
		mirror_close(i->mirror);
	else
		sqlite3_close(i->db);
	sqlite3_close(i->oracle);
	seal_free(i->seal);
	free(i);
}

void invariants_accepted(struct invariants *i, const char *client_key, int status)
{
	sqlite3_stmt *st = prepare(i->oracle, "INSERT OR REPLACE INTO accepted VALUES (?, ?)");
	sqlite3_bind_text(st, 1, client_key, -1, SQLITE_TRANSIENT);
	sqlite3_bind_int(st, 2, status);
	finish(i->oracle, st);
}

void invariants_mo(struct invariants *i, const char *channel, const char *dedupe_key)
{
	sqlite3_stmt *st = prepare(i->oracle, "INSERT OR REPLACE INTO mo VALUES (?, ?)");
	sqlite3_bind_text(st, 1, channel, -1, SQLITE_TRANSIENT);
	sqlite3_bind_text(st, 2, dedupe_key, -1, SQLITE_TRANSIENT);
	finish(i->oracle, st);
}

/* ---- journals ---- */

static void watch(struct invariants *i, const char *path, bool modem)
{
	assert_true(i->n_journals < JOURNALS_MAX);
	struct journal *j = &i->journals[i->n_journals++];
	*j = (struct journal){ .modem = modem };
	assert_true(snprintf(j->path, sizeof(j->path), "%s", path) < (int)sizeof(j->path));
}

void invariants_watch_api(struct invariants *i, const char *journal)
{
	watch(i, journal, false);
}

void invariants_watch_modem(struct invariants *i, const char *journal)
{
	watch(i, journal, true);
}

static sqlite3_stmt *of_api(struct invariants *i, const json_t *line)
{
	const char *dash = strrchr(json_str(line, "key", ""), '-');
	sqlite3_stmt *st = prepare(i->db, "SELECT key FROM message WHERE id = ?1");
	sqlite3_bind_int64(st, 1, dash ? strtoll(dash + 1, NULL, 10) : 0);
	return st;
}

static sqlite3_stmt *of_modem(struct invariants *i, const json_t *line)
{
	uint8_t hash[SEAL_HASH_BYTES];
	seal_hash(i->seal, json_str(line, "to", ""), hash);
	sqlite3_stmt *st = prepare(i->db, "SELECT m.key FROM message m JOIN address a ON a.id = m.address LEFT JOIN wording w ON w.id = m.wording "
					  "WHERE a.hash = ?1 AND instr(coalesce(m.text, w.text), ?2) > 0");
	sqlite3_bind_blob(st, 1, hash, sizeof(hash), SQLITE_TRANSIENT);
	sqlite3_bind_text(st, 2, json_str(line, "text", ""), -1, SQLITE_TRANSIENT);
	return st;
}

/* The message a line of a journal speaks of: '?' when the database knows none. The caller's. */
static char *tag_of(struct invariants *i, const struct journal *j, const json_t *line)
{
	sqlite3_stmt *st = j->modem ? of_modem(i, line) : of_api(i, line);
	char *tag = strdup(sqlite3_step(st) == SQLITE_ROW ? (const char *)sqlite3_column_text(st, 0) : "?");
	sqlite3_finalize(st);
	assert_non_null(tag);
	return tag;
}

static void put_wire(struct invariants *i, const struct journal *j, const json_t *line)
{
	OWN(mem) char *tag = tag_of(i, j, line);
	/* an API with keys writes a message down once, so a second line is a second message: no idem_key */
	sqlite3_stmt *st = prepare(i->oracle, "INSERT INTO wire (tag, part, at) VALUES (?, ?, ?)");
	sqlite3_bind_text(st, 1, tag, -1, SQLITE_TRANSIENT);
	sqlite3_bind_int64(st, 2, json_int(line, "part", 1));
	sqlite3_bind_int64(st, 3, json_int(line, "at_ms", 0));
	finish(i->oracle, st);
}

static void read_on(struct invariants *i, struct journal *j)
{
	OWN(file) FILE *f = fopen(j->path, "r");
	OWN(mem) char *text = NULL;
	size_t room = 0;
	ssize_t n;
	if (!f || fseek(f, j->at, SEEK_SET))
		return;
	while (j->at < j->upto && (n = getline(&text, &room, f)) > 0 && text[n - 1] == '\n') {
		OWN(json) json_t *line = NULL;
		assert_int_equal(json_parse(text, (size_t)n, &line), 0);
		put_wire(i, j, line);
		j->at += n;
	}
}

/* ---- checking ---- */

static int64_t count(struct invariants *i, const char *sql)
{
	sqlite3_stmt *st = prepare(i->db, sql);
	if (sqlite3_step(st) != SQLITE_ROW)
		fail_msg("%s: %s", sql, sqlite3_errmsg(i->db));
	int64_t n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return n;
}

int64_t invariants_scalar(struct invariants *i, const char *sql)
{
	if (i->mirror)
		mirror_of(i->mirror, sql);
	return count(i, sql);
}

int invariants_check(struct invariants *i)
{
	int broken = 0;
	for (int j = 0; j < i->n_journals; j++) {
		struct stat st;
		i->journals[j].upto = stat(i->journals[j].path, &st) ? 0 : st.st_size;
	}
	if (i->mirror)
		mirror_of(i->mirror, asked);
	run(i->oracle, "BEGIN");
	for (int j = 0; j < i->n_journals; j++)
		read_on(i, &i->journals[j]);
	run(i->oracle, "COMMIT");
	for (size_t l = 0; l < COUNT_OF(laws); l++) {
		int64_t n = count(i, laws[l].sql);
		if (n)
			fprintf(stderr, "broken: %s, %lld times\n", laws[l].name, (long long)n);
		broken += n != 0;
	}
	return broken;
}

void invariants_print_window(struct invariants *i)
{
	if (i->mirror)
		mirror_of(i->mirror, "v_attempt");
	sqlite3_stmt *st = prepare(i->db, "SELECT kind, count(*) FROM v_attempt WHERE outcome = 'unclear' GROUP BY kind");
	while (sqlite3_step(st) == SQLITE_ROW)
		fprintf(stderr, "unclear attempts: %s %lld\n", (const char *)sqlite3_column_text(st, 0), (long long)sqlite3_column_int64(st, 1));
	sqlite3_finalize(st);
}
