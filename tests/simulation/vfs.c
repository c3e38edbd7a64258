/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SQLite's calls in the disk's. The sector size and the promise of power-safe overwriting are those of SQLite's own Unix VFS, so
 * that its files are laid out as in real life. A read of a simulated disk fails as EIO, a write as EIO or ENOSPC. */
#include "tests/simulation/vfs.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/simulation/lockbox.h"

#define PATH_BYTES 512
#define SYNCED_SECTOR 4096
#define UNIX_EPOCH_JULIAN_MS (INT64_C(24405875) * 8640000)

struct handle {
	sqlite3_file base;
	struct disk_file *file;
	struct locks locks;
	bool delete_on_close, sync_folder;
	char path[PATH_BYTES];
};

/* What SQLite's calls cannot carry: it knows one VFS and one allocator in a process. */
static struct {
	const struct clock *clock;
	struct random *random;
	struct disk *disk;
	sqlite3_mem_methods memory;
	int64_t n_temporary;
	bool installed;
} used;

void vfs_use(const struct clock *clock, struct random *random, struct disk *d)
{
	used.clock = clock;
	used.random = random;
	used.disk = d;
	sqlite3_randomness(0, NULL); /* its stream begins anew, from this source */
}

static struct handle *handle_of(sqlite3_file *f)
{
	return (struct handle *)(void *)f;
}

static int code(int64_t error, int otherwise)
{
	return error == -ENOMEM ? SQLITE_IOERR_NOMEM : error == -ENOSPC ? SQLITE_FULL : otherwise;
}

static int on_close(sqlite3_file *base)
{
	struct handle *h = handle_of(base);
	struct lockbox *box = lockbox_of(disk_inode(h->file));
	if (box)
		lockbox_unlock(box, &h->locks, SQLITE_LOCK_NONE);
	if (h->delete_on_close)
		(void)!disk_unlink(disk_of(h->file), h->path); /* a file that stays is no harm */
	disk_close(h->file);
	return SQLITE_OK;
}

static int on_read(sqlite3_file *base, void *out, int n, sqlite3_int64 at)
{
	int64_t got = disk_read(handle_of(base)->file, out, (size_t)n, at);
	if (got < 0)
		return code(got, SQLITE_IOERR_READ);
	if (got == n)
		return SQLITE_OK;
	memset((char *)out + got, 0, (size_t)(n - got));
	return SQLITE_IOERR_SHORT_READ;
}

static int on_write(sqlite3_file *base, const void *data, int n, sqlite3_int64 at)
{
	int64_t put = disk_write(handle_of(base)->file, data, (size_t)n, at);
	return put == n ? SQLITE_OK : code(put, SQLITE_IOERR_WRITE);
}

static int on_truncate(sqlite3_file *base, sqlite3_int64 n)
{
	int r = disk_resize(handle_of(base)->file, n);
	return r ? code(r, SQLITE_IOERR_TRUNCATE) : SQLITE_OK;
}

static int on_sync(sqlite3_file *base, int flags)
{
	(void)flags;
	struct handle *h = handle_of(base);
	if (disk_sync(h->file))
		return SQLITE_IOERR_FSYNC;
	if (!h->sync_folder)
		return SQLITE_OK;
	char folder[PATH_BYTES];
	snprintf(folder, sizeof(folder), "%.*s", (int)(strrchr(h->path, '/') - h->path), h->path);
	h->sync_folder = false;
	/* as in the library's own: what becomes of it is not looked at */
	int unseen = disk_sync_folder(disk_of(h->file), folder);
	(void)unseen;
	return SQLITE_OK;
}

static int on_size(sqlite3_file *base, sqlite3_int64 *ret)
{
	int64_t n = disk_size(handle_of(base)->file);
	if (n < 0)
		return SQLITE_IOERR_FSTAT;
	*ret = n;
	return SQLITE_OK;
}

