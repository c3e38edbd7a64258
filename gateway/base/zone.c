/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TZif files and the POSIX rule at their end. Called by the calendar and by whoever loads the configuration; after
 * loading a zone is read only. Never looks at TZ, never calls localtime. */
#include "gateway/base/zone.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ZONE_FOLDER "/usr/share/zoneinfo"
#define NAME_CHARS_MAX 64
#define FILE_BYTES_MAX (1 << 20)
#define HEADER_BYTES 44
#define TYPES_MAX 256
#define FOOTER_CHARS_MAX 128
#define DAY_S 86400
#define OFFSET_S_MAX (26 * 3600) /* RFC 8536 §3.2 */

/* "M3.5.0/2": when in a year the clock changes. */
struct change {
	char kind; /* 'M' month.week.weekday, 'J' day 1–365 without 29 Feb, 'n' day 0–365 */
	int month, week, day;
	int at_s; /* local time of the clock before the change */
};

/* What holds behind the last transition. */
struct rule {
	bool present, has_summer;
	int standard_s, summer_s; /* east of UTC */
	struct change start, end; /* of summer time */
};

struct zone {
	char name[NAME_CHARS_MAX + 1];
	int first_s; /* offset before the first transition */
	size_t n;
	int64_t *at_s; /* n transitions, ascending */
	int32_t *offset_s; /* n offsets, each from its transition on */
	struct rule rule;
};

void zone_free(struct zone *zone)
{
	if (!zone)
		return;
	free(zone->at_s);
	free(zone->offset_s);
	free(zone);
}

const char *zone_name(const struct zone *zone)
{
	return zone->name;
}

/* ---- the POSIX rule ----------------------------------------------------------------------------------- */

static bool take_number(const char **p, int most, int *ret)
{
	int v = 0, n = 0;
	for (; **p >= '0' && **p <= '9' && n < 4; (*p)++, n++)
		v = v * 10 + (**p - '0');
	*ret = v;
	return n > 0 && v <= most;
}

/* "-7", "+5:30", "167:59:59" in seconds. */
static bool take_span(const char **p, int *ret_s)
{
	int sign = 1, h, m = 0, s = 0;
	if (**p == '-' || **p == '+')
		sign = *(*p)++ == '-' ? -1 : 1;
	if (!take_number(p, 167, &h))
		return false;
	if (**p == ':' && ((*p)++, !take_number(p, 59, &m)))
		return false;
	if (**p == ':' && ((*p)++, !take_number(p, 59, &s)))
		return false;
	*ret_s = sign * (h * 3600 + m * 60 + s);
	return true;
}

static bool take_abbreviation(const char **p)
{
	const char *from = *p;
	if (**p == '<') {
		const char *end = strchr(*p, '>');
		if (end)
			*p = end + 1;
		return end != NULL;
	}
	while ((**p >= 'A' && **p <= 'Z') || (**p >= 'a' && **p <= 'z'))
		(*p)++;
	return *p - from >= 3;
}

static bool take_change(const char **p, struct change *c)
{
	*c = (struct change){ .kind = 'n', .at_s = 2 * 3600 };
	if (*(*p)++ != ',')
		return false;
	if (**p == 'M' || **p == 'J')
		c->kind = *(*p)++;
	if (c->kind != 'M') {
		if (!take_number(p, 365, &c->day))
			return false;
	} else if (!take_number(p, 12, &c->month) || *(*p)++ != '.' || !take_number(p, 5, &c->week) || *(*p)++ != '.' ||
		   !take_number(p, 6, &c->day) || c->month < 1 || c->week < 1) {
		return false;
	}
	return **p != '/' || ((*p)++, take_span(p, &c->at_s));
}

static bool parse_rule(const char *text, struct rule *ret)
{
	struct rule r = { .present = true };
	const char *p = text;
	int west_s;
	if (!take_abbreviation(&p) || !take_span(&p, &west_s))
		return false;
	r.standard_s = -west_s;
	if (*p) {
		r.has_summer = true;
		r.summer_s = r.standard_s + 3600;
		if (!take_abbreviation(&p))
			return false;
		if (*p != ',') {
			if (!take_span(&p, &west_s))
				return false;
			r.summer_s = -west_s;
		}
		if (!take_change(&p, &r.start) || !take_change(&p, &r.end))
			return false;
	}
	*ret = r;
	return *p == '\0';
}

