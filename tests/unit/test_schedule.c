// SPDX-License-Identifier: GPL-3.0-or-later
/* Campaigns that are sent more than once: on the days of a rule, around a date of each person, and again to who is silent. Nobody twice for one
 * time, nobody who has answered or refused, nothing made up for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "campaigns/campaign.h"
#include "campaigns/response.h"
#include "campaigns/schedule.h"
#include "gateway/base/calendar.h"
#include "gateway/base/json.h"
#include "gateway/outbox_row.h"
#include "tests/support/tick_fixture.h"

#define HOUR_MS INT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)

static int setup(void **state)
{
	*state = tick_fixture_new("sending = { two_person_above = 5; start_delay_s = 300; };");
	return 0;
}

static json_t *act_as(struct tick_fixture *f, const char *actor, const char *verb, int64_t id)
{
	char dotted[40];
	json_t *ret = NULL;
	snprintf(dotted, sizeof(dotted), "campaign.%s", verb);
	return tick_fixture_call(f, actor, ROLE_OPERATOR, dotted, json_pack("{s:I}", "id", (json_int_t)id), &ret) ? NULL : ret;
}

static void expect(struct tick_fixture *f, const char *actor, const char *verb, int64_t id, const char *state)
{
	OWN(json) json_t *shape = act_as(f, actor, verb, id);
	if (!shape)
		fail_msg("%s refused: %s %s", verb, f->why.rule, f->why.text);
	assert_string_equal(json_str(shape, "state", ""), state);
}

static int new_with(struct tick_fixture *f, const char *schedule, json_t **ret)
{
	json_t *args = json_pack("{s:s, s:s, s:s}", "name", "The", "group", "A", "text", "The BHYT het han. Tu choi: TC");
	OWN(json) json_t *more = json_loads(schedule, 0, NULL);
	assert_non_null(more);
	json_object_update(args, more);
	return tick_fixture_call(f, "user:an", ROLE_OUTREACH, "campaign.new", args, ret);
}

/* Written, approved and started by one person. */
static int64_t started(struct tick_fixture *f, const char *schedule, const char *state)
{
	OWN(json) json_t *shape = NULL;
	if (new_with(f, schedule, &shape))
		fail_msg("%s: %s", schedule, f->why.text);
	int64_t id = json_int(shape, "id", 0);
	expect(f, "user:an", "submit", id, "submitted");
	expect(f, "user:an", "approve", id, "approved");
	expect(f, "user:an", "start", id, state);
	return id;
}

/* Every message that waits is sent and delivered, with an attempt whose place among all that happened is known. */
static void deliver_all(struct tick_fixture *f)
{
	static const enum message_state way[] = { MESSAGE_QUEUED, MESSAGE_SENDING, MESSAGE_SENT, MESSAGE_DELIVERED };
	struct tick t;
	for (int64_t id; (id = tick_fixture_scalar(f, "SELECT coalesce(min(id), 0) FROM message WHERE state = 'queued'")) > 0;) {
		char sql[400];
		core_tick_begin(f->core, &t);
		assert_int_equal(store_begin(f->db), 0);
		snprintf(sql, sizeof(sql), "SELECT flow FROM message WHERE id = %lld", (long long)id);
		int64_t flow = tick_fixture_scalar(f, sql);
		snprintf(sql, sizeof(sql),
			 "INSERT INTO attempt (seq, message, part, n, channel, kind, idempotent, epoch, not_before, outcome) VALUES (%lld, %lld, 1, 1, 'a', "
			 "'loopback', 1, 1, 0, 'accepted'); UPDATE message SET claimed_at = %lld WHERE id = %lld",
			 (long long)tick_seq(&t), (long long)id, (long long)t.in.now_ms, (long long)id);
		assert_int_equal(store_script(f->db, sql), 0);
		for (size_t i = 0; i + 1 < COUNT_OF(way); i++)
			assert_int_equal(outbox_move(&t, &(struct outbox_move){ .id = id, .flow = flow, .from = way[i], .to = way[i + 1] }), 0);
		assert_int_equal(core_tick_commit(f->core, &t), 0);
	}
}

/* Somebody writes, as the intake keeps it. */
static void hear(struct tick_fixture *f, const char *name)
{
	char sql[400];
	struct tick t;
	core_tick_begin(f->core, &t);
	assert_int_equal(store_begin(f->db), 0);
	snprintf(sql, sizeof(sql),
		 "INSERT INTO inbound (seq, channel, dedupe_key, state, received_at, address, text, kind) SELECT %lld, 'a', 'k%lld', 'done', %lld, address, '1', "
		 "'answer' FROM person WHERE name = '%s'",
		 (long long)tick_seq(&t), (long long)tick_seq(&t), (long long)t.in.now_ms, name);
	assert_int_equal(store_script(f->db, sql), 0);
	assert_int_equal(core_tick_commit(f->core, &t), 0);
}

