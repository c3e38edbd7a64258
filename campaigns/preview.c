/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preview: sums over an audience and their shape. Called by the verb, by its job and (a bounded look) by submit. Writes
 * nothing but the campaign's counted total, segments and cost. */
#include "campaigns/preview.h"

#include <stdlib.h>
#include <string.h>

#include "campaigns/agenda.h"
#include "campaigns/approval.h"
#include "campaigns/lint.h"
#include "campaigns/recipient.h"
#include "config/config.h"
#include "gateway/base/calendar.h"
#include "gateway/base/fold.h"
#include "gateway/base/gsm7.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/dnc.h"
#include "gateway/forecast.h"
#include "gateway/policy.h"
#include "gateway/sense.h"
#include "gateway/store/store.h"

#define SAMPLES 3
#define STEP 500
#define DAY_MS (INT64_C(24) * 3600000)

enum preview_sql { PREVIEW_CAP, PREVIEW_SQL_COUNT };
static const char *const preview_sql[PREVIEW_SQL_COUNT] = {
	[PREVIEW_CAP] = "SELECT count(*) FROM message WHERE address = $address AND claimed_at > $since AND class IN ('social_policy', 'advert')",
};
const struct sql_module preview_module = { "preview", preview_sql, PREVIEW_SQL_COUNT };

json_t *preview_sums(void)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:b, s:{}, s:{}, s:{}, s:{}, s:{}, s:[], s:s}", "after", (json_int_t)0, "total",
			 (json_int_t)0, "segments", (json_int_t)0, "folded_segments", (json_int_t)0, "longest_units", (json_int_t)-1,
			 "looked_at", (json_int_t)0, "ucs2", 0, "identity", 0, "excluded", "missing", "waits", "histogram", "dates", "samples", "longest", "");
}

static int add_to(json_t *obj, const char *key, int64_t n)
{
	return json_object_set_new(obj, key, json_integer(json_int(obj, key, 0) + n)) ? E_NOMEM : 0;
}

static int set_flag(json_t *sums, const char *key)
{
	return json_object_set_new(sums, key, json_true()) ? E_NOMEM : 0;
}

/* What the route will not take: how long the longest is, and how much there is room for. */
static int refuse_text(const struct measure *m, int most, json_t *sums)
{
	if (m->n_units <= json_int(sums, "refused_units", 0))
		return 0;
	int r = json_set_int(sums, "refused_units", m->n_units);
	return r ? r : json_set_int(sums, "refused_most", most);
}

static int add_text(const char *text, const struct tariff *tariff, json_t *sums)
{
	struct measure m, folded_m;
	char key[16];
	OWN(mem) char *plain = fold_plain(text);
	if (!plain)
		return E_NOMEM;
	gsm7_measure(text, 8, &m);
	gsm7_measure(plain, 8, &folded_m);
	int segments = tariff_segments(tariff, &m);
	snprintf(key, sizeof(key), "%d", segments);
	int r = add_to(json_object_get(sums, "histogram"), key, 1);
	if (!r)
		r = add_to(sums, "segments", segments);
	if (!r)
		r = add_to(sums, "folded_segments", tariff_segments(tariff, &folded_m));
	if (!r && !segments)
		r = refuse_text(&m, tariff_most(tariff, &m), sums);
	if (!r && m.encoding == ENCODING_UCS2 && !json_flag(sums, "ucs2", false))
		r = set_flag(sums, "ucs2");
	if (!r && !json_flag(sums, "identity", false) && lint_has_identity(text))
		r = set_flag(sums, "identity");
	/* accented texts count double, so that the dearest is kept */
	int64_t units = (int64_t)m.n_units * (m.encoding == ENCODING_UCS2 ? 2 : 1);
	if (!r && units > json_int(sums, "longest_units", -1)) {
		r = json_set_int(sums, "longest_units", units);
		r = r ? r : json_set_str(sums, "longest", text);
	}
	json_t *samples = json_object_get(sums, "samples");
	if (!r && json_array_size(samples) < SAMPLES)
		r = json_array_append_new(samples, json_string(text)) ? E_NOMEM : 0;
	return r;
}

