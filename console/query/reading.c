/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers that wait for the audit. Called by the server; keeps who read what lately, so that a page that reads itself anew is no
 * flood. */
#include "console/query/reading.h"

#include <stdio.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/base/seal.h"

static uint64_t thing(const char *actor, const char *subject)
{
	char text[160];
	uint8_t digest[32];
	uint64_t out;
	int n = snprintf(text, sizeof(text), "%s %s", actor, subject);
	seal_digest(text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1, digest);
	memcpy(&out, digest, sizeof(out));
	return out;
}

static bool is_known(const struct readings *r, uint64_t who_what, int64_t now_ms)
{
	for (size_t i = 0; i < READINGS_KNOWN; i++)
		if (r->known[i].who_what == who_what && r->known[i].until > now_ms)
			return true;
	return false;
}

/* The oldest is forgotten: then it is written down once more. */
static void know(struct readings *r, uint64_t who_what, int64_t now_ms)
{
	size_t oldest = 0;
	for (size_t i = 1; i < READINGS_KNOWN; i++)
		if (r->known[i].until < r->known[oldest].until)
			oldest = i;
	r->known[oldest].who_what = who_what;
	r->known[oldest].until = now_ms + READING_SAME_MS;
}

json_t *readings_of(const struct readings *r, const char *actor, const json_t *answer, int64_t now_ms)
{
	json_t *list = json_array();
	size_t i;
	const json_t *row;
	json_array_foreach(json_object_get(answer, "rows"), i, row) {
		char subject[40];
		if (!list || !json_flag(row, "restricted", false))
			continue;
		/* a message of the inbox names its case */
		const json_t *of = json_object_get(row, "case");
		snprintf(subject, sizeof(subject), "case:%lld", (long long)(json_is_integer(of) ? json_integer_value(of) : json_int(row, "id", 0)));
		if (is_known(r, thing(actor, subject), now_ms))
			continue;
		if (json_array_append_new(list, json_string(subject))) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

json_t *readings_attempt(struct readings *r, const char *actor, const char *verb, const char *subject, int64_t now_ms)
{
	char what[64];
	snprintf(what, sizeof(what), "refused %s", subject);
	uint64_t who_what = thing(actor, what);
	if (is_known(r, who_what, now_ms))
		return NULL;
	know(r, who_what, now_ms);
	return json_pack("{s:s, s:i, s:s, s:s, s:[s], s:b}", "op", "read", "id", 0, "actor", actor, "verb", verb, "subjects", subject, "refused", 1);
}

static void free_waiting(struct waiting *w)
{
	json_decref(w->answer);
	json_decref(w->subjects);
	*w = (struct waiting){ 0 };
}

int readings_wait(struct readings *r, int64_t client, const char *actor, const char *verb, json_t *subjects, json_t *answer, int64_t now_ms,
		  json_t **ret_frame)
{
	OWN(json) json_t *kept = answer, *what = subjects;
	for (size_t i = 0; i < READINGS_WAITING; i++) {
		struct waiting *w = &r->waiting[i];
		if (w->answer)
			continue;
		json_t *frame = json_pack("{s:s, s:I, s:s, s:s, s:O}", "op", "read", "id", (json_int_t)(r->last_id + 1), "actor", actor, "verb", verb,
					  "subjects", what);
		if (!frame)
			return E_NOMEM;
		*w = (struct waiting){ .id = ++r->last_id, .client = client, .until = now_ms + READING_WAIT_MS, .answer = MOVE(kept), .subjects = MOVE(what) };
		snprintf(w->actor, sizeof(w->actor), "%s", actor);
		*ret_frame = frame;
		return 0;
	}
	return E_UNAVAILABLE;
}

int readings_noted(struct readings *r, int64_t id, int64_t now_ms, int64_t *ret_client, json_t **ret_answer)
{
	for (size_t i = 0; i < READINGS_WAITING; i++) {
		struct waiting *w = &r->waiting[i];
		size_t k;
		const json_t *subject;
		if (!w->answer || w->id != id)
			continue;
		json_array_foreach(w->subjects, k, subject)
			know(r, thing(w->actor, json_string_value(subject)), now_ms);
		*ret_client = w->client;
		*ret_answer = MOVE(w->answer);
		free_waiting(w);
		return 0;
	}
	return E_NOT_FOUND;
}

bool readings_late(struct readings *r, int64_t now_ms, int64_t *ret_client, json_t **ret_answer)
{
	for (size_t i = 0; i < READINGS_WAITING; i++) {
		struct waiting *w = &r->waiting[i];
		if (!w->answer || w->until > now_ms)
			continue;
		*ret_client = w->client;
		*ret_answer = MOVE(w->answer);
		free_waiting(w);
		return true;
	}
	return false;
}

bool readings_any(const struct readings *r)
{
	for (size_t i = 0; i < READINGS_WAITING; i++)
		if (r->waiting[i].answer)
			return true;
	return false;
}

void readings_done(struct readings *r)
{
	for (size_t i = 0; i < READINGS_WAITING; i++)
		free_waiting(&r->waiting[i]);
}
