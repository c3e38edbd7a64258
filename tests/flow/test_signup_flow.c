/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The script of the sign-up, line by line, through the real programs: the campaign invites, a household signs up, what is missing is asked
 * for, staff visit and decide, the result is texted, the posted list names nobody's number; and a core killed in between loses nothing and
 * says nothing twice. The tests stand on each other: one gateway, in this order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "gateway/base/json.h"
#include "tests/support/gateway.h"

#define LIMIT_MS 30000
#define FIRST 12000000
#define INVITATION "Dang ky xoa nha tam: tra loi DK + ten chu ho + thon. Vi du: DK Giang A Pao, Na Lang. Tu choi: TC"

static void number_of(int who, char ret[16])
{
	snprintf(ret, 16, "+849%08d", FIRST + who);
}

/* The newest that this telephone heard; the caller's. */
static char *heard(struct gateway *g, int who, size_t *ret_n)
{
	char number[16];
	number_of(who, number);
	OWN(json) json_t *rows = gateway_do(g, "loopback.heard", json_pack("{s:s}", "number", number));
	size_t n = json_array_size(rows);
	*ret_n = n;
	return strdup(json_str(json_array_get(rows, n ? n - 1 : 0), "text", ""));
}

/* Waits for the n-th text, which begins so. */
static void hear(struct gateway *g, int who, size_t n, const char *wanted)
{
	for (int64_t until = gateway_mono_ms() + LIMIT_MS;; gateway_pause_ms(30)) {
		size_t got = 0;
		OWN(mem) char *text = heard(g, who, &got);
		if (got >= n && strncmp(text, wanted, strlen(wanted)) == 0)
			return;
		if (gateway_mono_ms() > until)
			fail_msg("%zu texts, the last '%s' instead of '%s'", got, text, wanted);
	}
}

static void say(struct gateway *g, int who, const char *text, const char *wanted)
{
	char number[16];
	size_t n = 0;
	number_of(who, number);
	OWN(mem) char *before = heard(g, who, &n);
	json_decref(gateway_do(g, "loopback.say", json_pack("{s:s,s:s}", "from", number, "text", text)));
	hear(g, who, n + 1, wanted);
}

static int up(void **state)
{
	static const char *const hamlets[][2] = { { "02269.1", "Thôn Nà Lang" }, { "02269.2", "Thôn 5" }, { "02269.3", "Bản Khuổi Hoi" } };
	struct gateway *g = gateway_new(NULL);
	*state = g;
	gateway_start(g);
	for (size_t i = 0; i < COUNT_OF(hamlets); i++)
		json_decref(gateway_do(g, "unit.add", json_pack("{s:s,s:s}", "code", hamlets[i][0], "name", hamlets[i][1])));
	gateway_people(g, "ho", FIRST, 3);
	return 0;
}

static int down(void **state)
{
	gateway_free(*state);
	return 0;
}

static void campaign_invites(void **state)
{
	struct gateway *g = *state;
	int64_t id = gateway_do_id(g, "campaign.new", json_pack("{s:s,s:s,s:s,s:s}", "name", "nha tam", "text", INVITATION, "group", "ho", "signup", "nha-tam"));
	json_decref(gateway_do(g, "campaign.submit", json_pack("{s:I}", "id", (json_int_t)id)));
	json_decref(gateway_do(g, "campaign.approve", json_pack("{s:I}", "id", (json_int_t)id)));
	json_decref(gateway_do(g, "campaign.start", json_pack("{s:I,s:i}", "id", (json_int_t)id, "confirm", 3)));
	for (int i = 0; i < 3; i++)
		hear(g, i, 1, INVITATION);
}

