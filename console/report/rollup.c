/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The roll-up. Called by report.c; the first report of a unit that was made when the period had ended counts. */
#include "console/report/rollup.h"

#include "console/report/sheet.h"
#include "gateway/base/calendar.h"
#include "gateway/base/json.h"

enum { ROLLUP_FIRST, ROLLUP_SQL_COUNT };
static const char *const rollup_sql[ROLLUP_SQL_COUNT] = {
	[ROLLUP_FIRST] = "SELECT min(j.changed_at) FROM report r JOIN job j ON j.id = r.job WHERE r.kind = $kind AND r.from_day = $from_day AND r.to_day = $to_day"
			  " AND r.unit = $code AND j.state = 'done' AND j.changed_at >= $behind",
};
const struct sql_module rollup_module = { "rollup", rollup_sql, ROLLUP_SQL_COUNT };

struct rollup {
	const struct extent *s;
	json_t *sheet;
	int64_t late_ms; /* from then on a report comes late */
	int missing;
};

static const char *word_of(const struct rollup *u, bool reported, int64_t at_ms)
{
	bool late = (reported ? at_ms : u->s->in->now_ms) >= u->late_ms;
	if (reported)
		return late ? "Đã báo cáo, muộn" : "Đã báo cáo";
	return late ? "Chưa báo cáo, quá hạn" : "Chưa báo cáo";
}

static int add_unit(void *arg, const char *code, const char *name)
{
	struct rollup *u = arg;
	struct statement *st = store_prepare(u->s->in->db, &rollup_module, ROLLUP_FIRST);
	char iso[CALENDAR_ISO_BYTES];
	bind_text(st, "$kind", u->s->kind);
	bind_text(st, "$from_day", u->s->from);
	bind_text(st, "$to_day", u->s->to);
	bind_text(st, "$code", code);
	bind_int(st, "$behind", u->s->to_ms);
	int r = store_row(st);
	bool reported = r > 0 && !column_null(st, 0);
	int64_t at_ms = reported ? column_int(st, 0) : 0;
	if (reported)
		calendar_format_iso(u->s->in->zone, at_ms, iso);
	store_reset(st);
	u->missing += !reported;
	return r < 0 ? r : sheet_row(u->sheet, json_pack("[s,s,s,o]", code, name, word_of(u, reported, at_ms), reported ? json_stringn(iso, 10) : json_null()));
}

int rollup_sheet(const struct extent *s, json_t **ret)
{
	static const struct sheet_column columns[] = {
		{ "unit", "Mã đơn vị", "text" }, { "name", "Đơn vị", "text" }, { "reported", "Tình trạng", "text" }, { "at", "Ngày", "date" },
	};
	char note[96];
	OWN(json) json_t *sheet = sheet_new("rollup", "Đơn vị cấp dưới đã và chưa báo cáo", columns, COUNT_OF(columns));
	int64_t days = json_int(json_object_get(s->forms, "late_after_days"), s->kind, -1);
	struct rollup u = { .s = s, .sheet = sheet, .late_ms = days < 0 ? INT64_MAX : calendar_midnight_ms(s->in->zone, s->to_ms, (int)days) };
	int r = sheet ? places_each_child(s->places, s->unit, s->from, s->to, add_unit, &u) : E_NOMEM;
	if (r)
		return r;
	if (!json_array_size(json_object_get(sheet, "rows")))
		return 0;
	snprintf(note, sizeof(note), "Chưa báo cáo: %d đơn vị.", u.missing);
	r = sheet_note(sheet, note);
	if (!r)
		*ret = MOVE(sheet);
	return r;
}
