/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of webhooks in the core: an event is on disk with what it tells, goes out in order for each message and again until it is taken,
 * ends after a day with an alarm, and shows nobody more than the configuration lets him see. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "gateway/drivers/http/herald.h"
#include "gateway/inbox.h"
#include "gateway/supervisor.h"
#include "gateway/status.h"
#include "tests/support/sim_driver.h"

#define HOOK(name, more) "{ name = \"" name "\"; url = \"https://" name ".example.vn/in\"; secret = \"hook\"; " more " }"
#define HOOKS(list) SIM_CONFIG("") "webhooks = ( " list " );\n"
#define ONE HOOKS(HOOK("one", "events = [ \"message\", \"inbound\" ];"))
#define DAY_MS (INT64_C(24) * 3600000)

/* The secret that the configurations name. */
static int make_secret(void **state)
{
	char folder[] = "/tmp/caunoi-hook-XXXXXX", file[64];
	if (!mkdtemp(folder))
		return -1;
	snprintf(file, sizeof(file), "%s/hook", folder);
	FILE *out = fopen(file, "w");
	if (!out || fputs("0123456789abcdef\n", out) < 0 || fclose(out) || chmod(file, 0600))
		return -1;
	*state = strdup(folder);
	return setenv("CREDENTIALS_DIRECTORY", folder, 1);
}

static int drop_secret(void **state)
{
	char file[64];
	snprintf(file, sizeof(file), "%s/hook", (char *)*state);
	unlink(file);
	rmdir(*state);
	free(*state);
	return 0;
}

static struct peer *connect_hook(struct fixture *f, int place)
{
	struct peer *p = core_peer_add(f->core, PEER_WEBHOOK);
	assert_non_null(p);
	f->core->webhooks[place].peer = p->id;
	sim_driver_say(p, "{\"op\":\"ready\",\"credit\":8}");
	sim_tick(f);
	return p;
}

/* Everything given to the program since the last look: an array of {"id","name","body": parsed}. */
static json_t *given(struct peer *p)
{
	OWN(json) json_t *frames = sim_driver_read(p);
	json_t *list = json_array(), *f;
	size_t i;
	json_array_foreach (frames, i, f) {
		json_t *body = NULL;
		const char *text = json_str(f, "body", "");
		if (strcmp(json_str(f, "op", ""), "event"))
			continue;
		assert_int_equal(json_parse(text, strlen(text), &body), 0);
		assert_int_equal(json_object_set_new(f, "body", body), 0);
		json_array_append(list, f);
	}
	return list;
}

/* The types of what was given, "message.sent:1 inbound:2", by type and object; takes list. */
static char *types(json_t *list)
{
	OWN(json) json_t *owned = list;
	char *text = calloc(1, 4096);
	size_t i;
	const json_t *f;
	json_array_foreach (owned, i, f) {
		const json_t *body = json_object_get(f, "body");
		snprintf(text + strlen(text), 4096 - strlen(text), "%s%s:%lld", i ? " " : "", json_str(body, "type", "?"),
			 (long long)json_int(json_object_get(body, "data"), "id", 0));
	}
	return text;
}

static char *id_of(const json_t *list, size_t i)
{
	return strdup(json_str(json_array_get(list, i), "id", ""));
}

static void say_taken(struct fixture *f, struct peer *p, const char *id)
{
	sim_driver_say(p, "{\"op\":\"told\",\"id\":\"%s\",\"ok\":true}", id);
	sim_tick(f);
	sim_tick(f); /* there is room again once that is on disk */
}

static void say_failed(struct fixture *f, struct peer *p, const char *id)
{
	sim_driver_say(p, "{\"op\":\"told\",\"id\":\"%s\",\"ok\":false,\"detail\":\"http:500\"}", id);
	sim_tick(f);
}

/* A message that its channel took, told of by nobody yet. */
static int64_t sent(struct fixture *f, struct peer *channel, const char *number)
{
	int64_t id = sim_put(f, &(struct sim_message){ .number = number, .class = CLASS_SERVICE });
	sim_tick(f);
	char reference[32];
	snprintf(reference, sizeof(reference), ",\"reference\":\"r%lld\"", (long long)id);
	sim_driver_result(channel, sim_driver_attempt(channel), "accepted", reference);
	sim_tick(f);
	assert_state(f, id, "sent");
	return id;
}

