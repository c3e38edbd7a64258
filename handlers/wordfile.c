/* SPDX-License-Identifier: GPL-3.0-or-later */
/* setting file, setting try, setting take. */
#include "handlers/wordfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "config/shelf.h"
#include "gateway/audit.h"
#include "gateway/base/json.h"
#include "gateway/base/seal.h"
#include "gateway/base/text.h"
#include "gateway/scope.h"
#include "gateway/sense.h"
#include "handlers/context.h"
#include "handlers/keywords.h"
#include "handlers/parse.h"

#define SENTENCES_MAX 40
#define SENTENCES_BYTES 8000

json_t *wordfile_mistake(const struct complaint *c)
{
	return json_pack("{s:s?,s:i,s:i,s:s?,s:s?,s:s}", "file", c->file[0] ? c->file : NULL, "line", c->line, "column", c->column, "field",
			 c->field[0] ? c->field : NULL, "rule", c->rule[0] ? c->rule : NULL, "text", c->text);
}

/* What a text is told from another by; the caller's. */
static char *digest_of(const char *text)
{
	uint8_t digest[32];
	seal_digest(text, strlen(text), digest);
	return text_hex(digest, sizeof(digest));
}

/* The file that an argument names: the registry let no other through. */
static int named(const struct call *c, enum ownfile *ret)
{
	return ownfile_parse(json_str(c->args, "name", ""), ret);
}

/* ---- file ---- */

static int file_json(const struct scope *in, enum ownfile which, const char *name, json_t **ret)
{
	OWN(mem) char *path = NULL, *text = NULL, *digest = NULL;
	OWN(json) json_t *older = NULL;
	bool own;
	int r = ownfile_read(in->config->file, which, &path, &text, &own);
	r = r ? r : ownfile_older(in->config->file, which, &older);
	if (!r && !(digest = digest_of(text)))
		r = E_NOMEM;
	if (r)
		return r;
	*ret = json_pack("{s:s,s:s,s:b,s:b,s:s,s:s,s:O}", "name", name, "path", path, "own", own, "writable", ownfile_writable(in->config->file, which),
			 "digest", digest, "text", text, "older", older);
	return *ret ? 0 : E_NOMEM;
}

static int older_json(const struct scope *in, enum ownfile which, const char *name, const char *older, json_t **ret)
{
	OWN(mem) char *text = NULL;
	int r = ownfile_read_older(in->config->file, which, older, &text);
	if (r)
		return r;
	*ret = json_pack("{s:s,s:s}", "name", name, "text", text);
	return *ret ? 0 : E_NOMEM;
}

static int file_query(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	const char *name = json_str(c->args, "name", ""), *older = json_str(c->args, "older", "");
	enum ownfile which;
	*ret_next = 0;
	int r = named(c, &which);
	if (!r)
		r = *older ? older_json(in, which, name, older, ret) : file_json(in, which, name, ret);
	if (r == E_NOT_FOUND)
		return refuse(why, r, 404, "not_found", *older ? "older" : "name", "There is no such file.");
	if (r && r != E_NOMEM)
		return refuse(why, r, 409, "unreadable", "name", "The file cannot be read; look at it on the machine itself.");
	return r;
}

/* ---- try ---- */

int wordfile_check(const struct scope *in, enum ownfile which, const char *text, struct keywords **ret, struct complaint *c)
{
	const struct shelf shelf = { .config_file = in->config->file, .name = ownfile_path(which), .text = text };
	OWN(sense) struct sense *sense = NULL;
	int r = keywords_try(&shelf, ret, c);
	if (!r && which == OWNFILE_SENSE)
		r = sense_load(&shelf, &sense, c);
	return r;
}

static int add_reading(const struct keywords *k, const char *text, const struct context *x, json_t *to, const char *name)
{
	struct classified seen = { 0 };
	if (!k)
		return json_object_set_new(to, name, json_null()) ? E_NOMEM : 0;
	int r = classify(k, text, x, &seen);
	if (!r && json_object_set_new(to, name, classified_json(&seen)))
		r = E_NOMEM;
	classified_done(&seen);
	return r;
}

