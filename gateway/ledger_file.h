/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ledger's file: append-only text, one line each, of this service alone. */
#ifndef CAUNOI_GATEWAY_LEDGER_FILE_H
#define CAUNOI_GATEWAY_LEDGER_FILE_H

#include "gateway/base/buffer.h"
#include "gateway/base/complaint.h"
#include "gateway/ledger_line.h"

/* "DATA_DIR/ledger.log"; the caller's, NULL on no memory. */
char *ledger_file_path(const char *data_dir);
/* Opens or makes it (0600, no symlink, own or root's) for appending; a line torn by a crash is closed. E_CORRUPT with *c: it is something else;
 * E_IO. */
MUST_CHECK int ledger_file_open(const char *file, int *ret_fd, struct complaint *c);
/* Takes lines out of the buffer as they are written, then one fsync. E_UNAVAILABLE: the disk is full, what is left of lines waits; E_IO. */
MUST_CHECK int ledger_file_write(int fd, struct buffer *lines);
/* Every sound line in order; damaged ones are counted and left out. A missing file has none; fn's error ends it. */
MUST_CHECK int ledger_file_each(const char *file, int (*fn)(void *arg, const struct ledger_line *line), void *arg, int64_t *ret_damaged);

#endif
