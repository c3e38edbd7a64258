/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of delivery reports: any order, any number, any channel; a state never moves backward. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "tests/support/sim_driver.h"

static void report(struct peer *p, const char *id, const char *reference, const char *status)
{
	sim_driver_say(p, "{\"op\":\"receipt\",\"id\":\"%s\",\"reference\":\"%s\",\"status\":\"%s\",\"at_ms\":1}", id, reference, status);
}

/* Letters that no database can press together. */
static void random_letters(char *ret, size_t n)
{
	uint64_t x = 88172645463325252U;
	for (size_t i = 0; i < n; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		ret[i] = "abcdefghijklmnopqrstuvwxyzABCDEF"[x & 31];
	}
	ret[n] = '\0';
}

/* A message sent by sim1 under reference. */
static int64_t sent(struct fixture *f, struct peer *p, const char *reference)
{
	char more[80];
	int64_t id = sim_put(f, &(struct sim_message){ 0 });
	sim_tick(f);
	snprintf(more, sizeof(more), ",\"reference\":\"%s\"", reference);
	sim_driver_result(p, sim_driver_attempt(p), "accepted", more);
	sim_tick(f);
	assert_state(f, id, "sent");
	return id;
}

static void reports_in_any_order_never_move_a_message_backward(void **state)
{
	(void)state;
	static const struct {
		const char *label, *reports[4], *want;
	} cases[] = {
		{ "delivered", { "delivered" }, "delivered" },
		{ "failed", { "failed" }, "failed" },
		{ "buffered says nothing final", { "buffered" }, "sent" },
		{ "delivered never goes back to failed", { "delivered", "failed" }, "delivered" },
		{ "delivered never goes back to buffered", { "delivered", "buffered" }, "delivered" },
		{ "failed becomes delivered by a later report", { "failed", "delivered" }, "delivered" },
		{ "failed is not lifted by buffered", { "failed", "buffered" }, "failed" },
		{ "and delivered stays", { "failed", "delivered", "failed", "buffered" }, "delivered" },
		{ "buffered, then delivered", { "buffered", "buffered", "delivered" }, "delivered" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct fixture *f = fixture_new(SIM_CONFIG(""));
		struct peer *p = sim_driver_connect(f, 0, SIM_ONCE);
		int64_t id = sent(f, p, "R1");
		for (int k = 0; k < 4 && cases[i].reports[k]; k++) {
			char number[8];
			snprintf(number, sizeof(number), "d%d", k);
			report(p, number, "R1", cases[i].reports[k]);
			sim_tick(f);
			assert_text(sim_driver_field(p, "stored", 0, "id"), number);
		}
		print_message("%s\n", cases[i].label);
		assert_state(f, id, cases[i].want);
		assert_text(sim_text(f, "SELECT outcome FROM attempt"), "accepted");
		fixture_free(f);
	}
}

static void failed_proof_is_not_lifted_by_a_buffered_report(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_ONCE);
	sent(f, p, "R1");
	report(p, "a", "R1", "failed");
	report(p, "b", "R1", "buffered");
	sim_tick(f);
	assert_text(sim_text(f, "SELECT proof FROM attempt"), "failed");
	fixture_free(f);
}

static void thousand_reports_for_one_message_change_it_once(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_ONCE);
	int64_t id = sent(f, p, "R1");
	for (int i = 0; i < 1000; i++)
		report(p, "same", "R1", i % 3 ? "delivered" : "failed");
	while (core_has_work(f->core))
		sim_tick(f);
	assert_int_equal(sim_driver_count(p, "stored"), 1000);
	assert_state(f, id, "delivered");
	assert_int_equal(sim_int(f, "SELECT delivered FROM flow WHERE id = 2"), 1);
	assert_int_equal(sim_int(f, "SELECT held + queued + sending + retry + sent + unclear + failed FROM flow WHERE id = 2"), 0);
	fixture_free(f);
}