/* To the local hour of a day, counted from that of the fixture's beginning, a few looks there. */
static void go_to(struct tick_fixture *f, int day, int hour)
{
	int64_t at = calendar_midnight_ms(f->zone, INT64_C(1795000000000), day) + hour * HOUR_MS;
	tick_fixture_run(f, 1, at - clock_now_ms(&f->clock));
	tick_fixture_run(f, 6, 1000);
}

static int64_t messages(struct tick_fixture *f)
{
	return tick_fixture_scalar(f, "SELECT count(*) FROM message");
}

static int64_t messages_of(struct tick_fixture *f, const char *name)
{
	char sql[160];
	snprintf(sql, sizeof(sql), "SELECT count(*) FROM message m JOIN person p ON p.id = m.person WHERE p.name = '%s'", name);
	return tick_fixture_scalar(f, sql);
}

static const char *const two = "phone,name\n0912345678,Hoa\n0912345679,Nam\n";

static void schedule_repeats_on_its_days_and_ends(void **state)
{
	struct tick_fixture *f = *state;
	tick_fixture_import(f, "A", two);
	/* the fixture begins on Wednesday, 18 November 2026 */
	int64_t id = started(f, "{\"repeat\": \"FREQ=WEEKLY;BYDAY=FR,MO;COUNT=3\", \"at\": \"09:00\"}", "scheduled");
	static const struct {
		int day, hour, want;
		const char *state;
	} steps[] = {
		{ 1, 9, 0, "scheduled" }, { 2, 8, 0, "scheduled" },  { 2, 9, 2, "scheduled" }, { 3, 9, 2, "scheduled" },
		{ 5, 9, 4, "scheduled" }, { 9, 8, 4, "scheduled" }, { 9, 9, 6, "done" },
	};
	for (size_t i = 0; i < COUNT_OF(steps); i++) {
		go_to(f, steps[i].day, steps[i].hour);
		deliver_all(f);
		tick_fixture_run(f, 3, 1000);
		if (messages(f) != steps[i].want)
			fail_msg("day %d: %lld", steps[i].day, (long long)messages(f));
		expect(f, "uid:0", "show", id, steps[i].state);
	}
	OWN(json) json_t *end = act_as(f, "uid:0", "show", id);
	assert_int_equal(json_int(end, "total", 0), 6);
	assert_int_equal(json_int(end, "planned", 0), 6);
	assert_int_equal(json_int(json_object_get(end, "counts"), "delivered", 0), 6);
	assert_int_equal(json_array_size(json_object_get(json_object_get(end, "schedule"), "next")), 0);
}

static void schedule_reminds_only_who_is_silent(void **state)
{
	struct tick_fixture *f = *state;
	tick_fixture_import(f, "A", "phone,name\n0912345678,Hoa\n0912345679,Nam\n0912345670,Lan\n0912345671,Po\n");
	int64_t id = started(f, "{\"remind-after\": 3, \"reminders\": 2}", "running");
	assert_int_equal(messages(f), 4);
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM message WHERE key = 'campaign:1:4'"), 1);
	/* Po's phone is off for good: who never got it is not reminded of it */
	assert_int_equal(store_script(f->db, "UPDATE message SET state = 'failed' WHERE person = 4; UPDATE flow SET queued = queued - 1, failed = failed + 1 "
					     "WHERE id = (SELECT flow FROM campaign)"), 0);
	deliver_all(f);
	hear(f, "Hoa");
	go_to(f, 3, 19);
	assert_int_equal(messages(f), 6);
	assert_int_equal(messages_of(f, "Hoa"), 1);
	assert_int_equal(messages_of(f, "Po"), 1);
	deliver_all(f);
	assert_int_equal(tick_fixture_ask(f, "consent.opt-out", json_pack("{s:s}", "number", "0912345670"), NULL), 0); /* Lan, between two waves */
	go_to(f, 6, 19);
	assert_int_equal(messages_of(f, "Nam"), 3);
	assert_int_equal(messages_of(f, "Lan"), 2);
	assert_int_equal(messages(f), 7);
	deliver_all(f);
	tick_fixture_run(f, 3, 1000);
	expect(f, "uid:0", "show", id, "done");
	OWN(json) json_t *shape = act_as(f, "uid:0", "show", id);
	assert_int_equal(json_int(json_object_get(shape, "excluded"), "opted_out", 0), 1);
}

