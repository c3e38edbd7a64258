/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From libconfig's trees to compiled phrases. Keeps nothing besides. */
#include "handlers/keyfile.h"

#include <string.h>

#include "config/shelf.h"
#include "config/vintage.h"
#include "gateway/base/json.h"
#include "handlers/syllable.h"
#include "handlers/topicchoice.h"

#define FILE_NAME "keywords/keywords.conf"

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
	[LIST_OPTOUT_IF] = "optout_if",
	[LIST_OPTOUT_WEARY] = "optout_weary",
	[LIST_OPTOUT_BARE] = "optout_bare",
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
	[LIST_AUTOMATIC] = "automatic",
	[LIST_LANGUAGE] = "language",
	[LIST_PRIVACY] = "privacy",
	[LIST_WRONG] = "wrong",
	[LIST_WRONG_NOT] = "wrong_not",
	[LIST_ACK] = "ack",
	[LIST_ACK_FILLER] = "ack_filler",
	[LIST_THANKS] = "thanks",
	[LIST_ABUSE] = "abuse",
	[LIST_QUESTION] = "question",
	[LIST_NEED] = "need",
	[LIST_CHATTER] = "chatter",
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
	[LIST_ANSWER_INSTEAD] = "answer_instead",
	[LIST_ANSWER_NOT] = "answer_not",
	[LIST_ANSWER_RIGHT] = "answer_right",
	[LIST_NUMBERS] = "numbers",
};


static const char *const weight_names[TOPIC_WEIGHTS] = { "strong", "synonyms", "weak" };


int keyfile_complain(const struct keyfile *f, const char *path, const char *rule, const char *what)
{
	settings_complain(f->settings, path, f->complaint, rule, "%s", what);
	return E_CONFIG;
}

const char *keywords_list_name(enum list list)
{
	return list_names[list];
}

