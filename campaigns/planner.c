/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The planner. Called by course.c: once by start, then by the duty until everybody is planned. Leaves out by reason and
 * counts it; consent is decided again at the claim. */
#include "campaigns/planner.h"

#include <stdlib.h>
#include <string.h>

#include "campaigns/audience.h"
#include "campaigns/occurrence.h"
#include "campaigns/recipient.h"
#include "config/config.h"
#include "gateway/base/gsm7.h"
#include "gateway/base/json.h"
#include "gateway/base/log.h"
#include "gateway/base/own.h"
#include "gateway/outbox.h"

static int leave_out(struct campaign *c, const char *reason)
{
	int64_t n = json_int(c->excluded, reason, 0) + 1;
	return json_object_set_new(c->excluded, reason, json_integer(n)) ? E_NOMEM : 0;
}

/* The shared text is stored once; c->wording stays 0 where every text is its own. */
static int need_wording(struct tick *t, struct campaign *c)
{
	if (c->wording || template_has_fields(c->text))
		return 0;
	return outbox_wording(t, c->text, &c->wording);
}

static int put(struct tick *t, struct campaign *c, const struct tariff *tariff, const struct recipient *p)
{
	char key[64 + OCCURRENCE_TAIL_BYTES], subject[40];
	snprintf(key, sizeof(key), "campaign:%lld:%lld%s", (long long)c->id, (long long)p->person, p->tail);
	snprintf(subject, sizeof(subject), "campaign:%lld", (long long)c->id);
	int64_t leaves_at = c->start_at ? c->start_at : t->in.now_ms, id; /* what was due during an outage is late by that much */
	int64_t expires_at = leaves_at + t->in.config->sending.default_validity_h * INT64_C(3600000);
	if (p->until_ms && p->until_ms < expires_at)
		expires_at = p->until_ms;
	int r = outbox_put(t, &(struct outbox_put){ .key = key, .flow = c->flow, .address = p->address, .network = p->network, .person = p->person,
						    .class = c->class, .topic = c->topic, .text = c->wording ? NULL : p->text,
						    .wording = c->wording, .pin = c->pin, .subject = subject, .sure = true,
						    .expires_at = expires_at },
			   &id);
	if (r == E_EXISTS && p->tail[0])
		return 0; /* the clock was set back: this person has had it, and was counted then */
	if (r && r != E_EXISTS)
		return r;
	struct measure m;
	gsm7_measure(p->text, 8, &m);
	c->planned++;
	c->segments += tariff_segments(tariff, &m);
	return 0;
}

static int plan_person(struct tick *t, struct campaign *c, const struct tariff *tariff, const struct audience *a, int64_t person)
{
	struct recipient p = { 0 };
	int r = recipient_judge(&t->in, c, a, person, c->start_seq, &p);
	if (!r)
		r = p.reason ? leave_out(c, p.reason) : put(t, c, tariff, &p);
	recipient_done(&p);
	return r == E_NOT_FOUND ? 0 : r;
}

static int64_t sum_of(const json_t *counts)
{
	int64_t sum = 0;
	const char *key;
	json_t *n, *obj = (json_t *)(uintptr_t)counts; /* jansson iterates over non-const objects only */
	json_object_foreach(obj, key, n)
		sum += json_integer_value(n);
	return sum;
}

static int plan(struct tick *t, struct campaign *c, int n)
{
	struct audience a;
	struct complaint complaint = { 0 };
	int64_t people[AUDIENCE_PAGE_MAX];
	int64_t cursor = c->plan_cursor;
	int got = 0;
	bool end = false;
	int r = audience_parse(&t->in, c->audience, &a, &complaint);
	if (!r)
		r = need_wording(t, c);
	if (!r)
		r = audience_next(&t->in, &a, &cursor, c->start_seq, n, people, &got, &end);
	for (int i = 0; !r && i < got; i++)
		recipient_ahead(&t->in, people[i], c->start_seq);
	struct tariff tariff;
	campaign_tariff(&t->in, c, &tariff);
	for (int i = 0; !r && i < got; i++)
		r = plan_person(t, c, &tariff, &a, people[i]);
	tariff_done(&tariff);
	if (r)
		return r;
	c->plan_cursor = cursor;
	c->cost_vnd = c->segments * campaign_price_vnd(&t->in, c);
	if (end) {
		c->plan_done = true;
		c->total = c->planned + sum_of(c->excluded);
	}
	return campaign_save(t, c);
}

int planner_batch(struct tick *t, struct campaign *c, int n)
{
	struct occurrence turn;
	if (!c->schedule)
		return plan(t, c, n);
	int r = occurrence_planning(&t->in, c, &turn);
	c->turn = r ? NULL : &turn;
	r = r ? r : plan(t, c, n);
	c->turn = NULL;
	return !r && c->plan_done ? occurrence_end(t, &turn) : r;
}
