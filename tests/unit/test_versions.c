/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of the libraries' versions: what is said is what the library itself says, and one that has a known fault is told with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>
#include <string.h>

#include "console/terminal/versions.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"

static void older_is_told_from_newer(void **state)
{
	(void)state;
	static const struct {
		const char *version, *fixed;
		bool old;
	} cases[] = {
		{ "3.40.1", "3.51.3", true }, { "3.51.2", "3.51.3", true },	 { "3.51.3", "3.51.3", false }, { "3.51.10", "3.51.3", false },
		{ "3.6.0", "3.51.3", true },  { "4.0", "3.51.3", false },	 { "0.9.75", "1.0.10", true },	{ "1.0.9", "1.0.10", true },
		{ "1.0.11", "1.0.10", false }, { "libcurl/7.88.1", "7.9.0", false }, { "libcurl/7.88.1", "8.0.0", true },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		if (versions_is_old(cases[i].version, cases[i].fixed) != cases[i].old)
			fail_msg("%s and %s", cases[i].version, cases[i].fixed);
}

static void every_library_says_its_own_version(void **state)
{
	(void)state;
	for (int vi = 0; vi < 2; vi++) {
		OWN(json) json_t *list = versions_list(vi);
		size_t i, known = 0;
		const json_t *row;
		json_array_foreach(list, i, row) {
			const char *version = json_str(row, "version", NULL), *fault = json_str(row, "fault", NULL);
			assert_true(!fault || (version && *fault && json_is_string(json_object_get(row, "fixed_in"))));
			if (!strcmp(json_str(row, "library", ""), "libsodium")) {
				assert_string_equal(version, sodium_version_string());
				known++;
			}
			assert_true(!version || strspn(version, "0123456789") > 0);
		}
		assert_int_equal(known, 1);
		assert_true(json_array_size(list) > 3);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(older_is_told_from_newer),
		cmocka_unit_test(every_library_says_its_own_version),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
