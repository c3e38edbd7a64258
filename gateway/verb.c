/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One verb: names of kinds, types and roles, who may use it, and the check of its arguments. Called where a verb runs
 * (core, query process) and by the CLI for verbs that need no core; knows no verb by name and no table of them. */
#include "gateway/verb.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/base/phone.h"
#include "gateway/base/text.h"

#define TEXT_BYTES 4096
#define FILE_BYTES (200 * 1024)
#define TIME_BYTES 64
#define ID_MAX ((int64_t)1 << 53)

const struct verb_arg verb_list_args[VERB_LIST_ARGS] = {
	{ .name = "limit", .type = ARG_INT, .min = 1, .max = 1000, .otherwise = "100", .help_en = "at most this many",
	  .help_vi = "nhiều nhất bấy nhiêu dòng" },
	{ .name = "after", .type = ARG_INT, .min = 0, .max = ID_MAX, .help_en = "cursor: what the page before gave as next",
	  .help_vi = "con trỏ: giá trị next của trang trước" },
};

static const char *const role_names[ROLE_COUNT] = {
	[ROLE_OPERATOR] = "operator",   [ROLE_OUTREACH] = "outreach",   [ROLE_APPROVER] = "approver",
	[ROLE_REVIEWER] = "reviewer",   [ROLE_SECRETARY] = "secretary", [ROLE_ADMINISTRATOR] = "administrator",
	[ROLE_AUDITOR] = "auditor",
};

const char *role_name(enum role r)
{
	return r < ROLE_COUNT ? role_names[r] : "?";
}

int role_parse(const char *name, enum role *ret)
{
	for (unsigned i = 0; i < ROLE_COUNT; i++)
		if (name && strcmp(name, role_names[i]) == 0) {
			*ret = (enum role)i;
			return 0;
		}
	return E_INVALID;
}

const char *verb_kind_name(enum verb_kind k)
{
	switch (k) {
	case VERB_COMMAND: return "command";
	case VERB_QUERY: return "query";
	case VERB_DISCLOSURE: return "disclosure";
	case VERB_LOCAL: return "local";
	}
	return "?";
}

const char *arg_type_name(enum arg_type t)
{
	switch (t) {
	case ARG_TEXT: return "text";
	case ARG_INT: return "int";
	case ARG_FLAG: return "flag";
	case ARG_NUM: return "num";
	case ARG_TIME: return "time";
	case ARG_PHONE: return "phone";
	case ARG_FILE: return "file";
	case ARG_UPLOAD: return "upload";
	case ARG_NAME: return "name";
	}
	return "?";
}

int refuse(struct refusal *why, int err, int status, const char *rule, const char *field, const char *fmt, ...)
{
	if (!why)
		return err;
	refusal_done(why);
	why->status = status;
	snprintf(why->rule, sizeof(why->rule), "%s", rule);
	snprintf(why->field, sizeof(why->field), "%s", field);
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(why->text, sizeof(why->text), fmt, ap);
	va_end(ap);
	why->text[text_cut(why->text, strlen(why->text))] = '\0';
	why->field[text_cut(why->field, strlen(why->field))] = '\0';
	return err;
}

void refusal_done(struct refusal *why)
{
	if (!why)
		return;
	json_decref(why->args);
	*why = (struct refusal){ 0 };
}

bool verb_allowed(const struct verb *v, enum role role)
{
	return role == ROLE_OPERATOR || (role < ROLE_COUNT && (v->roles & (1u << role)) != 0);
}

static const char *wanted(enum arg_type t)
{
	switch (t) {
	case ARG_TEXT: return "text";
	case ARG_INT: return "a whole number";
	case ARG_FLAG: return "true or false";
	case ARG_NUM: return "a number";
	case ARG_TIME: return "a date and time, such as 2026-12-01T08:00";
	case ARG_PHONE: return "a telephone number";
	case ARG_FILE:
	case ARG_UPLOAD: return "a file";
	case ARG_NAME: return "a name";
	}
	return "something else";
}

static int wrong_type(const struct verb_arg *a, struct refusal *why)
{
	return refuse(why, E_INVALID, 422, "wrong_type", a->name, "%s must be %s.", a->name, wanted(a->type));
}

static int out_of_range(const struct verb_arg *a, struct refusal *why)
{
	return refuse(why, E_INVALID, 422, "out_of_range", a->name, "%s must be between %lld and %lld.", a->name,
		      (long long)a->min, (long long)a->max);
}

