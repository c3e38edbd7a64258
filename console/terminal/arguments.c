/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading the command line in two passes: the first finds noun and verb among the words, the second knows the verb's own
 * options. Called by main; knows no verb by name. */
#include "console/terminal/arguments.h"

#include <string.h>

#include "console/terminal/suggest.h"
#include "gateway/base/json.h"
#include "gateway/base/text.h"

struct reader {
	const struct registry *registry;
	int argc;
	char *const *argv;
	struct arguments *out;
	struct complaint *c;
};

/* ---- options that every call takes ---- */

enum common { COMMON_JSON, COMMON_JSONL, COMMON_NO_WAIT, COMMON_HELP, COMMON_CONFIG, COMMON_KEY, COMMON_COUNT };
static const char *const common_names[COMMON_COUNT] = {
	[COMMON_JSON] = "json", [COMMON_JSONL] = "jsonl",   [COMMON_NO_WAIT] = "no-wait",
	[COMMON_HELP] = "help", [COMMON_CONFIG] = "config", [COMMON_KEY] = "key",
};

static enum common common_find(const char *name)
{
	for (unsigned i = 0; i < COMMON_COUNT; i++)
		if (strcmp(common_names[i], name) == 0)
			return (enum common)i;
	return COMMON_COUNT;
}

static bool common_takes_value(enum common o)
{
	return o == COMMON_CONFIG || o == COMMON_KEY;
}

static void common_set(struct arguments *a, enum common o, const char *value)
{
	switch (o) {
	case COMMON_JSON: a->json = true; return;
	case COMMON_JSONL: a->jsonl = true; return;
	case COMMON_NO_WAIT: a->no_wait = true; return;
	case COMMON_HELP: a->help = true; return;
	case COMMON_CONFIG: a->config = value; return;
	case COMMON_KEY: a->key = value; return;
	case COMMON_COUNT: return;
	}
}

/* ---- looking things up ---- */

const struct verb_arg *arguments_option(const struct verb *v, const char *name)
{
	for (size_t i = 0; i < v->n_args; i++)
		if (strcmp(v->args[i].name, name) == 0)
			return &v->args[i];
	for (size_t i = 0; v->list && i < VERB_LIST_ARGS; i++)
		if (strcmp(verb_list_args[i].name, name) == 0)
			return &verb_list_args[i];
	return NULL;
}

struct flag_search {
	const char *name;
};

static int is_flag_of(void *arg, const struct verb *v)
{
	const struct flag_search *s = arg;
	const struct verb_arg *a = arguments_option(v, s->name);
	return a && a->type == ARG_FLAG;
}

static int has_noun(void *arg, const struct verb *v)
{
	return strcmp(v->noun, (const char *)arg) == 0;
}

/* Does "--name" take the word behind it? Before the verb is known, an option is a flag when any verb has such a flag. */
static bool takes_value(const struct reader *r, const char *name)
{
	enum common o = common_find(name);
	if (o != COMMON_COUNT)
		return common_takes_value(o);
	if (r->out->verb) {
		const struct verb_arg *a = arguments_option(r->out->verb, name);
		return !a || a->type != ARG_FLAG;
	}
	struct flag_search s = { name };
	return !registry_each(r->registry, is_flag_of, &s);
}

static bool is_option(const char *word)
{
	return word[0] == '-' && word[1] != '\0';
}

/* ---- first pass: noun and verb ---- */

static int find_words(const struct reader *r, const char *words[2], int at[2])
{
	int n = 0;
	for (int i = 1; i < r->argc && n < 2; i++) {
		const char *word = r->argv[i];
		if (strcmp(word, "--") == 0) {
			for (i++; i < r->argc && n < 2; i++, n++) {
				words[n] = r->argv[i];
				at[n] = i;
			}
			break;
		}
		if (!is_option(word)) {
			words[n] = word;
			at[n++] = i;
		} else if (strncmp(word, "--", 2) == 0 && !strchr(word, '=') && takes_value(r, word + 2)) {
			i++;
		}
	}
	return n;
}

