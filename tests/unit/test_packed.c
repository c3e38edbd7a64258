/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of packed answers: what a browser does not take it does not get, and what it gets opens to the same bytes. */
/* clang-format off: cmocka wants these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "console/web/packed.h"
#include "gateway/base/own.h"

static void coding_is_taken_where_it_is_named(void **state)
{
	static const struct {
		const char *accept, *coding;
		bool takes;
	} cases[] = {
		{ NULL, "gzip", false },
		{ "", "gzip", false },
		{ "gzip", "gzip", true },
		{ "gzip, deflate, br", "br", true },
		{ "gzip,deflate,BR", "br", true },
		{ "deflate ,gzip ; q=0.5", "gzip", true },
		{ "gzip;q=0", "gzip", false },
		{ "gzip; q=0.000, br", "gzip", false },
		{ "gzip;q=0, br", "br", true },
		{ "gzip;q=0.001", "gzip", true },
		{ "x-gzip", "gzip", false },
		{ "gzipped", "gzip", false },
		{ "brotli", "br", false },
		{ "*", "br", false },
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		if (packed_takes(cases[i].accept, cases[i].coding) != cases[i].takes)
			fail_msg("\"%s\": %s", cases[i].accept ? cases[i].accept : "(absent)", cases[i].coding);
}

static void open_again(const struct buffer *packed, char *ret, size_t room)
{
	z_stream z = { .next_in = (Bytef *)packed->data + packed->from, .avail_in = (uInt)buffer_left(packed), .next_out = (Bytef *)ret, .avail_out = (uInt)room };
	assert_int_equal(inflateInit2(&z, 16 + MAX_WBITS), Z_OK);
	assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
	ret[z.total_out] = '\0';
	inflateEnd(&z);
}

static void rows_become_fewer_bytes_and_open_to_the_same(void **state)
{
	OWN(buffer) struct buffer b = { 0 };
	OWN(mem) char *was = NULL, *again = malloc(1 << 20);
	(void)state;
	for (int i = 0; i < 500; i++)
		assert_int_equal(buffer_printf(&b, "{\"id\":%d,\"text\":\"đường thôn %d hỏng\"},", i, i % 7), 0);
	buffer_take(&b, 1); /* what was read already is no part of it */
	was = strdup(buffer_text(&b));
	assert_non_null(was);
	assert_int_equal(packed_gzip(&b), 0);
	assert_true(buffer_left(&b) * 4 < strlen(was));
	open_again(&b, again, 1 << 20);
	assert_string_equal(again, was);
}

static void what_would_not_become_smaller_stays(void **state)
{
	OWN(buffer) struct buffer b = { 0 };
	(void)state;
	assert_int_equal(buffer_puts(&b, "{}\n"), 0);
	assert_int_equal(packed_gzip(&b), E_TOO_BIG);
	assert_string_equal(buffer_text(&b), "{}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(coding_is_taken_where_it_is_named),
		cmocka_unit_test(rows_become_fewer_bytes_and_open_to_the_same),
		cmocka_unit_test(what_would_not_become_smaller_stays),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
