/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers as people and networks write them, made E.164 by a plan. Called by imports, verbs and the inbox. Guesses only
 * where one reading is possible; keeps nothing, does no I/O, logs nothing. */
#include "gateway/base/phone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/fold.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"

#define DIGITS_ROOM 40
#define E164_DIGITS_MAX 15
#define E164_DIGITS_MIN 7 /* +683 and four digits */
#define FULL_DIGITS_MIN 9 /* shorter runs before a decimal point are groups of a number */

/* What stands between digits, and from how many digits before and behind it on there are two numbers. */
enum gap { GAP_WITHIN, GAP_WORD, GAP_BETWEEN, GAPS };
static const struct {
	size_t before, behind;
} two_numbers[GAPS] = {
	[GAP_WITHIN] = { 9, 9 }, /* one number never has eighteen */
	[GAP_WORD] = { 7, 7 },
	[GAP_BETWEEN] = { 7, 1 }, /* "0912345678/79" */
};

/* The digits of a text and what stood between them. */
struct scan {
	char digits[DIGITS_ROOM];
	size_t n;         /* all digits, also those without room */
	size_t cut[GAPS]; /* digits before the first gap of each kind that may divide two numbers; 0 = none */
	bool plus, letters;
};

static const char *const kind_names[] = {
	[PHONE_MOBILE] = "mobile", [PHONE_LANDLINE] = "landline", [PHONE_FOREIGN] = "foreign", [PHONE_SHORT] = "short",
	[PHONE_EMERGENCY] = "emergency", [PHONE_SPECIAL] = "special", [PHONE_ALPHA] = "alpha",
};

void phone_plan_done(struct phone_plan *plan)
{
	free(plan->ranges);
	free(plan->renumberings);
	free(plan->short_numbers);
	*plan = (struct phone_plan){ 0 };
}

bool phone_can_receive(const struct phone *p)
{
	return p->kind == PHONE_MOBILE || p->kind == PHONE_FOREIGN;
}

const char *phone_kind_name(enum phone_kind kind)
{
	return kind_names[kind];
}

int phone_kind_parse(const char *name, enum phone_kind *ret)
{
	for (size_t i = 0; i < COUNT_OF(kind_names); i++) {
		if (strcmp(kind_names[i], name) == 0) {
			*ret = (enum phone_kind)i;
			return 0;
		}
	}
	return E_INVALID;
}

static bool starts(const char *text, const char *prefix)
{
	return *prefix && strncmp(text, prefix, strlen(prefix)) == 0;
}

/* ---- from text to digits ------------------------------------------------------------------------------ */

/* "9.12345678e8" where every digit is there becomes "912345678". Result: 0 no such form, 1 done, E_INVALID digits lost. */
static int undo_scientific(char *text)
{
	char *p = text + strspn(text, "+");
	size_t whole = strspn(p, "0123456789");
	char *point = p + whole;
	if (!whole || (*point != '.' && *point != ',' && *point != 'e'))
		return 0;
	size_t fraction = *point == 'e' ? 0 : strspn(point + 1, "0123456789");
	char *e = *point == 'e' ? point : point + 1 + fraction;
	if (*e != 'e')
		return 0;
	e += 1 + (e[1] == '+');
	size_t exponent_digits = strspn(e, "0123456789");
	if (!exponent_digits || e[exponent_digits])
		return 0;
	if (exponent_digits > 2 || strtoul(e, NULL, 10) != fraction || !fraction)
		return E_INVALID;
	memmove(point, point + 1, fraction);
	point[fraction] = '\0';
	return 1;
}

/* "912345678.0", as a number read from a spreadsheet prints. */
static void cut_decimals(char *text)
{
	text += strspn(text, "+");
	size_t n = strspn(text, "0123456789");
	if (n >= FULL_DIGITS_MIN && (strcmp(text + n, ".0") == 0 || strcmp(text + n, ".00") == 0))
		text[n] = '\0';
}

static enum gap gap_of(char c)
{
	if (strchr(" .-()[]", c))
		return GAP_WITHIN;
	return strchr("/;|&", c) ? GAP_BETWEEN : GAP_WORD;
}

static void scan_text(const char *text, struct scan *s)
{
	for (const char *p = text; *p; p++) {
		if (*p >= '0' && *p <= '9') {
			if (s->n < DIGITS_ROOM - 1)
				s->digits[s->n] = *p;
			s->n++;
			continue;
		}
		enum gap gap = gap_of(*p);
		if (s->n == 0 && *p == '+' && !s->plus)
			s->plus = true;
		else if (gap == GAP_WORD && *p != ',' && (*p != '\'' || s->n))
			s->letters = true;
		if (!s->cut[gap] && s->n >= two_numbers[gap].before)
			s->cut[gap] = s->n;
	}
}

/* Digits of folded text, with or without "+", or the rule that forbids. */
static const char *read_digits(char *text, struct scan *ret)
{
	if (undo_scientific(text) < 0)
		return "scientific";
	cut_decimals(text);
	scan_text(text, ret);
	for (int gap = 0; gap < GAPS; gap++)
		if (ret->cut[gap] && ret->n - ret->cut[gap] >= two_numbers[gap].behind)
			return "two_numbers";
	if (ret->letters)
		return "letters";
	if (ret->n == 0)
		return "empty";
	return ret->n >= DIGITS_ROOM ? "too_long" : NULL;
}

/* ---- from digits to a number: each gives NULL, or the rule that forbids ------------------------------- */

/* International services that cost the sender a fortune or reach nobody: freephone, shared cost, satellite, networks,
 * premium (ITU-T E.164 list), and the premium area of North America. */