static int read_sentence(const struct scope *in, const struct keywords *then, const char *text, const struct context *x, json_t *list)
{
	OWN(json) json_t *one = json_pack("{s:s}", "text", text);
	int r = one ? add_reading(in->keywords, text, x, one, "now") : E_NOMEM;
	r = r ? r : add_reading(then, text, x, one, "then");
	return r ? r : json_array_append(list, one) ? E_NOMEM : 0;
}

/* Each line of say is a message of its own. */
static int read_sentences(const struct scope *in, const struct keywords *then, const char *say, const struct context *x, json_t **ret)
{
	OWN(json) json_t *list = json_array();
	int r = list ? 0 : E_NOMEM;
	for (const char *line = say; !r && *line && json_array_size(list) < SENTENCES_MAX; line += *line == '\n') {
		OWN(mem) char *text = strndup(line, strcspn(line, "\r\n"));
		r = text ? 0 : E_NOMEM;
		if (!r && *text)
			r = read_sentence(in, then, text, x, list);
		line += strcspn(line, "\n");
	}
	if (!r)
		*ret = MOVE(list);
	return r;
}

static int find_context(const struct scope *in, const char *name, struct context *ret, struct refusal *why)
{
	struct complaint wrong = { 0 };
	/* a path is for those who are on the machine */
	int r = strchr(name, '/') ? E_NOT_FOUND : context_load(in->config->file, name, ret, &wrong);
	if (r == E_NOT_FOUND || r == E_CONFIG)
		return refuse(why, E_NOT_FOUND, 404, "not_found", "context", "There is no context of this name.");
	return r;
}

/* A command because a whole file does not fit into an address; it writes nothing. */
static int try_command(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	OWN(keywords) struct keywords *then = NULL;
	OWN(json) json_t *sentences = NULL;
	struct complaint wrong = { 0 };
	struct context x = { 0 };
	enum ownfile which;
	int r = named(c, &which);
	r = r ? r : find_context(&t->in, json_str(c->args, "context", "NONE"), &x, why);
	if (r)
		return r;
	int checked = wordfile_check(&t->in, which, json_str(c->args, "content", ""), &then, &wrong);
	r = checked == E_NOMEM ? checked : read_sentences(&t->in, then, json_str(c->args, "say", ""), &x, &sentences);
	context_done(&x);
	if (r)
		return r;
	*ret = json_pack("{s:b,s:o,s:O}", "ok", !checked, "mistake", checked ? wordfile_mistake(&wrong) : json_null(), "sentences", sentences);
	return *ret ? 0 : E_NOMEM;
}

/* ---- take ---- */

static int refuse_words(int e, const struct complaint *c, struct refusal *why)
{
	if (e == E_NOMEM)
		return e;
	refuse(why, E_REFUSED, 422, "words", "content", "Line %d: %s", c->line, c->text);
	if (why)
		why->args = json_pack("{s:o}", "mistake", wordfile_mistake(c));
	return E_REFUSED;
}

int wordfile_take(struct tick *t, const struct call *c, enum ownfile which, const char *text, const char *detail, struct refusal *why)
{
	OWN(keywords) struct keywords *then = NULL;
	struct complaint wrong = { 0 };
	int r = wordfile_check(&t->in, which, text, &then, &wrong);
	if (r)
		return refuse_words(r, &wrong, why);
	/* another command of this tick replaced it: what this one read is old */
	if (tick_touched(t, tick_thing(ownfile_path(which))))
		return refuse(why, E_REFUSED, 409, "words_changed", "", "The file has changed since you read it; read it again.");
	r = ownfile_take(t, which, text);
	if (r == E_DENIED)
		return refuse(why, r, 409, "words_locked", "", "This machine does not let the service change its files; put the file there by hand and reload.");
	if (r == E_IO)
		return refuse(why, r, 503, "words_unwritten", "", "The file cannot be written; look at the disk.");
	tick_touch(t, tick_thing(ownfile_path(which)));
	return r ? r : audit_put(t, c->actor, c->dotted, ownfile_path(which), detail);
}

/* Who changes a file says which one they saw: two people do not undo each other unknowingly. */
static int check_seen(const struct scope *in, enum ownfile which, const char *seen, char **ret_was, struct refusal *why)
{
	OWN(mem) char *path = NULL, *text = NULL, *digest = NULL;
	bool own;
	int r = ownfile_read(in->config->file, which, &path, &text, &own);
	if (!r && !(digest = digest_of(text)))
		r = E_NOMEM;
	if (!r && strcmp(digest, seen) != 0)
		return refuse(why, E_REFUSED, 409, "words_changed", "digest", "The file has changed since you read it; read it again.");
	if (!r)
		*ret_was = MOVE(digest);
	return r;
}

