/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of accounts: a token speaks for its user until it expires, is revoked or the user is shut out; secrets are kept as
 * digests only. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "gateway/account.h"
#include "gateway/base/json.h"
#include "gateway/registry.h"
#include "gateway/session.h"
#include "gateway/store/store.h"
#include "gateway/token.h"
#include "tests/support/fixture.h"

#define DAY_MS ((int64_t)86400000)

static void add_lan(struct fixture *f)
{
	OWN(json) json_t *out = NULL;
	assert_int_equal(fixture_command(f, "user.add", "{\"name\":\"lan\",\"role\":\"reviewer\",\"unit\":\"02269\"}", &out, NULL), 0);
	assert_string_equal(json_str(out, "name", ""), "lan");
	assert_string_equal(json_str(out, "role", ""), "reviewer");
	assert_string_equal(json_str(out, "unit", ""), "02269");
	assert_true(json_is_false(json_object_get(out, "disabled")));
	assert_true(json_is_false(json_object_get(out, "totp")));
}

static int whose(struct fixture *f, const char *token, struct account *a)
{
	struct scope in = fixture_scope(f);
	return account_by_token(&in, token, a);
}

static void account_token_speaks_for_its_user_until_it_ends(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	OWN(json) json_t *token = NULL, *gone = NULL, *read = NULL;
	struct account a;
	char args[64];
	add_lan(f);
	assert_int_equal(fixture_command(f, "token.add", "{\"user\":\"lan\",\"name\":\"máy in\",\"days\":2}", &token, NULL), 0);
	const char *secret = json_str(token, "token", "");
	assert_int_equal(strlen(secret), 43);
	assert_int_equal(strncmp(secret, "cn_", 3), 0);
	assert_int_equal(whose(f, secret, &a), 0);
	assert_string_equal(a.name, "lan");
	assert_int_equal(a.role, ROLE_REVIEWER);
	assert_string_equal(a.unit, "02269");
	assert_string_equal(a.scopes, "all");
	assert_int_equal(whose(f, "cn_0000000000000000000000000000000000000000", &a), E_DENIED);
	assert_int_equal(whose(f, "", &a), E_DENIED);
	clock_advance(&f->clock, 2 * DAY_MS - 1);
	assert_int_equal(whose(f, secret, &a), 0);
	clock_advance(&f->clock, 1);
	assert_int_equal(whose(f, secret, &a), E_DENIED);
	assert_int_equal(fixture_command(f, "token.add", "{\"user\":\"lan\",\"scopes\":\"read\"}", &read, NULL), 0);
	assert_int_equal(whose(f, json_str(read, "token", ""), &a), 0);
	assert_string_equal(a.scopes, "read");
	snprintf(args, sizeof(args), "{\"id\":%lld}", (long long)json_int(read, "id", 0));
	assert_int_equal(fixture_command(f, "token.revoke", args, &gone, NULL), 0);
	assert_true(json_is_null(json_object_get(gone, "token")));
	assert_int_equal(whose(f, json_str(read, "token", ""), &a), E_DENIED);
	fixture_free(f);
}

static void token_scopes_allow_what_they_name(void **state)
{
	(void)state;
	static const struct {
		const char *scopes, *verb;
		bool allowed;
	} cases[] = {
		{ "", "campaign.start", true },		   { "all", "campaign.start", true },
		{ "read", "case.list", true },		   { "read", "status", true },
		{ "read", "message.send", false },	   { "message", "message.send", true },
		{ "message", "message.list", true },	   { "message", "case.list", false },
		{ "message.send", "message.send", true },  { "message.send", "message.list", false },
		{ "case,message.send", "case.reply", true }, { "case,message.send", "message.send", true },
		{ "case,message.send", "message.show", false }, { "mess", "message.send", false },
		{ "message.sen", "message.send", false },  { "messages", "message.send", false },
		{ "status", "status", true },		   { "case", "status", false },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		if (token_permits(cases[i].scopes, registry_find_dotted(&caunoi_registry, cases[i].verb)) != cases[i].allowed)
			fail_msg("%s: %s", cases[i].scopes, cases[i].verb);
}

static void token_scopes_that_name_nothing_are_refused(void **state)
{
	(void)state;
	static const char *const wrong[] = { "mesage", "message.", "message,", ",message", "read,message", "message.send,case.shwo", "all,case", " message" };
	struct fixture *f = fixture_new(NULL);
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		char args[96];
		OWN(json) json_t *out = NULL;
		struct refusal why = { 0 };
		snprintf(args, sizeof(args), "{\"user\":\"admin\",\"scopes\":\"%s\"}", wrong[i]);
		if (fixture_command(f, "token.add", args, &out, &why) != E_INVALID || strcmp(why.field, "scopes") != 0)
			fail_msg("%s: %s", wrong[i], why.rule);
		refusal_done(&why);
	}
	fixture_free(f);
}

static void account_secrets_are_not_in_the_database(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	OWN(json) json_t *token = NULL;
	add_lan(f);
	assert_int_equal(fixture_command(f, "token.add", "{\"user\":\"lan\"}", &token, NULL), 0);
	char sql[160];
	snprintf(sql, sizeof(sql), "SELECT count(*) FROM token WHERE instr(hash, '%s') > 0 OR name LIKE '%%cn_%%'", json_str(token, "token", "?"));
	assert_int_equal(store_scalar(f->db, sql, -1), 0);
	OWN(json) json_t *list = NULL;
	assert_int_equal(fixture_query(f, "token.list", "{}", &list, NULL), 0);
	size_t i;
	json_t *one;
	json_array_foreach(list, i, one)
		assert_true(json_is_null(json_object_get(one, "token")));
	fixture_free(f);
}

