/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Judges people one by one by indexed look-ups. Called by preview, submit and planner; writes nothing. Consent is asked
 * again at the claim of every message: this is the forecast and the first sieve. */
#include "campaigns/recipient.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "campaigns/column.h"
#include "campaigns/fact.h"
#include "gateway/base/fold.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/base/phone.h"
#include "gateway/consent.h"
#include "gateway/contact.h"
#include "gateway/dnc.h"
#include "gateway/route.h"
#include "gateway/store/store.h"
#include "gateway/unit.h"

enum recipient_sql { RECIPIENT_GET, RECIPIENT_EARLIER, RECIPIENT_CONSENT, RECIPIENT_SQL_COUNT };
/* id + 0: a planner that knows nothing of a table filled just now would walk the ids from the first one. */
static const char *const recipient_sql[RECIPIENT_SQL_COUNT] = {
	[RECIPIENT_GET] = "SELECT p.address, p.name, p.unit, p.hamlet, p.language, p.fields, p.basis, a.kind, a.off, a.unreachable, "
			  "(SELECT o.unit FROM import o WHERE o.id = p.import), a.network, "
			  "(SELECT min(q.id + 0) FROM person q WHERE q.address = p.address AND q.id < p.id), p.moved_seq, p.unit_was FROM person p JOIN address a ON a.id = p.address "
			  "WHERE p.id = $id AND " CONTACT_VISIBLE("p.import"),
	[RECIPIENT_EARLIER] = "SELECT min(id + 0) FROM person WHERE address = $address AND id > $after AND id < $id",
	[RECIPIENT_CONSENT] = "SELECT state FROM consent WHERE address = $address AND scope = 'campaign' ORDER BY id DESC LIMIT 1",
};
const struct sql_module recipient_module = { "recipient", recipient_sql, RECIPIENT_SQL_COUNT };

/* A row of person as it stands, borrowed from the statement. */
struct row {
	const char *name, *unit, *hamlet, *language;
	json_t *fields;
	const struct scope *in; /* facts are looked up when they are asked for */
	int64_t at_ms, until_ms;
	char *fact, *folded;
	bool expired, plain; /* plain: values go without accents, as the text does */
};

void recipient_done(struct recipient *r)
{
	free(r->text);
	*r = (struct recipient){ 0 };
}

/* A database that does not answer counts as a missing value: nobody is written to on a guess. */
static const char *fact_of(struct row *row, const char *key)
{
	int64_t until_ms = 0;
	free(row->fact);
	row->fact = NULL;
	int r = fact_find(row->in, key, row->at_ms, &row->fact, &until_ms);
	row->expired |= r == E_REFUSED;
	if (!r && until_ms && (!row->until_ms || until_ms < row->until_ms))
		row->until_ms = until_ms;
	return row->fact;
}

static const char *own_value_of(struct row *row, const char *key)
{
	if (!strncmp(key, FACT_PREFIX, strlen(FACT_PREFIX)))
		return fact_of(row, key);
	switch (column_of(key)) {
	case COLUMN_NAME: return row->name;
	case COLUMN_UNIT: return row->unit;
	case COLUMN_HAMLET: return row->hamlet;
	case COLUMN_LANGUAGE: return row->language;
	case COLUMN_FIELD: return json_str(row->fields, key, NULL);
	case COLUMN_PHONE: /* a number never stands in a text */
	case COLUMN_COUNT: return NULL;
	}
	return NULL;
}

/* Without memory it counts as missing, as what a database does not answer. */
static const char *value_of(void *arg, const char *key)
{
	struct row *row = arg;
	const char *value = own_value_of(row, key);
	if (!row->plain || !value)
		return value;
	free(row->folded);
	row->folded = fold_plain(value);
	return row->folded;
}

static int merge(const struct scope *in, const struct campaign *c, struct statement *st, struct recipient *p)
{
	OWN(json) json_t *fields = NULL;
	const char *text = column_text(st, 5);
	if (text && template_has_fields(c->text) && json_parse(text, strlen(text), &fields))
		return E_CORRUPT;
	struct row row = { .name = column_text(st, 1), .unit = column_text(st, 2), .hamlet = column_text(st, 3), .language = column_text(st, 4),
			   .fields = fields, .in = in, .plain = template_is_plain(c->text), .at_ms = c->start_at > in->now_ms ? c->start_at : in->now_ms };
	int r = template_merge(c->text, value_of, &row, &p->text, p->missing);
	free(row.fact);
	free(row.folded);
	p->until_ms = row.until_ms;
	if (r == E_NOT_FOUND)
		p->reason = row.expired ? "expired_fact" : "missing_value";
	return r == E_NOT_FOUND ? 0 : r;
}

static int has_consented(const struct scope *in, int64_t address)
{
	struct statement *st = store_prepare(in->db, &recipient_module, RECIPIENT_CONSENT);
	bind_int(st, "$address", address);
	int r = store_row(st);
	if (r > 0)
		r = !strcmp(column_text(st, 0), "opted_in");
	store_reset(st);
	return r;
}

