// SPDX-License-Identifier: GPL-3.0-or-later
/* Laws of correcting what a message was understood as: what the wrong reading did is taken back, what the right one asks for is done,
 * and each correction is kept, audited, and given back without numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "handlers/chain.h"
#include "handlers/correction.h"
#include "handlers/intray.h"
#include "handlers/kept.h"
#include "handlers/refile.h"
#include "tests/support/village.h"


static int settle(void **state)
{
	*state = village_new(NULL, 0);
	return 0;
}

static int64_t count(struct village *v, const char *sql)
{
	return store_scalar(v->f->db, sql, -1);
}

/* A message arrives and is handled; its id. */
static int64_t say(struct village *v, const char *from, const char *text)
{
	village_put(v, from, text);
	clock_advance(&v->f->clock, 20000);
	for (int i = 0; i < 2; i++)
		assert_int_equal(core_tick(v->f->core), 0);
	return count(v, "SELECT max(id) FROM inbound");
}

static int refile(struct village *v, int64_t id, const char *kind, const char *topic, json_t **ret)
{
	char args[160];
	snprintf(args, sizeof(args), topic ? "{\"id\":%lld,\"kind\":\"%s\",\"topic\":\"%s\"}" : "{\"id\":%lld,\"kind\":\"%s\"}", (long long)id, kind,
		 topic);
	return fixture_command(v->f, "inbox.refile", args, ret, NULL);
}

static json_t *refiled(struct village *v, int64_t id, const char *kind, const char *topic)
{
	json_t *row = NULL;
	assert_int_equal(refile(v, id, kind, topic, &row), 0);
	assert_string_equal(json_str(row, "kind", ""), kind);
	return row;
}

static void false_opt_out_is_taken_back_alone(void **state)
{
	struct village *v = *state;
	say(v, LAN, "TC BHXH");
	int64_t id = say(v, LAN, "dung gui tin nua");
	assert_int_equal(count(v, "SELECT count(*) FROM optout WHERE lifted_seq IS NULL"), 2);
	OWN(json) json_t *row = refiled(v, id, "feedback", "CANBO");
	assert_string_equal(json_str(row, "topic", ""), "CANBO");
	assert_int_equal(count(v, "SELECT count(*) FROM optout WHERE lifted_seq IS NULL AND scope = 'campaign'"), 0);
	assert_int_equal(count(v, "SELECT count(*) FROM optout WHERE lifted_seq IS NULL AND scope = 'topic:BHXH'"), 1);
	assert_int_equal(count(v, "SELECT count(*) FROM casefile WHERE topic = 'CANBO' AND text = 'dung gui tin nua'"), 1);
	assert_non_null(strstr(json_str(row, "result", ""), "opt-out taken back"));
	assert_int_equal(count(v, "SELECT count(*) FROM audit WHERE verb = 'inbox.refile' AND actor <> 'person'"), 1);
}

static void missed_opt_out_is_made_and_confirmed_once(void **state)
{
	struct village *v = *state;
	int64_t id = say(v, LAN, "toi muon gap xa");
	json_decref(refiled(v, id, "optout", NULL));
	json_decref(refiled(v, id, "optout", NULL));
	assert_int_equal(count(v, "SELECT count(*) FROM optout WHERE lifted_seq IS NULL AND scope = 'campaign'"), 1);
	assert_int_equal(count(v, "SELECT count(*) FROM message WHERE class = 'optout_ack'"), 1);
	id = say(v, HOA, "toi muon gap xa");
	json_decref(refiled(v, id, "optout", "BHYT"));
	assert_int_equal(count(v, "SELECT count(*) FROM optout WHERE lifted_seq IS NULL AND scope = 'topic:BHYT'"), 1);
}

static void case_of_a_message_that_was_none_is_closed(void **state)
{
	struct village *v = *state;
	int64_t id = say(v, LAN, "duong thon 5 hong qua");
	OWN(json) json_t *row = refiled(v, id, "ack", NULL);
	assert_int_equal(count(v, "SELECT count(*) FROM casefile WHERE state = 'closed'"), 1);
	assert_true(json_is_null(json_object_get(row, "case")));
	assert_int_equal(count(v, "SELECT count(*) FROM case_event WHERE what = 'refiled'"), 1);
}

static void case_in_which_others_speak_stays_open(void **state)
{
	struct village *v = *state;
	int64_t id = say(v, LAN, "duong thon 5 hong qua");
	say(v, LAN, "Đường thôn 5 hỏng quá");
	json_decref(refiled(v, id, "ack", NULL));
	assert_int_equal(count(v, "SELECT count(*) FROM casefile WHERE state = 'closed'"), 0);
}