static bool is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days from 1970-01-01 to 1 January of a year. */
static int64_t year_day(int64_t year)
{
	int64_t y = year - 1 + 400000; /* whole eras, so that division rounds down */
	return y * 365 + y / 4 - y / 100 + y / 400 - INT64_C(146816162);
}

static int64_t change_day(const struct change *c, int64_t year)
{
	static const int before[2][13] = {
		{ 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365 },
		{ 0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335, 366 },
	};
	int64_t first = year_day(year);
	bool leap = is_leap(year);
	if (c->kind == 'J')
		return first + c->day - 1 + (leap && c->day > 59);
	if (c->kind == 'n')
		return first + c->day;
	int64_t month = first + before[leap][c->month - 1];
	int weekday = (int)(((month + 4) % 7 + 7) % 7); /* 0 = Sunday, as in the rule */
	int64_t day = month + (c->day - weekday + 7) % 7 + (c->week - 1) * 7;
	return day < first + before[leap][c->month] ? day : day - 7;
}

static int rule_offset_s(const struct rule *r, int64_t at_s)
{
	if (!r->has_summer)
		return r->standard_s;
	int64_t day = (at_s + r->standard_s) / DAY_S, year = 1968 + day * 400 / 146097; /* low by 1–3 */
	while (year_day(year + 1) * DAY_S <= at_s + r->standard_s)
		year++;
	int64_t start = change_day(&r->start, year) * DAY_S + r->start.at_s - r->standard_s;
	int64_t end = change_day(&r->end, year) * DAY_S + r->end.at_s - r->summer_s;
	bool summer = start < end ? at_s >= start && at_s < end : at_s >= start || at_s < end;
	return summer ? r->summer_s : r->standard_s;
}

int zone_offset_s(const struct zone *zone, int64_t at_ms)
{
	int64_t at_s = at_ms / 1000 - (at_ms % 1000 < 0);
	size_t low = 0, high = zone->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (zone->at_s[middle] <= at_s)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == zone->n && zone->rule.present)
		return rule_offset_s(&zone->rule, at_s);
	return low ? zone->offset_s[low - 1] : zone->first_s;
}

/* ---- TZif --------------------------------------------------------------------------------------------- */

/* One data block: its counts and where it lies. */
struct block {
	const uint8_t *data;
	size_t n_utc, n_standard, n_leap, n_times, n_types, n_chars;
	size_t time_bytes; /* 4 or 8 */
};

static uint32_t big32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int64_t time_at(const struct block *b, size_t i)
{
	const uint8_t *p = b->data + i * b->time_bytes;
	if (b->time_bytes == 4)
		return (int32_t)big32(p);
	return (int64_t)((uint64_t)big32(p) << 32 | big32(p + 4));
}

static size_t block_bytes(const struct block *b)
{
	return b->n_times * (b->time_bytes + 1) + b->n_types * 6 + b->n_chars + b->n_leap * (b->time_bytes + 4) + b->n_standard +
	       b->n_utc;
}

/* Reads the header at p and moves *from behind its block. */
static bool take_block(const uint8_t *p, size_t n_bytes, size_t time_bytes, size_t *from, struct block *ret)
{
	const uint8_t *h = p + *from;
	if (n_bytes - *from < HEADER_BYTES || memcmp(h, "TZif", 4) != 0)
		return false;
	struct block b = { .data = h + HEADER_BYTES, .time_bytes = time_bytes };
	b.n_utc = big32(h + 20);
	b.n_standard = big32(h + 24);
	b.n_leap = big32(h + 28);
	b.n_times = big32(h + 32);
	b.n_types = big32(h + 36);
	b.n_chars = big32(h + 40);
	/* leap seconds ("right/…") would make Unix time something else */
	if (b.n_leap || b.n_types < 1 || b.n_types > TYPES_MAX || b.n_times > FILE_BYTES_MAX || b.n_chars > FILE_BYTES_MAX ||
	    b.n_utc > TYPES_MAX || b.n_standard > TYPES_MAX || block_bytes(&b) > n_bytes - *from - HEADER_BYTES)
		return false;
	*from += HEADER_BYTES + block_bytes(&b);
	*ret = b;
	return true;
}

