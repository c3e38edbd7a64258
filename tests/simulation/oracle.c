/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The memory of what was promised and what was done, and the laws that need no database. Called for each frame the core lets out and
 * for each part that reaches a network. */
#include "tests/simulation/oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/simulation/inside.h"

#define DAY_MS (INT64_C(24) * 3600000)
#define SLACK_MS 60000 /* small steps of the wall clock are drift to the core */
#define CAP 3
#define UNTROUBLED_MS 60000
#define VALIDITY_H 24
#define NIGHT_FROM_MIN (22 * 60)
#define NIGHT_TO_MIN (7 * 60)
#define ZONE_MIN (7 * 60)

void oracle_init(struct world *w)
{
	struct oracle *o = &w->oracle;
	json_t **all[] = { &o->accepted, &o->inbound, &o->wire,	   &o->messages, &o->attempts, &o->tags,
			   &o->switches, &o->claims,  &o->awaited, &o->results,	 &o->states };
	for (size_t i = 0; i < COUNT_OF(all); i++)
		SIM_CHECK((*all[i] = json_object()));
	json_t **lists[] = { &o->accepted_new, &o->inbound_new, &o->submits, &o->heads, &o->forgotten };
	for (size_t i = 0; i < COUNT_OF(lists); i++)
		SIM_CHECK((*lists[i] = json_array()));
}

void oracle_done(struct oracle *o)
{
	json_t *all[] = { o->accepted, o->inbound, o->wire,   o->messages,     o->attempts,    o->tags,	   o->switches, o->claims,
			  o->awaited,  o->results, o->states, o->accepted_new, o->inbound_new, o->submits, o->heads,
			  o->forgotten };
	for (size_t i = 0; i < COUNT_OF(all); i++)
		json_decref(all[i]);
}

void oracle_tag(struct world *w, const char *tag, const char *class, const char *topic)
{
	json_object_set_new(w->oracle.tags, tag, json_pack("{s:s,s:s}", "class", class, "topic", topic));
}

void oracle_comes_again(struct world *w, const char *tag)
{
	json_object_set_new(json_object_get(w->oracle.tags, tag), "again", json_true());
}

/* ---- acknowledged ---- */

static void tag_of(const char *text, char ret[24])
{
	const char *at = strchr(text, '#');
	size_t n = at && (at[1] == 'S' || at[1] == 'C') ? 2 + strspn(at + 2, "0123456789") : 0;
	snprintf(ret, 24, "%.*s", n > 2 && n < 24 ? (int)n - 1 : 0, at ? at + 1 : "");
}

/* By the clock on the wall, which is the one that a validity is written in. Which of several tries was taken is not known: what was
 * acknowledged today may have been taken before the clock was set back by years. */
static void note_validity(struct world *w, const json_t *args, int64_t latest_ms)
{
	int64_t now_ms = w->clock.sim_now_ms;
	char tag[24];
	tag_of(json_str(args, "text", ""), tag);
	json_t *kind = json_object_get(w->oracle.tags, tag);
	if (kind)
		json_set_int(kind, "expires_at", (now_ms > latest_ms ? now_ms : latest_ms) + json_int(args, "validity-h", VALIDITY_H) * 3600000);
}

void oracle_accepted(struct world *w, const char *key, const json_t *args, int64_t latest_ms)
{
	if (!rows_command_kept(w, "message.send", key))
		world_break(w, "nothing leaves before its commit", "message.send %s was answered, its message is not on disk", key);
	if (json_object_get(w->oracle.accepted, key))
		return;
	json_object_set(w->oracle.accepted, key, (json_t *)(uintptr_t)args);
	note_validity(w, args, latest_ms);
	json_array_append_new(w->oracle.accepted_new, json_string(key));
	w->figures.messages++;
}

void oracle_result(struct world *w, const char *verb, const char *key, const char *session, const json_t *result)
{
	char at[160];
	snprintf(at, sizeof(at), "%s %s", key, session);
	json_t *was = json_object_get(w->oracle.results, at);
	if (was && !json_equal(was, (json_t *)(uintptr_t)result))
		world_break(w, "one key, one result", "%s %s got two different answers", verb, key);
	if (!was)
		json_object_set(w->oracle.results, at, (json_t *)(uintptr_t)result);
}

void oracle_repeats(struct world *w, const char *text)
{
	char tag[24];
	tag_of(text ? text : "", tag);
	json_t *kind = json_object_get(w->oracle.tags, tag);
	if (!kind)
		return;
	oracle_comes_again(w, tag);
	json_object_del(kind, "expires_at"); /* when it was given is not known here */
}

