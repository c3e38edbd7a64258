/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The menu behind a USSD code as aggregators of every style call it, on real programs: the script of the menu line by line, repetitions,
 * sessions cut off and taken up, what strangers put in, a core killed between two screens. One gateway, tests in this order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "tests/support/gateway.h"
#include "tests/support/webrig.h"

#define SECRET "mot-bi-mat-cua-tong-dai"
#define LIMIT_MS 60000
#define ROOT "1.Gia han BHYT 2.Xoa nha tam 3.Gui phan anh 4.Xem ket qua 5.Khao sat 6.Dung tin 9.Tieng Mong"
#define FIELDS "Chon: 1.BHYT 2.Nha o 3.Ho ngheo 4.Duong/nuoc 5.Can bo 6.Khac 0.Quay lai"
#define WORDS "Noi dung (toi da 120 ky tu), khong ghi so CCCD:"
#define RESUME "Phien truoc chua xong. 1=Tiep tuc 2=Lam lai tu dau"
#define EXPIRED "Phien nay khong con hieu luc. Xin goi lai."
#define LOST "Chua hieu lua chon. Huong dan duoc gui qua tin nhan."

static struct {
	struct gateway *g;
	struct webrig web; /* its address alone */
} world;

/* ---- the aggregators ---- */

/* One telephone in one session. */
struct dial {
	const char *style, *session, *number;
	char said[1200]; /* all inputs so far, joined by "*" */
	int n;
};
struct screen {
	int status;
	char text[600];
	bool more;
};

static void post(const char *path, const char *type, const char *body, struct webrig_answer *ret)
{
	OWN(mem) char *request = NULL;
	assert_true(asprintf(&request, "POST %s HTTP/1.1\r\nHost: test\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n%s", path, type, strlen(body), body) > 0);
	webrig_ask(&world.web, request, ret);
}

static char *escaped(const char *text)
{
	char *out = calloc(1, 3 * strlen(text) + 1);
	assert_non_null(out);
	for (char *to = out; *text; text++, to += 3)
		snprintf(to, 4, "%%%02X", (unsigned char)*text);
	return out;
}

static char *form_of(const struct dial *d, const char *format, const char *input)
{
	OWN(mem) char *number = escaped(d->number), *said = escaped(input);
	char *body = NULL;
	assert_true(asprintf(&body, format, d->session, number, said) > 0);
	return body;
}

/* The body of a call, and its path behind the secret. */
static char *call_of(const struct dial *d, const char *latest, bool first, char path[120])
{
	json_t *doc = NULL;
	snprintf(path, 120, "/ussd/%s/" SECRET, d->style);
	if (!strcmp(d->style, "africastalking"))
		return form_of(d, "sessionId=%s&serviceCode=*123%%23&phoneNumber=%s&networkCode=99999&text=%s", d->said);
	if (!strcmp(d->style, "generic")) {
		char *xml = NULL;
		assert_true(asprintf(&xml, "<?xml version=\"1.0\"?><call><id>%s</id><who>%s</who><new>%d</new><body>%s</body></call>", d->session, d->number, first, latest) > 0);
		return xml;
	}
	if (!strcmp(d->style, "infobip")) {
		snprintf(path, 120, "/ussd/%s/" SECRET "/%s/%s", d->style, d->session, first ? "start" : "response");
		doc = json_pack("{s:s,s:s,s:s,s:s}", "msisdn", d->number, "text", latest, "imsi", "452040000000000", "ussdGwId", "7");
	} else if (!strcmp(d->style, "hubtel")) {
		doc = json_pack("{s:s,s:s,s:s,s:s,s:s,s:i,s:s}", "Type", first ? "Initiation" : "Response", "Message", latest, "Mobile", d->number, "SessionId", d->session,
				"ServiceCode", "713", "Sequence", d->n, "ClientState", "c-1");
	} else if (!strcmp(d->style, "nalo")) {
		doc = json_pack("{s:s,s:s,s:s,s:b,s:s,s:s}", "USERID", "NALOTest", "MSISDN", d->number, "USERDATA", latest, "MSGTYPE", first, "NETWORK", "MTN", "SESSIONID",
				d->session);
	} else {
		doc = json_pack("{s:s,s:s,s:b,s:s,s:s,s:s}", "sessionID", d->session, "userID", "USSD_1", "newSession", first, "msisdn", d->number, "userData", latest, "network",
				"MTN");
	}
	char *body = json_text(doc);
	json_decref(doc);
	return body;
}

