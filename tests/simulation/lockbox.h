/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The locks and the shared memory that SQLite keeps beside one database file. Called by vfs.c, one per inode; gone with the process. */
#ifndef CAUNOI_TESTS_SIMULATION_LOCKBOX_H
#define CAUNOI_TESTS_SIMULATION_LOCKBOX_H

#include <sqlite3.h>
#include <stdbool.h>

#include "tests/simulation/inode.h"

struct lockbox;

struct locks { /* what one connection holds */
	int level;                  /* SQLITE_LOCK_… */
	unsigned shared, exclusive; /* bits of the shared memory's slots */
};

/* The inode's, made at first use; NULL out of memory. */
struct lockbox *lockbox_of(struct inode *i);
int lockbox_lock(struct lockbox *b, struct locks *mine, int level);
void lockbox_unlock(struct lockbox *b, struct locks *mine, int level);
bool lockbox_reserved(const struct lockbox *b);
int lockbox_slots(struct lockbox *b, struct locks *mine, int first, int n, int flags);
/* SQLite's region of n_bytes; *ret NULL when it is not there and extend is false. */
int lockbox_region(struct lockbox *b, int region, int n_bytes, bool extend, void volatile **ret);
void lockbox_forget_regions(struct lockbox *b);

#endif
