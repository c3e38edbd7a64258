// SPDX-License-Identifier: GPL-3.0-or-later
/* Wall time of zones and ISO 8601, and TZif files that are damaged. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/calendar.h"

static struct zone *zone(const char *name)
{
	struct zone *z = NULL;
	if (zone_load(name, &z))
		fail_msg("zone %s", name);
	return z;
}

static void calendar_local_is_the_wall_clock(void **state)
{
	(void)state;
	static const struct {
		const char *zone;
		int64_t at_ms;
		struct calendar c;
	} cases[] = {
		{ "Asia/Ho_Chi_Minh", 0, { 1970, 1, 1, 8, 0, 0, 0, 4 } }, /* the south kept +08 then */
		{ "Asia/Ho_Chi_Minh", 1795305600123, { 2026, 11, 22, 7, 0, 0, 123, 7 } },
		{ "Asia/Ho_Chi_Minh", 1709139600000, { 2024, 2, 29, 0, 0, 0, 0, 4 } },
		{ "UTC", -1, { 1969, 12, 31, 23, 59, 59, 999, 3 } },
		{ "UTC", 253402300799999, { 9999, 12, 31, 23, 59, 59, 999, 5 } },
		{ "Europe/Paris", 1782907200000, { 2026, 7, 1, 14, 0, 0, 0, 3 } },
		{ "Europe/Paris", 4102444800000, { 2100, 1, 1, 1, 0, 0, 0, 5 } }, /* by the rule at the file's end */
		{ "America/New_York", 4118083200000, { 2100, 6, 30, 20, 0, 0, 0, 3 } },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(zone) struct zone *z = zone(cases[i].zone);
		struct calendar c = calendar_local(z, cases[i].at_ms), w = cases[i].c;
		if (c.year != w.year || c.month != w.month || c.day != w.day || c.hour != w.hour || c.minute != w.minute ||
		    c.second != w.second || c.ms != w.ms || c.weekday != w.weekday)
			fail_msg("%s %lld: %d-%d-%d %d:%d:%d.%d day %d", cases[i].zone, (long long)cases[i].at_ms, c.year, c.month,
				 c.day, c.hour, c.minute, c.second, c.ms, c.weekday);
		assert_int_equal(calendar_at_ms(z, &c), cases[i].at_ms);
	}
}

