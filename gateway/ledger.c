/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ledger file. One writer: the core, after its commits. Called by consent (after_commit), by recovery (reconcile), by
 * the audit's verification (anchors) and by restore. The table optout is the truth while the core runs; the file is the
 * truth about what a restored database has forgotten. Never holds a number. */
#include "gateway/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/address.h"
#include "gateway/audit.h"
#include "gateway/base/buffer.h"
#include "gateway/base/log.h"
#include "gateway/base/mutant.h"
#include "gateway/base/own.h"
#include "gateway/consent.h"
#include "gateway/core.h"
#include "gateway/erasure.h"
#include "gateway/ledger_file.h"
#include "gateway/ledger_line.h"
#include "gateway/optout.h"
#include "gateway/outbox.h"

#define ANCHOR_EVERY_MS (5 * 60 * 1000)

struct ledger {
	int fd;
	char *file;
	int64_t off_seq, lift_seq, forget_seq; /* everything up to here is in the file */
	int64_t anchor_seq;        /* newest audit head in the file */
	struct buffer backlog;     /* lines that a start found missing */
	int64_t tick;              /* the last one whose opt-outs were looked for */
	bool failed, full;
};

int ledger_open(const char *data_dir, struct ledger **ret, struct complaint *c)
{
	OWN(mem) char *file = ledger_file_path(data_dir);
	struct ledger *l = calloc(1, sizeof(*l));
	int r = file && l ? ledger_file_open(file, &l->fd, c) : E_NOMEM;
	if (r) {
		free(l);
		return r;
	}
	l->file = MOVE(file);
	*ret = l;
	return 0;
}

void ledger_close(struct ledger *l)
{
	if (!l)
		return;
	close(l->fd);
	buffer_done(&l->backlog);
	free(l->file);
	free(l);
}

bool ledger_failed(const struct ledger *l)
{
	return l && l->failed;
}

bool ledger_waits(const struct ledger *l)
{
	return l->full;
}

/* ---- after the commit ---- */

static int add_off(void *arg, const struct optout *o)
{
	struct ledger *l = arg;
	struct ledger_line line = { .kind = LEDGER_OFF, .optout = *o };
	int r = ledger_line_format(&line, &l->backlog);
	if (!r)
		l->off_seq = o->seq;
	return r;
}

static int add_lift(void *arg, const struct optout *o)
{
	struct ledger *l = arg;
	struct ledger_line line = { .kind = LEDGER_LIFT, .optout = *o };
	int r = ledger_line_format(&line, &l->backlog);
	if (!r)
		l->lift_seq = o->lifted_seq;
	return r;
}

static int add_erased(void *arg, const struct erased *e)
{
	struct ledger *l = arg;
	struct ledger_line line = { .kind = LEDGER_FORGET, .erased = *e };
	int r = ledger_line_format(&line, &l->backlog);
	if (!r)
		l->forget_seq = e->seq;
	return r;
}

static int add_anchor(struct ledger *l, const struct scope *in)
{
	struct ledger_line line = { .kind = LEDGER_AUDIT, .at = in->now_ms };
	int r = audit_head(in, &line.seq, line.hash);
	if (!r && line.seq > l->anchor_seq)
		r = ledger_line_format(&line, &l->backlog);
	if (!r && line.seq > l->anchor_seq)
		l->anchor_seq = line.seq;
	return r;
}

static void append(struct core *core, bool anchor)
{
	struct ledger *l = core->ledger;
	if (!l || l->failed || MUTANT(LEDGER_SILENT))
		return;
	struct scope in = { .db = core->db, .now_ms = clock_now_ms(core->clock) };
	int r = optout_since(&in, false, l->off_seq, add_off, l);
	if (!r)
		r = optout_since(&in, true, l->lift_seq, add_lift, l);
	if (!r)
		r = MUTANT(ERASURE_SILENT) ? 0 : erasure_since(&in, l->forget_seq, add_erased, l);
	if (!r && anchor)
		r = add_anchor(l, &in);
	if (r) {
		/* nothing is lost: the next time goes on from the last line that was made */
		log_warn("ledger.read", "error=%s", err_text(r));
		return;
	}
	if (buffer_left(&l->backlog))
		r = ledger_file_write(l->fd, &l->backlog);
	l->full = r == E_UNAVAILABLE;
	if (!r)
		return;
	/* a failed fsync is never tried again: the core stops, and its next start compares file and table */
	l->failed = !l->full;
	log_error("ledger.write", "error=%s", err_text(r));
}

void ledger_after_commit(struct core *core, int64_t a, int64_t b)
{
	(void)a;
	(void)b;
	if (!core->ledger || core->ledger->tick == core->tick_n)
		return; /* somebody before in the same tick */
	core->ledger->tick = core->tick_n;
	append(core, false);
}

static void anchor_after_commit(struct core *core, int64_t a, int64_t b)
{
	(void)a;
	(void)b;
	append(core, true);
}

