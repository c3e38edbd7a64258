/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the two keyword files into compiled patterns; a mistake names its file and line. Keeps nothing besides. */
#include "handlers/keywords.h"

#include <string.h>

#include "config/settings.h"
#include "gateway/base/json.h"

static const char *const list_names[LIST_COUNT] = {
	[LIST_LEAD] = "lead",
	[LIST_TAIL] = "tail",
	[LIST_URGENT] = "urgent",
	[LIST_URGENT_NOT] = "urgent_not",
	[LIST_OPTOUT_WHOLE] = "optout_whole",
	[LIST_OPTOUT_ALONE] = "optout_alone",
	[LIST_OPTOUT_ALL] = "optout_all",
	[LIST_OPTOUT_SURE] = "optout_sure",
	[LIST_OPTOUT_PHRASES] = "optout_phrases",
	[LIST_OPTOUT_NEVER] = "optout_never",
	[LIST_OPTOUT_OTHER] = "optout_other",
	[LIST_OPTOUT_DOUBT] = "optout_doubt",
	[LIST_OPTIN_WHOLE] = "optin_whole",
	[LIST_OPTIN_RESUME] = "optin_resume",
	[LIST_OPTIN_PHRASES] = "optin_phrases",
	[LIST_HELP_WHOLE] = "help_whole",
	[LIST_HELP_PHRASES] = "help_phrases",
	[LIST_STATUS_PREFIX] = "status_prefix",
	[LIST_NUDGE_PREFIX] = "nudge_prefix",
	[LIST_STATUS_PHRASES] = "status_phrases",
	[LIST_STATUS_BEHIND] = "status_behind",
	[LIST_CASE_PREFIX] = "case_prefix",
	[LIST_SIGNUP_PREFIX] = "signup_prefix",
	[LIST_PRIVACY] = "privacy",
	[LIST_WRONG] = "wrong",
	[LIST_WRONG_NOT] = "wrong_not",
	[LIST_ACK] = "ack",
	[LIST_ACK_FILLER] = "ack_filler",
	[LIST_ABUSE] = "abuse",
	[LIST_QUESTION] = "question",
	[LIST_NEED] = "need",
	[LIST_COMPLAINT] = "complaint",
	[LIST_DENUNCIATION] = "denunciation",
	[LIST_PROPOSAL] = "proposal",
	[LIST_PRAISE] = "praise",
	[LIST_PLACE] = "place",
	[LIST_YES] = "yes",
	[LIST_NO] = "no",
	[LIST_ANSWER_LEAD] = "answer_lead",
	[LIST_ANSWER_UNIT] = "answer_unit",
	[LIST_ANSWER_QUANTITY] = "answer_quantity",
	[LIST_NUMBERS] = "numbers",
};

static const char *const weight_names[TOPIC_WEIGHTS] = { "strong", "synonyms", "weak" };

OWN_DEFINE(settings, struct settings *, settings_free)

static void abbreviations_done(struct abbreviations *a)
{
	for (size_t i = 0; i < a->n; i++) {
		free(a->at[i].brief);
		free(a->at[i].full);
	}
	for (char **p = a->not_zero_before; p && *p; p++)
		free(*p);
	free(a->not_zero_before);
	free(a->at);
}

static void classes_free(struct word_class *classes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < classes[i].n; k++)
			free(classes[i].members[k]);
		free(classes[i].members);
		free(classes[i].name);
	}
	free(classes);
}

void keywords_free(struct keywords *k)
{
	if (!k)
		return;
	nearwords_done(&k->near);
	lexicon_free(k->lexicon);
	abbreviations_done(&k->abbreviations);
	spelling_done(&k->spelling);
	classes_free(k->classes, k->n_classes);
	for (size_t i = 0; i < LIST_COUNT; i++)
		patterns_done(&k->lists[i]);
	for (size_t i = 0; i < k->n_topics; i++) {
		free(k->topics[i].vi);
		free(k->topics[i].en);
		patterns_done(&k->topics[i].commands);
		for (size_t w = 0; w < TOPIC_WEIGHTS; w++)
			patterns_done(&k->topics[i].phrases[w]);
	}
	free(k->topics);
	patterns_done(&k->decoys);
	workdays_done(&k->workdays);
	free(k);
}

const struct topic *keywords_topic(const struct keywords *k, const char *code)
{
	for (size_t i = 0; i < k->n_topics; i++)
		if (strcmp(k->topics[i].code, code) == 0)
			return &k->topics[i];
	return NULL;
}

