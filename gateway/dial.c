/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Verbs and frames of USSD. A call waits for the driver's text under its own number while the dialogue keeps the one that the driver
 * knows. Called by driver_frame.c and the core's duties; never repeats a code by itself: it may have been a voucher. */
#include "gateway/dial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/audit.h"
#include "gateway/balance.h"
#include "gateway/base/json.h"
#include "gateway/base/log.h"
#include "gateway/core.h"
#include "gateway/pending.h"

#define WAIT_MS 60000	 /* a call waits so long for a text */
#define GRACE_MS 10000	 /* … and the dialogue a little longer */
#define READING_MS 180000 /* a person reads the menu; networks end it earlier */
#define LOOK_MS 1000

bool dial_is_code(const char *code)
{
	size_t n = strlen(code);
	return n > 1 && n < DIAL_CODE_BYTES && (code[0] == '*' || code[0] == '#') && !code[strspn(code, "*#0123456789")];
}

/* What a modem can be told in a menu: printable ASCII without the quote that would end its argument. */
static bool is_answer(const char *text)
{
	size_t n = strlen(text);
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)text[i] < 0x20 || (unsigned char)text[i] > 0x7e || text[i] == '"')
			return false;
	return n > 0 && n < DIAL_CODE_BYTES;
}

/* ---- the dialogue in memory, after the commit ---- */

static void give_up(struct core *core, int64_t channel, int64_t id)
{
	struct dial *s = &core->channels[channel].dial;
	if (s->id == id)
		*s = (struct dial){ 0 };
}

static void wait_for_text(struct core *core, int64_t channel, int64_t pending)
{
	struct dial *s = &core->channels[channel].dial;
	if (!s->id)
		s->id = pending;
	s->pending = pending;
	s->due_mono_ms = clock_mono_ms(core->clock) + WAIT_MS + GRACE_MS;
}

static void wait_for_person(struct core *core, int64_t channel, int64_t id)
{
	struct dial *s = &core->channels[channel].dial;
	if (s->id != id)
		return;
	s->pending = 0;
	s->due_mono_ms = clock_mono_ms(core->clock) + READING_MS;
}

static void begin_own(struct core *core, int64_t channel, int64_t id)
{
	core->channels[channel].dial = (struct dial){ .id = id, .balance = true, .due_mono_ms = clock_mono_ms(core->clock) + WAIT_MS + GRACE_MS };
}

static int64_t index_of(const struct tick *t, const struct channel *ch)
{
	return ch - t->core->channels;
}

static json_t *frame_of(const char *op, int64_t id, const char *key, const char *value)
{
	char text[24];
	snprintf(text, sizeof(text), "%lld", (long long)id);
	json_t *f = json_pack("{s:s,s:s}", "op", op, "id", text);
	if (f && key && json_set_str(f, key, value)) {
		json_decref(f);
		return NULL;
	}
	return f;
}

static int cancel(struct tick *t, const struct channel *ch)
{
	int64_t id = ch->dial.id;
	int r = ch->peer ? tick_send_peer(t, ch->peer, frame_of("ussd_cancel", id, NULL, NULL), 0) : 0;
	return r ? r : tick_after(t, give_up, index_of(t, ch), id);
}

/* ---- texts from the driver ---- */

static int shape(const struct call *c, const struct channel *ch, const json_t *answer, json_t **ret)
{
	*ret = json_pack("{s:I,s:s,s:s,s:s,s:b}", "id", (json_int_t)ch->dial.id, "channel", ch->config->name, "code",
			 json_str(c->args, "code", ch->dial.code), "text", json_str(answer, "text", ""), "more",
			 json_flag(answer, "more", false));
	return *ret ? 0 : E_NOMEM;
}

/* An empty end is how a driver says that nothing came of it. */
static int told(struct tick *t, const struct call *c, const json_t *answer, json_t **ret, struct refusal *why)
{
	const struct channel *ch = tick_channel(t, json_str(c->args, "channel", ""));
	if (!ch)
		return E_NOT_FOUND;
	if (!json_str(answer, "text", "")[0] && !json_flag(answer, "more", false))
		return refuse(why, E_IO, 504, "no_answer", "", "the network gave no answer to the code: %s",
			      json_str(answer, "why", "it does not know it, or the modem lost the network"));
	return shape(c, ch, answer, ret);
}

