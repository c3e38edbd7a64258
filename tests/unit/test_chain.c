// SPDX-License-Identifier: GPL-3.0-or-later
/* What the gateway does with people's messages, on a real store: cases, receipts, opt-outs, answers, silence. A villager's message
 * goes in by the inbox, ticks run, rows are read back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/inbox.h"
#include "gateway/outbox.h"
#include "gateway/question.h"
#include "handlers/caselist.h"
#include "handlers/casefile.h"
#include "handlers/codespace.h"
#include "handlers/chain.h"
#include "handlers/damm.h"
#include "handlers/attach.h"
#include "handlers/kept.h"
#include "handlers/part.h"
#include "handlers/unclear.h"
#include "handlers/intray.h"
#include "tests/support/village.h"


static int settle(void **state)
{
	*state = village_new((const struct duty *const[]){ &kept_duty }, 1);
	return 0;
}

static void run(struct village *v, int64_t after_ms)
{
	clock_advance(&v->f->clock, after_ms);
	for (int i = 0; i < 2; i++)
		assert_int_equal(core_tick(v->f->core), 0);
}

/* A message arrives and is handled; its inbox row, the caller's. */
static json_t *say(struct village *v, const char *from, const char *text)
{
	json_t *row = NULL;
	char args[64];
	village_put(v, from, text);
	run(v, 20 * 1000);
	snprintf(args, sizeof(args), "{\"id\":%lld}", (long long)store_scalar(v->f->db, "SELECT max(id) FROM inbound", 0));
	assert_int_equal(fixture_query(v->f, "inbox.show", args, &row, NULL), 0);
	assert_string_equal(json_str(row, "state", ""), "handled");
	return row;
}

/* Says it and checks the kind and the beginning of the result. */
static void told(struct village *v, const char *from, const char *text, const char *kind, const char *result)
{
	OWN(json) json_t *row = say(v, from, text);
	if (strcmp(json_str(row, "kind", ""), kind) != 0 || strncmp(json_str(row, "result", ""), result, strlen(result)) != 0)
		fail_msg("'%s': %s, %s (%s)", text, json_str(row, "kind", ""), json_str(row, "result", ""), json_str(row, "why", ""));
}

static int64_t count(struct village *v, const char *sql)
{
	return store_scalar(v->f->db, sql, -1);
}

/* The newest outbound text, or "". */
static void last_text(struct village *v, char *out, size_t out_bytes)
{
	struct statement *st = store_prepare_text(v->f->db, "SELECT text FROM message ORDER BY id DESC LIMIT 1");
	out[0] = '\0';
	if (store_row(st) > 0)
		snprintf(out, out_bytes, "%s", column_text(st, 0));
	store_drop(st);
}

static void assert_said(struct village *v, const char *part)
{
	char text[512];
	last_text(v, text, sizeof(text));
	if (!strstr(text, part))
		fail_msg("'%s' is not in '%s'", part, text);
}

static json_t *the_case(struct village *v, const char *id)
{
	json_t *row = NULL;
	char args[64];
	snprintf(args, sizeof(args), "{\"id\":\"%s\"}", id);
	assert_int_equal(fixture_query(v->f, "case.show", args, &row, NULL), 0);
	return row;
}

static void feedback_opens_a_case_with_code_and_receipt(void **state)
{
	struct village *v = *state;
	told(v, LAN, "PA duong thon 5 hong ca thang nay xe khong di duoc", "feedback", "case PA");
	OWN(json) json_t *row = the_case(v, "1");
	const char *code = json_str(row, "code", "");
	assert_int_equal(strlen(code), 8);
	assert_true(damm_valid(code + 2));
	assert_string_equal(json_str(row, "topic", ""), "HATANG");
	assert_string_equal(json_str(row, "state", ""), "received");
	assert_string_equal(json_str(row, "unit", ""), "02269");
	assert_string_equal(json_str(row, "urgency", ""), "normal");
	assert_string_equal(json_str(row, "due_at", ""), "2026-12-11T17:00:00+07:00");
	assert_int_equal(json_array_size(json_object_get(row, "timeline")), 2);
	assert_null(strstr(json_str(row, "person", ""), "912"));
	assert_said(v, code);
	assert_said(v, "truoc 11/12");
	assert_int_equal(count(v, "SELECT count(*) FROM message WHERE key = 'case:1:receipt' AND class = 'service' AND automatic = 0"), 1);
	OWN(json) json_t *by_code = the_case(v, code), *by_digits = the_case(v, code + 2);
	assert_int_equal(json_int(by_code, "id", 0), 1);
	assert_int_equal(json_int(by_digits, "id", 0), 1);
}

static void the_same_words_join_the_same_case(void **state)
{
	struct village *v = *state;
	told(v, LAN, "duong thon 5 hong qua", "feedback", "case PA");
	told(v, LAN, "Đường thôn 5 hỏng quá", "feedback", "joined PA");
	assert_int_equal(count(v, "SELECT count(*) FROM casefile"), 1);
	told(v, HOA, "duong thon 5 hong qua", "feedback", "case PA");
	run(v, 25 * HOUR_MS);
	told(v, LAN, "duong thon 5 hong qua", "feedback", "case PA");
	assert_int_equal(count(v, "SELECT count(*) FROM casefile"), 3);
}

