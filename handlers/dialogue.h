/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walking a dialogue: what it is, where somebody stands, what they put in — what they are shown, and where they stand then. Pure but for the
 * units that the caller looks up. The place where somebody stands is JSON, as its row keeps it:
 * {"step","language","path":[steps that 0 goes back through],"answers":{step: what was said},"topic","missed":true,"found":[{"value","label"}]}. */
#ifndef CAUNOI_HANDLERS_DIALOGUE_H
#define CAUNOI_HANDLERS_DIALOGUE_H

#include <jansson.h>
#include <stdbool.h>

#include "config/menu.h"
#include "gateway/base/err.h"

enum dialogue_outcome {
	DIALOGUE_ASKS,	 /* the screen waits for an answer */
	DIALOGUE_ENDS,	 /* the step is the last one: its action is due, then its screen is shown */
	DIALOGUE_LEFT,	 /* the person went: the screen says good-bye */
	DIALOGUE_LOST,	 /* a second input that cannot be used: help goes by SMS */
	DIALOGUE_SURVEY, /* on with the survey that waits for this number */
};
/* What the dialogue cannot know by itself. */
struct dialogue_world {
	/* Units of that name, [{"value": code, "label": name}], at most nine, into list. NULL: there are none. */
	int (*hamlets)(void *self, const char *name, json_t *list);
	void *self;
};

/* At the first step. *ret is the caller's. E_NOMEM. */
MUST_CHECK int dialogue_begin(const json_t *menu, const char *language, json_t **ret);
/* Takes what was put in; place changes. E_CORRUPT: the menu has no such step any more; E_NOMEM and the world's. */
MUST_CHECK int dialogue_take(const json_t *menu, const struct dialogue_world *world, const char *input, json_t *place, enum dialogue_outcome *ret);
/* What is shown where somebody stands; after a first useless input, what was wrong with it. */
void dialogue_screen(const json_t *menu, const json_t *place, char ret[MENU_SCREEN_BYTES]);
const char *dialogue_language(const json_t *place);
/* The step where somebody stands; NULL when the menu has it no more. */
const json_t *dialogue_step(const json_t *menu, const json_t *place);
/* What was said at the last step of that kind, "" nothing; borrowed. */
const char *dialogue_said(const json_t *menu, const json_t *place, enum menu_kind kind);
/* Has anything been answered yet? */
bool dialogue_begun(const json_t *place);

#endif
