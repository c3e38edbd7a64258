/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads and applies the rules for answers. Called by profile.c (reading) and provider.c (judging). Answers are hostile: no
 * message is called accepted without a valid id where the profile names one. Pure: no I/O, no clock. */
#include "config/verdict.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "config/regexp.h"
#include "config/secret.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"

#define CODE_BYTES_MAX 64
#define PRICE_BYTES_MAX 32
#define NUMBER_DIGITS_MIN 9 /* the shortest subscriber's number without its trunk prefix */
#define SEGMENTS_MAX 255
#define RETRY_AFTER_MAX_S 86400

/* ---- reading ---- */

/* "200", "200-299", "4xx", or 200 as a number. */
static int read_status(const struct reader *g, struct verdict_rule *rule)
{
	const json_t *value = json_object_get(g->values, "status");
	const char *text = json_string_value(value);
	int from = 0, to = 0, end = 0;
	if (!value)
		return 0;
	if (json_is_integer(value)) {
		from = to = (int)json_integer_value(value);
	} else if (text && sscanf(text, "%3d-%3d%n", &from, &to, &end) == 2 && !text[end]) {
		/* a range */
	} else if (text && sscanf(text, "%1dxx%n", &from, &end) == 1 && end == 3 && !text[end]) {
		from *= 100;
		to = from + 99;
	} else if (text && sscanf(text, "%3d%n", &from, &end) == 1 && !text[end]) {
		to = from;
	}
	if (from < 100 || to > 599 || from > to)
		return reader_wrong(g, "status", "status", "must be like \"200\", \"200-299\" or \"4xx\"");
	rule->status_from = from;
	rule->status_to = to;
	return 0;
}

static int read_matches(const struct reader *g, struct verdict_rule *rule)
{
	OWN(mem) char *text = NULL;
	const char *why = NULL;
	int r = reader_text(g, "matches", NULL, &text);
	if (r || !text)
		return r;
	r = regexp_parse(text, REG_NOSUB, &rule->matches, &why);
	rule->has_matches = !r;
	return r == E_INVALID ? reader_wrong(g, "matches", "pattern", why) : r;
}

static int read_condition(const struct reader *g, enum format format, struct verdict_rule *rule)
{
	int r = read_status(g, rule);
	r = r ? r : reader_place(g, "at", format, false, &rule->at);
	r = r ? r : reader_word(g, "equals", &rule->equals);
	r = r ? r : read_matches(g, rule);
	if (r || !(rule->equals || rule->has_matches) || rule->at.kind != PLACE_NONE)
		return r;
	if (format != FORMAT_TEXT)
		return reader_wrong(g, "at", "missing", "is missing: equals and matches look at a place");
	rule->at.kind = PLACE_WHOLE;
	return 0;
}

static int read_rule(const struct reader *g, enum format format, bool each, struct verdict_rule *rule)
{
	static const char *const outcomes[] = { "each", "accepted", "duplicate", "refused", "not_sent", "unclear", NULL };
	static const char *const faults[] = { "message", "recipient", "channel", NULL };
	int r = read_condition(g, format, rule);
	r = r ? r : reader_place(g, "code", format, false, &rule->code);
	r = r ? r : reader_place(g, "retry_after", format, false, &rule->retry_after);
	r = r ? r : reader_flag(g, "renew", &rule->renew);
	r = r ? r : reader_name(g, "outcome", outcomes + !each,
				each ? "must be each, accepted, duplicate, refused, not_sent or unclear" :
				       "must be accepted, duplicate, refused, not_sent or unclear",
				&rule->outcome);
	if (!r && json_object_get(g->values, "fault"))
		r = reader_name(g, "fault", faults, "must be message, recipient or channel", &rule->fault);
	return r;
}

static bool has_condition(const struct verdict_rule *rule)
{
	return rule->status_from || rule->at.kind != PLACE_NONE || rule->equals || rule->has_matches;
}

static int read_rules(const struct reader *g, bool each, struct verdict_plan *p)
{
	static const char *const keys[] = { "status", "at", "equals", "matches", "outcome", "code", "fault", "retry_after", "renew", NULL };
	size_t n;
	int r = reader_list(g, "rules", true, &n);
	if (r || !n)
		return r ? r : reader_wrong(g, "rules", "missing", "is empty");
	p->rules = calloc(n, sizeof(*p->rules));
	if (!p->rules)
		return E_NOMEM;
	for (size_t i = 0; i < n; i++) {
		struct reader e;
		struct verdict_rule *rule = &p->rules[p->n_rules++];
		r = reader_element(g, "rules", i, keys, &e);
		r = r ? r : read_rule(&e, p->format, each, rule);
		if (r)
			return r;
		if (has_condition(rule) == (i + 1 == n))
			return reader_wrong(&e, "", "condition",
				     i + 1 == n ? "is the last rule and must have no condition" :
						  "has no condition, so the rules behind it can never be used");
	}
	return 0;
}

