/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of logging in: ten tries in a quarter of an hour and a growing wait between them, for names that exist and names that do
 * not; a browser that was let in before is counted apart, so that strangers shut nobody out of their own; a session ends for those
 * who may end it and nobody else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "console/query/secretary.h"
#include "gateway/account.h"
#include "gateway/base/json.h"
#include "gateway/login.h"
#include "gateway/session.h"
#include "gateway/store/store.h"
#include "gateway/token.h"
#include "tests/support/fixture.h"

static int try_once(struct fixture *f, const char *name, const char *device, int64_t *ret_wait_s)
{
	struct refusal why = { 0 };
	struct tick *t = fixture_begin(f);
	int r = login_try(t, name, device, &why);
	if (r == E_REFUSED) {
		assert_int_equal(why.status, 429);
		assert_string_equal(why.rule, "login_wait");
		*ret_wait_s = json_int(why.args, "retry_after_s", 0);
	} else {
		assert_int_equal(r, 0);
		*ret_wait_s = 0;
	}
	refusal_done(&why);
	fixture_commit(f);
	return r;
}

static void login_waits_longer_after_each_try_and_stops_at_ten(void **state)
{
	(void)state;
	static const int waits_s[] = { 0, 0, 0, 1, 2, 4, 8, 16, 32, 64 };
	static const char *const names[] = { "admin", "nobody-of-this-name" };
	for (size_t n = 0; n < COUNT_OF(names); n++) {
		struct fixture *f = fixture_new(NULL);
		int64_t wait_s = 0, from = clock_now_ms(&f->clock);
		for (size_t i = 0; i < COUNT_OF(waits_s); i++) {
			if (waits_s[i]) {
				assert_int_equal(try_once(f, names[n], "", &wait_s), E_REFUSED);
				assert_int_equal(wait_s, waits_s[i]);
				clock_advance(&f->clock, wait_s * 1000);
			}
			assert_int_equal(try_once(f, names[n], "", &wait_s), 0);
		}
		assert_int_equal(try_once(f, names[n], "", &wait_s), E_REFUSED);
		assert_int_equal(wait_s, (from + 900000 - clock_now_ms(&f->clock)) / 1000);
		clock_advance(&f->clock, wait_s * 1000);
		assert_int_equal(try_once(f, names[n], "", &wait_s), 0);
		fixture_free(f);
	}
}

static void guess(struct fixture *f, const char *name)
{
	int64_t wait_s;
	for (int i = 0; i < 10; i++)
		if (try_once(f, name, "", &wait_s) == E_REFUSED) {
			clock_advance(&f->clock, wait_s * 1000);
			assert_int_equal(try_once(f, name, "", &wait_s), 0);
		}
	assert_int_equal(try_once(f, name, "", &wait_s), E_REFUSED);
}

static void login_of_a_known_browser_is_not_shut_out_by_strangers(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	char device[LOGIN_DEVICE_BYTES], forged[LOGIN_DEVICE_BYTES];
	int64_t wait_s;
	login_device(fixture_begin(f), "admin", device);
	fixture_commit(f);
	guess(f, "admin");
	assert_int_equal(try_once(f, "admin", device, &wait_s), 0);
	snprintf(forged, sizeof(forged), "%s", device);
	forged[strlen(forged) - 1] ^= 1;
	assert_int_equal(try_once(f, "admin", forged, &wait_s), E_REFUSED);
	/* another user's mark is none: who has one account cannot guess at another */
	guess(f, "lan");
	assert_int_equal(try_once(f, "lan", device, &wait_s), E_REFUSED);
	fixture_free(f);
}

static void login_tries_are_forgotten_after_the_right_password(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	int64_t wait_s;
	for (int i = 0; i < 3; i++)
		assert_int_equal(try_once(f, "admin", "", &wait_s), 0);
	assert_int_equal(try_once(f, "admin", "", &wait_s), E_REFUSED);
	assert_int_equal(login_done(fixture_begin(f), "admin", ""), 0);
	fixture_commit(f);
	assert_int_equal(try_once(f, "admin", "", &wait_s), 0);
	/* a clock set back does not lengthen a wait */
	guess(f, "lan");
	f->clock.sim_now_ms -= 3600000;
	assert_int_equal(try_once(f, "lan", "", &wait_s), 0);
	fixture_free(f);
}

