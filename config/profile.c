/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads and checks a provider's profile file. Called by provider_load. The only I/O is settings_read; an unknown key, a
 * wrong type or a rule that could never decide is refused with its file, line and key. */
#include "config/profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/reader.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"

OWN_DEFINE(settings, struct settings *, settings_free)

/* ---- submit ---- */

static int read_pieces(const struct reader *g, struct profile *p)
{
	OWN(mem) char *recipient = NULL;
	OWN(mem) char *parameter = NULL;
	int r = reader_text(g, "recipient", "", &recipient);
	r = r ? r : reader_text(g, "parameter", "", &parameter);
	r = r ? r : reader_text(g, "separator", ",", &p->separator);
	r = r ? r : reader_stencil(g, "recipient", recipient, HOLES_MESSAGE, &p->recipient);
	return r ? r : reader_stencil(g, "parameter", parameter, HOLE_BIT(HOLE_NUMBER) | HOLE_BIT(HOLE_VALUE), &p->parameter);
}

static int check_holes(const struct reader *g, const struct profile *p)
{
	const unsigned one = HOLE_BIT(HOLE_TO) | HOLE_BIT(HOLE_TO_NATIONAL) | HOLE_BIT(HOLE_TO_DIGITS);
	unsigned holes = request_plan_holes(&p->submit), pieces = holes | p->recipient.holes;
	if (holes & HOLE_BIT(HOLE_RECIPIENTS) && !p->recipient.n_pieces)
		return reader_wrong(g, "recipient", "missing", "is missing: {{recipients}} is made of it");
	if (p->batch > 1 && !(holes & HOLE_BIT(HOLE_RECIPIENTS)))
		return reader_wrong(g, "recipient", "missing", "must be given and {{recipients}} used: a batch has many");
	if (p->batch > 1 && holes & one)
		return reader_wrong(g, "recipient", "template", "alone may name {{to}} when a request is for many");
	if (pieces & HOLE_BIT(HOLE_PARAMETERS) && !p->parameter.n_pieces)
		return reader_wrong(g, "parameter", "missing", "is missing: {{parameters}} is made of it");
	if (pieces & (HOLE_BIT(HOLE_TEMPLATE) | HOLE_BIT(HOLE_PARAMETERS)) && !p->templates.n)
		return reader_wrong(g, "body", "template", "names {{template}} or {{parameters}}, but the profile has no templates");
	if (holes & HOLE_BIT(HOLE_AUTH) && p->auth.kind == CREDENTIAL_NONE)
		return reader_wrong(g, "headers", "template", "name {{auth}}, but the profile has no group auth");
	return 0;
}

static int read_submit(const struct reader *top, struct profile *p)
{
	static const char *const keys[] = { REQUEST_KEYS, "recipient", "separator", "parameter", NULL };
	struct reader g;
	int r = reader_group(top, "submit", true, keys, &g);
	r = r ? r : request_plan_read(&g, HOLES_SUBMIT, &p->submit);
	r = r ? r : read_pieces(&g, p);
	return r ? r : check_holes(&g, p);
}

/* ---- answer ---- */

static int read_each(const struct reader *answer, struct profile *p)
{
	static const char *const keys[] = { "list", "to", "key", VERDICT_KEYS, NULL };
	struct reader g;
	int r = reader_group(answer, "each", p->batch > 1, keys, &g);
	if (r || !g.values)
		return r;
	if (p->answer.format != FORMAT_JSON)
		return reader_wrong(&g, "list", "format", "is possible in answers of format json only");
	p->each.there = true;
	p->each.verdict.format = FORMAT_JSON;
	r = reader_place(&g, "list", FORMAT_JSON, true, &p->each.list);
	r = r ? r : reader_place(&g, "to", FORMAT_JSON, false, &p->each.to);
	r = r ? r : reader_place(&g, "key", FORMAT_JSON, false, &p->each.key);
	return r ? r : verdict_read(&g, false, &p->each.verdict);
}

static int read_answer(const struct reader *top, struct profile *p)
{
	static const char *const keys[] = { "format", "each", VERDICT_KEYS, NULL };
	struct reader g;
	int r = reader_group(top, "answer", true, keys, &g);
	r = r ? r : reader_format(&g, false, &p->answer.format);
	r = r ? r : read_each(&g, p);
	r = r ? r : verdict_read(&g, p->each.there, &p->answer);
	bool used = !p->each.there;
	for (size_t i = 0; !r && !used && i < p->answer.n_rules; i++)
		used = !strcmp(p->answer.rules[i].outcome, "each");
	return r || used ? r : reader_wrong(&g, "each", "unused", "is never used: no rule has outcome = \"each\"");
}

