/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reasons by person, summed. Called by headcount.c; keeps nothing and writes nothing. */
#include "campaigns/leftout.h"

#include "campaigns/recipient.h"
#include "campaigns/template.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/contact.h"

void leftout_done(struct leftout *l)
{
	campaign_done(&l->as);
}

int leftout_open(const json_t *args, struct leftout *ret)
{
	struct leftout l = { 0 };
	struct complaint bad = { 0 };
	const char *text = json_str(args, "text", ""), *topic = json_str(args, "topic", "");
	int r = template_check(text, &bad);
	if (r == E_INVALID)
		text = "";
	r = r == E_INVALID ? 0 : r;
	if (!r)
		r = message_class_parse(json_str(args, "class", "social_policy"), &l.as.class);
	if (!r)
		r = campaign_set_text(&l.as.text, text);
	if (!r)
		r = campaign_set_text(&l.as.topic, *topic ? topic : NULL);
	if (!r)
		r = campaign_set_text(&l.as.pin, json_str(args, "channel", ""));
	if (!r) /* whose territory it is has been asked already */
		r = campaign_set_text(&l.as.unit, "");
	if (r)
		leftout_done(&l);
	else
		*ret = l;
	return r;
}

/* The array or object of that name, made when it is not there yet; borrowed from sums. */
static json_t *part(json_t *sums, const char *name, json_t *fresh)
{
	json_t *there = json_object_get(sums, name);
	if (there) {
		json_decref(fresh);
		return there;
	}
	return json_object_set_new(sums, name, fresh) ? NULL : fresh;
}

int leftout_add(const struct scope *in, const struct leftout *l, const struct audience *a, int64_t person, const char *name, json_t *sums)
{
	struct recipient p = { 0 };
	json_t *excluded = part(sums, "excluded", json_object()), *named = part(sums, "left_out", json_array());
	int r = excluded && named ? recipient_judge(in, &l->as, a, person, CONTACT_SEQ_ALL, &p) : E_NOMEM;
	if (!r && p.reason)
		r = json_set_int(excluded, p.reason, json_int(excluded, p.reason, 0) + 1);
	if (!r && p.reason && json_array_size(named) < LEFTOUT_NAMED_MAX)
		r = json_array_append_new(named, json_pack("{s:I, s:s, s:s}", "id", (json_int_t)person, "name", name ? name : "", "reason", p.reason)) ? E_NOMEM : 0;
	recipient_done(&p);
	return r == E_NOT_FOUND ? 0 : r;
}
