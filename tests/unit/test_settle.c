/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of outcomes and proofs: what a result, a late result, a lost driver makes of parts and of the message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/outbox.h"
#include "tests/support/sim_driver.h"

#define TWICE                                                                                                    \
	"channels = ( { name = \"sim1\"; driver = \"exec\"; program = \"/bin/true\"; rate_per_second = 1000; " \
	"retry = { first_s = 30; factor = 2; cap_s = 3600; jitter_percent = 0; attempts = 2; }; } );\n"

static void unclear_is_never_sent_again(void **state)
{
	(void)state;
	static const struct {
		const char *label, *ready;
	} cases[] = { { "modem", SIM_MODEM }, { "http without keys", SIM_ONCE } };
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct fixture *f = fixture_new(SIM_CONFIG(""));
		struct peer *p = sim_driver_connect(f, 0, cases[i].ready);
		int64_t id = sim_put(f, &(struct sim_message){ 0 });
		sim_tick(f);
		sim_driver_result(p, sim_driver_attempt(p), "unclear", ",\"code\":\"timeout\"");
		sim_tick(f);
		print_message("%s\n", cases[i].label);
		assert_state(f, id, "unclear");
		for (int hour = 0; hour < 30; hour++) {
			sim_wait(f, 3600000);
			assert_int_equal(sim_driver_count(p, "submit"), 0);
		}
		assert_state(f, id, "unclear");
		assert_int_equal(sim_int(f, "SELECT count(*) FROM attempt"), 1);
		fixture_free(f);
	}
}

static void idempotent_unclear_is_repeated_with_the_same_key(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_HTTP);
	int64_t id = sim_put(f, &(struct sim_message){ 0 });
	sim_tick(f);
	OWN(json) json_t *first = sim_driver_read(p);
	const json_t *one = json_array_get(first, 0);
	sim_driver_result(p, atoll(json_str(one, "attempt", "")), "unclear", "");
	sim_tick(f);
	assert_state(f, id, "retry");
	sim_wait(f, 29000);
	assert_int_equal(sim_driver_count(p, "submit"), 0);
	sim_wait(f, 2000);
	OWN(json) json_t *second = sim_driver_read(p);
	const json_t *two = json_array_get(second, 0);
	assert_string_equal(json_str(one, "key", "a"), json_str(two, "key", "b"));
	assert_string_not_equal(json_str(one, "attempt", "a"), json_str(two, "attempt", "a"));
	sim_driver_result(p, atoll(json_str(two, "attempt", "")), "accepted", ",\"reference\":\"R\"");
	sim_tick(f);
	assert_state(f, id, "sent");
	fixture_free(f);
}

static void idempotent_unclear_ends_unclear_when_attempts_or_the_key_run_out(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(TWICE);
	struct peer *p = sim_driver_connect(f, 0, SIM_HTTP);
	int64_t id = sim_put(f, &(struct sim_message){ 0 });
	sim_tick(f);
	sim_driver_result(p, sim_driver_attempt(p), "unclear", "");
	sim_tick(f);
	sim_wait(f, 31000);
	sim_driver_result(p, sim_driver_attempt(p), "unclear", "");
	sim_tick(f);
	assert_state(f, id, "unclear"); /* failed would be a claim that nobody can make */
	fixture_free(f);
}

static void key_that_is_over_is_not_used_again(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_HTTP);
	int64_t id = sim_put(f, &(struct sim_message){ .expires_at = clock_now_ms(&f->clock) + INT64_C(96) * 3600000 });
	sim_tick(f);
	sim_driver_result(p, sim_driver_attempt(p), "unclear", "");
	sim_tick(f);
	sim_driver_lose(f, p);
	sim_wait(f, INT64_C(25) * 3600000);
	p = sim_driver_connect(f, 0, SIM_HTTP);
	sim_tick(f);
	assert_int_equal(sim_driver_count(p, "submit"), 0);
	assert_state(f, id, "unclear");
	fixture_free(f);
}

