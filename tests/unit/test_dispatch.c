/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of the claim: what leaves, when, by which channel, and what never does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/consent.h"
#include "gateway/flow.h"
#include "tests/support/sim_driver.h"

static void set_flow(struct fixture *f, int64_t flow, enum flow_state s, int64_t start_at)
{
	assert_int_equal(flow_set_state(fixture_begin(f), flow, s, start_at), 0);
	fixture_commit(f);
}

static void opt_out(struct fixture *f, const char *number, const char *scope)
{
	bool is_new;
	int64_t address = fixture_address(f, number);
	assert_int_equal(consent_opt_out(fixture_begin(f), address, scope, &(struct consent_proof){ .text = "TC" }, &is_new), 0);
	fixture_commit(f);
}

static void outbox_claim_skips_opted_out(void **state)
{
	(void)state;
	static const struct {
		const char *scope;
		enum message_class class;
		const char *topic, *want;
	} cases[] = {
		{ "campaign", CLASS_SOCIAL_POLICY, NULL, "suppressed" },
		{ "campaign", CLASS_SERVICE, NULL, "sending" },
		{ "topic:BHYT", CLASS_SOCIAL_POLICY, "BHYT", "suppressed" },
		{ "topic:BHYT", CLASS_SOCIAL_POLICY, "NHAO", "sending" },
		{ "all", CLASS_SERVICE, NULL, "suppressed" },
		{ "all", CLASS_OPTOUT_ACK, NULL, "sending" },
		{ "all", CLASS_EMERGENCY, NULL, "sending" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct fixture *f = fixture_new(SIM_CONFIG(""));
		struct peer *p = sim_driver_connect(f, 0, SIM_HTTP);
		opt_out(f, "+84912345678", cases[i].scope);
		/* written after the opt-out, as an import that knows nothing of it would */
		int64_t id = sim_put(f, &(struct sim_message){ .class = cases[i].class, .topic = cases[i].topic });
		sim_tick(f);
		assert_state(f, id, cases[i].want);
		assert_int_equal(sim_driver_count(p, "submit"), strcmp(cases[i].want, "sending") ? 0 : 1);
		fixture_free(f);
	}
}

static void advert_to_the_do_not_call_list_is_stopped_at_the_claim(void **state)
{
	(void)state;
	for (int c = 0; c < CLASS_COUNT; c++) {
		struct fixture *f = fixture_new(SIM_CONFIG(""));
		struct peer *p = sim_driver_connect(f, 0, SIM_HTTP);
		int64_t id = sim_put(f, &(struct sim_message){ .class = (enum message_class)c });
		sim_sql(f, "INSERT INTO dnc_list (state, actor, at) VALUES ('staging', '', 1)");
		sim_sql(f, "INSERT INTO dnc_list (state, actor, at) VALUES ('done', '', 1)");
		sim_sql(f, "INSERT INTO dnc (list, hash) SELECT %d, hash FROM address", 2);
		sim_tick(f);
		assert_state(f, id, c == CLASS_ADVERT ? "suppressed" : "sending");
		assert_int_equal(sim_driver_count(p, "submit"), c != CLASS_ADVERT);
		fixture_free(f);
	}
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	sim_driver_connect(f, 0, SIM_HTTP);
	int64_t id = sim_put(f, &(struct sim_message){ .class = CLASS_ADVERT });
	sim_sql(f, "INSERT INTO dnc_list (state, actor, at) VALUES ('staging', '', 1)");
	sim_sql(f, "INSERT INTO dnc (list, hash) SELECT 1, hash FROM address");
	sim_tick(f);
	assert_state(f, id, "sending");
	fixture_free(f);
}

static void opt_out_between_claim_and_retry_suppresses(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_HTTP);
	int64_t id = sim_put(f, &(struct sim_message){ 0 });
	sim_tick(f);
	int64_t attempt = sim_driver_attempt(p);
	opt_out(f, "0912 345 678", "campaign");
	assert_state(f, id, "sending");
	sim_driver_result(p, attempt, "not_sent", "");
	sim_tick(f);
	sim_wait(f, 60000);
	assert_state(f, id, "suppressed");
	assert_int_equal(sim_driver_count(p, "submit"), 0);
	assert_int_equal(sim_int(f, "SELECT count(*) FROM v_attempt a CROSS JOIN v_optout o WHERE a.seq > o.seq"), 0);
	fixture_free(f);
}

