/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plugging, mounting and unplugging a drive; its inside is drive_server.c. Called by fault tests, as root. */
#include "tests/support/drive.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "gateway/base/own.h"
#include "tests/support/drive_server.h"

#define PATH_ROOM 256
#define TRIES 5000
#define TRY_MS 2

struct drive {
	char image[PATH_ROOM], file[PATH_ROOM], mounted_at[PATH_ROOM]; /* mounted_at is empty when it is not in */
	int64_t n_bytes;
	struct drive_board *board;
	pid_t server;
};

static void pause_ms(long ms)
{
	nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 }, NULL);
}

/* ---- making ---- */

static bool make_file_system(const char *image)
{
	int status = 0;
	pid_t pid = fork();
	if (!pid) {
		int null = open("/dev/null", O_RDWR);
		dup2(null, 1);
		dup2(null, 2);
		execlp("mkfs.ext4", "mkfs.ext4", "-q", "-F", "-E", "nodiscard,lazy_itable_init=1", "-J", "size=8", image, (char *)NULL);
		execl("/sbin/mkfs.ext4", "mkfs.ext4", "-q", "-F", "-E", "nodiscard,lazy_itable_init=1", "-J", "size=8", image,
		      (char *)NULL);
		_exit(127);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool make_file(const char *path, int64_t n_bytes)
{
	OWN(fd) int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return fd >= 0 && !ftruncate(fd, n_bytes);
}

static const char *missing(void)
{
	if (geteuid())
		return "a drive needs root";
	if (access("/dev/fuse", R_OK | W_OK))
		return "there is no /dev/fuse here";
	return access("/dev/loop-control", R_OK | W_OK) ? "there are no loop devices here" : NULL;
}

struct drive *drive_new(const char *dir, int64_t n_bytes, const char **ret_why)
{
	const char *why = missing();
	if (why) {
		*ret_why = why;
		return NULL;
	}
	struct drive *d = calloc(1, sizeof(*d));
	assert_non_null(d);
	d->n_bytes = n_bytes;
	assert_true(snprintf(d->image, sizeof(d->image), "%s/drive.image", dir) < PATH_ROOM);
	assert_true(snprintf(d->file, sizeof(d->file), "%s/drive", dir) < PATH_ROOM);
	d->board = mmap(NULL, sizeof(*d->board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(d->board != MAP_FAILED);
	assert_true(make_file(d->image, n_bytes) && make_file(d->file, 0));
	if (!make_file_system(d->image)) {
		*ret_why = "mkfs.ext4 is missing or failed";
		drive_free(d);
		return NULL;
	}
	return d;
}

void drive_free(struct drive *d)
{
	if (!d)
		return;
	if (d->mounted_at[0])
		drive_unplug(d);
	munmap(d->board, sizeof(*d->board));
	free(d);
}

/* ---- plugging ---- */

static void start_server(struct drive *d)
{
	char options[128];
	OWN(fd) int fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC), image = open(d->image, O_RDWR | O_CLOEXEC);
	assert_true(fuse >= 0 && image >= 0);
	snprintf(options, sizeof(options), "fd=%d,rootmode=100000,user_id=0,group_id=0", fuse);
	if (mount("caunoi-drive", d->file, "fuse", MS_NOSUID | MS_NODEV, options))
		fail_msg("the drive's image cannot be mounted: %s", strerror(errno));
	d->server = fork();
	assert_true(d->server >= 0);
	if (d->server)
		return;
	/* nothing of the test may be kept open by its drive */
	if (dup3(fuse, 100, O_CLOEXEC) < 0 || dup3(image, 101, O_CLOEXEC) < 0)
		_exit(1);
	close_range(3, 99, 0);
	close_range(102, ~0u, 0);
	drive_serve(100, 101, d->n_bytes, d->board);
}

/* A loop device on the drive, which detaches itself when its last user is gone: the result keeps it until it is mounted. */
static int attach_loop(const struct drive *d, char ret_path[32])
{
	OWN(fd) int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC), file = open(d->file, O_RDWR | O_CLOEXEC);
	if (file < 0)
		fail_msg("the drive does not answer: %s", strerror(errno));
	struct loop_config config = { .fd = (uint32_t)file, .info = { .lo_flags = LO_FLAGS_AUTOCLEAR } };
	for (int i = 0; i < TRIES; i++, pause_ms(TRY_MS)) {
		int n = ioctl(control, LOOP_CTL_GET_FREE);
		snprintf(ret_path, 32, "/dev/loop%d", n);
		int loop = n >= 0 ? open(ret_path, O_RDWR | O_CLOEXEC) : -1;
		if (loop >= 0 && !ioctl(loop, LOOP_CONFIGURE, &config))
			return loop;
		if (loop >= 0)
			close(loop); /* somebody was quicker */
	}
	fail_msg("no loop device is free: %s", strerror(errno));
	return -1;
}

void drive_plug(struct drive *d, const char *path)
{
	char loop[32];
	assert_int_equal(d->mounted_at[0], 0);
	memset(d->board, 0, sizeof(*d->board));
	start_server(d);
	OWN(fd) int held = attach_loop(d, loop);
	umount2(d->file, MNT_DETACH); /* the loop device has the file; no mount is left behind whatever happens */
	if (mount(loop, path, "ext4", MS_NOSUID | MS_NODEV, "errors=remount-ro"))
		fail_msg("%s cannot be mounted: %s", loop, strerror(errno));
	snprintf(d->mounted_at, sizeof(d->mounted_at), "%s", path);
}

static void take_out(struct drive *d)
{
	int i = 0;
	while (umount(d->mounted_at) && errno == EBUSY && i++ < TRIES)
		pause_ms(TRY_MS);
	if (i >= TRIES)
		fail_msg("somebody still uses the drive at %s", d->mounted_at);
	d->mounted_at[0] = '\0';
	if (waitpid(d->server, NULL, 0) < 0)
		fail_msg("the drive's server was lost");
	d->server = 0;
}

void drive_kill(struct drive *d)
{
	if (atomic_load(&d->board->power) == DRIVE_ON)
		drive_cut_at(d, 0, d->board->seed);
	for (int i = 0; i < TRIES && !drive_is_cut(d); i++)
		pause_ms(TRY_MS);
	atomic_store(&d->board->power, DRIVE_DEAD);
}

void drive_unplug(struct drive *d)
{
	drive_kill(d);
	take_out(d);
}

void drive_eject(struct drive *d)
{
	take_out(d);
}

/* ---- faults ---- */

void drive_cut_at(struct drive *d, int64_t n, uint64_t seed)
{
	d->board->seed = seed;
	/* one is the earliest number: 0 would be never */
	long long at = atomic_load(&d->board->operations) + n;
	atomic_store(&d->board->cut_at, at > 0 ? at : 1);
}

bool drive_is_cut(const struct drive *d)
{
	return atomic_load(&d->board->power) != DRIVE_ON;
}

void drive_fail_writes(struct drive *d, int n)
{
	atomic_store(&d->board->fail_writes, n);
}

void drive_fail_flushes(struct drive *d, int n)
{
	atomic_store(&d->board->fail_flushes, n);
}

int64_t drive_operations(const struct drive *d)
{
	return atomic_load(&d->board->operations);
}

int64_t drive_flushes(const struct drive *d)
{
	return atomic_load(&d->board->flushes);
}

void drive_losses(const struct drive *d, int64_t *ret_cached, int64_t *ret_lost)
{
	*ret_cached = atomic_load(&d->board->cached);
	*ret_lost = atomic_load(&d->board->lost);
}
