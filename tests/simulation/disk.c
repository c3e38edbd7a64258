/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names, openings, faults and the two ends of a machine's life. The creation of a file is on the disk when the file is synced, as
 * Linux's file systems do it; renames and deletions are when their folder is. */
#include "tests/simulation/disk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOUNTS_MAX 4

struct name {
	char *path;
	struct inode *inode;
};

struct names {
	struct name *list;
	size_t n, room;
};

struct renaming { /* a change of names: from NULL a creation, to NULL a deletion */
	char *from, *to;
	struct inode *inode;
};

struct disk {
	char *root;
	struct random *random;
	struct names now, kept;
	struct renaming *changes;
	size_t n_changes, room;
	struct disk_fault fault;
	bool fault_set, struck, halted;
	int64_t life;
	struct disk_figures figures;
};

struct disk_file {
	struct disk *disk;
	struct inode *inode;
	int64_t life;
};

/* The C library's calls and SQLite's carry no owner: whoever is mounted is found by its path. */
static struct disk *mounts[MOUNTS_MAX];

struct disk *disk_at(const char *path)
{
	for (size_t i = 0; path && i < MOUNTS_MAX; i++) {
		size_t n = mounts[i] ? strlen(mounts[i]->root) : 0;
		if (n && !strncmp(path, mounts[i]->root, n) && (path[n] == '/' || path[n] == '\0'))
			return mounts[i];
	}
	return NULL;
}

/* ---- names ---- */

static struct name *find(const struct names *l, const char *path)
{
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->list[i].path, path))
			return &l->list[i];
	return NULL;
}

static void remove_name(struct names *l, const char *path)
{
	struct name *x = find(l, path);
	if (!x)
		return;
	inode_drop(x->inode);
	free(x->path);
	*x = l->list[--l->n];
}

static int put_name(struct names *l, const char *path, struct inode *i)
{
	if (l->n == l->room) {
		size_t room = l->room ? l->room * 2 : 16;
		struct name *more = realloc(l->list, room * sizeof(*more));
		if (!more)
			return -ENOMEM;
		l->list = more;
		l->room = room;
	}
	char *copy = strdup(path);
	if (!copy)
		return -ENOMEM;
	inode_hold(i);
	remove_name(l, path);
	l->list[l->n++] = (struct name){ copy, i };
	return 0;
}

static void names_done(struct names *l)
{
	while (l->n)
		remove_name(l, l->list[0].path);
	free(l->list);
	*l = (struct names){ 0 };
}

static int apply(struct names *l, const struct renaming *c)
{
	const struct name *old = c->from ? find(l, c->from) : NULL;
	if (old && old->inode == c->inode)
		remove_name(l, c->from);
	return c->to ? put_name(l, c->to, c->inode) : 0;
}

static void renaming_done(struct renaming *c)
{
	free(c->from);
	free(c->to);
	inode_drop(c->inode);
}

/* Changes the names as they are now, and remembers it until a sync. */
static int change(struct disk *d, const char *from, const char *to, struct inode *i)
{
	if (d->n_changes == d->room) {
		size_t room = d->room ? d->room * 2 : 16;
		struct renaming *more = realloc(d->changes, room * sizeof(*more));
		if (!more)
			return -ENOMEM;
		d->changes = more;
		d->room = room;
	}
	struct renaming *c = &d->changes[d->n_changes];
	*c = (struct renaming){ from ? strdup(from) : NULL, to ? strdup(to) : NULL, i };
	inode_hold(i);
	d->n_changes++;
	return (from && !c->from) || (to && !c->to) ? -ENOMEM : apply(&d->now, c);
}

static bool lies_in(const char *folder, const char *path)
{
	size_t n = strlen(folder);
	return path && !strncmp(path, folder, n) && path[n] == '/' && !strchr(path + n + 1, '/');
}

/* Syncs, in their order, the first n_upto changes that touch a name in folder, or (folder NULL) the name path. */
static int sync_names(struct disk *d, const char *folder, const char *path, size_t n_upto)
{
	size_t left = 0;
	int r = 0;
	for (size_t i = 0; i < d->n_changes; i++) {
		struct renaming *c = &d->changes[i];
		bool mine = folder ? lies_in(folder, c->from) || lies_in(folder, c->to)
				   : (c->from && !strcmp(c->from, path)) || (c->to && !strcmp(c->to, path));
		if (mine && !r && i < n_upto) {
			r = apply(&d->kept, c);
			renaming_done(c);
		} else {
			d->changes[left++] = *c;
		}
	}
	d->n_changes = left;
	return r;
}

/* A file that is synced exists; what its name stood for before is over, for a journal keeps its order. */
static int sync_creation(struct disk *d, const struct inode *of)
{
	for (size_t i = 0; i < d->n_changes; i++) {
		const struct renaming *c = &d->changes[i];
		if (c->inode != of || c->from)
			continue;
		char path[512];
		snprintf(path, sizeof(path), "%s", c->to);
		return sync_names(d, NULL, path, i + 1);
	}
	return 0;
}

/* ---- mounting ---- */

