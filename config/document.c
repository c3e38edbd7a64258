/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bodies of providers and places in them. Called by profile.c (places) and provider.c (values). Input is hostile: every
 * reader is bounded, nothing is fetched, no entity is expanded. No I/O. */
#include "config/document.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>

#include "config/foreign_json.h"
#include "config/regexp.h"
#include "gateway/base/buffer.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"

#define DEPTH_MAX 64
#define ELEMENTS_MAX 4096
#define FIELDS_MAX 256
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

static int parse_path(const char *text, struct place *p, const char **ret_why)
{
	if (text[0] != '/' || !text[1]) {
		*ret_why = "is no element path (\"/a/b\" or \"/a/b/@attr\")";
		return E_INVALID;
	}
	p->kind = PLACE_PATH;
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

/* ---- forms and queries ---- */

void fields_free(struct field *fields, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(fields[i].name);
		free(fields[i].value);
	}
	free(fields);
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static char *decode(const char *text, size_t n_bytes)
{
	OWN(mem) char *plain = malloc(n_bytes + 1);
	size_t n = 0;
	for (size_t i = 0; plain && i < n_bytes; i++) {
		int high = i + 2 < n_bytes && text[i] == '%' ? hex_digit(text[i + 1]) : -1;
		int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
		plain[n++] = low >= 0 ? (char)(high * 16 + low) : text[i] == '+' ? ' ' : text[i];
		i += low >= 0 ? 2 : 0;
	}
	return plain ? text_valid(plain, n) : NULL;
}

int fields_parse(const char *text, size_t n_bytes, struct field **ret, size_t *ret_n)
{
	struct field *fields = calloc(FIELDS_MAX, sizeof(*fields));
	size_t n = 0;
	int r = fields ? 0 : E_NOMEM;
	for (size_t at = 0; !r && at < n_bytes;) {
		const char *end = memchr(text + at, '&', n_bytes - at);
		size_t run = end ? (size_t)(end - text) - at : n_bytes - at;
		const char *equals = memchr(text + at, '=', run);
		size_t name = equals ? (size_t)(equals - text) - at : run;
		if (run && n == FIELDS_MAX)
			r = E_INVALID;
		else if (run) {
			fields[n].name = decode(text + at, name);
			fields[n].value = decode(text + at + name + (equals ? 1 : 0), run - name - (equals ? 1 : 0));
			r = fields[n].name && fields[n].value ? 0 : E_NOMEM;
			n++;
		}
		at += run + 1;
	}
	if (r) {
		fields_free(fields, n);
		return r;
	}
	*ret = fields;
	*ret_n = n;
	return 0;
}

/* ---- XML: elements and attributes as a flat list of path and text ---- */

struct xml_reader {
	XML_Parser parser;
	struct buffer path;
	struct buffer text[DEPTH_MAX];
	size_t path_at[DEPTH_MAX];
	int depth, failed;
	struct field *fields;
	size_t n_fields;
};

static void xml_fail(struct xml_reader *x, int err)
{
	x->failed = x->failed ? x->failed : err;
	XML_StopParser(x->parser, XML_FALSE);
}

static const char *local_name(const char *name)
{
	const char *colon = strrchr(name, ':');
	return colon ? colon + 1 : name;
}

static void xml_add(struct xml_reader *x, const char *attribute, const char *value, size_t n_bytes)
{
	struct buffer name = { 0 };
	int r = buffer_puts(&name, buffer_text(&x->path));
	if (!r && attribute)
		r = buffer_printf(&name, "/@%s", local_name(attribute));
	char *copy = text_valid(value, n_bytes);
	if (r || !copy || x->n_fields == ELEMENTS_MAX) {
		xml_fail(x, x->n_fields == ELEMENTS_MAX ? E_INVALID : E_NOMEM);
		buffer_done(&name);
		free(copy);
		return;
	}
	x->fields[x->n_fields++] = (struct field){ .name = name.data, .value = copy };
}

static void xml_start(void *self, const char *name, const char **attributes)
{
	struct xml_reader *x = self;
	if (x->depth == DEPTH_MAX || strlen(name) > 256) {
		xml_fail(x, E_INVALID);
		return;
	}
	x->path_at[x->depth++] = buffer_left(&x->path);
	if (buffer_printf(&x->path, "/%s", local_name(name))) {
		xml_fail(x, E_NOMEM);
		return;
	}
	for (; *attributes && !x->failed; attributes += 2)
		xml_add(x, attributes[0], attributes[1], strlen(attributes[1]));
}

static void xml_text(void *self, const char *text, int n_bytes)
{
	struct xml_reader *x = self;
	if (x->depth && buffer_put(&x->text[x->depth - 1], text, (size_t)n_bytes))
		xml_fail(x, E_NOMEM);
}

static void xml_end(void *self, const char *name)
{
	struct xml_reader *x = self;
	(void)name;
	if (x->failed || !x->depth)
		return;
	struct buffer *text = &x->text[--x->depth];
	xml_add(x, NULL, buffer_text(text), buffer_left(text));
	buffer_done(text);
	buffer_cut(&x->path, x->path_at[x->depth]);
}

static void xml_doctype(void *self, const char *name, const char *system_id, const char *public_id, int internal)
{
	(void)name, (void)system_id, (void)public_id, (void)internal;
	xml_fail(self, E_INVALID);
}

static int parse_xml(struct document *d, const char *body, size_t n_bytes)
{
	struct xml_reader x = { .parser = XML_ParserCreate(NULL), .fields = calloc(ELEMENTS_MAX, sizeof(*x.fields)) };
	if (x.parser && x.fields) {
		XML_SetUserData(x.parser, &x);
		XML_SetElementHandler(x.parser, xml_start, xml_end);
		XML_SetCharacterDataHandler(x.parser, xml_text);
		XML_SetStartDoctypeDeclHandler(x.parser, xml_doctype);
		if (XML_Parse(x.parser, body, (int)n_bytes, XML_TRUE) != XML_STATUS_OK)
			x.failed = x.failed ? x.failed : E_INVALID;
	} else {
		x.failed = E_NOMEM;
	}
	if (x.parser)
		XML_ParserFree(x.parser);
	for (int i = 0; i < DEPTH_MAX; i++)
		buffer_done(&x.text[i]);
	buffer_done(&x.path);
	d->fields = x.fields;
	d->n_fields = x.n_fields;
	return x.failed;
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
		return parse_xml(d, body, n);
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

/* XML: the first of several, without the space that only lays it out; form and query: two of one name are ambiguous, so neither counts. */
static int get_field(const struct document *d, const struct place *p, char **ret)
{
	const struct field *found = NULL;
	for (size_t i = 0; i < d->n_fields; i++) {
		if (strcmp(d->fields[i].name, p->text))
			continue;
		if (found && p->kind == PLACE_FIELD)
			return E_INVALID;
		found = found ? found : &d->fields[i];
	}
	if (!found)
		return E_NOT_FOUND;
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
