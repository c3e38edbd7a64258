/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The API's description, printed from the registry of verbs (OpenAPI 3.1). */
#ifndef CAUNOI_WEB_OPENAPI_H
#define CAUNOI_WEB_OPENAPI_H

#include "console/web/visit.h"
#include "gateway/registry.h"

/* The document; the caller's. NULL on no memory. */
json_t *openapi_json(const struct registry *registry, const char *public_url);
/* Library's thread. Always true: answered. */
bool openapi_answer(struct visit *v);

#endif
