/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Transfer PDUs of 3GPP TS 23.040 §9.2 as they cross AT+CMGS, +CMT, +CDS, with the service centre's address in front
 * (TS 27.005 §3.1). Reads what a client submits strictly; writes what a network delivers. */
#ifndef CAUNOI_SIM_MODEM_TPDU_H
#define CAUNOI_SIM_MODEM_TPDU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/err.h"
#include "tests/simulators/modem/part.h"

#define TPDU_NUMBER_MAX 32
#define TPDU_OCTETS_MAX 192 /* service centre 12 + TPDU 164, rounded up */

struct submit {
	char centre[TPDU_NUMBER_MAX]; /* "" = the SIM's own */
	char to[TPDU_NUMBER_MAX];     /* "+84…", or as dialled */
	bool report;                  /* TP-SRR */
	int reference;                /* TP-MR as written by the client */
	int protocol, dcs;
	int validity;                 /* relative TP-VP octet; -1 = none or another format */
	struct part part;
};

struct deliver {
	const char *centre, *from; /* from may be letters (alphanumeric sender) */
	int64_t at_ms;             /* service centre's time stamp, shown at +07:00 */
	int protocol;
	int dcs;                   /* -1 = what the coding asks for */
	struct part part;
};

/* What a message that lies in a memory says. */
struct received {
	char from[TPDU_NUMBER_MAX];
	int dcs;
	struct part part;
};

struct report {
	const char *centre, *to;
	int reference, status; /* TP-MR, TP-ST */
	int64_t sent_ms, done_ms;
};

/* Reads an SMS-SUBMIT. length is the number behind AT+CMGS=: octets without the service centre. E_INVALID when
 * anything does not agree with anything. */
MUST_CHECK int tpdu_submit_parse(const char *hex, size_t length, struct submit *ret);
/* Reads an SMS-DELIVER; E_INVALID. */
MUST_CHECK int tpdu_deliver_parse(const char *hex, struct received *ret);
/* Upper-case hex; the caller's. */
char *tpdu_deliver_format(const struct deliver *d);
char *tpdu_report_format(const struct report *r);
/* Octets behind the service centre's address in hex that may be malformed: the number shown by +CMGL and +CMT. */
size_t tpdu_length(const char *hex);

#endif
