/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One report: from its order to a document, from a document to a file. Run by a child of the query process; reads only.
 * A document is {"kind","title","unit","unit_name","from","to","made_at","header":{…},"balance":{…},"sections":[{"heading","sheets":[…]}],
 * "signature":{…}}; sheet.h says what a sheet is. Every kind of file is written from it and says the same. What another program is to read
 * has an "exchange" besides, which is then the JSON file. */
#ifndef CAUNOI_REPORT_REPORT_H
#define CAUNOI_REPORT_REPORT_H

#include <jansson.h>

#include "gateway/base/complaint.h"
#include "gateway/base/err.h"
#include "gateway/scope.h"

struct sql_module;

/* args as gateway/report.c put them into the job. *ret is the caller's; E_CONFIG with *c when a data file is wrong. */
MUST_CHECK int report_document(const struct scope *in, const json_t *args, json_t **ret, struct complaint *c);
/* Writes the document as "xlsx", "csv", "html" or "json" to a new file of mode 0600. E_IO, E_NOMEM; nothing is left behind. */
MUST_CHECK int report_write(const json_t *document, const char *format, const char *file);
/* The whole errand: reads the job, makes the file in the data folder's reports/, drops files of more than 30 days. *ret is {"file":…,"told":…},
 * or {"rule","status","text"} when it could not be made. */
MUST_CHECK int report_run(const struct scope *in, int64_t job, json_t **ret);

extern const struct sql_module report_job_module;

#endif
