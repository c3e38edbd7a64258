/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of a campaign's figures: every message is a reply, and whoever stops is one person however often it is said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "campaigns/response.h"
#include "gateway/base/json.h"
#include "gateway/consent.h"
#include "gateway/flow.h"
#include "gateway/outbox.h"
#include "gateway/store/store.h"
#include "tests/support/fixture.h"

/* One message from the person: what it was taken for and the opt-out it makes, "" = none. */
static void says(struct fixture *f, int64_t address, int64_t id, const char *kind, const char *scope)
{
	struct tick *t = fixture_begin(f);
	struct consent_proof proof = { .inbound = id };
	struct inbound in = { .id = id, .address = address, .received_at = t->in.now_ms };
	struct handled h = { .why = "" };
	snprintf(h.kind, sizeof(h.kind), "%s", kind);
	if (*scope)
		assert_int_equal(consent_opt_out(t, address, scope, &proof, NULL), 0);
	struct response found;
	assert_int_equal(response_find(t, &in, &found), 0);
	assert_int_equal(response_count(t, &in, &found, &h), 0);
	fixture_commit(f);
	clock_advance(&f->clock, 1000);
}

static void response_counts_people_who_stop(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	OWN(json) json_t *group = NULL, *campaign = NULL;
	int64_t address = fixture_address(f, "0912345601"), id = 0;
	assert_int_equal(fixture_command(f, "group.add", "{\"name\":\"g\"}", &group, NULL), 0);
	assert_int_equal(fixture_command(f, "campaign.new", "{\"name\":\"c\",\"group\":\"g\",\"text\":\"a. TC\"}", &campaign, NULL), 0);
	struct outbox_put put = { .key = "campaign:1:1", .flow = FLOW_SINGLE, .address = address, .text = "x", .class = CLASS_SOCIAL_POLICY };
	assert_int_equal(outbox_put(fixture_begin(f), &put, &id), 0);
	fixture_commit(f);
	char sql[120];
	snprintf(sql, sizeof(sql), "UPDATE message SET claimed_at = %lld", (long long)FIXTURE_NOW_MS);
	assert_int_equal(store_script(f->db, sql), 0);
	clock_advance(&f->clock, 1000);
	says(f, address, 1, "feedback", "");
	says(f, address, 2, "survey_answer", "campaign"); /* "1" to "stop messages?" */
	says(f, address, 3, "optout", "campaign");
	says(f, address, 4, "optout", "all");
	assert_int_equal(store_scalar(f->db, "SELECT replies * 10 + opt_outs FROM campaign WHERE id = 1", -1), 41);
	fixture_free(f);
}

static void response_statements_use_indexes(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	char out[2000] = "";
	if (store_explain(f->db, &response_module, out, sizeof(out)))
		fail_msg("%s", out);
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(response_counts_people_who_stop),
		cmocka_unit_test(response_statements_use_indexes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
