/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames from channel drivers: results, inbound, receipts, readiness, status. One event, one function; anything against the
 * protocol dooms the peer and leaves the core untouched. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/balance.h"
#include "gateway/base/json.h"
#include "gateway/base/log.h"
#include "gateway/base/mask.h"
#include "gateway/base/own.h"
#include "gateway/core.h"
#include "gateway/inbox.h"
#include "gateway/opaque.h"
#include "gateway/pending.h"
#include "gateway/receipt.h"
#include "gateway/detour.h"
#include "gateway/settle.h"
#include "gateway/supervisor.h"

static int on_ready(struct tick *t, struct peer *p, struct channel *ch, const json_t *f)
{
	(void)t;
	int64_t credit = json_int(f, "credit", 0);
	ch->whole = json_flag(f, "whole", false);
	ch->idempotent = json_flag(f, "idempotent", false);
	ch->receipts = json_flag(f, "receipts", false);
	ch->ussd = json_flag(f, "ussd", false);
	/* the window of doubt in one crash: 8 where a repeat could double; a modem declares 1 */
	int64_t most = !strcmp(ch->config->driver, "gammu") ? 1 : ch->idempotent ? 512 : 8;
	ch->credit = (int)(credit < 0 ? 0 : credit > most ? most : credit);
	json_decref(ch->limits);
	ch->limits = json_incref(json_object_get(f, "limits_s"));
	ch->ready = true;
	ch->dirty = true;
	p->greeted = true;
	if (ch->credit > 0 && !ch->suspended)
		ch->last_error[0] = '\0';
	return 0;
}

/* room: of the reference. */
static int read_result(const json_t *f, char room[OPAQUE_BYTES], struct settle_result *ret)
{
	const char *id = json_str(f, "attempt", ""), *reference = json_str(f, "reference", NULL);
	char *end = NULL;
	errno = 0;
	*ret = (struct settle_result){
		.attempt = strtoll(id, &end, 10),
		.reference = reference ? opaque_id(reference, room) : NULL,
		.code = json_str(f, "code", NULL),
		.detail = json_str(f, "detail", NULL),
		.fault = fault_parse(json_str(f, "fault", NULL)),
		.retry_after_s = json_num(f, "retry_after_s", 0),
		.segments = (int)json_int(f, "segments", 0),
		.price = json_str(f, "price", NULL),
		.price_vnd = json_int(f, "price_vnd", -1),
	};
	bool bad = !id[0] || *end || errno || ret->attempt <= 0 || outcome_parse(json_str(f, "outcome", NULL), &ret->outcome);
	return bad ? E_PROTOCOL : 0;
}

static const char *result_fault(const json_t *f)
{
	struct settle_result res;
	char room[OPAQUE_BYTES];
	return read_result(f, room, &res) ? "a result without attempt or outcome" : NULL;
}

static const char *inbound_fault(const json_t *f)
{
	return json_str(f, "id", "")[0] ? NULL : "an inbound message without id";
}

static const char *receipt_fault(const json_t *f)
{
	const char *status = json_str(f, "status", "");
	bool known = !strcmp(status, "delivered") || !strcmp(status, "failed") || !strcmp(status, "buffered");
	return known && json_str(f, "id", "")[0] && json_str(f, "reference", "")[0] ? NULL : "a receipt without id, reference or status";
}

static int on_result(struct tick *t, struct peer *p, struct channel *ch, const json_t *f)
{
	struct settle_result res;
	char room[OPAQUE_BYTES];
	if (read_result(f, room, &res)) {
		peer_doom(p, result_fault(f));
		return 0;
	}
	/* a network's own words may quote the number: they are shown, kept and written down */
	OWN(mem) char *detail = res.detail ? mask_personal(res.detail) : NULL;
	res.detail = detail;
	if (res.outcome == OUTCOME_ACCEPTED && !balance_is_low(ch))
		trouble_over(ch);
	else if (res.outcome != OUTCOME_ACCEPTED && (res.detail || res.code))
		trouble_note(ch, "%s%s%s", res.code ? res.code : "", res.code && res.detail ? " " : "", res.detail ? res.detail : "");
	int r = settle_result(t, ch, &res);
	if (!r && res.fault != FAULT_RECIPIENT && (res.outcome == OUTCOME_ACCEPTED || res.outcome == OUTCOME_REFUSED))
		r = channel_count_refusal(t, ch, res.outcome == OUTCOME_REFUSED);
	if (r != E_PROTOCOL)
		return r;
	peer_doom(p, "a result for an attempt never given to it");
	return 0;
}