/* Every style says "go on" in its own way, and repeats what it must. */
static void read_screen(const struct dial *d, const struct webrig_answer *a, struct screen *ret)
{
	OWN(json) json_t *doc = NULL;
	const char *text = NULL;
	ret->status = a->status;
	if (a->status != 200)
		return;
	if (!strcmp(d->style, "africastalking")) {
		ret->more = !strncmp(a->body, "CON ", 4);
		if (!ret->more && strncmp(a->body, "END ", 4) != 0)
			fail_msg("%s", a->body);
		text = a->body + 4;
	} else if (!strcmp(d->style, "generic")) {
		const char *begin = strstr(a->body, "<message>"), *end = strstr(a->body, "</message>");
		assert_true(begin && end);
		ret->more = strstr(a->body, "<type>request</type>") != NULL;
		assert_true(ret->more || strstr(a->body, "<type>release</type>"));
		snprintf(ret->text, sizeof(ret->text), "%.*s", (int)(end - begin - 9), begin + 9);
		return;
	} else {
		assert_int_equal(json_parse(a->body, strlen(a->body), &doc), 0);
	}
	if (!strcmp(d->style, "infobip")) {
		assert_int_equal(json_int(doc, "responseExitCode", 0), 200);
		ret->more = json_is_false(json_object_get(doc, "shouldClose"));
		text = json_str(doc, "ussdMenu", NULL);
	} else if (!strcmp(d->style, "hubtel")) {
		assert_string_equal(json_str(doc, "SessionId", ""), d->session);
		assert_string_equal(json_str(doc, "ClientState", ""), "c-1");
		ret->more = !strcmp(json_str(doc, "Type", ""), "response");
		assert_true(ret->more || !strcmp(json_str(doc, "Type", ""), "release"));
		text = json_str(doc, "Message", NULL);
	} else if (!strcmp(d->style, "nalo")) {
		assert_string_equal(json_str(doc, "USERID", ""), "NALOTest");
		assert_string_equal(json_str(doc, "MSISDN", ""), d->number);
		ret->more = json_is_true(json_object_get(doc, "MSGTYPE"));
		text = json_str(doc, "MSG", NULL);
	} else if (!strcmp(d->style, "arkesel")) {
		assert_string_equal(json_str(doc, "sessionID", ""), d->session);
		assert_string_equal(json_str(doc, "userID", ""), "USSD_1");
		ret->more = json_is_true(json_object_get(doc, "continueSession"));
		text = json_str(doc, "message", NULL);
	}
	assert_non_null(text);
	snprintf(ret->text, sizeof(ret->text), "%s", text);
}

static void send_call(const struct dial *d, const char *latest, bool first, struct screen *ret)
{
	WEBRIG_ANSWER a = { 0 };
	char path[120];
	OWN(mem) char *body = call_of(d, latest, first, path);
	post(path, strchr(body, '{') == body ? "application/json" : "application/x-www-form-urlencoded", body, &a);
	*ret = (struct screen){ 0 };
	read_screen(d, &a, ret);
}

static void begin(struct dial *d, struct screen *ret)
{
	d->said[0] = '\0';
	d->n = 1;
	send_call(d, strcmp(d->style, "africastalking") ? "*123#" : "", true, ret);
}

