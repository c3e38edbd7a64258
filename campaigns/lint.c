/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rules of lint, one row each in the order they are told. Called by preview and submit. Pure: looks at texts and
 * counts only. A new rule is one function and one row. */
#include "campaigns/lint.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "campaigns/template.h"
#include "gateway/base/calendar.h"
#include "gateway/base/fold.h"
#include "gateway/base/gsm7.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"

#define SEGMENTS_WARN 3
#define REF_BITS 8
#define FIGURES_BYTES 96
#define TAIL_CHARS 40 /* an advert's way out stands in its last words */

struct facts {
	const struct lint_question *q;
	const char *folded;  /* of the text */
	const char *sample;  /* longest merged text, or the text itself */
	struct measure size;  /* of the sample */
	struct measure plain; /* of the sample without accents */
};

/* Letters around count as part of the word, and so do "-" and "/" in "QD-TC", "12/TC". */
static bool joins(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80 || c == '-' || c == '/' || c == '_';
}

static const char *word_tc(const char *folded)
{
	for (const char *p = folded; (p = strstr(p, "tc")); p++)
		if ((p == folded || !joins(p[-1])) && !joins(p[2]))
			return p;
	return NULL;
}

bool lint_has_optout(const char *text)
{
	OWN(mem) char *folded = fold(text);
	return folded && word_tc(folded);
}

/* Digits of one number, together or in groups that one and the same sign parts: "0123 4567 8901". */
struct run {
	size_t n_digits, n_bytes, shortest; /* shortest: digits of its smallest group */
	char sign;                          /* 0 = they stand together */
	bool threes;                        /* every group has three */
};

static struct run run_at(const char *p)
{
	size_t n = strspn(p, "0123456789");
	struct run r = { .n_digits = n, .n_bytes = n, .shortest = n, .threes = n == 3 };
	while (p[r.n_bytes] && strchr(" .-", p[r.n_bytes]) && (!r.sign || r.sign == p[r.n_bytes]) && (n = strspn(p + r.n_bytes + 1, "0123456789"))) {
		r.sign = p[r.n_bytes];
		r.n_bytes += 1 + n;
		r.n_digits += n;
		r.shortest = n < r.shortest ? n : r.shortest;
		r.threes &= n == 3;
	}
	return r;
}

/* Sums are written in threes too: "100.000.000". Those begin with no 0, and none has dots between other groups. */
static bool is_identity(const struct run *r, const char *text)
{
	bool sum = r->threes && r->sign && *text != '0' && (r->sign == '.' || r->n_digits == 9);
	return (r->n_digits == 9 || r->n_digits == 12) && (!r->sign || (r->shortest >= 3 && !sum));
}

static bool identity_in(const char *folded)
{
	for (const char *p = folded; *p;) {
		if (*p < '0' || *p > '9') {
			p++;
			continue;
		}
		struct run r = run_at(p);
		if (is_identity(&r, p))
			return true;
		p += r.n_bytes;
	}
	return false;
}

bool lint_has_identity(const char *text)
{
	OWN(mem) char *folded = fold(text);
	return folded && identity_in(folded);
}

static bool bad_field(const struct facts *f)
{
	struct complaint c = { 0 };
	return template_check(f->q->text, &c) == E_INVALID;
}

static bool no_optout(const struct facts *f)
{
	return message_class_is_bulk(f->q->class) && !word_tc(f->folded);
}

static bool no_label(const struct facts *f)
{
	return f->q->class == CLASS_ADVERT && strncmp(f->q->text, "[QC]", 4) && strncmp(f->q->text, "[AD]", 4);
}

static bool identity(const struct facts *f)
{
	return f->q->identity_in_values || identity_in(f->folded);
}

/* People without a value: each is counted once, for the first field that they lack. */
static int64_t n_missing(const struct facts *f)
{
	int64_t sum = 0;
	const char *key;
	json_t *n, *missing = (json_t *)(uintptr_t)f->q->missing; /* jansson iterates over non-const objects only */
	json_object_foreach(missing, key, n)
		sum += json_integer_value(n);
	return sum;
}

static bool missing_for_all(const struct facts *f)
{
	return f->q->looked_at > 0 && n_missing(f) >= f->q->looked_at;
}

static bool missing_for_some(const struct facts *f)
{
	return !missing_for_all(f) && n_missing(f) > 0;
}

static bool expired_fact(const struct facts *f)
{
	return f->q->expired_fact;
}

static bool past_route(const struct facts *f)
{
	return f->q->refused_units > 0;
}

static bool short_link(const struct facts *f)
{
	static const char *const hosts[] = { "bit.ly/", "goo.gl/", "tinyurl.com/", "t.co/", "is.gd/", "ow.ly/", "cutt.ly/", "shorturl.at/",
					     "s.id/", "rb.gy/", "t.ly/", "rebrand.ly/", "tiny.cc/", "buff.ly/", "by.com.vn/", "link1s.com/" };
	for (size_t i = 0; i < COUNT_OF(hosts); i++) {
		const char *p = strstr(f->folded, hosts[i]);
		if (p && (p == f->folded || !isalnum((unsigned char)p[-1])))
			return true;
	}
	return false;
}

static bool ucs2_dearer(const struct facts *f)
{
	return f->size.encoding == ENCODING_UCS2 && f->size.n_segments > f->plain.n_segments;
}

