/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A channel driver's side of the frames (version 1): one JSON object a line on standard input and
 * output. Written once here; a driver supplies a table of operations and its own poll loop:
 *
 *     struct driver *d;  driver_new(&ops, self, &d);
 *     for (;;) { poll on driver_fd(d) and your own descriptors; if (driver_pump(d)) break; }
 *
 * One thread calls all of this: the one that polls. A library that blocks lives in another thread and hands results
 * over by a pipe. Sends nothing before hello was answered by driver_ready. Never touches a database. */
#ifndef CAUNOI_DRIVERS_DRIVER_H
#define CAUNOI_DRIVERS_DRIVER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "gateway/base/err.h"

#define DRIVER_VERSION 1

struct driver;

enum outcome { OUTCOME_ACCEPTED, OUTCOME_REFUSED, OUTCOME_NOT_SENT, OUTCOME_UNCLEAR };
enum fault { FAULT_NONE, FAULT_MESSAGE, FAULT_RECIPIENT, FAULT_CHANNEL };

/* One attempt to send one part; all strings borrowed until the operation returns. */
struct submit {
	const char *attempt;  /* id of the attempt, opaque */
	const char *to;       /* E.164 with "+" */
	const char *text;     /* UTF-8; whole message or this segment's text */
	const char *encoding; /* "gsm7" or "ucs2" */
	int part, parts;      /* 1-based */
	int udh_ref;          /* 8-bit concatenation reference; meaningful when parts > 1 and the driver is not whole */
	const char *key;      /* the same in every attempt of this message */
	const char *sender;   /* originator or "" */
	int64_t validity_s;
	bool receipt, flash;
};

struct driver_result {
	const char *attempt;
	enum outcome outcome;
	const char *reference; /* provider's id or TP-MR; NULL = none */
	const char *code;      /* "cms:38", "http:429"; NULL = none */
	const char *detail;    /* short English, no number, no text; NULL = none */
	int64_t retry_after_s; /* 0 = not said */
	enum fault fault;
	int segments;	   /* what the provider counted; 0 = not said */
	const char *price; /* as the provider wrote it; NULL = not said */
	bool price_is_vnd; /* and price is a number of Vietnamese dong */
};

struct driver_inbound {
	const char *id;   /* stable: the same message gives the same id */
	const char *from; /* as the network gave it */
	const char *to;   /* NULL = unknown */
	const char *text; /* decoded as far as possible, any bytes; made valid UTF-8 here */
	const void *raw;  /* the raw bytes that decide (PDU, request body); NULL = none */
	size_t raw_bytes;
	bool has_udh;
	int udh_ref, udh_total, udh_part, udh_bits; /* concatenation, bits 8 or 16 */
	int64_t sent_at_ms; /* 0 = unknown */
	const char *quarantine; /* why it must not be acted on (unreadable, flash, port …): kept and shown only; NULL = an ordinary message */
};

struct driver_receipt {
	const char *id, *reference, *to; /* to may be NULL */
	const char *status;              /* "delivered", "failed", "buffered" */
	const char *code;                /* "tp-st:70"; NULL = none */
	int64_t at_ms;
};

struct driver_ready {
	int credit; /* attempts the core may have open here at once; 0 = busy or down */
	bool whole, idempotent, receipts, inbound, ussd;
	json_t *limits_s; /* borrowed object {"cmgs":60}; NULL = none */
};

struct driver_ops {
	/* Required. config and secrets are borrowed. A negative result ends the program with it. */
	int (*hello)(void *self, const char *channel, const json_t *config, const json_t *secrets);
	void (*submit)(void *self, const struct submit *s);
	/* Optional; NULL = answered {"op":"unsupported"} where the core would wait, else ignored. */
	void (*stored)(void *self, const char *id); /* the core has committed inbound or receipt id */
	void (*skip)(void *self, const char *id);   /* poison: quarantine this inbound id */
	void (*abort)(void *self, const char *attempt);
	void (*ussd)(void *self, const char *id, const char *code);
	void (*ussd_reply)(void *self, const char *id, const char *text);
	void (*ussd_cancel)(void *self, const char *id);
	void (*stop)(void *self); /* finish what is open, then end; NULL = driver_pump gives E_NOT_FOUND at once */
	/* Adds "busy", "since_ms", "attempt" to a pong under construction. */
	void (*pong)(void *self, json_t *pong);
	/* Any other op; frame is borrowed. Returns false when unknown. */
	bool (*other)(void *self, const char *op, const json_t *frame);
};

/* A driver that takes no arguments: true, and said on standard error, when it was given some; the program then ends with 2. */
bool driver_misused(int argc, char **argv);
/* Speaks on descriptors in_fd and out_fd (0 and 1 in a program). ops and self must outlive the driver. */
MUST_CHECK int driver_new(const struct driver_ops *ops, void *self, int in_fd, int out_fd, struct driver **ret);
void driver_free(struct driver *d);
/* Poll these: in for reading; out for writing while driver_wants_write. */
int driver_in_fd(const struct driver *d);
int driver_out_fd(const struct driver *d);
bool driver_wants_write(const struct driver *d);
/* Reads what is there, calls operations, writes what waits. Never blocks. 0 go on; E_NOT_FOUND: the core closed the
 * connection, end the program now; E_PROTOCOL: garbage from the core; other: give up. */
MUST_CHECK int driver_pump(struct driver *d);
/* Writes everything that waits, blocking; used before the program ends. */
void driver_flush(struct driver *d);

void driver_ready(struct driver *d, const struct driver_ready *r);
void driver_result(struct driver *d, const struct driver_result *r);
void driver_inbound(struct driver *d, const struct driver_inbound *in);
void driver_receipt(struct driver *d, const struct driver_receipt *r);
void driver_ussd_text(struct driver *d, const char *id, const char *text, bool more);
/* fields is borrowed: {"signal_percent":…,"network":…,"registered":…,"sim":…,"sim_used":…,"sim_size":…} */
void driver_status(struct driver *d, json_t *fields);
/* level "error" "warn" "info" "debug"; fields borrowed, may be NULL; no numbers, no texts. */
void driver_log(struct driver *d, const char *level, const char *event, json_t *fields);
/* Any frame; takes the reference. */
void driver_send(struct driver *d, json_t *frame);

const char *outcome_name(enum outcome o);
/* E_INVALID when unknown. */
MUST_CHECK int outcome_parse(const char *name, enum outcome *ret);
const char *fault_name(enum fault f); /* NULL for FAULT_NONE */
enum fault fault_parse(const char *name_or_null);

#endif
