/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The texts and the way they go out. Called by the handlers; decides nothing about when something is said but the guard. */
#include "handlers/reply.h"

#include <string.h>

#include "gateway/alarm.h"
#include "gateway/base/blanks.h"
#include "gateway/base/log.h"
#include "gateway/base/own.h"
#include "gateway/outbox.h"
#include "gateway/store/store.h"

#define HOUR_MS (INT64_C(60) * 60 * 1000)
#define SAME_TEXT_MS (INT64_C(10) * 60 * 1000)
#define MAX_PER_HOUR 3
#define MAX_PER_DAY 5
#define MAX_PER_HOUR_IN_ALL 1000

static const char *const texts[REPLY_COUNT][LANGUAGE_COUNT] = {
	[REPLY_RECEIPT] = { "MTTQ xa da ghi nhan. Ma {code}. Se tra loi truoc {date}. Xem ket qua: soan XEM {digits}. Khong ghi so CCCD vao tin "
			    "nhan.",
			    "Received by the Front. Code {code}. Answer before {date}. To look it up text XEM {digits}. Never text identity "
			    "numbers." },
	[REPLY_RECEIPT_RESTRICTED] = { "Da ghi nhan. Ma {code}. Xem ket qua: soan XEM {digits}.",
				       "Received. Code {code}. To look it up text XEM {digits}." },
	[REPLY_JOINED] = { "Da nhan. Noi dung nay da co ma {code}. Xem ket qua: soan XEM {digits}.",
			   "Received. This has the code {code} already. To look it up text XEM {digits}." },
	[REPLY_URGENT] = { "Nguy hiem tinh mang: goi ngay 112 cuu nan, 114 chay va cuu ho, 115 cap cuu. MTTQ da bao can bo truc. Ma {code}.",
			   "Life in danger: call 112 rescue, 114 fire, 115 ambulance now. The duty officer was told. Code {code}." },
	[REPLY_OPTOUT] = { "Nhan luc {time}, dung tu {time}: khong gui tin tuyen truyen toi so nay nua. Van tra loi phan anh cua ong/ba. "
			   "Nhan lai: soan NHAN TIN.",
			   "Received {time}, stopped from {time}: no more campaign messages. Answers to your feedback continue. To get "
			   "them again text NHAN TIN." },
	[REPLY_OPTOUT_TOPIC] = { "Nhan luc {time}, dung tu {time}: khong gui tin ve {topic} toi so nay nua. Nhan lai: soan NHAN TIN.",
				 "Received {time}, stopped from {time}: no more messages about {topic}. To get them again text NHAN TIN." },
	[REPLY_OPTOUT_ALL] = { "Nhan luc {time}, dung tu {time}: khong gui bat ky tin nao toi so nay nua. Nhan lai: soan NHAN TIN.",
			       "Received {time}, stopped from {time}: no more messages of any kind. To get them again text NHAN TIN." },
	[REPLY_CONFIRM_ALL] = { "Ong/ba khong muon nhan ca tra loi {code}? Soan TC HET lan nua trong 24 gio de xac nhan.",
				"Not even the answer to {code}? Text TC HET again within 24 hours to confirm." },
	[REPLY_OPTIN] = { "Ong/ba se nhan lai tin cua MTTQ ve chinh sach xa hoi. Dung bat ky luc nao: soan TC.",
			  "You will get the Front's messages on social policy again. To stop at any time text TC." },
	[REPLY_OPTIN_TOPIC] = { "Ong/ba se nhan lai tin ve {topic}. Dung bat ky luc nao: soan TC.",
				"You will get messages about {topic} again. To stop at any time text TC." },
	[REPLY_ASK_OPTOUT] = { "Ong/ba muon dung nhan tin cua MTTQ? Tra loi: 1=Dung nhan tin 2=Tiep tuc nhan.",
			       "Do you want the Front's messages to stop? Reply 1=stop 2=go on." },
	[REPLY_ASK_FEEDBACK] = { "Ong/ba muon gui phan anh nay cho MTTQ xa? Tra loi: 1=Gui 2=Khong gui.",
				 "Do you want to send this to the Front as feedback? Reply 1=send 2=do not send." },
	[REPLY_HELP] = { "Soan PA + noi dung: gui phan anh. XEM + ma: xem ket qua. BHYT, BHXH, NHA O: hoi chinh sach. TC: dung nhan tin.",
			 "Text PA + your words: feedback. XEM + code: its status. BHYT, BHXH, NHA O: ask about it. TC: stop messages." },
	[REPLY_UNKNOWN] = { "Chua hieu tin nhan. Tra loi: 1=BHYT 2=Nha o 3=Gui phan anh 0=Gap can bo.",
			    "Not understood. Reply: 1=BHYT 2=housing 3=send feedback 0=talk to staff." },
	[REPLY_STATUS] = { "{code}: {state} tu {since}. Han tra loi {date}. Neu qua han, soan NHAC {digits}.",
			   "{code}: {state} since {since}. Answer due {date}. If it is late text NHAC {digits}." },
	[REPLY_STATUS_OTHER] = { "{code}: dang xu ly. Noi dung chi gui cho so da phan anh.",
				 "{code}: in progress. Its content is for the number that sent it only." },
	[REPLY_STATUS_WRONG] = { "Ma {digits} khong dung. Xin xem lai 6 so sau chu PA trong tin da nhan.",
				 "Code {digits} is wrong. Please check the 6 digits behind PA in the message you got." },
	[REPLY_STATUS_ASK] = { "Xin soan XEM va ma so trong tin da nhan, vi du: XEM 482918.",
			       "Please text XEM and the code you got, for example XEM 482918." },
	[REPLY_NUDGED] = { "Da ghi loi nhac ve {code}. Can bo se tra loi ong/ba som nhat co the.",
			   "Your reminder about {code} is noted. Staff will answer as soon as they can." },
	[REPLY_CASE_EMPTY] = { "Xin soan PA va noi dung, vi du: PA duong thon 5 hong. Khong ghi so CCCD vao tin nhan.",
			       "Please text PA and your words, for example: PA hamlet 5 road broken. Never text identity numbers." },
	[REPLY_TOPIC] = { "De hoi ve {topic}: soan PA + cau hoi, can bo se tra loi. De can bo lien he: soan DK {topic}.",
			  "To ask about {topic} text PA + your question, staff will answer. To be called text DK {topic}." },
	[REPLY_PRIVACY] = { "Da nhan yeu cau ve thong tin ca nhan, ma {code}. Tra loi trong 2 ngay lam viec. Tu nay tam dung gui tin tuyen truyen.",
			    "Your request about personal data is received, code {code}. Answer within 2 working days. Messages are stopped "
			    "meanwhile." },
	[REPLY_WRONG_NUMBER] = { "Xin loi da lam phien. MTTQ se kiem tra lai so nay. De dung nhan tin ngay: soan TC.",
				 "Sorry for the trouble. We will check this number. To stop messages at once text TC." },
	[REPLY_ANSWERED] = { "Cam on ong/ba. Da ghi nhan cau tra loi.", "Thank you. Your answer is recorded." },
	[REPLY_INVALID] = { "Cau tra loi chua hop le. Xin tra loi bang mot so trong cac lua chon da neu.",
			    "This is no valid answer. Please reply with one number of the choices." },
	[REPLY_INFO_ADDED] = { "Cam on ong/ba. Da them vao ma {code}.", "Thank you. Added to {code}." },
	[REPLY_AGREED] = { "Cam on ong/ba da dong y. Ma {code} da ket thuc.", "Thank you for agreeing. {code} is closed." },
	[REPLY_DISAGREED] = { "Da ghi y kien khong dong y va chuyen MTTQ tinh xem xet. Ma van la {code}.",
			      "Your disagreement is noted and goes to the province. The code is still {code}." },
	[REPLY_DISAGREED_AGAIN] = { "Da ghi y kien cua ong/ba. Ma {code} da duoc xem xet lai mot lan. Can gi them: soan PA + noi dung.",
				    "Your opinion is noted. {code} was looked at again once already. For anything else text PA + your words." },
	[REPLY_REMIND] = { "{code}: MTTQ con cho ong/ba tra loi cau hoi ve viec nay. Neu khong co tin, MTTQ se xu ly theo nhung gi da biet.",
			   "{code}: the Front still waits for your answer about this. Without one it goes on with what is known." },
	[REPLY_FORWARDED] = { "{code}: da chuyen co quan co tham quyen xu ly tu {since}. Han tra loi {date}. Xem: soan XEM {digits}.",
			      "{code}: passed on to the competent body on {since}. Answer due {date}. To look it up text XEM {digits}." },
	[REPLY_EXTENDED] = { "{code}: viec can them thoi gian, han tra loi moi la {date}. Mong ong/ba thong cam. Xem: soan XEM {digits}.",
			     "{code}: this takes more time, an answer is due {date} now. To look it up text XEM {digits}." },
	[REPLY_SORRY] = { "{code} da qua han tra loi {date}. MTTQ van dang theo doi va se tra loi. Xin loi ong/ba vi cham tre.",
			  "{code} was due {date} and is late. The Front follows it and will answer. We apologise for the delay." },
	[REPLY_DONE] = { "{code}: viec da hua lam truoc {date} da xong chua? Tra loi: 1=Roi 2=Chua.",
			 "{code}: was what was promised for {date} done? Reply 1=yes 2=not yet." },
	[REPLY_DONE_YES] = { "Cam on ong/ba. Da ghi nhan: {code} da lam xong.", "Thank you. It is noted that {code} was done." },
	[REPLY_DONE_NO] = { "Da ghi nhan: chua lam xong. {code} duoc mo lai va chuyen MTTQ tinh xem xet.",
			    "It is noted as not done. {code} is open again and goes to the province." },
	[REPLY_ASK_WHICH] = { "Ong/ba tra loi cau hoi nao? 1={topic} 2={other}. Tra loi 1 hoac 2.",
			      "Which question do you answer? 1={topic} 2={other}. Reply 1 or 2." },
	[REPLY_ASK_TOPIC] = { "Ong/ba hoi ve {topic}? Tra loi: 1=Dung 2=Khong phai. Muon hoi viec khac: soan PA + noi dung.",
			      "Do you ask about {topic}? Reply 1=yes 2=no. For anything else text PA + your words." },
	[REPLY_ASK_CHOICE] = { "Ong/ba hoi ve {topic}? {choices} 0=Gap can bo.", "Do you ask about {topic}? {choices} 0=talk to staff." },
	[REPLY_CHOSEN] = { "{answer} Da ghi nhan, ma {code}.", "{answer} Recorded, code {code}." },
	[REPLY_ASK_ATTACH] = { "Tin nay co phai ve viec {code} da tra loi? 1=Dung, ghi them vao {code} 2=Viec khac, gui moi.",
			       "Is this about {code}, which was answered? 1=yes, add it to {code} 2=something else, send it as new." },
	[REPLY_PARTS_MISSING] = { "Da nhan {got}/{total} tin cua ong/ba, con thieu. Xin nhan lai doan thieu, hoac tra loi OK neu da du.",
				  "Received {got} of {total} parts of your message. Please send the missing part again, or reply OK if this is all." },
	[REPLY_DUTY] = { "KHAN CAP {code}: co tin bao nguy hiem tinh mang. Xem ngay tren may: case show {code}. Noi dung: ",
			 "URGENT {code}: a life is reported in danger. See case show {code} at once. It says: " },
	[REPLY_AGREE] = { "Ong/ba dong y khong? 1=Dong y 2=Khong dong y.", "Do you agree? 1=agree 2=disagree." },
};

