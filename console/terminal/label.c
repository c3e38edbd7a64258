/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one list of field names in Vietnamese. Called by printer; in English the key is the word. */
#include "console/terminal/label.h"

#include <string.h>

#include "console/terminal/desk.h"
#include "gateway/base/own.h"

static const struct {
	const char *key, *vi;
} labels[] = {
	{ "audience", "đối tượng" },
	{ "balance_vnd", "số dư (đ)" },
	{ "basis", "cơ sở" },
	{ "campaign", "chiến dịch" },
	{ "channel", "kênh" },
	{ "channels", "các kênh" },
	{ "class", "loại" },
	{ "code", "mã" },
	{ "cost_vnd", "chi phí (đ)" },
	{ "counts", "số tin" },
	{ "disabled", "bị khóa" },
	{ "done", "đã xong" },
	{ "driver", "trình điều khiển" },
	{ "due_at", "hạn trả lời" },
	{ "encoding", "bảng mã" },
	{ "error", "lỗi" },
	{ "eta_at", "dự kiến xong" },
	{ "excluded", "bị loại" },
	{ "file", "tệp" },
	{ "final_at", "kết thúc lúc" },
	{ "from_person", "người gửi" },
	{ "given_up", "đã bỏ" },
	{ "groups", "nhóm" },
	{ "handled_by", "xử lý bởi" },
	{ "in_flight", "đang gửi" },
	{ "kind", "loại" },
	{ "last_error", "lỗi gần nhất" },
	{ "messages", "tin nhắn" },
	{ "name", "tên" },
	{ "network", "mạng" },
	{ "number", "số" },
	{ "oldest_at", "chờ lâu nhất từ" },
	{ "opt_outs", "từ chối" },
	{ "opted_out", "đã từ chối" },
	{ "overdue", "quá hạn" },
	{ "person", "người" },
	{ "queued_at", "vào hàng lúc" },
	{ "reason", "lý do" },
	{ "received_at", "nhận lúc" },
	{ "replies", "trả lời" },
	{ "result", "kết quả" },
	{ "role", "vai trò" },
	{ "segments", "đoạn" },
	{ "sent_at", "gửi lúc" },
	{ "sent_today", "gửi hôm nay" },
	{ "signal_percent", "sóng (%)" },
	{ "started_at", "bắt đầu lúc" },
	{ "state", "trạng thái" },
	{ "text", "nội dung" },
	{ "timeline", "diễn biến" },
	{ "to", "tới" },
	{ "topic", "chủ đề" },
	{ "topics", "chủ đề" },
	{ "total", "tổng" },
	{ "unclear", "chưa rõ" },
	{ "unit", "đơn vị" },
	{ "urgency", "mức khẩn" },
	{ "verb", "lệnh" },
	{ "waiting", "đang chờ" },
	{ "warnings", "cảnh báo" },
	{ "webhooks", "máy nhận tin báo" },
};

const char *label_of(const void *desk, const char *key)
{
	const struct desk *d = desk;
	for (size_t i = 0; d->vi && i < COUNT_OF(labels); i++)
		if (strcmp(labels[i].key, key) == 0)
			return labels[i].vi;
	return key;
}
