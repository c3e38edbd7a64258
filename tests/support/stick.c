/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mounts and links; called between fork and exec of a program under test. */
#include "tests/support/stick.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static int bind(const char *from, const char *to)
{
	return mount(from, to, NULL, MS_BIND, NULL);
}

/* Terminals stay what they were; all else of /dev is gone. */
static int empty_dev(const char *folder)
{
	char pts[PATH_MAX];
	snprintf(pts, sizeof(pts), "%s/pts", folder);
	return mkdir(pts, 0755) || bind("/dev/pts", pts) || mount("tmpfs", "/dev", "tmpfs", 0, NULL) || mkdir("/dev/pts", 0755) ||
	       bind(pts, "/dev/pts") || symlink("pts/ptmx", "/dev/ptmx");
}

static int add_port(const char *folder, size_t i, const char *port)
{
	char path[PATH_MAX], target[PATH_MAX];
	snprintf(path, sizeof(path), "%s/1-1/1-1:1.%zu", folder, i);
	int r = mkdir(path, 0755);
	snprintf(target, sizeof(target), "%s/1-1/1-1:1.%zu/ttyUSB%zu", folder, i, i);
	r = r || mkdir(target, 0755);
	snprintf(path, sizeof(path), "%s/class/ttyUSB%zu", folder, i);
	r = r || mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/class/ttyUSB%zu/device", folder, i);
	r = r || symlink(target, path);
	snprintf(path, sizeof(path), "/dev/ttyUSB%zu", i);
	int fd = r ? -1 : open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0)
		close(fd);
	return fd < 0 || bind(port, path);
}

int stick_plug_in(const char *folder, const char *const *ports, size_t n_ports)
{
	char device[PATH_MAX], class[PATH_MAX];
	snprintf(device, sizeof(device), "%s/1-1", folder);
	snprintf(class, sizeof(class), "%s/class", folder);
	int r = unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) || mount("tmpfs", folder, "tmpfs", 0, NULL) ||
		mkdir(device, 0755) || mkdir(class, 0755) || empty_dev(folder);
	for (size_t i = 0; i < n_ports && !r; i++)
		r = add_port(folder, i, ports[i]);
	return r || bind(class, "/sys/class/tty") ? -1 : 0;
}
