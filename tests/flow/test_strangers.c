/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The driver on modems that nobody fitted it to: every manner of speaking with every way a message can end. The law: what
 * is accepted was said to be so by the modem, what is not sent was never on the air, all else is unclear; nothing is on the
 * air twice; what comes in is handed up once and then deleted. With any argument the slow ends, too, are played on every
 * modem. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "gateway/base/json.h"
#include "tests/support/modemrig.h"
#include "tests/support/stranger.h"

#define DEADLINE_S 12 /* a prompt is waited for a sixth of it, an answer two thirds */
#define LATE_PROMPT "~2300"
#define LATE_ANSWER "~8500"
#define LISTEN_MS 2

static const struct stranger_manner manners[] = {
	{ .label = "by the book" },
	{ .label = "echo that stays", .echo_stays = true },
	{ .label = "numeric results", .numeric = true },
	{ .label = "no results until asked for", .mute = true },
	{ .label = "line feeds only", .before = "", .after = "\n" },
	{ .label = "carriage returns only", .before = "\r", .after = "\r", .echo_stays = true },
	{ .label = "one line end too many", .before = "\r\r\n", .after = "\r\r\n", .gap = "" },
	{ .label = "spaces behind everything", .tail = "  ", .gap = "  " },
	{ .label = "octet by octet", .chunk = 1 },
	{ .label = "9600 baud", .chunk = 1, .pace_us = 1000, .echo_stays = true },
	{ .label = "chatter", .chatter = "^RSSI: 17", .chatters = 1, .chunk = 3 },
	{ .label = "flood", .chatter = "^BOOT: 22341,0,0,0,72", .chatters = 12 },
	{ .label = "knows nothing that it can do without", .poor = true },
	{ .label = "tells no ranges", .bare = true },
	{ .label = "lists no messages", .listless = true },
	{ .label = "rings between its words", .chatter = "RING", .chatters = 2, .echo_stays = true, .before = "" },
};
#define STATIONS COUNT_OF(manners)

