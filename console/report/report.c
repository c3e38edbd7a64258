/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which tables a kind of report has, its head and its foot, and the way to a file. Called by the query process's child. */
#include "console/report/report.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"
#include "config/settings.h"
#include "console/report/caseload.h"
#include "console/report/critique.h"
#include "console/report/honesty.h"
#include "console/report/households.h"
#include "console/report/indicators.h"
#include "console/report/page.h"
#include "console/report/petitions.h"
#include "console/report/portalfile.h"
#include "console/report/reach.h"
#include "console/report/rollup.h"
#include "console/report/surveys.h"
#include "console/report/topics.h"
#include "console/report/workbook.h"
#include "gateway/base/calendar.h"
#include "gateway/base/json.h"
#include "gateway/folder.h"
#include "gateway/report.h"
#include "handlers/casehandover.h"

#define KEPT_MS (INT64_C(30) * 24 * 3600000)

enum { JOB_ARGS, JOB_SQL_COUNT };
static const char *const job_sql[JOB_SQL_COUNT] = {
	[JOB_ARGS] = "SELECT args FROM job WHERE id = $id",
};
const struct sql_module report_job_module = { "report_job", job_sql, JOB_SQL_COUNT };

OWN_DEFINE(settings, struct settings *, settings_free)

/* ---- sections ---- */

/* A section under way: its sheets are added until one fails. */
struct maker {
	const struct extent *s;
	json_t *sections, *sheets;
	json_t *exchange; /* what the JSON file holds instead of the document; NULL none */
	struct caseload balance;
	int r;
};

static void section(struct maker *m, const char *heading)
{
	json_t *sheets = json_array();
	json_t *one = json_pack("{s:s,s:o}", "heading", heading, "sheets", sheets);
	if (!m->r && json_array_append_new(m->sections, one))
		m->r = E_NOMEM;
	m->sheets = m->r ? NULL : sheets;
}

static void add(struct maker *m, int (*fn)(const struct extent *s, json_t **ret))
{
	json_t *sheet = NULL;
	if (!m->r)
		m->r = fn(m->s, &sheet);
	if (!m->r && sheet && json_array_append_new(m->sheets, sheet))
		m->r = E_NOMEM;
}

static void add_balance(struct maker *m)
{
	json_t *sheet = NULL;
	if (!m->r)
		m->r = caseload_sheet(m->s, &sheet, &m->balance);
	if (!m->r && json_array_append_new(m->sheets, sheet))
		m->r = E_NOMEM;
}

static void make_monthly(struct maker *m)
{
	section(m, "I. Tình hình, ý kiến Nhân dân");
	add_balance(m);
	add(m, topics_sheet);
	add(m, reach_targets_sheet);
	add(m, reach_campaigns_sheet);
	add(m, surveys_sheet);
	add(m, households_sheet);
	add(m, reach_privacy_sheet);
	section(m, "II. Kiến nghị, đề xuất");
	add(m, petitions_sheet);
	add(m, critique_sheet);
	add(m, rollup_sheet);
}

static void make_annual(struct maker *m)
{
	section(m, "I. Công tác lãnh đạo, chỉ đạo và xây dựng kế hoạch");
	section(m, "II. Kết quả theo nhiệm vụ");
	add(m, topics_tasks_sheet);
	add(m, indicators_sheet);
	add(m, reach_campaigns_sheet);
	add(m, reach_targets_sheet);
	add(m, households_sheet);
	section(m, "III. Giám sát, phản biện xã hội; ý kiến, kiến nghị của Nhân dân");
	add_balance(m);
	add(m, topics_sheet);
	add(m, petitions_sheet);
	add(m, critique_sheet);
	add(m, surveys_sheet);
	add(m, reach_privacy_sheet);
	section(m, "IV. Hạn chế, nguyên nhân");
	section(m, "V. Đề xuất, kiến nghị");
	if (strlen(m->s->unit) < 5) { /* a commune has nothing below that reports */
		section(m, "Phụ lục. Tổng hợp đơn vị");
		add(m, rollup_sheet);
	}
}

static void make_session(struct maker *m)
{
	json_t *central = NULL, *local = NULL;
	section(m, "I. Tình hình chung");
	add_balance(m);
	add(m, topics_sheet);
	section(m, "II. Kiến nghị theo thẩm quyền");
	if (!m->r)
		m->r = petitions_by_competence(m->s, &central, &local);
	if (!m->r && (json_array_append_new(m->sheets, central) || json_array_append_new(m->sheets, local)))
		m->r = E_NOMEM;
	add(m, critique_sheet);
	add(m, rollup_sheet);
}

static void make_honesty(struct maker *m)
{
	section(m, "I. Tình trạng xử lý");
	add_balance(m);
	section(m, "II. Kết thúc vụ việc cần xem lại");
	if (!m->r)
		m->r = honesty_sheets(m->s, m->sheets);
}

