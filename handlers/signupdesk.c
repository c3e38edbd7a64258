/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Verbs on sign-ups. Rows are signup.c's and enrolment.c's, texts the programme's. */
#include "handlers/signupdesk.h"

#include <stdio.h>
#include <string.h>

#include "config/config.h"
#include "gateway/address.h"
#include "gateway/audit.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/unit.h"
#include "handlers/signuplist.h"
#include "handlers/signuptalk.h"

#define WORKERS (R_(OPERATOR) | R_(REVIEWER))

static int absent(struct refusal *why)
{
	return refuse(why, E_NOT_FOUND, 404, "not_found", "id", "There is no such sign-up.");
}

/* The row that the argument "id" names, as the caller may know it. */
static int open_row(struct tick *t, const struct call *c, struct enrolment *ret, struct refusal *why)
{
	int r = enrolment_find(&t->in, json_str(c->args, "id", ""), ret);
	int held = r ? 0 : unit_is_held(&t->in, c->unit ? c->unit : "", ret->unit);
	if (held < 0)
		return held;
	return r == E_NOT_FOUND || (!r && !held) ? absent(why) : r;
}

static int check_move(const struct enrolment *e, enum enrolment_state to, struct refusal *why)
{
	if (enrolment_may_move(e->state, to))
		return 0;
	return refuse(why, E_REFUSED, 409, "signup_state", "", "A sign-up that is %s cannot become %s.", enrolment_state_name(e->state), enrolment_state_name(to));
}

static int done(struct tick *t, const struct call *c, const struct enrolment *e, const char *what, const char *words, json_t **ret)
{
	char subject[40];
	snprintf(subject, sizeof(subject), "signup:%lld", (long long)e->id);
	int r = enrolment_event(t, e->id, what, c->actor, words, 0, 0);
	r = r ? r : audit_put(t, c->actor, c->dotted, subject, words);
	return r ? r : signuplist_one(&t->in, e->id, c->unit, ret);
}

/* To the household, if it can be written to. */
static int tell(struct tick *t, const struct enrolment *e, enum programme_text which, const char *reason)
{
	char key[64], subject[40];
	struct case_person p = { 0 };
	int64_t message = 0;
	if (!e->address)
		return 0;
	int r = casefile_person(&t->in, e->address, &p);
	if (r)
		return r;
	snprintf(subject, sizeof(subject), "signup:%lld", (long long)e->id);
	snprintf(key, sizeof(key), "%s:%s:%lld", subject, enrolment_state_name(e->state), (long long)e->changed_at);
	struct reply_to to = { .address = e->address, .person = e->person, .channel = *e->channel ? e->channel : NULL, .language = reply_language(p.language), .subject = subject };
	OWN(mem) char *text = signuptalk_text(&t->in, e, which, to.language, reason, NULL);
	return text ? reply_put(t, &to, CLASS_SERVICE, key, text, &message) : E_NOMEM;
}

/* ---- writing one down ---- */

static int check_unit(struct tick *t, const struct call *c, const char *unit, struct refusal *why)
{
	int r = unit_check_said(&t->in, unit, "unit", why);
	int held = r || !*unit ? 1 : unit_is_held(&t->in, c->unit ? c->unit : "", unit);
	if (held < 0)
		return held;
	return r || held ? r : refuse(why, E_DENIED, 403, "territory", "unit", "That unit is not in your territory.");
}

static int find_address(struct tick *t, const struct call *c, struct signup_wish *w, struct refusal *why)
{
	const char *number = json_str(c->args, "number", "");
	struct phone phone;
	struct case_person p = { 0 };
	if (!*number)
		return 0;
	if (phone_parse(&t->in.config->plan, number, &phone, NULL))
		return refuse(why, E_INVALID, 422, "bad_number", "number", "That is no telephone number.");
	int r = address_put(t, &phone, &w->address);
	r = r ? r : casefile_person(&t->in, w->address, &p);
	w->person = p.id;
	return r;
}

/* What is missing is asked of whoever writes it down, and nothing is kept. */
static int check_whole(const struct signup_taken *taken, struct refusal *why)
{
	char names[200] = "";
	size_t n = 0, i;
	const json_t *choice;
	switch (taken->lack) {
	case SIGNUP_WHOLE:
	case SIGNUP_DECIDED:
		return 0;
	case SIGNUP_NOTHING:
	case SIGNUP_NO_HEAD:
		return refuse(why, E_INVALID, 422, "missing", "head", "No name of a head of household was understood.");
	case SIGNUP_NO_HAMLET:
		return refuse(why, E_INVALID, 422, "missing", "hamlet", "No hamlet was understood.");
	case SIGNUP_NO_SUCH_HAMLET:
		return refuse(why, E_INVALID, 422, "unknown_unit", "hamlet", "The commune's list has no hamlet of this name.");
	case SIGNUP_WHICH_HAMLET:
		break;
	}
	json_array_foreach(taken->choices, i, choice)
		n += n < sizeof(names) ? (size_t)snprintf(names + n, sizeof(names) - n, "%s%s %s", n ? ", " : "", json_str(choice, "code", ""), json_str(choice, "label", "")) : 0;
	return refuse(why, E_INVALID, 422, "ambiguous", "hamlet", "Several hamlets have this name; give its code as unit: %s.", names);
}

