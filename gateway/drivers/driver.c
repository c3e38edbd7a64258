/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The driver's side of the frames: reads lines, checks them, calls the driver's operations, writes answers. Called
 * by each driver program from its poll loop. Holds no database and knows no library of any channel. */
#include "gateway/drivers/driver.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/buffer.h"
#include "gateway/base/json.h"
#include "gateway/base/text.h"

#define READ_BYTES 65536
#define PRICE_VND_MAX 1e9

struct driver {
	const struct driver_ops *ops;
	void *self;
	int in_fd, out_fd;
	struct buffer in, out;
	bool greeted;
	int failed; /* first failure; given by the next driver_pump */
};

static const char *const outcome_names[] = {
	[OUTCOME_ACCEPTED] = "accepted",
	[OUTCOME_REFUSED] = "refused",
	[OUTCOME_NOT_SENT] = "not_sent",
	[OUTCOME_UNCLEAR] = "unclear",
};
static const char *const fault_names[] = {
	[FAULT_NONE] = NULL,
	[FAULT_MESSAGE] = "message",
	[FAULT_RECIPIENT] = "recipient",
	[FAULT_CHANNEL] = "channel",
};

const char *outcome_name(enum outcome o)
{
	return outcome_names[o];
}

int outcome_parse(const char *name, enum outcome *ret)
{
	for (size_t i = 0; name && i < COUNT_OF(outcome_names); i++)
		if (!strcmp(name, outcome_names[i])) {
			*ret = (enum outcome)i;
			return 0;
		}
	return E_INVALID;
}

const char *fault_name(enum fault f)
{
	return fault_names[f];
}

enum fault fault_parse(const char *name)
{
	for (size_t i = 1; name && i < COUNT_OF(fault_names); i++)
		if (!strcmp(name, fault_names[i]))
			return (enum fault)i;
	return FAULT_NONE;
}

bool driver_misused(int argc, char **argv)
{
	if (argc > 1)
		fprintf(stderr, "%s: unexpected argument %s; caunoid starts this program and speaks to it on standard input\n", argv[0], argv[1]);
	return argc > 1;
}

int driver_new(const struct driver_ops *ops, void *self, int in_fd, int out_fd, struct driver **ret)
{
	struct driver *d = calloc(1, sizeof(*d));
	if (!d)
		return E_NOMEM;
	*d = (struct driver){ .ops = ops, .self = self, .in_fd = in_fd, .out_fd = out_fd };
	if (fcntl(in_fd, F_SETFL, fcntl(in_fd, F_GETFL) | O_NONBLOCK) ||
	    fcntl(out_fd, F_SETFL, fcntl(out_fd, F_GETFL) | O_NONBLOCK)) {
		free(d);
		return E_IO;
	}
	*ret = d;
	return 0;
}

void driver_free(struct driver *d)
{
	if (!d)
		return;
	buffer_done(&d->in);
	buffer_done(&d->out);
	free(d);
}

int driver_in_fd(const struct driver *d)
{
	return d->in_fd;
}

int driver_out_fd(const struct driver *d)
{
	return d->out_fd;
}

bool driver_wants_write(const struct driver *d)
{
	return buffer_left(&d->out) > 0;
}

void driver_send(struct driver *d, json_t *frame)
{
	if (!frame || json_put_line(&d->out, frame))
		d->failed = d->failed ? d->failed : E_NOMEM;
	json_decref(frame);
}

static void on_hello(struct driver *d, const json_t *f)
{
	const json_t *config = json_object_get(f, "config"), *secrets = json_object_get(f, "secrets");
	if (json_int(f, "version", 0) != DRIVER_VERSION || !json_is_object(config)) {
		d->failed = E_PROTOCOL;
		return;
	}
	OWN(json) json_t *none = json_object();
	int r = d->ops->hello(d->self, json_str(f, "channel", ""), config, json_is_object(secrets) ? secrets : none);
	d->greeted = true;
	if (r)
		d->failed = r;
}

static void on_submit(struct driver *d, const json_t *f)
{
	struct submit s = {
		.attempt = json_str(f, "attempt", NULL),
		.to = json_str(f, "to", NULL),
		.text = json_str(f, "text", NULL),
		.encoding = json_str(f, "encoding", "gsm7"),
		.part = (int)json_int(f, "part", 1),
		.parts = (int)json_int(f, "parts", 1),
		.udh_ref = (int)json_int(f, "udh_ref", 0),
		.key = json_str(f, "key", ""),
		.sender = json_str(f, "sender", ""),
		.validity_s = json_int(f, "validity_s", 86400),
		.receipt = json_flag(f, "receipt", false),
		.flash = json_flag(f, "flash", false),
	};
	if (!s.attempt || !s.to || !s.text || s.part < 1 || s.part > s.parts || s.parts > 255)
		d->failed = E_PROTOCOL;
	else
		d->ops->submit(d->self, &s);
}

