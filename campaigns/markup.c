/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Expat, bounded. Called by spreadsheet.c. Fetches nothing, expands nothing, keeps nothing but the tag in hand. */
#include "campaigns/markup.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>

struct markup {
	XML_Parser parser;
	const struct markup_events *events;
	void *self;
	int depth, err;
	long long fed;
};

static const char *local(const char *name)
{
	const char *colon = strrchr(name, ':');
	return colon ? colon + 1 : name;
}

static void stop_at(struct markup *m, int err)
{
	if (!err || m->err)
		return;
	m->err = err;
	XML_StopParser(m->parser, XML_FALSE);
}

static void on_open(void *self, const XML_Char *name, const XML_Char **attrs)
{
	struct markup *m = self;
	if (!m->err)
		stop_at(m, ++m->depth > MARKUP_DEPTH_MAX ? E_INVALID : m->events->open(m->self, local(name), (const char *const *)attrs));
}

static void on_close(void *self, const XML_Char *name)
{
	struct markup *m = self;
	m->depth--;
	if (!m->err)
		stop_at(m, m->events->close(m->self, local(name)));
}

static void on_text(void *self, const XML_Char *text, int n)
{
	struct markup *m = self;
	if (!m->err)
		stop_at(m, m->events->text(m->self, text, (size_t)n));
}

static void on_doctype(void *self, const XML_Char *name, const XML_Char *system_id, const XML_Char *public_id, int has_subset)
{
	(void)name;
	(void)system_id;
	(void)public_id;
	(void)has_subset;
	stop_at(self, E_INVALID);
}

int markup_new(const struct markup_events *events, void *self, struct markup **ret)
{
	struct markup *m = calloc(1, sizeof(*m));
	XML_Parser parser = m ? XML_ParserCreate(NULL) : NULL;
	if (!parser) {
		free(m);
		return E_NOMEM;
	}
	*m = (struct markup){ .parser = parser, .events = events, .self = self };
	XML_SetUserData(parser, m);
	XML_SetElementHandler(parser, on_open, on_close);
	XML_SetCharacterDataHandler(parser, on_text);
	XML_SetStartDoctypeDeclHandler(parser, on_doctype);
	*ret = m;
	return 0;
}

void markup_free(struct markup *m)
{
	if (!m)
		return;
	XML_ParserFree(m->parser);
	free(m);
}

int markup_feed(struct markup *m, const char *bytes, size_t n, bool last)
{
	if (m->err)
		return m->err;
	enum XML_Status s = XML_Parse(m->parser, bytes, (int)n, last);
	m->fed += (long long)n;
	if (!m->err && s != XML_STATUS_OK)
		m->err = XML_GetErrorCode(m->parser) == XML_ERROR_NO_MEMORY ? E_NOMEM : E_INVALID;
	/* what expat keeps back is one tag that does not end */
	if (!m->err && !last && m->fed - XML_GetCurrentByteIndex(m->parser) > MARKUP_TAG_BYTES_MAX)
		m->err = E_INVALID;
	return m->err;
}

const char *markup_attr(const char *const *attrs, const char *name)
{
	for (; *attrs; attrs += 2)
		if (!strcmp(local(attrs[0]), name))
			return attrs[1];
	return NULL;
}
