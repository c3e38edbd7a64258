/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One input, one step. Called by conversation.c; writes nothing and knows no door. */
#include "handlers/dialogue.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/script.h"
#include "gateway/base/calendar.h"
#include "gateway/base/fold.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"
#include "handlers/damm.h"

#define ANSWER_BYTES 700
#define FOUND_MAX 9

/* One input on its way. */
struct turn_of {
	const json_t *menu, *step;
	const struct dialogue_world *world;
	json_t *place;
	const char *said; /* without spaces around it */
	const char *next;
};

const char *dialogue_language(const json_t *place)
{
	return json_str(place, "language", "vi");
}

const json_t *dialogue_step(const json_t *menu, const json_t *place)
{
	return script_step(menu, json_str(place, "step", "?"));
}

bool dialogue_begun(const json_t *place)
{
	return json_object_size(json_object_get(place, "answers")) > 0;
}

int dialogue_begin(const json_t *menu, const char *language, json_t **ret)
{
	const json_t *first = script_step(menu, "");
	*ret = json_pack("{s:s,s:s,s:[],s:{}}", "step", json_str(first, "id", ""), "language", language, "path", "answers");
	return *ret ? 0 : E_NOMEM;
}

const char *dialogue_said(const json_t *menu, const json_t *place, enum menu_kind kind)
{
	const char *step, *last = "";
	const json_t *answer;
	json_object_foreach(json_object_get(place, "answers"), step, answer)
		if (menu_kind_of(script_step(menu, step)) == kind)
			last = json_string_value(answer);
	return last;
}

/* ---- what is shown ---- */

void dialogue_screen(const json_t *menu, const json_t *place, char ret[MENU_SCREEN_BYTES])
{
	const json_t *step = dialogue_step(menu, place), *found = json_object_get(place, "found"), *one;
	const char *language = dialogue_language(place), *wrong = menu_text(json_object_get(step, "wrong"), language);
	size_t i, n;
	if (json_flag(place, "ended", false)) {
		snprintf(ret, MENU_SCREEN_BYTES, "%s", menu_text(json_object_get(menu, "end"), language));
		return;
	}
	if (json_flag(place, "missed", false) && *wrong) {
		snprintf(ret, MENU_SCREEN_BYTES, "%s", wrong);
		return;
	}
	menu_screen(menu, step, language, ret);
	json_array_foreach(found, i, one)
		if ((n = strlen(ret)) < MENU_SCREEN_BYTES)
			snprintf(ret + n, MENU_SCREEN_BYTES - n, " %zu.%.20s", i + 1, json_str(one, "label", ""));
}

/* ---- ways ---- */

static const char *branch(const json_t *step, const json_t *answers)
{
	size_t i;
	const json_t *b;
	json_array_foreach(json_object_get(step, "when"), i, b)
		if (strcmp(json_str(answers, json_str(b, "step", ""), ""), json_str(b, "is", "")) == 0)
			return json_str(b, "next", NULL);
	return NULL;
}

/* The step behind this one; NULL at a survey's end. */
static const json_t *next_step(const struct turn_of *t)
{
	const char *by_answer = branch(t->step, json_object_get(t->place, "answers"));
	const char *said = by_answer ? by_answer : t->next ? t->next : json_str(t->step, "next", "");
	size_t i;
	const json_t *s, *steps = json_object_get(t->menu, "steps");
	if (*said)
		return strcmp(said, "end") == 0 && !json_flag(t->menu, "menu", false) ? NULL : script_step(t->menu, said);
	json_array_foreach(steps, i, s)
		if (s == t->step)
			return json_array_get(steps, i + 1);
	return NULL;
}

static int go_to(struct turn_of *t, const json_t *step, enum dialogue_outcome *ret)
{
	enum menu_kind kind = menu_kind_of(step);
	*ret = !step || kind == MENU_END ? DIALOGUE_ENDS : kind == MENU_SURVEY ? DIALOGUE_SURVEY : DIALOGUE_ASKS;
	json_object_del(t->place, "missed");
	json_object_del(t->place, "found");
	if (!step) /* a survey ends without a step of its own */
		return json_object_set_new(t->place, "ended", json_true()) ? E_NOMEM : 0;
	return json_set_str(t->place, "step", json_str(step, "id", ""));
}

