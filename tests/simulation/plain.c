/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Descriptors from FIRST_FD on are openings of simulated files; a position and a mode belong to each. */
#include "tests/simulation/plain.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/simulation/disk.h"

#define FIRST_FD 1000000
#define OPEN_MAX_FILES 32

struct opening {
	struct disk_file *file; /* NULL: free; of a folder: disk and path only */
	struct disk *disk;
	char path[512];
	int64_t at;
	bool append, folder;
};

/* The C library's descriptors are one table in a process, so are these. */
static struct opening openings[OPEN_MAX_FILES];

int __real_open(const char *path, int flags, ...);
int __real_close(int fd);
ssize_t __real_read(int fd, void *out, size_t n);
ssize_t __real_pread(int fd, void *out, size_t n, off_t at);
ssize_t __real_write(int fd, const void *data, size_t n);
ssize_t __real_pwrite(int fd, const void *data, size_t n, off_t at);
off_t __real_lseek(int fd, off_t at, int whence);
int __real_ftruncate(int fd, off_t n);
int __real_fsync(int fd);
int __real_fdatasync(int fd);
int __real_fstat(int fd, struct stat *ret);
int __real_stat(const char *path, struct stat *ret);
int __real_lstat(const char *path, struct stat *ret);
int __real_access(const char *path, int mode);
int __real_chmod(const char *path, mode_t mode);
int __real_rename(const char *from, const char *to);
int __real_renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags);
int __real_unlink(const char *path);
int __real_mkdir(const char *path, mode_t mode);
int __real_rmdir(const char *path);
int __real_flock(int fd, int how);
FILE *__real_fdopen(int fd, const char *mode);

static int answer(int64_t r)
{
	if (r < 0)
		errno = (int)-r;
	return r < 0 ? -1 : (int)r;
}

static struct opening *opening_of(int fd)
{
	return fd >= FIRST_FD && fd < FIRST_FD + OPEN_MAX_FILES && openings[fd - FIRST_FD].disk ? &openings[fd - FIRST_FD] : NULL;
}

static int open_simulated(struct disk *d, const char *path, int flags)
{
	int slot = 0;
	while (slot < OPEN_MAX_FILES && openings[slot].disk)
		slot++;
	if (slot == OPEN_MAX_FILES)
		return -EMFILE;
	struct opening *o = &openings[slot];
	*o = (struct opening){ .append = flags & O_APPEND, .folder = disk_look(d, path) == 2 };
	snprintf(o->path, sizeof(o->path), "%s", path);
	if (!o->folder) {
		int how = (flags & O_CREAT ? DISK_CREATE : 0) | (flags & O_EXCL ? DISK_EXCLUSIVE : 0);
		int r = disk_open(d, path, how, &o->file);
		if (r)
			return r;
		if (flags & O_TRUNC && disk_resize(o->file, 0)) {
			disk_close(o->file);
			return -EIO;
		}
	}
	o->disk = d;
	return FIRST_FD + slot;
}

int __wrap_open(const char *path, int flags, ...)
{
	struct disk *d = disk_at(path);
	if (d)
		return answer(open_simulated(d, path, flags));
	va_list more;
	va_start(more, flags);
	mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0;
	va_end(more);
	return __real_open(path, flags, mode);
}

int __wrap_close(int fd)
{
	struct opening *o = opening_of(fd);
	if (!o)
		return __real_close(fd);
	disk_close(o->file);
	o->disk = NULL;
	return 0;
}

ssize_t __wrap_read(int fd, void *out, size_t n)
{
	struct opening *o = opening_of(fd);
	if (!o)
		return __real_read(fd, out, n);
	int64_t got = disk_read(o->file, out, n, o->at);
	if (got > 0)
		o->at += got;
	return answer(got);
}

ssize_t __wrap_pread(int fd, void *out, size_t n, off_t at)
{
	struct opening *o = opening_of(fd);
	return o ? answer(disk_read(o->file, out, n, at)) : __real_pread(fd, out, n, at);
}

ssize_t __wrap_write(int fd, const void *data, size_t n)
{
	struct opening *o = opening_of(fd);
	if (!o)
		return __real_write(fd, data, n);
	int64_t size = disk_size(o->file);
	int64_t put = disk_write(o->file, data, n, o->append && size >= 0 ? size : o->at);
	if (put > 0)
		o->at = (o->append ? size : o->at) + put;
	return answer(put);
}

ssize_t __wrap_pwrite(int fd, const void *data, size_t n, off_t at)
{
	struct opening *o = opening_of(fd);
	return o ? answer(disk_write(o->file, data, n, at)) : __real_pwrite(fd, data, n, at);
}

