/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The styles as one table, and the generic one from settings. Called by the configuration and by the web process. */
#include "config/ussd_style.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/elements.h"
#include "config/fields.h"
#include "config/foreign_json.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"

static const struct {
	const char *name;
	struct ussd_style style;
} styles[] = {
	{ "africastalking",
	  { .format = FORMAT_FORM, .cumulative = true, .session = "sessionId", .from = "phoneNumber", .input = "text", .on = "CON ", .off = "END " } },
	{ "infobip",
	  { .format = FORMAT_JSON, .by_path = true, .from = "msisdn", .input = "text", .saying = SAYING_FIELD, .answer = FORMAT_JSON, .text = "ussdMenu",
	    .more = "shouldClose", .on = "false", .off = "true", .extra = { "responseExitCode=200", "responseMessage=\"\"" } } },
	{ "hubtel",
	  { .format = FORMAT_JSON, .session = "SessionId", .from = "Mobile", .input = "Message", .first = "Type", .first_is = "initiation", .over = "Type",
	    .over_is = "release|timeout", .sequence = "Sequence", .saying = SAYING_FIELD, .answer = FORMAT_JSON, .text = "Message", .more = "Type",
	    .on = "\"response\"", .off = "\"release\"", .echo = { "SessionId", "ClientState" },
	    .extra = { "Label=\"MTTQ\"", "DataType=\"input\"", "FieldType=\"text\"" } } },
	{ "nalo",
	  { .format = FORMAT_JSON, .session = "SESSIONID", .from = "MSISDN", .input = "USERDATA", .first = "MSGTYPE", .first_is = "true", .saying = SAYING_FIELD,
	    .answer = FORMAT_JSON, .text = "MSG", .more = "MSGTYPE", .on = "true", .off = "false", .echo = { "USERID", "MSISDN" } } },
	{ "arkesel",
	  { .format = FORMAT_JSON, .session = "sessionID", .from = "msisdn", .input = "userData", .first = "newSession", .first_is = "true", .saying = SAYING_FIELD,
	    .answer = FORMAT_JSON, .text = "message", .more = "continueSession", .on = "true", .off = "false", .echo = { "sessionID", "userID", "msisdn" } } },
};

/* ---- the generic one ---- */

static bool read_format(const json_t *settings, const char *key, const char *otherwise, enum format *ret)
{
	enum format f;
	if (format_parse(json_str(settings, key, otherwise), &f) || f == FORMAT_TEXT)
		return false;
	*ret = f;
	return true;
}

static const char *const generic_keys[] = { "format", "cumulative", "session", "from",  "input", "first", "first_is", "over", "over_is",
					    "sequence", "answer", "text", "more", "on", "off", "echo", "extra" };

static const char *unknown_key(const json_t *settings)
{
	const char *key;
	const json_t *value;
	json_object_foreach((json_t *)settings, key, value) {
		size_t i = 0;
		while (i < COUNT_OF(generic_keys) && strcmp(generic_keys[i], key) != 0)
			i++;
		if (i == COUNT_OF(generic_keys))
			return key;
	}
	return NULL;
}

static bool read_names(const json_t *settings, const char *key, const char **ret)
{
	size_t i;
	const json_t *name, *list = json_object_get(settings, key);
	if (json_array_size(list) > USSD_EXTRAS_MAX)
		return false;
	json_array_foreach(list, i, name) {
		if (!json_is_string(name))
			return false;
		ret[i] = json_string_value(name);
	}
	return true;
}

/* Values of a JSON answer stand in it as they are written: true, 1, "more". */
static const char *odd_value(const struct ussd_style *s)
{
	for (size_t i = 0; s->extra[i]; i++)
		if (!strchr(s->extra[i], '='))
			return "extra";
	if (s->saying == SAYING_PREFIX || s->answer != FORMAT_JSON)
		return NULL;
	const char *const values[] = { s->on, s->off };
	for (size_t i = 0; i < COUNT_OF(values); i++) {
		OWN(json) json_t *v = json_loads(values[i], JSON_DECODE_ANY, NULL);
		if (!v)
			return i ? "off" : "on";
	}
	for (size_t i = 0; s->extra[i]; i++) {
		OWN(json) json_t *v = json_loads(strchr(s->extra[i], '=') + 1, JSON_DECODE_ANY, NULL);
		if (!v)
			return "extra";
	}
	return NULL;
}

