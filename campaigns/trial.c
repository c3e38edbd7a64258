/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One service message by the campaign's own channel. Called by the verb alone; audited, and limited a day: it is no way to write to many. */
#include "campaigns/trial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "campaigns/campaign.h"
#include "campaigns/fact.h"
#include "campaigns/template.h"
#include "config/config.h"
#include "gateway/address.h"
#include "gateway/allowance.h"
#include "gateway/audit.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/consent.h"
#include "gateway/outbox.h"

#define SHOWN_BYTES (TEMPLATE_KEY_BYTES + 3)

struct shown {
	const struct scope *in;
	int64_t at_ms;
	char name[SHOWN_BYTES], *fact;
};

/* A fact is what it will be; what belongs to a person shows its name. */
static const char *shown_value(void *arg, const char *key)
{
	struct shown *s = arg;
	int64_t until_ms;
	free(s->fact);
	s->fact = NULL;
	if (!strncmp(key, FACT_PREFIX, strlen(FACT_PREFIX)) && !fact_find(s->in, key, s->at_ms, &s->fact, &until_ms))
		return s->fact;
	snprintf(s->name, sizeof(s->name), "[%s]", key);
	return s->name;
}

static int put(struct tick *t, const struct call *call, const struct campaign *c, const struct phone *to, int64_t *ret_id)
{
	char key[160], subject[40], missing[TEMPLATE_KEY_BYTES];
	OWN(mem) char *text = NULL;
	int64_t address;
	struct shown shown = { .in = &t->in, .at_ms = c->start_at > t->in.now_ms ? c->start_at : t->in.now_ms };
	int r = template_merge(c->text, shown_value, &shown, &text, missing);
	free(shown.fact);
	if (!r)
		r = address_put(t, to, &address);
	if (r)
		return r;
	snprintf(subject, sizeof(subject), "campaign:%lld", (long long)c->id);
	snprintf(key, sizeof(key), "%s:test:%lld:%lld", call->actor, (long long)c->id, (long long)tick_seq(t));
	r = outbox_put(t, &(struct outbox_put){ .key = key, .flow = FLOW_ANSWERS, .address = address, .class = CLASS_SERVICE, .topic = c->topic, .text = text,
						.pin = c->pin }, ret_id);
	return r ? r : audit_put(t, call->actor, "campaign.test-send", subject, NULL);
}

/* It would be one more campaign text to whoever refused them. */
static int check_willing(const struct scope *in, const struct campaign *c, const struct phone *to, struct refusal *why)
{
	char off[512] = "";
	int64_t address;
	int r = address_find(in, to->e164, &address);
	r = r ? r : consent_scopes(in, address, off, sizeof(off));
	if (r)
		return r == E_NOT_FOUND ? 0 : r;
	return consent_stops(off, c->class, c->topic) ? refuse(why, E_REFUSED, 409, "opted_out", "to", "This number has refused such messages.") : 0;
}

static int command(struct tick *t, const struct call *call, json_t **ret, struct refusal *why)
{
	struct campaign c = { 0 };
	struct phone to;
	int64_t id = 0;
	int r = campaign_of_call(&t->in, call, &c, why);
	if (!r && (phone_parse(&t->in.config->plan, json_str(call->args, "to", ""), &to, NULL) || !phone_can_receive(&to)))
		r = refuse(why, E_INVALID, 422, "invalid_number", "to", "This is not the number of a phone.");
	if (!r && c.state == CAMPAIGN_CANCELLED)
		r = campaign_refuse_state(&c, why);
	if (!r)
		r = check_willing(&t->in, &c, &to, why);
	if (!r)
		r = allowance_take(t, call, "campaign.test-send", 1, TRIALS_A_DAY, why);
	if (!r)
		r = put(t, call, &c, &to, &id);
	campaign_done(&c);
	if (r == E_INVALID && !why->rule[0])
		return refuse(why, r, 409, "bad_field", "text", "A merge field is not closed or has no name; write it as {{name}}.");
	if (r)
		return r;
	tick_changed(t, "message");
	return outbox_json(&t->in, id, true, ret);
}

static const struct verb_arg args[] = {
	{ .name = "id", .type = ARG_INT, .rank = 1, .required = true, .min = 1, .max = INT64_C(1) << 53, .help_en = "campaign", .help_vi = "chiến dịch" },
	{ .name = "to", .type = ARG_PHONE, .required = true, .help_en = "one number, such as your own", .help_vi = "một số, ví dụ số của mình" },
};
static const struct verb verbs[] = {
	{ .noun = "campaign", .name = "test-send", .kind = VERB_COMMAND, .roles = R_(OUTREACH) | R_(APPROVER), .creates = true, VERB_ARGS(args),
	  .command = command, .help_en = "send the text to one phone to look at it", .help_vi = "gửi thử tới một số để xem" },
};
const struct verb_table trial_verbs = VERB_TABLE(verbs);
