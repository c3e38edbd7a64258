/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of what arrives: once in the rows, acknowledged after the commit, handed on, never dropped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/inbox.h"
#include "tests/support/sim_driver.h"

struct seen {
	int calls, fails; /* the next so many calls fail after writing */
	int error;
	char text[300];
	enum phone_kind kind;
};

static int intake(struct tick *t, const struct inbound *in, struct handled *ret)
{
	struct seen *s = ((struct fixture *)t->core->loop)->mine;
	s->calls++;
	snprintf(s->text, sizeof(s->text), "%s", in->text);
	s->kind = in->sender_kind;
	int r = store_script(t->in.db, "INSERT INTO wording (text) VALUES ('seen')");
	if (r || s->fails-- > 0)
		return r ? r : s->error;
	*ret = (struct handled){ .kind = "filed", .handled_by = "test", .result = "filed", .why = "test" };
	return 0;
}

static struct fixture *start(struct seen *s)
{
	struct fixture *f = fixture_new("channels = ( " SIM_CHANNEL("sim1", "") ", " SIM_CHANNEL("sim2", "") " );\n");
	f->mine = s;
	f->wiring.intake = intake;
	return f;
}

static void bring(struct peer *p, const char *id, const char *text)
{
	sim_driver_say(p, "{\"op\":\"inbound\",\"id\":\"%s\",\"from\":\"0912345678\",\"text\":\"%s\"}", id, text);
}

static void same_inbound_id_twice_is_stored_once_and_acknowledged_twice(void **state)
{
	(void)state;
	struct seen seen = { 0 };
	struct fixture *f = start(&seen);
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM), *other = sim_driver_connect(f, 1, SIM_MODEM);
	bring(p, "m1", "mot");
	bring(p, "m1", "mot");
	sim_tick(f);
	bring(p, "m1", "mot");
	sim_tick(f);
	assert_int_equal(sim_driver_count(p, "stored"), 3);
	assert_int_equal(sim_int(f, "SELECT count(*) FROM inbound"), 1);
	assert_int_equal(seen.calls, 1);
	bring(other, "m1", "mot"); /* another channel's id is another message */
	sim_tick(f);
	assert_int_equal(sim_int(f, "SELECT count(*) FROM inbound"), 2);
	fixture_free(f);
}

static void same_id_after_a_restart_and_a_year_is_the_same_message(void **state)
{
	(void)state;
	struct seen seen = { 0 };
	struct fixture *f = start(&seen);
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	bring(p, "m1", "mot");
	sim_tick(f);
	fixture_close_core(f);
	clock_advance(&f->clock, INT64_C(365) * 86400000);
	fixture_open_core(f);
	p = sim_driver_connect(f, 0, SIM_MODEM);
	bring(p, "m1", "mot");
	sim_tick(f);
	assert_int_equal(sim_driver_count(p, "stored"), 1);
	assert_int_equal(sim_int(f, "SELECT count(*) FROM inbound"), 1);
	fixture_free(f);
}

static void handler_that_fails_once_gets_the_message_again(void **state)
{
	(void)state;
	struct seen seen = { .fails = 1, .error = E_INVALID };
	struct fixture *f = start(&seen);
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	bring(p, "m1", "mot");
	for (int i = 0; i < 3; i++)
		sim_wait(f, 1000);
	assert_int_equal(seen.calls, 2);
	assert_text(sim_text(f, "SELECT state FROM inbound"), "handled");
	assert_int_equal(sim_int(f, "SELECT count(*) FROM wording"), 1); /* what the first call wrote is undone */
	fixture_free(f);
}

static void handler_that_fails_twice_quarantines(void **state)
{
	(void)state;
	static const int errors[] = { E_INVALID, E_UNDO, E_CORRUPT, E_AGAIN, E_NOT_FOUND };
	for (size_t i = 0; i < COUNT_OF(errors); i++) {
		int together = engine_is_postgresql(); /* where a server is waited for, all of a tick is tried as one before */
		struct seen seen = { .fails = 2 + together, .error = errors[i] };
		struct fixture *f = start(&seen);
		struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
		bring(p, "m1", "mot");
		bring(p, "m2", "hai");
		for (int k = 0; k < 3; k++)
			sim_wait(f, 1000);
		assert_int_equal(seen.calls, 3 + together);
		assert_text(sim_text(f, "SELECT state FROM inbound WHERE dedupe_key = 'm1'"), "quarantined");
		assert_text(sim_text(f, "SELECT text FROM inbound WHERE dedupe_key = 'm1'"), "mot");
		assert_text(sim_text(f, "SELECT state FROM inbound WHERE dedupe_key = 'm2'"), "handled");
		assert_int_equal(sim_int(f, "SELECT count(*) FROM wording"), 1);
		assert_int_equal(sim_driver_count(p, "stored"), 2);
		fixture_free(f);
	}
}

