/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The case desk by the command line, against a real gateway: what an accusation's readers leave behind, what a walk-in's case is, what
 * stays masked. One gateway, tests in this order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "tests/support/gateway.h"

static struct gateway *gateway;

static int set_up(void **state)
{
	(void)state;
	gateway = gateway_new(NULL);
	gateway_start(gateway);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	gateway_free(gateway);
	return 0;
}

/* caunoi WORD… --json; its JSON, the caller's, and its exit code. */
static json_t *typed(int expected, const char *const words[])
{
	const char *all[16] = { "--config", gateway->config, "--json" };
	OWN(mem) char *out = NULL;
	json_t *json = NULL;
	for (int i = 0; words[i]; i++)
		all[3 + i] = words[i];
	int code = gateway_program(gateway, "caunoi", all, NULL, &out);
	if (code != expected)
		fail_msg("%s %s: exit %d: %s", words[0], words[1], code, out ? out : "");
	if (out && *out)
		assert_int_equal(json_parse(out, strlen(out), &json), 0);
	return json;
}
#define TYPE(expected, ...) typed(expected, (const char *const[]){ __VA_ARGS__, NULL })

static int64_t readings(const char *verb)
{
	char sql[160];
	snprintf(sql, sizeof(sql), "SELECT count(*) FROM audit WHERE verb = '%s' AND subject = 'case:1'", verb);
	return gateway_scalar(gateway, sql);
}

static void a_reader_of_an_accusation_is_in_the_audit(void **state)
{
	(void)state;
	OWN(json) json_t *said = TYPE(0, "loopback", "say", "--from", "0912345600", "--text", "truong thon an chan tien ho tro cua dan, goi 0987654321");
	assert_non_null(said);
	gateway_wait(gateway, "the accusation's case", "SELECT count(*) FROM casefile WHERE restricted = 1", 30000);
	assert_int_equal(readings("case.show"), 0);
	OWN(json) json_t *one = TYPE(0, "case", "show", "1"), *again = TYPE(0, "case", "show", "1");
	assert_true(json_flag(one, "restricted", false));
	assert_non_null(strstr(json_str(one, "text", ""), "goi #"));
	assert_string_equal(json_str(again, "code", ""), json_str(one, "code", "x"));
	assert_int_equal(readings("case.show"), 1); /* within ten minutes it is one reading */
	OWN(json) json_t *checked = TYPE(0, "audit", "verify");
	assert_true(json_flag(checked, "ok", false));
}

/* One frame with a token of somebody's; the status of the answer. */
static int64_t asked_as(const char *token, struct client *where, const char *op, const char *verb, json_t *args)
{
	OWN(json) json_t *frame = json_pack("{s:s,s:i,s:s,s:o,s:s}", "op", op, "id", 1000000, "verb", verb, "args", args, "session", token);
	OWN(json) json_t *reply = client_ask(where, frame, 30000);
	assert_non_null(reply);
	return json_int(json_object_get(reply, "error"), "status", 200);
}

static void who_asks_for_it_in_vain_is_in_the_audit(void **state)
{
	(void)state;
	static const char audited[] = "SELECT count(*) FROM audit WHERE actor = 'user:hoa' AND subject = 'case:1' AND verb = ";
	char sql[200];
	OWN(json) json_t *user = gateway_do(gateway, "user.add", json_pack("{s:s,s:s,s:s}", "name", "hoa", "role", "reviewer", "unit", "02269"));
	OWN(json) json_t *token = gateway_do(gateway, "token.add", json_pack("{s:s}", "user", "hoa"));
	const char *secret = json_str(token, "token", "");
	assert_int_equal(asked_as(secret, &gateway->query, "query", "case.show", json_pack("{s:s}", "id", "1")), 404);
	assert_int_equal(asked_as(secret, &gateway->query, "query", "case.show", json_pack("{s:s}", "id", "9999")), 404);
	assert_int_equal(asked_as(secret, &gateway->control, "command", "case.note", json_pack("{s:s,s:s}", "id", "1", "text", "x")), 404);
	snprintf(sql, sizeof(sql), "%s'case.show'", audited);
	gateway_wait(gateway, "the attempt to read", sql, 30000);
	snprintf(sql, sizeof(sql), "%s'case.note'", audited);
	assert_int_equal(gateway_scalar(gateway, sql), 1);
	assert_int_equal(gateway_scalar(gateway, "SELECT count(*) FROM audit WHERE actor = 'user:hoa'"), 2);
}

