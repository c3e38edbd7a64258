/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The conversation about a sign-up. Called by keyword.c, survey.c and status.c; rows are signup.c's. */
#include "handlers/signuptalk.h"

#include <ctype.h>
#include <string.h>

#include "gateway/base/buffer.h"
#include "gateway/base/calendar.h"
#include "gateway/base/fold.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"
#include "handlers/keywords.h"

#define INVITED_MS (INT64_C(30) * 24 * 60 * 60 * 1000)
#define ASKED_MS (INT64_C(7) * 24 * 60 * 60 * 1000)
#define SIGNUP "signup:"

enum { SIGNUPTALK_CARRIED, SIGNUPTALK_SQL_COUNT };
static const char *const signuptalk_sql[SIGNUPTALK_SQL_COUNT] = {
	[SIGNUPTALK_CARRIED] = "SELECT c.signup FROM message m JOIN campaign c ON c.flow = m.flow WHERE m.address = $address AND m.claimed_at > $since"
			       " AND c.signup IS NOT NULL ORDER BY m.claimed_at DESC NULLS LAST LIMIT 1",
};
const struct sql_module signuptalk_module = { "signuptalk", signuptalk_sql, SIGNUPTALK_SQL_COUNT };

/* ---- which programme ---- */

static bool may_sign_up(const char *text)
{
	while (*text && !isalpha((unsigned char)*text) && (unsigned char)*text < 0x80)
		text++;
	return *text == 'd' || *text == 'D' || (unsigned char)*text >= 0x80;
}

static bool is_asked(const struct scope *in, const struct inbound *said)
{
	return in->keywords && json_object_size(in->keywords->programmes) && may_sign_up(said->text);
}

static struct statement *bind_carried(const struct scope *in, const struct inbound *said)
{
	struct statement *st = store_prepare(in->db, &signuptalk_module, SIGNUPTALK_CARRIED);
	bind_int(st, "$address", said->address);
	bind_int(st, "$since", said->received_at - INVITED_MS);
	return st;
}

void signuptalk_ahead(const struct scope *in, const struct inbound *said)
{
	if (is_asked(in, said))
		store_ahead(bind_carried(in, said));
}

int signuptalk_invited(struct turn *turn, const json_t **ret)
{
	const struct scope *in = &turn->t->in;
	if (!is_asked(in, turn->in))
		return 0;
	struct statement *st = bind_carried(in, turn->in);
	int r = store_row(st);
	const json_t *carried = r > 0 ? signup_programme(in, column_text(st, 0)) : NULL;
	store_reset(st);
	if (r >= 0)
		*ret = carried ? carried : signup_programme_of_topic(in, turn->context.topic);
	return r < 0 ? r : 0;
}

/* ---- texts ---- */

/* As it stands in an SMS: without accents, at most so many characters. */
static void shorten(const char *text, size_t chars, char *out, size_t room)
{
	OWN(mem) char *plain = fold_plain(text);
	snprintf(out, room, "%.*s", (int)chars, plain ? plain : "");
}

char *signuptalk_text(const struct scope *in, const struct enrolment *e, enum programme_text which, enum language language, const char *reason,
		      const char *choices)
{
	char head[PROGRAMME_HEAD_CHARS + 1], hamlet[PROGRAMME_HAMLET_CHARS + 1], days[16], since[16];
	const json_t *programme = signup_programme(in, e->programme);
	struct calendar at = calendar_local(in->zone, e->changed_at);
	enum enrolment_state shown = e->state;
	shorten(e->head, PROGRAMME_HEAD_CHARS, head, sizeof(head));
	shorten(e->hamlet, PROGRAMME_HAMLET_CHARS, hamlet, sizeof(hamlet));
	hamlet[0] = (char)tolower((unsigned char)hamlet[0]);
	snprintf(days, sizeof(days), "%d", (int)json_int(programme, "visit_days", 7));
	snprintf(since, sizeof(since), "%02d/%02d", at.day % 100, at.month % 100);
	if ((e->state == ENROLMENT_NOTIFIED || e->state == ENROLMENT_CLOSED) && *e->result && enrolment_state_parse(e->result, &shown))
		return NULL;
	OWN(mem) char *plain = reason ? fold_plain(reason) : NULL;
	const struct programme_values v = { .head = head, .hamlet = hamlet, .code = e->code, .digits = *e->code ? e->code + 2 : "", .days = days,
					    .state = enrolment_state_words(shown), .since = since, .reason = plain, .choices = choices };
	return programme_text(programme, which, language == LANGUAGE_EN ? "en" : "vi", &v);
}