/* Would the message wait, because the person has had as many as a day allows? The claim decides; this is what it would say at the start. */
static int add_wait(const struct scope *in, const struct campaign *c, const struct recipient *p, json_t *sums)
{
	if (!p->text || !message_class_is_bulk(c->class))
		return 0;
	struct statement *st = store_prepare(in->db, &preview_module, PREVIEW_CAP);
	bind_int(st, "$address", p->address);
	bind_int(st, "$since", (c->start_at > in->now_ms ? c->start_at : in->now_ms) - DAY_MS);
	int r = store_row(st);
	bool waits = r > 0 && column_int(st, 0) >= in->config->sending.max_per_person_24h;
	store_reset(st);
	return r < 0 ? r : waits ? add_to(json_object_get(sums, "waits"), "cap_24h", 1) : 0;
}

static int add_person(const struct recipient *p, const struct tariff *tariff, json_t *sums)
{
	int r = add_to(sums, "total", 1);
	bool missing = p->reason && !strcmp(p->reason, "missing_value");
	if (!r && p->reason)
		r = add_to(json_object_get(sums, "excluded"), p->reason, 1);
	if (!r && missing)
		r = add_to(json_object_get(sums, "missing"), p->missing, 1);
	if (!r && (missing || p->text))
		r = add_to(sums, "looked_at", 1);
	if (!r && p->text)
		r = add_text(p->text, tariff, sums);
	return r;
}

/* Whom an approval holds; what has none yet, or a void one, is looked at as it is now. */
static int as_of(const struct scope *in, const struct campaign *c, const struct audience *a, int64_t *ret)
{
	int holds = c->start_seq && c->state == CAMPAIGN_APPROVED ? approval_holds(in, c, a) : 1;
	if (holds >= 0)
		*ret = c->start_seq && holds ? c->start_seq : INT64_MAX;
	return holds < 0 ? holds : 0;
}

int preview_add(const struct scope *in, const struct campaign *c, const struct audience *a, int n, json_t *sums)
{
	int64_t people[AUDIENCE_PAGE_MAX], cursor = json_int(sums, "after", 0);
	int got = 0;
	bool end = false;
	int64_t seq;
	struct occurrence none = { 0 };
	struct campaign shown = *c;
	int r = c->schedule ? schedule_parse(c->schedule, &none.schedule) : 0;
	shown.turn = c->schedule ? &none : NULL;
	if (!r)
		r = as_of(in, c, a, &seq);
	if (!r)
		r = audience_next(in, a, &cursor, seq, n, people, &got, &end);
	struct tariff tariff;
	campaign_tariff(in, c, &tariff);
	for (int i = 0; !r && i < got; i++) {
		struct recipient p = { 0 };
		r = recipient_judge(in, &shown, a, people[i], seq, &p);
		r = r == E_NOT_FOUND ? 0 : r ? r : add_person(&p, &tariff, sums);
		if (!r)
			r = add_wait(in, c, &p, sums);
		if (!r && p.text && shown.turn)
			r = agenda_add(in, c, &none.schedule, p.day, json_object_get(sums, "dates"));
		recipient_done(&p);
	}
	tariff_done(&tariff);
	if (!r)
		r = json_set_int(sums, "after", cursor);
	return r ? r : end ? 0 : E_AGAIN;
}

/* Of the channel a person chose, or of all together; 0 = one of them has no quota. */
static int64_t daily_segments(const struct scope *in, const struct campaign *c)
{
	int64_t sum = 0;
	for (size_t i = 0; i < in->config->n_channels; i++) {
		const struct channel_config *ch = &in->config->channels[i];
		if (*c->pin && strcmp(ch->name, c->pin) != 0)
			continue;
		if (!ch->daily_segments)
			return 0;
		sum += ch->daily_segments;
	}
	return sum;
}