static void calendar_at_ms_carries_over_and_decides_at_changes(void **state)
{
	(void)state;
	static const struct {
		const char *label, *zone;
		struct calendar c;
		const char *iso;
	} cases[] = {
		{ "day 0", "Asia/Ho_Chi_Minh", { .year = 2026, .month = 3, .day = 0 }, "2026-02-28T00:00:00+07:00" },
		{ "month 13", "Asia/Ho_Chi_Minh", { .year = 2026, .month = 13, .day = 1 }, "2027-01-01T00:00:00+07:00" },
		{ "hour 24", "Asia/Ho_Chi_Minh", { .year = 2026, .month = 12, .day = 31, .hour = 24 }, "2027-01-01T00:00:00+07:00" },
		{ "minute -1", "Asia/Ho_Chi_Minh", { .year = 2027, .month = 1, .day = 1, .minute = -1 }, "2026-12-31T23:59:00+07:00" },
		{ "skipped", "Europe/Paris", { .year = 2026, .month = 3, .day = 29, .hour = 2, .minute = 30 }, "2026-03-29T03:30:00+02:00" },
		{ "twice: the first", "Europe/Paris", { .year = 2026, .month = 10, .day = 25, .hour = 2, .minute = 30 },
		  "2026-10-25T02:30:00+02:00" },
		{ "before the change", "Europe/Paris", { .year = 2026, .month = 3, .day = 29, .hour = 1 }, "2026-03-29T01:00:00+01:00" },
		{ "behind the change", "Europe/Paris", { .year = 2026, .month = 10, .day = 25, .hour = 3 }, "2026-10-25T03:00:00+01:00" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(zone) struct zone *z = zone(cases[i].zone);
		char iso[CALENDAR_ISO_BYTES];
		calendar_format_iso(z, calendar_at_ms(z, &cases[i].c), iso);
		if (strcmp(iso, cases[i].iso) != 0)
			fail_msg("%s: %s", cases[i].label, iso);
	}
}

static void calendar_format_iso_shows_ms_only_when_there_are(void **state)
{
	(void)state;
	OWN(zone) struct zone *vn = zone("Asia/Ho_Chi_Minh"), *ny = zone("America/New_York"), *utc = zone("UTC");
	char out[CALENDAR_ISO_BYTES];
	assert_string_equal(calendar_format_iso(vn, 1795305600000, out), "2026-11-22T07:00:00+07:00");
	assert_string_equal(calendar_format_iso(vn, 1795305600123, out), "2026-11-22T07:00:00.123+07:00");
	assert_string_equal(calendar_format_iso(vn, 1795305600007, out), "2026-11-22T07:00:00.007+07:00");
	assert_string_equal(calendar_format_iso(ny, 1795305600000, out), "2026-11-21T19:00:00-05:00");
	assert_string_equal(calendar_format_iso(utc, -62167219200000, out), "0000-01-01T00:00:00+00:00");
	calendar_format_iso(utc, INT64_MAX / 2, out);
	int64_t back;
	const int64_t before_1906 = -2500000000000; /* +07:06:30 then: the moment must survive */
	assert_int_equal(calendar_parse_iso(calendar_format_iso(vn, before_1906, out), vn, &back), 0);
	assert_int_equal(back, before_1906);
}

static void calendar_parse_iso_reads_and_refuses(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t at_ms; /* -1 = refused */
	} cases[] = {
		{ "2026-11-22", 1795280400000 },
		{ "2026-11-22T07:00", 1795305600000 },
		{ "2026-11-22 07:00:00", 1795305600000 },
		{ "2026-11-22T07:00:00+07:00", 1795305600000 },
		{ "2026-11-22T00:00:00Z", 1795305600000 },
		{ "2026-11-22t00:00:00.5z", 1795305600500 },
		{ "2026-11-22T07:00:00.123999999+0700", 1795305600123 },
		{ "2026-11-22T07:00:00,123+07", 1795305600123 },
		{ "2026-11-21T19:00-05:00", 1795305600000 },
		{ "2024-02-29", 1709139600000 },
		{ "", -1 }, { "2026", -1 }, { "2026-11", -1 }, { "2026-13-01", -1 }, { "2026-02-29", -1 }, { "2026-00-10", -1 },
		{ "2026-1-1", -1 }, { "2026-11-22T", -1 }, { "2026-11-22T7:00", -1 }, { "2026-11-22T24:00", -1 },
		{ "2026-11-22T23:60", -1 }, { "2026-11-22T23:00:60", -1 }, { "2026-11-22T07:00.5", -1 }, { "2026-11-22T07:00:00.", -1 },
		{ "2026-11-22T07:00:00.1234567890", -1 }, { "2026-11-22T07:00+24:00", -1 }, { "2026-11-22T07:00+07:", -1 },
		{ "2026-11-22T07:00+7", -1 }, { "2026-11-22T07:00 ", -1 }, { " 2026-11-22", -1 }, { "2026-11-22x", -1 },
		{ "2026-11-22T07:00ZZ", -1 }, { "22/11/2026", -1 }, { "+026-11-22", -1 }, { "2026-11-22+07:00", -1 },
	};
	OWN(zone) struct zone *vn = zone("Asia/Ho_Chi_Minh");
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		int64_t at_ms = -1;
		int r = calendar_parse_iso(cases[i].text, vn, &at_ms);
		if (r != (cases[i].at_ms == -1 ? E_INVALID : 0) || at_ms != cases[i].at_ms)
			fail_msg("\"%s\": %d %lld", cases[i].text, r, (long long)at_ms);
	}
}

static void calendar_days_and_minutes_are_local(void **state)
{
	(void)state;
	OWN(zone) struct zone *vn = zone("Asia/Ho_Chi_Minh"), *paris = zone("Europe/Paris");
	const int64_t at_ms = 1795305600123; /* 07:00 in Vietnam */
	assert_int_equal(calendar_minutes(vn, at_ms), 420);
	assert_int_equal(calendar_minutes(vn, at_ms - 200), 419);
	assert_int_equal(calendar_midnight_ms(vn, at_ms, 0), 1795280400000);
	assert_int_equal(calendar_midnight_ms(vn, at_ms, 1), 1795280400000 + 86400000);
	assert_int_equal(calendar_midnight_ms(vn, at_ms, -1), 1795280400000 - 86400000);
	const int64_t change_day = 1774771200000; /* 2026-03-29 in Paris has 23 hours */
	assert_int_equal(calendar_midnight_ms(paris, change_day, 1) - calendar_midnight_ms(paris, change_day, 0), 23 * 3600000);
	assert_int_equal(calendar_day_number(1970, 1, 1), 0);
	assert_int_equal(calendar_day_number(2000, 3, 1), 11017);
	assert_true(calendar_date_exists(2000, 2, 29));
	assert_false(calendar_date_exists(1900, 2, 29));
	assert_false(calendar_date_exists(2026, 4, 31));
}