static int on_lock(sqlite3_file *base, int level)
{
	struct lockbox *box = lockbox_of(disk_inode(handle_of(base)->file));
	return box ? lockbox_lock(box, &handle_of(base)->locks, level) : SQLITE_IOERR_NOMEM;
}

static int on_unlock(sqlite3_file *base, int level)
{
	struct lockbox *box = lockbox_of(disk_inode(handle_of(base)->file));
	if (box)
		lockbox_unlock(box, &handle_of(base)->locks, level);
	return SQLITE_OK;
}

static int on_check_reserved(sqlite3_file *base, int *ret)
{
	struct lockbox *box = lockbox_of(disk_inode(handle_of(base)->file));
	*ret = box && lockbox_reserved(box);
	return SQLITE_OK;
}

static int on_control(sqlite3_file *base, int op, void *arg)
{
	(void)base;
	(void)op;
	(void)arg;
	return SQLITE_NOTFOUND;
}

static int on_sector(sqlite3_file *base)
{
	(void)base;
	return SYNCED_SECTOR;
}

static int on_characteristics(sqlite3_file *base)
{
	(void)base;
	return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int on_map(sqlite3_file *base, int region, int n, int extend, void volatile **ret)
{
	struct lockbox *box = lockbox_of(disk_inode(handle_of(base)->file));
	return box ? lockbox_region(box, region, n, extend, ret) : SQLITE_NOMEM;
}

static int on_slots(sqlite3_file *base, int first, int n, int flags)
{
	struct lockbox *box = lockbox_of(disk_inode(handle_of(base)->file));
	return box ? lockbox_slots(box, &handle_of(base)->locks, first, n, flags) : SQLITE_NOMEM;
}

static void on_barrier(sqlite3_file *base)
{
	(void)base;
}

static int on_unmap(sqlite3_file *base, int delete_it)
{
	struct handle *h = handle_of(base);
	struct lockbox *box = lockbox_of(disk_inode(h->file));
	if (!box)
		return SQLITE_NOMEM;
	lockbox_slots(box, &h->locks, 0, SQLITE_SHM_NLOCK, SQLITE_SHM_UNLOCK);
	if (delete_it)
		lockbox_forget_regions(box);
	return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = on_close,
	.xRead = on_read,
	.xWrite = on_write,
	.xTruncate = on_truncate,
	.xSync = on_sync,
	.xFileSize = on_size,
	.xLock = on_lock,
	.xUnlock = on_unlock,
	.xCheckReservedLock = on_check_reserved,
	.xFileControl = on_control,
	.xSectorSize = on_sector,
	.xDeviceCharacteristics = on_characteristics,
	.xShmMap = on_map,
	.xShmLock = on_slots,
	.xShmBarrier = on_barrier,
	.xShmUnmap = on_unmap,
};

/* ---- the file system ---- */

static int on_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *base, int flags, int *ret_flags)
{
	(void)vfs;
	struct handle *h = handle_of(base);
	*h = (struct handle){ .delete_on_close = flags & SQLITE_OPEN_DELETEONCLOSE };
	if (path)
		snprintf(h->path, sizeof(h->path), "%s", path);
	else
		snprintf(h->path, sizeof(h->path), "%s/temporary-%lld", used.disk ? disk_root(used.disk) : "", (long long)++used.n_temporary);
	struct disk *d = path ? disk_at(path) : used.disk;
	if (!d)
		return SQLITE_CANTOPEN;
	bool is_new = !disk_look(d, h->path);
	int how = flags & SQLITE_OPEN_CREATE ? DISK_CREATE : 0;
	int r = disk_open(d, h->path, flags & SQLITE_OPEN_EXCLUSIVE ? how | DISK_EXCLUSIVE : how, &h->file);
	if (r)
		return r == -ENOMEM ? SQLITE_NOMEM : r == -EIO ? SQLITE_IOERR : SQLITE_CANTOPEN;
	h->sync_folder = is_new && flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL);
	h->base.pMethods = &methods;
	if (ret_flags)
		*ret_flags = flags;
	return SQLITE_OK;
}

