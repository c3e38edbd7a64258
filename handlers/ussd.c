/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions: begun, gone on with, repeated, resumed, lost. Called by the core for the web process and by the verb of the simulator. */
#include "handlers/ussd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/opaque.h"
#include "handlers/casefile.h"
#include "handlers/deed.h"
#include "handlers/dialogue.h"
#include "handlers/hamlets.h"
#include "handlers/quiz.h"
#include "handlers/reply.h"

#define LIVE_MS (INT64_C(10) * 60 * 1000)  /* no network keeps a session longer: then its id may come again */
#define AGAIN_MS (INT64_C(60) * 1000)	   /* an ended session's id that opens another one so soon is a repetition */
#define REPEAT_MS (INT64_C(4) * 1000)	   /* nobody reads a screen and types faster: the same input is the network's repetition */
#define KEPT_MS (INT64_C(24) * 3600000)
#define SWEEP_MS (INT64_C(60) * 1000)
#define SWEEP_ROWS 100

enum notice { NOTICE_RESUME, NOTICE_EXPIRED, NOTICE_LOST, NOTICE_COUNT };
static const char *const notices[NOTICE_COUNT][LANGUAGE_COUNT] = {
	[NOTICE_RESUME] = { "Phien truoc chua xong. 1=Tiep tuc 2=Lam lai tu dau", "Your last session was cut off. 1=Go on 2=Begin again" },
	[NOTICE_EXPIRED] = { "Phien nay khong con hieu luc. Xin goi lai.", "This session is over. Please dial again." },
	[NOTICE_LOST] = { "Chua hieu lua chon. Huong dan duoc gui qua tin nhan.", "Not understood. Help is sent as a message." },
};

/* One input with what it meets. */
struct session {
	struct tick *t;
	const struct ussd_step *s;
	const json_t *menu;
	struct conversation row;
	char name[OPAQUE_BYTES]; /* the network's id as it is kept */
};

static int say(struct ussd_answer *ret, enum notice w, const char *language, bool more)
{
	snprintf(ret->text, sizeof(ret->text), "%s", notices[w][reply_language(language)]);
	ret->more = more;
	return 0;
}

/* Said without a trace. */
static int expired(struct ussd_answer *ret)
{
	return say(ret, NOTICE_EXPIRED, NULL, false);
}

/* ---- the menu ---- */

/* The configuration has those of its doors; others are read. */
static int find_menu(const struct config *cfg, const char *name, json_t **ret)
{
	struct complaint c = { 0 };
	*ret = json_incref(json_object_get(cfg->menus, name));
	int r = *ret ? 0 : menu_find(cfg->file, name, ret, &c);
	return r == E_INVALID ? E_NOT_FOUND : r;
}

/* ---- what was heard ---- */

/* The input so that it can be told from the next one. */
static int heard_as(const struct ussd_step *s, char **ret)
{
	int n = s->sequence >= 0 ? asprintf(ret, "#%lld", (long long)s->sequence) : asprintf(ret, "%c%s", !s->cumulative && s->first ? '^' : '=', s->first && !s->cumulative ? "" : s->input);
	return n < 0 ? E_NOMEM : 0;
}

/* Asked again, not gone on. */
static bool is_repeated(const struct session *v, const char *heard)
{
	const struct ussd_step *s = v->s;
	if (s->once || strcmp(v->row.heard, heard) != 0)
		return false;
	bool told_apart = s->cumulative || s->sequence >= 0 || heard[0] == '^' || !v->row.open;
	bool missed = json_flag(v->row.place, "missed", false);
	return told_apart || (!missed && v->t->in.now_ms - v->row.changed_at < REPEAT_MS);
}

