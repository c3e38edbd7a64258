/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A report as CSV and as a page to print: UTF-8 texts that need no library. */
#ifndef CAUNOI_REPORT_PAGE_H
#define CAUNOI_REPORT_PAGE_H

#include <jansson.h>

#include "gateway/base/buffer.h"

/* All sheets one below the other, each behind its title. */
MUST_CHECK int page_csv(const json_t *document, struct buffer *out);
/* One file without scripts and without anything from elsewhere; its style prints on A4. */
MUST_CHECK int page_html(const json_t *document, struct buffer *out);

#endif