static void an_accusation_is_restricted_and_its_receipt_says_the_code_only(void **state)
{
	struct village *v = *state;
	told(v, LAN, "truong thon an chan tien ho tro cua dan", "feedback", "case PA");
	assert_said(v, "Da ghi nhan. Ma PA");
	assert_int_equal(count(v, "SELECT restricted FROM casefile WHERE id = 1"), 1);
	struct scope in = fixture_scope(v->f);
	json_t *row = NULL;
	assert_int_equal(caselist_one(&in, 1, "02269", &row), E_NOT_FOUND);
	assert_int_equal(caselist_one(&in, 1, "02", &row), 0);
	json_decref(row);
}

static void an_urgent_message_is_answered_with_the_numbers_to_call(void **state)
{
	struct village *v = *state;
	told(v, LAN, "Cứu với, lũ về mắc kẹt trên mái nhà", "urgent", "case PA");
	assert_said(v, "112");
	assert_said(v, "114");
	assert_int_equal(count(v, "SELECT count(*) FROM casefile WHERE urgency = 'urgent'"), 1);
}

static void machines_are_filed_and_never_answered(void **state)
{
	struct village *v = *state;
	static const char *const senders[] = { "VIETTEL", "5656", "113", "18001090", "0912345678" };
	for (size_t i = 0; i < COUNT_OF(senders); i++)
		told(v, senders[i], "cuu voi, TC, PA duong hong", "filed", "filed");
	assert_int_equal(count(v, "SELECT count(*) FROM message"), 0);
	assert_int_equal(count(v, "SELECT count(*) FROM casefile"), 0);
	assert_int_equal(count(v, "SELECT count(*) FROM optout"), 0);
}

static void stopping_is_confirmed_once_and_suppresses_what_waits(void **state)
{
	struct village *v = *state;
	int64_t address = fixture_address(v->f, LAN), id = 0;
	struct outbox_put p = { .key = "x", .flow = FLOW_SINGLE, .address = address, .class = CLASS_SOCIAL_POLICY, .topic = "BHYT", .text = "a" };
	assert_int_equal(outbox_put(fixture_begin(v->f), &p, &id), 0);
	fixture_commit(v->f);
	told(v, LAN, "Từ chối nhận tin nhé", "optout", "opt-out campaign");
	assert_said(v, "NHAN TIN");
	assert_int_equal(count(v, "SELECT count(*) FROM message WHERE class = 'optout_ack' AND automatic = 0"), 1);
	assert_int_equal(count(v, "SELECT count(*) FROM message WHERE key = 'x' AND state = 'suppressed' AND reason = 'opted_out'"), 1);
	told(v, LAN, "stop", "optout", "opt-out campaign held already");
	told(v, LAN, "tc bhyt", "optout", "opt-out topic:BHYT held already");
	assert_int_equal(count(v, "SELECT count(*) FROM message WHERE class = 'optout_ack'"), 1);
	told(v, LAN, "nhan tin", "optin", "opt-in campaign");
	assert_int_equal(count(v, "SELECT count(*) FROM optout WHERE lifted_seq IS NULL"), 0);
	told(v, LAN, "TC BHYT", "optout", "opt-out topic:BHYT");
	assert_said(v, "tin ve BHYT");
	assert_int_equal(count(v, "SELECT count(*) FROM optout WHERE scope = 'topic:BHYT' AND lifted_seq IS NULL"), 1);
}

static void everything_is_refused_only_after_a_second_word_while_a_case_is_open(void **state)
{
	struct village *v = *state;
	told(v, HOA, "TC HET", "optout", "opt-out all");
	told(v, LAN, "duong thon 5 hong qua", "feedback", "case PA");
	told(v, LAN, "TC HET", "optout", "opt-out campaign, all to be confirmed");
	assert_said(v, "TC HET lan nua");
	assert_int_equal(count(v, "SELECT count(*) FROM optout WHERE scope = 'all' AND lifted_seq IS NULL"), 1);
	told(v, LAN, "tc het", "optout", "opt-out all");
	assert_int_equal(count(v, "SELECT count(*) FROM optout WHERE scope = 'all' AND lifted_seq IS NULL"), 2);
}

static void everything_is_refused_by_the_second_word_whatever_was_asked_between(void **state)
{
	struct village *v = *state;
	told(v, LAN, "duong thon 5 hong qua", "feedback", "case PA");
	told(v, LAN, "TC HET", "optout", "opt-out campaign, all to be confirmed");
	told(v, LAN, "toi muon gap xa", "unknown", "asked: send as feedback?");
	told(v, LAN, "tc het", "optout", "opt-out all");
	assert_int_equal(count(v, "SELECT count(*) FROM optout WHERE scope = 'all' AND lifted_seq IS NULL"), 1);
}

static void a_complaint_opens_answers_but_never_campaigns(void **state)
{
	struct village *v = *state;
	told(v, LAN, "tc het", "optout", "opt-out all");
	told(v, LAN, "PA duong hong", "feedback", "case PA");
	assert_int_equal(count(v, "SELECT count(*) FROM optout WHERE scope = 'all' AND lifted_seq IS NULL"), 0);
	assert_int_equal(count(v, "SELECT count(*) FROM optout WHERE scope = 'campaign' AND lifted_seq IS NULL"), 1);
}

static void a_request_about_data_stops_campaigns_and_goes_to_a_person(void **state)
{
	struct village *v = *state;
	told(v, LAN, "ai cho lay so dt cua toi, xoa ngay", "privacy_request", "case PA");
	assert_int_equal(count(v, "SELECT count(*) FROM optout WHERE scope = 'campaign' AND lifted_seq IS NULL"), 1);
	assert_int_equal(count(v, "SELECT restricted FROM casefile WHERE id = 1"), 1);
}

