/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of many people who write at once: how often the core waits for its server, and that answers do not wait for the last of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "campaigns/poll.h"
#include "campaigns/response.h"
#include "gateway/base/buffer.h"
#include "gateway/base/own.h"
#include "handlers/chain.h"
#include "handlers/keywords.h"
#include "tests/support/sim_driver.h"

static int intake(struct tick *t, const struct inbound *in, struct handled *ret)
{
	struct response found;
	int r = response_find(t, in, &found);
	r = r ? r : poll_invite(t, in, &found);
	r = r ? r : chain_intake(t, in, ret);
	return r ? r : response_count(t, in, &found, ret);
}

static void intake_ahead(struct tick *t, const struct inbound *in)
{
	response_ahead(t, in);
	chain_ahead(t, in);
}

struct flood {
	struct fixture *f;
	struct keywords *keywords;
	struct peer *driver;
	int said;
};

static struct flood begin(void)
{
	struct complaint c = { 0 };
	struct flood w = { .f = fixture_new("channels = ( " SIM_CHANNEL("sim1", "") " );\n") };
	if (keywords_load(w.f->file, &w.keywords, &c))
		fail_msg("%s:%d %s", c.file, c.line, c.text);
	w.f->wiring.intake = intake;
	w.f->wiring.intake_ahead = intake_ahead;
	w.f->core->keywords = w.keywords;
	clock_advance(&w.f->clock, 7200000); /* nine in the morning */
	w.driver = sim_driver_connect(w.f, 0, SIM_HTTP);
	return w;
}

static void end(struct flood *w)
{
	fixture_free(w->f);
	keywords_free(w->keywords);
}

static void say(struct flood *w, int person, const char *text)
{
	sim_driver_say(w->driver, "{\"op\":\"inbound\",\"id\":\"f%d\",\"from\":\"0912%06d\",\"text\":\"%s\"}", ++w->said, person, text);
}

/* Round trips of a tick in which n strangers say text. */
static int64_t waited_for(struct flood *w, int first, int n, const char *text)
{
	int64_t before = store_round_trips(w->f->db);
	for (int i = 0; i < n; i++)
		say(w, first + i, text);
	sim_tick(w->f);
	return store_round_trips(w->f->db) - before;
}

static void many_who_write_at_once_are_waited_for_together(void **state)
{
	static const struct {
		const char *text, *kind;
	} cases[] = {
		{ "1", "unknown" }, { "Cam on can bo", "ack" }, { "Duong thon 5 hong qua, xe khong di duoc", "feedback" }, { "TC", "optout" },
		{ "help", "help" }, { "nham so roi", "wrong_number" }, { "BHYT", "keyword" },
	};
	(void)state;
	struct flood w = begin();
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		int first = 1000 * (int)i;
		waited_for(&w, first, 3, cases[i].text); /* statements are prepared */
		int64_t few = waited_for(&w, first + 100, 4, cases[i].text), many = waited_for(&w, first + 200, 60, cases[i].text);
		if (many > few + 3 || (many == 0) == engine_is_postgresql())
			fail_msg("'%s': %lld round trips for 4 people, %lld for 60", cases[i].text, (long long)few, (long long)many);
		assert_int_equal(sim_int(w.f, "SELECT count(*) FROM inbound WHERE kind = '%s'", cases[i].kind), 67);
	}
	assert_int_equal(sim_int(w.f, "SELECT count(DISTINCT code) FROM casefile"), 67);
	assert_int_equal(sim_int(w.f, "SELECT count(*) FROM address WHERE off = ' campaign '"), 67);
	end(&w);
}

/* What came of each message of person 3, and how much was said to all. */
static char *outcome(bool at_once)
{
	static const char *const said[] = { "help", "help", "Duong thon 5 hong", "Duong thon 5 hong", "TC", "TC", "zzz", "zzz" };
	struct buffer out = { 0 };
	struct flood w = begin();
	for (size_t i = 0; i < COUNT_OF(said); i++) {
		for (int person = 0; person < 5; person++)
			say(&w, person, said[i]);
		if (!at_once)
			sim_tick(w.f);
	}
	sim_tick(w.f);
	for (size_t i = 0; i < COUNT_OF(said); i++) {
		OWN(mem) char *result = sim_text(w.f, "SELECT kind || ': ' || substr(result, 1, 12) FROM inbound WHERE address = 3 ORDER BY id LIMIT 1 "
						      "OFFSET %zu", i);
		assert_int_equal(buffer_printf(&out, "%s\n", result), 0);
	}
	assert_int_equal(buffer_printf(&out, "%lld messages", (long long)sim_int(w.f, "SELECT count(*) FROM message")), 0);
	end(&w);
	return out.data;
}

/* What one message of a person changes the next one of the same tick finds. */
static void one_person_who_writes_much_in_one_tick_is_answered_as_in_many(void **state)
{
	(void)state;
	OWN(mem) char *apart = outcome(false), *at_once = outcome(true);
	assert_string_equal(at_once, apart);
	assert_non_null(strstr(apart, "optout: opt-out"));
	assert_non_null(strstr(apart, "feedback: joined"));
}

static void answers_leave_before_the_last_of_a_flood_is_heard(void **state)
{
	enum { PEOPLE = 500 }; /* as many answers as the driver takes at once */
	(void)state;
	struct flood w = begin();
	for (int i = 0; i < PEOPLE; i++)
		say(&w, i, "help");
	int ticks = 0;
	for (int64_t heard = 0, now; heard < PEOPLE; heard = now, ticks++) {
		sim_tick(w.f);
		now = sim_int(w.f, "SELECT count(*) FROM inbound WHERE state = 'handled'");
		assert_true(now > heard);
		if (!sim_driver_count(w.driver, "submit"))
			fail_msg("tick %d: %lld were heard and nobody was answered", ticks, (long long)now);
	}
	assert_in_range(ticks, 2, 4);
	end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_who_write_at_once_are_waited_for_together),
		cmocka_unit_test(one_person_who_writes_much_in_one_tick_is_answered_as_in_many),
		cmocka_unit_test(answers_leave_before_the_last_of_a_flood_is_heard),
	};
	return cmocka_run_group_tests_name("flood", tests, NULL, NULL);
}
