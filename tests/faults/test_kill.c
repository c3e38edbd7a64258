/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kill -9 of the core at random moments while campaigns run over an API with keys, an API without and a modem, while people
 * write in and while other programs send with keys. After every kill the laws of invariants.c hold, and at the end every
 * message is accounted for. CAUNOI_KILLS says how often (20), CAUNOI_SEED repeats a run (its moments, not its schedule). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "gateway/base/random.h"
#include "tests/support/gateway.h"
#include "tests/support/invariants.h"

#define KILLS 20
#define API_PEOPLE_A_KILL 120
#define ONCE_PEOPLE_A_KILL 40
#define READY_LIMIT_MS 5000
#define ASKED 512          /* commands on their way at once, at most */
#define STILLBORN_MS 200
#define STEP_MS 2
#define PAUSE_MS 15
#define MODEM_EVERY 24     /* of the keyed messages, one goes by the modem */
#define FINISH_MS 180000
#define WAITING "state IN ('held', 'queued', 'sending', 'retry')"

enum what { NOTHING, SENT, SAID };

struct asked {
	int64_t id;
	enum what what;
	int n; /* the key's number */
};

struct killing {
	struct gateway *g;
	struct invariants *laws;
	struct random random;
	int kills, people[2];
	int n_keys, n_said, n_delivered; /* how many were tried so far */
	struct asked asked[ASKED];
	int64_t accepted, stored, repeated;
	int64_t unclear[2]; /* of modem and API without keys, when last counted */
	int64_t worst_window[2], worst_ready_ms;
};

static const char channels[] =
	"{ name = \"api\"; driver = \"http\"; provider = \"sim\"; base_url = \"@API@\"; rate_per_second = 300; in_flight = 64;"
	"  retry = { first_s = 0.2; cap_s = 1; }; },"
	"{ name = \"once\"; driver = \"http\"; provider = \"sim-once\"; base_url = \"@ONCE@\"; rate_per_second = 250; in_flight = 8;"
	"  retry = { first_s = 0.2; cap_s = 1; }; },"
	"{ name = \"sim1\"; driver = \"gammu\"; device = \"@MODEM@\"; connection = \"at115200\"; rate_per_minute = 100000;"
	"  daily_segments = 100000; monthly_persons = 100000; retry = { first_s = 0.2; cap_s = 1; }; },"
	"{ name = \"may-ao\"; driver = \"loopback\"; rate_per_second = 1000; delivery_ms = 20; retry = { first_s = 0.2; cap_s = 1; }; }";
static const char *const pins[] = { "api", "once", "may-ao" };
static const char *const kinds[] = { "modem", "http-once" };
static const int64_t windows[] = { 1, 8 };

static uint64_t number_of(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);
	return text && *text ? strtoull(text, NULL, 10) : otherwise;
}

/* ---- traffic ---- */

static struct asked *place_of(struct killing *k, int64_t id)
{
	return &k->asked[(size_t)id % ASKED];
}

static json_t *keyed_message(int n, char key[32])
{
	char to[24], text[64];
	snprintf(key, 32, "k-%d", n);
	snprintf(to, sizeof(to), "+8491%07d", n);
	snprintf(text, sizeof(text), "Giay hen so %d-%d da xong", n, n * 7919);
	return json_pack("{s:s,s:s,s:s,s:s}", "to", to, "text", text, "class", "service", "channel",
			 n % MODEM_EVERY ? pins[n % (int)COUNT_OF(pins)] : "sim1");
}

static void ask(struct killing *k, enum what what, int n)
{
	char key[32], from[24], text[64];
	int64_t id;
	if (what == SENT) {
		json_t *args = keyed_message(n, key);
		id = client_send(&k->g->control, "command", "message.send", args, key);
	} else {
		snprintf(from, sizeof(from), "+8493%07d", n);
		snprintf(text, sizeof(text), "Nha toi o thon Na Lang, cau hoi so %d", n);
		id = client_send(&k->g->control, "command", "loopback.say", json_pack("{s:s,s:s}", "from", from, "text", text), NULL);
	}
	if (id)
		*place_of(k, id) = (struct asked){ id, what, n };
}

