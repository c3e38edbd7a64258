/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of a case over weeks: who is asked, reminded, told and excused, what closes and opens it again, and how many voices it has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "gateway/base/calendar.h"
#include "gateway/base/json.h"
#include "handlers/caseclock.h"
#include "tests/support/village.h"

static void did(struct village *v, const char *verb, const char *args)
{
	json_decref(village_do(v, verb, args));
}

static void is_in(struct village *v, int64_t id, const char *state)
{
	char args[32];
	OWN(json) json_t *row = NULL;
	snprintf(args, sizeof(args), "{\"id\":\"%lld\"}", (long long)id);
	assert_int_equal(fixture_query(v->f, "case.show", args, &row, NULL), 0);
	assert_string_equal(json_str(row, "state", ""), state);
}

static void a_question_is_repeated_once_and_then_the_case_goes_on(void **state)
{
	struct village *v = *state;
	village_told(v, LAN, "duong thon 5 hong qua", "case PA");
	did(v, "case.ask", "{\"id\":\"1\",\"text\":\"Doan nao hong?\"}");
	village_heard(v, "Doan nao hong?");
	is_in(v, 1, "need_info");
	village_wait(v, 6 * DAY_MS);
	village_heard(v, "con cho ong/ba tra loi");
	int64_t said = village_count(v, "SELECT count(*) FROM message");
	is_in(v, 1, "need_info");
	village_wait(v, 3 * DAY_MS);
	assert_int_equal(village_count(v, "SELECT count(*) FROM message"), said);
	village_wait(v, 3 * DAY_MS);
	is_in(v, 1, "triaged");
	assert_int_equal(village_count(v, "SELECT count(*) FROM case_event WHERE what = 'no_info'"), 1);
}

static void what_the_villager_answers_joins_the_case(void **state)
{
	struct village *v = *state;
	village_told(v, LAN, "duong thon 5 hong qua", "case PA");
	did(v, "case.ask", "{\"id\":\"1\",\"text\":\"Doan nao hong?\"}");
	village_told(v, LAN, "doan truoc nha van hoa", "added to PA");
	is_in(v, 1, "triaged");
	village_wait(v, 12 * DAY_MS);
	assert_int_equal(village_count(v, "SELECT count(*) FROM case_event WHERE what IN ('reminded', 'no_info')"), 0);
}

static void silence_about_an_answer_closes_and_is_no_agreement(void **state)
{
	struct village *v = *state;
	village_told(v, LAN, "duong thon 5 hong qua", "case PA");
	did(v, "case.reply", "{\"id\":\"1\",\"text\":\"se rai da\",\"agree\":true}");
	village_wait(v, 13 * DAY_MS);
	is_in(v, 1, "notified");
	village_wait(v, 2 * DAY_MS);
	is_in(v, 1, "closed");
	assert_int_equal(village_count(v, "SELECT count(*) FROM case_event WHERE what = 'closed' AND text = 'no_reply'"), 1);
	village_told(v, LAN, "2", "PA"); /* still within thirty days */
	is_in(v, 1, "reopened");
	OWN(json) json_t *again = village_do(v, "case.note", "{\"id\":\"1\",\"text\":\"x\"}");
	assert_false(json_flag(again, "overdue", true)); /* it has as long as something new */
	assert_memory_equal(json_str(again, "due_at", ""), "2026-12-28T17:00", 16);
}

static void disagreeing_opens_again_once_and_climbs(void **state)
{
	struct village *v = *state;
	village_told(v, LAN, "duong thon 5 hong qua", "case PA");
	did(v, "case.reply", "{\"id\":\"1\",\"text\":\"se rai da\",\"agree\":true}");
	village_told(v, LAN, "2 noi nhieu lan roi", "PA");
	is_in(v, 1, "reopened");
	OWN(json) json_t *raised = NULL;
	assert_int_equal(fixture_query(v->f, "case.list", "{\"raised\":true}", &raised, NULL), 0);
	assert_int_equal(json_array_size(raised), 1);
	assert_string_equal(json_str(json_array_get(raised, 0), "level", ""), "province");
	did(v, "case.reply", "{\"id\":\"1\",\"text\":\"tinh da xem\",\"agree\":true}");
	village_told(v, LAN, "2", "PA");
	village_heard(v, "da duoc xem xet lai mot lan");
	is_in(v, 1, "notified");
}

