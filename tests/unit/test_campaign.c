// SPDX-License-Identifier: GPL-3.0-or-later
/* Campaigns from draft to done: who may approve, what an approval is bound to, nobody twice, nobody forgotten. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "campaigns/audience.h"
#include "campaigns/campaign.h"
#include "campaigns/course.h"
#include "campaigns/draft.h"
#include "campaigns/recipient.h"
#include "gateway/base/buffer.h"
#include "gateway/base/calendar.h"
#include "gateway/base/json.h"
#include "gateway/outbox_row.h"
#include "tests/support/tick_fixture.h"

#define TEXT "Moi ba con di kham. Tu choi: TC"

static int setup(void **state)
{
	*state = tick_fixture_new("sending = { two_person_above = 5; start_delay_s = 300; };");
	return 0;
}

static void import_n(struct tick_fixture *f, const char *group, int n)
{
	OWN(buffer) struct buffer csv = { 0 };
	assert_int_equal(buffer_puts(&csv, "phone,name\n"), 0);
	for (int i = 0; i < n; i++)
		assert_int_equal(buffer_printf(&csv, "09%08d,Người %d\n", i, i), 0);
	tick_fixture_import(f, group, buffer_text(&csv));
}

/* A verb on a campaign; its shape, NULL when refused. */
static json_t *act_as(struct tick_fixture *f, const char *actor, const char *verb, int64_t id, const char *more)
{
	char dotted[40];
	json_t *args = json_pack("{s:I}", "id", (json_int_t)id), *ret = NULL;
	OWN(json) json_t *extra = more ? json_loads(more, 0, NULL) : json_object();
	json_object_update(args, extra);
	snprintf(dotted, sizeof(dotted), "campaign.%s", verb);
	int r = tick_fixture_call(f, actor, ROLE_OPERATOR, dotted, args, &ret);
	return r ? NULL : ret;
}

static void expect(struct tick_fixture *f, const char *actor, const char *verb, int64_t id, const char *more, const char *state)
{
	OWN(json) json_t *shape = act_as(f, actor, verb, id, more);
	if (!shape)
		fail_msg("%s refused: %s %s", verb, f->why.rule, f->why.text);
	assert_string_equal(json_str(shape, "state", ""), state);
}

static void refused(struct tick_fixture *f, const char *actor, const char *verb, int64_t id, const char *more, const char *rule)
{
	OWN(json) json_t *shape = act_as(f, actor, verb, id, more);
	assert_null(shape);
	assert_string_equal(f->why.rule, rule);
}

static int64_t new_with(struct tick_fixture *f, const char *group, const char *text, const char *more)
{
	OWN(json) json_t *extra = more ? json_loads(more, 0, NULL) : json_object(), *shape = NULL;
	json_t *args = json_pack("{s:s, s:s, s:s}", "name", "Khám", "group", group, "text", text);
	json_object_update(args, extra);
	if (tick_fixture_call(f, "user:an", ROLE_OUTREACH, "campaign.new", args, &shape))
		fail_msg("%s", f->why.text);
	assert_string_equal(json_str(shape, "state", ""), "draft");
	return json_int(shape, "id", 0);
}

static int64_t count(struct tick_fixture *f, int64_t id, const char *state)
{
	OWN(json) json_t *shape = act_as(f, "uid:0", "show", id, NULL);
	return json_int(json_object_get(shape, "counts"), state, -1);
}

/* Every message that waits is sent and delivered. */
static void deliver_all(struct tick_fixture *f)
{
	struct tick t;
	for (int64_t id; (id = tick_fixture_scalar(f, "SELECT coalesce(min(id), 0) FROM message WHERE state = 'queued'")) > 0;) {
		core_tick_begin(f->core, &t);
		assert_int_equal(store_begin(f->db), 0);
		char sql[80];
		snprintf(sql, sizeof(sql), "SELECT flow FROM message WHERE id = %lld", (long long)id);
		int64_t flow = tick_fixture_scalar(f, sql);
		static const enum message_state way[] = { MESSAGE_QUEUED, MESSAGE_SENDING, MESSAGE_SENT, MESSAGE_DELIVERED };
		for (size_t i = 0; i + 1 < COUNT_OF(way); i++)
			assert_int_equal(outbox_move(&t, &(struct outbox_move){ .id = id, .flow = flow, .from = way[i], .to = way[i + 1] }), 0);
		assert_int_equal(core_tick_commit(f->core, &t), 0);
	}
}

/* One accented name would leave every other letter 70 characters instead of 160. */
static void values_are_written_as_the_text_is(void **state)
{
	struct tick_fixture *f = *state;
	static const struct {
		const char *text, *sample, *encoding;
	} cases[] = {
		{ "Ho {{họ tên}}: di kham. Tu choi: TC", "Ho Nguyen Thi Ha: di kham. Tu choi: TC", "gsm7" },
		{ "Hộ {{họ tên}}: đi khám. Từ chối: TC", "Hộ Nguyễn Thị Hà: đi khám. Từ chối: TC", "ucs2" },
	};
	tick_fixture_import(f, "H", "phone,name\n0911111111,Nguyễn Thị Hà\n");
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		int64_t id = new_with(f, "H", cases[i].text, NULL);
		OWN(json) json_t *fresh = act_as(f, "uid:0", "show", id, NULL);
		assert_true(json_is_null(json_object_get(fresh, "segments")) && json_is_null(json_object_get(fresh, "cost_vnd")));
		OWN(json) json_t *preview = act_as(f, "user:an", "preview", id, NULL);
		assert_string_equal(json_string_value(json_array_get(json_object_get(preview, "samples"), 0)), cases[i].sample);
		assert_string_equal(json_str(preview, "encoding", ""), cases[i].encoding);
		OWN(json) json_t *counted = act_as(f, "uid:0", "show", id, NULL);
		assert_int_equal(json_int(counted, "segments", -1), 1);
	}
}