static void automatic_answers_stop_at_three_an_hour_and_five_a_day(void **state)
{
	struct village *v = *state;
	told(v, LAN, "HD", "help", "help");
	told(v, LAN, "giup", "help", "help, loop guard"); /* the same words within ten minutes */
	told(v, LAN, "xem 482981", "keyword", "wrong code");
	told(v, LAN, "bhyt", "keyword", "topic BHYT");
	told(v, LAN, "bhxh", "keyword", "topic BHXH, loop guard");
	run(v, 2 * HOUR_MS);
	told(v, LAN, "bhxh", "keyword", "topic BHXH");
	told(v, LAN, "HD", "help", "help");
	assert_int_equal(count(v, "SELECT count(*) FROM message WHERE automatic = 1"), 5);
	run(v, 2 * HOUR_MS);
	told(v, LAN, "bhyt", "keyword", "topic BHYT, loop guard");
	told(v, LAN, "PA duong hong", "feedback", "case PA"); /* a receipt is not counted */
	assert_said(v, "MTTQ xa da ghi nhan. Ma PA");
	assert_int_equal(count(v, "SELECT count(*) FROM message WHERE automatic = 1"), 5);
}

static void silence_of_the_guard_is_an_alarm_for_an_hour(void **state)
{
	struct village *v = *state;
	static const char *const said[] = { "HD", "xem 482981", "bhyt", "bhxh" };
	for (size_t i = 0; i < COUNT_OF(said); i++) {
		assert_int_equal(count(v, "SELECT count(*) FROM alarm"), 0);
		json_decref(say(v, LAN, said[i]));
	}
	run(v, 10000);
	assert_int_equal(count(v, "SELECT count(*) FROM alarm WHERE kind = 'silence' AND cleared_at IS NULL"), 1);
	run(v, HOUR_MS);
	assert_int_equal(count(v, "SELECT count(*) FROM alarm WHERE kind = 'silence' AND cleared_at IS NULL"), 0);
}

#define ABROAD "+8562012345678"

static void numbers_abroad_are_heard_and_never_answered_by_themselves(void **state)
{
	struct village *v = *state;
	static const char *const said[] = { "HD", "bhyt", "TC", "NHAN TIN", "PA duong hong", "cuu voi, nuoc cuon", "toi muon gap xa", "XEM 482981", "xyz", "TC HET" };
	for (size_t i = 0; i < COUNT_OF(said); i++)
		json_decref(say(v, ABROAD, said[i]));
	assert_int_equal(count(v, "SELECT count(*) FROM message"), 0);
	assert_int_equal(count(v, "SELECT count(*) FROM inbound WHERE state = 'handled'"), COUNT_OF(said));
	assert_true(count(v, "SELECT count(*) FROM casefile") > 0);
	assert_int_equal(count(v, "SELECT count(*) FROM alarm"), 0);
	for (int i = 0; i < 21; i++)
		told(v, ABROAD, "HD", "help", "help, abroad, not answered");
	run(v, 10000);
	assert_int_equal(count(v, "SELECT count(*) FROM alarm WHERE kind = 'abroad' AND cleared_at IS NULL"), 1);
	assert_int_equal(count(v, "SELECT count(*) FROM message"), 0);
	told(v, LAN, "HD", "help", "help");
	assert_int_equal(count(v, "SELECT count(*) FROM message"), 1);
	run(v, HOUR_MS);
	assert_int_equal(count(v, "SELECT count(*) FROM alarm WHERE kind = 'abroad' AND cleared_at IS NULL"), 0);
}

static void what_a_person_says_of_their_case_is_receipted_also_behind_the_guard(void **state)
{
	struct village *v = *state;
	told(v, LAN, "duong thon 5 hong qua", "feedback", "case PA");
	told(v, LAN, "HD", "help", "help");
	told(v, LAN, "xem 482981", "keyword", "wrong code");
	told(v, LAN, "bhyt", "keyword", "topic BHYT");
	told(v, LAN, "bhxh", "keyword", "topic BHXH, loop guard");
	told(v, LAN, "NHAC", "keyword", "reminder of PA");
	assert_said(v, "Da ghi loi nhac ve PA");
	told(v, LAN, "NHAC", "keyword", "reminder of PA"); /* one in three days: the second is an answer like any other */
	json_t *answered = NULL;
	assert_int_equal(fixture_command(v->f, "case.reply", "{\"id\":\"1\",\"text\":\"se rai da.\",\"agree\":true}", &answered, NULL), 0);
	json_decref(answered);
	told(v, LAN, "2 noi nhieu lan roi", "survey_answer", "PA");
	assert_said(v, "Da ghi y kien khong dong y");
	assert_int_equal(count(v, "SELECT count(*) FROM message WHERE automatic = 1"), 3);
}

static void a_reviewer_answers_by_sms_and_the_person_agrees_or_climbs(void **state)
{
	struct village *v = *state;
	OWN(json) json_t *answered = NULL, *again = NULL;
	told(v, LAN, "duong thon 5 hong qua", "feedback", "case PA");
	assert_int_equal(fixture_command(v->f, "case.reply", "{\"id\":\"1\",\"text\":\"se rai da truoc 30/12.\",\"agree\":true}", &answered, NULL), 0);
	assert_string_equal(json_str(answered, "state", ""), "notified");
	char start[128];
	snprintf(start, sizeof(start), "%s: se rai da truoc 30/12. Ong/ba dong y khong? 1=Dong y 2=Khong dong y.", json_str(answered, "code", ""));
	assert_said(v, start);
	assert_int_equal(count(v, "SELECT count(*) FROM message WHERE key = 'case:1:reply:1' AND automatic = 0"), 1);
	told(v, LAN, "2 noi nhieu lan roi", "survey_answer", json_str(answered, "code", ""));
	assert_int_equal(count(v, "SELECT count(*) FROM casefile WHERE state = 'reopened'"), 1);
	assert_int_equal(fixture_command(v->f, "case.reply", "{\"id\":\"1\",\"text\":\"xong\",\"agree\":true}", &again, NULL), 0);
	told(v, LAN, "dong y", "survey_answer", json_str(answered, "code", ""));
	assert_int_equal(count(v, "SELECT count(*) FROM casefile WHERE state = 'closed'"), 1);
	json_t *none = NULL;
	assert_int_equal(fixture_command(v->f, "case.reply", "{\"id\":\"1\",\"text\":\"x\"}", &none, NULL), E_REFUSED);
	assert_int_equal(fixture_command(v->f, "case.reply", "{\"id\":\"99\",\"text\":\"x\"}", &none, NULL), E_NOT_FOUND);
}

