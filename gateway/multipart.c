/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Joins parts of long messages out of the table inbound. Called by inbox only. */
#include "gateway/multipart.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/buffer.h"
#include "gateway/base/mutant.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"
#include "gateway/store/store.h"

#define PARTS_MAX 255
#define GIVE_UP_BATCH 32
#define DOUBLE_MS (INT64_C(3600) * 1000)

#define LATE_MS (24 * INT64_C(3600) * 1000) /* references come round again: what is older is another message */
#define GAP " [...] "			    /* stands for a part that is missing */

enum multipart_sql {
	MULTIPART_GROUP,
	MULTIPART_PARTS,
	MULTIPART_BEFORE,
	MULTIPART_JOIN,
	MULTIPART_JOINED,
	MULTIPART_DUE,
	MULTIPART_LATE,
	MULTIPART_THERE,
	MULTIPART_FILL,
	MULTIPART_FOLLOW,
	MULTIPART_SQL_COUNT
};
static const char *const multipart_sql[MULTIPART_SQL_COUNT] = {
	[MULTIPART_GROUP] = "SELECT address, channel, ref, total, bits FROM inbound WHERE id = $id",
	[MULTIPART_PARTS] = "SELECT id, part, text FROM inbound WHERE address = $address AND channel = $channel AND ref = $ref AND total = $total "
			    "AND bits = $bits AND state = 'waiting' ORDER BY id",
	[MULTIPART_BEFORE] = "SELECT coalesce(o.joined_to, o.id) FROM inbound n JOIN inbound o ON o.address = n.address AND o.received_at >= $since AND "
			     "o.channel = n.channel AND o.ref = n.ref AND o.total = n.total AND o.bits = n.bits AND o.part = n.part AND o.id < n.id AND "
			     "o.state IN ('received', 'handled', 'joined', 'quarantined') AND instr(o.text, n.text) > 0 WHERE n.id = $id LIMIT 1",
	[MULTIPART_JOIN] = "UPDATE inbound SET state = 'received', text = $text, due_at = $missing WHERE id = $id AND state = 'waiting'",
	[MULTIPART_JOINED] = "UPDATE inbound SET state = 'joined', joined_to = $head WHERE id = $id AND state = 'waiting'",
	[MULTIPART_LATE] = "SELECT h.id, h.state, h.text, h.due_at, h.total, n.part, n.text FROM inbound n JOIN inbound h ON h.address = n.address AND "
			   "h.received_at >= $since AND h.channel = n.channel AND h.ref = n.ref AND h.total = n.total AND h.bits = n.bits AND h.id < n.id "
			   "AND h.joined_to IS NULL AND h.due_at >= 1 AND h.due_at < h.total AND h.state IN ('received', 'handled') WHERE n.id = $id "
			   "ORDER BY h.id + 0 DESC LIMIT 1", /* + 0: not through all there are, in the order of their ids */
	[MULTIPART_THERE] = "SELECT p.part FROM inbound h JOIN inbound p ON p.address = h.address AND p.received_at >= h.received_at AND "
			    "(p.id = h.id OR p.joined_to = h.id) WHERE h.id = $head",
	[MULTIPART_FILL] = "UPDATE inbound SET text = $text, due_at = $missing WHERE id = $id",
	[MULTIPART_FOLLOW] = "UPDATE inbound SET state = 'received', joined_to = $head, due_at = $missing WHERE id = $id AND state = 'waiting'",
	[MULTIPART_DUE] = "SELECT id FROM inbound INDEXED BY inbound_due WHERE state = 'waiting' AND due_at <= $now ORDER BY due_at LIMIT $n",
};
const struct sql_module multipart_module = { "multipart", multipart_sql, MULTIPART_SQL_COUNT };

struct group {
	int64_t address, ref, total, bits;
	char channel[40];
	char *text[PARTS_MAX + 1];
	int64_t ids[4 * PARTS_MAX]; /* every row, doubles too */
	int n_ids, n_parts;
};

static void group_free(struct group *g)
{
	for (int i = 0; g && i <= PARTS_MAX; i++)
		free(g->text[i]);
	free(g);
}
OWN_DEFINE(group, struct group *, group_free)

