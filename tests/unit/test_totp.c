/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of one-time codes: those of the standard's own examples, each good once and for a moment only; asked for after the password
 * where the account has them; given by an administrator, taken away by one, never by whoever sits at somebody's open page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <liboath/oath.h>

#include "gateway/account.h"
#include "gateway/base/json.h"
#include "gateway/base/text.h"
#include "gateway/store/store.h"
#include "gateway/totp.h"
#include "tests/support/fixture.h"

#define LAN "\"name\":\"lan\""
#define LOGIN "\"user\":\"lan\",\"password\":\"mật khẩu rất dài\""

static struct totp standard_secret(void)
{
	struct totp k = { .step = 0 };
	memcpy(k.secret, "12345678901234567890", TOTP_SECRET_BYTES);
	return k;
}

/* RFC 6238, appendix B: the last six digits. */
static const struct {
	int64_t at_s;
	const char *code;
} examples[] = {
	{ 59, "287082" }, { 1111111109, "081804" }, { 1111111111, "050471" }, { 1234567890, "005924" }, { 2000000000, "279037" },
};

static void totp_takes_the_codes_of_the_standard_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(examples); i++) {
		struct totp k = standard_secret();
		assert_int_equal(totp_take(&k, examples[i].at_s * 1000, examples[i].code), 0);
		assert_int_equal(totp_take(&k, examples[i].at_s * 1000, examples[i].code), E_DENIED);
	}
}

static void totp_code_is_good_for_a_moment(void **state)
{
	(void)state;
	static const struct {
		const char *label;
		int64_t late_s;
		int expected;
	} cases[] = {
		{ "a clock half a minute fast", -30, 0 }, { "half a minute slow", 30, 0 }, { "a minute fast", -60, E_DENIED }, { "a minute slow", 60, E_DENIED },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct totp k = standard_secret();
		if (totp_take(&k, (1111111111 + cases[i].late_s) * 1000, "050471") != cases[i].expected)
			fail_msg("%s", cases[i].label);
	}
}

static void totp_older_codes_are_used_up_with_a_newer_one(void **state)
{
	(void)state;
	struct totp k = standard_secret();
	assert_int_equal(totp_take(&k, INT64_C(1111111111) * 1000, "050471"), 0);
	assert_int_equal(totp_take(&k, INT64_C(1111111109) * 1000, "081804"), E_DENIED);
}

static void totp_refuses_what_is_no_code(void **state)
{
	(void)state;
	static const char *const wrong[] = { "", "28708", "2870820", "287083", " 287082", "94287082", "28708\xd9\xa2", "abcdef" };
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		struct totp k = standard_secret();
		if (totp_take(&k, 59000, wrong[i]) != E_DENIED || k.step)
			fail_msg("%s", wrong[i]);
	}
}

static void totp_address_is_what_authenticators_read(void **state)
{
	(void)state;
	struct totp k = standard_secret();
	OWN(mem) char *uri = totp_uri(&k, "Xã Bản Lầu", "lan");
	assert_string_equal(uri, "otpauth://totp/X%C3%A3%20B%E1%BA%A3n%20L%E1%BA%A7u:lan?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
				 "&issuer=X%C3%A3%20B%E1%BA%A3n%20L%E1%BA%A7u");
}

/* ---- logging in ---- */

/* What the telephone shows: by the library itself, from the address. */
static void code_of(const json_t *user, const struct fixture *f, int64_t late_ms, char ret[7])
{
	const char *at = strstr(json_str(user, "uri", ""), "secret=");
	char *secret = NULL;
	size_t n = 0;
	assert_non_null(at);
	assert_int_equal(oath_base32_decode(at + 7, strcspn(at + 7, "&"), &secret, &n), OATH_OK);
	assert_int_equal(n, TOTP_SECRET_BYTES);
	assert_int_equal(oath_totp_generate(secret, n, (time_t)((clock_now_ms(&f->clock) + late_ms) / 1000), 30, 0, 6, ret), OATH_OK);
	free(secret);
}

static struct fixture *with_lan(void)
{
	struct fixture *f = fixture_new(NULL);
	OWN(json) json_t *made = NULL;
	assert_int_equal(fixture_hashed(f, "user.add", "{" LAN ",\"role\":\"reviewer\",\"password\":\"mật khẩu rất dài\"}", &made, NULL), 0);
	return f;
}