static void opt_out_stops_what_is_queued_at_once(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	int64_t flow = sim_flow(f, CLASS_SOCIAL_POLICY);
	int64_t queued = sim_put(f, &(struct sim_message){ .flow = flow }),
		held = sim_put(f, &(struct sim_message){ .flow = flow, .due_at = SIM_AT(9, 0, 0, 0) });
	int64_t answer = sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE });
	opt_out(f, "84912345678", "campaign");
	assert_state(f, queued, "suppressed");
	assert_state(f, held, "suppressed");
	assert_state(f, answer, "queued");
	assert_text(sim_text(f, "SELECT reason FROM message WHERE id = %lld", (long long)queued), "opted_out");
	assert_int_equal(sim_int(f, "SELECT suppressed FROM flow WHERE id = %lld", (long long)flow), 2);
	assert_int_equal(sim_int(f, "SELECT queued + held FROM flow WHERE id = %lld", (long long)flow), 0);
	fixture_free(f);
}

static void expired_is_never_sent(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	int64_t queued = sim_put(f, &(struct sim_message){ .expires_at = SIM_AT(8, 0, 0, 0) });
	int64_t held = sim_put(f, &(struct sim_message){ .due_at = SIM_AT(7, 30, 0, 0), .expires_at = SIM_AT(8, 0, 0, 0) });
	sim_tick(f);
	sim_set_now(f, SIM_AT(8, 0, 0, 0));
	f->core->duty_due_at[2] = INT64_MAX; /* the claim alone must know it */
	struct peer *p = sim_driver_connect(f, 0, SIM_HTTP);
	sim_tick(f);
	assert_int_equal(sim_driver_count(p, "submit"), 0);
	f->core->duty_due_at[2] = 0;
	sim_wait(f, 1000);
	assert_state(f, queued, "expired");
	assert_state(f, held, "expired");
	assert_int_equal(sim_driver_count(p, "submit"), 0);
	fixture_free(f);
}

static void paused_flow_sends_nothing_and_resumes(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_HTTP);
	int64_t flow = sim_flow(f, CLASS_SOCIAL_POLICY);
	set_flow(f, flow, FLOW_PAUSED, 0);
	int64_t id = sim_put(f, &(struct sim_message){ .flow = flow });
	for (int i = 0; i < 5; i++)
		sim_wait(f, 1000);
	assert_int_equal(sim_driver_count(p, "submit"), 0);
	set_flow(f, flow, FLOW_RUNNING, 0);
	sim_tick(f);
	assert_int_equal(sim_driver_count(p, "submit"), 1);
	assert_state(f, id, "sending");
	fixture_free(f);
}

static void flow_sends_nothing_before_its_start(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_HTTP);
	int64_t flow = sim_flow(f, CLASS_SOCIAL_POLICY);
	set_flow(f, flow, FLOW_RUNNING, SIM_AT(7, 5, 0, 0));
	sim_put(f, &(struct sim_message){ .flow = flow });
	sim_set_now(f, SIM_AT(7, 4, 59, 999));
	sim_tick(f);
	assert_int_equal(sim_driver_count(p, "submit"), 0);
	sim_wait(f, 1);
	assert_int_equal(sim_driver_count(p, "submit"), 1);
	fixture_free(f);
}

static void answers_go_before_campaigns(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	int64_t flow = sim_flow(f, CLASS_SOCIAL_POLICY);
	for (int i = 0; i < 20; i++) {
		char number[16];
		snprintf(number, sizeof(number), "+849123400%02d", i);
		sim_put(f, &(struct sim_message){ .flow = flow, .number = number, .text = "chien dich" });
	}
	for (int i = 0; i < 5; i++)
		sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE, .text = "tra loi" });
	struct peer *p = sim_driver_connect(f, 0, SIM_ONCE);
	OWN(json) json_t *frames = sim_driver_read(p);
	assert_int_equal(json_array_size(frames), 8);
	for (size_t i = 0; i < 8; i++)
		assert_string_equal(json_str(json_array_get(frames, i), "text", ""), i < 5 ? "tra loi" : "chien dich");
	fixture_free(f);
}