static void store_that_cannot_write_for_a_handler_quarantines_nothing_and_keeps_the_order(void **state)
{
	(void)state;
	struct seen seen = { .fails = 4, .error = E_UNAVAILABLE };
	struct fixture *f = start(&seen);
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	bring(p, "m1", "mot");
	bring(p, "m2", "hai");
	sim_tick(f);
	assert_int_equal(sim_driver_count(p, "stored"), 2);
	assert_int_equal(sim_int(f, "SELECT count(*) FROM inbound WHERE state = 'received'"), 2);
	assert_true(f->core->behind); /* it may be a stop: nothing is claimed */
	for (int i = 0; i < 4; i++)
		sim_wait(f, 1000);
	assert_int_equal(sim_int(f, "SELECT count(*) FROM inbound WHERE state = 'handled'"), 2);
	assert_string_equal(seen.text, "hai");
	assert_int_equal(seen.calls, 6);
	assert_false(f->core->behind);
	fixture_free(f);
}

/* Not the handler, not even the row's quarantine: what came in is kept and acknowledged, and may be a stop. */
static void nothing_is_claimed_while_what_came_in_could_not_be_handled(void **state)
{
	(void)state;
	SQLITE_ONLY("a trigger's own words");
	struct seen seen = { 0 };
	struct fixture *f = start(&seen);
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	sim_sql(f, "CREATE TRIGGER kept AFTER UPDATE ON inbound BEGIN SELECT RAISE(ABORT, 'kept'); END");
	int64_t id = sim_put(f, &(struct sim_message){ .text = "Xin chao" });
	bring(p, "m1", "tc");
	sim_tick(f);
	assert_int_equal(sim_int(f, "SELECT count(*) FROM inbound WHERE state = 'received'"), 1);
	assert_state(f, id, "queued");
	json_t *frames = sim_driver_read(p);
	assert_int_equal(json_array_size(frames), 1);
	assert_string_equal(json_str(json_array_get(frames, 0), "op", ""), "stored");
	json_decref(frames);
	sim_sql(f, "DROP TRIGGER kept");
	for (int i = 0; i < 7; i++)
		sim_wait(f, 1000);
	assert_int_equal(sim_int(f, "SELECT count(*) FROM inbound WHERE state = 'handled'"), 1);
	assert_state(f, id, "sending");
	fixture_free(f);
}

static void what_a_full_store_could_not_take_is_taken_later_without_being_said_again(void **state)
{
	(void)state;
	SQLITE_ONLY("a limit of pages");
	enum { N = 60 };
	char id[16], text[600];
	struct seen seen = { 0 };
	struct fixture *f = start(&seen);
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	sim_tick(f);
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(store_script(f->core->db, "PRAGMA max_page_count = 1"), 0); /* no page more than there are */
	for (int i = 0; i < N; i++) {
		snprintf(id, sizeof(id), "m%d", i);
		bring(p, id, text);
	}
	sim_tick(f);
	assert_int_equal(sim_driver_count(p, "stored"), sim_int(f, "SELECT count(*) FROM inbound"));
	assert_true(sim_driver_count(p, "stored") < N);
	assert_int_equal(store_script(f->core->db, "PRAGMA max_page_count = 1000000"), 0);
	for (int i = 0; i < 3; i++)
		sim_wait(f, 1000);
	assert_int_equal(sim_int(f, "SELECT count(*) FROM inbound"), N);
	assert_int_equal(sim_driver_count(p, "stored"), N);
	fixture_free(f);
}

static void low_disk_refuses_new_messages_and_takes_inbound(void **state)
{
	(void)state;
	struct seen seen = { 0 };
	struct fixture *f = start(&seen);
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM), *cli = core_peer_add(f->core, PEER_CLIENT);
	f->core->low_disk = true;
	static const struct {
		const char *verb, *args, *rule;
	} cases[] = {
		{ "message.send", "{\"to\":\"+84912345678\",\"text\":\"a\"}", "disk_low" },
		{ "campaign.new", "{\"name\":\"a\",\"text\":\"b TC\",\"group\":\"g\"}", "disk_low" },
		{ "consent.opt-out", "{\"number\":\"+84912345678\"}", "" },
		{ "channel.pause", "{\"name\":\"sim1\"}", "" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		sim_driver_say(cli, "{\"op\":\"command\",\"id\":1,\"verb\":\"%s\",\"args\":%s}", cases[i].verb, cases[i].args);
		sim_tick(f);
		OWN(json) json_t *frames = sim_driver_read(cli);
		const json_t *error = json_object_get(json_array_get(frames, 0), "error");
		print_message("%s\n", cases[i].verb);
		assert_int_equal(json_array_size(frames), 1);
		assert_string_equal(json_str(error, "rule", ""), cases[i].rule);
		if (cases[i].rule[0])
			assert_int_equal(json_int(error, "status", 0), 503);
	}
	bring(p, "m1", "mot");
	sim_tick(f);
	assert_int_equal(sim_driver_count(p, "stored"), 1);
	assert_int_equal(seen.calls, 1);
	fixture_free(f);
}

