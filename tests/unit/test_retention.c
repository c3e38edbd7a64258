/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of forgetting: words older than the settings go, in pieces; what is open keeps them; counts, refusals and the audit's chain stay; a
 * clock that leaps makes nobody forgotten; what a restored backup brings back goes again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/local.h"
#include "gateway/retention.h"
#include "gateway/store/store.h"
#include "handlers/casefile.h"
#include "tests/support/village.h"

#define MONTH_MS (31 * DAY_MS)
#define OPEN_WORDS "PA cau treo thon 5 gay roi"
#define PAST_WORDS "PA duong thon 5 hong ca thang nay"

/* As months pass for a gateway that runs: a day at a time would take long, so in steps that are no leap. */
static void months_pass(struct village *v, int n)
{
	for (int i = 0; i < n; i++)
		village_wait(v, MONTH_MS);
	for (int i = 0; i < 8; i++)
		village_wait(v, 2 * HOUR_MS);
}

static void expect(struct village *v, const char *sql, int64_t wanted)
{
	int64_t got = village_count(v, sql);
	if (got != wanted)
		fail_msg("%s: %lld instead of %lld", sql, (long long)got, (long long)wanted);
}

/* One case that ended, one that is open, a refusal, talk. */
static void live(struct village *v)
{
	village_told(v, LAN, PAST_WORDS, "case PA");
	json_decref(village_do(v, "case.reply", "{\"id\":\"1\",\"text\":\"Da rai da xong.\"}"));
	json_decref(village_do(v, "case.close", "{\"id\":\"1\",\"reason\":\"no_content\",\"note\":\"bà Lan kể\"}"));
	village_told(v, HOA, OPEN_WORDS, "case PA");
	village_told(v, "+84912000003", "cam on can bo nhieu", "filed");
	village_told(v, "+84912000003", "TC", "");
}

static json_t *class_of(struct village *v, const char *name)
{
	OWN(json) json_t *status = NULL;
	size_t i;
	json_t *row, *found = NULL;
	assert_int_equal(fixture_query(v->f, "status", "{}", &status, NULL), 0);
	json_array_foreach(json_object_get(status, "retention"), i, row)
		if (strcmp(json_str(row, "class", ""), name) == 0)
			found = json_incref(row);
	assert_non_null(found);
	return found;
}

static void old_words_go_and_the_rest_stays(void **state)
{
	struct village *v = *state;
	OWN(json) json_t *chain = NULL;
	live(v);
	int64_t messages = village_count(v, "SELECT count(*) FROM message"), inbound = village_count(v, "SELECT count(*) FROM inbound");
	months_pass(v, 23);
	expect(v, "SELECT count(*) FROM casefile WHERE text <> ''", 2);
	expect(v, "SELECT count(*) FROM inbound WHERE text <> ''", inbound);
	months_pass(v, 3);
	expect(v, "SELECT count(*) FROM casefile WHERE id = 1 AND text = '' AND fold = '' AND address IS NULL AND topic IS NOT NULL AND state = 'closed'", 1);
	expect(v, "SELECT count(*) FROM case_event WHERE casefile = 1 AND text IS NOT NULL AND what <> 'closed'", 0);
	expect(v, "SELECT count(*) FROM case_event WHERE casefile = 1 AND what = 'closed' AND text = 'no_content'", 1);
	expect(v, "SELECT count(*) FROM casefile WHERE id = 2 AND text <> ''", 1); /* it is open */
	expect(v, "SELECT count(*) FROM inbound WHERE text <> ''", 1);		   /* and so is what it was made of */
	expect(v, "SELECT count(*) FROM inbound WHERE raw IS NOT NULL AND text = ''", 0);
	expect(v, "SELECT count(*) FROM message WHERE text IS NOT NULL AND coalesce(subject, '') <> 'case:2' AND state = 'delivered'", 0);
	expect(v, "SELECT count(*) FROM inbound", inbound);
	assert_true(village_count(v, "SELECT count(*) FROM message") >= messages);
	expect(v, "SELECT count(*) FROM optout WHERE lifted_seq IS NULL", 1);
	expect(v, "SELECT count(*) FROM address WHERE length(sealed) = 0", 2); /* whose case ended, who only talked */
	expect(v, "SELECT count(*) FROM address WHERE length(sealed) > 0 AND id = (SELECT address FROM casefile WHERE id = 2)", 1);
	assert_int_equal(fixture_query(v->f, "audit.verify", "{}", &chain, NULL), 0);
	assert_true(json_flag(chain, "ok", false));
	OWN(json) json_t *cases = class_of(v, "case");
	assert_false(json_flag(cases, "due", true));
	assert_true(json_is_null(json_object_get(cases, "oldest_at")));
}

static void nought_keeps_for_ever(void **state)
{
	struct village *v = *state;
	live(v);
	v->f->config->retention.messages_months = v->f->config->retention.cases_months = 0;
	months_pass(v, 40);
	expect(v, "SELECT count(*) FROM casefile WHERE text = ''", 0);
	expect(v, "SELECT count(*) FROM inbound WHERE text = ''", 0);
	expect(v, "SELECT count(*) FROM address WHERE length(sealed) = 0", 0);
}