int verdict_read(const struct reader *g, bool each, struct verdict_plan *p)
{
	int r = reader_place(g, "id", p->format, false, &p->id);
	r = r ? r : reader_place(g, "segments", p->format, false, &p->segments);
	r = r ? r : reader_place(g, "price", p->format, false, &p->price);
	return r ? r : read_rules(g, each, p);
}

void verdict_done(struct verdict_plan *p)
{
	place_done(&p->id);
	place_done(&p->segments);
	place_done(&p->price);
	for (size_t i = 0; i < p->n_rules; i++) {
		struct verdict_rule *rule = &p->rules[i];
		if (rule->has_matches)
			regfree(&rule->matches);
		free(rule->equals);
		place_done(&rule->at);
		place_done(&rule->code);
		place_done(&rule->retry_after);
	}
	free(p->rules);
	*p = (struct verdict_plan){ 0 };
}

/* ---- judging ---- */

bool verdict_is_token(const char *text, size_t bytes_max)
{
	size_t n = strlen(text);
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7F)
			return false;
	return n > 0 && n <= bytes_max;
}

static bool matches(const struct verdict_rule *rule, const char *value)
{
	if (rule->equals && strcmp(rule->equals, value))
		return false;
	if (!rule->has_matches)
		return true;
	return strlen(value) <= DOCUMENT_TEXT_BYTES && !regexec(&rule->matches, value, 0, NULL, 0);
}

static int rule_holds(const struct verdict_rule *rule, const struct document *d, const struct received *in, bool *ret)
{
	*ret = !rule->status_from || (in->status >= rule->status_from && in->status <= rule->status_to);
	if (!*ret || rule->at.kind == PLACE_NONE)
		return 0;
	OWN(mem) char *value = NULL;
	int r = document_get(d, in, &rule->at, &value);
	*ret = !r && matches(rule, value);
	return r == E_NOMEM ? r : 0;
}

static int64_t http_date_s(const char *text)
{
	struct tm tm = { 0 };
	const char *end = strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &tm);
	return end && !*end ? (int64_t)timegm(&tm) : 0;
}

int64_t verdict_wish_s(const char *text, int64_t now_s)
{
	char *end;
	double number = strtod(text, &end);
	double after = 0;
	if (end != text && !*end)
		after = number > 1e11 ? number / 1000 - (double)now_s : number > 1e9 ? number - (double)now_s : number;
	else if (http_date_s(text))
		after = (double)(http_date_s(text) - now_s);
	if (!(after > 0))
		return 0;
	return after >= RETRY_AFTER_MAX_S ? RETRY_AFTER_MAX_S : (int64_t)(after + 0.999);
}

static int read_retry_after(const struct verdict_rule *rule, const struct document *d, const struct received *in,
			    struct provider_answer *a)
{
	OWN(mem) char *value = NULL;
	if (rule->retry_after.kind != PLACE_NONE && document_get(d, in, &rule->retry_after, &value) == E_NOMEM)
		return E_NOMEM;
	if (value)
		a->retry_after_s = verdict_wish_s(value, in->now_ms / 1000);
	const char *header = in->status == 429 || in->status == 503 ? received_header(in, "Retry-After") : NULL;
	if (!a->retry_after_s && header)
		a->retry_after_s = verdict_wish_s(header, in->now_ms / 1000);
	return 0;
}

/* Digits from p on, with single separators between them; *ret_end behind the last one. */
static size_t digits_at(const char *p, const char **ret_end)
{
	size_t n = 0;
	const char *end = p;
	for (; *p; p++) {
		if (*p >= '0' && *p <= '9') {
			n++;
			end = p + 1;
		} else if (!n || !strchr(" .-", *p) || p != end) {
			break;
		}
	}
	*ret_end = end;
	return n;
}

void verdict_mask(char *text)
{
	char *out = text;
	while (*text) {
		const char *end = text;
		size_t n = digits_at(text, &end);
		if (n >= NUMBER_DIGITS_MIN) {
			*out++ = '#';
			text += end - text;
		} else {
			do
				*out++ = *text++;
			while (text < end);
		}
	}
	*out = '\0';
}