static void receipt_before_answer_is_parked_and_found(void **state)
{
	(void)state;
	static const struct {
		const char *label, *reports[3], *want;
	} cases[] = {
		{ "delivered", { "delivered" }, "delivered" },
		{ "failed", { "failed" }, "failed" },
		{ "buffered and delivered", { "buffered", "delivered" }, "delivered" },
		{ "delivered and a late buffered", { "delivered", "buffered" }, "delivered" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct fixture *f = fixture_new(SIM_CONFIG(""));
		struct peer *p = sim_driver_connect(f, 0, SIM_ONCE);
		int64_t id = sim_put(f, &(struct sim_message){ 0 });
		sim_tick(f);
		int64_t attempt = sim_driver_attempt(p);
		for (int k = 0; k < 3 && cases[i].reports[k]; k++) {
			char number[8];
			snprintf(number, sizeof(number), "d%d", k);
			report(p, number, "R1", cases[i].reports[k]);
		}
		sim_tick(f);
		assert_state(f, id, "sending");
		sim_driver_result(p, attempt, "accepted", ",\"reference\":\"R1\"");
		sim_tick(f);
		print_message("%s\n", cases[i].label);
		assert_state(f, id, cases[i].want);
		assert_int_equal(sim_int(f, "SELECT count(*) FROM parked_receipt"), 0);
		fixture_free(f);
	}
}

static void receipt_with_a_long_id_is_parked_and_found(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_ONCE);
	int64_t id = sim_put(f, &(struct sim_message){ 0 });
	char name[400];
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	sim_tick(f);
	int64_t attempt = sim_driver_attempt(p);
	report(p, name, "R1", "delivered");
	sim_tick(f);
	sim_driver_result(p, attempt, "accepted", ",\"reference\":\"R1\"");
	sim_tick(f);
	assert_state(f, id, "delivered");
	assert_int_equal(sim_int(f, "SELECT count(*) FROM parked_receipt"), 0);
	fixture_free(f);
}

#define LONG_BYTES 4096

/* Two references of 4 KiB that differ at their end only: each report finds its own message, whether it comes before or after the answer. */
static void long_references_are_told_apart(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_ONCE);
	static const char *const numbers[] = { "+84912345678", "+84912345679" };
	char reference[LONG_BYTES + 1], more[LONG_BYTES + 64];
	int64_t id[2];
	random_letters(reference, LONG_BYTES);
	for (int early = 0; early < 2; early++) {
		for (int i = 0; i < 2; i++) {
			reference[LONG_BYTES - 1] = (char)('0' + 2 * early + i);
			id[i] = sim_put(f, &(struct sim_message){ .number = numbers[i] });
			sim_tick(f);
			int64_t attempt = sim_driver_attempt(p);
			if (early && i == 1)
				report(p, reference, reference, "delivered");
			sim_tick(f);
			snprintf(more, sizeof(more), ",\"reference\":\"%s\"", reference);
			sim_driver_result(p, attempt, "accepted", more);
			sim_tick(f);
		}
		if (!early)
			report(p, "d", reference, "delivered");
		sim_tick(f);
		assert_false(p->doomed);
		assert_state(f, id[0], "sent");
		assert_state(f, id[1], "delivered");
	}
	assert_int_equal(sim_int(f, "SELECT count(*) FROM parked_receipt"), 0);
	fixture_free(f);
}

static void unknown_receipt_is_parked_a_day_and_changes_nothing(void **state)
{
	(void)state;
	struct fixture *f = fixture_new("channels = ( " SIM_CHANNEL("sim1", "") ", " SIM_CHANNEL("sim2", "") " );\n");
	struct peer *p = sim_driver_connect(f, 0, SIM_ONCE), *other = sim_driver_connect(f, 1, NULL);
	int64_t id = sent(f, p, "R1");
	report(p, "d1", "R2", "delivered");
	report(other, "d2", "R1", "failed"); /* the id of another channel */
	sim_tick(f);
	assert_state(f, id, "sent");
	assert_int_equal(sim_driver_count(p, "stored"), 1);
	assert_int_equal(sim_driver_count(other, "stored"), 1);
	assert_int_equal(sim_int(f, "SELECT count(*) FROM parked_receipt"), 2);
	for (int hour = 0; hour < 25; hour++)
		sim_wait(f, 3600000);
	assert_int_equal(sim_int(f, "SELECT count(*) FROM parked_receipt"), 0);
	assert_state(f, id, "sent");
	fixture_free(f);
}

