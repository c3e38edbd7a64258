/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Verbs of the noun text. Keeps nothing. */
#include "handlers/wordcheck.h"

#include <stdio.h>
#include <string.h>

#include "config/config.h"
#include "config/settings.h"
#include "config/tariff.h"
#include "gateway/base/fold.h"
#include "gateway/base/gsm7.h"
#include "gateway/base/json.h"
#include "gateway/base/text.h"
#include "gateway/scope.h"
#include "gateway/sense.h"
#include "handlers/context.h"
#include "handlers/keywords.h"
#include "handlers/parse.h"

#define REF_BITS 8

OWN_DEFINE(provider, struct provider *, provider_free)
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

/* Where a data file is wrong: its place and the sentence. */
static int refuse_file(int e, const struct complaint *c, struct refusal *why)
{
	char text[sizeof(why->text)];
	complaint_format(c, text, sizeof(text));
	return e == E_CONFIG ? refuse(why, e, 422, c->rule, c->field, "%s", text) : e;
}

static int sense_json(const struct scope *in, const char *text, json_t **ret, struct refusal *why)
{
	struct complaint complaint = { 0 };
	int r = sense_tell(in->config ? in->config->file : NULL, text, ret, &complaint);
	return refuse_file(r, &complaint, why);
}

static int open_profile(const struct scope *in, const char *name, struct provider **ret, struct refusal *why)
{
	OWN(mem) char *path = NULL;
	char file[96];
	struct complaint complaint = { 0 };
	snprintf(file, sizeof(file), "providers/%s.conf", name);
	int r = settings_find(in->config ? in->config->file : NULL, file, &path);
	if (r == E_NOT_FOUND)
		return refuse(why, r, 404, "not_found", "profile", "There is no provider profile of this name.");
	r = r ? r : provider_load(path, ret, &complaint);
	return refuse_file(r, &complaint, why);
}

static int billing_json(const struct scope *in, const struct call *c, const struct measure *as_is, const struct measure *plain, json_t **ret,
			struct refusal *why)
{
	OWN(provider) struct provider *p = NULL;
	const char *name = json_str(c->args, "profile", "");
	*ret = NULL;
	if (!*name)
		return 0;
	int r = open_profile(in, name, &p, why);
	if (r)
		return r;
	struct tariff tariff = { .provider = p, .advert = strcmp(json_str(c->args, "class", ""), "advert") == 0 }; /* p stays ours */
	int n = tariff_segments(&tariff, as_is), n_plain = tariff_segments(&tariff, plain);
	*ret = json_pack("{s:s, s:o, s:o}", "profile", name, "segments", n ? json_integer(n) : json_null(), "folded",
			 n_plain ? json_integer(n_plain) : json_null());
	return *ret ? 0 : E_NOMEM;
}

static int measure_json(const char *text, const char *plain, const struct measure *m, const struct measure *p, json_t **ret)
{
	OWN(json) json_t *forcing = forcing_json(text);
	if (!forcing)
		return E_NOMEM;
	*ret = json_pack("{s:s, s:i, s:i, s:i, s:i, s:O, s:{s:s, s:i}, s:i}", "encoding", encoding_name(m->encoding), "characters", m->n_chars,
			 "units", m->n_units, "segments", m->n_segments, "left", m->left, "forcing", forcing, "folded", "text", plain,
			 "segments", p->n_segments, "saving", m->n_segments - p->n_segments);
	return *ret ? 0 : E_NOMEM;
}

static int query_measure(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	*ret_next = 0;
	OWN(mem) char *text = text_nfc(json_str(c->args, "text", ""));
	OWN(mem) char *plain = text ? fold_plain(text) : NULL;
	OWN(json) json_t *out = NULL, *sense = NULL, *billing = NULL;
	struct measure m, p;
	if (!plain)
		return E_NOMEM;
	gsm7_measure(text, REF_BITS, &m);
	gsm7_measure(plain, REF_BITS, &p);
	int r = measure_json(text, plain, &m, &p, &out);
	r = r ? r : sense_json(in, text, &sense, why);
	r = r ? r : billing_json(in, c, &m, &p, &billing, why);
	if (!r && (json_object_set(out, "sense", sense) || (billing && json_object_set(out, "billing", billing))))
		r = E_NOMEM;
	if (!r)
		*ret = MOVE(out);
	return r;
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
	return refuse_file(r, &complaint, why);
}

static int find_context(const struct scope *in, const char *name, struct context *ret, struct refusal *why)
{
	struct complaint complaint = { 0 };
	int r = context_load(in->config ? in->config->file : NULL, name, ret, &complaint);
	if (r == E_NOT_FOUND)
		return refuse(why, r, 404, "not_found", "context", "There is no context of this name.");
	snprintf(complaint.field, sizeof(complaint.field), "context");
	return refuse_file(r, &complaint, why);
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

#define TEXT_BYTES_MAX (3 * 65536) /* 64 KiB of anything, each byte made valid */
#define TEXT_ARG \
	{ .name = "text", .type = ARG_TEXT, .rank = 1, .required = true, .max = TEXT_BYTES_MAX, .any_bytes = true, .help_en = "the text", \
	  .help_vi = "nội dung" }
static const struct verb_arg text_args[] = { TEXT_ARG };
static const char *const measure_classes[] = { "social_policy", "advert", "service", "optout_ack", "emergency", NULL };
static const struct verb_arg measure_args[] = {
	TEXT_ARG,
	{ .name = "profile", .type = ARG_NAME, .help_en = "a provider profile, for the segments as its carrier bills them",
	  .help_vi = "hồ sơ nhà cung cấp, để tính số tin theo cách nhà mạng tính tiền" },
	{ .name = "class", .type = ARG_TEXT, .choices = measure_classes, .otherwise = "social_policy",
	  .help_en = "class of the message: adverts have limits of their own", .help_vi = "loại tin: tin quảng cáo có giới hạn riêng" },
};
static const struct verb_arg classify_args[] = {
	TEXT_ARG,
	{ .name = "context", .type = ARG_TEXT, .max = 1024, .otherwise = "NONE",
	  .help_en = "what the sender was asked: a name such as C-BHYT, or a file", .help_vi = "người gửi đã được hỏi gì: tên như C-BHYT, hoặc tệp" },
};

static const struct verb verbs[] = {
	{ .noun = "text", .name = "measure", .kind = VERB_LOCAL, .remote = true, .roles = ROLES_ALL, VERB_ARGS(measure_args),
	  .help_en = "encoding, segments, what plain letters save, and which words then say something else",
	  .help_vi = "kiểu mã, số tin, phần tiết kiệm khi bỏ dấu, và từ nào bỏ dấu thì đổi nghĩa",
	  .query = query_measure },
	{ .noun = "text", .name = "fold", .kind = VERB_LOCAL, .remote = true, .roles = ROLES_ALL, VERB_ARGS(text_args),
	  .help_en = "the text without accents", .help_vi = "nội dung bỏ dấu", .query = query_fold },
	{ .noun = "text", .name = "classify", .kind = VERB_LOCAL, .roles = ROLES_ALL, VERB_ARGS(classify_args),
	  .help_en = "how a message would be understood", .help_vi = "tin nhắn sẽ được hiểu thế nào", .query = query_classify },
};
const struct verb_table text_verbs = VERB_TABLE(verbs);
