/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Table T4 and the session's two. Called by report.c. Words of villagers go through mask_personal. */
#include "console/report/petitions.h"

#include <string.h>

#include "console/report/sheet.h"
#include "console/report/topics.h"
#include "gateway/base/calendar.h"
#include "gateway/base/fold.h"
#include "gateway/base/mask.h"
#include "handlers/casefile.h"

#define LAST(column, what_is) "(SELECT e." column " FROM case_event e WHERE e.casefile = c.id AND e.what = '" what_is "' AND e.at < $to ORDER BY e.id DESC LIMIT 1)"
#define FORWARD(column) "(SELECT w." column " FROM case_forward w WHERE w.casefile = c.id AND w.at < $to ORDER BY w.id DESC LIMIT 1)"
#define IS_PETITION "(c.kind IN ('proposal', 'complaint') OR EXISTS (SELECT 1 FROM case_event e WHERE e.casefile = c.id AND e.what = 'forwarded' AND e.at < $to))"
#define PERIOD "c.received_at >= $from AND c.received_at < $to AND " EXTENT_UNIT("coalesce(c.unit, '')")

enum { PETITIONS_LIST, PETITIONS_RESTRICTED, PETITIONS_SQL_COUNT };
static const char *const petitions_sql[PETITIONS_SQL_COUNT] = {
	[PETITIONS_LIST] = "SELECT c.code, c.text, coalesce(c.unit, ''), coalesce(c.topic, ''), c.received_at, c.due_at, c.state, " LAST("text", "forwarded") ", "
			   LAST("at", "forwarded") ", " LAST("text", "answered")
			   ", 1 + (SELECT count(*) FROM casefile k WHERE k.merged_into = c.id)"
			   ", " FORWARD("body") ", " FORWARD("document") ", " FORWARD("day")
			   " FROM casefile c WHERE c.restricted = 0 AND c.merged_into IS NULL AND " IS_PETITION " AND " PERIOD " ORDER BY c.id",
	[PETITIONS_RESTRICTED] = "SELECT count(*) FROM casefile c WHERE c.restricted = 1 AND " EXTENT_SEEN " AND " IS_PETITION " AND " PERIOD,
};
const struct sql_module petitions_module = { "petitions", petitions_sql, PETITIONS_SQL_COUNT };

/* ---- a line ---- */

static json_t *quoted(const char *text)
{
	OWN(mem) char *masked = text ? mask_personal(text) : NULL;
	return masked ? json_string(masked) : json_null();
}

static json_t *day_of(const struct extent *s, struct statement *st, int column)
{
	char iso[CALENDAR_ISO_BYTES];
	if (column_null(st, column))
		return json_null();
	calendar_format_iso(s->in->zone, column_int(st, column), iso);
	return json_stringn(iso, 10);
}

static const char *state_words(const char *name)
{
	static const char *const words[CASE_STATES] = {
		[CASE_RECEIVED] = "Tiếp nhận", [CASE_TRIAGED] = "Đã phân loại", [CASE_NEED_INFO] = "Chờ bổ sung", [CASE_VERIFYING] = "Đang xác minh",
		[CASE_FORWARDED] = "Đã chuyển", [CASE_AWAITING] = "Chờ trả lời", [CASE_ESCALATED] = "Kiến nghị cấp trên", [CASE_ANSWERED] = "Đã trả lời",
		[CASE_NOTIFIED] = "Đã báo người dân", [CASE_CLOSED] = "Kết thúc", [CASE_REOPENED] = "Mở lại",
	};
	enum case_state state;
	return case_state_parse(name, &state) ? name : words[state];
}

/* What an older release kept says all of it in one line. */
static const char *body_of(struct statement *st)
{
	const char *body = column_text(st, 11);
	return body && *body ? body : column_text(st, 7);
}

static json_t *row_of(const struct extent *s, struct statement *st, size_t n)
{
	const char *day = column_text(st, 13);
	return json_pack("[I,s,o,s,s,I,o,o,o,s?,o,o,o,s]", (json_int_t)n, column_text(st, 0), quoted(column_text(st, 1)), places_name(s->places, column_text(st, 2)),
			 topics_name(s, column_text(st, 3)), (json_int_t)column_int(st, 10), day_of(s, st, 4), quoted(body_of(st)), quoted(column_text(st, 12)),
			 day && *day ? day : NULL, day_of(s, st, 8), day_of(s, st, 5), quoted(column_text(st, 9)), state_words(column_text(st, 6)));
}