static const char *commune_of(const struct call *c)
{
	const char *said = json_str(c->args, "unit", "");
	return *said || !c->unit ? said : c->unit;
}

static int command_new(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	char words[300], key[64];
	struct signup_taken taken = { .lack = SIGNUP_NOTHING };
	struct signup_wish w = { .programme = signup_programme(&t->in, json_str(c->args, "programme", "")), .words = words, .unit = commune_of(c), .actor = c->actor };
	snprintf(words, sizeof(words), "%.140s, %.140s", json_str(c->args, "head", ""), json_str(c->args, "hamlet", ""));
	if (!w.programme)
		return refuse(why, E_INVALID, 422, "not_a_choice", "programme", "There is no programme of this name.");
	int r = check_unit(t, c, w.unit, why);
	r = r ? r : find_address(t, c, &w, why);
	r = r ? r : signup_take(t, &w, &taken);
	r = r ? r : check_whole(&taken, why);
	snprintf(key, sizeof(key), "signup:%lld:written:%lld", (long long)taken.e.id, (long long)t->in.now_ms);
	if (!r && w.address)
		r = signuptalk_tell(t, &(struct reply_to){ .address = w.address, .person = w.person }, &taken, key);
	r = r ? r : done(t, c, &taken.e, "written_down", json_str(c->args, "note", ""), ret);
	signup_taken_done(&taken);
	return r;
}

/* ---- correcting ---- */

static int correct(struct tick *t, const struct call *c, struct enrolment *e, struct refusal *why)
{
	const char *head = json_str(c->args, "head", NULL), *hamlet = json_str(c->args, "hamlet", NULL), *unit = json_str(c->args, "unit", "");
	struct signup_taken taken = { .lack = SIGNUP_WHOLE };
	int r = head ? signup_set_head(t, e, head, &taken) : 0;
	if (!r && head && taken.lack == SIGNUP_NO_HEAD)
		r = check_whole(&taken, why);
	signup_taken_done(&taken);
	taken = (struct signup_taken){ .lack = SIGNUP_WHOLE };
	if (!r && hamlet)
		r = signup_set_hamlet(t, e, hamlet, *unit ? unit : e->unit, false, &taken);
	r = r ? r : check_whole(&taken, why);
	signup_taken_done(&taken);
	return r ? r : enrolment_want_person(t, e->id, NULL);
}

static int command_set(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	struct enrolment e;
	char words[300];
	const char *head = json_str(c->args, "head", NULL), *hamlet = json_str(c->args, "hamlet", NULL);
	int r = open_row(t, c, &e, why);
	r = r ? r : check_unit(t, c, json_str(c->args, "unit", ""), why);
	if (!r && !head && !hamlet)
		r = refuse(why, E_INVALID, 422, "missing", "head", "Give a head or a hamlet.");
	if (!r && !enrolment_is_open(e.state))
		r = refuse(why, E_REFUSED, 409, "signup_state", "", "A sign-up that is %s is not changed any more.", enrolment_state_name(e.state));
	r = r ? r : correct(t, c, &e, why);
	snprintf(words, sizeof(words), "%.140s; %.140s", head ? head : "", hamlet ? hamlet : "");
	return r ? r : done(t, c, &e, "set", words, ret);
}

/* ---- visiting, deciding, ending ---- */

static int command_visit(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	struct enrolment e;
	int r = open_row(t, c, &e, why);
	r = r ? r : check_move(&e, ENROLMENT_VISITED, why);
	r = r ? r : enrolment_move(t, &e, ENROLMENT_VISITED);
	r = r ? r : enrolment_want_person(t, e.id, NULL);
	return r ? r : done(t, c, &e, "visited", json_str(c->args, "note", ""), ret);
}

static int command_decide(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	struct enrolment e;
	const char *reason = json_str(c->args, "reason", "");
	enum enrolment_state result = strcmp(json_str(c->args, "result", ""), "eligible") == 0 ? ENROLMENT_ELIGIBLE : ENROLMENT_NOT_ELIGIBLE;
	int r = open_row(t, c, &e, why);
	r = r ? r : check_move(&e, result, why);
	if (!r && result == ENROLMENT_NOT_ELIGIBLE && !*reason)
		r = refuse(why, E_INVALID, 422, "missing", "reason", "Say why not, in words that the household understands.");
	r = r ? r : enrolment_decide(t, &e, result, reason);
	r = r ? r : tell(t, &e, result == ENROLMENT_ELIGIBLE ? PROGRAMME_ELIGIBLE : PROGRAMME_NOT_ELIGIBLE, reason);
	r = r ? r : done(t, c, &e, enrolment_state_name(result), reason, ret);
	if (r || !e.address)
		return r;
	json_decref(*ret);
	*ret = NULL;
	r = enrolment_move(t, &e, ENROLMENT_NOTIFIED);
	r = r ? r : enrolment_event(t, e.id, "notified", "system", NULL, 0, 0);
	return r ? r : signuplist_one(&t->in, e.id, c->unit, ret);
}