static void campaign_goes_from_draft_to_done(void **state)
{
	struct tick_fixture *f = *state;
	import_n(f, "A", 3);
	int64_t id = new_with(f, "A", TEXT, NULL);
	OWN(json) json_t *preview = act_as(f, "user:an", "preview", id, NULL);
	assert_int_equal(json_int(preview, "total", 0), 3);
	assert_int_equal(json_int(json_object_get(preview, "segments"), "1", 0), 3);
	assert_int_equal(json_int(preview, "cost_vnd", 0), 3 * CAMPAIGN_PRICE_VND);
	assert_string_equal(json_str(preview, "encoding", ""), "gsm7");
	assert_int_equal(json_array_size(json_object_get(preview, "samples")), 3);
	refused(f, "user:an", "start", id, NULL, "state");
	refused(f, "user:an", "approve", id, NULL, "state");
	expect(f, "user:an", "submit", id, NULL, "submitted");
	expect(f, "user:an", "submit", id, NULL, "submitted");
	expect(f, "user:an", "approve", id, NULL, "approved"); /* few people: the author may */
	expect(f, "user:an", "approve", id, NULL, "approved");
	expect(f, "user:an", "start", id, NULL, "running");
	expect(f, "user:an", "start", id, NULL, "running");
	assert_int_equal(count(f, id, "queued"), 3);
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM wording"), 1);
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM message WHERE text IS NULL AND key LIKE 'campaign:1:%'"), 3);
	tick_fixture_run(f, 3, 1000);
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM campaign WHERE state = 'running'"), 1);
	deliver_all(f);
	tick_fixture_run(f, 3, 1000);
	OWN(json) json_t *end = act_as(f, "uid:0", "show", id, NULL);
	assert_string_equal(json_str(end, "state", ""), "done");
	assert_int_equal(json_int(end, "total", 0), 3);
	assert_int_equal(json_int(json_object_get(end, "counts"), "delivered", 0), 3);
	refused(f, "user:an", "cancel", id, NULL, "state");
	refused(f, "user:an", "start", id, NULL, "state");
}

static void campaign_preview_says_who_is_left_out_and_start_does_the_same(void **state)
{
	struct tick_fixture *f = *state;
	tick_fixture_import(f, "A", "phone,name,so the\n0912345678,Hoa,DN1\n0912345678,Nam,DN1\n0912345679,Po,\n0912345670,Lan,DN4\n0912345671,Tư,DN5\n");
	assert_int_equal(tick_fixture_ask(f, "consent.opt-out", json_pack("{s:s}", "number", "0912345670"), NULL), 0);
	int64_t id = new_with(f, "A", "The {{Số thẻ}} het han. TC", NULL);
	OWN(json) json_t *preview = act_as(f, "user:an", "preview", id, NULL), *excluded = json_incref(json_object_get(preview, "excluded"));
	assert_int_equal(json_int(preview, "total", 0), 5);
	assert_int_equal(json_int(excluded, "duplicate", 0), 1);
	assert_int_equal(json_int(excluded, "missing_value", 0), 1);
	assert_int_equal(json_int(excluded, "opted_out", 0), 1);
	assert_int_equal(json_int(json_object_get(preview, "segments"), "1", 0), 2);
	assert_string_equal(json_string_value(json_array_get(json_object_get(preview, "samples"), 0)), "The DN1 het han. TC");
	expect(f, "user:an", "submit", id, NULL, "submitted");
	expect(f, "user:an", "approve", id, NULL, "approved");
	expect(f, "user:an", "start", id, NULL, "running");
	OWN(json) json_t *shape = act_as(f, "uid:0", "show", id, NULL);
	assert_true(json_equal(json_object_get(shape, "excluded"), excluded));
	assert_int_equal(json_int(shape, "planned", 0), 2);
	assert_int_equal(json_int(shape, "total", 0), 5);
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM message WHERE text IN ('The DN1 het han. TC', 'The DN5 het han. TC')"), 2);
}

static void campaign_with_other_words_reaches_both_people_of_a_number(void **state)
{
	struct tick_fixture *f = *state;
	tick_fixture_import(f, "A", "phone,name\n0912345678,Hoa\n0912345678,Nam\n");
	int64_t own = new_with(f, "A", "Chao {{name}}. TC", NULL), same = new_with(f, "A", TEXT, NULL);
	OWN(json) json_t *a = act_as(f, "user:an", "preview", own, NULL), *b = act_as(f, "user:an", "preview", same, NULL);
	assert_int_equal(json_object_size(json_object_get(a, "excluded")), 0);
	assert_int_equal(json_int(json_object_get(b, "excluded"), "duplicate", 0), 1);
}