static void a_status_tells_its_stage_and_only_the_sender_more(void **state)
{
	struct village *v = *state;
	char ask[32];
	told(v, LAN, "duong thon 5 hong qua", "feedback", "case PA");
	OWN(json) json_t *row = the_case(v, "1");
	const char *code = json_str(row, "code", "");
	snprintf(ask, sizeof(ask), "xem %.3s %s", code + 2, code + 5);
	told(v, LAN, ask, "keyword", "status of PA");
	assert_said(v, "da tiep nhan");
	told(v, HOA, ask, "keyword", "status of PA");
	assert_said(v, "dang xu ly");
	snprintf(ask, sizeof(ask), "nhac %s", code + 2);
	told(v, LAN, ask, "keyword", "reminder of PA");
	told(v, LAN, ask, "keyword", "reminder of PA");
	assert_int_equal(count(v, "SELECT count(*) FROM case_event WHERE what = 'nudged'"), 1);
}

static void words_without_topic_are_asked_about_and_kept(void **state)
{
	struct village *v = *state;
	told(v, LAN, "toi muon gap xa", "unknown", "asked: send as feedback?");
	assert_said(v, "1=Gui 2=Khong gui");
	told(v, LAN, "1", "survey_answer", "case PA");
	assert_int_equal(count(v, "SELECT count(*) FROM casefile WHERE text = 'toi muon gap xa'"), 1);
	told(v, HOA, "toi muon gap xa", "unknown", "asked: send as feedback?");
	told(v, HOA, "2", "survey_answer", "not to be sent");
	assert_int_equal(count(v, "SELECT count(*) FROM casefile"), 1);
}

static void kept_words_go_to_a_person_after_a_day(void **state)
{
	struct village *v = *state;
	told(v, LAN, "toi muon gap xa", "unknown", "asked: send as feedback?");
	run(v, 23 * HOUR_MS);
	assert_int_equal(count(v, "SELECT count(*) FROM casefile"), 0);
	run(v, 2 * HOUR_MS);
	assert_int_equal(count(v, "SELECT count(*) FROM casefile WHERE text = 'toi muon gap xa' AND topic = 'KHAC'"), 1);
	assert_int_equal(count(v, "SELECT count(*) FROM question WHERE state = 'open'"), 0);
}

static void a_doubtful_refusal_is_asked_once(void **state)
{
	struct village *v = *state;
	told(v, LAN, "phien qua", "unknown", "asked: stop messages?");
	assert_int_equal(count(v, "SELECT count(*) FROM optout"), 0);
	told(v, LAN, "1", "survey_answer", "opt-out campaign");
	assert_int_equal(count(v, "SELECT count(*) FROM optout"), 1);
	told(v, HOA, "phien qua", "unknown", "asked: stop messages?");
	told(v, HOA, "phien lam", "unknown", "to a person: a doubtful refusal, asked already");
	assert_int_equal(count(v, "SELECT count(*) FROM casefile WHERE text = 'phien lam'"), 1);
	assert_int_equal(count(v, "SELECT count(*) FROM question WHERE kind = 'yes_no'"), 2);
}

static void an_answer_is_recorded_and_its_question_opens_a_case(void **state)
{
	struct village *v = *state;
	int64_t address = fixture_address(v->f, LAN), id = 0;
	OWN(json) json_t *options = json_pack("[{s:s,s:s},{s:s,s:s},{s:s,s:s}]", "value", "1", "label", "Đã có thẻ", "value", "2", "label", "Chưa có",
					      "value", "3", "label", "Thẻ hết hạn");
	struct tick *t = fixture_begin(v->f);
	assert_int_equal(question_ask(t, address, "choice", options, "campaign:1", "BHYT", t->in.now_ms + 7 * 24 * HOUR_MS, &id), 0);
	fixture_commit(v->f);
	told(v, LAN, "9", "survey_answer", "no valid answer");
	assert_int_equal(count(v, "SELECT count(*) FROM question WHERE state = 'open'"), 1);
	told(v, LAN, "PA duong hong", "feedback", "case PA"); /* the question waits */
	assert_int_equal(count(v, "SELECT count(*) FROM question WHERE state = 'open'"), 1);
	told(v, LAN, "chua co the, nha 4 nguoi dong het bn tien", "survey_answer", "answer 2, case PA");
	assert_int_equal(count(v, "SELECT count(*) FROM question WHERE state = 'answered' AND answer = '2'"), 1);
	assert_int_equal(count(v, "SELECT count(*) FROM casefile WHERE topic = 'BHYT'"), 1);
}

