/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of the queue: a key puts once, moves follow the table, counters are the rows' own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/flow.h"
#include "gateway/outbox.h"
#include "gateway/outbox_row.h"
#include "tests/support/sim_driver.h"

static void same_key_is_put_once(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	int64_t address = fixture_address(f, "+84912345678"), one = 0, two = 0;
	struct outbox_put p = { .key = "campaign:1:1", .flow = FLOW_SINGLE, .address = address, .text = "mot" };
	struct tick *t = fixture_begin(f);
	assert_int_equal(outbox_put(t, &p, &one), 0);
	assert_int_equal(outbox_put(t, &p, &two), E_EXISTS);
	fixture_commit(f);
	p.text = "hai";
	t = fixture_begin(f);
	assert_int_equal(outbox_put(t, &p, &two), E_EXISTS);
	fixture_commit(f);
	assert_int_equal(one, two);
	assert_text(sim_text(f, "SELECT text FROM message"), "mot");
	assert_int_equal(sim_int(f, "SELECT queued FROM flow WHERE id = 2"), 1);
	fixture_free(f);
}

static void rows_move_as_the_table_of_states_says_and_only_from_where_they_are(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	int64_t id = sim_put(f, &(struct sim_message){ 0 });
	for (int from = 0; from < MESSAGE_STATES; from++)
		for (int to = 0; to < MESSAGE_STATES; to++)
			for (int is = 0; is < MESSAGE_STATES; is++) {
				struct tick *t = fixture_begin(f);
				char set[80];
				snprintf(set, sizeof(set), "UPDATE message SET state = '%s'", message_state_name((enum message_state)is));
				assert_int_equal(store_script(f->db, set), 0);
				int r = outbox_move(
					t, &(struct outbox_move){
						   .id = id, .flow = 2, .from = (enum message_state)from, .to = (enum message_state)to });
				if (!r)
					r = store_settle(f->db);
				bool may = message_may_move((enum message_state)from, (enum message_state)to);
				if (r != (!may ? E_REFUSED : is != from ? E_UNDO : 0))
					fail_msg("%s: from %s to %s gives %d", message_state_name((enum message_state)is),
						 message_state_name((enum message_state)from), message_state_name((enum message_state)to),
						 r);
				fixture_undo(f);
			}
	fixture_free(f);
}

static void what_is_due_later_is_held_until_then(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct peer *p = sim_driver_connect(f, 0, SIM_HTTP);
	int64_t id = sim_put(f, &(struct sim_message){ .due_at = FIXTURE_NOW_MS + 60000 });
	assert_state(f, id, "held");
	assert_int_equal(sim_int(f, "SELECT expires_at - due_at FROM message"), 24 * 3600000); /* validity counts from there */
	sim_wait(f, 59999);
	assert_int_equal(sim_driver_count(p, "submit"), 0);
	sim_wait(f, 1);
	sim_wait(f, 1000);
	assert_int_equal(sim_driver_count(p, "submit"), 1);
	fixture_free(f);
}

static void cancel_takes_all_that_was_not_claimed_and_nothing_else(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	int64_t flow, n = 0, all = 0;
	struct tick *t = fixture_begin(f);
	assert_int_equal(flow_new(t, "a", CLASS_SOCIAL_POLICY, &flow), 0);
	assert_int_equal(flow_set_state(t, flow, FLOW_RUNNING, 0), 0);
	fixture_commit(f);
	for (int i = 0; i < 700; i++)
		sim_put(f, &(struct sim_message){ .flow = flow, .class = CLASS_SERVICE, .due_at = i % 2 ? FIXTURE_NOW_MS + 1000000 : 0 });
	int64_t other = sim_put(f, &(struct sim_message){ .class = CLASS_SERVICE });
	struct peer *p = sim_driver_connect(f, 0, SIM_ONCE);
	assert_int_equal(sim_driver_count(p, "submit"), 8);
	for (int step = 0; step < 10; step++) {
		t = fixture_begin(f);
		assert_int_equal(outbox_cancel_flow(t, flow, "cancelled", 300, &n), 0);
		fixture_commit(f);
		all += n;
		if (n < 300)
			break;
	}
	assert_int_equal(all, 700 - 7);
	assert_int_equal(sim_int(f, "SELECT cancelled FROM flow WHERE id = %lld", (long long)flow), 693);
	assert_int_equal(sim_int(f, "SELECT sending FROM flow WHERE id = %lld", (long long)flow), 7);
	assert_int_equal(sim_int(f, "SELECT queued + held FROM flow WHERE id = %lld", (long long)flow), 0);
	assert_state(f, other, "sending");
	fixture_free(f);
}