static void campaign_lint_stops_the_submission(void **state)
{
	struct tick_fixture *f = *state;
	import_n(f, "A", 2);
	static const char *const texts[] = { "Khong noi cach dung", "CCCD 001099012345. TC", "{{nothing}} TC" };
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		refused(f, "user:an", "submit", new_with(f, "A", texts[i], NULL), NULL, "lint");
	refused(f, "user:an", "submit", new_with(f, "A", TEXT, "{\"class\": \"advert\"}"), NULL, "lint");
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM campaign WHERE state <> 'draft'"), 0);
}

static void campaign_over_the_threshold_needs_two_people_a_number_and_time(void **state)
{
	struct tick_fixture *f = *state;
	import_n(f, "A", 6);
	int64_t id = new_with(f, "A", TEXT, NULL);
	expect(f, "user:binh", "submit", id, NULL, "submitted");
	refused(f, "user:an", "approve", id, NULL, "two_person");
	refused(f, "user:binh", "approve", id, NULL, "two_person");
	expect(f, "user:chi", "approve", id, NULL, "approved");
	refused(f, "user:an", "start", id, NULL, "confirm");
	refused(f, "user:an", "start", id, "{\"confirm\": 5}", "confirm");
	expect(f, "user:an", "start", id, "{\"confirm\": 6}", "running");
	int64_t leaves = tick_fixture_scalar(f, "SELECT start_at FROM flow WHERE id = (SELECT flow FROM campaign)");
	assert_int_equal(leaves, clock_now_ms(&f->clock) + 300000);
	expect(f, "user:an", "pause", id, NULL, "paused");
	expect(f, "user:an", "resume", id, NULL, "running");
	assert_int_equal(tick_fixture_scalar(f, "SELECT start_at FROM flow WHERE id = (SELECT flow FROM campaign)"), leaves);
	expect(f, "user:an", "cancel", id, NULL, "cancelled");
	assert_int_equal(count(f, id, "cancelled"), 6);
	tick_fixture_run(f, 2, 1000);
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM campaign WHERE state = 'cancelled' AND plan_done = 1"), 1);
	expect(f, "user:an", "cancel", id, NULL, "cancelled");
}

/* Each presses with a key of their own, and one of them again a moment later. */
static void campaign_started_by_two_people_leaves_once(void **state)
{
	struct tick_fixture *f = *state;
	import_n(f, "A", 3);
	int64_t id = new_with(f, "A", TEXT, NULL);
	expect(f, "user:an", "submit", id, NULL, "submitted");
	expect(f, "user:chi", "approve", id, NULL, "approved");
	expect(f, "user:an", "start", id, NULL, "running");
	int64_t leaves = tick_fixture_scalar(f, "SELECT start_at FROM flow WHERE id = (SELECT flow FROM campaign)");
	tick_fixture_run(f, 1, 1000);
	expect(f, "user:binh", "start", id, NULL, "running");
	expect(f, "user:an", "start", id, NULL, "running");
	tick_fixture_run(f, 3, 1000);
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM message"), 3);
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(DISTINCT flow) FROM message"), 1);
	assert_int_equal(tick_fixture_scalar(f, "SELECT start_at FROM flow WHERE id = (SELECT flow FROM campaign)"), leaves);
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM audit WHERE verb = 'campaign.start'"), 1);
}

/* Nothing ran when its hour came: what is too old by then is expired and shown, not sent in a burst. */
static void campaign_missed_by_an_outage_is_late_by_that_much(void **state)
{
	struct tick_fixture *f = *state;
	import_n(f, "A", 2);
	int64_t id = new_with(f, "A", TEXT, "{\"start\": \"2030-12-01T08:00\"}");
	expect(f, "user:an", "submit", id, NULL, "submitted");
	expect(f, "user:binh", "approve", id, NULL, "approved");
	expect(f, "user:an", "start", id, NULL, "scheduled");
	char sql[120];
	snprintf(sql, sizeof(sql), "UPDATE campaign SET start_at = %lld", (long long)(clock_now_ms(&f->clock) - INT64_C(47) * 3600000));
	assert_int_equal(store_script(f->db, sql), 0);
	tick_fixture_run(f, 3, 1000);
	snprintf(sql, sizeof(sql), "SELECT count(*) FROM message WHERE expires_at <= %lld", (long long)clock_now_ms(&f->clock));
	assert_int_equal(tick_fixture_scalar(f, sql), 2);
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM attempt"), 0);
}

static void campaign_approval_is_void_when_the_list_changed(void **state)
{
	struct tick_fixture *f = *state;
	import_n(f, "A", 3);
	int64_t id = new_with(f, "A", TEXT, NULL);
	expect(f, "user:an", "submit", id, NULL, "submitted");
	expect(f, "user:an", "approve", id, NULL, "approved");
	import_n(f, "A", 3); /* the same file: nothing changed */
	import_n(f, "A", 4);
	refused(f, "user:an", "start", id, NULL, "approval");
	expect(f, "user:an", "approve", id, NULL, "approved");
	tick_fixture_import(f, "B", "phone,name,unit\n0900000001,Người 1,02269\n"); /* somebody of A has another unit now */
	refused(f, "user:an", "start", id, NULL, "approval");
	expect(f, "user:an", "approve", id, NULL, "approved");
	expect(f, "user:an", "start", id, NULL, "running");
	assert_int_equal(count(f, id, "queued"), 4);
}

