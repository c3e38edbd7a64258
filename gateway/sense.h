/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words whose plain spelling says something else ("bán nhà" → "ban nha"): the file keywords/sense.conf, with the neighbours that
 * make each clear again. Asked by `text measure` and by the preview of a campaign. */
#ifndef CAUNOI_GATEWAY_SENSE_H
#define CAUNOI_GATEWAY_SENSE_H

#include <jansson.h>

#include "gateway/base/complaint.h"
#include "gateway/base/err.h"
#include "gateway/base/own.h"

struct sense;
struct shelf;

/* E_NOT_FOUND, E_CONFIG with *c filled, E_NOMEM. *ret is the caller's. */
MUST_CHECK int sense_load(const struct shelf *shelf, struct sense **ret, struct complaint *c);
void sense_free(struct sense *s);
OWN_DEFINE(sense, struct sense *, sense_free)
/* [{"word","plain","reads":[…]}], each word once in order of appearance; the caller's. text is valid UTF-8. E_NOMEM. */
MUST_CHECK int sense_find(const struct sense *s, const char *text, json_t **ret);
/* The same for one text; without such a file no word is told. E_CONFIG with *c, E_NOMEM. */
MUST_CHECK int sense_tell(const char *config_file, const char *text, json_t **ret, struct complaint *c);

#endif