static int stored(struct tick *t, struct peer *p, const char *id)
{
	return tick_send_peer(t, p->id, json_pack("{s:s,s:s}", "op", "stored", "id", id), 0);
}

static int on_inbound(struct tick *t, struct peer *p, struct channel *ch, const json_t *f)
{
	const char *id = json_str(f, "id", ""), *fault = inbound_fault(f);
	if (fault) {
		peer_doom(p, fault);
		return 0;
	}
	int r = inbox_put(t, ch->config->name, f);
	if (r)
		return r;
	char room[OPAQUE_BYTES];
	snprintf(ch->last_inbound, sizeof(ch->last_inbound), "%s", opaque_id(id, room));
	/* the driver died twice over this very message: it is kept here, the driver shall not touch it again */
	if (ch->poison_deaths >= 2 && !strcmp(ch->poison, ch->last_inbound))
		return tick_send_peer(t, p->id, json_pack("{s:s,s:s}", "op", "skip", "id", id), 0);
	return stored(t, p, id);
}

void receipt_told_ahead(struct tick *t, const char *channel, const json_t *receipt)
{
	char room[OPAQUE_BYTES];
	const char *to = json_str(receipt, "to", "");
	if (to[0])
		inbox_sender_ahead(t, to);
	receipt_find_ahead(t, channel, opaque_id(json_str(receipt, "reference", ""), room));
}

static int take_receipt(struct tick *t, const char *channel, const json_t *f)
{
	const char *to = json_str(f, "to", NULL);
	char id[OPAQUE_BYTES], reference[OPAQUE_BYTES];
	int64_t address = 0;
	int r = to ? inbox_sender(t, to, &address) : 0;
	if (!r)
		r = detour_learn(t, address, json_str(f, "network", NULL));
	return r ? r : receipt_take(t, channel, opaque_id(json_str(f, "id", ""), id), opaque_id(json_str(f, "reference", ""), reference), address,
				    json_str(f, "status", ""), json_str(f, "code", NULL));
}

static int on_receipt(struct tick *t, struct peer *p, struct channel *ch, const json_t *f)
{
	const char *fault = receipt_fault(f);
	if (fault) {
		peer_doom(p, fault);
		return 0;
	}
	int r = take_receipt(t, ch->config->name, f);
	return r ? r : stored(t, p, json_str(f, "id", ""));
}

static int on_status(struct tick *t, struct peer *p, struct channel *ch, const json_t *f)
{
	(void)p;
	int64_t vnd = json_int(f, "balance_vnd", -1);
	int r = channel_take_status(ch, f);
	return r || vnd < 0 || t->core->away ? r : balance_told(t, ch, vnd);
}

static int on_pong(struct tick *t, struct peer *p, struct channel *ch, const json_t *f)
{
	(void)ch;
	supervisor_pong(t->core->supervisor, t->core, p, json_str(f, "busy", ""), t->in.now_ms - json_int(f, "since_ms", t->in.now_ms));
	return 0;
}

static int on_ping(struct tick *t, struct peer *p, struct channel *ch, const json_t *f)
{
	(void)ch;
	return tick_send_peer(t, p->id, json_pack("{s:s,s:I}", "op", "pong", "n", (json_int_t)json_int(f, "n", 0)), 0);
}

static int on_log(struct tick *t, struct peer *p, struct channel *ch, const json_t *f)
{
	(void)p;
	const char *level = json_str(f, "level", "info");
	const char *event = json_str(f, "event", "");
	const json_t *fields = json_object_get(f, "fields");
	bool bad = !strcmp(level, "error") || !strcmp(level, "warn");
	OWN(mem) char *text = fields ? json_text(fields) : NULL;
	OWN(mem) char *shown = text ? mask_personal(text) : NULL;
	OWN(mem) char *reason = mask_personal(json_str(fields, "reason", event));
	log_event(bad ? LOG_LEVEL_WARN : LOG_LEVEL_DEBUG, "driver.log", "channel=%s event=%s fields=%.1000s", ch->config->name, event,
		  shown ? shown : "{}");
	if (bad && reason)
		trouble_note(ch, "%s", reason);
	if (!strcmp(event, "pin.tried") || !strcmp(event, "pin.refused"))
		sim_pin_tried(t->core, ch);
	return strcmp(event, "ladder.power") ? 0 : tick_after(t, power_wanted, ch - t->core->channels, 0);
}