static bool read_int(const json_t *value, int64_t *ret)
{
	if (json_is_integer(value)) {
		*ret = json_integer_value(value);
		return true;
	}
	if (json_is_real(value)) {
		double d = json_real_value(value);
		if (!(fabs(d) < (double)ID_MAX) || d != floor(d))
			return false;
		*ret = (int64_t)d;
		return true;
	}
	const char *text = json_string_value(value);
	if (!text || !(isdigit((unsigned char)text[0]) || (text[0] == '-' && isdigit((unsigned char)text[1]))))
		return false;
	char *end;
	errno = 0;
	long long n = strtoll(text, &end, 10);
	if (*end || errno)
		return false;
	*ret = n;
	return true;
}

static int check_int(const struct verb_arg *a, const json_t *value, json_t **ret, struct refusal *why)
{
	int64_t n;
	if (!read_int(value, &n))
		return wrong_type(a, why);
	if (a->max > a->min && (n < a->min || n > a->max))
		return out_of_range(a, why);
	*ret = json_integer(n);
	return 0;
}

static int check_upload(const struct verb_arg *a, const json_t *value, json_t **ret, struct refusal *why)
{
	int64_t n;
	if (!read_int(value, &n) || n < 1 || n > ID_MAX)
		return wrong_type(a, why);
	*ret = json_integer(n);
	return 0;
}

static int check_num(const struct verb_arg *a, const json_t *value, json_t **ret, struct refusal *why)
{
	double d = json_number_value(value);
	const char *text = json_string_value(value);
	if (text) {
		char *end;
		if (!*text || isspace((unsigned char)*text))
			return wrong_type(a, why);
		d = strtod(text, &end);
		if (*end)
			return wrong_type(a, why);
	} else if (!json_is_number(value)) {
		return wrong_type(a, why);
	}
	if (!isfinite(d))
		return wrong_type(a, why);
	if (a->max > a->min && (d < (double)a->min || d > (double)a->max))
		return out_of_range(a, why);
	*ret = json_real(d);
	return 0;
}

static int check_flag(const struct verb_arg *a, const json_t *value, json_t **ret, struct refusal *why)
{
	static const char *const yes[] = { "true", "1", "yes", "" }, *const no[] = { "false", "0", "no" };
	if (json_is_boolean(value)) {
		*ret = json_boolean(json_is_true(value));
		return 0;
	}
	const char *text = json_string_value(value);
	for (size_t i = 0; text && i < COUNT_OF(yes); i++)
		if (strcmp(text, yes[i]) == 0)
			*ret = json_true();
	for (size_t i = 0; text && i < COUNT_OF(no); i++)
		if (strcmp(text, no[i]) == 0)
			*ret = json_false();
	return *ret ? 0 : wrong_type(a, why);
}

static bool is_choice(const char *const *choices, const char *text)
{
	for (; *choices; choices++)
		if (strcmp(*choices, text) == 0)
			return true;
	return false;
}

static int not_a_choice(const struct verb_arg *a, struct refusal *why)
{
	char list[256] = "";
	for (size_t i = 0, n = 0; a->choices[i] && n < sizeof(list); i++)
		n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%s", i ? ", " : "", a->choices[i]);
	return refuse(why, E_INVALID, 422, "not_a_choice", a->name, "%s must be one of %s.", a->name, list);
}

static int check_text(const struct verb_arg *a, const json_t *value, size_t most, json_t **ret, struct refusal *why)
{
	const char *text = json_string_value(value);
	if (!text)
		return wrong_type(a, why);
	size_t n = json_string_length(value);
	if (!text_is_valid(text, n))
		return refuse(why, E_INVALID, 422, "wrong_type", a->name, "%s is not valid UTF-8 text.", a->name);
	if (n > (a->max > 0 ? (size_t)a->max : most) || (a->min > 0 && n < (size_t)a->min))
		return refuse(why, E_INVALID, 422, "out_of_range", a->name, "%s must have %lld to %lld bytes.", a->name,
			      (long long)a->min, (long long)(a->max > 0 ? a->max : (int64_t)most));
	if (a->choices && !is_choice(a->choices, text))
		return not_a_choice(a, why);
	if (a->type != ARG_TEXT) {
		*ret = json_string(text);
		return 0;
	}
	OWN(mem) char *nfc = text_nfc(text);
	*ret = nfc ? json_string(nfc) : NULL;
	return 0;
}

static int check_name(const struct verb_arg *a, const json_t *value, json_t **ret, struct refusal *why)
{
	const char *text = json_string_value(value);
	if (!text)
		return wrong_type(a, why);
	size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");
	if (n == 0 || n > 32 || text[n])
		return refuse(why, E_INVALID, 422, "out_of_range", a->name,
			      "%s must be 1 to 32 lower-case letters, digits and dashes.", a->name);
	*ret = json_string(text);
	return 0;
}

