/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Contexts out of files and question rows. Keeps nothing. */
#include "handlers/context.h"

#include <stdint.h>
#include <string.h>

#include "config/settings.h"
#include "gateway/base/json.h"

static const char *const kind_names[QUESTION_KINDS] = {
	[QUESTION_NONE] = "none",
	[QUESTION_CHOICE] = "choice",
	[QUESTION_YES_NO] = "yes_no",
	[QUESTION_NUMBER] = "number",
	[QUESTION_TEXT] = "text",
	[QUESTION_CONFIRM_ALL] = "confirm_all",
	[QUESTION_FEEDBACK] = "feedback",
	[QUESTION_NEED_INFO] = "need_info",
	[QUESTION_TOPIC] = "topic",
	[QUESTION_ATTACH] = "attach",
	[QUESTION_ABOUT] = "about",
	[QUESTION_NAME] = "name",
};

OWN_DEFINE(settings, struct settings *, settings_free)

const char *question_kind_name(enum question_kind k)
{
	return k < QUESTION_KINDS ? kind_names[k] : "text";
}

bool context_yes_no(enum question_kind k)
{
	return k == QUESTION_YES_NO || k == QUESTION_FEEDBACK || k == QUESTION_TOPIC || k == QUESTION_ATTACH;
}

enum question_kind question_kind_parse(const char *name)
{
	for (int i = QUESTION_CHOICE; i < QUESTION_KINDS; i++)
		if (strcmp(name, kind_names[i]) == 0)
			return (enum question_kind)i;
	return QUESTION_TEXT;
}

void context_done(struct context *x)
{
	for (size_t i = 0; i < x->n_options; i++)
		patterns_done(&x->options[i].words);
	free(x->options);
	*x = (struct context){ 0 };
}

/* A label is a phrase of plain words: what has a meaning in patterns is taken out. */
static int add_label(struct option *o, const char *label)
{
	OWN(mem) char *plain = strdup(label);
	if (!plain)
		return E_NOMEM;
	for (char *p = plain; *p; p++)
		if (strchr("|?@#._^$,/;:()", *p))
			*p = ' ';
	int r = patterns_add(&o->words, plain, NULL);
	return r == E_INVALID ? 0 : r;
}

static int read_option(const json_t *from, struct option *ret)
{
	size_t i;
	json_t *word;
	if (!json_is_object(from) || !json_is_string(json_object_get(from, "value")))
		return E_INVALID;
	snprintf(ret->value, sizeof(ret->value), "%s", json_str(from, "value", ""));
	snprintf(ret->topic, sizeof(ret->topic), "%s", json_str(from, "topic", ""));
	int r = add_label(ret, json_str(from, "label", ""));
	json_array_foreach(json_object_get(from, "words"), i, word) {
		if (!r)
			r = json_is_string(word) ? patterns_add(&ret->words, json_string_value(word), NULL) : E_INVALID;
	}
	return r;
}

int context_add_options(struct context *x, const json_t *options)
{
	size_t n = json_array_size(options);
	if (!n)
		return 0;
	struct option *grown = realloc(x->options, (x->n_options + n) * sizeof(*grown));
	if (!grown)
		return E_NOMEM;
	x->options = grown;
	for (size_t i = 0; i < n; i++) {
		struct option *o = &x->options[x->n_options++];
		*o = (struct option){ 0 };
		int r = read_option(json_array_get(options, i), o);
		if (r)
			return r;
	}
	return 0;
}

static int read_context(const json_t *root, struct context *x)
{
	const json_t *question = json_object_get(root, "question"), *menu = json_object_get(root, "menu");
	snprintf(x->topic, sizeof(x->topic), "%s", json_str(root, "topic", ""));
	x->open_case = json_flag(root, "open_case", false);
	x->opted_out = json_flag(root, "opted_out", false);
	x->least = 0;
	x->most = -1;
	if (question) {
		x->question = question_kind_parse(json_str(question, "kind", ""));
		x->least = json_int(question, "least", 0);
		x->most = json_int(question, "most", -1);
		return context_add_options(x, json_object_get(question, "options"));
	}
	if (!menu)
		return 0;
	x->question = QUESTION_CHOICE;
	x->menu = true;
	snprintf(x->exit_input, sizeof(x->exit_input), "%s", json_str(menu, "exit", "0"));
	return context_add_options(x, json_object_get(menu, "options"));
}

static int find_file(const char *config_file, const char *name, char **ret)
{
	char file[256];
	if (strchr(name, '/') || strstr(name, ".conf")) {
		*ret = access(name, R_OK) == 0 ? strdup(name) : NULL;
		return *ret ? 0 : E_NOT_FOUND;
	}
	int n = snprintf(file, sizeof(file), "contexts/%s.conf", name);
	return *name && n < (int)sizeof(file) ? settings_find(config_file, file, ret) : E_NOT_FOUND;
}

int context_load(const char *config_file, const char *name, struct context *ret, struct complaint *c)
{
	OWN(mem) char *path = NULL;
	OWN(settings) struct settings *s = NULL;
	struct context x = { 0 };
	int r = find_file(config_file, name, &path);
	if (r)
		return r;
	r = settings_read(path, &s, c);
	if (r == E_INVALID || r == E_IO)
		return E_CONFIG;
	r = r ? r : read_context(settings_root(s), &x);
	if (r) {
		context_done(&x);
		if (r == E_INVALID)
			settings_complain(s, "question", c, "wrong_value", "an option needs a value and phrases");
		return r == E_INVALID ? E_CONFIG : r;
	}
	*ret = x;
	return 0;
}
