/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Wrong keywords on a running gateway, as villagers meet them: what each of them reads, word for word, and what an officer then sees. One
 * gateway, in this order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "tests/support/gateway.h"

#define LIMIT_MS 30000
#define STORY "bhty sap het han lam sao"
#define ASKED "Ong/ba hoi ve BHYT? 1=Han the 2=Muc dong 3=Noi nop 0=Gap can bo."
#define HINT "Chua hieu tin nhan. Tra loi: 1=BHYT 2=Nha o 3=Gui phan anh 0=Gap can bo."

static int setup(void **state)
{
	struct gateway *g = gateway_new(NULL);
	*state = g;
	gateway_start(g);
	return 0;
}

static int teardown(void **state)
{
	gateway_free(*state);
	return 0;
}

/* It arrives and is handled. */
static void say(struct gateway *g, const char *from, const char *text)
{
	char sql[128];
	long long before = gateway_scalar(g, "SELECT count(*) FROM inbound WHERE state = 'handled'");
	OWN(json) json_t *said = gateway_do(g, "loopback.say", json_pack("{s:s,s:s}", "from", from, "text", text));
	snprintf(sql, sizeof(sql), "SELECT count(*) > %lld FROM inbound WHERE state = 'handled'", before);
	gateway_wait(g, text, sql, LIMIT_MS);
}

/* All that was ever said, and that it has left: n texts, the last of them beginning with these words. */
static void must_have_left(struct gateway *g, int n, const char *begins)
{
	char sql[128];
	snprintf(sql, sizeof(sql), "SELECT count(*) >= %d FROM message WHERE state IN ('sent', 'delivered')", n);
	gateway_wait(g, begins, sql, LIMIT_MS);
	assert_int_equal(gateway_scalar(g, "SELECT count(*) FROM message"), n);
	OWN(mem) char *text = gateway_text(g, "SELECT text FROM message ORDER BY id DESC LIMIT 1");
	assert_non_null(text);
	if (strncmp(text, begins, strlen(begins)) != 0)
		fail_msg("'%s' was said, not '%s'", text, begins);
}

static void a_misspelt_topic_is_asked_about_then_hinted_at_then_left_to_a_person(void **state)
{
	struct gateway *g = *state;
	say(g, "0912000101", STORY);
	must_have_left(g, 1, ASKED);
	say(g, "0912000101", "abc");
	must_have_left(g, 2, HINT);
	say(g, "0912000101", "xyz");
	OWN(json) json_t *row = gateway_row(g, "case.show", json_pack("{s:s}", "id", "1"));
	assert_string_equal(json_str(row, "text", ""), STORY);
	assert_string_equal(json_str(row, "topic", ""), "BHYT");
	assert_int_equal(gateway_scalar(g, "SELECT count(*) FROM case_event WHERE casefile = 1 AND what = 'unclear' AND text = 'xyz'"), 1);
	must_have_left(g, 2, HINT);
}

static void a_choice_is_answered_at_once_and_an_officer_sees_which(void **state)
{
	struct gateway *g = *state;
	say(g, "0912000102", STORY);
	must_have_left(g, 3, ASKED);
	say(g, "0912000102", "1 nha chau");
	must_have_left(g, 4, "Han the: xem tren the BHYT, ung dung VssID hoac hoi Diem thu BHYT cua xa. Gia han truoc khi the het han. Da ghi nhan, ma PA");
	OWN(json) json_t *row = gateway_row(g, "case.show", json_pack("{s:s}", "id", "2"));
	assert_string_equal(json_str(row, "text", ""), STORY);
	assert_string_equal(json_str(row, "state", ""), "received");
	const json_t *event;
	size_t i, seen = 0;
	json_array_foreach(json_object_get(row, "timeline"), i, event)
		seen += strcmp(json_str(event, "what", ""), "chosen") == 0 && strcmp(json_str(event, "text", ""), "Han the") == 0;
	assert_int_equal(seen, 1);
}

static void machines_are_never_answered(void **state)
{
	struct gateway *g = *state;
	say(g, "VIETTEL", STORY);
	say(g, "9155", "bhty");
	assert_int_equal(gateway_scalar(g, "SELECT count(*) FROM inbound WHERE kind = 'filed'"), 2);
	assert_int_equal(gateway_scalar(g, "SELECT count(*) FROM message"), 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_misspelt_topic_is_asked_about_then_hinted_at_then_left_to_a_person),
		cmocka_unit_test(a_choice_is_answered_at_once_and_an_officer_sees_which),
		cmocka_unit_test(machines_are_never_answered),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
