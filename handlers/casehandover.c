/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table portal: what was handed over with which file. Called as a verb; chooses and marks in one tick, so that no two orders take the
 * same case by accident. Never looks at words. */
#include "handlers/casehandover.h"

#include <stdio.h>
#include <string.h>

#include "gateway/audit.h"
#include "gateway/base/calendar.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/report.h"
#include "gateway/store/store.h"
#include "handlers/casefile.h"

#define DAY_MS (INT64_C(24) * 3600000)
#define USUAL_DAYS 365

enum { CASEHANDOVER_CHOOSE, CASEHANDOVER_MARK, CASEHANDOVER_SQL_COUNT };
static const char *const casehandover_sql[CASEHANDOVER_SQL_COUNT] = {
	[CASEHANDOVER_CHOOSE] = "SELECT c.id, CASE WHEN EXISTS (SELECT 1 FROM portal p WHERE p.casefile = c.id) THEN 1 ELSE 0 END FROM casefile c WHERE "
				CASEHANDOVER_FITS " AND ($again = 1 OR NOT EXISTS (SELECT 1 FROM portal p WHERE p.casefile = c.id))"
				" ORDER BY c.received_at, c.id LIMIT $limit",
	[CASEHANDOVER_MARK] = "INSERT INTO portal (casefile, job, at) VALUES ($id, $job, $now)",
};
const struct sql_module casehandover_module = { "casehandover", casehandover_sql, CASEHANDOVER_SQL_COUNT };

struct chosen {
	int64_t ids[CASEHANDOVER_MOST];
	size_t n, again;
	bool more; /* fit as well, and wait for the next file */
};

/* The year until today when nothing was said. */
static int read_period(const struct scope *in, const struct call *c, struct report_period *ret, struct refusal *why)
{
	char from[CALENDAR_ISO_BYTES], to[CALENDAR_ISO_BYTES];
	if (*json_str(c->args, "from", "") || *json_str(c->args, "to", ""))
		return report_period_said(in, c, CASEHANDOVER_KIND, ret, why);
	calendar_format_iso(in->zone, in->now_ms - USUAL_DAYS * DAY_MS, from);
	calendar_format_iso(in->zone, in->now_ms, to);
	snprintf(ret->from, sizeof(ret->from), "%.10s", from);
	snprintf(ret->to, sizeof(ret->to), "%.10s", to);
	return 0;
}

static int bind_period(const struct scope *in, const struct report_period *p, struct statement *st)
{
	int64_t first = 0, last = 0;
	int r = calendar_parse_iso(p->from, in->zone, &first);
	r = r ? r : calendar_parse_iso(p->to, in->zone, &last);
	bind_int(st, "$from", first);
	bind_int(st, "$to", calendar_midnight_ms(in->zone, last, 1));
	return r;
}

static int choose(const struct scope *in, const struct call *c, const struct report_order *o, struct chosen *ret)
{
	struct statement *st = store_prepare(in->db, &casehandover_module, CASEHANDOVER_CHOOSE);
	int r = bind_period(in, &o->period, st);
	bind_text(st, "$unit", o->unit);
	bind_text(st, "$topic", json_str(c->args, "topic", ""));
	bind_text(st, "$kind", json_str(c->args, "kind", ""));
	bind_text(st, "$state", json_str(c->args, "state", ""));
	bind_text(st, "$territory", c->unit ? c->unit : "");
	bind_int(st, "$again", json_flag(c->args, "again", false));
	bind_int(st, "$limit", CASEHANDOVER_MOST + 1);
	while (!r && !ret->more && (r = store_row(st)) > 0) {
		r = 0;
		ret->more = ret->n == CASEHANDOVER_MOST;
		if (ret->more)
			break;
		ret->ids[ret->n++] = column_int(st, 0);
		ret->again += column_int(st, 1) != 0;
	}
	store_reset(st);
	return r;
}

static int mark(struct tick *t, const struct call *c, int64_t job, const struct chosen *k)
{
	char words[40];
	int r = 0;
	snprintf(words, sizeof(words), "%lld", (long long)job);
	for (size_t i = 0; !r && i < k->n; i++) {
		struct statement *st = store_prepare(t->in.db, &casehandover_module, CASEHANDOVER_MARK);
		bind_int(st, "$id", k->ids[i]);
		bind_int(st, "$job", job);
		bind_int(st, "$now", t->in.now_ms);
		r = store_write(st, 1);
		r = r ? r : casefile_event(t, k->ids[i], "handed_over", c->actor, words, 0, 0);
	}
	return r;
}

