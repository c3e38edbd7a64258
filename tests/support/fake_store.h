/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A store that behaves as one behind a network does when things go wrong: it stands before the SQLite connection of a fixture, does what
 * that does, and fails where the test says. */
#ifndef CAUNOI_TESTS_FAKE_STORE_H
#define CAUNOI_TESTS_FAKE_STORE_H

#include "gateway/store/engine.h"

enum fake_commit {
	FAKE_COMMIT_GOOD,
	FAKE_COMMIT_LOST,   /* E_UNKNOWN, and the server had not committed */
	FAKE_COMMIT_UNSEEN, /* E_UNKNOWN, and the server had */
	FAKE_COMMIT_FENCED, /* another core has the lease */
};

struct fake_store {
	struct store_ops ops; /* first: the store's table of functions is this */
	const struct store_ops *real;
	bool away;
	enum fake_commit next_commit; /* of the next one only */
	bool spoilt;                  /* a change that was sent ahead went wrong and nobody has asked yet */
	bool fenced;
	const char *full;             /* statements of this module find no room; NULL = none */
	int decides;                  /* how often it was asked */
	int lease;                    /* what store_lease says */
	const char *active;           /* who has it */
	int commits, settles;
	int unkept, stuck;           /* so many of the next savepoints cannot be kept; cannot be undone either */
};

/* Puts one before s; it goes with s. */
struct fake_store *fake_store_before(struct store *s);

#endif