static void type(struct dial *d, const char *input, struct screen *ret)
{
	size_t n = strlen(d->said);
	snprintf(d->said + n, sizeof(d->said) - n, "%s%s", d->n > 1 ? "*" : "", input);
	d->n++;
	send_call(d, input, false, ret);
}

static void check(const char *label, const struct screen *s, const char *text, bool more)
{
	if (s->status != 200 || strcmp(s->text, text) != 0 || s->more != more)
		fail_msg("%s: status %d, %s '%s', not %s '%s'", label, s->status, s->more ? "goes on" : "ends", s->text, more ? "goes on" : "ends", text);
}

static void expect(struct dial *d, const char *input, const char *text, bool more)
{
	struct screen s;
	if (input)
		type(d, input, &s);
	else
		begin(d, &s);
	check(d->style, &s, text, more);
}

/* ---- what the gateway has ---- */

static int64_t cases(void)
{
	return gateway_scalar(world.g, "SELECT count(*) FROM casefile");
}

static json_t *newest_case(void)
{
	OWN(json) json_t *list = gateway_rows(world.g, "case.list", NULL);
	const json_t *best = NULL, *c;
	size_t i;
	json_array_foreach(list, i, c)
		if (!best || json_int(c, "id", 0) > json_int(best, "id", 0))
			best = c;
	assert_non_null(best);
	return json_deep_copy(best);
}

/* Waits until the telephone has received a text with these words. */
static void expect_sms(const char *number, const char *words)
{
	for (int64_t until = gateway_mono_ms() + LIMIT_MS; gateway_mono_ms() < until; gateway_pause_ms(50)) {
		OWN(json) json_t *heard = gateway_do(world.g, "loopback.heard", json_pack("{s:s}", "number", number));
		size_t i;
		const json_t *m;
		json_array_foreach(heard, i, m)
			if (strstr(json_str(m, "text", ""), words))
				return;
	}
	fail_msg("no SMS with '%s'", words);
}

static const char *const styles[] = { "africastalking", "infobip", "hubtel", "nalo", "arkesel", "generic" };

/* ---- laws ---- */

static void a_complaint_is_put_in_and_receipted_in_every_style(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(styles); i++) {
		char session[20], number[20], words[40], end[120];
		struct screen s;
		snprintf(session, sizeof(session), "s10-%zu", i);
		snprintf(number, sizeof(number), "8491200010%zu", i);
		snprintf(words, sizeof(words), "duong thon %zu hong", i + 1);
		struct dial d = { .style = styles[i], .session = session, .number = number };
		int64_t before = cases();
		expect(&d, NULL, ROOT, true);
		expect(&d, "3", FIELDS, true);
		expect(&d, "4", WORDS, true);
		type(&d, words, &s);
		assert_int_equal(cases(), before + 1);
		OWN(json) json_t *c = newest_case();
		const char *code = json_str(c, "code", "");
		snprintf(end, sizeof(end), "Da ghi nhan. Ma %s. Tin xac nhan da gui toi may ong/ba.", code);
		check(styles[i], &s, end, false);
		assert_string_equal(json_str(c, "text", ""), words);
		assert_string_equal(json_str(c, "topic", ""), "HATANG");
		expect_sms(number, code);
		send_call(&d, words, false, &s); /* the network asks again */
		check("again", &s, end, false);
		assert_int_equal(cases(), before + 1);
	}
}

static void zero_goes_back_and_at_the_first_screen_out(void **state)
{
	struct dial d = { .style = "africastalking", .session = "back", .number = "0912000201" };
	(void)state;
	expect(&d, NULL, ROOT, true);
	expect(&d, "3", FIELDS, true);
	expect(&d, "4", WORDS, true);
	expect(&d, "0", FIELDS, true);
	expect(&d, "0", ROOT, true);
	expect(&d, "0", "Cam on ong/ba.", false);
}

