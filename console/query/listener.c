/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A Unix socket for queries. Called by server.c only. */
#include "console/query/listener.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "gateway/base/log.h"
#include "gateway/base/own.h"

#define GROUP "caunoi"
#define BACKLOG 64

static int fail(const char *path, const char *what)
{
	log_error("query.socket", "path=%s step=%s error=%s", path, what, strerror(errno));
	return E_IO;
}

static int remove_stale(const char *path)
{
	struct stat st;
	if (lstat(path, &st))
		return errno == ENOENT ? 0 : fail(path, "stat");
	errno = EEXIST;
	return S_ISSOCK(st.st_mode) && unlink(path) == 0 ? 0 : fail(path, "unlink");
}

static void open_to_group(const char *path)
{
	char room[4096];
	struct group g, *found = NULL;
	if (getgrnam_r(GROUP, &g, room, sizeof(room), &found) || !found)
		return;
	if (chown(path, (uid_t)-1, g.gr_gid) == 0 && chmod(path, 0660))
		log_warn("query.socket", "path=%s error=%s", path, strerror(errno));
}

int listener_open(const char *path, int *ret_fd)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(at.sun_path)) {
		errno = ENAMETOOLONG;
		return fail(path, "name");
	}
	snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	int r = remove_stale(path);
	if (r)
		return r;
	OWN(fd) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return fail(path, "socket");
	mode_t before = umask(0177);
	int bound = bind(fd, (struct sockaddr *)&at, sizeof(at));
	umask(before);
	if (bound)
		return fail(path, "bind");
	open_to_group(path);
	if (listen(fd, BACKLOG))
		return fail(path, "listen");
	*ret_fd = fd;
	fd = -1;
	return 0;
}

int listener_accept(int listen_fd, uid_t *ret_uid, pid_t *ret_pid)
{
	int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return -1;
	struct ucred who;
	socklen_t n = sizeof(who);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n)) {
		close(fd);
		return -1;
	}
	*ret_uid = who.uid;
	*ret_pid = who.pid;
	return fd;
}
