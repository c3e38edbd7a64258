/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Terms of rules, one function a kind. Called by audience.c for people whom a list alone does not decide. */
#include "campaigns/person_facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "campaigns/column.h"
#include "gateway/base/calendar.h"
#include "gateway/base/fold.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/store/store.h"
#include "gateway/unit.h"

enum { FACTS_GET, FACTS_SENT, FACTS_ANSWERED, FACTS_SQL_COUNT };
/* Whoever shares a telephone was written to, and answered, through it: one of them has the message. Each turn of a schedule has a key of its own. */
#define OF_PHONE " FROM message m WHERE m.address = (SELECT p.address FROM person p WHERE p.id = $person) AND substr(m.key, 1, length($campaign)) = $campaign"
static const char *const facts_sql[FACTS_SQL_COUNT] = {
	[FACTS_GET] = "SELECT name, unit, hamlet, language, fields, (SELECT o.unit FROM import o WHERE o.id = import), moved_seq, unit_was FROM person WHERE id = $person",
	[FACTS_SENT] = "SELECT 1" OF_PHONE " AND m.state IN ('sending', 'sent', 'delivered', 'unclear')",
	[FACTS_ANSWERED] = "SELECT 1" OF_PHONE " AND EXISTS (SELECT 1 FROM inbound i WHERE i.address = m.address AND i.received_at >= m.claimed_at)",
};
const struct sql_module person_facts_module = { "person_facts", facts_sql, FACTS_SQL_COUNT };

void person_facts_done(struct person_facts *f)
{
	free(f->name);
	free(f->unit);
	free(f->hamlet);
	free(f->language);
	free(f->territory);
	free(f->unit_was);
	json_decref(f->fields);
}

static int copy_row(struct person_facts *f, struct statement *st)
{
	char **const texts[] = { &f->name, &f->unit, &f->hamlet, &f->language };
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		if (column_text(st, (int)i) && !(*texts[i] = strdup(column_text(st, (int)i))))
			return E_NOMEM;
	if (column_text(st, 5) && !(f->territory = strdup(column_text(st, 5))))
		return E_NOMEM;
	f->moved_seq = column_int(st, 6);
	if (column_text(st, 7) && !(f->unit_was = strdup(column_text(st, 7))))
		return E_NOMEM;
	const char *fields = column_text(st, 4);
	return fields && json_parse(fields, strlen(fields), &f->fields) ? E_CORRUPT : 0;
}

static int read_facts(struct person_facts *f)
{
	if (f->read)
		return 0;
	struct statement *st = store_prepare(f->in->db, &person_facts_module, FACTS_GET);
	bind_int(st, "$person", f->person);
	int r = store_row(st);
	if (r > 0)
		r = copy_row(f, st);
	store_reset(st);
	f->read = r == 0;
	return r;
}

static const char *unit_of(const struct person_facts *f)
{
	const char *unit = f->as_was ? f->unit_was : f->unit;
	return unit && *unit ? unit : NULL;
}

/* *ret: borrowed from f, NULL where nothing is known. */
static int value_of(struct person_facts *f, const char *name, const char **ret)
{
	OWN(mem) char *key = column_key(name);
	int r = key ? read_facts(f) : E_NOMEM;
	*ret = NULL;
	if (r)
		return r;
	switch (column_of(key)) {
	case COLUMN_NAME: *ret = f->name; break;
	case COLUMN_UNIT: *ret = unit_of(f); break;
	case COLUMN_HAMLET: *ret = f->hamlet; break;
	case COLUMN_LANGUAGE: *ret = f->language; break;
	case COLUMN_FIELD: *ret = json_str(f->fields, key, NULL); break;
	case COLUMN_PHONE: /* no rule is about numbers */
	case COLUMN_COUNT: break;
	}
	if (*ret && !**ret)
		*ret = NULL;
	return 0;
}

static int compare(struct person_facts *f, const struct rule *rule, const struct rule_node *n)
{
	const char *value;
	int d, r = value_of(f, rule_text(rule, n->name), &value);
	if (r || !value)
		return r ? r : n->sign == RULE_UNEQUAL;
	r = rule_compare(value, rule_text(rule, n->value), &d);
	if (r)
		return r;
	switch (n->sign) {
	case RULE_EQUAL: return d == 0;
	case RULE_UNEQUAL: return d != 0;
	case RULE_LESS: return d < 0;
	case RULE_LESS_EQUAL: return d <= 0;
	case RULE_MORE: return d > 0;
	case RULE_MORE_EQUAL: return d >= 0;
	}
	return 0;
}

/* Today counts on both sides. */
static int within(struct person_facts *f, const struct rule *rule, const struct rule_node *n)
{
	const char *value;
	int64_t day;
	int r = value_of(f, rule_text(rule, n->name), &value);
	if (r || !value || rule_date(value, &day))
		return r;
	struct calendar k = calendar_local(f->in->zone, f->in->now_ms);
	int64_t from_today = day - calendar_day_number(k.year, k.month, k.day);
	return n->number >= 0 ? from_today >= 0 && from_today <= n->number : from_today <= 0 && from_today >= n->number;
}

/* Who is meant by a help is told by a column of the list: "đối tượng", or "target". */
static int is_target(struct person_facts *f, const struct rule *rule, const struct rule_node *n)
{
	static const char *const columns[] = { "doi tuong", "target" };
	OWN(mem) char *wanted = fold(rule_text(rule, n->name));
	int r = wanted ? read_facts(f) : E_NOMEM;
	for (size_t i = 0; !r && i < COUNT_OF(columns); i++) {
		const char *said = json_str(f->fields, columns[i], NULL);
		OWN(mem) char *folded = said ? fold(said) : NULL;
		if (said && !folded)
			return E_NOMEM;
		if (folded && !strcmp(folded, wanted))
			return 1;
	}
	return r;
}

static int ask_campaign(struct person_facts *f, size_t sql, int64_t campaign)
{
	char key[64];
	struct statement *st = store_prepare(f->in->db, &person_facts_module, sql);
	snprintf(key, sizeof(key), "campaign:%lld:", (long long)campaign);
	bind_text(st, "$campaign", key);
	bind_int(st, "$person", f->person);
	int r = store_row(st);
	store_reset(st);
	return r;
}

int person_facts_unit(struct person_facts *f, const char **ret)
{
	int r = read_facts(f);
	*ret = unit_of(f) ? unit_of(f) : f->territory;
	return r;
}

static int in_unit(struct person_facts *f, const char *code)
{
	const char *own;
	int r = person_facts_unit(f, &own);
	return r ? r : own ? unit_is_within(f->in, own, code) : 0;
}

int person_facts_meet(struct person_facts *f, const struct rule *rule, const struct rule_node *n)
{
	const char *value;
	int r;
	switch (n->kind) {
	case RULE_UNIT: return in_unit(f, rule_text(rule, n->name));
	case RULE_TARGET: return is_target(f, rule, n);
	case RULE_ANSWERED: return ask_campaign(f, FACTS_ANSWERED, n->number);
	case RULE_SENT: return ask_campaign(f, FACTS_SENT, n->number);
	case RULE_COMPARE: return compare(f, rule, n);
	case RULE_WITHIN: return within(f, rule, n);
	case RULE_EMPTY:
		r = value_of(f, rule_text(rule, n->name), &value);
		return r ? r : !value;
	case RULE_OR:
	case RULE_AND:
	case RULE_NOT:
	case RULE_ALL:
	case RULE_GROUP: break;
	}
	return 0;
}