static const struct ending {
	struct stranger_script script;
	char outcome; /* first letter; '?' = whatever the law allows */
	size_t modems; /* it takes seconds and is played on so many only; 0 = on all */
} endings[] = {
	{ { .label = "taken", .at_command = ">", .at_end = "@|+CMGS: %|OK" }, 'a', 0 },
	{ { .label = "prompt without a space", .at_command = ">\r\n>", .at_end = "@|+CMGS: %|OK" }, 'a', 0 },
	{ { .label = "prompt on a line of its own", .at_command = ">\r\n>\r\n", .at_end = "@|+CMGS: %|OK" }, 'a', 0 },
	{ { .label = "prompt and answer take their time", .at_command = "~300|>", .at_end = "~300|@|+CMGS: %|~300|OK" }, 'a', 0 },
	{ { .label = "prompt too late", .at_command = LATE_PROMPT "|>", .at_end = "@|+CMGS: %|OK" }, 'n', 2 },
	{ { .label = "no prompt", .at_command = "", .at_end = "" }, 'n', 2 },
	{ { .label = "OK for a prompt", .at_command = "OK", .at_end = "" }, 'n', 2 },
	{ { .label = "ERROR for a prompt", .at_command = "ERROR", .at_end = "" }, 'n', 0 },
	{ { .label = "+CMS ERROR for a prompt", .at_command = "+CMS ERROR: 302", .at_end = "" }, 'n', 0 },
	{ { .label = "+CME ERROR for a prompt", .at_command = "+CME ERROR: 100", .at_end = "" }, 'n', 0 },
	{ { .label = "an error in words for a prompt", .at_command = "+CMS ERROR: SIM busy", .at_end = "" }, 'n', 0 },
	{ { .label = "a reference before its time", .at_command = "+CMGS: 5|OK|>", .at_end = "+CMS ERROR: 38" }, 'n', 0 },
	{ { .label = "temporary failure", .at_command = ">", .at_end = "+CMS ERROR: 41" }, 'n', 0 },
	{ { .label = "no such number", .at_command = ">", .at_end = "+CMS ERROR: 1" }, 'r', 0 },
	{ { .label = "no network", .at_command = ">", .at_end = "+CME ERROR: 30" }, 'n', 0 },
	{ { .label = "unknown error, and sent", .at_command = ">", .at_end = "@|+CMS ERROR: 500" }, 'u', 0 },
	{ { .label = "an error in words, and sent", .at_command = ">", .at_end = "@|+CMS ERROR: Network timeout" }, 'u', 0 },
	{ { .label = "ERROR, and sent", .at_command = ">", .at_end = "@|ERROR" }, 'u', 0 },
	{ { .label = "+CME ERROR in place of +CMS, and sent", .at_command = ">", .at_end = "@|+CME ERROR: 100" }, 'u', 0 },
	{ { .label = "OK without a reference", .at_command = ">", .at_end = "@|OK" }, 'u', 0 },
	{ { .label = "a reference without its number", .at_command = ">", .at_end = "@|+CMGS: |OK" }, 'u', 2 },
	{ { .label = "a reference and no OK", .at_command = ">", .at_end = "@|+CMGS: %" }, 'a', 1 },
	{ { .label = "a reference and an error", .at_command = ">", .at_end = "@|+CMGS: %|+CMS ERROR: 500" }, 'a', 0 },
	{ { .label = "a reference with a time", .at_command = ">", .at_end = "@|+CMGS: %,\"26/11/22,20:59:05+28\"|OK" }, 'a', 0 },
	{ { .label = "everything twice", .at_command = ">", .at_end = "@|+CMGS: %|OK|+CMGS: %|OK" }, 'a', 0 },
	{ { .label = "silence, and sent", .at_command = ">", .at_end = "@" }, 'u', 1 },
	{ { .label = "silence, and not sent", .at_command = ">", .at_end = "" }, 'u', 1 },
	{ { .label = "the answer after the deadline", .at_command = ">", .at_end = "@|" LATE_ANSWER "|+CMGS: %|OK" }, 'u', 1 },
	{ { .label = "the message echoed with rubbish", .at_command = ">", .at_end = "=0011000B9\x01\x7f\xff#\x1a|@|+CMGS: %|OK" }, 'a', 0 },
	{ { .label = "rubbish in place of a reference", .at_command = ">", .at_end = "@|=\r\n+CM\xf0S:: 1\x02\r\n|OK" }, 'u', 2 },
	{ { .label = "everybody calls", .at_command = "RING|^RSSI: 3|>", .at_end = "@|RING|NO CARRIER|+CREG: 1|^BOOT: 1,0|+XYZ: 1|+CMGS: %|OK" }, 'a', 0 },
	{ { .label = "a message before the prompt", .at_command = "i|>", .at_end = "@|+CMGS: %|OK" }, 'a', 0 },
	{ { .label = "messages during the answer", .at_command = ">", .at_end = "i|@|i|+CMGS: %|i|OK" }, 'a', 0 },
	{ { .label = "a message and no answer", .at_command = ">", .at_end = "@|i" }, 'u', 1 },
	{ { .label = "a message and an error", .at_command = "i|+CMS ERROR: 512", .at_end = "" }, 'n', 0 },
	{ { .label = "a report during the answer", .at_command = "c|>", .at_end = "@|c|+CMGS: %|c|OK" }, 'a', 0 },
	{ { .label = "a report before an error", .at_command = ">", .at_end = "@|c|ERROR" }, 'u', 0 },
	{ { .label = "pulled at the command", .at_command = "!", .at_end = "" }, 'n', 2 },
	{ { .label = "pulled at the prompt", .at_command = ">|!", .at_end = "" }, '?', 2 },
	{ { .label = "pulled at the 1st octet", .at_command = ">", .at_end = "@", .drop_in = 1 }, '?', 2 },
	{ { .label = "pulled at the 40th octet", .at_command = ">", .at_end = "@", .drop_in = 40 }, '?', 2 },
	{ { .label = "pulled at the end", .at_command = ">", .at_end = "!" }, 'u', 2 },
	{ { .label = "pulled when it was sent", .at_command = ">", .at_end = "@|!" }, 'u', 2 },
	{ { .label = "pulled in the name of the answer", .at_command = ">", .at_end = "@|+CMGS: %|OK", .drop_out = 5 }, 'u', 2 },
	{ { .label = "pulled in the number", .at_command = ">", .at_end = "@|+CMGS: 12|OK", .drop_out = 10 }, '?', 2 },
	{ { .label = "pulled in the OK", .at_command = ">", .at_end = "@|+CMGS: %|OK", .drop_out = 16 }, '?', 2 },
	{ { .label = "taken, after all that", .at_command = ">", .at_end = "@|+CMGS: %|OK" }, 'a', 0 },
};

struct station {
	const struct stranger_manner *manner;
	struct stranger modem;
	struct modemrig rig;
	size_t number, at, from; /* at: the ending; from: frames before its attempt */
	int64_t since_ms;
	char attempt[32];
	const json_t *result;
	int n_attempts, n_broken;
	bool thorough; /* the slow endings, too */
};