static bool ucs2_at_no_cost(const struct facts *f)
{
	return f->size.encoding == ENCODING_UCS2 && f->size.n_segments <= f->plain.n_segments;
}

static bool too_long(const struct facts *f)
{
	return f->size.n_segments > SEGMENTS_WARN;
}

static bool starts_at_night(const struct facts *f)
{
	const struct lint_question *q = f->q;
	if (!q->start_at || !message_class_is_bulk(q->class) || q->quiet_from_min == q->quiet_to_min)
		return false;
	int at = calendar_minutes(q->zone, q->start_at);
	return q->quiet_from_min < q->quiet_to_min ? at >= q->quiet_from_min && at < q->quiet_to_min
						    : at >= q->quiet_from_min || at < q->quiet_to_min;
}

static bool past_quota(const struct facts *f)
{
	return f->q->daily_segments && f->q->segments > f->q->daily_segments;
}

static bool dnc_stale(const struct facts *f)
{
	return f->q->dnc_stale;
}

static bool optout_not_last(const struct facts *f)
{
	const char *at = f->q->class == CLASS_ADVERT ? word_tc(f->folded) : NULL;
	for (const char *next = at; next; next = word_tc(next + 2))
		at = next;
	return at && strlen(at) > TAIL_CHARS;
}

static const struct {
	const char *rule;
	bool stop;
	bool (*broken)(const struct facts *f);
	const char *text;
} rules[] = {
	{ "bad_field", true, bad_field, "A merge field is not closed or has no name; write it as {{name}}." },
	{ "optout", true, no_optout, "The text does not say how to stop: add \"TC\" as a word of its own, such as \"Tu choi: soan TC\"." },
	{ "label", true, no_label, "An advert must begin with [QC] or [AD]." },
	{ "identity_number", true, identity, "The text holds nine or twelve digits in a row or in groups, which look like an identity number." },
	{ "missing_value", true, missing_for_all, "Nobody in this audience has a value for every merge field." },
	{ "expired_fact", true, expired_fact, "A dated fact of the text does not hold on the day it leaves; see fact list." },
	{ "route_limit", true, past_route, "The chosen way of sending does not take this text." },
	{ "missing_value", false, missing_for_some, "Some people have no value for a merge field and are left out." },
	{ "short_link", false, short_link, "A shortened link hides where it leads." },
	{ "ucs2", false, ucs2_dearer, "Accented letters make the message dearer; see the text without accents." },
	{ "ucs2", false, ucs2_at_no_cost, "Accented letters leave room for 70 characters instead of 160; this message costs no more for them." },
	{ "long", false, too_long, "The longest message takes more than three segments." },
	{ "quiet_hours", false, starts_at_night, "The start lies in the quiet hours: messages wait until these end." },
	{ "quota", false, past_quota, "This is more than the channels may send in one day: what is left then expires." },
	{ "dnc_stale", false, dnc_stale, "No Do-Not-Call list of the last seven days is there: take one in before advertising." },
	{ "optout_at_end", false, optout_not_last, "In an advert the way to stop stands at the end." },
};

/* The figures behind a rule's sentence; "" where it needs none. */
static void count_out(const struct facts *f, bool (*broken)(const struct facts *f), char ret[FIGURES_BYTES])
{
	const struct lint_question *q = f->q;
	ret[0] = '\0';
	if (broken == ucs2_dearer || broken == ucs2_at_no_cost)
		snprintf(ret, FIGURES_BYTES, " Segments: %d, without accents %d.", f->size.n_segments, f->plain.n_segments);
	if (broken == past_quota)
		snprintf(ret, FIGURES_BYTES, " Segments: %lld, a day %lld.", (long long)q->segments, (long long)q->daily_segments);
	if (broken == past_route)
		snprintf(ret, FIGURES_BYTES, " The longest has %lld characters; at most %lld go%s.", (long long)q->refused_units, (long long)q->refused_most,
			 q->refused_most ? "" : " with accented letters");
	if (broken == missing_for_some)
		snprintf(ret, FIGURES_BYTES, " People: %lld of %lld.", (long long)n_missing(f), (long long)q->looked_at);
}

int lint_text(const struct lint_question *q, json_t **ret)
{
	OWN(mem) char *folded = fold(q->text);
	OWN(mem) char *plain = fold_plain(q->longest ? q->longest : q->text);
	OWN(json) json_t *list = json_array();
	if (!folded || !plain || !list)
		return E_NOMEM;
	struct facts f = { .q = q, .folded = folded, .sample = q->longest ? q->longest : q->text };
	gsm7_measure(f.sample, REF_BITS, &f.size);
	gsm7_measure(plain, REF_BITS, &f.plain);
	for (size_t i = 0; i < COUNT_OF(rules); i++) {
		if (!rules[i].broken(&f))
			continue;
		char figures[FIGURES_BYTES];
		count_out(&f, rules[i].broken, figures);
		json_t *row = json_pack("{s:s, s:s, s:s+}", "rule", rules[i].rule, "severity", rules[i].stop ? "stop" : "warn", "text",
					rules[i].text, figures);
		if (!row || json_array_append_new(list, row))
			return E_NOMEM;
	}
	*ret = MOVE(list);
	return 0;
}

const json_t *lint_stop(const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (!strcmp(json_str(json_array_get(list, i), "severity", ""), "stop"))
			return json_array_get(list, i);
	return NULL;
}
