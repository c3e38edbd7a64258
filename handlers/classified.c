/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names and shapes of what was understood. Keeps nothing. */
#include "handlers/classified.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"

const char *const message_kinds[KIND_COUNT + 2] = {
	[KIND_UNKNOWN] = "unknown",
	[KIND_EMPTY] = "empty",
	[KIND_URGENT] = "urgent",
	[KIND_OPTOUT] = "optout",
	[KIND_OPTIN] = "optin",
	[KIND_KEYWORD] = "keyword",
	[KIND_SURVEY_ANSWER] = "survey_answer",
	[KIND_FEEDBACK] = "feedback",
	[KIND_CASE_INFO] = "case_info",
	[KIND_ACK] = "ack",
	[KIND_HELP] = "help",
	[KIND_WRONG_NUMBER] = "wrong_number",
	[KIND_PRIVACY_REQUEST] = "privacy_request",
	[KIND_ABUSE] = "abuse",
	[KIND_COUNT] = KIND_DUPLICATE,
};

static const char *const nature_names[] = {
	[NATURE_QUESTION] = "question",
	[NATURE_REPORT] = "report",
	[NATURE_PROPOSAL] = "proposal",
	[NATURE_COMPLAINT] = "complaint",
	[NATURE_DENUNCIATION] = "denunciation",
	[NATURE_PRAISE] = "praise",
};

const char *kind_name(enum kind k)
{
	return message_kinds[k];
}

const char *nature_name(enum nature n)
{
	return nature_names[n];
}

void classified_done(struct classified *c)
{
	free(c->folded);
	c->folded = NULL;
}

void classified_topics(const struct classified *c, char *out, size_t out_bytes)
{
	size_t n = 0;
	out[0] = '\0';
	for (size_t i = 0; i < c->n_topics; i++) {
		size_t more = strlen(c->topics[i]) + (i > 0);
		if (n + more >= out_bytes)
			return;
		n += (size_t)snprintf(out + n, out_bytes - n, "%s%s", i ? "|" : "", c->topics[i]);
	}
}

const char *classified_kind(const struct classified *c)
{
	return kind_name(c->kind == KIND_OPTOUT && c->answer[0] ? KIND_SURVEY_ANSWER : c->kind);
}

json_t *classified_json(const struct classified *c)
{
	OWN(json) json_t *topics = json_array();
	for (size_t i = 0; topics && i < c->n_topics; i++)
		if (json_array_append_new(topics, json_string(c->topics[i])))
			return NULL;
	return json_pack("{s:s, s:s?, s:O, s:s?, s:f, s:s, s:s}", "kind", classified_kind(c), "topic",
			 c->n_topics ? c->topics[0] : NULL, "topics", topics, "answer", c->answer[0] ? c->answer : NULL, "confidence",
			 c->confidence, "folded", c->folded, "why", c->why);
}