static int read_group(struct tick *t, int64_t id, struct group *g)
{
	struct statement *st = store_prepare(t->in.db, &multipart_module, MULTIPART_GROUP);
	bind_int(st, "$id", id);
	int r = store_row(st);
	if (r > 0) {
		g->address = column_int(st, 0);
		snprintf(g->channel, sizeof(g->channel), "%s", column_text(st, 1));
		g->ref = column_int(st, 2);
		g->total = column_int(st, 3);
		g->bits = column_int(st, 4);
	}
	store_reset(st);
	if (r <= 0)
		return r ? r : E_NOT_FOUND;
	st = store_prepare(t->in.db, &multipart_module, MULTIPART_PARTS);
	bind_int(st, "$address", g->address);
	bind_text(st, "$channel", g->channel);
	bind_int(st, "$ref", g->ref);
	bind_int(st, "$total", g->total);
	bind_int(st, "$bits", g->bits);
	while ((r = store_row(st)) > 0 && g->n_ids < (int)COUNT_OF(g->ids)) {
		int64_t part = column_int(st, 1);
		bool there = part >= 1 && part <= PARTS_MAX && g->text[part];
		if (there && strcmp(g->text[part], column_text(st, 2)))
			continue; /* other words under the same header: they wait for a message of their own */
		g->ids[g->n_ids++] = column_int(st, 0);
		if (part < 1 || part > PARTS_MAX || there)
			continue;
		g->text[part] = strdup(column_text(st, 2));
		if (!g->text[part])
			break;
		g->n_parts++;
	}
	store_reset(st);
	return r < 0 ? r : 0;
}

static int write_joined(struct tick *t, int64_t id, int64_t head)
{
	struct statement *st = store_prepare(t->in.db, &multipart_module, MULTIPART_JOINED);
	bind_int(st, "$id", id);
	bind_int(st, "$head", head);
	return store_run(st);
}

static int join(struct tick *t, struct group *g)
{
	OWN(buffer) struct buffer all = { 0 };
	int r = buffer_puts(&all, "");
	for (int i = 1; !r && i <= g->total; i++)
		r = buffer_puts(&all, g->text[i] ? g->text[i] : GAP);
	OWN(mem) char *text = r ? NULL : text_nfc(buffer_text(&all));
	if (!text)
		return E_NOMEM;
	struct statement *st = store_prepare(t->in.db, &multipart_module, MULTIPART_JOIN);
	bind_int(st, "$id", g->ids[0]);
	bind_text(st, "$text", text);
	bind_int(st, "$missing", g->total - g->n_parts);
	r = store_run(st);
	for (int i = 1; !r && i < g->n_ids; i++)
		r = write_joined(t, g->ids[i], g->ids[0]);
	return r;
}

/* A part that the network brings once more after its message was whole belongs to that message. */
static int join_double(struct tick *t, int64_t id)
{
	int64_t head = 0;
	struct statement *st = store_prepare(t->in.db, &multipart_module, MULTIPART_BEFORE);
	bind_int(st, "$id", id);
	bind_int(st, "$since", t->in.now_ms - DOUBLE_MS);
	int r = store_row(st);
	if (r > 0)
		head = column_int(st, 0);
	store_reset(st);
	return r > 0 ? write_joined(t, id, head) : r;
}

/* ---- a part that comes after its message was handed on without it ---- */

struct late {
	int64_t head, missing, total, part;
	bool handled;
	char *text, *own; /* of the whole so far, and of the part */
};

static void late_done(struct late *l)
{
	free(l->text);
	free(l->own);
}

static int read_late(struct tick *t, int64_t id, struct late *ret)
{
	struct statement *st = store_prepare(t->in.db, &multipart_module, MULTIPART_LATE);
	bind_int(st, "$id", id);
	bind_int(st, "$since", t->in.now_ms - LATE_MS);
	int r = store_row(st);
	if (r > 0) {
		*ret = (struct late){ .head = column_int(st, 0), .handled = strcmp(column_text(st, 1), "handled") == 0,
				      .missing = column_int(st, 3), .total = column_int(st, 4), .part = column_int(st, 5) };
		ret->text = strdup(column_text(st, 2));
		ret->own = strdup(column_text(st, 6));
		r = ret->text && ret->own ? 1 : E_NOMEM;
	}
	store_reset(st);
	return r;
}

