/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dialogues that people walk through by themselves, over USSD, SMS or the simulator. Read from libconfig (menus/NAME.conf), checked, and kept
 * as JSON: {"name","title","menu":true,"back":TEXTS,"bye":TEXTS,"words":[…],"steps":[STEP…]}; TEXTS is {"vi","en",…}, by language.
 * STEP: {"id","kind","text":TEXTS,"wrong":TEXTS,"next","when":[{"step","is","next"}],"topic"} and by kind
 *   choice  "options":[{"value":"1"–"9","label":text or TEXTS,"next","topic","language","words":[…]}]; 0 goes back
 *   text    what people say; least characters
 *   number  least, most        date  a day of the calendar        code  the digits of a case        hamlet  a unit by its name
 *   survey  the survey that still waits for this number's answer; text: where there is none
 *   end     the last screen; action: what is done (see enum menu_action)
 * Screens are one USSD string without accents, at their longest. A survey's file (script.h) is a dialogue too and is read here as it stands. */
#ifndef CAUNOI_CONFIG_MENU_H
#define CAUNOI_CONFIG_MENU_H

#include <jansson.h>
#include <stdbool.h>

#include "gateway/base/complaint.h"
#include "gateway/base/err.h"

#define MENU_STEPS_MAX 60
#define MENU_SCREEN_BYTES 512
#define MENU_SCREEN_CHARS 160 /* septets of one screen; networks carry 182 */

enum menu_action {
	ACTION_NONE,
	ACTION_CASE,	  /* the words of the last text step open a case; {code} */
	ACTION_SIGN_UP,	  /* the same as a wish to take part */
	ACTION_CALL_BACK, /* somebody shall call */
	ACTION_STATUS,	  /* of the case whose code was given: the screen is the answer */
	ACTION_OPT_OUT,
	ACTION_OPT_IN,
	ACTION_COUNT,
};
enum menu_kind { MENU_CHOICE, MENU_TEXT, MENU_NUMBER, MENU_DATE, MENU_CODE, MENU_HAMLET, MENU_SURVEY, MENU_END, MENU_YES_NO, MENU_KINDS };

/* Of a text; a menu or a survey. E_INVALID with *c: line, field, a sentence; also for an @include. *ret is the caller's. */
MUST_CHECK int menu_parse(const char *text, json_t **ret, struct complaint *c);
/* Of a file. E_NOT_FOUND, E_IO. */
MUST_CHECK int menu_read(const char *file, json_t **ret, struct complaint *c);
/* menus/NAME.conf where data files are looked for. E_NOT_FOUND. */
MUST_CHECK int menu_find(const char *config_file, const char *name, json_t **ret, struct complaint *c);

enum menu_kind menu_kind_of(const json_t *step);
enum menu_action menu_action_of(const json_t *step);
/* The text in that language, else in Vietnamese, else "". TEXTS may be a plain text. */
const char *menu_text(const json_t *texts, const char *language);
/* What a step shows, options and the way back behind its text; the values of {…} are left as they stand. */
void menu_screen(const json_t *menu, const json_t *step, const char *language, char ret[MENU_SCREEN_BYTES]);
/* The option of a choice, NULL where there is none; borrowed. */
const json_t *menu_option(const json_t *step, const char *value);

#endif
