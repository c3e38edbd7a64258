/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A library to preload: every fsync and fdatasync takes SLOWDISK_MS (5) longer, as on a small machine's SD card. */
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void wait_for_disk(void)
{
	const char *text = getenv("SLOWDISK_MS");
	long ms = text ? strtol(text, NULL, 10) : 5;
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
	nanosleep(&t, NULL);
}

int fsync(int fd)
{
	wait_for_disk();
	return (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
	wait_for_disk();
	return (int)syscall(SYS_fdatasync, fd);
}