off_t __wrap_lseek(int fd, off_t at, int whence)
{
	struct opening *o = opening_of(fd);
	if (!o)
		return __real_lseek(fd, at, whence);
	int64_t size = disk_size(o->file);
	if (size < 0)
		return answer(size);
	o->at = at + (whence == SEEK_END ? size : whence == SEEK_CUR ? o->at : 0);
	return o->at;
}

int __wrap_ftruncate(int fd, off_t n)
{
	struct opening *o = opening_of(fd);
	return o ? answer(disk_resize(o->file, n)) : __real_ftruncate(fd, n);
}

int __wrap_fsync(int fd)
{
	struct opening *o = opening_of(fd);
	if (!o)
		return __real_fsync(fd);
	return answer(o->folder ? disk_sync_folder(o->disk, o->path) : disk_sync(o->file));
}

int __wrap_fdatasync(int fd)
{
	return opening_of(fd) ? __wrap_fsync(fd) : __real_fdatasync(fd);
}

static int describe(const struct disk *d, const char *path, const struct inode *i, struct stat *ret)
{
	bool folder = i ? i->folder : disk_look(d, path) == 2; /* a root has no inode */
	if (!i && !folder)
		return answer(-ENOENT);
	*ret = (struct stat){ .st_mode = (folder ? S_IFDIR : S_IFREG) | (i ? i->mode : 0700), .st_nlink = folder ? 2 : 1,
			      .st_uid = geteuid(), .st_ino = (ino_t)(uintptr_t)i, .st_size = i ? (off_t)i->now.n : 0 };
	return 0;
}

int __wrap_fstat(int fd, struct stat *ret)
{
	struct opening *o = opening_of(fd);
	return o ? describe(o->disk, o->path, o->file ? disk_inode(o->file) : disk_find(o->disk, o->path), ret) : __real_fstat(fd, ret);
}

int __wrap_lstat(const char *path, struct stat *ret)
{
	struct disk *d = disk_at(path);
	return d ? describe(d, path, disk_find(d, path), ret) : __real_lstat(path, ret);
}

int __wrap_stat(const char *path, struct stat *ret)
{
	return disk_at(path) ? __wrap_lstat(path, ret) : __real_stat(path, ret);
}

int __wrap_access(const char *path, int mode)
{
	struct disk *d = disk_at(path);
	if (!d)
		return __real_access(path, mode);
	return disk_look(d, path) ? 0 : answer(-ENOENT);
}

int __wrap_chmod(const char *path, mode_t mode)
{
	struct disk *d = disk_at(path);
	if (!d)
		return __real_chmod(path, mode);
	struct inode *i = disk_find(d, path);
	if (i)
		i->mode = mode;
	return disk_look(d, path) ? 0 : answer(-ENOENT);
}

int __wrap_rename(const char *from, const char *to)
{
	struct disk *d = disk_at(from);
	if (!d)
		return __real_rename(from, to);
	return answer(d == disk_at(to) ? disk_rename(d, from, to) : -EXDEV);
}

int __wrap_renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags)
{
	struct disk *d = disk_at(from);
	if (!d)
		return __real_renameat2(from_folder, from, to_folder, to, flags);
	if (flags & ~(unsigned)RENAME_NOREPLACE)
		return answer(-EINVAL);
	return flags && disk_look(d, to) ? answer(-EEXIST) : __wrap_rename(from, to);
}

int __wrap_unlink(const char *path)
{
	struct disk *d = disk_at(path);
	return d ? answer(disk_unlink(d, path)) : __real_unlink(path);
}

int __wrap_mkdir(const char *path, mode_t mode)
{
	struct disk *d = disk_at(path);
	return d ? answer(disk_make_folder(d, path)) : __real_mkdir(path, mode);
}

int __wrap_rmdir(const char *path)
{
	struct disk *d = disk_at(path);
	return d ? answer(disk_remove_folder(d, path)) : __real_rmdir(path);
}

/* One core in a process: nobody else could hold it. */
int __wrap_flock(int fd, int how)
{
	return opening_of(fd) ? 0 : __real_flock(fd, how);
}

static ssize_t stream_read(void *cookie, char *out, size_t n)
{
	return __wrap_read((int)(intptr_t)cookie, out, n);
}

static int stream_close(void *cookie)
{
	return __wrap_close((int)(intptr_t)cookie);
}

FILE *__wrap_fdopen(int fd, const char *mode)
{
	if (!opening_of(fd))
		return __real_fdopen(fd, mode);
	return fopencookie((void *)(intptr_t)fd, mode, (cookie_io_functions_t){ .read = stream_read, .close = stream_close });
}
