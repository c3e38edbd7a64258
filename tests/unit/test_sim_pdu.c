/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The modem simulator's own codec, held against published vectors and against the product's splitter: two programs
 * that were written apart have to agree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateway/base/gsm7.h"
#include "gateway/base/own.h"
#include "gateway/base/random.h"
#include "tests/simulators/modem/alphabet.h"
#include "tests/simulators/modem/part.h"
#include "tests/simulators/modem/tpdu.h"

static size_t octets_of(const char *hex)
{
	return tpdu_length(hex);
}

static void alphabet_spells_and_reads_back(void **state)
{
	(void)state;
	static const struct {
		const char *label, *text;
		int septets; /* -1 = not in the alphabet */
	} cases[] = {
		{ "plain", "hellohello", 10 },          { "extension counts twice", "{}[]~^|\\€", 18 },
		{ "French and Greek", "@£èéùìòÇØøΔΦΓΛΩΠΨΣΘΞ", 20 }, { "line breaks", "a\nb\rc", 5 },
		{ "Vietnamese a grave", "à", 1 },       { "Vietnamese horn", "ơ", -1 },
		{ "small c cedilla", "ç", -1 },         { "backtick", "`", -1 },
		{ "empty", "", 0 },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		uint16_t septets[64];
		int n = alphabet_septets(cases[i].text, septets, 64);
		if (n != (cases[i].septets < 0 ? E_INVALID : cases[i].septets))
			fail_msg("%s: %d", cases[i].label, n);
		if (n < 0)
			continue;
		OWN(mem) char *back = alphabet_septets_text(septets, (size_t)n);
		assert_string_equal(back, cases[i].text);
	}
}

static void alphabet_packs_as_published(void **state)
{
	(void)state;
	static const uint8_t expected[] = { 0xE8, 0x32, 0x9B, 0xFD, 0x46, 0x97, 0xD9, 0xEC, 0x37 };
	uint16_t septets[16], back[16];
	uint8_t octets[16];
	int n = alphabet_septets("hellohello", septets, 16);
	assert_int_equal(n, 10);
	assert_int_equal(alphabet_pack(septets, 10, 0, octets), sizeof(expected));
	assert_memory_equal(octets, expected, sizeof(expected));
	for (int fill = 0; fill < 7; fill++) {
		size_t n_octets = alphabet_pack(septets, 10, fill, octets);
		alphabet_unpack(octets, n_octets, fill, back, 10);
		assert_memory_equal(back, septets, 10 * sizeof(*septets));
	}
}

static void alphabet_shows_broken_characters(void **state)
{
	(void)state;
	const uint16_t lone[] = { 'a', 0xD83D, 'b', 0xDE00 }, pair[] = { 0xD83D, 0xDE00 };
	const uint16_t cut[] = { 'a', ALPHABET_ESCAPE }, odd[] = { ALPHABET_ESCAPE, 'a', ALPHABET_ESCAPE, ALPHABET_ESCAPE };
	OWN(mem) char *a = alphabet_units_text(lone, 4);
	OWN(mem) char *b = alphabet_units_text(pair, 2);
	OWN(mem) char *c = alphabet_septets_text(cut, 2);
	OWN(mem) char *d = alphabet_septets_text(odd, 4);
	assert_string_equal(a, "a\xEF\xBF\xBD" "b\xEF\xBF\xBD");
	assert_string_equal(b, "😀");
	assert_string_equal(c, "a\xEF\xBF\xBD");
	assert_string_equal(d, "a ");
}

static char *repeated(const char *unit, int times, const char *tail)
{
	char *text = NULL;
	size_t room = strlen(unit) * (size_t)times + strlen(tail) + 1, n = 0;
	text = calloc(1, room);
	assert_non_null(text);
	for (int i = 0; i < times; i++)
		n += (size_t)snprintf(text + n, room - n, "%s", unit);
	snprintf(text + n, room - n, "%s", tail);
	return text;
}

static void part_split_keeps_pairs_together(void **state)
{
	(void)state;
	static const struct {
		const char *label, *unit;
		int times;
		const char *tail;
		int bits, parts;
		size_t first; /* units in the first part */
	} cases[] = {
		{ "160 septets", "a", 160, "", 8, 1, 160 },           { "161 septets", "a", 161, "", 8, 2, 153 },
		{ "16-bit reference", "a", 161, "", 16, 2, 152 },     { "escape at 153", "a", 152, "{aaaaaaaaa", 8, 2, 152 },
		{ "70 units", "ơ", 70, "", 8, 1, 70 },                { "71 units", "ơ", 71, "", 8, 2, 67 },
		{ "71 units, 16-bit", "ơ", 71, "", 16, 2, 66 },       { "surrogates at 67", "ơ", 66, "😀ơơơ", 8, 2, 66 },
		{ "empty", "", 0, "", 8, 1, 0 },                      { "39015 septets", "a", 39015, "", 8, 255, 153 },
		{ "39016 septets", "a", 39016, "", 8, E_TOO_BIG, 0 },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(mem) char *text = repeated(cases[i].unit, cases[i].times, cases[i].tail);
		OWN(mem) struct part *parts = NULL;
		int n = part_split(text, false, cases[i].bits, 7, &parts);
		if (n != cases[i].parts || (n > 0 && parts[0].n_units != cases[i].first))
			fail_msg("%s: %d parts, first of %zu", cases[i].label, n, n > 0 ? parts[0].n_units : 0);
	}
}