static void take_reply(struct killing *k, const json_t *reply)
{
	struct asked *a = place_of(k, json_int(reply, "id", 0));
	const json_t *result = json_object_get(reply, "result");
	char key[64];
	bool ok = json_flag(reply, "ok", false);
	if (a->id != json_int(reply, "id", 0) || a->what == NOTHING)
		return;
	if (a->what == SENT) {
		snprintf(key, sizeof(key), "uid:%u:k-%d", (unsigned)geteuid(), a->n);
		invariants_accepted(k->laws, key, ok ? 201 : (int)json_int(json_object_get(reply, "error"), "status", 500));
		k->accepted += ok;
	} else if (ok) {
		invariants_mo(k->laws, json_str(result, "channel", ""), json_str(result, "id", ""));
		k->stored++;
	}
	*a = (struct asked){ 0 };
}

static void take_replies(struct killing *k, int limit_ms)
{
	json_t *reply;
	while ((reply = client_reply(&k->g->control, limit_ms))) {
		take_reply(k, reply);
		json_decref(reply);
		limit_ms = 0;
	}
}

static void deliver_to_modem(struct killing *k)
{
	char op[160];
	int n = k->n_delivered++;
	snprintf(op, sizeof(op), "{\"op\":\"deliver\",\"from\":\"+8497%07d\",\"text\":\"Tin den may so %d cua dan\"}", n, n);
	simmodem_tell(&k->g->modem, op);
}

/* Something of everything, until the moment comes. */
static void talk(struct killing *k, int64_t until)
{
	if (random_below(&k->random, 2))
		deliver_to_modem(k);
	while (gateway_mono_ms() < until && k->g->control.fd >= 0) {
		uint32_t dice = random_below(&k->random, 4);
		if (dice < 2)
			ask(k, SENT, k->n_keys++);
		else if (dice == 2 && k->n_keys > 1)
			ask(k, SENT, k->n_keys - 1 - (int)random_below(&k->random, (uint32_t)(k->n_keys < 100 ? k->n_keys : 100)));
		else if (dice == 3 && !random_below(&k->random, 4))
			ask(k, SAID, k->n_said++);
		take_replies(k, STEP_MS);
		gateway_pause_ms((long)random_below(&k->random, PAUSE_MS));
	}
}

/* ---- one life ---- */

static int64_t life_ms(struct killing *k)
{
	/* libgammu needs seconds until the modem may send: one life in six is long enough for it */
	return random_below(&k->random, 6) ? 50 + random_below(&k->random, 750) : 2500 + random_below(&k->random, 3500);
}

static void kill_core(struct killing *k)
{
	kill(k->g->core, SIGKILL);
	take_replies(k, 100); /* what it said before it died was said */
	gateway_kill(k->g);
	memset(k->asked, 0, sizeof(k->asked));
	if (!gateway_children_gone(k->g, 1000))
		fail_msg("a child of the dead core is still alive");
}

static void check_window(struct killing *k)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		char sql[128];
		snprintf(sql, sizeof(sql), "SELECT count(*) FROM v_attempt WHERE outcome = 'unclear' AND kind = '%s'", kinds[i]);
		int64_t now = invariants_scalar(k->laws, sql), more = now - k->unclear[i];
		k->unclear[i] = now;
		k->worst_window[i] = more > k->worst_window[i] ? more : k->worst_window[i];
		if (more > windows[i])
			fail_msg("%s: %lld unclear after one crash, %lld allowed", kinds[i], (long long)more, (long long)windows[i]);
	}
	assert_int_equal(invariants_scalar(k->laws, "SELECT count(*) FROM v_msg WHERE state = 'unclear' AND channel IN ('api', 'may-ao')"), 0);
}

static void check_laws(struct killing *k)
{
	assert_int_equal(invariants_check(k->laws), 0);
	check_window(k);
}

