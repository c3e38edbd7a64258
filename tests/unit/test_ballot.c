/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of surveys: one vote a number, a change within a day, nobody known after it, few people hidden, and a dialogue that is refused
 * by the line that is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "campaigns/poll.h"
#include "config/script.h"
#include "gateway/base/json.h"
#include "gateway/flow.h"
#include "gateway/outbox.h"
#include "gateway/store/store.h"
#include "handlers/ballot.h"
#include "handlers/chain.h"
#include "handlers/keywords.h"
#include "handlers/tally.h"
#include "tests/support/village.h"

#define VOTERS 12

static int take_in(struct tick *t, const struct inbound *in, struct handled *ret)
{
	struct response found;
	int r = response_find(t, in, &found);
	r = r ? r : poll_invite(t, in, &found);
	return r ? r : chain_intake(t, in, ret);
}

static void number_of(int i, char ret[16])
{
	snprintf(ret, 16, "+8491200%04d", i);
}

static char *shipped(const char *name)
{
	char path[64], *text = calloc(1, 20000);
	snprintf(path, sizeof(path), "config/menus/%s.conf", name);
	FILE *in = fopen(path, "r");
	assert_non_null(in);
	assert_true(fread(text, 1, 19999, in) > 0);
	fclose(in);
	return text;
}

/* A campaign that asks reached VOTERS people. */
static void ask_all(struct fixture *f, const char *dialogue)
{
	OWN(json) json_t *group = NULL, *campaign = NULL;
	OWN(mem) char *text = shipped(dialogue);
	OWN(json) json_t *args = json_pack("{s:s,s:s,s:s,s:s}", "name", "c", "group", "g", "text", "Hoi. TC", "survey", text);
	OWN(mem) char *call = json_text(args);
	assert_int_equal(fixture_command(f, "group.add", "{\"name\":\"g\"}", &group, NULL), 0);
	assert_int_equal(fixture_command(f, "campaign.new", call, &campaign, NULL), 0);
	for (int i = 0; i < VOTERS; i++) {
		char number[16], key[32];
		int64_t id = 0;
		number_of(i, number);
		int64_t address = fixture_address(f, number);
		snprintf(key, sizeof(key), "campaign:1:%d", i + 1);
		struct outbox_put put = { .key = key, .flow = FLOW_SINGLE, .address = address, .text = "x", .class = CLASS_SOCIAL_POLICY };
		assert_int_equal(outbox_put(fixture_begin(f), &put, &id), 0);
		fixture_commit(f);
	}
	char sql[160];
	snprintf(sql, sizeof(sql), "UPDATE message SET state = 'delivered', claimed_at = %lld", (long long)clock_now_ms(&f->clock));
	assert_int_equal(store_script(f->db, sql), 0);
	snprintf(sql, sizeof(sql), "UPDATE flow SET delivered = %d WHERE id = (SELECT flow FROM campaign WHERE id = 1)", VOTERS);
	assert_int_equal(store_script(f->db, sql), 0);
}

static struct village *settle(const char *dialogue)
{
	struct village *v = village_new((const struct duty *const[]){ &ballot_duty }, 1);
	v->f->wiring.intake = take_in;
	ask_all(v->f, dialogue);
	return v;
}

static void pass(struct village *v, int64_t after_ms)
{
	clock_advance(&v->f->clock, after_ms);
	for (int i = 0; i < 3; i++)
		assert_int_equal(core_tick(v->f->core), 0);
}

/* Says it; the message must be of that kind. */
static void say(struct village *v, int voter, const char *text, const char *kind)
{
	char number[16], args[64];
	OWN(json) json_t *row = NULL;
	number_of(voter, number);
	village_put(v, number, text);
	pass(v, 20000);
	snprintf(args, sizeof(args), "{\"id\":%lld}", (long long)store_scalar(v->f->db, "SELECT max(id) FROM inbound", 0));
	assert_int_equal(fixture_query(v->f, "inbox.show", args, &row, NULL), 0);
	if (strcmp(json_str(row, "kind", ""), kind) != 0)
		fail_msg("'%s': %s, %s (%s)", text, json_str(row, "kind", ""), json_str(row, "result", ""), json_str(row, "why", ""));
}

static int64_t count(struct village *v, const char *sql)
{
	return store_scalar(v->f->db, sql, -1);
}