static int take_command(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	const char *text = json_str(c->args, "content", "");
	OWN(mem) char *was = NULL, *is = digest_of(text), *detail = NULL;
	enum ownfile which;
	int r = is ? named(c, &which) : E_NOMEM;
	r = r ? r : check_seen(&t->in, which, json_str(c->args, "digest", ""), &was, why);
	if (!r && asprintf(&detail, "%s: %.16s to %.16s", json_str(c->args, "note", ""), was, is) < 0) {
		detail = NULL;
		r = E_NOMEM;
	}
	r = r ? r : wordfile_take(t, c, which, text, detail, why);
	if (r)
		return r;
	tick_changed(t, "setting");
	*ret = json_pack("{s:s,s:s}", "name", json_str(c->args, "name", ""), "digest", is);
	return *ret ? 0 : E_NOMEM;
}

static const char *const file_names[] = { OWNFILE_NAMES, NULL };
#define NAME_ARG \
	{ .name = "name", .type = ARG_TEXT, .rank = 1, .required = true, .choices = file_names, .help_en = "which file of words", .help_vi = "tệp từ ngữ nào" }
#define CONTENT_ARG \
	{ .name = "content", .type = ARG_FILE, .rank = 2, .required = true, .min = 1, .max = OWNFILE_BYTES_MAX, .help_en = "what it shall say", \
	  .help_vi = "nội dung mới của tệp" }
static const struct verb_arg file_args[] = {
	NAME_ARG,
	{ .name = "older", .type = ARG_TEXT, .max = 32, .help_en = "one that it replaced", .help_vi = "một bản trước" },
};
static const struct verb_arg try_args[] = {
	NAME_ARG,
	CONTENT_ARG,
	{ .name = "say", .type = ARG_TEXT, .max = SENTENCES_BYTES, .help_en = "messages to read with both, one a line, 40 at most",
	  .help_vi = "tin nhắn để đọc thử với cả hai, mỗi dòng một tin, nhiều nhất 40" },
	{ .name = "context", .type = ARG_TEXT, .max = 64, .otherwise = "NONE", .help_en = "what their sender was asked, such as C-BHYT",
	  .help_vi = "người gửi đã được hỏi gì, như C-BHYT" },
};
static const struct verb_arg take_args[] = {
	NAME_ARG,
	CONTENT_ARG,
	{ .name = "digest", .type = ARG_TEXT, .required = true, .max = 64, .help_en = "of the file as you read it (setting file says it)",
	  .help_vi = "mã của tệp khi bạn đọc (setting file cho biết)" },
	{ .name = "note", .type = ARG_TEXT, .required = true, .min = 1, .max = 500, .help_en = "why, for the audit", .help_vi = "lý do, ghi vào nhật ký" },
};
static const struct verb verbs[] = {
	{ .noun = "setting", .name = "file", .kind = VERB_QUERY, .roles = R_(ADMINISTRATOR) | R_(AUDITOR), .whole = true, VERB_ARGS(file_args),
	  .help_en = "a file of words as it stands, and what it replaced", .help_vi = "một tệp từ ngữ đang dùng và các bản trước", .query = file_query },
	{ .noun = "setting", .name = "try", .kind = VERB_COMMAND, .roles = R_(ADMINISTRATOR), .whole = true, VERB_ARGS(try_args),
	  .help_en = "would this text be taken as that file, and how would sentences then be read? Changes nothing",
	  .help_vi = "nội dung này có dùng được không, và tin nhắn sẽ được hiểu thế nào? Không thay đổi gì", .command = try_command },
	{ .noun = "setting", .name = "take", .kind = VERB_COMMAND, .roles = R_(ADMINISTRATOR), .whole = true, VERB_ARGS(take_args),
	  .help_en = "put this text in the file's place, from now on; the older one is kept", .help_vi = "dùng nội dung này thay tệp, ngay từ bây giờ; bản cũ được giữ",
	  .command = take_command },
};
const struct verb_table wordfile_verbs = VERB_TABLE(verbs);