const struct reply_values reply_longest = {
	.code = "PA12345678",
	.digits = "1234567890",
	.date = "31/12/2026",
	.time = "22:22 22/12",
	.topic = "MMMMMMMMMMMMMMM",
	.other = "MMMMMMMMMMMMMMM",
	.got = "254",
	.total = "255",
	.state = "da chuyen co quan co tham quyen",
	.since = "31/12",
	.choices = "1=MMMMMMMMMMMMMMMMMMMM 2=MMMMMMMMMMMMMMMMMMMM 3=MMMMMMMMMMMMMMMMMMMM 4=MMMMMMMMMMMMMMMMMMMM",
	.answer = "MMMMMMMMMMMMMMMMMMMM MMMMMMMMMMMMMMMMMMMM MMMMMMMMMMMMMMMMMMMM MMMMMMMMMMMMMMMMMMMM MMMMMMMMMMMMMMMMMMMM MMMMMMMMMMMMMMMMMMMM.",
};

enum { REPLY_LATELY, REPLY_SAME, REPLY_SQL_COUNT };
static const char *const reply_sql[REPLY_SQL_COUNT] = {
	[REPLY_LATELY] = "SELECT queued_at, text FROM message WHERE address = $address AND +automatic = 1 AND queued_at >= $since", /* +: not through
			    everybody's */
	[REPLY_SAME] = "SELECT 1 FROM message WHERE address = $address AND text = $text AND queued_at > $since LIMIT 1",
};
const struct sql_module reply_module = { "reply", reply_sql, REPLY_SQL_COUNT };

