/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The strict reader of received PDUs, and the encoder of segments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/base/text.h"
#include "gateway/drivers/gammu/pdu.h"
#include "gateway/drivers/gammu/segment.h"

#define SMSC "07914889200030F0"
#define OA "0B914889674523F1"
#define TIME "62112270955082" /* 2026-11-22 07:59:05 +7 */

struct valid {
	const char *label, *hex, *address, *text, *reason;
	int ref, total, part, bits;
};

static const struct valid valid[] = {
	{ "gsm7", SMSC "04" OA "0000" TIME "05E8329BFD06", "+84987654321", "hello", NULL, 0, 0, 0, 0 },
	{ "no smsc", "00" "04" OA "0000" TIME "05E8329BFD06", "+84987654321", "hello", NULL, 0, 0, 0, 0 },
	{ "national", SMSC "04" "0A818079563412" "0000" TIME "05E8329BFD06", "0897654321", "hello", NULL, 0, 0, 0, 0 },
	{ "letters", SMSC "04" "0AD0D6B2BC5C02" "0000" TIME "00", NULL, "", NULL, 0, 0, 0, 0 },
	{ "ucs2", SMSC "04" OA "0008" TIME "0800560069" "1EC70074", "+84987654321", "Vi\xe1\xbb\x87t", NULL, 0, 0, 0, 0 },
	{ "surrogates", SMSC "04" OA "0008" TIME "04D83DDE00", "+84987654321", "\xf0\x9f\x98\x80", NULL, 0, 0, 0, 0 },
	{ "lone surrogate", SMSC "04" OA "0008" TIME "02D83D", "+84987654321", "\xef\xbf\xbd", NULL, 0, 0, 0, 0 },
	{ "concat 8", SMSC "44" OA "0008" TIME "08050003CD03010041", "+84987654321", "A", NULL, 0xCD, 3, 1, 8 },
	{ "concat 16", SMSC "44" OA "0008" TIME "0906080412340202" "0041", "+84987654321", "A", NULL, 0x1234, 2, 2, 16 },
	{ "concat part 0", SMSC "44" OA "0008" TIME "08050003CD03000041", "+84987654321", "A", NULL, 0, 0, 0, 0 },
	{ "concat part over total", SMSC "44" OA "0008" TIME "08050003CD03040041", "+84987654321", "A", NULL, 0, 0, 0, 0 },
	{ "concat gsm7", SMSC "44" OA "0000" TIME "080500034D030386", "+84987654321", "C", NULL, 77, 3, 3, 8 },
	{ "padding", SMSC "04" OA "0000" TIME "05E8329BFD06FFFFFF", "+84987654321", "hello", NULL, 0, 0, 0, 0 },
	{ "flash", SMSC "04" OA "0010" TIME "05E8329BFD06", "+84987654321", "hello", "flash", 0, 0, 0, 0 },
	{ "type 0", SMSC "04" OA "4000" TIME "05E8329BFD06", "+84987654321", "hello", "type0", 0, 0, 0, 0 },
	{ "class 2", SMSC "04" OA "0012" TIME "05E8329BFD06", "+84987654321", "hello", "sim_class", 0, 0, 0, 0 },
	{ "SIM download", SMSC "04" OA "7FF6" TIME "020102", "+84987654321", "", "sim_class", 0, 0, 0, 0 },
	{ "waiting", SMSC "04" OA "00C8" TIME "05E8329BFD06", "+84987654321", "hello", "message_waiting", 0, 0, 0, 0 },
	{ "ports", SMSC "44" OA "0004" TIME "0806050415810000" "41", "+84987654321", "", "ports", 0, 0, 0, 0 },
	{ "8 bit", SMSC "04" OA "0004" TIME "020102", "+84987654321", "", "binary", 0, 0, 0, 0 },
};

static int parse(const char *hex, size_t n_bytes, struct pdu *ret)
{
	OWN(mem) uint8_t *bytes = NULL;
	size_t n;
	assert_int_equal(text_unhex(hex, &bytes, &n), 0);
	/* an exact copy, so that a sanitizer sees a read behind the end */
	n = n_bytes < n ? n_bytes : n;
	OWN(mem) uint8_t *exact = malloc(n ? n : 1);
	memcpy(exact, bytes, n);
	return pdu_parse(exact, n, ret);
}