static void flows_of_a_lane_take_turns(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	int64_t flow[3];
	for (int k = 0; k < 3; k++) {
		flow[k] = sim_flow(f, CLASS_SOCIAL_POLICY);
		for (int i = 0; i < 10; i++) {
			char number[16];
			snprintf(number, sizeof(number), "+8491234%02d%02d", k, i);
			sim_put(f, &(struct sim_message){ .flow = flow[k], .number = number });
		}
	}
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	for (int i = 0; i < 31; i++) {
		int64_t attempt = sim_driver_attempt(p);
		if (attempt)
			sim_driver_result(p, attempt, "accepted", "");
		sim_wait(f, 100);
	}
	for (int k = 0; k < 3; k++)
		assert_in_range(sim_int(f, "SELECT sent FROM flow WHERE id = %lld", (long long)flow[k]), 2, 8);
	fixture_free(f);
}

/* More campaigns than a tick looks at: the youngest has its turn too, whether those before it have something to send or not. */
static void youngest_of_a_crowd_of_campaigns_has_its_turn(void **state)
{
	(void)state;
	static const struct {
		const char *label;
		bool idle;
	} cases[] = { { "the others send", false }, { "the others have nothing to send", true } };
	enum { CROWD = 130 };
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct fixture *f = fixture_new(SIM_CONFIG(""));
		int64_t flow[CROWD];
		for (int k = 0; k < CROWD; k++) {
			char number[16];
			flow[k] = sim_flow(f, CLASS_SOCIAL_POLICY);
			snprintf(number, sizeof(number), "+8491234%04d", k);
			if (k == CROWD - 1 || !cases[i].idle)
				sim_put(f, &(struct sim_message){ .flow = flow[k], .number = number });
		}
		struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
		int waited = 0;
		while (!sim_int(f, "SELECT sent FROM flow WHERE id = %lld", (long long)flow[CROWD - 1]) && waited++ < 3 * CROWD) {
			int64_t attempt = sim_driver_attempt(p);
			if (attempt)
				sim_driver_result(p, attempt, "accepted", "");
			sim_wait(f, 100);
		}
		print_message("%s: %d ticks\n", cases[i].label, waited);
		assert_in_range(waited, 1, cases[i].idle ? 6 : 2 * CROWD + 6);
		if (!cases[i].idle) /* and nobody has had two turns before somebody had one: nothing is left */
			assert_in_range(sim_int(f, "SELECT count(*) FROM flow WHERE id > 2 AND sent = 1"), CROWD - 6, CROWD);
		fixture_free(f);
	}
}

static void head_of_line_of_one_network_does_not_block_another(void **state)
{
	(void)state;
	struct fixture *f = fixture_new("channels = ( " SIM_CHANNEL("sim1", "networks = [ \"viettel\" ];") ", " SIM_CHANNEL(
		"sim2", "networks = [ \"vinaphone\" ];") " );\n");
	int64_t flow = sim_flow(f, CLASS_SOCIAL_POLICY);
	for (int i = 0; i < 2000; i++) {
		char number[16];
		snprintf(number, sizeof(number), "+8498%07d", i); /* viettel */
		sim_put(f, &(struct sim_message){ .flow = flow, .number = number });
	}
	int64_t id = sim_put(f, &(struct sim_message){ .flow = flow, .number = "+84912345678" }); /* vinaphone */
	struct peer *p = sim_driver_connect(f, 1, SIM_MODEM);
	assert_int_equal(sim_driver_count(p, "submit"), 1);
	assert_state(f, id, "sending");
	fixture_free(f);
}

static void what_no_channel_serves_ends_without_a_route(void **state)
{
	(void)state;
	struct fixture *f = fixture_new("channels = ( " SIM_CHANNEL("sim1", "networks = [ \"viettel\" ];") " );\n");
	int64_t lost = sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE, .number = "+84912345678" }); /* vinaphone */
	int64_t late = sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE, .number = "+84981234567" }); /* viettel, its modem is away */
	sim_wait(f, 25 * INT64_C(3600000));
	for (int i = 0; i < 10; i++)
		sim_wait(f, 1000);
	assert_state(f, lost, "suppressed");
	assert_state(f, late, "expired");
	assert_int_equal(sim_int(f, "SELECT count(*) FROM message WHERE id = %lld AND reason = 'no_route'", (long long)lost), 1);
	fixture_free(f);
}

