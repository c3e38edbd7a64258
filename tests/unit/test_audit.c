/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of the audit: whatever is changed, taken out or cut off afterwards shows, and where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "gateway/audit.h"
#include "gateway/base/json.h"
#include "gateway/registry.h"
#include "gateway/store/store.h"
#include "handlers/casefile.h"
#include "tests/support/fixture.h"

#define ENTRIES 12

static struct fixture *filled(void)
{
	struct fixture *f = fixture_new(NULL);
	for (int i = 1; i < ENTRIES; i++) { /* init wrote the first */
		struct tick *t = fixture_begin(f);
		assert_int_equal(audit_put(t, "user:lan", "case.reply", "case:7", i % 2 ? "lời của dân" : NULL), 0);
		fixture_commit(f);
		clock_advance(&f->clock, 1000);
	}
	return f;
}

static void expect(struct fixture *f, const char *label, int64_t first_bad)
{
	OWN(json) json_t *out = NULL;
	assert_int_equal(fixture_query(f, "audit.verify", "{}", &out, NULL), 0);
	if (json_flag(out, "ok", false) != (first_bad == 0) || json_int(out, "first_bad", 0) != first_bad)
		fail_msg("%s: ok %d, first_bad %lld", label, json_flag(out, "ok", false), (long long)json_int(out, "first_bad", 0));
}

static void audit_whole_chain_verifies(void **state)
{
	(void)state;
	struct fixture *f = filled();
	OWN(json) json_t *out = NULL;
	assert_int_equal(fixture_query(f, "audit.verify", "{}", &out, NULL), 0);
	assert_true(json_flag(out, "ok", false));
	assert_int_equal(json_int(out, "checked", 0), ENTRIES);
	assert_true(json_is_null(json_object_get(out, "first_bad")));
	assert_true(json_is_null(json_object_get(out, "next")));
	OWN(json) json_t *rest = NULL;
	assert_int_equal(fixture_query(f, "audit.verify", "{\"after\":9}", &rest, NULL), 0);
	assert_int_equal(json_int(rest, "checked", 0), ENTRIES - 9);
	fixture_free(f);
}

static void audit_every_tampering_shows_where_it_is(void **state)
{
	(void)state;
	static const struct {
		const char *label, *sql;
		int64_t first_bad;
	} cases[] = {
		{ "actor", "UPDATE audit SET actor = 'user:x' WHERE seq = 5", 5 },
		{ "verb", "UPDATE audit SET verb = 'case.show' WHERE seq = 2", 2 },
		{ "subject", "UPDATE audit SET subject = 'case:8' WHERE seq = 3", 3 },
		{ "moment", "UPDATE audit SET at = at + 1 WHERE seq = 4", 4 },
		{ "words", "UPDATE audit_detail SET salt = zeroblob(16) WHERE seq = 6", 6 },
		{ "words of another", "UPDATE audit_detail SET sealed = (SELECT sealed FROM audit_detail d WHERE d.seq = 1) WHERE seq = 6", 6 },
		{ "commitment", "UPDATE audit SET commitment = zeroblob(32) WHERE seq = 7", 7 },
		{ "own hash", "UPDATE audit SET hash = zeroblob(32) WHERE seq = 8", 8 },
		{ "link", "UPDATE audit SET prev_hash = zeroblob(32) WHERE seq = 9", 9 },
		{ "one taken out", "DELETE FROM audit WHERE seq = 6", 6 },
		{ "first taken out", "DELETE FROM audit WHERE seq = 1", 1 },
		{ "two changed over", "UPDATE audit SET seq = 100 WHERE seq = 4; UPDATE audit SET seq = 4 WHERE seq = 5; "
				      "UPDATE audit SET seq = 5 WHERE seq = 100", 4 },
		{ "one too many", "INSERT INTO audit SELECT chain, seq + 1, at, actor, verb, subject, commitment, prev_hash, hash FROM audit "
				  "ORDER BY seq DESC LIMIT 1", ENTRIES + 1 },
	};
	struct fixture *f = filled();
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		assert_int_equal(store_begin(f->db), 0);
		assert_int_equal(store_script(f->db, cases[i].sql), 0);
		expect(f, cases[i].label, cases[i].first_bad);
		store_rollback(f->db);
		expect(f, "as it was", 0);
	}
	fixture_free(f);
}

