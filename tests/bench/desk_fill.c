/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Filling of a desk. Called by desk.c. The words are those that villagers write; which case has which follows from its number. */
#include "tests/bench/desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "gateway/base/buffer.h"
#include "gateway/base/fold.h"
#include "gateway/base/own.h"

static const struct {
	const char *topic, *text;
} said[] = {
	{ "HATANG", "đường thôn hỏng cả tháng nay, xe không đi được, mưa xuống là lầy lội" },
	{ "HATANG", "cầu qua suối bị trôi tấm ván, trẻ con đi học nguy hiểm lắm" },
	{ "HATANG", "đèn đường ở ngã ba tắt ba tuần rồi chưa ai sửa" },
	{ "BHYT", "thẻ bảo hiểm y tế của mẹ tôi hết hạn, gia hạn ở đâu" },
	{ "BHYT", "thẻ BHYT ghi sai ngày sinh, đi khám bị trả về" },
	{ "BHYT", "hộ tôi mới thoát nghèo thì còn được hỗ trợ mua thẻ không" },
	{ "BHXH", "tôi làm ruộng muốn đóng bảo hiểm xã hội tự nguyện thì mỗi tháng bao nhiêu" },
	{ "BHXH", "đã đóng bảo hiểm tự nguyện ở điểm thu mà chưa thấy sổ" },
	{ "NHAO", "nhà dột nát, mái tôn bay hết sau bão, xin xét hỗ trợ xóa nhà tạm" },
	{ "NHAO", "đã được duyệt xóa nhà tạm từ tháng ba mà chưa nhận được tiền đợt hai" },
	{ "NHAO", "danh sách hỗ trợ nhà ở của thôn không thấy niêm yết" },
	{ "GIAMNGHEO", "nhà tôi ba đời khó khăn sao không có trong danh sách hộ nghèo" },
	{ "GIAMNGHEO", "gạo cứu đói năm nay chia thiếu cho xóm dưới" },
	{ "NUOCSACH", "nước giếng đục và có mùi, cả xóm phải đi xin nước" },
	{ "NUOCSACH", "trạm bơm của bản hỏng từ tết, không có nước sinh hoạt" },
	{ "MOITRUONG", "trại lợn xả thải ra suối mùi hôi không chịu được" },
	{ "MOITRUONG", "rác ở chợ để cả tuần không ai thu gom" },
	{ "DATDAI", "làm sổ đỏ đã nộp hồ sơ sáu tháng chưa có kết quả" },
	{ "DATDAI", "hàng xóm lấn ranh đất, đã hòa giải hai lần không xong" },
	{ "GIAODUC", "trường thu thêm tiền mà không nói rõ là tiền gì" },
	{ "GIAODUC", "lớp mẫu giáo ở bản thiếu cô giáo" },
	{ "YTE", "trạm y tế xã hết thuốc huyết áp hai tháng nay" },
	{ "YTE", "xin hỏi lịch tiêm chủng cho cháu nhỏ" },
	{ "TINDUNG", "muốn vay vốn ngân hàng chính sách nuôi trâu thì cần giấy tờ gì" },
	{ "VIECLAM", "cho tôi hỏi lớp dạy nghề may khi nào mở" },
	{ "THIENTAI", "sạt lở sau nhà, đất nứt to, xin cán bộ đến xem" },
	{ "DTTS", "xin phát loa bằng tiếng Mông để người già nghe được" },
	{ "TGXH", "tiền trợ cấp người cao tuổi tháng này chưa có" },
	{ "TGXH", "con tôi khuyết tật làm hồ sơ hưởng trợ cấp ở đâu" },
	{ "NCC", "bố tôi là thương binh, hồ sơ đi nghỉ dưỡng năm nay thế nào" },
	{ "VANHOA", "nhà văn hóa thôn khóa cửa suốt, bà con không có chỗ họp" },
	{ "CANBO", "cán bộ tiếp dân nói năng không lịch sự" },
	{ "QUY", "xin công khai tiền ủng hộ quỹ vì người nghèo năm ngoái" },
	{ "THONGTIN", "sóng điện thoại ở bản rất yếu, gọi không được" },
	{ "HATANG", "mương thủy lợi vỡ bờ, ruộng không có nước cấy" },
	{ "HATANG", "xe tải chở đá chạy nát đường bê tông mới làm" },
	{ "KHAC", "chó thả rông cắn người, đề nghị thôn nhắc nhở" },
	{ "BHYT", "bệnh viện từ chối thẻ của tôi vì chưa đồng bộ" },
	{ "NOXH", "công nhân ở trọ có được mua nhà ở xã hội không" },
	{ "TINDUNG", "hỏi về gia hạn nợ vay sau lũ" },
};

