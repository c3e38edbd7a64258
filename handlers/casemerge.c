/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Joining cases. What was joined to the first before goes along, so that a case always stands directly under its speaker. */
#include "handlers/casemerge.h"

#include <stdio.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "handlers/casedesk.h"

enum { CASEMERGE_VOICES, CASEMERGE_UNDER, CASEMERGE_DUE, CASEMERGE_SQL_COUNT };
static const char *const casemerge_sql[CASEMERGE_SQL_COUNT] = {
	[CASEMERGE_VOICES] = "SELECT who, text, inbound FROM case_event WHERE casefile = $id AND what IN ('received', 'joined', 'info')"
			     " AND text IS NOT NULL ORDER BY id",
	[CASEMERGE_UNDER] = "UPDATE casefile SET merged_into = $into, version = version + 1 WHERE id IN (SELECT id FROM casefile WHERE id = $id"
			    " UNION ALL SELECT id FROM casefile WHERE merged_into = $id)",
	/* what was promised to the first who spoke */
	[CASEMERGE_DUE] = "UPDATE casefile SET due_at = $due, version = version + 1 WHERE id = $into AND due_at > $due",
};
const struct sql_module casemerge_module = { "casemerge", casemerge_sql, CASEMERGE_SQL_COUNT };

/* What was said in the one is read in the other. */
static int copy_voices(struct tick *t, int64_t from, int64_t into)
{
	OWN(json) json_t *said = json_array();
	size_t i;
	const json_t *one;
	struct statement *st = store_prepare(t->in.db, &casemerge_module, CASEMERGE_VOICES);
	bind_int(st, "$id", from);
	int r = said ? 0 : E_NOMEM;
	while (!r && (r = store_row(st)) > 0)
		r = json_array_append_new(said, json_pack("{s:s, s:s, s:I}", "who", column_text(st, 0), "text", column_text(st, 1), "inbound",
							  (json_int_t)column_int(st, 2))) ? E_NOMEM : 0;
	store_reset(st);
	json_array_foreach(said, i, one)
		r = r ? r : casefile_event(t, into, "joined", json_str(one, "who", ""), json_str(one, "text", ""), 0, json_int(one, "inbound", 0));
	return r;
}

static int join(struct tick *t, const struct casefile *from, const struct casefile *into)
{
	int r = copy_voices(t, from->id, into->id);
	if (r)
		return r;
	struct statement *st = store_prepare(t->in.db, &casemerge_module, CASEMERGE_UNDER);
	bind_int(st, "$id", from->id);
	bind_int(st, "$into", into->id);
	r = store_run(st);
	if (r)
		return r;
	st = store_prepare(t->in.db, &casemerge_module, CASEMERGE_DUE);
	bind_int(st, "$into", into->id);
	bind_int(st, "$due", from->due_at);
	return store_run(st);
}

static int command_merge(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	struct casefile from, into;
	char words[CASE_WORDS_BYTES];
	json_t *closed = NULL;
	int r = casedesk_open(t, c, ACT_MERGE, &from, why);
	r = r ? r : casedesk_open_named(t, c, json_str(c->args, "into", ""), ACT_MERGE, &into, why);
	if (!r && from.id == into.id)
		r = refuse(why, E_INVALID, 422, "same_case", "into", "A case is not joined to itself.");
	if (!r && (from.restricted != into.restricted || strcmp(from.accused, into.accused) != 0))
		r = refuse(why, E_REFUSED, 409, "restricted", "into", "A restricted case is joined only to one that the same people may know of.");
	if (!r && from.address && !into.address)
		r = refuse(why, E_REFUSED, 409, "no_number", "into", "Join the case without a number to the other: through it nobody could be answered.");
	if (r)
		return r;
	const char *parts[] = { "duplicate", into.code, json_str(c->args, "note", "") };
	casedesk_join(words, sizeof(words), parts, COUNT_OF(parts));
	r = join(t, &from, &into);
	r = r ? r : casefile_move(t, &from, CASE_CLOSED);
	r = r ? r : casedesk_done(t, c, &from, "closed", words, &closed);
	json_decref(closed);
	return r ? r : casedesk_done(t, c, &into, "merged_from", from.code, ret);
}

static const struct verb_arg merge_args[] = {
	CASE_ID_ARG,
	{ .name = "into", .type = ARG_TEXT, .required = true, .min = 1, .max = 24, .help_en = "the case that stays, id or code",
	  .help_vi = "vụ việc được giữ lại, số hoặc mã" },
	CASE_NOTE_ARG,
};
static const struct verb verbs[] = {
	{ .noun = "case", .name = "merge", .kind = VERB_COMMAND, .roles = CASE_WORKERS, VERB_ARGS(merge_args),
	  .help_en = "join it to another that is about the same", .help_vi = "gộp vào vụ việc cùng nội dung", .command = command_merge },
};
const struct verb_table casemerge_verbs = VERB_TABLE(verbs);
