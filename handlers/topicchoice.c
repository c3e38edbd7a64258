/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a topic's choices to the options of a question, each mistake told with its place. Keeps nothing, does no I/O. */
#include "handlers/topicchoice.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "gateway/base/buffer.h"
#include "gateway/base/gsm7.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"

#define LABEL_CHARS_MAX 20
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* One choice under reading; list = the path where the choices stand. */
struct place {
	const struct keyfile *f;
	const char *list;
	size_t i;
};

static int complain(const struct place *p, const char *key, const char *rule, const char *what)
{
	char path[160];
	snprintf(path, sizeof(path), "%s.[%zu]%s%s", p->list, p->i, *key ? "." : "", key);
	return keyfile_complain(p->f, path, rule, what);
}

/* Takes a text that was made for measuring. 0, E_TOO_BIG, E_NOMEM. */
static int measure_one_sms(char *text)
{
	OWN(mem) char *taken = text;
	struct measure m;
	if (!taken)
		return E_NOMEM;
	gsm7_measure(taken, 8, &m);
	return m.encoding == ENCODING_GSM7 && m.n_segments == 1 ? 0 : E_TOO_BIG;
}

/* ---- what nobody may say twice ---- */

/* "het_han" and "Het han" are found in the same words. */
static bool same_words(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if ((*a == '_' ? ' ' : tolower((unsigned char)*a)) != (*b == '_' ? ' ' : tolower((unsigned char)*b)))
			return false;
	return *a == *b;
}

static bool is_said(const json_t *options, const char *text)
{
	size_t i, n;
	const json_t *option, *word;
	json_array_foreach(options, i, option) {
		if (same_words(json_str(option, "label", ""), text))
			return true;
		json_array_foreach(json_object_get(option, "words"), n, word)
			if (same_words(json_string_value(word), text))
				return true;
	}
	return false;
}

/* ---- one choice ---- */

static int check_keys(const struct place *p, json_t *choice)
{
	const char *key;
	json_t *value;
	if (!json_is_object(choice))
		return complain(p, "", "wrong_value", "a choice is a group such as { label = \"Han the\"; words = [ \"het_han\" ]; }");
	json_object_foreach(choice, key, value)
		if (strcmp(key, "label") != 0 && strcmp(key, "words") != 0 && strcmp(key, "reply") != 0)
			return complain(p, key, "unknown_key", "a choice has a label, words and a reply, nothing else");
	return 0;
}

/* What begins with a digit would read as a choice's number. */
static int check_label(const struct place *p, const json_t *options, const char *label)
{
	size_t n = strlen(label);
	if (!n)
		return complain(p, "label", "wrong_value", "a choice needs a label");
	if (n > LABEL_CHARS_MAX)
		return complain(p, "label", "too_long", "a label has at most 20 characters");
	if (!strspn(label, LETTERS) || strspn(label, LETTERS "0123456789 /-") != n || label[n - 1] == ' ')
		return complain(p, "label", "wrong_value", "a label begins with a letter and has nothing but letters without accents, digits, spaces, / and -");
	return is_said(options, label) ? complain(p, "label", "duplicate", "this label stands for a choice already") : 0;
}

static int check_reply(const struct place *p, const char *reply)
{
	int r = 0;
	for (int language = 0; language < LANGUAGE_COUNT && !r; language++)
		r = measure_one_sms(reply_text(REPLY_CHOSEN, (enum language)language, &(struct reply_values){ .code = reply_longest.code, .answer = reply }));
	if (!r && !*reply)
		return complain(p, "reply", "wrong_value", "a reply needs its words; without a reply a person answers");
	return r == E_TOO_BIG ? complain(p, "reply", "too_long", "with the case's code behind it this takes more than one SMS, or has accents") : r;
}