static void start_again(struct killing *k)
{
	gateway_start(k->g);
	if (k->g->ready_after_ms > k->worst_ready_ms)
		k->worst_ready_ms = k->g->ready_after_ms;
	assert_true(k->g->ready_after_ms <= READY_LIMIT_MS);
}

/* One in eight does not live to be ready; one in four is asked about the laws, which gives it a second more. */
static void live_and_die(struct killing *k)
{
	if (!random_below(&k->random, 8)) {
		gateway_spawn(k->g);
		gateway_pause_ms((long)random_below(&k->random, STILLBORN_MS));
	} else {
		start_again(k);
		if (!random_below(&k->random, 4))
			check_laws(k);
		talk(k, gateway_mono_ms() + life_ms(k));
	}
	kill_core(k);
	check_laws(k);
}

/* ---- the end ---- */

static void expect(struct killing *k, const char *what, const char *sql, int64_t want)
{
	int64_t got = invariants_scalar(k->laws, sql);
	if (got != want)
		fail_msg("%s: %lld, expected %lld", what, (long long)got, (long long)want);
}

static void repeat_keys(struct killing *k)
{
	static const char keyed[] = "SELECT count(*) FROM v_msg WHERE client_key LIKE 'uid:%'";
	int64_t before = gateway_scalar(k->g, keyed); /* campaigns may still be planning */
	for (int n = k->n_keys > 200 ? k->n_keys - 200 : 0; n < k->n_keys; n++) {
		char key[32], sql[160];
		json_t *args = keyed_message(n, key);
		snprintf(sql, sizeof(sql), "SELECT count(*) FROM v_msg WHERE client_key = 'uid:%u:%s'", (unsigned)geteuid(), key);
		bool there = gateway_scalar(k->g, sql) == 1;
		OWN(json) json_t *reply = gateway_command_key(k->g, key, "message.send", args);
		assert_true(json_flag(reply, "ok", false));
		before += !there;
		invariants_accepted(k->laws, json_str(json_object_get(reply, "result"), "key", ""), 201);
	}
	assert_int_equal(gateway_scalar(k->g, keyed), before);
}

/* Until nothing waits any more; who still waits when that takes too long. */
static void wait_for_ends(struct killing *k)
{
	if (gateway_waited(k->g, "SELECT count(*) = 0 FROM v_msg WHERE " WAITING, FINISH_MS))
		return;
	OWN(mem) char *who = gateway_text(k->g, "SELECT group_concat(pin || ' ' || state || ' ' || n, ', ') FROM "
						"(SELECT pin, state, count(*) AS n FROM message WHERE " WAITING " GROUP BY pin, state)");
	fail_msg("still waiting after %d ms: %s", FINISH_MS, who ? who : "nobody now");
}

static void let_it_finish(struct killing *k)
{
	char sql[256];
	repeat_keys(k);
	wait_for_ends(k);
	gateway_wait(k->g, "the campaigns are done", "SELECT count(*) = 0 FROM campaign WHERE state <> 'done'", 20000);
	snprintf(sql, sizeof(sql), "SELECT count(*) >= %d FROM inbound WHERE channel = 'sim1'", k->n_delivered);
	gateway_wait(k->g, "all that the modem holds came in", sql, 60000);
	gateway_wait(k->g, "all that came in is handled", "SELECT count(*) = 0 FROM v_inbound WHERE state = 'received'", 20000);
	wait_for_ends(k); /* their answers too */
}