static void doubt_about_an_earlier_attempt_outlives_a_later_not_sent(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(TWICE);
	struct peer *p = sim_driver_connect(f, 0, SIM_HTTP);
	int64_t id = sim_put(f, &(struct sim_message){ 0 });
	sim_tick(f);
	sim_driver_result(p, sim_driver_attempt(p), "unclear", "");
	sim_tick(f);
	sim_wait(f, 31000);
	sim_driver_result(p, sim_driver_attempt(p), "not_sent", "");
	sim_tick(f);
	assert_state(f, id, "unclear");
	fixture_free(f);
}

static void attempts_that_were_never_sent_fail_when_they_run_out(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(TWICE);
	struct peer *p = sim_driver_connect(f, 0, SIM_HTTP);
	int64_t id = sim_put(f, &(struct sim_message){ 0 });
	sim_tick(f);
	sim_driver_result(p, sim_driver_attempt(p), "not_sent", "");
	sim_tick(f);
	sim_wait(f, 31000);
	sim_driver_result(p, sim_driver_attempt(p), "not_sent", "");
	sim_tick(f);
	assert_state(f, id, "failed");
	fixture_free(f);
}

static void unsent_message_may_take_another_channel(void **state)
{
	(void)state;
	struct fixture *f = fixture_new("channels = ( " SIM_CHANNEL("sim1", "") ", " SIM_CHANNEL("sim2", "") " );\n");
	struct peer *p = sim_driver_connect(f, 0, SIM_HTTP), *other = sim_driver_connect(f, 1, NULL);
	int64_t id = sim_put(f, &(struct sim_message){ .text = sim_four_parts }), attempt;
	sim_tick(f);
	sim_driver_result(p, sim_driver_attempt(p), "not_sent", "");
	sim_tick(f);
	sim_driver_lose(f, p);
	sim_driver_say(other, "%s", SIM_MODEM);
	sim_wait(f, 31000);
	for (int part = 1; part <= 4; part++) {
		assert_int_equal(sim_driver_part(other, &attempt), part);
		sim_driver_result(other, attempt, "accepted", "");
		sim_tick(f);
	}
	assert_state(f, id, "sent");
	assert_int_equal(sim_int(f, "SELECT parts FROM v_msg WHERE id = %lld", (long long)id), 4);
	fixture_free(f);
}