static void asked_details_join_their_case(void **state)
{
	struct village *v = *state;
	int64_t id = 0;
	told(v, LAN, "duong hong qua", "feedback", "case PA");
	int64_t address = count(v, "SELECT address FROM casefile WHERE id = 1");
	struct tick *t = fixture_begin(v->f);
	assert_int_equal(question_ask(t, address, "need_info", NULL, "case:1", NULL, t->in.now_ms + 24 * HOUR_MS, &id), 0);
	fixture_commit(v->f);
	told(v, LAN, "thon 5 xa Tien Phuoc nha ong Ba Lanh", "case_info", "added to PA");
	assert_int_equal(count(v, "SELECT count(*) FROM casefile"), 1);
	assert_int_equal(count(v, "SELECT count(*) FROM case_event WHERE what = 'info'"), 1);
}

/* A question of a campaign with two options. */
static int64_t ask(struct village *v, const char *from, const char *kind, const char *subject, const char *topic)
{
	int64_t id = 0, address = fixture_address(v->f, from);
	OWN(json) json_t *options = json_pack("[{s:s,s:s},{s:s,s:s}]", "value", "1", "label", "Đã có thẻ", "value", "2", "label", "Chưa có");
	struct tick *t = fixture_begin(v->f);
	assert_int_equal(question_ask(t, address, kind, strcmp(kind, "choice") ? NULL : options, subject, topic, t->in.now_ms + 7 * 24 * HOUR_MS, &id), 0);
	fixture_commit(v->f);
	return id;
}

static int64_t answered(struct village *v, int64_t id, const char *answer)
{
	char sql[160];
	snprintf(sql, sizeof(sql), "SELECT count(*) FROM question WHERE id = %lld AND state = 'answered' AND answer = '%s'", (long long)id, answer);
	return count(v, sql);
}

static void an_answer_and_a_refusal_both_take_effect(void **state)
{
	struct village *v = *state;
	static const char *const texts[] = { "2, dung gui nua", "2 dung gui tin nua nhe", "chua co the, dung nhan tin nua", "dung gui tin nua, 2" };
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		char from[16];
		snprintf(from, sizeof(from), "+8491200001%zu", i);
		int64_t id = ask(v, from, "choice", "campaign:1", "BHYT");
		told(v, from, texts[i], "survey_answer", "opt-out campaign, answer 2");
		assert_int_equal(answered(v, id, "2"), 1);
		assert_int_equal(count(v, "SELECT count(*) FROM optout WHERE lifted_seq IS NULL"), (int64_t)i + 1);
		assert_int_equal(count(v, "SELECT count(*) FROM message"), (int64_t)i + 1); /* one confirmation, nothing besides */
	}
}

static void a_complaint_and_a_refusal_both_take_effect(void **state)
{
	struct village *v = *state;
	told(v, LAN, "duong thon 5 hong mai khong ai sua, dung gui tin nua", "optout", "opt-out campaign, case PA");
	assert_int_equal(count(v, "SELECT count(*) FROM casefile WHERE topic = 'HATANG'"), 1);
	told(v, HOA, "PA nuoc sinh hoat ban qua, dung gui tin nua", "feedback", "case PA");
	assert_int_equal(count(v, "SELECT count(*) FROM casefile WHERE topic = 'NUOCSACH'"), 1);
	assert_int_equal(count(v, "SELECT count(*) FROM optout WHERE scope = 'campaign' AND lifted_seq IS NULL"), 2);
}

static void an_answer_and_a_complaint_both_take_effect(void **state)
{
	struct village *v = *state;
	int64_t id = ask(v, LAN, "choice", "campaign:1", "BHYT");
	told(v, LAN, "2, ma duong thon 5 hong ca thang nay", "survey_answer", "answer 2, case PA");
	assert_int_equal(answered(v, id, "2"), 1);
	assert_int_equal(count(v, "SELECT count(*) FROM casefile WHERE topic = 'HATANG'"), 1);
}

static void two_open_questions_and_a_bare_digit_are_asked_back(void **state)
{
	struct village *v = *state;
	int64_t first = ask(v, LAN, "choice", "campaign:1", "BHYT"), second = ask(v, LAN, "choice", "campaign:2", "NHAO");
	told(v, LAN, "2", "survey_answer", "asked: which question?");
	assert_said(v, "1=NHAO 2=BHYT");
	assert_int_equal(answered(v, first, "2") + answered(v, second, "2"), 0);
	told(v, LAN, "2", "survey_answer", "answer 2");
	assert_int_equal(answered(v, first, "2"), 1);
	told(v, LAN, "1", "survey_answer", "answer 1"); /* only one is left */
	assert_int_equal(answered(v, second, "1"), 1);
}

static void what_fits_the_older_question_only_answers_it(void **state)
{
	struct village *v = *state;
	int64_t older = ask(v, LAN, "choice", "campaign:1", "BHYT");
	ask(v, LAN, "number", "campaign:2", "NHAO");
	told(v, LAN, "chua co the", "survey_answer", "answer 2");
	assert_int_equal(answered(v, older, "2"), 1);
}

static void what_the_gateway_asked_just_now_is_answered_first(void **state)
{
	struct village *v = *state;
	int64_t id = ask(v, LAN, "choice", "campaign:1", "BHYT");
	told(v, LAN, "phien qua", "unknown", "asked: stop messages?");
	told(v, LAN, "2", "survey_answer", "messages go on");
	assert_int_equal(answered(v, id, "2"), 0);
	assert_int_equal(count(v, "SELECT count(*) FROM optout"), 0);
}

/* Opens a case and has it answered. */
static void answer_case(struct village *v)
{
	json_t *row = NULL;
	told(v, LAN, "duong thon 5 hong qua", "feedback", "case PA");
	assert_int_equal(fixture_command(v->f, "case.reply", "{\"id\":\"1\",\"text\":\"se rai da\"}", &row, NULL), 0);
	json_decref(row);
}