static int is_dnc_stale(const struct scope *in, const struct campaign *c, bool *ret)
{
	int64_t at_ms = 0;
	int r = c->class == CLASS_ADVERT ? dnc_age(in, &at_ms) : 0;
	*ret = c->class == CLASS_ADVERT && in->now_ms - at_ms > DNC_FRESH_MS;
	return r;
}

int preview_lint(const struct scope *in, const struct campaign *c, const json_t *sums, json_t **ret)
{
	bool stale;
	int r = is_dnc_stale(in, c, &stale);
	if (r)
		return r;
	const char *longest = json_str(sums, "longest", "");
	return lint_text(&(struct lint_question){ .class = c->class, .text = c->text, .longest = *longest ? longest : NULL,
						  .identity_in_values = json_flag(sums, "identity", false),
						  .missing = json_object_get(sums, "missing"), .looked_at = json_int(sums, "looked_at", 0),
						  .dnc_stale = stale,
						  .expired_fact = json_int(json_object_get(sums, "excluded"), "expired_fact", 0) > 0,
						  .refused_units = json_int(sums, "refused_units", 0),
						  .refused_most = json_int(sums, "refused_most", 0),
						  .segments = json_int(sums, "segments", 0),
						  .daily_segments = daily_segments(in, c),
						  .zone = in->zone, .start_at = agenda_start(in, c),
						  .quiet_from_min = in->config->sending.quiet_from_min,
						  .quiet_to_min = in->config->sending.quiet_to_min },
			 ret);
}

/* When it would be through, started as planned: what an approver has to know of a SIM's quotas. NULL: not within a year, or by no channel. */
static int add_end(const struct scope *in, const struct campaign *c, const json_t *sums, json_t *out)
{
	char at[CALENDAR_ISO_BYTES];
	int64_t end_ms = FORECAST_NEVER;
	int r = forecast_end(in, &(struct forecast){ .segments = json_int(sums, "segments", 0), .persons = json_int(sums, "total", 0), .channel = c->pin,
						     .sleeps = policy_class_sleeps(c->class), .from_ms = c->start_at }, &end_ms);
	return r ? r : json_set_str(out, "ends_at", end_ms == FORECAST_NEVER ? NULL : calendar_format_iso(in->zone, end_ms, at));
}

int preview_json(const struct scope *in, const struct campaign *c, const json_t *sums, json_t **ret)
{
	OWN(json) json_t *lint = NULL, *sense = NULL;
	OWN(mem) char *plain = fold_plain(c->text);
	if (!plain)
		return E_NOMEM;
	int r = preview_lint(in, c, sums, &lint);
	struct complaint complaint = { 0 };
	r = r ? r : sense_tell(in->config->file, c->text, &sense, &complaint);
	if (r)
		return r;
	struct measure own;
	gsm7_measure(c->text, 8, &own);
	int64_t price = campaign_price_vnd(in, c), folded = json_int(sums, "folded_segments", 0);
	/* nobody to merge for: the text itself says what it would be */
	bool ucs2 = json_int(sums, "segments", 0) ? json_flag(sums, "ucs2", false) : own.encoding == ENCODING_UCS2;
	*ret = json_pack("{s:I, s:O, s:O, s:s, s:I, s:{s:I, s:I, s:s, s:O}, s:O, s:O}", "total", (json_int_t)json_int(sums, "total", 0), "excluded",
			 json_object_get(sums, "excluded"), "segments", json_object_get(sums, "histogram"), "encoding",
			 encoding_name(ucs2 ? ENCODING_UCS2 : ENCODING_GSM7), "cost_vnd", (json_int_t)(json_int(sums, "segments", 0) * price),
			 "folded", "segments", (json_int_t)folded, "cost_vnd", (json_int_t)(folded * price), "text", plain, "sense", sense, "samples",
			 json_object_get(sums, "samples"), "lint", lint);
	r = *ret ? json_object_set(*ret, "waits", json_object_get(sums, "waits")) ? E_NOMEM : add_end(in, c, sums, *ret) : E_NOMEM;
	if (!r && c->schedule)
		r = agenda_of_preview(in, c, sums, *ret);
	if (r) {
		json_decref(*ret);
		*ret = NULL;
	}
	return r;
}

