/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Verbs of the noun text. Keeps nothing. */
#include "handlers/wordcheck.h"

#include <string.h>

#include "config/config.h"
#include "gateway/base/fold.h"
#include "gateway/base/gsm7.h"
#include "gateway/base/json.h"
#include "gateway/base/text.h"
#include "gateway/scope.h"
#include "handlers/context.h"
#include "handlers/keywords.h"
#include "handlers/parse.h"

#define REF_BITS 8
#define FORCING_MAX 64

static json_t *forcing_json(const char *text)
{
	char found[FORCING_MAX][5];
	OWN(json) json_t *list = json_array();
	int n = gsm7_forcing(text, found, FORCING_MAX);
	for (int i = 0; list && i < n && i < FORCING_MAX; i++)
		if (json_array_append_new(list, json_string(found[i])))
			return NULL;
	return n < 0 ? NULL : MOVE(list);
}

static int query_measure(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	(void)in;
	(void)why;
	*ret_next = 0;
	OWN(mem) char *text = text_nfc(json_str(c->args, "text", ""));
	OWN(mem) char *plain = text ? fold_plain(text) : NULL;
	OWN(json) json_t *forcing = plain ? forcing_json(text) : NULL;
	struct measure m, p;
	if (!forcing)
		return E_NOMEM;
	gsm7_measure(text, REF_BITS, &m);
	gsm7_measure(plain, REF_BITS, &p);
	*ret = json_pack("{s:s, s:i, s:i, s:i, s:i, s:O, s:{s:s, s:i}, s:i}", "encoding", encoding_name(m.encoding), "characters", m.n_chars,
			 "units", m.n_units, "segments", m.n_segments, "left", m.left, "forcing", forcing, "folded", "text", plain,
			 "segments", p.n_segments, "saving", m.n_segments - p.n_segments);
	return *ret ? 0 : E_NOMEM;
}

static int query_fold(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	(void)in;
	(void)why;
	*ret_next = 0;
	const char *text = json_str(c->args, "text", "");
	OWN(mem) char *folded = fold(text);
	OWN(mem) char *plain = fold_plain(text);
	if (!folded || !plain)
		return E_NOMEM;
	*ret = json_pack("{s:s, s:s}", "folded", folded, "text", plain);
	return *ret ? 0 : E_NOMEM;
}

/* The keyword files: those of the scope, else read for this call. *ret_own is the caller's. */
static int find_keywords(const struct scope *in, const struct keywords **ret, struct keywords **ret_own, struct refusal *why)
{
	struct complaint complaint = { 0 };
	*ret = in->keywords;
	if (in->keywords)
		return 0;
	int r = keywords_load(in->config ? in->config->file : NULL, ret_own, &complaint);
	*ret = r ? NULL : *ret_own;
	return r == E_CONFIG ? refuse(why, r, 422, complaint.rule, complaint.field, "%s:%d: %s", complaint.file, complaint.line, complaint.text) : r;
}

static int find_context(const struct scope *in, const char *name, struct context *ret, struct refusal *why)
{
	struct complaint complaint = { 0 };
	int r = context_load(in->config ? in->config->file : NULL, name, ret, &complaint);
	if (r == E_NOT_FOUND)
		return refuse(why, r, 404, "not_found", "context", "There is no context of this name.");
	return r == E_CONFIG ? refuse(why, r, 422, complaint.rule, "context", "%s:%d: %s", complaint.file, complaint.line, complaint.text) : r;
}

static int query_classify(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	OWN(keywords) struct keywords *own = NULL;
	const struct keywords *k = NULL;
	struct context x = { 0 };
	struct classified result = { 0 };
	*ret_next = 0;
	int r = find_context(in, json_str(c->args, "context", "NONE"), &x, why);
	r = r ? r : find_keywords(in, &k, &own, why);
	r = r ? r : classify(k, json_str(c->args, "text", ""), &x, &result);
	if (!r) {
		*ret = classified_json(&result);
		r = *ret ? 0 : E_NOMEM;
	}
	classified_done(&result);
	context_done(&x);
	return r;
}

#define TEXT_ARG { .name = "text", .type = ARG_TEXT, .rank = 1, .required = true, .max = 40000, .help_en = "the text", .help_vi = "nội dung" }
static const struct verb_arg text_args[] = { TEXT_ARG };
static const struct verb_arg classify_args[] = {
	TEXT_ARG,
	{ .name = "context", .type = ARG_TEXT, .max = 1024, .otherwise = "NONE",
	  .help_en = "what the sender was asked: a name such as C-BHYT, or a file", .help_vi = "người gửi đã được hỏi gì: tên như C-BHYT, hoặc tệp" },
};

static const struct verb verbs[] = {
	{ .noun = "text", .name = "measure", .kind = VERB_LOCAL, .roles = ROLES_ALL, VERB_ARGS(text_args),
	  .help_en = "encoding, segments, and what plain letters save", .help_vi = "kiểu mã, số tin và phần tiết kiệm khi bỏ dấu",
	  .query = query_measure },
	{ .noun = "text", .name = "fold", .kind = VERB_LOCAL, .roles = ROLES_ALL, VERB_ARGS(text_args),
	  .help_en = "the text without accents", .help_vi = "nội dung bỏ dấu", .query = query_fold },
	{ .noun = "text", .name = "classify", .kind = VERB_LOCAL, .roles = ROLES_ALL, VERB_ARGS(classify_args),
	  .help_en = "how a message would be understood", .help_vi = "tin nhắn sẽ được hiểu thế nào", .query = query_classify },
};
const struct verb_table text_verbs = VERB_TABLE(verbs);