static json_t *results(struct village *v)
{
	json_t *out = NULL;
	assert_int_equal(fixture_query(v->f, "survey.results", "{\"campaign\":1}", &out, NULL), 0);
	return out;
}

static const json_t *option_of(const json_t *results, size_t question, const char *value)
{
	size_t i;
	const json_t *option, *options = json_object_get(json_array_get(json_object_get(results, "questions"), question), "options");
	json_array_foreach(options, i, option)
		if (strcmp(json_str(option, "value", ""), value) == 0)
			return json_object_get(option, "count");
	fail_msg("no option %s", value);
	return NULL;
}

static void vote_is_one_a_number_and_may_change_for_a_day(void **state)
{
	(void)state;
	struct village *v = settle("cap-gao");
	say(v, 0, "2", "survey_answer");
	assert_int_equal(count(v, "SELECT count(*) FROM survey_answer WHERE step = 'nhan' AND value = '2'"), 1);
	assert_int_equal(count(v, "SELECT count(*) FROM message WHERE text LIKE 'Thieu bao nhieu kg%'"), 1);
	say(v, 0, "5 can", "survey_answer");
	assert_int_equal(count(v, "SELECT count(*) FROM survey_answer WHERE step = 'thieu' AND value = '5'"), 1);
	pass(v, HOUR_MS);
	say(v, 0, "1", "survey_answer"); /* all of it came after all: the kilograms go as well */
	assert_int_equal(count(v, "SELECT count(*) FROM survey_answer"), 1);
	assert_int_equal(count(v, "SELECT count(*) FROM survey_answer WHERE value = '1'"), 1);
	assert_int_equal(count(v, "SELECT count(*) FROM survey_voter"), 1);
	pass(v, 24 * HOUR_MS);
	say(v, 0, "co gi moi khong", "feedback"); /* nobody asked any more */
	assert_int_equal(count(v, "SELECT count(*) FROM survey_answer"), 1);
	village_free(v);
}

static void vote_waits_while_somebody_complains(void **state)
{
	(void)state;
	struct village *v = settle("cap-gao");
	say(v, 0, "2", "survey_answer");
	say(v, 0, "PA duong thon 5 hong ca thang nay xe khong di duoc", "feedback");
	assert_int_equal(count(v, "SELECT count(*) FROM casefile"), 1);
	say(v, 0, "5", "survey_answer");
	assert_int_equal(count(v, "SELECT count(*) FROM survey_answer WHERE step = 'thieu' AND value = '5'"), 1);
	village_free(v);
}

/* A machine that answers every text is not thanked for ever. */
static void vote_changed_at_once_is_thanked_once_in_ten_minutes(void **state)
{
	(void)state;
	struct village *v = settle("cap-gao");
	for (int i = 0; i < 12; i++)
		say(v, 0, i % 2 ? "2" : "1", "survey_answer");
	assert_int_equal(count(v, "SELECT count(*) FROM message WHERE class = 'service'"), 2);
	assert_int_equal(count(v, "SELECT count(*) FROM survey_answer WHERE value = '2'"), 1);
	pass(v, HOUR_MS);
	say(v, 0, "1", "survey_answer");
	assert_int_equal(count(v, "SELECT count(*) FROM message WHERE class = 'service'"), 3);
	village_free(v);
}

/* What was asked last is what the next word answers, also while the survey waits for the first vote. */
static void vote_is_not_taken_from_the_answer_to_another_question(void **state)
{
	(void)state;
	struct village *v = settle("cap-gao");
	say(v, 0, "dung", "unknown");
	say(v, 0, "1", "survey_answer");
	assert_int_equal(count(v, "SELECT count(*) FROM optout WHERE scope = 'campaign' AND lifted_seq IS NULL"), 1);
	say(v, 1, "toi muon gap xa", "unknown");
	say(v, 1, "1", "survey_answer");
	assert_int_equal(count(v, "SELECT count(*) FROM casefile"), 1);
	say(v, 2, "PA thieu gao", "feedback");
	say(v, 2, "TC HET", "optout");
	say(v, 2, "TC HET", "optout");
	assert_int_equal(count(v, "SELECT count(*) FROM optout WHERE scope = 'all' AND lifted_seq IS NULL"), 1);
	assert_int_equal(count(v, "SELECT count(*) FROM survey_answer"), 0);
	say(v, 1, "2", "survey_answer"); /* the survey has waited */
	assert_int_equal(count(v, "SELECT count(*) FROM survey_answer WHERE step = 'nhan' AND value = '2'"), 1);
	village_free(v);
}