static void late_result_is_proof(void **state)
{
	(void)state;
	static const struct {
		const char *label, *late, *proof, *state;
	} cases[] = {
		{ "accepted", "accepted", "accepted", "sent" },
		{ "refused", "refused", "failed", "failed" },
		{ "unclear again", "unclear", "", "unclear" },
		{ "not sent", "not_sent", "", "unclear" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct fixture *f = fixture_new(SIM_CONFIG(""));
		struct peer *p = sim_driver_connect(f, 0, SIM_ONCE);
		int64_t id = sim_put(f, &(struct sim_message){ 0 });
		sim_tick(f);
		int64_t attempt = sim_driver_attempt(p);
		sim_driver_result(p, attempt, "unclear", "");
		sim_tick(f);
		sim_driver_result(p, attempt, cases[i].late, ",\"reference\":\"late\"");
		sim_tick(f);
		print_message("%s\n", cases[i].label);
		assert_outcome(f, id, 1, "unclear");
		assert_text(sim_text(f, "SELECT coalesce(proof, '') FROM attempt"), cases[i].proof);
		assert_state(f, id, cases[i].state);
		assert_false(p->doomed);
		assert_int_equal(f->core->channels[0].in_flight, 0);
		fixture_free(f);
	}
}

static void late_result_uses_the_report_that_overtook_it(void **state)
{
	(void)state;
	static const struct {
		const char *label, *report, *state;
	} cases[] = {
		{ "delivered", "delivered", "delivered" },
		{ "failed", "failed", "failed" },
		{ "on its way", "buffered", "sent" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct fixture *f = fixture_new(SIM_CONFIG(""));
		struct peer *p = sim_driver_connect(f, 0, SIM_ONCE);
		int64_t id = sim_put(f, &(struct sim_message){ 0 });
		sim_tick(f);
		int64_t attempt = sim_driver_attempt(p);
		sim_driver_result(p, attempt, "unclear", "");
		sim_tick(f);
		sim_driver_say(p, "{\"op\":\"receipt\",\"id\":\"d1\",\"reference\":\"late\",\"status\":\"%s\",\"at_ms\":1}", cases[i].report);
		sim_tick(f);
		assert_state(f, id, "unclear");
		sim_driver_result(p, attempt, "accepted", ",\"reference\":\"late\"");
		sim_tick(f);
		print_message("%s\n", cases[i].label);
		assert_state(f, id, cases[i].state);
		assert_int_equal(sim_int(f, "SELECT count(*) FROM parked_receipt"), 0);
		fixture_free(f);
	}
}

/* Both attempts bear one key, so the provider has one message: what the first is proven to be counts, the answer to the second changes
 * nothing any more, and a report under the first's reference still does. */
static void repetition_under_way_changes_nothing_of_what_a_late_answer_proved(void **state)
{
	(void)state;
	static const char *const answers[] = { "accepted", "refused", "not_sent", "unclear" };
	for (size_t i = 0; i < COUNT_OF(answers); i++) {
		struct fixture *f = fixture_new(SIM_CONFIG(""));
		struct peer *p = sim_driver_connect(f, 0, SIM_HTTP);
		int64_t id = sim_put(f, &(struct sim_message){ 0 });
		sim_tick(f);
		int64_t first = sim_driver_attempt(p);
		sim_driver_result(p, first, "unclear", "");
		sim_tick(f);
		sim_wait(f, 31000);
		int64_t second = sim_driver_attempt(p);
		assert_true(second > first);
		sim_driver_result(p, first, "accepted", ",\"reference\":\"R\"");
		sim_tick(f);
		assert_state(f, id, "sent");
		sim_driver_result(p, second, answers[i], "");
		sim_tick(f);
		sim_wait(f, 120000);
		print_message("%s\n", answers[i]);
		assert_state(f, id, "sent");
		assert_int_equal(sim_driver_count(p, "submit"), 0);
		assert_int_equal(f->core->channels[0].in_flight, 0);
		sim_driver_say(p, "{\"op\":\"receipt\",\"id\":\"d1\",\"reference\":\"R\",\"status\":\"delivered\",\"at_ms\":1}");
		sim_tick(f);
		assert_state(f, id, "delivered");
		assert_int_equal(sim_int(f, "SELECT delivered FROM flow WHERE id = 2"), 1);
		assert_int_equal(sim_int(f, "SELECT queued + sending + retry + sent + unclear + failed FROM flow WHERE id = 2"), 0);
		fixture_free(f);
	}
}

static void outcome_is_written_once(void **state)
{
	(void)state;
	static const char *const outcomes[] = { "accepted", "refused", "not_sent" };
	for (size_t i = 0; i < COUNT_OF(outcomes); i++) {
		struct fixture *f = fixture_new(SIM_CONFIG(""));
		struct peer *p = sim_driver_connect(f, 0, SIM_ONCE);
		int64_t id = sim_put(f, &(struct sim_message){ 0 });
		sim_tick(f);
		int64_t attempt = sim_driver_attempt(p);
		sim_driver_result(p, attempt, outcomes[i], "");
		sim_tick(f);
		OWN(mem) char *was = sim_text(f, "SELECT state FROM message WHERE id = %lld", (long long)id);
		for (size_t k = 0; k < COUNT_OF(outcomes); k++)
			sim_driver_result(p, attempt, outcomes[k], "");
		sim_tick(f);
		assert_outcome(f, id, 1, outcomes[i]);
		assert_state(f, id, was);
		assert_false(p->doomed);
		assert_int_equal(f->core->channels[0].in_flight, 0);
		fixture_free(f);
	}
}

static void result_never_given_dooms_the_peer(void **state)
{
	(void)state;
	static const struct {
		const char *label, *frame;
	} cases[] = {
		{ "no such attempt", "{\"op\":\"result\",\"attempt\":\"999\",\"outcome\":\"accepted\"}" },
		{ "given to the other channel", "{\"op\":\"result\",\"attempt\":\"1\",\"outcome\":\"accepted\"}" },
		{ "not handed yet", "{\"op\":\"result\",\"attempt\":\"2\",\"outcome\":\"accepted\"}" },
		{ "no attempt", "{\"op\":\"result\",\"outcome\":\"accepted\"}" },
		{ "no outcome", "{\"op\":\"result\",\"attempt\":\"1\"}" },
		{ "no number", "{\"op\":\"result\",\"attempt\":\"1x\",\"outcome\":\"accepted\"}" },
		{ "beyond 64 bits", "{\"op\":\"result\",\"attempt\":\"99999999999999999999\",\"outcome\":\"accepted\"}" },
		{ "negative", "{\"op\":\"result\",\"attempt\":\"-1\",\"outcome\":\"accepted\"}" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct fixture *f = fixture_new("channels = ( " SIM_CHANNEL("sim1", "") ", " SIM_CHANNEL("sim2", "") " );\n");
		struct peer *mine = sim_driver_connect(f, 0, SIM_MODEM), *other = sim_driver_connect(f, 1, NULL);
		int64_t id = sim_put(f, &(struct sim_message){ .text = sim_four_parts });
		sim_tick(f);
		sim_driver_say(other, "%s", cases[i].frame);
		sim_tick(f);
		print_message("%s\n", cases[i].label);
		assert_true(other->doomed);
		assert_false(mine->doomed);
		assert_state(f, id, "sending");
		assert_int_equal(sim_int(f, "SELECT count(*) FROM attempt WHERE outcome IS NOT NULL"), 0);
		fixture_free(f);
	}
}

static void words_of_a_driver_name_nobody(void **state)
{
	(void)state;
	static const char *const frames[] = {
		"{\"op\":\"result\",\"attempt\":\"1\",\"outcome\":\"refused\",\"fault\":\"message\",\"detail\":\"no route for +84912345678\"}",
		"{\"op\":\"log\",\"level\":\"error\",\"event\":\"x\",\"fields\":{\"reason\":\"no route for +84912345678\"}}",
	};
	for (size_t i = 0; i < COUNT_OF(frames); i++) {
		struct fixture *f = fixture_new(SIM_CONFIG(""));
		struct peer *p = sim_driver_connect(f, 0, SIM_HTTP);
		sim_put(f, &(struct sim_message){ 0 });
		sim_tick(f);
		sim_driver_say(p, "%s", frames[i]);
		sim_tick(f);
		assert_string_equal(f->core->channels[0].last_error, "no route for +#");
		fixture_free(f);
	}
}

static const char *shown_error(struct fixture *f, json_t **ret_shown)
{
	int64_t next;
	json_decref(*ret_shown);
	*ret_shown = NULL;
	sim_wait(f, 2000); /* the row is written */
	assert_int_equal(fixture_query(f, "channel.show", "{\"name\":\"sim1\"}", ret_shown, &next), 0);
	return json_str(*ret_shown, "last_error", NULL);
}

/* One person's number that was refused does not make a channel look broken for good; what was, keeps its moment. */
static void a_taken_message_ends_the_last_error(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_HTTP);
	OWN(json) json_t *shown = NULL;
	sim_put(f, &(struct sim_message){ .text = "1" });
	sim_tick(f);
	sim_driver_say(p, "{\"op\":\"result\",\"attempt\":\"1\",\"outcome\":\"refused\",\"fault\":\"recipient\",\"code\":\"105\"}");
	sim_tick(f);
	assert_string_equal(shown_error(f, &shown), "105");
	sim_put(f, &(struct sim_message){ .text = "2" });
	sim_tick(f);
	sim_driver_say(p, "{\"op\":\"result\",\"attempt\":\"2\",\"outcome\":\"accepted\",\"reference\":\"r\"}");
	sim_tick(f);
	assert_null(shown_error(f, &shown));
	const json_t *kept = json_array_get(json_object_get(shown, "last_errors"), 0);
	assert_string_equal(json_str(kept, "text", ""), "105");
	assert_non_null(json_str(kept, "at", NULL));
	fixture_free(f);
}

static void retry_pauses_double_up_to_the_cap_and_follow_the_wish_of_the_provider(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_HTTP);
	int64_t now = clock_now_ms(&f->clock), id = sim_put(f, &(struct sim_message){ .expires_at = now + INT64_C(30) * 86400000 });
	static const int64_t pauses_s[] = { 30, 60, 120, 240, 480, 960, 1920, 3600, 3600 };
	sim_tick(f);
	for (size_t i = 0; i < COUNT_OF(pauses_s); i++) {
		int64_t attempt = sim_driver_attempt(p);
		assert_true(attempt > 0);
		sim_driver_result(p, attempt, "not_sent", "");
		sim_tick(f);
		assert_in_range(sim_int(f, "SELECT due_at FROM message WHERE id = %lld", (long long)id) - clock_now_ms(&f->clock),
				pauses_s[i] * 1000, pauses_s[i] * 1000 + 10);
		sim_wait(f, pauses_s[i] * 1000 + 2);
	}
	sim_driver_result(p, sim_driver_attempt(p), "not_sent", ",\"retry_after_s\":7");
	sim_tick(f);
	assert_in_range(sim_int(f, "SELECT due_at FROM message") - clock_now_ms(&f->clock), 7000, 7010);
	fixture_free(f);
}

/* Pauses of many messages that failed in one moment: none outside first_s ± jitter, and not all in one place. */
static void retry_pauses_are_spread_and_end_with_the_validity(void **state)
{
	(void)state;
	struct fixture *f = fixture_new("channels = ( { name = \"sim1\"; driver = \"exec\"; program = \"/bin/true\"; rate_per_second = 1000; "
					"burst = 1000; retry = { first_s = 30; factor = 2; cap_s = 3600; jitter_percent = 20; attempts = 0; }; } );\n");
	struct peer *p = sim_driver_connect(f, 0, SIM_HTTP);
	int64_t now = clock_now_ms(&f->clock), least = INT64_MAX, most = 0;
	for (int i = 0; i < 16; i++) {
		sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE, .expires_at = now + 600000 });
		sim_tick(f);
		sim_driver_result(p, sim_driver_attempt(p), "not_sent", "");
		sim_tick(f);
		int64_t pause = sim_int(f, "SELECT max(due_at) FROM message WHERE id = %d", i + 1) - clock_now_ms(&f->clock);
		assert_in_range(pause, 24000, 36010);
		least = pause < least ? pause : least;
		most = pause > most ? pause : most;
	}
	assert_true(most - least > 3000);
	int tries = 0;
	for (int s = 0; s < 620; s += 20) {
		OWN(json) json_t *frames = sim_driver_read(p);
		size_t i;
		const json_t *frame;
		json_array_foreach (frames, i, frame) {
			sim_driver_result(p, strtoll(json_str(frame, "attempt", "0"), NULL, 10), "not_sent", "");
			tries++;
			assert_true(clock_now_ms(&f->clock) < now + 600000);
		}
		sim_wait(f, 20000);
	}
	assert_true(tries >= 16 * 3);
	assert_int_equal(sim_int(f, "SELECT count(*) FROM message WHERE state = 'expired'"), 16);
	fixture_free(f);
}

