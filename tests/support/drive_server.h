/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The process behind a drive: answers the kernel's FUSE requests for one file, the image, and keeps what was written since the
 * last flush apart from it. Called by drive.c only. */
#ifndef CAUNOI_TESTS_SUPPORT_DRIVE_SERVER_H
#define CAUNOI_TESTS_SUPPORT_DRIVE_SERVER_H

#include <stdatomic.h>
#include <stdint.h>

enum drive_power {
	DRIVE_ON,
	DRIVE_CUT,  /* the image is as the cut left it, every call hangs */
	DRIVE_DEAD, /* every call fails */
};

/* Shared memory of both processes. */
struct drive_board {
	atomic_int power;
	atomic_llong cut_at; /* number of the operation; 0 = never */
	uint64_t seed;       /* written before cut_at */
	atomic_llong operations, flushes;
	atomic_int fail_writes, fail_flushes; /* how many; -1 = all */
	atomic_llong cached, lost;
};

/* Serves image (n_bytes long) over the FUSE connection fuse_fd until that is closed. Never returns. */
_Noreturn void drive_serve(int fuse_fd, int image_fd, int64_t n_bytes, struct drive_board *board);

#endif