/* Set by days, the clock is doubted for minutes: the turn waits, and the core sleeps meanwhile. */
static void schedule_does_not_spin_while_the_clock_is_doubted(void **state)
{
	struct tick_fixture *f = *state;
	tick_fixture_import(f, "A", two);
	started(f, "{\"repeat\": \"FREQ=DAILY\", \"at\": \"09:00\"}", "scheduled");
	f->clock.sim_now_ms += INT64_C(2) * 24 * 3600000;
	tick_fixture_run(f, 10, 100);
	assert_int_equal(messages(f), 0);
	assert_true(core_due_mono_ms(f->core) > clock_mono_ms(&f->clock));
}

/* It was planned while she was silent, and waits: for the night's end, for the channel, for ten thousand before her. */
static void schedule_does_not_remind_who_answers_while_the_reminder_waits(void **state)
{
	struct tick_fixture *f = *state;
	tick_fixture_import(f, "A", two);
	int64_t id = started(f, "{\"remind-after\": 3}", "running");
	deliver_all(f);
	go_to(f, 3, 19);
	assert_int_equal(messages_of(f, "Hoa"), 2);
	assert_int_equal(messages_of(f, "Nam"), 2);
	hear(f, "Hoa");
	struct tick t;
	core_tick_begin(f->core, &t);
	assert_int_equal(store_begin(f->db), 0);
	struct inbound in = { .address = tick_fixture_scalar(f, "SELECT address FROM person WHERE name = 'Hoa'"), .received_at = t.in.now_ms };
	struct response found;
	assert_int_equal(response_find(&t, &in, &found), 0);
	assert_int_equal(response_count(&t, &in, &found, &(struct handled){ .kind = "ack" }), 0);
	assert_int_equal(core_tick_commit(f->core, &t), 0);
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM message m JOIN person p ON p.id = m.person WHERE p.name = 'Hoa' AND m.state = "
						"'cancelled' AND m.reason = 'answered'"), 1);
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM message WHERE state = 'cancelled'"), 1);
	assert_int_equal(tick_fixture_scalar(f, "SELECT cancelled FROM flow WHERE id = (SELECT flow FROM campaign)"), 1);
	deliver_all(f);
	tick_fixture_run(f, 3, 1000);
	expect(f, "uid:0", "show", id, "done");
}

static void schedule_follows_the_date_of_each_person(void **state)
{
	struct tick_fixture *f = *state;
	tick_fixture_import(f, "A", "phone,name,Hạn thẻ\n0912345678,Hoa,28/11/2026\n0912345679,Nam,2026-11-28\n0912345670,Lan,30/11/2026\n0912345671,Po,\n");
	int64_t id = started(f, "{\"on\": \"hạn thẻ\", \"days\": \"-3,-8\", \"at\": \"08:00\"}", "scheduled");
	go_to(f, 1, 9);
	assert_int_equal(messages(f), 0);
	go_to(f, 2, 9); /* 20 November: eight days before the 28th */
	assert_int_equal(messages(f), 2);
	deliver_all(f);
	hear(f, "Hoa");
	tick_fixture_import(f, "A", "phone,name,Hạn thẻ\n0912345670,Lan,29/11/2026\n0912345672,Tư,29/11/2026\n"); /* one moved, one new */
	go_to(f, 3, 9);
	assert_int_equal(messages_of(f, "Lan"), 1);
	assert_int_equal(messages_of(f, "Tư"), 1);
	deliver_all(f);
	go_to(f, 7, 9); /* 25 November: three days before, but Hoa has answered */
	assert_int_equal(messages_of(f, "Hoa"), 1);
	assert_int_equal(messages_of(f, "Nam"), 2);
	assert_int_equal(messages_of(f, "Po"), 0);
	deliver_all(f);
	tick_fixture_import(f, "A", "phone,name,Hạn thẻ\n0912345678,Hoa,10/12/2026\n"); /* another card: it begins again */
	go_to(f, 14, 9);
	assert_int_equal(messages_of(f, "Hoa"), 2);
	expect(f, "user:an", "cancel", id, "cancelled");
}

static void schedule_killed_between_two_turns_sends_nobody_twice(void **state)
{
	struct tick_fixture *f = *state;
	tick_fixture_import(f, "A", two);
	started(f, "{\"repeat\": \"FREQ=DAILY;COUNT=4\", \"at\": \"09:00\"}", "scheduled");
	go_to(f, 1, 9);
	deliver_all(f);
	tick_fixture_restart(f);
	tick_fixture_run(f, 5, 1000);
	assert_int_equal(messages(f), 2);
	go_to(f, 2, 9);
	assert_int_equal(messages(f), 4);
	/* as after a crash in which the turn's row was lost but the messages were not */
	assert_int_equal(store_script(f->db, "UPDATE occurrence SET state = 'planning' WHERE n = 1; UPDATE campaign SET plan_done = 0, plan_cursor = 0, state = 'running'"), 0);
	tick_fixture_restart(f);
	tick_fixture_run(f, 5, 1000);
	assert_int_equal(messages(f), 4);
	assert_int_equal(tick_fixture_scalar(f, "SELECT planned FROM campaign"), 4);
}

