// SPDX-License-Identifier: GPL-3.0-or-later
/* Two and three things in one message, through the core on a real store: each takes effect, whatever the others are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/question.h"
#include "handlers/chain.h"
#include "tests/support/village.h"


static int settle(void **state)
{
	*state = village_new(NULL, 0);
	return 0;
}

/* What one message is to leave behind. */
struct row {
	const char *question; /* kind of the open one; NULL = none */
	const char *text;
	const char *answer;  /* of the question; NULL = it stays open */
	const char *scopes;  /* opt-outs that hold, by name */
	const char *topic;   /* of the case, its first one; NULL = no case */
	bool restricted, urgent;
};

static int64_t ask(struct village *v, const char *from, const char *kind)
{
	int64_t id = 0, address = fixture_address(v->f, from);
	OWN(json) json_t *options = json_pack("[{s:s,s:s},{s:s,s:s}]", "value", "1", "label", "Đã có thẻ", "value", "2", "label", "Chưa có");
	struct tick *t = fixture_begin(v->f);
	assert_int_equal(question_ask(t, address, kind, strcmp(kind, "choice") ? NULL : options, "campaign:1", "BHYT",
				      t->in.now_ms + 24 * HOUR_MS, &id), 0);
	fixture_commit(v->f);
	return id;
}

static void say(struct village *v, const char *from, const char *text)
{
	village_put(v, from, text);
	for (int i = 0; i < 2; i++) {
		clock_advance(&v->f->clock, 10 * 1000);
		assert_int_equal(core_tick(v->f->core), 0);
	}
}

/* The only column of the only row, or "". */
static void one_text(struct village *v, const char *sql, int64_t address, char ret[80])
{
	struct statement *st = store_prepare_text(v->f->db, sql);
	bind_int(st, "$address", address);
	ret[0] = '\0';
	while (store_row(st) > 0) {
		size_t n = strlen(ret);
		snprintf(ret + n, 80 - n, "%s%s", n ? " " : "", column_text(st, 0));
	}
	store_drop(st);
}

static void check(struct village *v, const struct row *row, const char *from)
{
	char answer[80], scopes[80], made[80], want[80];
	int64_t address = fixture_address(v->f, from);
	if (row->question)
		ask(v, from, row->question);
	say(v, from, row->text);
	one_text(v, "SELECT answer FROM question WHERE address = $address AND state = 'answered'", address, answer);
	one_text(v, "SELECT scope FROM optout WHERE address = $address AND lifted_seq IS NULL ORDER BY scope", address, scopes);
	one_text(v, "SELECT topic || ' ' || restricted || ' ' || urgency FROM casefile WHERE address = $address", address, made);
	snprintf(want, sizeof(want), "%s %d %s", row->topic ? row->topic : "", row->restricted, row->urgent ? "urgent" : "normal");
	if (strcmp(answer, row->answer ? row->answer : "") != 0 || strcmp(scopes, row->scopes ? row->scopes : "") != 0 ||
	    strcmp(made, row->topic ? want : "") != 0)
		fail_msg("'%s': answer '%s', opt-outs '%s', case '%s'", row->text, answer, scopes, made);
}

