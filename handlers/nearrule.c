/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Misspelt commands and topics. Keeps nothing, does no I/O. */
#include "handlers/nearrule.h"

#include <string.h>

#include "handlers/nearword.h"

/* The core as one text, for comparing. False when it is too long for a command. */
static bool core_text(const struct reading *r, char ret[FORM_BYTES])
{
	size_t n = 0;
	for (size_t i = r->core.from; i < r->core.to; i++) {
		size_t more = strlen(r->w->at[i].fold);
		if (n + more + 2 > FORM_BYTES)
			return false;
		if (n)
			ret[n++] = ' ';
		memcpy(ret + n, r->w->at[i].fold, more + 1);
		n += more;
	}
	return n > 0;
}

/* Which action a misspelt command would have been; asked back, never done. */
static bool near_command(struct reading *r, const struct form *near)
{
	if (near->action == LIST_HELP_WHOLE)
		return reading_decide(r, KIND_HELP, 0.6, "nearly '%s'", near->text);
	if (near->action < LIST_COUNT) {
		r->out->doubt = true;
		return reading_decide(r, KIND_UNKNOWN, 0.5, "nearly '%s', asked once", near->text);
	}
	reading_add_topic(r, r->k->topics[near->action - LIST_COUNT].code);
	r->out->near = true;
	r->out->command = COMMAND_TOPIC;
	return reading_decide(r, KIND_KEYWORD, 0.5, "nearly '%s', asked once", near->text);
}

bool nearrule_command(struct reading *r)
{
	char text[FORM_BYTES];
	bool ordinary = r->core.to == r->core.from + 1 && !r->w->at[r->core.from].foreign;
	const struct form *near = !ordinary && core_text(r, text) ? nearword_find(&r->k->near, text, false) : NULL;
	return near && near_command(r, near);
}

bool nearrule_topic(struct reading *r)
{
	for (size_t i = 0; i < r->w->n && !r->score.n; i++) {
		const struct form *near = r->w->at[i].foreign ? nearword_find(&r->k->near, r->w->at[i].fold, true) : NULL;
		if (!near || near->action < LIST_COUNT)
			continue;
		reading_add_topic(r, r->k->topics[near->action - LIST_COUNT].code);
		reading_tell_nature(r);
		r->out->near = true;
		return reading_decide(r, KIND_FEEDBACK, 0.6, "'%s' is nearly '%s'", r->w->at[i].fold, near->text);
	}
	return false;
}