/* "1=Na Lang 2=Na Lau" as far as one SMS holds them. */
static int choices_text(const json_t *choices, char out[PROGRAMME_CHOICES_CHARS + 1])
{
	size_t n = 0, i;
	const json_t *choice;
	out[0] = '\0';
	json_array_foreach(choices, i, choice) {
		OWN(mem) char *plain = fold_plain(json_str(choice, "label", ""));
		if (!plain)
			return E_NOMEM;
		size_t more = strlen(plain) + 3;
		if (n + more > PROGRAMME_CHOICES_CHARS)
			break;
		n += (size_t)snprintf(out + n, PROGRAMME_CHOICES_CHARS + 1 - n, "%s%s=%s", n ? " " : "", json_str(choice, "value", ""), plain);
	}
	return 0;
}

/* ---- questions ---- */

struct ask {
	enum programme_text text;
	const char *kind, *about; /* about: what the question's subject says behind the row's id; NULL asks nothing */
	const json_t *options;
};

static json_t *yes_or_no(void)
{
	return json_pack("[{s:s,s:s,s:[s,s,s,s,s,s,s,s]},{s:s,s:s,s:[s,s,s,s,s,s]}]", "value", "1", "label", "đúng", "words", "dung roi", "chinh xac", "phai", "ok",
			 "vang", "co", "duoc", "dong y", "value", "2", "label", "sai", "words", "khong dung", "khong phai", "sai roi", "nham", "khong", "ko");
}

static json_t *what_is_wrong(void)
{
	return json_pack("[{s:s,s:s,s:[s,s,s]},{s:s,s:s,s:[s,s,s]},{s:s,s:s,s:[s]}]", "value", "1", "label", "tên chủ hộ", "words", "chu ho", "ho ten", "ten", "value", "2",
			 "label", "tên thôn", "words", "thon", "ban", "xom", "value", "0", "label", "gặp cán bộ", "words", "can bo");
}

/* What was asked about a sign-up before is over. */
static int drop_asked(struct tick *t, int64_t address)
{
	struct question q = { 0 };
	int r = question_open(&t->in, address, &q);
	if (!r && signuptalk_asked(&q))
		r = question_close(t, q.id, "dropped", NULL);
	question_done(&q);
	return r == E_NOT_FOUND ? 0 : r;
}

/* fresh: not when the same words left within ten minutes. */
static int say(struct tick *t, const struct reply_to *to, const struct enrolment *e, const struct ask *a, const char *choices, const char *key, bool fresh)
{
	char subject[48];
	int64_t id = 0, message = 0;
	struct reply_to about = *to;
	OWN(mem) char *text = signuptalk_text(&t->in, e, a->text, to->language, NULL, choices);
	if (!text)
		return E_NOMEM;
	int r = drop_asked(t, to->address);
	if (!r && a->about) {
		snprintf(subject, sizeof(subject), SIGNUP "%lld:%s", (long long)e->id, a->about);
		r = question_ask(t, to->address, a->kind, a->options, subject, json_str(signup_programme(&t->in, e->programme), "topic", NULL),
				 t->in.now_ms + ASKED_MS, &id);
	}
	snprintf(subject, sizeof(subject), SIGNUP "%lld", (long long)e->id);
	about.subject = e->id ? subject : NULL;
	if (r)
		return r;
	return fresh ? reply_put_fresh(t, &about, CLASS_SERVICE, key, text, &message) : reply_put(t, &about, CLASS_SERVICE, key, text, &message);
}

int signuptalk_tell(struct tick *t, const struct reply_to *to, const struct signup_taken *taken, const char *key)
{
	static const struct ask asks[] = {
		[SIGNUP_WHOLE] = { PROGRAMME_RECEIPT, "choice", "confirm", NULL },
		[SIGNUP_NOTHING] = { PROGRAMME_INVITE, NULL, NULL, NULL },
		[SIGNUP_NO_HEAD] = { PROGRAMME_ASK_HEAD, "name", "head", NULL },
		[SIGNUP_NO_HAMLET] = { PROGRAMME_ASK_HAMLET, "name", "hamlet", NULL },
		[SIGNUP_NO_SUCH_HAMLET] = { PROGRAMME_ASK_AGAIN, "name", "hamlet-again", NULL },
		[SIGNUP_WHICH_HAMLET] = { PROGRAMME_ASK_WHICH, "choice", "which", NULL },
		[SIGNUP_DECIDED] = { PROGRAMME_STATUS, NULL, NULL, NULL },
	};
	char choices[PROGRAMME_CHOICES_CHARS + 1] = "";
	OWN(json) json_t *options = taken->lack == SIGNUP_WHOLE ? yes_or_no() : json_deep_copy(taken->choices);
	struct ask a = asks[taken->lack];
	if (taken->e.address && taken->e.address != to->address) /* another telephone of the same household, or not */
		a = (struct ask){ PROGRAMME_STATUS_OTHER, NULL, NULL, NULL };
	else if (taken->lack == SIGNUP_WHICH_HAMLET && json_array_append_new(options, json_pack("{s:s,s:s}", "value", "0", "label", "thôn khác")))
		return E_NOMEM;
	a.options = options;
	int r = choices_text(taken->choices, choices);
	return r ? r : say(t, to, &taken->e, &a, choices, key, !taken->answers);
}