static void move(struct tick_fixture *f, int64_t person, const char *unit)
{
	if (tick_fixture_ask(f, "contact.set", json_pack("{s:I, s:s}", "id", (json_int_t)person, "unit", unit), NULL))
		fail_msg("%s", f->why.text);
}

/* A rule about units, no list: whoever moves in is as new as who is added, whoever moves out is gone, whoever moves within stays. */
static void campaign_holds_nobody_who_moved_in_after_the_approval(void **state)
{
	static const struct {
		const char *label, *rule;
		int64_t people;
	} cases[] = { { "unit", "unit:02269", 2 }, { "by comparison", "unit=\"02269\"", 1 }, { "not", "not unit:02270", 2 } };
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct tick_fixture *f = *state;
		OWN(json) json_t *shape = NULL;
		tick_fixture_import(f, "A", "phone,name,unit\n0912345671,ở,02269\n0912345672,đến,02270\n0912345673,đi,02269\n0912345674,quanh,02269\n");
		json_t *args = json_pack("{s:s, s:s, s:s}", "name", "Khám", "audience", cases[i].rule, "text", TEXT);
		assert_int_equal(tick_fixture_call(f, "user:an", ROLE_OUTREACH, "campaign.new", args, &shape), 0);
		int64_t id = json_int(shape, "id", 0);
		expect(f, "user:an", "submit", id, NULL, "submitted");
		expect(f, "user:an", "approve", id, NULL, "approved");
		move(f, 2, "02269");
		move(f, 3, "02270");
		move(f, 4, "02269.03");
		OWN(json) json_t *seen = act_as(f, "user:an", "preview", id, NULL);
		expect(f, "user:an", "start", id, NULL, "running");
		print_message("%s\n", cases[i].label);
		assert_int_equal(count(f, id, "queued"), cases[i].people);
		assert_int_equal(json_int(seen, "total", 0), cases[i].people);
		tick_fixture_tear_down(state);
		setup(state);
	}
}

static void campaign_approval_survives_the_same_file(void **state)
{
	struct tick_fixture *f = *state;
	import_n(f, "A", 3);
	int64_t id = new_with(f, "A", TEXT, NULL);
	expect(f, "user:an", "submit", id, NULL, "submitted");
	expect(f, "user:an", "approve", id, NULL, "approved");
	import_n(f, "A", 3);
	expect(f, "user:an", "start", id, NULL, "running");
}

static void campaign_returned_can_be_submitted_again(void **state)
{
	struct tick_fixture *f = *state;
	import_n(f, "A", 3);
	int64_t id = new_with(f, "A", TEXT, NULL);
	expect(f, "user:an", "submit", id, NULL, "submitted");
	expect(f, "user:chi", "return", id, "{\"why\": \"thiếu ngày\"}", "returned");
	refused(f, "user:an", "start", id, NULL, "state");
	expect(f, "user:an", "submit", id, NULL, "submitted");
}

static void campaign_returned_is_written_anew(void **state)
{
	struct tick_fixture *f = *state;
	static const char better[] = "{\"name\": \"Khám lại\", \"group\": \"B\", \"text\": \"Moi ba con di kham ngay 5/12. Tu choi: TC\"}";
	import_n(f, "A", 3);
	import_n(f, "B", 2);
	int64_t id = new_with(f, "A", TEXT, NULL);
	expect(f, "user:an", "submit", id, NULL, "submitted");
	refused(f, "user:an", "set", id, better, "state");
	expect(f, "user:chi", "return", id, "{\"why\": \"thiếu ngày\"}", "returned");
	refused(f, "user:an", "set", id, "{\"name\": \"x\", \"group\": \"A\", \"text\": \"\"}", "missing");
	OWN(json) json_t *shape = act_as(f, "user:binh", "set", id, better);
	assert_non_null(shape);
	assert_string_equal(json_str(shape, "state", ""), "returned");
	assert_string_equal(json_str(shape, "returned_why", ""), "thiếu ngày");
	assert_string_equal(json_str(shape, "name", ""), "Khám lại");
	assert_string_equal(json_str(shape, "audience", ""), "group:\"B\"");
	assert_string_equal(json_str(shape, "author", ""), "user:binh");
	assert_true(json_is_null(json_object_get(shape, "total")));
	assert_true(json_is_null(json_object_get(shape, "submitted_by")));
	expect(f, "user:binh", "submit", id, NULL, "submitted");
	expect(f, "user:chi", "approve", id, NULL, "approved");
	refused(f, "user:an", "set", id, better, "state");
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM audit WHERE verb = 'campaign.set'"), 1);
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM flow WHERE name = 'Khám lại'"), 1);
}

