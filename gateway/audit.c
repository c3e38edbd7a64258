/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The audit chain: each entry commits to its words and to the entry before it. Called by every command that changes or
 * discloses something. Verification recomputes the chain a page at a time and compares it with the heads that the ledger
 * keeps outside the database, which shows a cut or rolled-back tail as well. */
#include "gateway/audit.h"

#include <stdio.h>
#include <string.h>

#include "gateway/base/buffer.h"
#include "gateway/base/calendar.h"
#include "gateway/base/json.h"
#include "gateway/base/mask.h"
#include "gateway/base/mutant.h"
#include "gateway/base/seal.h"
#include "gateway/ledger.h"
#include "gateway/store/store.h"
#include "gateway/territory.h"
#include "gateway/verb.h"
#include "config/config.h"

#define CHAIN "main"
#define SALT_BYTES 16
#define PAGE 1000
#define CHECK_MOST 200000 /* entries in one query: well under a second */

enum { AUDIT_HEAD, AUDIT_PUT, AUDIT_PUT_DETAIL, AUDIT_LIST, AUDIT_PAGE, AUDIT_HASH, AUDIT_HIDDEN, AUDIT_HIDDEN_INBOUND, AUDIT_HIDDEN_MESSAGE, AUDIT_SQL_COUNT };
#define HIDDEN "k.restricted = 1 AND NOT " CASE_SEEN("k", "$territory")
static const char *const audit_sql[AUDIT_SQL_COUNT] = {
	[AUDIT_HEAD] = "SELECT seq, hash FROM audit WHERE chain = $chain ORDER BY seq DESC LIMIT 1",
	[AUDIT_PUT] = "INSERT INTO audit (chain, seq, at, actor, verb, subject, commitment, prev_hash, hash)"
		      " VALUES ($chain, $id, $at, $actor, $verb, $subject, $commitment, $prev, $hash)",
	[AUDIT_PUT_DETAIL] = "INSERT INTO audit_detail (chain, seq, salt, sealed, seal_key) VALUES ($chain, $id, $salt, $sealed, $key)",
	[AUDIT_LIST] = "SELECT a.seq, a.at, a.actor, a.verb, a.subject, d.sealed FROM audit a"
		       " LEFT JOIN audit_detail d ON d.chain = a.chain AND d.seq = a.seq"
		       " WHERE a.chain = $chain AND a.seq < $before ORDER BY a.seq DESC LIMIT $limit",
	[AUDIT_PAGE] = "SELECT a.seq, a.at, a.actor, a.verb, a.subject, a.commitment, a.prev_hash, a.hash, d.salt, d.sealed FROM audit a"
		       " LEFT JOIN audit_detail d ON d.chain = a.chain AND d.seq = a.seq"
		       " WHERE a.chain = $chain AND a.seq > $after ORDER BY a.seq LIMIT $limit",
	[AUDIT_HIDDEN] = "SELECT 1 FROM casefile k WHERE k.id = $id AND " HIDDEN,
	[AUDIT_HIDDEN_INBOUND] = "SELECT 1 FROM inbound i LEFT JOIN inbound h ON h.id = i.joined_to "
				 "JOIN casefile k ON k.id = coalesce(i.casefile, h.casefile) WHERE i.id = $id AND " HIDDEN,
	[AUDIT_HIDDEN_MESSAGE] = "SELECT 1 FROM message m JOIN casefile k ON k.address = m.address "
				 "WHERE m.id = $id AND m.key LIKE 'case:' || k.id || ':%' AND " HIDDEN,
	[AUDIT_HASH] = "SELECT hash FROM audit WHERE chain = $chain AND seq = $seq",
};
const struct sql_module audit_module = { "audit", audit_sql, AUDIT_SQL_COUNT };

struct entry {
	int64_t seq, at;
	const char *actor, *verb, *subject;
	const uint8_t *commitment, *prev; /* 32 bytes each */
};

/* Every field with its length in front, so that no two entries read the same. */
static int put_field(struct buffer *out, const void *data, size_t n_bytes)
{
	int r = buffer_printf(out, "%zu:", n_bytes);
	return r ? r : buffer_put(out, data, n_bytes);
}