int ledger_duty(struct tick *t, int64_t *ret_due_at)
{
	*ret_due_at = t->in.now_ms - t->in.now_ms % ANCHOR_EVERY_MS + ANCHOR_EVERY_MS;
	int64_t seq;
	uint8_t hash[32];
	int r = audit_head(&t->in, &seq, hash);
	if (r || !t->core->ledger || (seq <= t->core->ledger->anchor_seq && !ledger_waits(t->core->ledger)))
		return r;
	return tick_after(t, anchor_after_commit, 0, 0);
}

/* ---- at start ---- */

struct reconcile {
	struct tick *t;
	struct ledger *ledger;
	int64_t db_seq; /* where the database stood before */
	int64_t highest, put_back, forgotten, appended;
	int64_t *seqs; /* numbers of all lines in the file */
	size_t n_seqs, room;
};

static int note_seq(void *arg, const struct ledger_line *line)
{
	struct reconcile *rc = arg;
	int64_t seq = ledger_line_seq(line);
	if (line->kind == LEDGER_AUDIT)
		rc->ledger->anchor_seq = line->seq;
	else if (line->kind == LEDGER_RESTORED && rc->ledger->anchor_seq > line->seq)
		rc->ledger->anchor_seq = line->seq;
	if (!seq)
		return 0;
	if (rc->n_seqs == rc->room) {
		size_t room = rc->room ? rc->room * 2 : 1024;
		int64_t *seqs = realloc(rc->seqs, room * sizeof(*seqs));
		if (!seqs)
			return E_NOMEM;
		rc->seqs = seqs;
		rc->room = room;
	}
	rc->seqs[rc->n_seqs++] = seq;
	if (seq > rc->highest)
		rc->highest = seq;
	return 0;
}

/* A number that the database has already passed may stand for something else there. */
static int64_t usable_seq(struct reconcile *rc, int64_t seq)
{
	return seq > rc->db_seq ? seq : tick_seq(rc->t);
}

static const struct consent_proof ledger_proof = { .actor = "ledger" };

static int put_back_off(struct reconcile *rc, const struct optout *said)
{
	int64_t address, n;
	struct optout o;
	int r = address_put_hash(rc->t, said->hash, said->hash_key, &address);
	if (!r)
		r = optout_find(&rc->t->in, address, said->scope, said->seq, said->at, &o);
	if (r != E_NOT_FOUND)
		return r;
	o = *said;
	o.address = address;
	o.seq = usable_seq(rc, said->seq);
	rc->put_back++;
	r = optout_put(rc->t, &o, NULL, 0);
	if (!r)
		r = consent_record(rc->t, address, o.scope, "opted_out", &ledger_proof);
	return r ? r : outbox_suppress(rc->t, address, o.scope, &n);
}

static int put_back_lift(struct reconcile *rc, const struct optout *said)
{
	int64_t address;
	struct optout o;
	int r = address_put_hash(rc->t, said->hash, said->hash_key, &address);
	if (!r)
		r = optout_find(&rc->t->in, address, said->scope, said->seq, said->at, &o);
	if (r || o.lifted_seq)
		return r == E_NOT_FOUND ? 0 : r;
	rc->put_back++;
	r = optout_lift(rc->t, &o, usable_seq(rc, said->lifted_seq), said->lifted_at);
	return r ? r : consent_record(rc->t, address, o.scope, "opted_in", &ledger_proof);
}

static int forget_again(struct reconcile *rc, const struct erased *said)
{
	int r = erasure_again(rc->t, said, rc->db_seq);
	if (r == E_EXISTS)
		return 0;
	rc->forgotten++;
	return r;
}

static int put_back(void *arg, const struct ledger_line *line)
{
	switch (line->kind) {
	case LEDGER_OFF: return put_back_off(arg, &line->optout);
	case LEDGER_LIFT: return put_back_lift(arg, &line->optout);
	case LEDGER_FORGET: return forget_again(arg, &line->erased);
	case LEDGER_AUDIT:
	case LEDGER_RESTORED: return 0;
	}
	return 0;
}

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return x < y ? -1 : x > y;
}

static bool in_file(const struct reconcile *rc, int64_t seq)
{
	return rc->n_seqs && bsearch(&seq, rc->seqs, rc->n_seqs, sizeof(seq), by_value);
}

static int append_missing(void *arg, const struct optout *o)
{
	struct reconcile *rc = arg;
	if (in_file(rc, o->seq))
		return 0;
	rc->appended++;
	struct ledger_line line = { .kind = LEDGER_OFF, .optout = *o };
	return ledger_line_format(&line, &rc->ledger->backlog);
}

static int append_missing_lift(void *arg, const struct optout *o)
{
	struct reconcile *rc = arg;
	if (in_file(rc, o->lifted_seq))
		return 0;
	rc->appended++;
	struct ledger_line line = { .kind = LEDGER_LIFT, .optout = *o };
	return ledger_line_format(&line, &rc->ledger->backlog);
}