/* Counters are kept by differences: after anything they must be what the rows say. */
static void counters_of_flows_are_what_the_rows_say(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	struct random r = random_seeded(11);
	struct peer *p = sim_driver_connect(f, 0, SIM_ONCE);
	static const char *const outcomes[] = { "accepted", "refused", "not_sent", "unclear" };
	for (int step = 0; step < 400; step++) {
		char number[16], more[64];
		snprintf(number, sizeof(number), "+849123456%02u", random_below(&r, 30));
		if (random_below(&r, 3))
			sim_put(f, &(struct sim_message){ .number = number,
							  .class = random_below(&r, 2) ? CLASS_SERVICE : CLASS_SOCIAL_POLICY,
							  .expires_at = clock_now_ms(&f->clock) + random_below(&r, 400000) });
		OWN(json) json_t *frames = sim_driver_read(p);
		for (size_t i = 0; i < json_array_size(frames); i++) {
			const char *attempt = json_string_value(json_object_get(json_array_get(frames, i), "attempt"));
			if (!attempt || !random_below(&r, 4))
				continue;
			snprintf(more, sizeof(more), ",\"reference\":\"R%s\"", attempt);
			sim_driver_result(p, atoll(attempt), outcomes[random_below(&r, 4)], more);
			if (random_below(&r, 2))
				sim_driver_say(p, "{\"op\":\"receipt\",\"id\":\"d%s\",\"reference\":\"R%s\",\"status\":\"%s\"}", attempt,
					       attempt, random_below(&r, 2) ? "delivered" : "failed");
		}
		if (random_below(&r, 60) == 0) {
			sim_driver_lose(f, p);
			p = sim_driver_connect(f, 0, SIM_ONCE);
		}
		sim_wait(f, random_below(&r, 20000));
	}
	for (int s = 0; s < MESSAGE_STATES; s++) {
		const char *name = message_state_name((enum message_state)s);
		for (int flow = 1; flow <= 2; flow++)
			assert_int_equal(sim_int(f, "SELECT %s FROM flow WHERE id = %d", name, flow),
					 sim_int(f, "SELECT count(*) FROM message WHERE flow = %d AND state = '%s'", flow, name));
	}
	/* and the invariants of every run */
	assert_int_equal(sim_int(f, "SELECT count(*) FROM v_msg m WHERE m.state IN ('sent', 'delivered') AND (SELECT count(DISTINCT part) "
				    "FROM v_attempt a WHERE "
				    "a.msg_id = m.id AND (a.outcome = 'accepted' OR a.proof = 'accepted')) <> m.parts"),
			 0);
	assert_int_equal(sim_int(f, "SELECT count(*) FROM (SELECT 1 FROM v_attempt WHERE outcome = 'accepted' GROUP BY msg_id, part HAVING "
				    "count(*) > 1) AS twice"),
			 0);
	assert_int_equal(sim_int(f, "SELECT count(*) FROM v_attempt WHERE handed_at < not_before"), 0);
	assert_int_equal(sim_int(f, "SELECT count(*) FROM v_msg m WHERE state = 'unclear' AND NOT EXISTS (SELECT 1 FROM v_attempt a WHERE "
				    "a.msg_id = m.id AND outcome = 'unclear')"),
			 0);
	assert_int_equal(sim_int(f, "SELECT count(*) FROM (SELECT 1 FROM v_attempt WHERE outcome IN ('accepted', 'unclear') GROUP BY "
				    "msg_id, part HAVING count(*) > 1) AS twice"),
			 0);
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_key_is_put_once),
		cmocka_unit_test(rows_move_as_the_table_of_states_says_and_only_from_where_they_are),
		cmocka_unit_test(what_is_due_later_is_held_until_then),
		cmocka_unit_test(cancel_takes_all_that_was_not_claimed_and_nothing_else),
		cmocka_unit_test(counters_of_flows_are_what_the_rows_say),
	};
	return cmocka_run_group_tests_name("outbox", tests, NULL, NULL);
}
