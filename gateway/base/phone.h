/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Telephone numbers in E.164. A numbering plan is data (config/numbers/XX.conf, read by config/): trunk and country
 * prefixes, lengths, operators' ranges, renumberings, short and emergency numbers. Source: ITU-T E.164; Vietnam's
 * change of 15 Sep 2018. A prefix is a hint of the operator: numbers are portable. */
#ifndef CAUNOI_BASE_PHONE_H
#define CAUNOI_BASE_PHONE_H

#include <stdbool.h>
#include <stddef.h>

#include "gateway/base/err.h"

#define PHONE_CHARS_MAX 20 /* "+", 15 digits, NUL, spare */

enum phone_kind {
	PHONE_MOBILE,
	PHONE_LANDLINE,
	PHONE_FOREIGN,   /* valid E.164 outside the plan's country */
	PHONE_SHORT,     /* short code: never sent to, never answered */
	PHONE_EMERGENCY, /* 113 …: never sent to */
	PHONE_SPECIAL,   /* 1800/1900, M2M: not a recipient */
	PHONE_ALPHA,     /* alphanumeric sender */
};

struct phone {
	char e164[PHONE_CHARS_MAX]; /* "+84912345678"; the cleaned text itself for short, special and alpha */
	enum phone_kind kind;
	char network[24]; /* operator's name by prefix ("viettel"), "" unknown */
};

/* One row of a plan. prefix is national without trunk prefix. */
struct phone_range {
	char prefix[12];
	int digits_min, digits_max; /* of the national number, trunk prefix not counted */
	enum phone_kind kind;
	char network[24];
};
struct phone_renumbering {
	char from[12], to[12]; /* national prefixes without trunk: "162" → "32" */
	int digits;            /* length of the old national number it applies to */
};
struct phone_plan {
	char country[3];      /* "VN" */
	char country_code[5]; /* "84" */
	char trunk[4];        /* "0" */
	char international[8]; /* "00" */
	struct phone_range *ranges;
	size_t n_ranges;
	struct phone_renumbering *renumberings;
	size_t n_renumberings;
	char (*short_numbers)[12]; /* the plan's "emergency": exact numbers */
	size_t n_short_numbers;
	int short_digits_min, short_digits_max; /* other short codes: 3–6 digits */
};

/* Frees the arrays (malloc'd by whoever filled them) and clears the plan. */
void phone_plan_done(struct phone_plan *plan);
/* Normalises what a person or network wrote: spaces, dots, dashes, brackets, +84(0)9…, 0084, 84…, a trunk prefix lost by a
 * spreadsheet, "912345678.0", "9.12345678E8" with all its digits, a leading apostrophe, full-width and Arabic-Indic digits,
 * zero-width characters, old prefixes. text is valid UTF-8. ret_rule (may be NULL) receives on failure a static rule name:
 * "empty", "letters" (or other signs), "too_short", "too_long", "unknown_prefix", "two_numbers", "scientific" (digits lost).
 * E_INVALID when it cannot be one number, E_NOMEM. Short, special and emergency numbers are valid with their kind. */
MUST_CHECK int phone_parse(const struct phone_plan *plan, const char *text, struct phone *ret, const char **ret_rule);
/* The sender of an inbound message: as phone_parse, and what is no number is PHONE_ALPHA with its text, cut between code
 * points to fit. E_NOMEM. */
MUST_CHECK int phone_parse_sender(const struct phone_plan *plan, const char *text, struct phone *ret);
/* May a message be sent to it: mobile of the plan, or foreign. */
bool phone_can_receive(const struct phone *p);
/* "mobile", "landline", "foreign", "short", "emergency", "special", "alpha". */
const char *phone_kind_name(enum phone_kind kind);
/* E_INVALID when unknown. */
MUST_CHECK int phone_kind_parse(const char *name, enum phone_kind *ret);

#endif