static void credit_is_never_exceeded(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	for (int i = 0; i < 30; i++)
		sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE });
	struct peer *p = sim_driver_connect(f, 0, SIM_ONCE);
	OWN(json) json_t *frames = sim_driver_read(p);
	assert_int_equal(json_array_size(frames), 8);
	for (int i = 0; i < 5; i++)
		sim_tick(f);
	assert_int_equal(sim_driver_count(p, "submit"), 0);
	for (int i = 0; i < 3; i++)
		sim_driver_result(p, atoll(json_str(json_array_get(frames, (size_t)i), "attempt", "")), "accepted", "");
	sim_tick(f);
	assert_true(core_due_mono_ms(f->core) <= clock_mono_ms(&f->clock)); /* at once, not when the core is idle */
	sim_tick(f);
	assert_int_equal(sim_driver_count(p, "submit"), 3);
	/* the driver says busy: nothing more */
	sim_driver_say(p, "{\"op\":\"ready\",\"credit\":0,\"whole\":true,\"idempotent\":false,\"receipts\":true}");
	sim_driver_result(p, atoll(json_str(json_array_get(frames, 3), "attempt", "")), "accepted", "");
	sim_tick(f);
	assert_int_equal(sim_driver_count(p, "submit"), 0);
	fixture_free(f);
}

static int64_t fail_one(struct fixture *f, struct peer *p, const char *outcome)
{
	int64_t id = sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE });
	sim_tick(f);
	sim_driver_result(p, sim_driver_attempt(p), outcome, ",\"fault\":\"channel\"");
	sim_tick(f);
	return id;
}

static void five_channel_faults_open_the_breaker(void **state)
{
	(void)state;
	struct fixture *f =
		fixture_new("channels = ( { name = \"sim1\"; driver = \"exec\"; program = \"/bin/true\"; rate_per_second = 1000; "
			    "retry = { first_s = 3600; factor = 1; cap_s = 3600; jitter_percent = 0; attempts = 0; }; } );\n");
	struct peer *p = sim_driver_connect(f, 0, SIM_ONCE);
	for (int i = 0; i < 4; i++)
		fail_one(f, p, "not_sent");
	/* one that works closes the count */
	sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE });
	sim_tick(f);
	sim_driver_result(p, sim_driver_attempt(p), "accepted", "");
	sim_tick(f);
	for (int i = 0; i < 5; i++)
		fail_one(f, p, "not_sent");
	for (int i = 0; i < 5; i++)
		sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE });
	for (int s = 0; s < 29; s++)
		sim_wait(f, 1000);
	assert_int_equal(sim_driver_count(p, "submit"), 0);
	sim_wait(f, 2000);
	int64_t probe = sim_driver_attempt(p); /* one goes out to see */
	assert_true(probe > 0);
	sim_driver_result(p, probe, "accepted", "");
	sim_tick(f);
	sim_tick(f);
	assert_int_equal(sim_driver_count(p, "submit"), 4);
	fixture_free(f);
}

static void refused_by_channel_suspends_it(void **state)
{
	(void)state;
	struct fixture *f = fixture_new("channels = ( " SIM_CHANNEL("sim1", "") ", " SIM_CHANNEL("sim2", "") " );\n");
	struct peer *p = sim_driver_connect(f, 0, SIM_HTTP);
	int64_t id = sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE });
	sim_tick(f);
	sim_driver_result(p, sim_driver_attempt(p), "refused", ",\"fault\":\"channel\",\"detail\":\"no credit\"");
	sim_tick(f);
	assert_state(f, id, "retry");
	assert_text(sim_text(f, "SELECT state || ':' || reason FROM channel WHERE name = 'sim1'"), "suspended:no credit");
	sim_wait(f, SIM_HOUR_MS);
	assert_int_equal(sim_driver_count(p, "submit"), 0);
	struct peer *other = sim_driver_connect(f, 1, SIM_HTTP); /* another route */
	assert_int_equal(sim_driver_count(other, "submit"), 1);
	OWN(json) json_t *answer = NULL;
	sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE });
	sim_driver_lose(f, other);
	assert_int_equal(fixture_command(f, "channel.resume", "{\"name\":\"sim1\"}", &answer, NULL), 0);
	sim_tick(f);
	assert_int_equal(sim_driver_count(p, "submit"), 1);
	fixture_free(f);
}