static void login_tries_hold_no_name(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	int64_t wait_s;
	assert_int_equal(try_once(f, "a-long-name-of-somebody", "", &wait_s), 0);
	assert_int_equal(store_scalar(f->db, "SELECT count(*) FROM login_try", -1), 1);
	assert_int_equal(store_scalar(f->db, "SELECT max(length(subject)) FROM login_try", -1), 16);
	clock_advance(&f->clock, 900001);
	assert_int_equal(try_once(f, "another", "", &wait_s), 0);
	assert_int_equal(store_scalar(f->db, "SELECT count(*) FROM login_try", -1), 1);
	fixture_free(f);
}

/* ---- what a login costs ---- */

/* The work that comparing with this hash is: its parameters, without salt and result. */
static void work_of(const char *hash, char ret[64])
{
	const char *salt = hash;
	for (size_t n = 0; *salt && n < 4; salt++)
		n += *salt == '$';
	snprintf(ret, 64, "%.*s", (int)(salt - hash), hash);
}

/* Which hash the query process is told to compare with. */
static void compared(struct fixture *f, struct peer *p, const char *user, char ret_work[64])
{
	char args[120];
	OWN(json) json_t *out = NULL, *frame = NULL;
	snprintf(args, sizeof(args), "{\"user\":\"%s\",\"password\":\"không đúng đâu\"}", user);
	assert_int_equal(fixture_command(f, "session.open", args, &out, NULL), E_AGAIN);
	assert_int_equal(json_parse(buffer_text(&p->out), strcspn(buffer_text(&p->out), "\n"), &frame), 0);
	buffer_take(&p->out, buffer_left(&p->out));
	assert_string_equal(json_str(frame, "op", ""), "verify");
	work_of(json_str(frame, "hash", ""), ret_work);
}

static void login_costs_the_same_whoever_it_is(void **state)
{
	(void)state;
	static const char *const users[] = { "lan", "shut", "no-password", "nobody-of-this-name", "" };
	struct fixture *f = fixture_new(NULL);
	OWN(json) json_t *lan = NULL, *shut = NULL, *none = NULL, *done = NULL, *real = secretary_hash("một mật khẩu thật");
	char wanted[64], work[64];
	assert_int_equal(fixture_hashed(f, "user.add", "{\"name\":\"lan\",\"role\":\"reviewer\",\"password\":\"mật khẩu rất dài\"}", &lan, NULL), 0);
	assert_int_equal(fixture_hashed(f, "user.add", "{\"name\":\"shut\",\"role\":\"reviewer\",\"password\":\"mật khẩu rất dài\"}", &shut, NULL), 0);
	assert_int_equal(fixture_command(f, "user.add", "{\"name\":\"no-password\",\"role\":\"reviewer\"}", &none, NULL), 0);
	assert_int_equal(fixture_command(f, "user.disable", "{\"name\":\"shut\"}", &done, NULL), 0);
	work_of(json_str(real, "hash", ""), wanted);
	assert_int_equal(strncmp(wanted, "$argon2id$", 10), 0);
	struct peer *p = core_peer_add(f->core, PEER_QUERY);
	for (size_t i = 0; i < COUNT_OF(users); i++) {
		compared(f, p, users[i], work);
		if (strcmp(work, wanted) != 0)
			fail_msg("'%s': %s instead of %s", users[i], work, wanted);
	}
	fixture_free(f);
}