void oracle_kept(struct world *w, const char *verb, const char *key)
{
	if (!rows_command_kept(w, verb, key))
		world_break(w, "nothing leaves before its commit", "%s %s was answered, its key is not on disk", verb, key);
}

void oracle_awaits(struct world *w, const char *inbound, const char *subject, int64_t n)
{
	json_object_set_new(w->oracle.awaited, inbound, json_pack("{s:s,s:I}", "subject", subject, "n", (json_int_t)n));
}

void oracle_stored(struct world *w, const char *channel, const char *id)
{
	char at[320];
	snprintf(at, sizeof(at), "%s|%s", channel, id);
	if (json_object_get(w->oracle.inbound, at))
		return;
	if (!rows_inbound_stored(w, channel, id))
		world_break(w, "nothing leaves before its commit", "inbound %s was acknowledged, it is not on disk", at);
	json_object_set_new(w->oracle.inbound, at, json_true());
	json_array_append_new(w->oracle.inbound_new, json_string(at));
	const json_t *s = json_object_get(w->oracle.awaited, at);
	if (s)
		oracle_switched(w, json_str(s, "subject", ""), json_int(s, "n", 0));
}

/* ---- stopping and resuming ---- */

int64_t oracle_switch(struct world *w, const char *subject, bool off, const char *scope)
{
	json_t *list = json_object_get(w->oracle.switches, subject);
	if (!list)
		json_object_set_new(w->oracle.switches, subject, list = json_array());
	json_array_append_new(list, json_pack("{s:b,s:s,s:I,s:I}", "off", off, "scope", scope, "given", (json_int_t)w->figures.steps,
					      "acked", (json_int_t)-1));
	return (int64_t)json_array_size(list) - 1;
}

void oracle_switched(struct world *w, const char *subject, int64_t n)
{
	json_t *s = json_array_get(json_object_get(w->oracle.switches, subject), (size_t)n);
	if (json_int(s, "acked", 0) < 0)
		json_set_int(s, "acked", w->figures.steps);
}

static bool lifts(const json_t *on, const char *scope)
{
	const char *by = json_str(on, "scope", "");
	return !strcmp(by, "campaign") || !strcmp(by, scope);
}

/* Surely off: acknowledged, and whatever could have resumed it was over before the stop was given. */
static bool surely_off(const json_t *list, const json_t *off)
{
	size_t i;
	json_t *on;
	if (!json_flag(off, "off", false) || json_int(off, "acked", -1) < 0)
		return false;
	json_array_foreach (list, i, on) {
		int64_t acked = json_int(on, "acked", -1);
		if (!json_flag(on, "off", false) && lifts(on, json_str(off, "scope", "")) &&
		    (acked < 0 || acked >= json_int(off, "given", 0)))
			return false;
	}
	return true;
}

static const json_t *stopped(const struct world *w, const char *subject, const char *topic)
{
	const json_t *list = json_object_get(w->oracle.switches, subject);
	char own[64];
	size_t i;
	json_t *s;
	snprintf(own, sizeof(own), "topic:%s", topic);
	json_array_foreach (list, i, s) {
		const char *scope = json_str(s, "scope", "");
		if ((!strcmp(scope, "campaign") || !strcmp(scope, own)) && surely_off(list, s))
			return s;
	}
	return NULL;
}

bool oracle_is_off(const struct world *w, const char *subject)
{
	return stopped(w, subject, "") != NULL;
}

/* ---- frames to drivers ---- */

static bool night(const struct world *w)
{
	int64_t minute = (w->clock.sim_now_ms / 60000 + ZONE_MIN) % 1440;
	if (minute < 0)
		minute += 1440;
	return minute >= NIGHT_FROM_MIN || minute < NIGHT_TO_MIN;
}

/* Others of the number that were handed out within a day and may have been sent. */
static int others_within_a_day(const struct world *w, const char *to, const char *message)
{
	size_t i;
	json_t *c;
	int n = 0;
	json_array_foreach (json_object_get(w->oracle.claims, to), i, c) {
		const char *other = json_str(c, "message", "");
		const json_t *m = json_object_get(w->oracle.messages, other);
		bool counts = json_flag(m, "touched", false) || !json_flag(m, "clean", false);
		n += counts && strcmp(other, message) && json_int(c, "at", 0) > world_mono_ms(w) - DAY_MS + SLACK_MS;
	}
	return n;
}

