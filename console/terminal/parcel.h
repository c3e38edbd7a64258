/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files among the arguments: small ones become text, large ones travel ahead in chunks. "-" is standard input. */
#ifndef CAUNOI_CONSOLE_TERMINAL_PARCEL_H
#define CAUNOI_CONSOLE_TERMINAL_PARCEL_H

#include <jansson.h>

#include "console/terminal/wire.h"
#include "gateway/base/complaint.h"
#include "gateway/verb.h"

#define PARCEL_CHUNK_BYTES (128 * 1024)

/* Replaces every ARG_FILE in args by the file's text. E_NOT_FOUND, E_IO, E_TOO_BIG, E_INVALID (not UTF-8), with *c. A path
 * of a file on this machine (a TEXT argument called "file") becomes absolute: the core works in another folder. */
MUST_CHECK int parcel_read(const struct verb *v, json_t *args, struct complaint *c);
/* Looks whether every ARG_UPLOAD can be opened, before anything is sent; errors as above. */
MUST_CHECK int parcel_look(const struct verb *v, const json_t *args, struct complaint *c);
/* Sends every ARG_UPLOAD over w and replaces it in args by the upload's id. E_REFUSED with *ret_error (the caller's) when the
 * core says no; E_UNAVAILABLE when it is gone. */
MUST_CHECK int parcel_send(struct wire *w, const struct verb *v, json_t *args, json_t **ret_error, struct complaint *c);

#endif
