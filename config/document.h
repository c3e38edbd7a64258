/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a provider sent, an answer or a callback, and the places in it that its profile names: JSON pointer (RFC 6901),
 * element path /a/b or /a/b/@attr (namespace prefixes ignored, * = any name; "name(/a/b)" = what the element there is called), field name (form, query), POSIX extended regular
 * expression with one group (text); "header:NAME" in any format, "request:key" for the key that was sent. Numbers and booleans are read as their JSON text, null is absent.
 * Bounds: 256 KiB, depth 64, 4096 elements, 256 fields, 8 KiB of a text are looked at. A DTD is refused. */
#ifndef CAUNOI_CONFIG_DOCUMENT_H
#define CAUNOI_CONFIG_DOCUMENT_H

#include <jansson.h>
#include <regex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/err.h"

#define DOCUMENT_BYTES_MAX (256 * 1024)
#define DOCUMENT_TEXT_BYTES 8192

enum format { FORMAT_JSON, FORMAT_XML, FORMAT_FORM, FORMAT_QUERY, FORMAT_TEXT };

/* An HTTP answer or request as received; all borrowed. Absent strings are "" or NULL. */
struct received {
	int status;	     /* answers */
	const char *method;  /* callbacks: "GET", "POST" */
	const char *url;     /* callbacks: public URL as the provider wrote it, with its query */
	const char *query;   /* callbacks: behind the "?", still encoded */
	const char *content_type;
	const char *body;
	size_t body_bytes;
	/* Value of a header by its name in any case; NULL = absent. May be NULL. */
	const char *(*header)(void *self, const char *name);
	void *self;
	const char *key; /* answers: the key that was sent */
	int64_t now_ms; /* for points in time that say when to try again */
};

struct place {
	enum { PLACE_NONE, PLACE_POINTER, PLACE_PATH, PLACE_NAME, PLACE_FIELD, PLACE_PATTERN, PLACE_WHOLE, PLACE_HEADER, PLACE_KEY } kind;
	char *text;
	char **tokens; /* PLACE_POINTER: unescaped */
	size_t n_tokens;
	regex_t pattern; /* PLACE_PATTERN */
};

struct document;

/* "json" "xml" "form" "query" "text"; E_INVALID when unknown. */
MUST_CHECK int format_parse(const char *name, enum format *ret);
/* E_INVALID with a static phrase in *ret_why; E_NOMEM. */
MUST_CHECK int place_parse(enum format format, const char *text, struct place *ret, const char **ret_why);
void place_done(struct place *p);
const char *received_header(const struct received *in, const char *name);

/* Reads in as format; in must outlive the document. E_INVALID malformed or over a bound, E_NOMEM. */
MUST_CHECK int document_new(enum format format, const struct received *in, struct document **ret);
void document_free(struct document *d);
/* Value at a place as valid UTF-8, the caller's. E_NOT_FOUND absent (or no scalar), E_INVALID ambiguous, E_NOMEM. d may
 * be NULL (nothing readable came): then only headers of in are found. */
MUST_CHECK int document_get(const struct document *d, const struct received *in, const struct place *p, char **ret);
/* Does a JSON list stand there, be it empty? */
bool document_has_list(const struct document *d, const struct place *list);
/* Elements of a JSON list; 0 when there is none. */
size_t document_elements(const struct document *d, const struct place *list);
/* One of them as a document of its own, whose places are read from the element on; the caller's. E_NOT_FOUND, E_NOMEM. */
MUST_CHECK int document_element(const struct document *d, const struct place *list, size_t i, struct document **ret);
/* A document of JSON, or an element of one, as text; the caller's. E_INVALID: of another format; E_NOMEM. */
MUST_CHECK int document_text(const struct document *d, char **ret);

#endif
