/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table trouble, and the sentences of advice. Called wherever a channel fails, by channel_save and by `channel show`. */
#include "gateway/trouble.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "gateway/base/calendar.h"
#include "gateway/base/json.h"
#include "gateway/base/text.h"
#include "gateway/core.h"
#include "gateway/store/store.h"

#define TROUBLE_ROWS 20

enum trouble_sql { TROUBLE_PUT, TROUBLE_LIST, TROUBLE_SQL_COUNT };
static const char *const trouble_sql[TROUBLE_SQL_COUNT] = {
	[TROUBLE_PUT] = "INSERT INTO trouble (channel, day, text, times, first_at, last_at) VALUES ($channel, $day, $text, $times, $now, $now) "
			"ON CONFLICT (channel, day, text) DO UPDATE SET times = trouble.times + excluded.times, last_at = excluded.last_at",
	[TROUBLE_LIST] = "SELECT last_at, times, text FROM trouble WHERE channel = $channel ORDER BY last_at DESC, text LIMIT $n",
};
const struct sql_module trouble_module = { "trouble", trouble_sql, TROUBLE_SQL_COUNT };

static const struct {
	const char *has;
	struct trouble_advice advice;
} advices[] = {
	{ "PUK", { "Put the SIM into a telephone and enter its PUK.", "Lắp SIM vào điện thoại và nhập mã PUK." } },
	{ "is locked", { "Put the SIM into a telephone, unlock it and switch its PIN off.",
			 "Lắp SIM vào điện thoại, mở khóa và tắt mã PIN." } },
	{ "wrong PIN", { "Put the SIM into a telephone and enter the right PIN, correct pin_secret, then resume the channel.",
			 "Lắp SIM vào điện thoại, nhập đúng PIN, sửa pin_secret rồi chạy lại kênh." } },
	{ "PIN was", { "Put the SIM into a telephone and enter the right PIN, correct pin_secret, then resume the channel.",
		       "Lắp SIM vào điện thoại, nhập đúng PIN, sửa pin_secret rồi chạy lại kênh." } },
	{ "asks for a PIN", { "Give the channel a pin_secret, or switch the SIM's PIN off.", "Khai báo pin_secret cho kênh hoặc tắt mã PIN của SIM." } },
	{ "another SIM", { "Is the new SIM meant? Then: caunoi channel resume NAME. Else put the old one back.",
			   "Nếu đúng là SIM mới: caunoi channel resume TÊN. Nếu không, lắp lại SIM cũ." } },
	{ "no SIM", { "Put a SIM in, with its contacts clean, and plug the modem in again.", "Lắp SIM (lau sạch chân tiếp xúc) rồi cắm lại modem." } },
	{ "SIM failure", { "Take the SIM out, clean it and put it back; else ask the operator for a new one.",
			   "Tháo SIM, lau sạch, lắp lại; nếu vẫn lỗi, đổi SIM ở nhà mạng." } },
	{ "service centre", { "Set smsc of the channel to the operator's message centre.", "Khai báo smsc là số trung tâm tin nhắn của nhà mạng." } },
	{ "no such device", { "Is the modem plugged in? caunoi channel probe /dev/ttyUSB0 shows which port it is.",
			      "Kiểm tra modem đã cắm chưa; caunoi channel probe /dev/ttyUSB0 cho biết đúng cổng." } },
	{ "another program", { "End the program that uses the device (fuser names it); ModemManager must leave it alone.",
			       "Tắt chương trình đang dùng thiết bị (lệnh fuser cho biết tên); ModemManager phải bỏ qua modem này." } },
	{ "cannot be opened", { "The service needs the right to the device: is it in the group dialout?",
				"Dịch vụ cần quyền dùng thiết bị: đã thuộc nhóm dialout chưa?" } },
	{ "does not answer", { "Unplug the modem, wait ten seconds, plug it in again; another port or cable if it stays so.",
			       "Rút modem, chờ mười giây, cắm lại; nếu vẫn vậy hãy đổi cổng hoặc dây." } },
	{ "stopped answering", { "Unplug the modem, wait ten seconds, plug it in again; another port or cable if it stays so.",
				 "Rút modem, chờ mười giây, cắm lại; nếu vẫn vậy hãy đổi cổng hoặc dây." } },
	{ "went away", { "Is the modem plugged in, and does its hub give it enough power?", "Kiểm tra modem còn cắm không và nguồn của bộ chia USB." } },
	{ "not registered", { "Is there a network at this place? Move the aerial, and look whether the SIM is blocked.",
			      "Kiểm tra sóng, vị trí ăng-ten và SIM có bị khóa không." } },
	{ "roaming", { "Campaigns wait while the SIM is in a foreign network.", "Chiến dịch tạm chờ khi SIM đang ở mạng nước ngoài." } },
	{ "is below", { "Top the SIM up; campaigns go on after the next reading of the balance.",
			"Nạp tiền cho SIM; chiến dịch chạy tiếp sau lần đọc số dư kế tiếp." } },
	{ "balance", { "Dial the code yourself (caunoi ussd send NAME CODE) and set balance.pattern to what it says.",
		       "Tự gọi mã (caunoi ussd send TÊN MÃ) và đặt balance.pattern theo câu trả lời." } },
	{ "one after the other", { "Ask the operator whether the SIM is blocked, then: caunoi channel resume NAME.",
				   "Hỏi nhà mạng SIM có bị chặn không, rồi: caunoi channel resume TÊN." } },
	{ "storage", { "The messages of the SIM are not being deleted: clear it in a telephone.", "Bộ nhớ SIM sắp đầy: xóa tin trong điện thoại." } },
	{ "not allowed", { "The operator does not let this SIM send: ask the operator.", "Nhà mạng không cho SIM này gửi tin: liên hệ nhà mạng." } },
	{ "passed", { "It was killed and starts again by itself; if it goes on, plug the modem in again.",
		      "Chương trình tự khởi động lại; nếu lặp lại nhiều lần, cắm lại modem." } },
};