static void a_promise_is_asked_about_on_the_morning_after(void **state)
{
	struct village *v = *state;
	village_told(v, LAN, "duong thon 5 hong qua", "case PA");
	did(v, "case.reply", "{\"id\":\"1\",\"text\":\"rai da truoc 30/11\",\"promise\":\"2026-11-30\"}");
	did(v, "case.close", "{\"id\":\"1\",\"reason\":\"answered\"}");
	village_wait(v, 8 * DAY_MS);
	assert_int_equal(village_count(v, "SELECT count(*) FROM case_event WHERE what = 'promise_asked'"), 0);
	village_wait(v, DAY_MS);
	village_heard(v, "viec da hua lam truoc 30/11 da xong chua?");
	village_told(v, LAN, "2", "PA");
	village_heard(v, "chua lam xong");
	is_in(v, 1, "reopened");
	assert_int_equal(village_count(v, "SELECT raised FROM casefile WHERE id = 1"), 1);
}

static void a_delay_is_excused_once_and_by_day(void **state)
{
	struct village *v = *state;
	village_told(v, LAN, "duong thon 5 hong qua", "case PA"); /* due on 11 December; three working days later is the 16th */
	village_wait(v, 24 * DAY_MS + 12 * HOUR_MS);		   /* nine in the evening of the 16th */
	assert_int_equal(village_count(v, "SELECT count(*) FROM case_event WHERE what = 'told'"), 0);
	village_wait(v, 12 * HOUR_MS);
	village_heard(v, "Xin loi ong/ba vi cham tre");
	village_wait(v, 30 * DAY_MS);
	assert_int_equal(village_count(v, "SELECT count(*) FROM case_event WHERE what = 'told'"), 1);
}

static void what_is_far_overdue_goes_to_the_province(void **state)
{
	struct village *v = *state;
	village_told(v, LAN, "duong thon 5 hong qua", "case PA"); /* due on 11 December; five working days later is the 18th */
	village_wait(v, 26 * DAY_MS + 12 * HOUR_MS);
	is_in(v, 1, "received");
	village_wait(v, 12 * HOUR_MS);
	is_in(v, 1, "escalated");
	OWN(json) json_t *raised = NULL;
	assert_int_equal(fixture_query(v->f, "case.list", "{\"raised\":true}", &raised, NULL), 0);
	assert_string_equal(json_str(json_array_get(raised, 0), "level", ""), "province");
	assert_int_equal(village_count(v, "SELECT count(*) FROM case_move WHERE state = 'escalated'"), 1);
	village_wait(v, 30 * DAY_MS);
	assert_int_equal(village_count(v, "SELECT count(*) FROM case_event WHERE text = 'escalated'"), 1);
}

static void more_time_and_an_answer_keep_a_case_from_the_province(void **state)
{
	struct village *v = *state;
	village_told(v, LAN, "duong thon 5 hong qua", "case PA");
	village_told(v, HOA, "nuoc sinh hoat ban qua", "case PA");
	did(v, "case.extend", "{\"id\":\"1\",\"due\":\"2027-01-15\",\"reason\":\"cho vat lieu\"}");
	village_wait(v, 25 * DAY_MS);
	did(v, "case.reply", "{\"id\":\"2\",\"text\":\"da sua\"}");
	village_wait(v, 10 * DAY_MS);
	assert_int_equal(village_count(v, "SELECT count(*) FROM casefile WHERE raised = 1"), 0);
}