static void whatever_bytes_a_text_holds_it_is_kept_valid(void **state)
{
	(void)state;
	static const struct {
		const char *label, *json, *want;
	} cases[] = {
		{ "NUL", "a\\u0000b",
		  "a\xef\xbf\xbd"
		  "b" },
		{ "half a pair", "a\\ud800b",
		  "a\xef\xbf\xbd"
		  "b" },
		{ "other half", "\\udc00", "\xef\xbf\xbd" },
		{ "pair", "\\ud83d\\ude00", "\xf0\x9f\x98\x80" },
		{ "turned writing", "a\\u202eb",
		  "a\xe2\x80\xae"
		  "b" },
		{ "NFD becomes NFC", "o\\u0302\\u0301", "\xe1\xbb\x91" },
		{ "quotes and signs", "it's %n%s {{7*7}} $(id) \\\"; DROP TABLE", "it's %n%s {{7*7}} $(id) \"; DROP TABLE" },
		{ "empty", "", "" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct seen seen = { 0 };
		struct fixture *f = start(&seen);
		struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
		bring(p, "m1", cases[i].json);
		sim_tick(f);
		print_message("%s\n", cases[i].label);
		assert_int_equal(seen.calls, 1);
		assert_string_equal(seen.text, cases[i].want);
		assert_text(sim_text(f, "SELECT text FROM inbound"), cases[i].want);
		fixture_free(f);
	}
}

static void five_hundred_marks_on_one_letter_are_kept(void **state)
{
	(void)state;
	struct seen seen = { 0 };
	struct fixture *f = start(&seen);
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	OWN(buffer) struct buffer text = { 0 };
	for (int i = 0; i < 500; i++)
		assert_int_equal(buffer_puts(&text, i ? "\\u0301" : "a"), 0);
	bring(p, "m1", buffer_text(&text));
	sim_tick(f);
	assert_int_equal(seen.calls, 1);
	assert_in_range(sim_int(f, "SELECT length(text) FROM inbound"), 499, 500);
	fixture_free(f);
}

static void senders_of_any_kind_are_kept(void **state)
{
	(void)state;
	static const struct {
		const char *from;
		enum phone_kind kind;
	} cases[] = { { "0912 345 678", PHONE_MOBILE }, { "VIETTEL", PHONE_ALPHA }, { "888", PHONE_SHORT }, { "", PHONE_ALPHA } };
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct seen seen = { 0 };
		struct fixture *f = start(&seen);
		struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
		sim_driver_say(p, "{\"op\":\"inbound\",\"id\":\"m\",\"from\":\"%s\",\"text\":\"a\"}", cases[i].from);
		sim_tick(f);
		assert_int_equal(seen.calls, 1);
		assert_int_equal(seen.kind, cases[i].kind);
		assert_false(p->doomed);
		fixture_free(f);
	}
}

static void inbound_without_id_dooms_a_driver(void **state)
{
	(void)state;
	struct seen seen = { 0 };
	struct fixture *f = start(&seen);
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	sim_driver_say(p, "{\"op\":\"inbound\",\"from\":\"0912345678\",\"text\":\"a\"}");
	sim_tick(f);
	assert_true(p->doomed);
	fixture_free(f);
}

static int hook(struct fixture *f, struct peer *web, const char *inbound)
{
	sim_driver_say(web, "{\"op\":\"hook\",\"id\":1,\"channel\":\"sim1\",\"items\":[{\"kind\":\"inbound\",\"inbound\":%s}]}", inbound);
	sim_tick(f);
	OWN(json) json_t *frames = sim_driver_read(web);
	return json_flag(json_array_get(frames, 0), "ok", false);
}