struct words_search {
	struct suggest *suggest;
	const char *noun; /* NULL = nouns and verbs without one */
};

static int offer_word(void *arg, const struct verb *v)
{
	const struct words_search *s = arg;
	if (!s->noun)
		suggest_offer(s->suggest, *v->noun ? v->noun : v->name);
	else if (strcmp(v->noun, s->noun) == 0)
		suggest_offer(s->suggest, v->name);
	return 0;
}

static int unknown_word(const struct reader *r, const char *word, const char *noun)
{
	struct suggest near = suggest_for(word);
	struct words_search s = { &near, noun };
	registry_each(r->registry, offer_word, &s);
	char hint[64] = "";
	if (near.best)
		snprintf(hint, sizeof(hint), " Did you mean \"%s\"?", near.best);
	if (noun)
		return complaint_set(r->c, word, "unknown_verb", "%s has no verb \"%.40s\".%s See \"caunoi help %s\".", noun, word, hint, noun);
	return complaint_set(r->c, word, "unknown_noun", "There is no \"%.40s\".%s See \"caunoi help\".", word, hint);
}

static bool wants_help(const struct reader *r)
{
	for (int i = 1; i < r->argc && strcmp(r->argv[i], "--") != 0; i++)
		if (strcmp(r->argv[i], "--help") == 0 || strcmp(r->argv[i], "-h") == 0)
			return true;
	return false;
}

/* Marks in at[] which words of argv are noun and verb (-1 = none). */
static int find_verb(struct reader *r, int at[2])
{
	const char *words[2] = { NULL, NULL };
	int n = find_words(r, words, at);
	r->out->help = wants_help(r);
	if (n < 2)
		at[1] = -1;
	if (n == 0)
		return 0;
	r->out->noun = words[0];
	bool noun = *words[0] && registry_each(r->registry, has_noun, (void *)(uintptr_t)words[0]);
	if (noun && n == 2)
		r->out->verb = registry_find(r->registry, words[0], words[1]);
	if (r->out->verb)
		return 0;
	at[1] = -1;
	r->out->verb = registry_find(r->registry, "", words[0]);
	if (r->out->verb)
		return 0;
	if (!noun)
		return unknown_word(r, words[0], NULL);
	if (n == 2)
		return unknown_word(r, words[1], words[0]);
	return r->out->help ? 0 : complaint_set(r->c, words[0], "no_verb", "Which verb of %s? See \"caunoi help %s\".", words[0], words[0]);
}

/* ---- second pass: options and arguments ---- */

static int set_arg(const struct reader *r, const struct verb_arg *a, const char *value)
{
	if (strcmp(a->name, ARGUMENTS_PASSWORD) == 0 || strcmp(a->name, ARGUMENTS_OLD_PASSWORD) == 0)
		return complaint_set(r->c, a->name, "password", "The password is the first line of standard input, not an argument.");
	if (json_object_get(r->out->args, a->name))
		return complaint_set(r->c, a->name, "twice", "%s is given twice.", a->name);
	OWN(mem) char *read = value && a->any_bytes ? text_read(value, strlen(value)) : NULL;
	if (value && !read && !text_is_valid(value, strlen(value)))
		return complaint_set(r->c, a->name, "wrong_type", "%s is not valid UTF-8 text.", a->name);
	json_t *json = value ? json_string(read ? read : value) : json_true();
	return json_object_set_new(r->out->args, a->name, json) ? E_NOMEM : 0;
}