static int on_answer(struct tick *t, struct peer *p, struct channel *ch, const json_t *f)
{
	(void)ch;
	return pending_answer(t, p, f);
}

static int on_ussd_text(struct tick *t, struct peer *p, struct channel *ch, const json_t *f)
{
	return dial_text(t, p, ch, f);
}

static int on_unsupported(struct tick *t, struct peer *p, struct channel *ch, const json_t *f)
{
	if (!strcmp(json_str(f, "what", ""), CHANNEL_PROBE))
		return pending_answer_any(t, p, CHANNEL_PROBE);
	log_warn("driver.unsupported", "channel=%s what=%.40s", ch->config->name, json_str(f, "what", ""));
	return 0;
}

static const struct {
	const char *op;
	int (*fn)(struct tick *t, struct peer *p, struct channel *ch, const json_t *f);
} ops[] = {
	{ "ready", on_ready },   { "result", on_result }, { "inbound", on_inbound }, { "receipt", on_receipt },
	{ "status", on_status }, { "pong", on_pong },     { "ping", on_ping },       { "log", on_log },
	{ "answer", on_answer }, { "ussd_text", on_ussd_text }, { "unsupported", on_unsupported },
};

void dispatch_ahead(struct tick *t, const struct channel *ch, const json_t *frame)
{
	const char *op = json_str(frame, "op", "");
	struct settle_result res;
	char room[OPAQUE_BYTES];
	if (!strcmp(op, "result") && !read_result(frame, room, &res))
		settle_ahead(t, ch, &res);
	else if (!strcmp(op, "receipt") && !receipt_fault(frame))
		receipt_told_ahead(t, ch->config->name, frame);
	else if (!strcmp(op, "inbound") && !inbound_fault(frame))
		inbox_put_ahead(t, ch->config->name, frame);
}

int dispatch_frame(struct tick *t, struct peer *p, struct channel *ch, const json_t *frame)
{
	const char *op = json_str(frame, "op", "");
	for (size_t i = 0; i < COUNT_OF(ops); i++)
		if (!strcmp(op, ops[i].op))
			return ops[i].fn(t, p, ch, frame);
	return tick_send_peer(t, p->id, json_pack("{s:s,s:s}", "op", "unsupported", "what", op), 0);
}

/* ---- said while the store was away ---- */

enum driver_word driver_frame_word(const json_t *frame)
{
	static const struct {
		const char *op;
		enum driver_word word;
	} words[] = {
		{ "result", WORD_KEEP }, { "inbound", WORD_KEEP }, { "receipt", WORD_KEEP }, { "ready", WORD_NOW }, { "status", WORD_NOW },
		{ "pong", WORD_NOW },    { "ping", WORD_NOW },     { "log", WORD_NOW },      { "unsupported", WORD_NOW },
	};
	const char *op = json_str(frame, "op", "");
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (!strcmp(op, words[i].op))
			return words[i].word;
	return WORD_LATER;
}

const char *driver_frame_fault(const json_t *frame)
{
	const char *op = json_str(frame, "op", "");
	return !strcmp(op, "result") ? result_fault(frame) : !strcmp(op, "inbound") ? inbound_fault(frame) : receipt_fault(frame);
}

/* A result for an attempt that nobody of this name ever had is no reason to stop telling the rest. */
static int tell_result(struct tick *t, const char *channel, const json_t *f)
{
	struct channel *ch = tick_channel(t, channel);
	struct settle_result res;
	char room[OPAQUE_BYTES];
	int r = ch ? read_result(f, room, &res) : E_PROTOCOL;
	if (!r)
		r = settle_result(t, ch, &res);
	if (r == E_PROTOCOL)
		log_warn("spool.result", "channel=%s a result that belongs to no attempt", channel);
	return r == E_PROTOCOL ? 0 : r;
}

int driver_frame_tell(struct tick *t, const char *channel, const json_t *frame, int64_t at_ms)
{
	const char *op = json_str(frame, "op", "");
	if (!strcmp(op, "result"))
		return tell_result(t, channel, frame);
	return !strcmp(op, "inbound") ? inbox_put_at(t, channel, frame, at_ms) : take_receipt(t, channel, frame);
}