/* What is new in this input; NULL: it does not follow what came before. */
static const char *news_of(const struct session *v)
{
	const struct ussd_step *s = v->s;
	const char *before = v->row.heard[0] ? v->row.heard + 1 : "";
	size_t n = strlen(before);
	if (s->sequence >= 0)
		return v->row.heard[0] == '#' && s->sequence <= strtoll(before, NULL, 10) ? NULL : s->input;
	if (!s->cumulative)
		return s->first ? NULL : s->input;
	if (strncmp(s->input, before, n) != 0)
		return NULL;
	return !n ? s->input : s->input[n] == '*' ? s->input + n + 1 : NULL;
}

/* ---- going on ---- */

static int hear(struct session *v)
{
	char *heard = NULL;
	int r = heard_as(v->s, &heard);
	if (r)
		return r;
	free(v->row.heard);
	v->row.heard = heard;
	return 0;
}

struct names {
	char key[48], channel[CONVERSATION_NAME_BYTES + 8];
};

static struct deed deed_of(const struct session *v, struct names *names)
{
	snprintf(names->key, sizeof(names->key), "conversation:%lld", (long long)v->row.id);
	snprintf(names->channel, sizeof(names->channel), "ussd:%s", v->row.door);
	return (struct deed){ .address = v->row.address, .channel = names->channel, .key = names->key, .menu = v->menu, .place = v->row.place };
}

static int answer(struct session *v, enum dialogue_outcome outcome, struct ussd_answer *ret)
{
	struct names names;
	const char *language = dialogue_language(v->row.place);
	struct deed d = deed_of(v, &names);
	ret->more = outcome == DIALOGUE_ASKS;
	switch (outcome) {
	case DIALOGUE_ASKS:
		dialogue_screen(v->menu, v->row.place, ret->text);
		return 0;
	case DIALOGUE_SURVEY:
		dialogue_screen(v->menu, v->row.place, ret->text);
		return d.address ? quiz_show(v->t, &d, ret->text, &ret->more) : 0;
	case DIALOGUE_ENDS:
		if (d.address)
			return deed_do(v->t, &d, ret->text);
		deed_rehearse(&d, ret->text);
		return 0;
	case DIALOGUE_LEFT:
		snprintf(ret->text, sizeof(ret->text), "%s", menu_text(json_object_get(v->menu, "bye"), language));
		return 0;
	case DIALOGUE_LOST:
		say(ret, NOTICE_LOST, language, false);
		return d.address ? deed_help(v->t, &d) : 0;
	}
	return E_CORRUPT;
}

/* The row as it is now; the answer is the last thing it keeps. */
static int keep(struct session *v, const struct ussd_answer *a)
{
	snprintf(v->row.said, sizeof(v->row.said), "%s", a->text);
	v->row.more = v->row.open = a->more;
	v->row.until_at = v->t->in.now_ms + USSD_RESUME_MS;
	int r = hear(v);
	return r ? r : conversation_keep(v->t, &v->row);
}

static int begin_again(struct session *v, struct ussd_answer *ret)
{
	json_t *place = NULL;
	int r = dialogue_begin(v->menu, dialogue_language(v->row.place), &place);
	if (r)
		return r;
	json_decref(v->row.place);
	v->row.place = place;
	return answer(v, DIALOGUE_ASKS, ret);
}

/* ---- the session before, cut off ---- */

static int64_t left_before(const struct session *v)
{
	return json_int(v->row.place, "left", 0);
}

/* 1: where it was left, with the language of then. */
static int take_over(struct session *v, struct ussd_answer *ret)
{
	struct conversation before = { 0 };
	int r = conversation_get(&v->t->in, left_before(v), &before);
	if (r)
		return r == E_NOT_FOUND ? begin_again(v, ret) : r;
	json_t *place = v->row.place;
	v->row.place = before.place;
	before.place = place;
	json_object_del(v->row.place, "missed");
	r = conversation_close(v->t, before.id);
	conversation_done(&before);
	const json_t *step = r ? NULL : dialogue_step(v->menu, v->row.place);
	if (r || !step)
		return r ? r : begin_again(v, ret);
	return answer(v, menu_kind_of(step) == MENU_SURVEY ? DIALOGUE_SURVEY : DIALOGUE_ASKS, ret);
}