static int pass_on(struct tick *t, struct peer *p, const struct dial *s, const json_t *f)
{
	char id[24];
	snprintf(id, sizeof(id), "%lld", (long long)s->pending);
	OWN(json) json_t *answer = json_copy((json_t *)(uintptr_t)f);
	if (!answer || json_set_str(answer, "id", id))
		return E_NOMEM;
	return pending_answer(t, p, answer);
}

int dial_text(struct tick *t, struct peer *p, struct channel *ch, const json_t *f)
{
	const struct dial *s = &ch->dial;
	bool more = json_flag(f, "more", false);
	if (!s->id || strtoll(json_str(f, "id", "0"), NULL, 10) != s->id) {
		log_info("ussd.unasked", "channel=%s", ch->config->name);
		return 0;
	}
	int r = s->balance || (ch->config->balance.ussd && !strcmp(s->code, ch->config->balance.ussd))
			? balance_take(t, ch, json_str(f, "text", ""), s->balance) : 0;
	if (!r && s->pending)
		r = pass_on(t, p, s, f);
	if (r)
		return r;
	if (s->balance && more)
		return cancel(t, ch);
	return tick_after(t, more ? wait_for_person : give_up, index_of(t, ch), s->id);
}

int dial_own(struct tick *t, struct channel *ch, const char *code)
{
	if (!ch->peer || !ch->ready || !ch->ussd || ch->dial.id || !dial_is_code(code))
		return E_AGAIN;
	int64_t id = ++t->core->last_frame;
	int r = tick_send_peer(t, ch->peer, frame_of("ussd", id, "code", code), 0);
	return r ? r : tick_after(t, begin_own, index_of(t, ch), id);
}

int dial_duty(struct tick *t, int64_t *ret_due_at)
{
	int r = 0;
	*ret_due_at = t->in.now_ms + LOOK_MS;
	for (int i = 0; !r && i < t->core->n_channels; i++) {
		struct channel *ch = &t->core->channels[i];
		if (!ch->dial.id || ch->dial.due_mono_ms > t->mono_ms)
			continue;
		if (ch->dial.balance)
			trouble_note(ch, "no answer to the balance code");
		r = cancel(t, ch);
	}
	return r;
}

/* ---- verbs ---- */

static int find_channel(struct tick *t, const struct call *c, struct channel **ret, struct refusal *why)
{
	struct channel *ch = tick_channel(t, json_str(c->args, "channel", ""));
	if (!ch)
		return refuse(why, E_NOT_FOUND, 404, "not_found", "channel", "there is no channel of that name in the configuration");
	if (channel_unreachable(ch))
		return refuse(why, E_IO, 504, "channel_down", "channel", "the channel is down: %s", channel_unreachable(ch));
	if (!ch->ussd)
		return refuse(why, E_REFUSED, 409, "no_ussd", "channel", "this channel has no USSD: only modems do");
	*ret = ch;
	return 0;
}

static void keep_code(struct core *core, int64_t channel, int64_t pending)
{
	for (size_t i = 0; i < core->n_pending; i++)
		if (core->pending[i].id == pending)
			snprintf(core->channels[channel].dial.code, DIAL_CODE_BYTES, "%s", json_str(core->pending[i].args, "code", ""));
}

static int ask(struct tick *t, const struct call *c, struct channel *ch, json_t *frame)
{
	if (!frame)
		return E_NOMEM;
	int r = tick_ask(t, c, ch->config->name, frame, WAIT_MS, told);
	if (r != E_AGAIN)
		return r;
	r = tick_after(t, wait_for_text, index_of(t, ch), t->core->last_frame);
	return r ? r : E_AGAIN;
}

