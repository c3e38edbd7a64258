/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file "reserve" in the data folder. */
#include "gateway/reserve.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "gateway/base/log.h"

#define RESERVE_BYTES (64 << 20)
#define LOW_BYTES (256ull << 20)

static void reserve_path(const char *data_dir, char *ret, size_t room)
{
	snprintf(ret, room, "%s/reserve", data_dir);
}

bool reserve_low(const char *data_dir)
{
	struct statvfs v;
	if (statvfs(data_dir, &v))
		return false;
	unsigned long long free_bytes = (unsigned long long)v.f_bavail * v.f_frsize, all = (unsigned long long)v.f_blocks * v.f_frsize;
	bool low = free_bytes < (all / 20 > LOW_BYTES ? all / 20 : LOW_BYTES);
	char path[600];
	reserve_path(data_dir, path, sizeof(path));
	if (!low && access(path, F_OK)) {
		int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd >= 0 && posix_fallocate(fd, 0, RESERVE_BYTES))
			unlink(path);
		if (fd >= 0)
			close(fd);
	}
	return low;
}

void reserve_give_up(const char *data_dir)
{
	struct statvfs v;
	char path[600];
	if (!statvfs(data_dir, &v) && (unsigned long long)v.f_bavail * v.f_frsize > RESERVE_BYTES / 4)
		return; /* refused for another reason */
	reserve_path(data_dir, path, sizeof(path));
	if (!unlink(path))
		log_warn("disk.reserve", "the disk is full; the reserve was given up so that messages still come in");
}
