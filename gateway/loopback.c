/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Verbs of the simulated channel: speak as a villager, see what that phone received. The handsets live in the loopback driver. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/calendar.h"
#include "gateway/base/json.h"
#include "gateway/base/phone.h"
#include "gateway/core.h"

#define SENDER_CHARS 11 /* as networks allow */
#define SENDER_BYTES 24

static const struct channel *pick(struct tick *t, const char *name)
{
	for (int i = 0; i < t->core->n_channels; i++) {
		const struct channel *ch = &t->core->channels[i];
		if (!strcmp(ch->config->driver, "loopback") && (!name || !strcmp(name, ch->config->name)))
			return ch;
	}
	return NULL;
}

static int no_channel(struct refusal *why)
{
	return refuse(why, E_NOT_FOUND, 404, "not_found", "channel", "there is no such channel with driver = \"loopback\"");
}

/* Who speaks: a number in any spelling, or a sender with letters as networks and companies have. */
static int sender(const struct tick *t, const struct call *c, char ret[SENDER_BYTES], struct refusal *why)
{
	struct phone phone;
	const char *rule = "", *from = json_str(c->args, "from", "");
	size_t n = strspn(from, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_&. ");
	if (!phone_parse(&t->in.config->plan, from, &phone, &rule))
		snprintf(ret, SENDER_BYTES, "%s", phone.e164);
	else if (!strcmp(rule, "letters") && n && n <= SENDER_CHARS && !from[n])
		snprintf(ret, SENDER_BYTES, "%s", from);
	else
		return refuse(why, E_INVALID, 422, "bad_number", "from", "from is not one telephone number (%s).", rule);
	return 0;
}

static int said(struct tick *t, const struct call *c, const json_t *answer, json_t **ret, struct refusal *why)
{
	const json_t *r = json_object_get(answer, "result");
	char at[CALENDAR_ISO_BYTES], from[SENDER_BYTES];
	int e = sender(t, c, from, why);
	if (e)
		return e;
	*ret = json_pack("{s:s,s:s,s:s,s:s}", "id", json_str(r, "id", ""), "channel", json_str(r, "channel", ""), "from",
			 from, "at", calendar_format_iso(t->in.zone, t->in.now_ms, at));
	return *ret ? 0 : E_NOMEM;
}

/* "instance-17" names message 17. */
static int64_t message_of(const char *key)
{
	const char *dash = strrchr(key, '-');
	return dash ? strtoll(dash + 1, NULL, 10) : 0;
}

static int heard(struct tick *t, const struct call *c, const json_t *answer, json_t **ret, struct refusal *why)
{
	(void)c;
	(void)why;
	size_t i;
	const json_t *m;
	OWN(json) json_t *list = json_array();
	json_array_foreach(json_object_get(answer, "result"), i, m) {
		char at[CALENDAR_ISO_BYTES];
		json_array_append_new(list, json_pack("{s:s,s:s,s:s,s:I,s:I}", "at", calendar_format_iso(t->in.zone, json_int(m, "at_ms", 0), at), "channel",
						      json_str(m, "channel", ""), "text", json_str(m, "text", ""), "parts",
						      (json_int_t)json_int(m, "parts", 1), "message", (json_int_t)message_of(json_str(m, "key", ""))));
	}
	*ret = MOVE(list);
	return *ret ? 0 : E_NOMEM;
}

static int command_say(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	(void)ret;
	const struct channel *ch = pick(t, json_str(c->args, "channel", NULL));
	if (!ch)
		return no_channel(why);
	char from[SENDER_BYTES];
	int r = sender(t, c, from, why);
	if (r)
		return r;
	json_t *f = json_pack("{s:s,s:s,s:s,s:s}", "op", "say", "from", from, "text", json_str(c->args, "text", ""),
			      "to", t->in.config->organisation.reply_number ? t->in.config->organisation.reply_number : "");
	return tick_ask(t, c, ch->config->name, f, 10000, said);
}

static int command_heard(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	(void)ret;
	const struct channel *ch = pick(t, json_str(c->args, "channel", NULL));
	if (!ch)
		return no_channel(why);
	return tick_ask(t, c, ch->config->name, json_pack("{s:s,s:s}", "op", "heard", "number", json_str(c->args, "number", "")), 20000, heard);
}

static const struct verb_arg say_args[] = {
	{ .name = "from", .type = ARG_TEXT, .required = true, .max = 40, .help_en = "the villager's number", .help_vi = "số của người dân" },
	{ .name = "text", .type = ARG_TEXT, .required = true, .max = 16384, .help_en = "what they write", .help_vi = "nội dung" },
	{ .name = "channel", .type = ARG_NAME, .help_en = "simulated channel (the first one)", .help_vi = "kênh mô phỏng" },
};
static const struct verb_arg heard_args[] = {
	{ .name = "number", .type = ARG_PHONE, .rank = 1, .required = true, .help_en = "the phone's number", .help_vi = "số điện thoại" },
	{ .name = "channel", .type = ARG_NAME, .help_en = "simulated channel (the first one)", .help_vi = "kênh mô phỏng" },
};
static const struct verb verbs[] = {
	{ .noun = "loopback", .name = "say", .kind = VERB_COMMAND, .roles = R_(OPERATOR) | R_(OUTREACH) | R_(ADMINISTRATOR), VERB_ARGS(say_args),
	  .command = command_say, .own_key = true, .help_en = "speak as a villager on the simulated channel", .help_vi = "nhắn như người dân trên kênh mô phỏng" },
	{ .noun = "loopback", .name = "heard", .kind = VERB_COMMAND, .roles = R_(OPERATOR) | R_(OUTREACH) | R_(ADMINISTRATOR), VERB_ARGS(heard_args),
	  .command = command_heard, .own_key = true, .help_en = "what that phone received, oldest first", .help_vi = "điện thoại đó đã nhận gì" },
};
const struct verb_table loopback_verbs = VERB_TABLE(verbs);
