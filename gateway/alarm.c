/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table alarm. A duty compares what holds now with what was raised, and writes the difference; the message to the duty officer
 * goes the way of all messages, by whatever channel there is. */
#include "gateway/alarm.h"

#include <stdio.h>
#include <string.h>

#include "gateway/address.h"
#include "gateway/balance.h"
#include "gateway/base/json.h"
#include "gateway/base/log.h"
#include "gateway/core.h"
#include "gateway/outbox.h"
#include "gateway/store/store.h"

#define LOOK_MS 5000
#define DOWN_MS (5 * 60000)
#define TELL_EVERY_MS (INT64_C(24) * 3600000)
#define VALID_MS (INT64_C(12) * 3600000)
#define HOUR_MS INT64_C(3600000)
#define FAILING 5
#define STORAGE_PERCENT 80
#define TEXT_BYTES 161

enum alarm_sql { ALARM_OPEN, ALARM_TOLD, ALARM_RAISE, ALARM_TELL, ALARM_CLEAR, ALARM_SQL_COUNT };
static const char *const alarm_sql[ALARM_SQL_COUNT] = {
	[ALARM_OPEN] = "SELECT kind FROM alarm WHERE channel = $channel AND cleared_at IS NULL",
	[ALARM_TOLD] = "SELECT told_at FROM alarm WHERE channel = $channel AND kind = $kind",
	[ALARM_RAISE] = "INSERT INTO alarm (channel, kind, text, raised_at) VALUES ($channel, $kind, $text, $now) ON CONFLICT (channel, kind) "
			"DO UPDATE SET text = excluded.text, raised_at = excluded.raised_at, cleared_at = NULL",
	[ALARM_TELL] = "UPDATE alarm SET told_at = $now WHERE channel = $channel AND kind = $kind",
	[ALARM_CLEAR] = "UPDATE alarm SET cleared_at = $now WHERE channel = $channel AND kind = $kind AND cleared_at IS NULL",
};
const struct sql_module alarm_module = { "alarm", alarm_sql, ALARM_SQL_COUNT };

/* sms: unaccented Vietnamese for one segment, behind the channel's name. */
static const struct {
	const char *name, *text, *sms;
} kinds[ALARM_KINDS] = {
	[ALARM_SUSPENDED] = { "suspended", "the channel is suspended and waits for a person", "bi treo, can nguoi xu ly" },
	[ALARM_DOWN] = { "down", "the channel has been down for five minutes", "mat ket noi qua 5 phut" },
	[ALARM_FAILING] = { "failing", "one message after the other fails", "gui loi lien tiep" },
	[ALARM_STORAGE] = { "storage", "the storage of SIM or modem is 80 % full", "bo nho SIM/modem day 80%" },
	[ALARM_BALANCE] = { "balance", "the SIM's balance is low: campaigns wait", "SIM sap het tien, chien dich tam dung" },
	[ALARM_ROAMING] = { "roaming", "the SIM is in a foreign network: campaigns wait", "SIM dang chuyen vung quoc te, chien dich tam dung" },
	[ALARM_WEBHOOK] = { "webhook", "a receiver of events does not answer: what it was to be told waits, or was given up",
			    "khong nhan duoc tin bao, can nguoi xu ly" },
	[ALARM_SILENCE] = { "silence", "a number writes more than is answered by itself: look into the inbox, it may be a machine",
			    "co so nhan tin lien tuc, da ngung tu tra loi" },
	[ALARM_ABROAD] = { "abroad", "many messages from numbers abroad, none is answered by itself: look into the inbox",
			   "nhieu tin tu so nuoc ngoai, khong tu tra loi" },
};

const char *alarm_kind_name(enum alarm_kind k)
{
	return kinds[k].name;
}

/* ---- what holds ---- */

static bool is_off(const struct channel *ch)
{
	enum channel_state s = channel_state(ch);
	return s == CHANNEL_DOWN || s == CHANNEL_STARTING;
}

static bool is_full(int64_t used, int64_t size)
{
	return size > 0 && used * 100 >= size * STORAGE_PERCENT;
}