static int on_delete(sqlite3_vfs *vfs, const char *path, int sync_folder)
{
	(void)vfs;
	struct disk *d = disk_at(path);
	int r = d ? disk_unlink(d, path) : -ENOENT;
	if (r == -ENOENT)
		return SQLITE_IOERR_DELETE_NOENT;
	if (r)
		return SQLITE_IOERR_DELETE;
	char folder[PATH_BYTES];
	snprintf(folder, sizeof(folder), "%.*s", (int)(strrchr(path, '/') - path), path);
	return sync_folder && disk_sync_folder(d, folder) ? SQLITE_IOERR_DIR_FSYNC : SQLITE_OK;
}

static int on_access(sqlite3_vfs *vfs, const char *path, int flags, int *ret)
{
	(void)vfs;
	struct disk *d = disk_at(path);
	const struct inode *i = d ? disk_find(d, path) : NULL;
	*ret = flags == SQLITE_ACCESS_EXISTS ? i && i->now.n > 0 : d && disk_look(d, path);
	return SQLITE_OK;
}

static int on_full_path(sqlite3_vfs *vfs, const char *path, int n, char *out)
{
	(void)vfs;
	return snprintf(out, (size_t)n, "%s", path) < n ? SQLITE_OK : SQLITE_CANTOPEN;
}

static int on_randomness(sqlite3_vfs *vfs, int n, char *out)
{
	(void)vfs;
	if (used.random)
		random_fill(used.random, out, (size_t)n);
	else
		memset(out, 0, (size_t)n);
	return n;
}

static int on_sleep(sqlite3_vfs *vfs, int us)
{
	(void)vfs;
	return us; /* nobody else could give a lock free meanwhile */
}

static int on_time(sqlite3_vfs *vfs, sqlite3_int64 *ret)
{
	(void)vfs;
	*ret = UNIX_EPOCH_JULIAN_MS + (used.clock ? clock_now_ms(used.clock) : 0);
	return SQLITE_OK;
}

static int on_time_as_days(sqlite3_vfs *vfs, double *ret)
{
	sqlite3_int64 ms;
	int rc = on_time(vfs, &ms);
	*ret = (double)ms / 86400000.0;
	return rc;
}

static int on_last_error(sqlite3_vfs *vfs, int n, char *out)
{
	(void)vfs;
	(void)n;
	(void)out;
	return 0;
}

static sqlite3_vfs vfs = {
	.iVersion = 2,
	.szOsFile = sizeof(struct handle),
	.mxPathname = PATH_BYTES - 1,
	.zName = "simulated",
	.xOpen = on_open,
	.xDelete = on_delete,
	.xAccess = on_access,
	.xFullPathname = on_full_path,
	.xRandomness = on_randomness,
	.xSleep = on_sleep,
	.xCurrentTime = on_time_as_days,
	.xGetLastError = on_last_error,
	.xCurrentTimeInt64 = on_time,
};

/* ---- memory ---- */

static bool refused(void)
{
	return used.disk && disk_call(used.disk, DISK_ALLOCATE) == -ENOMEM;
}

static void *on_malloc(int n)
{
	return refused() ? NULL : used.memory.xMalloc(n);
}

static void *on_realloc(void *p, int n)
{
	return refused() ? NULL : used.memory.xRealloc(p, n);
}

int vfs_install(void)
{
	if (used.installed)
		return 0;
	/* as the store does: it has no effect any more once a VFS is registered */
	sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	sqlite3_mem_methods counted;
	if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &used.memory) != SQLITE_OK)
		return E_BROKEN;
	counted = used.memory;
	counted.xMalloc = on_malloc;
	counted.xRealloc = on_realloc;
	if (sqlite3_config(SQLITE_CONFIG_MALLOC, &counted) != SQLITE_OK || sqlite3_vfs_register(&vfs, 1) != SQLITE_OK)
		return E_BROKEN;
	used.installed = true;
	return 0;
}