static void vote_of_an_anonymous_survey_is_nobodys_after_a_day(void **state)
{
	(void)state;
	struct village *v = settle("cap-gao");
	say(v, 0, "2", "survey_answer");
	say(v, 1, "du roi", "survey_answer");
	pass(v, 23 * HOUR_MS);
	assert_int_equal(count(v, "SELECT count(*) FROM survey_answer WHERE address IS NOT NULL"), 2);
	pass(v, 2 * HOUR_MS);
	assert_int_equal(count(v, "SELECT count(*) FROM survey_answer"), 2);
	assert_int_equal(count(v, "SELECT count(*) FROM survey_answer WHERE address IS NOT NULL OR inbound IS NOT NULL OR message IS NOT NULL"), 0);
	assert_int_equal(count(v, "SELECT count(*) FROM inbound WHERE text <> '' OR raw IS NOT NULL OR why IS NOT NULL"), 0);
	assert_int_equal(count(v, "SELECT count(*) FROM inbound WHERE result LIKE '%2%'"), 0);
	assert_int_equal(count(v, "SELECT count(*) FROM question WHERE answer IS NOT NULL OR subject LIKE 'survey:%:%'"), 0);
	say(v, 0, "1", "unknown"); /* a second vote is none */
	assert_int_equal(count(v, "SELECT count(*) FROM survey_answer"), 2);
	village_free(v);
}

/* The clock ran a day ahead, and was set right when the answers were nobody's already. */
static void vote_that_is_nobodys_is_not_changed_by_a_clock_set_back(void **state)
{
	(void)state;
	struct village *v = settle("cap-gao");
	say(v, 0, "2", "survey_answer");
	pass(v, 25 * HOUR_MS);
	assert_int_equal(count(v, "SELECT count(*) FROM survey_answer WHERE address IS NOT NULL"), 0);
	v->f->clock.sim_now_ms -= 12 * HOUR_MS;
	say(v, 0, "1", "unknown");
	assert_int_equal(count(v, "SELECT count(*) FROM survey_answer"), 1);
	village_free(v);
}

static void vote_with_a_name_keeps_it(void **state)
{
	(void)state;
	struct village *v = settle("gia-han-bhyt");
	say(v, 0, "1 roi nhe", "survey_answer");
	pass(v, 30 * HOUR_MS);
	assert_int_equal(count(v, "SELECT count(*) FROM survey_answer WHERE value = '1' AND address IS NOT NULL"), 1);
	village_free(v);
}

/* "Help me" is work for somebody, not a bar in a chart. */
static void answer_that_asks_for_help_opens_a_case(void **state)
{
	(void)state;
	struct village *v = settle("gia-han-bhyt");
	say(v, 0, "1", "survey_answer");
	assert_int_equal(count(v, "SELECT count(*) FROM casefile"), 0);
	say(v, 1, "2", "survey_answer");
	say(v, 2, "2 chua co tien", "survey_answer");
	assert_int_equal(count(v, "SELECT count(*) FROM survey_answer WHERE value = '2'"), 2);
	assert_int_equal(count(v, "SELECT count(*) FROM casefile WHERE kind = 'proposal' AND state = 'received'"), 2);
	assert_int_equal(count(v, "SELECT count(*) FROM casefile WHERE text = 'Gia hạn thẻ BHYT - Cần giúp: 2 chua co tien'"), 1);
	assert_int_equal(count(v, "SELECT count(*) FROM message WHERE text LIKE 'MTTQ xa da ghi nhan. Ma PA%'"), 2);
	assert_int_equal(count(v, "SELECT count(*) FROM message WHERE text LIKE 'Cam on%'"), 1); /* the receipt is thanks enough */
	say(v, 3, "2, dung gui nua", "survey_answer"); /* all three hold */
	assert_int_equal(count(v, "SELECT count(*) FROM casefile"), 3);
	assert_int_equal(count(v, "SELECT count(*) FROM optout WHERE scope = 'campaign' AND lifted_seq IS NULL"), 1);
	assert_int_equal(count(v, "SELECT count(*) FROM survey_answer WHERE value = '2'"), 3);
	village_free(v);
}