static int fill(struct zone *z, const struct block *b)
{
	const uint8_t *kinds = b->data + b->n_times * b->time_bytes, *types = kinds + b->n_times;
	int32_t offsets[TYPES_MAX];
	for (size_t i = 0; i < b->n_types; i++) {
		offsets[i] = (int32_t)big32(types + i * 6);
		if (offsets[i] > OFFSET_S_MAX || offsets[i] < -OFFSET_S_MAX)
			return E_CORRUPT;
	}
	z->at_s = calloc(b->n_times + 1, sizeof(*z->at_s));
	z->offset_s = calloc(b->n_times + 1, sizeof(*z->offset_s));
	if (!z->at_s || !z->offset_s)
		return E_NOMEM;
	z->first_s = offsets[0];
	z->n = b->n_times;
	for (size_t i = 0; i < z->n; i++) {
		z->at_s[i] = time_at(b, i);
		if (kinds[i] >= b->n_types || (i && z->at_s[i] <= z->at_s[i - 1]))
			return E_CORRUPT;
		z->offset_s[i] = offsets[kinds[i]];
	}
	return 0;
}

/* "\n" rule "\n" behind a block of version 2 and later; an empty rule says nothing. */
static int take_footer(const uint8_t *p, size_t n_bytes, struct rule *ret)
{
	char text[FOOTER_CHARS_MAX];
	const uint8_t *end = n_bytes > 1 && p[0] == '\n' ? memchr(p + 1, '\n', n_bytes - 1) : NULL;
	if (!end || (size_t)(end - p) > sizeof(text))
		return E_CORRUPT;
	size_t n = (size_t)(end - p) - 1;
	memcpy(text, p + 1, n);
	text[n] = '\0';
	return n == 0 || parse_rule(text, ret) ? 0 : E_CORRUPT;
}

static int parse(struct zone *z, const uint8_t *p, size_t n_bytes)
{
	struct block b;
	size_t from = 0;
	if (!take_block(p, n_bytes, 4, &from, &b))
		return E_CORRUPT;
	if (p[4] < '2')
		return fill(z, &b);
	if (!take_block(p, n_bytes, 8, &from, &b))
		return E_CORRUPT;
	int r = fill(z, &b);
	return r ? r : take_footer(p + from, n_bytes - from, &z->rule);
}

int zone_parse(const char *name, const void *bytes, size_t n_bytes, struct zone **ret)
{
	struct zone *z = calloc(1, sizeof(*z));
	if (!z)
		return E_NOMEM;
	snprintf(z->name, sizeof(z->name), "%s", name);
	int r = parse(z, bytes, n_bytes);
	if (r)
		zone_free(z);
	else
		*ret = z;
	return r;
}

/* ---- loading ------------------------------------------------------------------------------------------ */

static bool name_is_possible(const char *name)
{
	size_t n = strlen(name);
	return n > 0 && n <= NAME_CHARS_MAX && name[0] != '/' && name[n - 1] != '/' && !strchr(name, '.') &&
	       strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-_/") == n;
}

/* Zones that keep one offset for good, for machines without tzdata. */
static int load_fixed(const char *name, struct zone **ret)
{
	static const struct {
		const char *name;
		int offset_s;
	} fixed[] = {
		{ "Asia/Ho_Chi_Minh", 25200 }, { "Asia/Saigon", 25200 }, { "Asia/Bangkok", 25200 }, { "Etc/UTC", 0 }, { "UTC", 0 },
	};
	for (size_t i = 0; i < COUNT_OF(fixed); i++) {
		if (strcmp(fixed[i].name, name) != 0)
			continue;
		struct zone *z = calloc(1, sizeof(*z));
		if (!z)
			return E_NOMEM;
		snprintf(z->name, sizeof(z->name), "%s", name);
		z->first_s = fixed[i].offset_s;
		*ret = z;
		return 0;
	}
	return E_NOT_FOUND;
}

static int load_file(const char *name, FILE *f, struct zone **ret)
{
	OWN(mem) uint8_t *bytes = malloc(FILE_BYTES_MAX);
	if (!bytes)
		return E_NOMEM;
	size_t n = fread(bytes, 1, FILE_BYTES_MAX, f);
	if (ferror(f))
		return errno == EISDIR ? E_NOT_FOUND : E_IO;
	return n == FILE_BYTES_MAX ? E_CORRUPT : zone_parse(name, bytes, n, ret);
}

int zone_load(const char *name, struct zone **ret)
{
	char path[sizeof(ZONE_FOLDER) + NAME_CHARS_MAX + 1];
	if (!name_is_possible(name))
		return E_INVALID;
	snprintf(path, sizeof(path), ZONE_FOLDER "/%s", name);
	OWN(file) FILE *f = fopen(path, "re");
	return f ? load_file(name, f, ret) : load_fixed(name, ret);
}
