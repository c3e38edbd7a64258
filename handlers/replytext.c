/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the phrasebook's entries, changes one and writes the file anew below its own opening comment. */
#include "handlers/replytext.h"

#include <stdio.h>
#include <string.h>

#include "config/config.h"
#include "config/settings.h"
#include "gateway/base/json.h"
#include "gateway/scope.h"
#include "handlers/wordfile.h"

#define ENTRIES_MAX 100

OWN_DEFINE(settings, struct settings *, settings_free)

/* ---- the file ---- */

/* Its entries as they stand, the caller's; *ret_text is its text. Without a file there are none. */
static int read_entries(const struct scope *in, json_t **ret, char **ret_text, struct refusal *why)
{
	OWN(mem) char *path = NULL, *text = NULL;
	OWN(settings) struct settings *file = NULL;
	struct complaint wrong = { 0 };
	bool own;
	int r = ownfile_read(in->config->file, OWNFILE_TEMPLATES, &path, &text, &own);
	if (!r)
		r = settings_read(path, &file, &wrong);
	if (r == E_NOMEM)
		return r;
	if (r && r != E_NOT_FOUND)
		return refuse(why, E_REFUSED, 409, "words_damaged", "", "The file of templates cannot be read: line %d: %s", wrong.line, wrong.text);
	json_t *all = r ? NULL : json_object_get(settings_root(file), "answers");
	*ret = json_is_array(all) ? json_incref(all) : json_array();
	*ret_text = text ? MOVE(text) : strdup("");
	return *ret && *ret_text ? 0 : E_NOMEM;
}

/* The bytes of the comment that a file opens with. */
static size_t opening(const char *text)
{
	const char *p = text;
	while (*p == '#' || *p == '\n') {
		p += strcspn(p, "\n");
		p += *p == '\n';
	}
	return (size_t)(p - text);
}

static int put_text(struct buffer *out, const char *text)
{
	int r = buffer_puts(out, "\"");
	for (; !r && *text; text++)
		r = *text == '"' || *text == '\\' ? buffer_put(out, (const char[]){ '\\', *text }, 2) : *text == '\n' ? buffer_puts(out, "\\n") : buffer_put(out, text, 1);
	return r ? r : buffer_puts(out, "\"");
}

static int put_member(struct buffer *out, const char *name, const char *value)
{
	int r = buffer_printf(out, "%s = ", name);
	r = r ? r : put_text(out, value);
	return r ? r : buffer_puts(out, "; ");
}

static int put_entry(struct buffer *out, const json_t *e, bool first)
{
	size_t i;
	const json_t *state;
	int r = buffer_puts(out, first ? "\n\t{ " : ",\n\t{ ");
	r = r ? r : put_member(out, "name", json_str(e, "name", ""));
	r = r ? r : put_member(out, "topic", json_str(e, "topic", ""));
	r = r ? r : buffer_puts(out, "states = [ ");
	json_array_foreach(json_object_get(e, "states"), i, state) {
		r = r || !i ? r : buffer_puts(out, ", ");
		r = r ? r : put_text(out, json_string_value(state));
	}
	r = r ? r : buffer_puts(out, " ]; ");
	r = r ? r : put_member(out, "title", json_str(e, "title", ""));
	r = r ? r : buffer_puts(out, "\n\t  ");
	r = r ? r : put_member(out, "text", json_str(e, "text", ""));
	return r ? r : buffer_puts(out, "}");
}

static int format_file(const json_t *entries, const char *was, struct buffer *out)
{
	size_t i;
	const json_t *one;
	int r = buffer_put(out, was, opening(was));
	r = r ? r : buffer_puts(out, "answers = (");
	json_array_foreach(entries, i, one)
		r = r ? r : put_entry(out, one, i == 0);
	return r ? r : buffer_puts(out, "\n);\n");
}

/* detail: the entry as it is now, or was; the audit holds each version. */
static int take(struct tick *t, const struct call *c, const json_t *entries, const char *was, const json_t *entry, struct refusal *why)
{
	OWN(buffer) struct buffer text = { 0 };
	OWN(mem) char *detail = json_text(entry);
	int r = detail ? format_file(entries, was, &text) : E_NOMEM;
	r = r ? r : wordfile_take(t, c, OWNFILE_TEMPLATES, buffer_text(&text), detail, why);
	if (!r)
		tick_changed(t, "setting");
	return r;
}

/* ---- verbs ---- */

/* Its place, or the number of entries. */
static size_t place_of(const json_t *entries, const char *name)
{
	size_t i = 0;
	while (i < json_array_size(entries) && strcmp(json_str(json_array_get(entries, i), "name", ""), name) != 0)
		i++;
	return i;
}

/* As it is told: what the file leaves out is null, no states are none. */
static json_t *shown(const json_t *e)
{
	const char *topic = json_str(e, "topic", "");
	json_t *states = json_object_get(e, "states");
	return json_pack("{s:s,s:s?,s:o,s:s,s:s}", "name", json_str(e, "name", ""), "topic", *topic ? topic : NULL, "states",
			 states ? json_incref(states) : json_array(), "title", json_str(e, "title", json_str(e, "name", "")), "text", json_str(e, "text", ""));
}