static void only_some_log_in_at_one_time(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	int under_way = 0, refused = 0;
	assert_non_null(core_peer_add(f->core, PEER_QUERY));
	for (int i = 0; i < 100; i++) {
		char args[80];
		OWN(json) json_t *out = NULL;
		struct refusal why = { 0 };
		snprintf(args, sizeof(args), "{\"user\":\"lan-%d\",\"password\":\"không đúng đâu\"}", i);
		int r = fixture_command(f, "session.open", args, &out, &why);
		assert_true(r == E_AGAIN || (r == E_UNAVAILABLE && why.status == 503));
		under_way += r == E_AGAIN;
		refused += r != E_AGAIN;
		refusal_done(&why);
	}
	assert_int_equal(under_way, 8);
	assert_int_equal(refused, 92);
	/* strangers fill their own places, not those of browsers that are known */
	char device[LOGIN_DEVICE_BYTES], args[240];
	OWN(json) json_t *out = NULL;
	struct refusal why = { 0 };
	login_device(fixture_begin(f), "admin", device);
	fixture_commit(f);
	snprintf(args, sizeof(args), "{\"user\":\"lan\",\"password\":\"không đúng đâu\",\"device\":\"%s\"}", device);
	assert_int_equal(fixture_command(f, "session.open", args, &out, &why), E_UNAVAILABLE); /* it is another's mark */
	refusal_done(&why);
	snprintf(args, sizeof(args), "{\"user\":\"admin\",\"password\":\"không đúng đâu\",\"device\":\"%s\"}", device);
	assert_int_equal(fixture_command(f, "session.open", args, &out, &why), E_AGAIN);
	refusal_done(&why);
	fixture_free(f);
}

/* ---- sessions ---- */

static void open_by_link(struct fixture *f, const char *user, char ret[TOKEN_BYTES])
{
	char args[160];
	OWN(json) json_t *token = NULL, *s = NULL;
	snprintf(args, sizeof(args), "{\"user\":\"%s\",\"scopes\":\"login\"}", user);
	assert_int_equal(fixture_command(f, "token.add", args, &token, NULL), 0);
	snprintf(args, sizeof(args), "{\"token\":\"%s\"}", json_str(token, "token", ""));
	assert_int_equal(fixture_command(f, "session.open", args, &s, NULL), 0);
	assert_string_equal(json_str(s, "user", ""), user);
	snprintf(ret, TOKEN_BYTES, "%s", json_str(s, "session", ""));
}

static bool is_open(struct fixture *f, const char *session)
{
	struct account a;
	struct scope in = fixture_scope(f);
	return account_by_token(&in, session, &a) == 0;
}

static int as_user(struct fixture *f, const char *verb, enum role role, const char *actor, const char *args_text, json_t **ret)
{
	OWN(json) json_t *args = json_loads(args_text, 0, NULL);
	struct refusal why = { 0 };
	const struct verb *v = registry_find_dotted(&caunoi_registry, verb);
	struct call c = { .verb = v, .args = args, .actor = actor, .role = role, .unit = "", .dotted = verb };
	struct tick *t = fixture_begin(f);
	int r = v->command(t, &c, ret, &why);
	if (r)
		fixture_undo(f);
	else
		fixture_commit(f);
	refusal_done(&why);
	return r;
}

static void session_is_ended_by_its_user_or_an_administrator(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	char lan[TOKEN_BYTES], hoa[TOKEN_BYTES], args[40];
	OWN(json) json_t *made = NULL, *also = NULL, *list = NULL, *none = NULL, *done = NULL;
	assert_int_equal(fixture_command(f, "user.add", "{\"name\":\"lan\",\"role\":\"reviewer\"}", &made, NULL), 0);
	assert_int_equal(fixture_command(f, "user.add", "{\"name\":\"hoa\",\"role\":\"reviewer\"}", &also, NULL), 0);
	open_by_link(f, "lan", lan);
	open_by_link(f, "hoa", hoa);
	assert_int_equal(fixture_query(f, "session.list", "{}", &list, NULL), 0);
	assert_int_equal(json_array_size(list), 2);
	const json_t *first = json_array_get(list, 0);
	assert_string_equal(json_str(first, "user", ""), "lan");
	snprintf(args, sizeof(args), "{\"id\":%lld}", (long long)json_int(first, "id", 0));
	assert_int_equal(as_user(f, "session.revoke", ROLE_REVIEWER, "user:hoa", args, &none), E_NOT_FOUND);
	assert_true(is_open(f, lan));
	assert_int_equal(as_user(f, "session.revoke", ROLE_REVIEWER, "user:lan", args, &done), 0);
	assert_false(is_open(f, lan));
	assert_true(is_open(f, hoa));
	fixture_free(f);
}

