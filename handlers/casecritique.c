/* SPDX-License-Identifier: GPL-3.0-or-later */
/* case critique. Baskets are texts: one that differs only in case, accents or blanks from one that is there is that one. */
#include "handlers/casecritique.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/fold.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"
#include "gateway/store/store.h"
#include "handlers/casedesk.h"

#define DRAFT_BYTES_MAX 200

enum { CASECRITIQUE_KNOWN, CASECRITIQUE_SET, CASECRITIQUE_SQL_COUNT };
static const char *const casecritique_sql[CASECRITIQUE_SQL_COUNT] = {
	[CASECRITIQUE_KNOWN] = "SELECT draft FROM casefile WHERE draft_fold = $fold AND draft_fold IS NOT NULL ORDER BY id LIMIT 1",
	[CASECRITIQUE_SET] = "UPDATE casefile SET draft = $draft, draft_fold = $fold, version = version + 1 WHERE id = $id",
};
const struct sql_module casecritique_module = { "casecritique", casecritique_sql, CASECRITIQUE_SQL_COUNT };

/* The spelling that the basket has already, else as it was said. */
static int spelling(struct tick *t, const char *folded, const char *said, char **ret)
{
	struct statement *st = store_prepare(t->in.db, &casecritique_module, CASECRITIQUE_KNOWN);
	bind_text(st, "$fold", folded);
	int r = store_row(st);
	char *text = r < 0 ? NULL : text_nfc(r > 0 ? column_text(st, 0) : said);
	store_reset(st);
	if (text)
		*ret = text;
	return r < 0 ? r : text ? 0 : E_NOMEM;
}

static int set(struct tick *t, int64_t id, const char *draft, const char *folded)
{
	struct statement *st = store_prepare(t->in.db, &casecritique_module, CASECRITIQUE_SET);
	bind_int(st, "$id", id);
	bind_text(st, "$draft", *folded ? draft : NULL);
	bind_text(st, "$fold", *folded ? folded : NULL);
	return store_run(st);
}

static int command_critique(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	struct casefile f;
	const char *said = json_str(c->args, "draft", "");
	OWN(mem) char *folded = fold(said), *draft = NULL;
	int r = folded ? casedesk_open(t, c, ACT_CRITIQUE, &f, why) : E_NOMEM;
	r = r ? r : spelling(t, folded, said, &draft);
	r = r ? r : set(t, f.id, draft, folded);
	return r ? r : casedesk_done(t, c, &f, "critiqued", *folded ? draft : "", ret);
}

static const struct verb_arg critique_args[] = {
	CASE_ID_ARG,
	{ .name = "draft", .type = ARG_TEXT, .required = true, .max = DRAFT_BYTES_MAX, .help_en = "the draft policy that it speaks of; empty takes it out",
	  .help_vi = "dự thảo chính sách được góp ý; để trống là bỏ ra" },
};
static const struct verb verbs[] = {
	{ .noun = "case", .name = "critique", .kind = VERB_COMMAND, .roles = CASE_WORKERS | R_(SECRETARY), VERB_ARGS(critique_args),
	  .help_en = "put it into the basket of a draft policy, for social critique", .help_vi = "đưa vào nhóm góp ý phản biện một dự thảo chính sách", .command = command_critique },
};
const struct verb_table casecritique_verbs = VERB_TABLE(verbs);
