/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Putting a backup in the database's place, with the service stopped. A database file is kept beside; one on a server must be empty. The
 * ledger stays, so that the next start puts back every opt-out said since the backup. */
#ifndef CAUNOI_GATEWAY_RESTORE_H
#define CAUNOI_GATEWAY_RESTORE_H

#include "gateway/local.h"

#define RESTORE_STAMP_BYTES 32

/* Checks folder/caunoi.db: application, schema, integrity (full or quick); the last entry of its audit chain in *ret_audit_seq
 * (may be NULL). E_CORRUPT, E_NEWER with *c. */
MUST_CHECK int restore_verify(const char *folder, bool full, int64_t *ret_audit_seq, struct complaint *c);

/* E_REFUSED while a core runs, E_NOT_FOUND, E_CORRUPT (damaged, foreign, of another identity key), E_NEWER, E_IO; until the last
 * moment nothing has changed. */
MUST_CHECK int restore_run(const struct local *l, const json_t *args, json_t **ret, struct complaint *c);
/* The moment now as it stands in the names of files put aside: "20261120T070000.000". */
void restore_stamp(const struct local *l, char ret[RESTORE_STAMP_BYTES]);

#endif