static void audit_erased_words_leave_the_chain_whole(void **state)
{
	(void)state;
	struct fixture *f = filled();
	assert_int_equal(store_script(f->db, "DELETE FROM audit_detail"), 0);
	expect(f, "all words erased", 0);
	fixture_free(f);
}

static void audit_words_are_sealed_and_listed_newest_first(void **state)
{
	(void)state;
	struct fixture *f = filled();
	assert_int_equal(store_scalar(f->db, "SELECT count(*) FROM audit_detail WHERE instr(sealed, 'dân') > 0", -1), 0);
	OWN(json) json_t *page = NULL, *rest = NULL;
	int64_t next;
	assert_int_equal(fixture_query(f, "audit.list", "{\"limit\":5}", &page, &next), 0);
	assert_int_equal(json_array_size(page), 5);
	assert_int_equal(json_int(json_array_get(page, 0), "id", 0), ENTRIES);
	assert_string_equal(json_str(json_array_get(page, 0), "detail", ""), "lời của dân");
	assert_int_equal(next, ENTRIES - 4);
	char args[64];
	snprintf(args, sizeof(args), "{\"limit\":1000,\"after\":%lld}", (long long)next);
	assert_int_equal(fixture_query(f, "audit.list", args, &rest, &next), 0);
	assert_int_equal(json_array_size(rest), ENTRIES - 5);
	assert_int_equal(next, 0);
	fixture_free(f);
}

/* An auditor of the accused unit learns no more from the audit than from the case, and nobody learns a number. */
static void audit_of_a_hidden_case_is_hidden_and_numbers_are_masked(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	const struct verb *v = registry_find(&caunoi_registry, "audit", "list");
	struct casefile file;
	bool joined = true;
	struct casefile_new n = { .unit = "02269", .text = "x", .fold = "x", .topics = { "TRUCLOI" }, .kind = "denunciation", .urgency = "normal", .restricted = true };
	assert_int_equal(casefile_open(fixture_begin(f), &n, &file, &joined), 0);
	fixture_commit(f);
	json_t *row = NULL;
	assert_int_equal(fixture_command(f, "case.restrict", "{\"id\":\"1\",\"accused\":\"02\",\"reason\":\"ông Ba\"}", &row, NULL), 0);
	json_decref(row);
	row = NULL;
	assert_int_equal(fixture_command(f, "case.note", "{\"id\":\"1\",\"text\":\"gọi 0912345678\"}", &row, NULL), 0);
	json_decref(row);
	const struct {
		const char *unit;
		bool shown;
	} rows[] = { { "", true }, { "02", false } };
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		OWN(json) json_t *list = NULL, *args = json_object();
		struct call c = { .verb = v, .args = args, .actor = "user:kiem", .role = ROLE_AUDITOR, .unit = rows[i].unit };
		struct scope in = fixture_scope(f);
		int64_t next;
		assert_int_equal(v->query(&in, &c, &list, &next, NULL), 0);
		OWN(mem) char *text = json_text(list);
		assert_int_equal(strstr(text, "case:1") != NULL, rows[i].shown);
		assert_null(strstr(text, "0912345678"));
	}
	fixture_free(f);
}

static void audit_statements_use_indexes(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	char out[2000] = "";
	if (store_explain(f->db, &audit_module, out, sizeof(out)))
		fail_msg("%s", out);
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(audit_whole_chain_verifies),
		cmocka_unit_test(audit_every_tampering_shows_where_it_is),
		cmocka_unit_test(audit_erased_words_leave_the_chain_whole),
		cmocka_unit_test(audit_words_are_sealed_and_listed_newest_first),
		cmocka_unit_test(audit_of_a_hidden_case_is_hidden_and_numbers_are_masked),
		cmocka_unit_test(audit_statements_use_indexes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