static void say_delivered(struct fixture *f, struct peer *channel, int64_t id)
{
	sim_driver_say(channel, "{\"op\":\"receipt\",\"id\":\"d%lld\",\"reference\":\"r%lld\",\"status\":\"delivered\"}", (long long)id, (long long)id);
	sim_tick(f);
	assert_state(f, id, "delivered");
}

static void event_leaves_with_the_tick_of_what_it_tells_and_goes_when_it_is_taken(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(ONE);
	struct peer *channel = sim_driver_connect(f, 0, SIM_HTTP), *hook = connect_hook(f, 0);
	int64_t id = sent(f, channel, "+84912345678");
	OWN(json) json_t *list = given(hook);
	assert_int_equal(json_array_size(list), 1);
	const json_t *e = json_array_get(list, 0), *body = json_object_get(e, "body"), *data = json_object_get(body, "data");
	assert_string_equal(json_str(body, "type", ""), "message.sent");
	assert_string_equal(json_str(body, "id", ""), json_str(e, "name", "x"));
	assert_int_equal(json_int(data, "id", 0), id);
	assert_string_equal(json_str(data, "state", ""), "sent");
	assert_string_equal(json_str(data, "channel", ""), "sim1");
	assert_true(json_is_null(json_object_get(data, "to")));
	OWN(mem) char *all = json_text(body);
	assert_null(strstr(all, "912345678"));
	assert_int_equal(sim_int(f, "SELECT count(*) FROM webhook_event"), 1);
	say_taken(f, hook, json_str(e, "id", ""));
	assert_int_equal(sim_int(f, "SELECT count(*) FROM webhook_event"), 0);
	fixture_free(f);
}

static void next_event_of_a_message_waits_for_the_one_before_and_others_do_not(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(ONE);
	struct peer *channel = sim_driver_connect(f, 0, SIM_HTTP), *hook = connect_hook(f, 0);
	sent(f, channel, "+84912345678");
	OWN(json) json_t *first = given(hook);
	OWN(mem) char *id = id_of(first, 0);
	say_delivered(f, channel, 1);
	sent(f, channel, "+84912345679");
	assert_text(types(given(hook)), "message.sent:2");
	say_failed(f, hook, id);
	sim_wait(f, 1000);
	assert_text(types(given(hook)), ""); /* both wait for the ladder */
	sim_wait(f, 10000);
	OWN(json) json_t *again = given(hook);
	assert_text(id_of(again, 0), id);
	assert_text(types(json_incref(again)), "message.sent:1");
	say_taken(f, hook, id);
	assert_text(types(given(hook)), "message.delivered:1");
	fixture_free(f);
}

static void what_a_lost_program_had_goes_out_again_under_the_same_name(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(ONE);
	struct peer *channel = sim_driver_connect(f, 0, SIM_HTTP), *hook = connect_hook(f, 0);
	sent(f, channel, "+84912345678");
	OWN(json) json_t *first = given(hook);
	core_peer_gone(f->core, hook);
	hook = connect_hook(f, 0);
	OWN(json) json_t *second = given(hook);
	assert_true(json_array_size(first) == 1 && json_equal(first, second));
	fixture_close_core(f);
	fixture_open_core(f);
	hook = connect_hook(f, 0);
	sim_tick(f);
	OWN(json) json_t *third = given(hook);
	assert_true(json_equal(first, third));
	fixture_free(f);
}

/* An answer that never comes holds nothing up for ever. */
static void event_without_an_answer_goes_out_again(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(ONE);
	struct peer *channel = sim_driver_connect(f, 0, SIM_HTTP), *hook = connect_hook(f, 0);
	sent(f, channel, "+84912345678");
	assert_text(types(given(hook)), "message.sent:1");
	sim_wait(f, 35000);
	assert_text(types(given(hook)), "");
	sim_wait(f, 10000);
	assert_text(types(given(hook)), "message.sent:1");
	fixture_free(f);
}

