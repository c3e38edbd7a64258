/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the jobs over an uploaded list share: whose file it is, what is read of it (the upload, or the CSV made of a spreadsheet), how a
 * file or a row is refused, and how both uploads go when it is done. The job's own rows and phases are its module's. */
#ifndef CAUNOI_CAMPAIGNS_FILEJOB_H
#define CAUNOI_CAMPAIGNS_FILEJOB_H

#include <jansson.h>

#include "gateway/base/complaint.h"
#include "gateway/job.h"
#include "gateway/verb.h"

/* args.file is an upload of this actor, of *ret_bytes; else refused. */
MUST_CHECK int filejob_check(const struct scope *in, const json_t *args, const char *actor, int64_t *ret_bytes, struct refusal *why);
/* The command of a job that begins at once: {"job":ID}. */
MUST_CHECK int filejob_begin(struct tick *t, const struct call *c, const struct job_kind *kind, json_t **ret, struct refusal *why);
/* A spreadsheet becomes CSV first. 0: read filejob_source from now on, *ret_sheet when its rows are known by their place in the sheet; E_AGAIN;
 * E_INVALID with *c. */
MUST_CHECK int filejob_convert(struct tick *t, struct job *j, bool *ret_sheet, struct complaint *c);
int64_t filejob_source(const struct job *j);
/* j->why from what is wrong with the file. */
MUST_CHECK int filejob_refuse(struct job *j, const struct complaint *c);
/* cursor.n_refused and cursor.reasons.REASON count one more, and cursor.refused lists it while there is room. column, detail: borrowed, detail may
 * be NULL. */
MUST_CHECK int filejob_refuse_row(struct job *j, int row, const char *column, const char *value, const char *reason, const char *detail);
/* cursor.KEY counts one more. */
MUST_CHECK int filejob_count(struct job *j, const char *key);
/* Both uploads go, some pieces a step. E_AGAIN: there are more. */
MUST_CHECK int filejob_drop(struct tick *t, struct job *j);

#endif