static void note_claim(struct world *w, const char *to, const char *message)
{
	json_t *list = json_object_get(w->oracle.claims, to), *c;
	size_t i;
	if (!list)
		json_object_set_new(w->oracle.claims, to, list = json_array());
	json_array_foreach (list, i, c)
		if (!strcmp(json_str(c, "message", ""), message)) {
			json_set_int(c, "at", world_mono_ms(w));
			return;
		}
	json_array_append_new(list, json_pack("{s:s,s:I}", "message", message, "at", (json_int_t)world_mono_ms(w)));
	if (json_array_size(list) > 64)
		json_array_remove(list, 0);
}

/* A first part of a bulk message: the gate as the specification has it. */
static void judge_bulk(struct world *w, const json_t *frame, const char *tag, const json_t *kind, bool begun)
{
	const char *to = json_str(frame, "to", ""), *key = json_str(frame, "key", ""), *topic = json_str(kind, "topic", "");
	char subject[64];
	snprintf(subject, sizeof(subject), "person:%s", to);
	const json_t *off = stopped(w, subject, topic);
	if (off)
		world_break(w, "opt-out holds", "%s goes to %s, who stopped %s in step %lld", tag, to, json_str(off, "scope", ""),
			    (long long)json_int(off, "acked", 0));
	if (begun)
		return;
	if (night(w))
		world_break(w, "quiet hours", "%s goes to %s at night", tag, to);
	int others = others_within_a_day(w, to, key);
	if (others >= CAP)
		world_break(w, "three in a day", "%s is number %d to %s within 24 hours", tag, others + 1, to);
	note_claim(w, to, key);
}

/* What a person repeats is no part of its campaign any more. */
static void judge_campaign(struct world *w, int64_t attempt, const char *tag)
{
	char subject[64];
	snprintf(subject, sizeof(subject), "campaign:%s", tag);
	const json_t *off = tag[0] == 'C' ? stopped(w, subject, "") : NULL;
	if (off && !rows_repeats(w, attempt))
		world_break(w, "pause and cancel hold", "%s goes out although stopped in step %lld", tag,
			    (long long)json_int(off, "acked", 0));
}

static json_t *message_of(struct world *w, const json_t *frame)
{
	const char *key = json_str(frame, "key", ""), *to = json_str(frame, "to", "");
	json_t *m = json_object_get(w->oracle.messages, key);
	if (!m) {
		m = json_pack("{s:s,s:s}", "to", to, "tag", "");
		json_object_set_new(w->oracle.messages, key, m);
	}
	if (strcmp(json_str(m, "to", ""), to))
		world_break(w, "one key, one message", "%s goes to %s and to %s", key, json_str(m, "to", ""), to);
	return m;
}

/* The same words of the same wish under a second message: taken in twice. */
static void judge_tag(struct world *w, const json_t *frame, json_t *m, const char *tag)
{
	char at[1200];
	snprintf(at, sizeof(at), "sent|%s|%.1000s", json_str(frame, "to", ""), json_str(frame, "text", ""));
	const char *was = json_string_value(json_object_get(w->oracle.messages, at));
	bool again = json_flag(json_object_get(w->oracle.tags, tag), "again", false);
	if (was && !again && strcmp(was, json_str(frame, "key", "")))
		world_break(w, "one wish, one message", "%s to %s is message %s and %s", tag, json_str(frame, "to", ""), was,
			    json_str(frame, "key", ""));
	if (!was)
		json_object_set_new(w->oracle.messages, at, json_string(json_str(frame, "key", "")));
	json_set_str(m, "tag", tag);
}

static void open_attempt(struct world *w, const json_t *submit, json_t *message, const char *attempt)
{
	const struct process *p = process_find(w, json_int(submit, "process", 0));
	struct driver *d = &w->drivers[json_int(submit, "channel", 0)];
	bool lost = !p || p->dead; /* killed in this very tick: it never leaves */
	json_object_set_new(message, "clean", json_boolean(lost));
	if (lost)
		return;
	json_object_set_new(d->open, attempt, json_true());
	if ((int)json_object_size(d->open) > d->credit)
		world_break(w, "the window", "%s has %zu attempts open", d->name, json_object_size(d->open));
}