const struct trouble_advice *trouble_advice(const char *text)
{
	for (size_t i = 0; text && i < COUNT_OF(advices); i++)
		if (strstr(text, advices[i].has))
			return &advices[i].advice;
	return NULL;
}

void trouble_note(struct channel *ch, const char *fmt, ...)
{
	char text[4 * TROUBLE_BYTES];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	text[text_cut(text, TROUBLE_BYTES - 1)] = '\0';
	memcpy(ch->last_error, text, strlen(text) + 1);
	ch->well = false;
	ch->dirty = true;
	size_t i = 0;
	while (i < TROUBLE_FRESH && ch->troubles[i].times && strcmp(ch->troubles[i].text, text))
		i++;
	if (i == TROUBLE_FRESH)
		return; /* a storm of different ones: the last is kept as last_error */
	memcpy(ch->troubles[i].text, text, strlen(text) + 1);
	ch->troubles[i].times++;
}

void trouble_over(struct channel *ch)
{
	ch->dirty |= !ch->well || ch->last_error[0];
	ch->last_error[0] = '\0';
	ch->well = true;
}

static int put(struct tick *t, const char *channel, const struct trouble *w)
{
	struct calendar day = calendar_local(t->in.zone, t->in.now_ms);
	struct statement *st = store_prepare(t->in.db, &trouble_module, TROUBLE_PUT);
	bind_text(st, "$channel", channel);
	bind_int(st, "$day", calendar_day_number(day.year, day.month, day.day));
	bind_text(st, "$text", w->text);
	bind_int(st, "$times", w->times);
	bind_int(st, "$now", t->in.now_ms);
	return store_write(st, -1);
}

static void saved(struct core *core, int64_t channel, int64_t unused)
{
	(void)unused;
	memset(core->channels[channel].troubles, 0, sizeof(core->channels[channel].troubles));
}

int trouble_save(struct tick *t, struct channel *ch)
{
	int r = 0;
	if (!ch->troubles[0].times)
		return 0;
	for (size_t i = 0; !r && i < TROUBLE_FRESH && ch->troubles[i].times; i++)
		r = put(t, ch->config->name, &ch->troubles[i]);
	return r ? r : tick_after(t, saved, ch - t->core->channels, 0);
}

static json_t *row_json(const struct scope *in, struct statement *st)
{
	char at[CALENDAR_ISO_BYTES];
	const char *text = column_text(st, 2);
	const struct trouble_advice *a = trouble_advice(text);
	return json_pack("{s:s,s:I,s:s,s:s?,s:s?}", "at", calendar_format_iso(in->zone, column_int(st, 0), at), "times", (json_int_t)column_int(st, 1),
			 "text", text, "todo", a ? a->en : NULL, "todo_vi", a ? a->vi : NULL);
}

int trouble_json(const struct scope *in, const char *channel, json_t **ret)
{
	OWN(json) json_t *list = json_array();
	struct statement *st = store_prepare(in->db, &trouble_module, TROUBLE_LIST);
	bind_text(st, "$channel", channel);
	bind_int(st, "$n", TROUBLE_ROWS);
	int r;
	while ((r = store_row(st)) > 0 && list)
		json_array_append_new(list, row_json(in, st));
	store_reset(st);
	if (r < 0 || !list)
		return r < 0 ? r : E_NOMEM;
	*ret = MOVE(list);
	return 0;
}