static void pdu_valid_messages_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(valid); i++) {
		const struct valid *v = &valid[i];
		struct pdu p = { 0 };
		if (parse(v->hex, SIZE_MAX, &p))
			fail_msg("%s: refused", v->label);
		if (v->address)
			assert_string_equal(p.address, v->address);
		assert_string_equal(p.text, v->text);
		assert_int_equal(p.has_concat, v->total > 0);
		if (v->total)
			assert_true(p.ref == v->ref && p.total == v->total && p.part == v->part && p.bits == v->bits);
		if (!strcmp(v->label, "SIM download"))
			assert_non_null(p.reason);
		else if (v->reason)
			assert_string_equal(p.reason, v->reason);
		else
			assert_null(p.reason);
		assert_true(p.at_ms == 1795309145000);
		pdu_done(&p);
	}
}

static void pdu_every_truncation_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(valid); i++) {
		size_t whole = strlen(valid[i].hex) / 2;
		if (!strcmp(valid[i].label, "padding"))
			whole -= 3;
		for (size_t n = 0; n < whole; n++) {
			struct pdu p;
			if (parse(valid[i].hex, n, &p) == 0)
				fail_msg("%s: %zu bytes were accepted", valid[i].label, n);
		}
	}
}

static const struct {
	const char *label, *hex;
} bad[] = {
	{ "empty", "" },
	{ "zero octet", "00" },
	{ "smsc length 1", "0191" "04" OA "0000" TIME "05E8329BFD06" },
	{ "smsc length 255", "FF914889200030F0" "04" OA "0000" TIME "05E8329BFD06" },
	{ "address length 0", SMSC "04" "0091" "0000" TIME "05E8329BFD06" },
	{ "address length 255", SMSC "04" "FF914889674523F1" "0000" TIME "05E8329BFD06" },
	{ "address length 21", SMSC "04" "15914889674523F14889674523" "0000" TIME "05E8329BFD06" },
	{ "filler inside the number", SMSC "04" "0B9148896F4523F1" "0000" TIME "05E8329BFD06" },
	{ "type without its bit", SMSC "04" "0B114889674523F1" "0000" TIME "05E8329BFD06" },
	{ "reserved type", SMSC "07" OA "0000" TIME "05E8329BFD06" },
	{ "submit", SMSC "01" OA "0000" TIME "05E8329BFD06" },
	{ "month 99", SMSC "04" OA "0000" "62992270955082" "05E8329BFD06" },
	{ "month 0", SMSC "04" OA "0000" "62002270955082" "05E8329BFD06" },
	{ "hour 24", SMSC "04" OA "0000" "62112242955082" "05E8329BFD06" },
	{ "time not BCD", SMSC "04" OA "0000" "6211AA70955082" "05E8329BFD06" },
	{ "UDL 255", SMSC "04" OA "0000" TIME "FFE8329BFD06" },
	{ "UDL 161 septets", SMSC "04" OA "0000" TIME "A1E8329BFD06" },
	{ "UDL 141 octets", SMSC "04" OA "0008" TIME "8DE8329BFD06" },
	{ "UDHL over UDL", SMSC "44" OA "0008" TIME "08FF0003CD03010041" },
	{ "UDHL ends inside an element", SMSC "44" OA "0008" TIME "08040003CD03010041" },
	{ "UDHL over septets", SMSC "44" OA "0000" TIME "01050003CD0301" },
	{ "concat of length 2", SMSC "44" OA "0008" TIME "07040002CD030041" },
	{ "odd UCS-2", SMSC "04" OA "0008" TIME "03004100" },
	{ "bytes behind the end", SMSC "04" OA "0000" TIME "05E8329BFD0612" },
	{ "report without status", SMSC "0605" OA TIME TIME },
	{ "report with broken rest", SMSC "0605" OA TIME TIME "00" "0700" },
};

static void pdu_contradictions_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct pdu p;
		if (parse(bad[i].hex, SIZE_MAX, &p) == 0)
			fail_msg("%s: accepted", bad[i].label);
	}
}

static void pdu_any_single_octet_may_be_anything(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(valid); i++) {
		OWN(mem) uint8_t *bytes = NULL;
		size_t n;
		assert_int_equal(text_unhex(valid[i].hex, &bytes, &n), 0);
		OWN(mem) uint8_t *exact = malloc(n);
		for (size_t at = 0; at < n; at++)
			for (int v = 0; v < 256; v++) {
				struct pdu p = { 0 };
				memcpy(exact, bytes, n);
				exact[at] = (uint8_t)v;
				if (!pdu_parse(exact, n, &p))
					pdu_done(&p);
			}
	}
}