/* What holds for everybody of the number. */
static int sieve(const struct scope *in, const struct campaign *c, struct statement *st, struct recipient *p)
{
	enum phone_kind kind;
	int r = phone_kind_parse(column_text(st, 7), &kind) ? E_CORRUPT : 0;
	if (r)
		return r;
	struct phone phone = { .kind = kind };
	if (!phone_can_receive(&phone) || !column_null(st, 9)) {
		p->reason = "invalid_number";
	} else if (consent_stops(column_text(st, 8), c->class, c->topic)) {
		p->reason = "opted_out";
	} else if (c->class == CLASS_ADVERT || (c->class != CLASS_EMERGENCY && !*column_text(st, 6))) {
		r = !*column_text(st, 6) ? 0 : has_consented(in, p->address);
		if (!r)
			p->reason = "no_consent";
		if (r > 0 && (r = dnc_has(in, p->address)) > 0)
			p->reason = "dnc";
	}
	return r < 0 ? r : 0;
}

static int holds(const struct scope *in, const struct campaign *c, struct statement *st, const char *unit)
{
	const char *of = unit && *unit ? unit : column_text(st, 10);
	return unit_is_held(in, c->unit, of ? of : "");
}

/* Whoever moved into it behind seq is as new as who was added. */
static int in_territory(const struct scope *in, const struct campaign *c, struct statement *st, int64_t seq)
{
	int r = holds(in, c, st, column_text(st, 2));
	return r > 0 && column_int(st, 13) > seq ? holds(in, c, st, column_text(st, 14)) : r;
}

/* Whose turn it is not is no part of it; a preview, which is about no turn, wants to know the dates. */
static int by_schedule(const struct scope *in, const struct campaign *c, const char *fields, struct recipient *p)
{
	if (c->turn->id) {
		int r = occurrence_takes(in, c, c->turn, p->person, fields, p->tail);
		return r < 0 ? r : r ? 0 : E_NOT_FOUND;
	}
	if (c->turn->schedule.kind != SCHEDULE_FIELD)
		return 0;
	int r = occurrence_date(&c->turn->schedule, fields, &p->day);
	if (r == E_NOT_FOUND) {
		p->reason = "missing_value";
		snprintf(p->missing, sizeof(p->missing), "%s", c->turn->schedule.field);
	}
	return r == E_NOT_FOUND ? 0 : r;
}

static struct statement *bind_get(const struct scope *in, int64_t person, int64_t seq)
{
	struct statement *st = store_prepare(in->db, &recipient_module, RECIPIENT_GET);
	bind_int(st, "$id", person);
	bind_int(st, "$seq", seq);
	return st;
}

void recipient_ahead(const struct scope *in, int64_t person, int64_t seq)
{
	store_ahead(bind_get(in, person, seq));
}

/* Without a look at others of the number. */
static int judge_alone(const struct scope *in, const struct campaign *c, int64_t person, int64_t seq, struct recipient *ret)
{
	struct statement *st = bind_get(in, person, seq);
	int r = store_row(st);
	r = r > 0 ? 0 : r == 0 ? E_NOT_FOUND : r;
	int held = r ? 0 : in_territory(in, c, st, seq);
	if (!r && held <= 0)
		r = held ? held : E_NOT_FOUND;
	if (!r) {
		*ret = (struct recipient){ .person = person, .address = column_int(st, 0), .earlier = column_int(st, 12) };
		snprintf(ret->network, sizeof(ret->network), "%s", column_text(st, 11));
		r = c->turn ? by_schedule(in, c, column_text(st, 5), ret) : 0;
	}
	if (!r && !ret->reason)
		r = sieve(in, c, st, ret);
	/* without any channel nothing can be said: there will be one before it is sent */
	if (!r && !ret->reason && in->config->n_channels && !route_exists(in->config, c->pin, ret->network))
		ret->reason = "no_route";
	if (!r && !ret->reason)
		r = merge(in, c, st, ret);
	store_reset(st);
	return r;
}

static int next_of_number(const struct scope *in, const struct recipient *p, int64_t after, int64_t *ret)
{
	struct statement *st = store_prepare(in->db, &recipient_module, RECIPIENT_EARLIER);
	bind_int(st, "$address", p->address);
	bind_int(st, "$after", after);
	bind_int(st, "$id", p->person);
	int r = store_row(st);
	if (r > 0)
		r = !column_null(st, 0);
	if (r > 0)
		*ret = column_int(st, 0);
	store_reset(st);
	return r;
}

/* Does an earlier person of the audience get this very text at this very number? */
static int judge_others(const struct scope *in, const struct campaign *c, const struct audience *a, int64_t seq, struct recipient *p)
{
	int r = p->earlier > 0;
	for (int64_t other = p->earlier; r > 0; r = next_of_number(in, p, other, &other)) {
		r = audience_has(in, a, other, seq);
		if (r < 0)
			return r;
		if (!r)
			continue;
		struct recipient o = { 0 };
		r = judge_alone(in, c, other, seq, &o);
		bool same = !r && o.text && !strcmp(o.text, p->text);
		recipient_done(&o);
		if (r && r != E_NOT_FOUND)
			return r;
		if (same) {
			p->reason = "duplicate";
			return 0;
		}
	}
	return r;
}

int recipient_judge(const struct scope *in, const struct campaign *c, const struct audience *a, int64_t person, int64_t seq,
		    struct recipient *ret)
{
	struct recipient p = { 0 };
	int r = judge_alone(in, c, person, seq, &p);
	if (!r && !p.reason)
		r = judge_others(in, c, a, seq, &p);
	if (r || p.reason) {
		free(p.text);
		p.text = NULL;
	}
	if (!r)
		*ret = p;
	return r;
}
