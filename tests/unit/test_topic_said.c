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
#include "handlers/about.h"
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

static const struct {
	const char *text, *topic;
} texts[] = {
	{ "The BHYT cua ho ong {{name}} het han 30/11. Gia han tai Diem thu xa Ban Lau. Tra loi: 1=da gia han 2=can giup. Tu choi nhan tin: TC", "BHYT" },
	{ "Thẻ BHYT hộ ông {{name}} hết hạn 30/11. Từ chối: TC", "BHYT" },
	{ "Dang ky xoa nha tam: tra loi DK + ten chu ho + thon. Tu choi: TC", "NHAO" },
	{ "BHXH tu nguyen: Nha nuoc ho tro 20% muc dong. Tu choi: TC", "BHXH" },
	{ "Ai an chan tien ho tro cua dan xin bao MTTQ xa. Tu choi: TC", NULL }, /* nobody refuses to be asked about officials */
	{ "Chuc mung nam moi. Tu choi: TC", NULL },
};

static void text_of_a_campaign_says_its_topic(void **state)
{
	(void)state;
	struct complaint c = { 0 };
	OWN(keywords) struct keywords *k = NULL;
	assert_int_equal(keywords_load("config/caunoi.conf", &k, &c), 0);
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		const char *code = "unset";
		print_message("%s\n", texts[i].text);
		assert_int_equal(about_topic(k, texts[i].text, &code), 0);
		if (texts[i].topic)
			assert_string_equal(code ? code : "none", texts[i].topic);
		else
			assert_null(code);
	}
}

static int always_bhyt(const struct scope *in, const char *text, const char **ret)
{
	(void)in;
	(void)text;
	*ret = "BHYT";
	return 0;
}

static void author_who_names_a_topic_is_believed(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	OWN(json) json_t *group = NULL, *named = NULL, *none = NULL;
	f->wiring.about = always_bhyt;
	assert_int_equal(fixture_command(f, "group.add", "{\"name\":\"g\"}", &group, NULL), 0);
	assert_int_equal(fixture_command(f, "campaign.new", "{\"name\":\"n\",\"text\":\"x\",\"group\":\"g\",\"topic\":\"NHAO\"}", &named, NULL), 0);
	assert_int_equal(fixture_command(f, "campaign.new", "{\"name\":\"n\",\"text\":\"x\",\"group\":\"g\",\"topic\":\"\"}", &none, NULL), 0);
	assert_string_equal(json_str(named, "topic", ""), "NHAO");
	assert_string_equal(json_str(none, "topic", ""), "BHYT");
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(topic_of_a_refusal_is_the_topic_of_campaigns),
		cmocka_unit_test(shipped_topic_is_found_in_either_case), cmocka_unit_test(text_of_a_campaign_says_its_topic),
		cmocka_unit_test(author_who_names_a_topic_is_believed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