int disk_new(const char *root, struct random *random, struct disk **ret)
{
	size_t slot = 0;
	while (slot < MOUNTS_MAX && mounts[slot])
		slot++;
	if (slot == MOUNTS_MAX || disk_at(root))
		return -EBUSY;
	struct disk *d = calloc(1, sizeof(*d));
	if (!d || !(d->root = strdup(root))) {
		free(d);
		return -ENOMEM;
	}
	d->random = random;
	d->life = 1;
	mounts[slot] = d;
	*ret = d;
	return 0;
}

void disk_free(struct disk *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < MOUNTS_MAX; i++)
		if (mounts[i] == d)
			mounts[i] = NULL;
	for (size_t i = 0; i < d->n_changes; i++)
		renaming_done(&d->changes[i]);
	free(d->changes);
	names_done(&d->now);
	names_done(&d->kept);
	free(d->root);
	free(d);
}

const char *disk_root(const struct disk *d)
{
	return d->root;
}

/* ---- faults ---- */

void disk_set_fault(struct disk *d, const struct disk_fault *f)
{
	d->fault_set = f != NULL;
	d->struck = false;
	if (f)
		d->fault = *f;
}

bool disk_fault_struck(const struct disk *d)
{
	return d->struck;
}

static bool meant(const struct disk_fault *f, enum disk_call call)
{
	return f->call == call || (f->call == DISK_ANY && call != DISK_ALLOCATE);
}

int disk_call(struct disk *d, enum disk_call call)
{
	d->figures.calls[call]++;
	if (d->halted)
		return -EIO;
	if (!d->fault_set || !meant(&d->fault, call) || --d->fault.after > 0)
		return 0;
	d->struck = true;
	d->figures.faults++;
	d->fault_set = d->fault.lasting;
	return call == DISK_ALLOCATE ? -ENOMEM : -d->fault.error;
}

/* ---- lives ---- */

void disk_halt(struct disk *d)
{
	d->halted = true;
}

static int lose_names(struct disk *d)
{
	unsigned fate = random_below(d->random, 3); /* all kept, all lost, each on its own */
	int r = 0;
	for (size_t i = 0; i < d->n_changes; i++) {
		if (!r && (fate == 0 || (fate == 2 && random_below(d->random, 2))))
			r = apply(&d->kept, &d->changes[i]);
		renaming_done(&d->changes[i]);
	}
	d->n_changes = 0;
	return r;
}

static void cut(struct disk *d)
{
	if (lose_names(d))
		abort(); /* out of memory: no run can be judged any more */
	names_done(&d->now);
	for (size_t i = 0; i < d->kept.n; i++) {
		int64_t lost = inode_cut(d->kept.list[i].inode, d->random);
		if (lost < 0 || put_name(&d->now, d->kept.list[i].path, d->kept.list[i].inode))
			abort();
		d->figures.bytes_lost += lost;
	}
}

void disk_start(struct disk *d, enum disk_end end)
{
	disk_set_fault(d, NULL);
	d->halted = false;
	d->life++;
	if (end == DISK_KILLED) {
		d->figures.kills++;
	} else {
		d->figures.power_cuts++;
		cut(d);
	}
	/* what SQLite shared in memory was the processes' */
	for (size_t i = 0; i < d->now.n; i++) {
		struct inode *inode = d->now.list[i].inode;
		if (inode->shared)
			inode->forget(inode->shared);
		inode->shared = NULL;
	}
}

int disk_copy_durable(const struct disk *d, const char *root, struct random *random, struct disk **ret)
{
	struct disk *copy;
	int r = disk_new(root, random, &copy);
	if (r)
		return r;
	for (size_t i = 0; !r && i < d->kept.n; i++) {
		char path[512];
		snprintf(path, sizeof(path), "%s%s", root, d->kept.list[i].path + strlen(d->root));
		struct inode *inode = inode_copy_durable(d->kept.list[i].inode);
		r = inode ? put_name(&copy->now, path, inode) : -ENOMEM;
		if (!r)
			r = put_name(&copy->kept, path, inode);
		inode_drop(inode);
	}
	if (r)
		disk_free(copy);
	else
		*ret = copy;
	return r;
}

int64_t disk_unsynced_bytes(const struct disk *d, const char *path)
{
	const struct name *x = find(&d->now, path);
	return x ? inode_unsynced(x->inode) : 0;
}

struct disk_figures disk_figures(const struct disk *d)
{
	return d->figures;
}

static uint64_t hash_bytes(uint64_t h, const void *data, size_t n)
{
	for (size_t i = 0; i < n; i++)
		h = (h ^ ((const uint8_t *)data)[i]) * 1099511628211u;
	return h;
}

uint64_t disk_hash(const struct disk *d)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < d->now.n; i++) {
		const struct name *x = &d->now.list[i];
		uint64_t h = hash_bytes(14695981039346656037u, x->path, strlen(x->path) + 1);
		sum += hash_bytes(h, x->inode->now.data, x->inode->now.n); /* the order of names says nothing */
	}
	return sum;
}

