/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the templates of a route and finds the one that a text follows. Called by profile.c and provider.c. Pure. */
#include "config/wording.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/base/text.h"

#define PARAMETER_CHARS_MAX 200

/* ---- reading ---- */

/* Cuts the text at {1}, {2}, … which must come in this order. */
static bool cut_up(struct wording *w)
{
	char *to = w->text;
	for (const char *from = w->text; *from;) {
		char mark[8];
		int n = snprintf(mark, sizeof(mark), "{%d}", w->n_parameters + 1);
		bool here = !strncmp(from, mark, (size_t)n);
		if (!here && from[0] == '{' && from[1] >= '0' && from[1] <= '9')
			return false;
		if (here && (w->n_parameters == WORDING_PARAMETERS_MAX || (w->n_parameters && to[-1] == '\0')))
			return false; /* two places side by side cannot be told apart */
		if (here)
			w->n_parameters++;
		*to++ = here ? '\0' : *from;
		from += here ? n : 1;
	}
	*to = '\0';
	return true;
}

int wordings_read(const struct reader *g, struct wordings *ret)
{
	static const char *const keys[] = { "id", "text", NULL };
	size_t n;
	int r = reader_list(g, "templates", false, &n);
	if (r || !n)
		return r;
	ret->all = calloc(n, sizeof(*ret->all));
	if (!ret->all)
		return E_NOMEM;
	for (size_t i = 0; !r && i < n; i++) {
		struct reader e;
		struct wording *w = &ret->all[ret->n++];
		r = reader_element(g, "templates", i, keys, &e);
		r = r ? r : reader_word(&e, "id", &w->id);
		if (!r && !w->id)
			r = reader_wrong(&e, "id", "missing", "is missing");
		r = r ? r : reader_required(&e, "text", &w->text);
		if (!r && !cut_up(w))
			r = reader_wrong(&e, "text", "template", "must number its places {1}, {2}, … with something between them, up to {16}");
	}
	return r;
}

void wordings_done(struct wordings *w)
{
	for (size_t i = 0; i < w->n; i++) {
		free(w->all[i].id);
		free(w->all[i].text);
	}
	free(w->all);
	*w = (struct wordings){ 0 };
}

/* ---- matching ---- */

void wording_match_done(struct wording_match *m)
{
	for (int i = 0; i < m->n_parameters; i++)
		free(m->parameters[i]);
	*m = (struct wording_match){ 0 };
}

static int take(struct wording_match *m, const char *from, const char *end)
{
	char *value = strndup(from, (size_t)(end - from));
	if (!value)
		return E_NOMEM;
	m->parameters[m->n_parameters++] = value;
	size_t n = text_chars(value);
	return n && n <= PARAMETER_CHARS_MAX ? 0 : E_NOT_FOUND;
}

/* Each parameter ends where the literal behind it comes first; the last literal must end the text. */
static int match(const struct wording *w, const char *text, struct wording_match *m)
{
	const char *literal = w->text;
	size_t n = strlen(literal);
	if (strncmp(text, literal, n))
		return E_NOT_FOUND;
	text += n;
	for (int i = 0; i < w->n_parameters; i++) {
		literal += n + 1;
		n = strlen(literal);
		const char *end = text + strlen(text);
		const char *found = i + 1 < w->n_parameters ? (*text ? strstr(text + 1, literal) : NULL) :
				    (size_t)(end - text) >= n && !strcmp(end - n, literal) ? end - n : NULL;
		int r = found ? take(m, text, found) : E_NOT_FOUND;
		if (r)
			return r;
		text = found + n;
	}
	return *text ? E_NOT_FOUND : 0;
}

int wordings_match(const struct wordings *w, const char *text, struct wording_match *ret)
{
	for (size_t i = 0; i < w->n; i++) {
		struct wording_match m = { .wording = &w->all[i] };
		int r = match(&w->all[i], text, &m);
		if (!r) {
			*ret = m;
			return 0;
		}
		wording_match_done(&m);
		if (r == E_NOMEM)
			return r;
	}
	return E_NOT_FOUND;
}