/* Slow endings take turns, so that no modem has many of them; a slow modem has each third of the others. */
static bool is_played(const struct station *s)
{
	size_t slow_before = 0;
	if (s->thorough)
		return true;
	if (!endings[s->at].modems)
		return !s->manner->pace_us || s->at % 3 == 0;
	for (size_t i = 0; i < s->at; i++)
		slow_before += endings[i].modems > 0;
	return (s->number + COUNT_OF(endings) * STATIONS - 2 * slow_before) % STATIONS < endings[s->at].modems;
}

/* The rest of the table is played all the same. */
static void blame(struct station *s, const char *what)
{
	struct stranger_record *r = s->modem.record;
	s->n_broken++;
	print_error("%s, %s: %s; outcome %s, %d commands, %d on the air, %d references, %d came, %d stored\n", s->manner->label,
		 endings[s->at].script.label, what, json_str(s->result, "outcome", "none"), atomic_load(&r->commands), atomic_load(&r->aired),
		 atomic_load(&r->references), atomic_load(&r->came), atomic_load(&r->stored));
}

static bool has_credit(const struct station *s)
{
	for (size_t i = modemrig_n(&s->rig); i-- > 0;) {
		const json_t *f = json_array_get(s->rig.frames, i);
		if (modemrig_fits(f, "ready", NULL, NULL))
			return json_int(f, "credit", 0) == 1;
	}
	return false;
}

static void begin(struct station *s)
{
	snprintf(s->attempt, sizeof(s->attempt), "%zu-%d", s->number, ++s->n_attempts);
	s->from = modemrig_n(&s->rig);
	s->result = NULL;
	stranger_play(&s->modem, &endings[s->at].script);
	modemrig_say(&s->rig, json_pack("{s:s,s:s,s:s,s:s,s:s,s:i,s:i,s:b}", "op", "submit", "attempt", s->attempt, "to", HANDSET, "text",
					s->attempt, "encoding", "gsm7", "part", 1, "parts", 1, "receipt", 1));
}

static const json_t *find(const struct station *s, const char *op, const char *key, const char *value)
{
	for (size_t i = s->from; i < modemrig_n(&s->rig); i++)
		if (modemrig_fits(json_array_get(s->rig.frames, i), op, key, value))
			return json_array_get(s->rig.frames, i);
	return NULL;
}

/* ---- the law -------------------------------------------------------------------------------------------------- */

static void judge(struct station *s)
{
	const struct stranger_record *r = s->modem.record;
	char got = *json_str(s->result, "outcome", "?"), expected = endings[s->at].outcome;
	int aired = atomic_load(&r->aired);
	if (expected != '?' && got != expected)
		blame(s, "another outcome was right");
	if (got == 'a' && (!aired || (!atomic_load(&r->references) && !endings[s->at].script.drop_out)))
		blame(s, "accepted, but the modem did not say so");
	if ((got == 'n' || got == 'r') && aired)
		blame(s, "not sent, but on the air");
	if (aired > 1 || atomic_load(&r->doubled))
		blame(s, "on the air twice");
}

/* All that came in was handed up, is off the SIM, and every report of the script has been told. */
static bool is_settled(const struct station *s)
{
	const struct stranger_script *script = &endings[s->at].script;
	bool reports = strchr(script->at_end, 'c') != NULL;
	return !atomic_load(&s->modem.record->stored) && (!reports || find(s, "receipt", "status", "delivered"));
}

/* Result: how many. */
static int each_message_came_once(struct station *s)
{
	int came = atomic_load(&s->modem.record->came);
	for (int i = 0; i < came; i++) {
		char text[16];
		snprintf(text, sizeof(text), "tin %d", i);
		if (modemrig_count(&s->rig, "inbound", "text", text) != 1)
			blame(s, text);
	}
	assert_int_equal(modemrig_count(&s->rig, "inbound", NULL, NULL), came);
	return came;
}

/* ---- stations, all at work at once ------------------------------------------------------------------------------ */

static void next(struct station *s)
{
	s->attempt[0] = '\0';
	s->since_ms = modemrig_now_ms();
	do
		s->at++;
	while (s->at < COUNT_OF(endings) && !is_played(s));
}

static void step(struct station *s)
{
	modemrig_listen(&s->rig, LISTEN_MS);
	if (modemrig_now_ms() - s->since_ms > MODEMRIG_LIMIT_MS)
		fail_msg("%s, %s: nothing more happens", s->manner->label, endings[s->at].script.label);
	if (!*s->attempt) {
		if (has_credit(s))
			begin(s);
		return;
	}
	s->result = find(s, "result", "attempt", s->attempt);
	if (!s->result)
		return;
	bool reached = atomic_load(&s->modem.record->commands) > 0;
	if (!reached && *json_str(s->result, "outcome", "") == 'n') {
		s->attempt[0] = '\0'; /* it was just being brought up again */
	} else if (is_settled(s)) {
		judge(s);
		next(s);
	}
}