static void make_signups(struct maker *m)
{
	section(m, "I. Số liệu");
	add(m, households_sheet);
	section(m, "II. Danh sách");
	add(m, households_list_sheet);
}

static void make_posting(struct maker *m)
{
	section(m, "Danh sách hộ đã có kết quả xét");
	add(m, households_posted_sheet);
}

static void make_handover(struct maker *m)
{
	json_t *sheet = NULL;
	section(m, "Danh sách bàn giao");
	if (!m->r)
		m->r = portalfile_make(m->s, &sheet, &m->exchange);
	if (!m->r && json_array_append_new(m->sheets, sheet))
		m->r = E_NOMEM;
}

static const struct {
	const char *kind, *title;
	void (*make)(struct maker *m);
} kinds[] = {
	{ "monthly", "Báo cáo tình hình Nhân dân và kết quả xử lý ý kiến", make_monthly },
	{ "annual", "Báo cáo kết quả thực hiện kế hoạch năm", make_annual },
	{ "session", "Tổng hợp ý kiến, kiến nghị của cử tri và Nhân dân trước kỳ họp", make_session },
	{ "honesty", "Báo cáo kiểm tra việc kết thúc vụ việc", make_honesty },
	{ "signups", "Danh sách hộ đăng ký tham gia chương trình", make_signups },
	{ CASEHANDOVER_KIND, "Bàn giao ý kiến, kiến nghị của Nhân dân lên Mặt trận số", make_handover },
	{ "posting", "Thông báo kết quả xét hộ đăng ký", make_posting },
};

/* ---- head and foot ---- */

static json_t *header_of(const struct extent *s, const char *place)
{
	char date[200];
	struct calendar now = calendar_local(s->in->zone, s->in->now_ms);
	snprintf(date, sizeof(date), "%.100s, ngày %d tháng %d năm %d", place, now.day, now.month, now.year);
	char number[80];
	snprintf(number, sizeof(number), "Số: …… /%.40s", json_str(s->forms, "number", ""));
	return json_pack("{s:[s,s,s],s:[s,s,s]}", "left", s->in->config->organisation.name, json_str(s->forms, "board", ""), number, "right",
			 "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", date);
}

static json_t *signature_of(const struct extent *s)
{
	const json_t *recipients = json_object_get(s->forms, "recipients"), *one;
	OWN(json) json_t *left = json_pack("[s]", "Nơi nhận:");
	size_t i;
	json_array_foreach(recipients, i, one) {
		char line[300];
		snprintf(line, sizeof(line), "- %.280s", json_is_string(one) ? json_string_value(one) : "");
		if (json_array_append_new(left, json_string(line)))
			return NULL;
	}
	return json_pack("{s:O,s:[s]}", "left", left, "right", json_str(s->forms, "signature", ""));
}

static json_t *balance_json(const struct caseload *b)
{
	return json_pack("{s:I,s:I,s:I,s:I}", "opening", (json_int_t)b->opening, "new", (json_int_t)(b->received + b->reopened + b->came), "closed",
			 (json_int_t)(b->closed + b->left), "carried_over", (json_int_t)b->carried);
}

/* "Thượng Lâm; từ ngày 01/11/2026 đến ngày 30/11/2026" */
static void subtitle_of(const struct extent *s, const char *place, char *out, size_t room)
{
	snprintf(out, room, "%.100s; từ ngày %.2s/%.2s/%.4s đến ngày %.2s/%.2s/%.4s", place, s->from + 8, s->from + 5, s->from, s->to + 8, s->to + 5, s->to);
}

static int compose(struct maker *m, const char *title, json_t **ret)
{
	const struct extent *s = m->s;
	char made_at[CALENDAR_ISO_BYTES], subtitle[200];
	const char *place = *s->unit ? places_name(s->places, s->unit) : "Toàn quốc";
	calendar_format_iso(s->in->zone, s->in->now_ms, made_at);
	subtitle_of(s, place, subtitle, sizeof(subtitle));
	*ret = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:o,s:o,s:O,s:o}", "kind", s->kind, "title", title, "subtitle", subtitle, "unit", s->unit, "unit_name",
			 place, "from", s->from, "to", s->to, "made_at", made_at, "header", header_of(s, place), "balance", balance_json(&m->balance), "sections",
			 m->sections, "signature", signature_of(s));
	return *ret ? 0 : E_NOMEM;
}

static int read_forms(const struct scope *in, struct settings **ret, struct complaint *c)
{
	OWN(mem) char *path = NULL;
	int r = settings_find(in->config->file, REPORT_FORMS, &path);
	if (r == E_NOT_FOUND)
		complaint_set(c, "", "missing", "the data file reports/reports.conf is missing");
	r = r ? r : settings_read(path, ret, c);
	return r && r != E_NOMEM ? E_CONFIG : r;
}

