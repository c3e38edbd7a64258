/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of governing accounts: an administrator of a territory changes the accounts, sessions and tokens inside of it and learns of no
 * others; nobody but an operator makes, changes or speaks for an operator; nobody changes their own rights. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/account.h"
#include "gateway/base/json.h"
#include "gateway/store/store.h"
#include "gateway/token.h"
#include "tests/support/fixture.h"

struct person {
	const char *name;
	enum role role;
	const char *unit;
};
static const struct person admin_02 = { "admin-02", ROLE_ADMINISTRATOR, "02" }, chief = { "admin", ROLE_ADMINISTRATOR, "" },
			   reviewer = { "reviewer-02", ROLE_REVIEWER, "02" };

static struct fixture *with_people(void)
{
	static const char *const people[] = {
		"{\"name\":\"admin-02\",\"role\":\"administrator\",\"unit\":\"02\"}", "{\"name\":\"op\",\"role\":\"operator\"}",
		"{\"name\":\"op-02\",\"role\":\"operator\",\"unit\":\"02\"}",	      "{\"name\":\"reviewer-02\",\"role\":\"reviewer\",\"unit\":\"02\"}",
		"{\"name\":\"lan-02269\",\"role\":\"reviewer\",\"unit\":\"02269\"}",  "{\"name\":\"lan-04\",\"role\":\"reviewer\",\"unit\":\"04\"}",
	};
	struct fixture *f = fixture_new(NULL);
	for (size_t i = 0; i < COUNT_OF(people); i++) {
		OWN(json) json_t *made = NULL;
		assert_int_equal(fixture_command(f, "user.add", people[i], &made, NULL), 0);
	}
	return f;
}

/* As the core runs it: role first, then the arguments, then the verb. */
static int as(struct fixture *f, const struct person *who, const char *verb, const char *args_text, json_t **ret, char ret_rule[48])
{
	char actor[48];
	OWN(json) json_t *given = json_loads(args_text, 0, NULL), *args = NULL;
	struct refusal why = { 0 };
	int64_t next;
	const struct verb *v = registry_find_dotted(&caunoi_registry, verb);
	assert_int_equal(verb_check(v, given, NULL, &args, &why), 0);
	snprintf(actor, sizeof(actor), "user:%s", who->name);
	struct call c = { .verb = v, .args = args, .actor = actor, .role = who->role, .unit = who->unit, .dotted = verb };
	struct tick *t = fixture_begin(f);
	int r = v->query ? v->query(&t->in, &c, ret, &next, &why) : v->command(t, &c, ret, &why);
	if (r)
		fixture_undo(f);
	else
		fixture_commit(f);
	snprintf(ret_rule, 48, "%s", why.rule);
	refusal_done(&why);
	return r;
}

static void administrator_governs_the_own_territory(void **state)
{
	(void)state;
	static const struct {
		const struct person *who;
		const char *verb, *args, *rule; /* "" = done */
	} cases[] = {
		{ &admin_02, "user.role", "{\"name\":\"lan-02269\",\"role\":\"secretary\"}", "" },
		{ &admin_02, "user.role", "{\"name\":\"lan-02269\",\"role\":\"secretary\",\"unit\":\"04\"}", "territory" },
		{ &admin_02, "user.role", "{\"name\":\"lan-02269\",\"role\":\"secretary\",\"unit\":\"\"}", "territory" },
		{ &admin_02, "user.role", "{\"name\":\"lan-02269\",\"role\":\"operator\"}", "role" },
		{ &admin_02, "user.role", "{\"name\":\"lan-04\",\"role\":\"secretary\"}", "not_found" },
		{ &admin_02, "user.role", "{\"name\":\"admin\",\"role\":\"auditor\"}", "not_found" },
		{ &admin_02, "user.role", "{\"name\":\"op-02\",\"role\":\"auditor\"}", "role" },
		{ &admin_02, "user.role", "{\"name\":\"admin-02\",\"role\":\"auditor\"}", "own_account" },
		{ &admin_02, "user.disable", "{\"name\":\"lan-02269\"}", "" },
		{ &admin_02, "user.enable", "{\"name\":\"lan-02269\"}", "" },
		{ &admin_02, "user.disable", "{\"name\":\"lan-04\"}", "not_found" },
		{ &admin_02, "user.disable", "{\"name\":\"op-02\"}", "role" },
		{ &admin_02, "user.enable", "{\"name\":\"admin-02\"}", "own_account" },
		{ &admin_02, "user.add", "{\"name\":\"moi\",\"role\":\"reviewer\",\"unit\":\"02270\"}", "" },
		{ &admin_02, "user.add", "{\"name\":\"moi2\",\"role\":\"reviewer\",\"unit\":\"04\"}", "territory" },
		{ &admin_02, "user.add", "{\"name\":\"moi3\",\"role\":\"reviewer\"}", "territory" },
		{ &admin_02, "user.add", "{\"name\":\"moi4\",\"role\":\"operator\",\"unit\":\"02\"}", "role" },
		{ &admin_02, "user.totp", "{\"name\":\"lan-02269\"}", "" },
		{ &admin_02, "user.totp", "{\"name\":\"lan-04\"}", "not_found" },
		{ &admin_02, "user.totp", "{\"name\":\"op\",\"off\":true}", "not_found" },
		{ &admin_02, "user.passwd", "{\"name\":\"lan-04\",\"password\":\"mật khẩu rất dài\"}", "not_found" },
		{ &admin_02, "token.add", "{\"user\":\"lan-02269\"}", "" },
		{ &admin_02, "token.add", "{\"user\":\"lan-04\"}", "not_found" },
		{ &admin_02, "token.add", "{\"user\":\"op-02\"}", "role" },
		{ &chief, "token.add", "{\"user\":\"op\"}", "role" },
		{ &chief, "user.totp", "{\"name\":\"op\",\"off\":true}", "role" },
		{ &chief, "user.passwd", "{\"name\":\"op\",\"password\":\"mật khẩu rất dài\"}", "role" },
		{ &chief, "user.role", "{\"name\":\"lan-04\",\"role\":\"operator\"}", "role" },
		{ &chief, "user.role", "{\"name\":\"lan-04\",\"role\":\"secretary\",\"unit\":\"\"}", "" },
		{ &reviewer, "user.totp", "{\"name\":\"lan-02269\"}", "role" },
		{ &reviewer, "user.totp", "{\"name\":\"lan-04\"}", "not_found" },
		{ &reviewer, "user.passwd", "{\"name\":\"lan-02269\",\"password\":\"mật khẩu rất dài\"}", "role" },
	};
	struct fixture *f = with_people();
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(json) json_t *out = NULL;
		char rule[48];
		int r = as(f, cases[i].who, cases[i].verb, cases[i].args, &out, rule);
		if (strcmp(rule, cases[i].rule) != 0 || (r == 0) != !*cases[i].rule)
			fail_msg("%s as %s %s: %d %s", cases[i].verb, cases[i].who->name, cases[i].args, r, rule);
	}
	fixture_free(f);
}