static int take_offer(struct session *v, const char *input, struct ussd_answer *ret)
{
	int64_t before = left_before(v);
	if (strcmp(input, "1") == 0)
		return take_over(v, ret);
	if (strcmp(input, "2") == 0) {
		int r = conversation_close(v->t, before);
		return r ? r : begin_again(v, ret);
	}
	if (json_flag(v->row.place, "missed", false))
		return answer(v, DIALOGUE_LOST, ret);
	if (json_object_set_new(v->row.place, "missed", json_true()))
		return E_NOMEM;
	return say(ret, NOTICE_RESUME, dialogue_language(v->row.place), true);
}

static int find_hamlets(void *self, const char *name, json_t *list)
{
	const struct session *v = self;
	return hamlets_choices(&v->t->in, v->row.address, name, list);
}

/* Inside a survey: what is no answer to it, or 0, is the menu's. */
static int take_quiz(struct session *v, const char *input, struct ussd_answer *ret, bool *ret_read)
{
	struct names names;
	struct deed d = deed_of(v, &names);
	int r = quiz_take(v->t, &d, input, ret->text, ret_read, &ret->more);
	if (!r && *ret_read)
		json_object_del(v->row.place, "missed");
	return r;
}

static int go_on(struct session *v, const char *input, struct ussd_answer *ret)
{
	enum dialogue_outcome outcome = DIALOGUE_ASKS;
	bool read = false;
	if (left_before(v))
		return take_offer(v, input, ret);
	if (menu_kind_of(dialogue_step(v->menu, v->row.place)) == MENU_SURVEY) {
		int q = take_quiz(v, input, ret, &read);
		if (q || read)
			return q;
	}
	struct dialogue_world world = { .hamlets = find_hamlets, .self = v };
	int r = dialogue_take(v->menu, &world, input, v->row.place, &outcome);
	if (r == E_CORRUPT) /* the menu was changed meanwhile */
		return begin_again(v, ret);
	return r ? r : answer(v, outcome, ret);
}

/* ---- a session begins ---- */

/* The one that may be gone on with: *ret_left its id, 0 none. What nobody said anything in is closed, and so is an offer that was not taken. */
static int find_left(struct session *v, int64_t *ret_left)
{
	struct conversation before = { 0 };
	*ret_left = 0;
	if (!v->s->address)
		return 0;
	int r = conversation_left(&v->t->in, v->s->menu, v->s->address, &before);
	if (r)
		return r == E_NOT_FOUND ? 0 : r;
	int64_t offered = json_int(before.place, "left", 0);
	*ret_left = dialogue_begun(before.place) ? before.id : offered;
	if (*ret_left != before.id)
		r = conversation_close(v->t, before.id);
	conversation_done(&before);
	return r;
}

static int first_place(struct session *v, struct ussd_answer *ret)
{
	int64_t left = 0;
	struct case_person person = { 0 };
	int r = v->s->address ? casefile_person(&v->t->in, v->s->address, &person) : 0;
	r = r ? r : dialogue_begin(v->menu, person.language[0] ? person.language : "vi", &v->row.place);
	r = r ? r : find_left(v, &left);
	if (!r && left && json_set_int(v->row.place, "left", left))
		r = E_NOMEM;
	if (r)
		return r;
	return left ? say(ret, NOTICE_RESUME, dialogue_language(v->row.place), true) : answer(v, DIALOGUE_ASKS, ret);
}

