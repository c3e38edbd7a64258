/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Missing and late parts, as far as cases know of them. Keeps nothing. */
#include "handlers/part.h"

#include <string.h>

#include "gateway/base/fold.h"
#include "gateway/base/own.h"
#include "gateway/question.h"
#include "gateway/store/store.h"

#define PART_MS (INT64_C(6) * 60 * 60 * 1000)
#define PARTS " parts" /* marks the question among those for more about a case */

enum { PART_CASE_OF, PART_SQL_COUNT };
static const char *const part_sql[PART_SQL_COUNT] = {
	[PART_CASE_OF] = "SELECT casefile FROM inbound WHERE id = $id AND casefile IS NOT NULL",
};
const struct sql_module part_module = { "part", part_sql, PART_SQL_COUNT };

bool part_asked(const struct turn *turn)
{
	return turn->context.question == QUESTION_NEED_INFO && strstr(turn->question.subject, PARTS);
}

int part_ask(struct turn *turn)
{
	char subject[40], got[12], total[12];
	int64_t id = 0;
	snprintf(got, sizeof(got), "%d", turn->in->parts_total - turn->in->parts_missing);
	snprintf(total, sizeof(total), "%d", turn->in->parts_total);
	if (!turn->ret->casefile)
		return 0; /* a command or an answer needs no rest */
	snprintf(subject, sizeof(subject), "case:%lld" PARTS, (long long)turn->ret->casefile);
	int r = question_ask(turn->t, turn->in->address, "need_info", NULL, subject, NULL, turn->t->in.now_ms + PART_MS, &id);
	return r ? r : turn_say(turn, REPLY_PARTS_MISSING, &(struct reply_values){ .got = got, .total = total });
}

static int case_of(const struct scope *in, int64_t inbound, int64_t *ret)
{
	struct statement *st = store_prepare(in->db, &part_module, PART_CASE_OF);
	bind_int(st, "$id", inbound);
	int r = store_row(st);
	if (r > 0)
		*ret = column_int(st, 0);
	store_reset(st);
	return r < 0 ? r : r ? 0 : E_NOT_FOUND;
}

static int complete(struct turn *turn, const struct casefile *c)
{
	OWN(mem) char *text = NULL;
	if (!turn->in->parts_missing)
		text = strdup(turn->in->text);
	else if (asprintf(&text, "%s [thiếu %d phần]", turn->in->text, turn->in->parts_missing) < 0)
		text = NULL;
	OWN(mem) char *folded = text ? fold(text) : NULL;
	if (!folded)
		return E_NOMEM;
	int r = casefile_complete(turn->t, c->id, text, folded);
	r = r ? r : casefile_event(turn->t, c->id, "late_part", "person", turn->in->text, 0, turn->in->id);
	if (!r && part_asked(turn) && !turn->in->parts_missing)
		r = question_close(turn->t, turn->question.id, "answered", "late part");
	return r;
}

int part_merge(struct turn *turn, bool *ret_merged)
{
	struct casefile c;
	int64_t id = 0;
	*ret_merged = false;
	int r = case_of(&turn->t->in, turn->in->late_of, &id);
	r = r ? r : casefile_get(&turn->t->in, id, &c);
	r = r ? r : complete(turn, &c);
	if (r)
		return r == E_NOT_FOUND ? 0 : r;
	struct handled *h = turn->ret;
	snprintf(h->kind, sizeof(h->kind), "%s", kind_name(KIND_CASE_INFO));
	snprintf(h->handled_by, sizeof(h->handled_by), "part");
	snprintf(h->why, sizeof(h->why), "part: late, of message %lld", (long long)turn->in->late_of);
	h->casefile = c.id;
	turn_result(turn, "late part, added to %s", c.code);
	*ret_merged = true;
	return 0;
}