static void submit_reads_published_pdus(void **state)
{
	(void)state;
	static const struct {
		const char *label, *hex, *to, *text, *centre;
		int dcs, validity, bits, total, number;
		bool report;
	} cases[] = {
		{ "odd digits, SIM's centre", "0011000B916407281553F80000AA0AE8329BFD4697D9EC37", "+46708251358", "hellohello", "",
			0, 0xAA, 0, 0, 0, false },
		{ "libgammu, extension, report", "07914889200030F031000B914819325476F80000FF18C8329BFD066D78F7B79C4DDEF8401B147E93026DCA",
			"+84912345678", "Hello [world] {x} €", "+84980200030", 0, 255, 0, 0, 0, true },
		{ "libgammu, last of three", "07914889200030F051000B914819325476F80000FF10050003890303C66F370816ABB940", "+84912345678",
			"con 015. ", "+84980200030", 0, 255, 8, 3, 3, false },
		{ "no validity", "0001000B914819325476F8000002C834", "+84912345678", "Hi", "", 0, -1, 0, 0, 0, false },
		{ "UCS-2, 16-bit reference", "0051000B914819325476F80008A70A060804123402010110", "+84912345678", NULL, "", 0, 0, 0, 0, 0,
			false },
		{ "UCS-2", "0011000B914819325476F80008A7021EBF", "+84912345678", "ế", "", 8, 0xA7, 0, 0, 0, false },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct submit s;
		int r = tpdu_submit_parse(cases[i].hex, octets_of(cases[i].hex), &s);
		if (!cases[i].text) {
			if (r != E_INVALID)
				fail_msg("%s: accepted", cases[i].label);
			continue;
		}
		if (r)
			fail_msg("%s: refused", cases[i].label);
		OWN(mem) char *text = part_text(&s.part);
		assert_string_equal(text, cases[i].text);
		assert_string_equal(s.to, cases[i].to);
		assert_string_equal(s.centre, cases[i].centre);
		assert_int_equal(s.dcs, cases[i].dcs);
		assert_int_equal(s.validity, cases[i].validity);
		assert_int_equal(s.part.concat.ref_bits, cases[i].bits);
		assert_int_equal(s.part.concat.total, cases[i].total);
		assert_int_equal(s.part.concat.number, cases[i].number);
		assert_int_equal(s.report, cases[i].report);
	}
}

static void submit_refuses_what_is_cut_or_does_not_agree(void **state)
{
	(void)state;
	static const char good[] = "07914889200030F051000B914819325476F80000FF10050003890303C66F370816ABB940";
	struct submit s;
	for (size_t n = 0; n < sizeof(good) - 1; n++) {
		char hex[sizeof(good)];
		memcpy(hex, good, n);
		hex[n] = '\0';
		assert_int_equal(tpdu_submit_parse(hex, octets_of(hex), &s), E_INVALID);
	}
	assert_int_equal(tpdu_submit_parse(good, octets_of(good) - 1, &s), E_INVALID);
	static const struct {
		const char *label, *hex;
	} bad[] = {
		{ "no hex", "0011000B91xx" },
		{ "a DELIVER", "0000000B914819325476F8000002C834" },
		{ "address of 255 digits", "001100FF91481932547600000002C834" },
		{ "address of no digits", "00110000910000A702C834" },
		{ "address with a filler inside", "0011000B91481F325476F80000A702C834" },
		{ "UDL over 160", "0011000B914819325476F80000A7FFC834" },
		{ "header longer than the data", "0051000B914819325476F80000A702FF34" },
		{ "element longer than the header", "0051000B914819325476F80000A708050009890303C66F" },
		{ "odd octets of UCS-2", "0011000B914819325476F80008A7031EBF00" },
		{ "octets behind the end", "0011000B914819325476F80000A702C83400" },
	};
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		if (tpdu_submit_parse(bad[i].hex, octets_of(bad[i].hex), &s) != E_INVALID)
			fail_msg("%s: accepted", bad[i].label);
}

