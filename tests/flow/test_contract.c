// SPDX-License-Identifier: GPL-3.0-or-later
/* What operators rely on from outside, on whole gateways: sockets and who may use them, shapes of small answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "tests/support/gateway.h"

struct pair {
	struct gateway *one, *other;
};

static int setup(void **state)
{
	struct pair *p = calloc(1, sizeof(*p));
	*state = p;
	p->one = gateway_new(NULL);
	gateway_start(p->one);
	return 0;
}

static int teardown(void **state)
{
	struct pair *p = *state;
	gateway_free(p->one);
	if (p->other)
		gateway_free(p->other);
	free(p);
	return 0;
}

static void a_living_socket_is_not_taken_by_a_core_of_other_data(void **state)
{
	struct pair *p = *state;
	char more[GATEWAY_PATH_MAX + 32];
	snprintf(more, sizeof(more), "control = \"%s\";", p->one->control_path);
	p->other = gateway_new(&(struct gateway_options){ 0 });
	FILE *f = fopen(p->other->config, "r+");
	assert_non_null(f);
	char text[4096];
	size_t n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	char *line = strstr(text, "control =");
	assert_non_null(line);
	rewind(f);
	assert_int_equal(ftruncate(fileno(f), 0), 0);
	fprintf(f, "%.*s%s%s", (int)(line - text), text, more, strchr(line, '\n'));
	fclose(f);
	OWN(mem) char *said = NULL;
	assert_int_equal(gateway_run(p->other, 5000, &said, NULL), 1);
	assert_non_null(strstr(said, "another gateway listens here"));
	OWN(json) json_t *rows = gateway_rows(p->one, "channel.list", NULL);
	assert_int_equal(json_array_size(rows), 1);
}

static void sockets_belong_to_the_group(void **state)
{
	struct pair *p = *state;
	const struct group *g = getgrnam("caunoi");
	struct stat control, query;
	if (!g || geteuid())
		skip();
	assert_int_equal(stat(p->one->control_path, &control), 0);
	assert_int_equal(stat(p->one->query_path, &query), 0);
	assert_int_equal(control.st_gid, g->gr_gid);
	assert_int_equal(query.st_gid, g->gr_gid);
	assert_int_equal(control.st_mode & 0777, 0660);
	assert_int_equal(query.st_mode & 0777, 0660);
}

static void what_is_absent_is_null(void **state)
{
	struct pair *p = *state;
	OWN(json) json_t *users = gateway_rows(p->one, "user.list", NULL);
	assert_true(json_is_null(json_object_get(json_array_get(users, 0), "unit")));
	OWN(json) json_t *token = gateway_do(p->one, "token.add", json_pack("{s:s}", "user", "admin"));
	assert_true(json_is_null(json_object_get(token, "name")));
	assert_true(json_is_string(json_object_get(token, "token")));
}

static void a_sender_with_letters_is_filed_and_never_answered(void **state)
{
	struct pair *p = *state;
	OWN(json) json_t *said = gateway_do(p->one, "loopback.say", json_pack("{s:s,s:s}", "from", "VIETTEL", "text", "TC"));
	assert_string_equal(json_str(said, "from", ""), "VIETTEL");
	OWN(json) json_t *bad = gateway_command(p->one, "loopback.say", json_pack("{s:s,s:s}", "from", "không", "text", "TC"));
	assert_int_equal(json_int(json_object_get(bad, "error"), "status", 0), 422);
	gateway_wait(p->one, "filed", "SELECT count(*) FROM inbound WHERE state = 'handled' AND kind = 'filed'", 3000);
	assert_int_equal(gateway_scalar(p->one, "SELECT count(*) FROM message"), 0);
}

static void what_was_delivered_while_the_gateway_stopped_is_reported_later(void **state)
{
	struct pair *p = *state;
	p->other = gateway_new(&(struct gateway_options){ .channels = "{ name = \"may-ao\"; driver = \"loopback\"; delivery_ms = 3000; }" });
	gateway_start(p->other);
	gateway_do_id(p->other, "message.send", json_pack("{s:s,s:s}", "to", "+84912000001", "text", "x"));
	gateway_wait(p->other, "sent", "SELECT count(*) FROM message WHERE state = 'sent'", 2000);
	gateway_stop(p->other);
	assert_int_equal(gateway_scalar(p->other, "SELECT count(*) FROM message WHERE state = 'sent'"), 1);
	gateway_start(p->other);
	gateway_wait(p->other, "delivered", "SELECT count(*) FROM message WHERE state = 'delivered'", 6000);
}

static void a_database_locked_at_the_start_is_said_with_the_way_back(void **state)
{
	SQLITE_ONLY("a lock on the file");
	struct pair *p = *state;
	sqlite3 *db;
	p->other = gateway_new(NULL);
	assert_int_equal(sqlite3_open(p->other->database, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
	OWN(mem) char *said = NULL;
	int code = gateway_run(p->other, 15000, &said, NULL);
	sqlite3_close(db);
	assert_int_equal(code, 1);
	assert_non_null(strstr(said, "caunoi.db: is locked by another program"));
}

static void a_key_that_others_may_read_is_named_with_the_way_back(void **state)
{
	struct pair *p = *state;
	char key[GATEWAY_PATH_MAX + 32];
	p->other = gateway_new(NULL);
	snprintf(key, sizeof(key), "%s/identity.key", p->other->data);
	assert_int_equal(chmod(key, 0644), 0);
	OWN(mem) char *said = NULL;
	assert_int_equal(gateway_run(p->other, 15000, &said, NULL), 6);
	assert_non_null(strstr(said, key));
	assert_non_null(strstr(said, "chmod 600"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_living_socket_is_not_taken_by_a_core_of_other_data, setup, teardown),
		cmocka_unit_test_setup_teardown(sockets_belong_to_the_group, setup, teardown),
		cmocka_unit_test_setup_teardown(a_database_locked_at_the_start_is_said_with_the_way_back, setup, teardown),
		cmocka_unit_test_setup_teardown(a_key_that_others_may_read_is_named_with_the_way_back, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_absent_is_null, setup, teardown),
		cmocka_unit_test_setup_teardown(a_sender_with_letters_is_filed_and_never_answered, setup, teardown),
		cmocka_unit_test_setup_teardown(what_was_delivered_while_the_gateway_stopped_is_reported_later, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