static int wrong(const char *setting, const char *why, const char **ret_setting, const char **ret_why)
{
	*ret_setting = setting;
	*ret_why = why;
	return E_INVALID;
}

static int read_generic(const json_t *settings, struct ussd_style *s, const char **ret_setting, const char **ret_why)
{
	const char *answer = json_str(settings, "answer", "text"), *odd = unknown_key(settings);
	if (odd)
		return wrong(odd, "is no setting of a style", ret_setting, ret_why);
	if (!read_format(settings, "format", "form", &s->format))
		return wrong("format", "must be form, query, json or xml", ret_setting, ret_why);
	s->saying = strcmp(answer, "text") == 0 ? SAYING_PREFIX : SAYING_FIELD;
	if (s->saying == SAYING_FIELD && (!read_format(settings, "answer", "", &s->answer) || s->answer == FORMAT_QUERY))
		return wrong("answer", "must be text, json, xml or form", ret_setting, ret_why);
	bool prefix = s->saying == SAYING_PREFIX;
	s->cumulative = json_flag(settings, "cumulative", false);
	s->session = json_str(settings, "session", NULL);
	s->from = json_str(settings, "from", NULL);
	s->input = json_str(settings, "input", NULL);
	s->first = json_str(settings, "first", NULL);
	s->first_is = json_str(settings, "first_is", "true");
	s->over = json_str(settings, "over", NULL);
	s->over_is = json_str(settings, "over_is", "true");
	s->sequence = json_str(settings, "sequence", NULL);
	s->text = json_str(settings, "text", NULL);
	s->more = json_str(settings, "more", NULL);
	s->on = json_str(settings, "on", prefix ? "CON " : "true");
	s->off = json_str(settings, "off", prefix ? "END " : "false");
	if (!s->session || !s->from || !s->input)
		return wrong(!s->session ? "session" : !s->from ? "from" : "input", "is missing: the field of a call", ret_setting, ret_why);
	if (!prefix && (!s->text || !s->more))
		return wrong(!s->text ? "text" : "more", "is missing: the field of an answer", ret_setting, ret_why);
	if (!read_names(settings, "echo", s->echo) || !read_names(settings, "extra", s->extra))
		return wrong("echo", "and extra are lists of at most 8 texts", ret_setting, ret_why);
	odd = odd_value(s);
	return odd ? wrong(odd, "must be JSON where the answer is: true, 1, \"\\\"word\\\"\"; extra is NAME=VALUE", ret_setting, ret_why) : 0;
}

int ussd_style_read(const json_t *entry, struct ussd_style *ret, const char **ret_setting, const char **ret_why)
{
	const char *name = json_str(entry, "style", "");
	const json_t *settings = json_object_get(entry, "settings");
	for (size_t i = 0; i < COUNT_OF(styles); i++)
		if (strcmp(styles[i].name, name) == 0) {
			*ret = styles[i].style;
			return json_object_size(settings) ? wrong(settings ? json_object_iter_key(json_object_iter((json_t *)settings)) : "", "is for the generic style",
								  ret_setting, ret_why) : 0;
		}
	if (strcmp(name, "generic") != 0)
		return E_NOT_FOUND;
	*ret = (struct ussd_style){ 0 };
	return read_generic(settings, ret, ret_setting, ret_why);
}

/* ---- a call ---- */

/* The fields of a call, whatever they came in: the last part of an XML path is its name. */
struct call_fields {
	json_t *json;
	struct field *list;
	size_t n;
};

static void call_done(struct call_fields *c)
{
	json_decref(c->json);
	fields_free(c->list, c->n);
}