static int append_missing_erased(void *arg, const struct erased *e)
{
	struct reconcile *rc = arg;
	if (in_file(rc, e->seq))
		return 0;
	rc->appended++;
	struct ledger_line line = { .kind = LEDGER_FORGET, .erased = *e };
	return ledger_line_format(&line, &rc->ledger->backlog);
}

static int reconcile(struct reconcile *rc)
{
	int64_t damaged = 0, again = 0;
	int r = ledger_file_each(rc->ledger->file, note_seq, rc, &damaged);
	if (r)
		return r;
	if (rc->t->seq < rc->highest)
		rc->t->seq = rc->highest;
	r = ledger_file_each(rc->ledger->file, put_back, rc, &again);
	if (rc->n_seqs)
		qsort(rc->seqs, rc->n_seqs, sizeof(*rc->seqs), by_value);
	if (!r)
		r = optout_since(&rc->t->in, false, 0, append_missing, rc);
	if (!r)
		r = optout_since(&rc->t->in, true, 0, append_missing_lift, rc);
	if (!r)
		r = erasure_since(&rc->t->in, 0, append_missing_erased, rc);
	rc->ledger->off_seq = rc->ledger->lift_seq = rc->ledger->forget_seq = rc->t->seq;
	if (damaged)
		log_warn("ledger.read", "damaged_lines=%lld", (long long)damaged);
	if (!r && rc->put_back)
		log_warn("ledger.older", "%lld opt-outs stood in ledger.log only and were put back: the database is older than it -- a restored backup, or "
			 "the end of caunoi.db-wal was lost; messages may be missing", (long long)rc->put_back);
	if (!r && (rc->put_back || rc->forgotten || rc->appended))
		log_info("ledger.reconciled", "put_back=%lld forgotten=%lld appended=%lld", (long long)rc->put_back, (long long)rc->forgotten,
			 (long long)rc->appended);
	return r;
}

int ledger_reconcile(struct tick *t, int64_t *ret_seq)
{
	if (!t->core->ledger) {
		struct complaint c = { 0 };
		int r = ledger_open(t->in.config->data_dir, &t->core->ledger, &c);
		if (r) {
			log_error("ledger.open", "file=%s error=%s", c.file, c.text);
			return r;
		}
	}
	struct reconcile rc = { .t = t, .ledger = t->core->ledger, .db_seq = t->seq };
	int r = reconcile(&rc);
	if (!r && rc.put_back) {
		char subject[40];
		snprintf(subject, sizeof(subject), "ledger:%lld", (long long)rc.put_back);
		r = audit_put(t, "system", "ledger.put-back", subject, NULL);
	}
	if (!r && buffer_left(&rc.ledger->backlog))
		r = tick_after(t, ledger_after_commit, 0, 0);
	free(rc.seqs);
	if (!r)
		*ret_seq = rc.highest;
	return r;
}

/* ---- audit heads ---- */

struct heads {
	struct ledger_line *lines;
	size_t n, room;
};

static int gather_head(void *arg, const struct ledger_line *line)
{
	struct heads *h = arg;
	if (line->kind == LEDGER_RESTORED)
		while (h->n && h->lines[h->n - 1].seq > line->seq)
			h->n--;
	if (line->kind != LEDGER_AUDIT)
		return 0;
	if (h->n == h->room) {
		size_t room = h->room ? h->room * 2 : 64;
		struct ledger_line *lines = realloc(h->lines, room * sizeof(*lines));
		if (!lines)
			return E_NOMEM;
		h->lines = lines;
		h->room = room;
	}
	h->lines[h->n++] = *line;
	return 0;
}

int ledger_each_anchor(const char *data_dir, int (*fn)(void *arg, int64_t seq, const uint8_t hash[32]), void *arg)
{
	OWN(mem) char *file = ledger_file_path(data_dir);
	struct heads h = { 0 };
	int64_t damaged = 0;
	int r = file ? ledger_file_each(file, gather_head, &h, &damaged) : E_NOMEM;
	for (size_t i = 0; !r && i < h.n; i++)
		r = fn(arg, h.lines[i].seq, h.lines[i].hash);
	free(h.lines);
	return r;
}

int ledger_note_restored(const char *data_dir, int64_t seq, int64_t at_ms)
{
	OWN(mem) char *file = ledger_file_path(data_dir);
	struct complaint c = { 0 };
	OWN(buffer) struct buffer text = { 0 };
	struct ledger_line line = { .kind = LEDGER_RESTORED, .seq = seq, .at = at_ms };
	OWN(fd) int fd = -1;
	int r = file ? ledger_file_open(file, &fd, &c) : E_NOMEM;
	if (!r)
		r = ledger_line_format(&line, &text);
	return r ? r : ledger_file_write(fd, &text);
}