const char *reply_name(enum reply name)
{
	static const char *const names[REPLY_COUNT] = { [REPLY_REMIND] = "remind", [REPLY_FORWARDED] = "forwarded", [REPLY_EXTENDED] = "extended", [REPLY_SORRY] = "sorry" };
	return names[name];
}

enum language reply_language(const char *name)
{
	return name && strncmp(name, "en", 2) == 0 ? LANGUAGE_EN : LANGUAGE_VI;
}

char *reply_text(enum reply name, enum language language, const struct reply_values *values)
{
	const struct reply_values v = values ? *values : (struct reply_values){ 0 };
	const struct blank blanks[] = {
		{ "code", v.code },   { "digits", v.digits }, { "date", v.date },   { "time", v.time },	  { "topic", v.topic },
		{ "other", v.other }, { "state", v.state },   { "since", v.since }, { "got", v.got }, { "total", v.total },
		{ "choices", v.choices }, { "answer", v.answer },
	};
	return blanks_fill(texts[name][language], blanks, COUNT_OF(blanks), NULL);
}

static int put(struct tick *t, const struct reply_to *to, enum message_class class, const char *key, const char *text, bool automatic,
	       int64_t *ret_message)
{
	struct outbox_put p = {
		.key = key,
		.flow = FLOW_ANSWERS,
		.address = to->address,
		.person = to->person,
		.class = class,
		.text = text,
		.wish = to->channel,
		.automatic = automatic,
		.subject = to->subject,
		.sure = true, /* a key that is there already is found out when the tick runs one by one */
	};
	int r = to->abroad ? alarm_withheld(t, to->channel, ALARM_ABROAD) : outbox_put(t, &p, ret_message);
	return r == E_EXISTS ? 0 : r;
}