static void schedule_missed_by_an_outage_is_not_made_up_for(void **state)
{
	struct tick_fixture *f = *state;
	tick_fixture_import(f, "A", two);
	int64_t id = started(f, "{\"repeat\": \"FREQ=DAILY\", \"at\": \"09:00\", \"remind-after\": 1}", "scheduled");
	go_to(f, 1, 9);
	deliver_all(f);
	assert_int_equal(messages(f), 2);
	go_to(f, 6, 10); /* nothing ran for five days; today's is an hour late */
	tick_fixture_run(f, 20, 1000);
	OWN(json) json_t *shape = act_as(f, "uid:0", "show", id);
	const json_t *schedule = json_object_get(shape, "schedule");
	assert_int_equal(messages(f), 4);
	assert_int_equal(json_int(schedule, "missed", 0), 5); /* four times, and the reminder of the first */
	assert_int_equal(json_array_size(json_object_get(schedule, "next")), 5);
	assert_string_equal(json_str(json_array_get(json_object_get(schedule, "next"), 0), "at", ""), "2026-11-25T09:00:00+07:00");
}

static void schedule_pauses_and_ends_as_a_whole(void **state)
{
	struct tick_fixture *f = *state;
	tick_fixture_import(f, "A", two);
	int64_t id = started(f, "{\"repeat\": \"FREQ=DAILY\", \"at\": \"09:00\"}", "scheduled");
	expect(f, "user:an", "pause", id, "paused");
	go_to(f, 1, 9);
	assert_int_equal(messages(f), 0);
	expect(f, "user:an", "resume", id, "scheduled");
	tick_fixture_run(f, 3, 1000);
	assert_int_equal(messages(f), 2);
	deliver_all(f);
	tick_fixture_run(f, 3, 1000);
	expect(f, "user:an", "pause", id, "paused");
	go_to(f, 3, 10);
	assert_int_equal(messages(f), 2);
	expect(f, "user:an", "resume", id, "running");
	tick_fixture_run(f, 5, 1000);
	assert_int_equal(messages(f), 4); /* today's; yesterday's is gone */
	expect(f, "user:an", "cancel", id, "cancelled");
	go_to(f, 5, 10);
	assert_int_equal(messages(f), 4);
}

static void schedule_that_grew_waits_for_a_second_person(void **state)
{
	struct tick_fixture *f = *state;
	tick_fixture_import(f, "A", two);
	int64_t id = started(f, "{\"repeat\": \"FREQ=DAILY\", \"at\": \"09:00\"}", "scheduled");
	go_to(f, 1, 9);
	deliver_all(f);
	tick_fixture_import(f, "A", "phone,name\n0912345611,A\n0912345612,B\n0912345613,C\n0912345614,D\n");
	go_to(f, 2, 9);
	assert_int_equal(messages(f), 2);
	expect(f, "uid:0", "show", id, "paused");
	assert_null(act_as(f, "user:an", "resume", id));
	assert_string_equal(f->why.rule, "two_person");
	expect(f, "user:binh", "resume", id, "running");
	tick_fixture_run(f, 5, 1000);
	assert_int_equal(messages(f), 8);
}

static void schedule_is_part_of_the_approval(void **state)
{
	struct tick_fixture *f = *state;
	tick_fixture_import(f, "A", two);
	OWN(json) json_t *shape = NULL;
	assert_int_equal(new_with(f, "{\"repeat\": \"FREQ=WEEKLY\"}", &shape), 0);
	int64_t id = json_int(shape, "id", 0);
	expect(f, "user:an", "submit", id, "submitted");
	expect(f, "user:an", "approve", id, "approved");
	assert_int_equal(store_script(f->db, "UPDATE campaign SET schedule = '{\"repeat\": \"FREQ=DAILY\", \"at\": \"08:00\"}'"), 0);
	assert_null(act_as(f, "user:an", "start", id));
	assert_string_equal(f->why.rule, "approval");
}