static void results_hide_few_people(void **state)
{
	(void)state;
	struct village *v = settle("gia-han-bhyt");
	for (int i = 0; i < 3; i++)
		say(v, i, "3", "survey_answer");
	OWN(json) json_t *few = results(v);
	const json_t *options = json_object_get(json_array_get(json_object_get(few, "questions"), 0), "options");
	for (size_t i = 0; i < 3; i++) /* nor does the order tell what was chosen */
		assert_int_equal(json_str(json_array_get(options, i), "value", "")[0], '1' + (int)i);
	assert_true(json_is_null(option_of(few, 0, "3")));
	assert_true(json_is_null(option_of(few, 0, "1"))); /* "none" would say that all three said the same */
	assert_true(json_is_null(json_object_get(json_array_get(json_object_get(few, "questions"), 0), "n")));
	for (int i = 3; i < 12; i++)
		say(v, i, i < 10 ? "2" : "3", "survey_answer");
	OWN(json) json_t *many = results(v);
	assert_int_equal(json_integer_value(option_of(many, 0, "3")), 5);
	assert_int_equal(json_integer_value(option_of(many, 0, "2")), 7);
	assert_int_equal(json_integer_value(option_of(many, 0, "1")), 0);
	const json_t *question = json_array_get(json_object_get(many, "questions"), 0);
	assert_int_equal(json_int(question, "n", 0), 12);
	assert_float_equal(json_num(question, "rate", 0), 100.0, 0.01);
	village_free(v);
}

static void dialogue_is_refused_by_what_is_wrong(void **state)
{
	(void)state;
#define STEP(id, kind, more) "{ id = \"" id "\"; kind = \"" kind "\"; text = { vi = \"Hoi\"; }; " more " }"
	static const struct {
		const char *label, *text, *rule;
	} cases[] = {
		{ "nothing", "", "missing" },
		{ "no steps", "name = \"a\"; steps = ( );", "out_of_range" },
		{ "no kind", "name = \"a\"; steps = ( " STEP("x", "guess", "") " );", "wrong_value" },
		{ "one name twice", "name = \"a\"; steps = ( " STEP("x", "text", "") ", " STEP("x", "text", "") " );", "wrong_value" },
		{ "a choice of nothing", "name = \"a\"; steps = ( " STEP("x", "choice", "") " );", "wrong_value" },
		{ "a way back", "name = \"a\"; steps = ( " STEP("x", "text", "") ", " STEP("y", "text", "next = \"x\";") " );", "unknown_step" },
		{ "an accent in what is sent", "name = \"a\"; steps = ( " STEP("x", "text", "") ", { id = \"y\"; kind = \"text\"; text = { vi = \"Hỏi\"; }; } );", "too_long" },
		{ "help for nobody", "name = \"a\"; anonymous = true; steps = ( " STEP("x", "text", "case = true;") " );", "conflict" },
		{ "no libconfig", "name = ", "" },
		{ "a file of the server", "@include \"/etc/passwd\"\nname = \"a\"; steps = ( " STEP("x", "text", "") " );", "include_refused" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(json) json_t *script = NULL;
		struct complaint c = { 0 };
		int r = script_parse(cases[i].text, &script, &c);
		if (r != E_INVALID || (*cases[i].rule && strcmp(c.rule, cases[i].rule) != 0) || !c.text[0])
			fail_msg("%s: %d %s %s", cases[i].label, r, c.rule, c.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vote_is_one_a_number_and_may_change_for_a_day),
		cmocka_unit_test(vote_waits_while_somebody_complains),
		cmocka_unit_test(vote_changed_at_once_is_thanked_once_in_ten_minutes),
		cmocka_unit_test(vote_is_not_taken_from_the_answer_to_another_question),
		cmocka_unit_test(vote_of_an_anonymous_survey_is_nobodys_after_a_day),
		cmocka_unit_test(vote_that_is_nobodys_is_not_changed_by_a_clock_set_back),
		cmocka_unit_test(vote_with_a_name_keeps_it),
		cmocka_unit_test(answer_that_asks_for_help_opens_a_case),
		cmocka_unit_test(results_hide_few_people),
		cmocka_unit_test(dialogue_is_refused_by_what_is_wrong),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
