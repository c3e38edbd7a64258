/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A disk in memory: files under one root, what was written to them, and what of it would survive. Each write, change of size and
 * change of a name is remembered until it is synced; a cut of power keeps or loses each of them by the random source, in any
 * combination, at 512-byte sectors. Stands behind SQLite (vfs.h) and behind the C library's calls (plain.h). Never touches a real
 * file. Functions give 0 or more, or a negative errno. */
#ifndef CAUNOI_TESTS_SIMULATION_DISK_H
#define CAUNOI_TESTS_SIMULATION_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/random.h"
#include "tests/simulation/inode.h"

struct disk;

enum disk_call { DISK_READ, DISK_WRITE, DISK_SYNC, DISK_RESIZE, DISK_NAME, DISK_ALLOCATE, DISK_ANY, DISK_CALLS };
enum disk_end {
	DISK_KILLED,    /* the process died: all that was written is there */
	DISK_POWER_CUT, /* what was not synced is kept or lost, sector by sector */
};

/* The after-th call of this kind from now on fails (1 = the next one). DISK_ANY counts all but allocations. */
struct disk_fault {
	enum disk_call call;
	int64_t after;
	int error;    /* EIO, ENOSPC; allocations fail with ENOMEM */
	bool lasting; /* every later one of the kind too, until the fault is taken back */
};

struct disk_figures {
	int64_t calls[DISK_CALLS];
	int64_t faults, power_cuts, kills;
	int64_t bytes_written, bytes_lost;
};

/* Mounts an empty disk at root ("/sim"); at most a few at once, roots must not contain each other. The random source decides what
 * a cut loses; it is borrowed. */
int disk_new(const char *root, struct random *random, struct disk **ret);
void disk_free(struct disk *d);
/* The disk on which path lies, or NULL. */
struct disk *disk_at(const char *path);

const char *disk_root(const struct disk *d);

/* One fault at a time; NULL takes it back. */
void disk_set_fault(struct disk *d, const struct disk_fault *f);
bool disk_fault_struck(const struct disk *d);
/* Counts the call; the errno it fails with (negative), 0 when it goes on. */
int disk_call(struct disk *d, enum disk_call call);

/* The machine stops: from here on every call on files that are open fails and changes nothing, so the owners can be freed. */
void disk_halt(struct disk *d);
/* The machine starts again with what survived. Ends a halt; takes a fault back. */
void disk_start(struct disk *d, enum disk_end end);
/* Another disk at root with only what is synced, as the harshest cut would leave it: to look at without disturbing. */
int disk_copy_durable(const struct disk *d, const char *root, struct random *random, struct disk **ret);
/* Everything written is on the disk, names included: where a run begins. */
int disk_sync_all(struct disk *d);
/* Bytes of path that a cut might lose; 0 when there is no such file. */
int64_t disk_unsynced_bytes(const struct disk *d, const char *path);
struct disk_figures disk_figures(const struct disk *d);
/* A number that follows from every name and byte there is now. */
uint64_t disk_hash(const struct disk *d);

/* ---- files, for vfs.c and plain.c ---- */

struct disk_file; /* one opening of a file; of a life of the machine */

enum { DISK_CREATE = 1, DISK_EXCLUSIVE = 2, DISK_FOLDER = 4 };
int disk_open(struct disk *d, const char *path, int flags, struct disk_file **ret);
void disk_close(struct disk_file *f);
int64_t disk_read(struct disk_file *f, void *out, size_t n_bytes, int64_t at);
int64_t disk_write(struct disk_file *f, const void *data, size_t n_bytes, int64_t at);
int disk_resize(struct disk_file *f, int64_t n_bytes);
int disk_sync(struct disk_file *f);
int64_t disk_size(struct disk_file *f);
struct inode *disk_inode(struct disk_file *f);
struct disk *disk_of(struct disk_file *f);
/* Names. disk_look: 1 a file, 2 a folder, 0 nothing. */
int disk_look(const struct disk *d, const char *path);
struct inode *disk_find(const struct disk *d, const char *path);
int disk_rename(struct disk *d, const char *from, const char *to);
int disk_unlink(struct disk *d, const char *path);
int disk_make_folder(struct disk *d, const char *path);
int disk_remove_folder(struct disk *d, const char *path);
int disk_sync_folder(struct disk *d, const char *path);

#endif
