/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verbs of setting: what the configuration and the files of words say on disk, where, and whether they would be taken. Run in the
 * query process; read the files anew, change nothing and use nothing of what they read. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "config/listing.h"
#include "config/settings.h"
#include "gateway/base/json.h"
#include "gateway/scope.h"
#include "gateway/verb.h"
#include "handlers/keywords.h"
#include "handlers/wordfile.h"

OWN_DEFINE(config, struct config *, config_free)

static const struct {
	const char *name, *file; /* NULL: the configuration itself */
} files[] = {
	{ "caunoi", NULL },
	{ "keywords", "keywords/keywords.conf" },
	{ "accusation", "keywords/accusation.conf" },
	{ "spelling", "keywords/spelling.conf" },
	{ "sense", "keywords/sense.conf" },
	{ "topics", "topics/topics.conf" },
	{ "templates", "topics/phrasebook.conf" },
};

static int find_file(const struct scope *in, const char *name, char **ret)
{
	for (size_t i = 0; i < COUNT_OF(files); i++)
		if (!strcmp(name, files[i].name) && files[i].file)
			return settings_find(in->config->file, files[i].file, ret);
	*ret = strdup(in->config->file);
	return *ret ? 0 : E_NOMEM;
}

static int page(const json_t *rows, int64_t from, int64_t limit, json_t **ret, int64_t *ret_next)
{
	OWN(json) json_t *list = json_array();
	int64_t n = (int64_t)json_array_size(rows), to = from + limit < n ? from + limit : n;
	for (int64_t i = from; list && i < to; i++)
		if (json_array_append(list, json_array_get(rows, (size_t)i)))
			return E_NOMEM;
	*ret_next = to < n ? to : 0;
	*ret = MOVE(list);
	return *ret ? 0 : E_NOMEM;
}

static int list_query(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	const char *name = json_str(c->args, "file", "caunoi");
	struct complaint wrong = { 0 };
	OWN(mem) char *file = NULL;
	OWN(json) json_t *rows = NULL;
	int r = find_file(in, name, &file);
	if (!r)
		r = listing_read(file, !strcmp(name, "caunoi"), &rows, &wrong);
	if (r && r != E_NOMEM) {
		char text[700];
		complaint_format(&wrong, text, sizeof(text));
		return refuse(why, E_REFUSED, 409, "configuration", "file", "%s", wrong.text[0] ? text : "The file cannot be read.");
	}
	return r ? r : page(rows, json_int(c->args, "after", 0), json_int(c->args, "limit", 100), ret, ret_next);
}

/* ---- check ---- */

static int check_query(const struct scope *in, const struct call *call, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	(void)call;
	(void)why;
	*ret_next = 0;
	struct complaint c = { 0 };
	OWN(config) struct config *cfg = NULL;
	OWN(keywords) struct keywords *k = NULL;
	OWN(json) json_t *warnings = json_array();
	int r = config_load(in->config->file, false, &cfg, &c);
	if (!r)
		r = keywords_load(in->config->file, &k, &c);
	if (r == E_NOMEM || !warnings)
		return E_NOMEM;
	for (size_t i = 0; cfg && i < cfg->n_warnings; i++)
		if (json_array_append_new(warnings, wordfile_mistake(&cfg->warnings[i])))
			return E_NOMEM;
	*ret = json_pack("{s:b,s:o,s:O}", "ok", r == 0, "mistake", r ? wordfile_mistake(&c) : json_null(), "warnings", warnings);
	return *ret ? 0 : E_NOMEM;
}

static const char *const file_names[] = { "caunoi", "keywords", "accusation", "spelling", "sense", "topics", "templates", NULL };
static const struct verb_arg list_args[] = {
	{ .name = "file", .type = ARG_TEXT, .otherwise = "caunoi", .choices = file_names, .help_en = "the configuration, or a file of words",
	  .help_vi = "cấu hình, hoặc một tệp từ ngữ" },
};
static const struct verb verbs[] = {
	{ .noun = "setting", .name = "list", .kind = VERB_QUERY, .roles = R_(ADMINISTRATOR) | R_(AUDITOR), .whole = true, .list = true, VERB_ARGS(list_args),
	  .help_en = "every setting, its value and where it was set", .help_vi = "mọi thiết lập, giá trị và nơi đặt", .query = list_query },
	{ .noun = "setting", .name = "check", .kind = VERB_QUERY, .roles = R_(ADMINISTRATOR) | R_(AUDITOR), .whole = true,
	  .help_en = "would the configuration and the words on disk be taken?", .help_vi = "cấu hình và từ ngữ trên đĩa có dùng được không?", .query = check_query },
};
const struct verb_table setting_verbs = VERB_TABLE(verbs);
