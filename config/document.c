/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bodies of providers and places in them. Called by profile.c (places) and provider.c (values). Input is hostile: every
 * reader is bounded, nothing is fetched, no entity is expanded. No I/O. */
#include "config/document.h"

#include <stdlib.h>
#include <string.h>

#include "config/elements.h"
#include "config/fields.h"
#include "config/foreign_json.h"
#include "config/regexp.h"
#include "gateway/base/buffer.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"

#define TOKENS_MAX 64
#define SPACE " \t\r\n"

struct document {
	enum format format;
	json_t *json;
	struct field *fields; /* form and query fields; xml: path and text, in document order */
	size_t n_fields;
	char *text;
};

static const char *const format_names[] = {
	[FORMAT_JSON] = "json", [FORMAT_XML] = "xml", [FORMAT_FORM] = "form", [FORMAT_QUERY] = "query", [FORMAT_TEXT] = "text",
};

int format_parse(const char *name, enum format *ret)
{
	for (size_t i = 0; name && i < COUNT_OF(format_names); i++)
		if (!strcmp(name, format_names[i])) {
			*ret = (enum format)i;
			return 0;
		}
	return E_INVALID;
}

/* ---- places ---- */

void place_done(struct place *p)
{
	if (p->kind == PLACE_PATTERN)
		regfree(&p->pattern);
	for (size_t i = 0; i < p->n_tokens; i++)
		free(p->tokens[i]);
	free(p->tokens);
	free(p->text);
	*p = (struct place){ 0 };
}

static bool unescape_token(char *token)
{
	char *to = token;
	for (const char *from = token; *from; from++) {
		if (*from == '~' && from[1] != '0' && from[1] != '1')
			return false;
		*to++ = *from != '~' ? *from : *++from == '0' ? '~' : '/';
	}
	*to = '\0';
	return true;
}

static int parse_pointer(const char *text, struct place *p, const char **ret_why)
{
	*ret_why = "is no JSON pointer (\"/a/0/b\")";
	if (*text && *text != '/')
		return E_INVALID;
	p->kind = PLACE_POINTER;
	p->tokens = calloc(TOKENS_MAX, sizeof(*p->tokens));
	if (!p->tokens)
		return E_NOMEM;
	while (*text == '/') {
		size_t n = strcspn(++text, "/");
		if (p->n_tokens == TOKENS_MAX)
			return E_INVALID;
		char *token = strndup(text, n);
		if (!token)
			return E_NOMEM;
		p->tokens[p->n_tokens++] = token;
		if (!unescape_token(token))
			return E_INVALID;
		text += n;
	}
	return 0;
}

/* "/soap:Body/x:id" → "/Body/id": prefixes are the sender's own choice. */
static void drop_prefixes(char *path)
{
	char *to = path;
	for (char *from = path; *from;) {
		size_t n = strcspn(from + 1, "/") + 1;
		size_t skip = *from == '/' ? 1 : 0;
		skip += from[skip] == '@' ? 1 : 0;
		char *colon = memchr(from, ':', n);
		size_t keep = colon ? (size_t)(from + n - colon - 1) : n - skip;
		memmove(to, from, skip);
		memmove(to + skip, from + n - keep, keep);
		to += skip + keep;
		from += n;
	}
	*to = '\0';
}

/* A star stands for a whole name. */
static bool has_whole_stars(const char *path)
{
	for (const char *star = strchr(path, '*'); star; star = strchr(star + 1, '*'))
		if (star == path || star[-1] != '/' || (star[1] && star[1] != '/'))
			return false;
	return true;
}

static int parse_path(const char *text, struct place *p, const char **ret_why)
{
	size_t n = strlen(text);
	bool name = n > 6 && !strncmp(text, "name(", 5) && text[n - 1] == ')';
	if (name) {
		memmove(p->text, p->text + 5, n - 6);
		p->text[n - 6] = '\0';
	}
	if (p->text[0] != '/' || !p->text[1] || !has_whole_stars(p->text) || (name && strchr(p->text, '@'))) {
		*ret_why = "is no element path (\"/a/b\", \"/a/*/@attr\"; \"name(/*)\" is what an element is called)";
		return E_INVALID;
	}
	p->kind = name ? PLACE_NAME : PLACE_PATH;
	drop_prefixes(p->text);
	return 0;
}

