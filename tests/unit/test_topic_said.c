/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of a topic's code where people type it: either case is the topic, what is no topic is said to be none. Otherwise a refusal of
 * the topic and a campaign about it would pass each other by. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "gateway/base/json.h"
#include "handlers/keywords.h"
#include "tests/support/fixture.h"
#include "tests/support/sim_driver.h"

static const char *topic_of(const struct scope *in, const char *said)
{
	(void)in;
	return strcasecmp(said, "BHYT") ? NULL : "BHYT";
}

static const struct {
	const char *said;
	bool known;
} topics[] = { { "BHYT", true }, { "bhyt", true }, { "Bhyt", true }, { "BHTY", false }, { "NOPE", false } };

static void topic_of_a_refusal_is_the_topic_of_campaigns(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	f->wiring.topic = topic_of;
	OWN(json) json_t *group = NULL;
	assert_int_equal(fixture_command(f, "group.add", "{\"name\":\"g\"}", &group, NULL), 0);
	for (size_t i = 0; i < COUNT_OF(topics); i++) {
		char out[128], campaign[192];
		OWN(json) json_t *a = NULL, *b = NULL;
		snprintf(out, sizeof(out), "{\"number\":\"091234567%zu\",\"scope\":\"topic:%s\"}", i, topics[i].said);
		snprintf(campaign, sizeof(campaign), "{\"name\":\"n\",\"text\":\"x. Tu choi: TC\",\"group\":\"g\",\"topic\":\"%s\"}", topics[i].said);
		print_message("%s\n", topics[i].said);
		assert_int_equal(fixture_command(f, "consent.opt-out", out, &a, NULL), topics[i].known ? 0 : E_INVALID);
		assert_int_equal(fixture_command(f, "campaign.new", campaign, &b, NULL), topics[i].known ? 0 : E_INVALID);
	}
	assert_int_equal(sim_int(f, "SELECT count(*) FROM optout WHERE scope = 'topic:BHYT'"), 3);
	assert_int_equal(sim_int(f, "SELECT count(*) FROM optout"), 3);
	assert_int_equal(sim_int(f, "SELECT count(*) FROM campaign WHERE topic = 'BHYT'"), 3);
	fixture_free(f);
}

static void shipped_topic_is_found_in_either_case(void **state)
{
	(void)state;
	struct complaint c = { 0 };
	OWN(keywords) struct keywords *k = NULL;
	assert_int_equal(keywords_load("config/caunoi.conf", &k, &c), 0);
	for (size_t i = 0; i < COUNT_OF(topics); i++) {
		const char *code = keywords_topic_said(k, topics[i].said);
		assert_true(topics[i].known ? code && !strcmp(code, "BHYT") : !code);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(topic_of_a_refusal_is_the_topic_of_campaigns),
		cmocka_unit_test(shipped_topic_is_found_in_either_case),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