static int check_phone(const struct verb_arg *a, const json_t *value, const struct phone_plan *plan, json_t **ret,
		       struct refusal *why)
{
	const char *text = json_string_value(value);
	if (!text)
		return wrong_type(a, why);
	struct phone phone;
	const char *rule = "";
	if (!plan) {
		*ret = json_string(text);
		return 0;
	}
	if (phone_parse(plan, text, &phone, &rule)) {
		refuse(why, E_INVALID, 422, "bad_number", a->name, "%s is not one telephone number (%s).", a->name, rule);
		if (why)
			why->args = json_pack("{s:s}", "reason", rule);
		return E_INVALID;
	}
	*ret = json_string(phone.e164);
	return 0;
}

static int check_one(const struct verb_arg *a, const json_t *value, const struct phone_plan *plan, json_t **ret,
		     struct refusal *why)
{
	switch (a->type) {
	case ARG_TEXT: return check_text(a, value, TEXT_BYTES, ret, why);
	case ARG_INT: return check_int(a, value, ret, why);
	case ARG_FLAG: return check_flag(a, value, ret, why);
	case ARG_NUM: return check_num(a, value, ret, why);
	case ARG_TIME: return check_text(a, value, TIME_BYTES, ret, why);
	case ARG_PHONE: return check_phone(a, value, plan, ret, why);
	case ARG_FILE: return check_text(a, value, FILE_BYTES, ret, why);
	case ARG_UPLOAD: return check_upload(a, value, ret, why);
	case ARG_NAME: return check_name(a, value, ret, why);
	}
	return wrong_type(a, why);
}

/* In JSON a name may be written with "_" for its dashes, as the fields of answers are. */
static bool is_name_of(const struct verb_arg *a, const char *key)
{
	size_t i = 0;
	while (key[i] && (key[i] == a->name[i] || (key[i] == '_' && a->name[i] == '-')))
		i++;
	return !key[i] && !a->name[i];
}

static const json_t *given_as(const struct verb_arg *a, const json_t *args)
{
	const json_t *exact = json_object_get(args, a->name);
	/* jansson iterates over non-const objects only; nothing is written */
	json_t *object = (json_t *)(uintptr_t)args;
	if (exact || !strchr(a->name, '-'))
		return exact;
	for (void *i = json_object_iter(object); i; i = json_object_iter_next(object, i))
		if (is_name_of(a, json_object_iter_key(i)))
			return json_object_iter_value(i);
	return NULL;
}

static int take_arg(const struct verb_arg *a, const json_t *args, const struct phone_plan *plan, json_t *out,
		    struct refusal *why)
{
	const json_t *given = given_as(a, args);
	OWN(json) json_t *otherwise = NULL;
	if (!given || json_is_null(given)) {
		if (a->required)
			return refuse(why, E_INVALID, 422, "missing", a->name, "%s is missing.", a->name);
		if (!a->otherwise)
			return 0;
		given = otherwise = json_string(a->otherwise);
	}
	json_t *value = NULL;
	int r = check_one(a, given, plan, &value, why);
	if (r)
		return r;
	return json_object_set_new(out, a->name, value) ? E_NOMEM : 0;
}

static const struct verb_arg *arg_at(const struct verb *v, size_t i)
{
	if (i < v->n_args)
		return &v->args[i];
	return v->list && i < v->n_args + VERB_LIST_ARGS ? &verb_list_args[i - v->n_args] : NULL;
}

static bool arg_known(const struct verb *v, const json_t *args, const char *name)
{
	const struct verb_arg *a;
	for (size_t i = 0; (a = arg_at(v, i)); i++)
		if (strcmp(a->name, name) == 0 || (is_name_of(a, name) && !json_object_get(args, a->name)))
			return true;
	return false;
}

static const char *unknown_name(const struct verb *v, const json_t *args)
{
	/* jansson iterates over non-const objects only; nothing is written */
	json_t *object = (json_t *)(uintptr_t)args;
	for (void *i = json_object_iter(object); i; i = json_object_iter_next(object, i))
		if (!arg_known(v, args, json_object_iter_key(i)))
			return json_object_iter_key(i);
	return NULL;
}

int verb_check(const struct verb *v, const json_t *args, const struct phone_plan *plan, json_t **ret, struct refusal *why)
{
	if (args && !json_is_null(args) && !json_is_object(args))
		return refuse(why, E_INVALID, 400, "malformed", "", "The arguments must be an object.");
	const char *stranger = unknown_name(v, args);
	if (stranger)
		return refuse(why, E_INVALID, 422, "unknown_argument", stranger, "%s%s%s knows no such argument.", v->noun,
			      *v->noun ? " " : "", v->name);
	OWN(json) json_t *out = json_object();
	if (!out)
		return E_NOMEM;
	const struct verb_arg *a;
	for (size_t i = 0; (a = arg_at(v, i)); i++) {
		int r = take_arg(a, args, plan, out, why);
		if (r)
			return r;
	}
	*ret = MOVE(out);
	return 0;
}
