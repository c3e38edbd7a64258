/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of the list of messages that came: a long one is listed once, and its parts are no way around what hides it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/inbox.h"
#include "handlers/intray.h"
#include "tests/support/sim_driver.h"

static int intake(struct tick *t, const struct inbound *in, struct handled *ret)
{
	(void)t;
	(void)in;
	*ret = (struct handled){ .kind = "filed", .handled_by = "test", .result = "filed", .why = "test" };
	return 0;
}

/* Three parts, the last one first. */
static struct fixture *three_parts(void)
{
	static const char *const texts[] = { "", "mot ", "hai ", "ba" };
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	f->wiring.intake = intake;
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	for (int part = 3; part >= 1; part--) {
		sim_driver_say(p,
			       "{\"op\":\"inbound\",\"id\":\"i%d\",\"from\":\"0912345678\",\"text\":\"%s\",\"udh\":{\"ref\":7,\"total\":3,"
			       "\"part\":%d,\"bits\":8}}",
			       part, texts[part], part);
		sim_tick(f);
	}
	return f;
}

static void long_message_is_listed_once(void **state)
{
	(void)state;
	struct fixture *f = three_parts();
	OWN(json) json_t *list = NULL;
	assert_int_equal(fixture_query(f, "inbox.list", "{}", &list, NULL), 0);
	assert_int_equal(json_array_size(list), 1);
	assert_string_equal(json_str(json_array_get(list, 0), "text", ""), "mot hai ba");
	fixture_free(f);
}

static int show_to(struct fixture *f, enum role role, const char *unit, int id)
{
	OWN(json) json_t *args = json_pack("{s:i}", "id", id), *row = NULL;
	struct call c = { .verb = &inbox_verbs.verbs[1], .args = args, .actor = "user:a", .role = role, .unit = unit, .dotted = "inbox.show" };
	struct scope in = fixture_scope(f);
	struct refusal why = { 0 };
	int64_t next;
	assert_string_equal(c.verb->name, "show");
	int r = c.verb->query(&in, &c, &row, &next, &why);
	refusal_done(&why);
	return r;
}

static int show_as(struct fixture *f, const char *unit, int id)
{
	return show_to(f, ROLE_REVIEWER, unit, id);
}

static void an_accusation_is_read_by_those_who_handle_it(void **state)
{
	(void)state;
	struct fixture *f = three_parts();
	static const struct {
		const char *label, *unit, *rows;
		enum role role;
		int expected;
	} cases[] = {
		{ "outreach, an ordinary case", "", "restricted = 0", ROLE_OUTREACH, 0 },
		{ "outreach, an accusation", "", "restricted = 1", ROLE_OUTREACH, E_NOT_FOUND },
		{ "secretary, an accusation", "02", "restricted = 1", ROLE_SECRETARY, E_NOT_FOUND },
		{ "reviewer of the province", "02", "restricted = 1", ROLE_REVIEWER, 0 },
		{ "reviewer of the commune", "02269", "restricted = 1", ROLE_REVIEWER, E_NOT_FOUND },
		{ "reviewer of the accused province", "02", "restricted = 1, accused = '02'", ROLE_REVIEWER, E_NOT_FOUND },
		{ "reviewer of the unit it is offered to", "02270", "restricted = 0, referred = '02270', accused = NULL", ROLE_REVIEWER, 0 },
		{ "reviewer next door", "02271", "restricted = 0", ROLE_REVIEWER, E_NOT_FOUND },
	};
	sim_sql(f, "UPDATE inbound SET casefile = 1 WHERE id = 1");
	sim_sql(f, "INSERT INTO casefile (id, code, state, topics, kind, urgency, restricted, unit, received_at, text, fold, changed_at) VALUES "
		   "(1, '482918', 'new', '', 'denunciation', 'high', 1, '02269', 1, '', '', 1)");
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		sim_sql(f, "UPDATE casefile SET %s", cases[i].rows);
		int r = show_to(f, cases[i].role, cases[i].unit, 1);
		if (r != cases[i].expected)
			fail_msg("%s: %d", cases[i].label, r);
	}
	sim_sql(f, "UPDATE inbound SET casefile = NULL, state = 'waiting' WHERE id = 1");
	assert_int_equal(show_to(f, ROLE_OUTREACH, "", 1), E_NOT_FOUND); /* nobody has read yet what it says */
	assert_int_equal(show_to(f, ROLE_REVIEWER, "", 1), 0);
	fixture_free(f);
}

static void part_is_hidden_as_the_whole_is(void **state)
{
	(void)state;
	struct fixture *f = three_parts();
	assert_int_equal(show_as(f, "02269", 2), 0);
	sim_sql(f, "UPDATE inbound SET casefile = 1 WHERE id = 1");
	sim_sql(f, "INSERT INTO casefile (id, code, state, topics, kind, urgency, restricted, unit, received_at, text, fold, changed_at) VALUES "
		   "(1, '482918', 'new', '', 'denunciation', 'high', 1, '02269', 1, '', '', 1)");
	for (int id = 1; id <= 3; id++)
		assert_int_equal(show_as(f, "02269", id), E_NOT_FOUND);
	assert_int_equal(show_as(f, "", 2), 0);
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(long_message_is_listed_once),
		cmocka_unit_test(an_accusation_is_read_by_those_who_handle_it),
		cmocka_unit_test(part_is_hidden_as_the_whole_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