static int unknown_option(const struct reader *r, const char *name)
{
	struct suggest near = suggest_for(name);
	const struct verb *v = r->out->verb;
	for (size_t i = 0; i < v->n_args; i++)
		suggest_offer(&near, v->args[i].name);
	for (size_t i = 0; v->list && i < VERB_LIST_ARGS; i++)
		suggest_offer(&near, verb_list_args[i].name);
	for (unsigned i = 0; i < COMMON_COUNT; i++)
		suggest_offer(&near, common_names[i]);
	char hint[64] = "";
	if (near.best)
		snprintf(hint, sizeof(hint), " Did you mean \"--%s\"?", near.best);
	return complaint_set(r->c, name, "unknown_option", "%s%s%s has no option \"--%.40s\".%s See \"caunoi help %s%s%s\".", v->noun,
			     *v->noun ? " " : "", v->name, name, hint, v->noun, *v->noun ? " " : "", v->name);
}

static int set_common(const struct reader *r, enum common o, const char *value)
{
	if (common_takes_value(o) && !value)
		return complaint_set(r->c, common_names[o], "no_value", "--%s needs a value.", common_names[o]);
	if (!common_takes_value(o) && value)
		return complaint_set(r->c, common_names[o], "has_value", "--%s takes no value.", common_names[o]);
	common_set(r->out, o, value);
	return 0;
}

/* One "--name", "--name value" or "--name=value"; *i moves behind what it took. */
static int take_option(const struct reader *r, int *i)
{
	const char *word = r->argv[*i];
	if (strcmp(word, "-h") == 0)
		return 0;
	if (word[1] != '-')
		return complaint_set(r->c, word, "unknown_option", "There is no option \"%.40s\"; a text that begins with a dash goes behind \"--\".", word);
	const char *equals = strchr(word, '=');
	char name[SUGGEST_CHARS_MAX + 1];
	size_t n = equals ? (size_t)(equals - word) - 2 : strlen(word) - 2;
	if (n >= sizeof(name))
		return complaint_set(r->c, "", "unknown_option", "There is no option \"%.40s\".", word);
	memcpy(name, word + 2, n);
	name[n] = '\0';
	const char *value = equals ? equals + 1 : NULL;
	if (!value && takes_value(r, name) && *i + 1 < r->argc)
		value = r->argv[++*i];
	enum common o = common_find(name);
	if (o != COMMON_COUNT)
		return set_common(r, o, value);
	if (!r->out->verb)
		return 0;
	const struct verb_arg *a = arguments_option(r->out->verb, name);
	if (!a)
		return unknown_option(r, name);
	if (!value && a->type != ARG_FLAG)
		return complaint_set(r->c, a->name, "no_value", "--%s needs a value.", a->name);
	return set_arg(r, a, value);
}

static int take_word(const struct reader *r, const char *word, int rank)
{
	const struct verb *v = r->out->verb;
	for (size_t i = 0; v && i < v->n_args; i++)
		if (v->args[i].rank == rank)
			return set_arg(r, &v->args[i], word);
	return complaint_set(r->c, word, "too_many", "\"%.40s\" is one argument too many; a text of several words stands in quotes.", word);
}

static int take_all(const struct reader *r, const int at[2])
{
	int rank = 0, e = 0;
	bool options = true;
	for (int i = 1; i < r->argc && !e; i++) {
		if (options && strcmp(r->argv[i], "--") == 0)
			options = false;
		else if (options && is_option(r->argv[i]))
			e = take_option(r, &i);
		else if (i != at[0] && i != at[1])
			e = take_word(r, r->argv[i], ++rank);
	}
	return e;
}

int arguments_parse(const struct registry *registry, int argc, char *const argv[], struct arguments *ret, struct complaint *c)
{
	*ret = (struct arguments){ .args = json_object() };
	struct reader r = { .registry = registry, .argc = argc, .argv = argv, .out = ret, .c = c };
	int at[2] = { -1, -1 };
	if (!ret->args)
		return E_NOMEM;
	int e = find_verb(&r, at);
	if (e)
		return e;
	return ret->help ? 0 : take_all(&r, at);
}

void arguments_done(struct arguments *a)
{
	json_decref(a->args);
	*a = (struct arguments){ 0 };
}
