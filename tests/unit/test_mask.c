/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of what is taken out of texts before they are shown: numbers that name somebody, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateway/base/mask.h"
#include "gateway/base/own.h"

static void masks_numbers_and_nothing_else(void **state)
{
	(void)state;
	static const struct {
		const char *text, *masked;
	} rows[] = {
		{ "", "" },
		{ "PA 482 918", "PA 482 918" },
		{ "0912345678", "#" },
		{ "0912.345.678 nhe", "# nhe" },
		{ "0912-345-678.", "#." },
		{ "500000 dong 2 lan", "500000 dong 2 lan" },
		{ "tu 1 2 3 4 5 6 7 8", "tu #" },
		{ "nha 5, ngo 12345678", "nha 5, ngo #" },
		{ "goi +84 (0)912 345 678 giup", "goi +# giup" },
		{ "cmnd 123456789, the DN4010123456789", "cmnd #, the DN#" },
		{ "cccd 001 099 012 345 ạ", "cccd # ạ" },
		{ "０９１２３４５６７８", "#" },
		{ "٠٩١٢٣٤٥٦٧٨ và 0912\u00a0345\u00a0678", "# và #" },
		{ "nợ 30.000.000 đồng", "nợ 30.000.000 đồng" },
		{ "nợ 1,500,000,000d roi", "nợ 1,500,000,000d roi" },
		{ "số 123.456.789 nhé", "số # nhé" },
		{ "099.123.456 đ", "# đ" },
		{ "stk 123456 agribank", "stk # agribank" },
		{ "ngày 15/12/2026, 40 hộ", "ngày 15/12/2026, 40 hộ" },
		{ "PA482918", "PA482918" },
		{ "UBND; 2099-12-15", "UBND; 2099-12-15" },
		{ "15.12.2026 hoặc 15-12-2026", "15.12.2026 hoặc 15-12-2026" },
		{ "1990-12-15", "#" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		OWN(mem) char *masked = mask_personal(rows[i].text);
		assert_non_null(masked);
		assert_string_equal(masked, rows[i].masked);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(masks_numbers_and_nothing_else) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