/* How many parts before this one are missing, too; negative: this one is there. */
static int gaps_before(struct tick *t, const struct late *l, int *ret)
{
	bool there[PARTS_MAX + 1] = { false };
	int r, n = 0;
	struct statement *st = store_prepare(t->in.db, &multipart_module, MULTIPART_THERE);
	bind_int(st, "$head", l->head);
	while ((r = store_row(st)) > 0)
		if (column_int(st, 0) >= 1 && column_int(st, 0) <= PARTS_MAX)
			there[column_int(st, 0)] = true;
	store_reset(st);
	for (int64_t i = 1; i < l->part; i++)
		n += !there[i];
	*ret = there[l->part] ? -1 : n;
	return r;
}

/* The text with its n-th gap filled; NULL in *ret when it has none. */
static int fill(const struct late *l, int n, char **ret)
{
	OWN(buffer) struct buffer all = { 0 };
	const char *gap = strstr(l->text, GAP);
	for (; gap && n > 0; n--)
		gap = strstr(gap + strlen(GAP), GAP);
	*ret = NULL;
	if (!gap)
		return 0;
	int r = buffer_put(&all, l->text, (size_t)(gap - l->text));
	r = r ? r : buffer_puts(&all, l->own);
	r = r ? r : buffer_puts(&all, gap + strlen(GAP));
	if (r)
		return r;
	*ret = text_nfc(buffer_text(&all));
	return *ret ? 0 : E_NOMEM;
}

static int write_filled(struct tick *t, int64_t id, const struct late *l, const char *text)
{
	struct statement *st = store_prepare(t->in.db, &multipart_module, MULTIPART_FILL);
	bind_int(st, "$id", l->head);
	bind_text(st, "$text", text);
	bind_int(st, "$missing", l->missing - 1);
	int r = store_run(st);
	if (r || !l->handled)
		return r ? r : write_joined(t, id, l->head);
	st = store_prepare(t->in.db, &multipart_module, MULTIPART_FOLLOW);
	bind_int(st, "$id", id);
	bind_int(st, "$head", l->head);
	bind_int(st, "$missing", l->missing - 1);
	return store_run(st);
}

/* Puts a late part into its message and hands it on again. *ret_joined false: there is no such message. */
static int join_late(struct tick *t, int64_t id, bool *ret_joined)
{
	struct late l = { 0 };
	OWN(mem) char *text = NULL;
	int before = 0;
	*ret_joined = false;
	int r = read_late(t, id, &l);
	if (r > 0) {
		r = gaps_before(t, &l, &before);
		r = r || before < 0 ? r : fill(&l, before, &text);
		if (!r && text) {
			*ret_joined = true;
			r = write_filled(t, id, &l, text);
		}
	}
	late_done(&l);
	return r;
}

int multipart_arrived(struct tick *t, int64_t id)
{
	OWN(group) struct group *g = calloc(1, sizeof(*g));
	if (!g)
		return E_NOMEM;
	int r = read_group(t, id, g);
	bool late = false;
	if (!r && g->n_ids == 1)
		r = join_late(t, id, &late);
	if (r || late)
		return r;
	if (g->n_ids == 1)
		return join_double(t, id);
	return r ? r : g->n_parts + MUTANT(MULTIPART_ONE_SHORT) >= g->total ? join(t, g) : 0;
}

static struct statement *bind_due(struct tick *t)
{
	struct statement *st = store_prepare(t->in.db, &multipart_module, MULTIPART_DUE);
	bind_int(st, "$now", t->in.now_ms);
	bind_int(st, "$n", GIVE_UP_BATCH);
	return st;
}

void multipart_ahead(struct tick *t)
{
	store_ahead(bind_due(t));
}

int multipart_give_up(struct tick *t)
{
	int64_t ids[GIVE_UP_BATCH];
	int n = 0, r = 0;
	struct statement *st = bind_due(t);
	while (n < GIVE_UP_BATCH && (r = store_row(st)) > 0)
		ids[n++] = column_int(st, 0);
	store_reset(st);
	for (int i = 0; r >= 0 && i < n; i++) {
		OWN(group) struct group *g = calloc(1, sizeof(*g));
		if (!g)
			return E_NOMEM;
		r = read_group(t, ids[i], g);
		if (!r && g->n_ids)
			r = join(t, g);
	}
	return r < 0 ? r : 0;
}
