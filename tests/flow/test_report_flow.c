/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reports through a whole gateway: every format is a file of the owner's alone, an order outlives the process that works on it, and the
 * file is handed out once a ticket to whoever ordered it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "gateway/base/json.h"
#include "tests/support/gateway.h"

#define LIMIT_MS 30000

static int setup(void **state)
{
	struct gateway *g = gateway_new(NULL);
	*state = g;
	gateway_start(g);
	OWN(json) json_t *said = gateway_do(g, "loopback.say", json_pack("{s:s,s:s}", "from", "0912000101", "text", "PA duong thon 5 hong ca thang nay xe khong di duoc"));
	gateway_wait(g, "a case", "SELECT count(*) FROM casefile", LIMIT_MS);
	return 0;
}

static int teardown(void **state)
{
	gateway_free(*state);
	return 0;
}

static json_t *period(const char *format)
{
	return json_pack("{s:s,s:s,s:s}", "from", "2025-01-01", "to", "2027-12-31", "format", format);
}

static json_t *finished(struct gateway *g, int64_t job)
{
	json_t *shape = gateway_wait_job(g, job, LIMIT_MS);
	assert_string_equal(json_str(shape, "state", ""), "done");
	return shape;
}

static void every_format_is_a_file_of_its_owner(void **state)
{
	struct gateway *g = *state;
	static const struct {
		const char *format, *begins;
	} cases[] = { { "xlsx", "PK" }, { "csv", "\xef\xbb\xbf\"" }, { "html", "<!DOCTYPE html>" }, { "json", "{" } };
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *const words[] = { "--config", g->config, "--json", "report", "monthly", "--from", "2025-01-01", "--to", "2027-12-31", "--format", cases[i].format, NULL };
		OWN(mem) char *out = NULL;
		OWN(json) json_t *said = NULL;
		char head[32] = "";
		struct stat st;
		assert_int_equal(gateway_program(g, "caunoi", words, NULL, &out), 0);
		assert_int_equal(json_parse(out, strlen(out), &said), 0);
		const char *file = json_str(said, "file", "");
		assert_int_equal(stat(file, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
		FILE *in = fopen(file, "r");
		assert_true(fread(head, 1, sizeof(head) - 1, in) > 0);
		fclose(in);
		assert_memory_equal(head, cases[i].begins, strlen(cases[i].begins));
	}
}

/* The core's child of that name, 0 = none. */
static pid_t child_of(struct gateway *g, const char *name)
{
	DIR *d = opendir("/proc");
	pid_t found = 0;
	for (struct dirent *e; !found && (e = readdir(d)) != NULL;) {
		char path[300], comm[64] = "";
		int pid = 0, parent = 0;
		snprintf(path, sizeof(path), "/proc/%s/stat", e->d_name);
		FILE *in = fopen(path, "r");
		if (in && fscanf(in, "%d (%63[^)]) %*c %d", &pid, comm, &parent) == 3 && parent == (int)g->core && !strcmp(comm, name))
			found = pid;
		if (in)
			fclose(in);
	}
	closedir(d);
	return found;
}

static void order_outlives_the_process_that_works_on_it(void **state)
{
	struct gateway *g = *state;
	pid_t query = child_of(g, "caunoi-query");
	assert_true(query > 0);
	assert_int_equal(kill(query, SIGSTOP), 0); /* it cannot have begun */
	OWN(json) json_t *order = gateway_do(g, "report.annual", period("json"));
	assert_true(json_int(order, "job", 0) > 0);
	assert_int_equal(kill(query, SIGKILL), 0);
	gateway_wait(g, "the report", "SELECT count(*) FROM job WHERE verb = 'report.annual' AND state = 'done'", LIMIT_MS);
	OWN(mem) char *result = gateway_text(g, "SELECT result FROM job WHERE verb = 'report.annual'");
	assert_non_null(strstr(result, "/reports/report-"));
}

static void order_outlives_the_core(void **state)
{
	struct gateway *g = *state;
	assert_int_equal(kill(child_of(g, "caunoi-query"), SIGSTOP), 0);
	OWN(json) json_t *order = gateway_do(g, "report.session", period("csv"));
	gateway_kill(g);
	gateway_start(g);
	OWN(json) json_t *shape = finished(g, json_int(order, "job", 0));
	assert_non_null(shape);
}

static int status_of(const json_t *reply)
{
	return (int)json_int(json_object_get(reply, "error"), "status", 200);
}

static json_t *ask(struct client *c, const char *op, const char *verb, json_t *args, const char *token, const char *ticket)
{
	OWN(json) json_t *frame = json_pack("{s:s,s:i,s:s,s:o}", "op", op, "id", 1000001, "verb", verb, "args", args ? args : json_object());
	if (token)
		json_object_set_new(frame, "session", json_string(token));
	if (ticket)
		json_object_set_new(frame, "ticket", json_string(ticket));
	return client_ask(c, frame, LIMIT_MS);
}

static void file_is_handed_out_once_a_ticket_to_whoever_ordered_it(void **state)
{
	struct gateway *g = *state;
	OWN(json) json_t *user = gateway_do(g, "user.add", json_pack("{s:s,s:s,s:s}", "name", "thu", "role", "secretary", "unit", "02269"));
	OWN(json) json_t *other = gateway_do(g, "user.add", json_pack("{s:s,s:s,s:s}", "name", "hoa", "role", "reviewer", "unit", "02269"));
	OWN(json) json_t *mine = gateway_do(g, "token.add", json_pack("{s:s}", "user", "thu"));
	OWN(json) json_t *theirs = gateway_do(g, "token.add", json_pack("{s:s}", "user", "hoa"));
	const char *thu = json_str(mine, "token", ""), *hoa = json_str(theirs, "token", "");
	OWN(json) json_t *foreign = ask(&g->control, "command", "report.monthly", json_pack("{s:s}", "unit", "02266"), thu, NULL);
	assert_int_equal(status_of(foreign), 403);
	OWN(json) json_t *order = ask(&g->control, "command", "report.monthly", period("json"), thu, NULL);
	assert_int_equal(status_of(order), 200);
	int64_t job = json_int(json_object_get(order, "result"), "job", 0);
	OWN(json) json_t *shape = finished(g, job);
	OWN(json) json_t *refused = ask(&g->control, "command", "report.download", json_pack("{s:I}", "id", (json_int_t)job), hoa, NULL);
	assert_int_equal(status_of(refused), 404);
	OWN(json) json_t *given = ask(&g->control, "command", "report.download", json_pack("{s:I}", "id", (json_int_t)job), thu, NULL);
	const char *ticket = json_str(json_object_get(given, "result"), "ticket", "");
	OWN(json) json_t *stolen = ask(&g->query, "query", "", NULL, hoa, ticket);
	assert_int_equal(status_of(stolen), 403);
	OWN(json) json_t *got = ask(&g->query, "query", "", NULL, thu, ticket);
	assert_int_equal(status_of(got), 200);
	const char *data = json_str(json_array_get(json_object_get(got, "rows"), 0), "data", "");
	unsigned char bytes[200000];
	size_t n = 0;
	assert_int_equal(sodium_base642bin(bytes, sizeof(bytes), data, strlen(data), NULL, &n, NULL, sodium_base64_VARIANT_ORIGINAL), 0);
	OWN(json) json_t *document = NULL;
	assert_int_equal(json_parse((const char *)bytes, n, &document), 0);
	assert_string_equal(json_str(document, "unit", ""), "02269");
	OWN(json) json_t *again = ask(&g->query, "query", "", NULL, thu, ticket);
	assert_int_equal(status_of(again), 403);
	assert_int_equal(gateway_scalar(g, "SELECT count(*) FROM audit WHERE verb = 'report.download' AND actor = 'user:thu'"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_format_is_a_file_of_its_owner),
		cmocka_unit_test(order_outlives_the_process_that_works_on_it),
		cmocka_unit_test(order_outlives_the_core),
		cmocka_unit_test(file_is_handed_out_once_a_ticket_to_whoever_ordered_it),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