static void unclear_becomes_sent_or_delivered_or_failed_by_a_receipt(void **state)
{
	(void)state;
	static const struct {
		const char *status, *want;
	} cases[] = { { "delivered", "delivered" }, { "failed", "failed" }, { "buffered", "sent" } };
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct fixture *f = fixture_new(SIM_CONFIG(""));
		struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
		int64_t id = sim_put(f, &(struct sim_message){ 0 });
		sim_tick(f);
		sim_driver_result(p, sim_driver_attempt(p), "unclear", ",\"reference\":\"7\"");
		sim_tick(f);
		assert_state(f, id, "unclear");
		sim_driver_say(p, "{\"op\":\"receipt\",\"id\":\"d\",\"reference\":\"7\",\"to\":\"0912345678\",\"status\":\"%s\"}",
			       cases[i].status);
		sim_tick(f);
		assert_state(f, id, cases[i].want);
		assert_text(sim_text(f, "SELECT outcome FROM attempt"), "unclear");
		fixture_free(f);
	}
}

static void person_report(struct peer *p, const char *id, const char *reference)
{
	sim_driver_say(p, "{\"op\":\"receipt\",\"id\":\"%s\",\"reference\":\"%s\",\"to\":\"0912345678\",\"status\":\"delivered\"}", id, reference);
}

