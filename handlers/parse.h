/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Understanding one message: a pure function of its text, of the keyword files and of what its sender was asked. The chain
 * acts on the result, `text classify` shows it. */
#ifndef CAUNOI_HANDLERS_PARSE_H
#define CAUNOI_HANDLERS_PARSE_H

#include "handlers/classified.h"
#include "handlers/context.h"
#include "handlers/keywords.h"

/* text is valid UTF-8. E_NOMEM. */
MUST_CHECK int classify(const struct keywords *k, const char *text, const struct context *x, struct classified *ret);
#endif
