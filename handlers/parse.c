/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rules in their order: the first that fires decides, and says why. Keeps nothing, does no I/O. */
#include "handlers/parse.h"

#include <stdarg.h>
#include <string.h>

#include "gateway/base/fold.h"
#include "gateway/base/json.h"
#include "gateway/base/text.h"
#include "handlers/pick.h"
#include "handlers/damm.h"
#include "handlers/words.h"

#define CLAUSES_WORDS_MAX 14 /* a longer message tells a story: its clauses are no commands */

/* One message under the rules. */
struct reading {
	const struct keywords *k;
	const struct context *x;
	const struct words *w;
	struct span core; /* without lead and tail words */
	struct score score;
	struct classified *out;
	const char *rule;
	bool asks; /* a question mark was written */
	char words[64]; /* those that led to the rule */
};

static const char *const kind_names[KIND_COUNT] = {
	[KIND_UNKNOWN] = "unknown",
	[KIND_EMPTY] = "empty",
	[KIND_URGENT] = "urgent",
	[KIND_OPTOUT] = "optout",
	[KIND_OPTIN] = "optin",
	[KIND_KEYWORD] = "keyword",
	[KIND_SURVEY_ANSWER] = "survey_answer",
	[KIND_FEEDBACK] = "feedback",
	[KIND_CASE_INFO] = "case_info",
	[KIND_ACK] = "ack",
	[KIND_HELP] = "help",
	[KIND_WRONG_NUMBER] = "wrong_number",
	[KIND_PRIVACY_REQUEST] = "privacy_request",
	[KIND_ABUSE] = "abuse",
};

static const char *const nature_names[] = {
	[NATURE_QUESTION] = "question",
	[NATURE_REPORT] = "report",
	[NATURE_PROPOSAL] = "proposal",
	[NATURE_COMPLAINT] = "complaint",
	[NATURE_DENUNCIATION] = "denunciation",
	[NATURE_PRAISE] = "praise",
};

const char *kind_name(enum kind k)
{
	return kind_names[k];
}

const char *nature_name(enum nature n)
{
	return nature_names[n];
}

/* Keeps the words [from, to) as they are matched, for the reason. */
static void quote(struct reading *r, struct span s)
{
	size_t n = 0;
	r->words[0] = '\0';
	for (size_t i = s.from; i < s.to && n < sizeof(r->words) - 2; i++)
		n += (size_t)snprintf(r->words + n, sizeof(r->words) - n, "%s%s", i > s.from ? " " : "", r->w->at[i].fold);
	r->words[text_cut(r->words, sizeof(r->words) - 1)] = '\0';
}

