/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The polling thread of the modem driver. A result is written once for each attempt, when the worker has told how it
 * ended; received messages go to the core first and are deleted when it has them. */
#include "gateway/drivers/gammu/modem.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"
#include "gateway/drivers/confine.h"
#include "gateway/drivers/driver.h"
#include "gateway/drivers/gammu/arrival.h"
#include "gateway/drivers/gammu/ladder.h"
#include "gateway/drivers/gammu/modem_worker.h"
#include "gateway/drivers/gammu/send_result.h"
#include "gateway/drivers/gammu/slots.h"
#include "gateway/drivers/gammu/ussd_session.h"

#define POLL_EVERY_MS 20000
#define STATUS_EVERY_MS 30000
#define STATUS_LOST_MS 5000 /* while the network is away */
#define CONNECT_S 120
#define RESET_S 30
#define MEMORY_BYTES ((size_t)128 * 1024 * 1024) /* for data; it uses a tenth */

struct modem {
	const struct clock *clock;
	struct driver *driver;
	struct modem_settings settings;
	struct line *line;
	struct modem_worker *worker;
	struct arrival arrival;
	bool up, probed, stopping;
	int credit;
	char *sending; /* attempt handed to the worker, until its result is written; NULL = none */
	struct ussd_session ussd;
	int64_t poll_due_ms, status_due_ms;
	bool polling, asking;    /* a job of this kind is with the worker */
	bool poll_again;         /* something came while it was polling … */
	struct tray_slot again; /* … there, if the modem told */
	struct modem_status status;
};

/* ---- what the core sees --------------------------------------------------------------------------------------- */

static void log_it(struct modem *m, const char *level, const char *event, const char *what)
{
	OWN(json) json_t *fields = what ? json_pack("{s:s}", "reason", what) : NULL;
	driver_log(m->driver, level, event, fields);
}

static void say_ready(struct modem *m)
{
	OWN(json) json_t *limits = json_pack("{s:i,s:i,s:i,s:i,s:i,s:i,s:i}", "connect", CONNECT_S, "reset", RESET_S, "cmgs", 60, "list", 120, "delete", 60,
					     "ussd", 45, "status", 90);
	driver_ready(m->driver, &(struct driver_ready){ .credit = m->credit, .receipts = m->settings.receipts, .inbound = true,
							.ussd = true, .limits_s = limits });
}

static void update_credit(struct modem *m)
{
	bool off_network = m->status.network_known && !m->status.registered;
	int credit = m->up && m->probed && !off_network && !m->stopping;
	if (credit == m->credit)
		return;
	m->credit = credit;
	say_ready(m);
}

static void say_status(struct modem *m)
{
	OWN(json) json_t *fields = modem_status_fields(&m->status, m->up);
	if (fields)
		driver_status(m->driver, fields);
}

/* ---- jobs ----------------------------------------------------------------------------------------------------- */

static bool post(struct modem *m, struct job *j)
{
	if (j)
		modem_worker_post(m->worker, j);
	else
		log_it(m, "error", "job.lost", "no memory");
	return j != NULL;
}

static void poll_slots(struct modem *m, const struct tray_slot *also)
{
	if (m->polling) { /* however many notifications come, one more round is enough */
		m->poll_again = true;
		if (also)
			m->again = *also;
		return;
	}
	struct job *j = modem_job_new(JOB_RECEIVE, NULL);
	if (j && also)
		j->slot = *also;
	m->polling = post(m, j);
	m->poll_due_ms = clock_mono_ms(m->clock) + POLL_EVERY_MS;
}

static void ask_status(struct modem *m)
{
	bool away = m->status.network_known && !m->status.registered;
	m->asking = post(m, modem_job_new(JOB_STATUS, NULL));
	m->status_due_ms = clock_mono_ms(m->clock) + (away ? STATUS_LOST_MS : STATUS_EVERY_MS);
}

static void delete_slot(void *self, struct tray_entry *e)
{
	struct modem *m = self;
	struct job *j = m->up ? modem_job_new(JOB_DELETE, e->pdu) : NULL;
	if (!j)
		return; /* the next listing finds it again */
	j->slot = e->slot;
	post(m, j);
}