/* A screen that was left open is not enough to make an account one's own. */
static void ones_own_password_is_changed_with_the_present_one(void **state)
{
	(void)state;
	static const struct {
		const char *label, *old;
		int64_t status;
	} tries[] = { { "without", NULL, 422 }, { "wrong", "mot cau khac han", 403 }, { "right", "mot cau that la dai", 200 } };
	OWN(json) json_t *user = gateway_do(gateway, "user.add", json_pack("{s:s,s:s,s:s}", "name", "sua", "role", "outreach", "password", "mot cau that la dai"));
	for (size_t i = 0; i < COUNT_OF(tries); i++) {
		OWN(json) json_t *token = gateway_do(gateway, "token.add", json_pack("{s:s}", "user", "sua"));
		json_t *args = json_pack("{s:s,s:s,s:s*}", "name", "sua", "password", "mot cau moi rat dai", "old-password", tries[i].old);
		print_message("%s\n", tries[i].label);
		assert_int_equal(asked_as(json_str(token, "token", ""), &gateway->control, "command", "user.passwd", args), tries[i].status);
	}
	/* somebody else, who may, knows no old one */
	OWN(json) json_t *reset = gateway_do(gateway, "user.passwd", json_pack("{s:s,s:s}", "name", "sua", "password", "mot cau thu ba that dai"));
	assert_string_equal(json_str(reset, "name", ""), "sua");
}

static void its_numbers_are_shown_for_a_reason(void **state)
{
	(void)state;
	OWN(json) json_t *without = TYPE(2, "case", "reveal", "1"), *bare = TYPE(0, "case", "reveal", "1", "--reason", "goi lai cho dan");
	(void)without;
	assert_non_null(strstr(json_str(bare, "text", ""), "0987654321"));
	assert_int_equal(readings("case.reveal"), 1);
}

static void somebody_without_a_phone_has_a_case(void **state)
{
	(void)state;
	OWN(json) json_t *opened = TYPE(0, "case", "new", "--text", "mái nhà bà Giàng dột nát", "--who", "bà Giàng, Nà Lang");
	assert_string_equal(json_str(opened, "topic", ""), "NHAO");
	assert_true(json_is_null(json_object_get(opened, "person")));
	const char *code = json_str(opened, "code", "");
	OWN(json) json_t *refused = TYPE(4, "case", "reply", code, "--text", "x"), *found = TYPE(0, "case", "move", code, "--to", "answered"),
			     *told = TYPE(0, "case", "move", code, "--to", "notified", "--note", "đã đến nhà");
	(void)refused;
	(void)found;
	assert_string_equal(json_str(told, "state", ""), "notified");
	assert_int_equal(json_int(told, "id", 0), json_int(opened, "id", -1));
}

static void somebody_at_the_desk_with_a_phone_gets_a_receipt(void **state)
{
	(void)state;
	OWN(json) json_t *opened = TYPE(0, "case", "new", "--text", "đường thôn 5 hỏng", "--number", "0912000077");
	assert_non_null(json_str(opened, "person", NULL));
	char sql[120];
	snprintf(sql, sizeof(sql), "SELECT count(*) FROM message WHERE key = 'case:%lld:receipt'", (long long)json_int(opened, "id", 0));
	assert_int_equal(gateway_scalar(gateway, sql), 1);
}

static void what_is_exported_names_nobody(void **state)
{
	(void)state;
	OWN(json) json_t *list = TYPE(0, "case", "export");
	OWN(mem) char *text = json_text(list);
	assert_int_equal(json_array_size(list), 2); /* the accusation stays where it is */
	assert_null(strstr(text, "person"));
	assert_null(strstr(text, "0912000077"));
	assert_null(strstr(text, "Giàng, Nà Lang"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reader_of_an_accusation_is_in_the_audit),
		cmocka_unit_test(who_asks_for_it_in_vain_is_in_the_audit),
		cmocka_unit_test(ones_own_password_is_changed_with_the_present_one),
		cmocka_unit_test(its_numbers_are_shown_for_a_reason),
		cmocka_unit_test(somebody_without_a_phone_has_a_case),
		cmocka_unit_test(somebody_at_the_desk_with_a_phone_gets_a_receipt),
		cmocka_unit_test(what_is_exported_names_nobody),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
