/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads labelled messages. Keeps nothing besides what it returns. */
#include "handlers/teach/lessons.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"
#include "handlers/weights.h"

#define MET_LEAST 2 /* what was met once may be chance */
#define ALPHABET "abcdefghijklmnopqrstuvwxyz0123456789'"
#define LETTERS_MAX 40
#define MASK '#' /* of a person's number in corrections */

void lessons_done(struct lessons *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->at[i].features);
		free(l->at[i].counts);
	}
	for (size_t i = 0; i < l->n_features; i++)
		free(l->features[i].text);
	free(l->at);
	free(l->features);
	*l = (struct lessons){ .n = 0 };
}

static const char *said(const struct word *w)
{
	return w->number ? WEIGHTS_NUMBER : w->fold;
}

static bool is_plain(const struct word *w)
{
	return strlen(w->fold) <= LETTERS_MAX && strspn(w->fold, ALPHABET) == strlen(w->fold);
}

/* Notes a word or a pair (second not NULL) of the lesson. */
static int put_feature(struct lessons *l, struct lesson *to, float counts, const struct word *first, const struct word *second)
{
	if (!is_plain(first) || (second && !is_plain(second)))
		return 0;
	if (l->n_features == l->features_room) {
		size_t room = l->features_room ? 2 * l->features_room : 4096;
		struct feature *more = realloc(l->features, room * sizeof(*more));
		if (!more)
			return E_NOMEM;
		l->features = more;
		l->features_room = room;
	}
	struct feature f = { .key = weights_key(first, second), .n = 1 };
	if (asprintf(&f.text, "%s%s%s", said(first), second ? " " : "", second ? said(second) : "") < 0)
		return E_NOMEM;
	l->features[l->n_features++] = f;
	to->counts[to->n_features] = counts;
	to->features[to->n_features++] = f.key;
	return 0;
}

static int put_words(struct lessons *l, struct lesson *to, const struct words *w)
{
	to->features = calloc(2 * w->n + 1, sizeof(*to->features));
	to->counts = calloc(2 * w->n + 1, sizeof(*to->counts));
	if (!to->features || !to->counts)
		return E_NOMEM;
	bool later = false;
	for (size_t i = 0; i < w->n; i++) {
		later = later || (i && w->at[i].before != MARK_NONE);
		float counts = weights_place(i, w->n, later);
		int r = put_feature(l, to, counts, &w->at[i], NULL);
		r = r || i + 1 == w->n ? r : put_feature(l, to, counts, &w->at[i], &w->at[i + 1]);
		if (r)
			return r;
	}
	return 0;
}

static int wrong(struct complaint *c, int line, const char *field, const char *what)
{
	c->line = line;
	return complaint_set(c, field, "wrong_value", "%s", what);
}

static int read_topic(const struct keywords *k, char *topics, int line, struct lesson *ret, struct complaint *c)
{
	const char *primary = strsep(&topics, "|");
	const struct topic *t = *primary ? keywords_topic(k, primary) : NULL;
	if (*primary && !t)
		return wrong(c, line, "topics", "there is no topic of this code");
	ret->topic = t ? (size_t)(t - k->topics) : LESSON_NO_TOPIC;
	return 0;
}

static int read_flags(char *flags, int line, struct lesson *ret, struct complaint *c)
{
	for (const char *one; (one = strsep(&flags, ","));) {
		size_t i = 0;
		while (i < WEIGHTS_FLAGS && strcmp(weights_flag_name((enum weights_flag)i), one) != 0)
			i++;
		if (i == WEIGHTS_FLAGS && *one)
			return wrong(c, line, "flags", "matter, urgent, restricted and optout are wanted here");
		ret->flags |= i < WEIGHTS_FLAGS ? 1u << i : 0;
	}
	return 0;
}

static int put_lesson(struct lessons *l, const struct keywords *k, struct lesson one, const char *text)
{
	OWN(words) struct words *w = NULL;
	if (l->n == l->room) {
		size_t room = l->room ? 2 * l->room : 1024;
		struct lesson *more = realloc(l->at, room * sizeof(*more));
		if (!more)
			return E_NOMEM;
		l->at = more;
		l->room = room;
	}
	struct lesson *to = &l->at[l->n++];
	*to = one;
	int r = words_new(text, &k->abbreviations, &w);
	return r ? r : put_words(l, to, w);
}