/* The program was slow, the event went out again, and both answers came at once. */
static void event_answered_twice_in_one_tick_is_counted_once(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(ONE);
	struct peer *channel = sim_driver_connect(f, 0, SIM_HTTP), *hook = connect_hook(f, 0);
	sent(f, channel, "+84912345678");
	sim_wait(f, 45000);
	OWN(json) json_t *twice = given(hook);
	assert_int_equal(json_array_size(twice), 2);
	OWN(mem) char *id = id_of(twice, 1);
	sim_driver_say(hook, "{\"op\":\"told\",\"id\":\"%s\",\"ok\":true}", id);
	say_taken(f, hook, id);
	core_peer_gone(f->core, hook);
	sent(f, channel, "+84912345679");
	sim_tick(f);
	hook = connect_hook(f, 0);
	assert_text(types(given(hook)), "message.sent:2");
	fixture_free(f);
}

static void failed_event_is_tried_by_a_ladder_and_given_up_after_a_day(void **state)
{
	(void)state;
	static const int64_t least_s[] = { 4, 12, 36, 108, 324, 972, 2916, 5760, 5760 };
	struct fixture *f = fixture_new(ONE);
	struct peer *channel = sim_driver_connect(f, 0, SIM_HTTP), *hook = connect_hook(f, 0);
	sent(f, channel, "+84912345678");
	int64_t began = clock_now_ms(&f->clock), tries = 0;
	for (; sim_int(f, "SELECT count(*) FROM webhook_event WHERE given_up_at IS NULL"); tries++) {
		OWN(json) json_t *list = given(hook);
		assert_int_equal(json_array_size(list), 1);
		OWN(mem) char *id = id_of(list, 0);
		say_failed(f, hook, id);
		int64_t due_s = (sim_int(f, "SELECT due_at FROM webhook_event") - clock_now_ms(&f->clock)) / 1000;
		if (tries < (int64_t)COUNT_OF(least_s))
			assert_in_range(due_s, least_s[tries] - 1, least_s[tries] * 3 / 2);
		if (sim_int(f, "SELECT count(*) FROM webhook_event WHERE given_up_at IS NULL"))
			sim_wait(f, 1000 * due_s + 2000);
		if (!hook->out.data || buffer_left(&hook->out) == 0)
			sim_wait(f, 901000 * 6 / 5); /* the receiver as a whole is given a rest too */
	}
	assert_in_range(clock_now_ms(&f->clock) - began, DAY_MS, DAY_MS + 3 * 7200 * 1000);
	assert_true(tries > 12);
	sim_wait(f, 1000);
	assert_text(sim_text(f, "SELECT channel || ':' || kind FROM alarm WHERE cleared_at IS NULL"), "webhook/one:webhook");
	OWN(json) json_t *shown = NULL;
	int64_t next;
	assert_int_equal(fixture_query(f, "webhook.show", "{\"name\":\"one\"}", &shown, &next), 0);
	assert_int_equal(json_int(shown, "given_up", 0), 1);
	assert_string_equal(json_str(shown, "state", ""), "failing");
	assert_string_equal(json_str(shown, "last_error", ""), "http:500");
	assert_int_equal(json_array_size(json_object_get(shown, "events_given_up")), 1);
	OWN(json) json_t *changed = NULL;
	assert_int_equal(fixture_command(f, "webhook.retry", "{\"name\":\"one\"}", &changed, NULL), 0);
	assert_int_equal(json_int(changed, "changed", 0), 1);
	sim_wait(f, 1200000);
	OWN(json) json_t *list = given(hook);
	OWN(mem) char *id = id_of(list, 0);
	say_taken(f, hook, id);
	sim_wait(f, 1000);
	assert_int_equal(sim_int(f, "SELECT count(*) FROM alarm WHERE cleared_at IS NULL"), 0);
	fixture_free(f);
}

static void failed_event_keeps_its_pause_and_its_day_over_a_clock_jump(void **state)
{
	(void)state;
	static const int64_t jumps[] = { 2 * DAY_MS, -2 * DAY_MS, -3650 * DAY_MS };
	for (size_t i = 0; i < COUNT_OF(jumps); i++) {
		struct fixture *f = fixture_new(ONE);
		struct peer *channel = sim_driver_connect(f, 0, SIM_HTTP), *hook = connect_hook(f, 0);
		sent(f, channel, "+84912345678");
		OWN(json) json_t *first = given(hook);
		OWN(mem) char *id = id_of(first, 0);
		say_failed(f, hook, id);
		f->clock.sim_now_ms += jumps[i];
		for (int s = 0; s < 3; s++)
			sim_wait(f, 1000);
		OWN(json) json_t *early = given(hook);
		assert_int_equal(json_array_size(early), 0);
		for (int s = 0; s < 5; s++)
			sim_wait(f, 1000);
		OWN(json) json_t *again = given(hook);
		assert_int_equal(json_array_size(again), 1);
		OWN(mem) char *same = id_of(again, 0);
		assert_string_equal(same, id);
		say_failed(f, hook, id); /* its day is not over */
		assert_int_equal(sim_int(f, "SELECT count(*) FROM webhook_event WHERE given_up_at IS NOT NULL"), 0);
		fixture_free(f);
	}
}

