/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See the header. Called by the tests of understanding. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/shipped.h"

int shipped_load(void **state)
{
	struct complaint c = { 0 };
	struct keywords *k = NULL;
	if (keywords_load(SHIPPED_CONFIG, &k, &c)) {
		print_error("%s:%d: %s: %s\n", c.file, c.line, c.field, c.text);
		return -1;
	}
	*state = k;
	return 0;
}

int shipped_unload(void **state)
{
	keywords_free(*state);
	return 0;
}

struct classified shipped_understand(const struct keywords *k, const char *text, const char *context)
{
	struct context x = { 0 };
	struct complaint complaint = { 0 };
	struct classified c = { 0 };
	if (context_load(SHIPPED_CONFIG, *context ? context : "NONE", &x, &complaint))
		fail_msg("context %s: %s", context, complaint.text);
	assert_int_equal(classify(k, text, &x, &c), 0);
	context_done(&x);
	return c;
}
