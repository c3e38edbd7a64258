/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What people read on standard error: refusals, failures, progress. Called by everything here that ends a call; keeps
 * nothing. */
#include "console/terminal/desk.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "gateway/base/err.h"
#include "gateway/base/json.h"

#define BAR_CELLS 30

bool desk_is_vietnamese(const char *lc_all, const char *lc_messages, const char *lang)
{
	const char *first = lc_all && *lc_all ? lc_all : lc_messages && *lc_messages ? lc_messages : lang;
	return first && strncmp(first, "vi", 2) == 0 && (first[2] == '\0' || strchr("_.@", first[2]));
}

struct desk desk_real(bool json, bool jsonl)
{
	struct winsize size;
	struct desk d = { .out = stdout, .err = stderr, .json = json, .jsonl = jsonl, .live = isatty(STDERR_FILENO) };
	d.vi = desk_is_vietnamese(getenv("LC_ALL"), getenv("LC_MESSAGES"), getenv("LANG"));
	if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		d.columns = size.ws_col;
	return d;
}

const char *desk_say(const struct desk *d, const char *en, const char *vi)
{
	return d->vi && vi ? vi : en;
}

int desk_exit_code(int64_t status)
{
	switch (status) {
	case 400:
	case 413:
	case 422: return 2;
	case 404: return 3;
	case 401:
	case 403:
	case 409:
	case 429: return 4;
	case 502:
	case 503: return 5;
	}
	return 1;
}

static const char *vietnamese(const char *rule)
{
	static const struct {
		const char *rule, *text;
	} sentences[] = {
		{ "not_found", "Không có mục này." },
		{ "unknown_verb", "Không có lệnh này." },
		{ "unavailable", "Cổng nhắn tin đang bận, hãy thử lại." },
		{ "stopping", "Cổng nhắn tin đang dừng." },
		{ "disk_low", "Đĩa gần đầy; hãy dọn bớt trước." },
		{ "role", "Vai trò của bạn không được phép làm việc này." },
		{ "denied", "Bạn không được phép làm việc này." },
		{ "not_known", "Người gọi không được biết ở đây." },
		{ "key_reused", "Khóa này đã dùng cho một lệnh khác." },
		{ "two_person", "Cần người thứ hai phê duyệt." },
		{ "state", "Trạng thái hiện tại không cho phép." },
		{ "opted_out", "Người này đã từ chối nhận tin." },
		{ "missing", "Thiếu tham số." },
		{ "wrong_type", "Tham số sai kiểu." },
		{ "out_of_range", "Tham số ngoài khoảng cho phép." },
		{ "not_a_choice", "Giá trị không nằm trong danh sách cho phép." },
		{ "bad_number", "Không phải một số điện thoại." },
		{ "exists", "Đã có mục này." },
		{ "import_refused", "Danh sách có dòng sai, không dòng nào được nhập." },
		{ "no_answer", "Chưa có trả lời kịp thời." },
		{ "unreachable", "Không kết nối được với cổng nhắn tin." },
	};
	for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++)
		if (strcmp(sentences[i].rule, rule) == 0)
			return sentences[i].text;
	return NULL;
}

int desk_refused(const struct desk *d, const json_t *error)
{
	const char *rule = json_str(error, "rule", ""), *field = json_str(error, "field", ""), *text = json_str(error, "text", "");
	const char *vi = d->vi ? vietnamese(rule) : NULL;
	fputs("caunoi: ", d->err);
	if (*field && !strstr(text, field))
		fprintf(d->err, "%s: ", field);
	if (vi)
		fprintf(d->err, "%s ", vi);
	fprintf(d->err, "%s%s%s%s\n", text, *rule ? " [" : "", rule, *rule ? "]" : "");
	return desk_exit_code(json_int(error, "status", 500));
}

int desk_failed(const struct desk *d, int err, const char *text)
{
	fprintf(d->err, "caunoi: %s\n", text && *text ? text : err_text(err));
	return err_exit_code(err);
}

void desk_progress(const struct desk *d, const char *what, int64_t done, int64_t total)
{
	if (!d->live)
		return;
	if (total <= 0) {
		fprintf(d->err, "\r\033[K%s %" PRId64, what, done);
	} else {
		int full = done >= total ? BAR_CELLS : (int)((double)done / (double)total * BAR_CELLS);
		fprintf(d->err, "\r\033[K%s [", what);
		for (int i = 0; i < BAR_CELLS; i++)
			fputc(i < full ? '#' : '.', d->err);
		fprintf(d->err, "] %" PRId64 "/%" PRId64, done, total);
	}
	fflush(d->err);
}

void desk_progress_end(const struct desk *d)
{
	if (d->live)
		fputs("\r\033[K", d->err);
}
