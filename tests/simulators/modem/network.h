/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mobile network behind the modem: keeps a journal of every segment it accepted (one JSON line each, written
 * before the modem answers, so that it tells the truth after any kill), passes segments to the handsets, and holds
 * what is addressed to the modem until the modem takes it. */
#ifndef CAUNOI_SIM_MODEM_NETWORK_H
#define CAUNOI_SIM_MODEM_NETWORK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/clock.h"
#include "tests/simulators/modem/handset.h"
#include "tests/simulators/modem/tpdu.h"

#define CENTRE_NUMBER "+84980200030"

/* One PDU on its way to the modem. */
struct incoming {
	char *pdu;
	bool report; /* SMS-STATUS-REPORT */
	bool notify; /* false: stored without an unsolicited line */
};
struct network {
	const struct clock *clock;
	int journal; /* file, -1 = none */
	json_t *sent; /* array of the journal's objects */
	struct handsets handsets;
	struct incoming *waiting;
	size_t n_waiting;
	int next_reference; /* of long messages to the modem */
};

/* E_IO when the journal cannot be opened. journal may be NULL. */
MUST_CHECK int network_open(struct network *n, const struct clock *clock, const char *journal);
void network_close(struct network *n);
/* Takes one segment from the number `from`; mr is the modem's reference. E_IO when it could not be written down:
 * then it counts as not accepted. */
MUST_CHECK int network_accept(struct network *n, const char *from, const struct submit *s, int mr, const char *pdu);
/* Puts a PDU into the queue for the modem; pdu is handed over. */
void network_wait(struct network *n, char *pdu, bool report, bool notify);
/* Removes the first of the queue and frees it. */
void network_taken(struct network *n);

#endif
