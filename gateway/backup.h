/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A consistent copy of the database in one file (0600), checked after it was written. Identity key and ledger are no part of
 * it: they stay in the data folder, and the key is kept elsewhere by whoever keeps keys. */
#ifndef CAUNOI_GATEWAY_BACKUP_H
#define CAUNOI_GATEWAY_BACKUP_H

#include "gateway/local.h"
#include "gateway/verb.h"

/* Writes the copy through a read-only connection of its own. Replaces an earlier backup of that name, nothing else. With backup.public_key
 * set it is sealed to that key (vault.h). E_EXISTS: something else stands there; E_REFUSED: inside the data folder; E_CORRUPT: the copy is damaged; E_IO, E_UNAVAILABLE (disk
 * full). Cost: reads and writes the whole database. */
MUST_CHECK int backup_write(const struct config *cfg, const char *file, struct random *random, struct complaint *c);

/* backup-key: a new pair for encrypted backups, the secret half into a file. E_EXISTS, E_IO. */
MUST_CHECK int backup_key_run(const struct local *l, const json_t *args, json_t **ret, struct complaint *c);
MUST_CHECK int backup_run(const struct local *l, const json_t *args, json_t **ret, struct complaint *c);
/* db check: full integrity; E_CORRUPT with *c when something is found. */
MUST_CHECK int backup_check_run(const struct local *l, const json_t *args, json_t **ret, struct complaint *c);

extern const struct verb_table backup_verbs;

/* Removes the plain copies that killed backups and restores left in the data folder. Only while no restore is under way: by who holds the
 * folder's lock. */
void backup_tidy(const char *data_dir);

#endif