static int read_call(const struct ussd_style *s, const struct received *in, struct call_fields *ret)
{
	switch (s->format) {
	case FORMAT_JSON: {
		int r = foreign_json_parse(in->body, in->body_bytes, &ret->json);
		return r ? r : json_is_object(ret->json) ? 0 : E_INVALID;
	}
	case FORMAT_XML:
		return elements_parse(in->body, in->body_bytes, &ret->list, &ret->n);
	case FORMAT_FORM:
	case FORMAT_QUERY:
	case FORMAT_TEXT:
		break;
	}
	/* a GET has its fields behind the address, whatever is usual */
	bool behind = s->format == FORMAT_QUERY || !in->body_bytes;
	return fields_parse(behind ? in->query : in->body, behind ? strlen(in->query) : in->body_bytes, &ret->list, &ret->n);
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* The field's value as text; the caller's, NULL when it is absent. */
static char *value_of(const struct call_fields *c, const char *name)
{
	const json_t *v = json_object_get(c->json, name);
	if (json_is_string(v))
		return strdup(json_string_value(v));
	if (json_is_integer(v) || json_is_boolean(v)) {
		OWN(mem) char *text = NULL;
		if (asprintf(&text, json_is_integer(v) ? "%lld" : json_is_true(v) ? "true" : "false", json_is_integer(v) ? (long long)json_integer_value(v) : 0LL) < 0)
			return NULL;
		return MOVE(text);
	}
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(last_part(c->list[i].name), name) == 0)
			return strdup(c->list[i].value);
	return NULL;
}

/* Is the field one of the values, in whatever case? */
static bool is_value(const struct call_fields *c, const char *name, const char *values)
{
	OWN(mem) char *value = name ? value_of(c, name) : NULL;
	if (!value || !*value)
		return false;
	for (const char *at = values; *at; at += strcspn(at, "|"), at += *at == '|')
		if (strcspn(at, "|") == strlen(value) && strncasecmp(at, value, strlen(value)) == 0)
			return true;
	return false;
}

static int read_echo(const struct ussd_style *s, const struct call_fields *c, struct ussd_heard *h)
{
	h->echo = json_object();
	for (size_t i = 0; h->echo && s->echo[i]; i++) {
		OWN(mem) char *value = value_of(c, s->echo[i]);
		if (json_set_str(h->echo, s->echo[i], value ? value : ""))
			return E_NOMEM;
	}
	return h->echo ? 0 : E_NOMEM;
}

/* "SESSION/start" */
static int read_path(const char *path, struct ussd_heard *h)
{
	const char *slash = strrchr(path, '/');
	if (!slash || slash == path)
		return E_INVALID;
	h->first = strcmp(slash, "/start") == 0;
	h->over = strcmp(slash, "/end") == 0 || strcmp(slash, "/status") == 0;
	if (!h->first && !h->over && strcmp(slash, "/response") != 0)
		return E_INVALID;
	h->session = strndup(path, (size_t)(slash - path));
	return h->session ? 0 : E_NOMEM;
}

static int hear(const struct ussd_style *s, const struct call_fields *c, struct ussd_heard *h)
{
	if (s->session)
		h->session = value_of(c, s->session);
	h->from = value_of(c, s->from);
	h->input = value_of(c, s->input);
	h->first = h->first || is_value(c, s->first, s->first_is);
	h->over = h->over || is_value(c, s->over, s->over_is);
	OWN(mem) char *sequence = s->sequence ? value_of(c, s->sequence) : NULL;
	if (sequence && *sequence && strspn(sequence, "0123456789") == strlen(sequence) && strlen(sequence) < 12)
		h->sequence = strtoll(sequence, NULL, 10);
	if (!h->input && (h->first || h->over))
		h->input = strdup("");
	if (!h->session || !*h->session || !h->input || ((!h->from || !*h->from) && !h->over))
		return E_INVALID;
	return read_echo(s, c, h);
}