static int add_words(const struct place *p, const json_t *options, const json_t *words, json_t *ret)
{
	struct patterns tried = { 0 };
	char path[96], key[32];
	size_t i;
	const json_t *word;
	snprintf(path, sizeof(path), "%s.[%zu].words", p->list, p->i);
	int r = keyfile_patterns(p->f, path, words, NULL, &tried);
	patterns_done(&tried);
	json_array_foreach(words, i, word) {
		snprintf(key, sizeof(key), "words.[%zu]", i);
		if (!r && is_said(options, json_string_value(word)))
			r = complain(p, key, "duplicate", "these words stand for a choice already");
		if (!r && json_array_append(ret, (json_t *)word))
			r = E_NOMEM;
	}
	return r;
}

static int add_choice(const struct place *p, json_t *choice, json_t *options)
{
	char value[16];
	int r = check_keys(p, choice);
	if (r)
		return r;
	const char *label = json_str(choice, "label", ""), *reply = json_str(choice, "reply", NULL);
	snprintf(value, sizeof(value), "%zu", p->i + 1);
	if (json_object_get(choice, "reply") && !reply)
		return complain(p, "reply", "wrong_value", "a reply is a text");
	r = check_label(p, options, label);
	r = r || !reply ? r : check_reply(p, reply);
	if (r)
		return r;
	OWN(json) json_t *words = json_array();
	OWN(json) json_t *option = json_pack("{s:s,s:s,s:O,s:s*}", "value", value, "label", label, "words", words, "reply", reply);
	if (!option || json_array_append(options, option))
		return E_NOMEM;
	return add_words(p, options, json_object_get(choice, "words"), words);
}

/* ---- all of them ---- */

static json_t *person(void)
{
	return json_pack("[{s:s,s:s,s:[s,s,s,s,s]}]", "value", "0", "label", "Gap can bo", "words", "gap nguoi|truc_tiep", "noi_chuyen voi? nguoi|can_bo",
			 "can_bo goi", "goi lai? cho? toi|em|chau|con|minh|tui|bac", "staff");
}

static int check_question(const struct keyfile *f, const char *path, const json_t *options, const char *code)
{
	int r = 0;
	for (int language = 0; language < LANGUAGE_COUNT && !r; language++)
		r = measure_one_sms(topicchoice_question(options, code, (enum language)language));
	return r == E_TOO_BIG ? keyfile_complain(f, path, "too_long", "the question with all these labels takes more than one SMS") : r;
}

int topicchoice_read(const struct keyfile *f, const char *path, const json_t *topic, json_t **ret)
{
	char list[48];
	const json_t *choices = json_object_get(topic, "choices");
	size_t n = json_array_size(choices);
	int r = 0;
	if (!choices)
		return 0;
	snprintf(list, sizeof(list), "%s.choices", path);
	if (!n || n > TOPICCHOICE_MAX)
		return keyfile_complain(f, list, "wrong_value", "a list of 1 to 8 choices is wanted here");
	OWN(json) json_t *options = person();
	if (!options)
		return E_NOMEM;
	for (size_t i = 0; i < n && !r; i++)
		r = add_choice(&(struct place){ f, list, i }, json_array_get(choices, i), options);
	r = r ? r : check_question(f, list, options, json_str(topic, "code", ""));
	if (!r)
		*ret = MOVE(options);
	return r;
}

char *topicchoice_list(const json_t *options)
{
	OWN(buffer) struct buffer out = { 0 };
	int r = 0;
	for (size_t i = 1; i < json_array_size(options) && !r; i++) {
		const json_t *option = json_array_get(options, i);
		r = buffer_printf(&out, "%s%s=%s", i > 1 ? " " : "", json_str(option, "value", ""), json_str(option, "label", ""));
	}
	return r ? NULL : strdup(buffer_text(&out));
}

char *topicchoice_question(const json_t *options, const char *code, enum language language)
{
	OWN(mem) char *choices = topicchoice_list(options);
	return choices ? reply_text(REPLY_ASK_CHOICE, language, &(struct reply_values){ .topic = code, .choices = choices }) : NULL;
}