int disk_sync_all(struct disk *d)
{
	int r = 0;
	for (size_t i = 0; i < d->n_changes; i++) {
		if (!r)
			r = apply(&d->kept, &d->changes[i]);
		renaming_done(&d->changes[i]);
	}
	d->n_changes = 0;
	for (size_t i = 0; !r && i < d->now.n; i++)
		r = inode_sync(d->now.list[i].inode);
	return r;
}

/* ---- files ---- */

static int usable(const struct disk_file *f, enum disk_call call)
{
	return f->life == f->disk->life ? disk_call(f->disk, call) : -EIO;
}

static int create(struct disk *d, const char *path, bool folder, struct inode **ret)
{
	int r = disk_call(d, DISK_NAME);
	if (r)
		return r;
	struct inode *i = inode_new(folder);
	r = i ? change(d, NULL, path, i) : -ENOMEM;
	inode_drop(i); /* its name and the change hold it */
	if (!r)
		*ret = i;
	return r;
}

int disk_open(struct disk *d, const char *path, int flags, struct disk_file **ret)
{
	struct inode *i = disk_find(d, path);
	if (d->halted)
		return -EIO;
	if (i && (flags & DISK_EXCLUSIVE))
		return -EEXIST;
	if (!i && !(flags & DISK_CREATE))
		return -ENOENT;
	int r = i ? 0 : create(d, path, false, &i);
	if (r)
		return r;
	if (i->folder != !!(flags & DISK_FOLDER))
		return i->folder ? -EISDIR : -ENOTDIR;
	struct disk_file *f = calloc(1, sizeof(*f));
	if (!f)
		return -ENOMEM;
	*f = (struct disk_file){ d, i, d->life };
	inode_hold(i);
	*ret = f;
	return 0;
}

void disk_close(struct disk_file *f)
{
	if (!f)
		return;
	inode_drop(f->inode);
	free(f);
}

int64_t disk_read(struct disk_file *f, void *out, size_t n, int64_t at)
{
	int r = usable(f, DISK_READ);
	return r ? r : (int64_t)inode_read(f->inode, out, n, (size_t)at);
}

int64_t disk_write(struct disk_file *f, const void *data, size_t n, int64_t at)
{
	int r = usable(f, DISK_WRITE);
	if (!r)
		r = inode_write(f->inode, data, n, (size_t)at);
	if (r)
		return r;
	f->disk->figures.bytes_written += (int64_t)n;
	return (int64_t)n;
}

int disk_resize(struct disk_file *f, int64_t n)
{
	int r = usable(f, DISK_RESIZE);
	return r ? r : inode_resize(f->inode, (size_t)n);
}

int disk_sync(struct disk_file *f)
{
	int r = usable(f, DISK_SYNC);
	if (r) {
		if (!f->disk->halted && f->life == f->disk->life && inode_fail_sync(f->inode, f->disk->random))
			abort();
		return r;
	}
	r = inode_sync(f->inode);
	return r ? r : sync_creation(f->disk, f->inode);
}

int64_t disk_size(struct disk_file *f)
{
	return f->life == f->disk->life && !f->disk->halted ? (int64_t)f->inode->now.n : -EIO;
}

struct inode *disk_inode(struct disk_file *f)
{
	return f->inode;
}

struct disk *disk_of(struct disk_file *f)
{
	return f->disk;
}

int disk_look(const struct disk *d, const char *path)
{
	if (!strcmp(path, d->root))
		return 2;
	const struct name *x = find(&d->now, path);
	return !x ? 0 : x->inode->folder ? 2 : 1;
}

struct inode *disk_find(const struct disk *d, const char *path)
{
	const struct name *x = find(&d->now, path);
	return x ? x->inode : NULL;
}

int disk_rename(struct disk *d, const char *from, const char *to)
{
	struct inode *i = disk_find(d, from);
	if (!i)
		return -ENOENT;
	int r = disk_call(d, DISK_NAME);
	return r ? r : change(d, from, to, i);
}

int disk_unlink(struct disk *d, const char *path)
{
	struct inode *i = disk_find(d, path);
	if (!i)
		return -ENOENT;
	if (i->folder)
		return -EISDIR;
	int r = disk_call(d, DISK_NAME);
	return r ? r : change(d, path, NULL, i);
}

int disk_make_folder(struct disk *d, const char *path)
{
	struct inode *i;
	return disk_look(d, path) ? -EEXIST : create(d, path, true, &i);
}

int disk_remove_folder(struct disk *d, const char *path)
{
	struct inode *i = disk_find(d, path);
	if (!i || !i->folder)
		return i ? -ENOTDIR : -ENOENT;
	for (size_t k = 0; k < d->now.n; k++)
		if (lies_in(path, d->now.list[k].path))
			return -ENOTEMPTY;
	int r = disk_call(d, DISK_NAME);
	return r ? r : change(d, path, NULL, i);
}

int disk_sync_folder(struct disk *d, const char *path)
{
	int r = disk_call(d, DISK_SYNC);
	return r ? r : sync_names(d, path, NULL, d->n_changes);
}