/* A file under reading: what complaints are made from. */
struct source_file {
	struct settings *settings;
	json_t *root;
	struct complaint *complaint;
};

static int wrong_value(const struct source_file *f, const char *path, const char *what)
{
	settings_complain(f->settings, path, f->complaint, "wrong_value", "%s", what);
	return E_CONFIG;
}

/* Copies an array of texts, NULL-terminated. */
static int read_texts(const struct source_file *f, const char *path, const json_t *array, char ***ret, size_t *ret_n)
{
	size_t n = json_array_size(array);
	char **list = calloc(n + 1, sizeof(*list));
	if (!list)
		return E_NOMEM;
	*ret = list;
	for (size_t i = 0; i < n; i++) {
		const char *text = json_string_value(json_array_get(array, i));
		if (!text)
			return wrong_value(f, path, "a list of texts is wanted here");
		list[i] = strdup(text);
		if (!list[i])
			return E_NOMEM;
		*ret_n = i + 1;
	}
	return 0;
}

static int compare_abbreviations(const void *a, const void *b)
{
	return strcmp(((const struct abbreviation *)a)->brief, ((const struct abbreviation *)b)->brief);
}

static int read_abbreviations(const struct source_file *f, struct abbreviations *a)
{
	json_t *group = json_object_get(f->root, "abbreviations"), *value;
	const char *brief;
	size_t n_zero = 0;
	a->at = calloc(json_object_size(group) + 1, sizeof(*a->at));
	if (!a->at)
		return E_NOMEM;
	json_object_foreach(group, brief, value) {
		if (!json_is_string(value))
			return wrong_value(f, "abbreviations", "an abbreviation stands for a text");
		a->at[a->n] = (struct abbreviation){ strdup(brief), strdup(json_string_value(value)) };
		a->n++;
		if (!a->at[a->n - 1].brief || !a->at[a->n - 1].full)
			return E_NOMEM;
	}
	qsort(a->at, a->n, sizeof(*a->at), compare_abbreviations);
	return read_texts(f, "not_zero_before", json_object_get(f->root, "not_zero_before"), &a->not_zero_before, &n_zero);
}

static int read_classes(const struct source_file *f, struct keywords *k)
{
	json_t *group = json_object_get(f->root, "classes"), *value;
	const char *name;
	k->classes = calloc(json_object_size(group) + 1, sizeof(*k->classes));
	if (!k->classes)
		return E_NOMEM;
	json_object_foreach(group, name, value) {
		struct word_class *c = &k->classes[k->n_classes++];
		c->name = strdup(name);
		int r = c->name ? read_texts(f, "classes", value, &c->members, &c->n) : E_NOMEM;
		if (r)
			return r;
	}
	return 0;
}

static int read_patterns(const struct source_file *f, const char *path, const json_t *array, const struct keywords *k,
			 struct patterns *ret)
{
	size_t i;
	json_t *value;
	if (array && !json_is_array(array))
		return wrong_value(f, path, "a list of phrases is wanted here");
	json_array_foreach(array, i, value) {
		char at[160];
		snprintf(at, sizeof(at), "%s.[%zu]", path, i);
		int r = json_is_string(value) ? patterns_add(ret, json_string_value(value), k->classes, k->n_classes) : E_INVALID;
		if (r == E_INVALID)
			return wrong_value(f, at, "this is no phrase: words, a|b, @class, #, .., ..., word?, ^ and $");
		if (r)
			return r;
	}
	return 0;
}

static int open_file(const char *config_file, const char *name, struct source_file *f)
{
	OWN(mem) char *path = NULL;
	int r = settings_find(config_file, name, &path);
	if (r == E_NOT_FOUND) {
		complaint_set(f->complaint, "", "missing_file", "the data file %s is found nowhere", name);
		return E_CONFIG;
	}
	r = r ? r : settings_read(path, &f->settings, f->complaint);
	if (r)
		return r == E_NOMEM ? r : E_CONFIG;
	f->root = settings_root(f->settings);
	return 0;
}

static int read_keywords(const char *config_file, struct keywords *k, struct complaint *c)
{
	struct source_file f = { .complaint = c };
	int r = open_file(config_file, "keywords/keywords.conf", &f);
	OWN(settings) __attribute__((unused)) struct settings *owned = f.settings;
	r = r ? r : read_abbreviations(&f, &k->abbreviations);
	r = r ? r : read_classes(&f, k);
	for (size_t i = 0; i < LIST_COUNT && !r; i++) {
		const json_t *array = json_object_get(f.root, list_names[i]);
		if (!array)
			r = wrong_value(&f, list_names[i], "a list is missing");
		else
			r = read_patterns(&f, list_names[i], array, k, &k->lists[i]);
		if (r == E_CONFIG && !c->field[0])
			snprintf(c->field, sizeof(c->field), "%s", list_names[i]);
	}
	return r;
}