static void campaign_starts_by_itself_at_its_time(void **state)
{
	struct tick_fixture *f = *state;
	char at[CALENDAR_ISO_BYTES], more[96];
	import_n(f, "A", 3);
	calendar_format_iso(f->zone, clock_now_ms(&f->clock) + 3600000, at);
	snprintf(more, sizeof(more), "{\"start\": \"%s\"}", at);
	int64_t id = new_with(f, "A", TEXT, more);
	expect(f, "user:an", "submit", id, NULL, "submitted");
	expect(f, "user:an", "approve", id, NULL, "approved");
	expect(f, "user:an", "start", id, NULL, "scheduled");
	OWN(json) json_t *added = NULL;
	import_n(f, "A", 4); /* came after the start was pressed: not part of it */
	assert_int_equal(tick_fixture_ask(f, "contact.add", json_pack("{s:s,s:s,s:s}", "number", "0987654321", "group", "A", "basis", "hop thon"), &added), 0);
	tick_fixture_run(f, 2, 1000000);
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM message"), 0);
	tick_fixture_run(f, 3, 1000000);
	OWN(json) json_t *shape = act_as(f, "uid:0", "show", id, NULL);
	assert_string_equal(json_str(shape, "state", ""), "running");
	assert_int_equal(json_int(shape, "planned", 0), 3);
}

static void campaign_planning_goes_on_after_a_restart_without_a_repeat(void **state)
{
	struct tick_fixture *f = *state;
	import_n(f, "A", 1700);
	int64_t id = new_with(f, "A", TEXT, NULL);
	expect(f, "user:an", "submit", id, NULL, "submitted");
	expect(f, "user:chi", "approve", id, NULL, "approved");
	OWN(json) json_t *answer = act_as(f, "user:an", "preview", id, NULL);
	OWN(json) json_t *job = tick_fixture_job(f, json_int(answer, "job", 0));
	assert_int_equal(json_int(json_object_get(job, "result"), "total", 0), 1700);
	expect(f, "user:an", "start", id, "{\"confirm\": 1700}", "running");
	tick_fixture_run(f, 1, 1000);
	int64_t so_far = tick_fixture_scalar(f, "SELECT count(*) FROM message");
	assert_in_range(so_far, 500, 1500);
	/* as after a crash in which the cursor was lost but the messages were not */
	assert_int_equal(store_script(f->db, "UPDATE campaign SET plan_cursor = 0, planned = 0, segments = 0"), 0);
	tick_fixture_restart(f);
	tick_fixture_run(f, 10, 1000);
	OWN(json) json_t *shape = act_as(f, "uid:0", "show", id, NULL);
	assert_int_equal(json_int(shape, "planned", 0), 1700);
	assert_int_equal(json_int(json_object_get(shape, "counts"), "queued", 0) + json_int(json_object_get(shape, "counts"), "held", 0), 1700);
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(DISTINCT person) FROM message"), 1700);
	assert_false(json_is_null(json_object_get(shape, "eta_at")));
	expect(f, "user:an", "cancel", id, NULL, "cancelled");
	tick_fixture_run(f, 10, 1000);
	assert_int_equal(count(f, id, "cancelled"), 1700);
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM message WHERE state <> 'cancelled'"), 0);
}

static void campaign_refuses_what_is_not_there(void **state)
{
	struct tick_fixture *f = *state;
	import_n(f, "A", 1);
	static const struct {
		const char *args, *rule;
		int result;
	} cases[] = {
		{ "{\"name\": \"x\", \"text\": \"a\", \"group\": \"B\"}", "unknown_group", E_NOT_FOUND },
		{ "{\"name\": \"x\", \"text\": \"a\"}", "missing", E_INVALID },
		{ "{\"name\": \"x\", \"text\": \"a\", \"group\": \"A\", \"audience\": \"group:A\"}", "conflict", E_INVALID },
		{ "{\"name\": \"x\", \"text\": \"  \", \"group\": \"A\"}", "missing", E_INVALID },
		{ "{\"name\": \"x\", \"text\": \"{{a\", \"group\": \"A\"}", "bad_field", E_INVALID },
		{ "{\"name\": \"x\", \"text\": \"a\", \"group\": \"A\", \"start\": \"2026-02-30\"}", "bad_time", E_INVALID },
		{ "{\"name\": \"x\", \"text\": \"a\", \"group\": \"A\", \"channel\": \"none\"}", "unknown_channel", E_NOT_FOUND },
		{ "{\"name\": \"x\", \"text\": \"a\", \"audience\": \"unit:\"}", "bad_rule", E_INVALID },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		print_message("%s\n", cases[i].args);
		assert_int_equal(tick_fixture_ask(f, "campaign.new", json_loads(cases[i].args, 0, NULL), NULL), cases[i].result);
		assert_string_equal(f->why.rule, cases[i].rule);
	}
	refused(f, "uid:0", "start", 77, NULL, "not_found");
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM campaign"), 0);
}

static void campaign_shape_is_the_contracts(void **state)
{
	struct tick_fixture *f = *state;
	import_n(f, "A", 1);
	OWN(json) json_t *shape = act_as(f, "uid:0", "show", new_with(f, "A", TEXT, NULL), NULL), *list = NULL;
	static const char *const fields[] = { "id", "name", "state", "class", "audience", "total", "counts", "excluded", "segments", "cost_vnd",
					      "replies", "opt_outs", "started_at", "eta_at" };
	for (size_t i = 0; i < COUNT_OF(fields); i++)
		if (!json_object_get(shape, fields[i]))
			fail_msg("no %s", fields[i]);
	assert_int_equal(json_object_size(json_object_get(shape, "counts")), MESSAGE_STATES);
	assert_int_equal(tick_fixture_ask(f, "campaign.list", json_pack("{s:s}", "state", "draft"), &list), 0);
	assert_int_equal(json_array_size(list), 1);
	assert_true(json_equal(json_array_get(list, 0), shape));
}

