/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Folders and files around the database. Called by init, backup and restore; never opens a database. */
#include "gateway/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