static void wishes_out_of_all_measure_are_bounded(void **state)
{
	(void)state;
	static const char *const wishes[] = { "1e300", "9223372036854775807", "1e18" };
	for (size_t i = 0; i < COUNT_OF(wishes); i++) {
		struct fixture *f = fixture_new(SIM_CONFIG(""));
		struct peer *p = sim_driver_connect(f, 0, SIM_HTTP);
		char more[80];
		int64_t id = sim_put(f, &(struct sim_message){ 0 });
		sim_tick(f);
		snprintf(more, sizeof(more), ",\"retry_after_s\":%s", wishes[i]);
		sim_driver_result(p, sim_driver_attempt(p), "not_sent", more);
		sim_tick(f);
		assert_state(f, id, "retry");
		assert_in_range(sim_int(f, "SELECT due_at FROM message") - clock_now_ms(&f->clock), 1, INT64_C(30) * 86400000);
		fixture_free(f);
	}
}

static void recipient_fault_is_remembered_for_the_number(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_HTTP);
	int64_t id = sim_put(f, &(struct sim_message){ 0 });
	sim_tick(f);
	sim_driver_result(p, sim_driver_attempt(p), "refused", ",\"fault\":\"recipient\",\"code\":\"absent\"");
	sim_tick(f);
	assert_state(f, id, "failed");
	int64_t next = sim_put(f, &(struct sim_message){ 0 });
	sim_tick(f);
	assert_state(f, next, "suppressed");
	assert_int_equal(sim_driver_count(p, "submit"), 0);
	fixture_free(f);
}