static void words_after_an_answer_may_join_its_case(void **state)
{
	struct village *v = *state;
	answer_case(v);
	told(v, LAN, "van chua thay ai den lam duong", "feedback", "asked: about PA");
	assert_said(v, "1=Dung");
	told(v, LAN, "1", "survey_answer", "added to PA");
	assert_int_equal(count(v, "SELECT count(*) FROM casefile"), 1);
	assert_int_equal(count(v, "SELECT count(*) FROM casefile WHERE state = 'reopened'"), 1);
	assert_int_equal(count(v, "SELECT count(*) FROM case_event WHERE what = 'info' AND text = 'van chua thay ai den lam duong'"), 1);
	assert_int_equal(count(v, "SELECT count(*) FROM inbound WHERE casefile = 1 AND text LIKE 'van chua%'"), 1);
}

static void words_after_an_answer_may_be_new(void **state)
{
	struct village *v = *state;
	answer_case(v);
	told(v, LAN, "nuoc sinh hoat mat ca tuan nay", "feedback", "asked: about PA");
	told(v, LAN, "2", "survey_answer", "case PA");
	assert_int_equal(count(v, "SELECT count(*) FROM casefile WHERE topic = 'NUOCSACH'"), 1);
	told(v, LAN, "PA mat dien 3 ngay nay", "feedback", "case PA"); /* says itself that it is new */
	assert_int_equal(count(v, "SELECT count(*) FROM casefile"), 3);
}

static void words_after_an_answer_are_a_case_after_a_day_of_silence(void **state)
{
	struct village *v = *state;
	answer_case(v);
	told(v, LAN, "nuoc sinh hoat mat ca tuan nay", "feedback", "asked: about PA");
	run(v, 25 * HOUR_MS);
	assert_int_equal(count(v, "SELECT count(*) FROM casefile WHERE topic = 'NUOCSACH'"), 1);
	run(v, 10 * 24 * HOUR_MS);
	told(v, LAN, "mat dien 3 ngay nay", "feedback", "case PA"); /* ten days are over */
}

static void accusations_and_danger_never_wait_for_an_answer(void **state)
{
	struct village *v = *state;
	answer_case(v);
	told(v, LAN, "truong thon an chan tien lam duong", "feedback", "case PA");
	told(v, LAN, "cuu voi nha toi bi sap de nguoi", "urgent", "case PA");
	assert_int_equal(count(v, "SELECT count(*) FROM casefile"), 3);
}

static void a_misspelt_keyword_is_only_asked_about(void **state)
{
	struct village *v = *state;
	told(v, LAN, "bhty sap het han lam sao", "feedback", "asked: about BHYT?");
	assert_said(v, "Ong/ba hoi ve BHYT?");
	assert_int_equal(count(v, "SELECT count(*) FROM casefile"), 0);
	told(v, LAN, "1", "survey_answer", "case PA");
	assert_int_equal(count(v, "SELECT count(*) FROM casefile WHERE topic = 'BHYT' AND text = 'bhty sap het han lam sao'"), 1);
	told(v, HOA, "bhty", "keyword", "asked: about BHYT?");
	told(v, HOA, "1", "survey_answer", "case PA");
	told(v, "+84912000003", "tu coi", "unknown", "asked: stop messages?");
	assert_int_equal(count(v, "SELECT count(*) FROM optout"), 0);
}

static void words_for_a_named_case_join_it(void **state)
{
	struct village *v = *state;
	char text[80];
	told(v, LAN, "duong thon 5 hong qua", "feedback", "case PA");
	OWN(json) json_t *row = the_case(v, "1");
	snprintf(text, sizeof(text), "%s nay mua lon xe khong vao duoc nua, ba con phai di bo", json_str(row, "code", ""));
	told(v, LAN, text, "feedback", "added to PA");
	assert_int_equal(count(v, "SELECT count(*) FROM casefile"), 1);
	told(v, HOA, text, "feedback", "case PA"); /* not theirs: a case of their own */
	assert_int_equal(count(v, "SELECT count(*) FROM casefile"), 2);
}

static void accusation_for_a_named_case_is_hidden_in_one_of_its_own(void **state)
{
	struct village *v = *state;
	char text[120];
	told(v, LAN, "duong thon 5 hong qua", "feedback", "case PA");
	OWN(json) json_t *row = the_case(v, "1");
	snprintf(text, sizeof(text), "%s truong thon an chan tien lam duong cua dan", json_str(row, "code", ""));
	told(v, LAN, text, "feedback", "case PA");
	assert_int_equal(count(v, "SELECT count(*) FROM casefile WHERE restricted = 1 AND id = 2"), 1);
	assert_int_equal(count(v, "SELECT count(*) FROM case_event WHERE casefile = 1 AND what = 'info'"), 0);
	assert_int_equal(count(v, "SELECT restricted FROM casefile WHERE id = 1"), 0);
}

static void what_is_missed_twice_goes_to_a_person_without_a_third_text(void **state)
{
	struct village *v = *state;
	told(v, LAN, "abc", "unknown", "hint");
	assert_said(v, "1=BHYT 2=Nha o 3=Gui phan anh 0=Gap can bo");
	told(v, LAN, "xyz", "unknown", "to a person");
	assert_int_equal(count(v, "SELECT count(*) FROM casefile WHERE topic = 'KHAC' AND text = 'xyz'"), 1);
	assert_int_equal(count(v, "SELECT count(*) FROM message"), 1);
	told(v, LAN, "xyz", "unknown", "to a person"); /* the same again is said to nobody either */
	assert_int_equal(count(v, "SELECT count(*) FROM message"), 1);
	told(v, HOA, "abc", "unknown", "hint");
	told(v, HOA, "2", "survey_answer", "topic NHAO");
}

