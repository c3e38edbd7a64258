/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of answers to begin with: what a file may hold, where it is told of, and which are offered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/shelf.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/registry.h"
#include "gateway/scope.h"
#include "handlers/keywords.h"
#include "handlers/phrasebook.h"

static struct keywords *words;

static int load_words(void **state)
{
	(void)state;
	struct complaint c = { 0 };
	return keywords_load("config/caunoi.conf", &words, &c);
}

static int free_words(void **state)
{
	(void)state;
	keywords_free(words);
	return 0;
}

static void faulty_files_are_refused_with_their_line(void **state)
{
	(void)state;
	static const struct {
		const char *label, *entry, *says;
	} cases[] = {
		{ "no name", "text = \"a\";", "needs a name" },
		{ "twice", "name = \"a\"; text = \"a\"; }, { name = \"a\"; text = \"b\";", "stands twice" },
		{ "topic", "name = \"a\"; topic = \"XYZ\"; text = \"a\";", "no topic 'XYZ'" },
		{ "state", "name = \"a\"; states = [ \"asleep\" ]; text = \"a\";", "no state 'asleep'" },
		{ "accents", "name = \"a\"; text = \"đã xem\";", "accents" },
		{ "no words", "name = \"a\"; text = \"\";", "needs its words" },
		{ "a number", "name = \"a\"; text = \"goi 0912345678\";", "names somebody" },
	};
	char dir[] = "/tmp/caunoi-phrases-XXXXXX", topics[64], path[96], config[64];
	assert_non_null(mkdtemp(dir));
	snprintf(topics, sizeof(topics), "%s/topics", dir);
	snprintf(path, sizeof(path), "%s/phrasebook.conf", topics);
	snprintf(config, sizeof(config), "%s/caunoi.conf", dir);
	assert_int_equal(mkdir(topics, 0700), 0);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct complaint c = { 0 };
		json_t *none = NULL;
		FILE *f = fopen(path, "w");
		assert_non_null(f);
		fprintf(f, "answers = (\n\t{ %s }\n);\n", cases[i].entry);
		fclose(f);
		int r = phrasebook_load(&(const struct shelf){ .config_file = config }, words, &none, &c);
		if (r != E_CONFIG || !strstr(c.text, cases[i].says) || c.line != 2)
			fail_msg("%s: %d, line %d: %s", cases[i].label, r, c.line, c.text);
	}
	unlink(path);
	rmdir(topics);
	rmdir(dir);
}

static size_t offered(const char *topic, const char *state, const char *named)
{
	const struct verb *v = registry_find(&caunoi_registry, "case", "templates");
	struct scope in = { .keywords = words };
	OWN(json) json_t *args = json_pack("{s:s, s:s}", "topic", topic, "state", state), *list = NULL;
	struct call c = { .verb = v, .args = args, .actor = "user:hoa", .role = ROLE_REVIEWER, .unit = "", .dotted = "case.templates" };
	struct refusal why = { 0 };
	int64_t next = 0;
	size_t n = 0, i;
	const json_t *one;
	assert_int_equal(v->query(&in, &c, &list, &next, &why), 0);
	json_array_foreach(list, i, one)
		n += strcmp(json_str(one, "name", ""), named) == 0;
	return n;
}

static void answers_are_offered_by_topic_and_state(void **state)
{
	(void)state;
	assert_int_equal(offered("HATANG", "forwarded", "duong-sua"), 1);
	assert_int_equal(offered("BHYT", "forwarded", "duong-sua"), 0);
	assert_int_equal(offered("HATANG", "received", "duong-sua"), 0);
	assert_int_equal(offered("HATANG", "received", "da-xem"), 1);
	assert_int_equal(offered("", "", "duong-sua"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(faulty_files_are_refused_with_their_line),
		cmocka_unit_test(answers_are_offered_by_topic_and_state),
	};
	return cmocka_run_group_tests(tests, load_words, free_words);
}
