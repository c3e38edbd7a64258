/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A drive whose power can be cut, with an ext4 file system on it. The file system lies on a loop device, the loop device on an image
 * that a child of the test serves over FUSE, so every write and every flush of the block layer passes through that child.
 * What is modelled is a drive with a volatile write cache and no promise about order: what was flushed is on the image; of
 * what was written since, a cut keeps everything, a beginning, or any subset, and may tear the last one kept between two sectors of 512 bytes.
 * While the drive is cut and before it is unplugged no call on it ends: what a program still says in that time was flushed
 * before. The drive may also fail its writes or flushes. Needs root, FUSE and loop devices; other failures end the test. */
#ifndef CAUNOI_TESTS_SUPPORT_DRIVE_H
#define CAUNOI_TESTS_SUPPORT_DRIVE_H

#include <stdbool.h>
#include <stdint.h>

struct drive;

/* An image with an empty file system in folder dir. NULL when this machine cannot do it, *ret_why says what it lacks. */
struct drive *drive_new(const char *dir, int64_t n_bytes, const char **ret_why);
/* Takes it out first when it is in. The image goes with its folder. */
void drive_free(struct drive *d);

/* Puts the drive in and mounts it at path, which must be an empty folder. Its power is on and nothing fails. */
void drive_plug(struct drive *d, const char *path);
/* Calls on a drive that is cut no longer hang: they fail with EIO, so that who made them can die. Cuts it when it was not yet. */
void drive_kill(struct drive *d);
/* Kills it and takes it out. Whoever has files open on it must be gone or about to go; waits for them. */
void drive_unplug(struct drive *d);
/* Unmounts in good order: everything is flushed. */
void drive_eject(struct drive *d);

/* The power goes at the n-th write or flush from now (1 = the next), seed decides what the cache loses. */
void drive_cut_at(struct drive *d, int64_t n, uint64_t seed);
bool drive_is_cut(const struct drive *d);
/* From now on so many writes (flushes) fail with EIO; -1 = all. */
void drive_fail_writes(struct drive *d, int n);
void drive_fail_flushes(struct drive *d, int n);

/* Writes and flushes since it was plugged in; of the last cut: how many writes lay in the cache, how many of them were lost. */
int64_t drive_operations(const struct drive *d);
int64_t drive_flushes(const struct drive *d);
void drive_losses(const struct drive *d, int64_t *ret_cached, int64_t *ret_lost);

#endif
