/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables T3, T5 and T7. Called by report.c. Names of people are never read. */
#include "console/report/reach.h"

#include "config/config.h"
#include "console/report/sheet.h"
#include "console/report/topics.h"
#include "gateway/base/calendar.h"
#include "gateway/base/few.h"

#define PERIOD "c.received_at >= $from AND c.received_at < $to AND " EXTENT_SEEN " AND " EXTENT_UNIT("coalesce(c.unit, '')")
#define TARGETS(X) \
	X("TG01", "Hộ nghèo") X("TG02", "Hộ cận nghèo") X("TG03", "Người có công và thân nhân") X("TG04", "Người cao tuổi") X("TG05", "Người khuyết tật") \
	X("TG06", "Trẻ em đặc biệt, hộ có trẻ dưới 36 tháng") X("TG07", "Phụ nữ mang thai") X("TG08", "Đồng bào dân tộc thiểu số") \
	X("TG09", "Vùng đặc biệt khó khăn, biên giới") X("TG10", "Lao động phi chính thức, nông dân") X("TG11", "Công nhân, thu nhập thấp") \
	X("TG12", "Hộ bị thiên tai, di cư") X("TG13", "Học sinh, sinh viên, thanh niên")
#define SPOKE(code, name) "count(DISTINCT CASE WHEN p.fields LIKE '%" code "%' THEN c.address END), "
#define IS_PRIVACY "EXISTS (SELECT 1 FROM inbound i WHERE i.casefile = c.id AND i.kind = 'privacy_request' AND i.address = c.address)"

enum { REACH_CAMPAIGNS, REACH_TARGETS, REACH_PRIVACY, REACH_SQL_COUNT };
static const char *const reach_sql[REACH_SQL_COUNT] = {
	[REACH_CAMPAIGNS] = "SELECT c.id, c.name, coalesce(c.topic, ''), c.started_at, coalesce(c.total, 0), c.planned, c.segments, c.cost_vnd, f.delivered, f.sent,"
			    " f.failed + f.expired, f.unclear, c.replies, c.opt_outs FROM campaign c JOIN flow f ON f.id = c.flow WHERE c.started_at >= $from"
			    " AND c.started_at < $to AND " EXTENT_UNIT("coalesce(nullif(c.unit, ''), $home)") " ORDER BY c.started_at, c.id",
	[REACH_TARGETS] = "SELECT " TARGETS(SPOKE) "count(DISTINCT c.address) FROM casefile c LEFT JOIN person p ON p.id = c.person WHERE " PERIOD,
	[REACH_PRIVACY] = "SELECT count(*), sum(CASE WHEN first_at IS NOT NULL AND first_at <= due_at THEN 1 ELSE 0 END), sum(CASE WHEN first_at > due_at"
			  " THEN 1 ELSE 0 END), sum(CASE WHEN first_at IS NULL AND due_at < $moment THEN 1 ELSE 0 END) FROM (SELECT"
			  " coalesce((SELECT m.due_at FROM case_move m WHERE m.casefile = c.id ORDER BY m.id LIMIT 1), c.due_at) AS due_at,"
			  " (SELECT min(m.at) FROM case_move m WHERE m.casefile = c.id AND m.at < $to) AS first_at FROM casefile c WHERE " PERIOD " AND " IS_PRIVACY ") d",
};
const struct sql_module reach_module = { "reach", reach_sql, REACH_SQL_COUNT };

/* ---- T5 ---- */

static json_t *campaign_row(const struct extent *s, struct statement *st)
{
	char iso[CALENDAR_ISO_BYTES];
	calendar_format_iso(s->in->zone, column_int(st, 3), iso);
	json_t *row = json_pack("[I,s,s,o]", (json_int_t)column_int(st, 0), column_text(st, 1), topics_name(s, column_text(st, 2)), json_stringn(iso, 10));
	for (int i = 4; row && i < 14; i++)
		if (json_array_append_new(row, json_integer(column_int(st, i)))) {
			json_decref(row);
			return NULL;
		}
	if (row && json_array_append_new(row, sheet_percent(column_int(st, 13), column_int(st, 5)))) {
		json_decref(row);
		return NULL;
	}
	return row;
}

