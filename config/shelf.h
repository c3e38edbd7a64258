/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where data files are looked for: on disk as settings_find does, or with one of them replaced by a text that somebody wants to put in its
 * place. Loaders of words read through it, so that what is tried is read exactly as what is in force. All borrowed. */
#ifndef CAUNOI_CONFIG_SHELF_H
#define CAUNOI_CONFIG_SHELF_H

#include "config/settings.h"

struct shelf {
	const char *config_file;  /* may be NULL */
	const char *name, *text; /* "keywords/keywords.conf" and what it shall say; NULL = all files as they stand */
};

/* E_NOT_FOUND: there is no such file, *c is left as it is; otherwise as settings_read and settings_parse. */
MUST_CHECK int shelf_read(const struct shelf *s, const char *name, struct settings **ret, struct complaint *c);

#endif