static void another_language_goes_to_a_person(void **state)
{
	struct village *v = *state;
	told(v, LAN, "Nyob zoo, kuv tsis paub ntawv Nyab Laj", "unknown", "to a person: another language");
	assert_int_equal(count(v, "SELECT count(*) FROM casefile"), 1);
}

static void a_request_about_data_has_two_working_days(void **state)
{
	struct village *v = *state;
	told(v, LAN, "xoa so toi di", "privacy_request", "case PA");
	OWN(json) json_t *row = the_case(v, "1");
	assert_string_equal(json_str(row, "due_at", ""), "2026-11-24T17:00:00+07:00");
}

static void the_officer_on_duty_is_told_at_once(void **state)
{
	struct village *v = *state;
	char *kept = v->f->config->organisation.duty_number;
	char number[] = "+84912000009";
	v->f->config->organisation.duty_number = number;
	told(v, LAN, "Cứu với, lũ về mắc kẹt trên mái nhà", "urgent", "case PA");
	v->f->config->organisation.duty_number = kept;
	assert_int_equal(count(v, "SELECT count(*) FROM message WHERE key = 'case:1:duty' AND class = 'service' AND text LIKE '%Cuu voi, lu ve%'"), 1);
	assert_int_equal(count(v, "SELECT count(*) FROM message WHERE text LIKE '%912000001%'"), 0);
	assert_int_equal(count(v, "SELECT max(length(text)) <= 160 FROM message"), 1);
}

/* One part of a long message. */
static void part(struct village *v, int n, int total, const char *text)
{
	char id[32];
	snprintf(id, sizeof(id), "m%d", ++v->said);
	OWN(json) json_t *frame = json_pack("{s:s, s:s, s:s, s:{s:i, s:i, s:i, s:i}}", "id", id, "from", LAN, "text", text, "udh", "ref", 7, "total",
					    total, "part", n, "bits", 8);
	assert_non_null(frame);
	assert_int_equal(inbox_put(fixture_begin(v->f), "may-ao", frame), 0);
	fixture_commit(v->f);
	run(v, 1000);
}

static void a_missing_part_is_asked_for_and_a_late_one_completes_the_case(void **state)
{
	struct village *v = *state;
	part(v, 1, 3, "PA duong thon 5 hong ");
	part(v, 3, 3, "xe khong di duoc");
	assert_int_equal(count(v, "SELECT count(*) FROM casefile"), 0);
	run(v, HOUR_MS / 6);
	assert_int_equal(count(v, "SELECT count(*) FROM casefile WHERE text = 'PA duong thon 5 hong  [...] xe khong di duoc [thiếu 1 phần]'"), 1);
	assert_said(v, "Da nhan 2/3 tin");
	part(v, 2, 3, "ca thang nay ");
	assert_int_equal(count(v, "SELECT count(*) FROM casefile WHERE text = 'PA duong thon 5 hong ca thang nay xe khong di duoc'"), 1);
	assert_int_equal(count(v, "SELECT count(*) FROM casefile"), 1);
	assert_int_equal(count(v, "SELECT count(*) FROM inbound WHERE result LIKE 'late part, added to PA%' AND casefile = 1"), 1);
	assert_int_equal(count(v, "SELECT count(*) FROM question WHERE state = 'open'"), 0);
}

static void a_missing_part_may_be_sent_again_or_waived(void **state)
{
	struct village *v = *state;
	part(v, 1, 2, "PA duong thon 5 hong ");
	run(v, HOUR_MS / 6);
	told(v, LAN, "ca thang nay xe khong di duoc o thon 5", "case_info", "added to PA");
	assert_int_equal(count(v, "SELECT count(*) FROM casefile"), 1);
	clock_advance(&v->f->clock, 48 * HOUR_MS);
	part(v, 1, 2, "PA nuoc sinh hoat ban qua ");
	run(v, HOUR_MS / 6);
	told(v, LAN, "OK", "ack", "filed");
	assert_int_equal(count(v, "SELECT count(*) FROM question WHERE state = 'open'"), 0);
}

static void lists_filter_and_page(void **state)
{
	struct village *v = *state;
	static const struct {
		const char *args;
		size_t n;
	} rows[] = {
		{ "{}", 3 }, { "{\"topic\":\"HATANG\"}", 1 }, { "{\"state\":\"closed\"}", 0 }, { "{\"unit\":\"02\"}", 3 },
		{ "{\"unit\":\"08\"}", 0 }, { "{\"overdue\":true}", 0 }, { "{\"limit\":2}", 2 }, { "{\"after\":2}", 1 },
	};
	told(v, LAN, "duong thon 5 hong qua", "feedback", "case PA");
	told(v, LAN, "the bhyt cua toi het han", "feedback", "case PA");
	told(v, LAN, "nuoc sinh hoat ban qua", "feedback", "case PA");
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		OWN(json) json_t *list = NULL;
		int64_t next = 0;
		assert_int_equal(fixture_query(v->f, "case.list", rows[i].args, &list, &next), 0);
		if (json_array_size(list) != rows[i].n || (next != 0) != (strstr(rows[i].args, "limit") != NULL))
			fail_msg("%s: %zu, next %lld", rows[i].args, json_array_size(list), (long long)next);
	}
	run(v, 40 * 24 * HOUR_MS);
	OWN(json) json_t *late = NULL, *inbox = NULL;
	assert_int_equal(fixture_query(v->f, "case.list", "{\"overdue\":true}", &late, NULL), 0);
	assert_int_equal(json_array_size(late), 3);
	assert_int_equal(fixture_query(v->f, "inbox.list", "{\"kind\":\"feedback\"}", &inbox, NULL), 0);
	assert_int_equal(json_array_size(inbox), 3);
}