static void on_id(struct driver *d, const json_t *f, const char *key, void (*op)(void *, const char *))
{
	const char *id = json_str(f, key, NULL);
	if (id && op)
		op(d->self, id);
}

static void on_ussd(struct driver *d, const json_t *f, const char *op)
{
	const char *id = json_str(f, "id", "");
	if (!strcmp(op, "ussd"))
		d->ops->ussd(d->self, id, json_str(f, "code", ""));
	else if (!strcmp(op, "ussd_reply") && d->ops->ussd_reply)
		d->ops->ussd_reply(d->self, id, json_str(f, "text", ""));
	else if (!strcmp(op, "ussd_cancel") && d->ops->ussd_cancel)
		d->ops->ussd_cancel(d->self, id);
}

static void on_ping(struct driver *d, const json_t *f)
{
	json_t *pong = json_pack("{s:s,s:I}", "op", "pong", "n", (json_int_t)json_int(f, "n", 0));
	if (pong && d->ops->pong)
		d->ops->pong(d->self, pong);
	driver_send(d, pong);
}

static void dispatch(struct driver *d, const json_t *f)
{
	const char *op = json_str(f, "op", "");
	if (!strcmp(op, "hello"))
		on_hello(d, f);
	else if (!strcmp(op, "ping"))
		on_ping(d, f);
	else if (!d->greeted)
		d->failed = E_PROTOCOL;
	else if (!strcmp(op, "submit"))
		on_submit(d, f);
	else if (!strcmp(op, "stored"))
		on_id(d, f, "id", d->ops->stored);
	else if (!strcmp(op, "skip"))
		on_id(d, f, "id", d->ops->skip);
	else if (!strcmp(op, "abort"))
		on_id(d, f, "attempt", d->ops->abort);
	else if (!strncmp(op, "ussd", 4) && d->ops->ussd)
		on_ussd(d, f, op);
	else if (!strcmp(op, "stop") && d->ops->stop)
		d->ops->stop(d->self);
	else if (!strcmp(op, "stop"))
		d->failed = E_NOT_FOUND;
	else if (strcmp(op, "pong") && strcmp(op, "unsupported") && !(d->ops->other && d->ops->other(d->self, op, f)))
		driver_send(d, json_pack("{s:s,s:s}", "op", "unsupported", "what", op));
}

static void take_lines(struct driver *d)
{
	while (!d->failed) {
		const char *text = buffer_text(&d->in);
		const char *end = memchr(text, '\n', buffer_left(&d->in));
		if (!end) {
			if (buffer_left(&d->in) > FRAME_BYTES_MAX)
				d->failed = E_PROTOCOL;
			return;
		}
		size_t n = (size_t)(end - text);
		OWN(json) json_t *f = NULL;
		if (n > FRAME_BYTES_MAX || json_parse(text, n, &f) || !json_is_object(f))
			d->failed = E_PROTOCOL;
		else
			dispatch(d, f);
		buffer_take(&d->in, n + 1);
	}
}

static void read_some(struct driver *d)
{
	for (int round = 0; round < 16 && !d->failed; round++) {
		if (buffer_reserve(&d->in, READ_BYTES)) {
			d->failed = E_NOMEM;
			return;
		}
		ssize_t n = read(d->in_fd, d->in.data + d->in.n_bytes, READ_BYTES);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			d->failed = E_NOT_FOUND;
			return;
		}
		d->in.n_bytes += (size_t)n;
		take_lines(d);
		if (n < READ_BYTES)
			return;
	}
}

static void write_some(struct driver *d)
{
	while (buffer_left(&d->out)) {
		ssize_t n = write(d->out_fd, buffer_text(&d->out), buffer_left(&d->out));
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			d->failed = d->failed ? d->failed : E_NOT_FOUND;
			return;
		}
		buffer_take(&d->out, (size_t)n);
	}
}

int driver_pump(struct driver *d)
{
	read_some(d);
	write_some(d);
	return d->failed;
}