static void expect_login(struct fixture *f, const char *more, int expected, const char *rule)
{
	char args[200];
	OWN(json) json_t *s = NULL;
	struct refusal why = { 0 };
	snprintf(args, sizeof(args), "{" LOGIN "%s}", more);
	int r = fixture_hashed(f, "session.open", args, &s, &why);
	if (r != expected || strcmp(why.rule, rule) != 0)
		fail_msg("%s: %d %s", more, r, why.rule);
	refusal_done(&why);
}

static bool asked(struct fixture *f)
{
	OWN(json) json_t *list = NULL;
	assert_int_equal(fixture_query(f, "user.list", "{}", &list, NULL), 0);
	return json_flag(json_array_get(list, 1), "totp", false);
}

static void login_asks_for_the_code_and_takes_it_once(void **state)
{
	(void)state;
	struct fixture *f = with_lan();
	char code[7], with[24];
	OWN(json) json_t *user = NULL, *off = NULL;
	expect_login(f, "", 0, "");
	assert_int_equal(fixture_command(f, "user.totp", "{" LAN "}", &user, NULL), 0);
	assert_true(json_flag(user, "totp", false));
	assert_true(asked(f));
	expect_login(f, "", E_DENIED, "totp");
	expect_login(f, ",\"code\":\"000000\"", E_DENIED, "totp");
	code_of(user, f, 0, code);
	snprintf(with, sizeof(with), ",\"code\":\"%s\"", code);
	expect_login(f, with, 0, "");
	clock_advance(&f->clock, 2000);
	expect_login(f, with, E_DENIED, "totp");
	clock_advance(&f->clock, 30000);
	code_of(user, f, 0, code);
	snprintf(with, sizeof(with), ",\"code\":\"%s\"", code);
	expect_login(f, with, 0, "");
	assert_int_equal(fixture_command(f, "user.totp", "{" LAN ",\"off\":true}", &off, NULL), 0);
	assert_false(asked(f));
	expect_login(f, "", 0, "");
	fixture_free(f);
}

static void login_with_a_wrong_password_says_nothing_of_codes(void **state)
{
	(void)state;
	struct fixture *f = with_lan();
	OWN(json) json_t *user = NULL, *s = NULL;
	struct refusal why = { 0 };
	assert_int_equal(fixture_command(f, "user.totp", "{" LAN "}", &user, NULL), 0);
	assert_int_equal(fixture_hashed(f, "session.open", "{\"user\":\"lan\",\"password\":\"một mật khẩu khác\"}", &s, &why), E_DENIED);
	assert_string_equal(why.rule, "login");
	refusal_done(&why);
	fixture_free(f);
}

/* A link is a password that was sent: it does not stand for the telephone. */
static void link_does_not_replace_the_code_and_stays_good(void **state)
{
	(void)state;
	struct fixture *f = with_lan();
	char args[120];
	OWN(json) json_t *user = NULL, *link = NULL, *none = NULL, *off = NULL, *s = NULL;
	struct refusal why = { 0 };
	assert_int_equal(fixture_command(f, "user.totp", "{" LAN "}", &user, NULL), 0);
	assert_int_equal(fixture_command(f, "token.add", "{\"user\":\"lan\",\"scopes\":\"login\"}", &link, NULL), 0);
	snprintf(args, sizeof(args), "{\"token\":\"%s\"}", json_str(link, "token", ""));
	assert_int_equal(fixture_command(f, "session.open", args, &none, &why), E_DENIED);
	assert_string_equal(why.rule, "totp");
	refusal_done(&why);
	assert_int_equal(fixture_command(f, "user.totp", "{" LAN ",\"off\":true}", &off, NULL), 0);
	assert_int_equal(fixture_command(f, "session.open", args, &s, NULL), 0);
	fixture_free(f);
}

/* ---- enrolling ---- */

static int as_lan(struct fixture *f, const char *args_text, json_t **ret, char ret_rule[48])
{
	OWN(json) json_t *given = json_loads(args_text, 0, NULL), *args = NULL;
	struct refusal why = { 0 };
	const struct verb *v = registry_find_dotted(&caunoi_registry, "user.totp");
	assert_int_equal(verb_check(v, given, NULL, &args, &why), 0);
	struct call c = { .verb = v, .args = args, .actor = "user:lan", .role = ROLE_REVIEWER, .unit = "", .dotted = "user.totp" };
	int r = v->command(fixture_begin(f), &c, ret, &why);
	if (r)
		fixture_undo(f);
	else
		fixture_commit(f);
	snprintf(ret_rule, 48, "%s", why.rule);
	refusal_done(&why);
	return r;
}