/* ---- DK ---- */

static int tell(struct turn *turn, const struct signup_taken *taken)
{
	char key[48];
	snprintf(key, sizeof(key), "inbound:%lld:signup", (long long)turn->in->id);
	turn_result(turn, "sign-up %s%s", *taken->e.code ? taken->e.code : "asked for", taken->again ? ", again" : "");
	return signuptalk_tell(turn->t, &turn->to, taken, key);
}

static const json_t *programme_of(const struct turn *turn)
{
	const char *topic = turn->c.n_topics ? turn->c.topics[0] : "";
	const json_t *invited = turn->programme;
	if (turn->c.topical) /* "DK NHAO": to be called about it, unless it is just what one was invited to */
		return invited && strcmp(json_str(invited, "topic", ""), topic) == 0 ? invited : NULL;
	return invited ? invited : signup_programme_of_topic(&turn->t->in, topic);
}

int signuptalk_take(struct turn *turn)
{
	struct signup_taken taken = { .lack = SIGNUP_NOTHING };
	const struct signup_wish w = { .programme = programme_of(turn), .words = turn->in->text, .unit = turn->person.unit, .address = turn->in->address,
				       .person = turn->person.id, .inbound = turn->in->id, .channel = turn->in->channel, .actor = turn->actor };
	if (!w.programme)
		return E_NOT_FOUND;
	int r = signup_take(turn->t, &w, &taken);
	r = r ? r : tell(turn, &taken);
	signup_taken_done(&taken);
	return r;
}

/* ---- answers ---- */

bool signuptalk_asked(const struct question *q)
{
	return strncmp(q->subject, SIGNUP, strlen(SIGNUP)) == 0;
}

static int to_person(struct turn *turn, const struct enrolment *e, const char *why)
{
	char key[48];
	snprintf(key, sizeof(key), "inbound:%lld:signup", (long long)turn->in->id);
	turn_result(turn, "sign-up %s to a person", e->code);
	int r = enrolment_want_person(turn->t, e->id, why);
	r = r ? r : enrolment_event(turn->t, e->id, "to_person", "person", turn->in->text, 0, turn->in->id);
	return r ? r : say(turn->t, &turn->to, e, &(struct ask){ .text = PROGRAMME_TO_PERSON }, "", key, false);
}

static int confirm(struct turn *turn, struct enrolment *e)
{
	char key[48];
	snprintf(key, sizeof(key), "inbound:%lld:signup", (long long)turn->in->id);
	int r = enrolment_event(turn->t, e->id, "confirmed", "person", NULL, 0, turn->in->id);
	if (!r && e->state == ENROLMENT_RECEIVED)
		r = enrolment_move(turn->t, e, ENROLMENT_CONFIRMED);
	turn_result(turn, "sign-up %s confirmed", e->code);
	return r ? r : say(turn->t, &turn->to, e, &(struct ask){ .text = PROGRAMME_CONFIRMED }, "", key, false);
}

static int ask_wrong(struct turn *turn, const struct enrolment *e)
{
	char key[48];
	OWN(json) json_t *options = what_is_wrong();
	const struct ask a = { PROGRAMME_ASK_WRONG, "choice", "wrong", options };
	snprintf(key, sizeof(key), "inbound:%lld:signup", (long long)turn->in->id);
	turn_result(turn, "sign-up %s is wrong", e->code);
	int r = options ? enrolment_event(turn->t, e->id, "wrong", "person", turn->in->text, 0, turn->in->id) : E_NOMEM;
	return r ? r : say(turn->t, &turn->to, e, &a, "", key, false);
}

static int told(struct turn *turn, int r, struct signup_taken *taken);

/* "2 thon na lau": the hamlet that is right, where it is told at once. *ret false: nothing was done. */
static int right_hamlet(struct turn *turn, struct enrolment *e, bool *ret)
{
	struct signup_taken taken = { .e = *e };
	const char *at = turn->c.folded;
	while (at && !hamlet_kind_bytes(at)) {
		at = strchr(at, ' ');
		at += at != NULL;
	}
	if (!at)
		return 0;
	int r = signup_set_hamlet(turn->t, e, at, turn->person.unit, false, &taken);
	*ret = !r && taken.lack == SIGNUP_WHOLE;
	if (*ret)
		return told(turn, 0, &taken);
	signup_taken_done(&taken);
	return r;
}

static int correct(struct turn *turn, struct enrolment *e)
{
	bool done = false;
	int r = right_hamlet(turn, e, &done);
	return r || done ? r : ask_wrong(turn, e);
}