/* What the file is made by, and what its reader is told of the choice. */
static json_t *more_of(const struct call *c, const struct chosen *k)
{
	return json_pack("{s:s,s:s,s:s,s:{s:I,s:I,s:b}}", "topic", json_str(c->args, "topic", ""), "case_kind", json_str(c->args, "kind", ""), "state",
			 json_str(c->args, "state", ""), "told", "cases", (json_int_t)k->n, "again", (json_int_t)k->again, "more", k->more);
}

static int hand_over(struct tick *t, const struct call *c, struct report_order *o, const struct chosen *k, int64_t *ret_job)
{
	char subject[32], words[64];
	int64_t job = 0;
	OWN(json) json_t *more = more_of(c, k);
	o->more = more;
	int r = more ? report_order(t, c, o, &job) : E_NOMEM;
	r = r ? r : mark(t, c, job, k);
	snprintf(subject, sizeof(subject), "job:%lld", (long long)job);
	snprintf(words, sizeof(words), "%zu cases, %zu of them again", k->n, k->again);
	r = r ? r : audit_put(t, c->actor, c->dotted, subject, words);
	if (!r)
		*ret_job = job;
	return r;
}

static int command_handover(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	struct report_order o = { .kind = CASEHANDOVER_KIND };
	struct chosen k = { .n = 0 };
	int64_t job = 0;
	int r = report_unit_said(&t->in, c, &o.unit, why);
	r = r ? r : read_period(&t->in, c, &o.period, why);
	r = r ? r : choose(&t->in, c, &o, &k);
	if (!r && !k.n)
		r = refuse(why, E_REFUSED, 409, "nothing_to_hand_over", "", "No case fits that is not handed over already; again hands those over once more.");
	r = r ? r : hand_over(t, c, &o, &k, &job);
	if (r)
		return r;
	*ret = json_pack("{s:I}", "job", (json_int_t)job);
	return *ret ? 0 : E_NOMEM;
}

static const char *const formats[] = { "json", "xlsx", NULL };
static const char *const kinds[] = { "question", "report", "proposal", "complaint", "denunciation", "praise", NULL };
static const char *const states[] = { "received", "triaged", "need_info", "verifying", "forwarded", "awaiting", "escalated", "answered", "notified", "closed",
				      "reopened", NULL };
static const struct verb_arg handover_args[] = {
	{ .name = "unit", .type = ARG_TEXT, .max = 15, .otherwise = "", .help_en = "cases of this unit and below; your own when left out",
	  .help_vi = "vụ việc của đơn vị này và cấp dưới; bỏ trống là đơn vị của mình" },
	{ .name = "from", .type = ARG_TEXT, .max = 10, .otherwise = "", .help_en = "received from this day on, such as 2026-11-01; the last year when left out",
	  .help_vi = "nhận từ ngày, ví dụ 2026-11-01; bỏ trống là một năm gần đây" },
	{ .name = "to", .type = ARG_TEXT, .max = 10, .otherwise = "", .help_en = "until the end of this day", .help_vi = "đến hết ngày" },
	{ .name = "topic", .type = ARG_TEXT, .max = 15, .otherwise = "", .help_en = "the topic's code, such as BHYT", .help_vi = "mã chủ đề, ví dụ BHYT" },
	{ .name = "kind", .type = ARG_TEXT, .choices = kinds, .help_en = "kind of case", .help_vi = "loại ý kiến" },
	{ .name = "state", .type = ARG_TEXT, .choices = states, .help_en = "state of the case", .help_vi = "bước xử lý" },
	{ .name = "again", .type = ARG_FLAG, .help_en = "also those that were handed over before, marked as such", .help_vi = "cả những vụ việc đã bàn giao, có đánh dấu" },
	{ .name = "format", .type = ARG_TEXT, .otherwise = "json", .choices = formats, .help_en = "kind of file", .help_vi = "loại tệp" },
};
static const struct verb verbs[] = {
	{ .noun = "case", .name = "handover", .kind = VERB_COMMAND, .roles = R_(OPERATOR) | R_(REVIEWER) | R_(SECRETARY), VERB_ARGS(handover_args),
	  .help_en = "a file of cases for pakn.mattranso.vn, each handed over once", .help_vi = "tệp bàn giao cho pakn.mattranso.vn, mỗi vụ việc một lần",
	  .command = command_handover },
};
const struct verb_table casehandover_verbs = VERB_TABLE(verbs);