static int end(struct tick *t, const struct call *c, enum enrolment_state to, struct enrolment *e, struct refusal *why)
{
	int r = open_row(t, c, e, why);
	r = r ? r : check_move(e, to, why);
	return r ? r : enrolment_move(t, e, to);
}

static int command_withdraw(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	struct enrolment e;
	int r = end(t, c, ENROLMENT_WITHDRAWN, &e, why);
	r = r ? r : tell(t, &e, PROGRAMME_WITHDRAWN, NULL);
	return r ? r : done(t, c, &e, "withdrawn", json_str(c->args, "reason", ""), ret);
}

static int command_close(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	struct enrolment e;
	int r = end(t, c, ENROLMENT_CLOSED, &e, why);
	return r ? r : done(t, c, &e, "closed", json_str(c->args, "note", ""), ret);
}

/* ---- rows ---- */

static const char *const results[] = { "eligible", "not_eligible", NULL };
#define ID_ARG \
	{ .name = "id", .type = ARG_TEXT, .rank = 1, .required = true, .min = 1, .max = 24, .help_en = "id or code, such as NT503172", .help_vi = "số hoặc mã, ví dụ NT503172" }
#define NOTE_ARG { .name = "note", .type = ARG_TEXT, .max = 1000, .otherwise = "", .help_en = "a note for the timeline", .help_vi = "ghi chú" }
#define UNIT_ARG \
	{ .name = "unit", .type = ARG_TEXT, .max = 15, .otherwise = "", .help_en = "code of the commune, or of the hamlet where several have its name", \
	  .help_vi = "mã xã, hoặc mã thôn khi trùng tên" }
static const struct verb_arg new_args[] = {
	{ .name = "programme", .type = ARG_NAME, .required = true, .help_en = "name of the programme, such as nha-tam", .help_vi = "tên chương trình, ví dụ nha-tam" },
	{ .name = "head", .type = ARG_TEXT, .required = true, .min = 1, .max = 90, .help_en = "head of the household", .help_vi = "chủ hộ" },
	{ .name = "hamlet", .type = ARG_TEXT, .required = true, .min = 1, .max = 70, .help_en = "hamlet", .help_vi = "thôn, bản" },
	UNIT_ARG,
	{ .name = "number", .type = ARG_PHONE, .help_en = "their telephone, if they have one: they get a receipt", .help_vi = "số điện thoại nếu có: sẽ nhận tin xác nhận" },
	NOTE_ARG,
};
static const struct verb_arg set_args[] = {
	ID_ARG,
	{ .name = "head", .type = ARG_TEXT, .min = 1, .max = 90, .help_en = "head of the household", .help_vi = "chủ hộ" },
	{ .name = "hamlet", .type = ARG_TEXT, .min = 1, .max = 70, .help_en = "hamlet", .help_vi = "thôn, bản" },
	UNIT_ARG,
};
static const struct verb_arg note_args[] = { ID_ARG, NOTE_ARG };
static const struct verb_arg decide_args[] = {
	ID_ARG,
	{ .name = "result", .type = ARG_TEXT, .required = true, .choices = results, .help_en = "what was decided", .help_vi = "kết quả" },
	{ .name = "reason", .type = ARG_TEXT, .max = 400, .otherwise = "", .help_en = "why, in plain words: it is texted", .help_vi = "lý do, dễ hiểu: sẽ gửi cho hộ" },
};
static const struct verb_arg withdraw_args[] = {
	ID_ARG,
	{ .name = "reason", .type = ARG_TEXT, .required = true, .min = 1, .max = 400, .help_en = "why", .help_vi = "lý do" },
};
#define ROW(verb_name, arguments, fn, en, vi) \
	{ .noun = "signup", .name = verb_name, .kind = VERB_COMMAND, .roles = WORKERS, VERB_ARGS(arguments), .help_en = en, .help_vi = vi, .command = fn }
static const struct verb verbs[] = {
	{ .noun = "signup", .name = "new", .kind = VERB_COMMAND, .roles = WORKERS, .creates = true, VERB_ARGS(new_args),
	  .help_en = "write down a household that sent no message; one that is there is updated", .help_vi = "ghi đăng ký thay cho hộ không nhắn tin; hộ đã có thì cập nhật",
	  .command = command_new },
	ROW("set", set_args, command_set, "correct the head or the hamlet", "sửa chủ hộ hoặc thôn"),
	ROW("visit", note_args, command_visit, "somebody came and looked", "đã đến xác minh"),
	ROW("decide", decide_args, command_decide, "the result, which is texted with its reason", "kết quả xét, gửi tin kèm lý do"),
	ROW("withdraw", withdraw_args, command_withdraw, "the household does not want it any more", "hộ rút đăng ký"),
	ROW("close", note_args, command_close, "nothing is left to do", "kết thúc"),
};
const struct verb_table signupdesk_verbs = VERB_TABLE(verbs);
