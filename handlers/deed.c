/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One row an action. Every one is a message of the inbox first. Called by conversation.c inside a tick. */
#include "handlers/deed.h"

#include <stdio.h>
#include <string.h>

#include "config/config.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/consent.h"
#include "gateway/inbox.h"
#include "handlers/feedback.h"
#include "handlers/signuptalk.h"
#include "handlers/status.h"
#include "handlers/unsubscribe.h"

#define CODE "{code}"

/* ---- the turn that an SMS would have had ---- */

static const char *label_of(const struct deed *d, const json_t *step)
{
	const char *value = json_str(json_object_get(d->place, "answers"), json_str(step, "id", ""), "");
	return menu_text(json_object_get(menu_option(step, value), "label"), "vi");
}

/* "Gia han BHYT / Can bo goi lai": the way that was taken, for whoever reads the case. */
static void way_of(const struct deed *d, char *ret, size_t room)
{
	size_t i, n = 0;
	const json_t *id;
	*ret = '\0';
	json_array_foreach(json_object_get(d->place, "path"), i, id) {
		const json_t *steps = json_object_get(d->menu, "steps"), *step;
		size_t k;
		json_array_foreach(steps, k, step)
			if (strcmp(json_str(step, "id", ""), json_string_value(id)) == 0 && *label_of(d, step) && n < room)
				n += (size_t)snprintf(ret + n, room - n, "%s%s", n ? " / " : "", label_of(d, step));
	}
}

/* What the inbox keeps as said. */
static int words_of(const struct deed *d, enum menu_action action, char **ret)
{
	char way[200];
	const char *text = dialogue_said(d->menu, d->place, MENU_TEXT), *code = dialogue_said(d->menu, d->place, MENU_CODE);
	way_of(d, way, sizeof(way));
	int n = 0;
	switch (action) {
	case ACTION_CASE:
		n = asprintf(ret, "%s", text);
		break;
	case ACTION_SIGN_UP:
		n = asprintf(ret, "DK %s", text);
		break;
	case ACTION_STATUS:
		n = asprintf(ret, "XEM %s", code);
		break;
	case ACTION_NONE:
	case ACTION_CALL_BACK:
	case ACTION_OPT_OUT:
	case ACTION_OPT_IN:
	case ACTION_COUNT:
		n = asprintf(ret, "%s", way);
		break;
	}
	return n < 0 ? E_NOMEM : 0;
}

int deed_open(struct tick *t, const struct deed *d, const char *text, struct inbound *in, struct handled *h, struct turn *turn)
{
	if (!t->in.keywords)
		return E_UNAVAILABLE;
	*in = (struct inbound){ .channel = d->channel, .address = d->address, .sender_kind = PHONE_MOBILE, .text = text, .received_at = t->in.now_ms };
	turn->in = in;
	turn->t = t;
	turn->ret = h;
	int r = inbox_put_spoken(t, d->channel, d->key, d->address, text, &in->id);
	r = r ? r : casefile_person(&t->in, d->address, &turn->person);
	r = r ? r : consent_scopes(&t->in, d->address, turn->off, sizeof(turn->off));
	turn->to = (struct reply_to){ .address = d->address, .person = turn->person.id, .language = reply_language(dialogue_language(d->place)) };
	return r;
}

/* ---- the last screen ---- */

static void fill(const struct deed *d, const char *code, char ret[MENU_SCREEN_BYTES])
{
	char plain[MENU_SCREEN_BYTES];
	dialogue_screen(d->menu, d->place, plain);
	const char *at = strstr(plain, CODE);
	snprintf(ret, MENU_SCREEN_BYTES, "%.*s%s%s", at ? (int)(at - plain) : (int)strlen(plain), plain, at ? code : "", at ? at + strlen(CODE) : "");
}

/* ---- actions ---- */

static void choose_topic(struct turn *turn, const struct deed *d)
{
	const struct topic *topic = keywords_topic(turn->t->in.keywords, json_str(d->place, "topic", turn->c.n_topics ? "" : "KHAC"));
	size_t at = 0;
	if (!topic)
		return;
	while (at < turn->c.n_topics && strcmp(turn->c.topics[at], topic->code) != 0)
		at++;
	if (at == turn->c.n_topics && turn->c.n_topics < SCORE_TOPICS_MAX)
		turn->c.n_topics++;
	at = at < SCORE_TOPICS_MAX ? at : SCORE_TOPICS_MAX - 1;
	memmove(turn->c.topics[1], turn->c.topics[0], at * sizeof(turn->c.topics[0]));
	snprintf(turn->c.topics[0], TOPIC_BYTES, "%s", topic->code);
	turn->c.restricted = turn->c.restricted || topic->restricted;
}