static void hide(char *text, const char *secret)
{
	size_t n = strlen(secret);
	for (char *at = text; (at = strstr(at, secret)); at++) {
		memmove(at + 1, at + n, strlen(at + n) + 1);
		*at = '#';
	}
}

/* Its digits may have been masked as a number before. */
void verdict_hide(char *text, const json_t *secrets)
{
	const char *name;
	json_t *value;
	/* jansson iterates over non-const objects only; nothing is written */
	json_object_foreach ((json_t *)(uintptr_t)secrets, name, value) {
		const char *secret = json_string_value(value);
		if (!secret || strlen(secret) < SECRET_CHARS_MIN)
			continue;
		hide(text, secret);
		OWN(mem) char *masked = strdup(secret);
		if (masked)
			verdict_mask(masked);
		if (masked && strcmp(masked, "#"))
			hide(text, masked);
	}
}

static int read_code(const struct verdict_rule *rule, const struct document *d, const struct received *in,
		     struct provider_answer *a)
{
	OWN(mem) char *value = NULL;
	if (rule->code.kind != PLACE_NONE && document_get(d, in, &rule->code, &value) == E_NOMEM)
		return E_NOMEM;
	if (value)
		verdict_mask(value);
	if (value && verdict_is_token(value, CODE_BYTES_MAX))
		a->code = MOVE(value);
	else if (in->status < 200 || in->status > 299)
		return asprintf(&a->code, "http:%d", in->status) < 0 ? E_NOMEM : 0;
	return 0;
}

static void doubt(struct provider_answer *a, const char *detail)
{
	a->outcome = "unclear";
	a->detail = detail;
	a->fault = NULL;
}

int verdict_reference(const struct verdict_plan *f, const struct document *d, const struct received *in, struct provider_answer *a)
{
	OWN(mem) char *id = NULL;
	if (f->id.kind != PLACE_NONE && document_get(d, in, &f->id, &id) == E_NOMEM)
		return E_NOMEM;
	bool good = id && verdict_is_token(id, VERDICT_ID_BYTES_MAX);
	if (good)
		a->reference = MOVE(id);
	if (!strcmp(a->outcome, "duplicate")) { /* taken when it came first; that answer had the id */
		a->outcome = "accepted";
		a->detail = "accepted before";
		return 0;
	}
	if (strcmp(a->outcome, "accepted"))
		return 0;
	if (!d)
		doubt(a, "answer cannot be read");
	else if (f->id.kind != PLACE_NONE && !good)
		doubt(a, id ? "provider id is malformed" : "provider id is missing");
	return 0;
}

/* What the provider counted, where it says so; nonsense is as if it had said nothing. */
static int read_bill(const struct verdict_plan *f, const struct document *d, const struct received *in, struct provider_answer *a)
{
	OWN(mem) char *segments = NULL;
	OWN(mem) char *price = NULL;
	if (f->segments.kind != PLACE_NONE && document_get(d, in, &f->segments, &segments) == E_NOMEM)
		return E_NOMEM;
	if (f->price.kind != PLACE_NONE && document_get(d, in, &f->price, &price) == E_NOMEM)
		return E_NOMEM;
	char *end = NULL;
	long n = segments ? strtol(segments, &end, 10) : 0;
	a->segments = end && !*end && n > 0 && n <= SEGMENTS_MAX ? (int)n : 0;
	if (price && verdict_is_token(price, PRICE_BYTES_MAX))
		a->price = MOVE(price);
	return 0;
}

static int judge(const struct verdict_plan *f, const struct document *d, const struct received *in, struct provider_answer *a)
{
	const struct verdict_rule *rule = &f->rules[f->n_rules - 1];
	for (size_t i = 0; i < f->n_rules; i++) {
		bool holds;
		int r = rule_holds(&f->rules[i], d, in, &holds);
		if (r)
			return r;
		if (holds) {
			rule = &f->rules[i];
			break;
		}
	}
	a->outcome = rule->outcome;
	a->fault = rule->fault;
	a->renew = rule->renew;
	int r = verdict_reference(f, d, in, a);
	r = r ? r : read_code(rule, d, in, a);
	r = r ? r : read_bill(f, d, in, a);
	return r ? r : read_retry_after(rule, d, in, a);
}

int verdict_judge(const struct verdict_plan *p, const struct document *d, const struct received *in, struct provider_answer *ret)
{
	struct provider_answer a = { 0 };
	int r = judge(p, d, in, &a);
	if (r)
		provider_answer_done(&a);
	*ret = a;
	return r;
}
