/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libgammu behind a few calls: connect over a given tty, tell it to listen, send one segment, signal, network, USSD.
 * The only file that includes gammu.h, and the only one that knows that its success is 1. One thread; each call blocks for
 * as long as the guard lets commands run. */
#ifndef CAUNOI_DRIVERS_GAMMU_GSM_H
#define CAUNOI_DRIVERS_GAMMU_GSM_H

#include <stdbool.h>

#include "gateway/base/err.h"
#include "gateway/drivers/gammu/segment.h"

struct gsm;

struct gsm_network {
	bool known, registered, roaming; /* known: the modem told its state */
	char name[64];          /* "" unknown */
};

/* model "" = found out by the library. E_UNAVAILABLE: the modem did not answer as expected. */
MUST_CHECK int gsm_open(const char *tty, const char *model, struct gsm **ret);
void gsm_close(struct gsm *g);
/* Service centre used for sending: centre, or the SIM's own when "". E_NOT_FOUND: the SIM has none. */
MUST_CHECK int gsm_set_centre(struct gsm *g, const char *centre);
/* Notifications of messages and USSD on. E_UNAVAILABLE when the modem refuses; polling still works. */
MUST_CHECK int gsm_listen(struct gsm *g);
/* Hands one segment over; how it ended is the guard's to tell, not the library's. E_UNAVAILABLE when the library gave up
 * before or at the prompt. */
MUST_CHECK int gsm_send(struct gsm *g, const struct segment *s);
/* Lets the library read what is there for it; waits a moment when there is nothing. */
void gsm_absorb(struct gsm *g);
MUST_CHECK int gsm_signal(struct gsm *g, int *ret_percent);
MUST_CHECK int gsm_network(struct gsm *g, struct gsm_network *ret);
/* Dials a USSD code, or answers a menu. The answer comes as a notification. */
MUST_CHECK int gsm_dial(struct gsm *g, const char *code);

#endif