static int show_urgent(struct turn *turn)
{
	struct casefile c;
	int r = feedback_urgent(turn);
	r = r ? r : casefile_get(&turn->t->in, turn->ret->casefile, &c);
	OWN(mem) char *text = r ? NULL : reply_text(REPLY_URGENT, turn->to.language, &(struct reply_values){ .code = c.code });
	if (!r && text)
		snprintf(turn->screen, TURN_SCREEN_BYTES, "%s", text);
	return r ? r : text ? 0 : E_NOMEM;
}

/* Danger, refusals and requests about personal data are what they are by SMS; anything else is feedback. */
static int open_case(struct turn *turn, const struct deed *d)
{
	struct casefile c;
	choose_topic(turn, d);
	if (turn->c.kind == KIND_URGENT)
		return show_urgent(turn);
	if (turn->c.kind == KIND_OPTOUT)
		return unsubscribe_stop(turn);
	if (turn->c.kind == KIND_PRIVACY_REQUEST)
		return unsubscribe_privacy(turn);
	turn->c.kind = KIND_FEEDBACK;
	int r = feedback_open(turn, REPLY_RECEIPT, &c);
	return r || !turn->c.stop ? r : unsubscribe_scope(turn, turn->c.scope);
}

/* A wish: no word of it is an order, "Huy" is a name. */
static int open_wish(struct turn *turn, const struct deed *d)
{
	struct casefile c;
	turn->c.kind = KIND_KEYWORD;
	turn->c.nature = NATURE_QUESTION;
	choose_topic(turn, d);
	return feedback_open(turn, REPLY_RECEIPT, &c);
}

/* A household for the programme about the menu's topic; what is missing in the words is asked by SMS, whose answers have a week. E_NOT_FOUND:
 * no programme is. */
static int sign_up(struct turn *turn, const struct deed *d)
{
	static const char *const asked[LANGUAGE_COUNT] = { "Con thieu thong tin. Xin tra loi tin nhan vua gui toi may ong/ba.", "Something is missing. Please answer the message just sent to your phone." };
	struct signup_taken taken = { .lack = SIGNUP_NOTHING };
	const struct scope *in = &turn->t->in;
	const char *unit = turn->person.unit[0] ? turn->person.unit : in->config->organisation.unit;
	const struct signup_wish w = { .programme = signup_programme_of_topic(in, json_str(d->place, "topic", "")), .words = turn->in->text, .unit = unit,
				       .address = d->address, .person = turn->person.id, .inbound = turn->in->id, .channel = d->channel };
	char key[48];
	if (!w.programme)
		return E_NOT_FOUND;
	turn->c.kind = KIND_KEYWORD;
	choose_topic(turn, d);
	snprintf(key, sizeof(key), "inbound:%lld:signup", (long long)turn->in->id);
	int r = signup_take(turn->t, &w, &taken);
	r = r ? r : signuptalk_tell(turn->t, &turn->to, &taken, key);
	if (!r && turn->screen && taken.lack == SIGNUP_WHOLE)
		fill(d, taken.e.code, turn->screen);
	else if (!r && turn->screen)
		snprintf(turn->screen, TURN_SCREEN_BYTES, "%s", asked[turn->to.language]);
	turn_result(turn, "sign-up %s", *taken.e.code ? taken.e.code : "asked for");
	signup_taken_done(&taken);
	return r;
}

static int stop(struct turn *turn)
{
	turn->c.kind = KIND_OPTOUT;
	return unsubscribe_scope(turn, "campaign");
}

static int resume(struct turn *turn)
{
	turn->c.kind = KIND_OPTIN;
	snprintf(turn->c.scope, sizeof(turn->c.scope), "campaign");
	return unsubscribe_resume(turn);
}

static int tell_status(struct turn *turn, const struct deed *d)
{
	turn->c.kind = KIND_KEYWORD;
	snprintf(turn->c.code, sizeof(turn->c.code), "%.11s", dialogue_said(d->menu, d->place, MENU_CODE));
	turn->c.code_valid = true;
	return status_tell(turn);
}