static void a_case_tells_of_itself_once_a_day(void **state)
{
	struct village *v = *state;
	village_told(v, LAN, "duong thon 5 hong qua", "case PA");
	did(v, "case.forward", "{\"id\":\"1\",\"to\":\"UBND\",\"due\":\"2026-12-20\"}");
	village_heard(v, "da chuyen co quan co tham quyen");
	did(v, "case.extend", "{\"id\":\"1\",\"due\":\"2026-12-25\",\"reason\":\"mưa\"}");
	assert_int_equal(village_count(v, "SELECT count(*) FROM case_event WHERE what = 'told'"), 1);
	village_wait(v, 25 * HOUR_MS);
	did(v, "case.extend", "{\"id\":\"1\",\"due\":\"2026-12-30\",\"reason\":\"mưa\"}");
	village_heard(v, "han tra loi moi la 30/12");
	did(v, "case.restrict", "{\"id\":\"1\",\"reason\":\"x\"}");
	village_wait(v, 25 * HOUR_MS);
	did(v, "case.extend", "{\"id\":\"1\",\"due\":\"2026-12-31\",\"reason\":\"mưa\"}");
	assert_int_equal(village_count(v, "SELECT count(*) FROM case_event WHERE what = 'told'"), 2);
}

static void joined_cases_keep_both_voices(void **state)
{
	struct village *v = *state;
	village_told(v, LAN, "duong thon 5 hong qua", "case PA");
	village_told(v, HOA, "duong vao thon 5 hong nang", "case PA");
	did(v, "case.merge", "{\"id\":\"2\",\"into\":\"1\"}");
	is_in(v, 2, "closed");
	assert_int_equal(village_count(v, "SELECT count(*) FROM case_event WHERE casefile = 1 AND text = 'duong vao thon 5 hong nang'"), 1);
	did(v, "case.reply", "{\"id\":\"1\",\"text\":\"se rai da\",\"agree\":true}");
	assert_int_equal(village_count(v, "SELECT count(*) FROM message WHERE key LIKE 'case:%:reply:1' AND text LIKE '%se rai da%'"), 2);
	village_told(v, LAN, "1", "PA");
	is_in(v, 1, "notified"); /* the other one has not spoken */
	village_told(v, HOA, "2 chua duoc", "PA");
	is_in(v, 1, "reopened");
	village_told(v, HOA, "PA them hai doan nua cung hong", "case PA");
	did(v, "case.merge", "{\"id\":\"3\",\"into\":\"1\"}");
	village_told(v, HOA, "alo alo", "");
	did(v, "case.restrict", "{\"id\":\"1\",\"reason\":\"x\"}");
	village_told(v, LAN, "nuoc sinh hoat ban qua", "case PA");
	json_t *none = NULL;
	struct refusal why = { 0 };
	assert_int_equal(fixture_command(v->f, "case.merge", "{\"id\":\"1\",\"into\":\"4\"}", &none, &why), E_REFUSED);
	assert_string_equal(why.rule, "restricted");
	refusal_done(&why);
}

static void a_villager_who_texts_an_id_is_told_of_no_case(void **state)
{
	struct village *v = *state;
	char args[64];
	for (int i = 1; i <= 13; i++) {
		snprintf(args, sizeof(args), "{\"text\":\"duong thon %d hong\"}", i);
		did(v, "case.new", args);
	}
	village_told(v, LAN, "XEM 000013", "wrong code"); /* their check digits are right */
	village_told(v, LAN, "NHAC 000013", "wrong code");
}