static void role_changed_ends_the_sessions(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	char lan[TOKEN_BYTES];
	OWN(json) json_t *made = NULL, *changed = NULL, *own = NULL;
	struct account a;
	assert_int_equal(fixture_command(f, "user.add", "{\"name\":\"lan\",\"role\":\"reviewer\",\"unit\":\"02269\"}", &made, NULL), 0);
	open_by_link(f, "lan", lan);
	assert_int_equal(fixture_command(f, "user.role", "{\"name\":\"lan\",\"role\":\"secretary\"}", &changed, NULL), 0);
	assert_string_equal(json_str(changed, "role", ""), "secretary");
	assert_string_equal(json_str(changed, "unit", ""), "02269");
	assert_false(is_open(f, lan));
	struct scope in = fixture_scope(f);
	assert_int_equal(account_by_name(&in, "lan", &a), 0);
	assert_int_equal(a.role, ROLE_SECRETARY);
	assert_int_equal(as_user(f, "user.role", ROLE_ADMINISTRATOR, "user:lan", "{\"name\":\"lan\",\"role\":\"administrator\"}", &own), E_REFUSED);
	assert_int_equal(as_user(f, "user.disable", ROLE_ADMINISTRATOR, "user:lan", "{\"name\":\"lan\"}", &own), E_REFUSED);
	fixture_free(f);
}

/* ---- the end of a session ---- */

static void wait_idle(struct fixture *f)
{
	clock_advance(&f->clock, SESSION_IDLE_MS);
}

static void session_ends_with_whatever_ends_it(void **state)
{
	(void)state;
	static const struct {
		const char *label, *verb, *args; /* args NULL: by the session itself */
		void (*wait)(struct fixture *f);
		bool other_ends;
	} cases[] = {
		{ "logging out", "session.close", NULL, NULL, false },
		{ "another role", "user.role", "{\"name\":\"lan\",\"role\":\"secretary\"}", NULL, true },
		{ "another unit", "user.role", "{\"name\":\"lan\",\"role\":\"reviewer\",\"unit\":\"02\"}", NULL, true },
		{ "another password", "user.passwd", "{\"name\":\"lan\",\"password\":\"mật khẩu rất dài\"}", NULL, true },
		{ "shut", "user.disable", "{\"name\":\"lan\"}", NULL, true },
		{ "idle", NULL, NULL, wait_idle, true },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct fixture *f = fixture_new(NULL);
		char one[TOKEN_BYTES], two[TOKEN_BYTES], args[120];
		OWN(json) json_t *made = NULL, *out = NULL;
		assert_int_equal(fixture_command(f, "user.add", "{\"name\":\"lan\",\"role\":\"reviewer\"}", &made, NULL), 0);
		open_by_link(f, "lan", one);
		open_by_link(f, "lan", two);
		assert_string_not_equal(one, two);
		assert_true(is_open(f, one) && is_open(f, two)); /* two at once do not disturb each other */
		snprintf(args, sizeof(args), "{\"session\":\"%s\"}", one);
		if (cases[i].wait)
			cases[i].wait(f);
		else
			assert_int_equal(fixture_hashed(f, cases[i].verb, cases[i].args ? cases[i].args : args, &out, NULL), 0);
		if (is_open(f, one) || is_open(f, two) == cases[i].other_ends)
			fail_msg("%s", cases[i].label);
		fixture_free(f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(login_waits_longer_after_each_try_and_stops_at_ten),
		cmocka_unit_test(login_of_a_known_browser_is_not_shut_out_by_strangers),
		cmocka_unit_test(login_tries_are_forgotten_after_the_right_password),
		cmocka_unit_test(login_tries_hold_no_name),
		cmocka_unit_test(login_costs_the_same_whoever_it_is),
		cmocka_unit_test(only_some_log_in_at_one_time),
		cmocka_unit_test(session_is_ended_by_its_user_or_an_administrator),
		cmocka_unit_test(role_changed_ends_the_sessions),
		cmocka_unit_test(session_ends_with_whatever_ends_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