static const struct sheet_column columns[] = {
	{ "n", "STT", "number" }, { "code", "Mã", "text" }, { "text", "Nội dung", "text" }, { "unit", "Địa bàn", "text" }, { "topic", "Chủ đề", "text" },
	{ "people", "Số người", "number" }, { "received", "Ngày nhận", "date" }, { "body", "Cơ quan có thẩm quyền", "text" }, { "document", "Số văn bản", "text" }, { "document_day", "Ngày văn bản", "date" }, { "sent", "Ngày chuyển", "date" },
	{ "due", "Hạn trả lời", "date" }, { "answer", "Trả lời", "text" }, { "state", "Tình trạng", "text" },
};

/* ---- whose business ---- */

static bool holds_word(const char *folded, const char *word)
{
	size_t n = strlen(word);
	for (const char *at = folded; (at = strstr(at, word)) != NULL; at += 1) {
		bool begins = at == folded || strchr(" ,.;:()", at[-1]), ends = !at[n] || strchr(" ,.;:()", at[n]);
		if (begins && ends)
			return true;
	}
	return false;
}

static bool any_in(const json_t *list, const char *text, bool whole)
{
	size_t i;
	const json_t *item;
	json_array_foreach(list, i, item) {
		const char *word = json_string_value(item);
		if (word && *word && (whole ? strcmp(text, word) == 0 : holds_word(text, word)))
			return true;
	}
	return false;
}

static int is_central(const struct extent *s, struct statement *st, bool *ret)
{
	const char *body = body_of(st);
	if (!body) {
		*ret = any_in(json_object_get(s->forms, "central_topics"), column_text(st, 3), true);
		return 0;
	}
	OWN(mem) char *folded = fold(body);
	if (!folded)
		return E_NOMEM;
	*ret = any_in(json_object_get(s->forms, "central_bodies"), folded, false);
	return 0;
}

/* ---- the tables ---- */

static int note_restricted(const struct extent *s, json_t *sheet)
{
	char note[160];
	struct statement *st = store_prepare(s->in->db, &petitions_module, PETITIONS_RESTRICTED);
	extent_bind(s, st);
	int r = store_row(st);
	int64_t n = r > 0 ? column_int(st, 0) : 0;
	store_reset(st);
	if (r < 0 || n == 0)
		return r < 0 ? r : 0;
	snprintf(note, sizeof(note), "Ngoài ra có %lld vụ việc hạn chế, chỉ thống kê số lượng, không nêu nội dung.", (long long)n);
	return sheet_note(sheet, note);
}

/* central NULL: all into one. */
static int read_list(const struct extent *s, json_t *local, json_t *central)
{
	struct statement *st = store_prepare(s->in->db, &petitions_module, PETITIONS_LIST);
	bool is = false;
	int r;
	extent_bind_units(s, st);
	while ((r = store_row(st)) > 0) {
		r = central ? is_central(s, st, &is) : 0;
		json_t *sheet = is ? central : local;
		if (!r)
			r = sheet_row(sheet, row_of(s, st, json_array_size(json_object_get(sheet, "rows")) + 1));
		if (r)
			break;
	}
	store_reset(st);
	return r;
}

int petitions_sheet(const struct extent *s, json_t **ret)
{
	OWN(json) json_t *sheet = sheet_new("T4", "Danh mục kiến nghị", columns, COUNT_OF(columns));
	int r = sheet ? read_list(s, sheet, NULL) : E_NOMEM;
	r = r ? r : note_restricted(s, sheet);
	if (!r)
		*ret = MOVE(sheet);
	return r;
}

int petitions_by_competence(const struct extent *s, json_t **ret_central, json_t **ret_local)
{
	OWN(json) json_t *central = sheet_new("central", "Kiến nghị thuộc thẩm quyền Trung ương", columns, COUNT_OF(columns));
	OWN(json) json_t *local = sheet_new("local", "Kiến nghị thuộc thẩm quyền địa phương", columns, COUNT_OF(columns));
	int r = central && local ? read_list(s, local, central) : E_NOMEM;
	r = r ? r : note_restricted(s, local);
	if (r)
		return r;
	*ret_central = MOVE(central);
	*ret_local = MOVE(local);
	return 0;
}
