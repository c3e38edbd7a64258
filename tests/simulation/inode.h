/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The content of one simulated file: what a reader sees now, what the disk holds, and the writes in between. Called by disk.c; knows
 * no names. */
#ifndef CAUNOI_TESTS_SIMULATION_INODE_H
#define CAUNOI_TESTS_SIMULATION_INODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/random.h"

#define SECTOR_BYTES 512

struct bytes {
	uint8_t *data;
	size_t n, room;
};

struct change { /* a write, or a change of size */
	size_t at, n; /* a change of size: at = the new size */
	size_t from;  /* where its bytes stand in the inode's log */
	bool resize;
};

struct inode {
	int refs;
	bool folder;
	unsigned mode;
	struct bytes now, kept; /* as read; as on the disk */
	struct change *changes; /* since the last sync, in order */
	size_t n_changes, room;
	struct bytes log;  /* the bytes of the changes */
	bool parted;       /* a failed sync dropped changes: now and kept differ beyond the list */
	void *shared;      /* SQLite's shared memory and locks, see vfs.c; not part of the disk */
	void (*forget)(void *shared);
};

struct inode *inode_new(bool folder);
void inode_hold(struct inode *i);
void inode_drop(struct inode *i); /* frees with the last holder */
/* 0 or -ENOMEM. A write behind the end fills the gap with zeros. */
int inode_write(struct inode *i, const void *data, size_t n_bytes, size_t at);
int inode_resize(struct inode *i, size_t n_bytes);
size_t inode_read(const struct inode *i, void *out, size_t n_bytes, size_t at);
/* All changes are on the disk. */
int inode_sync(struct inode *i);
/* As Linux does it: some reached the disk, the others never will, and a later sync says nothing of them. */
int inode_fail_sync(struct inode *i, struct random *r);
/* After a cut of power. Gives how many bytes of changes were lost, or -ENOMEM. */
int64_t inode_cut(struct inode *i, struct random *r);
int64_t inode_unsynced(const struct inode *i);
/* A file with the synced content only. */
struct inode *inode_copy_durable(const struct inode *i);

#endif
