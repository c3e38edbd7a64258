/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What answers mean by a provider's profile, for one message or for each of a batch. Called by drivers/http and by the
 * terminal's replay. Pure; answers are hostile and bounded (document.h). */
#include <stdlib.h>
#include <string.h>

#include "config/provider_profile.h"
#include "gateway/base/own.h"

#define ELEMENTS_MAX 4096
#define NUMBER_DIGITS 9 /* of a number, however its country is written */

void provider_answer_done(struct provider_answer *a)
{
	free(a->reference);
	free(a->code);
	free(a->price);
	*a = (struct provider_answer){ 0 };
}

void provider_token_done(struct provider_token *t)
{
	if (t->token)
		explicit_bzero(t->token, strlen(t->token));
	free(t->token);
	free(t->detail);
	*t = (struct provider_token){ 0 };
}

static int judge(const struct verdict_plan *plan, const struct received *in, struct provider_answer *ret)
{
	struct document *d = NULL;
	int r = document_new(plan->format, in, &d);
	r = r == E_NOMEM ? r : verdict_judge(plan, d, in, ret);
	document_free(d);
	return r;
}

int provider_lookup_answer(const struct provider *p, const struct received *in, struct provider_answer *ret)
{
	return judge(&p->profile.lookup.verdict, in, ret);
}

int provider_token_answer(const struct provider *p, const struct received *in, const json_t *secrets, struct provider_token *ret)
{
	return credential_answer(&p->profile.auth, in, secrets, ret);
}

/* "VND 1,785,000.50" → 1785000: digits with separators of thousands, a fraction cut off. */
static int read_amount(const char *text, int64_t *ret)
{
	const char *from = text + strcspn(text, "0123456789");
	bool negative = from > text && from[-1] == '-';
	int64_t amount = 0;
	if (!*from)
		return E_INVALID;
	for (; *from && amount < INT64_MAX / 100; from++) {
		if (*from >= '0' && *from <= '9')
			amount = amount * 10 + (*from - '0');
		else if (*from != ',')
			break;
	}
	*ret = negative ? -amount : amount;
	return 0;
}

int provider_balance_answer(const struct provider *p, const struct received *in, int64_t *ret)
{
	struct document *d = NULL;
	OWN(mem) char *value = NULL;
	if (in->status < 200 || in->status > 299)
		return E_INVALID;
	int r = document_new(p->profile.balance.format, in, &d);
	r = r ? r : document_get(d, in, &p->profile.balance.value, &value);
	r = r ? r : read_amount(value, ret);
	document_free(d);
	return r == E_NOT_FOUND ? E_INVALID : r;
}

/* ---- batches ---- */

struct batch {
	const struct profile *profile;
	const struct document *answer;
	const struct received *in;
	struct document **elements;
	size_t n_elements;
};

static bool same_number(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);
	return n >= NUMBER_DIGITS && m >= NUMBER_DIGITS && !strcmp(a + n - NUMBER_DIGITS, b + m - NUMBER_DIGITS);
}

/* Does element i speak of the message? E_NOT_FOUND when not. */
static int speaks_of(const struct batch *b, size_t i, const struct provider_message *m)
{
	const struct place *key = &b->profile->each.key, *to = &b->profile->each.to;
	OWN(mem) char *value = NULL;
	int r = document_get(b->elements[i], b->in, key->kind != PLACE_NONE ? key : to, &value);
	if (r)
		return r == E_NOMEM ? r : E_NOT_FOUND;
	bool same = key->kind != PLACE_NONE ? !strcmp(value, m->key) : same_number(value, m->to);
	return same ? 0 : E_NOT_FOUND;
}

