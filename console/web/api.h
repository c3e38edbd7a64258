/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /api/v1: requests become verbs of the registry. Arguments go to the core or the query process as they came; they are
 * checked there. Library's thread, but where said. */
#ifndef CAUNOI_WEB_API_H
#define CAUNOI_WEB_API_H

#include "console/web/visit.h"

/* Chooses the verb; true = answered (a refusal), else v->take and v->run are set. */
bool api_begin(struct visit *v);
/* The verb that a method and a path (behind /api/v1) mean, or NULL. Any thread; used for size limits too. */
const struct verb *api_verb(const struct registry *registry, const char *method, char *const *segments, size_t n, const char **ret_id);
bool api_is_upload(const struct verb *verb);
/* Fills v's question. args is an object; v->session and v->key are used. E_NOMEM, E_TOO_BIG. Any thread. */
MUST_CHECK int api_command_frame(struct visit *v, const json_t *args);
MUST_CHECK int api_query_frame(struct visit *v, const char *dotted, const json_t *args,
			       bool (*heard)(struct visit *, const char *, size_t));
/* The fields of the query string as an object of strings, the path's id among them. E_INVALID (refusal is said), E_NOMEM. */
MUST_CHECK int api_query_args(struct visit *v, json_t **ret);
/* The same of a JSON body; an empty one is no arguments. */
MUST_CHECK int api_body_args(struct visit *v, json_t **ret);

#endif