static void judge(struct world *w, const json_t *submit)
{
	const json_t *frame = json_object_get(submit, "frame");
	const char *attempt = json_str(frame, "attempt", ""), *key = json_str(frame, "key", "");
	int64_t id = strtoll(attempt, NULL, 10), part = json_int(frame, "part", 0);
	char tag[24];
	if (!rows_attempt_handed(w, id))
		world_break(w, "nothing leaves before its commit", "attempt %s is not on disk as handed", attempt);
	if (rows_attempt_stale(w, id))
		world_break(w, "nothing leaves long after it was decided", "attempt %s was claimed long before", attempt);
	if (json_object_get(w->oracle.attempts, attempt))
		world_break(w, "an attempt is handed once", "attempt %s is handed again", attempt);
	json_t *m = message_of(w, frame);
	bool begun = rows_begun(w, id);
	json_object_set_new(w->oracle.attempts, attempt, json_pack("{s:s,s:I}", "message", key, "part", (json_int_t)part));
	open_attempt(w, submit, m, attempt);
	if (rows_skips(w, id))
		world_break(w, "parts leave in order", "part %lld of %s goes before the one before it", (long long)part, key);
	if (world_mono_ms(w) - w->struck_mono_ms > UNTROUBLED_MS && rows_overtakes(w, id))
		world_break(w, "an answer waits for one part of another message", "part %lld of %s goes before it", (long long)part, key);
	if (part != 1)
		return;
	tag_of(json_str(frame, "text", ""), tag);
	const json_t *kind = json_object_get(w->oracle.tags, tag);
	if (!kind)
		return;
	judge_tag(w, frame, m, tag);
	int64_t expires_at = json_int(kind, "expires_at", INT64_MAX);
	if (w->clock.sim_now_ms >= expires_at)
		world_break(w, "nothing is sent after its validity", "%s goes out %lld s too late", tag,
			    (long long)(w->clock.sim_now_ms - expires_at) / 1000);
	judge_campaign(w, id, tag);
	if (strcmp(json_str(kind, "class", ""), "service") && strcmp(json_str(kind, "class", ""), "emergency"))
		judge_bulk(w, frame, tag, kind, begun);
}

void oracle_judge(struct world *w)
{
	size_t i;
	json_t *s;
	json_array_foreach (w->oracle.submits, i, s)
		judge(w, s);
	json_array_clear(w->oracle.submits);
}

void oracle_look(struct world *w, struct process *p, const json_t *frame)
{
	const char *op = json_str(frame, "op", "");
	if (p->kind == PEER_DRIVER && !strcmp(op, "submit"))
		json_array_append_new(w->oracle.submits,
				      json_pack("{s:i,s:I,s:O}", "channel", p->channel, "process", (json_int_t)p->serial, "frame", frame));
	else if (p->kind == PEER_DRIVER && (!strcmp(op, "stored") || !strcmp(op, "skip")) && !strncmp(json_str(frame, "id", ""), "mo-", 3))
		oracle_stored(w, w->drivers[p->channel].name, json_str(frame, "id", ""));
	else if (p->kind == PEER_WEB && !strcmp(op, "reply"))
		hook_answered(w, frame);
	else if (p->kind == PEER_CLIENT && !strcmp(op, "reply"))
		staff_answered(w, frame);
	else if (p->kind == PEER_WEBHOOK && !strcmp(op, "event"))
		receiver_given(w, frame);
}

/* ---- wires and outcomes ---- */

void oracle_wire(struct world *w, int channel, const json_t *submit)
{
	char at[120];
	const char *key = json_str(submit, "key", "");
	json_t *m = json_object_get(w->oracle.messages, key);
	snprintf(at, sizeof(at), "%s:%lld", key, (long long)json_int(submit, "part", 0));
	int64_t n = json_int(w->oracle.wire, at, 0) + 1;
	json_set_int(w->oracle.wire, at, n);
	w->figures.wire++;
	world_note(w, "%s sends %s", w->drivers[channel].name, at);
	if (m)
		json_object_set_new(m, "touched", json_true());
	if (n > 1)
		world_break(w, "nothing is sent twice", "%s reached a network %lld times, now by %s", at, (long long)n,
			    w->drivers[channel].name);
	if (!rows_attempt_handed(w, strtoll(json_str(submit, "attempt", "0"), NULL, 10)))
		world_break(w, "on the wire without intent", "attempt %s reached a network, it is not on disk",
			    json_str(submit, "attempt", ""));
}

static json_t *message_of_attempt(struct world *w, const char *attempt)
{
	return json_object_get(w->oracle.messages, json_str(json_object_get(w->oracle.attempts, attempt), "message", ""));
}

void oracle_outcome(struct world *w, const char *attempt, const char *outcome)
{
	json_t *m = message_of_attempt(w, attempt);
	bool clean = !strcmp(outcome, "not_sent") || !strcmp(outcome, "refused");
	if (m)
		json_object_set_new(m, clean ? "clean" : "touched", json_true());
}

void oracle_unwritten(struct world *w, const char *attempt)
{
	json_t *m = message_of_attempt(w, attempt);
	if (m)
		json_object_set_new(m, "clean", json_true());
}
