/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON as the project uses it: one frame a line, small readers with defaults, and text made safe on the way in
 * (NUL and lone surrogates become U+FFFD, RFC 8259 §8.2). jansson underneath; its json_t is used directly. */
#ifndef CAUNOI_BASE_JSON_H
#define CAUNOI_BASE_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/buffer.h"
#include "gateway/base/err.h"
#include "gateway/base/own.h"

#define FRAME_BYTES_MAX (256 * 1024)

OWN_DEFINE(json, json_t *, json_decref)

/* Parses one JSON value from n_bytes. E_INVALID when malformed, deeper than 64, or of duplicate keys.
 * \u0000 and lone \uD800–\uDFFF escapes are read as U+FFFD. *ret is the caller's. */
MUST_CHECK int json_parse(const char *text, size_t n_bytes, json_t **ret);
/* Appends value as one compact line with '\n'. */
MUST_CHECK int json_put_line(struct buffer *out, const json_t *value);
/* Compact text; the caller's. NULL on no memory. */
char *json_text(const json_t *value);

/* Appends text as a JSON string with its quotes; text is valid UTF-8. For frames that are written by the hundred thousand. */
MUST_CHECK int json_put_string(struct buffer *out, const char *text);

/* Readers: the default when absent, null or of another type. Borrowed from obj. */
const char *json_str(const json_t *obj, const char *key, const char *otherwise);
int64_t json_int(const json_t *obj, const char *key, int64_t otherwise);
double json_num(const json_t *obj, const char *key, double otherwise);
bool json_flag(const json_t *obj, const char *key, bool otherwise);

/* Setters that take NULL as JSON null. Result 0 or E_NOMEM. */
int json_set_str(json_t *obj, const char *key, const char *value_or_null);
int json_set_int(json_t *obj, const char *key, int64_t value);

#endif
