/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `caunoi init`: data folder, identity key, database, first administrator with a login that works once. Where the database stands on a
 * server, the first init makes it, in one transaction each for schema and rows; on a further machine, with the key copied there,
 * init joins: it makes the folder and changes nothing else. */
#ifndef CAUNOI_GATEWAY_INIT_H
#define CAUNOI_GATEWAY_INIT_H

#include "gateway/base/seal.h"
#include "gateway/local.h"
#include "gateway/store/store.h"
#include "gateway/verb.h"

/* Changes nothing on an initialised folder ({"changed":false}). E_CORRUPT: the folder is a symlink, of another user, or holds a
 * key without a database or the other way round (*c names the way back); E_EXISTS, E_IO. */
MUST_CHECK int init_run(const struct local *l, const json_t *args, json_t **ret, struct complaint *c);
/* Is there a key and a database file (a shared database: a key)? E_CORRUPT with *c when only one of them; E_NOT_FOUND when neither;
 * E_REFUSED with *c when the file is no longer the database that counts. */
MUST_CHECK int init_check(const struct config *cfg, struct complaint *c);
/* Was the database made with this key? E_CORRUPT with *c when with another one; E_NOT_FOUND: nothing was put into it yet. */
MUST_CHECK int init_check_key(struct store *db, const struct seal *seal, const char *data_dir, struct complaint *c);

extern const struct verb_table init_verbs;
extern const struct sql_module init_module;

#endif