static void look_again(void *self)
{
	struct modem *m = self;
	if (m->up)
		poll_slots(m, NULL);
}

/* ---- sending -------------------------------------------------------------------------------------------------- */

static struct job *send_job(const struct submit *s)
{
	struct job *j = modem_job_new(JOB_SEND, s->attempt);
	if (!j)
		return NULL;
	j->segment = (struct segment){ .encoding = strcmp(s->encoding, "ucs2") ? ENCODING_GSM7 : ENCODING_UCS2, .part = s->part,
				       .parts = s->parts, .ref = s->udh_ref & 0xFF, .validity = segment_validity(s->validity_s),
				       .receipt = s->receipt, .flash = s->flash, .text = strdup(s->text) };
	snprintf(j->segment.to, sizeof(j->segment.to), "%s", s->to);
	if (!j->segment.text) {
		modem_job_free(j);
		return NULL;
	}
	return j;
}

static void on_submit(void *self, const struct submit *s)
{
	struct modem *m = self;
	uint8_t tpdu[SEGMENT_TPDU_BYTES];
	struct job *j = send_job(s);
	char *attempt = strdup(s->attempt);
	bool number = segment_number_ok(s->to);
	if (!j || !attempt)
		send_result_say(m->driver, s->attempt, OUTCOME_NOT_SENT, FAULT_CHANNEL, NULL, "no memory");
	else if (!number || segment_encode(&j->segment, tpdu) < 0)
		send_result_say(m->driver, s->attempt, OUTCOME_REFUSED, number ? FAULT_MESSAGE : FAULT_RECIPIENT, number ? "encoding" : "number",
			   number ? "the text does not fit this encoding and segment" : "not a number that can be sent to");
	else if (!m->up || m->sending || m->stopping)
		send_result_say(m->driver, s->attempt, OUTCOME_NOT_SENT, FAULT_CHANNEL, NULL, m->sending ? "another message is being sent" : "the modem is not connected");
	else {
		m->sending = MOVE(attempt);
		modem_worker_post(m->worker, MOVE(j));
	}
	free(attempt);
	modem_job_free(j);
}

static void on_sent(struct modem *m, const struct event *e)
{
	if (!m->sending || strcmp(m->sending, e->text))
		return;
	send_result_tell(m->driver, e->text, &e->sent);
	if (e->sent.differs && e->sent.handed)
		log_it(m, "debug", "send.encoded_here", "the library had encoded it otherwise");
	free(MOVE(m->sending));
	arrival_release(&m->arrival);
}

static void on_abort(void *self, const char *attempt)
{
	struct modem *m = self;
	if (!m->sending || strcmp(m->sending, attempt) || !modem_worker_withdraw(m->worker, attempt))
		return; /* begun: its result comes by itself */
	send_result_say(m->driver, attempt, OUTCOME_NOT_SENT, FAULT_NONE, NULL, "aborted before it began");
	free(MOVE(m->sending));
}

/* ---- USSD ----------------------------------------------------------------------------------------------------- */

static void on_ussd(void *self, const char *id, const char *code)
{
	struct modem *m = self;
	ussd_session_begin(&m->ussd, id, code, m->up);
}

static void on_ussd_reply(void *self, const char *id, const char *text)
{
	struct modem *m = self;
	ussd_session_reply(&m->ussd, id, text, m->up);
}

static void on_ussd_cancel(void *self, const char *id)
{
	struct modem *m = self;
	ussd_session_cancel(&m->ussd, id);
}

/* ---- other frames --------------------------------------------------------------------------------------------- */

/* Before any other thread is started, and when all that has to be opened is known. */
static bool confine(struct modem *m)
{
	const char *const paths[] = { m->settings.device, line_pty(m->line) };
	return !confine_enter(&(struct confine){ .paths = paths, .n_paths = COUNT_OF(paths), .memory_bytes = MEMORY_BYTES });
}