static void schedule_preview_tells_dates_and_people(void **state)
{
	struct tick_fixture *f = *state;
	tick_fixture_import(f, "A", "phone,name,Hạn thẻ\n0912345678,Hoa,28/11/2026\n0912345679,Nam,28/11/2026\n0912345670,Lan,20/11/2026\n0912345671,Po,\n");
	static const struct {
		const char *schedule, *want;
	} cases[] = {
		{ "{\"on\": \"han the\", \"days\": \"-3,-8,-1\", \"at\": \"23:00\"}",
		  "2026-11-19T23:00:00+07:00 0 1, 2026-11-20T23:00:00+07:00 0 2, 2026-11-25T23:00:00+07:00 0 2, 2026-11-27T23:00:00+07:00 0 2, " },
		{ "{\"repeat\": \"FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=2\", \"at\": \"23:00\", \"remind-after\": 5}",
		  "2026-11-30T23:00:00+07:00 0 4, 2026-12-05T23:00:00+07:00 1 4, 2026-12-31T23:00:00+07:00 0 4, 2027-01-05T23:00:00+07:00 1 4, " },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(json) json_t *shape = NULL;
		if (new_with(f, cases[i].schedule, &shape))
			fail_msg("%s", f->why.text);
		OWN(json) json_t *preview = act_as(f, "user:an", "preview", json_int(shape, "id", 0));
		char text[600] = "";
		const json_t *one;
		size_t k;
		json_array_foreach(json_object_get(preview, "dates"), k, one)
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s %d %d, ", json_str(one, "at", ""), (int)json_int(one, "wave", -1),
				 (int)json_int(one, "people", -1));
		assert_string_equal(text, cases[i].want);
		bool night = false;
		json_array_foreach(json_object_get(preview, "lint"), k, one)
			night |= !strcmp(json_str(one, "rule", ""), "quiet_hours");
		assert_true(night);
	}
}

static void schedule_refuses_what_does_not_fit(void **state)
{
	struct tick_fixture *f = *state;
	tick_fixture_import(f, "A", two);
	static const struct {
		const char *schedule, *field, *rule;
	} cases[] = {
		{ "{\"repeat\": \"FREQ=HOURLY\"}", "repeat", "bad_repeat" },
		{ "{\"repeat\": \"FREQ=DAILY\", \"on\": \"han\", \"days\": \"-1\"}", "on", "conflict" },
		{ "{\"repeat\": \"FREQ=DAILY\", \"at\": \"25:00\"}", "at", "bad_time" },
		{ "{\"repeat\": \"FREQ=DAILY\", \"at\": \"8h\"}", "at", "bad_time" },
		{ "{\"repeat\": \"FREQ=DAILY\", \"until\": \"2027-01-01\"}", "until", "conflict" },
		{ "{\"on\": \"han\"}", "days", "missing" },
		{ "{\"days\": \"-1\"}", "on", "missing" },
		{ "{\"on\": \"phone\", \"days\": \"-1\"}", "on", "unknown_field" },
		{ "{\"on\": \"han\", \"days\": \"-1,x\"}", "days", "bad_days" },
		{ "{\"on\": \"han\", \"days\": \"-1,-1\"}", "days", "bad_days" },
		{ "{\"on\": \"han\", \"days\": \"-1\", \"until\": \"2027-02-30\"}", "until", "bad_time" },
		{ "{\"on\": \"han\", \"days\": \"-1\", \"remind-after\": 3}", "remind-after", "conflict" },
		{ "{\"reminders\": 3}", "remind-after", "missing" },
		{ "{\"at\": \"08:00\"}", "at", "conflict" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(json) json_t *shape = NULL;
		assert_true(new_with(f, cases[i].schedule, &shape) < 0);
		if (strcmp(f->why.rule, cases[i].rule) || strcmp(f->why.field, cases[i].field))
			fail_msg("%s: %s of %s", cases[i].schedule, f->why.rule, f->why.field);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, tick_fixture_tear_down)
	const struct CMUnitTest tests[] = {
		TEST(schedule_repeats_on_its_days_and_ends),
		TEST(schedule_reminds_only_who_is_silent),
		TEST(schedule_does_not_spin_while_the_clock_is_doubted),
		TEST(schedule_does_not_remind_who_answers_while_the_reminder_waits),
		TEST(schedule_follows_the_date_of_each_person),
		TEST(schedule_killed_between_two_turns_sends_nobody_twice),
		TEST(schedule_missed_by_an_outage_is_not_made_up_for),
		TEST(schedule_pauses_and_ends_as_a_whole),
		TEST(schedule_that_grew_waits_for_a_second_person),
		TEST(schedule_is_part_of_the_approval),
		TEST(schedule_preview_tells_dates_and_people),
		TEST(schedule_refuses_what_does_not_fit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