static int parse_pattern(const char *text, struct place *p, const char **ret_why)
{
	int r = regexp_parse(text, REG_NEWLINE, &p->pattern, ret_why);
	if (r)
		return r;
	p->kind = PLACE_PATTERN;
	if (p->pattern.re_nsub != 1) {
		*ret_why = "needs exactly one group ( )";
		return E_INVALID;
	}
	return 0;
}

static int parse_place(enum format format, const char *text, struct place *p, const char **ret_why)
{
	if (!strncmp(text, "header:", 7) && text[7]) {
		p->kind = PLACE_HEADER;
		memmove(p->text, p->text + 7, strlen(p->text + 7) + 1);
		return 0;
	}
	if (!strcmp(text, "request:key")) {
		p->kind = PLACE_KEY;
		return 0;
	}
	switch (format) {
	case FORMAT_JSON:
		return parse_pointer(text, p, ret_why);
	case FORMAT_XML:
		return parse_path(text, p, ret_why);
	case FORMAT_TEXT:
		return parse_pattern(text, p, ret_why);
	case FORMAT_FORM:
	case FORMAT_QUERY:
		p->kind = PLACE_FIELD;
		*ret_why = "is empty";
		return *text ? 0 : E_INVALID;
	}
	return E_INVALID;
}

int place_parse(enum format format, const char *text, struct place *ret, const char **ret_why)
{
	struct place p = { .text = strdup(text) };
	int r = p.text ? parse_place(format, text, &p, ret_why) : E_NOMEM;
	if (r) {
		place_done(&p);
		return r;
	}
	*ret = p;
	return 0;
}

/* ---- documents ---- */

static int read_document(struct document *d, const struct received *in)
{
	const char *body = in->body ? in->body : "";
	size_t n = in->body ? in->body_bytes : 0;
	if (n > DOCUMENT_BYTES_MAX)
		return E_INVALID;
	switch (d->format) {
	case FORMAT_JSON:
		return foreign_json_parse(body, n, &d->json);
	case FORMAT_XML:
		return elements_parse(body, n, &d->fields, &d->n_fields);
	case FORMAT_FORM:
		return fields_parse(body, n, &d->fields, &d->n_fields);
	case FORMAT_QUERY:
		n = in->query ? strlen(in->query) : 0;
		return n > DOCUMENT_BYTES_MAX ? E_INVALID : fields_parse(in->query, n, &d->fields, &d->n_fields);
	case FORMAT_TEXT:
		d->text = text_valid(body, n > DOCUMENT_TEXT_BYTES ? DOCUMENT_TEXT_BYTES : n);
		return d->text ? 0 : E_NOMEM;
	}
	return E_INVALID;
}

int document_new(enum format format, const struct received *in, struct document **ret)
{
	struct document *d = calloc(1, sizeof(*d));
	if (!d)
		return E_NOMEM;
	d->format = format;
	int r = read_document(d, in);
	if (r) {
		document_free(d);
		return r;
	}
	*ret = d;
	return 0;
}

void document_free(struct document *d)
{
	if (!d)
		return;
	json_decref(d->json);
	fields_free(d->fields, d->n_fields);
	free(d->text);
	free(d);
}

const char *received_header(const struct received *in, const char *name)
{
	return in->header ? in->header(in->self, name) : NULL;
}

static int copy_value(const char *value, size_t n_bytes, char **ret)
{
	char *copy = text_valid(value, n_bytes);
	if (!copy)
		return E_NOMEM;
	*ret = copy;
	return 0;
}

static const json_t *step(const json_t *at, const char *token)
{
	if (json_is_object(at))
		return json_object_get(at, token);
	if (!json_is_array(at) || !*token || strlen(token) > 6 || strspn(token, "0123456789") != strlen(token))
		return NULL;
	return json_array_get(at, strtoul(token, NULL, 10));
}

static const json_t *find_pointer(const struct document *d, const struct place *p)
{
	const json_t *at = d->json;
	for (size_t i = 0; at && i < p->n_tokens; i++)
		at = step(at, p->tokens[i]);
	return at;
}

