/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of the log: whatever stands in a field, an event is one line of at most 8 KiB, and nothing in it moves a terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "gateway/base/log.h"
#include "gateway/base/own.h"

/* What is written for a field of this text. */
static size_t logged(const char *field, char *ret, size_t room)
{
	int ends[2], before = dup(STDERR_FILENO);
	assert_int_equal(pipe(ends), 0);
	assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
	log_error("test.event", "field=%s end", field);
	assert_true(dup2(before, STDERR_FILENO) >= 0);
	close(before);
	close(ends[1]);
	ssize_t n = read(ends[0], ret, room - 1);
	close(ends[0]);
	assert_true(n > 0);
	ret[n] = '\0';
	return (size_t)n;
}

static void log_event_is_one_line_that_moves_no_terminal(void **state)
{
	(void)state;
	static const struct {
		const char *label, *field, *shown;
	} cases[] = {
		{ "plain", "Xã Bản Lầu", "field=Xã Bản Lầu end" },
		{ "CR LF", "a\r\n2026-11-22T00:00:00.000Z error caunoi forged", "field=a\\x0d\\x0a2026" },
		{ "escape", "\x1b[2J\x1b]0;x\x07", "field=\\x1b[2J\\x1b]0;x\\x07 end" },
		{ "delete", "a\x7f", "field=a\\x7f end" },
		{ "control of eight bits", "a\xc2\x9b" "2J", "field=a\\x9b2J end" },
		{ "next line", "a\xc2\x85" "b", "field=a\\x85b end" },
		{ "line separator", "a\xe2\x80\xa8" "b", "field=a\\u2028b end" },
		{ "from right to left", "a\xe2\x80\xae" "b", "field=a\\u202eb end" },
		{ "conversions", "%n%s%x", "field=%n%s%x end" },
		{ "stays as it is", "1 € – “x”", "field=1 € – “x” end" },
	};
	char line[20000];
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		size_t n = logged(cases[i].field, line, sizeof(line));
		if (!strstr(line, cases[i].shown) || strchr(line, '\n') != line + n - 1)
			fail_msg("%s: %s", cases[i].label, line);
		for (size_t k = 0; k + 1 < n; k++)
			assert_true((unsigned char)line[k] >= 0x20 && line[k] != 0x7f);
	}
}

static void log_event_is_short_whatever_the_field(void **state)
{
	(void)state;
	static const char *const fills[] = { "a", "\x1b", "ệ" };
	char line[20000];
	for (size_t i = 0; i < COUNT_OF(fills); i++) {
		size_t each = strlen(fills[i]), all = (size_t)1 << 20;
		OWN(mem) char *field = malloc(all + each);
		assert_non_null(field);
		size_t n = 0;
		for (; n + each < all; n += each)
			memcpy(field + n, fills[i], each);
		field[n] = '\0';
		n = logged(field, line, sizeof(line));
		assert_in_range(n, 100, 8192);
		assert_int_equal(line[n - 1], '\n');
		assert_ptr_equal(strchr(line, '\n'), line + n - 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(log_event_is_one_line_that_moves_no_terminal),
		cmocka_unit_test(log_event_is_short_whatever_the_field),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