static void lost_answer_of_a_modem_is_proven_by_the_persons_report(void **state)
{
	(void)state;
	static const struct {
		const char *label, *kind;
		bool report_first, driver_lost;
		int messages;
		const char *want;
	} cases[] = {
		{ "report after the doubt", SIM_MODEM, false, false, 1, "delivered" },
		{ "report before the doubt", SIM_MODEM, true, false, 1, "delivered" },
		{ "report, then the driver dies", SIM_MODEM, true, true, 1, "delivered" },
		{ "two messages in doubt", SIM_MODEM, false, false, 2, "unclear" },
		{ "an API's ids are never guessed", SIM_ONCE, false, false, 1, "unclear" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct fixture *f = fixture_new(SIM_CONFIG(""));
		struct peer *p = sim_driver_connect(f, 0, cases[i].kind);
		int64_t id = 0;
		for (int k = 0; k < cases[i].messages; k++) {
			id = sim_put(f, &(struct sim_message){ 0 });
			sim_tick(f);
			if (cases[i].report_first)
				person_report(p, "d", "mr:9");
			sim_tick(f);
			int64_t attempt = sim_driver_attempt(p); /* it was written to the driver */
			if (cases[i].driver_lost)
				sim_driver_lose(f, p);
			else
				sim_driver_result(p, attempt, "unclear", "");
			sim_tick(f);
		}
		if (!cases[i].report_first)
			person_report(p, "d", "mr:9");
		sim_tick(f);
		print_message("%s\n", cases[i].label);
		assert_state(f, id, cases[i].want);
		assert_text(sim_text(f, "SELECT outcome FROM attempt"), "unclear");
		fixture_free(f);
	}
}

static void report_for_one_of_two_parts_in_doubt_proves_neither(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	char text[200];
	int64_t second = 0;
	memset(text, 'a', 199);
	text[199] = '\0';
	int64_t id = sim_put(f, &(struct sim_message){ .text = text });
	sim_tick(f);
	for (int part = 1; part <= 2; part++) {
		second = sim_driver_attempt(p);
		sim_driver_result(p, second, "unclear", "");
		sim_tick(f);
	}
	person_report(p, "d", "mr:9");
	sim_tick(f);
	assert_int_equal(sim_int(f, "SELECT count(*) FROM attempt WHERE proof IS NOT NULL"), 0);
	sim_driver_result(p, second, "accepted", ",\"reference\":\"mr:9\"");
	sim_tick(f);
	person_report(p, "d2", "mr:9");
	sim_tick(f);
	assert_int_equal(sim_int(f, "SELECT count(*) FROM attempt WHERE proof IS NOT NULL"), 1);
	assert_int_equal(sim_int(f, "SELECT part FROM attempt WHERE proof IS NOT NULL"), 2);
	assert_state(f, id, "unclear");
	fixture_free(f);
}

static void report_of_the_message_under_way_proves_no_older_doubt(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	int64_t doubt = sim_put(f, &(struct sim_message){ 0 });
	sim_tick(f);
	sim_driver_result(p, sim_driver_attempt(p), "unclear", "");
	sim_tick(f);
	int64_t next = sim_put(f, &(struct sim_message){ 0 });
	sim_tick(f);
	person_report(p, "d", "mr:10");
	sim_tick(f);
	sim_driver_result(p, sim_driver_attempt(p), "accepted", ",\"reference\":\"mr:10\"");
	sim_tick(f);
	assert_state(f, next, "delivered");
	assert_state(f, doubt, "unclear");
	fixture_free(f);
}

/* A modem's message to the same person whose answer never came. */
static int64_t doubtful(struct fixture *f, struct peer *p, int64_t *ret_attempt)
{
	int64_t id = sim_put(f, &(struct sim_message){ 0 });
	sim_tick(f);
	*ret_attempt = sim_driver_attempt(p);
	sim_driver_result(p, *ret_attempt, "unclear", "");
	sim_tick(f);
	assert_state(f, id, "unclear");
	return id;
}

static void report_in_the_tick_of_a_late_answer_proves_no_older_doubt(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	int64_t attempt, doubt = doubtful(f, p, &attempt), next = doubtful(f, p, &attempt);
	sim_driver_result(p, attempt, "accepted", ",\"reference\":\"mr:11\"");
	person_report(p, "d", "mr:11");
	sim_tick(f);
	assert_state(f, next, "delivered");
	assert_state(f, doubt, "unclear");
	assert_int_equal(sim_int(f, "SELECT count(*) FROM attempt WHERE proof IS NOT NULL"), 1);
	fixture_free(f);
}

static void report_that_comes_twice_in_a_tick_is_known_again(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	int64_t attempt, id = doubtful(f, p, &attempt);
	person_report(p, "d1", "mr:12");
	person_report(p, "d2", "mr:12");
	sim_tick(f);
	assert_state(f, id, "delivered");
	assert_int_equal(sim_int(f, "SELECT count(*) FROM parked_receipt"), 0);
	fixture_free(f);
}

/* One key, two attempts: the first was taken as its late answer says, what became of the second is not known. */
static void loss_of_what_was_sent_is_not_held_up_by_a_repetition(void **state)
{
	(void)state;
	static const struct {
		const char *label, *second;
	} cases[] = { { "under way", NULL }, { "in doubt", "unclear" }, { "not sent", "not_sent" } };
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
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
		sim_driver_result(p, first, "accepted", ",\"reference\":\"R1\"");
		sim_tick(f);
		assert_state(f, id, "sent");
		if (cases[i].second)
			sim_driver_result(p, second, cases[i].second, "");
		sim_tick(f);
		print_message("%s\n", cases[i].label);
		assert_state(f, id, "sent");
		report(p, "d1", "R1", "failed");
		sim_tick(f);
		assert_state(f, id, "failed");
		report(p, "d2", "R1", "delivered");
		sim_tick(f);
		assert_state(f, id, "delivered");
		fixture_free(f);
	}
}

