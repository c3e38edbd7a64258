/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A running Kannel (Debian's bearerbox and smsbox) for a test, whose SMSC the test plays itself in the protocol of the fake one: a line
 * "SENDER RECEIVER text WORDS" for each message, either way. Killed with the test. Failures end the test. */
#ifndef CAUNOI_TESTS_SUPPORT_KANNEL_H
#define CAUNOI_TESTS_SUPPORT_KANNEL_H

#include <stdbool.h>
#include <sys/types.h>

#define KANNEL_USER "mttq"
#define KANNEL_PASSWORD "0123456789abcdef"

/* KANNEL_FREE: one that Kannel does not use. */
enum kannel_port { KANNEL_ADMIN, KANNEL_SMSBOX, KANNEL_SMSC, KANNEL_SENDSMS, KANNEL_FREE, KANNEL_PORTS };
struct kannel {
	char dir[128];
	int ports[KANNEL_PORTS];
	pid_t bearerbox, smsbox;
	int smsc; /* the test's end, not blocking; -1 = none */
};

bool kannel_is_there(void);
/* Picks ports. */
void kannel_init(struct kannel *k);
/* Its files go into dir; inbound_url is called with ?id=&from=&to=&text= for what people write. */
void kannel_configure(struct kannel *k, const char *dir, const char *inbound_url);
/* Starts it and connects as its SMSC. */
void kannel_start(struct kannel *k);
/* SIGKILL to both, and waits for their end. */
void kannel_kill(struct kannel *k);

#endif
