/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Locks in the data folder: "core.lock" is held by the one core (and by init and restore while they work), "drivers.lock" is
 * inherited by every driver, so that recovery can wait until none of an earlier core's lives on. */
#ifndef CAUNOI_GATEWAY_LOCK_H
#define CAUNOI_GATEWAY_LOCK_H

#include "gateway/base/complaint.h"
#include "gateway/base/err.h"

/* Takes the core's lock without waiting. 0 with *ret_fd (close it to let go; not inherited). E_EXISTS: somebody holds it;
 * E_CORRUPT: the folder is missing, or folder or file are a symlink, foreign or of another owner; E_IO. */
MUST_CHECK int lock_take(const char *data_dir, int *ret_fd, struct complaint *c);
/* Takes the drivers' lock, asked again every 20 ms for wait_ms at most; E_EXISTS when drivers still live. *ret_fd is
 * inherited by children: hand it to drivers, and keep it open. */
MUST_CHECK int lock_take_drivers(const char *data_dir, int wait_ms, int *ret_fd, struct complaint *c);
/* The data folder itself: a real folder, ours (or root's), nobody else's to enter. E_CORRUPT, E_IO with *c. */
MUST_CHECK int lock_check_folder(const char *data_dir, struct complaint *c);

#endif