static void what_cannot_be_used_shows_the_same_screen_once_and_then_help_goes_by_sms(void **state)
{
	static const char *const useless[][2] = { { "9*4", "#" }, { "#", "" }, { "#", "#" }, { "7", "xyz" } };
	(void)state;
	for (size_t k = 0; k < COUNT_OF(styles); k++)
		for (size_t i = 0; i < COUNT_OF(useless); i++) {
			char session[24], number[20];
			snprintf(session, sizeof(session), "lost-%zu-%zu", k, i);
			snprintf(number, sizeof(number), "091200%zu30%zu", k, i);
			struct dial d = { .style = styles[k], .session = session, .number = number };
			expect(&d, NULL, ROOT, true);
			expect(&d, useless[i][0], ROOT, true);
			expect(&d, useless[i][1], LOST, false);
			expect_sms(number, "Soan PA + noi dung");
		}
}

static void a_session_cut_off_is_taken_up_or_begun_anew_by_the_same_number(void **state)
{
	(void)state;
	for (size_t k = 0; k < COUNT_OF(styles); k++) {
		char number[20], one[20], two[20], three[20];
		snprintf(number, sizeof(number), "091200040%zu", k);
		snprintf(one, sizeof(one), "cut-%zu", k);
		snprintf(two, sizeof(two), "cut-%zu-b", k);
		snprintf(three, sizeof(three), "cut-%zu-c", k);
		struct dial cut = { .style = styles[k], .session = one, .number = number }, again = cut, anew = cut;
		again.session = two;
		anew.session = three;
		expect(&cut, NULL, ROOT, true);
		expect(&cut, "3", FIELDS, true);
		expect(&cut, "2", WORDS, true);
		expect(&again, NULL, RESUME, true);
		expect(&again, "1", WORDS, true);
		expect(&anew, NULL, RESUME, true);
		expect(&anew, "2", ROOT, true);
	}
}

static void a_session_of_one_number_is_never_anothers(void **state)
{
	struct dial d = { .style = "africastalking", .session = "mine", .number = "0912000501" };
	struct screen s;
	(void)state;
	expect(&d, NULL, ROOT, true);
	expect(&d, "3", FIELDS, true);
	struct dial stranger = d;
	stranger.number = "0912000502";
	snprintf(stranger.said, sizeof(stranger.said), "3*4");
	send_call(&stranger, "4", false, &s);
	check("another number", &s, EXPIRED, false);
	struct dial early = d; /* an input of before, and one that does not follow */
	early.said[0] = '\0';
	send_call(&early, "", true, &s);
	check("out of order", &s, EXPIRED, false);
	snprintf(early.said, sizeof(early.said), "5*1");
	send_call(&early, "1", false, &s);
	check("another way", &s, EXPIRED, false);
	expect(&d, "4", WORDS, true);
}

static void floods_and_gaps_leave_no_trace(void **state)
{
	static const char path[] = "/ussd/africastalking/" SECRET, form[] = "application/x-www-form-urlencoded";
	static const char *const bodies[] = { "", "sessionId=x", "phoneNumber=0912000601&text=", "sessionId=x&text=3", "sessionId=x&phoneNumber=VIETTEL&text=", "sessionId=&phoneNumber=0912000601&text=",
					      "sessionId=x&phoneNumber=0912000601", "%00%ff&&&==" };
	int64_t before = gateway_scalar(world.g, "SELECT count(*) FROM conversation"), people = gateway_scalar(world.g, "SELECT count(*) FROM address");
	(void)state;
	for (size_t i = 0; i < COUNT_OF(bodies); i++) {
		WEBRIG_ANSWER a = { 0 };
		post(path, form, bodies[i], &a);
		if (a.status != 400)
			fail_msg("'%s': %d", bodies[i], a.status);
	}
	struct dial d = { .style = "africastalking", .session = "flood", .number = "0912000601" };
	struct screen s;
	for (int i = 0; i < 500; i++)
		memcpy(d.said + 2 * i, "1*", 3);
	send_call(&d, "", false, &s);
	check("1* 500 times", &s, EXPIRED, false);
	OWN(mem) char *long_text = calloc(1, 10241);
	OWN(mem) char *body = NULL;
	WEBRIG_ANSWER a = { 0 };
	memset(long_text, 'a', 10240);
	assert_true(asprintf(&body, "sessionId=flood&phoneNumber=0912000601&text=%s", long_text) > 0);
	post(path, form, body, &a);
	assert_int_equal(a.status, 200);
	assert_string_equal(a.body, "END " EXPIRED);
	assert_int_equal(gateway_scalar(world.g, "SELECT count(*) FROM conversation"), before);
	assert_int_equal(gateway_scalar(world.g, "SELECT count(*) FROM address"), people);
}