static const char *const special_codes[] = { "800", "808", "870", "878", "881", "882", "883", "888", "979", "1900" };

static const struct phone_range *range_of(const struct phone_plan *plan, const char *national)
{
	const struct phone_range *best = NULL;
	for (size_t i = 0; i < plan->n_ranges; i++) {
		const struct phone_range *r = &plan->ranges[i];
		if (starts(national, r->prefix) && (!best || strlen(r->prefix) > strlen(best->prefix)))
			best = r;
	}
	return best;
}

/* The number of today for an old one; text is as long as DIGITS_ROOM. */
static void renumber(const struct phone_plan *plan, char *national)
{
	size_t n = strlen(national);
	for (size_t i = 0; i < plan->n_renumberings; i++) {
		const struct phone_renumbering *r = &plan->renumberings[i];
		size_t from = strlen(r->from), to = strlen(r->to);
		if (n != (size_t)r->digits || !starts(national, r->from) || n - from + to >= DIGITS_ROOM)
			continue;
		memmove(national + to, national + from, n - from + 1);
		memcpy(national, r->to, to);
		return;
	}
}

static void keep(struct phone *ret, enum phone_kind kind, const char *network, const char *lead, const char *digits)
{
	*ret = (struct phone){ .kind = kind };
	snprintf(ret->network, sizeof(ret->network), "%s", network);
	int room = (int)(sizeof(ret->e164) - 1 - strlen(lead)); /* the callers have checked: 15 digits and a plus at most */
	snprintf(ret->e164, sizeof(ret->e164), "%s%.*s", lead, room, digits);
}

/* Emergency and other short numbers. */
static bool is_short(const struct phone_plan *plan, const char *digits, struct phone *ret)
{
	size_t n = strlen(digits);
	enum phone_kind kind = PHONE_SHORT;
	for (size_t i = 0; i < plan->n_short_numbers; i++)
		if (strcmp(plan->short_numbers[i], digits) == 0)
			kind = PHONE_EMERGENCY;
	if (kind == PHONE_SHORT && (n < (size_t)plan->short_digits_min || n > (size_t)plan->short_digits_max))
		return false;
	keep(ret, kind, "", "", digits);
	return true;
}

static const char *national(const struct phone_plan *plan, const char *digits, struct phone *ret)
{
	char number[DIGITS_ROOM], lead[8];
	snprintf(number, sizeof(number), "%s", digits);
	renumber(plan, number);
	const struct phone_range *r = range_of(plan, number);
	int n = (int)strlen(number);
	if (!r)
		return n < E164_DIGITS_MIN ? "too_short" : n > E164_DIGITS_MAX ? "too_long" : "unknown_prefix";
	if (n < r->digits_min)
		return "too_short";
	if (n > r->digits_max || n > E164_DIGITS_MAX - (int)strlen(plan->country_code))
		return "too_long";
	snprintf(lead, sizeof(lead), "+%s", plan->country_code);
	keep(ret, r->kind, r->network, r->kind == PHONE_SPECIAL ? "" : lead, number);
	return NULL;
}

static const char *international(const struct phone_plan *plan, const char *digits, struct phone *ret)
{
	size_t n = strlen(digits);
	if (starts(digits, plan->country_code)) {
		digits += strlen(plan->country_code);
		if (is_short(plan, digits, ret))
			return NULL;
		return national(plan, starts(digits, plan->trunk) ? digits + strlen(plan->trunk) : digits, ret);
	}
	if (n < E164_DIGITS_MIN || n > E164_DIGITS_MAX)
		return n < E164_DIGITS_MIN ? "too_short" : "too_long";
	if (digits[0] == '0')
		return "unknown_prefix";
	enum phone_kind kind = PHONE_FOREIGN;
	for (size_t i = 0; i < COUNT_OF(special_codes); i++)
		if (starts(digits, special_codes[i]))
			kind = PHONE_SPECIAL;
	keep(ret, kind, "", "+", digits);
	return NULL;
}

static const char *number(const struct phone_plan *plan, const char *digits, bool plus, struct phone *ret)
{
	struct phone other;
	if (plus && digits[0] != '0')
		return international(plan, digits, ret);
	if (starts(digits, plan->international)) {
		digits += strlen(plan->international);
		/* one zero too many before a number of the country, or a foreign number: nobody can tell */
		return national(plan, digits, &other) ? international(plan, digits, ret) : "unknown_prefix";
	}
	if (starts(digits, plan->trunk))
		return national(plan, digits + strlen(plan->trunk), ret);
	if (is_short(plan, digits, ret))
		return NULL;
	if (starts(digits, plan->country_code) && !international(plan, digits, &other) && other.kind != PHONE_SHORT) {
		*ret = other;
		return NULL;
	}
	return national(plan, digits, ret);
}

int phone_parse(const struct phone_plan *plan, const char *text, struct phone *ret, const char **ret_rule)
{
	OWN(mem) char *folded = fold(text);
	if (!folded)
		return E_NOMEM;
	struct scan s = { 0 };
	struct phone p;
	const char *rule = read_digits(folded, &s);
	if (!rule)
		rule = number(plan, s.digits, s.plus, &p);
	if (!rule)
		*ret = p;
	else if (ret_rule)
		*ret_rule = rule;
	return rule ? E_INVALID : 0;
}

int phone_parse_sender(const struct phone_plan *plan, const char *text, struct phone *ret)
{
	int r = phone_parse(plan, text, ret, NULL);
	if (r != E_INVALID)
		return r;
	*ret = (struct phone){ .kind = PHONE_ALPHA };
	memcpy(ret->e164, text, text_cut(text, sizeof(ret->e164) - 1));
	return 0;
}
