/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading an answer: a number first, then yes or no, then the words of the options. Keeps nothing. */
#include "handlers/pick.h"

#include <string.h>

#include "handlers/glue.h"

#define LABEL_EARLY 4 /* words before a label in a long message */
#define LABEL_SHORT 9 /* words of a message in which a label may stand anywhere */
#define SENTENCE_SHORT 7 /* words of a sentence that begins with yes or no and is one */
#define TAIL_WORDS 4
#define LABEL_BYTES 32 /* of one that is written without its spaces */
#define CORRECTION_WORDS_MAX 12 /* who writes more tells something besides */

static bool strip_front(const struct words *w, const struct patterns *lead, struct span *s)
{
	struct words cut = words_until(w, s->to);
	const struct pattern *p;
	for (size_t i = 0, to = 0; (p = patterns_next(lead, &cut, &i));) {
		if (pattern_at(p, &cut, s->from, &to) && to > s->from && to < s->to) {
			s->from = to;
			return true;
		}
	}
	return false;
}

static bool strip_back(const struct words *w, const struct patterns *tail, struct span *s)
{
	for (size_t n = patterns_may(tail, tail, w) ? TAIL_WORDS : 0; n > 0; n--) {
		if (s->to < s->from + n + 1)
			continue;
		if (patterns_whole(tail, w, (struct span){ s->to - n, s->to })) {
			s->to -= n;
			return true;
		}
	}
	return false;
}

struct span pick_strip_part(const struct words *w, struct span part, const struct patterns *lead, const struct patterns *tail)
{
	while (lead && strip_front(w, lead, &part))
		;
	while (tail && strip_back(w, tail, &part))
		;
	return part;
}

struct span pick_strip(const struct words *w, const struct patterns *lead, const struct patterns *tail)
{
	return pick_strip_part(w, (struct span){ 0, w->n }, lead, tail);
}

/* Digits of a token such as "2", "so2", "5sao"; 0 chars when it is no such thing. */
static size_t digits_of(const char *raw, char ret[8])
{
	static const char *const before[] = { "so", "cau", "y", "chon", "muc", "tl" };
	static const char *const behind[] = { "sao", "d", "diem", "a", "nhe", "nha" };
	for (size_t i = 0; i < COUNT_OF(before); i++) {
		size_t n = strlen(before[i]);
		if (strncmp(raw, before[i], n) == 0 && raw[n] >= '0' && raw[n] <= '9') {
			raw += n;
			break;
		}
	}
	size_t n = strspn(raw, "0123456789");
	bool fits = n > 0 && n < 8 && !raw[n];
	for (size_t i = 0; i < COUNT_OF(behind) && n && n < 8; i++)
		fits = fits || strcmp(raw + n, behind[i]) == 0;
	if (!fits)
		return 0;
	memcpy(ret, raw, n);
	ret[n] = '\0';
	return n;
}

static const struct option *find_option(const struct context *x, const char *value)
{
	for (size_t i = 0; i < x->n_options; i++)
		if (strcmp(x->options[i].value, value) == 0)
			return &x->options[i];
	return NULL;
}

static void take(const struct context *x, const struct option *o, const char *value, const char *how, struct pick *ret)
{
	bool leaves = x->menu && strcmp(value, x->exit_input) == 0;
	snprintf(ret->value, sizeof(ret->value), "%s", leaves ? "EXIT" : value);
	ret->topic = o ? o->topic : "";
	ret->how = how;
}

/* What a number stands for in this question; false = for nothing. */
static bool take_number(const struct context *x, const char *digits, const char *how, struct pick *ret)
{
	long value = strtol(digits, NULL, 10);
	char plain[16];
	snprintf(plain, sizeof(plain), "%ld", value);
	if (context_yes_no(x->question)) {
		if (value > 2 || strlen(digits) > 1)
			return false;
		take(x, NULL, value == 1 ? "YES" : "NO", how, ret);
		return true;
	}
	const struct option *o = find_option(x, plain);
	if (x->question == QUESTION_NUMBER ? x->most >= x->least && (value < x->least || value > x->most) : !o)
		return false;
	take(x, o, plain, how, ret);
	return true;
}

