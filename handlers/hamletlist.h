/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hamlets of one name, to choose from on a screen. */
#ifndef CAUNOI_HANDLERS_HAMLETLIST_H
#define CAUNOI_HANDLERS_HAMLETLIST_H

#include <jansson.h>
#include <stdint.h>

#include "gateway/base/err.h"
#include "gateway/scope.h"

/* Appends [{"value": code, "label": name}], at most six, for what somebody calls their hamlet: of the caller's own commune (address 0: the
 * organisation's), else of any that has one of this name; then the label is the commune. */
MUST_CHECK int hamletlist_find(const struct scope *in, int64_t address, const char *said, json_t *list);

#endif
