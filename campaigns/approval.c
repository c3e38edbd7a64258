/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way from a draft to an approval. Called by the verbs and, for the digest, by start. Every step is audited; a second
 * press of the same button answers what is there. */
#include "campaigns/approval.h"

#include <stdlib.h>
#include <string.h>

#include "campaigns/fact.h"
#include "campaigns/lint.h"
#include "campaigns/preview.h"
#include "campaigns/template.h"
#include "config/config.h"
#include "gateway/audit.h"
#include "gateway/base/buffer.h"
#include "gateway/base/json.h"
#include "gateway/base/mutant.h"
#include "gateway/base/own.h"
#include "gateway/base/seal.h"
#include "gateway/base/text.h"

#define SUBMIT_LOOK 200 /* people whose merged texts are looked at when it is submitted */

#define FACTS_AT (CAMPAIGN_DIGEST_BYTES / 2)

/* What the facts of a text say, one behind the other. */
struct quoted {
	const struct scope *in;
	int64_t at_ms;
	struct buffer *said;
	bool any;
};

static int quote(void *arg, const char *key)
{
	struct quoted *q = arg;
	OWN(mem) char *value = NULL;
	int64_t until_ms;
	if (strncmp(key, FACT_PREFIX, strlen(FACT_PREFIX)) != 0)
		return 0;
	q->any = true;
	int r = fact_find(q->in, key, q->at_ms, &value, &until_ms);
	if (r && r != E_NOT_FOUND && r != E_REFUSED)
		return r;
	/* by its length, so that nothing can move from one value into the next; none = it does not hold */
	return value ? buffer_printf(q->said, "%zu:%s", strlen(value), value) : buffer_puts(q->said, "none");
}

/* 1 with the digest, 0: the text quotes none. */
static int digest_facts(const struct scope *in, const struct campaign *c, uint8_t ret[32])
{
	OWN(buffer) struct buffer said = { 0 };
	struct quoted q = { .in = in, .at_ms = c->start_at > in->now_ms ? c->start_at : in->now_ms, .said = &said };
	int r = template_each(c->text, quote, &q);
	if (!r && q.any)
		seal_digest(buffer_text(&said), strlen(buffer_text(&said)), ret);
	return r ? r : q.any;
}

int approval_digest(const struct scope *in, const struct campaign *c, const struct audience *a, uint8_t ret[CAMPAIGN_DIGEST_BYTES])
{
	/* each part is digested alone, so that nothing can move from one into the next and no text needs room */
	const char *const parts[] = { c->text, c->audience, message_class_name(c->class), c->topic ? c->topic : "", c->pin,
				      c->start_local ? c->start_local : "", c->unit };
	uint8_t all[(COUNT_OF(parts) + 2) * 32 + 8 + AUDIENCE_GROUPS_MAX * 16 + 8] = { 0 }, facts[32];
	size_t n = 0;
	int quotes = digest_facts(in, c, facts);
	if (quotes < 0)
		return quotes;
	for (size_t i = 0; i < COUNT_OF(parts); i++, n += 32)
		seal_digest(parts[i], strlen(parts[i]), all + n);
	const char *const rare[] = { c->schedule, c->reason };
	for (size_t i = 0; i < COUNT_OF(rare); i++)
		if (rare[i]) {
			seal_digest(rare[i], strlen(rare[i]), all + n);
			n += 32;
		}
	for (size_t i = 0; i < a->n_groups; i++) {
		memcpy(all + n, &a->groups[i].id, 8);
		memcpy(all + n + 8, &a->groups[i].version, 8);
		n += 16;
	}
	/* nothing bounds it: who came since is part of it */
	memcpy(all + n, &a->everybody, 8);
	seal_digest(all, n + 8, ret);
	if (quotes)
		memcpy(ret + FACTS_AT, facts, CAMPAIGN_DIGEST_BYTES - FACTS_AT);
	return 0;
}