static int begin(struct session *v, struct ussd_answer *ret)
{
	const struct ussd_step *s = v->s;
	if (s->says_first && !s->first)
		return expired(ret);
	struct conversation *row = &v->row;
	*row = (struct conversation){ .address = s->address, .open = true };
	snprintf(row->door, sizeof(row->door), "%s", s->door);
	snprintf(row->menu, sizeof(row->menu), "%s", s->menu);
	int r = first_place(v, ret);
	/* somebody dialled on into the menu: its first screen is all they get for that */
	if (!r && s->cumulative && *s->input && json_object_set_new(row->place, "missed", json_true()))
		r = E_NOMEM;
	r = r ? r : hear(v);
	if (r)
		return r;
	snprintf(row->said, sizeof(row->said), "%s", ret->text);
	row->more = ret->more;
	row->until_at = v->t->in.now_ms + USSD_RESUME_MS;
	return conversation_put(v->t, row, v->name);
}

/* ---- one input ---- */

static int known(struct session *v, struct ussd_answer *ret)
{
	const struct ussd_step *s = v->s;
	OWN(mem) char *heard = NULL;
	int r = heard_as(s, &heard);
	if (r)
		return r;
	if (v->row.address != s->address)
		return expired(ret);
	if (is_repeated(v, heard)) {
		snprintf(ret->text, sizeof(ret->text), "%s", v->row.said);
		ret->more = v->row.more;
		return 0;
	}
	const char *input = news_of(v);
	if (!v->row.open || !input)
		return expired(ret);
	r = go_on(v, input, ret);
	return r ? r : keep(v, ret);
}

/* Long ago, or ended before another begins: the network uses its ids again. */
static bool is_stale(const struct session *v)
{
	int64_t age_ms = v->t->in.now_ms - v->row.changed_at;
	bool first = v->s->says_first ? v->s->first : !*v->s->input;
	return age_ms > LIVE_MS || (!v->row.open && first && age_ms > AGAIN_MS);
}

int ussd_take(struct tick *t, const struct ussd_step *s, struct ussd_answer *ret)
{
	OWN(json) json_t *menu = NULL;
	struct session v = { .t = t, .s = s };
	char room[OPAQUE_BYTES];
	if (strlen(s->input) > USSD_INPUT_BYTES)
		return expired(ret);
	snprintf(v.name, sizeof(v.name), "%s", opaque_id(s->session, room));
	int r = find_menu(t->in.config, s->menu, &menu);
	v.menu = menu;
	if (r)
		return r;
	r = conversation_find(&t->in, s->door, v.name, &v.row);
	if (r && r != E_NOT_FOUND)
		return r;
	bool fresh = r == E_NOT_FOUND || is_stale(&v);
	if (fresh)
		conversation_done(&v.row);
	r = fresh ? begin(&v, ret) : known(&v, ret);
	conversation_done(&v.row);
	return r;
}

/* ---- what was left ---- */

static int save_one(struct tick *t, int64_t id)
{
	struct session v = { .t = t };
	OWN(json) json_t *menu = NULL;
	struct names names;
	int r = conversation_get(&t->in, id, &v.row);
	if (r == E_CORRUPT) /* nobody can go on with it either */
		return conversation_close(t, id);
	if (r)
		return r == E_NOT_FOUND ? 0 : r;
	if (v.row.address && !find_menu(t->in.config, v.row.menu, &menu)) {
		v.menu = menu;
		struct deed d = deed_of(&v, &names);
		r = *deed_unsaved(menu, v.row.place) ? deed_save(t, &d) : 0;
	}
	r = r ? r : conversation_close(t, id);
	conversation_done(&v.row);
	return r;
}

static int sweep(struct tick *t, int64_t *ret_due_at)
{
	int64_t ids[SWEEP_ROWS], gone = 0, now = t->in.now_ms;
	int n = conversation_forsaken(&t->in, SWEEP_ROWS, ids), r = n < 0 ? n : 0;
	for (int i = 0; !r && i < n; i++)
		r = save_one(t, ids[i]);
	r = r ? r : conversation_forget(t, now - KEPT_MS, SWEEP_ROWS, &gone);
	*ret_due_at = n == SWEEP_ROWS || gone == SWEEP_ROWS ? now : now + SWEEP_MS;
	return r;
}

const struct duty ussd_duty = { .name = "ussd", .run = sweep };