static size_t seen(struct fixture *f, const struct person *who, const char *list)
{
	OWN(json) json_t *out = NULL;
	char rule[48];
	assert_int_equal(as(f, who, list, "{}", &out, rule), 0);
	return json_array_size(out);
}

static void lists_end_at_the_territory(void **state)
{
	(void)state;
	static const char *const users[] = { "lan-02269", "lan-04", "op" };
	struct fixture *f = with_people();
	for (size_t i = 0; i < COUNT_OF(users); i++) {
		char args[120];
		OWN(json) json_t *token = NULL, *link = NULL, *s = NULL;
		snprintf(args, sizeof(args), "{\"user\":\"%s\"}", users[i]);
		assert_int_equal(fixture_command(f, "token.add", args, &token, NULL), 0);
		snprintf(args, sizeof(args), "{\"user\":\"%s\",\"scopes\":\"login\"}", users[i]);
		assert_int_equal(fixture_command(f, "token.add", args, &link, NULL), 0);
		snprintf(args, sizeof(args), "{\"token\":\"%s\"}", json_str(link, "token", ""));
		assert_int_equal(fixture_command(f, "session.open", args, &s, NULL), 0);
	}
	assert_int_equal(seen(f, &chief, "user.list"), 7);
	assert_int_equal(seen(f, &admin_02, "user.list"), 4);
	assert_int_equal(seen(f, &chief, "token.list"), 7); /* and the first login's */
	assert_int_equal(seen(f, &admin_02, "token.list"), 2);
	assert_int_equal(seen(f, &chief, "session.list"), 3);
	assert_int_equal(seen(f, &admin_02, "session.list"), 1);
	assert_int_equal(seen(f, &reviewer, "session.list"), 0);
	fixture_free(f);
}

static void sessions_and_tokens_of_others_are_not_found(void **state)
{
	(void)state;
	struct fixture *f = with_people();
	char args[120], rule[48];
	OWN(json) json_t *token = NULL, *link = NULL, *s = NULL, *list = NULL, *none = NULL, *ended = NULL;
	assert_int_equal(fixture_command(f, "token.add", "{\"user\":\"lan-04\"}", &token, NULL), 0);
	assert_int_equal(fixture_command(f, "token.add", "{\"user\":\"lan-04\",\"scopes\":\"login\"}", &link, NULL), 0);
	snprintf(args, sizeof(args), "{\"token\":\"%s\"}", json_str(link, "token", ""));
	assert_int_equal(fixture_command(f, "session.open", args, &s, NULL), 0);
	assert_int_equal(fixture_query(f, "session.list", "{}", &list, NULL), 0);
	snprintf(args, sizeof(args), "{\"id\":%lld}", (long long)json_int(json_array_get(list, 0), "id", 0));
	assert_int_equal(as(f, &admin_02, "session.revoke", args, &none, rule), E_NOT_FOUND);
	assert_int_equal(as(f, &reviewer, "session.revoke", args, &none, rule), E_NOT_FOUND);
	assert_int_equal(as(f, &chief, "session.revoke", args, &ended, rule), 0);
	snprintf(args, sizeof(args), "{\"id\":%lld}", (long long)json_int(token, "id", 0));
	assert_int_equal(as(f, &admin_02, "token.revoke", args, &none, rule), E_NOT_FOUND);
	struct scope in = fixture_scope(f);
	struct account a;
	assert_int_equal(account_by_token(&in, json_str(token, "token", ""), &a), 0);
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(administrator_governs_the_own_territory),
		cmocka_unit_test(lists_end_at_the_territory),
		cmocka_unit_test(sessions_and_tokens_of_others_are_not_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
