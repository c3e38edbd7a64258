/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The C library's file calls on a simulated disk: the simulator is linked with --wrap for each name in PLAIN_CALLS of
 * tests/simulation.mk, so that the core's own files (ledger, keys, folders) lie on the disk too. What is not under a mounted root goes
 * to the real function. Nobody calls this file by name. */
#ifndef CAUNOI_TESTS_SIMULATION_PLAIN_H
#define CAUNOI_TESTS_SIMULATION_PLAIN_H

#include <stdio.h>
#include <sys/stat.h>
#include <sys/types.h>

int __wrap_open(const char *path, int flags, ...);
int __wrap_close(int fd);
ssize_t __wrap_read(int fd, void *out, size_t n);
ssize_t __wrap_pread(int fd, void *out, size_t n, off_t at);
ssize_t __wrap_write(int fd, const void *data, size_t n);
ssize_t __wrap_pwrite(int fd, const void *data, size_t n, off_t at);
off_t __wrap_lseek(int fd, off_t at, int whence);
int __wrap_ftruncate(int fd, off_t n);
int __wrap_fsync(int fd);
int __wrap_fdatasync(int fd);
int __wrap_fstat(int fd, struct stat *ret);
int __wrap_stat(const char *path, struct stat *ret);
int __wrap_lstat(const char *path, struct stat *ret);
int __wrap_access(const char *path, int mode);
int __wrap_chmod(const char *path, mode_t mode);
int __wrap_rename(const char *from, const char *to);
int __wrap_renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags);
int __wrap_unlink(const char *path);
int __wrap_mkdir(const char *path, mode_t mode);
int __wrap_rmdir(const char *path);
int __wrap_flock(int fd, int how);
FILE *__wrap_fdopen(int fd, const char *mode);

#endif