static int get_pointer(const struct document *d, const struct place *p, char **ret)
{
	const json_t *at = find_pointer(d, p);
	if (!at || json_is_null(at) || json_is_object(at) || json_is_array(at))
		return E_NOT_FOUND;
	if (json_is_string(at))
		return copy_value(json_string_value(at), json_string_length(at), ret);
	char *text = json_text(at);
	if (!text)
		return E_NOMEM;
	*ret = text;
	return 0;
}

/* Without the space around it. */
static int copy_trimmed(const char *text, char **ret)
{
	const char *from = text + strspn(text, SPACE);
	size_t n = strlen(from);
	while (n && strchr(SPACE, from[n - 1]))
		n--;
	return copy_value(from, n, ret);
}

/* An element's path by a place's, in which a star is any name. */
static bool is_path(const char *path, const char *wanted)
{
	for (; *wanted == '/' && *path == '/'; wanted++, path++) {
		size_t n = strcspn(wanted + 1, "/"), m = strcspn(path + 1, "/");
		bool any = n == 1 && wanted[1] == '*' && path[1] != '@';
		if (!any && (n != m || strncmp(path + 1, wanted + 1, n) != 0))
			return false;
		wanted += n;
		path += m;
	}
	return !*wanted && !*path;
}

/* XML: the first of several, without the space that only lays it out; form and query: two of one name are ambiguous, so neither counts. */
static int get_field(const struct document *d, const struct place *p, char **ret)
{
	const struct field *found = NULL;
	for (size_t i = 0; i < d->n_fields; i++) {
		if (p->kind == PLACE_FIELD ? strcmp(d->fields[i].name, p->text) != 0 : !is_path(d->fields[i].name, p->text))
			continue;
		if (found && p->kind == PLACE_FIELD)
			return E_INVALID;
		found = found ? found : &d->fields[i];
	}
	if (!found)
		return E_NOT_FOUND;
	if (p->kind == PLACE_NAME)
		return copy_value(strrchr(found->name, '/') + 1, strlen(strrchr(found->name, '/') + 1), ret);
	return p->kind == PLACE_PATH ? copy_trimmed(found->value, ret) : copy_value(found->value, strlen(found->value), ret);
}

static int get_pattern(const struct document *d, const struct place *p, char **ret)
{
	regmatch_t m[2];
	if (regexec(&p->pattern, d->text, 2, m, 0) || m[1].rm_so < 0)
		return E_NOT_FOUND;
	return copy_value(d->text + m[1].rm_so, (size_t)(m[1].rm_eo - m[1].rm_so), ret);
}

int document_get(const struct document *d, const struct received *in, const struct place *p, char **ret)
{
	const char *header = p->kind == PLACE_HEADER ? received_header(in, p->text) : NULL;
	if (header)
		return copy_value(header, strlen(header), ret);
	if (p->kind == PLACE_KEY && in->key)
		return copy_value(in->key, strlen(in->key), ret);
	if (!d)
		return E_NOT_FOUND;
	switch (p->kind) {
	case PLACE_POINTER:
		return get_pointer(d, p, ret);
	case PLACE_PATH:
	case PLACE_NAME:
	case PLACE_FIELD:
		return get_field(d, p, ret);
	case PLACE_PATTERN:
		return get_pattern(d, p, ret);
	case PLACE_WHOLE:
		return copy_trimmed(d->text, ret);
	case PLACE_NONE:
	case PLACE_HEADER:
	case PLACE_KEY:
		break;
	}
	return E_NOT_FOUND;
}

bool document_has_list(const struct document *d, const struct place *list)
{
	return d && list->kind == PLACE_POINTER && json_is_array(find_pointer(d, list));
}

size_t document_elements(const struct document *d, const struct place *list)
{
	return d && list->kind == PLACE_POINTER ? json_array_size(find_pointer(d, list)) : 0;
}

int document_element(const struct document *d, const struct place *list, size_t i, struct document **ret)
{
	json_t *element = json_array_get(find_pointer(d, list), i);
	struct document *view = element ? calloc(1, sizeof(*view)) : NULL;
	if (!view)
		return element ? E_NOMEM : E_NOT_FOUND;
	*view = (struct document){ .format = FORMAT_JSON, .json = json_incref(element) };
	*ret = view;
	return 0;
}

int document_text(const struct document *d, char **ret)
{
	char *text = d->json ? json_text(d->json) : NULL;
	if (!text)
		return d->json ? E_NOMEM : E_INVALID;
	*ret = text;
	return 0;
}