static void receiver_that_is_down_gets_one_event_at_a_time(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(ONE);
	struct peer *channel = sim_driver_connect(f, 0, SIM_HTTP), *hook = connect_hook(f, 0);
	for (int i = 0; i < 12; i++) {
		char number[16];
		snprintf(number, sizeof(number), "+849123456%02d", i);
		sent(f, channel, number);
	}
	OWN(json) json_t *list = given(hook);
	assert_int_equal(json_array_size(list), 8); /* in_flight */
	for (size_t i = 0; i < 8; i++) {
		OWN(mem) char *id = id_of(list, i);
		say_failed(f, hook, id);
	}
	OWN(json) json_t *between = given(hook); /* before the fifth failure there was room for more */
	for (size_t i = 0; i < json_array_size(between); i++) {
		OWN(mem) char *id = id_of(between, i);
		say_failed(f, hook, id);
	}
	sim_wait(f, 1200000);
	OWN(json) json_t *one = given(hook);
	assert_int_equal(json_array_size(one), 1);
	OWN(mem) char *id = id_of(one, 0);
	say_taken(f, hook, id);
	OWN(json) json_t *rest = given(hook);
	assert_int_equal(json_array_size(rest), 8);
	fixture_free(f);
}

static void backlog_is_bounded_and_what_is_beyond_is_counted(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(HOOKS(HOOK("one", "backlog = 100;")));
	sim_tick(f);
	for (int i = 0; i < 103; i++) {
		struct tick *t = fixture_begin(f);
		assert_int_equal(webhook_message(t, 1, MESSAGE_SENT, NULL), 0);
		fixture_commit(f);
	}
	sim_wait(f, 2000);
	assert_int_equal(sim_int(f, "SELECT count(*) FROM webhook_event"), 100);
	assert_int_equal(sim_int(f, "SELECT lost FROM webhook"), 3);
	fixture_free(f);
}

static void only_what_says_something_is_told(void **state)
{
	(void)state;
	static const struct {
		enum message_state to;
		int told;
	} rows[] = {
		{ MESSAGE_HELD, 0 },   { MESSAGE_QUEUED, 0 },    { MESSAGE_SENDING, 0 }, { MESSAGE_RETRY, 0 },	  { MESSAGE_SENT, 1 },	     { MESSAGE_UNCLEAR, 1 },
		{ MESSAGE_DELIVERED, 1 }, { MESSAGE_FAILED, 1 }, { MESSAGE_EXPIRED, 1 }, { MESSAGE_SUPPRESSED, 1 }, { MESSAGE_CANCELLED, 1 },
	};
	struct fixture *f = fixture_new(HOOKS(HOOK("one", "") ", " HOOK("two", "events = [ \"inbound\" ];")));
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct tick *t = fixture_begin(f);
		assert_int_equal(webhook_message(t, (int64_t)i + 1, rows[i].to, NULL), 0);
		fixture_commit(f);
		assert_int_equal(sim_int(f, "SELECT count(*) FROM webhook_event WHERE object = %zu AND hook = 'one'", i + 1), rows[i].told);
	}
	assert_int_equal(sim_int(f, "SELECT count(*) FROM webhook_event WHERE hook = 'two'"), 0);
	fixture_free(f);
}

static int take_in(struct tick *t, const struct inbound *in, struct handled *ret)
{
	(void)t;
	(void)in;
	*ret = (struct handled){ .kind = "question", .topic = "BHYT|KHAC", .handled_by = "feedback", .result = "case" };
	return 0;
}