/* What a provider counts and charges takes the place of what was guessed; a sum in other money is shown and not added. */
static void provider_says_what_a_message_was_and_cost(void **state)
{
	(void)state;
	static const struct {
		const char *more;
		int64_t spent, month;
		const char *stored;
	} rows[] = {
		{ ",\"segments\":1,\"price\":\"250\",\"price_vnd\":250", 250, 250, "1 250" },
		{ ",\"segments\":2,\"price\":\"0.0333\"", 0, 300, "2 0.0333" },
		{ ",\"price\":\"900\",\"price_vnd\":900", 900, 900, "- 900" },
		{ "", 0, 300, "- -" },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct fixture *f = fixture_new("channels = ( " SIM_CHANNEL("sim1", "segment_price_vnd = 300;") " );\n");
		struct peer *p = sim_driver_connect(f, 0, SIM_HTTP);
		int64_t id = sim_put(f, &(struct sim_message){ .flow = FLOW_SINGLE });
		sim_tick(f);
		sim_driver_result(p, sim_driver_attempt(p), "accepted", rows[i].more);
		sim_tick(f);
		assert_state(f, id, "sent");
		assert_int_equal(sim_int(f, "SELECT spent_vnd FROM flow WHERE id = %d", FLOW_SINGLE), rows[i].spent);
		assert_int_equal(sim_int(f, "SELECT month_vnd FROM channel"), rows[i].month);
		assert_int_equal(f->core->channels[0].month_vnd, rows[i].month);
		assert_text(sim_text(f, "SELECT coalesce(CAST(segments AS TEXT), '-') || ' ' || coalesce(price, '-') FROM attempt"), rows[i].stored);
		fixture_free(f);
	}
}