static int on_hello(void *self, const char *channel, const json_t *config, const json_t *secrets)
{
	struct modem *m = self;
	struct pinmark mark = { .fd = -1, .forgetful = true };
	int r = modem_settings_read(config, secrets, &m->settings);
	if (!r && *m->settings.pin)
		pinmark_open(&mark, m->settings.data_dir, channel);
	if (!r)
		r = line_new(m->clock, &m->line);
	bool whole = !r && confine(m);
	if (!r)
		r = modem_worker_new(m->clock, &m->settings, &mark, m->line, &m->worker);
	m->ussd.worker = m->worker;
	if (!r)
		say_ready(m);
	if (!r && !whole)
		log_it(m, "warn", "sandbox.partial", "this kernel lacks seccomp or Landlock");
	return r;
}

static void on_stored(void *self, const char *id)
{
	struct modem *m = self;
	arrival_stored(&m->arrival, id);
}

static void on_skip(void *self, const char *id)
{
	struct modem *m = self;
	arrival_skip(&m->arrival, id);
}

static void on_stop(void *self)
{
	struct modem *m = self;
	m->stopping = true;
	if (m->worker)
		update_credit(m);
}

static void on_pong(void *self, json_t *pong)
{
	struct modem *m = self;
	int64_t since_ms;
	char attempt[80];
	const char *busy = m->worker ? modem_worker_busy(m->worker, &since_ms, attempt, sizeof(attempt)) : NULL;
	if (!busy)
		return;
	json_set_str(pong, "busy", busy);
	json_set_int(pong, "since_ms", since_ms);
	if (*attempt)
		json_set_str(pong, "attempt", attempt);
}

static const struct driver_ops ops = {
	.hello = on_hello, .submit = on_submit, .stored = on_stored, .skip = on_skip, .abort = on_abort, .ussd = on_ussd,
	.ussd_reply = on_ussd_reply, .ussd_cancel = on_ussd_cancel, .stop = on_stop, .pong = on_pong,
};

/* ---- what the worker and the line say ------------------------------------------------------------------------- */

static void on_up(struct modem *m)
{
	m->up = true;
	m->probed = false;
	m->status = (struct modem_status){ .signal_percent = -1 };
	log_it(m, "info", "modem.up", NULL);
	poll_slots(m, NULL);
	ask_status(m);
}

static void on_down(struct modem *m, const char *why)
{
	m->up = m->probed = m->polling = m->asking = m->poll_again = false;
	log_it(m, "warn", "modem.down", why);
	ussd_session_end(&m->ussd, NULL);
	update_credit(m);
	m->status = (struct modem_status){ .signal_percent = -1, .network_known = true };
	say_status(m);
}

static void on_status(struct modem *m, const struct event *e)
{
	m->asking = false;
	m->status = e->status;
	m->probed = true;
	say_status(m);
	update_credit(m);
	if (m->status.network_known && !m->status.registered)
		m->status_due_ms = clock_mono_ms(m->clock) + STATUS_LOST_MS;
}

static void on_listed(struct modem *m)
{
	m->polling = false;
	if (!m->poll_again)
		return;
	m->poll_again = false;
	poll_slots(m, &m->again);
	m->again = (struct tray_slot){ .memory = "" };
}

/* What is tried next, and until when: the core ends a try that takes longer. */
static void say_rung(struct modem *m, const struct event *e)
{
	int deadline_s = strcmp(e->text, ladder_event(LADDER_RESET)) ? CONNECT_S : RESET_S;
	OWN(json) json_t *fields = json_pack("{s:s,s:I,s:i}", "reason", e->what, "wait_ms", (json_int_t)e->wait_ms, "deadline_s", deadline_s);
	driver_log(m->driver, "info", e->text, fields);
}

static void on_event(struct modem *m, const struct event *e)
{
	switch (e->kind) {
	case EVENT_UP:
		on_up(m);
		break;
	case EVENT_DOWN:
		on_down(m, e->what);
		break;
	case EVENT_SENT:
		on_sent(m, e);
		break;
	case EVENT_FOUND:
		arrival_found(&m->arrival, e->text, &e->slot, false);
		break;
	case EVENT_LISTED:
		on_listed(m);
		break;
	case EVENT_DELETED:
		arrival_deleted(&m->arrival, e->text, e->ok);
		break;
	case EVENT_STATUS:
		on_status(m, e);
		break;
	case EVENT_USSD_FAILED:
		ussd_session_end(&m->ussd, e->text);
		break;
	case EVENT_REPLUGGED:
		log_it(m, "info", "modem.plugged", e->what);
		m->stopping = true;
		break;
	case EVENT_RUNG:
		say_rung(m, e);
		break;
	}
}