static void pdu_reports_give_reference_and_status(void **state)
{
	(void)state;
	static const char *const rests[] = { "", "FF", "00", "FFFFFFFF", "0100", "07000005E8329BFD06" };
	for (size_t i = 0; i < COUNT_OF(rests); i++) {
		char hex[160];
		snprintf(hex, sizeof(hex), "%s0625%s%s%s46%s", SMSC, OA, TIME, TIME, rests[i]);
		struct pdu p;
		assert_int_equal(parse(hex, SIZE_MAX, &p), 0);
		assert_int_equal(p.kind, PDU_REPORT);
		assert_int_equal(p.mr, 0x25);
		assert_int_equal(p.status, 0x46);
		assert_string_equal(p.address, "+84987654321");
		pdu_done(&p);
	}
}

static void segment_validity_is_never_shorter_than_asked(void **state)
{
	(void)state;
	static const struct {
		int64_t s;
		int vp;
	} cases[] = { { 0, 0 },	      { 300, 0 },	 { 301, 1 },	    { 3600, 11 },	{ 43200, 143 },	 { 43201, 144 },
		      { 86400, 167 }, { 86401, 168 }, { 3 * 86400, 169 }, { 7 * 86400, 173 }, { 30 * 86400, 196 }, { 31 * 86400, 197 },
		      { 1000 * 86400, 255 } };
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_int_equal(segment_validity(cases[i].s), cases[i].vp);
}

static void segment_octets_are_those_of_the_standard(void **state)
{
	(void)state;
	static const struct {
		const char *label, *text, *hex;
		enum encoding encoding;
		int part, parts, ref;
		bool receipt, flash;
	} cases[] = {
		{ "single", "hello", "31000B914819325476F80000A705E8329BFD06", ENCODING_GSM7, 1, 1, 0, true, false },
		{ "ucs2", "Vi\xe1\xbb\x87t", "11000B914819325476F80008A708005600691EC70074", ENCODING_UCS2, 1, 1, 0, false, false },
		{ "tilde in ucs2", "~", "11000B914819325476F80008A702007E", ENCODING_UCS2, 1, 1, 0, false, false },
		{ "part 3 of 3", "C", "71000B914819325476F80000A7080500034D030386", ENCODING_GSM7, 3, 3, 77, true, false },
		{ "flash", "A", "11000B914819325476F80018A7020041", ENCODING_UCS2, 1, 1, 0, false, true },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct segment s = { .to = "+84912345678", .encoding = cases[i].encoding, .part = cases[i].part, .parts = cases[i].parts,
				     .ref = cases[i].ref, .validity = 167, .receipt = cases[i].receipt, .flash = cases[i].flash };
		s.text = strdup(cases[i].text);
		uint8_t tpdu[SEGMENT_TPDU_BYTES];
		int n = segment_encode(&s, tpdu);
		assert_true(n > 0);
		OWN(mem) char *hex = text_hex(tpdu, (size_t)n);
		if (strcasecmp(hex, cases[i].hex))
			fail_msg("%s: %s", cases[i].label, hex);
		segment_done(&s);
	}
}

static void segment_refuses_what_is_no_number_or_too_long(void **state)
{
	(void)state;
	static const char *const numbers[] = { "", "+", "12", "+84912345678\rAT+CMGD=1,4", "+84\x1a", "abc", "+1234567890123456", "8491 2" };
	for (size_t i = 0; i < COUNT_OF(numbers); i++)
		assert_false(segment_number_ok(numbers[i]));
	char text[200];
	memset(text, 'a', sizeof(text));
	static const struct {
		int n, parts;
		bool fits;
	} cases[] = { { 160, 1, true }, { 161, 1, false }, { 153, 2, true }, { 154, 2, false } };
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		text[cases[i].n] = '\0';
		struct segment s = { .to = "+84912345678", .text = text, .part = 1, .parts = cases[i].parts };
		uint8_t tpdu[SEGMENT_TPDU_BYTES];
		assert_int_equal(segment_encode(&s, tpdu) > 0, cases[i].fits);
		text[cases[i].n] = 'a';
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pdu_valid_messages_are_read),
		cmocka_unit_test(pdu_every_truncation_is_refused),
		cmocka_unit_test(pdu_contradictions_are_refused),
		cmocka_unit_test(pdu_any_single_octet_may_be_anything),
		cmocka_unit_test(pdu_reports_give_reference_and_status),
		cmocka_unit_test(segment_validity_is_never_shorter_than_asked),
		cmocka_unit_test(segment_octets_are_those_of_the_standard),
		cmocka_unit_test(segment_refuses_what_is_no_number_or_too_long),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