static void household_signs_up(void **state)
{
	struct gateway *g = *state;
	say(g, 0, "dk giang a pao na lang", "Da nhan dang ky: chu ho Giang A Pao, thon Na Lang. Ma NT");
	say(g, 0, "1", "Cam on. NT");
	say(g, 1, "dk pao", "Thieu ten thon. Ong/ba o thon nao? Tra loi ten thon.");
	say(g, 1, "khuoi hoi", "Da nhan dang ky: chu ho Pao, ban Khuoi Hoi. Ma NT");
	say(g, 0, "DK Giàng A Páo, thôn 5", "Da nhan dang ky: chu ho Giang A Pao, thon 5. Ma NT");
	assert_int_equal(gateway_scalar(g, "SELECT count(*) FROM enrolment"), 2); /* the second time was an update */
	OWN(mem) char *code = gateway_text(g, "SELECT code FROM enrolment WHERE id = 1");
	char ask[32];
	snprintf(ask, sizeof(ask), "xem %s", code + 2);
	say(g, 0, ask, code);
	size_t n = 0;
	say(g, 1, code, code);
	OWN(mem) char *other = heard(g, 1, &n);
	assert_non_null(strstr(other, "dang xu ly"));
}

static void result_is_texted_and_posted(void **state)
{
	struct gateway *g = *state;
	size_t n = 0;
	json_decref(gateway_do(g, "signup.visit", json_pack("{s:s,s:s}", "id", "1", "note", "nhà dột")));
	OWN(mem) char *before = heard(g, 0, &n);
	OWN(json) json_t *row = gateway_do(g, "signup.decide", json_pack("{s:s,s:s,s:s}", "id", "1", "result", "not_eligible", "reason", "Hộ đã được hỗ trợ năm 2024."));
	assert_string_equal(json_str(row, "state", ""), "notified");
	hear(g, 0, n + 1, json_str(row, "code", "?"));
	OWN(mem) char *text = heard(g, 0, &n);
	assert_non_null(strstr(text, "khong du dieu kien. Ly do: Ho da duoc ho tro nam 2024."));
	OWN(json) json_t *posted = gateway_rows(g, "signup.export", json_pack("{s:b}", "public", 1));
	assert_int_equal(json_array_size(posted), 1);
	assert_int_equal(json_object_size(json_array_get(posted, 0)), 3);
	OWN(mem) char *words = json_text(posted);
	assert_null(strstr(words, "9120"));
	assert_non_null(strstr(words, "Giàng A Páo"));
}

/* Committed and killed before the answer left: the row is there once, the answer leaves once. */
static void kill_between_wish_and_answer_loses_nothing(void **state)
{
	struct gateway *g = *state;
	char number[16];
	number_of(2, number);
	json_decref(gateway_do(g, "channel.pause", json_pack("{s:s}", "name", "may-ao")));
	json_decref(gateway_do(g, "loopback.say", json_pack("{s:s,s:s}", "from", number, "text", "dk lo thi may thon 5")));
	gateway_wait(g, "the row", "SELECT count(*) FROM enrolment WHERE fold = 'lo thi may'", LIMIT_MS);
	gateway_kill(g);
	gateway_start(g);
	json_decref(gateway_do(g, "channel.resume", json_pack("{s:s}", "name", "may-ao")));
	gateway_wait(g, "the answer", "SELECT count(*) FROM message WHERE text LIKE '%Lo Thi May%' AND state IN ('sent', 'delivered')", LIMIT_MS);
	assert_int_equal(gateway_scalar(g, "SELECT count(*) FROM message WHERE text LIKE '%Lo Thi May%'"), 1);
	assert_int_equal(gateway_scalar(g, "SELECT count(*) FROM enrolment WHERE fold = 'lo thi may'"), 1);
	say(g, 2, "1", "Cam on. NT"); /* the question that stood open does so still */
	assert_int_equal(gateway_scalar(g, "SELECT count(*) FROM enrolment WHERE fold = 'lo thi may' AND state = 'confirmed'"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(campaign_invites),
		cmocka_unit_test(household_signs_up),
		cmocka_unit_test(result_is_texted_and_posted),
		cmocka_unit_test(kill_between_wish_and_answer_loses_nothing),
	};
	return cmocka_run_group_tests_name("signup_flow", tests, up, down);
}