/* One full memory is enough: the network's messages wait for it, whatever room there is in another. */
static bool storage_is_full(const struct channel *ch)
{
	size_t i;
	const json_t *memory;
	bool full = is_full(json_int(ch->status, "sim_used", 0), json_int(ch->status, "sim_size", 0));
	json_array_foreach (json_object_get(ch->status, "storage"), i, memory)
		full |= is_full(json_int(memory, "used", 0), json_int(memory, "size", 0));
	return full;
}

static bool within_hour(int64_t at_mono_ms, int64_t mono_ms)
{
	return at_mono_ms && mono_ms - at_mono_ms < HOUR_MS;
}

/* The ring's oldest is the next to be written over. */
static bool many_from_abroad(const struct alarm_memory *m, int64_t mono_ms)
{
	return within_hour(m->abroad_mono_ms[m->n_abroad % COUNT_OF(m->abroad_mono_ms)], mono_ms);
}

/* was: what held before. A channel that has not spoken since the start is as it was. */
static unsigned found(const struct channel *ch, unsigned was, int64_t mono_ms)
{
	const unsigned told_by_modem = 1u << ALARM_STORAGE | 1u << ALARM_ROAMING;
	const bool was_down = was >> ALARM_DOWN & 1;
	const bool holds[ALARM_KINDS] = {
		[ALARM_SUSPENDED] = ch->suspended,
		[ALARM_DOWN] = ch->alarm.off_mono_ms && (was_down || mono_ms - ch->alarm.off_mono_ms >= DOWN_MS),
		[ALARM_FAILING] = ch->failures >= FAILING,
		[ALARM_STORAGE] = storage_is_full(ch),
		[ALARM_BALANCE] = balance_is_low(ch),
		[ALARM_ROAMING] = ch->sim.roaming,
		[ALARM_SILENCE] = within_hour(ch->alarm.silence_mono_ms, mono_ms),
		[ALARM_ABROAD] = many_from_abroad(&ch->alarm, mono_ms),
	};
	unsigned bits = 0;
	for (int k = 0; k < ALARM_KINDS; k++)
		bits |= (unsigned)holds[k] << k;
	return ch->status ? bits : (bits & ~told_by_modem) | (was & told_by_modem);
}

/* ---- rows ---- */

/* subject: a channel's name, or a webhook's behind "webhook/". */
static struct statement *bind(struct tick *t, size_t sql, const char *subject, enum alarm_kind k)
{
	struct statement *st = store_prepare(t->in.db, &alarm_module, sql);
	bind_text(st, "$channel", subject);
	bind_text(st, "$kind", kinds[k].name);
	return st;
}

static int read_open(struct tick *t, const char *subject, unsigned *ret)
{
	unsigned bits = 0;
	int r;
	struct statement *st = store_prepare(t->in.db, &alarm_module, ALARM_OPEN);
	bind_text(st, "$channel", subject);
	while ((r = store_row(st)) > 0)
		for (int k = 0; k < ALARM_KINDS; k++)
			bits |= (unsigned)!strcmp(column_text(st, 0), kinds[k].name) << k;
	store_reset(st);
	if (!r)
		*ret = bits;
	return r;
}

/* A clock that was set back makes an old telling seem new: better told twice. */
static int was_told(struct tick *t, const char *subject, enum alarm_kind k, bool *ret)
{
	struct statement *st = bind(t, ALARM_TOLD, subject, k);
	int r = store_row(st);
	int64_t at = r > 0 ? column_int(st, 0) : 0;
	store_reset(st);
	*ret = at > 0 && at <= t->in.now_ms && t->in.now_ms - at < TELL_EVERY_MS;
	return r < 0 ? r : 0;
}

static int put_message(struct tick *t, const char *subject, enum alarm_kind k, const struct phone *to)
{
	char key[96], text[TEXT_BYTES];
	int64_t address = 0, id = 0;
	snprintf(key, sizeof(key), "alarm:%s:%s:%lld", subject, kinds[k].name, (long long)t->in.now_ms);
	const char *slash = strchr(subject, '/'), *name = slash ? slash + 1 : subject;
	snprintf(text, sizeof(text), "Cau Noi: %s %s %s. Xem: caunoi %s show %s", slash ? "webhook" : "kenh", name, kinds[k].sms,
		 slash ? "webhook" : "channel", name);
	int r = address_put(t, to, &address);
	if (!r)
		r = outbox_put(t, &(struct outbox_put){ .key = key, .flow = FLOW_ANSWERS, .address = address, .class = CLASS_SERVICE, .text = text,
							.expires_at = t->in.now_ms + VALID_MS }, &id);
	return r == E_EXISTS ? 0 : r;
}