enum fill_sql { FILL_LATE, FILL_INBOUND, FILL_RECEIVED, FILL_RECEIPT, FILL_HANDED, FILL_ANSWERED, FILL_NOTIFIED, FILL_MOVED, FILL_COMMUNE, FILL_OPEN, FILL_SQL_COUNT };
#define DAY "CAST(86400000 AS bigint)"
/* Behind it stand the texts as rows of a table: number, topic, text, folded text. Every number is spread over all of the time. */
#define CASES \
	"WITH RECURSIVE n(i) AS (SELECT CAST($low AS bigint) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $high), commune(k, code) AS" \
	" (SELECT row_number() OVER (ORDER BY id) - 1, code FROM unit WHERE length(code) = 5), size(n) AS (SELECT count(*) FROM commune)," \
	" made(i, unit, at, open) AS (SELECT n.i, c.code, $now - 400 * " DAY " * ($n - n.i) / $n, CASE WHEN (n.i * 31) % 100 < 15 THEN 1 ELSE 0 END" \
	" FROM n JOIN size ON 1 = 1 JOIN commune c ON c.k = (n.i * 7) % size.n), said(k, topic, words, fold) AS (VALUES "
#define CASES_OF \
	") INSERT INTO casefile (code, state, topic, topics, kind, urgency, restricted, unit, address, channel, received_at, due_at, text, fold, changed_at)" \
	" SELECT 'PA' || (10000000 + i), CASE WHEN open = 0 THEN 'closed' WHEN i % 7 = 0 THEN 'triaged' WHEN i % 7 = 1 THEN 'forwarded'" \
	" WHEN i % 7 = 2 THEN 'verifying' WHEN i % 7 = 3 THEN 'notified' ELSE 'received' END, topic, '[\"' || topic || '\"]', 'complaint'," \
	" CASE WHEN i % 97 = 0 THEN 'urgent' ELSE 'normal' END, 0, unit, 1 + (i * 13) % $people, 'may-ao', at, at + 15 * " DAY "," \
	" words || ', thôn ' || (i % 17), fold || ', thon ' || (i % 17), at FROM made JOIN said ON said.k = (i * 11) % $texts ORDER BY i"
static const char *const fill_sql[FILL_SQL_COUNT] = {
	/* who is still open and came long ago was mostly given more time */
	[FILL_LATE] = "UPDATE casefile SET due_at = $now + 9 * " DAY " WHERE id > $low AND id <= $high AND state <> 'closed' AND id % 10 <> 0",
	[FILL_INBOUND] = "INSERT INTO inbound (seq, channel, dedupe_key, state, received_at, address, recipient, text, kind, topic, handled_by, result, why, casefile)"
			 " SELECT id, 'may-ao', 'desk-' || id, 'handled', received_at, address, '+84912345678', text, 'feedback', topic, 'feedback', 'case', 'topic', id"
			 " FROM casefile WHERE id > $low AND id <= $high ORDER BY id",
	[FILL_RECEIVED] = "INSERT INTO case_event (casefile, at, what, who, text) SELECT id, received_at, 'received', 'person', text FROM casefile WHERE id > $low AND id <= $high ORDER BY id",
	[FILL_RECEIPT] = "INSERT INTO case_event (casefile, at, what, who, text) SELECT id, received_at + 900, 'receipt', 'system', NULL FROM casefile WHERE id > $low AND id <= $high ORDER BY id",
	[FILL_HANDED] = "INSERT INTO case_event (casefile, at, what, who, text) SELECT id, received_at + " DAY ", 'assigned', 'user:can-bo-1', 'can-bo-2'"
			" FROM casefile WHERE id > $low AND id <= $high AND state <> 'received' ORDER BY id",
	[FILL_ANSWERED] = "INSERT INTO case_event (casefile, at, what, who, text) SELECT id, received_at + 9 * " DAY ", 'answered', 'user:can-bo-2', 'UBND xã đã kiểm tra và"
			  " giao thôn khắc phục xong trong tháng này, cảm ơn ông/bà đã phản ánh.' FROM casefile WHERE id > $low AND id <= $high AND state IN ('notified', 'closed') ORDER BY id",
	[FILL_NOTIFIED] = "INSERT INTO case_event (casefile, at, what, who) SELECT id, received_at + 9 * " DAY ", 'notified', 'system' FROM casefile"
			  " WHERE id > $low AND id <= $high AND state IN ('notified', 'closed') ORDER BY id",
	[FILL_MOVED] = "INSERT INTO case_move (casefile, at, state_was, state, unit_was, unit, due_at) SELECT id, received_at, '', 'received', '', unit, due_at"
		       " FROM casefile WHERE id > $low AND id <= $high ORDER BY id",
	[FILL_COMMUNE] = "SELECT code FROM unit WHERE length(code) = 5 ORDER BY id LIMIT 1 OFFSET $i % (SELECT count(*) FROM unit WHERE length(code) = 5)",
	[FILL_OPEN] = "SELECT id FROM casefile WHERE state IN ('received', 'triaged') AND ($unit = '' OR unit = $unit) ORDER BY id LIMIT $max OFFSET $from",
};
static const struct sql_module fill_module = { "fill", fill_sql, FILL_SQL_COUNT };

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void must(int r, const char *what)
{
	if (r)
		fail_msg("%s: %s", what, err_text(r));
}