static void zone_load_names_what_is_wrong(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		int r;
	} cases[] = {
		{ "Asia/Atlantis", E_NOT_FOUND }, { "Asia", E_NOT_FOUND }, { "", E_INVALID }, { "/etc/passwd", E_INVALID },
		{ "../../../etc/passwd", E_INVALID }, { "Asia/", E_INVALID }, { "Asia/Ho Chi Minh", E_INVALID },
		{ "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", E_INVALID },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct zone *z = NULL;
		if (zone_load(cases[i].name, &z) != cases[i].r || z)
			fail_msg("\"%s\"", cases[i].name);
	}
	OWN(zone) struct zone *vn = zone("Asia/Ho_Chi_Minh");
	assert_string_equal(zone_name(vn), "Asia/Ho_Chi_Minh");
	assert_int_equal(zone_offset_s(vn, 1795305600000), 25200);
}

/* One type, no transition, and a rule. */
static size_t make_tzif(uint8_t out[256], const char *rule)
{
	uint8_t block[44 + 6 + 4] = { 'T', 'Z', 'i', 'f', '2' };
	block[39] = 1; /* types */
	block[43] = 4; /* characters */
	memcpy(out, block, sizeof(block));
	memcpy(out + sizeof(block), block, sizeof(block));
	return 2 * sizeof(block) + (size_t)snprintf((char *)out + 2 * sizeof(block), 128, "\n%s\n", rule);
}

static void zone_parse_follows_rules_of_every_shape(void **state)
{
	(void)state;
	static const struct {
		const char *rule;
		int winter_s, summer_s; /* 2030-01-15 and 2030-07-15, noon UTC */
	} cases[] = {
		{ "<+07>-7", 25200, 25200 },
		{ "CET-1CEST,M3.5.0,M10.5.0/3", 3600, 7200 },
		{ "EST5EDT,M3.2.0,M11.1.0", -18000, -14400 },
		{ "AEST-10AEDT,M10.1.0,M4.1.0/3", 39600, 36000 },
		{ "IST-1GMT0,M10.5.0,M3.5.0/1", 0, 3600 },
		{ "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", -7200, -3600 },
		{ "AAA3BBB,J60/0,J300/0", -10800, -7200 },
		{ "AAA3BBB,59/0,299/0", -10800, -7200 },
		{ "<+0530>-5:30:15", 19815, 19815 },
		{ "", 0, 0 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t bytes[256];
		size_t n = make_tzif(bytes, cases[i].rule);
		struct zone *z = NULL;
		assert_int_equal(zone_parse("X", bytes, n, &z), 0);
		if (zone_offset_s(z, 1894708800000) != cases[i].winter_s || zone_offset_s(z, 1910347200000) != cases[i].summer_s)
			fail_msg("%s: %d %d", cases[i].rule, zone_offset_s(z, 1894708800000), zone_offset_s(z, 1910347200000));
		zone_free(z);
	}
}

static void zone_parse_refuses_damage(void **state)
{
	(void)state;
	static const char *const rules[] = { "X", "7", "CET", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0",
					     "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,M0.5.0,M10.5.0",
					     "CET-1CEST,M3.5.0,M10.5.0x", "<+07-7", "CET-168", "CET-1:60" };
	struct zone *z = NULL;
	uint8_t bytes[256];
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		size_t n = make_tzif(bytes, rules[i]);
		if (zone_parse("X", bytes, n, &z) != E_CORRUPT)
			fail_msg("%s", rules[i]);
	}
	size_t n = make_tzif(bytes, "<+07>-7");
	for (size_t cut = 0; cut < n; cut++) {
		uint8_t *own = malloc(cut + 1);
		assert_non_null(own);
		memcpy(own, bytes, cut);
		assert_int_equal(zone_parse("X", own, cut, &z), E_CORRUPT);
		free(own);
	}
	for (size_t at = 20; at < 44; at++) { /* counts that promise more than there is */
		n = make_tzif(bytes, "<+07>-7");
		bytes[at] = bytes[54 + at] = 0xFF;
		assert_int_equal(zone_parse("X", bytes, n, &z), E_CORRUPT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calendar_local_is_the_wall_clock),
		cmocka_unit_test(calendar_at_ms_carries_over_and_decides_at_changes),
		cmocka_unit_test(calendar_format_iso_shows_ms_only_when_there_are),
		cmocka_unit_test(calendar_parse_iso_reads_and_refuses),
		cmocka_unit_test(calendar_days_and_minutes_are_local),
		cmocka_unit_test(zone_load_names_what_is_wrong),
		cmocka_unit_test(zone_parse_follows_rules_of_every_shape),
		cmocka_unit_test(zone_parse_refuses_damage),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