static void a_wrong_secret_finds_nothing(void **state)
{
	static const char *const paths[] = { "/ussd/africastalking/" SECRET "x", "/ussd/africastalking/mot-bi-mat", "/ussd/nobody/" SECRET, "/ussd/africastalking/", "/ussd" };
	(void)state;
	for (size_t i = 0; i < COUNT_OF(paths); i++) {
		WEBRIG_ANSWER a = { 0 };
		post(paths[i], "application/x-www-form-urlencoded", "sessionId=x&phoneNumber=0912000601&text=", &a);
		if (a.status != 404)
			fail_msg("%s: %d", paths[i], a.status);
	}
}

static void messages_stop_and_a_status_is_told(void **state)
{
	struct dial stop = { .style = "africastalking", .session = "stop", .number = "0912000701" }, look = { .style = "africastalking", .session = "look", .number = "84912000100" };
	struct screen s;
	(void)state;
	expect(&stop, NULL, ROOT, true);
	expect(&stop, "6", "Dung nhan tin tuyen truyen? 1.Dung tin 2.Nhan lai tin 0.Quay lai", true);
	expect(&stop, "1", "Da dung gui tin tuyen truyen toi so nay. Van tra loi phan anh cua ong/ba.", false);
	OWN(json) json_t *consent = gateway_row(world.g, "consent.show", json_pack("{s:s}", "number", "0912000701"));
	const json_t *scope = json_array_get(json_object_get(consent, "scopes"), 0);
	assert_string_equal(json_str(scope, "scope", ""), "campaign");
	assert_string_equal(json_str(scope, "channel", ""), "ussd:africastalking");
	expect_sms("0912000701", "NHAN TIN");
	OWN(mem) char *code = gateway_text(world.g, "SELECT code FROM casefile ORDER BY id LIMIT 1");
	char begins[60];
	snprintf(begins, sizeof(begins), "%s: da tiep nhan", code);
	expect(&look, NULL, ROOT, true);
	expect(&look, "4", "Nhap 6 so sau chu PA trong tin da nhan. 0.Quay lai", true);
	expect(&look, "482981", "Ma khong dung. Xin xem lai 6 so sau chu PA trong tin da nhan. 0.Quay lai", true);
	type(&look, code + 2, &s);
	assert_false(s.more);
	assert_non_null(strstr(s.text, begins));
}

static void a_core_that_was_killed_goes_on_where_the_answer_was_given(void **state)
{
	struct dial d = { .style = "africastalking", .session = "kill", .number = "0912000801" };
	int64_t before = cases();
	(void)state;
	expect(&d, NULL, ROOT, true);
	expect(&d, "3", FIELDS, true);
	gateway_kill(world.g);
	gateway_start(world.g);
	expect(&d, "1", WORDS, true);
	gateway_kill(world.g);
	gateway_start(world.g);
	struct screen s, again;
	type(&d, "the BHYT het han", &s);
	assert_false(s.more);
	gateway_kill(world.g);
	gateway_start(world.g);
	send_call(&d, "the BHYT het han", false, &again);
	check("after the third", &again, s.text, false);
	assert_int_equal(cases(), before + 1);
}