/* What a receiver is shown of one inbound message, by its rights. */
static void numbers_and_words_are_for_receivers_with_the_right(void **state)
{
	(void)state;
	static const char words[] = "Hoi the bao hiem";
	struct fixture *f = fixture_new(HOOKS(HOOK("none", "events = [ \"inbound\" ];") ", " HOOK("both", "events = [ \"inbound\" ]; numbers = true; texts = true;")));
	f->wiring.intake = take_in;
	fixture_close_core(f);
	fixture_open_core(f);
	struct peer *channel = sim_driver_connect(f, 0, SIM_HTTP), *none = connect_hook(f, 0), *both = connect_hook(f, 1);
	sim_driver_say(channel, "{\"op\":\"inbound\",\"id\":\"a\",\"from\":\"+84912345678\",\"to\":\"1\",\"text\":\"%s\"}", words);
	sim_tick(f);
	OWN(json) json_t *plain = given(none), *whole = given(both);
	const json_t *p = json_object_get(json_object_get(json_array_get(plain, 0), "body"), "data");
	const json_t *w = json_object_get(json_object_get(json_array_get(whole, 0), "body"), "data");
	assert_string_equal(json_str(p, "kind", ""), "question");
	assert_string_equal(json_str(p, "topic", ""), "BHYT");
	assert_true(json_is_null(json_object_get(p, "from")) && json_is_null(json_object_get(p, "text")));
	assert_string_equal(json_str(w, "from", ""), "+84912345678");
	assert_string_equal(json_str(w, "text", ""), words);
	fixture_free(f);
}

static void restricted_case_shows_nothing_to_anybody(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(HOOKS(HOOK("both", "events = [ \"inbound\" ]; numbers = true; texts = true;")));
	f->wiring.intake = take_in;
	fixture_close_core(f);
	fixture_open_core(f);
	struct peer *channel = sim_driver_connect(f, 0, SIM_HTTP);
	sim_driver_say(channel, "{\"op\":\"inbound\",\"id\":\"a\",\"from\":\"+84912345678\",\"to\":\"1\",\"text\":\"To cao\"}");
	sim_tick(f);
	sim_sql(f, "INSERT INTO casefile (code, state, topics, kind, urgency, restricted, received_at, text, fold, changed_at) VALUES ('1', 'new', '', "
		   "'denunciation', 'normal', 1, 0, '', '', 0)");
	sim_sql(f, "UPDATE inbound SET casefile = (SELECT max(id) FROM casefile)");
	struct peer *hook = connect_hook(f, 0);
	OWN(json) json_t *list = given(hook);
	assert_int_equal(json_array_size(list), 1);
	const json_t *data = json_object_get(json_object_get(json_array_get(list, 0), "body"), "data");
	assert_true(json_flag(data, "restricted", false));
	static const char *const hidden[] = { "person", "from", "text", "topic", "kind", "case" };
	for (size_t i = 0; i < COUNT_OF(hidden); i++)
		assert_true(json_is_null(json_object_get(data, hidden[i])));
	fixture_free(f);
}

static void rows_of_a_webhook_that_was_taken_out_go(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(ONE);
	sim_tick(f);
	sim_sql(f, "INSERT INTO webhook (name) VALUES ('old')");
	sim_sql(f, "INSERT INTO webhook_event (hook, kind, object, at, due_at, until_at) VALUES ('old', 'test', 0, 0, 0, 0)");
	sim_wait(f, 61000);
	sim_wait(f, 1000);
	sim_wait(f, 1000);
	assert_int_equal(sim_int(f, "SELECT count(*) FROM webhook_event"), 0);
	assert_text(sim_text(f, "SELECT name FROM webhook"), "one");
	fixture_free(f);
}

static void test_event_goes_to_one_receiver(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(HOOKS(HOOK("one", "") ", " HOOK("two", "")));
	struct peer *one = connect_hook(f, 0), *two = connect_hook(f, 1);
	OWN(json) json_t *shown = NULL;
	assert_int_equal(fixture_command(f, "webhook.test", "{\"name\":\"two\"}", &shown, NULL), 0);
	assert_int_equal(json_int(shown, "waiting", 0), 1);
	sim_tick(f);
	assert_text(types(given(one)), "");
	assert_text(types(given(two)), "test:0");
	fixture_free(f);
}