static int ask_for(struct turn *turn, const struct enrolment *e, enum signup_lack lack)
{
	return tell(turn, &(struct signup_taken){ .e = *e, .lack = lack, .answers = true });
}

static int wrong(struct turn *turn, const struct enrolment *e)
{
	switch (turn->c.answer[0]) {
	case '1':
		return ask_for(turn, e, SIGNUP_NO_HEAD);
	case '2':
		return ask_for(turn, e, SIGNUP_NO_HAMLET);
	}
	return to_person(turn, e, "asked for");
}

/* The row and what was said of it, told. */
static int told(struct turn *turn, int r, struct signup_taken *taken)
{
	taken->answers = true;
	r = r ? r : enrolment_event(turn->t, taken->e.id, "answered", "person", turn->in->text, 0, turn->in->id);
	r = r ? r : tell(turn, taken);
	signup_taken_done(taken);
	return r;
}

static int head(struct turn *turn, struct enrolment *e)
{
	struct signup_taken taken = { .e = *e };
	return told(turn, signup_set_head(turn->t, e, turn->in->text, &taken), &taken);
}

/* Asked a second time, it is taken as it is written, and somebody looks. */
static int hamlet(struct turn *turn, struct enrolment *e, bool again)
{
	struct signup_taken taken = { .e = *e };
	int r = signup_set_hamlet(turn->t, e, turn->in->text, turn->person.unit, again, &taken);
	if (!r && again && (taken.lack == SIGNUP_NO_HAMLET || taken.lack == SIGNUP_NO_SUCH_HAMLET)) {
		signup_taken_done(&taken);
		return to_person(turn, e, "hamlet not understood");
	}
	if (!r && again && taken.lack == SIGNUP_WHOLE)
		r = enrolment_want_person(turn->t, taken.e.id, "hamlet not in the list");
	return told(turn, r, &taken);
}

static int which(struct turn *turn, struct enrolment *e)
{
	size_t i;
	const json_t *option;
	const char *code = NULL;
	struct signup_taken taken = { .e = *e };
	json_array_foreach(turn->question.options, i, option)
		if (strcmp(json_str(option, "value", ""), turn->c.answer) == 0)
			code = json_str(option, "code", NULL);
	if (!code)
		return ask_for(turn, e, SIGNUP_NO_HAMLET);
	int r = signup_choose_hamlet(turn->t, e, code, &taken);
	return r == E_NOT_FOUND ? to_person(turn, e, "hamlet dissolved meanwhile") : told(turn, r, &taken);
}

int signuptalk_answer(struct turn *turn)
{
	struct enrolment e;
	char about[16] = "";
	long long id = 0;
	if (sscanf(turn->question.subject, SIGNUP "%lld:%15s", &id, about) != 2)
		return E_CORRUPT;
	int r = enrolment_get(&turn->t->in, id, &e);
	if (r)
		return r == E_NOT_FOUND ? E_CORRUPT : r;
	bool named = strcmp(about, "head") == 0 || strncmp(about, "hamlet", 6) == 0;
	if (named && strcmp(turn->c.folded, "0") == 0)
		return to_person(turn, &e, "asked for");
	if (!enrolment_is_open(e.state))
		return ask_for(turn, &e, SIGNUP_DECIDED);
	if (strcmp(about, "confirm") == 0)
		return strcmp(turn->c.answer, "1") == 0 ? confirm(turn, &e) : correct(turn, &e);
	if (strcmp(about, "wrong") == 0)
		return wrong(turn, &e);
	if (strcmp(about, "which") == 0)
		return which(turn, &e);
	return strcmp(about, "head") == 0 ? head(turn, &e) : hamlet(turn, &e, strcmp(about, "hamlet-again") == 0);
}

/* ---- how far it is ---- */

int signuptalk_status(struct turn *turn)
{
	struct enrolment e;
	char key[48];
	bool named = turn->c.code[0] != '\0';
	int r = named ? enrolment_by_digits(&turn->t->in, turn->c.code, &e) : enrolment_of_address(&turn->t->in, turn->in->address, &e);
	if (r)
		return r;
	bool own = e.address == turn->in->address;
	snprintf(key, sizeof(key), "inbound:%lld:signup", (long long)turn->in->id);
	turn_result(turn, "status of %s%s", e.code, own ? "" : ", from another number");
	/* only what was asked is answered: a question about it stays open */
	int64_t message = 0;
	OWN(mem) char *text = signuptalk_text(&turn->t->in, &e, own ? PROGRAMME_STATUS : PROGRAMME_STATUS_OTHER, turn->to.language, NULL, NULL);
	if (text && turn->screen) {
		snprintf(turn->screen, TURN_SCREEN_BYTES, "%s", text);
		return 0;
	}
	return text ? reply_put_fresh(turn->t, &turn->to, CLASS_SERVICE, key, text, &message) : E_NOMEM;
}