static void who_was_joined_to_anothers_case_hears_their_own_code(void **state)
{
	struct village *v = *state;
	char nudge[40], more[60];
	village_told(v, LAN, "duong thon 5 hong qua", "case PA");
	village_told(v, HOA, "duong vao thon 5 hong nang", "case PA");
	OWN(json) json_t *own = village_do(v, "case.note", "{\"id\":\"2\",\"text\":\"x\"}");
	const char *code = json_str(own, "code", "");
	did(v, "case.merge", "{\"id\":\"2\",\"into\":\"1\"}");
	snprintf(nudge, sizeof(nudge), "NHAC %s", code + 2);
	village_told(v, HOA, nudge, "reminder");
	village_heard(v, code);
	village_told(v, HOA, "XEM", "status of ");
	village_heard(v, code);
	village_heard(v, "da tiep nhan");
	snprintf(more, sizeof(more), "%s them mot doan nua cung hong", code);
	village_told(v, HOA, more, "added to PA");
	village_heard(v, code);
	village_wait(v, DAY_MS);
	village_told(v, HOA, "TC HET", "opt-out");
	village_heard(v, code);
	village_wait(v, DAY_MS);
	did(v, "case.reply", "{\"id\":\"1\",\"text\":\"se rai da\",\"agree\":true}");
	village_told(v, HOA, "2 chua duoc", "PA");
	village_heard(v, code);
}

static void nobody_is_joined_to_a_case_that_cannot_answer(void **state)
{
	struct village *v = *state;
	json_t *none = NULL;
	struct refusal why = { 0 };
	village_told(v, LAN, "duong thon 5 hong qua", "case PA");
	did(v, "case.new", "{\"text\":\"duong thon 5 lay loi\",\"who\":\"ba Nam\"}");
	assert_int_equal(fixture_command(v->f, "case.merge", "{\"id\":\"1\",\"into\":\"2\"}", &none, &why), E_REFUSED);
	assert_string_equal(why.rule, "no_number");
	refusal_done(&why);
	did(v, "case.merge", "{\"id\":\"2\",\"into\":\"1\"}");
	did(v, "case.reply", "{\"id\":\"1\",\"text\":\"se rai da\"}");
	village_heard(v, "se rai da");
}

static void the_same_words_after_the_end_are_looked_at_again(void **state)
{
	struct village *v = *state;
	village_told(v, LAN, "duong thon 5 hong qua", "case PA");
	village_told(v, LAN, "Đường thôn 5 hỏng quá", "joined PA");
	is_in(v, 1, "received");
	did(v, "case.close", "{\"id\":\"1\",\"reason\":\"no_content\"}");
	village_told(v, LAN, "duong thon 5 hong qua", "joined PA");
	is_in(v, 1, "reopened");
}

static void who_was_answered_before_it_was_joined_is_answered_again(void **state)
{
	struct village *v = *state;
	village_told(v, LAN, "duong thon 5 hong qua", "case PA");
	village_told(v, HOA, "duong vao thon 5 hong nang", "case PA");
	did(v, "case.reply", "{\"id\":\"2\",\"text\":\"cho xem\",\"agree\":true}");
	village_told(v, HOA, "2 chua duoc", "PA");
	did(v, "case.forward", "{\"id\":\"2\",\"to\":\"UBND\"}");
	did(v, "case.merge", "{\"id\":\"2\",\"into\":\"1\"}");
	did(v, "case.forward", "{\"id\":\"1\",\"to\":\"UBND\"}");
	assert_int_equal(village_count(v, "SELECT count(*) FROM message WHERE text LIKE '%da chuyen co quan%'"), 3);
	did(v, "case.reply", "{\"id\":\"1\",\"text\":\"se rai da\"}");
	assert_int_equal(village_count(v, "SELECT count(*) FROM message WHERE text LIKE '%se rai da%'"), 2);
}