static void on_urc(struct modem *m, const struct guard_urc *u)
{
	struct tray_slot slot = { .memory = "" };
	switch (u->kind) {
	case GUARD_STORED:
		if (m->up)
			poll_slots(m, slots_parse(u->text, &slot) ? NULL : &slot);
		break;
	case GUARD_DELIVER:
	case GUARD_REPORT:
		arrival_found(&m->arrival, u->text, &slot, m->sending != NULL);
		break;
	case GUARD_USSD:
		if (!ussd_session_answer(&m->ussd, u->text))
			log_it(m, "info", "ussd.unasked", NULL);
		break;
	case GUARD_NETWORK:
		if (m->up && !m->asking)
			ask_status(m);
		break;
	}
}

static void take_all(struct modem *m)
{
	struct guard_urc urcs[GUARD_URCS];
	size_t n = line_take_urcs(m->line, urcs, COUNT_OF(urcs));
	for (size_t i = 0; i < n; i++) {
		on_urc(m, &urcs[i]);
		free(urcs[i].text);
	}
	for (struct event *e; (e = modem_worker_take(m->worker));) {
		on_event(m, e);
		modem_event_free(e);
	}
}

/* ---- the loop ------------------------------------------------------------------------------------------------- */

static void on_time(struct modem *m)
{
	int64_t now = clock_mono_ms(m->clock);
	ussd_session_tick(&m->ussd, now);
	if (m->up && !m->polling && now >= m->poll_due_ms)
		poll_slots(m, NULL);
	if (m->up && !m->asking && now >= m->status_due_ms)
		ask_status(m);
}

static int64_t earliest(const struct modem *m, int64_t line_due_ms)
{
	int64_t due = line_due_ms;
	if (m->ussd.id && m->ussd.due_ms < due)
		due = m->ussd.due_ms;
	if (m->up && !m->polling && m->poll_due_ms < due)
		due = m->poll_due_ms;
	if (m->up && !m->asking && m->status_due_ms < due)
		due = m->status_due_ms;
	return due;
}

static void wait_for_anything(struct modem *m)
{
	struct pollfd fds[LINE_FDS + 3];
	nfds_t n = 0;
	int64_t due = INT64_MAX;
	fds[n++] = (struct pollfd){ .fd = driver_in_fd(m->driver), .events = POLLIN };
	fds[n++] = (struct pollfd){ .fd = driver_wants_write(m->driver) ? driver_out_fd(m->driver) : -1, .events = POLLOUT };
	if (m->worker) {
		fds[n++] = (struct pollfd){ .fd = modem_worker_fd(m->worker), .events = POLLIN };
		line_fds(m->line, fds + n, &due);
		n += LINE_FDS;
		due = earliest(m, due);
	}
	int64_t left = due == INT64_MAX ? 60000 : due - clock_mono_ms(m->clock);
	poll(fds, n, left < 0 ? 0 : left > 60000 ? 60000 : (int)left);
}

static int loop(struct modem *m)
{
	for (;;) {
		wait_for_anything(m);
		if (m->worker) {
			bool was_up = line_is_up(m->line);
			line_pump(m->line);
			take_all(m);
			on_time(m);
			if (was_up && !line_is_up(m->line))
				modem_worker_nudge(m->worker);
		}
		int r = driver_pump(m->driver);
		if (r)
			return r == E_NOT_FOUND ? 0 : r;
		if (m->stopping && !m->sending)
			return 0;
	}
}

static void init_parts(struct modem *m)
{
	m->ussd = (struct ussd_session){ .clock = m->clock, .driver = m->driver };
	m->arrival = (struct arrival){ .driver = m->driver, .remove = delete_slot, .look = look_again, .self = m };
}

int modem_run(const struct clock *clock, int in_fd, int out_fd)
{
	struct modem m = { .clock = clock, .status = { .signal_percent = -1 } };
	int r = driver_new(&ops, &m, in_fd, out_fd, &m.driver);
	if (r)
		return r;
	init_parts(&m);
	r = loop(&m);
	driver_flush(m.driver);
	return r;
}