static int act(struct turn *turn, const struct deed *d, enum menu_action action)
{
	struct context none = { .most = -1 };
	classified_done(&turn->c);
	turn->c = (struct classified){ 0 };
	int r = action == ACTION_CASE ? classify(turn->t->in.keywords, turn->in->text, &none, &turn->c) : 0;
	if (r)
		return r;
	switch (action) {
	case ACTION_CASE:
		return open_case(turn, d);
	case ACTION_SIGN_UP:
		r = sign_up(turn, d);
		return r == E_NOT_FOUND ? open_wish(turn, d) : r;
	case ACTION_CALL_BACK:
		return open_wish(turn, d);
	case ACTION_STATUS:
		return tell_status(turn, d);
	case ACTION_OPT_OUT:
		return stop(turn);
	case ACTION_OPT_IN:
		return resume(turn);
	case ACTION_NONE:
	case ACTION_COUNT:
		break;
	}
	return 0;
}

int deed_act(struct turn *turn, const struct deed *d)
{
	return act(turn, d, menu_action_of(dialogue_step(d->menu, d->place)));
}

int deed_close(struct turn *turn)
{
	struct handled *h = turn->ret;
	snprintf(h->kind, sizeof(h->kind), "%s", kind_name(turn->c.kind));
	snprintf(h->handled_by, sizeof(h->handled_by), "dialogue");
	if (!h->why[0])
		snprintf(h->why, sizeof(h->why), "%s", turn->c.why[0] ? turn->c.why : "chosen in a menu");
	classified_topics(&turn->c, h->topic, sizeof(h->topic));
	int r = inbox_handled(turn->t, turn->in->id, h);
	return r ? r : inbox_respond(turn->t, turn->in, h);
}

static int carry_out(struct tick *t, const struct deed *d, enum menu_action action, char *screen, struct handled *h)
{
	OWN(mem) char *text = NULL;
	struct inbound in = { 0 };
	/* a stop and a return are said by SMS as well: that is their proof */
	struct turn turn = { .screen = action == ACTION_OPT_OUT || action == ACTION_OPT_IN ? NULL : screen };
	int r = words_of(d, action, &text);
	if (r)
		return r;
	r = deed_open(t, d, text, &in, h, &turn);
	r = r ? r : act(&turn, d, action);
	r = r ? r : deed_close(&turn);
	classified_done(&turn.c);
	return r;
}

/* ---- all of it ---- */

void deed_rehearse(const struct deed *d, char ret[MENU_SCREEN_BYTES])
{
	fill(d, "PA000000", ret);
}

static int show_end(struct tick *t, const struct deed *d, int64_t casefile, char ret[MENU_SCREEN_BYTES])
{
	char code[CASE_CODE_BYTES] = "";
	struct casefile c;
	int r = casefile ? casefile_get(&t->in, casefile, &c) : 0;
	r = r || !casefile ? r : casefile_known_as(&t->in, &c, d->address, code);
	if (!r)
		fill(d, code, ret);
	return r;
}

int deed_do(struct tick *t, const struct deed *d, char ret[MENU_SCREEN_BYTES])
{
	const json_t *step = dialogue_step(d->menu, d->place);
	enum menu_action action = menu_action_of(step);
	struct handled h = { 0 };
	char said[TURN_SCREEN_BYTES] = "";
	int r = action ? carry_out(t, d, action, said, &h) : 0;
	if (!r && said[0])
		snprintf(ret, MENU_SCREEN_BYTES, "%s", said);
	return r || said[0] ? r : show_end(t, d, h.casefile, ret);
}

int deed_help(struct tick *t, const struct deed *d)
{
	bool said = false;
	struct reply_to to = { .address = d->address, .language = reply_language(dialogue_language(d->place)) };
	return reply_say(t, &to, d->key, REPLY_HELP, NULL, &said);
}

/* ---- words before a drop ---- */

/* Where the text step leads: does that end open a case? Words of other dialogues (a name) are no case by themselves. */
static bool leads_to_case(const json_t *menu, const json_t *place)
{
	const json_t *steps = json_object_get(menu, "steps"), *step;
	size_t i;
	json_array_foreach(steps, i, step)
		if (menu_action_of(step) == ACTION_CASE)
			return menu_kind_of(dialogue_step(menu, place)) != MENU_END;
	return false;
}

const char *deed_unsaved(const json_t *menu, const json_t *place)
{
	const char *text = dialogue_said(menu, place, MENU_TEXT);
	return *text && leads_to_case(menu, place) ? text : "";
}

int deed_save(struct tick *t, const struct deed *d)
{
	char screen[TURN_SCREEN_BYTES] = "";
	struct handled h = { 0 };
	return carry_out(t, d, ACTION_CASE, screen, &h);
}