static int command_send(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	(void)ret;
	struct channel *ch = NULL;
	const char *code = json_str(c->args, "code", "");
	if (!dial_is_code(code))
		return refuse(why, E_INVALID, 422, "bad_code", "code", "a code begins with * or # and has digits, * and # only, such as *101#");
	int r = find_channel(t, c, &ch, why);
	if (r)
		return r;
	if (ch->dial.id)
		return refuse(why, E_REFUSED, 409, "ussd_busy", "channel", "a dialogue is open on this channel: caunoi ussd answer, or ussd cancel");
	r = audit_put(t, c->actor, "ussd.send", ch->config->name, code);
	if (!r)
		r = ask(t, c, ch, json_pack("{s:s,s:s}", "op", "ussd", "code", code));
	if (r != E_AGAIN)
		return r;
	r = tick_after(t, keep_code, index_of(t, ch), t->core->last_frame);
	return r ? r : E_AGAIN;
}

static int find_open(struct tick *t, const struct call *c, struct channel **ret, struct refusal *why)
{
	struct channel *ch = NULL;
	int r = find_channel(t, c, &ch, why);
	if (r)
		return r;
	if (!ch->dial.id || ch->dial.balance)
		return refuse(why, E_REFUSED, 409, "no_dialogue", "channel", "no dialogue is open on this channel; begin with caunoi ussd send");
	*ret = ch;
	return 0;
}

static int command_answer_menu(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	(void)ret;
	struct channel *ch = NULL;
	const char *text = json_str(c->args, "text", "");
	if (!is_answer(text))
		return refuse(why, E_INVALID, 422, "bad_answer", "text", "an answer is 1 to %d plain letters, digits and signs", DIAL_CODE_BYTES - 1);
	int r = find_open(t, c, &ch, why);
	if (r)
		return r;
	if (ch->dial.pending)
		return refuse(why, E_REFUSED, 409, "ussd_busy", "channel", "the network has not said anything yet; wait for its text");
	r = audit_put(t, c->actor, "ussd.answer", ch->config->name, text);
	return r ? r : ask(t, c, ch, frame_of("ussd_reply", ch->dial.id, "text", text));
}

static int command_cancel(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	struct channel *ch = NULL;
	int r = find_open(t, c, &ch, why);
	if (!r)
		r = audit_put(t, c->actor, "ussd.cancel", ch->config->name, NULL);
	if (!r)
		r = cancel(t, ch);
	return r ? r : shape(c, ch, NULL, ret);
}

#define CHANNEL_ARG { .name = "channel", .type = ARG_NAME, .rank = 1, .required = true, .help_en = "the modem's channel", .help_vi = "kênh modem" }
static const struct verb_arg send_args[] = {
	CHANNEL_ARG,
	{ .name = "code", .type = ARG_TEXT, .rank = 2, .required = true, .max = 160, .help_en = "what to dial, such as *101#", .help_vi = "mã cần gọi, ví dụ *101#" },
};
static const struct verb_arg answer_args[] = {
	CHANNEL_ARG,
	{ .name = "text", .type = ARG_TEXT, .rank = 2, .required = true, .max = 160, .help_en = "the choice or the words", .help_vi = "lựa chọn hoặc nội dung" },
};
static const struct verb_arg cancel_args[] = { CHANNEL_ARG };
static const struct verb verbs[] = {
	{ .noun = "ussd", .name = "send", .whole = true, .kind = VERB_COMMAND, .roles = R_(OPERATOR) | R_(ADMINISTRATOR), VERB_ARGS(send_args), .command = command_send,
	  .help_en = "dial a code on a modem and wait for the network's text", .help_vi = "gọi mã USSD trên modem và chờ trả lời" },
	{ .noun = "ussd", .name = "answer", .whole = true, .kind = VERB_COMMAND, .roles = R_(OPERATOR) | R_(ADMINISTRATOR), VERB_ARGS(answer_args),
	  .command = command_answer_menu, .help_en = "answer the menu that is open on a modem", .help_vi = "trả lời thực đơn đang mở trên modem" },
	{ .noun = "ussd", .name = "cancel", .whole = true, .kind = VERB_COMMAND, .roles = R_(OPERATOR) | R_(ADMINISTRATOR), VERB_ARGS(cancel_args),
	  .command = command_cancel, .help_en = "end the dialogue that is open on a modem", .help_vi = "kết thúc phiên USSD trên modem" },
};
const struct verb_table dial_verbs = VERB_TABLE(verbs);