static void campaign_moves_are_the_tables(void **state)
{
	(void)state;
	static const char want[CAMPAIGN_STATES][CAMPAIGN_STATES + 1] = {
		/*              dsrAScpDC: draft submitted returned approved scheduled running paused done cancelled */
		[CAMPAIGN_DRAFT] = "010000001",    [CAMPAIGN_SUBMITTED] = "001100001", [CAMPAIGN_RETURNED] = "010000001",
		[CAMPAIGN_APPROVED] = "001011001", [CAMPAIGN_SCHEDULED] = "000101111", [CAMPAIGN_RUNNING] = "000010111",
		[CAMPAIGN_PAUSED] = "000011001",   [CAMPAIGN_DONE] = "000000000",      [CAMPAIGN_CANCELLED] = "000000000",
	};
	for (int from = 0; from < CAMPAIGN_STATES; from++)
		for (int to = 0; to < CAMPAIGN_STATES; to++)
			assert_int_equal(campaign_may_move((enum campaign_state)from, (enum campaign_state)to), want[from][to] == '1');
}

static void campaign_without_a_territory_is_the_organisations(void **state)
{
	struct tick_fixture *f = *state;
	tick_fixture_import(f, "A", "phone,name\n0912345678,Hoa\n");
	int64_t id = new_with(f, "A", "Khám. Từ chối: TC", NULL);
	static const struct {
		const char *unit;
		int want;
	} cases[] = { { "", 0 }, { "02", 0 }, { "02269", 0 }, { "02270", E_NOT_FOUND }, { "03", E_NOT_FOUND } };
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct tick t;
		struct campaign c = { 0 };
		core_tick_begin(f->core, &t);
		assert_int_equal(campaign_get(&t.in, id, cases[i].unit, &c), cases[i].want);
		campaign_done(&c);
	}
}

static void campaign_statements_use_indexes(void **state)
{
	struct tick_fixture *f = *state;
	extern const struct sql_module campaign_verbs_module;
	const struct sql_module *const modules[] = { &campaign_module, &campaign_verbs_module, &draft_module, &course_module, &recipient_module, &audience_module };
	char out[4000] = "";
	for (size_t i = 0; i < COUNT_OF(modules); i++)
		if (store_explain(f->db, modules[i], out, sizeof(out)))
			fail_msg("%s: %s", modules[i]->name, out);
}

static void campaign_is_tried_on_one_phone_and_that_counts_for_nothing(void **state)
{
	struct tick_fixture *f = *state;
	import_n(f, "A", 2);
	int64_t id = new_with(f, "A", "Chao {{name}}, moi ba con di hop. Tu choi: TC", NULL);
	OWN(json) json_t *sent = act_as(f, "user:an", "test-send", id, "{\"to\": \"0987654321\"}");
	assert_non_null(sent);
	assert_string_equal(json_str(sent, "class", ""), "service");
	assert_string_equal(json_str(sent, "to", ""), "+84987654321");
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM message WHERE text = 'Chao [name], moi ba con di hop. Tu choi: TC'"), 1);
	assert_int_equal(count(f, id, "queued"), 0);
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM audit WHERE verb = 'campaign.test-send'"), 1);
	expect(f, "user:an", "show", id, NULL, "draft");
	refused(f, "user:an", "test-send", id, "{\"to\": \"113\"}", "invalid_number");
	refused(f, "user:an", "test-send", 99, "{\"to\": \"0987654321\"}", "not_found");
	OWN(json) json_t *off = NULL;
	assert_int_equal(tick_fixture_ask(f, "consent.opt-out", json_pack("{s:s}", "number", "0987654322"), &off), 0);
	refused(f, "user:an", "test-send", id, "{\"to\": \"0987654322\"}", "opted_out");
	int n = 1;
	while (n < 40) {
		OWN(json) json_t *more = act_as(f, "user:an", "test-send", id, "{\"to\": \"0987654321\"}");
		if (!more)
			break;
		n++;
	}
	assert_string_equal(f->why.rule, "allowance");
	assert_int_equal(n, 20);
}

static void campaign_results_count_people_by_answer_and_unit(void **state)
{
	struct tick_fixture *f = *state;
	tick_fixture_import(f, "A", "phone,name,unit\n0912345671,a,02269\n0912345672,b,02269\n0912345673,c,02270\n0912345674,d,\n");
	int64_t id = new_with(f, "A", "Moi ba con di hop. Tu choi: TC", NULL);
	expect(f, "user:an", "submit", id, NULL, "submitted");
	expect(f, "user:bo", "approve", id, NULL, "approved");
	expect(f, "user:bo", "start", id, NULL, "running");
	deliver_all(f);
	assert_int_equal(store_script(f->db, "UPDATE message SET claimed_at = 1000; INSERT INTO inbound (seq, channel, dedupe_key, state, received_at, address, text, kind) "
					     "SELECT 1, 'a', 'k' || id, 'done', 2000, address, 'x', 'answer' FROM message WHERE id < 3; "
					     "INSERT INTO inbound (seq, channel, dedupe_key, state, received_at, address, text, kind) VALUES "
					     "(1, 'a', 'again', 'done', 3000, 1, 'x', 'answer'), (1, 'a', 'early', 'done', 500, 3, 'x', 'answer'), "
					     "(1, 'a', 'twice', 'done', 3000, 4, 'x', 'duplicate')"), 0);
	OWN(json) json_t *r = act_as(f, "uid:0", "results", id, NULL);
	assert_int_equal(json_int(r, "reached", 0), 4);
	assert_int_equal(json_int(r, "answered", 0), 2);
	assert_int_equal(json_int(r, "answered_percent", 0), 50);
	assert_int_equal(json_array_size(json_object_get(r, "answers")), 1);
	assert_int_equal(json_int(json_array_get(json_object_get(r, "answers"), 0), "people", 0), 2);
	const json_t *units = json_object_get(r, "units");
	assert_int_equal(json_array_size(units), 3);
	assert_true(json_is_null(json_object_get(json_array_get(units, 0), "unit")));
	assert_string_equal(json_str(json_array_get(units, 1), "unit", ""), "02269");
	assert_int_equal(json_int(json_array_get(units, 1), "reached", 0), 2);
	assert_int_equal(json_int(json_array_get(units, 1), "answered", 0), 2);
}