/* Copies an array of texts, NULL-terminated. */
static int read_texts(const struct keyfile *f, const char *path, const json_t *array, char ***ret, size_t *ret_n)
{
	size_t n = json_array_size(array);
	char **list = calloc(n + 1, sizeof(*list));
	if (!list)
		return E_NOMEM;
	*ret = list;
	for (size_t i = 0; i < n; i++) {
		const char *text = json_string_value(json_array_get(array, i));
		if (!text)
			return keyfile_complain(f, path, "wrong_value", "a list of texts is wanted here");
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

static int add_abbreviation(struct abbreviations *a, const char *brief, const char *full)
{
	a->at[a->n] = (struct abbreviation){ strdup(brief), strdup(full) };
	a->n++;
	return a->at[a->n - 1].brief && a->at[a->n - 1].full ? 0 : E_NOMEM;
}

/* "nỏ khong": a marked word, kept as its key, and what it is elsewhere. */
static int read_dialect(const struct keyfile *f, const json_t *words, struct abbreviations *a)
{
	for (size_t i = 0; i < json_array_size(words); i++) {
		const char *text = json_string_value(json_array_get(words, i));
		size_t n = text ? strcspn(text, " ") : 0;
		char key[SYLLABLE_BYTES], path[32];
		snprintf(path, sizeof(path), "dialect.[%zu]", i);
		if (!n || !text[n] || !syllable_key(text, n, key))
			return keyfile_complain(f, path, "wrong_value", "a word with its accents, a space and what it means are wanted here");
		int r = add_abbreviation(a, key, text + n + 1);
		if (r)
			return r;
	}
	return 0;
}

static int read_abbreviations(const struct keyfile *f, struct abbreviations *a)
{
	json_t *group = json_object_get(f->root, "abbreviations"), *dialect = json_object_get(f->root, "dialect"), *value;
	const char *brief;
	size_t n_zero = 0;
	int r = 0;
	a->at = calloc(json_object_size(group) + json_array_size(dialect) + 1, sizeof(*a->at));
	if (!a->at)
		return E_NOMEM;
	json_object_foreach(group, brief, value) {
		char path[80];
		snprintf(path, sizeof(path), "abbreviations.%s", brief);
		if (!json_is_string(value))
			return keyfile_complain(f, path, "wrong_value", "an abbreviation stands for a text");
		if (strspn(brief, "abcdefghijklmnopqrstuvwxyz0123456789") != strlen(brief))
			return keyfile_complain(f, path, "wrong_value", "a short form is written in plain small letters: no other is ever met");
		r = add_abbreviation(a, brief, json_string_value(value));
		if (r)
			return r;
	}
	r = read_dialect(f, dialect, a);
	qsort(a->at, a->n, sizeof(*a->at), compare_abbreviations);
	return r ? r : read_texts(f, "not_zero_before", json_object_get(f->root, "not_zero_before"), &a->not_zero_before, &n_zero);
}

int keyfile_classes(const struct keyfile *f, struct word_classes *ret)
{
	json_t *group = json_object_get(f->root, "classes"), *value;
	const char *name;
	ret->at = calloc(json_object_size(group) + 1, sizeof(*ret->at));
	if (!ret->at)
		return E_NOMEM;
	json_object_foreach(group, name, value) {
		struct word_class *c = &ret->at[ret->n++];
		c->name = strdup(name);
		int r = c->name ? read_texts(f, "classes", value, &c->members, &c->n) : E_NOMEM;
		if (r)
			return r;
	}
	return 0;
}

int keyfile_patterns(const struct keyfile *f, const char *path, const json_t *array, struct word_classes *classes,
		     struct patterns *ret)
{
	size_t i;
	json_t *value;
	if (array && !json_is_array(array))
		return keyfile_complain(f, path, "wrong_value", "a list of phrases is wanted here");
	json_array_foreach(array, i, value) {
		char at[160];
		snprintf(at, sizeof(at), "%s.[%zu]", path, i);
		int r = json_is_string(value) ? patterns_add(ret, json_string_value(value), classes) : E_INVALID;
		if (r == E_INVALID)
			return keyfile_complain(f, at, "wrong_value", "this is no phrase: words, a|b, @class, #, .., ..., word?, ^ and $");
		if (r)
			return r;
	}
	return 0;
}

int keyfile_open(const struct shelf *shelf, const char *name, struct keyfile *f)
{
	int r = shelf_read(shelf, name, &f->settings, f->complaint);
	if (r == E_NOT_FOUND) {
		complaint_set(f->complaint, "", "missing_file", "the data file %s is found nowhere", name);
		return E_CONFIG;
	}
	if (r)
		return r == E_NOMEM ? r : E_CONFIG;
	f->root = settings_root(f->settings);
	return 0;
}

/* In which state the commands of a list hold: { optout_alone = "no_question"; }; always where nothing is said. */
static int read_holds(const struct keyfile *f, struct keywords *k)
{
	static const char *const states[] = { [HOLDS_ALWAYS] = "always", [HOLDS_NO_QUESTION] = "no_question", [HOLDS_QUESTION] = "question",
					      [HOLDS_OPTED_OUT] = "opted_out" };
	json_t *group = json_object_get(f->root, "holds"), *value;
	const char *name;
	json_object_foreach(group, name, value) {
		size_t list = 0, state = 0;
		char path[80];
		snprintf(path, sizeof(path), "holds.%s", name);
		while (list < LIST_COUNT && strcmp(list_names[list], name) != 0)
			list++;
		while (state < COUNT_OF(states) && (!json_is_string(value) || strcmp(states[state], json_string_value(value)) != 0))
			state++;
		if (list == LIST_COUNT || state == COUNT_OF(states))
			return keyfile_complain(f, path, "wrong_value", "a list of this file and always, no_question, question or opted_out are wanted here");
		k->holds[list] = (enum holds)state;
	}
	return 0;
}

static int check_names(const struct keyfile *f)
{
	static const char *const others[] = { "abbreviations", "dialect", "not_zero_before", "classes", "holds", "ambiguous", "always" };
	const char *name;
	json_t *value;
	json_object_foreach(f->root, name, value) {
		bool known = vintage_retired(name);
		for (size_t i = 0; i < LIST_COUNT && !known; i++)
			known = strcmp(list_names[i], name) == 0;
		for (size_t i = 0; i < COUNT_OF(others) && !known; i++)
			known = strcmp(others[i], name) == 0;
		if (!known)
			return keyfile_complain(f, name, "unknown_key", "there is no list of this name");
	}
	return 0;
}

static int read_list(const struct keyfile *f, size_t i, struct keywords *k)
{
	const json_t *array = json_object_get(f->root, list_names[i]);
	if (array && json_is_array(array) && json_array_size(array))
		return keyfile_patterns(f, list_names[i], array, &k->classes, &k->lists[i]);
	keyfile_complain(f, list_names[i], "wrong_value", array ? "a list of phrases is wanted here, with one at least" : "this list is missing");
	snprintf(f->complaint->field, sizeof(f->complaint->field), "%s", list_names[i]);
	return E_CONFIG;
}

/* Lists that an older copy lacks, with the classes they were written for. Where no shipped file has them they stay empty. */
static int read_shipped(struct keywords *k, const bool lacking[LIST_COUNT], struct complaint *c)
{
	struct keyfile f = { .complaint = c };
	struct word_classes classes = { .n = 0 };
	OWN(mem) char *path = NULL;
	int r = settings_find(NULL, FILE_NAME, &path);
	if (r)
		return r == E_NOT_FOUND ? 0 : r;
	r = keyfile_open(&(const struct shelf){ 0 }, FILE_NAME, &f);
	r = r ? r : keyfile_classes(&f, &classes);
	for (size_t i = 0; i < LIST_COUNT && !r; i++)
		if (lacking[i])
			r = keyfile_patterns(&f, list_names[i], json_object_get(f.root, list_names[i]), &classes, &k->lists[i]);
	word_classes_done(&classes);
	keyfile_close(&f);
	return r;
}

static int read_lists(const struct keyfile *f, struct keywords *k)
{
	bool lacking[LIST_COUNT] = { false }, any = false;
	int r = 0;
	for (size_t i = 0; i < LIST_COUNT && !r; i++) {
		lacking[i] = vintage_added(list_names[i]) && !json_object_get(f->root, list_names[i]);
		any = any || lacking[i];
		r = lacking[i] ? 0 : read_list(f, i, k);
	}
	return r || !any ? r : read_shipped(k, lacking, f->complaint);
}

int keyfile_keywords(const struct shelf *shelf, struct keywords *k, struct keyfile *f)
{
	size_t n = 0;
	int r = keyfile_open(shelf, FILE_NAME, f);
	r = r ? r : check_names(f);
	r = r ? r : read_abbreviations(f, &k->abbreviations);
	r = r ? r : keyfile_classes(f, &k->classes);
	r = r ? r : read_holds(f, k);
	r = r ? r : read_texts(f, "ambiguous", json_object_get(f->root, "ambiguous"), &k->ambiguous, &n);
	r = r ? r : read_texts(f, "always", json_object_get(f->root, "always"), &k->always, &n);
	return r ? r : read_lists(f, k);
}

static int read_topic(const struct keyfile *f, size_t i, struct keywords *k, struct topic *ret)
{
	const json_t *from = json_array_get(json_object_get(f->root, "topics"), i);
	const char *code = json_str(from, "code", "");
	char path[96];
	snprintf(path, sizeof(path), "topics.[%zu]", i);
	if (!*code || strlen(code) >= TOPIC_BYTES)
		return keyfile_complain(f, path, "wrong_value", "a topic needs a code of at most 15 characters");
	if (keywords_topic(k, code))
		return keyfile_complain(f, path, "wrong_value", "this code is a topic's already");
	snprintf(ret->code, sizeof(ret->code), "%s", code);
	ret->vi = strdup(json_str(from, "vi", code));
	ret->en = strdup(json_str(from, "en", code));
	ret->restricted = json_flag(from, "restricted", false);
	ret->before_charge = json_flag(from, "before_charge", false);
	if (!ret->vi || !ret->en)
		return E_NOMEM;
	int r = topicchoice_read(f, path, from, &ret->choices);
	snprintf(path, sizeof(path), "topics.[%zu].commands", i);
	r = r ? r : keyfile_patterns(f, path, json_object_get(from, "commands"), &k->classes, &ret->commands);
	for (size_t w = 0; w < TOPIC_WEIGHTS && !r; w++) {
		snprintf(path, sizeof(path), "topics.[%zu].%s", i, weight_names[w]);
		r = keyfile_patterns(f, path, json_object_get(from, weight_names[w]), &k->classes, &ret->phrases[w]);
	}
	snprintf(path, sizeof(path), "topics.[%zu].campaign", i);
	return r ? r : keyfile_patterns(f, path, json_object_get(from, "campaign"), &k->classes, &ret->campaign);
}

int keyfile_topics(const struct shelf *shelf, struct keywords *k, struct keyfile *f)
{
	int r = keyfile_open(shelf, "topics/topics.conf", f);
	size_t n = r ? 0 : json_array_size(json_object_get(f->root, "topics"));
	if (!r && !n)
		return keyfile_complain(f, "topics", "wrong_value", "a list of topics is wanted here, with one at least");
	k->topics = calloc(n + 1, sizeof(*k->topics));
	if (!k->topics)
		return E_NOMEM;
	for (size_t i = 0; i < n && !r; i++)
		r = read_topic(f, i, k, &k->topics[k->n_topics++]);
	return r ? r : keyfile_patterns(f, "decoys", json_object_get(f->root, "decoys"), &k->classes, &k->decoys);
}

void keyfile_close(struct keyfile *f)
{
	settings_free(f->settings);
	*f = (struct keyfile){ 0 };
}