static char *file_text(const char *path)
{
	char *text = calloc(1, 20000);
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	assert_true(text && fread(text, 1, 19999, f) > 0);
	assert_int_equal(fclose(f), 0);
	return text;
}

/* A campaign that asks reached this one person. */
static void ask_by_campaign(const char *number)
{
	OWN(mem) char *survey = file_text("config/menus/cap-gao.conf");
	json_decref(gateway_do(world.g, "contact.add", json_pack("{s:s,s:s,s:s,s:s}", "number", number, "name", "Lan", "group", "gao", "basis", "hop thon")));
	int64_t id = gateway_do_id(world.g, "campaign.new", json_pack("{s:s,s:s,s:s,s:s}", "name", "gao", "group", "gao", "text", "Khao sat cap gao. Tu choi: TC", "survey", survey));
	json_decref(gateway_do(world.g, "campaign.submit", json_pack("{s:I}", "id", (json_int_t)id)));
	json_decref(gateway_do(world.g, "campaign.approve", json_pack("{s:I}", "id", (json_int_t)id)));
	json_decref(gateway_do(world.g, "campaign.start", json_pack("{s:I,s:i}", "id", (json_int_t)id, "confirm", 1)));
	expect_sms(number, "Khao sat cap gao");
}

static void a_survey_that_waits_is_answered_in_the_menu_and_counts_once(void **state)
{
	static const char first[] = "Ho ong/ba co nhan du gao khong? Tra loi: 1=Du 2=Thieu 3=Khong nhan. Khong can ghi ten.",
			  second[] = "Thieu bao nhieu kg? Tra loi bang so, hoac 0 neu khong ro.";
	static const char votes[] = "SELECT count(*) FROM survey_answer";
	struct dial none = { .style = "africastalking", .session = "survey-none", .number = "0912000750" };
	struct dial d = { .style = "africastalking", .session = "survey", .number = "0912000751" };
	(void)state;
	expect(&none, NULL, ROOT, true);
	expect(&none, "5", "Hien khong co khao sat nao cho so nay.", false);
	ask_by_campaign(d.number);
	expect(&d, NULL, ROOT, true);
	expect(&d, "5", first, true);
	expect(&d, "9", first, true);
	expect(&d, "2", second, true);
	assert_int_equal(gateway_scalar(world.g, votes), 1);
	struct screen s;
	send_call(&d, "2", false, &s); /* asked again by the network */
	check("again", &s, second, true);
	expect(&d, "5 kg", "Cam on. Neu muon duoc tra loi rieng, soan PA + noi dung.", false);
	assert_int_equal(gateway_scalar(world.g, votes), 2);
	assert_int_equal(gateway_scalar(world.g, "SELECT count(*) FROM survey_answer WHERE (step = 'nhan' AND value = '2') OR (step = 'thieu' AND value = '5')"), 2);
	assert_int_equal(gateway_scalar(world.g, "SELECT replies FROM campaign"), 2);
}

