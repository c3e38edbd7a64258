/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names of a simulated disk. The creation of a file is on the disk when the file is synced, as Linux's file systems do it; renames and
 * deletions are when their folder is. Called by disk.c. Functions give 0 or a negative errno. */
#ifndef CAUNOI_TESTS_SIMULATION_DIRECTORY_H
#define CAUNOI_TESTS_SIMULATION_DIRECTORY_H

#include "gateway/base/random.h"
#include "tests/simulation/inode.h"

struct name {
	char *path;
	struct inode *inode;
};

struct names {
	struct name *list;
	size_t n, room;
};

struct renaming;

struct directory {
	struct names now, kept;
	struct renaming *changes; /* since they were last synced */
	size_t n_changes, room;
};

/* Changes the names as they are now, and remembers it until a sync. From NULL a creation, to NULL a deletion. */
int directory_change(struct directory *d, const char *from, const char *to, struct inode *i);
/* A file that is synced exists; what its name stood for before is over, for a journal keeps its order. */
int directory_sync_creation(struct directory *d, const struct inode *of);
/* The changes that touch a name in that folder. */
int directory_sync_folder(struct directory *d, const char *path);
int directory_sync(struct directory *d);
/* After a cut of power each change is kept or lost. */
int directory_cut(struct directory *d, struct random *random);
/* A name that was always there. */
int directory_put(struct directory *d, const char *path, struct inode *i);
struct inode *directory_find(const struct directory *d, const char *path); /* as it is now, NULL none */
bool directory_lies_in(const char *folder, const char *path);
void directory_done(struct directory *d);

#endif
