/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The members of a ZIP archive that was uploaded, read one behind the other. Input is hostile: the directory, what is unpacked and what
 * is held in memory are bounded; nothing is written to disk and no name of a member is ever a file's. */
#ifndef CAUNOI_CAMPAIGNS_ARCHIVE_H
#define CAUNOI_CAMPAIGNS_ARCHIVE_H

#include <stddef.h>
#include <stdint.h>

#include "gateway/base/complaint.h"
#include "gateway/base/err.h"

struct store;
struct sql_module;
struct archive;

#define ARCHIVE_BYTES_MAX (INT64_C(64) << 20)    /* as uploaded */
#define ARCHIVE_UNPACKED_MAX (INT64_C(512) << 20) /* all that is read of it */
#define ARCHIVE_MEMBERS_MAX 4096

/* Borrows db; reads upload's chunks as they are asked for. E_INVALID with *c: rule "xlsx_broken", "xlsx_too_large". */
MUST_CHECK int archive_open(struct store *db, int64_t upload, struct archive **ret, struct complaint *c);
void archive_close(struct archive *a);
/* Goes to the begin of a member. E_NOT_FOUND; E_INVALID with *c as above (encrypted members too). */
MUST_CHECK int archive_enter(struct archive *a, const char *member, struct complaint *c);
/* The next bytes of the member, at most room: how many, 0 at its end (and its checksum was right), or negative as above. */
MUST_CHECK int archive_read(struct archive *a, void *ret, size_t room, struct complaint *c);

extern const struct sql_module archive_module;

#endif