static int tell(struct tick *t, const char *subject, enum alarm_kind k)
{
	struct phone to;
	const char *number = t->in.config->organisation.duty_number;
	bool told = false;
	int r = was_told(t, subject, k, &told);
	if (r || told || !number || !number[0] || phone_parse(&t->in.config->plan, number, &to, NULL))
		return r;
	r = put_message(t, subject, k, &to);
	if (r)
		return r;
	struct statement *st = bind(t, ALARM_TELL, subject, k);
	bind_int(st, "$now", t->in.now_ms);
	return store_write(st, 1);
}

static int raise_one(struct tick *t, const char *subject, enum alarm_kind k)
{
	struct statement *st = bind(t, ALARM_RAISE, subject, k);
	bind_text(st, "$text", kinds[k].text);
	bind_int(st, "$now", t->in.now_ms);
	int r = store_run(st);
	log_warn("alarm.raised", "channel=%s kind=%s", subject, kinds[k].name);
	return r ? r : tell(t, subject, k);
}

static int clear_one(struct tick *t, const char *subject, enum alarm_kind k)
{
	struct statement *st = bind(t, ALARM_CLEAR, subject, k);
	bind_int(st, "$now", t->in.now_ms);
	log_info("alarm.over", "channel=%s kind=%s", subject, kinds[k].name);
	return store_run(st);
}

/* ---- the duty ---- */

static void remember(struct core *core, int64_t channel, int64_t bits)
{
	core->channels[channel].alarm.raised = (unsigned)bits;
	core->channels[channel].alarm.known = true;
}

static int look(struct tick *t, struct channel *ch)
{
	struct alarm_memory *m = &ch->alarm;
	const char *name = ch->config->name;
	unsigned was = m->raised, now;
	int r = m->known ? 0 : read_open(t, name, &was);
	m->off_mono_ms = !is_off(ch) ? 0 : m->off_mono_ms ? m->off_mono_ms : t->mono_ms;
	now = found(ch, was, t->mono_ms);
	for (int k = 0; !r && k < ALARM_KINDS; k++) {
		bool before = was >> k & 1, after = now >> k & 1;
		if (before != after)
			r = after ? raise_one(t, name, (enum alarm_kind)k) : clear_one(t, name, (enum alarm_kind)k);
	}
	if (!r && was != now)
		tick_changed(t, "channel");
	return r || (m->known && was == now) ? r : tick_after(t, remember, ch - t->core->channels, now);
}

static void note_silence(struct core *core, int64_t channel, int64_t mono_ms)
{
	core->channels[channel].alarm.silence_mono_ms = mono_ms;
}

static void note_abroad(struct core *core, int64_t channel, int64_t mono_ms)
{
	struct alarm_memory *m = &core->channels[channel].alarm;
	m->abroad_mono_ms[m->n_abroad++ % COUNT_OF(m->abroad_mono_ms)] = mono_ms;
}

int alarm_withheld(struct tick *t, const char *channel, enum alarm_kind k)
{
	const struct channel *ch = channel ? tick_channel(t, channel) : NULL;
	return ch ? tick_after(t, k == ALARM_ABROAD ? note_abroad : note_silence, ch - t->core->channels, t->mono_ms) : 0;
}

int alarm_webhook(struct tick *t, const char *webhook, bool holds)
{
	char subject[48];
	unsigned open = 0;
	snprintf(subject, sizeof(subject), "webhook/%s", webhook);
	int r = read_open(t, subject, &open);
	if (r || holds == (open >> ALARM_WEBHOOK & 1))
		return r;
	return holds ? raise_one(t, subject, ALARM_WEBHOOK) : clear_one(t, subject, ALARM_WEBHOOK);
}

int alarm_duty(struct tick *t, int64_t *ret_due_at)
{
	int r = 0;
	*ret_due_at = t->in.now_ms + LOOK_MS;
	for (int i = 0; !r && i < t->core->n_channels; i++)
		r = look(t, &t->core->channels[i]);
	return r;
}