static void modem_reference_used_again_is_told_apart_by_the_number(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	static const char *const numbers[] = { "+84912345678", "+84912345679" };
	int64_t id[2];
	for (int i = 0; i < 2; i++) {
		id[i] = sim_put(f, &(struct sim_message){ .number = numbers[i] });
		sim_tick(f);
		sim_driver_result(p, sim_driver_attempt(p), "accepted", ",\"reference\":\"200\"");
		sim_tick(f);
	}
	sim_driver_say(p, "{\"op\":\"receipt\",\"id\":\"d\",\"reference\":\"200\",\"to\":\"84912345678\",\"status\":\"delivered\"}");
	sim_tick(f);
	assert_state(f, id[0], "delivered");
	assert_state(f, id[1], "sent");
	fixture_free(f);
}

/* The centre's clock is not ours, and some have none. */
static void report_fits_whatever_its_clock_says(void **state)
{
	(void)state;
	static const int64_t away_ms[] = { 0, -3 * 3600000LL, 7 * 3600000LL, -400 * 86400000LL, 40 * 365 * 86400000LL };
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	for (size_t i = 0; i < COUNT_OF(away_ms); i++) {
		int64_t id = sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE, .number = "+84912345678" });
		sim_tick(f);
		char more[40];
		snprintf(more, sizeof(more), ",\"reference\":\"mr:%zu\"", i);
		sim_driver_result(p, sim_driver_attempt(p), "accepted", more);
		sim_tick(f);
		sim_driver_say(p, "{\"op\":\"receipt\",\"id\":\"r%zu\",\"reference\":\"mr:%zu\",\"to\":\"+84912345678\",\"status\":\"delivered\",\"at_ms\":%lld}", i,
			       i, (long long)(sim_int(f, "SELECT now FROM v_meta") + away_ms[i]));
		sim_tick(f);
		assert_state(f, id, "delivered");
	}
	fixture_free(f);
}

static void message_without_a_report_stays_sent_and_holds_up_nobody(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	int64_t silent = sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE, .number = "+84912345678" });
	sim_tick(f);
	sim_driver_result(p, sim_driver_attempt(p), "accepted", ",\"reference\":\"mr:1\"");
	for (int day = 0; day < 3; day++)
		sim_wait(f, 86400000);
	assert_state(f, silent, "sent");
	int64_t next = sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE, .number = "+84912345678" });
	sim_wait(f, 1000);
	sim_driver_result(p, sim_driver_attempt(p), "accepted", ",\"reference\":\"mr:2\"");
	sim_tick(f);
	assert_state(f, next, "sent");
	assert_state(f, silent, "sent");
	fixture_free(f);
}

/* An API that gives one id to all people of a request tells them apart in its reports by their numbers. */
static void one_reference_of_several_people_is_told_apart_by_the_number(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_HTTP);
	static const char *const numbers[] = { "+84912345678", "+84912345679", "+84912345670" };
	int64_t id[3];
	for (int i = 0; i < 3; i++) {
		id[i] = sim_put(f, &(struct sim_message){ .number = numbers[i] });
		sim_tick(f);
		int64_t attempt = sim_driver_attempt(p);
		if (i == 2) /* before the answer */
			sim_driver_say(p, "{\"op\":\"receipt\",\"id\":\"d0\",\"reference\":\"B1\",\"to\":\"84912345670\",\"status\":\"failed\"}");
		sim_tick(f);
		sim_driver_result(p, attempt, "accepted", ",\"reference\":\"B1\"");
		sim_tick(f);
	}
	sim_driver_say(p, "{\"op\":\"receipt\",\"id\":\"d1\",\"reference\":\"B1\",\"to\":\"0912345678\",\"status\":\"delivered\"}");
	sim_driver_say(p, "{\"op\":\"receipt\",\"id\":\"d2\",\"reference\":\"B1\",\"to\":\"x678\",\"status\":\"failed\"}");
	sim_tick(f);
	assert_state(f, id[0], "delivered");
	assert_state(f, id[1], "sent");
	assert_state(f, id[2], "failed");
	fixture_free(f);
}

