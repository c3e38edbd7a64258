/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the rows say of the whole, and how old that is. */
#ifndef CAUNOI_GATEWAY_STATUS_H
#define CAUNOI_GATEWAY_STATUS_H

#include <jansson.h>

#include "gateway/scope.h"
#include "gateway/verb.h"

/* When the core last committed, as the database that is read knows it: an idle core does so once a second. E_NOT_FOUND. */
MUST_CHECK int status_tick_ms(const struct scope *in, int64_t *ret_ms);
/* What can be said while the database cannot be reached. */
MUST_CHECK int status_without_store(const struct scope *in, json_t **ret);

extern const struct verb_table status_verbs;
extern const struct sql_module status_module;

#endif