static int entry_hash(const struct entry *e, uint8_t ret[32])
{
	OWN(buffer) struct buffer b = { 0 };
	int r = buffer_printf(&b, "caunoi.audit.1:%s:%lld:%lld:", CHAIN, (long long)e->seq, (long long)e->at);
	const char *texts[] = { e->actor, e->verb, e->subject };
	for (size_t i = 0; !r && i < COUNT_OF(texts); i++)
		r = put_field(&b, texts[i], strlen(texts[i]));
	if (!r)
		r = put_field(&b, e->commitment, 32);
	if (!r)
		r = put_field(&b, e->prev, 32);
	if (!r)
		seal_digest(b.data, b.n_bytes, ret);
	return r;
}

static int commit_to(const uint8_t salt[SALT_BYTES], const char *detail, uint8_t ret[32])
{
	OWN(buffer) struct buffer b = { 0 };
	int r = buffer_put(&b, salt, SALT_BYTES);
	if (!r)
		r = buffer_puts(&b, detail);
	if (!r)
		seal_digest(b.data, b.n_bytes, ret);
	return r;
}

int audit_head(const struct scope *in, int64_t *ret_seq, uint8_t ret_hash[32])
{
	struct statement *st = store_prepare(in->db, &audit_module, AUDIT_HEAD);
	bind_text(st, "$chain", CHAIN);
	int r = store_row(st);
	size_t n = 0;
	const void *hash = r > 0 ? column_blob(st, 1, &n) : NULL;
	if (r > 0 && n == 32) {
		*ret_seq = column_int(st, 0);
		memcpy(ret_hash, hash, 32);
		r = 0;
	} else if (r > 0) {
		r = E_CORRUPT;
	} else if (r == 0) {
		*ret_seq = 0;
		memset(ret_hash, 0, 32);
	}
	store_reset(st);
	return r;
}

/* Entries are put one behind the other: only the first one of a tick asks for the head. */
static int find_head(struct tick *t)
{
	int r = t->audit.known ? 0 : audit_head(&t->in, &t->audit.seq, t->audit.hash);
	t->audit.known = !r;
	return r;
}

static int put_entry(struct tick *t, const struct entry *e)
{
	uint8_t hash[32];
	int r = entry_hash(e, hash);
	if (r)
		return r;
	struct statement *st = store_prepare(t->in.db, &audit_module, AUDIT_PUT);
	bind_text(st, "$chain", CHAIN);
	bind_int(st, "$id", e->seq); /* one row each: they are sent together */
	bind_int(st, "$at", e->at);
	bind_text(st, "$actor", e->actor);
	bind_text(st, "$verb", e->verb);
	bind_text(st, "$subject", e->subject);
	bind_blob(st, "$commitment", e->commitment, 32);
	bind_blob(st, "$prev", e->prev, 32);
	bind_blob(st, "$hash", hash, 32);
	t->audit.seq = e->seq;
	memcpy(t->audit.hash, hash, sizeof(hash));
	return store_write_row(st);
}

static int put_detail(struct tick *t, int64_t seq, const uint8_t salt[SALT_BYTES], const char *detail)
{
	size_t n = strlen(detail);
	OWN(mem) uint8_t *sealed = malloc(n + SEAL_EXTRA_BYTES);
	if (!sealed)
		return E_NOMEM;
	seal_close_box(t->in.seal, t->in.random, detail, n, sealed);
	struct statement *st = store_prepare(t->in.db, &audit_module, AUDIT_PUT_DETAIL);
	bind_text(st, "$chain", CHAIN);
	bind_int(st, "$id", seq);
	bind_blob(st, "$salt", salt, SALT_BYTES);
	bind_blob(st, "$sealed", sealed, n + SEAL_EXTRA_BYTES);
	bind_int(st, "$key", SEAL_KEY_ID);
	return store_write_row(st);
}

int audit_put(struct tick *t, const char *actor, const char *verb, const char *subject, const char *detail)
{
	uint8_t prev[32], commitment[32], salt[SALT_BYTES];
	int r = find_head(t);
	if (r)
		return r;
	memcpy(prev, t->audit.hash, sizeof(prev));
	prev[0] ^= MUTANT(AUDIT_LINK_BROKEN);
	random_fill(t->in.random, salt, sizeof(salt));
	r = commit_to(salt, detail ? detail : "", commitment);
	if (r)
		return r;
	struct entry e = { .seq = t->audit.seq + 1, .at = t->in.now_ms, .actor = actor, .verb = verb, .subject = subject ? subject : "",
			   .commitment = commitment, .prev = prev };
	r = put_entry(t, &e);
	return r || !detail ? r : put_detail(t, e.seq, salt, detail);
}

/* ---- audit list ---- */