static size_t spelled(const struct keywords *k, const struct words *w, struct span s, char ret[8])
{
	const struct patterns *numbers = &k->lists[LIST_NUMBERS];
	const struct pattern *p = patterns_whole(numbers, w, s);
	if (!p && s.to - s.from == 2 && patterns_whole(&k->lists[LIST_ANSWER_UNIT], w, (struct span){ s.to - 1, s.to }))
		p = patterns_whole(numbers, w, (struct span){ s.from, s.to - 1 });
	if (!p)
		return 0;
	ret[0] = (char)('1' + (p - numbers->at) % 9);
	ret[1] = '\0';
	return 1;
}

static bool is_word(const struct words *w, size_t i, const char *fold)
{
	return i < w->n && strcmp(w->at[i].fold, fold) == 0;
}

/* Behind the number at i: a second one ("1 va 3", "1-2")? "3/5" on a scale to 5 is one number. */
static bool second_number(const struct words *w, const struct context *x, size_t *next)
{
	size_t i = *next;
	char digits[8];
	if (is_word(w, i, "tren") || is_word(w, i, "va") || is_word(w, i, "hoac") || is_word(w, i, "voi"))
		i++;
	if (i >= w->n || !digits_of(w->at[i].raw, digits) || i + 1 < w->n)
		return false;
	if (x->question == QUESTION_NUMBER && strtol(digits, NULL, 10) == x->most) {
		*next = i + 1;
		return false;
	}
	return true;
}

static bool refuse_number(const char *how, struct pick *ret)
{
	snprintf(ret->value, sizeof(ret->value), "INVALID");
	ret->topic = "";
	ret->how = how;
	return true;
}

static bool read_number(const struct keywords *k, const struct words *w, const struct context *x, struct pick *ret)
{
	struct span s = pick_strip(w, &k->lists[LIST_ANSWER_LEAD], &k->lists[LIST_TAIL]);
	char digits[8];
	ret->at = s;
	if (spelled(k, w, s, digits))
		return take_number(x, digits, "spelled", ret);
	if (s.from >= s.to || !digits_of(w->at[s.from].raw, digits))
		return false;
	size_t next = s.from + 1, to = 0;
	struct words cut = words_until(w, s.to);
	if (second_number(&cut, x, &next))
		return refuse_number("several", ret);
	while (patterns_at(&k->lists[LIST_ANSWER_UNIT], &cut, next, &to))
		next = to;
	if (patterns_at(&k->lists[LIST_ANSWER_INSTEAD], &cut, next, &to) && to < s.to && digits_of(w->at[to].raw, digits))
		next = to + 1;
	ret->at.to = next;
	ret->trailing = next < s.to;
	bool quantity = ret->trailing && next == s.from + 1 && w->at[next].before == MARK_NONE && patterns_at(&k->lists[LIST_ANSWER_QUANTITY], &cut, next, &to);
	bool short_number = x->question == QUESTION_NUMBER && !x->n_options && s.to - s.from <= 3;
	if (quantity && !short_number)
		return false;
	if (take_number(x, digits, "digit", ret))
		return true;
	return !ret->trailing && refuse_number("range", ret);
}

/* Behind the longest phrase of the lists at this word; the word itself when there is none. */
static size_t behind_any(const struct keywords *k, const enum list *lists, size_t n, const struct words *w, size_t from)
{
	size_t most = from;
	for (size_t i = 0, to = from; i < n; i++)
		if (patterns_at(&k->lists[lists[i]], w, from, &to) && to > most)
			most = to;
	return most;
}

/* "1, khong phai, 3 moi dung", "nham, 2": nothing but numbers and what takes one of them back. The last one is meant where a mark or
 * such words stand before it, or words that say it is right behind it: "2 khong phai 3" says 2. */
