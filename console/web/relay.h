/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames of the core and the query process as HTTP answers. Front thread. */
#ifndef CAUNOI_WEB_RELAY_H
#define CAUNOI_WEB_RELAY_H

#include "console/web/visit.h"

#define JSON_TYPE "application/json"

/* Both are visit's heard. */
bool relay_command(struct visit *v, const char *line, size_t n_bytes);
bool relay_query(struct visit *v, const char *line, size_t n_bytes);
/* A reply frame: 0 with *ret_result borrowed inside *ret_frame (the caller's); E_REFUSED, the refusal is said. */
MUST_CHECK int relay_reply(struct visit *v, const char *line, size_t n_bytes, json_t **ret_frame, const json_t **ret_result);
/* Gathers rows frames in v->rows: E_AGAIN more come; 0 all are there, *ret_next (borrowed in *ret_frame) the cursor or NULL;
 * E_REFUSED, the refusal is said. */
MUST_CHECK int relay_rows(struct visit *v, const char *line, size_t n_bytes, json_t **ret_frame, const json_t **ret_next);

#endif