static int read_topic(const struct source_file *f, size_t i, const struct keywords *k, struct topic *ret)
{
	const json_t *from = json_array_get(json_object_get(f->root, "topics"), i);
	const char *code = json_str(from, "code", "");
	char path[96];
	snprintf(path, sizeof(path), "topics.[%zu]", i);
	if (!*code || strlen(code) >= TOPIC_BYTES)
		return wrong_value(f, path, "a topic needs a code of at most 15 characters");
	snprintf(ret->code, sizeof(ret->code), "%s", code);
	ret->vi = strdup(json_str(from, "vi", code));
	ret->en = strdup(json_str(from, "en", code));
	ret->restricted = json_flag(from, "restricted", false);
	if (!ret->vi || !ret->en)
		return E_NOMEM;
	snprintf(path, sizeof(path), "topics.[%zu].commands", i);
	int r = read_patterns(f, path, json_object_get(from, "commands"), k, &ret->commands);
	for (size_t w = 0; w < TOPIC_WEIGHTS && !r; w++) {
		snprintf(path, sizeof(path), "topics.[%zu].%s", i, weight_names[w]);
		r = read_patterns(f, path, json_object_get(from, weight_names[w]), k, &ret->phrases[w]);
	}
	return r;
}

static int read_topics(const char *config_file, struct keywords *k, struct complaint *c)
{
	struct source_file f = { .complaint = c };
	int r = open_file(config_file, "topics/topics.conf", &f);
	OWN(settings) __attribute__((unused)) struct settings *owned = f.settings;
	size_t n = r ? 0 : json_array_size(json_object_get(f.root, "topics"));
	k->topics = calloc(n + 1, sizeof(*k->topics));
	if (!k->topics)
		r = E_NOMEM;
	for (size_t i = 0; i < n && !r; i++)
		r = read_topic(&f, i, k, &k->topics[k->n_topics++]);
	r = r ? r : read_patterns(&f, "decoys", json_object_get(f.root, "decoys"), k, &k->decoys);
	return r;
}

/* Every list of phrases, for the lexicon. */
static int index_phrases(struct keywords *k)
{
	size_t n = 0;
	OWN(mem) struct patterns **lists = calloc(LIST_COUNT + k->n_topics * (1 + TOPIC_WEIGHTS) + 1, sizeof(*lists));
	if (!lists)
		return E_NOMEM;
	for (size_t i = 0; i < LIST_COUNT; i++)
		lists[n++] = &k->lists[i];
	for (size_t i = 0; i < k->n_topics; i++) {
		lists[n++] = &k->topics[i].commands;
		for (size_t w = 0; w < TOPIC_WEIGHTS; w++)
			lists[n++] = &k->topics[i].phrases[w];
	}
	lists[n++] = &k->decoys;
	return lexicon_new(lists, n, &k->lexicon);
}

static int gather_commands(struct keywords *k)
{
	static const enum list commands[] = { LIST_OPTOUT_WHOLE, LIST_HELP_WHOLE };
	int r = 0;
	for (size_t i = 0; i < COUNT_OF(commands) && !r; i++)
		r = nearwords_add(&k->near, &k->lists[commands[i]], (int)commands[i]);
	for (size_t i = 0; i < k->n_topics && !r; i++)
		r = nearwords_add(&k->near, &k->topics[i].commands, LIST_COUNT + (int)i);
	return r;
}

int keywords_load(const char *config_file, struct keywords **ret, struct complaint *c)
{
	OWN(keywords) struct keywords *k = calloc(1, sizeof(*k));
	if (!k)
		return E_NOMEM;
	int r = spelling_load(config_file, &k->spelling, c);
	k->abbreviations.spelling = &k->spelling;
	r = r ? r : read_keywords(config_file, k, c);
	r = r ? r : read_topics(config_file, k, c);
	r = r ? r : index_phrases(k);
	r = r ? r : gather_commands(k);
	r = r ? r : workdays_load(config_file, "VN", &k->workdays, c);
	if (r)
		return r;
	*ret = MOVE(k);
	return 0;
}
