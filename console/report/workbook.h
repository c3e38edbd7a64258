/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A report as XLSX: a first page with its head, then a page a table. Texts are text cells whatever they begin with; dates are dates. */
#ifndef CAUNOI_REPORT_WORKBOOK_H
#define CAUNOI_REPORT_WORKBOOK_H

#include <jansson.h>

#include "gateway/base/err.h"

/* E_IO, E_NOMEM. */
MUST_CHECK int workbook_write(const json_t *document, const char *file);

#endif