/* An entry about a case that whoever asks may not know of is not theirs either. */
int audit_is_hidden(const struct scope *in, const char *subject, const char *territory)
{
	static const struct {
		const char *form;
		size_t sql;
	} of_cases[] = { { "case:%lld", AUDIT_HIDDEN }, { "inbound:%lld", AUDIT_HIDDEN_INBOUND }, { "message:%lld", AUDIT_HIDDEN_MESSAGE } };
	long long id = 0;
	size_t i = 0;
	while (i < COUNT_OF(of_cases) && sscanf(subject, of_cases[i].form, &id) != 1)
		i++;
	if (!territory || !*territory || i == COUNT_OF(of_cases))
		return 0;
	struct statement *st = store_prepare(in->db, &audit_module, of_cases[i].sql);
	bind_int(st, "$id", id);
	bind_text(st, "$territory", territory);
	int r = store_row(st);
	store_reset(st);
	return r;
}

void audit_attempt(const struct scope *in, const struct call *c, const char *kind, int64_t id, struct refusal *why)
{
	char subject[sizeof(why->attempt)];
	snprintf(subject, sizeof(subject), "%s:%lld", kind, (long long)id);
	if (why && audit_is_hidden(in, subject, c->unit) > 0)
		snprintf(why->attempt, sizeof(why->attempt), "%s", subject);
}

/* What people wrote, without the numbers that name somebody. */
static json_t *detail_json(const struct scope *in, struct statement *st, int column)
{
	size_t n;
	const void *sealed = column_blob(st, column, &n);
	OWN(mem) char *text = NULL;
	if (!sealed || seal_open_box(in->seal, sealed, n, &text, NULL))
		return json_null();
	OWN(mem) char *shown = mask_personal(text);
	return shown ? json_string(shown) : NULL;
}

static json_t *list_row(const struct scope *in, struct statement *st)
{
	char at[CALENDAR_ISO_BYTES];
	calendar_format_iso(in->zone, column_int(st, 1), at);
	return json_pack("{s:I,s:s,s:s,s:s,s:s,s:o}", "id", (json_int_t)column_int(st, 0), "at", at, "actor", column_text(st, 2), "verb",
			 column_text(st, 3), "subject", column_text(st, 4), "detail", detail_json(in, st, 5));
}

static int list_query(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	(void)why;
	int64_t limit = json_int(c->args, "limit", 100), last = 0, n = 0;
	OWN(json) json_t *list = json_array();
	struct statement *st = store_prepare(in->db, &audit_module, AUDIT_LIST);
	bind_text(st, "$chain", CHAIN);
	bind_int(st, "$before", json_int(c->args, "after", INT64_MAX));
	bind_int(st, "$limit", limit);
	int r;
	while ((r = store_row(st)) > 0) {
		n++;
		last = column_int(st, 0);
		r = audit_is_hidden(in, column_text(st, 4), c->unit);
		if (!r && json_array_append_new(list, list_row(in, st)))
			r = E_NOMEM;
		if (r < 0)
			break;
	}
	store_reset(st);
	if (r)
		return r;
	*ret_next = n == limit && last > 1 ? last : 0;
	*ret = MOVE(list);
	return 0;
}

/* ---- audit verify ---- */

struct check {
	int64_t seq; /* last one found good */
	uint8_t hash[32];
	int64_t checked, first_bad;
};

static bool detail_good(const struct scope *in, struct statement *st, const uint8_t *commitment)
{
	size_t n_salt, n_sealed;
	const void *salt = column_blob(st, 8, &n_salt), *sealed = column_blob(st, 9, &n_sealed);
	OWN(mem) char *text = NULL;
	uint8_t expected[32];
	if (!salt) /* without words, or erased */
		return true;
	return n_salt == SALT_BYTES && !seal_open_box(in->seal, sealed, n_sealed, &text, NULL) && !commit_to(salt, text, expected) &&
	       memcmp(expected, commitment, 32) == 0;
}

static bool row_good(const struct scope *in, struct statement *st, const struct check *k, uint8_t ret_hash[32])
{
	size_t n_commitment, n_prev, n_hash;
	struct entry e = { .seq = column_int(st, 0), .at = column_int(st, 1), .actor = column_text(st, 2), .verb = column_text(st, 3),
			   .subject = column_text(st, 4), .commitment = column_blob(st, 5, &n_commitment),
			   .prev = column_blob(st, 6, &n_prev) };
	const void *hash = column_blob(st, 7, &n_hash);
	if (e.seq != k->seq + 1 || n_commitment != 32 || n_prev != 32 || n_hash != 32 || memcmp(e.prev, k->hash, 32) != 0)
		return false;
	return !entry_hash(&e, ret_hash) && memcmp(hash, ret_hash, 32) == 0 && detail_good(in, st, e.commitment);
}