/* The one element that speaks of message n. E_NOT_FOUND: none or several. */
static int find_element(const struct batch *b, const struct provider_message *m, size_t n, size_t n_messages, size_t *ret)
{
	size_t found = b->n_elements, count = 0;
	if (b->profile->each.key.kind == PLACE_NONE && b->profile->each.to.kind == PLACE_NONE) {
		*ret = n;
		return b->n_elements == n_messages ? 0 : E_NOT_FOUND;
	}
	for (size_t i = 0; i < b->n_elements; i++) {
		int r = speaks_of(b, i, m);
		if (r == E_NOMEM)
			return r;
		found = r ? found : i;
		count += !r;
	}
	*ret = found;
	return count == 1 ? 0 : E_NOT_FOUND;
}

/* Where the elements have no id of their own, the answer's stands for all of them. */
static int judge_one(const struct batch *b, const struct document *element, const struct received *in, struct provider_answer *ret)
{
	const struct verdict_plan *own = &b->profile->each.verdict, *whole = &b->profile->answer;
	int r = verdict_judge(own, element, in, ret);
	return r || own->id.kind != PLACE_NONE || whole->id.kind == PLACE_NONE ? r : verdict_reference(whole, b->answer, b->in, ret);
}

static int judge_each(const struct batch *b, const struct provider_message *m, size_t n, struct provider_answer *ret)
{
	for (size_t i = 0; i < n; i++) {
		struct received in = *b->in;
		size_t at = 0;
		in.key = m[i].key;
		int r = find_element(b, &m[i], i, n, &at);
		if (r == E_NOT_FOUND)
			ret[i] = (struct provider_answer){ .outcome = "unclear", .detail = "the answer does not speak of this message" };
		else
			r = r ? r : judge_one(b, b->elements[at], &in, &ret[i]);
		if (r && r != E_NOT_FOUND)
			return r;
	}
	return 0;
}

static int split(struct batch *b)
{
	size_t n = document_elements(b->answer, &b->profile->each.list);
	if (n > ELEMENTS_MAX)
		return E_INVALID;
	b->elements = calloc(n + 1, sizeof(struct document *));
	if (!b->elements)
		return E_NOMEM;
	for (int r = 0; b->n_elements < n; b->n_elements++) {
		r = document_element(b->answer, &b->profile->each.list, b->n_elements, &b->elements[b->n_elements]);
		if (r)
			return r;
	}
	return 0;
}

static int answer_each(struct batch *b, const struct provider_message *m, size_t n, struct provider_answer *ret)
{
	int r = split(b);
	if (r == E_INVALID)
		b->n_elements = 0; /* more than anybody asked for: it speaks of none */
	r = r == E_NOMEM ? r : judge_each(b, m, n, ret);
	for (size_t i = 0; i < b->n_elements; i++)
		document_free(b->elements[i]);
	free(b->elements);
	return r;
}

static int answer_all(const struct profile *f, const struct document *d, const struct provider_message *m, size_t n,
		      const struct received *in, struct provider_answer *ret)
{
	int r = 0;
	for (size_t i = 0; !r && i < n; i++) {
		struct received one = *in;
		one.key = m ? m[i].key : in->key;
		r = verdict_judge(&f->answer, d, &one, &ret[i]);
		ret[i].whole = n > 1;
		if (r || strcmp(ret[i].outcome, "each"))
			continue;
		struct batch b = { .profile = f, .answer = d, .in = in };
		provider_answer_done(&ret[i]);
		return m ? answer_each(&b, m, n, ret) : E_INVALID;
	}
	return r;
}

int provider_answers(const struct provider *p, const struct provider_message *m, size_t n, const struct received *in,
		     struct provider_answer *ret)
{
	struct document *d = NULL;
	for (size_t i = 0; i < n; i++)
		ret[i] = (struct provider_answer){ 0 };
	int r = document_new(p->profile.answer.format, in, &d);
	r = r == E_NOMEM ? r : answer_all(&p->profile, d, m, n, in, ret);
	document_free(d);
	for (size_t i = 0; r && i < n; i++)
		provider_answer_done(&ret[i]);
	return r;
}

int provider_answer(const struct provider *p, const struct received *in, struct provider_answer *ret)
{
	const struct provider_message m = { .to = "", .key = in->key ? in->key : "" };
	return provider_answers(p, &m, 1, in, ret);
}