/* The answer is kept, and where it was given is a place to come back to. */
static int go_on(struct turn_of *t, const char *answer, enum dialogue_outcome *ret)
{
	const char *id = json_str(t->step, "id", "");
	json_t *answers = json_object_get(t->place, "answers"), *path = json_object_get(t->place, "path");
	json_object_del(answers, id); /* the newest stands last */
	if (json_set_str(answers, id, answer) || json_array_append_new(path, json_string(id)))
		return E_NOMEM;
	return go_to(t, next_step(t), ret);
}

static int go_back(struct turn_of *t, enum dialogue_outcome *ret)
{
	json_t *path = json_object_get(t->place, "path");
	size_t n = json_array_size(path);
	if (!n) {
		*ret = DIALOGUE_LEFT;
		return 0;
	}
	char id[SCRIPT_ID_CHARS + 1];
	snprintf(id, sizeof(id), "%.*s", SCRIPT_ID_CHARS, json_string_value(json_array_get(path, n - 1)));
	json_object_del(json_object_get(t->place, "answers"), id);
	if (json_array_remove(path, n - 1))
		return E_CORRUPT;
	return go_to(t, script_step(t->menu, id), ret);
}

static int miss(struct turn_of *t, enum dialogue_outcome *ret)
{
	bool again = json_flag(t->place, "missed", false);
	*ret = again ? DIALOGUE_LOST : DIALOGUE_ASKS;
	return json_object_set_new(t->place, "missed", json_true()) ? E_NOMEM : 0;
}

/* ---- answers by kind; "" = it is none ---- */

static bool reads_as(const json_t *text, const char *folded)
{
	OWN(mem) char *own = json_is_string(text) ? fold(json_string_value(text)) : NULL;
	return own && strcmp(own, folded) == 0;
}

/* Is it the option's digit, its label in whatever language, or one of its words? */
static bool is_option(const json_t *option, const char *folded)
{
	const json_t *label = json_object_get(option, "label"), *text;
	const char *language;
	size_t i;
	if (strcmp(json_str(option, "value", ""), folded) == 0 || reads_as(label, folded))
		return true;
	json_object_foreach((json_t *)label, language, text)
		if (reads_as(text, folded))
			return true;
	json_array_foreach(json_object_get(option, "words"), i, text)
		if (reads_as(text, folded))
			return true;
	return false;
}

/* "3", "so 3", "3.", "duong/nuoc". */
static const json_t *find_option(const json_t *step, const char *said)
{
	OWN(mem) char *folded = fold(said);
	size_t i, n = folded ? strlen(folded) : 0;
	const json_t *option;
	if (n && (folded[n - 1] == '.' || folded[n - 1] == ')'))
		folded[--n] = '\0';
	const char *meant = n > 3 && strncmp(folded, "so ", 3) == 0 ? folded + 3 : folded;
	json_array_foreach(json_object_get(step, "options"), i, option)
		if (n && is_option(option, meant))
			return option;
	return NULL;
}

static int take_choice(struct turn_of *t, enum dialogue_outcome *ret)
{
	const json_t *option = find_option(t->step, t->said);
	if (!option)
		return miss(t, ret);
	const char *topic = json_str(option, "topic", NULL), *language = json_str(option, "language", NULL);
	t->next = json_str(option, "next", NULL);
	if ((topic && json_set_str(t->place, "topic", topic)) || (language && json_set_str(t->place, "language", language)))
		return E_NOMEM;
	return go_on(t, json_str(option, "value", ""), ret);
}

static bool has_words(const char *said)
{
	for (; *said; said++)
		if (isalnum((unsigned char)*said) || (unsigned char)*said >= 0x80)
			return true;
	return false;
}

static bool read_number(const json_t *step, const char *said, char ret[24])
{
	char *end;
	long value = strtol(said, &end, 10);
	while (*end == ' ')
		end++;
	for (const char *unit = end; *unit; unit++) /* "5 kg" */
		if (!isalpha((unsigned char)*unit) || unit - end > 4)
			return false;
	bool digits = isdigit((unsigned char)*said) && strspn(said, "0123456789") < 10;
	snprintf(ret, 24, "%ld", value);
	return digits && value >= json_int(step, "least", 0) && value <= json_int(step, "most", 999999999);
}