static void approval_is_of_what_the_preview_showed(void **state)
{
	struct tick_fixture *f = *state;
	import_n(f, "A", 3);
	int64_t id = new_with(f, "A", TEXT, NULL);
	expect(f, "user:an", "submit", id, NULL, "submitted");
	OWN(json) json_t *seen = act_as(f, "user:an", "preview", id, NULL), *again = act_as(f, "user:an", "preview", id, NULL);
	const char *digest = json_str(seen, "digest", "");
	assert_int_equal(strlen(digest), 64);
	assert_string_equal(json_str(again, "digest", ""), digest);
	char args[96];
	snprintf(args, sizeof(args), "{\"digest\":\"%s\"}", digest);
	import_n(f, "A", 4); /* somebody joined the list */
	refused(f, "user:an", "approve", id, args, "approval");
	assert_int_equal(count(f, id, "queued"), 0);
	OWN(json) json_t *now = act_as(f, "user:an", "preview", id, NULL);
	assert_string_not_equal(json_str(now, "digest", ""), digest);
	snprintf(args, sizeof(args), "{\"digest\":\"%s\"}", json_str(now, "digest", ""));
	expect(f, "user:an", "approve", id, args, "approved");
}

static void preview_forecasts_who_waits_for_the_day(void **state)
{
	struct tick_fixture *f = *state;
	import_n(f, "A", 2);
	int64_t id = new_with(f, "A", "Moi ba con di hop. Tu choi: TC", NULL);
	for (int n = 0; n <= 3; n++) {
		char sql[400];
		OWN(json) json_t *p = act_as(f, "user:an", "preview", id, NULL);
		assert_int_equal(json_int(json_object_get(p, "waits"), "cap_24h", 0), n == 3);
		assert_int_equal(json_int(json_object_get(p, "excluded"), "cap_24h", 0), 0);
		snprintf(sql, sizeof(sql), "INSERT INTO message (key, flow, address, class, state, state_since, claimed_at, text, due_at, expires_at, queued_at) "
			 "VALUES ('k%d', 2, 1, 'social_policy', 'sent', 0, %lld, 'x', 0, 0, 0)", n, (long long)clock_now_ms(&f->clock) - 1000);
		assert_int_equal(store_script(f->db, sql), 0);
	}
	int64_t advert = new_with(f, "A", "[QC] Hoi cho. Tu choi: TC", "{\"class\": \"advert\"}");
	OWN(json) json_t *p = act_as(f, "user:an", "preview", advert, NULL);
	const json_t *lint = json_object_get(p, "lint");
	bool stale = false;
	for (size_t i = 0; i < json_array_size(lint); i++)
		stale = stale || !strcmp(json_str(json_array_get(lint, i), "rule", ""), "dnc_stale");
	assert_true(stale);
}

static void set_fact(struct tick_fixture *f, const char *from, const char *until)
{
	json_t *args = json_pack("{s:s, s:s, s:s, s:s}", "name", "Mức đóng", "value", "632.000", "from", from, "until", until);
	assert_int_equal(tick_fixture_ask(f, "fact.set", args, NULL), 0);
}

static void campaign_is_tried_with_the_facts_it_quotes(void **state)
{
	struct tick_fixture *f = *state;
	import_n(f, "A", 2);
	set_fact(f, "2025-01-01", "2099-12-31");
	int64_t id = new_with(f, "A", "Chao {{name}}, muc dong {{fact:mức đóng}}, {{fact:x}}. Tu choi: TC", NULL);
	OWN(json) json_t *sent = act_as(f, "user:an", "test-send", id, "{\"to\": \"0987654321\"}");
	assert_non_null(sent);
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM message WHERE text = 'Chao [name], muc dong 632.000, [fact:x]. Tu choi: TC'"), 1);
}

