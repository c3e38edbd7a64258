/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program caunoi against a real gateway: what an operator types, with its exit codes. One gateway, tests in this order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "tests/support/gateway.h"

#define WORDS 16

struct terminal {
	struct gateway *g;
	char *out;
	json_t *json;
};

static int run_with(struct terminal *t, const char *input, const char *const words[])
{
	const char *all[WORDS + 4] = { "--config", t->g->config, "--json" };
	for (int i = 0; words[i]; i++)
		all[3 + i] = words[i];
	free(t->out);
	json_decref(t->json);
	t->out = NULL;
	t->json = NULL;
	int code = gateway_program(t->g, "caunoi", all, input, &t->out);
	if (t->out && *t->out && json_parse(t->out, strlen(t->out), &t->json))
		fail_msg("no JSON: %s", t->out);
	return code;
}
#define RUN(t, ...) run_with(t, NULL, (const char *const[WORDS]){ __VA_ARGS__ })
#define RUN_IN(t, input, ...) run_with(t, input, (const char *const[WORDS]){ __VA_ARGS__ })

static int set_up(void **state)
{
	struct terminal *t = calloc(1, sizeof(*t));
	assert_non_null(t);
	t->g = gateway_new(NULL);
	*state = t;
	return 0;
}

static int tear_down(void **state)
{
	struct terminal *t = *state;
	gateway_free(t->g);
	free(t->out);
	json_decref(t->json);
	free(t);
	return 0;
}

static void without_a_core_only_some_verbs_work(void **state)
{
	struct terminal *t = *state;
	char file[GATEWAY_PATH_MAX + 32];
	snprintf(file, sizeof(file), "%s/stopped.db", t->g->dir);
	assert_int_equal(RUN(t, "status"), 5);
	assert_int_equal(RUN(t, "group", "add", "thon-5"), 5);
	assert_int_equal(RUN(t, "init"), 0);
	assert_true(json_is_false(json_object_get(t->json, "changed")));
	assert_int_equal(RUN(t, "db", "check"), 0);
	assert_int_equal(RUN(t, "backup", file), 0);
	assert_int_equal(access(file, R_OK), 0);
	assert_int_equal(RUN(t, "text", "measure", "Đường"), 0);
	assert_string_equal(json_str(t->json, "encoding", ""), "ucs2");
	assert_int_equal(RUN(t, "text", "classify", "tc", "--context", "no-such-context"), 3);
	gateway_start(t->g);
}

static const char people[] = "sđt,họ tên\n0913345678,Nguyễn Văn An\n0903000102,Giàng A Páo\n";

static void an_import_repeated_under_its_key_is_the_first(void **state)
{
	struct terminal *t = *state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(RUN_IN(t, people, "contact", "import", "-", "--group", "thon-5", "--basis", "nghị định", "--key", "k1"), 0);
		assert_int_equal(json_int(t->json, "added", -1), 2);
	}
	/* without the key it is another call, and changes nothing */
	assert_int_equal(RUN_IN(t, people, "contact", "import", "-", "--group", "thon-5", "--basis", "nghị định"), 0);
	assert_int_equal(json_int(t->json, "added", -1), 0);
	assert_int_equal(json_int(t->json, "unchanged", -1), 2);
	/* another file under that key is another call as well */
	assert_int_equal(RUN_IN(t, "sđt\n0944000103\n", "contact", "import", "-", "--group", "thon-5", "--basis", "nghị định", "--key", "k1"), 4);
	assert_int_equal(RUN_IN(t, "sđt\nkhông phải số\n", "contact", "import", "-", "--group", "thon-5", "--basis", "nghị định"), 1);
	assert_int_equal(json_array_size(json_object_get(t->json, "refused")), 1);
	assert_int_equal(RUN(t, "contact", "list"), 0);
	assert_int_equal(json_array_size(t->json), 2);
}

static void a_file_of_words_is_named_and_no_path(void **state)
{
	struct terminal *t = *state;
	assert_int_equal(RUN(t, "setting", "list", "--file", "templates", "--limit", "3"), 0);
	assert_int_equal(json_array_size(t->json), 3);
	assert_int_equal(RUN(t, "setting", "list", "--file", "nothing"), 2);
}

