/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of shapes and reading it. Called by the web's OpenAPI file and by tests; keeps nothing. */
#include "gateway/shape.h"

#include <stdio.h>
#include <string.h>

#include "gateway/base/own.h"

const struct shape shape_table[] = {
	{ "message",
	  "id:n key:s? person:s to:s? class:s state:s reason:s? segments:n encoding:s? channel:s? campaign:n? queued_at:s sent_at:s? final_at:s? attempts:l=attempt",
	  "message.send message.show message.list" },
	{ "attempt", "part:n n:n channel:s outcome:s? proof:s? reference:s? code:s? handed_at:s?", NULL },
	{ "campaign",
	  "id:n name:s state:s class:s audience:s total:n? counts:o=counts excluded:o segments:n? cost_vnd:n? replies:n opt_outs:n started_at:s? eta_at:s?",
	  "campaign.new campaign.set campaign.submit campaign.approve campaign.return campaign.start campaign.pause campaign.resume campaign.cancel "
	  "campaign.show campaign.list" },
	{ "counts", "held:n queued:n sending:n retry:n sent:n unclear:n delivered:n failed:n expired:n suppressed:n cancelled:n", NULL },
	{ "preview", "total:n excluded:o segments:o encoding:s? cost_vnd:n folded:o=folded_preview samples:l lint:l=lint", "campaign.preview" },
	{ "folded_preview", "segments:n cost_vnd:n text:s", NULL },
	{ "lint", "rule:s severity:s text:s", NULL },
	{ "case",
	  "id:n code:s state:s topic:s? topics:l kind:s urgency:s restricted:b unit:s? person:s? received_at:s due_at:s? overdue:b text:s timeline:l?=event",
	  "case.new case.show case.list" },
	{ "event", "at:s what:s who:s text:s?", NULL },
	{ "signup",
	  "id:n code:s programme:s state:s head:s? hamlet:s? unit:s? person:s? phone:b received_at:s visit_due_at:s? overdue:b visited_at:s? "
	  "decided_at:s? result:s? reason:s? wants_person:s?",
	  "signup.new signup.set signup.visit signup.decide signup.withdraw signup.close signup.show signup.list" },
	{ "inbox", "id:n channel:s received_at:s from_person:s? text:s kind:s? topic:s? handled_by:s? result:s?", "inbox.list inbox.show" },
	{ "channel", "name:s driver:s state:s in_flight:n credit:n rate:n? sent_today:n unclear:n signal_percent:n? network:s? balance_vnd:n? last_error:s?",
	  "channel.list channel.show" },
	{ "token", "id:n user:s name:s? scopes:s? token:s? expires_at:s?", "token.add token.list" },
	{ "user", "name:s role:s unit:s? disabled:b totp:b", "user.add user.list" },
	{ "contact", "id:n person:s name:s? number:s? unit:s? groups:l basis:s? opted_out:l imported_at:s", "contact.add contact.show contact.list" },
	{ "consent", "person:s basis:s? scopes:l=scope", "consent.show consent.opt-out" },
	{ "scope", "scope:s state:s at:s channel:s? text:s?", NULL },
	{ "said", "id:s channel:s from:s at:s", "loopback.say" },
	{ "job", "id:n verb:s state:s done:n total:n? result:o? error:o?", "job.show job.list" },
	{ "import", "rows:n added:n updated:n unchanged:n refused:l reasons:o", NULL },
	{ "verified", "ok:b first_bad:n? checked:n", "audit.verify" },
	{ "measure", "encoding:s characters:n units:n segments:n left:n forcing:l folded:o=folded", "text.measure" },
	{ "folded", "text:s segments:n", NULL },
	{ "template", "name:s topic:s? states:l title:s text:s", "template.set template.withdraw template.list" },
	{ "screen", "session:s text:s more:b rehearsal:b", "ussd.try" },
	{ "dialogue", "name:s title:s? menu:b faulty:b", "dialogue.list" },
};
const size_t shape_count = COUNT_OF(shape_table);

const struct shape *shape_find(const char *name)
{
	for (size_t i = 0; i < shape_count; i++)
		if (strcmp(shape_table[i].name, name) == 0)
			return &shape_table[i];
	return NULL;
}

/* Is it one of these words? */
static bool holds(const char *words, const char *word)
{
	size_t n = strlen(word);
	for (const char *p = words; p && (p = strstr(p, word)); p += n)
		if ((p == words || p[-1] == ' ') && (p[n] == ' ' || !p[n]))
			return true;
	return false;
}

const struct shape *shape_of(const char *noun, const char *verb)
{
	char dotted[64];
	snprintf(dotted, sizeof(dotted), "%s.%s", noun, verb);
	for (size_t i = 0; i < shape_count; i++)
		if (holds(shape_table[i].verbs, dotted))
			return &shape_table[i];
	return NULL;
}

bool shape_next(const char **fields, struct shape_field *ret)
{
	const char *p = *fields + strspn(*fields, " ");
	size_t name = strcspn(p, ": "), all = strcspn(p, " ");
	if (!all)
		return false;
	*ret = (struct shape_field){ .kind = p[name + 1], .may_be_null = name + 2 < all && p[name + 2] == '?' };
	snprintf(ret->name, sizeof(ret->name), "%.*s", (int)name, p);
	const char *inside = memchr(p, '=', all);
	if (inside)
		snprintf(ret->inside, sizeof(ret->inside), "%.*s", (int)(p + all - inside - 1), inside + 1);
	*fields = p + all;
	return true;
}
