/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table in docs/roles.md is what the program does: every verb is asked for by every role, with the organisation's territory, with one
 * beside it and with none, by a token of its own, and refused where the table says so and nowhere else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "console/query/answer.h"
#include "gateway/base/json.h"
#include "gateway/registry.h"
#include "tests/support/sim_driver.h"

#define ROWS_MAX 300

struct row {
	char verb[64];
	bool may[ROLE_COUNT], whole;
};

/* "campaign new" as frames have it. */
static void dotted(const char *cell, char ret[64])
{
	snprintf(ret, 64, "%.*s", (int)strcspn(cell, "`"), cell);
	for (char *p = ret; *p; p++)
		if (*p == ' ')
			*p = '.';
}

static size_t read_table(struct row rows[ROWS_MAX])
{
	char line[256];
	size_t n = 0;
	FILE *f = fopen("docs/roles.md", "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		if (strncmp(line, "| `", 3) != 0)
			continue;
		assert_true(n < ROWS_MAX);
		dotted(line + 3, rows[n].verb);
		const char *cell = strchr(line + 3, '|');
		for (unsigned r = 0; r <= ROLE_COUNT; r++, cell = strchr(cell + 1, '|')) {
			assert_non_null(cell);
			bool yes = strncmp(cell, "| yes |", 7) == 0;
			if (r < ROLE_COUNT)
				rows[n].may[r] = yes;
			else
				rows[n].whole = yes;
		}
		n++;
	}
	fclose(f);
	return n;
}

static void add_account(struct fixture *f, const char *name, enum role role, const char *unit, char ret_token[64])
{
	char args[160];
	OWN(json) json_t *user = NULL, *token = NULL;
	snprintf(args, sizeof(args), "{\"name\":\"%s\",\"role\":\"%s\",\"unit\":\"%s\"}", name, role_name(role), unit);
	assert_int_equal(fixture_command(f, "user.add", args, &user, NULL), 0);
	snprintf(args, sizeof(args), "{\"user\":\"%s\"}", name);
	assert_int_equal(fixture_command(f, "token.add", args, &token, NULL), 0);
	snprintf(ret_token, 64, "%s", json_str(token, "token", ""));
}

/* Without arguments: what is allowed goes on to complain of them, or does what harms nothing. */
static json_t *asked(struct fixture *f, struct peer *caller, struct answerer *a, const struct verb *v, const char *name, const char *token)
{
	OWN(json) json_t *frame = json_pack("{s:s,s:i,s:s,s:{},s:s}", "op", v->kind == VERB_COMMAND || v->kind == VERB_DISCLOSURE ? "command" : "query", "id", 1, "verb",
					    name, "args", "session", token);
	if (v->kind == VERB_QUERY || v->kind == VERB_LOCAL)
		return answer_query(a, 65533, true, frame);
	OWN(mem) char *text = json_dumps(frame, JSON_COMPACT);
	sim_driver_say(caller, "%s", text);
	sim_tick(f);
	OWN(json) json_t *frames = sim_driver_read(caller);
	assert_int_equal(json_array_size(frames), 1);
	return json_incref(json_array_get(frames, 0));
}

static const char *refused_by(const json_t *reply)
{
	const json_t *error = json_object_get(reply, "error");
	if (json_int(error, "status", 0) == 401)
		return "session";
	return json_int(error, "status", 0) == 403 ? json_str(error, "rule", "") : "";
}

static void every_role_may_what_the_table_says(void **state)
{
	(void)state;
	static const char *const units[] = { "", "02269", "04" };
	struct row *rows = calloc(ROWS_MAX, sizeof(*rows));
	size_t n = read_table(rows);
	struct fixture *f = fixture_new(NULL);
	struct peer *caller = core_peer_add(f->core, PEER_CLIENT);
	struct scope in = fixture_scope(f);
	struct answerer a = { .in = &in, .registry = &caunoi_registry };
	size_t tried = 0;
	for (unsigned role = 0; role < ROLE_COUNT; role++)
		for (size_t u = 0; u < COUNT_OF(units); u++) {
			char name[40], token[64];
			snprintf(name, sizeof(name), "r%u-%zu", role, u);
			add_account(f, name, (enum role)role, units[u], token);
			for (size_t i = 0; i < n; i++) {
				const struct verb *v = registry_find_dotted(&caunoi_registry, rows[i].verb);
				if (!v)
					fail_msg("%s: the table has a verb that is none", rows[i].verb);
				if (v->anyone)
					continue;
				OWN(json) json_t *reply = asked(f, caller, &a, v, rows[i].verb, token);
				const char *wanted = !rows[i].may[role] ? "role" : rows[i].whole && !strcmp(units[u], "04") ? "territory" : "";
				if (strcmp(refused_by(reply), wanted) != 0)
					fail_msg("%s as %s of '%s': '%s' instead of '%s'", rows[i].verb, role_name((enum role)role), units[u], refused_by(reply), wanted);
				tried++;
			}
		}
	print_message("%zu calls\n", tried);
	assert_true(tried > 1000);
	free(rows);
	fixture_free(f);
}

struct claims {
	struct fixture *f;
	struct peer *caller;
	struct answerer *a;
};

/* What a caller says of itself beside the arguments is an argument too many, whoever says it. */
static int knows_no_claim(void *arg, const struct verb *v)
{
	static const char *const claims[] = { "approved_by", "actor", "session_role", "id_of_owner", "is_admin" };
	const struct claims *c = arg;
	char name[64];
	snprintf(name, sizeof(name), "%s%s%s", v->noun, *v->noun ? "." : "", v->name);
	for (size_t i = 0; v->kind != VERB_LOCAL && i < COUNT_OF(claims); i++) {
		bool query = v->kind == VERB_QUERY;
		OWN(json) json_t *frame = json_pack("{s:s,s:i,s:s,s:{s:s},s:s}", "op", query ? "query" : "command", "id", 1, "verb", name, "args", claims[i], "operator",
						    "role", "operator");
		OWN(mem) char *text = json_dumps(frame, JSON_COMPACT);
		OWN(json) json_t *reply = query ? answer_query(c->a, geteuid(), false, frame) : NULL;
		OWN(json) json_t *frames = NULL;
		if (!query) {
			sim_driver_say(c->caller, "%s", text);
			sim_tick(c->f);
			frames = sim_driver_read(c->caller);
		}
		const json_t *error = json_object_get(query ? reply : json_array_get(frames, 0), "error");
		if (strcmp(json_str(error, "rule", ""), "unknown_argument") != 0 || strcmp(json_str(error, "field", ""), claims[i]) != 0)
			fail_msg("%s with %s: %s", name, claims[i], json_str(error, "rule", "taken"));
	}
	return 0;
}

static void no_verb_takes_a_claim_beside_its_arguments(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	struct scope in = fixture_scope(f);
	struct answerer a = { .in = &in, .registry = &caunoi_registry };
	struct claims c = { .f = f, .caller = core_peer_add(f->core, PEER_CLIENT), .a = &a };
	registry_each(&caunoi_registry, knows_no_claim, &c);
	fixture_free(f);
}

static int is_listed(void *arg, const struct verb *v)
{
	const struct row *rows = arg;
	char name[64];
	snprintf(name, sizeof(name), "%s%s%s", v->noun, *v->noun ? "." : "", v->name);
	if (v->kind == VERB_LOCAL && !v->remote)
		return 0;
	for (size_t i = 0; i < ROWS_MAX; i++)
		if (!strcmp(rows[i].verb, name))
			return 0;
	fail_msg("%s is not in the table", name);
	return 1;
}

static void every_verb_is_in_the_table(void **state)
{
	(void)state;
	struct row *rows = calloc(ROWS_MAX, sizeof(*rows));
	read_table(rows);
	registry_each(&caunoi_registry, is_listed, rows);
	free(rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_role_may_what_the_table_says),
		cmocka_unit_test(every_verb_is_in_the_table),
		cmocka_unit_test(no_verb_takes_a_claim_beside_its_arguments),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