static void same_words_without_an_id_are_one_message_for_four_seconds(void **state)
{
	(void)state;
	struct seen seen = { 0 };
	struct fixture *f = start(&seen);
	struct peer *web = core_peer_add(f->core, PEER_WEB);
	static const char one[] = "{\"from\":\"0912345678\",\"text\":\"mot\"}", two[] = "{\"from\":\"0912345678\",\"text\":\"hai\"}";
	assert_true(hook(f, web, one));
	clock_advance(&f->clock, 4000);
	assert_true(hook(f, web, one));
	assert_true(hook(f, web, two));
	assert_int_equal(sim_int(f, "SELECT count(*) FROM inbound"), 3); /* kept, not handled */
	assert_int_equal(sim_int(f, "SELECT count(*) FROM inbound WHERE kind = 'duplicate'"), 1);
	assert_int_equal(seen.calls, 2);
	clock_advance(&f->clock, 8001);
	assert_true(hook(f, web, one));
	assert_int_equal(seen.calls, 3);
	fixture_free(f);
}

static void long_ids_that_differ_only_at_their_end_are_two_messages(void **state)
{
	(void)state;
	struct seen seen = { 0 };
	struct fixture *f = start(&seen);
	struct peer *web = core_peer_add(f->core, PEER_WEB);
	OWN(mem) char *id = malloc(5001), *inbound = malloc(6000);
	memset(id, 'a', 5000);
	id[5000] = '\0';
	for (int i = 0; i < 2; i++) {
		id[4999] = (char)('x' + i);
		snprintf(inbound, 6000, "{\"id\":\"%s\",\"from\":\"0912345678\",\"text\":\"t%d\"}", id, i);
		assert_true(hook(f, web, inbound));
		assert_true(hook(f, web, inbound));
	}
	assert_int_equal(sim_int(f, "SELECT count(*) FROM inbound"), 2);
	assert_int_equal(seen.calls, 2);
	fixture_free(f);
}

static void long_ids_of_a_driver_are_answered_whole_and_end_nothing(void **state)
{
	(void)state;
	struct seen seen = { 0 };
	struct fixture *f = start(&seen);
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	char id[3001];
	memset(id, 'a', sizeof(id) - 1);
	id[sizeof(id) - 1] = '\0';
	for (int i = 0; i < 4; i++) {
		id[2999] = (char)('x' + i % 2); /* each comes twice */
		bring(p, id, "mot");
		sim_tick(f);
		OWN(mem) char *echo = sim_driver_field(p, "stored", 0, "id");
		assert_non_null(echo);
		assert_string_equal(echo, id);
		assert_false(p->doomed);
	}
	assert_int_equal(sim_int(f, "SELECT count(*) FROM inbound"), 2);
	fixture_free(f);
}

static void driver_that_died_twice_over_a_message_is_told_to_skip_it(void **state)
{
	(void)state;
	char id[3001] = "poison";
	for (int longer = 0; longer < 2; longer++) {
		struct seen seen = { 0 };
		struct fixture *f = start(&seen);
		for (int i = 0; i < 3; i++) {
			struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
			bring(p, id, "mot");
			sim_tick(f);
			OWN(json) json_t *frames = sim_driver_read(p);
			assert_string_equal(json_str(json_array_get(frames, 0), "op", ""), i < 2 ? "stored" : "skip");
			sim_driver_lose(f, p);
			sim_tick(f);
		}
		assert_int_equal(sim_int(f, "SELECT count(*) FROM inbound"), 1);
		fixture_free(f);
		memset(id, 'p', sizeof(id) - 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_inbound_id_twice_is_stored_once_and_acknowledged_twice),
		cmocka_unit_test(same_id_after_a_restart_and_a_year_is_the_same_message),
		cmocka_unit_test(handler_that_fails_once_gets_the_message_again),
		cmocka_unit_test(handler_that_fails_twice_quarantines),
		cmocka_unit_test(nothing_is_claimed_while_what_came_in_could_not_be_handled),
		cmocka_unit_test(what_a_full_store_could_not_take_is_taken_later_without_being_said_again),
		cmocka_unit_test(store_that_cannot_write_for_a_handler_quarantines_nothing_and_keeps_the_order),
		cmocka_unit_test(low_disk_refuses_new_messages_and_takes_inbound),
		cmocka_unit_test(whatever_bytes_a_text_holds_it_is_kept_valid),
		cmocka_unit_test(five_hundred_marks_on_one_letter_are_kept),
		cmocka_unit_test(senders_of_any_kind_are_kept),
		cmocka_unit_test(inbound_without_id_dooms_a_driver),
		cmocka_unit_test(same_words_without_an_id_are_one_message_for_four_seconds),
		cmocka_unit_test(long_ids_of_a_driver_are_answered_whole_and_end_nothing),
		cmocka_unit_test(long_ids_that_differ_only_at_their_end_are_two_messages),
		cmocka_unit_test(driver_that_died_twice_over_a_message_is_told_to_skip_it),
	};
	return cmocka_run_group_tests_name("inbox", tests, NULL, NULL);
}
