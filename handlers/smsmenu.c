/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Screens as messages. Called by the chain before it understands a message, and by survey.c with an answer. */
#include "handlers/smsmenu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "gateway/base/fold.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "handlers/conversation.h"
#include "handlers/deed.h"

#define DOOR "sms"
#define OPEN_MS (INT64_C(7) * 24 * 3600000)

bool smsmenu_asked(const struct question *q)
{
	return strncmp(q->subject, "menu:", 5) == 0;
}

/* ---- which menu ---- */

static bool is_word_of(const char *folded, const char *name, const json_t *menu)
{
	size_t i;
	const json_t *word;
	if (strcmp(folded, name) == 0)
		return true;
	json_array_foreach(json_object_get(menu, "words"), i, word) {
		OWN(mem) char *own = fold(json_string_value(word));
		if (own && strcmp(folded, own) == 0)
			return true;
	}
	return false;
}

/* "MENU" is the main one; borrowed from the configuration. */
static const json_t *menu_meant(const struct config *cfg, const char *text)
{
	OWN(mem) char *folded = strlen(text) < 80 ? fold(text) : NULL;
	const char *name;
	const json_t *menu;
	size_t n = folded ? strlen(folded) : 0;
	while (n && strchr(".!?", folded[n - 1]))
		folded[--n] = '\0';
	if (!n)
		return NULL;
	if (strcmp(folded, "menu") == 0)
		return json_object_get(cfg->menus, "main");
	json_object_foreach(cfg->menus, name, menu)
		if (json_flag(menu, "menu", false) && is_word_of(folded, name, menu))
			return menu;
	return NULL;
}

/* ---- a screen ---- */

static json_t *options_of(const json_t *menu, const struct conversation *c)
{
	const char *language = dialogue_language(c->place);
	const json_t *step = dialogue_step(menu, c->place), *option;
	json_t *list = json_array();
	size_t i;
	json_array_foreach(json_object_get(step, "options"), i, option)
		if (json_array_append_new(list, json_pack("{s:s,s:s,s:O?}", "value", json_str(option, "value", ""), "label",
							  menu_text(json_object_get(option, "label"), language), "words", json_object_get(option, "words"))))
			break;
	json_array_append_new(list, json_pack("{s:s,s:s}", "value", "0", "label", menu_text(json_object_get(menu, "back"), language)));
	return list;
}

static int say(struct turn *turn, const struct conversation *c, const char *text)
{
	char key[80];
	int64_t message = 0;
	snprintf(key, sizeof(key), "menu:%lld:%lld", (long long)c->id, (long long)turn->in->id);
	return reply_put_fresh(turn->t, &turn->to, CLASS_SERVICE, key, text, &message);
}

static int ask(struct turn *turn, const json_t *menu, const struct conversation *c)
{
	char screen[MENU_SCREEN_BYTES], subject[40];
	enum menu_kind kind = menu_kind_of(dialogue_step(menu, c->place));
	bool chosen = kind == MENU_CHOICE || json_object_get(c->place, "found");
	OWN(json) json_t *options = kind == MENU_CHOICE ? options_of(menu, c) : NULL;
	int64_t id = 0;
	snprintf(subject, sizeof(subject), "menu:%lld", (long long)c->id);
	dialogue_screen(menu, c->place, screen);
	if (kind == MENU_CHOICE && !options)
		return E_NOMEM;
	int r = question_ask(turn->t, turn->in->address, chosen && options ? "choice" : "text", options, subject, json_str(c->place, "topic", NULL),
			     turn->t->in.now_ms + OPEN_MS, &id);
	turn_result(turn, "menu %.32s, %.16s", c->menu, json_str(c->place, "step", ""));
	return r ? r : say(turn, c, screen);
}

static void hear(const struct turn *turn, struct conversation *c)
{
	c->said[0] = '\0'; /* the message keeps it */
	c->more = c->open;
	c->until_at = turn->t->in.now_ms + OPEN_MS;
}