/* The example of the convention's own documentation, and its key as bare bytes. */
static void signature_is_the_conventions(void **state)
{
	(void)state;
	static const struct {
		const char *secret, *id, *body, *signature;
		int64_t at_s;
	} rows[] = {
		{ "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", "{\"test\": 2432232314}",
		  "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", 1614265330 },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char got[HERALD_SIGNATURE_BYTES];
		assert_int_equal(herald_sign(rows[i].secret, rows[i].id, rows[i].at_s, rows[i].body, got), 0);
		assert_string_equal(got, rows[i].signature);
	}
	char got[HERALD_SIGNATURE_BYTES];
	assert_int_equal(herald_sign("whsec_!", "a", 1, "b", got), E_CONFIG);
}

/* As a person of this unit sees it; "" = of the whole organisation. */
static json_t *status_for(struct fixture *f, const char *unit)
{
	struct scope in = fixture_scope(f);
	struct call c = { .verb = &status_verbs.verbs[0], .actor = "uid:0", .role = ROLE_OPERATOR, .unit = unit, .dotted = "status" };
	struct refusal why = { 0 };
	json_t *status = NULL;
	int64_t next;
	assert_int_equal(c.verb->query(&in, &c, &status, &next, &why), 0);
	return status;
}

static void status_tells_what_waits_and_who_fails_to_the_whole_organisation_only(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(HOOKS(HOOK("one", "events = [ \"message\" ];") ", " HOOK("two", "events = [ \"inbound\" ];")));
	struct peer *channel = sim_driver_connect(f, 0, SIM_HTTP), *hook = connect_hook(f, 0);
	sent(f, channel, "+84912345678");
	sent(f, channel, "+84912345679");
	OWN(json) json_t *list = given(hook);
	assert_int_equal(json_array_size(list), 2);
	OWN(mem) char *id = id_of(list, 0);
	for (int i = 0; i < 5; i++) { /* as often as makes a receiver one that is down */
		say_failed(f, hook, id);
		sim_wait(f, 3600000);
		json_decref(given(hook));
	}
	OWN(json) json_t *status = status_for(f, ""), *commune = status_for(f, "02269");
	const json_t *one = json_array_get(json_object_get(status, "webhooks"), 0), *two = json_array_get(json_object_get(status, "webhooks"), 1);
	assert_string_equal(json_str(one, "name", ""), "one");
	assert_string_equal(json_str(one, "state", ""), "failing");
	assert_int_equal(json_int(one, "waiting", -1), 2);
	assert_int_equal(json_int(one, "given_up", -1), 0);
	assert_true(json_is_string(json_object_get(one, "oldest_at")));
	assert_string_equal(json_str(two, "state", ""), "up");
	assert_int_equal(json_int(two, "waiting", -1), 0);
	assert_true(json_is_null(json_object_get(two, "oldest_at")));
	assert_null(json_object_get(commune, "webhooks"));
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(event_leaves_with_the_tick_of_what_it_tells_and_goes_when_it_is_taken),
		cmocka_unit_test(next_event_of_a_message_waits_for_the_one_before_and_others_do_not),
		cmocka_unit_test(what_a_lost_program_had_goes_out_again_under_the_same_name),
		cmocka_unit_test(event_without_an_answer_goes_out_again),
		cmocka_unit_test(event_answered_twice_in_one_tick_is_counted_once),
		cmocka_unit_test(failed_event_is_tried_by_a_ladder_and_given_up_after_a_day),
		cmocka_unit_test(failed_event_keeps_its_pause_and_its_day_over_a_clock_jump),
		cmocka_unit_test(receiver_that_is_down_gets_one_event_at_a_time),
		cmocka_unit_test(backlog_is_bounded_and_what_is_beyond_is_counted),
		cmocka_unit_test(only_what_says_something_is_told),
		cmocka_unit_test(numbers_and_words_are_for_receivers_with_the_right),
		cmocka_unit_test(restricted_case_shows_nothing_to_anybody),
		cmocka_unit_test(rows_of_a_webhook_that_was_taken_out_go),
		cmocka_unit_test(test_event_goes_to_one_receiver),
		cmocka_unit_test(signature_is_the_conventions),
		cmocka_unit_test(status_tells_what_waits_and_who_fails_to_the_whole_organisation_only),
	};
	return cmocka_run_group_tests(tests, make_secret, drop_secret);
}