/* Before a campaign runs its row shows what preview counted. */
static int keep_counts(struct tick *t, struct campaign *c, const json_t *sums)
{
	if (c->state > CAMPAIGN_APPROVED)
		return 0;
	c->total = json_int(sums, "total", 0);
	c->segments = json_int(sums, "segments", 0);
	c->cost_vnd = c->segments * campaign_price_vnd(&t->in, c);
	return campaign_save(t, c);
}

static int finish(struct tick *t, struct campaign *c, const struct audience *a, const json_t *sums, json_t **ret)
{
	OWN(json) json_t *out = NULL;
	OWN(mem) char *digest = NULL;
	int r = approval_digest_text(&t->in, c, a, &digest);
	if (!r)
		r = keep_counts(t, c, sums);
	if (!r)
		r = preview_json(&t->in, c, sums, &out);
	if (!r)
		r = json_set_str(out, "digest", digest);
	if (!r)
		*ret = MOVE(out);
	return r;
}

static int start_job(struct tick *t, const struct call *call, json_t **ret)
{
	int64_t job;
	int r = job_new(t, call, preview_job.verb, call->args, &job);
	if (r)
		return r;
	*ret = json_pack("{s:I}", "job", (json_int_t)job);
	return *ret ? 0 : E_NOMEM;
}

int preview_verb(struct tick *t, const struct call *call, json_t **ret, struct refusal *why)
{
	struct campaign c = { 0 };
	struct audience a;
	struct complaint complaint = { 0 };
	int r = campaign_of_call(&t->in, call, &c, why);
	if (r)
		return r;
	r = audience_parse(&t->in, c.audience, &a, &complaint);
	if (r && complaint.rule[0])
		r = refuse(why, r, 0, complaint.rule, "audience", "%s", complaint.text);
	if (!r && audience_count(&a) > PREVIEW_DIRECT_MAX) {
		r = start_job(t, call, ret);
	} else if (!r) {
		OWN(json) json_t *sums = preview_sums();
		r = sums ? preview_add(&t->in, &c, &a, PREVIEW_DIRECT_MAX + 1, sums) : E_NOMEM;
		if (!r)
			r = finish(t, &c, &a, sums, ret);
		else if (r == E_AGAIN) /* the list grew just now */
			r = start_job(t, call, ret);
	}
	campaign_done(&c);
	return r;
}

static int step_of(struct tick *t, struct job *j, struct campaign *c)
{
	struct audience a;
	struct complaint complaint = { 0 };
	int r = audience_parse(&t->in, c->audience, &a, &complaint);
	if (r && complaint.rule[0])
		return refuse(j->why, r, 0, complaint.rule, "audience", "%s", complaint.text);
	if (!r && !json_object_size(j->cursor)) {
		OWN(json) json_t *sums = preview_sums();
		r = sums ? json_object_update(j->cursor, sums) ? E_NOMEM : 0 : E_NOMEM;
	}
	if (!r)
		r = preview_add(&t->in, c, &a, STEP, j->cursor);
	if (r && r != E_AGAIN)
		return r;
	j->done = json_int(j->cursor, "total", 0);
	j->total = audience_count(&a);
	return r ? r : finish(t, c, &a, j->cursor, &j->result);
}

static int step(struct tick *t, struct job *j)
{
	struct campaign c = { 0 };
	int r = campaign_get(&t->in, json_int(j->args, "id", 0), NULL, &c);
	if (!r)
		r = step_of(t, j, &c);
	campaign_done(&c);
	return r;
}

const struct job_kind preview_job = { .verb = "campaign.preview", .step = step };