int smsmenu_open(struct turn *turn, bool *ret_opened)
{
	const struct config *cfg = turn->t->in.config;
	const json_t *menu = menu_meant(cfg, turn->in->text);
	struct conversation c = { .address = turn->in->address, .door = DOOR, .open = true, .heard = strdup("") };
	*ret_opened = menu != NULL;
	snprintf(c.menu, sizeof(c.menu), "%s", json_str(menu, "name", ""));
	int r = !menu ? 0 : c.heard ? dialogue_begin(menu, turn->person.language[0] ? turn->person.language : "vi", &c.place) : E_NOMEM;
	hear(turn, &c);
	/* a screen that was left open for this one */
	if (!r && menu && smsmenu_asked(&turn->question))
		r = question_close(turn->t, turn->question.id, "dropped", NULL);
	if (!r && menu)
		r = conversation_put(turn->t, &c, "");
	if (!r && menu)
		r = ask(turn, menu, &c);
	conversation_done(&c);
	return r;
}

/* ---- an answer ---- */

static int end(struct turn *turn, const json_t *menu, const struct conversation *c)
{
	char screen[MENU_SCREEN_BYTES];
	const struct deed d = { .address = turn->in->address, .channel = turn->in->channel, .key = "", .menu = menu, .place = c->place };
	/* what an action does is told by a message of its own */
	if (menu_action_of(dialogue_step(menu, c->place))) {
		int r = deed_act(turn, &d);
		turn->c.need = turn->c.stop = false; /* all that was said has been done */
		return r;
	}
	dialogue_screen(menu, c->place, screen);
	return say(turn, c, screen);
}

static int leave(struct turn *turn, const json_t *menu, const struct conversation *c, enum dialogue_outcome outcome)
{
	if (outcome == DIALOGUE_LEFT)
		return say(turn, c, menu_text(json_object_get(menu, "bye"), dialogue_language(c->place)));
	if (outcome == DIALOGUE_LOST)
		return turn_say(turn, REPLY_HELP, NULL);
	/* a survey is open by SMS anyhow */
	return say(turn, c, menu_text(json_object_get(dialogue_step(menu, c->place), "text"), dialogue_language(c->place)));
}

static int go_on(struct turn *turn, const json_t *menu, struct conversation *c)
{
	enum dialogue_outcome outcome = DIALOGUE_ASKS;
	bool chosen = menu_kind_of(dialogue_step(menu, c->place)) == MENU_CHOICE;
	int r = dialogue_take(menu, &(struct dialogue_world){ 0 }, chosen ? turn->c.answer : turn->in->text, c->place, &outcome);
	if (r)
		return r;
	c->open = outcome == DIALOGUE_ASKS;
	hear(turn, c);
	r = conversation_keep(turn->t, c);
	if (r)
		return r;
	turn_result(turn, "menu %.32s, %.16s", c->menu, json_str(c->place, "step", ""));
	return outcome == DIALOGUE_ASKS ? ask(turn, menu, c) : outcome == DIALOGUE_ENDS ? end(turn, menu, c) : leave(turn, menu, c, outcome);
}

int smsmenu_take(struct turn *turn)
{
	struct conversation c = { 0 };
	long long id = 0;
	if (sscanf(turn->question.subject, "menu:%lld", &id) != 1)
		return E_CORRUPT;
	int r = conversation_get(&turn->t->in, id, &c);
	const json_t *menu = r ? NULL : json_object_get(turn->t->in.config->menus, c.menu);
	/* over, or changed since: begun anew */
	if (r == E_NOT_FOUND || (!r && (!menu || !dialogue_step(menu, c.place))))
		r = turn_say(turn, REPLY_HELP, NULL);
	else if (!r)
		r = go_on(turn, menu, &c);
	conversation_done(&c);
	return r;
}