int reply_put(struct tick *t, const struct reply_to *to, enum message_class class, const char *key, const char *text,
	      int64_t *ret_message)
{
	return put(t, to, class, key, text, false, ret_message);
}

static int said_before(struct tick *t, int64_t address, const char *text, bool *ret)
{
	struct statement *st = store_prepare(t->in.db, &reply_module, REPLY_SAME);
	bind_int(st, "$address", address);
	bind_text(st, "$text", text);
	bind_int(st, "$since", t->in.now_ms - SAME_TEXT_MS);
	int r = store_row(st);
	store_reset(st);
	if (r >= 0)
		*ret = r > 0;
	return r < 0 ? r : 0;
}

int reply_put_fresh(struct tick *t, const struct reply_to *to, enum message_class class, const char *key, const char *text,
		    int64_t *ret_message)
{
	bool same = false;
	int r = said_before(t, to->address, text, &same);
	return r || same ? r : put(t, to, class, key, text, false, ret_message);
}

/* What went to a number by itself within a day, as far as the guard minds. */
struct lately {
	int hour, day;
	bool same; /* these very words within ten minutes */
};

static struct statement *bind_lately(const struct tick *t, int64_t address)
{
	struct statement *st = store_prepare(t->in.db, &reply_module, REPLY_LATELY);
	bind_int(st, "$address", address);
	bind_int(st, "$since", t->in.now_ms - 24 * HOUR_MS);
	return st;
}

void reply_ahead(struct tick *t, int64_t address)
{
	store_ahead(bind_lately(t, address));
}

static int read_lately(struct tick *t, int64_t address, const char *text, struct lately *ret)
{
	struct lately l = { 0 };
	int r;
	struct statement *st = bind_lately(t, address);
	while ((r = store_row(st)) > 0) {
		int64_t at_ms = column_int(st, 0);
		const char *said = column_text(st, 1);
		l.day++;
		l.hour += at_ms >= t->in.now_ms - HOUR_MS;
		l.same |= at_ms > t->in.now_ms - SAME_TEXT_MS && said && !strcmp(said, text);
	}
	store_reset(st);
	if (!r)
		*ret = l;
	return r;
}

static int guard_allows(struct tick *t, const struct reply_to *to, const char *text, bool *ret)
{
	int64_t all = 0;
	bool fresh = false;
	struct lately l;
	int r = read_lately(t, to->address, text, &l);
	r = r ? r : outbox_automatic_hour(t, MAX_PER_HOUR_IN_ALL, &all, &fresh);
	if (r)
		return r;
	if (all >= MAX_PER_HOUR_IN_ALL && fresh)
		log_warn("reply.loop_guard", "automatic_last_hour=%lld", (long long)all);
	const bool few = l.hour < MAX_PER_HOUR && l.day < MAX_PER_DAY && all < MAX_PER_HOUR_IN_ALL;
	*ret = few && !l.same;
	return few ? 0 : alarm_withheld(t, to->channel, ALARM_SILENCE);
}

int reply_say(struct tick *t, const struct reply_to *to, const char *key, enum reply name, const struct reply_values *values,
	      bool *ret_said)
{
	bool allowed = false;
	int64_t message = 0;
	OWN(mem) char *text = reply_text(name, to->language, values);
	int r = text ? guard_allows(t, to, text, &allowed) : E_NOMEM;
	if (!r && allowed)
		r = put(t, to, CLASS_SERVICE, key, text, true, &message);
	if (!r)
		*ret_said = allowed;
	return r;
}