static void signs_in_a_search_stand_for_themselves(void **state)
{
	struct village *v = *state;
	static const struct {
		const char *search;
		size_t n;
	} cases[] = { { "%", 1 }, { "_", 1 }, { "!", 1 }, { "0%", 1 }, { "a_b", 1 }, { "\\\\", 1 }, { "hong", 2 }, { "d%hong", 0 }, { "h_ng", 0 }, { "'", 0 } };
	told(v, LAN, "PA duong 50% hong! o a_b c\\d", "feedback", "case PA");
	told(v, HOA, "PA cau treo bi hong nang roi ba con oi", "feedback", "case PA");
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char args[64];
		json_t *found = NULL;
		snprintf(args, sizeof(args), "{\"search\":\"%s\"}", cases[i].search);
		assert_int_equal(fixture_query(v->f, "case.list", args, &found, NULL), 0);
		if (json_array_size(found) != cases[i].n)
			fail_msg("%s: %zu", cases[i].search, json_array_size(found));
		json_decref(found);
	}
}

static void case_states_never_leave_a_closed_case_but_to_reopen(void **state)
{
	(void)state;
	for (int to = 0; to < CASE_STATES; to++) {
		assert_int_equal(case_may_move(CASE_CLOSED, (enum case_state)to), to == CASE_REOPENED);
		enum case_state back;
		assert_int_equal(case_state_parse(case_state_name((enum case_state)to), &back), 0);
		assert_int_equal(back, to);
	}
}

static void statements_of_every_message_use_an_index(void **state)
{
	struct village *v = *state;
	const struct sql_module *const modules[] = { &chain_module, &casefile_module, &codespace_module, &reply_module, &kept_module, &attach_module, &unclear_module, &part_module };
	for (size_t i = 0; i < COUNT_OF(modules); i++) {
		char out[4096] = "";
		if (store_explain(v->f->db, modules[i], out, sizeof(out)))
			fail_msg("%s", out);
	}
}

#define LAW(fn) cmocka_unit_test_setup_teardown(fn, settle, village_leave)
int main(void)
{
	const struct CMUnitTest tests[] = {
		LAW(feedback_opens_a_case_with_code_and_receipt),
		LAW(the_same_words_join_the_same_case),
		LAW(an_accusation_is_restricted_and_its_receipt_says_the_code_only),
		LAW(an_urgent_message_is_answered_with_the_numbers_to_call),
		LAW(machines_are_filed_and_never_answered),
		LAW(stopping_is_confirmed_once_and_suppresses_what_waits),
		LAW(everything_is_refused_only_after_a_second_word_while_a_case_is_open),
		LAW(everything_is_refused_by_the_second_word_whatever_was_asked_between),
		LAW(a_complaint_opens_answers_but_never_campaigns),
		LAW(a_request_about_data_stops_campaigns_and_goes_to_a_person),
		LAW(automatic_answers_stop_at_three_an_hour_and_five_a_day),
		LAW(silence_of_the_guard_is_an_alarm_for_an_hour),
		LAW(numbers_abroad_are_heard_and_never_answered_by_themselves),
		LAW(what_a_person_says_of_their_case_is_receipted_also_behind_the_guard),
		LAW(a_reviewer_answers_by_sms_and_the_person_agrees_or_climbs),
		LAW(a_status_tells_its_stage_and_only_the_sender_more),
		LAW(words_without_topic_are_asked_about_and_kept),
		LAW(kept_words_go_to_a_person_after_a_day),
		LAW(a_doubtful_refusal_is_asked_once),
		LAW(an_answer_is_recorded_and_its_question_opens_a_case),
		LAW(asked_details_join_their_case),
		LAW(an_answer_and_a_refusal_both_take_effect),
		LAW(a_complaint_and_a_refusal_both_take_effect),
		LAW(an_answer_and_a_complaint_both_take_effect),
		LAW(two_open_questions_and_a_bare_digit_are_asked_back),
		LAW(what_fits_the_older_question_only_answers_it),
		LAW(what_the_gateway_asked_just_now_is_answered_first),
		LAW(words_after_an_answer_may_join_its_case),
		LAW(words_after_an_answer_may_be_new),
		LAW(words_after_an_answer_are_a_case_after_a_day_of_silence),
		LAW(accusations_and_danger_never_wait_for_an_answer),
		LAW(a_misspelt_keyword_is_only_asked_about),
		LAW(words_for_a_named_case_join_it),
		LAW(accusation_for_a_named_case_is_hidden_in_one_of_its_own),
		LAW(what_is_missed_twice_goes_to_a_person_without_a_third_text),
		LAW(another_language_goes_to_a_person),
		LAW(a_request_about_data_has_two_working_days),
		LAW(the_officer_on_duty_is_told_at_once),
		LAW(a_missing_part_is_asked_for_and_a_late_one_completes_the_case),
		LAW(a_missing_part_may_be_sent_again_or_waived),
		LAW(lists_filter_and_page),
		LAW(signs_in_a_search_stand_for_themselves),
		LAW(statements_of_every_message_use_an_index),
		cmocka_unit_test(case_states_never_leave_a_closed_case_but_to_reopen),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