static int list_query(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	OWN(mem) char *text = NULL;
	OWN(json) json_t *entries = NULL, *list = json_array();
	size_t i;
	const json_t *one;
	(void)c;
	*ret_next = 0;
	int r = list ? read_entries(in, &entries, &text, why) : E_NOMEM;
	json_array_foreach(entries, i, one)
		if (!r && json_array_append_new(list, shown(one)))
			r = E_NOMEM;
	if (!r)
		*ret = MOVE(list);
	return r;
}

static json_t *states_of(const char *list)
{
	OWN(json) json_t *states = json_array();
	for (const char *p = list; states && *p; p += *p == ',') {
		size_t n = strcspn(p, ",");
		if (n && json_array_append_new(states, json_stringn(p, n)))
			return NULL;
		p += n;
	}
	return MOVE(states);
}

static int set_command(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	OWN(json) json_t *entries = NULL, *states = states_of(json_str(c->args, "states", ""));
	OWN(json) json_t *entry = json_pack("{s:s,s:s,s:O,s:s,s:s}", "name", json_str(c->args, "name", ""), "topic", json_str(c->args, "topic", ""), "states", states,
					    "title", json_str(c->args, "title", ""), "text", json_str(c->args, "text", ""));
	OWN(mem) char *was = NULL;
	int r = entry ? read_entries(&t->in, &entries, &was, why) : E_NOMEM;
	size_t at = r ? 0 : place_of(entries, json_str(entry, "name", ""));
	if (!r && at == ENTRIES_MAX)
		return refuse(why, E_TOO_BIG, 409, "too_many", "", "There are %d templates already; withdraw one first.", ENTRIES_MAX);
	if (!r && (at < json_array_size(entries) ? json_array_set(entries, at, entry) : json_array_append(entries, entry)))
		r = E_NOMEM;
	r = r ? r : take(t, c, entries, was, entry, why);
	if (!r)
		r = (*ret = shown(entry)) ? 0 : E_NOMEM;
	else if (r == E_REFUSED && why && !strcmp(why->field, "content"))
		snprintf(why->field, sizeof(why->field), "%s", "text");
	return r;
}

static int withdraw_command(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	OWN(json) json_t *entries = NULL, *entry = NULL;
	OWN(mem) char *was = NULL;
	int r = read_entries(&t->in, &entries, &was, why);
	if (r)
		return r;
	size_t at = place_of(entries, json_str(c->args, "name", ""));
	if (at == json_array_size(entries))
		return refuse(why, E_NOT_FOUND, 404, "not_found", "name", "There is no template of this name.");
	entry = json_incref(json_array_get(entries, at));
	r = json_array_remove(entries, at) ? E_NOMEM : take(t, c, entries, was, entry, why);
	return r ? r : (*ret = shown(entry)) ? 0 : E_NOMEM;
}

#define NAME_ARG { .name = "name", .type = ARG_NAME, .rank = 1, .required = true, .help_en = "short name of the template", .help_vi = "tên ngắn của mẫu" }
static const struct verb_arg set_args[] = {
	NAME_ARG,
	{ .name = "title", .type = ARG_TEXT, .required = true, .min = 1, .max = 120, .help_en = "what it is called in the list", .help_vi = "tên hiện trong danh sách" },
	{ .name = "text", .type = ARG_TEXT, .required = true, .min = 1, .max = 600, .help_en = "the words, without accents, two SMS at most",
	  .help_vi = "nội dung, không dấu, nhiều nhất hai tin" },
	{ .name = "topic", .type = ARG_TEXT, .max = 15, .help_en = "for cases of this topic; any when left out", .help_vi = "cho phản ánh thuộc chủ đề này; bỏ trống = mọi chủ đề" },
	{ .name = "states", .type = ARG_TEXT, .max = 200, .help_en = "for cases in these states, with commas between; any when left out",
	  .help_vi = "cho phản ánh ở các bước này, cách nhau bằng dấu phẩy; bỏ trống = mọi bước" },
};
static const struct verb_arg name_args[] = { NAME_ARG };
static const struct verb verbs[] = {
	{ .noun = "template", .name = "list", .kind = VERB_QUERY, .roles = R_(ADMINISTRATOR) | R_(AUDITOR) | R_(REVIEWER), .list = true,
	  .help_en = "answers to begin with, as their file has them", .help_vi = "các mẫu trả lời trong tệp", .query = list_query },
	{ .noun = "template", .name = "set", .kind = VERB_COMMAND, .roles = R_(ADMINISTRATOR), .whole = true, VERB_ARGS(set_args),
	  .help_en = "add a template or change the one of that name", .help_vi = "thêm mẫu, hoặc sửa mẫu có tên đó", .command = set_command },
	{ .noun = "template", .name = "withdraw", .kind = VERB_COMMAND, .roles = R_(ADMINISTRATOR), .whole = true, VERB_ARGS(name_args),
	  .help_en = "offer it no longer; the audit keeps its words", .help_vi = "không dùng mẫu này nữa; nhật ký giữ nội dung", .command = withdraw_command },
};
const struct verb_table replytext_verbs = VERB_TABLE(verbs);