static void a_household_signs_up_for_the_programme(void **state)
{
	struct dial d = { .style = "africastalking", .session = "sign-up", .number = "0912000761" }, asked = { .style = "africastalking", .session = "sign-up-2", .number = "0912000762" };
	struct screen s;
	int64_t before = cases();
	(void)state;
	json_decref(gateway_do(world.g, "unit.add", json_pack("{s:s,s:s,s:s}", "code", "02269.1", "name", "Thôn Nà Lang", "from", "2025-07-01")));
	json_decref(gateway_do(world.g, "contact.add", json_pack("{s:s,s:s,s:s,s:s}", "number", d.number, "name", "Pao", "unit", "02269", "basis", "hop thon")));
	expect(&d, NULL, ROOT, true);
	expect(&d, "2", "Xoa nha tam: 1.Dang ky 2.Hoi, phan anh 0.Quay lai", true);
	expect(&d, "1", "Ten chu ho va thon. Vi du: Giang A Pao, Na Lang. 0.Quay lai", true);
	type(&d, "Giang A Pao, Na Lang", &s);
	OWN(json) json_t *list = gateway_rows(world.g, "signup.list", NULL);
	const json_t *one = json_array_get(list, 0);
	assert_int_equal(json_array_size(list), 1);
	assert_string_equal(json_str(one, "head", ""), "Giang A Pao");
	assert_string_equal(json_str(one, "hamlet", ""), "Thôn Nà Lang");
	assert_non_null(strstr(s.text, json_str(one, "code", "?")));
	expect_sms(d.number, json_str(one, "code", "?"));
	assert_int_equal(cases(), before);
	expect(&asked, NULL, ROOT, true);
	expect(&asked, "2", "Xoa nha tam: 1.Dang ky 2.Hoi, phan anh 0.Quay lai", true);
	expect(&asked, "1", "Ten chu ho va thon. Vi du: Giang A Pao, Na Lang. 0.Quay lai", true);
	expect(&asked, "Hoang Van Huy", "Con thieu thong tin. Xin tra loi tin nhan vua gui toi may ong/ba.", false);
	expect_sms(asked.number, "Thieu ten thon");
}

/* Runs `caunoi ussd try` with these lines typed into it: its screens, one a line. */
static char *walk(const char *const words[], const char *lines, int code)
{
	const char *all[16] = { "--config", world.g->config, "ussd", "try" };
	char *out = NULL;
	for (int i = 0; words[i]; i++)
		all[4 + i] = words[i];
	assert_int_equal(gateway_program(world.g, "caunoi", all, lines, &out), code);
	return out;
}

static void the_terminal_walks_the_same_tree(void **state)
{
	static const char lines[] = "3\n4\nduong thon 9 hong\n";
	int64_t before = cases();
	(void)state;
	OWN(mem) char *rehearsed = walk((const char *[]){ NULL }, lines, 0);
	assert_string_equal(rehearsed, ROOT "\n" FIELDS "\n" WORDS "\nDa ghi nhan. Ma PA000000. Tin xac nhan da gui toi may ong/ba.\n");
	assert_int_equal(cases(), before);
	OWN(mem) char *cut = walk((const char *[]){ "--from", "0912000901", NULL }, "3\r\n", 0);
	assert_string_equal(cut, ROOT "\n" FIELDS "\n");
	OWN(mem) char *done = walk((const char *[]){ "--from", "0912000901", "--json", NULL }, "1\n4\nduong thon 9 hong", 0);
	assert_int_equal(cases(), before + 1);
	OWN(json) json_t *c = newest_case();
	const char *last = strrchr(done, '{');
	OWN(json) json_t *screen = NULL;
	assert_int_equal(json_parse(last, strlen(last), &screen), 0);
	assert_non_null(strstr(json_str(screen, "text", ""), json_str(c, "code", "?")));
	assert_true(json_is_false(json_object_get(screen, "more")));
	expect_sms("0912000901", json_str(c, "code", "?"));
	OWN(mem) char *survey = walk((const char *[]){ "--menu", "cap-gao", NULL }, "thieu\n5 kg\n", 0);
	assert_non_null(strstr(survey, "\nThieu bao nhieu kg? Tra loi bang so, hoac 0 neu khong ro.\nCam on. "));
	OWN(mem) char *none = walk((const char *[]){ "--menu", "nothing", NULL }, "", 3);
	assert_string_equal(none, "");
}

