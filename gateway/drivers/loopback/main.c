/* SPDX-License-Identifier: GPL-3.0-or-later */
/* caunoi-loopback: a channel without a network. Virtual handsets hear what is sent and can be spoken as; outcomes, delay, failures and
 * receipts follow the configuration. Speaks the frames of every driver; never opens a socket. */
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/clock.h"
#include "gateway/base/gsm7.h"
#include "gateway/base/json.h"
#include "gateway/base/log.h"
#include "gateway/drivers/driver.h"
#include "gateway/drivers/loopback/handset.h"

struct receipt {
	int64_t due_mono_ms;
	char reference[40];
	struct receipt *next;
};

struct loopback {
	struct driver *d;
	struct clock clock;
	struct handset *handset;
	json_t *outcomes;
	char channel[40];
	char run[9]; /* distinguishes references of this life */
	double delivery_ms, failure_rate;
	bool receipts, stopping;
	uint64_t references, said;
	struct receipt *first, **last;
};

static int plan_receipt(void *self, const char *reference)
{
	struct loopback *l = self;
	struct receipt *r = calloc(1, sizeof(*r));
	if (!r)
		return E_NOMEM;
	*r = (struct receipt){ .due_mono_ms = clock_mono_ms(&l->clock) + (int64_t)l->delivery_ms };
	snprintf(r->reference, sizeof(r->reference), "%s", reference);
	*l->last = r;
	l->last = &r->next;
	return 0;
}

static int on_hello(void *self, const char *channel, const json_t *config, const json_t *secrets)
{
	struct loopback *l = self;
	char file[600];
	uint32_t run = randombytes_random();
	snprintf(l->channel, sizeof(l->channel), "%.39s", channel);
	snprintf(l->run, sizeof(l->run), "%08x", run);
	l->delivery_ms = json_num(config, "delivery_ms", 0);
	l->failure_rate = json_num(config, "failure_rate", 0);
	l->receipts = json_flag(config, "receipts", true);
	l->outcomes = json_incref(json_object_get(config, "outcomes"));
	const char *data_dir = json_str(config, "data_dir", NULL), *key = json_str(secrets, "journal_key", NULL);
	char spare[65];
	for (size_t i = 0; i < 64; i += 8)
		snprintf(spare + i, 9, "%08x", randombytes_random());
	snprintf(file, sizeof(file), "%s/loopback-%s.log", data_dir ? data_dir : ".", l->channel);
	int r = handset_open(data_dir && key ? file : NULL, key ? key : spare, &l->handset);
	if (r)
		return r;
	driver_ready(l->d, &(struct driver_ready){ .credit = (int)json_int(config, "in_flight", 256), .whole = true, .idempotent = true,
						   .receipts = l->receipts, .inbound = true });
	/* a network reports a delivery again to a gateway that was away; twice does no harm */
	return l->receipts ? handset_earlier(l->handset, plan_receipt, l) : 0;
}

/* The script's row for this number, or NULL. */
static const json_t *scripted(const struct loopback *l, const char *to)
{
	size_t i;
	json_t *row;
	json_array_foreach(l->outcomes, i, row) {
		const char *whom = json_str(row, "to", "");
		if (!strcmp(whom, to) || !strcmp(whom, "*"))
			return row;
	}
	return NULL;
}

static bool fails(const struct loopback *l)
{
	return l->failure_rate > 0 && randombytes_uniform(1000000) < l->failure_rate * 1000000;
}

static void accept_it(struct loopback *l, const struct submit *s)
{
	char reference[40];
	struct measure m;
	gsm7_measure(s->text, 8, &m);
	snprintf(reference, sizeof(reference), "%s-%llu", l->run, (unsigned long long)++l->references);
	int r = handset_deliver(l->handset, &(struct handset_message){ .number = s->to, .text = s->text, .key = s->key, .channel = l->channel,
									 .reference = reference, .at_ms = clock_now_ms(&l->clock), .parts = m.n_segments });
	if (r && r != E_EXISTS) {
		driver_result(l->d, &(struct driver_result){ .attempt = s->attempt, .outcome = OUTCOME_NOT_SENT, .code = "loopback:journal",
							     .fault = FAULT_CHANNEL });
		return;
	}
	driver_result(l->d, &(struct driver_result){ .attempt = s->attempt, .outcome = OUTCOME_ACCEPTED, .reference = reference });
	if (l->receipts && plan_receipt(l, reference))
		log_warn("loopback.receipt", "error=%s", err_text(E_NOMEM));
}