static void driver_that_asks_for_the_balance_has_it_kept(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_HTTP);
	sim_driver_say(p, "{\"op\":\"status\",\"balance_vnd\":1250000}");
	sim_tick(f);
	OWN(json) json_t *shown = NULL;
	int64_t next;
	assert_int_equal(fixture_query(f, "channel.show", "{\"name\":\"sim1\"}", &shown, &next), 0);
	assert_int_equal(json_int(shown, "balance_vnd", 0), 1250000);
	assert_non_null(json_str(shown, "balance_at", NULL));
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unclear_is_never_sent_again),
		cmocka_unit_test(provider_says_what_a_message_was_and_cost),
		cmocka_unit_test(driver_that_asks_for_the_balance_has_it_kept),
		cmocka_unit_test(idempotent_unclear_is_repeated_with_the_same_key),
		cmocka_unit_test(idempotent_unclear_ends_unclear_when_attempts_or_the_key_run_out),
		cmocka_unit_test(key_that_is_over_is_not_used_again),
		cmocka_unit_test(doubt_about_an_earlier_attempt_outlives_a_later_not_sent),
		cmocka_unit_test(attempts_that_were_never_sent_fail_when_they_run_out),
		cmocka_unit_test(unsent_message_may_take_another_channel),
		cmocka_unit_test(late_result_is_proof),
		cmocka_unit_test(late_result_uses_the_report_that_overtook_it),
		cmocka_unit_test(repetition_under_way_changes_nothing_of_what_a_late_answer_proved),
		cmocka_unit_test(outcome_is_written_once),
		cmocka_unit_test(result_never_given_dooms_the_peer),
		cmocka_unit_test(words_of_a_driver_name_nobody),
		cmocka_unit_test(a_taken_message_ends_the_last_error),
		cmocka_unit_test(retry_pauses_double_up_to_the_cap_and_follow_the_wish_of_the_provider),
		cmocka_unit_test(retry_pauses_are_spread_and_end_with_the_validity),
		cmocka_unit_test(wishes_out_of_all_measure_are_bounded),
		cmocka_unit_test(recipient_fault_is_remembered_for_the_number),
	};
	return cmocka_run_group_tests_name("settle", tests, NULL, NULL);
}
