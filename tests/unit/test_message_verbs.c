/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of reading the queue: a territory sees its own, a restricted case's messages are hidden as the case is, and nobody who may not
 * see numbers finds out by trying whose one is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/contact.h"
#include "gateway/registry.h"
#include "tests/support/fixture.h"
#include "tests/support/sim_driver.h"

#define CASE(id, address, restricted)                                                                                                \
	"INSERT INTO casefile (id, code, state, topics, kind, urgency, restricted, unit, address, received_at, text, fold, changed_at) " \
	"VALUES (" id ", '48291" id "', 'received', '[]', 'denunciation', 'high', " restricted ", '02269', " address ", 1, '', '', 1)"

/* Message 1 is the receipt of a restricted case, 2 of an open one, 3 was sent by user:a to somebody of no known place. */
static struct fixture *three_messages(void)
{
	static const char *const keys[] = { "case:1:receipt", "case:2:receipt", "user:a:k" };
	struct fixture *f = fixture_new(NULL);
	for (int i = 0; i < 3; i++) {
		char args[128];
		OWN(json) json_t *sent = NULL;
		snprintf(args, sizeof(args), "{\"to\":\"091234567%d\",\"text\":\"x\"}", i);
		assert_int_equal(fixture_command(f, "message.send", args, &sent, NULL), 0);

		sim_sql(f, "UPDATE message SET key = '%s' WHERE id = %d", keys[i], i + 1);
	}
	sim_sql(f, CASE("1", "(SELECT address FROM message WHERE id = 1)", "1"));
	sim_sql(f, CASE("2", "(SELECT address FROM message WHERE id = 2)", "0"));
	return f;
}

/* As a reviewer of that territory. */
static int ask(struct fixture *f, const char *dotted, const char *actor, const char *unit, json_t *args, json_t **ret)
{
	OWN(json) json_t *given = args;
	struct call c = { .verb = registry_find_dotted(f->core->wiring->registry, dotted), .args = given, .actor = actor, .role = ROLE_REVIEWER,
			  .unit = unit, .dotted = dotted };
	struct scope in = fixture_scope(f);
	struct refusal why = { 0 };
	int64_t next;
	int r = c.verb->query(&in, &c, ret, &next, &why);
	refusal_done(&why);
	return r;
}

static void sees(struct fixture *f, const char *actor, const char *unit, int64_t id, bool yes)
{
	OWN(json) json_t *one = NULL, *list = NULL;
	size_t i;
	json_t *row;
	bool listed = false;
	int r = ask(f, "message.show", actor, unit, json_pack("{s:I}", "id", (json_int_t)id), &one);
	assert_int_equal(ask(f, "message.list", actor, unit, json_object(), &list), 0);
	json_array_foreach (list, i, row)
		listed = listed || json_int(row, "id", 0) == id;
	if ((r == 0) != yes || listed != yes || (r && r != E_NOT_FOUND))
		fail_msg("message %d for %s of '%s': %d, %d", (int)id, actor, unit, r, listed);
}

static void message_is_seen_by_its_territory_only(void **state)
{
	(void)state;
	struct fixture *f = three_messages();
	for (int64_t id = 1; id <= 3; id++)
		sees(f, "user:b", "", id, true);
	sees(f, "user:b", "02", 1, true);
	sees(f, "user:b", "02269", 1, false);
	sees(f, "user:b", "02269", 2, true);
	sees(f, "user:b", "03", 2, false);
	sees(f, "user:b", "02269", 3, false);
	sees(f, "user:a", "02269", 3, true);
	fixture_free(f);
}

static void number_is_no_question_for_who_may_not_see_it(void **state)
{
	(void)state;
	struct fixture *f = three_messages();
	OWN(json) json_t *list = NULL;
	assert_int_equal(ask(f, "message.list", "user:b", "", json_pack("{s:s}", "to", "+84912345670"), &list), E_DENIED);
	assert_int_equal(ask(f, "contact.list", "user:b", "", json_pack("{s:s}", "number", "+84912345670"), &list), E_DENIED);
	assert_null(list);
	fixture_free(f);
}

/* As outreach staff of that territory. */
static int repeat(struct fixture *f, const char *unit, int64_t id, json_t **ret, struct refusal *why)
{
	OWN(json) json_t *given = json_pack("{s:I}", "id", (json_int_t)id);
	struct call c = { .verb = registry_find_dotted(f->core->wiring->registry, "message.repeat"), .args = given, .actor = "user:b",
			  .role = ROLE_OUTREACH, .unit = unit, .dotted = "message.repeat" };
	int r = c.verb->command(fixture_begin(f), &c, ret, why);
	if (r)
		fixture_undo(f);
	else
		fixture_commit(f);
	return r;
}

static void message_is_repeated_once_by_a_person(void **state)
{
	(void)state;
	struct fixture *f = three_messages();
	struct refusal why = { 0 };
	OWN(json) json_t *made = NULL, *old = NULL, *none = NULL;
	assert_int_equal(repeat(f, "", 2, &none, &why), E_REFUSED);
	assert_string_equal(why.rule, "state");
	sim_sql(f, "UPDATE message SET state = 'unclear' WHERE id = 2");
	assert_int_equal(repeat(f, "03", 2, &none, &why), E_NOT_FOUND);
	assert_int_equal(repeat(f, "02269", 2, &made, &why), 0);
	assert_string_equal(json_str(made, "key", ""), "case:2:receipt!repeat");
	assert_string_equal(json_str(made, "state", ""), "queued");
	assert_string_equal(json_str(made, "to", ""), "+84912345671");
	assert_int_equal(repeat(f, "", 2, &none, &why), E_REFUSED);
	assert_string_equal(why.rule, "repeated");
	sim_sql(f, "UPDATE message SET state = 'unclear' WHERE key = 'case:2:receipt!repeat'");
	assert_int_equal(repeat(f, "", json_int(made, "id", 0), &none, &why), E_REFUSED);
	assert_string_equal(why.rule, "repeated");
	assert_int_equal(ask(f, "message.show", "user:b", "", json_pack("{s:i}", "id", 2), &old), 0);
	assert_string_equal(json_str(old, "state", ""), "unclear");
	assert_int_equal(store_scalar(f->db, "SELECT count(*) FROM audit WHERE verb = 'message.repeat' AND subject = 'message:2'", -1), 1);
	refusal_done(&why);
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(message_is_seen_by_its_territory_only),
		cmocka_unit_test(message_is_repeated_once_by_a_person),
		cmocka_unit_test(number_is_no_question_for_who_may_not_see_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