static void what_hides_a_case_hides_all_that_was_joined_to_it(void **state)
{
	struct village *v = *state;
	village_told(v, LAN, "duong thon 5 hong qua", "case PA");
	village_told(v, HOA, "duong vao thon 5 hong nang", "case PA");
	did(v, "case.merge", "{\"id\":\"2\",\"into\":\"1\"}");
	did(v, "case.restrict", "{\"id\":\"1\",\"accused\":\"02269\",\"reason\":\"x\"}");
	assert_int_equal(village_count(v, "SELECT count(*) FROM casefile WHERE restricted = 1 AND accused = '02269'"), 2);
	did(v, "case.restrict", "{\"id\":\"2\",\"lift\":true,\"reason\":\"x\"}");
	assert_int_equal(village_count(v, "SELECT count(*) FROM casefile WHERE restricted = 1 OR accused IS NOT NULL"), 0);
	did(v, "case.restrict", "{\"id\":\"2\",\"reason\":\"x\"}"); /* its words stand in the other one */
	assert_int_equal(village_count(v, "SELECT count(*) FROM casefile WHERE restricted = 1"), 2);
	did(v, "case.restrict", "{\"id\":\"1\",\"lift\":true,\"reason\":\"x\"}");
	did(v, "case.topic", "{\"id\":\"1\",\"to\":\"TRUCLOI\"}");
	assert_int_equal(village_count(v, "SELECT count(*) FROM casefile WHERE restricted = 1"), 2);
}

static void what_nobody_understands_goes_to_the_open_case(void **state)
{
	struct village *v = *state;
	village_told(v, LAN, "duong thon 5 hong qua", "case PA");
	village_told(v, LAN, "xyz", "hint");
	village_told(v, LAN, "qwe", "to a person: not understood twice, in PA");
	village_told(v, LAN, "zzz", "to a person: not understood twice, in PA");
	assert_int_equal(village_count(v, "SELECT count(*) FROM casefile"), 1);
	assert_int_equal(village_count(v, "SELECT count(*) FROM case_event WHERE what = 'unclear'"), 2);
}

static void many_are_sorted_at_once_and_what_may_not_is_told(void **state)
{
	struct village *v = *state;
	village_told(v, LAN, "duong thon 5 hong qua", "case PA");
	village_told(v, HOA, "nuoc sinh hoat ban qua", "case PA");
	did(v, "case.close", "{\"id\":\"2\",\"reason\":\"withdrawn\"}");
	OWN(json) json_t *moved = village_do(v, "case.bulk", "{\"ids\":\"1, 2,99\",\"do\":\"move\",\"to\":\"triaged\"}");
	assert_int_equal(json_array_size(json_object_get(moved, "done")), 1);
	const json_t *refused = json_object_get(moved, "refused");
	assert_int_equal(json_array_size(refused), 2);
	assert_string_equal(json_str(json_array_get(refused, 0), "rule", ""), "case_state");
	assert_string_equal(json_str(json_array_get(refused, 1), "rule", ""), "not_found");
	is_in(v, 1, "triaged");
	OWN(json) json_t *sorted = village_do(v, "case.bulk", "{\"ids\":\"1,2\",\"do\":\"topic\",\"to\":\"bhyt\"}");
	assert_int_equal(json_array_size(json_object_get(sorted, "done")), 2);
	assert_int_equal(village_count(v, "SELECT count(*) FROM casefile WHERE topic = 'BHYT' AND restricted = 0"), 2);
	assert_int_equal(village_count(v, "SELECT count(*) FROM correction WHERE topic_was = 'HATANG' AND topic = 'BHYT'"), 1);
	did(v, "case.topic", "{\"id\":\"1\",\"to\":\"TRUCLOI\"}");
	did(v, "case.topic", "{\"id\":\"1\",\"to\":\"HATANG\"}"); /* that alone makes nobody's accusation public */
	assert_int_equal(village_count(v, "SELECT restricted FROM casefile WHERE id = 1"), 1);
}

static void words_are_found_without_accents_and_numbers_are_not(void **state)
{
	struct village *v = *state;
	char by_code[40];
	village_told(v, LAN, "đường thôn 5 hỏng quá, gọi 0987654321", "case PA");
	village_told(v, HOA, "nuoc sinh hoat ban qua", "case PA");
	OWN(json) json_t *first = village_do(v, "case.note", "{\"id\":\"1\",\"text\":\"x\"}");
	snprintf(by_code, sizeof(by_code), "{\"search\":\"%s\"}", json_str(first, "code", ""));
	const struct {
		const char *args;
		size_t n;
	} rows[] = {
		{ "{\"search\":\"Đường THÔN 5\"}", 1 }, { "{\"search\":\"duong\",\"state\":\"received\"}", 1 }, { "{\"search\":\"qua\"}", 2 },
		{ "{\"search\":\"%\"}", 0 }, { "{\"search\":\"cau treo\"}", 0 }, { by_code, 1 },
		{ "{\"search\":\"0987654321\"}", 0 }, { "{\"search\":\"goi 098\"}", 0 },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		OWN(json) json_t *list = NULL;
		assert_int_equal(fixture_query(v->f, "case.list", rows[i].args, &list, NULL), 0);
		if (json_array_size(list) != rows[i].n)
			fail_msg("%s: %zu", rows[i].args, json_array_size(list));
	}
}