int reach_campaigns_sheet(const struct extent *s, json_t **ret)
{
	static const struct sheet_column columns[] = {
		{ "id", "Số", "number" }, { "name", "Đợt tin nhắn", "text" }, { "topic", "Chủ đề", "text" }, { "started", "Bắt đầu", "date" },
		{ "people", "Theo danh sách", "int" }, { "planned", "Gửi tới", "int" }, { "segments", "Phần tin", "int" }, { "cost_vnd", "Chi phí (đồng)", "int" },
		{ "delivered", "Đến máy", "int" }, { "sent", "Đã gửi, chưa có báo nhận", "int" }, { "failed", "Không đến", "int" },
		{ "unclear", "Chưa rõ", "int" }, { "replies", "Trả lời", "int" }, { "opt_outs", "Từ chối", "int" }, { "opt_out_rate", "Tỷ lệ từ chối (%)", "percent" },
	};
	OWN(json) json_t *sheet = sheet_new("T5", "Các đợt tin nhắn tuyên truyền", columns, COUNT_OF(columns));
	struct statement *st = store_prepare(s->in->db, &reach_module, REACH_CAMPAIGNS);
	int r = sheet ? 0 : E_NOMEM;
	extent_bind_units(s, st);
	bind_text(st, "$home", s->in->config->organisation.unit);
	while (!r && (r = store_row(st)) > 0)
		r = sheet_row(sheet, campaign_row(s, st));
	store_reset(st);
	r = r ? r : sheet_add_up(sheet);
	if (!r)
		*ret = MOVE(sheet);
	return r;
}

/* ---- T3 ---- */

static int write_targets(json_t *sheet, const int64_t *people, size_t n)
{
#define CODE(code, name) { code, name },
	static const struct {
		const char *code, *name;
	} targets[] = { TARGETS(CODE) };
#undef CODE
	bool hidden[COUNT_OF(targets)] = { false };
	int r = 0;
	few_hide(people, n, hidden);
	for (size_t i = 0; !r && i < COUNT_OF(targets); i++)
		if (people[i] > 0)
			r = sheet_row(sheet, json_pack("[s,s,o]", targets[i].code, targets[i].name, sheet_count(people[i], hidden[i])));
	return r;
}

int reach_targets_sheet(const struct extent *s, json_t **ret)
{
	static const struct sheet_column columns[] = { { "target", "Mã", "text" }, { "name", "Nhóm đối tượng", "text" }, { "people", "Số người có ý kiến", "int" } };
#define ONE(code, name) +1
	enum { GROUPS = 0 TARGETS(ONE) };
#undef ONE
	OWN(json) json_t *sheet = sheet_new("T3", "Người có ý kiến theo nhóm đối tượng", columns, COUNT_OF(columns));
	int64_t people[GROUPS] = { 0 };
	struct statement *st = store_prepare(s->in->db, &reach_module, REACH_TARGETS);
	extent_bind(s, st);
	int r = sheet ? store_row(st) : E_NOMEM;
	for (int i = 0; r > 0 && i < GROUPS; i++)
		people[i] = column_int(st, i);
	store_reset(st);
	r = r < 0 ? r : write_targets(sheet, people, GROUPS);
	if (!r)
		r = sheet_note(sheet, "Một người có thể thuộc nhiều nhóm. Ô dưới 5 người, và ô có thể suy ra nó, được thay bằng dấu *.");
	if (!r)
		*ret = MOVE(sheet);
	return r;
}

/* ---- T7 ---- */

int reach_privacy_sheet(const struct extent *s, json_t **ret)
{
	static const struct sheet_column columns[] = {
		{ "received", "Yêu cầu tiếp nhận", "int" }, { "in_time", "Xử lý bước đầu đúng hạn", "int" }, { "late", "Quá hạn", "int" }, { "open", "Đang quá hạn", "int" },
	};
	OWN(json) json_t *sheet = sheet_new("T7", "Yêu cầu về dữ liệu cá nhân", columns, COUNT_OF(columns));
	struct statement *st = store_prepare(s->in->db, &reach_module, REACH_PRIVACY);
	extent_bind(s, st);
	bind_int(st, "$moment", s->to_ms < s->in->now_ms ? s->to_ms : s->in->now_ms);
	int r = sheet ? store_row(st) : E_NOMEM;
	if (r > 0)
		r = sheet_row(sheet, json_pack("[I,I,I,I]", (json_int_t)column_int(st, 0), (json_int_t)column_int(st, 1), (json_int_t)column_int(st, 2),
					       (json_int_t)column_int(st, 3)));
	store_reset(st);
	if (!r)
		*ret = MOVE(sheet);
	return r;
}