int ussd_style_hear(const struct ussd_style *s, const struct received *in, const char *path, struct ussd_heard *ret)
{
	struct call_fields c = { 0 };
	struct ussd_heard h = { .sequence = -1 };
	int r = s->by_path ? read_path(path, &h) : *path ? E_INVALID : 0;
	r = r ? r : read_call(s, in, &c);
	r = r ? r : hear(s, &c, &h);
	call_done(&c);
	if (r)
		ussd_heard_done(&h);
	else
		*ret = h;
	return r;
}

void ussd_heard_done(struct ussd_heard *h)
{
	free(h->session);
	free(h->from);
	free(h->input);
	json_decref(h->echo);
	*h = (struct ussd_heard){ .sequence = -1 };
}

/* ---- an answer ---- */

static int put_json(const struct ussd_style *s, const struct ussd_heard *h, const char *text, bool more, struct buffer *out)
{
	OWN(json) json_t *doc = json_deep_copy(h->echo), *flag = json_loads(more ? s->on : s->off, JSON_DECODE_ANY, NULL);
	if (!doc || !flag || json_set_str(doc, s->text, text) || json_object_set(doc, s->more, flag))
		return E_NOMEM;
	for (size_t i = 0; s->extra[i]; i++) {
		const char *equals = strchr(s->extra[i], '=');
		OWN(mem) char *name = strndup(s->extra[i], (size_t)(equals - s->extra[i]));
		OWN(json) json_t *value = json_loads(equals + 1, JSON_DECODE_ANY, NULL);
		if (!name || !value || json_object_set(doc, name, value))
			return E_NOMEM;
	}
	return json_put_line(out, doc);
}

static int put_escaped(struct buffer *out, const char *text, bool xml)
{
	int r = 0;
	for (; !r && *text; text++) {
		unsigned char c = (unsigned char)*text;
		bool plain = xml ? !strchr("<>&\"'", c) : (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || strchr("-._~", c);
		if (plain)
			r = buffer_put(out, text, 1);
		else
			r = buffer_printf(out, xml ? "&#%u;" : "%%%02X", (unsigned)c);
	}
	return r;
}

static int put_pair(const struct ussd_style *s, const char *name, const char *value, struct buffer *out)
{
	bool xml = s->answer == FORMAT_XML;
	int r = xml ? buffer_printf(out, "<%s>", name) : buffer_printf(out, "%s%s=", buffer_left(out) ? "&" : "", name);
	r = r ? r : put_escaped(out, value, xml);
	return r || !xml ? r : buffer_printf(out, "</%s>", name);
}

static int put_pairs(const struct ussd_style *s, const struct ussd_heard *h, const char *text, bool more, struct buffer *out)
{
	const char *name;
	const json_t *value;
	int r = 0;
	json_object_foreach(h->echo, name, value)
		r = r ? r : put_pair(s, name, json_string_value(value), out);
	r = r ? r : put_pair(s, s->text, text, out);
	r = r ? r : put_pair(s, s->more, more ? s->on : s->off, out);
	for (size_t i = 0; !r && s->extra[i]; i++) {
		const char *equals = strchr(s->extra[i], '=');
		OWN(mem) char *extra = strndup(s->extra[i], (size_t)(equals - s->extra[i]));
		r = extra ? put_pair(s, extra, equals + 1, out) : E_NOMEM;
	}
	return r;
}

int ussd_style_say(const struct ussd_style *s, const struct ussd_heard *h, const char *text, bool more, struct buffer *out, const char **ret_type)
{
	if (s->saying == SAYING_PREFIX) {
		*ret_type = "text/plain; charset=utf-8";
		int r = buffer_puts(out, more ? s->on : s->off);
		return r ? r : buffer_puts(out, text);
	}
	if (s->answer == FORMAT_JSON) {
		*ret_type = "application/json";
		return put_json(s, h, text, more, out);
	}
	*ret_type = s->answer == FORMAT_XML ? "application/xml; charset=utf-8" : "application/x-www-form-urlencoded";
	int r = s->answer == FORMAT_XML ? buffer_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?><response>") : 0;
	r = r ? r : put_pairs(s, h, text, more, out);
	return r || s->answer != FORMAT_XML ? r : buffer_puts(out, "</response>");
}