static void each_thing_in_a_message_takes_effect(void **state)
{
	static const struct row rows[] = {
		/* an answer, and */
		{ .question = "choice", .text = "2, dung gui nua", .answer = "2", .scopes = "campaign" },
		{ .question = "choice", .text = "2 tc", .answer = "2", .scopes = "campaign" },
		{ .question = "choice", .text = "1 tc bhyt", .answer = "1", .scopes = "topic:BHYT" },
		{ .question = "choice", .text = "2, tc bhyt", .answer = "2", .scopes = "topic:BHYT" },
		{ .question = "choice", .text = "2, duong thon 5 hong qua", .answer = "2", .topic = "HATANG" },
		{ .question = "choice", .text = "duong thon 5 hong qua. 2", .answer = "2", .topic = "HATANG" },
		{ .question = "choice", .text = "2. bao gio duoc cap the", .answer = "2", .topic = "BHYT" },
		{ .question = "choice", .text = "2, truong thon an chan tien ho tro", .answer = "2", .topic = "TRUCLOI", .restricted = true },
		{ .question = "choice", .text = "2, ma phai dua cho co dai ly 50k moi lam", .answer = "2", .topic = "TRUCLOI", .restricted = true },
		{ .question = "choice", .text = "2, duong thon 5 hong qua, dung gui tin nua", .answer = "2", .scopes = "campaign", .topic = "HATANG" },
		{ .question = "yes_no", .text = "khong, dung gui tin nua", .answer = "NO", .scopes = "campaign" },
		{ .question = "yes_no", .text = "co, duong thon 5 hong qua", .answer = "YES", .topic = "HATANG" },
		{ .question = "yes_no", .text = "co. truong thon an chan tien", .answer = "YES", .topic = "TRUCLOI", .restricted = true },
		/* a complaint or a question, and a refusal */
		{ .text = "duong thon 5 hong mai khong ai sua, dung gui tin nua", .scopes = "campaign", .topic = "HATANG" },
		{ .text = "TC. duong thon 5 hong qua", .scopes = "campaign", .topic = "HATANG" },
		{ .text = "bao gio co the bhyt, dung nhan tin nua", .scopes = "campaign", .topic = "BHYT" },
		{ .text = "can bo xa doi tien moi ky, dung gui tin nua", .scopes = "campaign", .topic = "TRUCLOI", .restricted = true },
		{ .text = "PA nuoc sinh hoat ban qua, dung gui tin nua", .scopes = "campaign", .topic = "NUOCSACH" },
		{ .text = "PA dung gui tin nua, nuoc sinh hoat ban qua", .scopes = "campaign", .topic = "NUOCSACH" },
		{ .text = "PA nuoc sinh hoat ban qua. TC BHYT", .scopes = "topic:BHYT", .topic = "NUOCSACH" },
		/* a refusal alone, however it is said */
		{ .text = "PA tc", .scopes = "campaign" },
		{ .text = "tc bhyt bhxh", .scopes = "topic:BHXH topic:BHYT" },
		/* a life in danger, and */
		{ .question = "choice", .text = "lu len nhanh qua cuu voi. dung gui tin nua", .scopes = "campaign", .topic = "THIENTAI", .urgent = true },
		/* thanks, and */
		{ .text = "cam on can bo, duong thon 5 hong qua", .topic = "HATANG" },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char from[16];
		snprintf(from, sizeof(from), "+849120001%02zu", i);
		check(*state, &rows[i], from);
	}
}

static void what_a_telephone_answers_by_itself_is_never_answered(void **state)
{
	static const char *const texts[] = { "Toi dang lai xe, se goi lai sau", "Xin loi, toi dang hop. Toi se lien lac lai sau", "Thue bao quy khach vua goi tam khoa" };
	struct village *v = *state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char from[16], said[80], made[80];
		snprintf(from, sizeof(from), "+8490100010%zu", i);
		say(v, from, texts[i]);
		int64_t address = fixture_address(v->f, from);
		one_text(v, "SELECT count(*) FROM message WHERE address = $address", address, said);
		one_text(v, "SELECT count(*) FROM casefile WHERE address = $address", address, made);
		if (strcmp(said, "0") != 0 || strcmp(made, "0") != 0)
			fail_msg("'%s': %s answers, %s cases", texts[i], said, made);
	}
}

static void some_topics_are_refused_with_one_confirmation_of_one_sms(void **state)
{
	struct village *v = *state;
	char text[80];
	int64_t address = fixture_address(v->f, "+84912000001");
	say(v, "+84912000001", "tc bhyt, bhxh va nha o");
	one_text(v, "SELECT count(*) FROM message WHERE address = $address AND class = 'optout_ack' AND parts = 1", address, text);
	assert_string_equal(text, "1");
	one_text(v, "SELECT 'named' FROM message WHERE address = $address AND text LIKE '%BHYT, BHXH, NHAO%'", address, text);
	assert_string_equal(text, "named");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_thing_in_a_message_takes_effect, settle, village_leave),
		cmocka_unit_test_setup_teardown(what_a_telephone_answers_by_itself_is_never_answered, settle, village_leave),
		cmocka_unit_test_setup_teardown(some_topics_are_refused_with_one_confirmation_of_one_sms, settle, village_leave),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