static void the_law_holds_on_every_modem(void **state)
{
	const bool *thorough = *state;
	OWN(mem) struct station *stations = calloc(STATIONS, sizeof(*stations));
	assert_non_null(stations);
	for (size_t i = 0; i < STATIONS; i++) {
		struct station *s = &stations[i];
		*s = (struct station){ .manner = &manners[i], .number = i, .thorough = *thorough, .since_ms = modemrig_now_ms() };
		stranger_start(&s->modem, s->manner);
		modemrig_start_at(&s->rig, s->modem.link, json_pack("{s:s,s:i}", "connection", "at115200", "submit_deadline_s", DEADLINE_S), NULL);
	}
	for (size_t left = STATIONS; left;) {
		left = 0;
		for (size_t i = 0; i < STATIONS; i++) {
			if (stations[i].at == COUNT_OF(endings))
				continue;
			step(&stations[i]);
			left++;
		}
	}
	int broken = 0, came = 0;
	for (size_t i = 0; i < STATIONS; i++) {
		stations[i].at--;
		came += each_message_came_once(&stations[i]);
		broken += stations[i].n_broken;
		modemrig_stop(&stations[i].rig);
		stranger_stop(&stations[i].modem);
	}
	assert_int_equal(broken, 0);
	assert_true(came > (int)STATIONS);
}

/* ---- what comes first ----------------------------------------------------------------------------------------- */

/* A message is on its way; meanwhile one comes in, the modem reports its network, and a person dials. */
static void a_person_who_dials_comes_before_what_came_in_and_that_before_the_next_message(void **state)
{
	static const struct stranger_script busy = { .label = "busy", .at_command = ">", .at_end = "i|+CREG: 1|w|@|+CMGS: %|OK" };
	(void)state;
	struct station s = { .manner = &manners[0], .since_ms = modemrig_now_ms() };
	stranger_start(&s.modem, s.manner);
	modemrig_start_at(&s.rig, s.modem.link, json_pack("{s:s}", "connection", "at115200"), NULL);
	modemrig_expect_credit(&s.rig, 0, 1);
	while (atomic_load(&s.modem.record->stored))
		modemrig_listen(&s.rig, LISTEN_MS);
	stranger_play(&s.modem, &busy);
	int came_before = atomic_load(&s.modem.record->came);
	size_t from = modemrig_n(&s.rig);
	modemrig_say(&s.rig, json_pack("{s:s,s:s,s:s,s:s,s:s,s:i,s:i}", "op", "submit", "attempt", "first", "to", HANDSET, "text", "first",
				       "encoding", "gsm7", "part", 1, "parts", 1));
	while (atomic_load(&s.modem.record->came) == came_before)
		modemrig_listen(&s.rig, LISTEN_MS);
	modemrig_say(&s.rig, json_pack("{s:s,s:s,s:s}", "op", "ussd", "id", "u", "code", "*101#"));
	modemrig_say(&s.rig, json_pack("{s:s,s:i}", "op", "ping", "n", 1));
	modemrig_expect(&s.rig, from, "pong", NULL, NULL); /* so it has the code, too */
	atomic_store(&s.modem.record->go, 1);
	modemrig_expect(&s.rig, from, "result", "attempt", "first");
	atomic_store(&s.modem.record->script, NULL);
	modemrig_say(&s.rig, json_pack("{s:s,s:s,s:s,s:s,s:s,s:i,s:i}", "op", "submit", "attempt", "next", "to", HANDSET, "text", "next",
				       "encoding", "gsm7", "part", 1, "parts", 1));
	modemrig_expect(&s.rig, from, "result", "attempt", "next");
	for (int64_t until = modemrig_now_ms() + MODEMRIG_LIMIT_MS; !strchr(s.modem.record->jobs, 'I');) {
		assert_true(modemrig_now_ms() < until);
		modemrig_listen(&s.rig, LISTEN_MS);
	}
	modemrig_stop(&s.rig);
	const char *jobs = s.modem.record->jobs, *first = strchr(jobs, 'S');
	const char *again = first ? strchr(first + 1, 'S') : NULL, *signal = first ? strchr(first, 'I') : NULL;
	assert_true(first && again && signal && again < signal);
	assert_memory_equal(first, "SUL", 3);
	stranger_stop(&s.modem);
}

int main(int argc, char **argv)
{
	(void)argv;
	bool thorough = argc > 1;
	const struct CMUnitTest tests[] = { cmocka_unit_test_prestate(the_law_holds_on_every_modem, &thorough),
		cmocka_unit_test(a_person_who_dials_comes_before_what_came_in_and_that_before_the_next_message) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