static void what_a_channel_refused_takes_another_route_at_once(void **state)
{
	(void)state;
	struct fixture *f = fixture_new("channels = ( " SIM_CHANNEL("sim1", "") ", " SIM_CHANNEL("sim2", "") " );\n");
	struct peer *p = sim_driver_connect(f, 0, SIM_HTTP);
	int64_t id = sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE });
	sim_tick(f);
	struct peer *other = sim_driver_connect(f, 1, SIM_HTTP);
	sim_driver_result(p, sim_driver_attempt(p), "refused", ",\"fault\":\"channel\",\"detail\":\"no credit\"");
	sim_tick(f);
	sim_wait(f, 100);
	sim_driver_result(other, sim_driver_attempt(other), "accepted", "");
	sim_tick(f);
	assert_state(f, id, "sent");
	assert_int_equal(sim_driver_count(p, "submit"), 0);
	fixture_free(f);
}

static void pin_holds_a_message_on_its_channel_and_a_wish_does_not(void **state)
{
	(void)state;
	struct fixture *f = fixture_new("channels = ( " SIM_CHANNEL("sim1", "") ", " SIM_CHANNEL("sim2", "") " );\n");
	struct peer *p = sim_driver_connect(f, 0, SIM_HTTP);
	sim_put(f, &(struct sim_message){ .pin = "sim2" });
	sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE, .pin = "sim2" });
	int64_t answer = sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE, .wish = "sim2" });
	sim_tick(f);
	assert_int_equal(sim_driver_count(p, "submit"), 1);
	assert_state(f, answer, "sending"); /* an answer does not wait for a channel that is not there */
	struct peer *other = sim_driver_connect(f, 1, SIM_HTTP);
	assert_int_equal(sim_driver_count(other, "submit"), 2);
	fixture_free(f);
}

static void message_that_cannot_be_made_into_a_frame_stops_nobody_else(void **state)
{
	(void)state;
	static const char *const labels[] = { "number that does not open", "text beyond all parts" };
	for (int i = 0; i < 2; i++) {
		struct fixture *f = fixture_new(SIM_CONFIG(""));
		char *text = malloc(40001);
		memset(text, 'a', 40000);
		text[40000] = '\0';
		int64_t bad = sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE, .text = i == 1 ? text : "xin chao" });
		if (i == 0)
			sim_sql(f, "UPDATE address SET sealed = x'00112233' WHERE id = (SELECT address FROM message WHERE id = %lld)",
				(long long)bad);
		int64_t good = sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE, .number = "+84987654321" });
		struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
		sim_tick(f);
		print_message("%s\n", labels[i]);
		sim_driver_result(p, sim_driver_attempt(p), "accepted", "");
		sim_tick(f);
		sim_tick(f);
		assert_int_equal(sim_driver_count(p, "submit"), 0);
		assert_state(f, good, "sent");
		assert_state(f, bad, "suppressed");
		free(text);
		fixture_free(f);
	}
}

static void daily_quota_of_segments_is_kept_by_campaigns_and_passed_by_answers(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG("daily_segments = 10;"));
	char text[400];
	memset(text, 'a', 399);
	text[399] = '\0'; /* three segments */
	for (int i = 0; i < 20; i++) {
		char number[16];
		snprintf(number, sizeof(number), "+849123400%02d", i);
		sim_put(f, &(struct sim_message){ .number = number, .text = text, .expires_at = SIM_AT(60, 0, 0, 0) });
	}
	struct peer *p = sim_driver_connect(f, 0, "{\"op\":\"ready\",\"credit\":8,\"whole\":false,\"idempotent\":false,\"receipts\":true}");
	for (int i = 0; i < 40; i++) {
		OWN(json) json_t *frames = sim_driver_read(p);
		for (size_t k = 0; k < json_array_size(frames); k++)
			sim_driver_result(p, atoll(json_str(json_array_get(frames, k), "attempt", "")), "accepted", "");
		sim_wait(f, 1000);
	}
	assert_in_range(sim_int(f, "SELECT day_segments FROM channel"), 7, 10);
	sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE });
	sim_tick(f);
	assert_int_equal(sim_driver_count(p, "submit"), 1);
	sim_set_now(f, SIM_AT(31, 0, 1, 0));
	sim_tick(f);
	sim_wait(f, 1000);
	assert_true(sim_driver_count(p, "submit") > 0);
	fixture_free(f);
}

