/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Openings, faults and the two ends of a machine's life. Names are in directory.c. */
#include "tests/simulation/disk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/simulation/directory.h"

#define MOUNTS_MAX 4

struct disk {
	char *root;
	struct random *random;
	struct directory names;
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
	directory_done(&d->names);
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

static void cut(struct disk *d)
{
	if (directory_cut(&d->names, d->random))
		abort(); /* out of memory: no run can be judged any more */
	for (size_t i = 0; i < d->names.now.n; i++) {
		int64_t lost = inode_cut(d->names.now.list[i].inode, d->random);
		if (lost < 0)
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
	for (size_t i = 0; i < d->names.now.n; i++) {
		struct inode *inode = d->names.now.list[i].inode;
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
	for (size_t i = 0; !r && i < d->names.kept.n; i++) {
		char path[512];
		snprintf(path, sizeof(path), "%s%s", root, d->names.kept.list[i].path + strlen(d->root));
		struct inode *inode = inode_copy_durable(d->names.kept.list[i].inode);
		r = inode ? directory_put(&copy->names, path, inode) : -ENOMEM;
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
	const struct inode *i = disk_find(d, path);
	return i ? inode_unsynced(i) : 0;
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
	for (size_t i = 0; i < d->names.now.n; i++) {
		const struct name *x = &d->names.now.list[i];
		uint64_t h = hash_bytes(14695981039346656037u, x->path, strlen(x->path) + 1);
		sum += hash_bytes(h, x->inode->now.data, x->inode->now.n); /* the order of names says nothing */
	}
	return sum;
}

int disk_sync_all(struct disk *d)
{
	int r = directory_sync(&d->names);
	for (size_t i = 0; !r && i < d->names.now.n; i++)
		r = inode_sync(d->names.now.list[i].inode);
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
	r = i ? directory_change(&d->names, NULL, path, i) : -ENOMEM;
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
	return r ? r : directory_sync_creation(&f->disk->names, f->inode);
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
	const struct inode *i = disk_find(d, path);
	return !i ? 0 : i->folder ? 2 : 1;
}

struct inode *disk_find(const struct disk *d, const char *path)
{
	return directory_find(&d->names, path);
}

int disk_rename(struct disk *d, const char *from, const char *to)
{
	struct inode *i = disk_find(d, from);
	if (!i)
		return -ENOENT;
	int r = disk_call(d, DISK_NAME);
	return r ? r : directory_change(&d->names, from, to, i);
}

int disk_unlink(struct disk *d, const char *path)
{
	struct inode *i = disk_find(d, path);
	if (!i)
		return -ENOENT;
	if (i->folder)
		return -EISDIR;
	int r = disk_call(d, DISK_NAME);
	return r ? r : directory_change(&d->names, path, NULL, i);
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
	for (size_t k = 0; k < d->names.now.n; k++)
		if (directory_lies_in(path, d->names.now.list[k].path))
			return -ENOTEMPTY;
	int r = disk_call(d, DISK_NAME);
	return r ? r : directory_change(&d->names, path, NULL, i);
}

int disk_sync_folder(struct disk *d, const char *path)
{
	int r = disk_call(d, DISK_SYNC);
	return r ? r : directory_sync_folder(&d->names, path);
}