static void a_campaign_goes_its_way(void **state)
{
	struct terminal *t = *state;
	char id[24];
	assert_int_equal(RUN(t, "campaign", "new", "--name", "a", "--group", "thon-5", "--text", "Chao ba con. Tu choi: TC", "--key", "c1"), 0);
	snprintf(id, sizeof(id), "%d", (int)json_int(t->json, "id", 0));
	assert_int_equal(RUN(t, "campaign", "approve", id), 4);
	assert_int_equal(RUN(t, "campaign", "preview", id), 0);
	assert_int_equal(json_int(t->json, "total", 0), 2);
	assert_int_equal(RUN(t, "campaign", "submit", id), 0);
	assert_int_equal(RUN(t, "campaign", "approve", id), 0);
	assert_int_equal(RUN(t, "--key=s1", "campaign", "start", "--", id), 0);
	gateway_wait(t->g, "both delivered", "SELECT count(*) = 2 FROM v_msg WHERE state = 'delivered'", 20000);
	assert_int_equal(RUN(t, "campaign", "show", id), 0);
	assert_int_equal(json_int(json_object_get(t->json, "counts"), "delivered", 0), 2);
	assert_int_equal(RUN(t, "campaign", "show", "999"), 3);
	assert_int_equal(RUN(t, "campaign", "new", "--name", "b", "--group", "no-such-group", "--text", "TC"), 3);
}

static void what_a_villager_says_is_seen(void **state)
{
	struct terminal *t = *state;
	assert_int_equal(RUN(t, "loopback", "say", "--from", "0913345678", "--text", "PA đường thôn 5 hỏng cả tháng nay"), 0);
	assert_string_equal(json_str(t->json, "from", ""), "+84913345678");
	gateway_wait(t->g, "a receipt", "SELECT count(*) > 2 FROM v_msg WHERE state = 'delivered'", 10000);
	assert_int_equal(RUN(t, "case", "list"), 0);
	assert_int_equal(json_array_size(t->json), 1);
	char code[16];
	snprintf(code, sizeof(code), "%.15s", json_str(json_array_get(t->json, 0), "code", ""));
	assert_int_equal(RUN(t, "case", "show", code), 0);
	assert_int_equal(RUN(t, "case", "show", code + 2), 0);
	assert_string_equal(json_str(t->json, "code", ""), code);
	assert_int_equal(RUN(t, "loopback", "heard", "0913345678"), 0);
	assert_true(json_is_array(t->json) && json_array_size(t->json) == 2);
}

static void keys_bind_a_call(void **state)
{
	struct terminal *t = *state;
	assert_int_equal(RUN(t, "message", "send", "--to", "0903000102", "--text", "Chao anh", "--key", "m1"), 0);
	int64_t id = json_int(t->json, "id", 0);
	assert_int_equal(RUN(t, "message", "send", "--to", "+84 903 000 102", "--text", "Chao anh", "--key", "m1"), 0);
	assert_int_equal(json_int(t->json, "id", -1), id);
	assert_int_equal(RUN(t, "message", "send", "--to", "0903000102", "--text", "Chao chi", "--key", "m1"), 4);
}

static void a_user_has_a_password_from_input(void **state)
{
	struct terminal *t = *state;
	assert_int_equal(RUN_IN(t, "rừng xanh suối mát\n", "user", "add", "lan", "--role", "reviewer", "--unit", "02269"), 0);
	assert_string_equal(json_str(t->json, "role", ""), "reviewer");
	assert_int_equal(RUN_IN(t, "rừng xanh suối mát\n", "user", "add", "lan", "--role", "reviewer"), 4);
	assert_int_equal(RUN_IN(t, "", "user", "add", "mai", "--role", "king"), 2);
}

static void a_backup_is_written_while_it_runs(void **state)
{
	struct terminal *t = *state;
	char file[GATEWAY_PATH_MAX + 32];
	snprintf(file, sizeof(file), "%s/running.db", t->g->dir);
	assert_int_equal(RUN(t, "status"), 0);
	assert_true(json_is_null(json_object_get(t->json, "backup_at")));
	assert_int_equal(RUN(t, "backup", file), 0);
	assert_int_equal(access(file, R_OK), 0);
	assert_int_equal(RUN(t, "status"), 0);
	assert_true(json_is_string(json_object_get(t->json, "backup_at")));
	assert_int_equal(RUN(t, "restore", file), 4); /* not while the core runs */
	gateway_stop(t->g);
	bool server = t->g->engine.schema[0] != '\0'; /* whose database must be empty to be filled */
	assert_int_equal(RUN(t, "restore", file), server ? 4 : 0);
	gateway_start(t->g);
	assert_int_equal(RUN(t, "contact", "list", "--limit", "1"), 0);
	assert_int_equal(json_array_size(t->json), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_core_only_some_verbs_work),
		cmocka_unit_test(an_import_repeated_under_its_key_is_the_first),
		cmocka_unit_test(a_file_of_words_is_named_and_no_path),
		cmocka_unit_test(a_campaign_goes_its_way),
		cmocka_unit_test(what_a_villager_says_is_seen),
		cmocka_unit_test(keys_bind_a_call),
		cmocka_unit_test(a_user_has_a_password_from_input),
		cmocka_unit_test(a_backup_is_written_while_it_runs),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
