/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the core asks of the query process besides reading: passwords hashed and compared, backups written by a child. */
#ifndef CAUNOI_QUERY_SECRETARY_H
#define CAUNOI_QUERY_SECRETARY_H

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

#include "gateway/base/buffer.h"

/* Argon2id, 19 MiB and two passes: about 50 ms in which nothing else runs. *ret is {"hash":…} or {"ok":bool}; {} when the memory
 * is not there. NULL on no memory at all. */
json_t *secretary_hash(const char *password);
json_t *secretary_verify(const char *password, const char *hash);

/* The one backup that may run. */
struct backup_child {
	pid_t pid; /* 0 = none */
	int fd;    /* its standard output */
	json_t *id;
	struct buffer out;
};

/* Starts this program again with --backup file. E_UNAVAILABLE: one runs already. id is borrowed. */
MUST_CHECK int secretary_backup(struct backup_child *b, const char *config, const char *file, const json_t *id);
/* Reads what the child says; true when it has ended, with *ret its result object (the caller's). */
bool secretary_backup_read(struct backup_child *b, json_t **ret);
void secretary_backup_done(struct backup_child *b);

#endif
