/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The control socket and the query socket: their names, who may open them, whose they are already. */
#include "gateway/loop_socket.h"

#include <errno.h>
#include <grp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "gateway/base/log.h"
#include "gateway/base/own.h"

/* A core of another data folder answers there: its socket is not taken away. */
static bool somebody_listens(const struct sockaddr_un *a)
{
	OWN(fd) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	return fd >= 0 && (connect(fd, (const struct sockaddr *)a, sizeof(*a)) == 0 || errno == EAGAIN);
}

/* Members of the group may connect; what they may do follows from their account. */
static void open_to_group(const char *path)
{
	const struct group *g = getgrnam("caunoi");
	if (g && chown(path, (uid_t)-1, g->gr_gid) && geteuid() == 0)
		log_warn("control.group", "path=%s error=%s", path, strerror(errno));
}

/* Its folder is made by the service's start, or here for whoever runs the program by hand; bind says what else is wrong. */
static void make_folder(const char *path)
{
	char folder[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
	const char *end = strrchr(path, '/');
	if (!end || end == path)
		return;
	snprintf(folder, sizeof(folder), "%.*s", (int)(end - path), path);
	if (mkdir(folder, 0755) && errno != EEXIST)
		log_warn("control.folder", "path=%s error=%s", folder, strerror(errno));
}

int loop_socket_open(const char *path, struct complaint *c, int *ret_fd)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct stat st;
	snprintf(c->file, sizeof(c->file), "%s", path);
	if (strlen(path) >= sizeof(a.sun_path)) {
		complaint_set(c, "control", "too_long", "a socket path has at most %zu bytes", sizeof(a.sun_path) - 1);
		return E_CONFIG;
	}
	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	if (somebody_listens(&a)) {
		complaint_set(c, "control", "in_use", "another gateway listens here; stop it, or choose another control");
		return E_IO;
	}
	make_folder(path);
	if (!lstat(path, &st) && S_ISSOCK(st.st_mode))
		unlink(path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mode_t before = umask(0117);
	int bad = fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) || listen(fd, 64);
	umask(before);
	if (bad) {
		complaint_set(c, "control", "unusable", "cannot listen here: %s", strerror(errno));
		if (fd >= 0)
			close(fd);
		return E_CONFIG;
	}
	open_to_group(path);
	*ret_fd = fd;
	return 0;
}
