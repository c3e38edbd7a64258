/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The common part of the jobs over an uploaded list. Called by import.c, dnc_import.c and unit_import.c; reads no rows itself. */
#include "campaigns/filejob.h"

#include "campaigns/convert.h"
#include "campaigns/import.h"
#include "campaigns/reader.h"
#include "gateway/base/json.h"
#include "gateway/base/text.h"

#define CHUNKS_DROPPED 16
#define SHOWN_BYTES 80

int filejob_check(const struct scope *in, const json_t *args, const char *actor, int64_t *ret_bytes, struct refusal *why)
{
	int r = reader_upload(in, json_int(args, "file", 0), actor, ret_bytes);
	if (r == E_NOT_FOUND || r == E_DENIED)
		return refuse(why, E_NOT_FOUND, 404, "no_upload", "file", "The file was not uploaded.");
	return r;
}

int filejob_begin(struct tick *t, const struct call *c, const struct job_kind *kind, json_t **ret, struct refusal *why)
{
	int64_t bytes, job = 0;
	int r = filejob_check(&t->in, c->args, c->actor, &bytes, why);
	if (!r)
		r = job_new(t, c, kind->verb, c->args, &job);
	if (r)
		return r;
	*ret = json_pack("{s:I}", "job", (json_int_t)job);
	return *ret ? 0 : E_NOMEM;
}

int filejob_convert(struct tick *t, struct job *j, bool *ret_sheet, struct complaint *c)
{
	int64_t file = json_int(j->args, "file", 0);
	int needed = convert_is_needed(&t->in, file, c);
	int r = needed > 0 ? convert_step(t, j, file, c) : needed;
	if (!r)
		*ret_sheet = needed > 0;
	return r;
}

int64_t filejob_source(const struct job *j)
{
	int64_t made = convert_target(j);
	return made ? made : json_int(j->args, "file", 0);
}

int filejob_refuse(struct job *j, const struct complaint *c)
{
	const char *field = *c->field ? c->field : "file";
	if (c->line)
		return refuse(j->why, E_INVALID, 422, c->rule, "file", "Line %d: %s.", c->line, c->text);
	return refuse(j->why, E_INVALID, 422, c->rule, field, "%s", c->text);
}

/* The cursor's member of that name, made when it is missing. */
static json_t *kept(json_t *cursor, const char *key, json_t *fresh)
{
	json_t *there = json_object_get(cursor, key);
	if (!there && fresh && !json_object_set(cursor, key, fresh))
		there = fresh;
	json_decref(fresh);
	return there;
}

static int count(json_t *obj, const char *key)
{
	return json_set_int(obj, key, json_int(obj, key, 0) + 1);
}

int filejob_count(struct job *j, const char *key)
{
	return count(j->cursor, key);
}

int filejob_refuse_row(struct job *j, int row, const char *column, const char *value, const char *reason, const char *detail)
{
	json_t *refused = kept(j->cursor, "refused", json_array()), *reasons = kept(j->cursor, "reasons", json_object());
	if (!refused || !reasons || count(j->cursor, "n_refused") || count(reasons, reason))
		return E_NOMEM;
	if (json_array_size(refused) >= IMPORT_REFUSED_LISTED)
		return 0;
	json_t *one = json_pack("{s:i, s:s?, s:o, s:s}", "row", row, "column", column, "value", json_stringn(value, text_cut(value, SHOWN_BYTES)),
				"reason", reason);
	if (one && detail && json_object_set_new(one, "detail", json_string(detail))) {
		json_decref(one);
		return E_NOMEM;
	}
	return one && !json_array_append_new(refused, one) ? 0 : E_NOMEM;
}

int filejob_drop(struct tick *t, struct job *j)
{
	int64_t made = convert_target(j);
	int r = made ? reader_drop(t, made, CHUNKS_DROPPED) : 0;
	return r ? r : reader_drop(t, json_int(j->args, "file", 0), CHUNKS_DROPPED);
}