static void put_texts(struct buffer *sql)
{
	for (size_t k = 0; k < COUNT_OF(said); k++) {
		OWN(mem) char *folded = fold(said[k].text);
		if (!folded || buffer_printf(sql, "%s(%zu, '%s', '%s', '%s')", k ? ", " : "", k, said[k].topic, said[k].text, folded))
			fail_msg("out of memory");
	}
}

#define PIECE 500 /* each id that a server draws costs what the transaction drew before it, and silent for five seconds it counts as lost */

struct piece {
	int low, high, n; /* low, low + 1 … high - 1 of n cases */
	int64_t people;
};

static void fill_cases(struct store *db, const struct piece *p)
{
	OWN(buffer) struct buffer sql = { 0 };
	int r = buffer_puts(&sql, CASES);
	put_texts(&sql);
	must(r ? r : buffer_puts(&sql, CASES_OF), "texts");
	struct statement *st = store_prepare_text(db, buffer_text(&sql));
	bind_int(st, "$low", p->low);
	bind_int(st, "$high", p->high);
	bind_int(st, "$n", p->n);
	bind_int(st, "$now", now_ms());
	bind_int(st, "$people", p->people);
	bind_int(st, "$texts", COUNT_OF(said));
	r = store_run(st);
	store_drop(st);
	must(r, "cases");
}

/* Ids count from 1, cases from 0. */
static void run(struct store *db, enum fill_sql sql, const struct piece *p)
{
	struct statement *st = store_prepare(db, &fill_module, sql);
	bind_int(st, "$low", p->low);
	bind_int(st, "$high", p->high);
	if (sql == FILL_LATE)
		bind_int(st, "$now", now_ms());
	must(store_run(st), fill_sql[sql]);
}

void desk_fill(struct store *db, int n)
{
	int64_t people = store_scalar(db, "SELECT count(*) FROM address", 0);
	if (people < 1)
		fail_msg("nobody is there who could have said something");
	for (int low = 0; low < n; low += PIECE) {
		struct piece p = { .low = low, .high = low + PIECE < n ? low + PIECE : n, .n = n, .people = people };
		must(store_begin(db), "begin");
		fill_cases(db, &p);
		for (enum fill_sql sql = FILL_LATE; sql <= FILL_MOVED; sql++)
			run(db, sql, &p);
		must(store_commit(db), "commit");
	}
}

void desk_commune(struct store *db, int i, char ret[DESK_UNIT_BYTES])
{
	struct statement *st = store_prepare(db, &fill_module, FILL_COMMUNE);
	bind_int(st, "$i", i);
	if (store_row(st) <= 0)
		fail_msg("no commune is known");
	snprintf(ret, DESK_UNIT_BYTES, "%s", column_text(st, 0));
	store_reset(st);
}

int desk_open_cases(struct store *db, const char *unit, int from, int max, int64_t *ret)
{
	int n = 0;
	struct statement *st = store_prepare(db, &fill_module, FILL_OPEN);
	bind_text(st, "$unit", unit);
	bind_int(st, "$max", max);
	bind_int(st, "$from", from);
	while (store_row(st) > 0 && n < max)
		ret[n++] = column_int(st, 0);
	store_reset(st);
	return n;
}