static bool decide(struct reading *r, enum kind kind, double confidence, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
static bool decide(struct reading *r, enum kind kind, double confidence, const char *fmt, ...)
{
	struct classified *c = r->out;
	c->kind = kind;
	c->confidence = confidence;
	int n = snprintf(c->why, sizeof(c->why), "%s: ", r->rule);
	va_list args;
	va_start(args, fmt);
	vsnprintf(c->why + n, sizeof(c->why) - (size_t)n, fmt, args);
	va_end(args);
	c->why[text_cut(c->why, sizeof(c->why) - 1)] = '\0';
	return true;
}

static bool has(const struct reading *r, enum list list)
{
	return patterns_find(&r->k->lists[list], r->w, 0, NULL) != NULL;
}

/* Like has, and keeps the words that led to it. */
static bool find(struct reading *r, enum list list)
{
	struct span s = { 0 };
	if (!patterns_find(&r->k->lists[list], r->w, 0, &s))
		return false;
	quote(r, s);
	return true;
}

static bool is_whole(struct reading *r, enum list list, struct span s)
{
	if (!patterns_whole(&r->k->lists[list], r->w, s))
		return false;
	quote(r, s);
	return true;
}

/* The whole message, or the whole without polite words around it. */
static bool whole(struct reading *r, enum list list)
{
	return is_whole(r, list, (struct span){ 0, r->w->n }) || is_whole(r, list, r->core);
}

static void add_topic(struct classified *c, const char *code)
{
	for (size_t i = 0; i < c->n_topics; i++)
		if (strcmp(c->topics[i], code) == 0)
			return;
	if (*code && c->n_topics < SCORE_TOPICS_MAX)
		snprintf(c->topics[c->n_topics++], TOPIC_BYTES, "%s", code);
}

static void add_scored(struct reading *r)
{
	for (size_t i = 0; i < r->score.n; i++) {
		add_topic(r->out, r->score.rows[i].topic->code);
		r->out->restricted = r->out->restricted || r->score.rows[i].topic->restricted;
	}
}

static int points(const struct reading *r)
{
	return r->score.n ? r->score.rows[0].points : 0;
}

/* The topic that these words command ("bhyt"); NULL none. */
static const struct topic *commanded(const struct reading *r, struct span s)
{
	for (size_t i = 0; i < r->k->n_topics; i++)
		if (patterns_whole(&r->k->topics[i].commands, r->w, s))
			return &r->k->topics[i];
	return NULL;
}

static bool open_question(const struct reading *r)
{
	return r->x->question != QUESTION_NONE && r->x->question != QUESTION_NEED_INFO;
}

/* ---- the rules ---- */

static bool rule_empty(struct reading *r)
{
	if (r->w->n)
		return false;
	if (r->w->emoji)
		return decide(r, KIND_ACK, 0.8, "nothing but a picture");
	if (r->w->only_question_marks)
		return decide(r, KIND_HELP, 0.9, "nothing but a question mark");
	return decide(r, KIND_EMPTY, 1, "no words");
}

static bool rule_urgent(struct reading *r)
{
	if (has(r, LIST_URGENT_NOT) || !find(r, LIST_URGENT))
		return false;
	for (size_t i = 0; i < r->score.n; i++)
		if (strcmp(r->score.rows[i].topic->code, "THIENTAI") == 0)
			add_topic(r->out, "THIENTAI");
	add_scored(r);
	return decide(r, KIND_URGENT, 0.95, "life in danger, '%s'", r->words);
}

static bool opt_out(struct reading *r, const char *scope, double confidence, const char *form)
{
	snprintf(r->out->scope, sizeof(r->out->scope), "%s", scope);
	if (strncmp(scope, "topic:", 6) == 0)
		add_topic(r->out, scope + 6);
	return decide(r, KIND_OPTOUT, confidence, "%s '%s'", form, r->words);
}

/* "TC BHYT", "TC HET": a command and what it is limited or extended to. */
static bool opt_out_scoped(struct reading *r)
{
	const struct patterns *list = &r->k->lists[LIST_OPTOUT_WHOLE];
	for (size_t i = 0; i < list->n; i++) {
		size_t to = 0;
		if (!pattern_at(&list->at[i], r->w, r->core.from, &to) || to <= r->core.from || to >= r->core.to)
			continue;
		struct span rest = { to, r->core.to };
		quote(r, r->core);
		if (patterns_whole(&r->k->lists[LIST_OPTOUT_ALL], r->w, rest))
			return opt_out(r, "all", 1, "everything,");
		const struct topic *t = commanded(r, rest);
		char scope[8 + TOPIC_BYTES];
		snprintf(scope, sizeof(scope), "topic:%s", t ? t->code : "");
		if (t)
			return opt_out(r, scope, 1, "one topic,");
	}
	return false;
}

/* First or last clause of a short message: "tc, phien qua". */
static bool clause_command(struct reading *r)
{
	const struct words *w = r->w;
	size_t first = 1, last = w->n;
	while (first < w->n && w->at[first].before == MARK_NONE)
		first++;
	while (last > 1 && w->at[last - 1].before == MARK_NONE)
		last--;
	if (first >= w->n || w->n > CLAUSES_WORDS_MAX)
		return false;
	return is_whole(r, LIST_OPTOUT_WHOLE, (struct span){ 0, first }) ||
	       is_whole(r, LIST_OPTOUT_WHOLE, (struct span){ last - 1, w->n });
}

/* "huy", "dung": stop, but also a name and "right". */
static bool ambiguous_command(struct reading *r)
{
	const struct words *w = r->w;
	if (!is_whole(r, LIST_OPTOUT_ALONE, pick_strip(w, NULL, &r->k->lists[LIST_TAIL])) || r->x->question == QUESTION_TEXT)
		return false;
	if (w->n > 1 && strcmp(w->at[w->n - 1].fold, "roi") == 0)
		return false; /* "dung roi" is "đúng rồi" */
	return w->at[0].marked || !open_question(r) || strcmp(w->at[0].fold, "dung") != 0;
}

static bool rule_optout_whole(struct reading *r)
{
	if (whole(r, LIST_OPTOUT_WHOLE))
		return opt_out(r, "campaign", 1, "whole message");
	if (ambiguous_command(r))
		return opt_out(r, "campaign", 0.95, "whole message");
	if (opt_out_scoped(r))
		return true;
	return clause_command(r) && opt_out(r, "campaign", 0.95, "a clause of its own,");
}

/* "nhan tin bhyt": one topic again. */
static bool opt_in_scoped(struct reading *r)
{
	const struct patterns *list = &r->k->lists[LIST_OPTIN_WHOLE];
	for (size_t i = 0; i < list->n; i++) {
		size_t to = 0;
		const struct topic *t = NULL;
		if (pattern_at(&list->at[i], r->w, 0, &to) && to > 1 && to < r->core.to)
			t = commanded(r, (struct span){ to, r->core.to });
		if (!t)
			continue;
		snprintf(r->out->scope, sizeof(r->out->scope), "topic:%s", t->code);
		add_topic(r->out, t->code);
		return decide(r, KIND_OPTIN, 0.95, "one topic, %s", t->code);
	}
	return false;
}

static bool rule_optin(struct reading *r)
{
	bool found = whole(r, LIST_OPTIN_WHOLE) || (r->x->opted_out && whole(r, LIST_OPTIN_RESUME));
	if (!found && !has(r, LIST_OPTOUT_SURE) && !has(r, LIST_OPTOUT_PHRASES) && !r->asks && r->w->n <= CLAUSES_WORDS_MAX)
		found = find(r, LIST_OPTIN_PHRASES);
	if (!found)
		return opt_in_scoped(r);
	snprintf(r->out->scope, sizeof(r->out->scope), "campaign");
	return decide(r, KIND_OPTIN, 0.95, "'%s'", r->words);
}

/* Digits of a code from word from on: "482 918", "PA482918". False when anything else stands there. */
static bool code_digits(const struct words *w, size_t from, char ret[12])
{
	size_t n = 0;
	for (size_t i = from; i < w->n; i++) {
		const char *p = w->at[i].raw;
		if (strcmp(p, "ma") == 0 || (n == 0 && i + 1 < w->n && (strcmp(p, "pa") == 0 || strcmp(p, "nt") == 0)))
			continue;
		if (n == 0 && p[0] >= 'a' && p[0] <= 'z' && p[1] >= 'a' && p[1] <= 'z' && p[2] >= '0' && p[2] <= '9')
			p += 2;
		size_t more = strspn(p, "0123456789");
		if (!more || p[more] || n + more > 10)
			return false;
		memcpy(ret + n, p, more);
		n += more;
	}
	ret[n] = '\0';
	return n > 0;
}

static bool status(struct reading *r, enum command command, const char *text, const char *digits)
{
	r->out->command = command;
	snprintf(r->out->code, sizeof(r->out->code), "%s", digits);
	r->out->code_valid = strlen(digits) >= 6 && strlen(digits) <= 8 && damm_valid(digits);
	return decide(r, KIND_KEYWORD, 1, "%s", text);
}

static bool rule_status(struct reading *r)
{
	static const struct {
		enum list list;
		enum command command;
		const char *text;
	} prefixes[] = { { LIST_STATUS_PREFIX, COMMAND_STATUS, "status of a code" }, { LIST_NUDGE_PREFIX, COMMAND_NUDGE, "reminder" } };
	char digits[12] = "";
	if (code_digits(r->w, 0, digits) && damm_valid(digits) && strlen(digits) >= 6 && strlen(digits) <= 8)
		return status(r, COMMAND_STATUS, "a bare code", digits);
	for (size_t i = 0; i < COUNT_OF(prefixes); i++) {
		const struct patterns *list = &r->k->lists[prefixes[i].list];
		if (patterns_whole(list, r->w, r->core))
			return status(r, prefixes[i].command, "status, no code", "");
		for (size_t p = 0; p < list->n; p++) {
			size_t to = 0;
			if (pattern_at(&list->at[p], r->w, 0, &to) && to && code_digits(r->w, to, digits) && strlen(digits) >= 5)
				return status(r, prefixes[i].command, prefixes[i].text, digits);
		}
	}
	return false;
}

static void tell_nature(struct reading *r)
{
	struct classified *c = r->out;
	if (c->restricted || has(r, LIST_DENUNCIATION))
		c->nature = NATURE_DENUNCIATION;
	else if (has(r, LIST_COMPLAINT))
		c->nature = NATURE_COMPLAINT;
	else if (has(r, LIST_PROPOSAL))
		c->nature = NATURE_PROPOSAL;
	else if (r->asks || has(r, LIST_QUESTION))
		c->nature = NATURE_QUESTION;
	else
		c->nature = has(r, LIST_PRAISE) && !has(r, LIST_NEED) ? NATURE_PRAISE : NATURE_REPORT;
	c->restricted = c->restricted || c->nature == NATURE_DENUNCIATION;
	c->abusive = has(r, LIST_ABUSE);
}

/* The campaign's topic stands in where the words name none. */
static void settle_topics(struct reading *r)
{
	add_scored(r);
	if (!r->out->n_topics)
		add_topic(r->out, *r->x->topic ? r->x->topic : "KHAC");
	tell_nature(r);
}

static bool rule_prefix(struct reading *r)
{
	const struct patterns *list = &r->k->lists[LIST_CASE_PREFIX];
	for (size_t i = 0; i < list->n; i++) {
		size_t to = 0;
		if (!pattern_at(&list->at[i], r->w, 0, &to) || !to)
			continue;
		if (to == r->w->n) {
			r->out->command = COMMAND_CASE;
			return decide(r, KIND_KEYWORD, 1, "'%s' and nothing else", list->at[i].text);
		}
		settle_topics(r);
		r->out->need = true;
		return decide(r, KIND_FEEDBACK, 0.98, "begins with '%s'", list->at[i].text);
	}
	return false;
}

/* "PA …" says itself what it is, whatever words follow. */
static bool explicit_case(const struct reading *r)
{
	return r->w->n > 3 && (strcmp(r->w->at[0].raw, "pa") == 0 || strcmp(r->w->at[0].raw, "yk") == 0);
}

static bool rule_optout_words(struct reading *r)
{
	if (explicit_case(r))
		return false;
	if (has(r, LIST_OPTOUT_NEVER))
		return false;
	if (find(r, LIST_OPTOUT_SURE))
		return opt_out(r, "campaign", 0.97, "words");
	return find(r, LIST_OPTOUT_PHRASES) && opt_out(r, "campaign", 0.9, "words");
}

static bool rule_privacy(struct reading *r)
{
	return find(r, LIST_PRIVACY) && decide(r, KIND_PRIVACY_REQUEST, 0.9, "'%s'", r->words);
}

static bool rule_wrong(struct reading *r)
{
	return !has(r, LIST_WRONG_NOT) && find(r, LIST_WRONG) && decide(r, KIND_WRONG_NUMBER, 0.9, "'%s'", r->words);
}

static bool has_need(const struct reading *r)
{
	return r->asks || has(r, LIST_QUESTION) || has(r, LIST_NEED);
}

static bool rule_answer(struct reading *r)
{
	struct pick a;
	struct classified *c = r->out;
	if (!pick_read(r->k, r->w, r->x, &a))
		return false;
	snprintf(c->answer, sizeof(c->answer), "%s", a.value);
	if (r->x->menu) {
		add_topic(c, a.topic);
		c->command = COMMAND_MENU;
		return decide(r, strcmp(a.value, "INVALID") == 0 ? KIND_UNKNOWN : KIND_KEYWORD, 1, "menu, by %s", a.how);
	}
	if (a.trailing && (has(r, LIST_QUESTION) || r->asks || points(r) >= 3 || (points(r) >= 2 && has(r, LIST_NEED)))) {
		c->need = true;
		settle_topics(r);
	}
	return decide(r, KIND_SURVEY_ANSWER, strcmp(a.how, "label") == 0 ? 0.9 : 1, "%s question, by %s",
		      question_kind_name(r->x->question), a.how);
}

static bool rule_keyword(struct reading *r)
{
	struct span rest = r->core;
	size_t to = 0;
	const struct patterns *signup = &r->k->lists[LIST_SIGNUP_PREFIX];
	const struct topic *t = commanded(r, rest);
	for (size_t i = 0; i < signup->n && !t; i++) {
		if (!pattern_at(&signup->at[i], r->w, rest.from, &to) || to <= rest.from)
			continue;
		r->out->command = to == rest.to ? COMMAND_TOPIC : COMMAND_SIGNUP;
		t = commanded(r, (struct span){ to, rest.to });
		if (!t && to < rest.to && (has_need(r) || r->w->n > 12 || r->w->at[0].raw[1] != 'k'))
			return false;
		add_topic(r->out, t ? t->code : r->score.n && to < rest.to ? r->score.rows[0].topic->code : r->x->topic);
		return decide(r, KIND_KEYWORD, 0.95, "'%s'", signup->at[i].text);
	}
	if (!t)
		return false;
	r->out->command = COMMAND_TOPIC;
	add_topic(r->out, t->code);
	return decide(r, KIND_KEYWORD, 1, "topic %s", t->code);
}

static bool rule_help(struct reading *r)
{
	if (whole(r, LIST_HELP_WHOLE))
		return decide(r, KIND_HELP, 1, "whole message '%s'", r->words);
	return points(r) < 2 && find(r, LIST_HELP_PHRASES) && decide(r, KIND_HELP, 0.85, "'%s'", r->words);
}

/* Every word is thanks, a nod, or something polite around it. */
static bool rule_ack(struct reading *r)
{
	bool thanks = false;
	for (size_t i = 0; i < r->w->n;) {
		size_t best = 0;
		for (int list = LIST_ACK; list <= LIST_ACK_FILLER; list++)
			for (size_t k = 0; k < r->k->lists[list].n; k++) {
				size_t to = 0;
				if (!pattern_at(&r->k->lists[list].at[k], r->w, i, &to) || to - i <= best)
					continue;
				best = to - i;
				thanks = thanks || list == LIST_ACK;
			}
		if (!best)
			return false;
		i += best;
	}
	return thanks && !r->asks && decide(r, KIND_ACK, 0.95, "thanks or a nod");
}

static bool rule_status_words(struct reading *r)
{
	if (points(r) >= 2 || !find(r, LIST_STATUS_PHRASES))
		return false;
	r->out->command = COMMAND_STATUS;
	return decide(r, KIND_KEYWORD, 0.8, "'%s'", r->words);
}

static bool rule_abuse(struct reading *r)
{
	if (points(r) >= 2 || (has_need(r) && r->w->n >= 10) || !find(r, LIST_ABUSE))
		return false;
	r->out->abusive = true;
	return decide(r, KIND_ABUSE, 0.9, "'%s'", r->words);
}

static bool rule_language(struct reading *r)
{
	size_t foreign = 0;
	for (size_t i = 0; i < r->w->n; i++)
		foreign += r->w->at[i].foreign;
	if (foreign < 3 || foreign * 2 < r->w->n_letters || points(r) >= 3)
		return false;
	r->out->foreign = true;
	return decide(r, KIND_UNKNOWN, 0.9, "another language");
}

static bool rule_case_info(struct reading *r)
{
	if (r->x->question != QUESTION_NEED_INFO)
		return false;
	bool place = has(r, LIST_PLACE);
	if (!place && points(r) >= 3 && (r->asks || has(r, LIST_QUESTION)))
		return false;
	return decide(r, KIND_CASE_INFO, 0.9, "asked for it%s", place ? ", names a place" : "");
}

static bool rule_text_answer(struct reading *r)
{
	if (r->x->question != QUESTION_TEXT)
		return false;
	snprintf(r->out->answer, sizeof(r->out->answer), "%.15s", r->out->folded);
	return decide(r, KIND_SURVEY_ANSWER, 0.8, "free text asked for");
}

static bool rule_feedback(struct reading *r)
{
	bool need = has_need(r);
	if (points(r) < 2 && !(need && (points(r) || r->w->n >= 3)))
		return false;
	r->out->need = need;
	settle_topics(r);
	if (!r->score.n)
		return decide(r, KIND_FEEDBACK, 0.6, "a need or question");
	quote(r, r->score.rows[0].at);
	return decide(r, KIND_FEEDBACK, points(r) >= 3 ? 0.9 : 0.7, "topic %s by '%s'", r->score.rows[0].topic->code, r->words);
}

static bool rule_doubt(struct reading *r)
{
	if (!find(r, LIST_OPTOUT_DOUBT) && !find(r, LIST_OPTOUT_PHRASES))
		return false;
	r->out->doubt = true;
	return decide(r, KIND_UNKNOWN, 0.5, "perhaps a refusal, '%s', asked once", r->words);
}

static bool rule_unknown(struct reading *r)
{
	return decide(r, KIND_UNKNOWN, 0.3, "nothing fits");
}

static const struct {
	const char *name;
	bool (*fn)(struct reading *r);
} rules[] = {
	{ "empty", rule_empty },
	{ "urgent", rule_urgent },
	{ "optout", rule_optout_whole },
	{ "optin", rule_optin },
	{ "code", rule_status },
	{ "optout", rule_optout_words },
	{ "prefix", rule_prefix },
	{ "privacy", rule_privacy },
	{ "wrong", rule_wrong },
	{ "answer", rule_answer },
	{ "keyword", rule_keyword },
	{ "help", rule_help },
	{ "ack", rule_ack },
	{ "status", rule_status_words },
	{ "abuse", rule_abuse },
	{ "language", rule_language },
	{ "case_info", rule_case_info },
	{ "text", rule_text_answer },
	{ "feedback", rule_feedback },
	{ "doubt", rule_doubt },
	{ "unknown", rule_unknown },
};

void classified_done(struct classified *c)
{
	free(c->folded);
	c->folded = NULL;
}

int classify(const struct keywords *k, const char *text, const struct context *x, struct classified *ret)
{
	OWN(words) struct words *w = NULL;
	struct classified c = { .folded = fold(text) };
	struct reading r = { .k = k, .x = x, .out = &c, .asks = strchr(text, '?') != NULL };
	int e = c.folded ? words_new(text, &k->abbreviations, &w) : E_NOMEM;
	e = e ? e : score_topics(k, w, x->topic, &r.score);
	if (e) {
		free(c.folded);
		return e;
	}
	r.w = w;
	r.core = pick_strip(w, &k->lists[LIST_LEAD], &k->lists[LIST_TAIL]);
	for (size_t i = 0; i < COUNT_OF(rules); i++) {
		r.rule = rules[i].name;
		if (rules[i].fn(&r))
			break;
	}
	*ret = c;
	return 0;
}

void classified_topics(const struct classified *c, char *out, size_t out_bytes)
{
	size_t n = 0;
	out[0] = '\0';
	for (size_t i = 0; i < c->n_topics; i++) {
		size_t more = strlen(c->topics[i]) + (i > 0);
		if (n + more >= out_bytes)
			return;
		n += (size_t)snprintf(out + n, out_bytes - n, "%s%s", i ? "|" : "", c->topics[i]);
	}
}

json_t *classified_json(const struct classified *c)
{
	OWN(json) json_t *topics = json_array();
	for (size_t i = 0; topics && i < c->n_topics; i++)
		if (json_array_append_new(topics, json_string(c->topics[i])))
			return NULL;
	return json_pack("{s:s, s:s?, s:O, s:s?, s:f, s:s, s:s}", "kind", kind_name(c->kind), "topic",
			 c->n_topics ? c->topics[0] : NULL, "topics", topics, "answer", c->answer[0] ? c->answer : NULL, "confidence",
			 c->confidence, "folded", c->folded, "why", c->why);
}