static void on_submit(void *self, const struct submit *s)
{
	struct loopback *l = self;
	const json_t *row = scripted(l, s->to);
	enum outcome o;
	if (row && !outcome_parse(json_str(row, "outcome", "accepted"), &o) && o != OUTCOME_ACCEPTED) {
		driver_result(l->d, &(struct driver_result){ .attempt = s->attempt, .outcome = o, .code = json_str(row, "code", "loopback:script"),
							     .fault = fault_parse(json_str(row, "fault", "message")) });
		return;
	}
	if (row && !strcmp(json_str(row, "outcome", ""), "silent"))
		return;
	if (!row && fails(l)) {
		driver_result(l->d, &(struct driver_result){ .attempt = s->attempt, .outcome = OUTCOME_REFUSED, .code = "loopback:failure_rate",
							     .fault = FAULT_MESSAGE });
		return;
	}
	accept_it(l, s);
}

static void send_due_receipts(struct loopback *l)
{
	int64_t now = clock_mono_ms(&l->clock);
	while (l->first && l->first->due_mono_ms <= now) {
		struct receipt *r = l->first;
		driver_receipt(l->d, &(struct driver_receipt){ .id = r->reference, .reference = r->reference, .status = "delivered",
							       .at_ms = clock_now_ms(&l->clock) });
		l->first = r->next;
		if (!l->first)
			l->last = &l->first;
		free(r);
	}
}

static void say(struct loopback *l, const json_t *f)
{
	char id[48];
	snprintf(id, sizeof(id), "%s-said-%llu", l->run, (unsigned long long)++l->said);
	driver_inbound(l->d, &(struct driver_inbound){ .id = id, .from = json_str(f, "from", ""), .to = json_str(f, "to", NULL),
						       .text = json_str(f, "text", ""), .sent_at_ms = clock_now_ms(&l->clock) });
	driver_send(l->d, json_pack("{s:s,s:s,s:{s:s,s:s}}", "op", "answer", "id", json_str(f, "id", ""), "result", "id", id, "channel", l->channel));
}

static void heard(struct loopback *l, const json_t *f)
{
	json_t *list = NULL;
	if (handset_heard(l->handset, json_str(f, "number", ""), &list))
		list = json_array();
	driver_send(l->d, json_pack("{s:s,s:s,s:o}", "op", "answer", "id", json_str(f, "id", ""), "result", list));
}

static bool on_other(void *self, const char *op, const json_t *f)
{
	if (!strcmp(op, "say"))
		say(self, f);
	else if (!strcmp(op, "heard"))
		heard(self, f);
	else
		return false;
	return true;
}

static void on_stop(void *self)
{
	((struct loopback *)self)->stopping = true;
}

int main(int argc, char **argv)
{
	static const struct driver_ops ops = { .hello = on_hello, .submit = on_submit, .other = on_other, .stop = on_stop };
	struct loopback l = { .clock = clock_real() };
	l.last = &l.first;
	if (driver_misused(argc, argv))
		return 2;
	if (sodium_init() < 0 || driver_new(&ops, &l, STDIN_FILENO, STDOUT_FILENO, &l.d))
		return 1;
	int r = 0;
	while (!r && !l.stopping) {
		struct pollfd p[2] = { { .fd = STDIN_FILENO, .events = POLLIN },
				       { .fd = driver_wants_write(l.d) ? STDOUT_FILENO : -1, .events = POLLOUT } };
		int64_t wait = l.first ? l.first->due_mono_ms - clock_mono_ms(&l.clock) : -1;
		poll(p, 2, l.first ? wait < 0 ? 0 : (int)wait : -1);
		r = driver_pump(l.d);
		send_due_receipts(&l);
		if (!r)
			r = driver_pump(l.d);
	}
	driver_flush(l.d);
	while (l.first) {
		struct receipt *next = l.first->next;
		free(l.first);
		l.first = next;
	}
	handset_close(l.handset);
	json_decref(l.outcomes);
	driver_free(l.d);
	return r == 0 || r == E_NOT_FOUND ? 0 : 1;
}