static void account_for_all(struct killing *k)
{
	assert_int_equal(invariants_check(k->laws), 0);
	invariants_print_window(k->laws);
	expect(k, "campaign messages", "SELECT count(*) FROM v_msg WHERE campaign IS NOT NULL", k->people[0] + k->people[1]);
	expect(k, "messages in no known end",
	       "SELECT count(*) FROM v_msg WHERE state NOT IN ('sent', 'delivered', 'unclear')", 0);
	expect(k, "sent but never on the wire",
	       "SELECT count(*) FROM v_msg m WHERE m.state IN ('sent', 'delivered') AND m.channel IN ('api', 'once', 'sim1') AND "
	       "NOT EXISTS (SELECT 1 FROM o.wire w WHERE w.tag = m.client_key)", 0);
	expect(k, "on the wire more than once by an API with keys",
	       "SELECT count(*) FROM (SELECT w.tag FROM o.wire w JOIN v_msg m ON m.client_key = w.tag WHERE m.channel = 'api' GROUP BY w.tag, w.part "
	       "HAVING count(*) > 1)", 0);
	expect(k, "what the modem delivered", "SELECT count(*) FROM inbound WHERE channel = 'sim1'", k->n_delivered);
	expect(k, "different texts of it", "SELECT count(DISTINCT text) FROM inbound WHERE channel = 'sim1'", k->n_delivered);
	expect(k, "counts of the flows that differ from the rows",
	       "SELECT count(*) FROM flow f WHERE f.sent <> (SELECT count(*) FROM message m WHERE m.flow = f.id AND m.state = 'sent') OR "
	       "f.unclear <> (SELECT count(*) FROM message m WHERE m.flow = f.id AND m.state = 'unclear') OR "
	       "f.delivered <> (SELECT count(*) FROM message m WHERE m.flow = f.id AND m.state = 'delivered')", 0);
}

static void kill_at_any_moment_loses_nothing_and_doubles_nothing(void **state)
{
	struct killing *k = *state;
	for (int i = 0; i < k->kills; i++)
		live_and_die(k);
	start_again(k);
	check_laws(k);
	let_it_finish(k);
	gateway_stop(k->g);
	account_for_all(k);
	fprintf(stderr, "%d kills: %lld keyed messages and %lld inbound acknowledged, windows %lld (modem) %lld (API), slowest start %lld ms\n",
		k->kills, (long long)k->accepted, (long long)k->stored, (long long)k->worst_window[0], (long long)k->worst_window[1],
		(long long)k->worst_ready_ms);
}

/* ---- the world ---- */

static int world_up(void **state)
{
	struct killing *k = calloc(1, sizeof(*k));
	uint64_t fresh;
	struct random real = random_real();
	random_fill(&real, &fresh, sizeof(fresh));
	uint64_t seed = number_of("CAUNOI_SEED", fresh % 1000000000);
	char oracle[GATEWAY_PATH_MAX + 16];
	fprintf(stderr, "CAUNOI_SEED=%llu\n", (unsigned long long)seed);
	static const char *const modem[] = { "--send-ms", "60", NULL };
	assert_non_null(k);
	*state = k;
	k->random = random_seeded(seed);
	k->kills = (int)number_of("CAUNOI_KILLS", KILLS);
	k->people[0] = 500 + k->kills * API_PEOPLE_A_KILL;
	k->people[1] = 200 + k->kills * ONCE_PEOPLE_A_KILL;
	k->g = gateway_new(&(struct gateway_options){ .channels = channels, .modem_arguments = modem });
	snprintf(oracle, sizeof(oracle), "%s/oracle.db", k->g->dir);
	k->laws = invariants_new_on(k->g->engine.uri, k->g->data, oracle);
	invariants_watch_api(k->laws, k->g->api.journal);
	invariants_watch_api(k->laws, k->g->once.journal);
	invariants_watch_modem(k->laws, k->g->modem.journal);
	simapi_tell(&k->g->api, "{\"op\":\"mode\",\"latency_ms\":25}");
	simapi_tell(&k->g->once, "{\"op\":\"mode\",\"latency_ms\":25}");
	gateway_start(k->g);
	gateway_people(k->g, "api", 0, k->people[0]);
	gateway_people(k->g, "once", 5000000, k->people[1]);
	gateway_campaign(k->g, "api", "api", "Tin BHYT moi cua xa. Tu choi: TC", k->people[0]);
	gateway_campaign(k->g, "once", "once", "Lich tiem phong cua xa. Tu choi: TC", k->people[1]);
	gateway_kill(k->g);
	return 0;
}

static int world_down(void **state)
{
	struct killing *k = *state;
	invariants_free(k->laws);
	gateway_free(k->g);
	free(k);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(kill_at_any_moment_loses_nothing_and_doubles_nothing, world_up, world_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
