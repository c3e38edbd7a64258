/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Putting a backup in the database's place, with the service stopped. The old database is kept beside; the ledger stays, so
 * that the next start puts back every opt-out said since the backup. */
#ifndef CAUNOI_GATEWAY_RESTORE_H
#define CAUNOI_GATEWAY_RESTORE_H

#include "gateway/local.h"

/* Checks folder/caunoi.db: application, schema, integrity (full or quick); the last entry of its audit chain in *ret_audit_seq
 * (may be NULL). E_CORRUPT, E_NEWER with *c. */
MUST_CHECK int restore_verify(const struct config *cfg, const char *folder, bool full, int64_t *ret_audit_seq, struct complaint *c);

/* E_REFUSED while a core runs, E_NOT_FOUND, E_CORRUPT (damaged, foreign, of another identity key), E_NEWER, E_IO; until the last
 * moment nothing has changed. */
MUST_CHECK int restore_run(const struct local *l, const json_t *args, json_t **ret, struct complaint *c);

#endif
