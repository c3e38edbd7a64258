// SPDX-License-Identifier: GPL-3.0-or-later
/* What the gateway says by itself fits one SMS in the GSM alphabet, at the longest values, in every language. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/gsm7.h"
#include "handlers/reply.h"

static void every_reply_is_one_part_of_plain_letters(void **state)
{
	(void)state;
	for (int name = 0; name < REPLY_COUNT; name++)
		for (int language = 0; language < LANGUAGE_COUNT; language++) {
			struct measure m;
			char *text = reply_text((enum reply)name, (enum language)language, &reply_longest);
			assert_non_null(text);
			gsm7_measure(text, 8, &m);
			if (!*text || m.encoding != ENCODING_GSM7 || m.n_units > 160 || strpbrk(text, "{}"))
				fail_msg("reply %d in language %d: %d septets: %s", name, language, m.n_units, text);
			free(text);
		}
}

static void values_stand_where_they_belong(void **state)
{
	(void)state;
	struct reply_values v = { .code = "PA482918", .digits = "482918", .date = "15/12" };
	char *text = reply_text(REPLY_RECEIPT, LANGUAGE_VI, &v);
	assert_non_null(text);
	assert_non_null(strstr(text, "Ma PA482918. Se tra loi truoc 15/12."));
	assert_non_null(strstr(text, "soan XEM 482918."));
	free(text);
	text = reply_text(REPLY_RECEIPT_RESTRICTED, LANGUAGE_VI, &v);
	assert_non_null(text);
	assert_null(strstr(text, "15/12"));
	free(text);
}

static void stopping_texts_say_when_and_how_to_come_back(void **state)
{
	(void)state;
	static const enum reply names[] = { REPLY_OPTOUT, REPLY_OPTOUT_TOPIC, REPLY_OPTOUT_ALL };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *text = reply_text(names[i], LANGUAGE_VI, &(struct reply_values){ .time = "22:05 22/11", .topic = "BHYT" });
		assert_non_null(text);
		const char *first = strstr(text, "22:05 22/11");
		assert_non_null(first);
		assert_non_null(strstr(first + 1, "22:05 22/11"));
		assert_non_null(strstr(text, "NHAN TIN"));
		free(text);
	}
}

static void languages_default_to_vietnamese(void **state)
{
	(void)state;
	assert_int_equal(reply_language(NULL), LANGUAGE_VI);
	assert_int_equal(reply_language(""), LANGUAGE_VI);
	assert_int_equal(reply_language("hmn"), LANGUAGE_VI);
	assert_int_equal(reply_language("en"), LANGUAGE_EN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reply_is_one_part_of_plain_letters),
		cmocka_unit_test(values_stand_where_they_belong),
		cmocka_unit_test(stopping_texts_say_when_and_how_to_come_back),
		cmocka_unit_test(languages_default_to_vietnamese),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