static void own_codes_are_asked_for_after_the_first_right_one(void **state)
{
	(void)state;
	struct fixture *f = with_lan();
	char code[7], args[64], rule[48];
	OWN(json) json_t *user = NULL, *none = NULL, *on = NULL;
	assert_int_equal(as_lan(f, "{" LAN ",\"code\":\"123456\"}", &none, rule), E_REFUSED);
	assert_int_equal(as_lan(f, "{" LAN "}", &user, rule), 0);
	assert_false(json_flag(user, "totp", true));
	expect_login(f, "", 0, "");
	assert_int_equal(as_lan(f, "{" LAN ",\"code\":\"000000\"}", &none, rule), E_REFUSED);
	assert_string_equal(rule, "totp_code");
	code_of(user, f, 0, code);
	snprintf(args, sizeof(args), "{" LAN ",\"code\":\"%s\"}", code);
	assert_int_equal(as_lan(f, args, &on, rule), 0);
	assert_true(json_flag(on, "totp", false));
	assert_null(json_object_get(on, "uri"));
	expect_login(f, "", E_DENIED, "totp");
	fixture_free(f);
}

static void own_codes_are_taken_away_by_somebody_else(void **state)
{
	(void)state;
	static const char *const tries[] = { "{" LAN "}", "{" LAN ",\"off\":true}", "{" LAN ",\"off\":true,\"code\":\"123456\"}" };
	struct fixture *f = with_lan();
	char rule[48];
	OWN(json) json_t *user = NULL;
	assert_int_equal(fixture_command(f, "user.totp", "{" LAN "}", &user, NULL), 0);
	for (size_t i = 0; i < COUNT_OF(tries); i++) {
		OWN(json) json_t *none = NULL;
		assert_int_equal(as_lan(f, tries[i], &none, rule), E_REFUSED);
		assert_string_equal(rule, "totp_on");
	}
	OWN(json) json_t *none = NULL;
	assert_int_equal(as_lan(f, "{\"name\":\"admin\"}", &none, rule), E_DENIED);
	assert_true(asked(f));
	fixture_free(f);
}

static void secret_is_sealed_and_shown_once(void **state)
{
	(void)state;
	struct fixture *f = with_lan();
	char sql[160];
	OWN(json) json_t *user = NULL, *list = NULL;
	assert_int_equal(fixture_command(f, "user.totp", "{" LAN "}", &user, NULL), 0);
	const char *at = strstr(json_str(user, "uri", ""), "secret=");
	char *secret = NULL;
	size_t n = 0;
	assert_int_equal(oath_base32_decode(at + 7, strcspn(at + 7, "&"), &secret, &n), OATH_OK);
	OWN(mem) char *hex = text_hex(secret, n);
	free(secret);
	if (!engine_is_postgresql()) {
		snprintf(sql, sizeof(sql), "SELECT count(*) FROM account WHERE lower(hex(totp)) LIKE '%%%s%%'", hex);
		assert_int_equal(store_scalar(f->db, sql, -1), 0);
	}
	assert_int_equal(store_scalar(f->db, "SELECT count(*) FROM account WHERE totp IS NOT NULL", -1), 1);
	assert_int_equal(fixture_query(f, "user.list", "{}", &list, NULL), 0);
	assert_null(json_object_get(json_array_get(list, 1), "uri"));
	assert_in_range(json_array_size(json_object_get(user, "qr")), 15, 40);
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(totp_takes_the_codes_of_the_standard_once),
		cmocka_unit_test(totp_code_is_good_for_a_moment),
		cmocka_unit_test(totp_older_codes_are_used_up_with_a_newer_one),
		cmocka_unit_test(totp_refuses_what_is_no_code),
		cmocka_unit_test(totp_address_is_what_authenticators_read),
		cmocka_unit_test(login_asks_for_the_code_and_takes_it_once),
		cmocka_unit_test(login_with_a_wrong_password_says_nothing_of_codes),
		cmocka_unit_test(link_does_not_replace_the_code_and_stays_good),
		cmocka_unit_test(own_codes_are_asked_for_after_the_first_right_one),
		cmocka_unit_test(own_codes_are_taken_away_by_somebody_else),
		cmocka_unit_test(secret_is_sealed_and_shown_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