static void long_messages_to_one_person_differ_in_their_reference(void **state)
{
	(void)state;
	struct fixture *f = fixture_new("channels = ( " SIM_CHANNEL("sim1", "") ", " SIM_CHANNEL("sim2", "") " );\n");
	char text[200];
	int64_t refs[4], n = 0;
	memset(text, 'a', 199);
	text[199] = '\0';
	struct peer *http = sim_driver_connect(f, 0, SIM_HTTP);
	for (int i = 0; i < 4; i++)
		sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE, .text = text });
	sim_tick(f);
	OWN(json) json_t *frames = sim_driver_read(http);
	for (size_t i = 0; i < json_array_size(frames); i++)
		sim_driver_result(http, atoll(json_str(json_array_get(frames, i), "attempt", "")), "not_sent", "");
	sim_tick(f);
	sim_driver_lose(f, http);
	struct peer *modem = sim_driver_connect(f, 1, SIM_MODEM);
	for (int i = 0; i < 200 && n < 4; i++) {
		sim_wait(f, 1000);
		OWN(json) json_t *got = sim_driver_read(modem);
		for (size_t k = 0; k < json_array_size(got); k++) {
			const json_t *s = json_array_get(got, k);
			if (json_int(s, "part", 0) == 1)
				refs[n++] = json_int(s, "udh_ref", -1);
			sim_driver_result(modem, atoll(json_str(s, "attempt", "")), "accepted", "");
		}
	}
	assert_int_equal(n, 4);
	for (int i = 0; i < 4; i++)
		for (int k = 0; k < i; k++)
			assert_int_not_equal(refs[i], refs[k]);
	fixture_free(f);
}

static void low_disk_stops_sending(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_HTTP);
	sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE });
	f->core->low_disk = true;
	sim_tick(f);
	assert_int_equal(sim_driver_count(p, "submit"), 0);
	f->core->low_disk = false;
	sim_tick(f);
	assert_int_equal(sim_driver_count(p, "submit"), 1);
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(outbox_claim_skips_opted_out),
		cmocka_unit_test(advert_to_the_do_not_call_list_is_stopped_at_the_claim),
		cmocka_unit_test(opt_out_between_claim_and_retry_suppresses),
		cmocka_unit_test(opt_out_stops_what_is_queued_at_once),
		cmocka_unit_test(expired_is_never_sent),
		cmocka_unit_test(paused_flow_sends_nothing_and_resumes),
		cmocka_unit_test(flow_sends_nothing_before_its_start),
		cmocka_unit_test(answers_go_before_campaigns),
		cmocka_unit_test(flows_of_a_lane_take_turns),
		cmocka_unit_test(youngest_of_a_crowd_of_campaigns_has_its_turn),
		cmocka_unit_test(head_of_line_of_one_network_does_not_block_another),
		cmocka_unit_test(what_no_channel_serves_ends_without_a_route),
		cmocka_unit_test(credit_is_never_exceeded),
		cmocka_unit_test(five_channel_faults_open_the_breaker),
		cmocka_unit_test(refused_by_channel_suspends_it),
		cmocka_unit_test(what_a_channel_refused_takes_another_route_at_once),
		cmocka_unit_test(pin_holds_a_message_on_its_channel_and_a_wish_does_not),
		cmocka_unit_test(message_that_cannot_be_made_into_a_frame_stops_nobody_else),
		cmocka_unit_test(daily_quota_of_segments_is_kept_by_campaigns_and_passed_by_answers),
		cmocka_unit_test(long_messages_to_one_person_differ_in_their_reference),
		cmocka_unit_test(low_disk_stops_sending),
	};
	return cmocka_run_group_tests_name("dispatch", tests, NULL, NULL);
}