/* ---- questions to the provider ---- */

static int read_moments(const struct reader *g, struct profile *p)
{
	size_t n;
	int r = reader_list(g, "after_s", false, &n);
	if (r)
		return r;
	if (n > PROFILE_LOOKUPS_MAX)
		return reader_wrong(g, "after_s", "out_of_range", "may have up to 8 moments");
	p->lookup.after_s[0] = 3;
	p->lookup.n = n ? 0 : 1;
	for (size_t i = 0; i < n; i++) {
		json_int_t s = json_integer_value(json_array_get(json_object_get(g->values, "after_s"), i));
		if (s < 1 || s > 600 || (i && s <= p->lookup.after_s[i - 1]))
			return reader_wrong(g, "after_s", "out_of_range", "must rise: seconds after the doubt, from 1 to 600");
		p->lookup.after_s[p->lookup.n++] = (int)s;
	}
	return 0;
}

static int read_lookup(const struct reader *top, struct profile *p)
{
	static const char *const keys[] = { REQUEST_KEYS, "after_s", "answer", NULL };
	static const char *const answer_keys[] = { "format", VERDICT_KEYS, NULL };
	const unsigned allowed = HOLES_CLOCK | HOLES_RECIPIENT | HOLE_BIT(HOLE_SENDER) | HOLE_BIT(HOLE_REFERENCE) | HOLE_BIT(HOLE_AUTH) |
				 HOLE_BIT(HOLE_SECRET);
	struct reader g, answer;
	int r = reader_group(top, "lookup", false, keys, &g);
	if (r || !g.values)
		return r;
	r = request_plan_read(&g, allowed, &p->lookup.request);
	r = r ? r : read_moments(&g, p);
	r = r ? r : reader_group(&g, "answer", true, answer_keys, &answer);
	r = r ? r : reader_format(&answer, false, &p->lookup.verdict.format);
	return r ? r : verdict_read(&answer, false, &p->lookup.verdict);
}

static int read_balance(const struct reader *top, struct profile *p)
{
	static const char *const keys[] = { REQUEST_KEYS, "format", "value", NULL };
	struct reader g;
	int r = reader_group(top, "balance", false, keys, &g);
	if (r || !g.values)
		return r;
	r = request_plan_read(&g, HOLES_CLOCK | HOLE_BIT(HOLE_AUTH) | HOLE_BIT(HOLE_SECRET), &p->balance.request);
	r = r ? r : reader_format(&g, false, &p->balance.format);
	return r ? r : reader_place(&g, "value", p->balance.format, true, &p->balance.value);
}

/* ---- the whole file ---- */

static int read_idempotent(const struct reader *top, struct profile *p)
{
	static const char *const keys[] = { "key", "lifetime_h", NULL };
	struct reader g;
	int r = reader_group(top, "idempotent", false, keys, &g);
	if (r || !g.values)
		return r;
	r = reader_flag(&g, "key", &p->idempotent);
	return r ? r : reader_whole(&g, "lifetime_h", 0, 24 * 365, &p->lifetime_h);
}

static int read_limits(const struct reader *g, const char *key, struct provider_limits *ret)
{
	size_t n;
	int r = reader_list(g, key, false, &n);
	if (!r && n > PROVIDER_SEGMENTS_MAX)
		r = reader_wrong(g, key, "out_of_range", "may have up to 16 segments");
	for (size_t i = 0; !r && i < n; i++) {
		json_int_t upto = json_integer_value(json_array_get(json_object_get(g->values, key), i));
		if (upto < 1 || upto > 10000 || (i && upto <= ret->upto[i - 1]))
			return reader_wrong(g, key, "out_of_range", "must rise: most characters of one segment, of two, …");
		ret->upto[ret->n++] = (int)upto;
	}
	return r;
}

static int read_segments(const struct reader *top, struct profile *p)
{
	static const char *const keys[] = { "plain", "unicode", "advert", NULL };
	struct reader g;
	int r = reader_group(top, "segments", false, keys, &g);
	if (r || !g.values)
		return r;
	r = read_limits(&g, "plain", &p->limits[PROVIDER_PLAIN]);
	r = r ? r : read_limits(&g, "unicode", &p->limits[PROVIDER_UNICODE]);
	return r ? r : read_limits(&g, "advert", &p->limits[PROVIDER_ADVERT]);
}

