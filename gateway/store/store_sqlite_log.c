/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The log that a dead core left. After a sync that failed, the cache may show what the disk never got, and no later sync speaks of it:
 * a checkpoint from such a log, cut short, would damage the database. So the log's bytes are written once more, and synced, before
 * SQLite reads them. And the names of the files beside the database, for which SQLite syncs the folder without looking at what became of it.
 * Called at the opening for writing, under the folder's lock; never changes a byte. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "gateway/store/sqlite.h"

#define BLOCK_BYTES 65536

static int write_again(int fd)
{
	OWN(mem) char *block = malloc(BLOCK_BYTES);
	if (!block)
		return E_NOMEM;
	ssize_t n;
	for (off_t at = 0; (n = pread(fd, block, BLOCK_BYTES, at)) > 0; at += n)
		if (pwrite(fd, block, (size_t)n, at) != n)
			return E_IO;
	return n < 0 || fsync(fd) ? E_IO : 0;
}

int sqlite_log_renew(const char *file)
{
	OWN(mem) char *log = NULL;
	if (asprintf(&log, "%s-wal", file) < 0)
		return E_NOMEM;
	OWN(fd) int fd = open(log, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : E_IO;
	return write_again(fd);
}

int sqlite_names_sync(const char *file)
{
	const char *slash = strrchr(file, '/');
	OWN(mem) char *folder = slash ? strndup(file, slash == file ? 1 : (size_t)(slash - file)) : strdup(".");
	if (!folder)
		return E_NOMEM;
	OWN(fd) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 || fsync(fd) ? E_IO : 0;
}