static int make(const struct extent *s, json_t **ret)
{
	OWN(json) json_t *sections = json_array();
	struct maker m = { .s = s, .sections = sections, .r = sections ? 0 : E_NOMEM };
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (strcmp(kinds[i].kind, s->kind) == 0) {
			kinds[i].make(&m);
			int r = m.r ? m.r : compose(&m, kinds[i].title, ret);
			if (!r && m.exchange)
				r = json_object_set(*ret, "exchange", m.exchange) ? E_NOMEM : 0;
			json_decref(m.exchange);
			return r;
		}
	return E_INVALID;
}

int report_document(const struct scope *in, const json_t *args, json_t **ret, struct complaint *c)
{
	OWN(settings) struct settings *forms = NULL;
	OWN(places) struct places *places = NULL;
	struct extent s = { 0 };
	int r = read_forms(in, &forms, c);
	r = r ? r : places_load(in, &places, c);
	r = r ? r : extent_init(&s, in, args, places, settings_root(forms));
	r = r ? r : make(&s, ret);
	extent_done(&s);
	return r;
}

/* ---- files ---- */

static int write_text(const char *file, const char *text, size_t n_bytes)
{
	OWN(fd) int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return E_IO;
	while (n_bytes) {
		ssize_t n = write(fd, text, n_bytes);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return E_IO;
		text += n;
		n_bytes -= (size_t)n;
	}
	return 0;
}

static int write_page(const json_t *document, const char *format, const char *file)
{
	OWN(buffer) struct buffer out = { 0 };
	if (strcmp(format, "json") == 0) {
		const json_t *exchange = json_object_get(document, "exchange");
		OWN(mem) char *text = json_dumps(exchange ? exchange : document, JSON_INDENT(1));
		return text ? write_text(file, text, strlen(text)) : E_NOMEM;
	}
	int r = strcmp(format, "csv") == 0 ? page_csv(document, &out) : page_html(document, &out);
	return r ? r : write_text(file, buffer_text(&out), buffer_left(&out));
}

int report_write(const json_t *document, const char *format, const char *file)
{
	mode_t was = umask(0077);
	int r = strcmp(format, "xlsx") == 0 ? workbook_write(document, file) : write_page(document, format, file);
	umask(was);
	if (r)
		unlink(file);
	return r;
}

/* ---- the errand ---- */

static int read_args(const struct scope *in, int64_t job, json_t **ret)
{
	struct statement *st = store_prepare(in->db, &report_job_module, JOB_ARGS);
	bind_int(st, "$id", job);
	int r = store_row(st);
	const char *text = r > 0 ? column_text(st, 0) : NULL;
	if (r >= 0)
		r = !text ? E_NOT_FOUND : json_parse(text, strlen(text), ret) ? E_CORRUPT : 0;
	store_reset(st);
	return r;
}

static void drop_old(const char *folder, int64_t now_ms)
{
	DIR *d = opendir(folder);
	struct stat st;
	for (struct dirent *e; d && (e = readdir(d)) != NULL;)
		if (strncmp(e->d_name, "report-", 7) == 0 && !fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) &&
		    (int64_t)st.st_mtime * 1000 < now_ms - KEPT_MS)
			unlinkat(dirfd(d), e->d_name, 0);
	if (d)
		closedir(d);
}

static int make_file(const struct scope *in, int64_t job, const json_t *args, const json_t *document, char **ret)
{
	OWN(mem) char *folder = NULL, *file = NULL;
	const char *format = json_str(args, "format", "json");
	if (asprintf(&folder, "%s/%s", in->config->data_dir, REPORT_FOLDER) < 0 ||
	    asprintf(&file, "%s/report-%lld-%s-%s-%s-%s.%s", folder, (long long)job, json_str(args, "kind", ""), json_str(args, "unit", ""),
		     json_str(args, "from", ""), json_str(args, "to", ""), format) < 0)
		return E_NOMEM;
	int r = folder_make(folder);
	if (r)
		return r;
	drop_old(folder, in->now_ms);
	r = report_write(document, format, file);
	if (!r)
		*ret = MOVE(file);
	return r;
}

int report_run(const struct scope *in, int64_t job, json_t **ret)
{
	OWN(json) json_t *args = NULL, *document = NULL;
	OWN(mem) char *file = NULL;
	struct complaint c = { 0 };
	char text[1024];
	int r = store_begin(in->db);
	r = r ? r : read_args(in, job, &args);
	if (!r && json_object_set_new(args, "job", json_integer(job)))
		r = E_NOMEM;
	r = r ? r : report_document(in, args, &document, &c);
	store_quiet(in->db);
	r = r ? r : make_file(in, job, args, document, &file);
	complaint_format(&c, text, sizeof(text));
	*ret = r ? json_pack("{s:s,s:i,s:s}", "rule", r == E_CONFIG ? "configuration" : "report", "status", 500, "text", c.text[0] ? text : err_text(r))
		 : json_pack("{s:s,s:O*}", "file", file, "told", json_object_get(args, "told"));
	return *ret ? 0 : E_NOMEM;
}