int approval_digest_text(const struct scope *in, const struct campaign *c, const struct audience *a, char **ret)
{
	uint8_t digest[CAMPAIGN_DIGEST_BYTES];
	int r = approval_digest(in, c, a, digest);
	char *text = r ? NULL : text_hex(digest, sizeof(digest));
	if (text)
		*ret = MOVE(text);
	else if (!r)
		r = E_NOMEM;
	return r;
}

int approval_holds(const struct scope *in, const struct campaign *c, const struct audience *a)
{
	uint8_t now[CAMPAIGN_DIGEST_BYTES];
	int r = approval_digest(in, c, a, now);
	return r ? r : c->has_approval && !memcmp(now, c->approval, sizeof(now));
}

int approval_facts_hold(const struct scope *in, const struct campaign *c)
{
	uint8_t now[32];
	int r = digest_facts(in, c, now);
	return r <= 0 ? (r ? r : 1) : c->has_approval && !memcmp(now, c->approval + FACTS_AT, CAMPAIGN_DIGEST_BYTES - FACTS_AT);
}

bool approval_is_large(const struct scope *in, const struct campaign *c, const struct audience *a)
{
	int64_t n = audience_count(a);
	return (n > c->total ? n : c->total) > in->config->sending.two_person_above;
}

bool approval_needs_two(const struct scope *in, const struct campaign *c, const struct audience *a)
{
	return (c->class == CLASS_EMERGENCY && !MUTANT(EMERGENCY_ALONE)) || approval_is_large(in, c, a);
}

int approval_audience(const struct scope *in, const struct campaign *c, struct audience *ret, struct refusal *why)
{
	struct complaint complaint = { 0 };
	int r = audience_parse(in, c->audience, ret, &complaint);
	if (r && complaint.rule[0])
		return refuse(why, r, 0, complaint.rule, "audience", "%s", complaint.text);
	return r;
}

/* One list of a whole territory is counted without looking at anybody; otherwise the last preview's count stays. */
static void recount(struct campaign *c, const struct audience *a)
{
	if (c->total < 0 || (audience_is_exact(a) && !*c->unit))
		c->total = audience_count(a);
}

static int audit(struct tick *t, const struct call *call, const char *verb, const struct campaign *c, const char *detail)
{
	char subject[40];
	snprintf(subject, sizeof(subject), "campaign:%lld", (long long)c->id);
	return audit_put(t, call->actor, verb, subject, detail);
}

static int check_lint(const struct scope *in, const struct campaign *c, const struct audience *a, struct refusal *why)
{
	OWN(json) json_t *sums = preview_sums(), *list = NULL;
	struct complaint bad = { 0 };
	int r = sums ? template_check(c->text, &bad) : E_NOMEM;
	if (!r)
		r = preview_add(in, c, a, SUBMIT_LOOK, sums);
	if (r && r != E_AGAIN && r != E_INVALID)
		return r;
	r = preview_lint(in, c, sums, &list);
	const json_t *stop = r ? NULL : lint_stop(list);
	if (!stop)
		return r;
	refuse(why, E_REFUSED, 409, "lint", "text", "%s", json_str(stop, "text", ""));
	if (why)
		why->args = json_pack("{s:O}", "lint", list);
	return E_REFUSED;
}

static int submit(struct tick *t, const struct call *call, struct campaign *c, struct refusal *why)
{
	struct audience a;
	if (c->state == CAMPAIGN_SUBMITTED)
		return 0;
	if (!campaign_may_move(c->state, CAMPAIGN_SUBMITTED))
		return campaign_refuse_state(c, why);
	int r = approval_audience(&t->in, c, &a, why);
	if (!r)
		r = check_lint(&t->in, c, &a, why);
	if (!r)
		r = campaign_set_text(&c->submitted_by, call->actor);
	if (r)
		return r;
	recount(c, &a);
	c->has_approval = false;
	c->start_seq = 0;
	r = campaign_move(t, c, CAMPAIGN_SUBMITTED);
	return r ? r : audit(t, call, "campaign.submit", c, c->reason);
}