static void deliver_is_read_back(void **state)
{
	(void)state;
	static const struct {
		const char *from, *text;
		bool ucs2;
		int bits, parts;
	} cases[] = {
		{ "+84987654321", "Xin chao", false, 8, 1 },   { "VIETTEL", "QC {x}", false, 8, 1 },
		{ "191", "Chào bà con ở xã Đông Hà", false, 8, 1 }, { "+84987654321", "abc", true, 16, 1 },
		{ "+8498765432", "Tin nhắn thật là dài: đi tiêm phòng ở trạm y tế xã từ bảy giờ sáng đến mười một giờ trưa", false, 16, 2 },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(mem) struct part *parts = NULL;
		int n = part_split(cases[i].text, cases[i].ucs2, cases[i].bits, 0x1234, &parts);
		assert_int_equal(n, cases[i].parts);
		char whole[400] = "";
		for (int k = 0; k < n; k++) {
			struct deliver d = { .centre = "+84980200030", .from = cases[i].from, .dcs = -1, .part = parts[k] };
			OWN(mem) char *hex = tpdu_deliver_format(&d);
			struct received got;
			assert_int_equal(tpdu_deliver_parse(hex, &got), 0);
			assert_string_equal(got.from, cases[i].from);
			assert_int_equal(got.part.concat.number, n > 1 ? k + 1 : 0);
			OWN(mem) char *text = part_text(&got.part);
			size_t used = strlen(whole);
			snprintf(whole + used, sizeof(whole) - used, "%s", text);
		}
		assert_string_equal(whole, cases[i].text);
	}
}

static void report_is_written_as_the_standard_says(void **state)
{
	(void)state;
	struct report r = {
		.centre = "+84980200030", .to = "+84912345678", .reference = 42, .status = 0x46, .sent_ms = 1700000000000,
		.done_ms = 1700000060000,
	};
	OWN(mem) char *hex = tpdu_report_format(&r);
	/* 15 Nov 2023 05:13:20 and 05:14:20 at +07:00 */
	assert_string_equal(hex, "07914889200030F0062A0B914819325476F8321151503102823211515041028246");
	assert_int_equal(tpdu_length(hex), 25);
}

static void length_of_malformed_pdus_is_harmless(void **state)
{
	(void)state;
	static const struct {
		const char *hex;
		size_t length;
	} cases[] = { { "", 0 }, { "0", 0 }, { "00", 0 }, { "FF", 0 }, { "zz11", 1 }, { "0011", 1 }, { "07914889200030F004", 1 } };
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_int_equal(tpdu_length(cases[i].hex), cases[i].length);
}

/* Texts of letters that take one or two septets, or one or two units. */
static void random_text(struct random *r, char *ret, size_t room)
{
	static const char *const letters[] = { "a", "b", "{", "€", "@", " ", "ơ", "😀" };
	uint32_t kinds = random_below(r, 2) ? 6 : 8, n = random_below(r, 500);
	size_t used = 0;
	ret[0] = '\0';
	for (uint32_t i = 0; i < n && used + 5 < room; i++)
		used += (size_t)snprintf(ret + used, room - used, "%s", letters[random_below(r, kinds)]);
}

static void splitters_written_apart_agree(void **state)
{
	(void)state;
	struct random r = random_seeded(20);
	for (int round = 0; round < 400; round++) {
		char text[2400];
		random_text(&r, text, sizeof(text));
		int bits = round % 2 ? 16 : 8;
		struct measure measure;
		gsm7_measure(text, bits, &measure);
		OWN(mem) struct part *parts = NULL;
		int n = part_split(text, false, bits, 1, &parts);
		assert_int_equal(n, measure.n_segments);
		assert_int_equal(parts[0].coding == CODING_UCS2, measure.encoding == ENCODING_UCS2);
		size_t starts[SEGMENTS_MAX + 1];
		assert_int_equal(gsm7_split(text, measure.encoding, bits, starts), n);
		for (int i = 0; i < n; i++) {
			OWN(mem) char *mine = part_text(&parts[i]);
			assert_int_equal(strlen(mine), starts[i + 1] - starts[i]);
			assert_memory_equal(mine, text + starts[i], strlen(mine));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alphabet_spells_and_reads_back),
		cmocka_unit_test(alphabet_packs_as_published),
		cmocka_unit_test(alphabet_shows_broken_characters),
		cmocka_unit_test(part_split_keeps_pairs_together),
		cmocka_unit_test(submit_reads_published_pdus),
		cmocka_unit_test(submit_refuses_what_is_cut_or_does_not_agree),
		cmocka_unit_test(deliver_is_read_back),
		cmocka_unit_test(report_is_written_as_the_standard_says),
		cmocka_unit_test(length_of_malformed_pdus_is_harmless),
		cmocka_unit_test(splitters_written_apart_agree),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