static int read_provider(const struct reader *g, struct profile *p)
{
	p->batch = 1;
	OWN(mem) char *documentation = NULL;
	OWN(mem) char *currency = NULL;
	p->unicode = true;
	int r = reader_required(g, "name", &p->name);
	r = r ? r : reader_text(g, "documentation", NULL, &documentation);
	r = r ? r : reader_text(g, "country_code", "84", &p->country_code);
	r = r ? r : reader_text(g, "trunk", "0", &p->trunk);
	r = r ? r : reader_text(g, "currency", "", &currency);
	p->vnd = !r && !strcmp(currency, "VND");
	r = r ? r : reader_flag(g, "unicode", &p->unicode);
	r = r ? r : reader_whole(g, "max_characters", 1, 10000, &p->max_characters);
	r = r ? r : read_segments(g, p);
	r = r ? r : reader_whole(g, "batch", 1, PROVIDER_BATCH_MAX, &p->batch);
	r = r ? r : read_idempotent(g, p);
	r = r ? r : wordings_read(g, &p->templates);
	r = r ? r : credential_read(g, &p->auth);
	r = r ? r : read_submit(g, p);
	r = r ? r : read_answer(g, p);
	r = r ? r : read_lookup(g, p);
	r = r ? r : read_balance(g, p);
	r = r ? r : callback_read_receipt(g, &p->receipt);
	r = r ? r : callback_read_inbound(g, &p->inbound);
	return r ? r : signature_read(g, &p->signature);
}

/* A channel finds its profile by the file's name in a folder of profiles; another name inside is a copy that was not finished. */
static int check_name(const struct reader *g, const char *file, const char *name)
{
	char what[200];
	const char *slash = strrchr(file, '/'), *begin = slash ? slash + 1 : file, *dot = strrchr(begin, '.');
	size_t n_folder = strlen("/providers/"), n = dot ? (size_t)(dot - begin) : strlen(begin);
	bool folder = slash && (size_t)(begin - file) >= n_folder && !strncmp(begin - n_folder, "/providers/", n_folder);
	if (!folder || (strlen(name) == n && !strncmp(name, begin, n)))
		return 0;
	snprintf(what, sizeof(what), "is \"%.60s\", and the file is called %.80s: they must be the same", name, begin);
	return reader_wrong(g, "name", "name_differs", what);
}

static int read_file(const char *path, const struct settings *s, struct profile *p, struct complaint *c)
{
	static const char *const top_keys[] = { "provider", NULL };
	static const char *const keys[] = { "name",    "documentation", "country_code", "trunk",	  "idempotent", "unicode",   "max_characters",
					    "currency", "batch",   "templates",	"auth",		"submit", "answer",	"lookup",    "balance",
					    "receipt", "inbound",	"signature",	"segments", NULL };
	const struct reader_file file = { .settings = s, .c = c };
	const struct reader top = { .file = &file, .values = settings_root(s) };
	struct reader g;
	int r = reader_only(&top, top_keys);
	r = r ? r : reader_group(&top, "provider", true, keys, &g);
	r = r ? r : read_provider(&g, p);
	return r ? r : check_name(&g, path, p->name);
}

int profile_read(const char *file, struct profile *ret, struct complaint *c)
{
	OWN(settings) struct settings *s = NULL;
	struct profile p = { 0 };
	int r = settings_read(file, &s, c);
	r = r ? r : read_file(file, s, &p, c);
	if (r) {
		profile_done(&p);
		return r == E_INVALID ? E_CONFIG : r;
	}
	*ret = p;
	return 0;
}

void profile_done(struct profile *p)
{
	free(p->name);
	free(p->country_code);
	free(p->trunk);
	request_plan_done(&p->submit);
	stencil_done(&p->recipient);
	stencil_done(&p->parameter);
	free(p->separator);
	wordings_done(&p->templates);
	credential_done(&p->auth);
	verdict_done(&p->answer);
	place_done(&p->each.list);
	place_done(&p->each.to);
	place_done(&p->each.key);
	verdict_done(&p->each.verdict);
	request_plan_done(&p->lookup.request);
	verdict_done(&p->lookup.verdict);
	request_plan_done(&p->balance.request);
	place_done(&p->balance.value);
	callback_done(&p->receipt);
	callback_done(&p->inbound);
	signature_done(&p->signature);
	*p = (struct profile){ 0 };
}
