/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The modem's receiving side: takes what the network holds and stores it or hands it over directly, as AT+CNMI says;
 * and the delivery reports of what was sent. */
#ifndef CAUNOI_SIM_MODEM_INBOX_H
#define CAUNOI_SIM_MODEM_INBOX_H

#include "tests/simulators/modem/modem.h"

/* Takes all that can be taken now; what finds no room stays with the network. */
void inbox_collect(struct modem *m);
/* The reports of one segment, now or in their time. */
void inbox_expect_reports(struct modem *m, const char *to, int mr);
void inbox_report_now(struct modem *m, const char *to, int mr);

#endif