static bool read_correction(const struct keywords *k, const struct words *w, const struct context *x, struct pick *ret)
{
	static const enum list around[] = { LIST_ANSWER_LEAD, LIST_ANSWER_UNIT, LIST_TAIL }, takes_back[] = { LIST_ANSWER_NOT, LIST_ANSWER_INSTEAD };
	bool taken_back = false, apart = false, meant = false;
	char digits[8] = "", more[8];
	size_t at = 0;
	if (w->n > CORRECTION_WORDS_MAX || !patterns_may(&k->lists[LIST_ANSWER_INSTEAD], &k->lists[LIST_ANSWER_NOT], w))
		return false;
	for (size_t i = 0, to; i < w->n; i = to) {
		apart = apart || w->at[i].before != MARK_NONE;
		if (digits_of(w->at[i].raw, more)) {
			meant = taken_back && apart;
			memcpy(digits, more, sizeof(digits));
			at = i;
			to = i + 1;
			continue;
		}
		size_t right = behind_any(k, (const enum list[]){ LIST_ANSWER_RIGHT }, 1, w, i);
		to = behind_any(k, takes_back, COUNT_OF(takes_back), w, i);
		taken_back = taken_back || to > i;
		apart = to > i ? false : apart;
		meant = meant && to == i; /* what is behind takes this one back, too */
		if (right > i && *digits)
			meant = true;
		to = to > i ? to : right > i ? right : behind_any(k, around, COUNT_OF(around), w, i);
		if (to == i)
			return false;
	}
	if (!meant || !taken_back || !take_number(x, digits, "corrected", ret))
		return false;
	ret->at = (struct span){ at, at + 1 };
	return true;
}

/* Words of the longest phrase of a list at this word; 0 none. */
static size_t longest_at(const struct patterns *list, const struct words *w, size_t from)
{
	size_t to = from;
	return patterns_at(list, w, from, &to) ? to - from : 0;
}

/* May a yes or no that ends here be followed by this? "Co ai …", "co phai …" ask something themselves. */
static bool goes_on(const struct words *w, size_t next)
{
	static const char *const joins[] = { "nhung", "ma", "vi", "toi", "em", "thua", "do", "tai", "chau", "minh", "nha",
					     "gia", "vay", "con", "xin", "cam", "nen", "moi" };
	static const char *const asks[] = { "ai", "phai", "cach", "gi", "bao", "the" };
	if (next >= w->n || w->at[next].before != MARK_NONE)
		return true;
	for (size_t i = 0; i < COUNT_OF(asks); i++)
		if (is_word(w, next, asks[i]))
			return false;
	if (w->n <= SENTENCE_SHORT)
		return true;
	for (size_t i = 0; i < COUNT_OF(joins); i++)
		if (is_word(w, next, joins[i]))
			return true;
	return false;
}

static bool read_yes_no(const struct keywords *k, const struct words *w, const struct context *x, struct pick *ret)
{
	static const char *const before[] = { "da", "vang", "thua", "toi", "em", "chau", "con", "minh", "tui" };
	size_t from = 0;
	struct span s = pick_strip(w, NULL, &k->lists[LIST_TAIL]);
	for (size_t i = 0; i < COUNT_OF(before) && !from; i++)
		if (s.to > 1 && is_word(w, 0, before[i]) && (longest_at(&k->lists[LIST_YES], w, 1) || longest_at(&k->lists[LIST_NO], w, 1)))
			from = 1;
	size_t yes = longest_at(&k->lists[LIST_YES], w, from), no = longest_at(&k->lists[LIST_NO], w, from);
	size_t n = yes > no ? yes : no;
	if (!n || !goes_on(w, from + n))
		return false;
	take(x, NULL, yes > no ? "YES" : "NO", yes > no ? "yes" : "no", ret);
	ret->at = (struct span){ 0, from + n };
	ret->trailing = from + n < s.to;
	return true;
}

/* Where an option's words stand, not behind a "not" or "not yet". */
static bool find_label(const struct option *o, const struct words *w, size_t from, struct span *ret)
{
	bool found = false;
	for (size_t i = 0; i < o->words.n; i++) {
		struct span s;
		if (!pattern_find(&o->words.at[i], w, from, &s))
			continue;
		if (s.from && w->at[s.from].before == MARK_NONE && (is_word(w, s.from - 1, "khong") || is_word(w, s.from - 1, "chua")))
			continue;
		if (!found || s.from < ret->from || (s.from == ret->from && s.to > ret->to))
			*ret = s;
		found = true;
	}
	return found;
}

