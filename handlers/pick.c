/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading an answer: a number first, then yes or no, then the words of the options. Keeps nothing. */
#include "handlers/pick.h"

#include <string.h>

#include "handlers/label.h"

#define SENTENCE_SHORT 7 /* words of a sentence that begins with yes or no and is one */
#define TAIL_WORDS 4
#define HEDGES_MAX 4 /* words before a yes or a no */
#define CORRECTION_WORDS_MAX 12 /* who writes more tells something besides */

static bool strip_front(const struct words *w, const struct patterns *lead, struct span *s)
{
	if (!patterns_may(lead, lead, w))
		return false;
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
	memset(ret, 0, 8);
	memcpy(ret, raw, n);
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

/* "mot sao vi cham": a spelled number and its unit, and more behind them. */
static bool spelled_first(const struct keywords *k, const struct words *w, struct span s, char ret[8], struct span *ret_at)
{
	struct span at = { s.from, s.from + 2 };
	if (s.to < at.to + 1 || !spelled(k, w, at, ret))
		return false;
	*ret_at = at;
	return true;
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

/* "1 nha con, …": behind the polite words between a digit and a mark; from where others stand there ("2 nha dot nat"). */
static size_t behind_polite(const struct keywords *k, const struct words *w, size_t from)
{
	static const char *const polite[] = { "nha", "nhe", "nghen", "nghe", "hen", "ha", "he", "hi" };
	size_t to = from + 1;
	while (to < w->n && w->at[to].before == MARK_NONE)
		to++;
	bool alone = to == from + 1 || patterns_whole(&k->lists[LIST_TAIL], w, (struct span){ from, to });
	if (!alone || to >= w->n || w->at[from].before != MARK_NONE)
		return from;
	for (size_t i = 0; i < COUNT_OF(polite); i++)
		if (is_word(w, from, polite[i]))
			return to;
	return from;
}

static bool read_number(const struct keywords *k, const struct words *w, const struct context *x, struct pick *ret)
{
	struct span s = pick_strip(w, &k->lists[LIST_ANSWER_LEAD], &k->lists[LIST_TAIL]);
	char digits[8];
	ret->at = s;
	if (spelled(k, w, s, digits))
		return take_number(x, digits, "spelled", ret);
	if (spelled_first(k, w, s, digits, &ret->at))
		return (ret->trailing = true) && take_number(x, digits, "spelled", ret);
	if (s.from >= s.to || !digits_of(w->at[s.from].raw, digits))
		return false;
	size_t next = s.from + 1, to = 0;
	struct words cut = words_until(w, s.to);
	if (second_number(&cut, x, &next))
		return refuse_number("several", ret);
	while (patterns_at(&k->lists[LIST_ANSWER_UNIT], &cut, next, &to))
		next = to;
	next = behind_polite(k, &cut, next);
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

/* What a message of numbers and of words that take them back has said so far. */
struct retold {
	char digits[8], denied[8]; /* denied: "2 chu khong phai 1" */
	size_t at, denied_at;
	size_t instead;	 /* behind the words that put one number in another's place */
	bool taken_back; /* something was */
	bool apart;	 /* and a mark stands behind it */
	bool meant;
};

static void hear_number(struct retold *t, const struct words *w, size_t i, const char digits[8])
{
	bool denied = *t->digits && !t->apart && i > 1 && is_word(w, i - 1, "phai") && is_word(w, i - 2, "khong");
	bool again = strcmp(t->digits, digits) == 0;
	t->meant = denied || again || (t->taken_back && t->apart) || (*t->digits && t->instead == i);
	memcpy(denied ? t->denied : t->digits, digits, 8);
	*(denied ? &t->denied_at : &t->at) = i;
}

/* "moi dung": the number before it, even one that seemed denied. */
static void hear_right(struct retold *t, size_t i)
{
	if (*t->denied && t->denied_at + 1 == i) {
		memcpy(t->digits, t->denied, sizeof(t->digits));
		t->at = t->denied_at;
	}
	t->meant = t->meant || *t->digits;
}

/* The words at i that are no number; where they end, i = they say something else. */
static size_t hear_words(const struct keywords *k, const struct words *w, size_t i, struct retold *t)
{
	static const enum list around[] = { LIST_ANSWER_LEAD, LIST_ANSWER_UNIT, LIST_TAIL };
	size_t right = behind_any(k, (const enum list[]){ LIST_ANSWER_RIGHT }, 1, w, i);
	size_t instead = behind_any(k, (const enum list[]){ LIST_ANSWER_INSTEAD }, 1, w, i);
	size_t back = behind_any(k, (const enum list[]){ LIST_ANSWER_NOT }, 1, w, i);
	back = instead > back ? instead : back;
	if (instead > i)
		t->instead = instead;
	if (back > i) {
		t->taken_back = true;
		t->apart = t->meant = false; /* what is behind takes this one back, too */
	}
	if (right > i)
		hear_right(t, i);
	return back > i ? back : right > i ? right : behind_any(k, around, COUNT_OF(around), w, i);
}

/* "1, khong phai, 3 moi dung", "nham, 2", "so 2 so 2": nothing but numbers and what takes one of them back. The last one is meant where
 * it is no other than the first, a mark or such words stand before it, or words that say it is right behind it; "2 khong phai 3" says 2. */
static bool read_correction(const struct keywords *k, const struct words *w, const struct context *x, struct pick *ret)
{
	struct retold t = { .at = 0 };
	char digits[8];
	if (w->n > CORRECTION_WORDS_MAX)
		return false;
	for (size_t i = 0, to; i < w->n; i = to) {
		t.apart = t.apart || w->at[i].before != MARK_NONE;
		to = i + 1;
		if (digits_of(w->at[i].raw, digits))
			hear_number(&t, w, i, digits);
		else if ((to = hear_words(k, w, i, &t)) == i)
			return false;
	}
	if (!t.meant || !take_number(x, t.digits, "corrected", ret))
		return false;
	ret->at = (struct span){ t.at, t.at + 1 };
	return true;
}

/* Words of the longest phrase of a list at this word; 0 none. */
static size_t longest_at(const struct patterns *list, const struct words *w, size_t from)
{
	size_t to = from;
	return patterns_at(list, w, from, &to) ? to - from : 0;
}

/* "Co ai …", "co phai …" ask something themselves. */
static bool asks_itself(const struct words *w, size_t next)
{
	static const char *const asks[] = { "ai", "phai", "cach", "gi", "bao", "the" };
	for (size_t i = 0; i < COUNT_OF(asks); i++)
		if (is_word(w, next, asks[i]) && w->at[next].before == MARK_NONE)
			return true;
	return false;
}

/* May a yes or no that ends here be followed by this? */
static bool goes_on(const struct words *w, size_t next)
{
	static const char *const joins[] = { "nhung", "ma", "vi", "toi", "em", "thua", "do", "tai", "chau", "minh", "nha",
					     "gia", "vay", "con", "xin", "cam", "nen", "moi" };
	if (next >= w->n || w->at[next].before != MARK_NONE)
		return true;
	if (w->n <= SENTENCE_SHORT)
		return true;
	for (size_t i = 0; i < COUNT_OF(joins); i++)
		if (is_word(w, next, joins[i]))
			return true;
	return false;
}

/* A yes or a no at this word: how many words it takes, 0 = none. */
static size_t yes_no_at(const struct keywords *k, const struct words *w, size_t from, bool *ret_yes)
{
	size_t yes = longest_at(&k->lists[LIST_YES], w, from), no = longest_at(&k->lists[LIST_NO], w, from);
	*ret_yes = yes > no;
	return yes > no ? yes : no;
}

/* Behind [from, to), words that take it back and the other answer: "co, a nham, khong". */
static size_t taken_back_at(const struct keywords *k, const struct words *w, size_t to, bool *ret_yes)
{
	static const enum list takes_back[] = { LIST_ANSWER_INSTEAD, LIST_ANSWER_NOT };
	bool yes = false;
	size_t at = behind_any(k, takes_back, COUNT_OF(takes_back), w, to), n = at > to ? yes_no_at(k, w, at, &yes) : 0;
	if (!n || yes == *ret_yes)
		return 0;
	*ret_yes = yes;
	return at + n - to;
}

/* "da", "nha em thi", "chac la": what may stand before a yes or a no. Where that begins. */
static size_t behind_hedges(const struct keywords *k, const struct words *w, size_t to)
{
	static const char *const hedges[] = { "da", "vang", "thua", "toi", "em", "chau", "con", "minh", "tui", "nha", "gia", "dinh", "thi", "chac", "la",
					      "van", "cung", "hinh", "nhu", "o", "a", "u" };
	size_t best = 0;
	bool yes;
	for (size_t i = 0; i < HEDGES_MAX && i + 1 < to; i++) {
		bool hedge = false;
		for (size_t n = 0; n < COUNT_OF(hedges) && !hedge; n++)
			hedge = is_word(w, i, hedges[n]);
		if (!hedge)
			break;
		best = yes_no_at(k, w, i + 1, &yes) ? i + 1 : best;
	}
	return best;
}

static bool read_yes_no(const struct keywords *k, const struct words *w, const struct context *x, struct pick *ret)
{
	bool yes = false;
	struct span s = pick_strip(w, NULL, &k->lists[LIST_TAIL]);
	size_t from = behind_hedges(k, w, s.to), n = yes_no_at(k, w, from, &yes);
	if (!n)
		return false;
	n += taken_back_at(k, w, from + n, &yes);
	if (yes && asks_itself(w, from + n))
		return false;
	if (!goes_on(w, from + n))
		return false;
	take(x, NULL, yes ? "YES" : "NO", yes ? "yes" : "no", ret);
	ret->at = (struct span){ 0, from + n };
	ret->trailing = from + n < s.to;
	return true;
}

bool pick_read(const struct keywords *k, const struct words *w, const struct context *x, struct pick *ret)
{
	struct pick a = { .topic = "" };
	const bool yes_no = context_yes_no(x->question), about = x->question == QUESTION_ABOUT;
	if (!yes_no && !about && x->question != QUESTION_CHOICE && x->question != QUESTION_NUMBER)
		return false;
	bool found = read_correction(k, w, x, &a) || read_number(k, w, x, &a) || (!yes_no && label_read(k, w, x, &a));
	if (!found && (yes_no || about))
		found = read_yes_no(k, w, x, &a) && (yes_no || strcmp(a.value, "YES") == 0);
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