static void a_dialogue_is_checked_by_its_file_and_its_topics(void **state)
{
	OWN(mem) char *shipped = file_text("config/menus/main.conf");
	OWN(json) json_t *good = gateway_row(world.g, "dialogue.check", json_pack("{s:s}", "file", shipped));
	OWN(json) json_t *list = gateway_rows(world.g, "dialogue.list", NULL);
	size_t i, menus = 0;
	const json_t *one;
	(void)state;
	assert_true(json_flag(good, "ok", false));
	json_array_foreach(list, i, one) {
		assert_false(json_flag(one, "faulty", true));
		menus += json_flag(one, "menu", false);
	}
	assert_int_equal(menus, 1);
	char *topic = strstr(shipped, "\"HATANG\"");
	assert_non_null(topic);
	memcpy(topic, "\"DUONG!\"", 8);
	OWN(json) json_t *bad = gateway_query(world.g, "dialogue.check", json_pack("{s:s}", "file", shipped));
	assert_string_equal(json_str(json_object_get(bad, "error"), "rule", ""), "unknown_topic");
	char *next = strstr(shipped, "next = \"daghi\"");
	assert_non_null(next);
	memcpy(next, "next = \"dagih\"", 14);
	OWN(json) json_t *lost = gateway_query(world.g, "dialogue.check", json_pack("{s:s}", "file", shipped));
	const json_t *error = json_object_get(lost, "error");
	assert_string_equal(json_str(error, "rule", ""), "unknown_step");
	assert_non_null(strstr(json_str(error, "text", ""), "'dagih'"));
}

static void nobodys_number_or_words_are_in_the_log(void **state)
{
	OWN(mem) char *log = gateway_log(world.g);
	(void)state;
	assert_null(strstr(log, "912000"));
	assert_null(strstr(log, "hong"));
	assert_null(strstr(log, SECRET));
}

static int set_up(void **state)
{
	char more[2048];
	size_t n = (size_t)snprintf(more, sizeof(more), "ussd = (");
	(void)state;
	for (size_t i = 0; i < COUNT_OF(styles); i++)
		n += (size_t)snprintf(more + n, sizeof(more) - n, "%s { name = \"%s\"; style = \"%s\"; webhook_secret = \"ussd.hook\"; %s}", i ? "," : "", styles[i], styles[i],
				      strcmp(styles[i], "generic") ? "" :
								     "settings = { format = \"xml\"; session = \"id\"; from = \"who\"; input = \"body\"; first = \"new\"; first_is = \"1\"; "
								     "answer = \"xml\"; text = \"message\"; more = \"type\"; on = \"request\"; off = \"release\"; };");
	snprintf(more + n, sizeof(more) - n, ");\n");
	world.g = gateway_new(&(struct gateway_options){ .more = more, .no_init = true });
	gateway_secret(world.g, "ussd.hook", SECRET);
	gateway_init(world.g);
	gateway_start(world.g);
	snprintf(world.web.listen, sizeof(world.web.listen), "%.90s/web.sock", world.g->dir);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	gateway_free(world.g);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_complaint_is_put_in_and_receipted_in_every_style),
		cmocka_unit_test(zero_goes_back_and_at_the_first_screen_out),
		cmocka_unit_test(what_cannot_be_used_shows_the_same_screen_once_and_then_help_goes_by_sms),
		cmocka_unit_test(a_session_cut_off_is_taken_up_or_begun_anew_by_the_same_number),
		cmocka_unit_test(a_session_of_one_number_is_never_anothers),
		cmocka_unit_test(floods_and_gaps_leave_no_trace),
		cmocka_unit_test(a_wrong_secret_finds_nothing),
		cmocka_unit_test(messages_stop_and_a_status_is_told),
		cmocka_unit_test(a_survey_that_waits_is_answered_in_the_menu_and_counts_once),
		cmocka_unit_test(a_household_signs_up_for_the_programme),
		cmocka_unit_test(a_core_that_was_killed_goes_on_where_the_answer_was_given),
		cmocka_unit_test(the_terminal_walks_the_same_tree),
		cmocka_unit_test(a_dialogue_is_checked_by_its_file_and_its_topics),
		cmocka_unit_test(nobodys_number_or_words_are_in_the_log),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
