/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The data files as one: read by keyfile.c, compared by collision.c, made ready for messages. Keeps nothing besides. */
#include "handlers/keywords.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/programme.h"
#include "config/shelf.h"
#include "handlers/collision.h"
#include "handlers/keyfile.h"
#include "handlers/phrasebook.h"

static void texts_free(char **list)
{
	for (char **p = list; p && *p; p++)
		free(*p);
	free(list);
}

void keywords_free(struct keywords *k)
{
	if (!k)
		return;
	forms_done(&k->near);
	lexicon_free(k->lexicon);
	abbreviations_done(&k->abbreviations);
	spelling_done(&k->spelling);
	word_classes_done(&k->classes);
	accusation_done(&k->accusation);
	weights_free(k->weights);
	for (size_t i = 0; i < LIST_COUNT; i++)
		patterns_done(&k->lists[i]);
	for (size_t i = 0; i < k->n_topics; i++) {
		free(k->topics[i].vi);
		free(k->topics[i].en);
		patterns_done(&k->topics[i].commands);
		for (size_t w = 0; w < TOPIC_WEIGHTS; w++)
			patterns_done(&k->topics[i].phrases[w]);
		patterns_done(&k->topics[i].campaign);
		json_decref(k->topics[i].choices);
	}
	free(k->topics);
	texts_free(k->ambiguous);
	texts_free(k->always);
	patterns_done(&k->decoys);
	json_decref(k->phrasebook);
	json_decref(k->programmes);
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

const char *keywords_topic_said(const struct keywords *k, const char *said)
{
	const struct topic *exact = keywords_topic(k, said);
	for (size_t i = 0; !exact && i < k->n_topics; i++)
		if (strcasecmp(k->topics[i].code, said) == 0)
			exact = &k->topics[i];
	return exact ? exact->code : NULL;
}

/* Every list of phrases, for the lexicon. */
static int index_phrases(struct keywords *k)
{
	size_t n = 0;
	OWN(mem) struct patterns **lists = calloc(LIST_COUNT + k->n_topics * (2 + TOPIC_WEIGHTS) + 4 + k->accusation.n_families, sizeof(*lists));
	if (!lists)
		return E_NOMEM;
	for (size_t i = 0; i < LIST_COUNT; i++)
		lists[n++] = &k->lists[i];
	for (size_t i = 0; i < k->n_topics; i++)
		lists[n++] = &k->topics[i].commands; /* neighbours, so that one look tells whether any may occur */
	for (size_t i = 0; i < k->n_topics; i++)
		for (size_t w = 0; w < TOPIC_WEIGHTS; w++)
			lists[n++] = &k->topics[i].phrases[w];
	for (size_t i = 0; i < k->n_topics; i++)
		lists[n++] = &k->topics[i].campaign;
	lists[n++] = &k->decoys;
	lists[n++] = &k->accusation.plain;
	lists[n++] = &k->accusation.other;
	lists[n++] = &k->accusation.review;
	for (size_t i = 0; i < k->accusation.n_families; i++)
		lists[n++] = &k->accusation.families[i].phrases;
	return lexicon_new(lists, n, &k->lexicon);
}

static int gather_commands(struct keywords *k)
{
	static const enum list commands[] = { LIST_OPTOUT_WHOLE, LIST_HELP_WHOLE };
	int r = 0;
	for (size_t i = 0; i < COUNT_OF(commands) && !r; i++)
		r = forms_add(&k->near, &k->lists[commands[i]], (int)commands[i]);
	for (size_t i = 0; i < k->n_topics && !r; i++)
		r = forms_add(&k->near, &k->topics[i].commands, LIST_COUNT + (int)i);
	return r;
}

/* Commands must not stand in each other's way: the files are refused with the entry that does. */
static int check_commands(const struct keywords *k, const struct keyfile *words, const struct keyfile *topics)
{
	struct collision found;
	char path[96];
	int r = collision_find(k, &found);
	if (r <= 0)
		return r;
	bool topic = found.action >= LIST_COUNT;
	if (topic)
		snprintf(path, sizeof(path), "topics.[%d].commands.[%zu]", found.action - LIST_COUNT, found.phrase);
	else
		snprintf(path, sizeof(path), "%s.[%zu]", keywords_list_name((enum list)found.action), found.phrase);
	return keyfile_complain(topic ? topics : words, path, "collision", found.text);
}

static int read_files(const struct shelf *shelf, struct keywords *k, struct complaint *c)
{
	struct keyfile words = { .complaint = c }, topics = { .complaint = c };
	int r = keyfile_keywords(shelf, k, &words);
	r = r ? r : keyfile_topics(shelf, k, &topics);
	r = r ? r : check_commands(k, &words, &topics);
	keyfile_close(&words);
	keyfile_close(&topics);
	for (size_t i = k->n_topics; i-- > 0;)
		k->restricted = k->topics[i].restricted ? &k->topics[i] : k->restricted;
	return r;
}

int keywords_try(const struct shelf *shelf, struct keywords **ret, struct complaint *c)
{
	OWN(keywords) struct keywords *k = calloc(1, sizeof(*k));
	if (!k)
		return E_NOMEM;
	int r = spelling_load(shelf, &k->spelling, c);
	k->abbreviations.spelling = &k->spelling;
	r = r ? r : read_files(shelf, k, c);
	r = r ? r : accusation_load(shelf, &k->accusation, c);
	r = r ? r : weights_load(shelf->config_file, k->topics, k->n_topics, &k->weights, c);
	word_classes_done(&k->classes);
	r = r ? r : index_phrases(k);
	abbreviations_ready(&k->abbreviations);
	k->abbreviations.lexicon = k->lexicon;
	if (k->lexicon)
		lexicon_settle(k->lexicon, &k->abbreviations);
	r = r ? r : gather_commands(k);
	r = r ? r : workdays_load(shelf->config_file, "VN", &k->workdays, c);
	r = r ? r : phrasebook_load(shelf, k, &k->phrasebook, c);
	r = r ? r : programmes_load(shelf->config_file, &k->programmes, c);
	if (r)
		return r;
	*ret = MOVE(k);
	return 0;
}

int keywords_load(const char *config_file, struct keywords **ret, struct complaint *c)
{
	return keywords_try(&(const struct shelf){ .config_file = config_file }, ret, c);
}
