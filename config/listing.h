/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a file of settings says, row by row, for people to read. */
#ifndef CAUNOI_CONFIG_LISTING_H
#define CAUNOI_CONFIG_LISTING_H

#include <jansson.h>
#include <stdbool.h>

#include "gateway/base/complaint.h"
#include "gateway/base/err.h"

/* Every value that file sets, in its order: {"path","value","default","unit","help","source"}; source = "file:line". The files of words
 * have no default, unit and help (null). with_defaults: then every key of a configuration that it leaves out (source null). A secret
 * is never in it, only its name. E_NOT_FOUND, E_IO, E_INVALID with *c, E_NOMEM. *ret is the caller's. */
MUST_CHECK int listing_read(const char *file, bool with_defaults, json_t **ret, struct complaint *c);

#endif
