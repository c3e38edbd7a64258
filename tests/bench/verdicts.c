/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints all that is understood of every message of the tests' tables, in every context, as a line of text: who changes how fast
 * messages are understood compares what is printed before and behind, byte for byte. Judges nothing itself. Each message stands
 * as it is, before the next one, without its spaces, and cut up among others. Runs from the repository's root; `make verdicts`. */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "handlers/parse.h"

#define CONFIG "config/caunoi.conf"
#define TEXTS_MAX 20000
#define CONTEXTS_MAX 32
#define MIXED 20000 /* messages made of pieces of others */
#define PIECES_MAX 5
#define PIECE_WORDS_MAX 4

struct world {
	struct keywords *k;
	char *texts[TEXTS_MAX];
	size_t n_texts;
	struct context contexts[CONTEXTS_MAX];
	char *names[CONTEXTS_MAX];
	size_t n_contexts;
	char room[65536];
};

static void *must(void *p)
{
	return p ? p : (abort(), NULL);
}

static void read_table(const char *file, struct world *w)
{
	OWN(file) FILE *in = must(fopen(file, "r"));
	OWN(mem) char *line = NULL;
	size_t room = 0;
	while (getline(&line, &room, in) > 0 && w->n_texts < TEXTS_MAX) {
		char *p = line, *id = strsep(&p, "\t"), *text = strsep(&p, "\t");
		if (*id != '#' && strcmp(id, "id") != 0 && text)
			w->texts[w->n_texts++] = must(strdup(text));
	}
}

static void read_context(const char *file, struct world *w)
{
	struct complaint c = { 0 };
	if (w->n_contexts == CONTEXTS_MAX || context_load(CONFIG, file, &w->contexts[w->n_contexts], &c))
		abort();
	w->names[w->n_contexts++] = must(strdup(strrchr(file, '/') + 1));
}

static void each(const char *files, void (*read)(const char *file, struct world *w), struct world *w)
{
	glob_t found;
	if (glob(files, 0, NULL, &found))
		abort();
	for (size_t i = 0; i < found.gl_pathc; i++)
		read(found.gl_pathv[i], w);
	globfree(&found);
}

static void print(const struct classified *c)
{
	char topics[SCOPE_BYTES];
	classified_topics(c, topics, sizeof(topics));
	printf("%s %d %s [%s] [%s] [%s] %s%s%s%s%s%s%s%s%s%s%s %.3f %s | %s\n", kind_name(c->kind), (int)c->command, nature_name(c->nature), topics,
	       c->answer, c->scope, c->code, c->code_valid ? " valid" : "", c->stop ? " stop" : "", c->doubt ? " doubt" : "", c->near ? " near" : "",
	       c->automatic ? " automatic" : "", c->foreign ? " foreign" : "", c->bare ? " bare" : "", c->abusive ? " abusive" : "",
	       c->restricted ? " restricted" : "", c->need ? " need" : "", c->confidence, c->why, c->folded);
}

static void judge(const struct world *w, const char *text, size_t context)
{
	struct classified c;
	if (classify(w->k, text, &w->contexts[context], &c))
		abort();
	printf("%s: ", w->names[context]);
	print(&c);
	classified_done(&c);
}

static void without_spaces(const char *text, char *to)
{
	for (; *text; text++)
		if (*text != ' ')
			*to++ = *text;
	*to = '\0';
}

/* Words from some place of a message, behind what stands in room; a number of our own making, so that all machines mix alike. */
static void add_piece(struct world *w, uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	const char *text = w->texts[(*seed >> 8) % w->n_texts], *end;
	for (size_t skip = *seed >> 4 & 7; skip && strchr(text, ' '); skip--)
		text = strchr(text, ' ') + 1;
	end = text;
	for (size_t n = 1 + (*seed >> 2) % PIECE_WORDS_MAX; n && *end; n--)
		end += 1 + strcspn(end + 1, " ");
	snprintf(w->room + strlen(w->room), sizeof(w->room) - strlen(w->room), "%.*s ", (int)(end - text), text);
}

static void judge_mixed(struct world *w)
{
	uint32_t seed = 1;
	for (size_t i = 0; i < MIXED; i++) {
		w->room[0] = '\0';
		for (size_t n = 1 + i % PIECES_MAX; n; n--)
			add_piece(w, &seed);
		judge(w, w->room, i % w->n_contexts);
	}
}

int main(void)
{
	struct complaint c = { 0 };
	struct world *w = must(calloc(1, sizeof(*w)));
	if (keywords_load(CONFIG, &w->k, &c)) {
		fprintf(stderr, "verdicts: %s:%d: %s\n", c.file, c.line, c.text);
		return 1;
	}
	each("tests/fixtures/*.tsv", read_table, w);
	each("config/contexts/*.conf", read_context, w);
	for (size_t i = 0; i < w->n_texts; i++)
		for (size_t x = 0; x < w->n_contexts; x++) {
			judge(w, w->texts[i], x);
			snprintf(w->room, sizeof(w->room), "%s, %s", w->texts[i], w->texts[(i + x + 1) % w->n_texts]);
			judge(w, w->room, x);
			without_spaces(w->texts[i], w->room);
			if (!x)
				judge(w, w->room, x);
		}
	judge_mixed(w);
	for (size_t i = 0; i < w->n_texts; i++)
		free(w->texts[i]);
	for (size_t i = 0; i < w->n_contexts; i++) {
		context_done(&w->contexts[i]);
		free(w->names[i]);
	}
	keywords_free(w->k);
	free(w);
}