static void states_have_their_working_days(void **state)
{
	struct village *v = *state;
	static const struct {
		const char *label, *now, *due;
		enum case_state to;
		const char *kind;
	} rows[] = {
		{ "triage by Tuesday", "2026-11-22T09:00", "2026-11-24T17:00", CASE_RECEIVED, "report" },
		{ "verify over a weekend", "2026-11-26T09:00", "2026-12-03T17:00", CASE_VERIFYING, "report" },
		{ "an answer over Tet", "2026-02-12T09:00", "2026-03-12T17:00", CASE_AWAITING, "report" },
		{ "a complaint's answer", "2026-11-23T09:00", "2026-12-23T17:00", CASE_AWAITING, "complaint" },
		{ "a denunciation is passed on in five", "2026-11-23T09:00", "2026-11-30T17:00", CASE_TRIAGED, "denunciation" },
		{ "other things in ten", "2026-11-23T09:00", "2026-12-07T17:00", CASE_TRIAGED, "report" },
		{ "told within three", "2026-11-23T09:00", "2026-11-26T17:00", CASE_ANSWERED, "report" },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct scope in = fixture_scope(v->f);
		int64_t due = 0;
		in.keywords = v->keywords;
		assert_int_equal(calendar_parse_iso(rows[i].now, in.zone, &in.now_ms), 0);
		assert_int_equal(calendar_parse_iso(rows[i].due, in.zone, &due), 0);
		struct casefile c = { .received_at = in.now_ms };
		snprintf(c.kind, sizeof(c.kind), "%s", rows[i].kind);
		if (caseclock_step(&in, &c, rows[i].to) != due)
			fail_msg("%s: %lld", rows[i].label, (long long)(caseclock_step(&in, &c, rows[i].to) - due) / 3600000);
	}
}

#define LAW(fn) cmocka_unit_test_setup_teardown(fn, village_settle, village_leave)
int main(void)
{
	const struct CMUnitTest tests[] = {
		LAW(a_question_is_repeated_once_and_then_the_case_goes_on),
		LAW(what_the_villager_answers_joins_the_case),
		LAW(silence_about_an_answer_closes_and_is_no_agreement),
		LAW(disagreeing_opens_again_once_and_climbs),
		LAW(a_promise_is_asked_about_on_the_morning_after),
		LAW(a_delay_is_excused_once_and_by_day),
		LAW(what_is_far_overdue_goes_to_the_province),
		LAW(more_time_and_an_answer_keep_a_case_from_the_province),
		LAW(a_case_tells_of_itself_once_a_day),
		LAW(joined_cases_keep_both_voices),
		LAW(a_villager_who_texts_an_id_is_told_of_no_case),
		LAW(who_was_joined_to_anothers_case_hears_their_own_code),
		LAW(nobody_is_joined_to_a_case_that_cannot_answer),
		LAW(the_same_words_after_the_end_are_looked_at_again),
		LAW(who_was_answered_before_it_was_joined_is_answered_again),
		LAW(what_hides_a_case_hides_all_that_was_joined_to_it),
		LAW(what_nobody_understands_goes_to_the_open_case),
		LAW(many_are_sorted_at_once_and_what_may_not_is_told),
		LAW(words_are_found_without_accents_and_numbers_are_not),
		LAW(states_have_their_working_days),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