/* One page; *ret_n = rows seen. */
static int check_page(const struct scope *in, struct check *k, int64_t limit, int64_t *ret_n)
{
	struct statement *st = store_prepare(in->db, &audit_module, AUDIT_PAGE);
	bind_text(st, "$chain", CHAIN);
	bind_int(st, "$after", k->seq);
	bind_int(st, "$limit", limit);
	int64_t n = 0;
	int r = 0;
	while (!k->first_bad && (r = store_row(st)) > 0) {
		n++;
		uint8_t hash[32];
		if (!row_good(in, st, k, hash)) {
			k->first_bad = k->seq + 1;
			break;
		}
		k->seq++;
		k->checked++;
		memcpy(k->hash, hash, 32);
	}
	store_reset(st);
	*ret_n = n;
	return k->first_bad ? 0 : r;
}

static int hash_at(const struct scope *in, int64_t seq, uint8_t ret[32])
{
	struct statement *st = store_prepare(in->db, &audit_module, AUDIT_HASH);
	bind_text(st, "$chain", CHAIN);
	bind_int(st, "$seq", seq);
	int r = store_row(st);
	size_t n = 0;
	const void *hash = r > 0 ? column_blob(st, 0, &n) : NULL;
	if (r > 0 && n == 32)
		memcpy(ret, hash, 32);
	r = r < 0 ? r : r > 0 && n == 32 ? 0 : E_NOT_FOUND;
	store_reset(st);
	return r;
}

struct anchors {
	const struct scope *in;
	int64_t first_bad;
};

static int check_anchor(void *arg, int64_t seq, const uint8_t hash[32])
{
	struct anchors *a = arg;
	uint8_t here[32];
	int r = hash_at(a->in, seq, here);
	if (r && r != E_NOT_FOUND)
		return r;
	if ((r || memcmp(here, hash, 32) != 0) && (!a->first_bad || seq < a->first_bad))
		a->first_bad = seq;
	return 0;
}

static int verify_query(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	(void)ret_next;
	struct check k = { .seq = json_int(c->args, "after", 0) };
	int r = k.seq ? hash_at(in, k.seq, k.hash) : 0;
	if (r)
		return refuse(why, r, 404, "not_found", "after", "There is no such entry.");
	int64_t n = PAGE;
	while (!r && !k.first_bad && n == PAGE && k.checked < CHECK_MOST)
		r = check_page(in, &k, PAGE, &n);
	bool to_the_end = !k.first_bad && n < PAGE;
	struct anchors a = { .in = in };
	if (!r && !k.first_bad)
		r = ledger_each_anchor(in->config->data_dir, check_anchor, &a);
	if (r)
		return r;
	/* an anchor behind what was checked so far means a cut tail only when the end was reached */
	if (a.first_bad && (to_the_end || a.first_bad <= k.seq))
		k.first_bad = a.first_bad > k.seq ? k.seq + 1 : a.first_bad;
	*ret = json_pack("{s:b,s:o,s:I,s:o}", "ok", k.first_bad == 0, "first_bad", k.first_bad ? json_integer(k.first_bad) : json_null(),
			 "checked", (json_int_t)k.checked, "next", to_the_end || k.first_bad ? json_null() : json_integer(k.seq));
	return *ret ? 0 : E_NOMEM;
}

static const struct verb_arg verify_args[] = {
	{ .name = "after", .type = ARG_INT, .min = 0, .max = INT64_MAX / 2, .help_en = "go on behind this entry (what next said)",
	  .help_vi = "tiếp tục sau mục này (giá trị next)" },
};

static const struct verb verbs[] = {
	{ .noun = "audit", .name = "list", .whole = true, .kind = VERB_QUERY, .roles = R_(ADMINISTRATOR) | R_(AUDITOR), .list = true,
	  .help_en = "what was done, newest first", .help_vi = "nhật ký việc đã làm, mới nhất trước", .query = list_query },
	{ .noun = "audit", .name = "verify", .whole = true, .kind = VERB_QUERY, .roles = R_(ADMINISTRATOR) | R_(AUDITOR), VERB_ARGS(verify_args),
	  .help_en = "recompute the chain and compare it with the ledger", .help_vi = "tính lại chuỗi và đối chiếu với sổ ngoài",
	  .query = verify_query },
};
const struct verb_table audit_verbs = VERB_TABLE(verbs);
