/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads XML of providers. Called by document.c. Input is hostile: bounded in depth and number, no document type, no entity of its own. */
#include "config/elements.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/buffer.h"
#include "gateway/base/text.h"

#define DEPTH_MAX 64
#define ELEMENTS_MAX 4096

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

int elements_parse(const char *body, size_t n_bytes, struct field **ret, size_t *ret_n)
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
	*ret = x.fields;
	*ret_n = x.n_fields;
	return x.failed;
}
