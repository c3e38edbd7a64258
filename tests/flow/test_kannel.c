/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of the gateway in front of a real Kannel (bearerbox and smsbox of Debian), whose SMSC is played here in the protocol
 * of its fake one: what we hand over arrives once, its reports come back, what people write comes in; and when Kannel is killed
 * in the middle of a campaign, no message is lost from our books and none is handed over twice. KANNEL_PEOPLE makes it larger. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/buffer.h"
#include "gateway/base/own.h"
#include "tests/support/gateway.h"
#include "tests/support/kannel.h"

#define HOOK "hook-0123456789abcdef"
#define PEOPLE 200
#define PEOPLE_MAX 5000
#define WAIT_MS 120000
#define TEXT "Lich hop thon: moi ba con du hop. Tu choi: TC"

struct world {
	struct gateway *g;
	struct kannel k;
	int people, web_port;
	struct buffer lines;
	int arrived[PEOPLE_MAX], n_arrived; /* at the SMSC, by person; all */
};

/* ---- the SMSC ---- */

/* "SENDER RECEIVER text WORDS" */
static void take_line(struct world *w, const char *line)
{
	const char *number = strstr(line, " +84900");
	int person = number ? (int)strtol(number + 7, NULL, 10) : -1;
	assert_true(person >= 0 && person < w->people);
	w->arrived[person]++;
	w->n_arrived++;
}

static void smsc_read(struct world *w)
{
	char some[4096];
	ssize_t n;
	while (w->k.smsc >= 0 && (n = read(w->k.smsc, some, sizeof(some))) > 0)
		assert_int_equal(buffer_put(&w->lines, some, (size_t)n), 0);
	for (;;) {
		const char *text = buffer_text(&w->lines), *end = buffer_left(&w->lines) ? memchr(text, '\n', buffer_left(&w->lines)) : NULL;
		if (!end)
			return;
		OWN(mem) char *line = strndup(text, (size_t)(end - text));
		assert_non_null(line);
		buffer_take(&w->lines, strlen(line) + 1);
		take_line(w, line);
	}
}

static void wait_for(struct world *w, const char *what, const char *sql, int64_t value)
{
	for (int64_t end = gateway_mono_ms() + WAIT_MS; gateway_mono_ms() < end; gateway_pause_ms(10)) {
		smsc_read(w);
		if (gateway_scalar(w->g, sql) >= value)
			return;
	}
	fail_msg("%s: %lld of %lld; %d at the SMSC", what, (long long)gateway_scalar(w->g, sql), (long long)value, w->n_arrived);
}

static void wait_arrived(struct world *w, int n)
{
	int64_t end = gateway_mono_ms() + WAIT_MS;
	for (; w->n_arrived < n && gateway_mono_ms() < end; gateway_pause_ms(2))
		smsc_read(w);
	if (w->n_arrived < n)
		fail_msg("%d of %d at the SMSC", w->n_arrived, n);
}

/* ---- the world ---- */

static void make_gateway(struct world *w, const char *rate)
{
	char channels[512], more[256];
	snprintf(channels, sizeof(channels),
		 "{ name = \"kannel\"; driver = \"http\"; provider = \"kannel\"; base_url = \"http://127.0.0.1:%d\"; sender = \"MTTQ\"; "
		 "options = { username = \"" KANNEL_USER "\"; }; secrets = { password = \"k.password\"; }; webhook_secret = \"k.hook\"; rate_per_second = %s; "
		 "in_flight = 8; retry = { first_s = 0.5; factor = 1; cap_s = 0.5; }; }",
		 w->k.ports[KANNEL_SENDSMS], rate);
	snprintf(more, sizeof(more), "web = { listen = \"127.0.0.1:%d\"; public_url = \"http://127.0.0.1:%d\"; };", w->web_port, w->web_port);
	w->g = gateway_new(&(struct gateway_options){ .channels = channels, .more = more, .no_init = true });
	gateway_secret(w->g, "k.password", KANNEL_PASSWORD);
	gateway_secret(w->g, "k.hook", HOOK);
	gateway_init(w->g);
}