/* "5/12/2026", "05-12-2026", "05122026". */
static bool read_date(const char *said, char ret[24])
{
	int day = 0, month = 0, year = 0, n = 0;
	bool fits = (sscanf(said, "%2d/%2d/%4d%n", &day, &month, &year, &n) == 3 || sscanf(said, "%2d-%2d-%4d%n", &day, &month, &year, &n) == 3 ||
		     sscanf(said, "%2d.%2d.%4d%n", &day, &month, &year, &n) == 3 || sscanf(said, "%2d%2d%4d%n", &day, &month, &year, &n) == 3) && !said[n];
	if (!fits || year < 1900 || !calendar_date_exists(year, month, day))
		return false;
	snprintf(ret, 24, "%04d-%02d-%02d", year, month, day);
	return true;
}

/* "482918", "482 918", "PA482918", "nt 503172". */
static bool read_code(const char *said, char ret[24])
{
	size_t n = 0;
	while (isalpha((unsigned char)*said) || *said == ' ')
		said++;
	for (; *said && n < 10; said++)
		if (*said != ' ')
			ret[n++] = *said;
	ret[n] = '\0';
	return !*said && n >= 6 && damm_valid(ret);
}

static int take_hamlet(struct turn_of *t, enum dialogue_outcome *ret)
{
	const json_t *found = json_object_get(t->place, "found");
	size_t at = found && t->said[0] >= '1' && t->said[0] <= '9' && !t->said[1] ? (size_t)(t->said[0] - '1') : SIZE_MAX;
	if (at < json_array_size(found)) {
		char code[24];
		snprintf(code, sizeof(code), "%.23s", json_str(json_array_get(found, at), "value", ""));
		return go_on(t, code, ret);
	}
	OWN(json) json_t *list = json_array();
	int r = list ? 0 : E_NOMEM;
	if (!r && has_words(t->said) && t->world->hamlets)
		r = t->world->hamlets(t->world->self, t->said, list);
	if (r || !json_array_size(list))
		return r ? r : miss(t, ret);
	if (json_array_size(list) == 1)
		return go_on(t, json_str(json_array_get(list, 0), "value", ""), ret);
	json_object_del(t->place, "missed");
	*ret = DIALOGUE_ASKS;
	return json_object_set(t->place, "found", list) ? E_NOMEM : 0;
}

static int take(struct turn_of *t, enum dialogue_outcome *ret)
{
	char answer[24];
	enum menu_kind kind = menu_kind_of(t->step);
	bool is_zero = strcmp(t->said, "0") == 0 && json_flag(t->menu, "menu", false);
	if (is_zero && !(kind == MENU_NUMBER && json_int(t->step, "least", 1) <= 0))
		return go_back(t, ret);
	switch (kind) {
	case MENU_CHOICE:
	case MENU_YES_NO:
		return take_choice(t, ret);
	case MENU_TEXT: {
		bool enough = has_words(t->said) && (int64_t)text_chars(t->said) >= json_int(t->step, "least", 1);
		return enough ? go_on(t, t->said, ret) : miss(t, ret);
	}
	case MENU_NUMBER:
		return read_number(t->step, t->said, answer) ? go_on(t, answer, ret) : miss(t, ret);
	case MENU_DATE:
		return read_date(t->said, answer) ? go_on(t, answer, ret) : miss(t, ret);
	case MENU_CODE:
		return read_code(t->said, answer) ? go_on(t, answer, ret) : miss(t, ret);
	case MENU_HAMLET:
		return take_hamlet(t, ret);
	case MENU_SURVEY: {
		/* what its question took was not for us */
		int r = miss(t, ret);
		*ret = *ret == DIALOGUE_LOST ? DIALOGUE_LOST : DIALOGUE_SURVEY;
		return r;
	}
	case MENU_END:
	case MENU_KINDS:
		break;
	}
	return E_CORRUPT;
}

int dialogue_take(const json_t *menu, const struct dialogue_world *world, const char *input, json_t *place, enum dialogue_outcome *ret)
{
	char said[ANSWER_BYTES];
	while (isspace((unsigned char)*input))
		input++;
	size_t n = text_cut(input, sizeof(said) - 1);
	memcpy(said, input, n);
	while (n && isspace((unsigned char)said[n - 1]))
		n--;
	said[n] = '\0';
	struct turn_of t = { .menu = menu, .step = dialogue_step(menu, place), .world = world, .place = place, .said = said };
	return t.step ? take(&t, ret) : E_CORRUPT;
}
