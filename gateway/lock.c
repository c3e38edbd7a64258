/* SPDX-License-Identifier: GPL-3.0-or-later */
/* flock on two files of the data folder. Called by the core's main, by init and by restore. The lock hangs on the open
 * file, so it ends with the last process that holds it, however that one died. */
#include "gateway/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/base/own.h"

#define CORE_LOCK "core.lock"
#define DRIVERS_LOCK "drivers.lock"
#define AGAIN_MS 20

static int complain(struct complaint *c, int err, const char *file, const char *rule, const char *text)
{
	snprintf(c->file, sizeof(c->file), "%s", file);
	complaint_set(c, "", rule, "%s", text);
	return err;
}

static bool ours(const struct stat *st)
{
	return st->st_uid == geteuid() || st->st_uid == 0;
}

int lock_check_folder(const char *data_dir, struct complaint *c)
{
	struct stat st;
	if (lstat(data_dir, &st))
		return errno == ENOENT ? complain(c, E_CORRUPT, data_dir, "missing", "is missing; make it: caunoi init")
				       : complain(c, E_IO, data_dir, "unreadable", strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return complain(c, E_CORRUPT, data_dir, "foreign", "is no folder (a symbolic link is refused)");
	if (!ours(&st))
		return complain(c, E_CORRUPT, data_dir, "foreign", "belongs to another user");
	if (st.st_mode & 022)
		return complain(c, E_CORRUPT, data_dir, "loose_mode", "can be written by others; chmod 0700 it");
	return 0;
}

static int open_lock(const char *data_dir, const char *name, int flags, int *ret_fd, struct complaint *c)
{
	int r = lock_check_folder(data_dir, c);
	if (r)
		return r;
	OWN(mem) char *file = NULL;
	if (asprintf(&file, "%s/%s", data_dir, name) < 0)
		return E_NOMEM;
	OWN(fd) int fd = open(file, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | flags, 0600);
	struct stat st;
	if (fd < 0)
		return complain(c, errno == ELOOP ? E_CORRUPT : E_IO, file, "unusable", strerror(errno));
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_nlink != 1 || !ours(&st))
		return complain(c, E_CORRUPT, file, "foreign", "is no file of this service's own");
	*ret_fd = fd;
	fd = -1;
	return 0;
}

int lock_take(const char *data_dir, int *ret_fd, struct complaint *c)
{
	int fd;
	int r = open_lock(data_dir, CORE_LOCK, O_CLOEXEC, &fd, c);
	if (r)
		return r;
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		r = errno == EWOULDBLOCK ? E_EXISTS : E_IO;
		close(fd);
		return complain(c, r, data_dir, r == E_EXISTS ? "in_use" : "unusable",
				r == E_EXISTS ? "is in use by a running core" : "cannot be locked");
	}
	*ret_fd = fd;
	return 0;
}

int lock_take_drivers(const char *data_dir, int wait_ms, int *ret_fd, struct complaint *c)
{
	int fd;
	int r = open_lock(data_dir, DRIVERS_LOCK, 0, &fd, c);
	if (r)
		return r;
	while (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK || wait_ms <= 0) {
			r = errno == EWOULDBLOCK ? E_EXISTS : E_IO;
			close(fd);
			return complain(c, r, data_dir, "drivers_alive", "a driver of an earlier run is still alive");
		}
		poll(NULL, 0, AGAIN_MS);
		wait_ms -= AGAIN_MS;
	}
	*ret_fd = fd;
	return 0;
}
