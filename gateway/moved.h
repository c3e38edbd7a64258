/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "migrated-to" in the data folder: the SQLite database beside it is no longer the one that counts, and where that one is. The database
 * itself stays as it was. */
#ifndef CAUNOI_GATEWAY_MOVED_H
#define CAUNOI_GATEWAY_MOVED_H

#include <stdbool.h>

#include "gateway/base/complaint.h"
#include "gateway/base/err.h"

bool moved_exists(const char *data_dir);
/* 0: the database in this folder is the one that counts. E_REFUSED: it is not, *c says where that one is and how to go back. */
MUST_CHECK int moved_check(const char *data_dir, struct complaint *c);
/* place: an address without a password. On the disk when it returns 0; E_IO, E_NOMEM. */
MUST_CHECK int moved_note(const char *data_dir, const char *place);
/* E_IO; 0 also when there is none. */
MUST_CHECK int moved_forget(const char *data_dir);

#endif