static int read_row(struct lessons *l, const struct keywords *k, char *text, int line, struct complaint *c)
{
	struct lesson one = { .topic = LESSON_NO_TOPIC };
	char *p = text, *topics = strsep(&p, "\t"), *flags = strsep(&p, "\t");
	if (!p || !text_is_valid(p, strlen(p)))
		return wrong(c, line, "", "topics, flags and a text in UTF-8 are wanted here, with tabs between");
	int r = read_topic(k, topics, line, &one, c);
	r = r ? r : read_flags(flags, line, &one, c);
	return r ? r : put_lesson(l, k, one, p);
}

/* What a message of this kind and topic, as a person corrected it, is an example of. */
static unsigned flags_of(const struct keywords *k, const char *kind, size_t topic)
{
	static const struct {
		const char *kind;
		unsigned flags;
	} kinds[] = {
		{ "feedback", 1u << WEIGHTS_MATTER },
		{ "case_info", 1u << WEIGHTS_MATTER },
		{ "urgent", 1u << WEIGHTS_MATTER | 1u << WEIGHTS_URGENT },
		{ "optout", 1u << WEIGHTS_OPTOUT },
	};
	unsigned flags = topic != LESSON_NO_TOPIC && k->topics[topic].restricted ? 1u << WEIGHTS_RESTRICTED : 0;
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		flags |= strcmp(kinds[i].kind, kind) == 0 ? kinds[i].flags : 0;
	return flags;
}

static int read_correction(struct lessons *l, const struct keywords *k, const char *text, int line, struct complaint *c)
{
	OWN(json) json_t *row = json_loads(text, 0, NULL);
	const char *kind = json_str(row, "kind", "");
	struct lesson one = { .topic = LESSON_NO_TOPIC };
	OWN(mem) char *topic = strdup(json_str(row, "topic", "")), *said = strdup(json_str(row, "text", ""));
	if (!topic || !said)
		return E_NOMEM;
	for (char *gone = said; (gone = strchr(gone, MASK)); gone++)
		*gone = *WEIGHTS_NUMBER; /* it was one */
	if (!*said || !*kind)
		return wrong(c, line, "", "a correction with its text and kind is wanted here, as inbox export-corrections --jsonl prints them");
	int r = read_topic(k, topic, line, &one, c);
	one.flags = r ? 0 : flags_of(k, kind, one.topic);
	return r ? r : put_lesson(l, k, one, said);
}

int lessons_read(const char *file, const struct keywords *k, struct lessons *ret, struct complaint *c)
{
	OWN(file) FILE *in = fopen(file, "r");
	OWN(mem) char *text = NULL;
	size_t room = 0;
	int r = 0;
	snprintf(c->file, sizeof(c->file), "%s", file);
	if (!in) {
		complaint_set(c, "", "unreadable", "the file cannot be read: %s", strerror(errno));
		return E_IO;
	}
	for (int line = 1; !r && getline(&text, &room, in) > 0; line++) {
		text[strcspn(text, "\r\n")] = '\0';
		if (*text == '{')
			r = read_correction(ret, k, text, line, c);
		else if (*text != '#' && *text && strncmp(text, "topics\t", 7) != 0)
			r = read_row(ret, k, text, line, c);
	}
	return r;
}

static int compare_features(const void *a, const void *b)
{
	const struct feature *x = a, *y = b;
	return x->key < y->key ? -1 : x->key > y->key ? 1 : strcmp(x->text, y->text);
}

/* The features each once, with how often they were met. */
static void count(struct lessons *l)
{
	size_t to = 0, n = l->n_features;
	qsort(l->features, n, sizeof(*l->features), compare_features);
	for (size_t i = 0, next; i < n; i = next) {
		for (next = i + 1; next < n && l->features[next].key == l->features[i].key; next++)
			free(l->features[next].text);
		l->features[i].n = next - i;
		if (l->features[i].n < MET_LEAST)
			free(l->features[i].text);
		else
			l->features[to++] = l->features[i];
	}
	l->n_features = to;
}

static int compare_to_key(const void *key, const void *feature)
{
	const uint32_t x = *(const uint32_t *)key, y = ((const struct feature *)feature)->key;
	return x < y ? -1 : x > y;
}

int lessons_settle(struct lessons *l)
{
	count(l);
	for (size_t i = 0; i < l->n; i++) {
		struct lesson *one = &l->at[i];
		size_t to = 0;
		for (size_t k = 0; k < one->n_features; k++) {
			const struct feature *f = bsearch(&one->features[k], l->features, l->n_features, sizeof(*f), compare_to_key);
			if (!f)
				continue;
			one->counts[to] = one->counts[k];
			one->features[to++] = (uint32_t)(f - l->features);
		}
		one->n_features = to;
	}
	return 0;
}
