/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Refusals as application/problem+json (RFC 9457). */
#ifndef CAUNOI_WEB_PROBLEM_H
#define CAUNOI_WEB_PROBLEM_H

#include <jansson.h>

#include "gateway/base/buffer.h"

#define PROBLEM_TYPE "application/problem+json"

/* "Not Found"; never NULL. */
const char *problem_title(int status);
/* Appends the document. rule and field may be "" (then null), args NULL. E_NOMEM. */
MUST_CHECK int problem_put(struct buffer *out, int status, const char *rule, const char *field, const char *detail, const json_t *args);
/* Appends a whole HTTP/1.1 response that closes the connection, for callers that never reached the HTTP library. */
MUST_CHECK int problem_response(struct buffer *out, int status, const char *detail);

#endif
