/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Folders and files as init, backup and restore handle them: made private, copied whole, moved durably. */
#ifndef CAUNOI_GATEWAY_FOLDER_H
#define CAUNOI_GATEWAY_FOLDER_H

#include <stdbool.h>

#include "gateway/base/err.h"

/* path and what is missing above it, mode 0700 for the last one. 0, also when it is there; E_IO. */
MUST_CHECK int folder_make(const char *path);
/* fsync of a folder; E_IO. */
MUST_CHECK int folder_sync(const char *path);
/* The folder that holds path ("." when it names none); the caller's, NULL on no memory. */
char *folder_of(const char *path);
/* Are both the same folder? False when either cannot be looked at. */
bool folder_same(const char *a, const char *b);
/* Copies a regular file (no symlink) to a new one of mode 0600 and syncs it. E_NOT_FOUND, E_CORRUPT (no regular file), E_IO. */
MUST_CHECK int folder_copy_file(const char *from, const char *to);
/* fsync of a file; E_IO. */
MUST_CHECK int folder_sync_file(const char *file);
/* The database in data_dir and its log, if there are any, get new names: "caunoi.db.END"; on the disk when it returns 0. E_IO, E_NOMEM. */
MUST_CHECK int folder_put_aside(const char *data_dir, const char *end);
/* Removes a temporary folder made by this service: caunoi.db, its -wal, -shm and -journal, then the folder. */
void folder_drop_temporary(const char *path);
/* "FOLDER/PREFIXxxxxxx", made and held until its descriptor is closed: folder_sweep leaves it alone. Its path is the caller's. E_IO, E_NOMEM. */
MUST_CHECK int folder_temporary(const char *folder, const char *prefix, char **ret_path, int *ret_fd);
/* Removes the temporary folders of that prefix whose makers were killed. What cannot be removed stays. */
void folder_sweep(const char *folder, const char *prefix);

#endif
