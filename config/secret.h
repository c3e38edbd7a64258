/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Secrets, each a file of its own: $CREDENTIALS_DIRECTORY/NAME (systemd), then secrets/NAME beside the configuration.
 * Never in the configuration, on a command line or in the environment. */
#ifndef CAUNOI_CONFIG_SECRET_H
#define CAUNOI_CONFIG_SECRET_H

#include <stddef.h>

#include "gateway/base/complaint.h"
#include "gateway/base/err.h"

#define SECRET_CHARS_MIN 16
#define SECRET_PIN_CHARS_MIN 4

/* Reads secret name; folder is the configuration's. The file must be regular (no symbolic link), of this user or root,
 * mode 0600 or stricter, and hold at least chars_min characters of UTF-8 text; one newline at its end is removed. *ret is
 * the caller's. E_NOT_FOUND, E_DENIED (mode, owner, link), E_INVALID (name, too short, no text), E_IO, E_NOMEM; *c gets rule
 * and sentence, which name the file and never its content. */
MUST_CHECK int secret_read(const char *folder, const char *name, size_t chars_min, char **ret, struct complaint *c);

#endif