void driver_flush(struct driver *d)
{
	struct pollfd p = { .fd = d->out_fd, .events = POLLOUT };
	while (buffer_left(&d->out) && d->failed != E_NOT_FOUND) {
		write_some(d);
		if (buffer_left(&d->out) && poll(&p, 1, 5000) <= 0)
			return;
	}
}

void driver_ready(struct driver *d, const struct driver_ready *r)
{
	json_t *f = json_pack("{s:s,s:i,s:b,s:b,s:b,s:b,s:b}", "op", "ready", "credit", r->credit, "whole", r->whole,
			      "idempotent", r->idempotent, "receipts", r->receipts, "inbound", r->inbound, "ussd", r->ussd);
	if (f && r->limits_s)
		json_object_set(f, "limits_s", r->limits_s);
	driver_send(d, f);
}

/* Words of the outside world may hold any bytes; a frame may not. Absent ones are left out. */
static void put_words(struct driver *d, json_t *f, const char *key, const char *words)
{
	OWN(mem) char *valid = words ? text_valid(words, strlen(words)) : NULL;
	if (words && (!valid || json_set_str(f, key, valid)))
		d->failed = d->failed ? d->failed : E_NOMEM;
}

void driver_result(struct driver *d, const struct driver_result *r)
{
	json_t *f = json_pack("{s:s,s:s,s:s,s:s*}", "op", "result", "attempt", r->attempt, "outcome", outcome_name(r->outcome), "fault",
			      fault_name(r->fault));
	put_words(d, f, "reference", r->reference);
	put_words(d, f, "code", r->code);
	put_words(d, f, "detail", r->detail);
	put_words(d, f, "price", r->price);
	char *end = NULL;
	double vnd = r->price && r->price_is_vnd ? strtod(r->price, &end) : -1;
	if (f && end && end != r->price && !*end && vnd >= 0 && vnd <= PRICE_VND_MAX)
		json_object_set_new(f, "price_vnd", json_integer((json_int_t)(vnd + 0.5)));
	if (f && r->segments > 0)
		json_object_set_new(f, "segments", json_integer(r->segments));
	if (f && r->retry_after_s > 0)
		json_object_set_new(f, "retry_after_s", json_integer(r->retry_after_s));
	driver_send(d, f);
}

void driver_inbound(struct driver *d, const struct driver_inbound *in)
{
	json_t *f = json_pack("{s:s}", "op", "inbound");
	put_words(d, f, "id", in->id);
	put_words(d, f, "from", in->from ? in->from : "");
	put_words(d, f, "to", in->to);
	put_words(d, f, "text", in->text ? in->text : "");
	if (f && in->raw) {
		OWN(mem) char *hex = text_hex(in->raw, in->raw_bytes);
		json_set_str(f, "raw", hex);
	}
	if (f && in->has_udh)
		json_object_set_new(f, "udh", json_pack("{s:i,s:i,s:i,s:i}", "ref", in->udh_ref, "total", in->udh_total, "part",
							in->udh_part, "bits", in->udh_bits));
	if (f && in->quarantine)
		json_set_str(f, "quarantine", in->quarantine);
	if (f && in->sent_at_ms)
		json_set_int(f, "sent_at_ms", in->sent_at_ms);
	driver_send(d, f);
}

void driver_receipt(struct driver *d, const struct driver_receipt *r)
{
	json_t *f = json_pack("{s:s,s:s,s:I}", "op", "receipt", "status", r->status, "at_ms", (json_int_t)r->at_ms);
	put_words(d, f, "id", r->id);
	put_words(d, f, "reference", r->reference);
	put_words(d, f, "to", r->to);
	put_words(d, f, "code", r->code);
	driver_send(d, f);
}

void driver_ussd_text(struct driver *d, const char *id, const char *text, bool more)
{
	OWN(mem) char *valid = text_valid(text, strlen(text));
	driver_send(d, json_pack("{s:s,s:s,s:s,s:b}", "op", "ussd_text", "id", id, "text", valid, "more", more));
}

void driver_status(struct driver *d, json_t *fields)
{
	json_t *f = json_pack("{s:s}", "op", "status");
	if (f)
		json_object_update_missing(f, fields);
	driver_send(d, f);
}

void driver_log(struct driver *d, const char *level, const char *event, json_t *fields)
{
	json_t *f = json_pack("{s:s,s:s,s:s}", "op", "log", "level", level, "event", event);
	if (f && fields)
		json_object_set(f, "fields", fields);
	driver_send(d, f);
}