static void account_disabled_is_shut_out_everywhere(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	OWN(json) json_t *token = NULL, *out = NULL, *again = NULL, *list = NULL;
	struct account a;
	struct refusal why = { 0 };
	add_lan(f);
	assert_int_equal(fixture_command(f, "token.add", "{\"user\":\"lan\"}", &token, NULL), 0);
	assert_int_equal(fixture_command(f, "user.disable", "{\"name\":\"lan\"}", &out, NULL), 0);
	assert_true(json_is_true(json_object_get(out, "disabled")));
	assert_int_equal(whose(f, json_str(token, "token", ""), &a), E_DENIED);
	assert_int_equal(fixture_command(f, "token.add", "{\"user\":\"lan\"}", &again, &why), E_REFUSED);
	assert_string_equal(why.rule, "disabled");
	refusal_done(&why);
	assert_int_equal(fixture_query(f, "user.list", "{}", &list, NULL), 0);
	assert_int_equal(json_array_size(list), 2);
	fixture_free(f);
}

static void account_add_refuses(void **state)
{
	(void)state;
	static const struct {
		const char *label, *args, *rule;
	} cases[] = {
		{ "same name", "{\"name\":\"admin\",\"role\":\"reviewer\"}", "exists" },
		{ "short password", "{\"name\":\"hoa\",\"role\":\"reviewer\",\"password\":\"mười một ch\"}", "weak_password" },
		{ "own name", "{\"name\":\"hoa\",\"role\":\"reviewer\",\"password\":\"toi la HOA xa Ban Lau\"}", "weak_password" },
		{ "no role", "{\"name\":\"hoa\"}", "missing" },
		{ "other role", "{\"name\":\"hoa\",\"role\":\"root\"}", "not_a_choice" },
		{ "unit of words", "{\"name\":\"hoa\",\"role\":\"reviewer\",\"unit\":\"xa\"}", "out_of_range" },
		{ "odd name", "{\"name\":\"Hoa Lê\",\"role\":\"reviewer\"}", "out_of_range" },
	};
	struct fixture *f = fixture_new(NULL);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(json) json_t *out = NULL;
		struct refusal why = { 0 };
		if (fixture_command(f, "user.add", cases[i].args, &out, &why) == 0 || strcmp(why.rule, cases[i].rule) != 0)
			fail_msg("%s: %s", cases[i].label, why.rule);
		refusal_done(&why);
	}
	fixture_free(f);
}

static void session_open(struct fixture *f, const char *args, json_t **ret, int expected)
{
	assert_int_equal(fixture_hashed(f, "session.open", args, ret, NULL), expected);
}

static void session_opens_with_the_password_and_ends_by_idleness(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	OWN(json) json_t *out = NULL, *s = NULL, *bad = NULL, *none = NULL;
	struct account a;
	assert_int_equal(fixture_hashed(f, "user.add", "{\"name\":\"lan\",\"role\":\"reviewer\",\"password\":\"mật khẩu rất dài\"}", &out, NULL), 0);
	assert_string_equal(json_str(out, "name", ""), "lan");
	assert_int_equal(store_scalar(f->db, "SELECT count(*) FROM account WHERE password LIKE '$argon2id$v=19$m=19456,t=2,p=1$%'", -1), 1);
	session_open(f, "{\"user\":\"lan\",\"password\":\"mật khẩu rất dàj\"}", &bad, E_DENIED);
	session_open(f, "{\"user\":\"nobody\",\"password\":\"mật khẩu rất dài\"}", &none, E_DENIED);
	session_open(f, "{\"user\":\"lan\",\"password\":\"mật khẩu rất dài\"}", &s, 0);
	const char *session = json_str(s, "session", "");
	assert_int_equal(whose(f, session, &a), 0);
	for (int i = 0; i < 23; i++) {
		clock_advance(&f->clock, SESSION_IDLE_MS - 1000);
		assert_int_equal(session_touch(fixture_begin(f), session), 0);
		fixture_commit(f);
	}
	assert_int_equal(whose(f, session, &a), 0);
	clock_advance(&f->clock, SESSION_IDLE_MS);
	assert_int_equal(whose(f, session, &a), E_DENIED);
	fixture_free(f);
}

static void session_of_the_first_login_opens_once(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	char args[120];
	OWN(json) json_t *s = NULL, *again = NULL, *closed = NULL;
	struct account a;
	assert_int_equal(whose(f, f->login, &a), E_DENIED);
	snprintf(args, sizeof(args), "{\"token\":\"%s\"}", f->login);
	assert_int_equal(fixture_command(f, "session.open", args, &s, NULL), 0);
	assert_string_equal(json_str(s, "user", ""), "admin");
	assert_int_equal(whose(f, json_str(s, "session", ""), &a), 0);
	assert_int_equal(a.role, ROLE_ADMINISTRATOR);
	assert_int_equal(fixture_command(f, "session.open", args, &again, NULL), E_DENIED);
	snprintf(args, sizeof(args), "{\"session\":\"%s\"}", json_str(s, "session", ""));
	assert_int_equal(fixture_command(f, "session.close", args, &closed, NULL), 0);
	assert_int_equal(whose(f, json_str(s, "session", ""), &a), E_DENIED);
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(account_token_speaks_for_its_user_until_it_ends),
		cmocka_unit_test(token_scopes_allow_what_they_name),
		cmocka_unit_test(token_scopes_that_name_nothing_are_refused),
		cmocka_unit_test(account_secrets_are_not_in_the_database),
		cmocka_unit_test(account_disabled_is_shut_out_everywhere),
		cmocka_unit_test(account_add_refuses),
		cmocka_unit_test(session_opens_with_the_password_and_ends_by_idleness),
		cmocka_unit_test(session_of_the_first_login_opens_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