static bool same(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

bool approval_suffices(const struct scope *in, const struct campaign *c, const struct audience *a)
{
	return !approval_needs_two(in, c, a) || (!same(c->approved_by, c->author) && !same(c->approved_by, c->submitted_by));
}

int approval_check_second(const struct scope *in, const struct call *call, const struct campaign *c, const struct audience *a,
			  struct refusal *why)
{
	if (!approval_needs_two(in, c, a) || (!same(call->actor, c->author) && !same(call->actor, c->submitted_by)))
		return 0;
	if (c->class == CLASS_EMERGENCY)
		return refuse(why, E_REFUSED, 409, "two_person", "id", "An emergency needs two people: somebody else than its author must approve it.");
	return refuse(why, E_REFUSED, 409, "two_person", "id",
		      "This goes to more than %lld people: somebody else than its author must approve it.",
		      (long long)in->config->sending.two_person_above);
}

/* Whoever says what was looked at approves nothing else. */
static int check_seen(const struct scope *in, const struct call *call, const struct campaign *c, const struct audience *a, struct refusal *why)
{
	const char *seen = json_str(call->args, "digest", NULL);
	OWN(mem) char *now = NULL;
	int r = seen ? approval_digest_text(in, c, a, &now) : 0;
	if (r || !seen || !strcmp(seen, now))
		return r;
	return refuse(why, E_REFUSED, 409, "approval", "digest", "It changed since the preview; look at it again.");
}

static int approve(struct tick *t, const struct call *call, struct campaign *c, struct refusal *why)
{
	struct audience a;
	if (c->state != CAMPAIGN_SUBMITTED && c->state != CAMPAIGN_APPROVED)
		return campaign_refuse_state(c, why);
	int r = approval_audience(&t->in, c, &a, why);
	if (!r)
		r = check_seen(&t->in, call, c, &a, why);
	int holds = r || c->state != CAMPAIGN_APPROVED ? 0 : approval_holds(&t->in, c, &a);
	if (holds)
		return holds < 0 ? holds : 0;
	if (!r)
		r = approval_check_second(&t->in, call, c, &a, why);
	if (!r)
		r = check_lint(&t->in, c, &a, why);
	if (!r)
		r = campaign_set_text(&c->approved_by, call->actor);
	if (r)
		return r;
	recount(c, &a);
	r = approval_digest(&t->in, c, &a, c->approval);
	if (r)
		return r;
	c->has_approval = true;
	c->start_seq = tick_seq(t);
	r = c->state == CAMPAIGN_APPROVED ? campaign_save(t, c) : campaign_move(t, c, CAMPAIGN_APPROVED);
	return r ? r : audit(t, call, "campaign.approve", c, c->text);
}

static int give_back(struct tick *t, const struct call *call, struct campaign *c, struct refusal *why)
{
	const char *reason = json_str(call->args, "why", "");
	if (c->state == CAMPAIGN_RETURNED)
		return 0;
	if (!campaign_may_move(c->state, CAMPAIGN_RETURNED))
		return campaign_refuse_state(c, why);
	int r = campaign_set_text(&c->returned_why, reason);
	if (r)
		return r;
	c->has_approval = false;
	c->start_seq = 0;
	r = campaign_move(t, c, CAMPAIGN_RETURNED);
	return r ? r : audit(t, call, "campaign.return", c, reason);
}

int approval_submit(struct tick *t, const struct call *call, json_t **ret, struct refusal *why)
{
	return campaign_act(t, call, submit, ret, why);
}

int approval_approve(struct tick *t, const struct call *call, json_t **ret, struct refusal *why)
{
	return campaign_act(t, call, approve, ret, why);
}

int approval_return(struct tick *t, const struct call *call, json_t **ret, struct refusal *why)
{
	return campaign_act(t, call, give_back, ret, why);
}
