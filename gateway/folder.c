/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Folders and files around the database. Called by init, backup and restore; never opens a database. */
#include "gateway/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/base/own.h"

int folder_make(const char *path)
{
	OWN(mem) char *copy = strdup(path);
	if (!copy)
		return E_NOMEM;
	for (char *p = copy + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		if (mkdir(copy, 0755) && errno != EEXIST)
			return E_IO;
		*p = '/';
	}
	return mkdir(path, 0700) && errno != EEXIST ? E_IO : 0;
}

int folder_sync(const char *path)
{
	OWN(fd) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 || fsync(fd) ? E_IO : 0;
}

int folder_sync_file(const char *file)
{
	OWN(fd) int fd = open(file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 || fsync(fd) ? E_IO : 0;
}

char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	if (!slash)
		return strdup(".");
	return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

bool folder_same(const char *a, const char *b)
{
	struct stat x, y;
	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static int copy_bytes(int in, int out)
{
	char block[65536];
	ssize_t n;
	while ((n = read(in, block, sizeof(block))) > 0)
		for (ssize_t at = 0; at < n;) {
			ssize_t put = write(out, block + at, (size_t)(n - at));
			if (put <= 0)
				return E_IO;
			at += put;
		}
	return n < 0 || fsync(out) ? E_IO : 0;
}

int folder_copy_file(const char *from, const char *to)
{
	OWN(fd) int in = open(from, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	if (in < 0)
		return errno == ENOENT ? E_NOT_FOUND : errno == ELOOP ? E_CORRUPT : E_IO;
	if (fstat(in, &st) || !S_ISREG(st.st_mode))
		return E_CORRUPT;
	OWN(fd) int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (out < 0)
		return E_IO;
	int r = copy_bytes(in, out);
	if (r)
		unlink(to);
	return r;
}

void folder_drop_temporary(const char *path)
{
	static const char *const names[] = { "caunoi.db", "caunoi.db-wal", "caunoi.db-shm", "caunoi.db-journal" };
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		OWN(mem) char *file = NULL;
		if (asprintf(&file, "%s/%s", path, names[i]) >= 0)
			unlink(file);
	}
	rmdir(path);
}

/* A lock on the folder itself: the kernel gives it back when its maker dies. */
static int hold(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

int folder_temporary(const char *folder, const char *prefix, char **ret_path, int *ret_fd)
{
	OWN(mem) char *path = NULL;
	if (asprintf(&path, "%s/%sXXXXXX", folder, prefix) < 0) {
		path = NULL;
		return E_NOMEM;
	}
	if (!mkdtemp(path))
		return E_IO;
	int fd = hold(path);
	if (fd < 0) {
		rmdir(path);
		return E_IO;
	}
	*ret_path = MOVE(path);
	*ret_fd = fd;
	return 0;
}

void folder_sweep(const char *folder, const char *prefix)
{
	DIR *dir = opendir(folder);
	for (const struct dirent *e; dir && (e = readdir(dir));) {
		OWN(mem) char *path = NULL;
		if (strncmp(e->d_name, prefix, strlen(prefix)) != 0)
			continue;
		if (asprintf(&path, "%s/%s", folder, e->d_name) < 0) {
			path = NULL;
			break;
		}
		OWN(fd) int fd = hold(path);
		if (fd >= 0)
			folder_drop_temporary(path);
	}
	if (dir)
		closedir(dir);
}

static int move(const char *from, const char *to)
{
	return rename(from, to) == 0 || errno == ENOENT ? 0 : E_IO;
}

/* The log follows its database, or it would be replayed into the next one. */
int folder_put_aside(const char *data_dir, const char *end)
{
	static const char *const names[] = { "", "-wal", "-shm" };
	int r = 0;
	for (size_t i = 0; !r && i < COUNT_OF(names); i++) {
		OWN(mem) char *from = NULL, *to = NULL;
		if (asprintf(&from, "%s/caunoi.db%s", data_dir, names[i]) < 0 || asprintf(&to, "%s/caunoi.db.%s%s", data_dir, end, names[i]) < 0)
			return E_NOMEM;
		r = move(from, to);
	}
	return r ? r : folder_sync(data_dir);
}