/* The fixture's clock stands in November 2026. */
static void campaign_quotes_a_fact_only_while_it_holds(void **state)
{
	struct tick_fixture *f = *state;
	import_n(f, "A", 2);
	int64_t id = new_with(f, "A", "Muc dong {{fact:mức đóng}} dong. Tu choi: TC", NULL);
	refused(f, "user:an", "submit", id, NULL, "lint"); /* there is no such fact */
	set_fact(f, "2027-01-01", "");
	OWN(json) json_t *early = act_as(f, "user:an", "preview", id, NULL);
	assert_int_equal(json_int(json_object_get(early, "excluded"), "expired_fact", 0), 2);
	refused(f, "user:an", "submit", id, NULL, "lint");
	set_fact(f, "2025-01-01", "2026-10-31");
	refused(f, "user:an", "submit", id, NULL, "lint");
	set_fact(f, "2025-01-01", "2099-12-31");
	OWN(json) json_t *good = act_as(f, "user:an", "preview", id, NULL);
	assert_string_equal(json_string_value(json_array_get(json_object_get(good, "samples"), 0)), "Muc dong 632.000 dong. Tu choi: TC");
	expect(f, "user:an", "submit", id, NULL, "submitted");
	expect(f, "user:bo", "approve", id, NULL, "approved");
	/* it ends today: what has not left by midnight never does */
	char today[CALENDAR_ISO_BYTES];
	calendar_format_iso(f->zone, clock_now_ms(&f->clock), today);
	today[10] = '\0';
	set_fact(f, "2025-01-01", today);
	expect(f, "user:bo", "start", id, NULL, "running");
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM message WHERE expires_at < queued_at + 86400000"), 2);
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM message WHERE text = 'Muc dong 632.000 dong. Tu choi: TC'"), 2);
	assert_int_equal(tick_fixture_ask(f, "fact.set", json_pack("{s:s, s:s, s:s}", "name", "x", "value", "1", "from", "1.1.2026"), NULL), E_INVALID);
}

static void say_fact(struct tick_fixture *f, const char *value)
{
	assert_int_equal(tick_fixture_ask(f, "fact.set", json_pack("{s:s, s:s}", "name", "Mức đóng", "value", value), NULL), 0);
}

static void campaign_approval_is_void_when_a_fact_changed(void **state)
{
	struct tick_fixture *f = *state;
	import_n(f, "A", 2);
	say_fact(f, "632.000");
	int64_t id = new_with(f, "A", "Muc dong {{fact:mức đóng}} dong. Tu choi: TC", NULL);
	expect(f, "user:an", "submit", id, NULL, "submitted");
	expect(f, "user:bo", "approve", id, NULL, "approved");
	say_fact(f, "999.000");
	refused(f, "user:an", "start", id, NULL, "approval");
	say_fact(f, "632.000");
	expect(f, "user:an", "start", id, NULL, "running");
	/* one that waits for its hour goes back to a person */
	char at[CALENDAR_ISO_BYTES], more[80];
	calendar_format_iso(f->zone, clock_now_ms(&f->clock) + 3600000, at);
	snprintf(more, sizeof(more), "{\"start\": \"%s\"}", at);
	int64_t later = new_with(f, "A", "Muc dong {{fact:mức đóng}} dong. Tu choi: TC", more);
	expect(f, "user:an", "submit", later, NULL, "submitted");
	expect(f, "user:bo", "approve", later, NULL, "approved");
	expect(f, "user:bo", "start", later, NULL, "scheduled");
	say_fact(f, "999.000");
	tick_fixture_run(f, 3, 1200000);
	tick_fixture_run(f, 3, 1000);
	expect(f, "uid:0", "show", later, NULL, "approved");
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM message WHERE text LIKE '%999%'"), 0);
	refused(f, "user:an", "start", later, NULL, "approval");
	expect(f, "user:bo", "approve", later, NULL, "approved");
	expect(f, "user:bo", "start", later, NULL, "running");
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM message WHERE text LIKE '%999%'"), 2);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, tick_fixture_tear_down)
	const struct CMUnitTest tests[] = {
		T(campaign_goes_from_draft_to_done),
		T(campaign_preview_says_who_is_left_out_and_start_does_the_same),
		T(campaign_with_other_words_reaches_both_people_of_a_number),
		T(campaign_lint_stops_the_submission),
		T(campaign_over_the_threshold_needs_two_people_a_number_and_time),
		T(campaign_started_by_two_people_leaves_once),
		T(campaign_missed_by_an_outage_is_late_by_that_much),
		T(campaign_approval_is_void_when_the_list_changed),
		T(campaign_holds_nobody_who_moved_in_after_the_approval),
		T(campaign_approval_survives_the_same_file),
		T(campaign_approval_is_void_when_a_fact_changed),
		T(campaign_returned_can_be_submitted_again),
		T(campaign_returned_is_written_anew),
		T(campaign_starts_by_itself_at_its_time),
		T(campaign_planning_goes_on_after_a_restart_without_a_repeat),
		T(campaign_refuses_what_is_not_there),
		T(campaign_shape_is_the_contracts),
		T(campaign_without_a_territory_is_the_organisations),
		T(campaign_statements_use_indexes),
		cmocka_unit_test(campaign_moves_are_the_tables),
		T(values_are_written_as_the_text_is),
		T(campaign_is_tried_on_one_phone_and_that_counts_for_nothing),
		T(campaign_is_tried_with_the_facts_it_quotes),
		T(campaign_results_count_people_by_answer_and_unit),
		T(campaign_quotes_a_fact_only_while_it_holds),
		T(approval_is_of_what_the_preview_showed),
		T(preview_forecasts_who_waits_for_the_day),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
