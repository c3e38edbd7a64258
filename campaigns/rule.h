/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The language of audiences: who is meant, in words that people can read back. Pure; what names mean is the caller's.
 *
 *   group:"Thôn 5" or (unit:02269 and not target:"hộ nghèo")
 *   "Hạn thẻ" within 30 days and not answered:12
 *
 * Terms: all · group:NAME · unit:CODE (with all below it) · target:NAME · answered:CAMPAIGN · sent:CAMPAIGN · FIELD = VALUE (also != < <= > >=)
 * · FIELD within N days (of today on; -N: up to today) · FIELD is empty. FIELD is name, hamlet, language or a column of the lists. "not" binds
 * closer than "and", "and" closer than "or". A name without quotes goes up to the next "and", "or" or ")". */
#ifndef CAUNOI_CAMPAIGNS_RULE_H
#define CAUNOI_CAMPAIGNS_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/complaint.h"
#include "gateway/base/err.h"

#define RULE_BYTES_MAX 2000
#define RULE_NODES_MAX 64

enum rule_kind { RULE_OR, RULE_AND, RULE_NOT, RULE_ALL, RULE_GROUP, RULE_UNIT, RULE_TARGET, RULE_ANSWERED, RULE_SENT, RULE_COMPARE, RULE_WITHIN, RULE_EMPTY };
enum rule_sign { RULE_EQUAL, RULE_UNEQUAL, RULE_LESS, RULE_LESS_EQUAL, RULE_MORE, RULE_MORE_EQUAL };

struct rule_node {
	enum rule_kind kind;
	enum rule_sign sign;    /* RULE_COMPARE */
	int left, right;        /* nodes; of RULE_NOT left alone */
	uint16_t name, value;   /* texts: NAME, CODE, FIELD as they stand; VALUE */
	int64_t number;         /* campaign, days; what the caller puts there for a group */
	int at;                 /* character of the rule, from 1 */
};
struct rule {
	struct rule_node nodes[RULE_NODES_MAX];
	int n_nodes, root;
	char texts[RULE_BYTES_MAX + RULE_NODES_MAX];
	size_t n_texts;
};

/* E_INVALID with *c: field "audience", rule "bad_rule", column = where. */
MUST_CHECK int rule_parse(const char *text, struct rule *ret, struct complaint *c);
/* Is everybody meant of a unit that the rule names, or of one below it? */
bool rule_is_within_units(const struct rule *r);
const char *rule_text(const struct rule *r, uint16_t at);
/* "2026-11-30…", "30/11/2026", "30-11-2026" as days since 1970. E_INVALID. */
MUST_CHECK int rule_date(const char *text, int64_t *ret_day);
/* -1, 0, 1 as numbers or dates where both are such, else by their folded texts. E_NOMEM. */
MUST_CHECK int rule_compare(const char *a, const char *b, int *ret);

#endif
