/* SPDX-License-Identifier: GPL-3.0-or-later */
/* data_dir/ledger.log: opt-outs, lifts, erasures and audit heads repeated beside the database, append-only, so that a restored backup
 * honours what was said since, forgets who was erased since, and a cut audit chain shows. Holds keyed hashes, never a number. Written after the commit
 * (fsync); what a crash kept from being written is added at the next start. */
#ifndef CAUNOI_GATEWAY_LEDGER_H
#define CAUNOI_GATEWAY_LEDGER_H

#include "gateway/base/complaint.h"
#include "gateway/tick.h"

struct ledger;

/* Opens or makes the file (0600, no symlink, own or root's). E_CORRUPT with *c: it is something else; E_IO, E_NOMEM. */
MUST_CHECK int ledger_open(const char *data_dir, struct ledger **ret, struct complaint *c);
void ledger_close(struct ledger *l);
/* A write or fsync failed: what is written may never reach the disk, and no later fsync would say so. The core stops at once; its next
 * start writes what the file lacks. NULL: no. */
bool ledger_failed(const struct ledger *l);
/* The disk is full: lines wait in memory, and are written with the next ones, or by the duty. */
bool ledger_waits(const struct ledger *l);

/* At start, in a tick of its own: opt-outs and lifts that the database lacks are put back, erasures are done again (t->seq is raised over every number in
 * the file first), rows that the file lacks are appended after the commit. Opens the core's ledger when it is not open yet.
 * *ret_seq = the highest number seen in the file. Cost: one pass over file and table. */
MUST_CHECK int ledger_reconcile(struct tick *t, int64_t *ret_seq);
/* For tick_after(t, ledger_after_commit, 0, 0): appends everything the file does not hold yet, with one fsync. */
void ledger_after_commit(struct core *core, int64_t a, int64_t b);
/* Duty: writes the audit head every five minutes. */
MUST_CHECK int ledger_duty(struct tick *t, int64_t *ret_due_at);

/* Every audit head that still counts (heads behind a deliberate restore do not). fn's error ends it. A missing file has none. */
MUST_CHECK int ledger_each_anchor(const char *data_dir, int (*fn)(void *arg, int64_t seq, const uint8_t hash[32]), void *arg);
/* A backup was restored on purpose, its chain ends at seq: later heads no longer count. */
MUST_CHECK int ledger_note_restored(const char *data_dir, int64_t seq, int64_t at_ms);

#endif