static int world_new(void **state)
{
	if (!kannel_is_there()) {
		print_message("Kannel is not installed: nothing of it is tried\n");
		*state = NULL;
		return 0;
	}
	struct world *w = calloc(1, sizeof(*w));
	assert_non_null(w);
	const char *people = getenv("KANNEL_PEOPLE");
	w->people = people ? (int)strtol(people, NULL, 10) : PEOPLE;
	assert_true(w->people >= 100 && w->people <= PEOPLE_MAX);
	*state = w;
	kannel_init(&w->k);
	w->web_port = w->k.ports[KANNEL_FREE];
	make_gateway(w, w->people > PEOPLE ? "500" : "80");
	char hook[128];
	snprintf(hook, sizeof(hook), "http://127.0.0.1:%d/hooks/kannel/" HOOK "/inbound", w->web_port);
	kannel_configure(&w->k, w->g->dir, hook);
	kannel_start(&w->k);
	gateway_start(w->g);
	gateway_people(w->g, "dan", 0, w->people);
	return 0;
}

static int world_free(void **state)
{
	struct world *w = *state;
	if (!w)
		return 0;
	kannel_kill(&w->k);
	gateway_free(w->g);
	buffer_done(&w->lines);
	free(w);
	return 0;
}

/* ---- laws ---- */

static void everything_arrives_once_and_its_reports_come_back(void **state)
{
	struct world *w = *state;
	if (!w)
		skip();
	gateway_campaign(w->g, "dan", "kannel", TEXT, w->people);
	wait_for(w, "delivered", "SELECT count(*) FROM v_msg WHERE state = 'delivered'", w->people);
	smsc_read(w);
	assert_int_equal(w->n_arrived, w->people);
	for (int i = 0; i < w->people; i++)
		assert_int_equal(w->arrived[i], 1);
	static const char mo[] = "+84900000003 8088 text Cho toi hoi ve the BHYT\n";
	assert_int_equal(write(w->k.smsc, mo, sizeof(mo) - 1), sizeof(mo) - 1);
	wait_for(w, "inbound", "SELECT count(*) FROM v_inbound WHERE channel = 'kannel' AND state = 'handled'", 1);
	assert_int_equal(gateway_scalar(w->g, "SELECT count(*) FROM v_inbound"), 1);
}

static void a_kannel_killed_in_the_middle_loses_nothing_of_ours_and_doubles_nothing(void **state)
{
	struct world *w = *state;
	if (!w)
		skip();
	gateway_campaign(w->g, "dan", "kannel", TEXT, w->people);
	wait_arrived(w, w->people / 4);
	kannel_kill(&w->k);
	buffer_cut(&w->lines, 0);
	gateway_pause_ms(300); /* some requests meet a closed port: certainly not sent, tried again */
	kannel_start(&w->k);
	json_decref(gateway_do(w->g, "channel.resume", json_pack("{s:s}", "name", "kannel"))); /* the breaker would rest half a minute */
	wait_for(w, "decided", "SELECT count(*) FROM v_msg WHERE state IN ('sent', 'delivered', 'unclear')", w->people);
	assert_int_equal(gateway_scalar(w->g, "SELECT count(*) FROM v_msg"), w->people);
	/* handed over at most once each: what the SMSC has twice, Kannel doubled out of its store */
	assert_int_equal(gateway_scalar(w->g, "SELECT count(*) FROM (SELECT msg_id FROM v_attempt WHERE outcome IN ('accepted', 'unclear') "
					      "GROUP BY msg_id HAVING count(*) > 1) AS twice"), 0);
	int64_t doubt = gateway_scalar(w->g, "SELECT count(*) FROM v_msg WHERE state = 'unclear'");
	assert_true(doubt <= 8); /* what was in flight when it died */
	wait_arrived(w, w->people / 2);
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(everything_arrives_once_and_its_reports_come_back, world_new, world_free),
		cmocka_unit_test_setup_teardown(a_kannel_killed_in_the_middle_loses_nothing_of_ours_and_doubles_nothing, world_new, world_free),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