static const struct option *first_label(const struct context *x, const struct words *w, size_t from, struct span *ret)
{
	const struct option *best = NULL;
	for (size_t i = 0; i < x->n_options; i++) {
		struct span s;
		if (!find_label(&x->options[i], w, from, &s))
			continue;
		bool covers = best && s.from <= ret->from && s.to >= ret->to && s.to - s.from > ret->to - ret->from;
		bool earlier = best && s.from < ret->from && !(ret->from < s.to && ret->to - ret->from > s.to - s.from);
		if (!best || covers || earlier || (s.from == ret->from && s.to > ret->to)) {
			best = &x->options[i];
			*ret = s;
		}
	}
	return best;
}

static bool read_label(const struct words *w, const struct context *x, struct pick *ret)
{
	struct span s = { 0 }, later = { 0 };
	const struct option *o = first_label(x, w, 0, &s);
	if (!o || (s.from >= LABEL_EARLY && w->n > LABEL_SHORT))
		return false;
	/* "I have one, but it expired": what follows the "but" is meant */
	for (size_t i = s.to; i < w->n && i < s.to + 3; i++) {
		const struct option *meant = is_word(w, i, "nhung") || is_word(w, i, "ma") ? first_label(x, w, i, &later) : NULL;
		if (meant && later.from < i + 5) {
			o = meant;
			s = later;
			break;
		}
	}
	take(x, o, o->value, "label", ret);
	ret->at = s;
	ret->trailing = s.to < w->n;
	return true;
}

/* An option for the words that a glued one comes apart into, and where its own words stand among them. */
struct glued_label {
	const struct keywords *k;
	const struct context *x;
	struct pick *ret;
};

static bool is_label(const struct words *w, void *arg)
{
	const struct glued_label *g = arg;
	struct pick a = { .topic = "" };
	if (!read_label(w, g->x, &a))
		return false;
	for (size_t to; a.at.to < w->n; a.at.to = to) {
		to = a.at.to + longest_at(&g->k->lists[LIST_TAIL], w, a.at.to);
		if (to == a.at.to)
			return false; /* "chuahethan": more was said than "chua" */
	}
	*g->ret = a;
	return true;
}

/* "thehethan": the open question tells which of many ways apart is meant. */
static bool read_glued(const struct keywords *k, const struct words *w, const struct context *x, struct pick *ret)
{
	struct glued_label g = { k, x, ret };
	char token[LABEL_BYTES] = "";
	size_t n = 0;
	for (size_t i = 0; i < w->n; i++) { /* it may have come apart already, and wrongly: "the he than" */
		size_t more = strlen(w->at[i].raw);
		if (w->at[i].marked || w->at[i].glued != (i > 0) || n + more >= sizeof(token))
			return false;
		memcpy(token + n, w->at[i].raw, more + 1);
		n += more;
	}
	if (!n || !glue_apart(token, is_label, &g))
		return false;
	ret->at = (struct span){ 0, w->n };
	ret->trailing = false;
	return true;
}

bool pick_read(const struct keywords *k, const struct words *w, const struct context *x, struct pick *ret)
{
	struct pick a = { .topic = "" };
	bool found = false;
	if (x->question == QUESTION_CHOICE || x->question == QUESTION_NUMBER)
		found = read_correction(k, w, x, &a) || read_number(k, w, x, &a) || read_label(w, x, &a) || read_glued(k, w, x, &a);
	else if (context_yes_no(x->question))
		found = read_correction(k, w, x, &a) || read_number(k, w, x, &a) || read_yes_no(k, w, x, &a);
	if (found)
		*ret = a;
	return found;
}

bool pick_read_part(const struct keywords *k, const struct words *w, struct span part, const struct context *x, struct pick *ret)
{
	const struct words cut = words_part(w, part.from, part.to);
	if (part.from >= part.to || !pick_read(k, &cut, x, ret))
		return false;
	ret->at = (struct span){ ret->at.from + part.from, ret->at.to + part.from };
	return true;
}