static void case_is_sorted_anew_and_no_sorting_shows_what_was_hidden(void **state)
{
	struct village *v = *state;
	int64_t id = say(v, LAN, "duong thon 5 hong qua");
	json_decref(refiled(v, id, "feedback", "TRUCLOI"));
	assert_int_equal(count(v, "SELECT count(*) FROM casefile WHERE topic = 'TRUCLOI' AND restricted = 1"), 1);
	assert_int_equal(count(v, "SELECT count(*) FROM casefile"), 1);
	json_decref(refiled(v, id, "urgent", "THIENTAI"));
	assert_int_equal(count(v, "SELECT count(*) FROM casefile WHERE topic = 'THIENTAI' AND urgency = 'urgent' AND restricted = 1"), 1);
	json_t *lifted = NULL;
	assert_int_equal(fixture_command(v->f, "case.restrict", "{\"id\":\"1\",\"lift\":true,\"reason\":\"x\"}", &lifted, NULL), 0);
	json_decref(lifted);
	json_decref(refiled(v, id, "urgent", "THIENTAI"));
	assert_int_equal(count(v, "SELECT restricted FROM casefile"), 0);
	assert_int_equal(count(v, "SELECT count(*) FROM message WHERE key LIKE 'case:%:receipt'"), 1);
	json_t *hidden = NULL;
	assert_int_equal(fixture_command(v->f, "case.restrict", "{\"id\":\"1\",\"accused\":\"02269\",\"reason\":\"x\"}", &hidden, NULL), 0);
	json_decref(hidden);
	json_decref(refiled(v, id, "feedback", "HATANG"));
	assert_int_equal(count(v, "SELECT restricted FROM casefile"), 1);
}

static void false_opt_in_is_an_opt_out_again(void **state)
{
	struct village *v = *state;
	say(v, LAN, "TC");
	int64_t id = say(v, LAN, "nhan tin");
	assert_int_equal(count(v, "SELECT count(*) FROM optout WHERE lifted_seq IS NULL"), 0);
	json_decref(refiled(v, id, "unknown", NULL));
	assert_int_equal(count(v, "SELECT count(*) FROM optout WHERE lifted_seq IS NULL AND scope = 'campaign'"), 1);
}

static void what_cannot_be_corrected_is_refused(void **state)
{
	struct village *v = *state;
	json_t *row = NULL;
	int64_t id = say(v, LAN, "duong thon 5 hong qua"), machine = say(v, "VIETTEL", "khuyen mai");
	assert_int_equal(refile(v, 99, "ack", NULL, &row), E_NOT_FOUND);
	assert_int_equal(refile(v, id, "feedback", "NOSUCH", &row), E_INVALID);
	assert_int_equal(refile(v, id, "survey_answer", NULL, &row), E_INVALID);
	assert_int_equal(refile(v, machine, "optout", NULL, &row), E_REFUSED);
	assert_null(row);
	assert_int_equal(count(v, "SELECT count(*) FROM correction"), 0);
	assert_int_equal(count(v, "SELECT count(*) FROM inbound WHERE handled_by = 'refile'"), 0);
}

static void corrections_are_given_back_without_numbers(void **state)
{
	struct village *v = *state;
	OWN(json) json_t *list = NULL;
	json_decref(refiled(v, say(v, LAN, "goi toi 0912 000 001, cccd 001099000123, nha dot"), "feedback", "NHAO"));
	json_decref(refiled(v, say(v, HOA, "duong thon 5 hong qua"), "ack", NULL));
	assert_int_equal(fixture_query(v->f, "inbox.export-corrections", "{}", &list, NULL), 0);
	assert_int_equal(json_array_size(list), 2);
	const json_t *first = json_array_get(list, 0), *second = json_array_get(list, 1);
	assert_string_equal(json_str(first, "text", ""), "goi toi #, cccd #, nha dot");
	assert_string_equal(json_str(first, "kind", ""), "feedback");
	assert_string_equal(json_str(first, "topic", ""), "NHAO");
	assert_string_equal(json_str(second, "kind_was", ""), "feedback");
	assert_string_equal(json_str(second, "topic_was", ""), "HATANG");
	assert_string_equal(json_str(second, "kind", ""), "ack");
	assert_null(json_object_get(first, "person"));
}

static void statements_use_an_index(void **state)
{
	struct village *v = *state;
	const struct sql_module *const modules[] = { &refile_module, &intray_module };
	for (size_t i = 0; i < COUNT_OF(modules); i++) {
		char out[4096] = "";
		if (store_explain(v->f->db, modules[i], out, sizeof(out)))
			fail_msg("%s", out);
	}
}

#define LAW(fn) cmocka_unit_test_setup_teardown(fn, settle, village_leave)
int main(void)
{
	const struct CMUnitTest tests[] = {
		LAW(false_opt_out_is_taken_back_alone),
		LAW(missed_opt_out_is_made_and_confirmed_once),
		LAW(case_of_a_message_that_was_none_is_closed),
		LAW(case_in_which_others_speak_stays_open),
		LAW(case_is_sorted_anew_and_no_sorting_shows_what_was_hidden),
		LAW(false_opt_in_is_an_opt_out_again),
		LAW(what_cannot_be_corrected_is_refused),
		LAW(corrections_are_given_back_without_numbers),
		LAW(statements_use_an_index),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