static void reference_of_one_person_needs_no_number(void **state)
{
	(void)state;
	static const char *const forms[] = { "912345678", "x678", "84912345679", "" };
	for (size_t i = 0; i < COUNT_OF(forms); i++) {
		struct fixture *f = fixture_new(SIM_CONFIG(""));
		struct peer *p = sim_driver_connect(f, 0, SIM_HTTP);
		int64_t id = sent(f, p, "R1");
		sim_driver_say(p, "{\"op\":\"receipt\",\"id\":\"d\",\"reference\":\"R1\",\"to\":\"%s\",\"status\":\"delivered\"}", forms[i]);
		sim_tick(f);
		assert_state(f, id, "delivered");
		fixture_free(f);
	}
}

static void receipt_without_id_reference_or_status_dooms_the_driver(void **state)
{
	(void)state;
	static const char *const frames[] = {
		"{\"op\":\"receipt\",\"reference\":\"R\",\"status\":\"delivered\"}",
		"{\"op\":\"receipt\",\"id\":\"a\",\"status\":\"delivered\"}",
		"{\"op\":\"receipt\",\"id\":\"a\",\"reference\":\"R\"}",
		"{\"op\":\"receipt\",\"id\":\"a\",\"reference\":\"R\",\"status\":\"sent\"}",
	};
	for (size_t i = 0; i < COUNT_OF(frames); i++) {
		struct fixture *f = fixture_new(SIM_CONFIG(""));
		struct peer *p = sim_driver_connect(f, 0, SIM_ONCE);
		sim_driver_say(p, "%s", frames[i]);
		sim_tick(f);
		assert_true(p->doomed);
		fixture_free(f);
	}
}

static void all_parts_must_arrive_before_a_message_is_delivered(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	char text[200], more[40];
	memset(text, 'a', 199);
	text[199] = '\0';
	int64_t id = sim_put(f, &(struct sim_message){ .text = text });
	sim_tick(f);
	for (int i = 1; i <= 2; i++) {
		snprintf(more, sizeof(more), ",\"reference\":\"%d\"", i);
		sim_driver_result(p, sim_driver_attempt(p), "accepted", more);
		sim_tick(f);
	}
	report(p, "d2", "2", "delivered");
	sim_tick(f);
	assert_state(f, id, "sent");
	report(p, "d1", "1", "delivered");
	sim_tick(f);
	assert_state(f, id, "delivered");
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reports_in_any_order_never_move_a_message_backward),
		cmocka_unit_test(failed_proof_is_not_lifted_by_a_buffered_report),
		cmocka_unit_test(thousand_reports_for_one_message_change_it_once),
		cmocka_unit_test(receipt_before_answer_is_parked_and_found),
		cmocka_unit_test(receipt_with_a_long_id_is_parked_and_found),
		cmocka_unit_test(long_references_are_told_apart),
		cmocka_unit_test(unknown_receipt_is_parked_a_day_and_changes_nothing),
		cmocka_unit_test(unclear_becomes_sent_or_delivered_or_failed_by_a_receipt),
		cmocka_unit_test(report_for_one_of_two_parts_in_doubt_proves_neither),
		cmocka_unit_test(lost_answer_of_a_modem_is_proven_by_the_persons_report),
		cmocka_unit_test(report_of_the_message_under_way_proves_no_older_doubt),
		cmocka_unit_test(report_in_the_tick_of_a_late_answer_proves_no_older_doubt),
		cmocka_unit_test(report_that_comes_twice_in_a_tick_is_known_again),
		cmocka_unit_test(loss_of_what_was_sent_is_not_held_up_by_a_repetition),
		cmocka_unit_test(modem_reference_used_again_is_told_apart_by_the_number),
		cmocka_unit_test(report_fits_whatever_its_clock_says),
		cmocka_unit_test(message_without_a_report_stays_sent_and_holds_up_nobody),
		cmocka_unit_test(one_reference_of_several_people_is_told_apart_by_the_number),
		cmocka_unit_test(reference_of_one_person_needs_no_number),
		cmocka_unit_test(receipt_without_id_reference_or_status_dooms_the_driver),
		cmocka_unit_test(all_parts_must_arrive_before_a_message_is_delivered),
	};
	return cmocka_run_group_tests_name("receipt", tests, NULL, NULL);
}