static void sign_ups_lose_their_names(void **state)
{
	struct village *v = *state;
	json_decref(village_do(v, "signup.new", "{\"programme\":\"nha-tam\",\"head\":\"Giàng A Páo\",\"hamlet\":\"Nà Lang\"}"));
	json_decref(village_do(v, "signup.new", "{\"programme\":\"nha-tam\",\"head\":\"Lò Thị Máy\",\"hamlet\":\"Nà Lang\"}"));
	json_decref(village_do(v, "signup.withdraw", "{\"id\":\"1\",\"reason\":\"chuyển đi\"}"));
	months_pass(v, 26);
	expect(v, "SELECT count(*) FROM enrolment WHERE id = 1 AND head = '' AND fold = '' AND place = '' AND state = 'withdrawn'", 1);
	expect(v, "SELECT count(*) FROM enrolment_event WHERE enrolment = 1 AND text IS NOT NULL", 0);
	expect(v, "SELECT count(*) FROM enrolment WHERE id = 2 AND head <> ''", 1); /* it waits for its visit */
}

/* A clock that was set wrong by years, and is set right within a day. */
static void leap_of_the_clock_forgets_nobody(void **state)
{
	struct village *v = *state;
	live(v);
	months_pass(v, 1);
	village_wait(v, 70 * MONTH_MS);
	for (int i = 0; i < 10; i++)
		village_wait(v, 2 * HOUR_MS);
	expect(v, "SELECT count(*) FROM casefile WHERE text = ''", 0);
	OWN(json) json_t *due = class_of(v, "case");
	assert_true(json_flag(due, "due", false));
	clock_advance(&v->f->clock, -70 * MONTH_MS);
	for (int i = 0; i < 20; i++)
		village_wait(v, 2 * HOUR_MS);
	expect(v, "SELECT count(*) FROM casefile WHERE text = ''", 0);
}

static void many_go_in_pieces(void **state)
{
	struct village *v = *state;
	char sql[400];
	int64_t due_at = 0;
	village_told(v, LAN, "cam on can bo nhieu", "filed");
	snprintf(sql, sizeof(sql), "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 250) INSERT INTO inbound (id, seq, channel, dedupe_key, state, "
		 "received_at, address, text) SELECT 1000 + i, 1000 + i, 'may-ao', 'k' || i, 'handled', %lld, 1, 'x' FROM n", (long long)clock_now_ms(&v->f->clock));
	assert_int_equal(store_script(v->f->db, sql), 0);
	v->f->config->retention.messages_months = 0;
	months_pass(v, 26);
	v->f->config->retention.messages_months = 24;
	assert_int_equal(retention_duty(fixture_begin(v->f), &due_at), 0);
	assert_int_equal(due_at, v->f->tick.in.now_ms); /* again at once */
	fixture_commit(v->f);
	expect(v, "SELECT count(*) FROM inbound WHERE text = ''", 100);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(retention_duty(fixture_begin(v->f), &due_at), 0);
		fixture_commit(v->f);
	}
	expect(v, "SELECT count(*) FROM inbound WHERE text = ''", 251);
	assert_true(due_at > clock_now_ms(&v->f->clock));
}

static void restored_words_go_again(void **state)
{
	struct village *v = *state;
	struct fixture *f = v->f;
	struct local l = { .config = f->config, .clock = &f->clock, .random = &f->random };
	struct complaint c = { 0 };
	char file[100];
	if (store_is_shared(f->config->store))
		skip(); /* a server's own backups are its administrator's */
	snprintf(file, sizeof(file), "%s/backup.db", f->dir);
	OWN(json) json_t *args = json_pack("{s:s}", "file", file), *made = NULL, *out = NULL;
	live(v);
	assert_int_equal(local_run(&l, "backup", args, &made, &c), 0);
	months_pass(v, 26);
	expect(v, "SELECT count(*) FROM casefile WHERE text = ''", 1);
	fixture_close_core(f);
	if (local_run(&l, "restore", args, &out, &c))
		fail_msg("restore: %s %s", c.file, c.text);
	fixture_open_core(f);
	f->core->keywords = v->keywords;
	expect(v, "SELECT count(*) FROM casefile WHERE text = ''", 0);
	for (int i = 0; i < 15; i++)
		village_wait(v, 2 * HOUR_MS);
	expect(v, "SELECT count(*) FROM casefile WHERE text = ''", 1);
	expect(v, "SELECT count(*) FROM inbound WHERE text <> ''", 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, village_settle, village_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(old_words_go_and_the_rest_stays), TEST(nought_keeps_for_ever), TEST(sign_ups_lose_their_names),
		TEST(leap_of_the_clock_forgets_nobody), TEST(many_go_in_pieces),     TEST(restored_words_go_again),
	};
	return cmocka_run_group_tests_name("retention", tests, NULL, NULL);
}
